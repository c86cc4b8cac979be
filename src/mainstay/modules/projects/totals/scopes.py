"""The statements that keep the totals: counts, progress, and who waits for what."""

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.scope import me_bind
from mainstay.kernel.storage.base import Row, prepare
from mainstay.modules.projects import rules
from mainstay.modules.projects.entities import Task
from mainstay.modules.projects.scopes import ID, answer

Tally = tuple[int, int, int, int]


class Kept(NamedTuple):
    """A task with what is kept of its parts."""

    id: int
    part: rules.Part
    hours: tuple[Decimal | None, Decimal]
    subtasks: tuple[int, int]
    parts: tuple[int, int]

    @property
    def due_units(self) -> int:
        """Return how far the task is by what it holds now."""
        return rules.task_units(self.part.status, self.hours, self.subtasks, self.parts)


class Waiting(NamedTuple):
    """That a task waits for an earlier one now; what may not be seen has no name."""

    task_id: int
    earlier_id: int
    type: str
    lag_days: int
    code: str
    title: str
    status: str
    seen: bool


def kept_of(task: Task) -> Kept:
    """Return a loaded task with what is kept of its parts."""
    return Kept(
        task.id,
        part_of(task),
        (task.estimated_hours, task.actual_hours),
        (task.subtask_count, task.subtask_done),
        (task.part_count, task.part_units),
    )


def part_of(task: Task) -> rules.Part:
    """Return a loaded task as it counts for what it belongs to."""
    return rules.Part(
        task.project_id,
        task.parent_id,
        task.milestone_id,
        task.deleted_at is None,
        task.status,
        round(task.progress * rules.WHOLE),
    )


async def locked_tasks(ctx: Context, ids: Collection[int]) -> list[Kept]:
    """Return tasks with what is kept of them, binned or not, locked until the unit of work ends."""
    c = ctx.registry.tables["projects.task"].c
    names = ("id", "project_id", "parent_id", "milestone_id", "status", "deleted_at")
    more = ("subtask_count", "subtask_done", "part_count", "part_units", "progress")
    hours = ("estimated_hours", "actual_hours")

    def build() -> sa.Select[Any]:
        """Lock them in the order of their ids, so that two never wait for each other."""
        chosen = sa.select(*(c[name] for name in (*names, *more, *hours)))
        chosen = chosen.where(ctx.reader.compiler.among(c.id, "tasks")).order_by(c.id)
        return chosen.with_for_update()

    found = await answer(ctx, "locked tasks", build, tasks=ctx.listed(sorted(ids)))
    fields, engine = ctx.registry.noun(Task).fields, ctx.connection.engine.name
    codecs = [fields[name].kind.from_db(engine) for name in hours]

    def kept(row: Row) -> Kept:
        """Read one row."""
        part = rules.Part(
            row[1], row[2], row[3], row[5] is None, row[4], round(float(row[10]) * rules.WHOLE)
        )
        said = [
            codec(value) if codec and value is not None else value
            for codec, value in zip(codecs, row[11:13], strict=True)
        ]
        return Kept(row[0], part, (said[0], said[1]), (row[6], row[7]), (row[8], row[9]))

    return [kept(row) for row in found]


async def kept_totals(ctx: Context) -> dict[int, tuple[str, Tally]]:
    """Return each project's stage with what is kept of its tasks."""
    c = ctx.registry.tables["projects.project"].c

    def build() -> sa.Select[Any]:
        """Read every project, binned ones too."""
        names = ("id", "status", "task_count", "done_count", "part_count", "progress_units")
        return sa.select(*(c[name] for name in names)).order_by(c.id).with_for_update()

    found = await answer(ctx, "kept totals", build)
    return {row[0]: (row[1], (row[2], row[3], row[4], row[5])) for row in found}


async def tasks_in(ctx: Context, project_id: int) -> list[int]:
    """Return the ids of all tasks of a project, binned ones too."""
    c = ctx.registry.tables["projects.task"].c

    def build() -> sa.Select[Any]:
        """Read the index on project."""
        return sa.select(c.id).where(c.project_id == sa.bindparam("project", type_=ID))

    return [row[0] for row in await answer(ctx, "tasks in", build, project=project_id)]


async def linked_tasks(ctx: Context) -> set[int]:
    """Return the tasks at either end of a link."""
    c = ctx.registry.tables["projects.task_dependency"].c

    def build() -> sa.Select[Any]:
        """Read both ends."""
        return sa.select(c.task_id, c.depends_on_id).where(c.deleted_at.is_(None))

    return {one for row in await answer(ctx, "linked tasks", build) for one in row}


async def done_before(ctx: Context, name: str) -> bool:
    """Return whether something that is done once in a workspace's life was done."""
    c = ctx.registry.metadata.tables["kernel_counter"].c

    def build() -> sa.Select[Any]:
        """Read one counter."""
        return sa.select(c.value).where(c.name == sa.bindparam("counter", type_=c.name.type))

    return bool(await answer(ctx, "done before", build, counter=name))


async def write_totals(ctx: Context, changed: Sequence[Kept]) -> None:
    """Write what is kept of locked tasks: no edits, so they make no new versions."""
    table = ctx.registry.tables["projects.task"]
    names = ("subtask_count", "subtask_done", "part_count", "part_units")

    def build() -> sa.Update:
        """Write one task's totals."""
        values: dict[str, Any] = {n: sa.bindparam(n, type_=ID) for n in names}
        values["progress"] = sa.bindparam("share", type_=table.c.progress.type)
        return sa.update(table).values(values).where(_one(table))

    rows = [
        {"record": kept.id, "share": share} | totals
        for kept in changed
        for totals in (dict(zip(names, (*kept.subtasks, *kept.parts), strict=True)),)
        for share in (kept.part.units / rules.WHOLE,)
    ]
    await _each(ctx, "task totals", build, rows)
    noun = ctx.registry.noun(Task)
    for row in rows:
        totals = {name: row[name] for name in names} | {"progress": row["share"]}
        ctx.written(noun, int(row["record"]), totals)


async def count_tasks(ctx: Context, tallies: Mapping[int, Tally], *, anyway: bool = False) -> None:
    """Add to projects' numbers of tasks, and bring their progress up to date.

    A tally says how many tasks more there are, how many more are done, how many more count for
    the progress, and their ten-thousandths. Counts are no edits: they make no new version, so
    nobody's open form turns stale by them. Where nothing was added nothing is written, unless it
    is to be measured `anyway`.
    """
    table = ctx.registry.tables["projects.project"]
    c = table.c
    names = ("task_count", "done_count", "part_count", "progress_units")

    def build() -> sa.Update:
        """Count and divide in the database, so that concurrent changes add up."""
        values: dict[str, Any] = {n: c[n] + sa.bindparam(f"more_{n}", type_=ID) for n in names}
        count: sa.ColumnElement[float] = sa.cast(values["part_count"], sa.Double())
        units: sa.ColumnElement[float] = sa.cast(values["progress_units"], sa.Double())
        mean = units / (count * float(rules.WHOLE))
        kept = sa.case((c.status == "completed", 1.0), (values["part_count"] > 0, mean), else_=0.0)
        values["progress"] = kept
        return sa.update(table).values(values).where(_one(table))

    rows = [
        {"record": project_id} | {f"more_{n}": more for n, more in zip(names, tally, strict=True)}
        for project_id, tally in sorted(tallies.items())
        if anyway or any(tally)
    ]
    await _each(ctx, "count tasks", build, rows)
    noun = ctx.registry.noun("projects.project")
    for row in rows:
        if project := ctx.held(noun, row["record"]):
            ctx.written(noun, project.id, _added(project, {n: row[f"more_{n}"] for n in names}))


def _added(project: Entity, more: Mapping[str, int]) -> dict[str, Any]:
    """Return a held project's totals after something was added to them."""
    values: dict[str, Any] = {name: getattr(project, name) + n for name, n in more.items()}
    status: str = project.status  # type: ignore[attr-defined]
    units, count = values["progress_units"], values["part_count"]
    return values | {"progress": rules.project_progress(status, units, count)}


async def waiting_for(ctx: Context, earlier: Collection[int]) -> set[int]:
    """Return the tasks whose start may be held by one of these."""
    c = ctx.registry.tables["projects.task_dependency"].c

    def build() -> sa.Select[Any]:
        """Read the index on the earlier task."""
        chosen = sa.select(c.task_id).where(c.deleted_at.is_(None), _in(c.type, rules.BLOCKING))
        return chosen.where(ctx.reader.compiler.among(c.depends_on_id, "tasks"))

    found = await answer(ctx, "waiting for", build, tasks=ctx.listed(sorted(earlier)))
    return {row[0] for row in found}


async def count_waits(ctx: Context, later: Collection[int], earlier: Collection[int]) -> None:
    """Count anew how many open tasks hold the start of these, and how many wait for those.

    The tasks are locked first, so that of two who change links or blockers at once the second
    counts what the first has done.
    """
    table = ctx.registry.tables["projects.task"]
    c = table.c

    def build() -> sa.Select[Any]:
        """Lock both sides in the order of their ids."""
        chosen = sa.select(c.id, c.blocker_count, c.waiter_count)
        chosen = chosen.where(ctx.reader.compiler.among(c.id, "tasks")).order_by(c.id)
        return chosen.with_for_update()

    both = ctx.listed(sorted({*later, *earlier}))
    rows = await answer(ctx, "lock waits", build, tasks=both)
    blockers, waiters = await _blockers(ctx, later), await _waiters(ctx, earlier)
    changed = []
    for one, blocked, waited in rows:
        now = (blockers.get(one, blocked), waiters.get(one, waited))
        if now != (blocked, waited):
            changed.append({"record": one, "blocker_count": now[0], "waiter_count": now[1]})
    await _write_waits(ctx, table, changed)


async def _blockers(ctx: Context, later: Collection[int]) -> dict[int, int]:
    """Return how many open tasks hold the start of each of these now."""
    link = ctx.registry.tables["projects.task_dependency"]
    c = ctx.registry.tables["projects.task"].c

    def build() -> sa.Select[Any]:
        """Join each link with its earlier task."""
        chosen = sa.select(link.c.task_id, sa.func.count()).group_by(link.c.task_id)
        chosen = chosen.select_from(link.join(c.id.table, _holding(link, c)))
        mine = ctx.reader.compiler.among(link.c.task_id, "tasks")
        return chosen.where(mine, _in(link.c.type, rules.BLOCKING))

    return await _counted(ctx, "blockers", build, later)


async def _waiters(ctx: Context, earlier: Collection[int]) -> dict[int, int]:
    """Return how many links there are to each of these."""
    c = ctx.registry.tables["projects.task_dependency"].c

    def build() -> sa.Select[Any]:
        """Count along the index on the earlier task."""
        chosen = sa.select(c.depends_on_id, sa.func.count()).group_by(c.depends_on_id)
        chosen = chosen.where(c.deleted_at.is_(None), c.type != "relates_to")
        return chosen.where(ctx.reader.compiler.among(c.depends_on_id, "tasks"))

    return await _counted(ctx, "waiters", build, earlier)


async def _counted(
    ctx: Context, name: str, build: Callable[[], sa.Select[Any]], ids: Collection[int]
) -> dict[int, int]:
    if not ids:
        return {}
    found = await answer(ctx, name, build, tasks=ctx.listed(sorted(ids)))
    return dict.fromkeys(ids, 0) | {row[0]: row[1] for row in found}


async def _write_waits(ctx: Context, table: sa.Table, changed: list[dict[str, int]]) -> None:
    names = ("blocker_count", "waiter_count")

    def build() -> sa.Update:
        """Write one task's numbers."""
        values = {n: sa.bindparam(n, type_=ID) for n in names}
        return sa.update(table).values(values).where(_one(table))

    await _each(ctx, "write waits", build, changed)
    noun = ctx.registry.noun(Task)
    for row in changed:
        ctx.written(noun, row["record"], {name: row[name] for name in names})


def _holding(link: Any, earlier: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a link's earlier task is there and has not let go of it."""
    unmet = (
        sa.and_(link.c.type == kind, _in(earlier.status, statuses))
        for kind, statuses in rules.HOLDING.items()
    )
    there = sa.and_(link.c.deleted_at.is_(None), earlier.deleted_at.is_(None))
    return sa.and_(earlier.id == link.c.depends_on_id, there, sa.or_(*unmet))


async def waits_of(ctx: Context, tasks: Collection[int]) -> list[Waiting]:
    """Return what tasks wait for now; names only of what the asking person may see."""
    noun = ctx.registry.noun(Task)
    link = ctx.registry.tables["projects.task_dependency"].alias("own")
    earlier = noun.table.alias("earlier")
    c, limits = earlier.c, ctx.reader.limits(noun, ctx.me)

    def build() -> sa.Select[Any]:
        """Join each link with its earlier task, and say whether that may be seen."""
        scope = None
        if ctx.reader.scoped(noun, ctx.me):
            scope = ctx.registry.scope_condition(noun, me_bind(), earlier, limits)
        seen = sa.literal(1) if scope is None else sa.case((scope, 1), else_=0)
        picks = (link.c.task_id, c.id, link.c.type, link.c.lag_days, c.code, c.title, c.status)
        chosen = sa.select(*picks, seen).select_from(link.join(earlier, _holding(link, c)))
        chosen = chosen.where(ctx.reader.compiler.among(link.c.task_id, "tasks"))
        return chosen.order_by(link.c.task_id, c.id)

    name = f"waits of {sorted(limits)}"
    found = await answer(ctx, name, build, tasks=ctx.listed(sorted(tasks)))
    return [
        Waiting(row[0], row[1], row[2], row[3], row[4], row[5], row[6], seen=True)
        if row[7]
        else Waiting(row[0], 0, row[2], row[3], "", "", row[6], seen=False)
        for row in found
    ]


async def project_in(ctx: Context, key: str, record_id: int) -> int | None:
    """Return the project of a goal or a milestone, or None where there is no such room."""
    table = ctx.registry.tables.get(key)
    if table is None:
        return None
    c = table.c

    def build() -> sa.Select[Any]:
        """Read one row."""
        return sa.select(c.project_id).where(c.id == sa.bindparam("record", type_=ID))

    found = await answer(ctx, f"project in {key}", build, record=record_id)
    return found[0][0] if found else None


def _in(column: sa.ColumnElement[Any], values: Collection[str]) -> sa.ColumnElement[bool]:
    """Compare with a few known values: a list of them does not go with values bound later."""
    return sa.or_(*(column == value for value in values))


def _one(table: sa.Table) -> sa.ColumnElement[bool]:
    condition: sa.ColumnElement[bool] = table.c.id == sa.bindparam("record", type_=ID)
    return condition


async def _each(
    ctx: Context, name: str, build: Callable[[], sa.Update], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Run a statement that is compiled once for each row of values, in one go."""
    if not rows:
        return
    ready = ctx.reader.shape(("projects", name), lambda: prepare(ctx.connection.engine, build()))
    bound = [ready.bind(dict(row)) for row in rows]
    if len(bound) == 1:
        await ctx.connection.run(ready.sql, bound[0])
    else:
        await ctx.connection.many(ready.sql, bound)
