"""Who may see what of how tasks are done, and the small sums that are kept beside it, in sets."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel.context import IDS, Context
from mainstay.kernel.storage.base import prepare
from mainstay.modules.checklists.rules import Item, Tally
from mainstay.modules.projects.api import answer, decoded, within

OF_CHECKLIST = within(
    "checklists.checklist", "checklist_id", "You are a member of its task's project."
)
OF_STEP = within("checklists.step", "step_id", "You are a member of its task's project.")


class Home(Struct, frozen=True):
    """A checklist as its rules see it: where it belongs, and what is kept of it."""

    id: int
    task_id: int
    name: str
    mode: str
    is_completed: bool
    live: bool
    created_at: datetime


class Line(Struct, frozen=True):
    """An item as the rules see it, with when it was completed, by whom, and when it was due."""

    item: Item
    completed_at: datetime | None
    completed_by: int | None
    validated_at: datetime | None
    due_date: date | None

    @property
    def done_at(self) -> datetime | None:
        """Return when it came to count as done."""
        return self.validated_at or self.completed_at


async def hold_checklists(ctx: Context, ids: Iterable[int]) -> list[Home]:
    """Return checklists, locked against others who would settle them, the lowest first."""
    c = ctx.registry.tables["checklists.checklist"].c
    columns = [c.id, c.task_id, c.name, c.mode, c.is_completed, c.deleted_at, c.created_at]

    def build() -> sa.Select[Any]:
        """Lock in one order, so that two people never wait for each other."""
        chosen = sa.select(*columns).where(ctx.reader.compiler.among(c.id, "ids"))
        return chosen.order_by(c.id).with_for_update()

    found = await answer(ctx, "checklists: hold", build, ids=ctx.listed(sorted({*ids})))
    return [
        Home(row[0], row[1], row[2], row[3], bool(row[4]), row[5] is None, row[6])
        for row in decoded(ctx, columns, found)
    ]


async def lines_of(ctx: Context, checklists: Iterable[int]) -> dict[int, list[Line]]:
    """Return the live items of checklists as the rules see them."""
    c = ctx.registry.tables["checklists.checklist_item"].c
    columns = [
        c.checklist_id,
        c.id,
        c.name,
        c.sort_order,
        c.required,
        c.status,
        c.is_completed,
        c.depends_on_id,
        c.completed_at,
        c.completed_by,
        c.validated_at,
        c.due_date,
    ]

    def build() -> sa.Select[Any]:
        """Read along the index on checklist and order."""
        chosen = sa.select(*columns).where(ctx.reader.compiler.among(c.checklist_id, "ids"))
        return chosen.where(c.deleted_at.is_(None)).order_by(c.checklist_id, c.sort_order, c.id)

    lines: dict[int, list[Line]] = {}
    found = await answer(ctx, "checklists: lines", build, ids=ctx.listed(sorted({*checklists})))
    for row in decoded(ctx, columns, found):
        item = Item(row[1], row[2], row[3], bool(row[4]), row[5], bool(row[6]), row[7])
        lines.setdefault(row[0], []).append(Line(item, row[8], row[9], row[10], row[11]))
    return lines


async def keep_tallies(
    ctx: Context, kept: Sequence[tuple[int, Tally, datetime | None, int | None]]
) -> None:
    """Write what checklists amount to, when they were completed and by whom.

    Counts are no edits: they make no new version, so nobody's open form turns stale by them.
    """
    table = ctx.registry.tables["checklists.checklist"]
    names = ("item_count", "done_count", "status", "is_completed", "completed_at", "completed_by")

    def build() -> sa.Update:
        """Write all of it by the checklist's id."""
        values = {n: sa.bindparam(n, type_=table.c[n].type) for n in names}
        return sa.update(table).values(values).where(table.c.id == sa.bindparam("list", type_=IDS))

    ready = ctx.reader.shape(
        ("checklists", "tallies"), lambda: prepare(ctx.connection.engine, build())
    )
    batch, noun = [], ctx.registry.noun("checklists.checklist")
    for checklist_id, tally, at, by in kept:
        values = (tally.items, tally.done, tally.status, tally.completed, at, by)
        named = dict(zip(names, values, strict=True))
        batch.append(ready.bind({"list": checklist_id, **named}))
        ctx.written(noun, checklist_id, named)
    await ctx.connection.many(ready.sql, batch)


async def last_place(ctx: Context, key: str, parent: str, parent_id: int) -> float:
    """Return the last place that is taken among what belongs to a record; 0 when none is."""
    c = ctx.registry.tables[key].c

    def build() -> sa.Select[Any]:
        """Read the end of the index on parent and order."""
        mine = c[parent] == sa.bindparam("parent", type_=IDS)
        return sa.select(sa.func.max(c.sort_order)).where(mine)

    (row,) = await answer(ctx, f"checklists: last {key}", build, parent=parent_id)
    return float(row[0] or 0.0)


async def tasks_by(ctx: Context, key: str, ids: Iterable[int]) -> dict[int, int]:
    """Return the task of each of these steps or checklists, binned or not."""
    c = ctx.registry.tables[key].c

    def build() -> sa.Select[Any]:
        """Compare with all of them in one bound value."""
        return sa.select(c.id, c.task_id).where(ctx.reader.compiler.among(c.id, "ids"))

    found = await answer(ctx, f"checklists: tasks by {key}", build, ids=ctx.listed(sorted({*ids})))
    return {row[0]: row[1] for row in found}


async def among_members(ctx: Context, pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return which of these pairs of project and person are memberships."""
    wanted = set(pairs)
    c = ctx.registry.tables["projects.project_member"].c
    among = ctx.reader.compiler.among

    def build() -> sa.Select[Any]:
        """Compare with all projects and all people at once."""
        chosen = sa.select(c.project_id, c.user_id).where(c.deleted_at.is_(None))
        return chosen.where(among(c.project_id, "projects"), among(c.user_id, "people"))

    projects = ctx.listed(sorted({one for one, _ in wanted}))
    people = ctx.listed(sorted({one for _, one in wanted}))
    found = await answer(ctx, "checklists: among members", build, projects=projects, people=people)
    return wanted & {(row[0], row[1]) for row in found}


async def running_among(ctx: Context, people: Iterable[int]) -> dict[int, int]:
    """Return how many clocks run for each of these people, wherever they are."""
    c = ctx.registry.tables["checklists.step_tracker"].c

    def build() -> sa.Select[Any]:
        """Count along the index on person and end."""
        open_ones = sa.and_(c.ended_at.is_(None), c.deleted_at.is_(None))
        chosen = sa.select(c.user_id, sa.func.count()).where(open_ones)
        return chosen.where(ctx.reader.compiler.among(c.user_id, "people")).group_by(c.user_id)

    found = await answer(
        ctx, "checklists: running among", build, people=ctx.listed(sorted({*people}))
    )
    return {row[0]: row[1] for row in found}


async def keep_tracked(ctx: Context, steps: Iterable[int]) -> None:
    """Bring the tracked hours of steps up to the sum of their clocks, without a new version."""
    s = ctx.registry.tables["checklists.step"]
    t = ctx.registry.tables["checklists.step_tracker"].c
    among = ctx.reader.compiler.among
    ids = ctx.listed(sorted({*steps}))

    def held() -> sa.Select[Any]:
        """Lock the steps first: the sum must count what others have committed meanwhile."""
        return sa.select(s.c.id).where(among(s.c.id, "ids")).order_by(s.c.id).with_for_update()

    def build() -> sa.Update:
        """Add up in the database, exactly."""
        total = sa.select(sa.func.coalesce(sa.func.sum(t.total_time), 0))
        total = total.where(t.step_id == s.c.id, t.deleted_at.is_(None))
        changed = sa.update(s).values(hours_tracked=total.scalar_subquery())
        return changed.where(among(s.c.id, "ids")).returning(s.c.id, s.c.hours_tracked)

    await answer(ctx, "checklists: hold steps", held, ids=ids)
    found = await answer(ctx, "checklists: tracked", build, ids=ids)
    noun = ctx.registry.noun("checklists.step")
    for step_id, hours in decoded(ctx, [None, s.c.hours_tracked], found):
        ctx.written(noun, step_id, {"hours_tracked": hours})


async def open_results(ctx: Context, checklists: Iterable[int]) -> dict[int, list[int]]:
    """Return the live results of checklists: their ids by the checklist's id."""
    c = ctx.registry.tables["checklists.task_result"].c

    def build() -> sa.Select[Any]:
        """Look for those that a checklist shows."""
        mine = c.result_type == sa.literal("checklists.checklist", c.result_type.type)
        chosen = sa.select(c.result_id, c.id).where(mine, c.deleted_at.is_(None))
        return chosen.where(ctx.reader.compiler.among(c.result_id, "ids")).order_by(c.id)

    found: dict[int, list[int]] = {}
    for checklist_id, result_id in await answer(
        ctx, "checklists: open results", build, ids=ctx.listed(sorted({*checklists}))
    ):
        found.setdefault(checklist_id, []).append(result_id)
    return found


async def homes_of_items(ctx: Context, items: Iterable[int]) -> dict[int, int]:
    """Return the checklist of each of these items, binned or not."""
    c = ctx.registry.tables["checklists.checklist_item"].c

    def build() -> sa.Select[Any]:
        """Compare with all of them in one bound value."""
        return sa.select(c.id, c.checklist_id).where(ctx.reader.compiler.among(c.id, "ids"))

    found = await answer(ctx, "checklists: homes of items", build, ids=ctx.listed(sorted({*items})))
    return {row[0]: row[1] for row in found}
