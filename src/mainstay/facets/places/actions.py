"""What is done with places beyond plain editing."""
