"""What is done with bulk beyond plain editing."""
