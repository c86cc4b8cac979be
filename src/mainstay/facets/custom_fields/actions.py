"""What is done with custom fields beyond plain editing."""
