"""How milestones behave: their flows, how far they are and how well they do, as pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from mainstay.modules.projects.api import spoken

OPEN = ("planned", "in_progress", "review", "on_hold")
ENDED = ("completed", "cancelled")
FLOW: Mapping[str, frozenset[str]] = {
    "planned": frozenset({"planned", "in_progress", "on_hold", "completed", "cancelled"}),
    "in_progress": frozenset({*OPEN, *ENDED}),
    "review": frozenset({"review", "in_progress", "on_hold", "completed", "cancelled"}),
    "on_hold": frozenset({*OPEN, "cancelled"}),
    "completed": frozenset({"completed", "in_progress"}),
    "cancelled": frozenset({"cancelled", "planned", "in_progress"}),
}
MET = ("completed", "waived")
UNMET = ("not_started", "in_progress", "pending_review", "failed")
UNANSWERED = ("pending", "rejected", "expired")
UNITS = 10_000
SOON = 7
MOST_EVIDENCE = 50
LONGEST_EVIDENCE = 500

MetricStatus = Literal[
    "not_measured", "measuring", "target_met", "target_exceeded", "target_missed"
]
FactorName = Literal["progress", "schedule", "budget", "conditions", "approvals"]


def milestone_move(before: str, after: str) -> str | None:
    """Return why a milestone may not go from one status to another, or None when it may."""
    if after in FLOW[before]:
        return None
    if before in ENDED:
        return f"This milestone is {spoken(before)}. Reopen it first."
    if before == "on_hold":
        return "This milestone is on hold. Resume it first."
    return f"A milestone that is {spoken(before)} cannot go to {spoken(after)}. Start it first."


def condition_move(before: str, after: str) -> str | None:
    """Return why a condition may not go from one status to another, or None when it may."""
    if before == after or before not in MET or after not in ("completed", "waived", "failed"):
        return None
    return f"This condition is {spoken(before)}. Reopen it first."


def metric_status(
    target: float, actual: float | None, *, higher_is_better: bool, now: MetricStatus
) -> MetricStatus:
    """Return what a measured value says about a target; without one, nothing has been said yet."""
    if actual is None:
        return "measuring" if now == "measuring" else "not_measured"
    if actual == target:
        return "target_met"
    return "target_exceeded" if (actual > target) == higher_is_better else "target_missed"


def weight_of(weight: float) -> float:
    """Return how much a condition counts; a weight of nothing counts as 1."""
    return weight if weight > 0 else 1.0


def completion(conditions: Iterable[tuple[str, float]], progress: float) -> float:
    """Return how far a milestone is, 0 to 1, from the status and weight of its conditions.

    Completed ones count whole, waived ones half; without conditions its progress counts.
    """
    total = met = 0.0
    for status, weight in conditions:
        total += weight_of(weight)
        met += weight_of(weight) * {"completed": 1.0, "waived": 0.5}.get(status, 0.0)
    return met / total if total else progress


def progress_of(status: str, units: int, tasks: int) -> float:
    """Return the progress of a milestone's tasks, 0 to 1; completed ones are done whatever is."""
    if status == "completed":
        return 1.0
    return min(1.0, units / (UNITS * tasks)) if tasks > 0 else 0.0


@dataclass(frozen=True)
class Stand:
    """What the health of a milestone looks at."""

    status: str
    completion: float
    due: date
    budget: Decimal | None
    cost: Decimal
    conditions: int = 0
    late_conditions: int = 0
    approvals: int = 0
    pending_approvals: int = 0


def is_overdue(status: str, due: date, today: date) -> bool:
    """Return whether a milestone should have been reached before today."""
    return status in OPEN and due < today


def overrun(budget: Decimal | None, cost: Decimal) -> float:
    """Return by which share of the budget the cost is above it, 0 where there is none."""
    return float((cost - budget) / budget) if budget and cost > budget else 0.0


def factors(stand: Stand, today: date) -> dict[FactorName, float]:
    """Return what each part of a milestone's health takes away from 1, all of them in order.

    In progress and under 80 % done: 0.3 of what is missing to 80 %. Overdue: 0.25; else due within
    a week and under 90 % done: 0.125. Cost over budget: 0.2 of the overrun. Open conditions past
    their day: 0.15 of their share of all. Pending approvals: 0.1 of their share of all.
    """
    left = (stand.due - today).days
    late = is_overdue(stand.status, stand.due, today)
    soon = stand.status in OPEN and 0 <= left < SOON and stand.completion < 0.9
    behind = max(0.0, 0.8 - stand.completion) if stand.status == "in_progress" else 0.0
    taken: dict[FactorName, float] = {
        "progress": 0.3 * behind,
        "schedule": 0.25 if late else 0.125 if soon else 0.0,
        "budget": 0.2 * overrun(stand.budget, stand.cost),
        "conditions": 0.15 * _share(stand.late_conditions, stand.conditions),
        "approvals": 0.1 * _share(stand.pending_approvals, stand.approvals),
    }
    return {name: -value if value else 0.0 for name, value in taken.items()}


def health(stand: Stand, today: date) -> float:
    """Return a milestone's health, from 1 (sound) to 0."""
    # Rounded, so that 1 - 0.15 - 0.25 stands in the band of 0.6 rather than a hair below.
    return max(0.0, round(1.0 + sum(factors(stand, today).values()), 9))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def next_phase(
    course: Sequence[int],
    current: int | None,
    reached: int,
    waiting: Iterable[int],
    done: Iterable[int],
) -> int | None:
    """Return the phase a project moves to when the milestones of one are completed, or None.

    `course` are the category's phases in order, `waiting` those with open milestones, `done` those
    whose milestones are all completed. A project never moves back, passes no phase with an open
    milestone, and does not stop at phases that are done already.
    """
    if reached not in course:
        return None
    start, place = (course.index(current) if current in course else 0), course.index(reached)
    held = set(waiting)
    if start > place or held.intersection(course[start : place + 1]):
        return None
    later, passed = course[place + 1 :], set(done)
    return next((phase for phase in later if phase not in passed), later[-1] if later else None)
