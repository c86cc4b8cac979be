"""The timeline: records as bars from day to day beside their names, with what links them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import msgspec

from mainstay.delivery.cells import as_row, full_title_of
from mainstay.delivery.pages.listing import Listing
from mainstay.delivery.pages.tables import may
from mainstay.delivery.pages.views.spans import (
    DAY,
    Dates,
    Span,
    between,
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
from mainstay.delivery.words import gettext as _
from mainstay.kernel.context import Context
from mainstay.kernel.fields import Choice, Flag, Ref, spoken
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Malformed
from mainstay.kernel.views import Mark as Said
from mainstay.kernel.views import Overlay, Point, Timeline, Toggle

MOST = 1000


@dataclass(frozen=True)
class Zoom:
    """How much time a stretch of the page stands for."""

    name: str
    title: str
    pixels: float
    back: int
    days: int
    step: int


ZOOMS = {
    zoom.name: zoom
    for zoom in (
        Zoom("day", "Day", 36.0, 10, 70, 28),
        Zoom("week", "Week", 14.0, 28, 196, 84),
        Zoom("month", "Month", 5.0, 90, 540, 240),
        Zoom("quarter", "Quarter", 2.0, 240, 1335, 365),
    )
}


@dataclass(frozen=True)
class Mark:
    """A stretch or a line of the scale: where it begins, how wide it is, what it is called."""

    x: float
    width: float
    text: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Scale:
    """The days that are shown, and where each of them stands."""

    zoom: Zoom
    first: date
    last: date

    @property
    def width(self) -> float:
        """Return how wide all of it is."""
        return ((self.last - self.first).days + 1) * self.zoom.pixels

    def x(self, day: date) -> float:
        """Return where a day begins."""
        return (day - self.first).days * self.zoom.pixels

    def mark(self, start: date, stop: date, text: str = "", *, strong: bool = False) -> Mark:
        """Return a stretch from one day to another, cut at the edges."""
        low, high = max(start, self.first), min(stop, self.last + DAY)
        return Mark(self.x(low), self.x(high) - self.x(low), text, strong)


NOTHING = Said()


@dataclass(frozen=True)
class Bar:
    """One record's bar; a record with a single date is a diamond on its day."""

    span: Span
    x: float
    width: float
    done: float
    point: bool
    cut_start: bool
    cut_end: bool
    share: str = ""
    over: Said = NOTHING
    planned: Mark | None = None
    free: float = 0

    @property
    def spoken(self) -> str:
        """Return the bar in words."""
        parts = (self.span.title, self.span.when, self.share, self.over.words)
        return ", ".join(part for part in parts if part)


@dataclass
class Group:
    """The bars under one head."""

    key: str
    title: str
    href: str
    bars: list[Bar] = field(default_factory=list)
    x: float = 0
    width: float = 0
    points: list[tuple[float, str, Point]] = field(default_factory=list)


async def draw(listing: Listing) -> Any:
    """Draw the bars of the time around today, or around the day of the address."""
    dates, scale = dates_of(listing), scale_of(listing)
    group = group_of(listing)
    share = _progress(listing)
    also = [name for name in (group, share) if name]
    found = await spans_in(listing, dates, scale.first, scale.last, most=MOST, also=also)
    count, href = await undated(listing, dates)
    linked = await links_of(listing, found.spans)
    overlay = await overlay_of(listing, [span.id for span in found.spans])
    bars = [
        bar_of(scale, dates, share, span, overlay.marks.get(span.id, NOTHING))
        for span in found.spans
    ]
    bands = grouped(listing, group, bars)
    return {
        **_frame(listing, scale),
        "bands": bands,
        "stones": pointed(scale, group, bands, overlay.points),
        "overlay": overlay,
        "toggles": [toggled(listing, one) for one in overlay.toggles],
        "moves": overlay if overlay.dates == dates.names else Overlay(),
        "grouped": bool(group),
        "found": found,
        "dates": dates,
        "undated": count,
        "undated_href": href,
        "near": near,
        "between": between,
        "movable": dates.may_move,
        "choices": dated(listing.noun, listing.look.me),
        "any": bool(found.spans or count or listing.filtered) or await _ever(listing),
        "topics": ",".join(_topics(listing)),
        **linked,
    }


def _frame(listing: Listing, scale: Scale) -> dict[str, Any]:
    """Return what stands around the bars: the scale, and the ways to other days and zooms."""
    return {
        "scale": scale,
        "upper": upper(scale),
        "lower": lower(scale),
        "rest": rest(scale),
        "today_x": _today(listing, scale),
        "title": between(scale.first, scale.last),
        "zooms": _zooms(listing),
        "zoom_at": list(ZOOMS).index(scale.zoom.name),
        "previous": _step(listing, scale, -1),
        "following": _step(listing, scale, 1),
        "present": listing.href(at=None),
    }


async def _ever(listing: Listing) -> bool:
    page = await listing.ws.page(listing.look.me, listing.noun.key, limit="1", fields="id")
    return bool(page.items)


def scale_of(listing: Listing) -> Scale:
    """Return the days and the zoom that an address asks for."""
    zoom = ZOOMS[zoom_of(listing, ZOOMS, "week")]
    at = place_in_time(listing.option("at"), listing.look.today)
    first = week_of(at - timedelta(zoom.back))
    return Scale(zoom, first, first + timedelta(zoom.days - 1))


def _zooms(listing: Listing) -> list[tuple[str, str, str]]:
    at = listing.option("at") or None
    return [(z.name, _(z.title), listing.href(zoom=z.name, at=at)) for z in ZOOMS.values()]


def _step(listing: Listing, scale: Scale, way: int) -> str:
    at = place_in_time(listing.option("at"), listing.look.today)
    to = at + timedelta(way * scale.zoom.step)
    return listing.href(at=to.isoformat())


def _today(listing: Listing, scale: Scale) -> float | None:
    today = listing.look.today
    if not scale.first <= today <= scale.last:
        return None
    return scale.x(today) + scale.zoom.pixels / 2


def _progress(listing: Listing) -> str:
    name = getattr(listing.view, "progress", "")
    return name if name in listing.noun.columns else ""


# ---- the scale ----


def upper(scale: Scale) -> list[Mark]:
    """Return the upper line of the scale: months, or years where these would be too narrow."""
    if scale.zoom.name in ("day", "week"):
        return [scale.mark(a, b, said("yMMMM", a)) for a, b in _months(scale)]
    return [scale.mark(a, b, str(a.year)) for a, b in _years(scale)]


def lower(scale: Scale) -> list[Mark]:
    """Return the lower line: days, weeks, months or quarters."""
    name = scale.zoom.name
    if name == "day":
        days = [scale.first + n * DAY for n in range((scale.last - scale.first).days + 1)]
        return [scale.mark(a, a + DAY, said("Ed", a), strong=a.day == 1) for a in days]
    if name == "week":
        weeks = range(0, (scale.last - scale.first).days + 1, 7)
        starts = [scale.first + n * DAY for n in weeks]
        return [scale.mark(a, a + 7 * DAY, str(a.day), strong=a.day < 8) for a in starts]
    if name == "month":
        return [scale.mark(a, b, said("MMM", a), strong=a.month == 1) for a, b in _months(scale)]
    months = [pair for pair in _months(scale, whole=True) if pair[0].month % 3 == 1]
    return [
        scale.mark(a, _later(a, 3), f"Q{(a.month + 2) // 3}", strong=a.month == 1)
        for a, _b in months
    ]


def _later(first: date, months: int) -> date:
    for _n in range(months):
        first = (first + timedelta(31)).replace(day=1)
    return first


def _months(scale: Scale, *, whole: bool = False) -> list[tuple[date, date]]:
    """Return the months that are shown, each from its first day to the next one's."""
    start = scale.first.replace(day=1)
    if whole:
        start = start.replace(month=(start.month - 1) // 3 * 3 + 1)
    found = []
    while start <= scale.last:
        found.append((start, _later(start, 1)))
        start = found[-1][1]
    return found


def _years(scale: Scale) -> list[tuple[date, date]]:
    years = range(scale.first.year, scale.last.year + 1)
    return [(date(year, 1, 1), date(year + 1, 1, 1)) for year in years]


def rest(scale: Scale) -> list[Mark]:
    """Return the weekends, where a day is wide enough to be seen."""
    if scale.zoom.pixels < ZOOMS["month"].pixels:
        return []
    found = []
    day = scale.first - timedelta((scale.first.weekday() + 2) % 7)
    while day <= scale.last:
        if day + 2 * DAY > scale.first:
            found.append(scale.mark(day, day + 2 * DAY))
        day += 7 * DAY
    return found


# ---- bars and groups ----


async def overlay_of(listing: Listing, ids: Sequence[int]) -> Overlay:
    """Return what a room draws over these records, by the options of the address."""
    loads = listing.look.registry.overlays(listing.noun)
    if not loads or listing.binned:
        return Overlay()
    noun, load, options = listing.noun, loads[0], listing.said

    async def work(ctx: Context) -> Any:
        """Ask the room."""
        return await load(ctx, noun, ids, options)

    found: Overlay = await listing.ws.look(listing.look.me, work, slow=True)
    return found


def toggled(listing: Listing, one: Toggle) -> tuple[Toggle, list[tuple[str, str, bool]]]:
    """Return a switch with the addresses of its values; one with a single value is on or off."""
    ways = [
        (words, listing.href(**{one.option: value or None}), value == one.now)
        for value, words in one.values
    ]
    if len(ways) == 1 and one.now:
        ways = [(ways[0][0], listing.href(**{one.option: None}), True)]
    return one, ways


def pointed(
    scale: Scale, name: str, bands: Sequence[Group], points: Iterable[Point]
) -> list[tuple[float, str, Point]]:
    """Put each diamond under the head it belongs to; return those that belong to none."""
    groups = {group.key: group for group in bands}
    loose: list[tuple[float, str, Point]] = []
    for point in points:
        if not scale.first <= point.day <= scale.last:
            continue
        placed = (scale.x(point.day) + scale.zoom.pixels / 2, near(point.day), point)
        group = groups.get(str(point.value)) if point.field == name else None
        (group.points if group else loose).append(placed)
    return loose


def bar_of(scale: Scale, dates: Dates, share: str, span: Span, over: Said = NOTHING) -> Bar:
    """Place one record; what reaches beyond the shown days is cut."""
    point = dates.ends is None or not (span.starts and span.ends)
    low, high = max(span.first, scale.first), min(span.last, scale.last)
    done = span.row.get(share) if share else None
    done = min(max(float(done), 0.0), 1.0) if isinstance(done, (int, float)) else 0.0
    x, width = scale.x(low), ((high - low).days + 1) * scale.zoom.pixels
    # What is done is a share of the whole, also of what lies outside.
    reached = scale.x(span.first) + span.days * scale.zoom.pixels * done
    filled = round(min(max(reached - x, 0.0), width), 2) if done else 0.0
    words = _("%(share)s %% done") % {"share": round(done * 100)} if done else ""
    cut = (span.first < scale.first, span.last > scale.last)
    free = 0.0
    if over.free and span.last < over.free and span.last < scale.last:
        free = scale.x(min(over.free, scale.last) + DAY) - x - width
    planned = None
    if over.planned and over.planned[0] <= scale.last and over.planned[1] >= scale.first:
        planned = scale.mark(over.planned[0], over.planned[1] + DAY)
    return Bar(span, x, width, filled, point, *cut, words, over, planned, free)


def group_of(listing: Listing) -> str:
    """Return the field that puts the bars under heads."""
    declared = listing.view.group if isinstance(listing.view, Timeline) else ""
    wanted = listing.option("group_by", declared)
    if wanted == "none":
        return ""
    noun = listing.noun
    for name in (wanted, f"{wanted}_id"):
        item = noun.fields.get(name)
        if item and isinstance(item.kind, (Ref, Choice, Flag)) and not item.kind.secret:
            return name
    if wanted == declared or not wanted:
        return ""
    known = [n for n, f in noun.columns.items() if isinstance(f.kind, (Ref, Choice, Flag))]
    raise Malformed(f"group_by={wanted[:40]} makes no groups. Known: {', '.join(known)}.")


def grouped(listing: Listing, name: str, bars: Iterable[Bar]) -> list[Group]:
    """Return the bars under their heads, the heads in their natural order."""
    if not name:
        return [Group("", "", "", list(bars))]
    groups: dict[str, Group] = {}
    for bar in bars:
        key = str(bar.span.row.get(name) if bar.span.row.get(name) is not None else "")
        if key not in groups:
            groups[key] = Group(key, *_titled(listing, name, bar))
        groups[key].bars.append(bar)
    for group in groups.values():
        group.x = min(bar.x for bar in group.bars)
        group.width = max(bar.x + bar.width for bar in group.bars) - group.x
    kind = listing.noun.fields[name].kind
    if isinstance(kind, Choice):
        places = {value: place for place, value in enumerate(kind.values)}
        return sorted(groups.values(), key=lambda g: places.get(g.key, len(places)))
    return sorted(groups.values(), key=lambda g: (not g.key, g.title.casefold()))


def _titled(listing: Listing, name: str, bar: Bar) -> tuple[str, str]:
    kind, value = listing.noun.fields[name].kind, bar.span.row.get(name)
    if value is None:
        return _("None"), ""
    if isinstance(kind, Ref):
        target = listing.look.target(kind)
        brief = bar.span.row.get(name.removesuffix("_id"))
        if brief is None or isinstance(brief, int):
            return _("Not visible to you"), ""
        row = as_row(brief)
        return full_title_of(target, row), f"/{target.path}/{row['id']}"
    if isinstance(kind, Flag):
        return (_("Yes") if value else _("No")), ""
    return _(spoken(str(value))), ""


# ---- links ----


def _topics(listing: Listing) -> Iterable[str]:
    links = _declared(listing)
    return (listing.noun.key, links[0].key) if links else (listing.noun.key,)


def _declared(listing: Listing) -> tuple[Noun, str, str] | None:
    """Return the resource of links with its fields of the earlier and the later record."""
    view = listing.view
    if not isinstance(view, Timeline) or not view.links:
        return None
    key, earlier, later = view.links
    noun = listing.ws.registry.noun(key)
    return (noun, earlier, later) if listing.look.me.can(noun.permission("read")) else None


async def links_of(listing: Listing, spans: Sequence[Span]) -> dict[str, Any]:
    """Return the links between the bars that are shown, ready for the script that draws them."""
    declared = _declared(listing)
    if declared is None:
        return {"links": "[]", "link_path": "", "link_ends": "", "may_link": False}
    noun, earlier, later = declared
    usual = may(noun, listing.look.me)
    here = {span.id for span in spans}
    rows = await _read_links(listing, declared, sorted(here)) if len(here) > 1 else []
    shown = [
        (row["id"], row[earlier], row[later], *(row.get(n) for n in ("type", "lag_days")))
        for row in rows
        if row[earlier] in here and row[later] in here
    ]
    return {
        "links": msgspec.json.encode(shown).decode(),
        "link_path": f"/api/{noun.path}",
        "link_ends": f"{earlier} {later}",
        "may_link": usual.create and usual.delete and not listing.binned,
    }


async def _read_links(
    listing: Listing, declared: tuple[Noun, str, str], ids: Sequence[int]
) -> list[Any]:
    noun, earlier, later = declared
    names = ["id", earlier, later, *(n for n in ("type", "lag_days") if n in noun.columns)]
    wanted = [
        (f"{later}__in", ",".join(map(str, ids))),
        ("fields", ",".join(names)),
        ("limit", str(MOST)),
        ("sort", "id"),
    ]
    page = await listing.ws.page(listing.look.me, noun.key, wanted)
    return [as_row(item) for item in page.items]
