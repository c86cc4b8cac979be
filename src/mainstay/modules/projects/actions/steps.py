"""What can be done with a subtask: tick it off, and take that back."""

from collections.abc import Mapping, Sequence

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.modules.projects import rules
from mainstay.modules.projects.entities import Subtask
from mainstay.modules.projects.scopes import last_step, projects_of, require_work, standings
from mainstay.modules.projects.totals.carry import carry


async def create_subtask(ctx: Context, subtask: Entity) -> Subtask:
    """Add a step at the end of a task's list."""
    assert isinstance(subtask, Subtask)
    last = await last_step(ctx, subtask.task_id)
    subtask.sort_order = rules.between(last, None) or rules.GAP
    _enter(ctx, subtask)
    return await ctx.create(subtask)


async def update_subtask(ctx: Context, subtask: Entity, before: Entity) -> None:
    """Note who ticked a step off, and when."""
    assert isinstance(subtask, Subtask)
    assert isinstance(before, Subtask)
    if subtask.completed != before.completed:
        _enter(ctx, subtask)


async def settle_subtasks(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who work in a project change its steps, and carry progress up the tree."""
    groups: dict[int, list[Change]] = {}
    for change in changes:
        groups.setdefault(change.record_id, []).append(change)
    found = await ctx.load_all(changes[0].noun, groups, anywhere=True, deleted="with")
    counts: dict[int, tuple[int, int]] = {}
    for record_id, own in groups.items():
        step = found[record_id]
        assert isinstance(step, Subtask)
        was, now = _state_before(own, step), (step.deleted_at is None, step.completed)
        steps, done = counts.get(step.task_id, (0, 0))
        counts[step.task_id] = (steps + now[0] - was[0], done + all(now) - all(was))
    projects = await projects_of(ctx, list(counts))
    for at in (await standings(ctx, projects.values())).values():
        require_work(at)
    await add_steps(ctx, counts)


async def add_steps(ctx: Context, counts: Mapping[int, tuple[int, int]]) -> None:
    """Add to tasks' numbers of steps and of completed ones, and carry their progress up.

    However many tasks there are, this takes a number of statements that their nesting bounds.
    """
    await carry(ctx, {task: more for task, more in counts.items() if any(more)})


async def count_steps(ctx: Context, task_id: int, steps: int, done: int) -> None:
    """Add to one task's numbers of steps and of completed ones, and carry its progress up."""
    await add_steps(ctx, {task_id: (steps, done)})


def _state_before(changes: Sequence[Change], step: Subtask) -> tuple[bool, bool]:
    """Return whether a step was live, and whether it was completed, before these changes."""
    if changes[0].before is None:
        return False, False
    known = [change.before for change in changes if change.before]
    gone = next((said["deleted_at"] for said in known if "deleted_at" in said), step.deleted_at)
    ticked = next((said["completed"] for said in known if "completed" in said), step.completed)
    return gone is None, bool(ticked)


def _enter(ctx: Context, subtask: Subtask) -> None:
    subtask.completed_at = ctx.now if subtask.completed else None
    subtask.completed_by = ctx.me.id if subtask.completed else None


def _may_complete(subtask: Subtask) -> str | None:
    return "This subtask is completed already." if subtask.completed else None


def _may_reopen(subtask: Subtask) -> str | None:
    return None if subtask.completed else "This subtask is still open."


@action(icon="circle-check", grant="update", allowed=_may_complete)
async def complete(ctx: Context, subtask: Subtask) -> Subtask:
    """Tick the step off."""
    subtask.completed = True
    _enter(ctx, subtask)
    return subtask


@action(icon="rotate", grant="update", allowed=_may_reopen)
async def reopen(ctx: Context, subtask: Subtask) -> Subtask:
    """Take the tick back."""
    subtask.completed = False
    _enter(ctx, subtask)
    return subtask
