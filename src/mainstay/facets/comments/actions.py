"""What is done with comments beyond plain editing."""
