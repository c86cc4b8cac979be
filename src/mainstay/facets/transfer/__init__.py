"""Import and export: every resource as a file, and every file as records."""

from mainstay.facets.transfer.module import MODULE

__all__ = ["MODULE"]
