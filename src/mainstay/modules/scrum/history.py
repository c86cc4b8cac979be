"""What the log knows of sprints and projects, brought into the plain form that `flow` replays."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec import Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import EPOCH, Entity
from mainstay.kernel.past import known_since, records_at, turns_of
from mainstay.kernel.problems import NotFound, invalid
from mainstay.kernel.scope import require
from mainstay.modules.projects.api import Project, near
from mainstay.modules.scrum import flow
from mainstay.modules.scrum.entities import Sprint, SprintDay
from mainstay.modules.scrum.flow import Burndown, History, Measure, State, Sums, Turn

# What is read of tasks: the commonest change first; of a whole project no more than its flow needs.
FLOW = ("status", "story_points", "estimated_hours", "title", "code", "type", "created_at")
NAMES = (*FLOW, "sprint_id", "remaining_hours", "parent_id")
STANDING = ("name", "status", "started_at", "completed_at", "start_date", "end_date")
LAST = 6
MOST = 1000
# A sprint takes thirty days at most; one that was never closed is shown for as long as this.
LONGEST = 120


class SprintVelocity(Struct, kw_only=True, frozen=True):
    """What one completed sprint was to bring, and what it brought."""

    sprint_id: int
    name: str
    number: int
    start_date: date | None
    end_date: date | None
    completed_at: datetime | None
    committed: float
    completed: float
    predictability: float | None


class Velocity(Struct, kw_only=True, frozen=True):
    """A project's completed sprints, oldest first, with average, range and predictability."""

    sprints: list[SprintVelocity]
    average: float | None
    low: float | None
    high: float | None
    average_of_3: float | None
    average_of_6: float | None
    predictability: float | None


class Figures(Struct, kw_only=True, frozen=True):
    """How a sprint stands in points: remaining = committed + added - removed - completed."""

    committed: float = 0.0
    added: float = 0.0
    removed: float = 0.0
    completed: float = 0.0
    remaining: float = 0.0
    scope: float = 0.0


class Told(Struct, frozen=True):
    """A sprint as it stood, and its days as far as they had come and are known.

    All are `lost` where the log was cut after the day that is asked for.
    """

    standing: Mapping[str, Any]
    axis: list[date]
    burndown: Burndown
    known_since: datetime | None
    kept: bool = False
    lost: bool = False

    @property
    def cut(self) -> bool:
        """Return whether its first days are not known any more."""
        started = self.standing["started_at"]
        cut = self.known_since is not None and started is not None and self.known_since > started
        return cut and not self.kept


# ---- what the log says ----


def state_of(told: Mapping[str, Any] | None) -> State | None:
    """Return a task of the log as `flow` takes it."""
    if told is None:
        return None
    left = told.get("remaining_hours")
    return State(
        sprint=told.get("sprint_id"),
        status=told["status"],
        points=told["story_points"] or 0.0,
        hours=float(told["estimated_hours"] or 0),
        left=None if left is None else float(left),
        alive=told["deleted_at"] is None,
        type=told["type"],
        title=f"{told['code']} {told['title']}".strip(),
        parent=told.get("parent_id"),
    )


async def history_of(
    ctx: Context, since: datetime, until: datetime, *, ended: bool = False, **parent: int
) -> tuple[History, dict[int, datetime]]:
    """Return the tasks of a sprint or project at an instant and all that happened to them later.

    `parent` is `sprint_id` or `project_id`; also told is when each task was made, and with
    `ended` when those were done that were done before.
    """
    noun = ctx.registry.noun("projects.task")
    ((name, value),) = parent.items()
    names = NAMES if name == "sprint_id" else (*FLOW, "completed_at") if ended else FLOW
    past = await turns_of(ctx, noun, since, until, within=(name, value), names=names)
    created = {key: one["created_at"] for key, one in past.start.items()}
    start = {key: state for key, one in past.start.items() if (state := state_of(one))}
    turns = []
    last: dict[int, State | None] = dict(start)
    taken_back = {turn.change_set for turn in past.turns if turn.verb == "undo"}
    for turn in past.turns:
        task, after = turn.record_id, state_of(turn.after)
        if turn.after is not None:
            created.setdefault(task, turn.after["created_at"])
        said = {"new": turn.made, "undo": turn.change_set in taken_back}
        turns.append(Turn(turn.at, task, last.get(task), after, turn.actor, **said))
        last[task] = after
    over = past.start.items() if ended else ()
    done = {key: at for key, one in over if one["status"] == "done" and (at := one["completed_at"])}
    return History(start, turns, done), created


async def project_of(ctx: Context, project_id: int) -> Project:
    """Return a project that the asking person may see."""
    found = await _one(ctx, Project, project_id)
    if not isinstance(found, Project):
        raise NotFound(f"There is no project {project_id}, or you may not see it.")
    return found


async def sprint_of(ctx: Context, sprint_id: int) -> Sprint:
    """Return a sprint that the asking person may see."""
    found = await _one(ctx, Sprint, sprint_id)
    if not isinstance(found, Sprint):
        raise NotFound(f"There is no sprint {sprint_id}, or you may not see it.")
    return found


async def _one(ctx: Context, kind: type[Entity], record_id: int) -> Entity | None:
    noun = ctx.registry.noun(kind)
    require(ctx.me, noun.permission("read"))
    require(ctx.me, ctx.registry.noun("projects.task").permission("read"))
    found: Sequence[Entity] = ()
    if 0 < record_id < 2**63:
        ask = ctx.ask(noun, {"id": record_id, "limit": 1, "sort": "id"})
        found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return found[0] if found else None


def until(ctx: Context, as_of: date | None) -> datetime:
    """Return the end of a day where the asking person is, or now on the present day."""
    near(as_of=as_of)
    if as_of is not None and as_of > ctx.today:
        raise invalid("as_of", "must not be after today; what is to come is a forecast's matter")
    if as_of is None:
        return ctx.now
    end = flow.night(as_of, ctx.me.zone).astimezone(UTC) - timedelta(microseconds=1)
    return min(end, ctx.now)


# ---- a sprint's days ----


async def told(
    ctx: Context, sprint: Sprint, as_of: date | None = None, measure: Measure = "points"
) -> Told:
    """Return a sprint's days as of a day, from the log; from its kept days where that was cut."""
    at = until(ctx, as_of)
    since = await known_since(ctx)
    standing: Mapping[str, Any] = _standing(sprint)
    if as_of is not None and as_of < ctx.today:
        standing = await _standing_at(ctx, sprint, at)
    started = standing["started_at"]
    if started is None or started > at:
        return Told(standing, [], Burndown(0.0, [], []), since)
    cut = since is not None and since > started
    if cut and measure != "points":
        raise invalid(
            "measure", "must be points: the log was cut since, and only points of it were kept"
        )
    if cut and standing["completed_at"] is not None:
        return await _kept(ctx, sprint, standing, as_of or ctx.today, since)
    if since is not None and since > at:
        return Told(standing, [], Burndown(0.0, [], []), since, lost=True)
    return Told(standing, *await _replayed(ctx, sprint, standing, at, since, measure), since)


def _standing(sprint: Sprint) -> dict[str, Any]:
    return {name: getattr(sprint, name) for name in STANDING}


async def _standing_at(ctx: Context, sprint: Sprint, at: datetime) -> Mapping[str, Any]:
    noun, parent = ctx.registry.noun(Sprint), ("project_id", sprint.project_id)
    found = await records_at(ctx, noun, at, within=parent, names=STANDING)
    if sprint.id not in found:
        raise invalid("as_of", "is before this sprint was made")
    return found[sprint.id]


async def _replayed(
    ctx: Context,
    sprint: Sprint,
    standing: Mapping[str, Any],
    at: datetime,
    since: datetime | None,
    measure: Measure = "points",
) -> tuple[list[date], Burndown]:
    """Replay the log from a sprint's start to its end, or to the instant that is asked for.

    Where the log is whole only `since` later, the days before that are left out: what was
    committed is kept in the sprint, and what came and went before only as their difference.
    """
    started, closed, zone = standing["started_at"], standing["completed_at"], ctx.me.zone
    last = min(at, closed) if closed is not None else at
    begin = started if since is None else max(started, since)
    history, _created = await history_of(ctx, begin, last, sprint_id=sprint.id)
    if closed is not None:
        kept = [turn for turn in history.turns if not _closing(turn, sprint.id, closed)]
        history = replace(history, turns=kept)
    axis = axis_of(standing, last, zone)
    days = [day for day in axis if day <= flow.day_of(last, zone) and known(day, begin, zone)]
    committed = sprint.commitment_points if begin > started else None
    found = flow.burndown(
        history, sprint.id, days, zone, started=begin, measure=measure, committed=committed
    )
    return axis, found


def known(day: date, since: datetime | None, zone: str) -> bool:
    """Return whether a log that is whole since an instant knows how a day ended."""
    return since is None or flow.night(day, zone) > since


def _closing(turn: Turn, sprint_id: int, closed: datetime) -> bool:
    """Return whether a task left because its sprint was closed: its last day shows it still."""
    before, leaves = turn.before, not flow.in_sprint(turn.after, sprint_id)
    gone = turn.after is None or (turn.after.alive and turn.after.sprint != sprint_id)
    return turn.at == closed and leaves and gone and before is not None and before.status != "done"


def axis_of(standing: Mapping[str, Any], last: datetime, zone: str) -> list[date]:
    """Return the days of a sprint from its start to its planned or its real end."""
    first = flow.day_of(standing["started_at"], zone)
    end = max(standing["end_date"] or first, flow.day_of(last, zone), first)
    return flow.days_from(first, min(end, first + timedelta(LONGEST)))


async def _kept(
    ctx: Context,
    sprint: Sprint,
    standing: Mapping[str, Any],
    as_of: date,
    since: datetime | None,
) -> Told:
    """Return the days that were kept when a sprint was closed."""
    rows = await ctx.all(SprintDay, anywhere=True, limit=MOST, sprint_id=sprint.id, sort="date")
    days = [_day_of(sprint, row) for row in rows if row.date <= as_of]
    sums = Sums(sprint.commitment_points)
    if days:
        end = days[-1]
        sums = Sums(end.committed, end.added, end.removed, end.completed)
    axis = axis_of(standing, standing["completed_at"], ctx.me.zone)
    return Told(standing, axis, Burndown(sums.committed, days, [], sums), since, kept=True)


def _day_of(sprint: Sprint, row: SprintDay) -> flow.SprintDay:
    committed = flow.tidy(
        row.remaining_points + row.completed_points + row.removed_points - row.added_points
    )
    return flow.SprintDay(
        day=row.date,
        committed=committed,
        added=row.added_points,
        removed=row.removed_points,
        completed=row.completed_points,
        remaining=row.remaining_points,
        scope=flow.tidy(row.remaining_points + row.completed_points),
        remaining_hours=float(row.remaining_hours or 0),
    )


# ---- for other parts of the room ----


async def figures_of(ctx: Context, sprint: Sprint) -> Figures:
    """Return how a sprint stands in points, by the log; all zero before it has started."""
    if sprint.started_at is None:
        return Figures()
    at = min(ctx.now, sprint.completed_at or ctx.now)
    since = await known_since(ctx)
    _axis, found = await _replayed(ctx, sprint, _standing(sprint), at, since)
    sums = found.last
    return Figures(
        committed=sums.committed,
        added=sums.added,
        removed=sums.removed,
        completed=sums.completed,
        remaining=sums.remaining,
        scope=sums.scope,
    )


async def keep_days(ctx: Context, sprint: Sprint) -> None:
    """Keep a sprint's days as its burndown shows them now, for when the log is cut one day."""
    if sprint.started_at is None:
        return
    at = min(ctx.now, sprint.completed_at or ctx.now)
    since = await known_since(ctx)
    _axis, found = await _replayed(ctx, sprint, _standing(sprint), at, since)
    rows = await ctx.all(SprintDay, anywhere=True, limit=MOST, sprint_id=sprint.id)
    there = {row.date: row for row in rows}
    fresh = []
    for day in found.days:
        row = there.pop(day.day, None)
        if row is None:
            row = SprintDay(sprint_id=sprint.id, date=day.day)
            fresh.append(row)
        row.remaining_points, row.completed_points = day.remaining, day.completed
        row.added_points, row.removed_points = day.added, day.removed
        row.remaining_hours = Decimal(str(round(day.remaining_hours, 2)))
    for row in there.values():
        await ctx.delete(row)
    await ctx.create_many(fresh)


async def velocity_of(
    ctx: Context, project_id: int, last: int = LAST, as_of: date | None = None
) -> Velocity:
    """Return what a project's last completed sprints brought, as they kept it when they ended."""
    at, noun = until(ctx, as_of), ctx.registry.noun(Sprint)
    asked = {"project_id": project_id, "status": "completed", "sort": "-completed_at,-id"}
    ask = ctx.ask(noun, {**asked, "completed_at__lte": at.isoformat()})
    ask.limit = last
    rows, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    sprints = [_velocity(row) for row in reversed(rows) if isinstance(row, Sprint)]
    found = flow.pace([(one.committed, one.completed) for one in sprints])
    return Velocity(
        sprints=sprints,
        average=found.average,
        low=found.low,
        high=found.high,
        average_of_3=found.average_of_3,
        average_of_6=found.average_of_6,
        predictability=found.predictability,
    )


def _velocity(sprint: Sprint) -> SprintVelocity:
    committed, completed = sprint.commitment_points, sprint.completed_points
    return SprintVelocity(
        sprint_id=sprint.id,
        name=sprint.name,
        number=sprint.sprint_number,
        start_date=sprint.start_date,
        end_date=sprint.end_date,
        completed_at=sprint.completed_at,
        committed=committed,
        completed=completed,
        predictability=round(completed / committed, 4) if committed else None,
    )


async def of_project(
    ctx: Context, project_id: int, at: datetime, since: datetime = EPOCH
) -> tuple[History, dict[int, datetime], datetime | None]:
    """Return what the log knows of a project's tasks between two instants, and since when."""
    whole = await known_since(ctx)
    cut = whole is not None and since < whole
    history, created = await history_of(ctx, since, at, project_id=project_id, ended=cut)
    return history, created, whole
