"""Text that goes into a spreadsheet: what it would run as a formula is kept text."""

import re

# A spreadsheet runs a cell that begins with one of these; an apostrophe keeps it text.
RISKY = re.compile(r"'*[=+\-@\t\r]")
GUARDED = re.compile(r"''*[=+\-@\t\r]")


def guard(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run, or that already has one."""
    return f"'{text}" if RISKY.match(text) else text


def unguard(text: str) -> str:
    """Take off the apostrophe that `guard` put there."""
    return text[1:] if GUARDED.match(text) else text
