"""What rooms use of sharing: how words are drawn for somebody outside."""

from mainstay.facets.sharing.shown import published

__all__ = ["published"]
