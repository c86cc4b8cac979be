"""Bulk: many records changed at once, with a preview, progress and a way back."""
