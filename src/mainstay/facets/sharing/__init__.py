"""Sharing: links that show one record or list to people without an account."""
