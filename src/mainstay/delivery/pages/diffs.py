"""What changed between two texts, word by word, as a reader sees it."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from markupsafe import Markup, escape

# A word takes the blanks behind it along, but is compared without them.
TOKEN = re.compile(r"\w+[^\S\n]*|[^\w\s][^\S\n]*|\s+")
MOST = 800
AROUND = 8
Piece = tuple[str, str]


@lru_cache(maxsize=1000)
def changed(old: str, new: str) -> Markup:
    """Return a text with what was taken out struck and what came in marked; the rest is cut."""
    pieces = list(_pieces(old, new))
    html = [_drawn(kind, text, n, len(pieces)) for n, (kind, text) in enumerate(pieces)]
    return Markup("").join(html)


def _drawn(kind: str, text: str, place: int, total: int) -> Markup:
    if kind == "equal":
        return escape(_cut(text, first=place == 0, last=place == total - 1))
    return Markup("<{0}>{1}</{0}>").format(Markup(kind), text)  # noqa: S704 - ins or del


def _pieces(old: str, new: str) -> Iterator[Piece]:
    """Give what stayed, went and came, in order."""
    before, after = _tokens(old), _tokens(new)
    start = _same(before, after)
    end = _same(before[start:][::-1], after[start:][::-1])
    yield from _known("equal", after[:start])
    gone, came = before[start : len(before) - end], after[start : len(after) - end]
    if len(gone) + len(came) > MOST:
        gone, came = _lines(gone), _lines(came)
    if len(gone) + len(came) > MOST:
        gone, came = ["".join(gone)], ["".join(came)]
    keys = [*map(_key, gone)], [*map(_key, came)]
    for kind, a, b, c, d in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from _known("equal", came[c:d])
        else:
            yield from _known("del", gone[a:b])
            yield from _known("ins", came[c:d])
    yield from _known("equal", after[len(after) - end :])


def _lines(parts: Sequence[str]) -> list[str]:
    return "".join(parts).splitlines(keepends=True)


def _key(part: str) -> str:
    return part.rstrip(" \t") or part


def _tokens(text: str) -> list[str]:
    return TOKEN.findall(text)


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many parts two texts begin with alike."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if _key(left) != _key(right):
            break
        count += 1
    return count


def _known(kind: str, parts: Sequence[str]) -> Iterator[Piece]:
    if parts:
        yield kind, "".join(parts)


def _cut(text: str, *, first: bool, last: bool) -> str:
    """Return what stayed without its middle, so that only the words around a change are read."""
    parts = _tokens(text)
    if first:
        return text if len(parts) <= AROUND else "… " + "".join(parts[-AROUND:])
    if last:
        return text if len(parts) <= AROUND else "".join(parts[:AROUND]).rstrip() + " …"
    if len(parts) <= AROUND * 2 + 4:
        return text
    return "".join(parts[:AROUND]).rstrip() + " … " + "".join(parts[-AROUND:])
