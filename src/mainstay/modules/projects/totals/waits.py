"""What waits for what: kept with every change of a task, and heeded when work begins."""

from collections.abc import Sequence

from mainstay.kernel.context import Context
from mainstay.kernel.problems import Conflict
from mainstay.modules.projects import rules
from mainstay.modules.projects.actions.events import TaskStartedBlocked
from mainstay.modules.projects.entities import Task
from mainstay.modules.projects.scopes import standings
from mainstay.modules.projects.totals.carry import Shift
from mainstay.modules.projects.totals.scopes import Waiting, count_waits, waiting_for, waits_of

MOST_NAMED = 5


async def settle_waits(ctx: Context, moved: Sequence[Shift]) -> None:
    """Count anew what waits for tasks that were begun, ended or reopened, and heed blockers.

    A task that nothing is linked to costs no statement.
    """
    if not moved:
        return
    noun = ctx.registry.noun(Task)
    turned: set[int] = set()
    begun: list[Task] = []
    for one, was, now in moved:
        task = ctx.held(noun, one)
        if not isinstance(task, Task):
            continue
        if task.waiter_count and (was is None or was.holds() != now.holds()):
            turned.add(one)
        if now.live and now.status in rules.STARTED and _was_waiting(was):
            begun.append(task)
    if turned:
        await count_waits(ctx, await waiting_for(ctx, turned), ())
    held = [task for task in begun if task.blocker_count]
    if held and not ctx.undoing:
        await _heed(ctx, held)


def _was_waiting(was: rules.Part | None) -> bool:
    return was is None or was.status not in rules.STARTED


async def _heed(ctx: Context, begun: Sequence[Task]) -> None:
    """Refuse to start what still waits where the project wants that; else say that it does."""
    known = await standings(ctx, {task.project_id for task in begun})
    firm = [t for t in begun if known[t.project_id].settings.blocked_start == "refuse"]
    if firm:
        found = await waits_of(ctx, [task.id for task in firm])
        raise _refusal(firm, [wait for wait in found if wait.type in rules.BLOCKING])
    for task in begun:
        said = TaskStartedBlocked(
            task_id=task.id, project_id=task.project_id, blockers=task.blocker_count
        )
        ctx.emit(said, task)


def _refusal(firm: Sequence[Task], found: Sequence[Waiting]) -> Conflict:
    """Say which task waits for what, as far as that may be seen, and what to do."""
    codes = [task.code or f"#{task.id}" for task in firm]
    if len(firm) > 1:
        return Conflict(
            f"{len(firm)} of these tasks wait for others and cannot be started: {_few(codes)}. "
            "Finish the others first, take the links away, or let the project only warn about it."
        )
    names = [f"{wait.code} {wait.title}" for wait in found if wait.seen]
    if not names:
        return Conflict(
            f"{codes[0]} cannot be started: it waits for a task you may not see. Ask for that to "
            "be finished, take the link away, or let the project only warn about it."
        )
    if len(names) < len(found):
        return Conflict(
            f"{codes[0]} cannot be started: it waits for {_few(names)}, and for tasks you may not "
            "see. Finish them first, take the links away, or let the project only warn about it."
        )
    return Conflict(
        f"{codes[0]} cannot be started: it waits for {_few(names)}. "
        "Finish that first, take the link away, or let the project only warn about it."
    )


def _few(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    more = f" (+{len(names) - MOST_NAMED})" if len(names) > MOST_NAMED else ""
    return "; ".join(names[:MOST_NAMED]) + more
