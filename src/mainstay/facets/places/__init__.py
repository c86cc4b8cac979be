"""Places: what a person keeps at hand, and where they were lately."""
