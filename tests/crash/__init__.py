"""Kills the server in the middle of its work, and looks for what was lost."""
