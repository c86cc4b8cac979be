"""Where the marks of a chart stand: lengths, columns, lines and slices as shares of the drawing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, cos, floor, log10, pi, sin

SERIES = 8
TOP = 92.0
LEAST_BANDS = 6
LABELS = 12
FEW_LABELS = 6
# Numbers closer to zero than this are drawn as nothing.
LEAST = 1e-6


@dataclass(frozen=True)
class Part:
    """One mark: its place and size in hundredths, its colour, what it says and where it leads."""

    x: float
    y: float
    width: float
    height: float
    color: str
    text: str
    words: str
    href: str

    @property
    def said(self) -> str:
        """Return the number alone, as it stands beside the mark."""
        return self.words.rpartition(": ")[2]


@dataclass(frozen=True)
class Tick:
    """A line across the drawing, with its number; or a label under it."""

    at: float
    text: str
    rare: bool = False


@dataclass
class Line:
    """One series as a line: its points, and the shape under it."""

    label: str
    color: str
    points: list[Part] = field(default_factory=list)
    area: str = ""

    @property
    def steps(self) -> list[tuple[Part, Part]]:
        """Return each point with the one that follows."""
        return list(zip(self.points, self.points[1:], strict=False))


@dataclass(frozen=True)
class Slice:
    """One part of a whole, as a piece of a ring."""

    path: str
    color: str
    label: str
    text: str
    share: int
    href: str


@dataclass(frozen=True)
class Range:
    """The numbers from one end of the drawing to the other."""

    low: float
    high: float

    def share(self, value: float) -> float:
        """Return where a number stands, in hundredths from the low end."""
        return round((value - self.low) / (self.high - self.low) * 100, 3)


def color(place: int) -> str:
    """Return the colour of a series by its place; after the last the first comes again."""
    return f"series-{place % SERIES + 1}"


def nice(step: float) -> float:
    """Return the next number of the kind 1, 2, 5, 10 that is not below a step."""
    if step <= 0:
        return 1.0
    power: float = 10.0 ** floor(log10(step))
    return next(power * n for n in (1, 2, 5, 10) if power * n >= step * 0.999999)


def spread(values: Sequence[float], *, whole: bool, count: int = 4) -> tuple[Range, list[float]]:
    """Return a range from zero that holds all values, and the round numbers to mark in it."""
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    if high - low < LEAST:
        low, high = 0.0, 1.0
    step = nice((high - low) / count)
    step = max(1.0, step) if whole else step
    first, last = floor(low / step), ceil(high / step - 1e-9)
    marks = [round(n * step, 9) for n in range(first, last + 1)]
    return Range(marks[0], marks[-1]), marks


def bands(count: int) -> tuple[float, float]:
    """Return how wide each column's place is, and how wide the column in it."""
    band = 100 / max(count, LEAST_BANDS)
    return band, band * (0.72 if count <= 40 else 0.86)


def up(span: Range, value: float) -> float:
    """Return how far from the top a number stands; some room is left for its label."""
    return round(100 - span.share(value) * TOP / 100, 3)


def labels(texts: Sequence[str], band: float) -> list[Tick]:
    """Return the labels under the columns, as many as there is room for."""
    each = max(1, ceil(len(texts) / LABELS))
    few = max(1, ceil(len(texts) / FEW_LABELS))
    few += -few % each
    return [
        Tick(round(band * (n + 0.5), 3), text, rare=bool(n % few))
        for n, text in enumerate(texts)
        if n % each == 0
    ]


def shape(line: Line, base: float) -> str:
    """Return the corners of the area under a line."""
    if not line.points:
        return ""
    first, last = line.points[0], line.points[-1]
    top = " ".join(f"{point.x},{point.y}" for point in line.points)
    return f"{first.x},{base} {top} {last.x},{base}"


def ring(start: float, share: float) -> str:
    """Return a piece of a ring of radius 90 around 100, 100, from a share of the turn on."""
    share = min(share, 0.99999)
    outer, inner = 90, 56
    corners = []
    for radius, at in ((outer, start), (outer, start + share), (inner, start + share)):
        corners.append(_corner(radius, at))
    corners.append(_corner(inner, start))
    wide = 1 if share > 0.5 else 0
    a, b, c, d = (f"{x:.2f} {y:.2f}" for x, y in corners)
    return f"M{a}A{outer} {outer} 0 {wide} 1 {b}L{c}A{inner} {inner} 0 {wide} 0 {d}Z"


def _corner(radius: float, at: float) -> tuple[float, float]:
    turn = at * 2 * pi - pi / 2
    return 100 + radius * cos(turn), 100 + radius * sin(turn)
