"""Where the words of a search stand in a text: marked, and cut to what is around them."""

import re
import unicodedata
from functools import lru_cache

from markupsafe import Markup, escape

from mainstay.kernel.search import WORDS

AROUND = 70
MOST = 180


@lru_cache(maxsize=512)
def pattern(q: str) -> re.Pattern[str]:
    """Return what finds the searched words, or their beginnings, in a folded text."""
    words = sorted({folded(word) for word in WORDS.findall(q.replace("_", " "))}, key=len)
    if not words:
        return re.compile(re.escape(folded(q)) if q else r"(?!)")
    parts = "|".join(re.escape(word) for word in reversed(words))
    return re.compile(rf"(?<![^\W_])(?:{parts})")


def folded(text: str) -> str:
    """Return a text in small letters without accents, letter for letter as long as it was."""
    return "".join(_plain(letter) for letter in text)


@lru_cache(maxsize=4096)
def _plain(letter: str) -> str:
    small = unicodedata.normalize("NFD", letter)[0].lower()
    return small if len(small) == 1 else letter


def marked(text: str, q: str) -> Markup:
    """Return a text with the searched words marked, everything else escaped."""
    done, parts = 0, []
    for match in pattern(q).finditer(folded(text)):
        if match.end() > match.start():
            parts += [escape(text[done : match.start()]), _mark(text[match.start() : match.end()])]
            done = match.end()
    return Markup("").join([*parts, escape(text[done:])])


def _mark(text: str) -> Markup:
    return Markup("<mark>{}</mark>").format(text)


def snippet(text: str, q: str) -> Markup:
    """Return the part of a text around the first searched word, marked; nothing when none is."""
    plain = " ".join(text.split())
    match = pattern(q).search(folded(plain))
    if match is None:
        return Markup("")
    start = 0 if match.start() <= AROUND else plain.rfind(" ", 0, match.start() - AROUND // 2) + 1
    end = start + MOST
    cut = plain[start:end] if end >= len(plain) else plain[start:end].rpartition(" ")[0]
    before = "… " if start else ""
    after = " …" if start + len(cut) < len(plain) else ""
    return Markup(before) + marked(cut, q) + Markup(after)  # noqa: S704 - two constants
