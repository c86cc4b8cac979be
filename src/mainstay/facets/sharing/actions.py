"""What is done with sharing beyond plain editing."""
