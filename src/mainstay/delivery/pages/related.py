"""The lists of records that belong to a record: the first of each, counted, with a place to add."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from mainstay.delivery.cells import Look, Row, as_row, draw, full_title_of
from mainstay.delivery.pages.common import Rq, visible, ws_of
from mainstay.delivery.pages.tables import (
    columns_of,
    count_of,
    editable,
    heads,
    lead_of,
    lines,
    may,
    wanted,
)
from mainstay.delivery.render import query
from mainstay.delivery.words import gettext as _
from mainstay.kernel.fields import Flag, Ref, Text
from mainstay.kernel.module import Related
from mainstay.kernel.noun import Noun

ROWS = 8
DONE = ("completed", "done", "checked")


@dataclass(frozen=True)
class Adding:
    """The one field that a new record of a list needs, and what is known of it already."""

    field: str
    label: str
    known: dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One line of a checklist."""

    id: int
    version: int
    title: str
    done: bool
    beside: list[Markup]


@dataclass(frozen=True)
class Belonging:
    """A list of the records that point here."""

    noun: Noun
    by: str
    title: str
    heads: list[Any]
    rows: list[Any]
    steps: list[Step]
    done: str
    count: str
    more: bool
    all_href: str
    new_href: str
    adding: Adding | None
    may: Any
    ticks: bool

    @property
    def empty(self) -> bool:
        """Return whether the list has no record yet."""
        return not self.rows and not self.steps


async def belongings(request: Rq, noun: Noun, row: Row, look: Look) -> list[Belonging]:
    """Read the first rows of every list that belongs to the record."""
    registry = ws_of(request).registry
    pairs = [(one, registry.noun(one.resource)) for one in noun.resource.related]
    seen = [(one, other) for one, other in pairs if look.me.can(other.permission("read"))]
    return [await belonging(request, noun, row, one, other, look) for one, other in seen]


async def belonging(
    request: Rq, noun: Noun, row: Row, related: Related, other: Noun, look: Look
) -> Belonging:
    """Read the first rows of one list, and count it where there are more."""
    ws, record = ws_of(request), row["id"]
    known = visible(other, look.me)
    names = [n for n in related.columns if n in known] or columns_of(other, look.me)
    names = [n for n in names if n != related.by]
    where = (related.by, str(record))
    asked = [where, ("limit", str(ROWS)), *wanted(other, names)]
    page = await ws.page(look.me, other.key, asked)
    more = page.next is not None
    if more:
        counted = await ws.page(look.me, other.key, [where, ("limit", "1"), ("count", "1")])
        page.count, page.more = counted.count, counted.more
    done = next((n for n in DONE if n in names and isinstance(other.fields[n].kind, Flag)), "")
    rights = may(other, look.me)
    add = query([(related.by, record), ("next", f"/{noun.path}/{record}")])
    return Belonging(
        other,
        related.by,
        _(related.title or other.plural),
        heads(other, names, [], look),
        [] if done else lines(other, names, page.items, look, edits=True),
        [step(other, names, done, item, look) for item in page.items] if done else [],
        done,
        count_of(page, len(page.items), first=True),
        more,
        f"/{other.path}" + query([where]),
        f"/{other.path}/new{add}" if rights.create else "",
        adding(other, related.by, row, noun) if rights.create else None,
        rights,
        done in editable(other, look.me),
    )


def step(noun: Noun, names: list[str], done: str, item: Any, look: Look) -> Step:
    """Return one line of a checklist: what is to be ticked, and what is said beside it."""
    row: Row = as_row(item)
    lead = lead_of(noun, names)
    rest = [n for n in names if n not in (lead, done) and row.get(n) not in (None, "", [])]
    beside = [Markup(draw(noun, name, row, look)) for name in rest]  # noqa: S704
    return Step(row["id"], row.get("version", 0), full_title_of(noun, row), bool(row[done]), beside)


def adding(other: Noun, by: str, row: Row, noun: Noun) -> Adding | None:
    """Return what one line is enough to add, or None where a record needs more than that."""
    names = (*other.resource.create_only, *other.resource.write)
    required = {n for n in names if other.fields[n].required}
    known: dict[str, Any] = {by: row["id"]}
    for name in sorted(required - {by}):
        kind = other.fields[name].kind
        mine = noun.refs.get(name)
        if isinstance(kind, Ref) and mine is not None and mine.target == kind.target:
            known[name] = row.get(name)
    left = sorted(required - set(known))
    if len(left) != 1 or not isinstance(other.fields[left[0]].kind, Text):
        return None
    return Adding(left[0], _(other.fields[left[0]].label), known)
