"""An XML file read element by element, without entities that could grow or reach elsewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from mainstay.kernel.problems import Invalid

CHUNK = 1 << 18
DEEPEST = 200
MOST_ELEMENT = 64 << 20
# What no XML may hold, and some programs write all the same.
CONTROLS = bytes(n for n in range(32) if n not in (9, 10, 13))
BLANKS = bytes.maketrans(CONTROLS, b" " * len(CONTROLS))
NOT_SIGNS = re.compile(rb"\xef\xbf[\xbe\xbf]")
NUMBERED = re.compile(rb"&#(x[0-9a-fA-F]{1,6}|[0-9]{1,7});")


class _Parts:
    """Builds the elements of one name, and lets go of each when it was handed out."""

    def __init__(self, names: frozenset[str], name: str) -> None:
        self.names, self.file = names, name
        self.ready: list[Element] = []
        self.builder: TreeBuilder | None = None
        self.depth = self.level = self.size = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self.parser.EntityDeclHandler = self._refuse
        self.parser.ExternalEntityRefHandler = self._refuse_reference

    def _refuse(self, *_: object) -> None:
        raise Invalid(
            f"The file {self.file} declares entities of its own, which no export does. "
            "Such a file is not read. Export it again."
        )

    def _refuse_reference(self, *_: object) -> int:
        self._refuse()
        return 0

    def _start(self, tag: str, attrs: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Invalid(f"The file {self.file} is nested too deeply. Export it again.")
        if self.builder is None and tag in self.names:
            self.builder, self.level, self.size = TreeBuilder(), self.depth, 0
        if self.builder is not None:
            self.builder.start(tag, attrs)

    def _data(self, text: str) -> None:
        if self.builder is not None:
            self.size += len(text)
            if self.size > MOST_ELEMENT:
                raise Invalid(f"One entry of {self.file} is larger than 64 MB. Leave it out.")
            self.builder.data(text)

    def _end(self, tag: str) -> None:
        if self.builder is not None:
            self.builder.end(tag)
            if self.depth == self.level:
                self.ready.append(self.builder.close())
                self.builder = None
        self.depth -= 1

    def take(self) -> list[Element]:
        """Return what is complete."""
        found, self.ready = self.ready, []
        return found


def elements(path: Path, name: str, names: frozenset[str]) -> Iterator[Element]:
    """Yield every outermost element with one of these names, one after another."""
    parts = _Parts(names, name)
    try:
        with path.open("rb") as stream:
            for chunk in _chunks(stream.read(4), iter(lambda: stream.read(CHUNK), b"")):
                parts.parser.Parse(chunk, False)
                yield from parts.take()
        parts.parser.Parse(b"", True)
        yield from parts.take()
    except LookupError:
        raise Invalid(
            f"The file {name} says that it is written in a way that nobody knows. "
            "Export it again as UTF-8."
        ) from None
    except expat.ExpatError as error:
        why = expat.ErrorString(error.code)
        raise Invalid(
            f"The file {name} is not valid XML: {why} in line {error.lineno}, "
            f"column {error.offset + 1}. Export it again, or repair that place."
        ) from None


def _chunks(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """Return the file's bytes without characters that XML forbids."""
    if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield first
        yield from rest
        return
    held = first
    for chunk in rest:
        text = (held + chunk).translate(BLANKS)
        cut = text.rfind(b"&", max(0, len(text) - 12))
        cut = cut if cut >= 0 else text.rfind(b"\xef", max(0, len(text) - 2))
        held, text = (text[cut:], text[:cut]) if cut >= 0 else (b"", text)
        yield NUMBERED.sub(_numbered, NOT_SIGNS.sub(b" ", text))
    yield NUMBERED.sub(_numbered, NOT_SIGNS.sub(b" ", held.translate(BLANKS)))


def _numbered(found: re.Match[bytes]) -> bytes:
    """Return a numbered character, or nothing in the place of one that XML forbids."""
    said = found[1]
    code = int(said[1:], 16) if said[:1] == b"x" else int(said)
    fine = code in (9, 10, 13) or 32 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD
    return found[0] if fine or 0x10000 <= code <= 0x10FFFF else b""
