"""A crowd around one task."""

from tests.harness.crowd import crowd

__all__ = ["crowd"]
