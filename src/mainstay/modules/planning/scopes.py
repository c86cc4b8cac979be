"""What planning reads in sets: calendars, the tasks and links of projects, what others count on."""

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import msgspec
import sqlalchemy as sa

from mainstay.kernel.clock import today_in
from mainstay.kernel.context import Context
from mainstay.kernel.fields import Stored
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import NotFound
from mainstay.kernel.scope import Scope, Scoping, me_bind, require
from mainstay.kernel.storage.base import prepare
from mainstay.modules.planning.calendars import WEEK, Calendars, Off, Week
from mainstay.modules.planning.plan import Wait, Work
from mainstay.modules.projects.api import OPEN, Project

T = TypeVar("T")
ID = sa.BigInteger()
NAMES = (
    "id",
    "version",
    "project_id",
    "code",
    "title",
    "status",
    "start_date",
    "due_date",
    "duration_days",
    "not_before",
    "fixed_dates",
    "estimated_hours",
    "remaining_hours",
    "completed_at",
    "milestone_id",
    "parent_id",
    "priority",
)
_CALENDARS: WeakKeyDictionary[Context, Calendars] = WeakKeyDictionary()


def _for_all_or_me(s: Scoping) -> sa.ColumnElement[bool]:
    link = s.tables["planning.holiday"].metadata.tables["planning_holiday_people"].alias("off")
    named = sa.select(link.c.owner_id).where(link.c.owner_id == s.table.c.id)
    mine = named.where(link.c.target_id == s.me)
    return sa.or_(~sa.exists(named), sa.exists(mine))


FOR_ALL_OR_ME = Scope(_for_all_or_me, "It is for everybody, or you are one of its people.")


async def read(
    ctx: Context,
    name: str,
    build: Callable[[], sa.sql.ClauseElement],
    columns: Sequence[sa.ColumnElement[Any] | None],
    **values: Any,
) -> list[Sequence[Any]]:
    """Run a statement that is compiled once, and decode each value as its field's own type."""
    engine = ctx.connection.engine
    ready = ctx.reader.shape(("planning", name), lambda: prepare(engine, build()))
    found = await ctx.connection.fetch(ready.sql, ready.bind({"me": ctx.me.id or 0, **values}))
    kinds = [column.type if column is not None else None for column in columns]
    codecs = [
        kind.kind.from_db(engine.name) if isinstance(kind, Stored) else None for kind in kinds
    ]
    used = [(place, codec) for place, codec in enumerate(codecs) if codec]
    rows: list[Sequence[Any]] = []
    for row in found:
        values_ = list(row)
        for place, codec in used:
            if values_[place] is not None:
                values_[place] = codec(values_[place])
        rows.append(values_)
    return rows


def listed(ctx: Context, ids: Iterable[int]) -> Any:
    """Return ids in the one bound value that `among` compares with."""
    wanted = sorted(set(ids))
    lite = ctx.connection.engine.name == "sqlite"
    return msgspec.json.encode(wanted).decode() if lite else wanted


async def aside(ctx: Context, work: Callable[[], T]) -> T:
    """Do long sums beside the event loop; what reads SQLite slowly is in a thread already."""
    if ctx.connection.engine.name == "postgresql":
        return await asyncio.to_thread(work)
    return work()


def visible(ctx: Context, noun: Noun) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of what the asking person may see of a resource."""
    found: list[sa.ColumnElement[bool]] = [noun.table.c.deleted_at.is_(None)]
    if ctx.reader.scoped(noun, ctx.me):
        scope = ctx.registry.scope_condition(noun, me_bind())
        found += [] if scope is None else [scope]
    return found


def sight(ctx: Context, noun: Noun) -> str:
    """Return what tells statements of different sight apart."""
    return "scoped" if ctx.reader.scoped(noun, ctx.me) else "all"


# ---- calendars ----


async def calendars(ctx: Context) -> Calendars:
    """Return the calendars of the workspace; read once in a unit of work."""
    found = _CALENDARS.get(ctx)
    if found is None:
        found = Calendars(await _weeks(ctx), await _offs(ctx), ctx.today)
        _CALENDARS[ctx] = found
    return found


async def _weeks(ctx: Context) -> list[Week]:
    c = ctx.registry.tables["planning.work_calendar"].c
    columns = [c[n] for n in ("id", "name", "country", "subdivision", "is_default", *WEEK)]

    def build() -> sa.Select[Any]:
        """Read the live calendars, the oldest first."""
        return sa.select(*columns).where(c.deleted_at.is_(None)).order_by(c.id)

    return [
        Week(
            id=row[0],
            name=row[1],
            country=row[2],
            subdivision=row[3],
            is_default=bool(row[4]),
            hours=tuple(row[5:]),
        )
        for row in await read(ctx, "weeks", build, columns)
    ]


async def _offs(ctx: Context) -> list[Off]:
    noun = ctx.registry.noun("planning.holiday")
    c, people = noun.table.c, noun.link_tables["people"].c
    columns = [c[n] for n in ("id", "name", "date", "end_date", "calendar_id", "half_day")]

    def build() -> sa.Select[Any]:
        """Read the live days off with the people they are for, in one statement."""
        joined = noun.table.outerjoin(people.owner_id.table, people.owner_id == c.id)
        chosen = sa.select(*columns, people.target_id).select_from(joined)
        return chosen.where(c.deleted_at.is_(None)).order_by(c.id)

    rows: dict[int, tuple[Sequence[Any], set[int]]] = {}
    for row in await read(ctx, "offs", build, [*columns, None]):
        people_ = rows.setdefault(row[0], (row, set()))[1]
        people_.update([row[6]] if row[6] else [])
    return [
        Off(
            name=row[1],
            first=row[2],
            last=max(row[3] or row[2], row[2]),
            calendar_id=row[4],
            half=bool(row[5]),
            people=frozenset(who),
        )
        for row, who in rows.values()
    ]


# ---- projects, tasks and links ----


@dataclass
class Plan:
    """A project as planning reads it: its tasks, its links, and those of others at their ends."""

    project: Project
    works: dict[int, Work] = field(default_factory=dict)
    waits: list[Wait] = field(default_factory=list)
    others: dict[int, Work] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """Return what tells this state of the plan from every other one."""
        rows = sorted((one.id, one.version) for one in self.works.values())
        links = sorted((one.id, one.version) for one in self.waits)
        beside = sorted((one.id, one.version) for one in self.others.values())
        text = msgspec.json.encode([self.project.version, rows, links, beside])
        return hashlib.sha256(text).hexdigest()[:16]


async def project_of(ctx: Context, project_id: int) -> Project:
    """Return a project that the asking person may see."""
    noun = ctx.registry.noun(Project)
    require(ctx.me, noun.permission("read"))
    require(ctx.me, ctx.registry.noun("projects.task").permission("read"))
    found: list[Any] = []
    if 0 < project_id < 2**63:
        ask = ctx.ask(noun, {"id": project_id, "limit": 1, "sort": "id"})
        found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    if not found:
        raise NotFound(f"There is no project {project_id}, or you may not see it.")
    assert isinstance(found[0], Project)
    return found[0]


async def plan_of(ctx: Context, project_id: int) -> Plan:
    """Return one project's plan."""
    project = await project_of(ctx, project_id)
    return (await plans_of(ctx, [project]))[project.id]


async def plans_of(ctx: Context, projects: Sequence[Project]) -> dict[int, Plan]:
    """Return the plans of projects in three statements, however many tasks there are."""
    found = {project.id: Plan(project) for project in projects}
    for work in await _works(ctx, "project_id", found, sight_of=True):
        found[work.project_id].works[work.id] = work
    ends: set[int] = set()
    home = {task: plan for plan in found.values() for task in plan.works}
    links = await _waits(ctx, found)
    for link in links:
        for plan in {id(p): p for t in (link.earlier, link.later) if (p := home.get(t))}.values():
            plan.waits.append(link)
            ends.update(t for t in (link.earlier, link.later) if t not in plan.works)
    beside = {work.id: work for work in await works_by_id(ctx, ends)} if ends else {}
    for plan in found.values():
        tasks = {t for link in plan.waits for t in (link.earlier, link.later)}
        plan.others = {t: beside[t] for t in tasks if t not in plan.works and t in beside}
    return found


async def works_by_id(ctx: Context, ids: Iterable[int]) -> list[Work]:
    """Return live tasks by their ids, whoever may see them: their dates count for those who wait.

    What is shown of them must be asked for within the reader's scope.
    """
    return await _works(ctx, "id", ids, sight_of=False)


async def _works(ctx: Context, column: str, ids: Iterable[int], *, sight_of: bool) -> list[Work]:
    noun = ctx.registry.noun("projects.task")
    c = noun.table.c
    columns = [c[name] for name in NAMES]

    def build() -> sa.Select[Any]:
        """Read the tasks of some projects, or some tasks."""
        chosen = sa.select(*columns).where(ctx.reader.compiler.among(c[column], "ids"))
        seen = visible(ctx, noun) if sight_of else [c.deleted_at.is_(None)]
        return chosen.where(*seen).order_by(c.id)

    key = f"works {column} {sight(ctx, noun) if sight_of else 'any'}"
    rows = await read(ctx, key, build, columns, ids=listed(ctx, ids))
    return [_work(row, ctx.me.zone) for row in rows]


def _work(row: Sequence[Any], zone: str) -> Work:
    return Work(
        id=row[0],
        version=row[1],
        project_id=row[2],
        code=row[3],
        title=row[4],
        status=row[5],
        start_date=row[6],
        due_date=row[7],
        duration_days=row[8],
        not_before=row[9],
        fixed_dates=bool(row[10]),
        estimated_hours=None if row[11] is None else float(row[11]),
        remaining_hours=None if row[12] is None else float(row[12]),
        completed=None if row[13] is None else today_in(zone, row[13]),
        milestone_id=row[14],
        parent_id=row[15],
        priority=row[16],
    )


LINK = ("id", "version", "depends_on_id", "task_id", "type", "lag_days")


async def _waits(ctx: Context, projects: Iterable[int]) -> list[Wait]:
    """Return the links with an end in one of the projects, but for those that only relate."""
    link = ctx.registry.tables["projects.task_dependency"].c
    task = ctx.registry.tables["projects.task"].c
    columns = [link[name] for name in LINK]

    def build() -> sa.Select[Any]:
        """Find them from either end along the index on the project."""
        among = ctx.reader.compiler.among(task.project_id, "ids")
        inside = sa.select(task.id).where(among, task.deleted_at.is_(None))
        ends = sa.or_(link.task_id.in_(inside), link.depends_on_id.in_(inside))
        chosen = sa.select(*columns).where(ends, link.deleted_at.is_(None))
        return chosen.where(link.type != "relates_to").order_by(link.id)

    rows = await read(ctx, "waits", build, columns, ids=listed(ctx, projects))
    return [Wait(*row) for row in rows]


async def milestones_of(ctx: Context, projects: Iterable[int]) -> list[Sequence[Any]]:
    """Return id, project, name, due date, status and completed date of projects' milestones."""
    noun = ctx.registry.nouns.get("milestones.milestone")
    if noun is None or not ctx.can(noun.permission("read")):
        return []
    c = noun.table.c
    names = ("id", "project_id", "name", "due_date", "status", "completed_date")
    columns = [c[name] for name in names]

    def build() -> sa.Select[Any]:
        """Read those that this person may see, by their dates."""
        chosen = sa.select(*columns).where(ctx.reader.compiler.among(c.project_id, "ids"))
        chosen = chosen.where(*visible(ctx, noun), c.status != "cancelled")
        return chosen.order_by(c.due_date, c.id)

    key = f"milestones {sight(ctx, noun)}"
    return await read(ctx, key, build, columns, ids=listed(ctx, projects))


async def people_of(ctx: Context, project_id: int) -> dict[int, float]:
    """Return the members of a project with the share of their day that they give to it."""
    m = ctx.registry.tables["projects.project_member"].c
    columns = [m.user_id, m.allocation]

    def build() -> sa.Select[Any]:
        """Read one project's live members."""
        mine = m.project_id == sa.bindparam("project", 0, type_=ID)
        return sa.select(*columns).where(mine, m.deleted_at.is_(None))

    rows = await read(ctx, "people", build, columns, project=project_id)
    return {row[0]: row[1] for row in rows}


async def assigned(ctx: Context, project_id: int) -> dict[int, list[int]]:
    """Return who works on each task of a project."""
    noun = ctx.registry.noun("projects.task")
    link, c = noun.link_tables["assignees"].c, noun.table.c

    def build() -> sa.Select[Any]:
        """Read the rows of one link table, the leads first."""
        inside = sa.select(c.id).where(c.project_id == sa.bindparam("project", 0, type_=ID))
        chosen = sa.select(link.owner_id, link.target_id)
        chosen = chosen.where(link.owner_id.in_(inside.where(c.deleted_at.is_(None))))
        return chosen.order_by(link.owner_id, link.position)

    found: dict[int, list[int]] = {}
    for row in await read(ctx, "assigned", build, [None, None], project=project_id):
        found.setdefault(row[0], []).append(row[1])
    return found


async def names_of(ctx: Context, people: Iterable[int]) -> Mapping[int, str]:
    """Return what people are called; those that may not be seen have no name."""
    noun = ctx.registry.noun("identity.user")
    u = noun.table.c
    named = [u[n] for n in ("display_name", "first_name", "last_name", "username") if n in u]
    columns = [u.id, *named]

    def build() -> sa.Select[Any]:
        """Read the parts of their names."""
        among = ctx.reader.compiler.among(u.id, "ids")
        return sa.select(*columns).where(among, *visible(ctx, noun))

    rows = await read(ctx, f"names {sight(ctx, noun)}", build, columns, ids=listed(ctx, people))
    found = {}
    for row in rows:
        display, *rest = [str(part or "") for part in row[1:]]
        full = " ".join(part for part in rest[:2] if part)
        found[row[0]] = display or full or (rest[2] if rest[2:] else "")
    return found


# ---- baselines ----


async def count_plan(ctx: Context, project_id: int) -> tuple[int, date | None]:
    """Return how many tasks a baseline would keep, and the last day among them."""
    c = ctx.registry.tables["projects.task"].c

    def build() -> sa.Select[Any]:
        """Count the tasks of a project that are not dropped."""
        last = sa.func.max(sa.func.coalesce(c.due_date, c.start_date))
        return sa.select(sa.func.count(), last).where(*_kept(c))

    (row,) = await read(ctx, "count plan", build, [None, c.due_date], project=project_id)
    return int(row[0]), row[1]


async def keep_plan(ctx: Context, baseline_id: int, project_id: int) -> None:
    """Write what a baseline keeps of each task, in one statement; these rows are never edited."""
    noun = ctx.registry.noun("planning.baseline_task")
    t, b = ctx.registry.tables["projects.task"].c, noun.table
    names = ("start_date", "due_date", "estimated_hours", "progress")

    def build() -> sa.Insert:
        """Copy the tasks' columns where they lie."""
        at = sa.bindparam("at", type_=b.c.created_at.type)
        by = sa.bindparam("by", None, type_=ID)
        kept: dict[str, Any] = {
            "created_at": at,
            "updated_at": at,
            "created_by": by,
            "updated_by": by,
            "version": sa.literal(1),
            "baseline_id": sa.bindparam("baseline", 0, type_=ID),
            "task_id": t.id,
            **{name: t[name] for name in names},
        }
        rows = sa.select(*kept.values()).where(*_kept(t))
        return sa.insert(b).from_select(list(kept), rows)

    values = {"at": ctx.now, "by": ctx.me.id, "baseline": baseline_id, "project": project_id}
    await read(ctx, "keep plan", build, [], **values)


def _kept(c: Any) -> tuple[sa.ColumnElement[bool], ...]:
    mine = c.project_id == sa.bindparam("project", 0, type_=ID)
    return mine, c.deleted_at.is_(None), c.status != "cancelled"


async def baseline_rows(ctx: Context, baseline_id: int) -> dict[int, tuple[Any, ...]]:
    """Return what a baseline keeps of each task: start, due and estimated hours."""
    c = ctx.registry.tables["planning.baseline_task"].c
    columns = [c[name] for name in ("task_id", "start_date", "due_date", "estimated_hours")]

    def build() -> sa.Select[Any]:
        """Read one baseline's rows along their index."""
        return sa.select(*columns).where(c.baseline_id == sa.bindparam("baseline", 0, type_=ID))

    rows = await read(ctx, "baseline rows", build, columns, baseline=baseline_id)
    return {row[0]: tuple(row[1:]) for row in rows}


async def task_names(ctx: Context, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return code and title of tasks that the asking person may see, also of those in the bin."""
    noun = ctx.registry.noun("projects.task")
    c = noun.table.c
    wanted = listed(ctx, ids)
    if wanted in ("[]", []):
        return {}

    def build() -> sa.Select[Any]:
        """Read them within the person's sight."""
        _live, *seen = visible(ctx, noun)
        chosen = sa.select(c.id, c.code, c.title)
        return chosen.where(ctx.reader.compiler.among(c.id, "ids"), *seen)

    rows = await read(ctx, f"task names {sight(ctx, noun)}", build, [None] * 3, ids=wanted)
    return {row[0]: (row[1], row[2]) for row in rows}


async def baselines_of(ctx: Context, projects: Iterable[int]) -> list[Sequence[Any]]:
    """Return id, project, name and instant of the baselines of projects, the newest first."""
    noun = ctx.registry.noun("planning.baseline")
    if not ctx.can(noun.permission("read")):
        return []
    c = noun.table.c
    columns = [c[n] for n in ("id", "project_id", "name", "taken_at", "task_count", "planned_end")]

    def build() -> sa.Select[Any]:
        """Read those that this person may see."""
        among = ctx.reader.compiler.among(c.project_id, "ids")
        chosen = sa.select(*columns).where(among, *visible(ctx, noun))
        return chosen.order_by(c.taken_at.desc(), c.id.desc())

    key = f"baselines {sight(ctx, noun)}"
    return await read(ctx, key, build, columns, ids=listed(ctx, projects))


# ---- what was done ----


async def finished_of(ctx: Context, project_id: int) -> tuple[list[Sequence[Any]], int, Any]:
    """Return when a project's tasks were done, how many are open, and when it began."""
    noun = ctx.registry.noun("projects.task")
    c = noun.table.c
    columns = [c.completed_at, c.start_date, c.created_at]

    def done() -> sa.Select[Any]:
        """Read the instants of those that are done."""
        mine = c.project_id == sa.bindparam("project", 0, type_=ID)
        chosen = sa.select(*columns).where(mine, *visible(ctx, noun), c.status == "done")
        return chosen.where(c.completed_at.is_not(None)).order_by(c.completed_at)

    def rest() -> sa.Select[Any]:
        """Count the open ones, and find when the first task was made."""
        mine = c.project_id == sa.bindparam("project", 0, type_=ID)
        open_ = sa.case((c.status.in_(OPEN), 1), else_=0)
        chosen = sa.select(sa.func.coalesce(sa.func.sum(open_), 0), sa.func.min(c.created_at))
        return chosen.where(mine, *visible(ctx, noun))

    rows = await read(ctx, f"done {sight(ctx, noun)}", done, columns, project=project_id)
    kinds = [None, c.created_at]
    (row,) = await read(ctx, f"rest {sight(ctx, noun)}", rest, kinds, project=project_id)
    return rows, int(row[0]), row[1]
