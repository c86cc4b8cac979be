"""A chart as a file of its own: the same marks, with title, legend and colours inside."""

from collections.abc import Sequence
from textwrap import wrap

from markupsafe import Markup

from mainstay.plots.markup import element, joined

WIDTH = 960
MARGIN = 24
RIGHT = 148
LETTER = 7.0
INKS = {
    "series-1": "#3b66d1",
    "series-2": "#c4620a",
    "series-3": "#0f8577",
    "series-4": "#b03a83",
    "series-5": "#8f7000",
    "series-6": "#2784b5",
    "series-7": "#a8402f",
    "series-8": "#6b6e7b",
    "tone-blue": "#3a6fd8",
    "tone-green": "#23924a",
    "tone-yellow": "#c58a09",
    "tone-orange": "#d0661b",
    "tone-red": "#cf3a32",
    "tone-purple": "#7c4fd0",
    "tone-teal": "#14868c",
    "tone-grey": "#8b8d99",
}
STYLE = """
text{font:12px Inter,ui-sans-serif,system-ui,sans-serif;fill:#5f616c}
.plot-title{font-size:17px;font-weight:600;fill:#1b1c21}
.plot-grid{stroke:#e7e7ec}.plot-zero{stroke:#8b8d99}
.plot-band{fill:#8b8d99;fill-opacity:.12}
.plot-line,.plot-level,.plot-moment{fill:none;stroke-width:2}
.plot-line{stroke-linejoin:round;stroke-linecap:round}
.plot-level,.plot-moment{stroke-width:1.25;stroke-dasharray:5 4}.plot-moment{stroke:#5f616c}
.plot-ideal{stroke-width:1.5;stroke-dasharray:6 5}.plot-forecast{stroke-dasharray:1 5}
.plot-area{stroke:none;fill-opacity:.2}.plot-stack{fill-opacity:.85}
.plot-faint{fill-opacity:.4}.plot-dot{stroke:#fff}.plot-hit{fill:none;stroke:none}
.plot-end,.plot-top{font-weight:600;fill:#1b1c21}
.plot-mark{paint-order:stroke;stroke:#fff;stroke-width:3px}
.plot-empty{fill:#f6f6f8}.plot-inside{fill:#1b1c21}
"""


def style() -> str:
    """Return the colours and lines that a page would take from its own stylesheet."""
    inks = "".join(
        f".{name}{{fill:{ink}}}.plot-line.{name},.plot-level.{name}{{fill:none;stroke:{ink}}}"
        f".plot-tint.{name}{{fill-opacity:.3}}"
        for name, ink in INKS.items()
    )
    heat = "".join(
        f".plot-heat-{n}{{fill:#3b66d1;fill-opacity:{share}}}"
        for n, share in enumerate((0.08, 0.2, 0.34, 0.48, 0.62), 1)
    )
    return inks + heat + "".join(STYLE.splitlines())


def picture(
    title: str,
    desc: str,
    keys: Sequence[tuple[str, str, str]],
    marks: Markup,
    height: float,
    gutter: float,
) -> str:
    """Return the file: what the chart is called, what it means, its legend and its marks."""
    lines = wrap(desc, 128)
    top = MARGIN + 12.0
    parts = [element("text", title, class_="plot-title", x=MARGIN, y=top)]
    for line in lines:
        top += 18
        parts.append(element("text", line, x=MARGIN, y=top))
    if keys:
        top += 26
        parts.append(_legend(keys, top))
    top += 18
    inside = WIDTH - MARGIN - gutter - RIGHT
    parts.append(
        element(
            "svg", marks, x=MARGIN + gutter, y=top, width=inside, height=height, overflow="visible"
        )
    )
    whole = top + height + 28 + MARGIN
    return str(
        element(
            "svg",
            element("title", title),
            element("desc", desc),
            element("style", Markup(style())),  # noqa: S704
            element("rect", width=WIDTH, height=whole, fill="#fff"),
            *parts,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {WIDTH} {whole:g}",
            width=WIDTH,
            height=whole,
            role="img",
        )
    )


def _legend(keys: Sequence[tuple[str, str, str]], top: float) -> Markup:
    parts: list[Markup] = []
    left = float(MARGIN)
    for name, tone, look in keys:
        parts.append(sample(tone, look, left, top - 4))
        parts.append(element("text", name, x=left + 26, y=top))
        left += 26 + LETTER * len(name) + 22
    return joined(parts)


def sample(tone: str, look: str, left: float = 0, middle: float = 6) -> Markup:
    """Return what a series looks like, in twenty by twelve."""
    if look in ("box", "faint", "area"):
        css = {"box": "", "faint": " plot-faint", "area": " plot-area"}[look]
        return element(
            "rect", class_=f"ink {tone}{css}", x=left + 4, y=middle - 6, width=12, height=12, rx=3
        )
    if look == "dot":
        return element("circle", class_=f"ink {tone}", cx=left + 10, cy=middle, r=4)
    css = {"ideal": " plot-ideal", "forecast": " plot-forecast"}.get(look, "")
    return element(
        "line",
        class_=f"plot-line ink {tone}{css}",
        x1=left,
        x2=left + 20,
        y1=middle,
        y2=middle,
    )
