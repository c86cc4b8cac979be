"""What the rules of milestones must know or keep in the database, whoever asks."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.kernel.storage.base import Row, prepare
from mainstay.modules.milestones import rules
from mainstay.modules.projects.api import answer

ID = sa.BigInteger()


def listed(ctx: Context, ids: Iterable[int]) -> Any:
    """Return ids in the one bound value that `among` compares with."""
    wanted = sorted(set(ids))
    lite = ctx.connection.engine.name == "sqlite"
    return msgspec.json.encode(wanted).decode() if lite else wanted


async def last_condition(ctx: Context, milestone_id: int) -> float | None:
    """Return the last place that is taken among a milestone's conditions."""
    c = ctx.registry.tables["milestones.milestone_condition"].c

    def build() -> sa.Select[Any]:
        """Read the end of the index on milestone and order."""
        chosen = sa.select(sa.func.max(c.sort_order))
        return chosen.where(c.milestone_id == sa.bindparam("milestone", type_=ID))

    (row,) = await answer(ctx, "milestones last condition", build, milestone=milestone_id)
    return None if row[0] is None else float(row[0])


async def last_milestone(ctx: Context, project_id: int) -> float | None:
    """Return the last place that is taken among a project's milestones."""
    c = ctx.registry.tables["milestones.milestone"].c

    def build() -> sa.Select[Any]:
        """Read the end of the index on project and order."""
        chosen = sa.select(sa.func.max(c.sort_order))
        return chosen.where(c.project_id == sa.bindparam("project", type_=ID))

    (row,) = await answer(ctx, "milestones last", build, project=project_id)
    return None if row[0] is None else float(row[0])


async def refresh(ctx: Context, ids: Iterable[int]) -> None:
    """Bring the progress and the completion of milestones up to date, in one statement.

    Both follow from other records; they are no edits and make no new version.
    """
    table = ctx.registry.tables["milestones.milestone"]
    condition = ctx.registry.tables["milestones.milestone_condition"]
    c, of = table.c, condition.c

    def build() -> sa.Update:
        """Add up the weights of each milestone's own conditions."""
        weight = sa.case((of.weight > 0, of.weight), else_=1.0)
        share = sa.case((of.status == "completed", 1.0), (of.status == "waived", 0.5), else_=0.0)
        own = sa.and_(of.milestone_id == c.id, of.deleted_at.is_(None))
        met = sa.func.sum(weight * share) / sa.func.sum(weight)
        mine = sa.select(met).where(own).scalar_subquery()
        count = sa.select(sa.func.count()).where(own).scalar_subquery()
        progress = progress_now(c)
        values = {
            "progress": progress,
            "completion": sa.func.coalesce(mine, progress),
            "condition_count": count,
        }
        here = ctx.reader.compiler.among(c.id, "milestones")
        return sa.update(table).values(values).where(here)

    await answer(ctx, "milestones refresh", build, milestones=listed(ctx, ids))


async def count_tasks(ctx: Context, tallies: Mapping[int, tuple[int, int, int]]) -> None:
    """Add to milestones' numbers of tasks, of done ones and of ten-thousandths; then refresh them.

    The database adds, so that concurrent changes add up.
    """
    if not tallies:
        return
    table = ctx.registry.tables["milestones.milestone"]
    names = ("task_count", "done_count", "progress_units")

    def build() -> sa.Update:
        """Add to one milestone."""
        more = {n: table.c[n] + sa.bindparam(f"more_{n}", type_=ID) for n in names}
        return sa.update(table).values(more).where(table.c.id == sa.bindparam("record", type_=ID))

    engine = ctx.connection.engine
    ready = ctx.reader.shape(("milestones", "count"), lambda: prepare(engine, build()))
    rows = [
        ready.bind({"record": one} | {f"more_{n}": v for n, v in zip(names, tally, strict=True)})
        for one, tally in sorted(tallies.items())
    ]
    await ctx.connection.many(ready.sql, rows)
    await refresh(ctx, tallies)


def progress_now(c: Any) -> sa.ColumnElement[float]:
    """Return the progress that follows from a milestone's status and its tasks' units."""
    units: sa.ColumnElement[float] = sa.cast(c.progress_units, sa.Double())
    share = units / (sa.cast(c.task_count, sa.Double()) * rules.UNITS)
    capped = sa.case((share > 1.0, 1.0), else_=share)
    return sa.case((c.status == "completed", 1.0), (c.task_count > 0, capped), else_=0.0)


async def milestones_of(ctx: Context, project_id: int) -> list[tuple[int | None, str]]:
    """Return phase and status of every live milestone of a project, whoever may see them."""
    c = ctx.registry.tables["milestones.milestone"].c

    def build() -> sa.Select[Any]:
        """Read one project's rows."""
        chosen = sa.select(c.phase_id, c.status).where(c.deleted_at.is_(None))
        return chosen.where(c.project_id == sa.bindparam("project", type_=ID))

    found = await answer(ctx, "milestones of", build, project=project_id)
    return [(row[0], row[1]) for row in found]


async def course_of(ctx: Context, category_id: int | None) -> list[int]:
    """Return the phases of a category in their order."""
    c = ctx.registry.tables["projects.project_phase"].c

    def build() -> sa.Select[Any]:
        """Read one category's phases."""
        chosen = sa.select(c.id).where(c.deleted_at.is_(None))
        mine = c.category_id == sa.bindparam("category", type_=ID)
        return chosen.where(mine).order_by(c.sort_order, c.id)

    if category_id is None:
        return []
    return [row[0] for row in await answer(ctx, "milestones course", build, category=category_id)]


async def waits_from(ctx: Context, milestone_id: int) -> dict[int, list[int]]:
    """Return what a milestone waits for, and what that waits for: each one's earlier ones."""
    c = ctx.registry.tables["milestones.milestone_dependency"].c

    def build() -> sa.Select[Any]:
        """Walk the live links; a set, so that it ends even in a circle."""
        first = sa.select(sa.bindparam("milestone", type_=ID).label("id"))
        reached = first.cte("reached", recursive=True)
        step = sa.select(c.depends_on_id)
        step = step.where(c.milestone_id == reached.c.id, c.deleted_at.is_(None))
        reached = reached.union(step)
        links = sa.select(c.milestone_id, c.depends_on_id).where(c.deleted_at.is_(None))
        return links.where(c.milestone_id.in_(sa.select(reached.c.id))).order_by(c.id)

    earlier: dict[int, list[int]] = {}
    found: list[Row] = list(await answer(ctx, "milestones waits", build, milestone=milestone_id))
    for later, before in found:
        earlier.setdefault(later, []).append(before)
    return earlier
