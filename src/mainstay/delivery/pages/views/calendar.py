"""The calendar: a month or a week as days to look at, or an agenda to read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from mainstay.delivery.pages.listing import Listing
from mainstay.delivery.pages.tables import may
from mainstay.delivery.pages.views.spans import (
    DAY,
    Dates,
    Found,
    Span,
    between,
    clock,
    dated,
    dates_of,
    near,
    place_in_time,
    said,
    spans_in,
    undated,
    week_of,
    zoom_of,
)
from mainstay.delivery.render import query
from mainstay.delivery.words import gettext as _
from mainstay.delivery.words import zone_of
from mainstay.kernel.fields import Day, Instant

MOST = 600
LANES = 4
ALL_LANES = 12
SIDES = 4
AGENDA_DAYS = 28
QUARTER = 15
ZOOMS = ("month", "week", "agenda")


@dataclass(frozen=True)
class Bar:
    """A record's piece in one week: the day it begins at, how many days, in which lane."""

    span: Span
    column: int
    width: int
    lane: int
    from_before: bool
    goes_on: bool


@dataclass
class Cell:
    """One day of the grid: what begins in it, and what there is no room for."""

    day: date
    outside: bool
    bars: list[Bar] = field(default_factory=list)
    hidden: int = 0
    all: list[Span] = field(default_factory=list)
    hours: list["Hour"] = field(default_factory=list)
    add: str = ""
    at: str = ""

    @property
    def name(self) -> str:
        """Return the day in words."""
        return between(self.day, self.day)


@dataclass(frozen=True)
class Hour:
    """A record at its hours on one day: where it begins and ends, and who stands beside it."""

    span: Span
    hour: int
    part: int
    hours: int
    parts: int
    side: int
    sides: int


@dataclass(frozen=True)
class Window:
    """The days that are shown, what they are called, and where to go from here."""

    zoom: str
    at: date
    first: date
    last: date
    title: str
    before: str
    after: str


async def draw(listing: Listing) -> Any:
    """Draw the days of the address, or those around today."""
    dates = dates_of(listing)
    window = window_of(listing)
    found = await spans_in(listing, dates, window.first, window.last, most=MOST)
    count, href = await undated(listing, dates)
    return {
        "window": window,
        "dates": dates,
        "zooms": _zooms(listing, window),
        "previous": listing.href(at=window.before),
        "following": listing.href(at=window.after),
        "present": listing.href(at=None),
        "found": found,
        "undated": count,
        "undated_href": href,
        "clock": clock,
        "near": near,
        "today": listing.look.today,
        "now_at": _now(listing),
        "movable": dates.may_move,
        "any": bool(found.spans or count or listing.filtered) or await _ever(listing),
        "may_add": may(listing.noun, listing.look.me).create and not listing.binned,
        "choices": dated(listing.noun, listing.look.me),
        **_grid(listing, dates, window, found),
    }


async def _ever(listing: Listing) -> bool:
    """Return whether there is any record, however far away."""
    page = await listing.ws.page(listing.look.me, listing.noun.key, limit="1", fields="id")
    return bool(page.items)


def window_of(listing: Listing) -> Window:
    """Return the days that an address asks for."""
    zoom = zoom_of(listing, ZOOMS, "month")
    today, text = listing.look.today, listing.option("at")
    at = place_in_time(text, today)
    if zoom == "week":
        first = week_of(at)
        last = first + 6 * DAY
        return _window(zoom, at, first, last, between(first, last), 7)
    if zoom == "agenda":
        whole = len(text) == 7 and (at.year, at.month) != (today.year, today.month)
        first = at if whole or len(text) != 7 else today
        last = first + (AGENDA_DAYS - 1) * DAY
        return _window(zoom, at, first, last, between(first, last), AGENDA_DAYS)
    month = at.replace(day=1)
    after = (month + timedelta(days=31)).replace(day=1)
    first, last = week_of(month), week_of(after - DAY) + 6 * DAY
    before = (month - DAY).replace(day=1)
    named = said("yMMMM", month)
    return Window(zoom, month, first, last, named, f"{before:%Y-%m}", f"{after:%Y-%m}")


def _window(zoom: str, at: date, first: date, last: date, title: str, step: int) -> Window:
    before, after = first - step * DAY, first + step * DAY
    return Window(zoom, at, first, last, title, before.isoformat(), after.isoformat())


def _zooms(listing: Listing, window: Window) -> list[tuple[str, str, str]]:
    named = {"month": _("Month"), "week": _("Week"), "agenda": _("Agenda")}
    at = listing.option("at") or None
    return [(zoom, named[zoom], listing.href(zoom=zoom, at=at)) for zoom in ZOOMS]


def _grid(listing: Listing, dates: Dates, window: Window, found: Found) -> dict[str, Any]:
    """Return the weeks of a month, the one of a week with its hours, or the days of an agenda."""
    if window.zoom == "agenda":
        return {"weeks": [], "heads": [], "agenda": _agenda(window, found.spans)}
    hourly = window.zoom == "week" and dates.timed
    laid = [span for span in found.spans if not hourly or span.whole_days]
    lanes = LANES if window.zoom == "month" else ALL_LANES
    starts = [window.first + n * 7 * DAY for n in range((window.last - window.first).days // 7 + 1)]
    weeks = [week(laid, start, lanes) for start in starts]
    for cell in (cell for row in weeks for cell in row):
        cell.outside = window.zoom == "month" and cell.day.month != window.at.month
        cell.add = _add(listing, dates, cell.day)
        cell.at = listing.href(zoom="agenda", at=cell.day.isoformat())
    if hourly:
        timed = [span for span in found.spans if not span.whole_days]
        for cell in weeks[0]:
            cell.hours = hours([span for span in timed if span.first == cell.day])
    return {"weeks": weeks, "heads": _heads(weeks[0], window), "agenda": [], "hourly": hourly}


def _heads(row: Sequence[Cell], window: Window) -> list[tuple[str, str]]:
    short = "E" if window.zoom == "month" else "Ed"
    return [(said(short, cell.day), said("EEEE", cell.day)) for cell in row]


def week(spans: Sequence[Span], start: date, lanes: int) -> list[Cell]:
    """Lay one week: longer records first, each in the first lane that is free on all its days."""
    end = start + 6 * DAY
    cells = [Cell(start + n * DAY, outside=False) for n in range(7)]
    taken: list[set[int]] = [set() for _cell in cells]
    here = [span for span in spans if span.first <= end and span.last >= start]
    here.sort(key=lambda s: (max(s.first, start), -min(s.days, 8), s.begin is not None, s.begin))
    for span in here:
        column = max(0, (span.first - start).days)
        width = min(6, (span.last - start).days) - column + 1
        days = range(column, column + width)
        lane = next(n for n in range(len(here) + 1) if not any(n in taken[day] for day in days))
        for day in days:
            taken[day].add(lane)
            cells[day].all.append(span)
            cells[day].hidden += lane >= lanes
        if lane < lanes:
            cells[column].bars.append(
                Bar(span, column, width, lane, span.first < start, span.last > end)
            )
    return cells


def hours(spans: Sequence[Span]) -> list[Hour]:
    """Lay the hours of one day: what overlaps stands side by side."""
    found: list[Hour] = []
    for group in _clusters(spans):
        ends: list[int] = []
        placed = []
        for span, begin, end in group:
            side = next((n for n, until in enumerate(ends) if until <= begin), len(ends))
            ends[side : side + 1] = [end]
            placed.append((span, begin, end, side))
        sides = min(len(ends), SIDES)
        for span, begin, end, side in placed:
            length = end - begin
            parts = (begin // 60, begin % 60, length // 60, length % 60)
            found.append(Hour(span, *parts, min(side, sides - 1), sides))
    return found


def _clusters(spans: Sequence[Span]) -> Iterator[list[tuple[Span, int, int]]]:
    """Yield what overlaps, each with its first and last minute of the day in quarters."""
    timed = []
    for span in spans:
        assert span.begin is not None
        begin = _quarter(span.begin.hour * 60 + span.begin.minute)
        until = 24 * 60
        if span.end and span.end.date() == span.first:
            until = _quarter(span.end.hour * 60 + span.end.minute)
        elif span.end is None:
            until = begin + 2 * QUARTER
        timed.append((span, begin, min(max(until, begin + 2 * QUARTER), 24 * 60)))
    timed.sort(key=lambda one: (one[1], -one[2], one[0].id))
    group: list[tuple[Span, int, int]] = []
    for one in timed:
        if group and one[1] >= max(end for _span, _begin, end in group):
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _quarter(minute: int) -> int:
    return minute // QUARTER * QUARTER


def _agenda(window: Window, spans: Sequence[Span]) -> list[tuple[date, list[Span]]]:
    """Return the days that have something, each with what begins on it or goes on from before."""
    days: dict[date, list[Span]] = {}
    for span in spans:
        days.setdefault(max(span.first, window.first), []).append(span)
    ordered = sorted(days.items())
    return [(day, sorted(many, key=_in_day)) for day, many in ordered]


def _in_day(span: Span) -> tuple[bool, str, int]:
    return (not span.whole_days, span.begin.isoformat() if span.begin else "", span.id)


def _add(listing: Listing, dates: Dates, day: date) -> str:
    """Return the address of a new record on a day, which comes back here."""
    both = [one for one in (dates.starts, dates.ends) if one]
    first = {Day: day.isoformat(), Instant: f"{day.isoformat()}T09:00"}
    later = {Day: day.isoformat(), Instant: f"{day.isoformat()}T10:00"}
    values = [(one.name, (first if one is both[0] else later)[type(one.kind)]) for one in both]
    own = listing.noun.resource
    kept = [(n, v) for n, v in values if n in own.write or n in own.create_only]
    known = [(n, v) for n, v in listing.asked if n in own.write or n in own.create_only]
    back = [("next", listing.href())]
    return f"{listing.plain}/new" + query([*known, *kept, *back])


def _now(listing: Listing) -> tuple[int, int]:
    """Return the hour and the quarter on the reader's clock."""
    now = listing.look.now.astimezone(zone_of(listing.look.me.zone))
    return now.hour, _quarter(now.minute)
