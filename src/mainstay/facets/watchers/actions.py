"""What is done with watchers beyond plain editing."""
