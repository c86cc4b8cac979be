"""What rooms use of importing: tables that were looked through, uploads, and who knows a file."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from mainstay.facets.transfer.load import uploads
from mainstay.facets.transfer.sources import Row, Source, examine


class Program(Struct, frozen=True):
    """Another program whose files a room takes over whole: where that goes on, and who may."""

    name: str
    href: str
    grant: str


Knows = Callable[[Path, str], Program | None]
_rooms: dict[Knows, Program] = {}


def tell_programs(knows: Knows, start: Program) -> None:
    """Let a room say which files it takes over whole, with all that is in them.

    A room that does calls this once, where its card is made. The function looks at the beginning
    of an uploaded file, and returns the program and the page that goes on with it, or nothing;
    `start` is the page where such a file is chosen.
    """
    _rooms[knows] = start


def programs() -> list[Program]:
    """Return the pages where files of other programs are chosen."""
    return list(_rooms.values())


def program_of(path: Path, name: str) -> Program | None:
    """Return the program that wrote a file, where a room takes such files over whole."""
    return next((found for knows in _rooms if (found := knows(path, name))), None)


__all__ = [
    "Program",
    "Row",
    "Source",
    "examine",
    "program_of",
    "programs",
    "tell_programs",
    "uploads",
]
