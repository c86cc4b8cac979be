"""The `mainstay` command."""

from mainstay.cli.main import cli, main

__all__ = ["cli", "main"]
