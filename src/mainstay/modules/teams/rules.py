"""How teams are measured: load, capacity, health, goals, rituals, skills, as pure functions."""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, pairwise
from statistics import fmean, median
from typing import Literal

from msgspec import Struct

from mainstay.recurrence import Recur, Rule, next_day

WEEK = 7
LEVELS = ("intern", "junior", "mid_level", "senior", "lead", "principal", "architect")
AWAY = ("inactive", "on_leave")
CONFIDENCE = 0.8
TOLERANCE = 0.05
STEADY = 0.05
BEFORE = 3
FEW = 3

Band = Literal["Excellent", "Good", "At Risk", "Critical"]
FactorName = Literal["utilisation", "velocity", "goals", "members"]
Placing = Literal["dated", "undated", "late"]
Trend = Literal["up", "flat", "down"]
Free = Sequence[float]


def monday(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(day.weekday())


# ---- where work falls ----


class Planned(Struct, frozen=True):
    """What one person has left to do of a task, and between which days."""

    hours: float
    start: date | None = None
    due: date | None = None


def hours_left(
    remaining: float | None, estimated: float | None, actual: float, people: int
) -> float | None:
    """Return what each of a task's people has left of it, or None where nobody has said.

    What is said to remain counts, else the estimate less the hours that were logged.
    """
    if remaining is None and estimated is None:
        return None
    whole = remaining if remaining is not None else max(0.0, (estimated or 0.0) - actual)
    return whole / max(1, people)


class Stretch:
    """The hours that a person can work on each day from a Monday on."""

    __slots__ = ("days", "first", "upto")

    def __init__(self, first: date, hours: Free) -> None:
        """Take the hours of each day, the first one a Monday's."""
        self.first, self.days = first, len(hours)
        self.upto = [0.0, *accumulate(hours)]

    def week(self, place: int) -> float:
        """Return the hours of a whole week."""
        return self.between(place * WEEK, place * WEEK + WEEK - 1)

    def between(self, first: int, last: int) -> float:
        """Return the hours from one day to another, both included, by their places."""
        stop = min(last + 1, self.days)
        return self.upto[stop] - self.upto[min(first, stop)]

    def place(self, day: date) -> int:
        """Return a day's place, within the stretch."""
        return min(max((day - self.first).days, 0), self.days - 1)

    def span(self, work: Planned) -> tuple[int, int, Placing]:
        """Return the places of the days on which work is done, and how they were found.

        Without a start it fills the last days before it is due, without a due day the first ones
        after its start: as many as its hours need. What is late or has no date at all is this
        week's.
        """
        if work.start is None and work.due is None:
            return 0, WEEK - 1, "undated"
        if work.due is not None and work.due < self.first:
            return 0, WEEK - 1, "late"
        if work.due is None:
            first = self.place(work.start or self.first)
            last = bisect_left(self.upto, self.upto[first] + work.hours - 1e-9) - 1
            return first, min(max(last, first), self.days - 1), "dated"
        last = self.place(work.due)
        if work.start is not None:
            return min(self.place(work.start), last), last, "dated"
        first = bisect_right(self.upto, self.upto[last + 1] - work.hours + 1e-9) - 1
        return min(max(first, 0), last), last, "dated"


def spread(work: Planned, stretch: Stretch) -> tuple[dict[int, float], Placing]:
    """Return the hours of each week (0 is the present one) that a piece of work takes.

    Each of its days takes a share as large as that day's share of the available hours; when
    nothing is available on any of them, all of it falls on the last day.
    """
    first, last, placing = stretch.span(work)
    there = stretch.between(first, last)
    if there <= 0:
        return {last // WEEK: work.hours}, placing
    found: dict[int, float] = {}
    for week in range(first // WEEK, last // WEEK + 1):
        own = stretch.between(max(first, week * WEEK), min(last, week * WEEK + WEEK - 1))
        if own:
            found[week] = work.hours * own / there
    return found, placing


def share_of_week(places: Iterable[tuple[float, float]], full: float) -> float:
    """Return the part of the calendar's week that somebody works, from hours and allocations.

    Somebody who is in no team works all of it; nobody works more.
    """
    found = [hours * allocation for hours, allocation in places]
    if not found or full <= 0:
        return 1.0
    return min(1.0, sum(found) / full)


def is_over(planned: float, capacity: float) -> bool:
    """Say whether somebody has more to do than hours to do it in."""
    return planned > capacity + TOLERANCE


# ---- capacity ----


class Place(Struct, frozen=True):
    """A person's place in a team as capacity counts it."""

    user_id: int
    hours: float
    allocation: float
    seniority: str | None = None
    rate: float | None = None
    others: float = 0.0

    @property
    def weekly(self) -> float:
        """Return the hours a week that the person gives to the team."""
        return self.hours * self.allocation

    @property
    def part(self) -> float:
        """Return which part of the person's work is this team's, by what all teams are given."""
        whole = self.weekly + self.others
        return self.weekly / whole if whole else 0.0


def total_capacity(places: Iterable[Place]) -> float:
    """Return the sum of hours times allocation."""
    return sum(one.weekly for one in places)


def utilisation(committed: float, total: float) -> float | None:
    """Return how much of a team's hours is taken, in percent, or None when it has none."""
    return committed / total * 100 if total > 0 else None


def average_seniority(places: Iterable[Place]) -> float | None:
    """Return the mean of the levels from 1, intern, to 7, architect, of those who have one."""
    levels = [LEVELS.index(one.seniority) + 1 for one in places if one.seniority]
    return fmean(levels) if levels else None


def weekly_cost(places: Iterable[Place]) -> float:
    """Return the sum of hours times allocation times rate; who has no rate costs nothing."""
    return sum(one.weekly * (one.rate or 0.0) for one in places)


class Velocity(Struct, frozen=True):
    """What a team's completed sprints brought: the last one, the average, and the trend."""

    sprints: int = 0
    last: float | None = None
    average: float | None = None
    trend: float | None = None


def velocity(points: Sequence[float]) -> Velocity:
    """Return what completed sprints say, the oldest first.

    The trend is how far the average of the newer half is from that of the older half, as a part
    of the latter: -0.2 is a fifth less. The middle one of an odd number counts for both.
    """
    if not points:
        return Velocity()
    half = (len(points) + 1) // 2
    older, newer = fmean(points[:half]), fmean(points[-half:])
    trend = (newer - older) / older if len(points) > 1 and older > 0 else None
    return Velocity(len(points), points[-1], fmean(points), trend)


# ---- health ----


class Factor(Struct, frozen=True):
    """One part of a team's health: what it takes away, from which value."""

    name: FactorName
    effect: float
    value: float | None


def health_factors(
    used: float | None, trend: float | None, progress: float | None, members: int
) -> list[Factor]:
    """Return what each part takes from a team's health; what is not known takes nothing."""
    effect = 0.0
    if used is not None and used < 70:
        effect = -0.25 * (70 - used) / 70
    elif used is not None and used > 90:
        effect = -0.25 * (used - 90) / 90
    slower = -0.25 * abs(trend) if trend is not None and trend < -0.1 else 0.0
    behind = -0.25 * (0.7 - progress) if progress is not None and progress < 0.7 else 0.0
    few = -0.25 * (FEW - members) / FEW if members < FEW else 0.0
    return [
        Factor("utilisation", effect, used),
        Factor("velocity", slower, trend),
        Factor("goals", behind, progress),
        Factor("members", few, float(members)),
    ]


def health(factors: Iterable[Factor]) -> float:
    """Return a team's health from 0 to 1: what is left of 1."""
    return max(0.0, 1.0 + sum(one.effect for one in factors))


# ---- goals, rituals, metrics ----


def goal_progress(current: float, target: float) -> float:
    """Return how far a goal is, from 0 to 1."""
    return min(1.0, max(0.0, current / target)) if target > 0 else 0.0


STEPS = {"weekly": "FREQ=WEEKLY", "biweekly": "FREQ=WEEKLY;INTERVAL=2"}
MONTHS = {"monthly": 1, "quarterly": 3}


def next_held(
    frequency: str,
    planned: date | None,
    held: date,
    free: frozenset[date] = frozenset(),
    month_day: int | None = None,
) -> date | None:
    """Return the day on which a ritual is held next, after it was held on a day.

    It keeps to the days that were planned: one that is held a day early or late comes back on its
    own day, one of the `month_day` 31 after February too. What is daily comes on the next working
    day, one that is not among the `free` ones.
    """
    if frequency == "ad_hoc":
        return None
    start, after = planned or held, max(planned or held, held)
    if frequency == "daily":
        day = held + timedelta(1)
        while day.weekday() > 4 or day in free:
            day += timedelta(1)
        return day
    if frequency in STEPS:
        said = STEPS[frequency]
    else:
        # The 31st is the last day of shorter months.
        own = month_day or start.day
        days = ",".join(str(one) for one in range(28, own + 1)) or str(own)
        said = f"FREQ=MONTHLY;INTERVAL={MONTHS[frequency]};BYMONTHDAY={days};BYSETPOS=-1"
    return next_day(Rule(recurs=(Recur.parse(said),)), start, after=after)


def planned_before(frequency: str, coming: date, month_day: int | None = None) -> date | None:
    """Return the day that was planned before the coming one; None where days are not planned."""
    back = {"weekly": 7, "biweekly": 14}.get(frequency)
    if back is not None:
        return date.fromordinal(max(1, coming.toordinal() - back))
    if frequency not in MONTHS:
        return None
    year, month = divmod(coming.year * 12 + coming.month - 1 - MONTHS[frequency], 12)
    if year < 1:
        return date.min
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(month_day or coming.day, last))


def held_already(
    frequency: str,
    last: date | None,
    coming: date | None,
    held: date,
    month_day: int | None = None,
) -> bool:
    """Say whether a meeting on a day is the one that was noted last: two people note the same.

    That is so on the day it was noted for, and up to the day for which it had been planned.
    """
    if last is None or coming is None:
        return False
    before = planned_before(frequency, coming, month_day)
    return held == last or (before is not None and held <= before)


def metric_trend(values: Sequence[float]) -> Trend:
    """Return where a metric goes: its last value against the mean of the up to three before it.

    Within five percent of that mean it is flat.
    """
    earlier = values[-1 - BEFORE : -1]
    if not earlier:
        return "flat"
    mean, last = fmean(earlier), values[-1]
    edge = STEADY * abs(mean)
    return "up" if last > mean + edge else "down" if last < mean - edge else "flat"


# ---- skills ----


def supply(places: Iterable[Place], levels: Mapping[int, int]) -> float | None:
    """Return how much of a skill a team has, from 0 to 1.

    The mean of its people's proficiency over 5, by their hours; who does not know it counts 0.
    """
    hours, known = 0.0, 0.0
    for one in places:
        hours += one.weekly
        known += one.weekly * levels.get(one.user_id, 0) / 5
    return known / hours if hours else None


def gap(demand: float | None, supplied: float | None) -> float | None:
    """Return how much of a skill is missing: demand less supply."""
    return None if demand is None else demand - (supplied or 0.0)


# ---- performance ----


@dataclass(frozen=True)
class Done:
    """A task that somebody completed, as performance counts it."""

    on: date
    due: date | None = None
    points: float = 0.0
    estimated: float | None = None
    actual: float | None = None
    people: int = 1
    cycle: float | None = None
    reopened: bool = False


def on_time(done: Iterable[Done]) -> float | None:
    """Return the share of those with a due day that were completed by it."""
    dated = [one.on <= one.due for one in done if one.due]
    return sum(dated) / len(dated) if dated else None


def accuracy(done: Iterable[Done]) -> float | None:
    """Return estimated over actual hours of those that have both: 1 is exact, 0.5 took twice."""
    both = [(one.estimated, one.actual) for one in done if one.estimated and one.actual]
    actual = sum(part or 0.0 for _, part in both)
    return sum(part or 0.0 for part, _ in both) / actual if actual else None


def cycle_time(done: Iterable[Done]) -> float | None:
    """Return the median of the days from the first start of work to the last completion."""
    days = [one.cycle for one in done if one.cycle is not None]
    return median(days) if days else None


def cycle_days(history: Sequence[tuple[float, str]]) -> float | None:
    """Return the days from a task's first start to its last completion, from its statuses.

    `history` holds when (in days) it came into each status, in order.
    """
    begun = next((at for at, status in history if status == "in_progress"), None)
    ended = next((at for at, status in reversed(history) if status == "done"), None)
    return ended - begun if begun is not None and ended is not None and ended >= begun else None


def was_reopened(history: Sequence[tuple[float, str]], first: float, last: float) -> bool | None:
    """Say whether a task that was completed in a period was opened again; None if it was not."""
    ends = [place for place, (at, s) in enumerate(history) if s == "done" and first <= at < last]
    if not ends:
        return None
    return any(status not in ("done", "cancelled") for _, status in history[ends[0] + 1 :])


def changes_of_status(history: Iterable[tuple[float, str]]) -> list[tuple[float, str]]:
    """Return a history without the entries that changed nothing."""
    found = list(history)
    return found[:1] + [late for early, late in pairwise(found) if early[1] != late[1]]
