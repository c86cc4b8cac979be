"""The filter sentence: conditions as people read them, and the row of inputs that adds one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mainstay.delivery import words
from mainstay.delivery.cells import PERSON, full_title_of
from mainstay.delivery.forms import FEW, Option, live_only
from mainstay.delivery.pages.common import visible
from mainstay.delivery.render import query
from mainstay.delivery.words import gettext as _
from mainstay.kernel.fields import (
    Choice,
    Day,
    Field,
    Flag,
    Instant,
    Json,
    Kind,
    Links,
    Ref,
    Text,
    spoken,
)
from mainstay.kernel.noun import Noun
from mainstay.kernel.query.ask import DAYS, RESERVED
from mainstay.kernel.scope import Me
from mainstay.kernel.workspace import Workspace

Pairs = list[tuple[str, str]]
OWN = ("limit", "cursor", "count")


@dataclass(frozen=True)
class Chip:
    """One condition that is in force, and the address without it."""

    label: str
    op: str
    value: str
    without: str


def pairs_of(query_params: Any) -> Pairs:
    """Return the query's pairs that are not empty."""
    return [(name, value) for name, value in query_params.multi_items() if value != ""]


def conditions(pairs: Pairs) -> Pairs:
    """Return the pairs that are conditions."""
    return [(name, value) for name, value in pairs if name not in RESERVED]


def operators(kind: Kind) -> list[Option]:
    """Return the comparisons a person may choose for a kind of value, the usual one first."""
    if isinstance(kind, (Day, Instant)):
        said = [("gte", _("from")), ("lte", _("until")), ("", _("is"))]
        said = said if isinstance(kind, Day) else said[:2]
    elif isinstance(kind, (Choice, Links, Ref)):
        said = [("", _("is")), ("ne", _("is not"))]
        said = said[:1] if isinstance(kind, Links) else said
    elif isinstance(kind, Flag):
        return [Option("", _("is"))]
    elif isinstance(kind, Text):
        said = [("contains", _("contains")), ("", _("is")), ("startswith", _("begins with"))]
    elif isinstance(kind, Json):
        said = []
    else:
        said = [("", _("is")), ("gte", _("at least")), ("lte", _("at most"))]
    always = (("isnull", _("is empty")), ("filled", _("is filled")))
    return [Option(op, text) for op, text in (*said, *always)]


def filterable(noun: Noun, me: Me) -> list[Field]:
    """Return the fields that a person may filter by, the declared ones first."""
    seen = visible(noun, me)
    own = [n for n in noun.fields if n not in ("id", "version", "deleted_at", "deleted_by")]
    first = [n for n in noun.resource.filters if n in noun.fields]
    return [noun.fields[n] for n in dict.fromkeys((*first, *own)) if n in seen]


def relative() -> list[Option]:
    """Return the days that move with the calendar."""
    said = [
        ("today", _("today")),
        ("tomorrow", _("tomorrow")),
        ("yesterday", _("yesterday")),
        ("+7d", _("in 7 days")),
        ("+30d", _("in 30 days")),
        ("-7d", _("7 days ago")),
        ("-30d", _("30 days ago")),
    ]
    return [Option(value, text) for value, text in said]


async def choices(field: Field, ws: Workspace, me: Me) -> list[Option]:
    """Return the values to choose from when a field has few of them."""
    kind = field.kind
    if isinstance(kind, Choice):
        return [Option(value, _(spoken(value))) for value in kind.values]
    if isinstance(kind, Flag):
        return [Option("true", _("Yes")), Option("false", _("No"))]
    if not isinstance(kind, (Ref, Links)):
        return []
    target = ws.registry.nouns[kind.target]
    if not me.can(target.permission("read")):
        return []
    wanted = [("fields", ",".join(target.brief)), ("limit", str(FEW * 4)), *live_only(target)]
    page = await ws.page(me, target.key, wanted)
    found = [Option(str(row.id), full_title_of(target, row)) for row in page.items]
    return [Option("me", _("me")), *found] if kind.target == PERSON else found


async def chips(noun: Noun, pairs: Pairs, ws: Workspace, me: Me) -> list[Chip]:
    """Return the conditions in force as sentences, each with the way to drop it."""
    found = []
    for name, value in conditions(pairs):
        rest = query([p for p in pairs if p != (name, value) and p[0] not in OWN])
        path, _dunder, op = name.partition("__")
        field, label = _field(noun, path, ws)
        if field is None:
            found.append(Chip(path, op, value, rest))
            continue
        found.append(Chip(label, *await _sentence(field.kind, op, value, ws, me), without=rest))
    return found


def _field(noun: Noun, path: str, ws: Workspace) -> tuple[Field | None, str]:
    """Find the field of a condition, perhaps of a record that this one refers to."""
    via, _dot, name = path.rpartition(".")
    label = ""
    for candidate in (via, f"{via}_id") if via else ():
        if candidate in noun.refs:
            label = _(noun.fields[candidate].label) + " > "
            noun = ws.registry.nouns[noun.refs[candidate].target]
            break
    for candidate in (name, f"{name}_id"):
        if candidate in noun.fields:
            return noun.fields[candidate], label + _(noun.fields[candidate].label)
    return None, path


async def _sentence(kind: Kind, op: str, value: str, ws: Workspace, me: Me) -> tuple[str, str]:
    if op == "isnull":
        empty = value.lower() in ("true", "1", "yes")
        return "", _("is empty") if empty else _("is filled")
    said = {
        "": _("is"),
        "ne": _("is not"),
        "in": _("is"),
        "lt": _("before"),
        "gt": _("after"),
        "lte": _("until"),
        "gte": _("from"),
        "contains": _("contains"),
        "startswith": _("begins with"),
    }
    if not isinstance(kind, (Day, Instant)):
        said |= {"lt": "<", "gt": ">", "lte": _("at most"), "gte": _("at least")}
    return said.get(op, op), await _value(kind, value, ws, me)


async def _value(kind: Kind, value: str, ws: Workspace, me: Me) -> str:
    parts = value.split(",")
    if isinstance(kind, Choice):
        return ", ".join(_(spoken(part)) for part in parts)
    if isinstance(kind, Flag):
        return _("Yes") if value.lower() in ("true", "1", "yes", "on") else _("No")
    if isinstance(kind, (Day, Instant)):
        return _day(value)
    if isinstance(kind, (Ref, Links)):
        return ", ".join(await _names(kind, parts, ws, me))
    return value


def _day(value: str) -> str:
    near = {option.value: option.label for option in relative()}
    text = value.replace(" ", "+", 1) if value.startswith(" ") else value
    if text in near or text in DAYS:
        return near[text]
    if text[:1] in "+-" and text[-1:] in "dw" and text[1:-1].isdigit():
        days = int(text[1:-1]) * (7 if text[-1] == "w" else 1)
        said = words.ngettext("in %d day", "in %d days", days)
        past = words.ngettext("%d day ago", "%d days ago", days)
        return (past if text[0] == "-" else said) % days
    try:
        return words.exact_day(date.fromisoformat(value[:10]))
    except ValueError:
        return value


async def _names(kind: Ref | Links, parts: Sequence[str], ws: Workspace, me: Me) -> list[str]:
    target = ws.registry.nouns[kind.target]
    ids = [part for part in parts if part.isdigit()]
    names = {"me": _("me")}
    if ids and me.can(target.permission("read")):
        wanted = [("id__in", ",".join(ids[:100])), ("fields", ",".join(target.brief))]
        page = await ws.page(me, target.key, [*wanted, ("limit", "100"), ("deleted", "with")])
        names |= {str(row.id): full_title_of(target, row) for row in page.items}
    return [names.get(part, part) for part in parts]


def condition(field: Field, op: str, values: list[str]) -> tuple[str, str] | None:
    """Return the pair that says a condition in a query, or None when it says nothing."""
    if op in ("isnull", "filled"):
        return f"{field.name}__isnull", "true" if op == "isnull" else "false"
    value = ",".join(part.strip() for part in values if part.strip())
    if not value:
        return None
    several = "," in value and not op and isinstance(field.kind, (Choice, Ref, Links))
    name = f"{field.name}__in" if several else f"{field.name}__{op}".removesuffix("__")
    return name, value
