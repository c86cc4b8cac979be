"""How a sprint burns down: each day's sums, and everything that changed its scope."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.modules.planning.api import calendars
from mainstay.modules.scrum import flow, history
from mainstay.modules.scrum.history import Told

DEFINITION = (
    "Committed is what was in the sprint when it started. Whatever is put in or taken out after "
    "that, deleted, cancelled or estimated anew is added or removed. Remaining is committed plus "
    "added less removed less completed, at the end of each day."
)
NOT_STARTED = "This sprint had not started by then, so nothing burns down yet."
CUT = (
    "The log was cut while the sprint ran: what was before is not known any more, and what was "
    "put in and taken out then counts only as the difference."
)
LOST = "The log was cut later than that day, so it no longer tells how the sprint stood then."


class BurndownAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which sprint, as of which day, counted in what."""

    sprint_id: Annotated[int, Meta(ge=1, description="The sprint's id")]
    as_of: Annotated[
        date | None, Meta(description="The end of that day counts; now when left out")
    ] = None
    measure: Annotated[
        Literal["points", "hours", "tasks"], Meta(description="Points, estimated hours or tasks")
    ] = "points"


class BurndownDay(Struct, kw_only=True, frozen=True):
    """One day of the sprint; what is not yet, or no longer known, has no sums but its even pace."""

    date: date
    working: bool
    ideal: float
    committed: float | None = None
    added: float | None = None
    removed: float | None = None
    completed: float | None = None
    remaining: float | None = None
    scope: float | None = None
    remaining_hours: float | None = None


class ScopeLine(Struct, kw_only=True, frozen=True):
    """Something that changed the sprint's scope: above zero it grew."""

    at: datetime
    task_id: int
    task: str
    amount: float
    why: str
    by: str


class SprintBurndown(Struct, kw_only=True, frozen=True):
    """A sprint's burndown as of a day; `missing` says why there is none."""

    sprint_id: int
    project_id: int
    name: str
    status: str
    as_of: date
    known_since: datetime | None
    from_kept_days: bool
    definition: str
    measure: str
    missing: str
    started_at: datetime | None
    completed_at: datetime | None
    start_date: date | None
    end_date: date | None
    committed: float
    added: float
    removed: float
    completed: float
    remaining: float
    scope: float
    days_behind: int
    days: list[BurndownDay]
    changes: list[ScopeLine]


@question(label="Burndown", slow=True)
async def burndown(ctx: Context, ask: BurndownAsk) -> SprintBurndown:
    """What remains of a sprint on each of its days, and who made it larger or smaller when."""
    sprint = await history.sprint_of(ctx, ask.sprint_id)
    project = await history.project_of(ctx, sprint.project_id)
    found = await history.told(ctx, sprint, ask.as_of, ask.measure)
    works = (await calendars(ctx)).of(project.calendar_id).is_working
    sums, standing = found.burndown.last, found.standing
    return SprintBurndown(
        sprint_id=sprint.id,
        project_id=sprint.project_id,
        name=standing["name"],
        status=standing["status"],
        as_of=ask.as_of or ctx.today,
        known_since=found.known_since,
        from_kept_days=found.kept,
        definition=f"{DEFINITION} {CUT}" if found.cut else DEFINITION,
        measure=ask.measure,
        missing=LOST if found.lost else "" if found.axis else NOT_STARTED,
        started_at=standing["started_at"],
        completed_at=standing["completed_at"],
        start_date=standing["start_date"],
        end_date=standing["end_date"],
        committed=sums.committed,
        added=sums.added,
        removed=sums.removed,
        completed=sums.completed,
        remaining=sums.remaining,
        scope=sums.scope,
        days_behind=_behind(found, works, ctx.today),
        days=_days(found, works),
        changes=[
            ScopeLine(at=c.at, task_id=c.task, task=c.title, amount=c.amount, why=c.why, by=c.by)
            for c in found.burndown.changes
        ],
    )


def _planned(found: Told, works: Callable[[date], bool]) -> tuple[Sequence[date], list[float]]:
    """Return the planned days of a sprint, and what an even pace leaves at the end of each."""
    end = found.standing["end_date"]
    planned = [day for day in found.axis if end is None or day <= end] or list(found.axis)
    return planned, flow.ideal(found.burndown.committed, planned, works)


def _days(found: Told, works: Callable[[date], bool]) -> list[BurndownDay]:
    _planned_days, even = _planned(found, works)
    known = {day.day: day for day in found.burndown.days}
    days = []
    for place, day in enumerate(found.axis):
        one = known.get(day)
        pace = even[place] if place < len(even) else 0.0
        if one is None:
            days.append(BurndownDay(date=day, working=works(day), ideal=pace))
            continue
        days.append(
            BurndownDay(
                date=day,
                working=works(day),
                ideal=pace,
                committed=one.committed,
                added=one.added,
                removed=one.removed,
                completed=one.completed,
                remaining=one.remaining,
                scope=one.scope,
                remaining_hours=one.remaining_hours,
            )
        )
    return days


def _behind(found: Told, works: Callable[[date], bool], today: date) -> int:
    """Return how many working days the sprint is behind; the day that still runs does not count."""
    closed = found.standing["completed_at"] is not None
    if not found.burndown.days:
        return 0
    end = found.burndown.days[-1].day
    days = [day for day in found.axis if day <= end and (closed or day < today)]
    planned, _even = _planned(found, works)
    free = not any(works(day) for day in planned)
    total, passed = (sum(free or works(day) for day in some) for some in (planned, days))
    last = found.burndown.last
    return flow.behind(last.remaining, last.committed, total, passed)
