"""Single points over days or numbers, with the lines that sum them up."""

from collections.abc import Sequence

from markupsafe import Markup

from mainstay.plots import paper
from mainstay.plots.lines import drawn_line
from mainstay.plots.markup import element, joined, percent
from mainstay.plots.parts import Dot, Frame, Key, Line, Plot
from mainstay.plots.scale import Across, Up, X, across, number_of, up

TICKS = 8


def scatter(
    frame: Frame, dots: Sequence[Dot], lines: Sequence[Line] = (), *, keys: Sequence[Key] = ()
) -> Plot:
    """Draw points; `lines` go over them, like a rolling mean; `keys` say what colours mean."""
    xs = [dot.x for dot in dots] + [x for line in lines for x, _y in line.points]
    xs += [one for band in frame.bands if not band.level for one in (band.first, band.last)]
    wide = across(xs)
    values = [dot.y for dot in dots] + [one.y for one in frame.levels]
    values += [y for line in lines for _x, y in line.points if y is not None]
    tall = up(values, frame.height, least_step=1.0 if frame.whole else 0.0)
    parts = [paper.below(frame, wide, tall)]
    parts += [_dot(dot, wide, tall) for dot in dots]
    parts += [drawn_line(line, wide, tall) for line in lines]
    parts.append(paper.above(frame, wide, tall))
    shown = _ticks([x for x in xs if wide.first <= number_of(x) <= wide.last])
    places = [wide.at(x) for x in shown]
    parts.append(paper.labels([frame.under(x) for x in shown], places, frame.height))
    legend = [*keys, *(Key(line.name, line.tone, line.dash or "line") for line in lines)]
    rows = [(frame.label(dot.x), dot.words, frame.number(dot.y)) for dot in dots]
    linked = any(dot.href for dot in dots)
    table = ((frame.over, frame.title, frame.axis), rows)
    return paper.finished(frame, joined(parts), legend, table, linked=linked)


def _dot(dot: Dot, wide: Across, tall: Up) -> Markup:
    shape = element(
        "circle",
        class_=f"plot-dot ink {dot.tone}" + ("" if dot.strong else " plot-tint"),
        cx=percent(wide.at(dot.x)),
        cy=tall.at(dot.y),
        r=5 if dot.strong else 4,
    )
    words = element("title", dot.words)
    if dot.href:
        return element("a", words, shape, href=dot.href, aria_label=dot.words)
    return element("g", words, shape)


def _ticks(xs: Sequence[X]) -> list[X]:
    """Return some of the days, about as far from each other."""
    kept = sorted({number_of(x): x for x in xs}.items())
    if len(kept) <= TICKS:
        return [x for _key, x in kept]
    first, last = kept[0][0], kept[-1][0]
    goals = [first + (last - first) * n / (TICKS - 1) for n in range(TICKS)]
    nearest = {min(kept, key=lambda one: abs(one[0] - goal)) for goal in goals}
    return [x for _key, x in sorted(nearest)]
