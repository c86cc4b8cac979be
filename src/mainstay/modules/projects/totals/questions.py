"""What people ask about waiting: what holds a task, and which of its ends."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import NotFound
from mainstay.modules.projects import rules
from mainstay.modules.projects.entities import Task
from mainstay.modules.projects.totals.scopes import waits_of


class BlockersAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which task."""

    task_id: Annotated[int, Meta(ge=1, description="The task's id")]


class Blocker(Struct, kw_only=True, frozen=True):
    """An earlier task that holds this one now; one you may not see has neither id nor name."""

    task_id: int | None
    code: str
    title: str
    status: str
    type: str
    lag_days: int
    holds: Literal["start", "end"]


class Blockers(Struct, kw_only=True, frozen=True):
    """What a task waits for as of today, and how many of these hold its start."""

    task_id: int
    as_of: date
    waits: int
    blockers: list[Blocker]


@question(label="Blockers")
async def blockers(ctx: Context, ask: BlockersAsk) -> Blockers:
    """What a task waits for now: each open earlier task, and whether it holds start or end.

    Finish to start and finish to finish wait until the earlier task is over, start to start and
    start to finish until it is under way. Links that only relate two tasks hold nothing.
    """
    task = await ctx.find(Task, id=ask.task_id)
    if task is None:
        raise NotFound(f"There is no task {ask.task_id}, or you may not see it.")
    return await blockers_of(ctx, task)


async def blockers_of(ctx: Context, task: Task) -> Blockers:
    """Return what a task waits for now, those that hold its start first."""
    found = [
        Blocker(
            task_id=wait.earlier_id or None,
            code=wait.code,
            title=wait.title,
            status=wait.status,
            type=wait.type,
            lag_days=wait.lag_days,
            holds="start" if wait.type in rules.BLOCKING else "end",
        )
        for wait in await waits_of(ctx, (task.id,))
    ]
    found.sort(key=lambda one: one.holds != "start")
    waits = sum(one.holds == "start" for one in found)
    return Blockers(task_id=task.id, as_of=ctx.today, waits=waits, blockers=found)
