"""Lines, steps and areas over days or numbers."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from mainstay.plots import paper
from mainstay.plots.markup import element, joined, percent
from mainstay.plots.parts import Frame, Key, Line, Plot
from mainstay.plots.scale import Across, Up, X, across, apart, number_of, up

ROOM = 13.0
MANY = 6
Run = list[tuple[float, float]]


def lines(frame: Frame, series: Sequence[Line], *, stacked: bool = False) -> Plot:
    """Draw series over one axis; stacked areas lie on one another, the first at the bottom."""
    xs = _xs(series)
    known = [{number_of(x): y for x, y in line.points} for line in series]
    drawn = _stacked(xs, known) if stacked else known
    wide = across(xs)
    tall = _tall(frame, drawn)
    parts = [paper.below(frame, wide, tall)]
    if stacked:
        parts.append(_areas(series, xs, drawn, wide, tall))
    else:
        parts += [_line(line, xs, of, wide, tall) for line, of in zip(series, drawn, strict=True)]
    parts.append(paper.above(frame, wide, tall))
    parts.append(_ends(frame, series, xs, (known, drawn), (wide, tall)))
    ticks = frame.ticks or [(x, frame.under(x)) for x in xs]
    places = [wide.at(x) for x, _text in ticks]
    parts.append(paper.labels([text for _x, text in ticks], places, frame.height))
    rows = [(frame.label(x), *(_said(frame, of.get(number_of(x))) for of in known)) for x in xs]
    said = [_spoken(series, row) for row in rows]
    over = paper.slots(xs, wide, frame.height, said)
    legend = [Key(line.name, line.tone, _look(line, stacked=stacked)) for line in series]
    head = (frame.over, *(line.name for line in series))
    return paper.finished(frame, joined(parts), legend, (head, rows), over=over, ends=True)


def _xs(series: Sequence[Line]) -> list[X]:
    """Return every day or number that any series has, in order."""
    found: dict[float, X] = {number_of(x): x for line in series for x, _y in line.points}
    return [found[key] for key in sorted(found)]


def _tall(frame: Frame, drawn: Sequence[Mapping[float, float | None]]) -> Up:
    values = [y for of in drawn for y in of.values() if y is not None]
    values += [one.y for one in frame.levels]
    values += [number_of(one) for b in frame.bands if b.level for one in (b.first, b.last)]
    return up(values, frame.height, least_step=1.0 if frame.whole else 0.0)


def _stacked(
    xs: Sequence[X], known: Sequence[Mapping[float, float | None]]
) -> list[dict[float, float | None]]:
    """Return each series' top edge: its own numbers on those of the ones before it."""
    floor = {number_of(x): 0.0 for x in xs}
    found: list[dict[float, float | None]] = []
    for of in known:
        floor = {x: below + (of.get(x) or 0.0) for x, below in floor.items()}
        found.append(dict(floor))
    return found


def _line(
    line: Line, xs: Sequence[X], of: Mapping[float, float | None], wide: Across, tall: Up
) -> Markup:
    runs = _runs(xs, of, wide, tall)
    css = f"plot-line ink {line.tone}" + (f" plot-{line.dash}" if line.dash else "")
    step = line.kind == "step"
    path = "".join(_path(run, step=step) for run in runs)
    parts: list[Markup] = []
    if line.kind == "area":
        zero = tall.at(0)
        shape = "".join(
            f"{_path(run)}L{run[-1][0]:.3f} {zero:.2f}L{run[0][0]:.3f} {zero:.2f}Z" for run in runs
        )
        parts.append(element("path", class_=f"plot-area ink {line.tone}", d=shape))
    parts.append(element("path", class_=css, d=path, vector_effect="non-scaling-stroke"))
    found = [_stretched(joined(parts), tall.height)] if runs else []
    alone = [run[0] for run in runs if len(run) == 1]
    dots = [point for run in runs for point in run] if line.dots else alone
    found += [
        element("circle", class_=f"plot-dot ink {line.tone}", cx=percent(x), cy=y, r=3.5)
        for x, y in dots
    ]
    return joined(found)


def drawn_line(line: Line, wide: Across, tall: Up) -> Markup:
    """Return one line over places that were made for other marks."""
    of = {number_of(x): y for x, y in line.points}
    return _line(line, _xs([line]), of, wide, tall)


def _areas(
    series: Sequence[Line],
    xs: Sequence[X],
    drawn: Sequence[Mapping[float, float | None]],
    wide: Across,
    tall: Up,
) -> Markup:
    parts = []
    base: Run = [(wide.at(x), tall.at(0)) for x in xs]
    for line, of in zip(series, drawn, strict=True):
        top = [(wide.at(x), tall.at(of[number_of(x)] or 0.0)) for x in xs]
        if top:
            shape = _path(top) + "".join(f"L{x:.3f} {y:.2f}" for x, y in reversed(base)) + "Z"
            css = f"plot-stack ink {line.tone}"
            parts.append(element("path", class_=css, d=shape, vector_effect="non-scaling-stroke"))
        base = top
    return _stretched(joined(parts), tall.height)


def _stretched(marks: Markup, height: float) -> Markup:
    """Return marks that are as wide as the drawing: a hundred from left to right."""
    return element(
        "svg",
        marks,
        viewBox=f"0 0 100 {height:g}",
        width="100%",
        height=height,
        preserveAspectRatio="none",
        overflow="visible",
    )


def _runs(xs: Sequence[X], of: Mapping[float, float | None], wide: Across, tall: Up) -> list[Run]:
    """Return the places of a series in stretches without a gap; days it has no word on pass."""
    runs: list[Run] = []
    whole = False
    for x in xs:
        key = number_of(x)
        if key not in of:
            continue
        value = of[key]
        if value is None:
            whole = False
            continue
        if not whole:
            runs.append([])
        whole = True
        runs[-1].append((wide.at(x), tall.at(value)))
    return runs


def _path(run: Run, *, step: bool = False) -> str:
    first, *rest = run
    found = [f"M{first[0]:.3f} {first[1]:.2f}"]
    found += [f"H{x:.3f}V{y:.2f}" if step else f"L{x:.3f} {y:.2f}" for x, y in rest]
    return "".join(found)


def _ends(
    frame: Frame,
    series: Sequence[Line],
    xs: Sequence[X],
    numbers: tuple[Sequence[Mapping[float, float | None]], Sequence[Mapping[float, float | None]]],
    places: tuple[Across, Up],
) -> Markup:
    """Return the name and last number of each line beside its end."""
    known, drawn = numbers
    wide, tall = places
    stacked = known is not drawn
    found: list[tuple[Line, float, float, str]] = []
    base = tall.at(0)
    for line, own, of in zip(series, known, drawn, strict=True):
        last = next((x for x in reversed(xs) if of.get(number_of(x)) is not None), None)
        if last is None or line.dash == "ideal":
            continue
        y = tall.at(of[number_of(last)] or 0.0)
        room, base_before = base - y, base
        base = y
        if stacked and room < ROOM:
            continue
        at = (y + base_before) / 2 if stacked else y
        found.append((line, wide.at(last), at + 4, _said(frame, own.get(number_of(last)))))
    if len(found) > MANY and not stacked:
        return Markup("")
    heights = apart([one[2] for one in found], paper.APART, tall.height + 4)
    return joined(
        element(
            "text",
            element("tspan", f"{line.name} ", class_="plot-wide"),
            words,
            class_="plot-end plot-mark",
            x=percent(x),
            dx=8,
            y=y,
        )
        for (line, x, _y, words), y in zip(found, heights, strict=True)
    )


def _said(frame: Frame, value: float | None) -> str:
    return "" if value is None else frame.number(value)


def _spoken(series: Sequence[Line], row: Sequence[str]) -> str:
    said = [f"{line.name} {text}" for line, text in zip(series, row[1:], strict=True) if text]
    return f"{row[0]}: " + ", ".join(said)


def _look(line: Line, *, stacked: bool) -> str:
    return "box" if stacked else "area" if line.kind == "area" else line.dash or "line"
