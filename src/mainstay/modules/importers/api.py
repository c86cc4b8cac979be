"""The face of this room: reading an export, trying it, and moving it in."""

from mainstay.modules.importers.choices import Choices
from mainstay.modules.importers.readers import source_of
from mainstay.modules.importers.running import (
    Move,
    begin,
    found,
    planned,
    preview,
    report_of,
)
from mainstay.modules.importers.staging import staged
from mainstay.modules.importers.verifying import Report

__all__ = [
    "Choices",
    "Move",
    "Report",
    "begin",
    "found",
    "planned",
    "preview",
    "report_of",
    "source_of",
    "staged",
]
