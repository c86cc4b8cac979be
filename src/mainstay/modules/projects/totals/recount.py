"""All totals worked out anew from the records, for a database from before they were kept."""

from collections.abc import Iterable
from typing import Any

from mainstay.kernel.context import Context
from mainstay.modules.projects.totals.scopes import (
    Kept,
    Tally,
    count_tasks,
    count_waits,
    done_before,
    kept_totals,
    linked_tasks,
    locked_tasks,
    tasks_in,
    write_totals,
)

RECOUNT = "projects.recount"


async def recount_once(ctx: Context, _payload: dict[str, Any]) -> None:
    """Bring the totals of an older version up to date, once in a workspace's life."""
    if not await done_before(ctx, RECOUNT):
        await ctx.raise_number(RECOUNT, 1)
        await recount(ctx)


async def recount(ctx: Context) -> None:
    """Work out anew how far every task and project is, and what waits for what."""
    tallies: dict[int, Tally] = {}
    for project_id, (_, kept) in (await kept_totals(ctx)).items():
        tasks = await locked_tasks(ctx, await tasks_in(ctx, project_id))
        anew = worked_out(tasks)
        await write_totals(ctx, [new for old, new in zip(tasks, anew, strict=True) if old != new])
        now = tally_of(anew)
        tallies[project_id] = (
            now[0] - kept[0],
            now[1] - kept[1],
            now[2] - kept[2],
            now[3] - kept[3],
        )
    await count_tasks(ctx, tallies, anyway=True)
    linked = await linked_tasks(ctx)
    if linked:
        await count_waits(ctx, linked, linked)


def worked_out(tasks: Iterable[Kept]) -> list[Kept]:
    """Return a project's tasks with what must be kept of their parts, the innermost first."""
    known = {kept.id: kept for kept in tasks}
    parts: dict[int, list[int]] = {}
    for kept in known.values():
        if kept.part.parent_id is not None and kept.part.counts:
            parts.setdefault(kept.part.parent_id, []).append(kept.id)
    done: set[int] = set()

    def settle(one: int) -> int:
        """Work out one task after its parts, and return what it is worth."""
        if one not in done:
            done.add(one)
            own = parts.get(one, ())
            sums = (len(own), sum(settle(part) for part in own))
            now = known[one]._replace(parts=sums)
            known[one] = now._replace(part=now.part._replace(units=now.due_units))
        return known[one].part.worth

    for one in tuple(known):
        settle(one)
    return list(known.values())


def tally_of(tasks: Iterable[Kept]) -> Tally:
    """Return what a project must keep of its tasks."""
    live = [kept.part for kept in tasks if kept.part.live]
    top = [part for part in live if part.parent_id is None and part.counts]
    done = sum(part.status == "done" for part in live)
    return len(live), done, len(top), sum(part.worth for part in top)
