"""One value as the text of one cell, and back again, to the byte."""

import re
from datetime import date, datetime, time
from typing import Any

from mainstay.delivery.formulas import guard
from mainstay.kernel.entity import KEPT
from mainstay.kernel.fields import (
    Choice,
    Day,
    Dec,
    Field,
    Json,
    Links,
    Real,
    Ref,
    Text,
    Whole,
)
from mainstay.kernel.noun import CUSTOM, Noun

SPACES = re.compile(r"[\s_\-]+")


def wordy(item: Field) -> bool:
    """Return whether a field holds free text, which must be guarded and never trimmed."""
    return isinstance(item.kind, (Text, Json))


def measured(item: Field) -> bool:
    """Return whether a field is a number that can be summed."""
    return isinstance(item.kind, (Whole, Real, Dec)) and not isinstance(item.kind, Ref)


def write(item: Field, value: Any) -> str:
    """Return the text of a value in a CSV cell."""
    text = item.kind.text(value)
    return guard(text) if wordy(item) else text


def read(item: Field, raw: Any) -> Any:
    """Return the value of a cell; raises ValueError with a sentence that says what is expected."""
    if raw is None or raw == "":
        return None
    if not isinstance(raw, str):
        return item.kind.accept(_plain(item, raw))
    if wordy(item):
        return item.kind.accept(item.kind.parse(raw))
    text = raw.strip()
    return _read_words(item, text) if text else None


def _read_words(item: Field, text: str) -> Any:
    kind = item.kind
    if isinstance(kind, Choice):
        spoken = SPACES.sub("_", text).lower()
        known = {*kind.values, *dict(kind.aliases)}
        return kind.parse(text if text in known else spoken)
    if isinstance(kind, Whole) and re.fullmatch(r"[+-]?\d+\.0+", text):
        return kind.parse(text.partition(".")[0])
    if isinstance(kind, Day) and len(text) > 10:
        return _day(datetime.fromisoformat(text))
    return kind.accept(kind.parse(text))


def _plain(item: Field, raw: Any) -> Any:
    """Bring a typed value of a workbook or a JSON file into the field's own form."""
    kind = item.kind
    if isinstance(raw, datetime):
        return _day(raw) if isinstance(kind, Day) else raw
    if isinstance(raw, (date, time)):
        return raw
    if isinstance(raw, float) and raw.is_integer() and isinstance(kind, (Whole, Text)):
        raw = int(raw)
    if isinstance(kind, Text) and isinstance(raw, (int, float)):
        return str(raw).lower() if isinstance(raw, bool) else str(raw)
    return raw


def _day(moment: datetime) -> date:
    if moment.time() != time():
        raise ValueError("must be a date without a time, like 2026-12-01")
    return moment.date()


def header_key(text: str) -> str:
    """Return a column's name in the form in which columns and fields are compared."""
    return SPACES.sub("", text.strip().lstrip("\ufeff").casefold())


def exported(noun: Noun, groups: frozenset[str], asked: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the fields of an export: id first, the room's own and the added ones, the kept ones.

    The added ones have a column each, `cf.severity`, instead of the document they lie in.
    """
    names = [n for n in noun.readable(groups) if n not in (*KEPT, CUSTOM)]
    kept = [n for n in noun.readable(groups) if n in KEPT and n != "id"]
    every = ("id", *names, *noun.links, *noun.custom, *kept)
    return tuple(n for n in every if n in asked or n == "id") if asked else every


def linked(item: Field) -> bool:
    """Return whether a field points to other records."""
    return isinstance(item.kind, (Ref, Links))
