"""What the health of a sprint looks at: its points, hours and impediments as they are now."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from mainstay.kernel.clock import today_in
from mainstay.kernel.context import IDS, Context
from mainstay.modules.projects.api import answer, decoded
from mainstay.modules.scrum import rules
from mainstay.modules.scrum.entities import Sprint
from mainstay.modules.scrum.health import Stand
from mainstay.modules.scrum.scopes import sums_of


async def stand_of(ctx: Context, sprint: Sprint, also: Iterable[int] = ()) -> Stand:
    """Return what the health of a sprint looks at now; `also` are tasks that have just left it."""
    completed = sprint.completed_points
    if sprint.status != "completed":
        completed = (await sums_of(ctx, [sprint.id]))[sprint.id].done_points
    on = ctx.today
    if sprint.status in rules.ENDED and sprint.completed_at is not None:
        on = today_in(ctx.me.zone, sprint.completed_at)
    return Stand(
        committed=sprint.commitment_points,
        completed=completed,
        capacity=sprint.capacity_hours,
        worked=await worked_in(ctx, sprint, on, also),
        impediments=await in_the_way(ctx, sprint.id),
        end=sprint.end_date,
        on=on,
    )


async def worked_in(ctx: Context, sprint: Sprint, on: date, also: Iterable[int]) -> Decimal:
    """Return the hours that were logged on a sprint's tasks from its first day to a day."""
    if sprint.start_date is None:
        return Decimal(0)
    e = ctx.registry.tables["projects.time_entry"].c
    t = ctx.registry.tables["projects.task"].c

    def build() -> sa.Select[Any]:
        """Add up along the index on the task."""
        mine = sa.select(t.id).where(t.sprint_id == sa.bindparam("sprint", type_=IDS))
        ours = sa.or_(e.task_id.in_(mine), ctx.reader.compiler.among(e.task_id, "also"))
        chosen = sa.select(sa.func.coalesce(sa.func.sum(e.hours), 0)).where(ours)
        return chosen.where(
            e.date >= sa.bindparam("first", type_=e.date.type),
            e.date <= sa.bindparam("last", type_=e.date.type),
            e.deleted_at.is_(None),
        )

    asked = {"sprint": sprint.id, "also": ctx.listed(sorted(set(also)))}
    found = await answer(ctx, "scrum: worked in", build, first=sprint.start_date, last=on, **asked)
    hours: Decimal = decoded(ctx, [e.hours], found)[0][0]
    return hours


async def in_the_way(ctx: Context, sprint_id: int) -> int:
    """Return how many impediments of a sprint are not out of the way."""
    c = ctx.registry.tables["scrum.impediment"].c

    def build() -> sa.Select[Any]:
        """Count along the index on sprint and status."""
        still = sa.or_(c.status == "open", c.status == "in_progress")
        mine = c.sprint_id == sa.bindparam("sprint", type_=IDS)
        return sa.select(sa.func.count()).where(mine, still, c.deleted_at.is_(None))

    ((count,),) = await answer(ctx, "scrum: in the way", build, sprint=sprint_id)
    return int(count)
