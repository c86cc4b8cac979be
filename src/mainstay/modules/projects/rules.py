"""How work behaves: flows, codes, order, time and measures, as pure functions."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import ceil, trunc
from typing import Literal, NamedTuple

from msgspec import Struct

OPEN = ("backlog", "todo", "in_progress", "review", "testing", "blocked")
CLOSED = ("done", "cancelled")
ENDED = ("completed", "cancelled")
RECURRING = ("active", "completed")
DEEPEST = 5
GAP = 1024.0
NARROW = 1e-6
CENT = Decimal("0.01")
LONGEST_ENTRY = Decimal(24)
WHOLE = 10_000
STARTED = ("in_progress", "review", "testing", "done")
# A link of each type is held while the earlier task is in one of these statuses; those of the
# first two types hold the later one's start, the others its end.
BLOCKING = ("finish_to_start", "start_to_start")
NOT_BEGUN = ("backlog", "todo", "blocked")
HOLDING: Mapping[str, tuple[str, ...]] = {
    "finish_to_start": OPEN,
    "start_to_start": NOT_BEGUN,
    "finish_to_finish": OPEN,
    "start_to_finish": NOT_BEGUN,
}

WHEREVER = frozenset((*OPEN, *CLOSED))
FLOW: Mapping[str, frozenset[str]] = {
    "backlog": WHEREVER - {"review", "testing"},
    "todo": WHEREVER,
    "in_progress": WHEREVER,
    "review": WHEREVER,
    "testing": WHEREVER,
    "blocked": WHEREVER,
    "done": frozenset({"done", "backlog", "todo", "in_progress", "review", "testing"}),
    "cancelled": frozenset({"cancelled", "backlog", "todo", "in_progress"}),
}
STAGES: Mapping[str, frozenset[str]] = {
    "planning": frozenset({"planning", "active", "on_hold", "completed", "cancelled"}),
    "active": frozenset({"active", "planning", "review", "on_hold", "completed", "cancelled"}),
    "review": frozenset({"review", "active", "on_hold", "completed", "cancelled"}),
    "on_hold": frozenset({"on_hold", "planning", "active", "review", "completed", "cancelled"}),
    "completed": frozenset({"completed", "active"}),
    "cancelled": frozenset({"cancelled", "planning", "active"}),
}

DueStatus = Literal["no_date", "overdue", "due_today", "due_tomorrow", "due_this_week", "future"]
Band = Literal["Excellent", "Good", "At Risk", "Critical"]
FactorName = Literal["cost", "schedule", "progress", "risk"]


def spoken(status: str) -> str:
    """Return a status as a person says it: in_progress becomes "in progress"."""
    return {"todo": "to do"}.get(status, status.replace("_", " "))


def task_move(before: str, after: str) -> str | None:
    """Return why a task may not go from one status to another, or None when it may."""
    if after in FLOW[before]:
        return None
    if before == "backlog":
        return f"A task in the backlog cannot go to {spoken(after)} at once. Start it first."
    return f"A task that is {spoken(before)} cannot become {spoken(after)}. Reopen it first."


def stage_move(before: str, after: str) -> str | None:
    """Return why a project may not go from one status to another, or None when it may."""
    if after in STAGES[before]:
        return None
    if before in ENDED:
        return f"This project is {spoken(before)}. Reopen it first."
    return f"A project in {spoken(before)} cannot go to {spoken(after)}. Start it first."


def letters(text: str) -> list[str]:
    """Return the words of a name in plain capital letters and digits."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.findall(r"[A-Z0-9]+", plain.upper())


def project_code(name: str) -> str:
    """Return a code made from a name: initials of several words, or the start of one.

    "Talend Data Quality" gives TDQ, "Bamboo" gives BAMB; a name without Latin letters gives P.
    """
    words = letters(name)
    while words and words[0][0].isdigit():
        words[0] = words[0].lstrip("0123456789")
        words = words if words[0] else words[1:]
    if not words:
        return "P"
    if len(words) == 1:
        return words[0][:4]
    return "".join(word if word.isdigit() else word[0] for word in words)[:6]


def free_code(wanted: str, taken: Sequence[str]) -> str:
    """Return the code itself, or with the smallest number from 2 on that nobody has."""
    used = set(taken)
    if wanted not in used:
        return wanted
    return next(f"{wanted}{n}" for n in range(2, len(used) + 3) if f"{wanted}{n}" not in used)


def task_code(prefix: str, number: int) -> str:
    """Return a task's code: TASK-001, and TASK-1000 after a thousand."""
    return f"{prefix}-{number:03d}"


def code_number(code: str) -> int | None:
    """Return the number at the end of a task's code, or None when it has none to count on."""
    found = re.search(r"-(\d{1,9})$", code)
    return int(found[1]) if found else None


def people(
    primary: int | None,
    listed: Sequence[int],
    primary_before: int | None = None,
    listed_before: Sequence[int] = (),
) -> tuple[int | None, list[int]]:
    """Return who leads a task and who works on it, the lead first, after an edit of either.

    A new lead takes the old one's place; when the lead leaves the list, the first in it leads.
    """
    rest = [person for person in listed if person != primary]
    if primary != primary_before and list(listed) == list(listed_before):
        rest = [person for person in rest if person != primary_before]
    if primary is not None and (primary in listed or primary != primary_before):
        return primary, [primary, *rest]
    return (rest[0] if rest else None), rest


def between(before: float | None, after: float | None) -> float | None:
    """Return a place between two neighbours in a column, or None when it must be spread first.

    Places are positive; a column's first and last place have no neighbour on one side.
    """
    if after is None:
        return (before or 0.0) + GAP
    low = before or 0.0
    if after - low < NARROW:
        return None
    return (low + after) / 2


def progress(done: int, total: int) -> float:
    """Return the share of tasks that are done, 0 to 1; none at all counts as 0."""
    return min(1.0, max(0.0, done / total)) if total > 0 else 0.0


def percent(done: int, total: int) -> int:
    """Return the share of tasks that are done in whole percent, halves up; none gives 0."""
    return int(100 * done / total + 0.5) if total > 0 else 0


def task_progress(status: str, estimated: Decimal | None, actual: Decimal) -> float:
    """Return how far a task is: hours against estimate, else by its status."""
    if status == "done":
        return 1.0
    if estimated:
        return float(min(Decimal(1), actual / estimated).quantize(Decimal("0.0001")))
    return 0.5 if status in ("in_progress", "review", "testing") else 0.0


def task_units(
    status: str,
    hours: tuple[Decimal | None, Decimal],
    subtasks: tuple[int, int],
    parts: tuple[int, int],
) -> int:
    """Return how far a task is in whole ten-thousandths, halves up.

    One that is done is whole. Else its subtasks (how many, how many done) and the tasks that are
    parts of it (how many, the sum of their own ten-thousandths) say it, each of them with the
    same weight; without any its estimated and worked hours or its status do.
    """
    count = subtasks[0] + parts[0]
    if status == "done" or count <= 0:
        return round(task_progress(status, *hours) * WHOLE)
    made = subtasks[1] * WHOLE + parts[1]
    return min(WHOLE, max(0, (2 * made + count) // (2 * count)))


def share(units: int, count: int) -> float:
    """Return the mean progress of some tasks from the sum of their ten-thousandths, 0 to 1."""
    return min(1.0, max(0.0, units / (count * WHOLE))) if count > 0 else 0.0


def project_progress(status: str, units: int, count: int) -> float:
    """Return how far a project is: the mean of its tasks, and all of it once it is completed."""
    return 1.0 if status == "completed" else share(units, count)


class Part(NamedTuple):
    """A task as it counts for what it belongs to."""

    project_id: int
    parent_id: int | None
    milestone_id: int | None
    live: bool
    status: str
    units: int

    @property
    def counts(self) -> bool:
        """Return whether it counts for the progress of what it belongs to."""
        return self.live and self.status != "cancelled"

    @property
    def worth(self) -> int:
        """Return the ten-thousandths that it adds."""
        return self.units if self.counts else 0

    def holds(self) -> tuple[bool, ...]:
        """Return whether it holds the start of what waits for it, for each type of link."""
        return tuple(self.live and self.status in HOLDING[kind] for kind in BLOCKING)


def remaining(stored: Decimal | None, estimated: Decimal | None, actual: Decimal) -> Decimal | None:
    """Return the hours that are left: as said, else estimate less actual, never below zero."""
    if stored is not None:
        return stored
    return None if estimated is None else max(Decimal(0), estimated - actual)


def hours_between(start: datetime, end: datetime) -> Decimal:
    """Return the hours from start to end, to the hundredth, and never less than one of those."""
    seconds = Decimal(str((end - start).total_seconds()))
    return max(CENT, (seconds / 3600).quantize(CENT, ROUND_HALF_UP))


def due_status(due: date | None, today: date) -> DueStatus:
    """Return how near a due date is; this week means within seven days."""
    if due is None:
        return "no_date"
    days = (due - today).days
    if days < 0:
        return "overdue"
    if days > 7:
        return "future"
    near: tuple[DueStatus, ...] = ("due_today", "due_tomorrow")
    return near[days] if days < len(near) else "due_this_week"


def overdue(due: date | None, today: date, *, closed: bool) -> bool:
    """Return whether a day has passed for something that is not over."""
    return due is not None and not closed and due < today


def duration_days(start: date | None, end: date | None) -> int | None:
    """Return the days from start to end."""
    return (end - start).days if start and end else None


def over_budget(budget: Decimal | None, cost: Decimal) -> bool:
    """Return whether a budget that was set is used up and more."""
    return bool(budget) and budget is not None and cost > budget


def budget_variance(budget: Decimal | None, cost: Decimal) -> Decimal | None:
    """Return what is left of the budget; below zero when it is overdrawn."""
    return None if budget is None else budget - cost


def budget_variance_percent(budget: Decimal | None, cost: Decimal) -> float | None:
    """Return what is left of the budget in percent of it."""
    if not budget:
        return None
    return round(float((budget - cost) / budget * 100), 2)


def total_value(total: Decimal | None, sale: Decimal | None) -> Decimal | None:
    """Return what a project is worth: its total amount and its sale price together."""
    if total is None and sale is None:
        return None
    return (total or Decimal(0)) + (sale or Decimal(0))


def average(total: Decimal, count: int) -> Decimal | None:
    """Return an amount shared among some, to the cent, halves up; among none there is no answer."""
    return (total / count).quantize(CENT, ROUND_HALF_UP) if count else None


def next_monthly(day: int, today: date) -> date:
    """Return the next day of a month, today or later; in a shorter month its last day."""
    here = date(today.year, today.month, min(day, monthrange(today.year, today.month)[1]))
    if here >= today:
        return here
    year, month = (today.year, today.month + 1) if today.month < 12 else (today.year + 1, 1)
    return date(year, month, min(day, monthrange(year, month)[1]))


def time_variance(estimated: Decimal | None, actual: Decimal) -> Decimal | None:
    """Return actual less estimated hours; above zero when it took longer."""
    return None if estimated is None else actual - estimated


def time_efficiency(estimated: Decimal | None, actual: Decimal) -> int | None:
    """Return estimated in percent of actual hours; above 100 when it went faster."""
    if estimated is None or actual <= 0:
        return None
    return int((estimated / actual * 100).quantize(Decimal(1), ROUND_HALF_UP))


def velocity(points: float | None, actual: Decimal) -> float | None:
    """Return story points for each hour worked."""
    return None if points is None or actual <= 0 else points / float(actual)


def age_days(created: datetime, now: datetime) -> int:
    """Return the whole days since a record was made."""
    return (now - created).days


def lead_hours(created: datetime, completed: datetime | None) -> float | None:
    """Return the hours from asking to done."""
    return None if completed is None else (completed - created) / timedelta(hours=1)


def days_left(end: date | None, today: date, *, ended: bool) -> int | None:
    """Return the days until the planned end, 0 once it has passed; None when it is over."""
    return None if end is None or ended else max(0, ceil((end - today).days))


def days_overdue(end: date | None, today: date, *, ended: bool) -> int:
    """Return the days since the planned end, unless the project is over."""
    return 0 if end is None or ended else max(0, (today - end).days)


@dataclass(frozen=True)
class Plan:
    """What the measures of a project look at."""

    status: str
    progress: float
    start: date | None
    end: date | None
    actual_start: date | None
    actual_end: date | None
    budget: Decimal | None
    cost: Decimal
    risk: str


def expected_progress(plan: Plan, today: date) -> float | None:
    """Return the share of the planned time that has passed; above 1 once the end is behind."""
    planned = duration_days(plan.start, plan.end)
    if planned is None or planned <= 0 or plan.start is None:
        return None
    return max(0.0, (today - plan.start).days / planned)


def schedule_variance(plan: Plan, today: date) -> int:
    """Return the days a project is ahead (above zero) or behind, 0 where it cannot be said.

    When completed: planned less actual days. Before: planned * (progress / expected - 1).
    """
    planned = duration_days(plan.start, plan.end)
    if planned is None:
        return 0
    if plan.status == "completed":
        actual = duration_days(plan.actual_start or plan.start, plan.actual_end)
        return 0 if actual is None else planned - actual
    expected = expected_progress(plan, today)
    if not expected:
        return 0
    # Rounded first: 20 * (0.4 / 0.5 - 1) must be 4 days, not 3.99.
    return trunc(round(planned * (plan.progress / expected - 1), 9))


class Factor(Struct, kw_only=True, frozen=True):
    """One thing that a project's health depends on: what it takes away, and why."""

    name: FactorName
    effect: float
    why: str
    measured: float | None = None
    limit: float | None = None


class Health(Struct, kw_only=True, frozen=True):
    """A project's health from 1 (sound) to 0, in words, and what made it so."""

    score: float
    band: Band
    factors: list[Factor]


def health(plan: Plan, today: date) -> Health:
    """Return a project's health: 1, less what each factor takes away, and never below 0.

    Cost over budget by a fifth takes 0.25, any overrun 0.125; more than a week behind 0.25, any
    delay 0.125; under half done and under four fifths of expected 0.25; critical risk 0.25, high
    0.125.
    """
    factors = [_cost(plan), _schedule(plan, today), _pace(plan, today), _risk(plan)]
    score = max(0.0, 1.0 + sum(factor.effect for factor in factors))
    return Health(score=score, band=band(score), factors=factors)


def _cost(plan: Plan) -> Factor:
    if not plan.budget:
        return Factor(name="cost", effect=0.0, why="No budget is set.")
    share = round(float(plan.cost / plan.budget * 100), 1)
    effect, beyond = 0.0, ""
    if plan.cost > plan.budget:
        far = plan.cost > plan.budget * Decimal("1.2")
        effect, beyond = (-0.25, ", over it by more than a fifth") if far else (-0.125, ", over it")
    why = f"The cost so far is {share:g} % of the budget{beyond}."
    return Factor(name="cost", effect=effect, why=why, measured=share, limit=100.0)


def _schedule(plan: Plan, today: date) -> Factor:
    days = schedule_variance(plan, today)
    effect = 0.0 if days >= 0 else -0.25 if days < -7 else -0.125
    where = "on schedule" if days == 0 else "ahead" if days > 0 else "behind"
    ended = plan.status == "completed"
    text = f"{abs(days)} days {where}" if days else where
    why = f"The project {'ended' if ended else 'is'} {text}."
    return Factor(name="schedule", effect=effect, why=why, measured=float(days), limit=0.0)


def _pace(plan: Plan, today: date) -> Factor:
    expected = expected_progress(plan, today)
    if plan.status != "active" or expected is None:
        why = "Progress counts while a project with planned dates is active."
        return Factor(name="progress", effect=0.0, why=why)
    late = plan.progress < 0.5 and plan.progress < 0.8 * expected
    done, least = round(plan.progress * 100, 1), round(min(0.5, 0.8 * expected) * 100, 1)
    why = f"{done:g} % are done; at least {least:g} % should be by now."
    effect = -0.25 if late else 0.0
    return Factor(name="progress", effect=effect, why=why, measured=done, limit=least)


def _risk(plan: Plan) -> Factor:
    effect = {"critical": -0.25, "high": -0.125}.get(plan.risk, 0.0)
    return Factor(name="risk", effect=effect, why=f"The risk level is {plan.risk}.")


def band(score: float) -> Band:
    """Return a health score in words."""
    bands: tuple[tuple[float, Band], ...] = ((0.8, "Excellent"), (0.6, "Good"), (0.4, "At Risk"))
    return next((words for least, words in bands if score >= least), "Critical")


def circle(earlier: Mapping[int, Sequence[int]], start: int) -> list[int]:
    """Return the shortest way from a task along what it waits for back to itself, or nothing."""
    came: dict[int, int] = {}
    level = [start]
    while level:
        further = []
        for task in level:
            for before in earlier.get(task, ()):
                if before == start:
                    return [start, *_back(came, task, start), start]
                if before not in came:
                    came[before] = task
                    further.append(before)
        level = further
    return []


def _back(came: Mapping[int, int], task: int, start: int) -> list[int]:
    """Return the tasks between the start and a task, in the order they were reached."""
    path = []
    while task != start:
        path.append(task)
        task = came[task]
    return path[::-1]
