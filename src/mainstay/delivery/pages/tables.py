"""Rows and columns of any resource, wherever they stand: heads, cells, what may be done."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from mainstay.delivery.cells import (
    DUE,
    NOTHING,
    PERSON,
    Look,
    Row,
    as_row,
    drawer,
    is_number,
    naming,
    title_of,
)
from mainstay.delivery.pages.common import BOOKKEEPING, asking, visible
from mainstay.delivery.pages.filters import OWN, Pairs
from mainstay.delivery.render import query
from mainstay.delivery.words import gettext as _
from mainstay.delivery.words import inside
from mainstay.kernel.fields import (
    Choice,
    Day,
    Flag,
    Instant,
    Json,
    Kind,
    Links,
    Real,
    Ref,
    Text,
)
from mainstay.kernel.noun import Noun
from mainstay.kernel.scope import Me

ROWS = 50
USUAL_COLUMNS = 6
NARROWEST, WIDEST, LEAD = 48, 1200, 256
CUSTOM = "cf."
WIDTHS: tuple[tuple[type[Kind], int], ...] = (
    (Links, 184),
    (Choice, 122),
    (Day, 112),
    (Instant, 148),
    (Flag, 96),
    (Json, 184),
    (Real, 106),
)


@dataclass(frozen=True)
class Shown:
    """A column that is asked for: the field's name, and its width in pixels unless it is usual."""

    name: str
    width: int = 0

    def __str__(self) -> str:
        """Return it as an address says it."""
        return f"{self.name}:{self.width}" if self.width else self.name


@dataclass(frozen=True)
class Column:
    """One column of a table; `then` is the address that adds it to the present order."""

    name: str
    label: str
    sort: str
    state: str
    css: str
    then: str = ""
    rank: int = 0
    width: int = 0
    edit: bool = False


@dataclass(frozen=True)
class May:
    """Which of the usual verbs a person is offered."""

    create: bool
    update: bool
    delete: bool
    restore: bool


@dataclass(frozen=True)
class Line:
    """One row of a table, with its cells already drawn, and before them the box that selects it."""

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


def showable(noun: Noun, look: Look) -> list[str]:
    """Return every column a person may ask for: fields, custom fields, and one step further."""
    seen = visible(noun, look.me)
    usual = columns_of(noun, look.me)
    hidden = ("version", "metadata", "custom_fields", "deleted_at", "deleted_by")
    own = [n for n in noun.fields if n in seen and n not in hidden]
    custom = [n for n in noun.all_fields if n.startswith(CUSTOM)]
    further = [
        f"{ref.removesuffix('_id')}.{name}"
        for ref in noun.refs
        if ref in seen and ref not in BOOKKEEPING
        for name in beyond(noun, ref, look)
    ]
    return list(dict.fromkeys((*usual, *own, *custom, *further)))


def beyond(noun: Noun, ref: str, look: Look) -> list[str]:
    """Return the fields of a referred record that its row brings along anyway."""
    target = look.target(noun.refs[ref])
    if not look.me.can(target.permission("read")):
        return []
    seen = visible(target, look.me)
    kinds = {n: target.fields[n].kind for n in target.brief if n in seen and n != "id"}
    return [n for n, kind in kinds.items() if not isinstance(kind, (Ref, Links, Json))]


def step(noun: Noun, name: str) -> tuple[str, str]:
    """Split `project.code` into the reference and the field of its record."""
    stem, _dot, rest = name.partition(".")
    return (stem if stem in noun.refs else f"{stem}_id"), rest


def asked_columns(noun: Noun, look: Look, said: Sequence[str], usual: Sequence[str]) -> list[Shown]:
    """Read the columns of an address, `code,title:320,status`; unknown ones are left out."""
    known = set(showable(noun, look)) if said else set()
    found: dict[str, Shown] = {}
    for part in ",".join(said).split(",") if said else ():
        name, _colon, width = part.strip().partition(":")
        if name in known and name not in found:
            pixels = int(width) if width.isdecimal() and len(width) < 6 else 0
            pixels = min(max(pixels, NARROWEST), WIDEST) if pixels else 0
            found[name] = Shown(name, pixels)
    if found:
        return list(found.values())
    seen = visible(noun, look.me)
    names = [name for name in usual if name in seen] or columns_of(noun, look.me)
    return [Shown(name) for name in names]


def wanted(noun: Noun, names: Iterable[str]) -> list[tuple[str, str]]:
    """Return the query that reads these columns."""
    own = (name if noun.field(name) else step(noun, name)[0] for name in names)
    return asking(noun, list(dict.fromkeys(own)))


def _short(noun: Noun, name: str) -> bool:
    kind: Kind = noun.fields[name].kind
    return not isinstance(kind, Json) and not (isinstance(kind, Text) and kind.lines)


def lead_of(noun: Noun, names: list[str]) -> str:
    """Return the column that names the record and opens it."""
    own = [n for n in names if n in noun.fields]
    texts = [n for n in own if isinstance(noun.fields[n].kind, Text)]
    first = [n for n in ("title", "name", *reversed(noun.brief)) if n in texts]
    return (first or texts or own or names or ["id"])[0]


def labelled(noun: Noun, name: str, look: Look | None = None) -> str:
    """Return a column's words; those of a record further away say whose it is."""
    if "." in name and look and noun.field(name) is None:
        ref, rest = step(noun, name)
        return f"{_(noun.fields[ref].label)} › {_(look.target(noun.refs[ref]).fields[rest].label)}"  # noqa: RUF001 - a step
    field = noun.field(name)
    return _(field.label) if field else name


def heads(
    noun: Noun,
    names: list[str],
    pairs: Pairs,
    look: Look | None = None,
    widths: dict[str, int] | None = None,
) -> list[Column]:
    """Return the heads of a table, each with the order that a click asks for."""
    now = dict(pairs).get("sort") or noun.resource.sort
    order = [part.strip() for part in now.split(",") if part.strip()]
    rest = [p for p in pairs if p[0] not in ("sort", *OWN)]
    said = any(name == "sort" for name, _value in pairs)
    lead = lead_of(noun, names)
    edits = editable(noun, look.me) if look else frozenset()
    found = []
    for name in names:
        number = _right(noun, name)
        place = next((n for n, p in enumerate(order) if p.removeprefix("-") == name), -1)
        state = ("descending" if order[place][0] == "-" else "ascending") if place >= 0 else ""
        first = state if place == 0 else ""
        turn = f"-{name}" if (first == "ascending") != (number and not first) else name
        href = then = ""
        if _sortable(noun, name):
            href = query(rest, sort=turn)
            then = query(rest, sort=_added(order if said else [], name, place))
        css = "lead" if name == lead else "num" if number else ""
        width = (widths or {}).get(name, 0)
        rank = place + 1 if said and len(order) > 1 and place >= 0 else 0
        shown = state if place == 0 or rank else ""
        label = labelled(noun, name, look)
        found.append(Column(name, label, href, shown, css, then, rank, width, name in edits))
    return found


def _added(order: list[str], name: str, place: int) -> str:
    """Return an order with one field more, or with that field turned."""
    if place < 0 or not order:
        return ",".join((*order, name))
    turned = [*order]
    turned[place] = name if order[place].startswith("-") else f"-{name}"
    return ",".join(turned)


def _sortable(noun: Noun, name: str) -> bool:
    field = noun.field(name)
    return field is not None and not isinstance(field.kind, (Json, Links))


def _right(noun: Noun, name: str) -> bool:
    return noun.field(name) is not None and is_number(noun, name)


def width_of(noun: Noun, name: str, look: Look) -> int:
    """Return the usual width of a column, by what stands in it."""
    field = noun.field(name)
    if field is None:
        ref, rest = step(noun, name)
        return width_of(look.target(noun.refs[ref]), rest, look)
    kind = field.kind
    if isinstance(kind, Ref):
        return 160 if kind.target == PERSON else 176
    for one, pixels in WIDTHS:
        if isinstance(kind, one):
            return pixels
    if isinstance(kind, Text):
        return 240 if kind.most > 200 else 176 if kind.most > 60 else 106
    return 106


def editable(noun: Noun, me: Me) -> frozenset[str]:
    """Return the fields that a person may edit in place."""
    own = _editable(noun, me.grants)
    if "custom_fields" not in own:
        return own
    return own.union(name for name in noun.all_fields if name.startswith(CUSTOM))


@lru_cache(maxsize=4096)
def _editable(noun: Noun, grants: frozenset[str]) -> frozenset[str]:
    me = Me(grants=grants)
    if "update" not in noun.resource.verbs or not me.can(noun.permission("update")):
        return frozenset()
    return frozenset(noun.resource.write) & visible(noun, me)


@dataclass(frozen=True)
class Painter:
    """How the cells of one column are drawn."""

    name: str
    paint: Any
    start: str
    lead: bool = False
    flag: bool = False
    ref: str = ""


def shortly(noun: Noun, names: list[str]) -> set[str]:
    """Return the few columns that a phone shows under a row's name: state, day, person."""
    kinds = {name: field.kind for name in names if (field := noun.field(name))}
    states = [n for n, kind in kinds.items() if isinstance(kind, Choice)]
    days = [n for n, kind in kinds.items() if isinstance(kind, (Day, Instant))]
    people = [n for n, kind in kinds.items() if isinstance(kind, Ref) and kind.target == PERSON]
    told = [n for n in ("status", "state", "phase", "stage") if n in states] or states
    due = [n for n in days if n.startswith(DUE)] or days
    found = {*told[:1], *due[:1], *people[:1]}
    return found or set(names[:4])


def painters(noun: Noun, names: list[str], look: Look, *, edits: bool = False) -> list[Painter]:
    """Return how each column of a table is drawn."""
    lead = lead_of(noun, names)
    mine = editable(noun, look.me) if edits else frozenset()
    short = shortly(noun, names)
    found = []
    for name in names:
        field, ref, paint = noun.field(name), "", None
        if field is None:
            stem, rest = step(noun, name)
            ref = stem.removesuffix("_id")
            paint = drawer(look.target(noun.refs[stem]), rest)
        css = "lead" if name == lead else "num" if _right(noun, name) else ""
        css = "short" if not css and name in short else css
        mark = f' class="{css}"' if css else ""
        if name in mine:
            mark += f' data-edit-field="{name}"' + (' data-edit-by="key"' if name == lead else "")
        flag = name in mine and field is not None and isinstance(field.kind, Flag)
        start = f"<td{mark}" if flag else f"<td{mark}>"
        found.append(Painter(name, paint or drawer(noun, name), start, name == lead, flag, ref))
    return found


def lines(
    noun: Noun,
    names: list[str],
    items: Iterable[Any],
    look: Look,
    *,
    edits: bool = False,
    ticks: bool = False,
) -> list[Line]:
    """Draw the rows of a table; this is the hot path of every list."""
    parts = painters(noun, names, look, edits=edits)
    tick = _tick() if ticks else ("", "")
    return [_line(noun, parts, as_row(item), look, tick) for item in items]


def _tick() -> tuple[str, str]:
    """Return the box that selects a row, parted where the row's name stands."""
    before, _gap, after = str(escape(_("Select %(name)s") % {"name": "\0"})).partition("\0")
    box = '<td class="pick"><input type="checkbox" tabindex="-1" aria-label="'
    return box + before, after + '"></td>'


def _line(noun: Noun, parts: list[Painter], row: Row, look: Look, tick: tuple[str, str]) -> Line:
    title = title_of(noun, row)
    cells = [f"{tick[0]}{escape(title)}{tick[1]}"] if tick[0] else []
    for part in parts:
        html = painted(noun, part, row, look)
        start = part.start
        if part.flag:
            start += f' data-edit-flag="{"true" if row.get(part.name) else "false"}">'
        cells.append(f"{start}{html}</td>")
    return Line(row["id"], row.get("version", 0), title, Markup("".join(cells)))  # noqa: S704


def painted(noun: Noun, part: Painter, row: Row, look: Look) -> str:
    """Return what stands in one cell."""
    if part.ref:
        brief = row.get(part.ref)
        row_ = as_row(brief) if brief is not None and not isinstance(brief, int) else {}
        value = row_.get(part.name.partition(".")[2])
        return NOTHING if value in (None, "", []) else str(part.paint(value, row_, look))
    value = row.get(part.name)
    html = NOTHING if value in (None, "", []) else part.paint(value, row, look)
    if part.lead:
        words = unlinked(html) if value not in (None, "") else unnamed(noun, part.name, row)
        html = f'<a href="/{noun.path}/{row["id"]}" hx-preload="mouseover">{words}</a>'
    return str(html)


def unnamed(noun: Noun, name: str, row: Row) -> str:
    """Return what stands in the place of a name that is empty: the record's title, or that."""
    if naming(noun)[0] or name not in noun.all_fields:
        return str(escape(title_of(noun, row)))
    label = inside(_(noun.all_fields[name].label))
    return f'<span class="muted">{escape(_("No %(field)s") % {"field": label})}</span>'


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
    found = (a for a in noun.actions.values() if a.entity is None and not a.quiet)
    return [a for a in found if me.can(noun.permission(a.grant))]


def numbers(noun: Noun, names: Iterable[str]) -> dict[str, str]:
    """Return the columns that have a total: by `sum`, or by `avg` where a sum says nothing."""
    found = {}
    for name in names:
        field = noun.field(name)
        if field is None or not is_number(noun, name):
            continue
        share = isinstance(field.kind, Real) and field.kind.most == 1.0
        averaged = share or any(word in name for word in ("rate", "price", "progress", "percent"))
        found[name] = "avg" if averaged else "sum"
    return found
