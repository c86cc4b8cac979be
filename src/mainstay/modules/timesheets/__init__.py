"""Weeks of time: filled, approved, locked, rated, and what they add up to."""
