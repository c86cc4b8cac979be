"""What a chart is made of, as plain data; and what a drawing gives back."""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from typing import Literal
from urllib.parse import quote

from markupsafe import Markup

from mainstay.plots.scale import X
from mainstay.plots.standalone import picture

NUMBER = re.compile(r"[+-]?[\d.,\u00a0\u202f ]+")
Kind = Literal["line", "step", "area"]
Dash = Literal["", "ideal", "forecast"]


def plain(value: float) -> str:
    """Write a number with at most two decimals."""
    return f"{round(value, 2):g}" if abs(value) < 1e6 else f"{value:.0f}"


def named(value: X) -> str:
    """Write a day or a number of the axis."""
    return value.isoformat() if isinstance(value, date) else plain(value)


@dataclass(frozen=True)
class Line:
    """One series over days or numbers; a value that is None leaves a gap."""

    name: str
    points: Sequence[tuple[X, float | None]]
    tone: str = "series-1"
    kind: Kind = "line"
    dash: Dash = ""
    dots: bool = False


@dataclass(frozen=True)
class Bars:
    """One series of bars, a value for each place; words and addresses where they are given."""

    name: str
    values: Sequence[float | None]
    tone: str = "series-1"
    hrefs: Sequence[str] = ()
    words: Sequence[str] = ()
    faint: bool = False


@dataclass(frozen=True)
class Dot:
    """One point of a scatter: where it stands, what it says, and where it leads."""

    x: X
    y: float
    words: str
    href: str = ""
    tone: str = "series-1"
    strong: bool = False


@dataclass(frozen=True)
class Cell:
    """One cell of a heat map: its number decides the shade, unless a tone is given."""

    value: float | None
    text: str = ""
    words: str = ""
    href: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Level:
    """A line across the drawing at one height, with its name: an average, a percentile, a limit."""

    y: float
    name: str
    tone: str = "series-8"


@dataclass(frozen=True)
class Band:
    """A shaded stretch: from left to right between two days, or at heights between two numbers."""

    first: X
    last: X
    name: str = ""
    level: bool = False


@dataclass(frozen=True)
class Moment:
    """A line from top to bottom at one day: today, a start, a change."""

    x: X
    name: str


@dataclass(frozen=True)
class Frame:
    """What stands around the marks: words, reference lines, and how numbers are written."""

    title: str
    desc: str = ""
    axis: str = ""
    over: str = ""
    levels: Sequence[Level] = ()
    bands: Sequence[Band] = ()
    moments: Sequence[Moment] = ()
    number: Callable[[float], str] = plain
    label: Callable[[X], str] = named
    short: Callable[[X], str] | None = None
    ticks: Sequence[tuple[X, str]] = ()
    whole: bool = False
    height: float = 280.0

    def under(self, value: X) -> str:
        """Write a day under the drawing, as short as it may be."""
        return (self.short or self.label)(value)


@dataclass(frozen=True)
class Key:
    """One line of the legend: a name, its colour, and what its sample looks like."""

    name: str
    tone: str
    look: str = "line"


@dataclass(frozen=True)
class Plot:
    """A chart that was drawn: for a page, as a file, and as a table.

    `ends` says that names stand to the right of the drawing and want room there.
    """

    title: str
    desc: str
    svg: Markup
    marks: Markup
    height: float
    legend: tuple[Key, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    gutter: float = 52.0
    ends: bool = False

    @property
    def image(self) -> str:
        """Return the chart as an SVG file: title, legend and colours are in it."""
        several = self.legend if len(self.legend) > 1 else ()
        keys = [(key.name, key.tone, key.look) for key in several]
        return picture(self.title, self.desc, keys, self.marks, self.height, self.gutter)

    @property
    def address(self) -> str:
        """Return the file as a data address, for a link that downloads it."""
        return "data:image/svg+xml;charset=utf-8," + quote(self.image)

    @property
    def sheet(self) -> str:
        """Return the table as a CSV file, as a data address for a link that downloads it."""
        text = StringIO()
        rows = ([_safe(cell) for cell in row] for row in (self.head, *self.rows))
        csv.writer(text).writerows(rows)
        return "data:text/csv;charset=utf-8," + quote("\ufeff" + text.getvalue())


def _safe(cell: str) -> str:
    """Return a cell that no table program takes for a formula; numbers stay numbers."""
    risky = cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not NUMBER.fullmatch(cell)
    return f"'{cell}" if risky else cell
