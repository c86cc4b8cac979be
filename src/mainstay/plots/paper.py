"""The paper under every chart: grid, marked heights, labels, shaded stretches, reference lines."""

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from mainstay.plots.markup import element, joined, percent
from mainstay.plots.parts import Band, Frame, Key, Moment, Plot
from mainstay.plots.scale import Across, Up, X, apart, number_of, thinned

APART = 14.0


def below(frame: Frame, wide: Across, tall: Up) -> Markup:
    """Return what lies under the marks."""
    parts = [_band(band, wide, tall) for band in frame.bands]
    for mark in tall.marks:
        y = tall.at(mark)
        css = "plot-zero" if mark == 0 else "plot-grid"
        parts.append(element("line", class_=css, x1="0", x2="100%", y1=y, y2=y))
        words = frame.number(mark)
        parts.append(
            element("text", words, class_="plot-tick", x=0, dx=-8, y=y + 4, text_anchor="end")
        )
    if frame.axis:
        parts.append(element("text", frame.axis, class_="plot-tick", x=0, dx=-8, y=2))
    return joined(parts)


def above(frame: Frame, wide: Across, tall: Up) -> Markup:
    """Return what lies over the marks: heights with names, and days with names."""
    parts = [
        element(
            "line",
            class_=f"plot-level ink {one.tone}",
            x1="0",
            x2="100%",
            y1=tall.at(one.y),
            y2=tall.at(one.y),
        )
        for one in frame.levels
    ]
    names = [(tall.at(one.y), one.name) for one in frame.levels]
    names += [(tall.at(number_of(b.last)), b.name) for b in frame.bands if b.level and b.name]
    places = apart([y + 4 for y, _name in names], APART, tall.height)
    parts += [
        element("text", name, class_="plot-mark plot-level-name", x="100%", dx=8, y=y)
        for (_y, name), y in zip(names, places, strict=True)
    ]
    parts += [_moment(one, wide.at(one.x), tall.height) for one in frame.moments]
    return joined(parts)


def _moment(moment: Moment, x: float, height: float) -> Markup:
    """Return a line from top to bottom with its name, where it is within the drawing."""
    if not 0 <= x <= 100:
        return Markup()
    left, at = x <= 80, percent(x)
    line = element("line", class_="plot-moment", x1=at, x2=at, y1=0, y2=height)
    side = "start" if left else "end"
    name = element(
        "text",
        moment.name,
        class_="plot-mark",
        x=at,
        dx=5 if left else -5,
        y=10,
        text_anchor=side,
    )
    return joined((line, name))


def labels(texts: Sequence[str], places: Sequence[float], height: float) -> Markup:
    """Return the labels under a drawing, as many as there is room for."""
    return joined(
        element(
            "text",
            texts[n],
            class_="plot-under plot-rare" if rare else "plot-under",
            x=percent(places[n]),
            y=height + 20,
            text_anchor="middle",
        )
        for n, rare in thinned(len(texts))
    )


def slots(xs: Sequence[X], wide: Across, height: float, said: Sequence[str]) -> Markup:
    """Return one stretch for each day that says all its numbers under the pointer."""
    places = [wide.at(x) for x in xs]
    ends = [0.0, *((a + b) / 2 for a, b in pairwise(places)), 100.0]
    return joined(
        element(
            "g",
            element("title", words),
            element(
                "rect",
                class_="plot-hit",
                x=percent(ends[n]),
                width=percent(ends[n + 1] - ends[n]),
                y=0,
                height=height,
            ),
            element("line", class_="plot-guide", x1=percent(x), x2=percent(x), y1=0, y2=height),
            class_="plot-slot",
        )
        for n, (x, words) in enumerate(zip(places, said, strict=True))
    )


def finished(
    frame: Frame,
    marks: Markup,
    legend: Sequence[Key],
    table: tuple[Sequence[str], Sequence[Sequence[str]]],
    *,
    over: Markup = Markup(""),  # noqa: B008
    linked: bool = False,
    ends: bool = False,
) -> Plot:
    """Return the drawing; marks that lead somewhere are read one by one, others as a picture."""
    svg = element(
        "svg",
        element("desc", frame.desc) if frame.desc else "",
        marks,
        over,
        class_="plot-svg",
        width="100%",
        height=frame.height,
        role="group" if linked else "img",
        aria_label=frame.title,
        focusable="false",
    )
    head, rows = table
    return Plot(
        title=frame.title,
        desc=frame.desc,
        svg=svg,
        marks=marks,
        height=frame.height,
        legend=tuple(legend),
        head=tuple(head),
        rows=tuple(tuple(row) for row in rows),
        ends=ends or bool(frame.levels) or any(band.level and band.name for band in frame.bands),
    )


def _band(band: Band, wide: Across, tall: Up) -> Markup:
    if band.level:
        high, low = (tall.at(number_of(one)) for one in (band.last, band.first))
        return element("rect", class_="plot-band", x="0", width="100%", y=high, height=low - high)
    left, right = (min(100.0, max(0.0, wide.at(one))) for one in (band.first, band.last))
    found = element(
        "rect",
        class_="plot-band",
        x=percent(left),
        width=percent(right - left),
        y=0,
        height=tall.height,
    )
    name = element("text", band.name, class_="plot-mark", x=percent(left), dx=4, y=10)
    return joined((found, name)) if band.name else found
