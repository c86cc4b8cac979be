"""Bars beside one another or on one another."""

from collections.abc import Sequence

from markupsafe import Markup

from mainstay.plots import paper
from mainstay.plots.markup import element, joined, percent
from mainstay.plots.parts import Bars, Frame, Key, Plot
from mainstay.plots.scale import Across, Up, number_of, up

LEAST_PLACES = 6
LABELLED = 16


def bars(
    frame: Frame, places: Sequence[str], series: Sequence[Bars], *, stacked: bool = False
) -> Plot:
    """Draw a group of bars at each place; stacked ones lie on one another."""
    band = 100 / max(len(places), LEAST_PLACES)
    tall = _tall(frame, places, series, stacked=stacked)
    wide = Across(0.0, float(max(len(places), LEAST_PLACES)))
    parts = [paper.below(frame, wide, tall)]
    width = band * (0.64 if len(places) <= 40 else 0.86)
    side = width if stacked else width / max(1, len(series))
    for n in range(len(places)):
        parts += _group(frame, n, places, series, (band, width, side), tall, stacked=stacked)
    parts.append(paper.above(frame, wide, tall))
    middles = [band * (n + 0.5) for n in range(len(places))]
    parts.append(paper.labels(places, middles, frame.height))
    rows = [
        (place, *(_text(frame, one.values[n]) for one in series)) for n, place in enumerate(places)
    ]
    legend = [Key(one.name, one.tone, "faint" if one.faint else "box") for one in series]
    table = ((frame.over, *(one.name for one in series)), rows)
    linked = any(one.hrefs for one in series)
    return paper.finished(frame, joined(parts), legend, table, linked=linked)


def _tall(frame: Frame, places: Sequence[str], series: Sequence[Bars], *, stacked: bool) -> Up:
    values = [value for one in series for value in one.values if value is not None]
    if stacked:
        columns = [[one.values[n] or 0.0 for one in series] for n in range(len(places))]
        values += [sum(v for v in column if v > 0) for column in columns]
        values += [sum(v for v in column if v < 0) for column in columns]
    values += [one.y for one in frame.levels]
    values += [number_of(one) for b in frame.bands if b.level for one in (b.first, b.last)]
    return up(values, frame.height, least_step=1.0 if frame.whole else 0.0)


def _group(
    frame: Frame,
    n: int,
    places: Sequence[str],
    series: Sequence[Bars],
    sizes: tuple[float, float, float],
    tall: Up,
    *,
    stacked: bool,
) -> list[Markup]:
    """Return the bars of one place, with their numbers where there is room."""
    band, width, side = sizes
    left = band * n + (band - width) / 2
    reached = {True: 0.0, False: 0.0}
    found: list[Markup] = []
    for number, one in enumerate(series):
        value = one.values[n]
        if value is None:
            continue
        start = reached[value >= 0] if stacked else 0.0
        reached[value >= 0] = start + value
        high, low = sorted((tall.at(start), tall.at(start + value)))
        x = left + (0.0 if stacked else side * number)
        gap = 0.0 if stacked else side * 0.04
        shape = _bar(one, (x + gap, side - 2 * gap, high, low), round_=not stacked)
        said = f"{places[n]}, {one.name}: {frame.number(value)}"
        words = one.words[n] if one.words else said
        href = one.hrefs[n] if one.hrefs else ""
        found.append(
            element("a", element("title", words), shape, href=href, aria_label=words)
            if href
            else element("g", element("title", words), shape)
        )
        if not stacked and len(places) * len(series) <= LABELLED and value:
            found.append(_top(frame.number(value), x + side / 2, high))
    if stacked and len(places) <= LABELLED and reached[True]:
        found.append(_top(frame.number(reached[True]), left + width / 2, tall.at(reached[True])))
    return found


def _bar(one: Bars, place: tuple[float, float, float, float], *, round_: bool) -> Markup:
    x, width, high, low = place
    return element(
        "rect",
        class_=f"ink {one.tone}" + (" plot-faint" if one.faint else ""),
        x=percent(x),
        width=percent(width),
        y=high,
        height=low - high,
        rx=2 if round_ else 0,
    )


def _top(text: str, x: float, y: float) -> Markup:
    return element(
        "text", text, class_="plot-top plot-mark", x=percent(x), y=y - 5, text_anchor="middle"
    )


def _text(frame: Frame, value: float | None) -> str:
    return "" if value is None else frame.number(value)
