"""Cells in rows and columns, the darker the more."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from mainstay.plots import paper
from mainstay.plots.markup import element, joined, percent
from mainstay.plots.parts import Cell, Frame, Plot
from mainstay.plots.scale import thinned

ROW = 34.0
HEAD = 26.0
SHADES = 5
LONGEST = 20
GUTTER = 148.0


def heat(
    frame: Frame,
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Mapping[tuple[int, int], Cell],
) -> Plot:
    """Draw a cell for each row and column; without a cell the place stays empty."""
    most = max((abs(c.value) for c in cells.values() if c.value is not None), default=0.0)
    width = 100 / max(1, len(columns))
    height = HEAD + ROW * len(rows)
    parts = [_head(columns, width)]
    for r, name in enumerate(rows):
        top = HEAD + ROW * r
        short = name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "…"
        title = element("title", name)
        parts.append(
            element(
                "text", title, short, class_="plot-row", x=0, dx=-10, y=top + 21, text_anchor="end"
            )
        )
        parts += [
            _cell(cells.get((r, c), Cell(None)), (width * c, width, top), most, frame)
            for c in range(len(columns))
        ]
    table = [
        (name, *(_text(cells.get((r, c)), frame) for c in range(len(columns))))
        for r, name in enumerate(rows)
    ]
    linked = any(cell.href for cell in cells.values())
    sized = Frame(frame.title, frame.desc, height=height)
    plot = paper.finished(sized, joined(parts), (), ((frame.over, *columns), table), linked=linked)
    return Plot(
        plot.title, plot.desc, plot.svg, plot.marks, height, (), plot.head, plot.rows, GUTTER
    )


def _head(columns: Sequence[str], width: float) -> Markup:
    return joined(
        element(
            "text",
            columns[n],
            class_="plot-under plot-rare" if rare else "plot-under",
            x=percent(width * (n + 0.5)),
            y=14,
            text_anchor="middle",
        )
        for n, rare in thinned(len(columns))
    )


def _cell(cell: Cell, place: tuple[float, float, float], most: float, frame: Frame) -> Markup:
    left, width, top = place
    shade = "plot-empty"
    if cell.tone:
        shade = f"ink plot-tint {cell.tone}"
    elif cell.value is not None and most:
        shade = f"plot-heat plot-heat-{max(1, round(abs(cell.value) / most * SHADES))}"
    parts: list[Markup] = [element("title", cell.words)] if cell.words else []
    parts.append(
        element(
            "rect",
            class_=shade,
            x=percent(left + width * 0.03),
            width=percent(width * 0.94),
            y=top + 1,
            height=ROW - 2,
            rx=4,
        )
    )
    if text := _text(cell, frame):
        middle = percent(left + width / 2)
        parts.append(
            element("text", text, class_="plot-inside", x=middle, y=top + 21, text_anchor="middle")
        )
    if cell.href:
        return element("a", *parts, href=cell.href, aria_label=cell.words or text)
    return element("g", *parts)


def _text(cell: Cell | None, frame: Frame) -> str:
    if cell is None:
        return ""
    return cell.text or ("" if cell.value is None else frame.number(cell.value))
