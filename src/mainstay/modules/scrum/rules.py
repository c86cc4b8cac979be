"""The rules of sprints as plain functions: where they may go, how long they are, who fits in."""

from datetime import date, timedelta
from typing import Any, NamedTuple

OPEN = ("planning", "active")
ENDED = ("completed", "cancelled")
MOST_DAYS = 30
USUAL_DAYS = 14
GAP = 1024.0
NARROW = 1e-6
# Above this share of their hours somebody has more than they can do.
FULL = 1.0
# So far above their usual points a team may plan before they are asked whether that is meant.
STRETCH = 1.15


def sprint_move(before: str, after: str) -> str | None:
    """Return why a sprint may not go from one status to another, or None."""
    if before == after:
        return None
    ways = {
        "planning": ("active", "cancelled"),
        "active": ("completed", "cancelled"),
        "cancelled": ("planning",),
    }
    if after in ways.get(before, ()):
        return None
    if before == "completed":
        return (
            "This sprint is completed and stays as it was. "
            "Undo its completion, or plan the work in another sprint."
        )
    if before == "cancelled":
        return "This sprint is cancelled. Plan it again first."
    if after == "planning":
        return "This sprint has begun. Complete it, or cancel it and plan another one."
    return "This sprint has not begun. Start it first."


def latest(start: date) -> date:
    """Return the last day that a sprint may have which begins on a day."""
    return start + timedelta(MOST_DAYS - 1)


def days_of(start: date | None, end: date | None) -> int:
    """Return how many days a sprint lasts, its first and last included; without dates none."""
    return (end - start).days + 1 if start and end else 0


def begun(start: date, end: date, today: date) -> tuple[date, date]:
    """Return the days of a sprint that begins today: before its first day it is moved to today.

    It stays as long as it was. One that begins late keeps its days: what was worked and said on
    the first of them counts, and it ends when it was to end.
    """
    return (today, end - (start - today)) if today < start else (start, end)


def velocity(points: float, start: date | None, end: date | None) -> float:
    """Return the points that were completed on each day of a sprint."""
    days = days_of(start, end)
    return round(points / days, 4) if days else 0.0


def days_left(start: date | None, end: date | None, today: date) -> int:
    """Return how many of a sprint's days are still to come, today included."""
    if start is None or end is None or today > end:
        return 0
    return (end - max(start, today)).days + 1


def next_days(
    end: date | None, length: int, today: date, *, weekend: bool = True
) -> tuple[date, date]:
    """Return the days of the sprint that follows one: as long as it, from the next day on.

    It never lies in the past, and with `weekend` it does not begin on one.
    """
    first = max(end + timedelta(1), today) if end else today
    while weekend and first.weekday() > 4:
        first += timedelta(1)
    return first, first + timedelta(max(1, min(length or USUAL_DAYS, MOST_DAYS)) - 1)


# ---- the order of the backlog ----


def places(low: float, high: float | None, count: int) -> list[float] | None:
    """Return numbers for records that go between two places, or None where there is no room."""
    if high is None:
        return [low + GAP * (n + 1) for n in range(count)]
    step = (high - low) / (count + 1)
    if step < NARROW or low + step <= low:
        return None
    return [low + step * (n + 1) for n in range(count)]


# ---- who can do how much ----


def left_hours(status: str, estimated: Any, actual: Any, remaining: Any) -> float:
    """Return the hours that are still to be worked on a task."""
    if status in ("done", "cancelled"):
        return 0.0
    if remaining is not None:
        return float(remaining)
    return max(0.0, float(estimated or 0) - float(actual or 0))


def load(hours: float, capacity: float | None) -> float | None:
    """Return the share of somebody's hours that their tasks take, or None without any hours."""
    return hours / capacity if capacity else None


class Plan(NamedTuple):
    """What a sprint's plan is judged by."""

    tasks: int
    unestimated: int
    points: float
    velocity: float | None
    hours: float
    capacity: float | None
    overloaded: tuple[str, ...]
    unassigned: int
    goal: bool
    dates: bool
    past: bool


class Doubt(NamedTuple):
    """One thing that a plan lacks, and the way to it."""

    key: str
    much: float = 0
    most: float = 0
    names: tuple[str, ...] = ()


def doubts(plan: Plan) -> list[Doubt]:
    """Return what is doubtful about a plan, the most important first."""
    known = (
        (not plan.dates, Doubt("dates")),
        (plan.dates and plan.past, Doubt("past")),
        (not plan.tasks, Doubt("empty")),
        (bool(plan.overloaded), Doubt("people", names=plan.overloaded)),
        (_above(plan.hours, plan.capacity), Doubt("hours", plan.hours, plan.capacity or 0)),
        (
            _above(plan.points, (plan.velocity or 0) * STRETCH),
            Doubt("points", plan.points, plan.velocity or 0),
        ),
        (bool(plan.unestimated), Doubt("unestimated", plan.unestimated)),
        (bool(plan.unassigned and plan.capacity), Doubt("unassigned", plan.unassigned)),
        (not plan.goal, Doubt("goal")),
        (plan.capacity is None, Doubt("capacity")),
    )
    return [doubt for there, doubt in known if there]


def _above(value: float, most: float | None) -> bool:
    """Return whether a value is above what is known to be the most."""
    return bool(most) and value > (most or 0)
