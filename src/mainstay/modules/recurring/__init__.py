"""Tasks that come again by a rule."""
