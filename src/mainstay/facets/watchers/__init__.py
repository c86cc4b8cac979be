"""Watchers: who wants to know what happens to a record."""
