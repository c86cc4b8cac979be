"""How sound a sprint is: the formula of its health, factor by factor, as pure functions."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from mainstay.modules.projects.api import band

FactorName = Literal["completion", "utilisation", "impediments", "overdue"]
LEAST_DONE = 70.0
LEAST_USED = 80.0
MOST_USED = 120.0
FIVE = 5


@dataclass(frozen=True)
class Stand:
    """What the health of a sprint looks at."""

    committed: float
    completed: float
    capacity: Decimal | None
    worked: Decimal
    impediments: int
    end: date | None
    on: date


class SprintFactor(Struct, kw_only=True, frozen=True):
    """One thing that a sprint's health depends on: what it takes away, and why."""

    name: FactorName
    effect: float
    why: str
    measured: float | None = None


class SprintHealth(Struct, kw_only=True, frozen=True):
    """A sprint's health from 1 (sound) to 0, in words, and what made it so."""

    score: float
    band: str
    factors: list[SprintFactor]


def completion(completed: float, committed: float) -> float | None:
    """Return completed in percent of committed points; with nothing committed there is none."""
    return round(100 * completed / committed, 2) if committed > 0 else None


def utilisation(worked: Decimal, capacity: Decimal | None) -> float | None:
    """Return worked in percent of possible hours; without capacity there is none."""
    return round(float(100 * worked / capacity), 2) if capacity else None


def health(stand: Stand) -> SprintHealth:
    """Return a sprint's health: 1, less what each factor takes away, and never below 0.

    Under 70 % completed: 0.4 of what is missing to that; under 80 % or over 120 % of the hours
    used: 0.3 of the distance; each open impediment a fifth of 0.2; overdue: 0.1.
    """
    factors = [_completion(stand), _utilisation(stand), _impediments(stand), _overdue(stand)]
    # Rounded, so that 1 - 0.3 - 0.1 stands in the band of 0.6 rather than a hair below.
    score = max(0.0, round(1.0 + sum(factor.effect for factor in factors), 9))
    return SprintHealth(score=score, band=band(score), factors=factors)


def _completion(stand: Stand) -> SprintFactor:
    share = completion(stand.completed, stand.committed)
    if share is None:
        why = "No points were committed, so none can be missing."
        return SprintFactor(name="completion", effect=0.0, why=why)
    exact = 100 * stand.completed / stand.committed
    missing = max(0.0, LEAST_DONE - exact) / LEAST_DONE
    why = f"{share:g} % of the committed points are completed; under 70 % count against it."
    return SprintFactor(name="completion", effect=_less(0.4 * missing), why=why, measured=share)


def _utilisation(stand: Stand) -> SprintFactor:
    share = utilisation(stand.worked, stand.capacity)
    if share is None or not stand.capacity:
        why = "No capacity is known, so its use cannot be measured."
        return SprintFactor(name="utilisation", effect=0.0, why=why)
    exact = float(100 * stand.worked / stand.capacity)
    far = max(0.0, LEAST_USED - exact) / LEAST_USED + max(0.0, exact - MOST_USED) / MOST_USED
    why = f"{share:g} % of the hours are used; under 80 % and over 120 % count against it."
    return SprintFactor(name="utilisation", effect=_less(0.3 * far), why=why, measured=share)


def _impediments(stand: Stand) -> SprintFactor:
    count = stand.impediments
    what = "Nothing is" if not count else "1 thing is" if count == 1 else f"{count} things are"
    return SprintFactor(
        name="impediments",
        effect=_less(0.2 * count / FIVE),
        why=f"{what} in the way.",
        measured=float(count),
    )


def _overdue(stand: Stand) -> SprintFactor:
    days = max(0, (stand.on - stand.end).days) if stand.end else 0
    end = "its last day" if stand.end else "a last day"
    why = f"It is {days} days over {end}." if days else f"It is not over {end}."
    return SprintFactor(name="overdue", effect=-0.1 if days else 0.0, why=why, measured=float(days))


def _less(amount: float) -> float:
    return -amount if amount else 0.0
