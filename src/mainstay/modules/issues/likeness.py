"""How alike two reports are: words that are rare count more, and spelling counts a little less."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import log
from typing import NamedTuple

WORD = re.compile(r"\w+")
# Scripts that are written without spaces: a run of them is taken in pairs of signs.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
)
# Words that say nothing about what is wrong, in English and German.
USUAL = """
the and for are was not with that this from when have has but you can does after before into then
they there which would should for to of is it an as by be or if so we my on at in
der die das und ist nicht mit ein eine einen einem einer den dem des von vom bei beim auf aus wenn
nach vor wird werden kann sich auch als wie zum zur im er es ich man wir
"""
COMMON = frozenset(USUAL.split())
ENDINGS = ("ungen", "ings", "ing", "ung", "ern", "ed", "en", "er", "es", "em", "e", "s", "n")
STEM_LEAST = 4
BODY = 600
WORDS_SHARE, SIGNS_SHARE = 0.65, 0.35
LIKE = 0.28


class Report(NamedTuple):
    """What is compared: a short title, and what is said below it."""

    id: int
    title: str
    text: str = ""


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Return a text in small letters without accents, whatever its script."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    parts = unicodedata.normalize("NFD", folded)
    bare = "".join(sign for sign in parts if not unicodedata.combining(sign))
    return unicodedata.normalize("NFC", bare)


def stem(word: str) -> str:
    """Return a word without a usual English or German ending: "crashes" and "crashed" meet."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= STEM_LEAST:
            return word.removesuffix(ending)
    return word


def terms(text: str) -> list[str]:
    """Return the words that a text is compared by; unspaced scripts give pairs of signs."""
    found: list[str] = []
    for word in WORD.findall(plain(text).replace("_", " ")):
        rest = word
        for run in UNSPACED.findall(word):
            found += [run[at : at + 2] for at in range(max(1, len(run) - 1))]
            rest = rest.replace(run, " ")
        found += [stem(part) for part in rest.split() if len(part) > 1 and part not in COMMON]
    return found


def lookups(text: str, most: int = 6) -> list[str]:
    """Return the words to look candidates up by: the longest ones, which are the rarest."""
    found: dict[str, int] = {}
    small = unicodedata.normalize("NFKC", text).lower().replace("_", " ")
    for word in WORD.findall(small):
        if word in COMMON or (len(word) < 2 and not UNSPACED.match(word)):
            continue
        run = UNSPACED.match(word)
        # An index splits at spaces: of an unspaced run it knows only how it begins.
        known = word[:3] if run else stem(word)
        found.setdefault(known, len(word) if not run else len(word) + 4)
    return sorted(found, key=lambda one: (-found[one], one))[:most]


def signs(text: str) -> frozenset[str]:
    """Return the groups of three signs of a text; of two where it is written unspaced."""
    words = " ".join(WORD.findall(plain(text)))
    size = 2 if UNSPACED.search(words) else 3
    padded = f" {words} "
    return frozenset(padded[at : at + size] for at in range(max(1, len(padded) - size + 1)))


def rank(wanted: Report, others: Iterable[Report], most: int = 5) -> list[tuple[int, float]]:
    """Return the reports that are like one, most alike first, each with 0 to 1."""
    pool = [one for one in others if one.id != wanted.id or not wanted.id]
    asked = terms(wanted.title)
    if not asked:
        return []
    body = set(terms(wanted.text[:BODY]))
    known = [(one, set(terms(one.title)), set(terms(one.text[:BODY]))) for one in pool]
    weight = _weights([title | text for _, title, text in known], {*asked, *body})
    own, shape = set(asked), signs(wanted.title)
    found = []
    for one, title, text in known:
        words = _shared(own, body, title, text, weight)
        other = signs(one.title)
        both = 2 * len(shape & other) / (len(shape) + len(other))
        found.append((one.id, round(WORDS_SHARE * words + SIGNS_SHARE * both, 3)))
    found = [one for one in found if one[1] >= LIKE]
    return sorted(found, key=lambda one: (-one[1], -one[0]))[:most]


def _weights(documents: Sequence[set[str]], asked: set[str]) -> dict[str, float]:
    """Return how much each word says: the rarer among the candidates, the more."""
    seen = Counter(word for words in documents for word in words & asked)
    return {word: log(1 + (len(documents) + 1) / (1 + seen[word])) for word in asked}


def _shared(
    own: set[str], body: set[str], title: set[str], text: set[str], weight: dict[str, float]
) -> float:
    """Return the weight of the words that two reports share, of all the weight that is asked.

    A word of the title that stands in the other's text, or the other way round, counts half.
    """
    total = sum(weight[word] for word in own)
    met = sum(weight[word] for word in own & title)
    met += 0.5 * sum(weight[word] for word in (own & text) - title)
    # A long title that has all the asked words among many others is less alike.
    spread = len(own & title) / len(title) if title else 0.0
    more = [word for word in body - own if word in text or word in title]
    deep = sum(weight[word] for word in more) / sum(weight[w] for w in body) if body else 0.0
    return min(1.0, met / total * (0.75 + 0.25 * spread) + 0.2 * deep)
