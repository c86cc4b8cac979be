"""What can be done here: nothing beyond plain editing yet."""
