"""The table: rows in columns, chunk by chunk, perhaps under heads of groups, with totals."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from babel.dates import format_date
from babel.numbers import format_percent
from markupsafe import Markup, escape

from mainstay.delivery import words
from mainstay.delivery.cells import Look, as_row, drawer, full_title_of, linked
from mainstay.delivery.pages.common import renderer
from mainstay.delivery.pages.filters import OWN, Pairs
from mainstay.delivery.pages.listing import Listing
from mainstay.delivery.pages.tables import (
    LEAD,
    Shown,
    asked_columns,
    count_of,
    editable,
    heads,
    labelled,
    lead_of,
    lines,
    may,
    numbers,
    showable,
    wanted,
    width_of,
)
from mainstay.delivery.render import query
from mainstay.delivery.words import gettext as _
from mainstay.kernel.fields import Choice, Day, Field, Flag, Instant, Ref
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Malformed
from mainstay.kernel.query.days import BUCKETS, around

ROWS = 50
CHUNK = 100
GROUPS = 200
MEASURED = 7
PICK, RESTORE = 40, 120
USUAL_SPAN = "week"
GROUPED = (Choice, Ref, Flag, Day, Instant)


@dataclass(frozen=True)
class Total:
    """A number under a column or in a group's head: how it was worked out, and what it is."""

    how: str
    text: str


@dataclass(frozen=True)
class Band:
    """A group of rows: its value in words, how many there are, its totals, and where they are."""

    key: str
    html: Markup
    words: str
    count: int
    totals: list[Total | None]
    href: str
    alone: str
    folded: bool
    rows: list[Any]
    next: str


@dataclass(frozen=True)
class Choosable:
    """A column in the chooser."""

    name: str
    label: str
    shown: bool
    width: int


async def draw(listing: Listing) -> Any:
    """Draw the first rows, or the part of the table that was asked for."""
    part = listing.request.headers.get("HX-Target", "").partition("#")[0]
    chosen = columns(listing)
    names = [one.name for one in chosen]
    group = grouped(listing)
    if part in ("tbody", "tr"):
        return await chunk(listing, names)
    values = await (bands(listing, names, group) if group else plain(listing, names))
    if part == "thead":
        return await anew(listing, names, group, values)
    return {**frame(listing, chosen, group), **values, **await foot(listing, names, group)}


def columns(listing: Listing) -> list[Shown]:
    """Return the columns that the address or the declaration asks for."""
    said = [value for name, value in listing.pairs if name == "columns"]
    usual = getattr(listing.view, "columns", ())
    return asked_columns(listing.noun, listing.look, said, usual)


def frame(listing: Listing, chosen: list[Shown], group: tuple[Field, str] | None) -> dict[str, Any]:
    """Return the heads of the table and what its Display sheet offers."""
    noun, look = listing.noun, listing.look
    names = [one.name for one in chosen]
    widths = {one.name: one.width for one in chosen}
    lead = lead_of(noun, names)
    sizes = [
        one.width or (0 if one.name == lead else width_of(noun, one.name, look)) for one in chosen
    ]
    least = PICK + sum(sizes) + (0 if widths[lead] else LEAD) + listing.binned * RESTORE
    return {
        "noun": noun,
        "binned": listing.binned,
        "across": across(listing, names),
        "may": may(noun, look.me),
        "heads": heads(noun, names, listing.pairs, look, widths),
        "sizes": sizes,
        "filled": bool(widths[lead]),
        "least": least,
        "lead": lead,
        "columns": ",".join(names),
        "chosen": ",".join(map(str, chosen)),
        "chooser": chooser(listing, chosen),
        "summed": "totals" in listing.said,
        "spans": span_options(group),
        "editing": bool(editable(noun, look.me)) and not listing.binned,
    }


def across(listing: Listing, names: list[str]) -> int:
    """Return how many columns a line across the whole table has."""
    return 1 + len(names) + listing.binned


def chooser(listing: Listing, chosen: list[Shown]) -> list[Choosable]:
    """Return every column there is, those that are shown first and in their order."""
    noun, look = listing.noun, listing.look
    shown = {one.name: one.width for one in chosen}
    rest = [name for name in showable(noun, look) if name not in shown]
    return [
        Choosable(name, labelled(noun, name, look), name in shown, shown.get(name, 0))
        for name in (*shown, *rest)
    ]


async def plain(listing: Listing, names: list[str]) -> dict[str, Any]:
    """Read the first rows of a table without groups."""
    rows, following, count = await read(listing, names, [], ROWS)
    return {
        "bands": [],
        "grouped": "",
        "rows": rows,
        "next": following,
        "any": bool(rows),
        "count": count,
    }


async def read(
    listing: Listing, names: list[str], more: Pairs, rows: int
) -> tuple[list[Any], str, str]:
    """Read and draw some rows; return them, where the next ones are, and how many there are."""
    noun, look = listing.noun, listing.look
    limit = [] if "limit" in listing.said else [("limit", str(rows))]
    asked = [*listing.asked, *more, *limit, *wanted(noun, names)]
    page = await listing.ws.page(look.me, noun.key, asked)
    kept = [p for p in listing.kept if p[0] not in ("totals", "folded")]
    size = listing.said.get("limit", str(CHUNK))
    onward = query([*kept, *more, ("limit", size)], cursor=page.next) if page.next else ""
    count = count_of(page, len(page.items), first="cursor" not in listing.said)
    edits = not listing.binned
    return lines(noun, names, page.items, look, edits=edits, ticks=True), onward, count


async def chunk(listing: Listing, names: list[str]) -> Any:
    """Draw only rows: the next ones, or some that are read again."""
    rows, following, _count = await read(listing, names, [], ROWS)
    html = renderer(listing.request).text(
        listing.request,
        "views/_rows.html",
        noun=listing.noun,
        rows=rows,
        next=following,
        binned=listing.binned,
        across=across(listing, names),
        may=may(listing.noun, listing.look.me),
    )
    return renderer(listing.request).answer(listing.request, html)


async def anew(
    listing: Listing, names: list[str], group: tuple[Field, str] | None, values: dict[str, Any]
) -> Any:
    """Draw only the heads of the groups and the totals, to bring them up to date."""
    html = renderer(listing.request).text(
        listing.request,
        "views/_groups.html",
        plain=listing.plain,
        **frame(listing, columns(listing), group),
        **values,
        **await foot(listing, names, group),
        headed_only=True,
    )
    return renderer(listing.request).answer(listing.request, html)


# ---- groups ----


def grouped(listing: Listing) -> tuple[Field, str] | None:
    """Return the field that heads groups and the span of its days, as the address says it."""
    name, _colon, span = listing.group.partition(":")
    if not name or listing.binned:
        return None
    field = next((f for n in (name, f"{name}_id") if (f := listing.noun.field(n))), None)
    known = showable(listing.noun, listing.look)
    if field is None or field.name not in known or not isinstance(field.kind, GROUPED):
        raise Malformed(_("The list cannot be grouped by %(field)s.") % {"field": name})
    dated = isinstance(field.kind, (Day, Instant))
    return field, (span if span in BUCKETS else USUAL_SPAN) if dated else ""


def span_options(group: tuple[Field, str] | None) -> list[tuple[str, str, bool]]:
    """Return the spans that days may be grouped by, where they are."""
    if group is None or not group[1]:
        return []
    field, now = group
    said = {
        "day": _("Day"),
        "week": _("Week"),
        "month": _("Month"),
        "quarter": _("Quarter"),
        "year": _("Year"),
    }
    return [(f"{field.name}:{span}", said[span], span == now) for span in BUCKETS]


async def bands(listing: Listing, names: list[str], group: tuple[Field, str]) -> dict[str, Any]:
    """Count every group, and read the rows of the first ones until a page is full."""
    noun, (field, span) = listing.noun, group
    measures = dict(list(numbers(noun, names).items())[:MEASURED])
    asked = [p for p in listing.asked if p[0] not in OWN]
    asked += [
        ("by", f"{field.name}:{span}".rstrip(":")),
        ("measure", measured(measures)),
        ("limit", str(GROUPS)),
    ]
    found = await listing.ws.summary(listing.look.me, noun.key, asked)
    made: list[Band] = []
    left = 0 if "thead" in target(listing) else ROWS
    for line in found.rows:
        band = await banded(listing, names, group, line, left=left)
        made.append(replace(band, totals=totalled(noun, names, measures, line.values[1:])))
        left -= len(band.rows)
    total = sum(band.count for band in made)
    return {
        "bands": made,
        "grouped": field.name,
        "rows": [],
        "next": "",
        "any": bool(made),
        "count": f"{total}+" if found.more else str(total),
        "most_groups": GROUPS if found.more else 0,
    }


async def banded(
    listing: Listing, names: list[str], group: tuple[Field, str], line: Any, *, left: int
) -> Band:
    """Return one group, with its first rows while some are still wanted."""
    noun, (field, span) = listing.noun, group
    more = within(field, span, line.key[0])
    key = "-" if line.key[0] is None else as_text(line.key[0])
    folded = key in listing.option("folded").split(",")
    rows: list[Any] = []
    following = ""
    if left > 0 and not folded:
        rows, following, _count = await read(listing, names, more, ROWS)
    return Band(
        key=key,
        html=Markup(headed(noun, field, span, line, listing.look)),  # noqa: S704
        words=heading(noun, field, span, line, listing.look),
        count=line.values[0],
        totals=[],
        href=query([*listing.kept, *more]),
        alone=query([*listing.kept, *more], group_by="none"),
        folded=folded,
        rows=rows,
        next=following,
    )


def measured(measures: dict[str, str]) -> str:
    """Return what a summary is asked for: how many, and the totals of the columns."""
    return ",".join(("count", *(f"{how}:{name}" for name, how in measures.items())))


def target(listing: Listing) -> str:
    """Return the part of the page that was asked for."""
    return listing.request.headers.get("HX-Target", "")


def as_text(value: Any) -> str:
    """Return a group's value as an address says it."""
    return "true" if value is True else "false" if value is False else str(value)


def within(field: Field, span: str, key: Any) -> Pairs:
    """Return the conditions that keep to one group."""
    if key is None:
        return [(f"{field.name}__isnull", "true")]
    if span:
        first, following = around(date.fromisoformat(str(key)[:10]), span)
        return [
            (f"{field.name}__gte", first.isoformat()),
            (f"{field.name}__lt", following.isoformat()),
        ]
    return [(field.name, as_text(key))]


def headed(noun: Noun, field: Field, span: str, line: Any, look: Look) -> str:
    """Draw what a group is about."""
    key, beside = line.key[0], line.beside[0]
    if key is None or (isinstance(field.kind, Ref) and beside is None) or span:
        return str(escape(heading(noun, field, span, line, look)))
    if isinstance(field.kind, Ref):
        return linked(look.target(field.kind), beside, look)
    return drawer(noun, field.name)(key, {}, look)


def heading(noun: Noun, field: Field, span: str, line: Any, look: Look) -> str:
    """Return in words what a group is about."""
    key, beside = line.key[0], line.beside[0]
    if key is None:
        return _("No %(field)s") % {"field": words.inside(_(field.label))}
    if isinstance(field.kind, Ref):
        hidden = _("Records you may not see")
        return hidden if beside is None else full_title_of(look.target(field.kind), as_row(beside))
    if span:
        return spoken_span(date.fromisoformat(str(key)[:10]), span, look)
    return Markup(drawer(noun, field.name)(key, {}, look)).striptags()  # noqa: S704


def spoken_span(first: date, span: str, look: Look) -> str:
    """Say a day, a week, a month, a quarter or a year."""
    locale = words.locale_of(words.language.get())
    if span == "day":
        return words.spoken_day(first, look.today)
    if span == "week":
        if around(look.today, "week")[0] == first:
            return _("This week")
        return _("Week of %(day)s") % {"day": words.spoken_day(first, look.today)}
    pattern = {"month": "LLLL y", "quarter": "QQQ y", "year": "y"}[span]
    return format_date(first, pattern, locale=locale)


# ---- totals ----


def totalled(
    noun: Noun, names: list[str], measures: dict[str, str], values: Any
) -> list[Total | None]:
    """Return one total, or nothing, for each column."""
    found = dict(zip(measures, values, strict=True))
    return [
        Total(measures[name], written(noun, name, found[name]))
        if found.get(name) is not None
        else None
        for name in names
    ]


def written(noun: Noun, name: str, value: Any) -> str:
    """Write a total the way its column writes numbers; an average is rounded."""
    kind = noun.all_fields[name].kind
    if getattr(kind, "most", None) == 1.0:
        return format_percent(value, locale=words.locale_of(words.language.get()))
    return words.number(round(value, 2))


async def foot(
    listing: Listing, names: list[str], group: tuple[Field, str] | None
) -> dict[str, Any]:
    """Work out the totals under the columns, when they are asked for."""
    measures = dict(list(numbers(listing.noun, names).items())[:MEASURED])
    if "totals" not in listing.said or not measures:
        return {"totals": [], "totalled_count": "", "measured": bool(measures)}
    asked = [p for p in listing.asked if p[0] not in OWN]
    asked.append(("measure", measured(measures)))
    found = await listing.ws.summary(listing.look.me, listing.noun.key, asked)
    values = found.rows[0].values
    return {
        "totals": totalled(listing.noun, names, measures, values[1:]),
        "totalled_count": words.number(values[0]),
        "measured": True,
    }
