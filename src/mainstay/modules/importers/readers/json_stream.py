"""A JSON file read piece by piece: large lists are handed out one element after another."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from mainstay.kernel.problems import Invalid

CHUNK = 1 << 18
MOST_VALUE = 64 << 20
BLANK = " \t\r\n\ufeff"
Where = tuple[str, ...]


class _Text:
    """The part of the file that is being read, and on which line it lies."""

    def __init__(self, stream: IO[str], name: str) -> None:
        self.stream, self.name = stream, name
        self.text, self.place, self.ended = "", 0, False
        self.lines, self.column = 1, 0

    def more(self) -> bool:
        """Read on, and forget what was used."""
        used = self.text[: self.place]
        breaks = used.count("\n")
        self.lines += breaks
        tail = len(used) - used.rfind("\n") - 1
        self.column = tail if breaks else self.column + len(used)
        chunk = self.stream.read(CHUNK)
        self.ended = not chunk
        self.text, self.place = self.text[self.place :] + chunk, 0
        return bool(chunk)

    def peek(self) -> str:
        """Return the next sign that means something, or nothing at the end."""
        while True:
            while self.place < len(self.text):
                if self.text[self.place] not in BLANK:
                    return self.text[self.place]
                self.place += 1
            if not self.more():
                return ""

    def expect(self, signs: str) -> str:
        """Step over one of these signs."""
        found = self.peek()
        if not found or found not in signs:
            wanted = " or ".join(signs)
            raise self.fault(f"{wanted} was expected" + ("" if found else ", but the file ends"))
        self.place += 1
        return found

    def fault(self, why: str, place: int | None = None) -> Invalid:
        """Return the refusal of the file, with the line and the column."""
        used = self.text[: self.place if place is None else place]
        breaks = used.count("\n")
        column = len(used) - used.rfind("\n") if breaks else self.column + len(used) + 1
        return Invalid(
            f"The file {self.name} is not valid JSON: {why} in line {self.lines + breaks}, "
            f"column {column}. Export it again, or repair that place."
        )

    def value(self, decoder: json.JSONDecoder) -> Any:
        """Read one whole value; its end may not have been read yet."""
        self.peek()
        step = CHUNK
        while True:
            try:
                value, end = decoder.raw_decode(self.text, self.place)
            except RecursionError:
                raise self.fault("it is nested too deeply") from None
            except json.JSONDecodeError as error:
                if self.ended or len(self.text) - self.place > MOST_VALUE:
                    why = error.msg[:1].lower() + error.msg[1:]
                    raise self.fault(why, error.pos) from None
                self._much(step)
                step *= 2
            except ValueError:
                raise self.fault("a number is too long") from None
            else:
                # A number may go on in what has not been read yet.
                if end == len(self.text) and not self.ended:
                    self._much(step)
                    continue
                raw = self.text[self.place : end].lower()
                lone = "\\ud" in raw or "\\u0000" in raw
                self.place = end
                return _mended(value) if lone else value

    def _much(self, size: int) -> None:
        """Read on by more each time, so that a long value is not scanned over and over."""
        before = len(self.text) - self.place
        while len(self.text) - self.place < before + size and self.more():
            pass


def _mended(value: Any) -> Any:
    """Return a value without NUL and halves of characters, which no database keeps."""
    if isinstance(value, str):
        value = value.replace("\x00", "")
        if not any("\ud800" <= sign <= "\udfff" for sign in value):
            return value
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(one) for one in value]
    if isinstance(value, dict):
        return {_mended(name): _mended(one) for name, one in value.items()}
    return value


def pieces(
    path: Path, name: str, lists: frozenset[Where], encoding: str = "utf-8-sig"
) -> Iterator[tuple[Where, Any]]:
    """Yield the elements of the lists that are named, and every other value of the way to them.

    A place is the keys that lead to it; the elements of a list stand at `(..., "[]")`. The list of
    the whole file is at `()`.
    """
    ways = {place[:n] for place in lists for n in range(len(place) + 1)}
    decoder = json.JSONDecoder()
    with path.open(encoding=encoding, errors="replace", newline="") as stream:
        text = _Text(stream, name)
        if not text.peek():
            raise Invalid(f"The file {name} is empty. Export it again.")
        yield from _walk(text, decoder, (), lists, ways)
        if text.peek():
            if text.peek() in "{[":
                # One record after another, as programs write logs.
                while text.peek():
                    yield ("[]",), text.value(decoder)
                return
            raise text.fault("text follows after its end")


def _walk(
    text: _Text,
    decoder: json.JSONDecoder,
    here: Where,
    lists: frozenset[Where],
    ways: set[Where],
) -> Iterator[tuple[Where, Any]]:
    sign = text.peek()
    if sign == "[" and here in lists:
        yield from _elements(text, decoder, here, lists, ways)
    elif sign == "{" and here in ways:
        yield from _members(text, decoder, here, lists, ways)
    else:
        yield here, text.value(decoder)


def _elements(
    text: _Text,
    decoder: json.JSONDecoder,
    here: Where,
    lists: frozenset[Where],
    ways: set[Where],
) -> Iterator[tuple[Where, Any]]:
    text.expect("[")
    inner = (*here, "[]")
    if text.peek() == "]":
        text.expect("]")
        return
    while True:
        if inner in ways and text.peek() == "{":
            yield (*inner, "{"), None
            yield from _members(text, decoder, inner, lists, ways)
            yield (*inner, "}"), None
        else:
            yield inner, text.value(decoder)
        if text.expect(",]") == "]":
            return


def _members(
    text: _Text,
    decoder: json.JSONDecoder,
    here: Where,
    lists: frozenset[Where],
    ways: set[Where],
) -> Iterator[tuple[Where, Any]]:
    text.expect("{")
    if text.peek() == "}":
        text.expect("}")
        return
    while True:
        if text.peek() != '"':
            raise text.fault("a name in quotes was expected")
        key = text.value(decoder)
        text.expect(":")
        yield from _walk(text, decoder, (*here, key), lists, ways)
        if text.expect(",}") == "}":
            return
