"""Rules about what is said: mentions, codes, signs, lengths; without database or clock."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

MOST_SIGNS = 20
MOST_COMPARED = 600
USUAL_SIGNS = ("👍", "❤️", "🎉", "😄", "👀", "🚀")
JOINER, KEYCAP = "\u200d", "\u20e3"
SIGN_KINDS = frozenset({"So", "Sk", "Mn", "Me", "Sm"})
PERSON = re.compile(r"user:([1-9]\d{0,17})")
# TASK-012, #TASK-012, and #17: the record of the same kind with that number.
REFERENCE = re.compile(r"(?<![\w/#&-])(?:#?([A-Z][A-Z0-9]{1,14}-\d{1,9})|#(\d{1,15}))(?![\w-])")
ADDRESS = re.compile(r"https?://[^\s<>\"'`]+[^\s<>\"'`.,;:!?)\]}]")
# One segment after the number, and none that a browser would read as a step upwards.
OWN_FILE = re.compile(
    r"/file/\d{1,18}/(?!(\.|%2e){1,2}($|\?))[^\s?#/\\]+(\?(inline|small)=1)?", re.IGNORECASE
)
WORDS = re.compile(r"\s+|[^\s\w]|\w+")

markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).enable(
    ["table", "strikethrough"]
)


def inline(tokens: Iterable[Token]) -> Iterator[list[Token]]:
    """Yield the pieces of each line of a text, without what stands in code."""
    for token in tokens:
        if token.type == "inline" and token.children:
            yield token.children


def mentions(body: str) -> list[int]:
    """Return the people that a comment names, in the order of their first mention."""
    return list(_mentions(body))


@lru_cache(maxsize=2000)
def _mentions(body: str) -> tuple[int, ...]:
    found: dict[int, None] = {}
    for pieces in inline(markdown.parse(body)):
        for place in range(len(pieces)):
            if (person := mentioned(pieces, place)) is not None:
                found[person] = None
    return tuple(found)


def mentioned(pieces: list[Token], place: int) -> int | None:
    """Return the person that a link names when it stands behind an @."""
    piece = pieces[place]
    if piece.type != "link_open" or place == 0:
        return None
    before = pieces[place - 1]
    known = PERSON.fullmatch(str(piece.attrGet("href") or ""))
    if known is None or before.type != "text" or not before.content.endswith("@"):
        return None
    return int(known[1])


def references(body: str) -> tuple[set[str], set[int]]:
    """Return the codes and the numbers of records that a comment names outside of code."""
    codes, numbers = _references(body)
    return set(codes), set(numbers)


@lru_cache(maxsize=2000)
def _references(body: str) -> tuple[set[str], set[int]]:
    codes: set[str] = set()
    numbers: set[int] = set()
    for pieces in inline(markdown.parse(body)):
        for piece in pieces:
            if piece.type == "text":
                for code, number in REFERENCE.findall(piece.content):
                    (codes.add(code) if code else numbers.add(int(number)))
    return codes, numbers


def sign_fault(sign: str) -> str | None:
    """Return why a text is no sign to react with, or None."""
    kinds = [unicodedata.category(letter) for letter in sign]
    known = all(
        kind in SIGN_KINDS or letter in (JOINER, KEYCAP) or "\U000e0020" <= letter <= "\U000e007f"
        for letter, kind in zip(sign, kinds, strict=True)
    )
    if not known or "So" not in kinds or len(sign) > 16:
        return "must be one emoji, like 👍"
    return None


def changes(old: str, new: str) -> list[tuple[str, str]]:
    """Return a text's change word by word: pieces that are the same, gone or new."""
    before, after = WORDS.findall(old), WORDS.findall(new)
    start = _same(before, after)
    end = _same(before[start:][::-1], after[start:][::-1])
    gone, came = before[start : len(before) - end], after[start : len(after) - end]
    if len(gone) + len(came) > MOST_COMPARED:
        # Comparing takes the square of their number: a rewritten text is gone and new as a whole.
        gone, came = ["".join(gone)], ["".join(came)]
    found = [("same", "".join(before[:start]))]
    for kind, i, j, k, n in difflib.SequenceMatcher(None, gone, came, False).get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(gone[i:j])))
            continue
        found += [("gone", "".join(gone[i:j])), ("new", "".join(came[k:n]))]
    found.append(("same", "".join(before[len(before) - end :])))
    return [piece for piece in found if piece[1]]


def _same(one: list[str], other: list[str]) -> int:
    """Return how many parts two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def plain(body: str) -> str:
    """Return a comment's words in one line, without their marks, for lists and notices."""
    words: list[str] = []
    for token in markdown.parse(body):
        if token.type in ("fence", "code_block"):
            words.append(token.content)
        pieces = token.children or ()
        words += [p.content or (" " if "break" in p.type else "") for p in pieces]
        words.append(" ")
    return " ".join("".join(words).split())
