"""Keeps each milestone's numbers of tasks right, whatever changed in them."""

from collections.abc import Sequence

from mainstay.kernel.context import Context
from mainstay.kernel.log import Change
from mainstay.modules.milestones.scopes import count_tasks
from mainstay.modules.projects.api import take_shifts


async def guard(ctx: Context, _changes: Sequence[Change]) -> None:
    """Add to the milestones of the tasks that count differently now; without any, ask nothing."""
    tallies: dict[int, tuple[int, int, int]] = {}
    for _, was, now in take_shifts(ctx):
        for sign, part in ((-1, was), (1, now)):
            if part is None or part.milestone_id is None or not part.counts:
                continue
            tasks, done, units = tallies.get(part.milestone_id, (0, 0, 0))
            more = sign * (part.status == "done")
            tallies[part.milestone_id] = (tasks + sign, done + more, units + sign * part.worth)
    await count_tasks(ctx, {one: tally for one, tally in tallies.items() if any(tally)})
