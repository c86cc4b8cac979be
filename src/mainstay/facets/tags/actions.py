"""What is done with tags beyond plain editing."""
