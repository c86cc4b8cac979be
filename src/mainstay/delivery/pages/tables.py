"""Rows and columns of any resource, wherever they stand: heads, cells, what may be done."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from mainstay.delivery.cells import NOTHING, Look, Row, as_row, drawer, is_number, title_of
from mainstay.delivery.pages.common import (
    BOOKKEEPING,
    visible,
)
from mainstay.delivery.pages.filters import (
    OWN,
    Pairs,
)
from mainstay.delivery.render import query
from mainstay.delivery.words import gettext as _
from mainstay.kernel.fields import Json, Kind, Links, Text
from mainstay.kernel.noun import Noun
from mainstay.kernel.scope import Me

ROWS = 50
USUAL_COLUMNS = 6


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    label: str
    sort: str
    state: str
    css: str


@dataclass(frozen=True)
class May:
    """Which of the usual verbs a person is offered."""

    create: bool
    update: bool
    delete: bool
    restore: bool


@dataclass(frozen=True)
class Line:
    """One row of a table, with its cells already drawn."""

    id: int
    version: int
    title: str
    cells: Markup


def columns_of(noun: Noun, me: Me) -> list[str]:
    """Return the columns a person sees: the declared ones, or the first that fit."""
    seen = visible(noun, me)
    declared = [name for name in noun.resource.columns if name in seen]
    if declared:
        return declared
    own = [n for n in noun.fields if n in seen and n not in BOOKKEEPING and _short(noun, n)]
    brief = [name for name in noun.brief if name in seen]
    return list(dict.fromkeys((*brief, *own)))[:USUAL_COLUMNS]


def _short(noun: Noun, name: str) -> bool:
    kind: Kind = noun.fields[name].kind
    return not isinstance(kind, Json) and not (isinstance(kind, Text) and kind.lines)


def lead_of(noun: Noun, names: list[str]) -> str:
    """Return the column that names the record and opens it."""
    texts = [n for n in names if isinstance(noun.fields[n].kind, Text)]
    first = [n for n in ("title", "name", *reversed(noun.brief)) if n in texts]
    return (first or texts or names or ["id"])[0]


def heads(noun: Noun, names: list[str], pairs: Pairs) -> list[Column]:
    """Return the heads of a table, each with the order that a click asks for."""
    now = dict(pairs).get("sort") or noun.resource.sort
    first = now.split(",")[0].strip()
    rest = [p for p in pairs if p[0] not in ("sort", *OWN)]
    lead = lead_of(noun, names)
    found = []
    for name in names:
        field = noun.fields[name]
        state = {name: "ascending", f"-{name}": "descending"}.get(first, "")
        sortable = name in noun.columns and not isinstance(field.kind, (Json, Links))
        down = is_number(noun, name)
        turn = f"-{name}" if (state == "ascending") != (down and not state) else name
        css = "lead" if name == lead else "num" if is_number(noun, name) else ""
        href = query(rest, sort=turn) if sortable else ""
        found.append(Column(name, _(field.label), href, state, css))
    return found


def lines(noun: Noun, names: list[str], items: Iterable[Any], look: Look) -> list[Line]:
    """Draw the rows of a table; this is the hot path of every list."""
    lead = lead_of(noun, names)
    parts = []
    for name in names:
        css = ' class="lead"' if name == lead else ' class="num"' if is_number(noun, name) else ""
        parts.append((name, drawer(noun, name), name == lead, f"<td{css}>"))
    return [_line(noun, parts, as_row(item), look) for item in items]


def _line(noun: Noun, parts: list[Any], row: Row, look: Look) -> Line:
    cells = []
    for name, paint, lead, start in parts:
        value = row.get(name)
        html = NOTHING if value in (None, "", []) else paint(value, row, look)
        if lead:
            words = unlinked(html) if value not in (None, "") else escape(title_of(noun, row))
            html = f'<a href="/{noun.path}/{row["id"]}" hx-preload="mouseover">{words}</a>'
        cells.append(f"{start}{html}</td>")
    return Line(row["id"], row.get("version", 0), "", Markup("".join(cells)))  # noqa: S704


LINK = re.compile(r'<a( class="[^"]*")?[^>]*>')


def unlinked(html: str) -> str:
    """Return a drawn value without its own link, so that it can stand inside another."""
    return LINK.sub(r"<span\1>", html).replace("</a>", "</span>") if "<a " in html else html


def count_of(page: Any, here: int, *, first: bool) -> str:
    """Return how many records there are, as far as that is known without asking for it."""
    if page.count is not None:
        return f"{page.count}+" if page.more else str(page.count)
    return str(here) if first and page.next is None else ""


def may(noun: Noun, me: Me) -> May:
    """Return which of the usual verbs this person is offered."""
    verbs = May.__dataclass_fields__
    return May(**{v: v in noun.resource.verbs and me.can(noun.permission(v)) for v in verbs})


def collection_verbs(noun: Noun, me: Me) -> list[Any]:
    """Return the verbs on the resource as a whole that this person may use."""
    found = (a for a in noun.actions.values() if a.entity is None)
    return [a for a in found if me.can(noun.permission(a.grant))]
