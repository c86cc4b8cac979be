"""The story of a sprint, told from the log as it is now, and kept when the sprint is completed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel import past
from mainstay.kernel.context import IDS, Context
from mainstay.modules.projects.api import Task, answer, decoded
from mainstay.modules.scrum.entities import Sprint, SprintStory
from mainstay.modules.scrum.health import Stand
from mainstay.modules.scrum.history import figures_of
from mainstay.modules.scrum.questions.retrospectives import moods_of
from mainstay.modules.scrum.questions.stand import stand_of
from mainstay.modules.scrum.questions.standups import days_of

FIELDS = (
    "code",
    "title",
    "story_points",
    "status",
    "assignee_id",
    "completed_at",
    "type",
    "parent_id",
)
SPRINTS = 6
MOST = 1000
Fate = Literal["completed", "open", "rolled_on", "went_back", "removed", "dropped"]


class TaskTold(Struct, kw_only=True):
    """A task of a sprint: whether it came in later, and what became of it there."""

    id: int
    code: str
    title: str
    points: float | None
    assignee_id: int | None
    fate: Fate
    added: bool = False
    added_at: datetime | None = None
    added_by: int | None = None
    left_at: datetime | None = None
    left_by: int | None = None
    to_sprint: str = ""
    completed_at: datetime | None = None
    parent_id: int | None = None


class PersonTold(Struct, kw_only=True):
    """What one person did in a sprint."""

    user_id: int
    tasks: int = 0
    points: float = 0.0
    hours: Decimal = Decimal(0)


class ImpedimentTold(Struct, kw_only=True):
    """What was in the way, how long, and what took it away."""

    id: int
    title: str
    severity: str
    status: str
    owner_id: int | None
    since: datetime
    until: datetime | None
    resolution: str


class MoodTold(Struct, kw_only=True):
    """A day's stand-up: who said something, and how they felt."""

    date: date
    said: int
    people: int
    blocked: int
    mood: float | None


class Story(Struct, kw_only=True):
    """What the report of a sprint tells, as of an instant."""

    at: datetime
    on: date
    committed: float
    completed: float
    added: float
    removed: float
    capacity: Decimal | None
    worked: Decimal
    in_the_way: int
    end: date | None
    mood: float | None
    moods: int
    earlier: list[float]
    tasks: list[TaskTold]
    people: list[PersonTold]
    impediments: list[ImpedimentTold]
    standups: list[MoodTold]
    whole: bool = True

    def stand(self) -> Stand:
        """Return what the health of the sprint looks at."""
        return Stand(
            committed=self.committed,
            completed=self.completed,
            capacity=self.capacity,
            worked=self.worked,
            impediments=self.in_the_way,
            end=self.end,
            on=self.on,
        )

    def told(self) -> dict[str, Any]:
        """Return the story as a document to keep."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


async def kept_story(ctx: Context, sprint: Sprint) -> Story | None:
    """Return the story that was kept when a sprint was completed, or None."""
    c = ctx.registry.tables["scrum.sprint_story"].c

    def build() -> sa.Select[Any]:
        """Read the one there is."""
        mine = c.sprint_id == sa.bindparam("sprint", type_=IDS)
        return sa.select(c.told).where(mine, c.deleted_at.is_(None)).limit(1)

    found = decoded(ctx, [c.told], await answer(ctx, "scrum: kept", build, sprint=sprint.id))
    return msgspec.convert(found[0][0], Story, strict=False) if found else None


async def story_of(ctx: Context, sprint: Sprint) -> Story:
    """Return the story of a sprint: as it was kept, or as it can be told now."""
    kept = await kept_story(ctx, sprint) if sprint.status == "completed" else None
    return kept or await tell(ctx, sprint)


async def tell(ctx: Context, sprint: Sprint) -> Story:
    """Tell the story of a sprint as of now, what this unit of work has changed included."""
    tasks, whole = await _tasks(ctx, sprint)
    left = [one.id for one in tasks if one.fate in ("rolled_on", "went_back")]
    stand = await stand_of(ctx, sprint, left)
    mood, moods = await moods_of(ctx, sprint.id)
    shifted = await _shifted(ctx, sprint)
    return Story(
        at=sprint.completed_at or ctx.now,
        on=stand.on,
        committed=stand.committed,
        completed=stand.completed,
        added=shifted[0],
        removed=shifted[1],
        capacity=stand.capacity,
        worked=stand.worked,
        in_the_way=stand.impediments,
        end=sprint.end_date,
        mood=mood,
        moods=moods,
        earlier=await earlier_points(ctx, sprint),
        tasks=tasks,
        people=await _people(ctx, sprint, tasks, stand.on),
        impediments=await impediments_told(ctx, sprint.id),
        standups=await standups_told(ctx, sprint.id),
        whole=whole,
    )


async def _shifted(ctx: Context, sprint: Sprint) -> tuple[float, float]:
    """Return the points that came in and went out after the start, as the burndown has them."""
    if sprint.status == "completed":
        return sprint.added_points, sprint.removed_points
    figures = await figures_of(ctx, sprint)
    return figures.added, figures.removed


# ---- the tasks: what the log says ----


async def _tasks(ctx: Context, sprint: Sprint) -> tuple[list[TaskTold], bool]:
    """Return every task that was in a sprint after its start, and whether the log is whole."""
    noun = ctx.registry.noun(Task)
    since = sprint.started_at
    if since is None or since < sprint.created_at:
        # It was written down after it had begun, so the log knows nothing of what came when.
        since = ctx.now
    known = await past.turns_of(
        ctx, noun, since, ctx.now, within=("sprint_id", sprint.id), names=FIELDS
    )
    states: dict[int, dict[str, Any]] = {
        one: state for one, state in known.start.items() if state["deleted_at"] is None
    }
    told = {one: _told(one, state) for one, state in states.items()}
    for turn in known.turns:
        _turn(told, turn, ctx.change_set if sprint.status in ("completed", "cancelled") else 0)
    for record_id, name in (await _destinations(ctx, sprint)).items():
        if one := told.get(record_id):
            one.to_sprint = name
            one.fate = "went_back" if one.fate == "rolled_on" and not name else one.fate
    purged = await past.known_since(ctx)
    found = sorted(told.values(), key=lambda one: (one.completed_at is None, one.id))
    return found[:MOST], since < ctx.now and (purged is None or purged <= since)


def _told(record_id: int, state: Mapping[str, Any]) -> TaskTold:
    """Return a task as it stands in a sprint."""
    fates: dict[str, Fate] = {"done": "completed", "cancelled": "dropped"}
    return TaskTold(
        id=record_id,
        code=state["code"],
        title=state["title"],
        points=state["story_points"],
        assignee_id=state["assignee_id"],
        fate=fates.get(state["status"], "open"),
        completed_at=state["completed_at"] if state["status"] == "done" else None,
        parent_id=state["parent_id"],
    )


def _turn(told: dict[int, TaskTold], turn: past.Turn, closing: int) -> None:
    """Take a change of the log into what is told; `closing` is the change set that ended it."""
    before = turn.before if turn.before and turn.before["deleted_at"] is None else None
    after = turn.after if turn.after and turn.after["deleted_at"] is None else None
    was = told.get(turn.record_id)
    if after is not None:
        now = _told(turn.record_id, after)
        if was is not None:
            now.added, now.added_at, now.added_by = was.added, was.added_at, was.added_by
        if before is None and (was is None or was.fate == "removed"):
            now.added = was is None or was.added
            now.added_at, now.added_by = turn.at, turn.actor_id
        told[turn.record_id] = now
    elif was is not None and was.fate != "removed":
        was.fate = "rolled_on" if closing and turn.change_set == closing else "removed"
        was.left_at, was.left_by = turn.at, turn.actor_id


async def _destinations(ctx: Context, sprint: Sprint) -> dict[int, str]:
    """Return the sprint that each task went into which left this one in this unit of work."""
    noun, moved = ctx.registry.noun(Task), {}
    for change in ctx.changes:
        if change.noun is noun and (change.before or {}).get("sprint_id") == sprint.id:
            moved[change.record_id] = (change.after or {}).get("sprint_id")
    wanted = sorted({one for one in moved.values() if one})
    sprints = await ctx.load_all(ctx.registry.noun(Sprint), wanted, anywhere=True) if wanted else {}
    names = {one: other.name for one, other in sprints.items() if isinstance(other, Sprint)}
    return {task: names.get(target or 0, "") for task, target in moved.items()}


# ---- the rest ----


async def earlier_points(ctx: Context, sprint: Sprint) -> list[float]:
    """Return the points of the project's last completed sprints before this one, newest first."""
    c = ctx.registry.tables["scrum.sprint"].c

    def build() -> sa.Select[Any]:
        """Read along the index on project and status."""
        chosen = sa.select(c.completed_points).where(
            c.project_id == sa.bindparam("project", type_=IDS),
            c.status == "completed",
            c.sprint_number < sa.bindparam("number", type_=IDS),
            c.deleted_at.is_(None),
        )
        return chosen.order_by(c.sprint_number.desc()).limit(SPRINTS)

    asked = {"project": sprint.project_id, "number": sprint.sprint_number}
    return [float(row[0]) for row in await answer(ctx, "scrum: earlier", build, **asked)]


async def _people(
    ctx: Context, sprint: Sprint, tasks: Sequence[TaskTold], on: date
) -> list[PersonTold]:
    """Return what each person completed and how long they worked, most points first."""
    found: dict[int, PersonTold] = {}
    here = [task for task in tasks if task.fate not in ("removed", "dropped")]
    # Points of a task with parts in the sprint are theirs.
    wholes = {task.parent_id for task in here}
    for task in tasks:
        if task.fate == "completed" and task.assignee_id:
            own = found.setdefault(task.assignee_id, PersonTold(user_id=task.assignee_id))
            own.tasks += 1
            own.points += 0.0 if task.id in wholes else task.points or 0.0
    for user_id, hours in await hours_by(ctx, sprint, [task.id for task in here], on):
        found.setdefault(user_id, PersonTold(user_id=user_id)).hours = hours
    return sorted(
        found.values(), key=lambda one: (-one.points, -one.tasks, -one.hours, one.user_id)
    )


async def hours_by(
    ctx: Context, sprint: Sprint, tasks: Sequence[int], on: date
) -> list[Sequence[Any]]:
    """Return the hours that each person logged on tasks from the sprint's first day to a day."""
    if sprint.start_date is None or not tasks:
        return []
    e = ctx.registry.tables["projects.time_entry"].c

    def build() -> sa.Select[Any]:
        """Add up along the index on the task."""
        chosen = sa.select(e.user_id, sa.func.sum(e.hours)).where(
            ctx.reader.compiler.among(e.task_id, "tasks"),
            e.date >= sa.bindparam("first", type_=e.date.type),
            e.date <= sa.bindparam("last", type_=e.date.type),
            e.deleted_at.is_(None),
            e.user_id.is_not(None),
        )
        return chosen.group_by(e.user_id).order_by(e.user_id)

    asked = {"tasks": ctx.listed(sorted(tasks)), "first": sprint.start_date, "last": on}
    found = decoded(ctx, [None, e.hours], await answer(ctx, "scrum: hours by", build, **asked))
    return [row for row in found if row[1] > 0]


async def impediments_told(ctx: Context, sprint_id: int) -> list[ImpedimentTold]:
    """Return what was in the way of a sprint, in the order in which it came."""
    c = ctx.registry.tables["scrum.impediment"].c
    names = ("id", "title", "severity", "status", "owner_id", "created_at", "resolved_at")
    columns = [c[name] for name in (*names, "resolution")]

    def build() -> sa.Select[Any]:
        """Read along the index on sprint and status."""
        mine = c.sprint_id == sa.bindparam("sprint", type_=IDS)
        chosen = sa.select(*columns).where(mine, c.deleted_at.is_(None), c.status != "cancelled")
        return chosen.order_by(c.created_at, c.id).limit(MOST)

    found = await answer(ctx, "scrum: impediments told", build, sprint=sprint_id)
    return [
        ImpedimentTold(
            id=row[0],
            title=row[1],
            severity=row[2],
            status=row[3],
            owner_id=row[4],
            since=row[5],
            until=row[6],
            resolution=row[7],
        )
        for row in decoded(ctx, columns, found)
    ]


async def standups_told(ctx: Context, sprint_id: int) -> list[MoodTold]:
    """Return the days on which a sprint had stand-ups."""
    names = MoodTold.__struct_fields__
    days = await days_of(ctx, sprint_id, 0)
    return [MoodTold(**{name: getattr(day, name) for name in names}) for day in days]


async def keep_story(ctx: Context, sprint: Sprint) -> None:
    """Keep the story of a sprint that this unit of work has completed."""
    story = await tell(ctx, sprint)
    await ctx.create(SprintStory(sprint_id=sprint.id, told=story.told()))
