"""Views: how people like to see their lists, kept for one person or for everyone."""
