"""Mainstay: one self-hosted workspace for a company's work."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mainstay.library import open as open  # noqa: A004

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load the library only when it is asked for, so that commands start fast."""
    if name == "open":
        from mainstay import library

        return library.open
    raise AttributeError(f"module 'mainstay' has no attribute {name!r}")
