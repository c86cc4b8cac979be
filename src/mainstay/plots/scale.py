"""From numbers to places: round marks on an axis, and where a number stands between them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, isfinite, log10

# Numbers closer to each other than this are drawn as one.
LEAST = 1e-9
LABELS = 12
FEW_LABELS = 5
X = float | date


@dataclass(frozen=True)
class Across:
    """The places from the left end of a drawing to its right end."""

    first: float
    last: float

    def at(self, value: X) -> float:
        """Return where a day or number stands, in hundredths of the width."""
        if self.last - self.first < LEAST:
            return 50.0
        return (number_of(value) - self.first) / (self.last - self.first) * 100


@dataclass(frozen=True)
class Up:
    """The places from the bottom of a drawing to its top, some room left there for labels."""

    low: float
    high: float
    marks: tuple[float, ...]
    height: float
    top: float = 18.0

    def at(self, value: float) -> float:
        """Return how far from the top a number stands."""
        share = (value - self.low) / (self.high - self.low)
        return self.height - share * (self.height - self.top)


def number_of(value: X) -> float:
    """Return a day as a number, a number as it is."""
    return float(value.toordinal()) if isinstance(value, date) else float(value)


def across(values: Iterable[X]) -> Across:
    """Return the places of these values, from the least to the greatest."""
    found = [number_of(value) for value in values]
    return Across(min(found, default=0.0), max(found, default=1.0))


def up(values: Iterable[float], height: float, *, least_step: float = 0.0, count: int = 4) -> Up:
    """Return places that hold zero and all values, marked with about `count` round numbers."""
    found = [value for value in values if isfinite(value)]
    low, high = min(found, default=0.0), max(found, default=0.0)
    low, high = min(0.0, low), max(0.0, high)
    if high - low < LEAST:
        high = low + 1.0
    step = max(nice((high - low) / count), least_step)
    first, last = floor(low / step + LEAST), ceil(high / step - LEAST)
    marks = tuple(round(n * step, 9) for n in range(first, max(last, first + 1) + 1))
    return Up(marks[0], marks[-1], marks, height)


def nice(step: float) -> float:
    """Return the next number of the kind 1, 2, 5, 10 that is not below a step."""
    if step <= 0:
        return 1.0
    power: float = 10.0 ** floor(log10(step))
    return next(power * n for n in (1, 2, 5, 10) if power * n >= step * (1 - LEAST))


def thinned(count: int) -> list[tuple[int, bool]]:
    """Return which of so many labels are written, and which of them only where there is room."""
    each = max(1, ceil(count / LABELS))
    few = max(1, ceil(count / FEW_LABELS))
    few += -few % each
    return [(n, bool(n % few)) for n in range(0, count, each)]


def apart(places: Sequence[float], least: float, most: float) -> list[float]:
    """Return heights of labels moved so that none covers another, in the same order."""
    order = sorted(range(len(places)), key=lambda n: places[n])
    found = list(places)
    above = -least
    for n in order:
        found[n] = max(found[n], above + least)
        above = found[n]
    below = most + least
    for n in reversed(order):
        found[n] = min(found[n], below - least)
        below = found[n]
    return found
