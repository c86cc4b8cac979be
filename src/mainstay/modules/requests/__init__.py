"""Requests for tasks, and the decisions about them."""
