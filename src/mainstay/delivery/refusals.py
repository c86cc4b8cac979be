"""Refusals in the reader's language: the kernel speaks English, pages speak as people do.

A refusal is made of a sentence with values in it. The catalogue holds the sentence with numbered
gaps (`At most {0} changes at once; these are {1}.`); here the gaps are found again in the finished
text, the sentence is translated, and the values are put back. A text that no sentence fits stays
as it is.
"""

import re
from functools import lru_cache
from typing import Any

import msgspec

from mainstay.delivery import words
from mainstay.kernel.problems import FieldError

GAP = re.compile(r"\{(\d+)\}")


def refusal(text: str) -> str:
    """Return a refusal's text in the language that is spoken now."""
    name = words.language.get()
    return text if name.partition("_")[0] == "en" or not text else _said(text, name)


@lru_cache(maxsize=4096)
def _said(text: str, name: str) -> str:
    known = words.gettext(text)
    if known != text:
        return known
    for pattern, translated in _sentences(name):
        if found := pattern.fullmatch(text):
            return _filled(translated, [_part(part) for part in found.groups()])
    return "; ".join(_piece(piece) for piece in text.split("; ")) if "; " in text else _piece(text)


def _filled(sentence: str, parts: list[str]) -> str:
    return GAP.sub(lambda gap: parts[int(gap[1])], sentence)


def _piece(text: str) -> str:
    """Return one field and what is wrong with it: `title is required`."""
    field, _space, rest = text.partition(" ")
    stop = "." if rest.endswith(".") else ""
    said = words.gettext(rest.removesuffix(stop)) if rest else ""
    if not rest or said == rest.removesuffix(stop):
        return text
    return f"{field} {said}{stop}"


def _part(text: str) -> str:
    """Return a value inside a sentence; the names of things and fields are known words."""
    for word in (text, text[:1].upper() + text[1:]):
        said = words.gettext(word)
        if said != word:
            return said
    return text


@lru_cache(maxsize=16)
def _sentences(name: str) -> list[tuple[re.Pattern[str], str]]:
    """Return the sentences with gaps of a language, the longest first."""
    texts: dict[Any, Any] = getattr(words.catalogue(name), "_catalog", {})
    if not texts:
        texts = getattr(words.catalogue(name.partition("_")[0]), "_catalog", {})
    found = [
        (key, value)
        for key, value in texts.items()
        if isinstance(key, str) and "{0}" in key and isinstance(value, str) and value
    ]
    found.sort(key=lambda pair: -len(GAP.sub("", pair[0])))
    return [(_pattern(key), value) for key, value in found]


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = GAP.split(sentence)
    text = "".join("(.*?)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
    return re.compile(text, re.DOTALL)


def translated(document: dict[str, Any]) -> dict[str, Any]:
    """Return a problem document in the language that is spoken now."""
    said = document | {
        "title": words.gettext(document["title"]),
        "detail": refusal(document["detail"]),
    }
    if "errors" in document:
        said["errors"] = [
            msgspec.structs.replace(one, message=refusal(one.message))
            if isinstance(one, FieldError)
            else one
            for one in document["errors"]
        ]
    return said
