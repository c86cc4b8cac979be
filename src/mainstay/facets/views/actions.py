"""What is done with views beyond plain editing."""
