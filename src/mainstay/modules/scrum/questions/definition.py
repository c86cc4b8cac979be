"""What people ask about the definition of done: a project's criteria, and which a task meets."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from msgspec import Meta, Struct

from mainstay.kernel.context import IDS, Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import NotFound
from mainstay.kernel.scope import me_bind
from mainstay.modules.projects.api import Task, answer, decoded, standing

MOST = 100
PEOPLE = "identity.user"
Mode = Literal["show", "refuse"]


class DoneAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which task."""

    task_id: Annotated[int, Meta(ge=1, description="The task's id")]


class DoneLine(Struct, kw_only=True, frozen=True):
    """One criterion, and whether the task meets it."""

    criterion_id: int
    title: str
    required: bool
    met: bool
    marked_by: int | None
    who: str
    marked_at: datetime | None


class TaskDone(Struct, kw_only=True, frozen=True):
    """Which criteria of its project's definition of done a task meets, and what is missing."""

    task_id: int
    mode: Mode
    met: int
    required: int
    missing: list[str]
    lines: list[DoneLine]


@question(label="Definition of done")
async def task_done(ctx: Context, ask: DoneAsk) -> TaskDone:
    """Which criteria of its project's definition of done a task meets, and who said so.

    With the mode refuse a task that misses a required one cannot be completed.
    """
    task = await ctx.find(Task, id=ask.task_id)
    if task is None:
        raise NotFound(f"There is no task {ask.task_id}, or you may not see it.")
    return await done_of(ctx, task)


async def done_of(ctx: Context, task: Task) -> TaskDone:
    """Return how a task that the asking person sees stands against its project's criteria."""
    lines = await _lines(ctx, task)
    mode: Mode = "show"
    if lines:
        mode = (await standing(ctx, task.project_id)).settings.definition_of_done
    return TaskDone(
        task_id=task.id,
        mode=mode,
        met=sum(line.met for line in lines),
        required=sum(line.required for line in lines),
        missing=[line.title for line in lines if line.required and not line.met],
        lines=lines,
    )


async def _lines(ctx: Context, task: Task) -> list[DoneLine]:
    """Return a project's criteria in their order, each with the task's mark, in one statement."""
    c = ctx.registry.tables["scrum.done_criterion"].c
    m = ctx.registry.tables["scrum.done_mark"].c
    noun = ctx.registry.noun(PEOPLE)
    who = noun.table.alias("who")
    columns = [c.id, c.title, c.required, m.id, m.marked_by, who.c.display_name, m.marked_at]

    def build() -> sa.Select[Any]:
        """Join each criterion with its mark, and the mark with who made it."""
        mine = sa.and_(
            m.criterion_id == c.id,
            m.task_id == sa.bindparam("task", type_=IDS),
            m.deleted_at.is_(None),
        )
        person = who.c.id == m.marked_by
        if ctx.reader.scoped(noun, ctx.me):
            seen = ctx.registry.scope_condition(noun, me_bind(), who)
            person = person if seen is None else sa.and_(person, seen)
        joined = c.id.table.outerjoin(m.id.table, mine).outerjoin(who, person)
        chosen = sa.select(*columns).select_from(joined)
        chosen = chosen.where(
            c.project_id == sa.bindparam("project", type_=IDS), c.deleted_at.is_(None)
        )
        return chosen.order_by(c.sort_order, c.id).limit(MOST)

    name = f"scrum: done lines {ctx.reader.scoped(noun, ctx.me)}"
    found = await answer(ctx, name, build, task=task.id, project=task.project_id)
    return [
        DoneLine(
            criterion_id=row[0],
            title=row[1],
            required=bool(row[2]),
            met=row[3] is not None,
            marked_by=row[4],
            who=row[5] or "",
            marked_at=row[6],
        )
        for row in decoded(ctx, columns, found)
    ]


async def lacking(ctx: Context, tasks: Iterable[int]) -> dict[int, list[str]]:
    """Return the required criteria that each of these tasks misses, in one statement for all."""
    t = ctx.registry.tables["projects.task"].c
    c = ctx.registry.tables["scrum.done_criterion"].c
    m = ctx.registry.tables["scrum.done_mark"].c

    def build() -> sa.Select[Any]:
        """Look for criteria of the task's project without a live mark of the task."""
        mine = sa.and_(m.criterion_id == c.id, m.task_id == t.id, m.deleted_at.is_(None))
        asked = sa.and_(c.project_id == t.project_id, c.deleted_at.is_(None))
        joined = t.id.table.join(c.id.table, asked).outerjoin(m.id.table, mine)
        chosen = sa.select(t.id, c.title).select_from(joined)
        chosen = chosen.where(ctx.reader.compiler.among(t.id, "tasks"))
        chosen = chosen.where(c.required == sa.true(), m.id.is_(None))
        return chosen.order_by(t.id, c.sort_order, c.id)

    missing: dict[int, list[str]] = {}
    found: Sequence[Any] = await answer(
        ctx, "scrum: lacking", build, tasks=ctx.listed(sorted(set(tasks)))
    )
    for task_id, title in found:
        missing.setdefault(task_id, []).append(title)
    return missing


async def insisting(ctx: Context, criterion_ids: Iterable[int]) -> dict[int, bool]:
    """Return of each of these criteria whether it is live and required."""
    c = ctx.registry.tables["scrum.done_criterion"].c

    def build() -> sa.Select[Any]:
        """Compare with all of them in one bound value."""
        chosen = sa.select(c.id, sa.and_(c.required == sa.true(), c.deleted_at.is_(None)))
        return chosen.where(ctx.reader.compiler.among(c.id, "ids"))

    ids = ctx.listed(sorted(set(criterion_ids)))
    return {row[0]: bool(row[1]) for row in await answer(ctx, "scrum: insisting", build, ids=ids)}
