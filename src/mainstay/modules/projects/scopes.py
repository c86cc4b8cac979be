"""Who may see and change what in a project, and the small totals that are kept beside it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import EPOCH
from mainstay.kernel.problems import Conflict, Denied, FieldError, Invalid, NotFound
from mainstay.kernel.scope import Scope, Scoping
from mainstay.kernel.storage.base import Row, prepare
from mainstay.modules.projects.entities import ProjectSettings

NEAR = date(1900, 1, 1), date(2199, 12, 31)
ID = sa.BigInteger()
WORKERS = ("owner", "admin", "member")
LEADERS = ("owner", "admin")
# What a person's standing depends on.
STANDING = frozenset({"projects.project", "projects.project_member"})


def own_projects(s: Scoping) -> sa.Select[Any]:
    """Return the ids of the projects that the asking person is a member of."""
    # An alias, so that leaving a project is no change that hides a record from its reader.
    member = s.tables["projects.project_member"].alias("own_member")
    mine = sa.select(member.c.project_id)
    return mine.where(member.c.user_id == s.me, member.c.deleted_at.is_(None))


def _binned_with_me(s: Scoping) -> sa.Select[Any]:
    """Return the ids of binned projects that took the asking person's membership along."""
    member = s.tables["projects.project_member"].alias("binned_member")
    project = s.tables["projects.project"].alias("binned_project")
    together = sa.and_(project.c.id == member.c.project_id, project.c.deleted_at.is_not(None))
    gone = sa.select(member.c.project_id).join_from(member, project, together)
    return gone.where(member.c.user_id == s.me, member.c.deleted_at == project.c.deleted_at)


def _projects(s: Scoping) -> sa.ColumnElement[bool]:
    c = s.table.c
    led = sa.or_(c.owner_id == s.me, c.project_manager_id == s.me)
    # Who binned a project must be able to find it in the bin.
    return sa.or_(c.id.in_(own_projects(s)), led, c.id.in_(_binned_with_me(s)))


def _members(s: Scoping) -> sa.ColumnElement[bool]:
    project = s.table.c.project_id
    return sa.or_(project.in_(own_projects(s)), project.in_(_binned_with_me(s)))


def _in_projects(s: Scoping) -> sa.ColumnElement[bool]:
    return s.table.c.project_id.in_(own_projects(s))


def _in_tasks(s: Scoping) -> sa.ColumnElement[bool]:
    task = s.tables["projects.task"]
    seen = sa.select(task.c.id).where(task.c.deleted_at.is_(None))
    seen = seen.where(task.c.project_id.in_(own_projects(s)))
    return s.table.c.task_id.in_(seen)


def _time(s: Scoping) -> sa.ColumnElement[bool]:
    c, user = s.table.c, s.tables["identity.user"].alias("reporting")
    mine = sa.or_(c.project_id.in_(own_projects(s)), c.user_id == s.me)
    if "manager_id" not in user.c:
        return mine
    reports = sa.select(user.c.id).where(user.c.manager_id == s.me, user.c.deleted_at.is_(None))
    return sa.or_(mine, c.user_id.in_(reports))


OWN_PROJECTS = Scope(_projects, "You are a member of the project, own it or manage it.")
MEMBERS = Scope(_members, "You are a member of its project.")
IN_PROJECTS = Scope(_in_projects, "You are a member of its project.")
IN_TASKS = Scope(_in_tasks, "You are a member of its task's project.")
OWN_TIME = Scope(
    _time,
    "You are a member of its project, it is your own time, or that of somebody who reports to you.",
)


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
    """Return the asking person's standing in a project; it is asked once in a unit of work."""
    known: dict[int, Standing] = _remembered(ctx, "standings")
    if project_id not in known:
        known |= await _standings(ctx, (project_id,))
    if project_id not in known:
        raise NotFound(f"There is no project {project_id}, or you may not see it.")
    return known[project_id]


async def standings(ctx: Context, projects: Iterable[int]) -> dict[int, Standing]:
    """Return the asking person's standing in each of these projects, in one statement."""
    wanted, known = sorted(set(projects)), _remembered(ctx, "standings")
    fresh = [one for one in wanted if one not in known]
    if fresh:
        known |= await _standings(ctx, fresh)
    return {one: await standing(ctx, one) for one in wanted}


def _remembered(ctx: Context, name: str) -> dict[Any, Any]:
    """Return what was asked before, until a project or who belongs to one is changed."""
    known: dict[Any, Any]
    upto, known = ctx.notes.get(f"projects.{name}", (0, {}))
    if any(change.noun.key in STANDING for change in ctx.changes[upto:]):
        known = {}
    ctx.notes[f"projects.{name}"] = (len(ctx.changes), known)
    return known


async def _standings(ctx: Context, projects: Sequence[int]) -> dict[int, Standing]:
    project = ctx.registry.tables["projects.project"]
    member = ctx.registry.tables["projects.project_member"]
    single = len(projects) == 1

    def build() -> sa.Select[Any]:
        """Read each project's settings and the person's role in one row."""
        # What an undo bins with the project itself was the person's to change until then.
        since = sa.bindparam("since", type_=project.c.deleted_at.type)
        mine = sa.and_(
            member.c.project_id == project.c.id,
            member.c.user_id == sa.bindparam("me", type_=ID),
            sa.or_(member.c.deleted_at.is_(None), member.c.deleted_at == since),
        )
        c = project.c
        binned = sa.and_(c.deleted_at.is_not(None), c.deleted_at != since)
        picks = sa.select(c.id, c.settings, binned, member.c.role)
        here = c.id == sa.bindparam("project", type_=ID)
        among = here if single else ctx.reader.compiler.among(c.id, "project")
        return picks.select_from(project.outerjoin(member, mine)).where(among)

    name = "standing" if single else "standings"
    wanted = projects[0] if single else ctx.listed(projects)
    now = ctx.now if ctx.undoing else EPOCH
    found = await answer(ctx, name, build, project=wanted, since=now)
    everywhere = ctx.me.kind == "system" or ctx.can("projects.project.see_all")
    return {
        row[0]: Standing(row[0], _settings(row[1]), bool(row[2]), row[3], everywhere)
        for row in found
    }


def _settings(said: Any) -> ProjectSettings:
    if isinstance(said, str | bytes):
        return msgspec.json.decode(said, type=ProjectSettings)
    return msgspec.convert(said, ProjectSettings)


def near(**days: date | None) -> None:
    """Refuse days that no work lies on, by their fields' names, before anything counts with them.

    Weeks and time zones around the first and the last day of the calendar are not to be told.
    """
    first, last = NEAR
    said = f"must be a day from {first} to {last}"
    far = [name for name, day in days.items() if day is not None and not first <= day <= last]
    if far:
        errors = [FieldError(name, said) for name in far]
        raise Invalid(f"{', '.join(far)} {said}.", errors=errors)


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

    known: dict[tuple[int, int], bool] = _remembered(ctx, "members")
    fresh = [one for one in users if (project_id, one) not in known]
    if fresh:
        wanted = ctx.listed(fresh)
        found = await answer(ctx, "members among", build, project=project_id, users=wanted)
        members = {row[0] for row in found}
        known |= {(project_id, one): one in members for one in fresh}
    return {one for one in users if known[project_id, one]}


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


async def projects_of(ctx: Context, tasks: Sequence[int]) -> dict[int, int]:
    """Return the project of each of these tasks, binned or not, without locking them."""
    c = ctx.registry.tables["projects.task"].c

    def build() -> sa.Select[Any]:
        """Compare with all of them in one bound value."""
        chosen = sa.select(c.id, c.project_id)
        return chosen.where(ctx.reader.compiler.among(c.id, "tasks"))

    found = await answer(ctx, "projects of", build, tasks=ctx.listed(sorted(set(tasks))))
    return {row[0]: row[1] for row in found}


async def waits_from(ctx: Context, tasks: Sequence[int]) -> dict[int, list[int]]:
    """Return what tasks wait for, what that waits for, and so on: each task's earlier ones.

    Links that only relate two tasks make nobody wait.
    """
    c = ctx.registry.tables["projects.task_dependency"].c
    waits = sa.and_(c.deleted_at.is_(None), c.type != "relates_to")

    def build() -> sa.Select[Any]:
        """Walk the live links; a set, so that it ends even in a circle."""
        first = sa.select(c.task_id.label("id")).where(
            ctx.reader.compiler.among(c.task_id, "tasks"), waits
        )
        reached = first.cte("reached", recursive=True)
        step = sa.select(c.depends_on_id).where(c.task_id == reached.c.id, waits)
        reached = reached.union(step)
        links = sa.select(c.task_id, c.depends_on_id).where(waits)
        return links.where(c.task_id.in_(sa.select(reached.c.id))).order_by(c.id)

    earlier: dict[int, list[int]] = {}
    found = await answer(ctx, "waits from", build, tasks=ctx.listed(sorted(set(tasks))))
    for later, before in found:
        earlier.setdefault(later, []).append(before)
    return earlier
