"""What is done with files beyond plain editing."""
