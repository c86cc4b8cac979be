"""Who may see and change what in a project, and the small totals that are kept beside it."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel.context import Context
from mainstay.kernel.fields import Stored
from mainstay.kernel.problems import Conflict, Denied, NotFound
from mainstay.kernel.scope import Scope, Scoping
from mainstay.kernel.storage.base import Row, prepare
from mainstay.modules.projects.entities import ProjectSettings

ID = sa.BigInteger()
WORKERS = ("owner", "admin", "member")
LEADERS = ("owner", "admin")


def own_projects(s: Scoping) -> sa.Select[Any]:
    """Return the ids of the projects that the asking person is a member of."""
    # An alias, so that leaving a project is no change that hides a record from its reader.
    member = s.tables["projects.project_member"].alias("own_member")
    mine = sa.select(member.c.project_id)
    return mine.where(member.c.user_id == s.me, member.c.deleted_at.is_(None))


def _projects(s: Scoping) -> sa.ColumnElement[bool]:
    c = s.table.c
    return sa.or_(c.id.in_(own_projects(s)), c.owner_id == s.me, c.project_manager_id == s.me)


def _in_projects(s: Scoping) -> sa.ColumnElement[bool]:
    return s.table.c.project_id.in_(own_projects(s))


def _in_tasks(s: Scoping) -> sa.ColumnElement[bool]:
    task = s.tables["projects.task"]
    seen = sa.select(task.c.id).where(task.c.deleted_at.is_(None))
    seen = seen.where(task.c.project_id.in_(own_projects(s)))
    return s.table.c.task_id.in_(seen)


def _time(s: Scoping) -> sa.ColumnElement[bool]:
    return sa.or_(s.table.c.project_id.in_(own_projects(s)), s.table.c.user_id == s.me)


OWN_PROJECTS = Scope(_projects, "You are a member of the project, own it or manage it.")
IN_PROJECTS = Scope(_in_projects, "You are a member of its project.")
IN_TASKS = Scope(_in_tasks, "You are a member of its task's project.")
OWN_TIME = Scope(_time, "You are a member of its project, or it is your own time.")


def within(key: str, column: str, says: str) -> Scope:
    """Return the scope of records that belong to a live record of a project or of its tasks.

    `column` holds the id of that record, `key` names its resource, which has a `project_id` or a
    `task_id` of its own.
    """

    def condition(s: Scoping) -> sa.ColumnElement[bool]:
        """Follow the record up to its project."""
        parent, task = s.tables[key], s.tables["projects.task"]
        seen = sa.select(parent.c.id).where(parent.c.deleted_at.is_(None))
        if "project_id" in parent.c:
            seen = seen.where(parent.c.project_id.in_(own_projects(s)))
        else:
            tasks = sa.select(task.c.id).where(task.c.deleted_at.is_(None))
            tasks = tasks.where(task.c.project_id.in_(own_projects(s)))
            seen = seen.where(parent.c.task_id.in_(tasks))
        return s.table.c[column].in_(seen)

    return Scope(condition, says)


class Standing(Struct, frozen=True):
    """What a unit of work must know about a project before it touches what is in it."""

    project_id: int
    settings: ProjectSettings
    binned: bool
    role: str | None
    everywhere: bool

    @property
    def works(self) -> bool:
        """Return whether this person may create and change tasks here."""
        return self.everywhere or self.role in WORKERS

    @property
    def leads(self) -> bool:
        """Return whether this person may manage the project and its people."""
        return self.everywhere or self.role in LEADERS


async def answer(
    ctx: Context, name: str, build: Callable[[], sa.sql.ClauseElement], **values: Any
) -> Sequence[Row]:
    """Run a statement that is compiled on its first use and kept."""
    ready = ctx.reader.shape(("projects", name), lambda: prepare(ctx.connection.engine, build()))
    return await ctx.connection.fetch(ready.sql, ready.bind({"me": ctx.me.id or 0, **values}))


async def standing(ctx: Context, project_id: int) -> Standing:
    """Return the asking person's standing in a project."""
    project = ctx.registry.tables["projects.project"]
    member = ctx.registry.tables["projects.project_member"]

    def build() -> sa.Select[Any]:
        """Read the project's settings and the person's role in one row."""
        mine = sa.and_(
            member.c.project_id == project.c.id,
            member.c.user_id == sa.bindparam("me", type_=ID),
            member.c.deleted_at.is_(None),
        )
        picks = sa.select(project.c.settings, project.c.deleted_at, member.c.role)
        return picks.select_from(project.outerjoin(member, mine)).where(
            project.c.id == sa.bindparam("project", type_=ID)
        )

    found = await answer(ctx, "standing", build, project=project_id)
    if not found:
        raise NotFound(f"There is no project {project_id}, or you may not see it.")
    settings, deleted_at, role = found[0]
    if isinstance(settings, str | bytes):
        settings = msgspec.json.decode(settings, type=ProjectSettings)
    else:
        settings = msgspec.convert(settings, ProjectSettings)
    everywhere = ctx.me.kind == "system" or ctx.can("projects.project.see_all")
    return Standing(project_id, settings, deleted_at is not None, role, everywhere)


def require_work(at: Standing) -> None:
    """Refuse changes in a project by people who only read there, and in one that is binned."""
    if at.binned:
        raise Conflict("The project is in the bin. Restore it first, then change what is in it.")
    if not at.works:
        part = f"as {at.role} you can read this project" if at.role else "you are not a member"
        raise Denied(
            f"You cannot change anything here: {part}. "
            "Ask an owner or admin of the project to make you a member."
        )


def require_lead(at: Standing, what: str) -> None:
    """Refuse management of a project by people who do not lead it."""
    if not at.leads:
        raise Denied(f"Only owners and admins of the project may {what}. Ask one of them.")


async def last_place(ctx: Context, project_id: int, status: str) -> float | None:
    """Return the last place that is taken in a project's column."""
    c = ctx.registry.tables["projects.task"].c

    def build() -> sa.Select[Any]:
        """Read the end of the index on project, status and order."""
        return sa.select(sa.func.max(c.sort_order)).where(
            c.project_id == sa.bindparam("project", type_=ID),
            c.status == sa.bindparam("status", type_=c.status.type),
        )

    (row,) = await answer(ctx, "last place", build, project=project_id, status=status)
    return None if row[0] is None else float(row[0])


async def last_step(ctx: Context, task_id: int) -> float | None:
    """Return the last place that is taken among a task's subtasks."""
    c = ctx.registry.tables["projects.subtask"].c

    def build() -> sa.Select[Any]:
        """Read the end of the index on task and order."""
        return sa.select(sa.func.max(c.sort_order)).where(
            c.task_id == sa.bindparam("task", type_=ID)
        )

    (row,) = await answer(ctx, "last step", build, task=task_id)
    return None if row[0] is None else float(row[0])


async def codes_like(ctx: Context, start: str) -> list[str]:
    """Return the live project codes that begin with these letters, whoever may see them."""
    c = ctx.registry.tables["projects.project"].c

    def build() -> sa.Select[Any]:
        """Read a range of the index on code."""
        return sa.select(c.code).where(
            c.code >= sa.bindparam("start", type_=c.code.type),
            c.code < sa.bindparam("stop", type_=c.code.type),
            c.deleted_at.is_(None),
        )

    found = await answer(ctx, "codes", build, start=start, stop=f"{start}~")
    return [row[0] for row in found]


async def members_among(ctx: Context, project_id: int, users: Sequence[int]) -> set[int]:
    """Return which of these people are members of a project."""
    c = ctx.registry.tables["projects.project_member"].c

    def build() -> sa.Select[Any]:
        """Compare with all of them in one bound value."""
        return sa.select(c.user_id).where(
            c.project_id == sa.bindparam("project", type_=ID),
            ctx.reader.compiler.among(c.user_id, "users"),
            c.deleted_at.is_(None),
        )

    wanted = _listed(ctx, users)
    found = await answer(ctx, "members among", build, project=project_id, users=wanted)
    return {row[0] for row in found}


async def members_left(ctx: Context, project_id: int, role: str) -> int:
    """Return how many live members of a project have a role."""
    c = ctx.registry.tables["projects.project_member"].c

    def build() -> sa.Select[Any]:
        """Count a few rows of the index on project."""
        return sa.select(sa.func.count()).where(
            c.project_id == sa.bindparam("project", type_=ID),
            c.role == sa.bindparam("role", type_=c.role.type),
            c.deleted_at.is_(None),
        )

    (row,) = await answer(ctx, "members left", build, project=project_id, role=role)
    return int(row[0])


async def count_tasks(ctx: Context, project_id: int, tasks: int, done: int) -> None:
    """Add to a project's numbers of tasks and of done ones, and bring its progress up to date.

    Counts are no edits: they make no new version, so nobody's open form turns stale by them.
    """
    table = ctx.registry.tables["projects.project"]
    c = table.c

    def build() -> sa.Update:
        """Count and divide in the database, so that concurrent changes add up."""
        total = c.task_count + sa.bindparam("tasks", type_=ID)
        ready = c.done_count + sa.bindparam("done", type_=ID)
        ratio = sa.cast(ready, sa.Double()) / sa.cast(total, sa.Double())
        share = sa.case((c.status == "completed", 1.0), (total > 0, ratio), else_=0.0)
        counts = {"task_count": total, "done_count": ready, "progress": share}
        return sa.update(table).values(counts).where(c.id == sa.bindparam("project", type_=ID))

    await answer(ctx, "count tasks", build, project=project_id, tasks=tasks, done=done)


async def count_steps(ctx: Context, task_id: int, steps: int, done: int) -> None:
    """Add to a task's numbers of subtasks and of completed ones, without a new version."""
    table = ctx.registry.tables["projects.task"]
    c = table.c

    def build() -> sa.Update:
        """Count in the database, so that concurrent changes add up."""
        counts = {
            "subtask_count": c.subtask_count + sa.bindparam("steps", type_=ID),
            "subtask_done": c.subtask_done + sa.bindparam("done", type_=ID),
        }
        return sa.update(table).values(counts).where(c.id == sa.bindparam("task", type_=ID))

    await answer(ctx, "count steps", build, task=task_id, steps=steps, done=done)


async def hours_of(ctx: Context, task_id: int) -> Any:
    """Return the sum of a task's live time entries, in hours."""
    c = ctx.registry.tables["projects.time_entry"].c

    def build() -> sa.Select[Any]:
        """Add up in the database, exactly."""
        return sa.select(sa.func.coalesce(sa.func.sum(c.hours), 0)).where(
            c.task_id == sa.bindparam("task", type_=ID), c.deleted_at.is_(None)
        )

    (row,) = await answer(ctx, "hours", build, task=task_id)
    kind = c.hours.type
    assert isinstance(kind, Stored)
    decode = kind.kind.from_db(ctx.connection.engine.name)
    return decode(row[0]) if decode else row[0]


async def projects_of(ctx: Context, tasks: Sequence[int]) -> dict[int, int]:
    """Return the project of each of these tasks, binned or not, without locking them."""
    c = ctx.registry.tables["projects.task"].c

    def build() -> sa.Select[Any]:
        """Compare with all of them in one bound value."""
        chosen = sa.select(c.id, c.project_id)
        return chosen.where(ctx.reader.compiler.among(c.id, "tasks"))

    found = await answer(ctx, "projects of", build, tasks=_listed(ctx, sorted(set(tasks))))
    return {row[0]: row[1] for row in found}


async def waits_from(ctx: Context, task_id: int) -> dict[int, list[int]]:
    """Return what a task waits for, what that waits for, and so on: each task's earlier ones."""
    c = ctx.registry.tables["projects.task_dependency"].c

    def build() -> sa.Select[Any]:
        """Walk the live links; a set, so that it ends even in a circle."""
        first = sa.select(sa.bindparam("task", type_=ID).label("id"))
        reached = first.cte("reached", recursive=True)
        step = sa.select(c.depends_on_id)
        step = step.where(c.task_id == reached.c.id, c.deleted_at.is_(None))
        reached = reached.union(step)
        links = sa.select(c.task_id, c.depends_on_id).where(c.deleted_at.is_(None))
        return links.where(c.task_id.in_(sa.select(reached.c.id))).order_by(c.id)

    earlier: dict[int, list[int]] = {}
    for later, before in await answer(ctx, "waits from", build, task=task_id):
        earlier.setdefault(later, []).append(before)
    return earlier


def _listed(ctx: Context, ids: Sequence[int]) -> Any:
    """Return ids in the one bound value that `among` compares with."""
    lite = ctx.connection.engine.name == "sqlite"
    return msgspec.json.encode(ids).decode() if lite else list(ids)
