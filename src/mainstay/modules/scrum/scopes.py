"""What the rules of sprints must know or keep in the database, whoever asks."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Denied
from mainstay.kernel.scope import Scope, Scoping
from mainstay.kernel.storage.base import Row
from mainstay.modules.projects.api import OPEN, Standing, Task, answer, decoded, standing
from mainstay.modules.scrum.rules import ENDED, GAP, places
from mainstay.modules.scrum.rules import OPEN as OPEN_SPRINTS

ID = sa.BigInteger()
COUNTED = (*OPEN, "done")
DOUBLE: sa.Double[float] = sa.Double()
CLIENT = "client"


def inner_sprints(s: Scoping) -> sa.Select[Any]:
    """Return the live sprints of projects in which the asking person is more than a client."""
    member = s.tables["projects.project_member"].alias("own_member").c
    sprint = s.tables["scrum.sprint"].c
    own = sa.select(member.project_id).where(member.user_id == s.me, member.deleted_at.is_(None))
    own = own.where(member.role != CLIENT)
    chosen = sa.select(sprint.id).where(sprint.deleted_at.is_(None))
    return chosen.where(sprint.project_id.in_(own))


def _in_sprints(s: Scoping) -> sa.ColumnElement[bool]:
    return s.table.c.sprint_id.in_(inner_sprints(s))


IN_SPRINTS = Scope(_in_sprints, "You are a member of its sprint's project, and not as a client.")


def inside(ctx: Context, at: Standing) -> bool:
    """Return whether somebody may know what a team says and plans among itself; clients do not."""
    return at.everywhere or (at.role != CLIENT and ctx.can("scrum.standup.read"))


async def require_inside(ctx: Context, project_id: int) -> None:
    """Refuse what a team says and plans among itself to clients of its project."""
    if not inside(ctx, await standing(ctx, project_id)):
        raise Denied(
            "Clients of a project see its sprints, backlog, burndown and velocity. "
            "What the team says and plans among itself is for those who work here."
        )


def counter(project_id: int) -> str:
    """Return the name of a project's counter of sprints."""
    return f"scrum.sprint:{project_id}"


async def active_in(ctx: Context, project_id: int) -> list[tuple[int, str]]:
    """Return the active sprints of a project, and let nobody else begin one until the unit ends."""
    if ctx.connection.engine.name != "sqlite":
        await ctx.raise_number(f"scrum.active:{project_id}", 0)
    c = ctx.registry.tables["scrum.sprint"].c

    def build() -> sa.Select[Any]:
        """Read a few rows of the index on project and status."""
        chosen = sa.select(c.id, c.name).where(c.project_id == sa.bindparam("project", type_=ID))
        return chosen.where(c.status == "active", c.deleted_at.is_(None)).order_by(c.id)

    found = await answer(ctx, "scrum active", build, project=project_id)
    return [(row[0], row[1]) for row in found]


async def newest_before(ctx: Context, project_id: int) -> int | None:
    """Return the newest sprint of a project."""
    c = ctx.registry.tables["scrum.sprint"].c

    def build() -> sa.Select[Any]:
        """Read the end of the index on project and number."""
        chosen = sa.select(c.id).where(c.project_id == sa.bindparam("project", type_=ID))
        return chosen.where(c.deleted_at.is_(None)).order_by(c.sprint_number.desc()).limit(1)

    found = await answer(ctx, "scrum newest", build, project=project_id)
    return found[0][0] if found else None


async def next_planned(ctx: Context, project_id: int, but: int) -> int | None:
    """Return the planned sprint of a project that comes first."""
    c = ctx.registry.tables["scrum.sprint"].c

    def build() -> sa.Select[Any]:
        """Read the planned ones, those with dates first."""
        mine = c.project_id == sa.bindparam("project", type_=ID)
        chosen = sa.select(c.id).where(mine, c.status == "planning", c.deleted_at.is_(None))
        chosen = chosen.where(c.id != sa.bindparam("but", type_=ID))
        return chosen.order_by(c.start_date.is_(None), c.start_date, c.sprint_number).limit(1)

    found = await answer(ctx, "scrum next", build, project=project_id, but=but)
    return found[0][0] if found else None


async def last_days(ctx: Context, project_id: int) -> tuple[date | None, date | None]:
    """Return the days of the sprint of a project that ends last, of those that are not over."""
    c = ctx.registry.tables["scrum.sprint"].c

    def build() -> sa.Select[Any]:
        """Read the last one that has days."""
        mine = c.project_id == sa.bindparam("project", type_=ID)
        open_ = sa.or_(*(c.status == one for one in OPEN_SPRINTS))
        chosen = sa.select(c.start_date, c.end_date).where(mine, open_, c.deleted_at.is_(None))
        return chosen.where(c.end_date.is_not(None)).order_by(c.end_date.desc()).limit(1)

    found = await answer(ctx, "scrum last days", build, project=project_id)
    rows = decoded(ctx, [c.start_date, c.end_date], found)
    return (rows[0][0], rows[0][1]) if rows else (None, None)


def parted(task: sa.FromClause, statuses: Sequence[str]) -> sa.ColumnElement[bool]:
    """Return whether a task has live parts of some status in the same sprint, or backlog, as it.

    Points and hours are those of the parts then; an epic's are those of its stories.
    """
    c, part = task.c, task.alias("part").c
    # Compared as expressions, so that parts are found by their parent's index and no other.
    place = sa.func.coalesce(part.sprint_id, 0) == sa.func.coalesce(c.sprint_id, 0)
    here = sa.and_(part.parent_id == c.id, place)
    status = sa.func.coalesce(part.status, "")
    there = sa.case((part.deleted_at.is_(None), 1), else_=0) == 1
    live = sa.and_(there, sa.or_(*(status == one for one in statuses)))
    return sa.or_(c.type == "epic", sa.and_(c.part_count > 0, sa.exists().where(here, live)))


async def hold_work(ctx: Context, sprint_id: int) -> list[Task]:
    """Lock what is in a sprint until the unit of work ends, and return it as it is then.

    The unit of work is later than all that it had to wait for.
    """
    c = ctx.registry.tables["projects.task"].c

    def build() -> sa.Select[Any]:
        """Read along the index on sprint and status."""
        mine = c.sprint_id == sa.bindparam("sprint", type_=ID)
        return sa.select(c.id).where(mine, c.deleted_at.is_(None))

    ids = [row[0] for row in await answer(ctx, "scrum in sprint", build, sprint=sprint_id)]
    noun = ctx.registry.noun(Task)
    found: dict[int, Any] = await ctx.load_all(noun, ids, anywhere=True)
    come_after(ctx)
    return [found[one] for one in sorted(found) if found[one].sprint_id == sprint_id]


def come_after(ctx: Context) -> None:
    """Let a unit of work be later than those it has waited for."""
    ctx.now = max(ctx.now, ctx.workspace.clock.now())


class Sums(NamedTuple):
    """What is in a sprint: tasks and points, in all and done; cancelled ones do not count.

    A task counts no points of its own while parts of it are in the sprint, an epic never.
    """

    tasks: int = 0
    points: float = 0.0
    done: int = 0
    done_points: float = 0.0

    @property
    def left(self) -> int:
        """Return how many tasks are not done."""
        return self.tasks - self.done

    @property
    def left_points(self) -> float:
        """Return the points that are not done."""
        return self.points - self.done_points


async def sums_of(ctx: Context, sprints: Iterable[int]) -> dict[int, Sums]:
    """Return what is in each of these sprints, in one statement."""
    ids = sorted(set(sprints))
    if not ids:
        return {}
    task = ctx.registry.tables["projects.task"]
    c = task.c

    def build() -> sa.Select[Any]:
        """Add up along the index on sprint and status."""
        points = sa.case((parted(task, COUNTED), 0.0), else_=sa.func.coalesce(c.story_points, 0.0))
        done = c.status == "done"
        sums = (
            sa.func.count(),
            sa.func.sum(points),
            sa.func.sum(sa.case((done, 1), else_=0)),
            sa.func.sum(sa.case((done, points), else_=0.0)),
        )
        here = ctx.reader.compiler.among(c.sprint_id, "sprints")
        chosen = sa.select(c.sprint_id, *sums).where(here, c.deleted_at.is_(None))
        return chosen.where(c.status != "cancelled").group_by(c.sprint_id)

    found = await answer(ctx, "scrum sums", build, sprints=ctx.listed(ids))
    kept = {row[0]: Sums(int(row[1]), float(row[2]), int(row[3]), float(row[4])) for row in found}
    return {one: kept.get(one, Sums()) for one in ids}


async def impediments_in(ctx: Context, sprints: Iterable[int]) -> dict[int, int]:
    """Return how many open impediments each of these sprints has."""
    ids = sorted(set(sprints))
    c = ctx.registry.tables["scrum.impediment"].c

    def build() -> sa.Select[Any]:
        """Count along the index on sprint and status."""
        here = ctx.reader.compiler.among(c.sprint_id, "sprints")
        stuck = sa.or_(c.status == "open", c.status == "in_progress")
        chosen = sa.select(c.sprint_id, sa.func.count()).where(here, stuck, c.deleted_at.is_(None))
        return chosen.group_by(c.sprint_id)

    if not ids:
        return {}
    found = await answer(ctx, "scrum impediments", build, sprints=ctx.listed(ids))
    return {row[0]: int(row[1]) for row in found}


async def leads_in(ctx: Context, project_id: int) -> list[int]:
    """Return the people who lead open tasks of a project."""
    c = ctx.registry.tables["projects.task"].c

    def build() -> sa.Select[Any]:
        """Read them along the index on project and status."""
        mine = c.project_id == sa.bindparam("project", type_=ID)
        live = sa.and_(mine, c.deleted_at.is_(None), c.assignee_id.is_not(None))
        chosen = sa.select(c.assignee_id).where(live, sa.or_(*(c.status == one for one in OPEN)))
        return chosen.distinct().limit(100)

    return [row[0] for row in await answer(ctx, "scrum leads", build, project=project_id)]


# ---- the order of the backlog ----


async def hold(ctx: Context, project_id: int) -> None:
    """Let nobody else give out places of a project's backlog until the unit of work ends."""
    if ctx.connection.engine.name != "sqlite":
        await ctx.raise_number(f"scrum.backlog:{project_id}", 0)


async def place_new(ctx: Context, project_id: int) -> None:
    """Give the tasks that have no place yet their places at the end, in the order they were made.

    Nothing is done for them when they are made, so making a task costs nothing more. Places are
    all that these numbers mean, so this makes no new versions and no log rows.
    """
    table = ctx.registry.tables["projects.task"]
    c = table.c
    mine = c.project_id == sa.bindparam("project", type_=ID)

    def lacking() -> sa.Select[Any]:
        """Look at the beginning of the index on project and place."""
        return sa.select(c.id).where(mine, c.backlog_order == 0.0).limit(1)

    def build() -> sa.Update:
        """Number them all in one statement."""
        other = table.alias("other")
        last = sa.select(sa.func.coalesce(sa.func.max(other.c.backlog_order), 0.0))
        last = last.where(other.c.project_id == sa.bindparam("project", type_=ID))
        rank = sa.func.row_number().over(order_by=c.id)
        number = last.scalar_subquery() + rank * sa.bindparam("gap", type_=DOUBLE)
        ranked = sa.select(c.id.label("record"), number.label("place"))
        found = ranked.where(mine, c.backlog_order == 0.0).subquery()
        return sa.update(table).values(backlog_order=found.c.place).where(c.id == found.c.record)

    if await answer(ctx, "scrum unplaced", lacking, project=project_id):
        await answer(ctx, "scrum place", build, project=project_id, gap=GAP)


class Neighbour(NamedTuple):
    """A task beside which others go."""

    place: float
    project_id: int
    sprint_id: int | None

    def stands(self, project_id: int, sprint_id: int | None) -> bool:
        """Return whether it is in a project's sprint, or in its backlog."""
        return (self.project_id, self.sprint_id) == (project_id, sprint_id)


async def neighbours(ctx: Context, ids: Sequence[int]) -> dict[int, Neighbour]:
    """Return where live tasks stand; one whose sprint is over stands in the backlog."""
    task, sprint = (ctx.registry.tables[key] for key in ("projects.task", "scrum.sprint"))
    c, s = task.c, sprint.c

    def build() -> sa.Select[Any]:
        """Read them with the status of their sprints."""
        over = sa.or_(*(s.status == one for one in ENDED))
        here = sa.case((over, None), else_=c.sprint_id)
        chosen = sa.select(c.id, c.backlog_order, c.project_id, here)
        chosen = chosen.select_from(task.outerjoin(sprint, s.id == c.sprint_id))
        return chosen.where(ctx.reader.compiler.among(c.id, "tasks"), c.deleted_at.is_(None))

    found = await answer(ctx, "scrum neighbours", build, tasks=ctx.listed(sorted(set(ids))))
    return {row[0]: Neighbour(float(row[1]), row[2], row[3]) for row in found}


async def beside(
    ctx: Context, project_id: int, here: float, but: Sequence[int], *, back: bool = False
) -> float | None:
    """Return the next place that is taken after a place, or before it; None at the end."""
    c = ctx.registry.tables["projects.task"].c

    def build() -> sa.Select[Any]:
        """Walk along the index on project and place."""
        mark = sa.bindparam("here", type_=DOUBLE)
        chosen = sa.select(c.backlog_order).where(
            c.project_id == sa.bindparam("project", type_=ID),
            c.backlog_order < mark if back else c.backlog_order > mark,
            c.backlog_order > 0.0,
            sa.not_(ctx.reader.compiler.among(c.id, "but")),
        )
        return chosen.order_by(c.backlog_order.desc() if back else c.backlog_order).limit(1)

    name = f"scrum {'before' if back else 'after'}"
    moved = ctx.listed(sorted(but))
    found = await answer(ctx, name, build, project=project_id, here=here, but=moved)
    return float(found[0][0]) if found else None


async def last_place(ctx: Context, project_id: int, but: Sequence[int]) -> float:
    """Return the last place that is taken, or where the first one begins."""
    return await beside(ctx, project_id, 1e300, but, back=True) or 0.0


async def spread(ctx: Context, project_id: int) -> None:
    """Give every task of a project its place anew, at equal distances, when there is no room."""
    table = ctx.registry.tables["projects.task"]
    c = table.c

    def build() -> sa.Update:
        """Number all of them in one statement."""
        rank = sa.func.row_number().over(order_by=(c.backlog_order, c.id))
        number = rank * sa.bindparam("gap", type_=DOUBLE)
        ranked = sa.select(c.id.label("record"), number.label("place"))
        mine = c.project_id == sa.bindparam("project", type_=ID)
        found = ranked.where(mine, c.backlog_order > 0.0).subquery()
        return sa.update(table).values(backlog_order=found.c.place).where(c.id == found.c.record)

    await answer(ctx, "scrum spread", build, project=project_id, gap=GAP)


async def put(
    ctx: Context, tasks: Sequence[Task], after: int | None, before: int | None, end: str
) -> bool:
    """Place tasks behind one another, after one task, before another, or at an end.

    Their places must be held. Returns whether what they go beside was there.
    """
    project_id, ids = tasks[0].project_id, [task.id for task in tasks]
    noun = ctx.registry.noun(Task)
    numbers: list[float] | None = None
    for _ in range(2):
        low = await _low(ctx, tasks[0], ids, after, before, end)
        if low is None:
            return False
        numbers = places(low, await beside(ctx, project_id, low, ids), len(tasks))
        if numbers is not None:
            break
        await spread(ctx, project_id)
    await refresh(ctx, noun, tasks)
    for task, number in zip(tasks, numbers or (), strict=True):
        task.backlog_order = number
    return True


async def _low(
    ctx: Context, task: Task, ids: Sequence[int], after: int | None, before: int | None, end: str
) -> float | None:
    """Return the place behind which tasks go, or None when what they go beside has left."""
    project_id = task.project_id
    if end == "top":
        return 0.0
    if end == "bottom":
        return await last_place(ctx, project_id, ids)
    known = await neighbours(ctx, [one for one in (after, before) if one and one not in ids])
    first = known.get(after or 0)
    if first is not None and first.stands(project_id, task.sprint_id):
        return first.place
    second = known.get(before or 0)
    if second is not None and second.stands(project_id, task.sprint_id):
        return await beside(ctx, project_id, second.place, ids, back=True) or 0.0
    return None


async def refresh(ctx: Context, noun: Noun, tasks: Sequence[Entity]) -> None:
    """Take in the places that tasks have now: numbering anew is no edit of theirs."""
    c = noun.table.c

    def build() -> sa.Select[Any]:
        """Read them by id."""
        here = ctx.reader.compiler.among(c.id, "tasks")
        return sa.select(c.id, c.backlog_order).where(here)

    ids = sorted({task.id for task in tasks})
    found: Sequence[Row] = await answer(ctx, "scrum places", build, tasks=ctx.listed(ids))
    for record_id, place in found:
        ctx.written(noun, record_id, {"backlog_order": float(place)})
