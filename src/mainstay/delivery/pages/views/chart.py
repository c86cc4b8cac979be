"""The chart: one question about a list, answered in its title and drawn without any script."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mainstay.delivery.pages.listing import Listing
from mainstay.delivery.pages.views import plot
from mainstay.delivery.pages.views.plot import Line, Part, Slice, Tick
from mainstay.delivery.pages.views.sums import (
    Axis,
    Key,
    Sums,
    behind,
    definition_of,
    filled,
    number_of,
    settings_of,
    sheet_of,
    shown,
    sums_of,
    title_of_sums,
)
from mainstay.delivery.words import exact_instant
from mainstay.delivery.words import gettext as _
from mainstay.kernel.fields import Links, Ref
from mainstay.kernel.problems import Malformed

KINDS = ("bar", "stacked", "line", "area", "pie")
MOST_BARS = 30
MOST_SLICES = 8
MOST_SERIES = 12
WIDE_ENOUGH = 9.0
# Which place of the palette looks like a tone, so that the two do not stand in one chart.
NEAR = {
    "blue": 0,
    "orange": 1,
    "teal": 2,
    "green": 2,
    "purple": 3,
    "yellow": 4,
    "red": 6,
    "grey": 7,
}
LABELLED = 16


@dataclass
class Row:
    """One group of a bar chart: its name, its bars, and its number."""

    label: str
    href: str
    lines: list[list[Part]] = field(default_factory=list)
    ends: list[Tick] = field(default_factory=list)


@dataclass
class Figure:
    """A chart ready to be drawn, in one of three forms: rows, columns with lines, or a ring."""

    form: str
    legend: list[tuple[str, str]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    left_out: int = 0
    zero: float = 0.0
    ticks: list[Tick] = field(default_factory=list)
    under: list[Tick] = field(default_factory=list)
    columns: list[Part] = field(default_factory=list)
    tops: list[Tick] = field(default_factory=list)
    heights: list[float] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    filled: bool = False
    slices: list[Slice] = field(default_factory=list)


async def draw(listing: Listing) -> Any:
    """Draw the chart that the address asks for, or hand out its numbers as a file."""
    sums = await sums_of(listing)
    if listing.option("chart_as") == "csv":
        return sheet_of(listing, sums)
    kind = kind_of(listing, sums)
    moment = listing.look.now
    return {
        "title": title_of_sums(listing, sums),
        "definition": definition_of(listing, sums),
        "as_of": exact_instant(moment, listing.look.me.zone),
        "kind": kind,
        "kinds": [(k, words, listing.href(chart_as=k)) for k, words in kinds_of(sums)],
        "figure": figure_of(listing, sums, kind),
        "shown": shown,
        "behind": lambda *keys: behind(listing, *keys),
        "any": bool(sums.rows) or listing.filtered,
        **settings_of(listing, sums),
    }


def kinds_of(sums: Sums) -> list[tuple[str, str]]:
    """Return the forms that suit what is shown: only what adds up is stacked or made a ring."""
    named = [
        ("bar", _("Bars")),
        ("stacked", _("Stacked")),
        ("line", _("Line")),
        ("area", _("Area")),
        ("pie", _("Ring")),
    ]
    adds = sums.measure.adds
    hidden = set() if adds else {"stacked", "area", "pie"}
    hidden |= set() if sums.over else {"stacked"}
    return [(kind, words) for kind, words in named if kind not in hidden]


def kind_of(listing: Listing, sums: Sums) -> str:
    """Return the form the address asks for, or the one that suits."""
    fits = [kind for kind, _words in kinds_of(sums)]
    usual = "stacked" if "stacked" in fits else "bar"
    kind = listing.option("chart_as", usual)
    if kind not in KINDS:
        raise Malformed(f"chart_as={kind[:20]} is unknown. Known: {', '.join(KINDS)}.")
    return kind if kind in fits else usual


def figure_of(listing: Listing, sums: Sums, kind: str) -> Figure:
    """Place every mark."""
    if kind == "pie":
        return _ring(listing, sums)
    if kind in ("line", "area"):
        return _lines(listing, sums, area=kind == "area")
    if sums.by.dated:
        return _columns(listing, sums, stacked=kind == "stacked")
    return _rows(listing, sums, stacked=kind == "stacked")


def ordered(sums: Sums) -> list[Key]:
    """Return the groups as a chart shows them: records by their number, all else as it lies."""
    keys = [key for key in sums.by.keys if sums.rows.get(key.value) is not None]
    if isinstance(sums.by.field.kind, (Ref, Links)):
        keys.sort(key=lambda key: (key.value is None, -number_of(sums.rows[key.value])))
    return keys


def series_of(over: Axis | None) -> list[tuple[Key | None, str]]:
    """Return the series, each with its colour: a choice's own, or the next of the palette."""
    if over is None:
        return [(None, plot.color(0))]
    keys = over.keys[:MOST_SERIES]
    return list(zip(keys, inks(keys), strict=True))


def inks(keys: Sequence[Key]) -> list[str]:
    """Return a colour for each value: its own, or the next of the palette that is like no other."""
    near = {NEAR.get(key.tone, -1) for key in keys if key.tone}
    free = [place for place in range(plot.SERIES) if place not in near] or [0]
    taken: set[str] = set()
    found = []
    for key in keys:
        css = f"tone-{key.tone}" if key.tone else plot.color(free[0])
        if not key.tone:
            free.append(free.pop(0))
        found.append(f"{css} again" if css in taken else css)
        taken.add(css)
    return found


def _legend(series: Sequence[tuple[Key | None, str]]) -> list[tuple[str, str]]:
    return [(key.label, css) for key, css in series if key]


def _value(sums: Sums, key: Key, over: Key | None) -> Any:
    return sums.cells.get((key.value, over.value)) if over else sums.rows.get(key.value)


def _words(key: Key, over: Key | None, value: Any) -> str:
    names = f"{key.label}, {over.label}" if over else key.label
    return f"{names}: {shown(value)}"


def _own(key: Key, css: str, over: Axis | None) -> str:
    """Return the colour of a group that stands alone: a choice keeps its own."""
    return f"tone-{key.tone}" if key.tone and over is None else css


def _numbers(sums: Sums, keys: Sequence[Key], *, stacked: bool) -> list[float]:
    """Return the numbers that decide how far the drawing must reach."""
    if sums.over and not stacked:
        return [number_of(value) for value in sums.cells.values()]
    if not stacked:
        return [number_of(sums.rows.get(key.value)) for key in keys]
    found = []
    for key in keys:
        cells = [number_of(v) for (row, _col), v in sums.cells.items() if row == key.value]
        found += [sum(v for v in cells if v > 0), sum(v for v in cells if v < 0)]
    return found


def _whole(sums: Sums) -> bool:
    return all(isinstance(value, int) for value in sums.rows.values())


# ---- rows: groups with names, read from the left ----


def _rows(listing: Listing, sums: Sums, *, stacked: bool) -> Figure:
    keys, series = ordered(sums), series_of(sums.over)
    shown_keys = keys[:MOST_BARS]
    span, marks = plot.spread(_numbers(sums, shown_keys, stacked=stacked), whole=_whole(sums))
    figure = Figure("rows", _legend(series), left_out=len(keys) - len(shown_keys))
    figure.zero = span.share(0)
    figure.ticks = [Tick(span.share(mark), shown(mark)) for mark in marks]
    for key in shown_keys:
        row = Row(key.label, behind(listing, key))
        reached = {True: 0.0, False: 0.0}
        for over, css in series:
            value = _value(sums, key, over)
            if value is None:
                continue
            number = number_of(value)
            start = reached[number >= 0] if stacked else 0.0
            reached[number >= 0] += number
            low, high = sorted((span.share(start), span.share(start + number)))
            wide = round(high - low, 3)
            text = shown(value) if stacked and wide >= WIDE_ENOUGH else ""
            where = (key, over) if over else (key,)
            words, href = _words(key, over, value), behind(listing, *where)
            ink = _own(key, css, sums.over)
            part = Part(low, 0, wide, 100, ink, text, words, href)
            if stacked and row.lines:
                row.lines[0].append(part)
            else:
                row.lines.append([part])
        total = shown(sums.rows[key.value])
        texts = [total] if stacked or not sums.over else [line[0].said for line in row.lines]
        row.ends = [
            Tick(max(part.x + part.width for part in line), text)
            for line, text in zip(row.lines, texts, strict=True)
        ]
        figure.rows.append(row)
    return figure


# ---- columns: stretches of time, read from left to right ----


def _columns(listing: Listing, sums: Sums, *, stacked: bool) -> Figure:
    axis, series = filled(listing, sums.by), series_of(sums.over)
    span, marks = plot.spread(_numbers(sums, axis.keys, stacked=stacked), whole=_whole(sums))
    band, width = plot.bands(len(axis.keys))
    figure = Figure("columns", _legend(series), zero=plot.up(span, 0))
    figure.ticks = [Tick(plot.up(span, mark), shown(mark)) for mark in marks]
    figure.under = plot.labels([key.label for key in axis.keys], band)
    side = width if stacked else width / len(series)
    for place, key in enumerate(axis.keys):
        left = band * place + (band - width) / 2
        reached = {True: 0.0, False: 0.0}
        for number_in, (over, css) in enumerate(series):
            value = _value(sums, key, over)
            if value is None:
                continue
            number = number_of(value)
            start = reached[number >= 0] if stacked else 0.0
            reached[number >= 0] += number
            high, low = sorted((plot.up(span, start), plot.up(span, start + number)))
            x = round(left + (0 if stacked else side * number_in), 3)
            where = (key, over) if over else (key,)
            tall, href = round(low - high, 3), behind(listing, *where)
            words = _words(key, over, value)
            figure.columns.append(Part(x, high, round(side, 3), tall, css, "", words, href))
        if len(axis.keys) <= LABELLED and (stacked or not sums.over):
            value = sums.rows.get(key.value)
            figure.tops.append(Tick(round(left + width / 2, 3), shown(value) if value else ""))
            figure.heights.append(plot.up(span, max(reached[True], 0.0)))
    return figure


def _lines(listing: Listing, sums: Sums, *, area: bool) -> Figure:
    """Draw each series as a line; areas are stacked, so that their top edge is the whole."""
    axis, series = filled(listing, sums.by), series_of(sums.over)
    keys = [key for key in axis.keys if key.value is not None or not axis.dated]
    stacked = area and sums.over is not None
    span, marks = plot.spread(_numbers(sums, keys, stacked=stacked), whole=_whole(sums))
    band, _width = plot.bands(len(keys))
    figure = Figure("columns", _legend(series), zero=plot.up(span, 0), filled=area)
    figure.ticks = [Tick(plot.up(span, mark), shown(mark)) for mark in marks]
    figure.under = plot.labels([key.label for key in keys], band)
    floors = [0.0] * len(keys)
    for over, css in series:
        line = Line(over.label if over else "", css)
        lower = list(floors)
        for place, key in enumerate(keys):
            value = _value(sums, key, over)
            if value is None and not sums.measure.adds:
                continue
            floors[place] = (lower[place] if stacked else 0.0) + number_of(value)
            where = (key, over) if over else (key,)
            x, y = round(band * (place + 0.5), 3), plot.up(span, floors[place])
            words = _words(key, over, value or 0)
            line.points.append(Part(x, y, 0, 0, css, "", words, behind(listing, *where)))
        if area:
            line.area = _under(line, lower, span) if stacked else plot.shape(line, figure.zero)
        figure.lines.append(line)
    return figure


def _under(line: Line, lower: Sequence[float], span: plot.Range) -> str:
    """Return the corners between a line and the one below it."""
    top = [f"{point.x},{point.y}" for point in line.points]
    below = [
        f"{point.x},{plot.up(span, low)}" for point, low in zip(line.points, lower, strict=True)
    ]
    return " ".join([*top, *reversed(below)])


# ---- a ring: parts of a whole ----


def _ring(listing: Listing, sums: Sums) -> Figure:
    keys = [key for key in ordered(sums) if number_of(sums.rows[key.value]) > 0]
    whole = sum(number_of(sums.rows[key.value]) for key in keys)
    figure, start = Figure("ring"), 0.0
    if len(keys) > MOST_SLICES:
        keys.sort(key=lambda key: -number_of(sums.rows[key.value]))
        figure.left_out = len(keys) - MOST_SLICES
    for key, css in zip(keys[:MOST_SLICES], inks(keys[:MOST_SLICES]), strict=True):
        value = sums.rows[key.value]
        share = number_of(value) / whole
        path, part = plot.ring(start, share), round(share * 100)
        figure.slices.append(Slice(path, css, key.label, shown(value), part, behind(listing, key)))
        start += share
    if figure.left_out:
        rest = 1 - start
        words = _("%(count)s others") % {"count": figure.left_out}
        path = plot.ring(start, rest)
        figure.slices.append(Slice(path, "tone-grey", words, "", round(rest * 100), ""))
    return figure
