"""What people ask about issues."""
