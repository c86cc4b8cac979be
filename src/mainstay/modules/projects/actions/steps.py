"""What can be done with a subtask: tick it off, and take that back."""

from collections.abc import Sequence

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.modules.projects import rules
from mainstay.modules.projects.entities import Subtask, Task
from mainstay.modules.projects.scopes import count_steps, last_step, require_work, standing


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
    """Let only those who work in a project change its steps, and keep each task's count right."""
    tasks = ctx.registry.noun(Task)
    projects: set[int] = set()
    for record_id in dict.fromkeys(change.record_id for change in changes):
        own = [change for change in changes if change.record_id == record_id]
        step = await ctx.load(own[0].noun, record_id, anywhere=True, deleted="with")
        assert isinstance(step, Subtask)
        task = await ctx.load(tasks, step.task_id, anywhere=True, deleted="with")
        assert isinstance(task, Task)
        projects.add(task.project_id)
        was, now = _state_before(own, step), (step.deleted_at is None, step.completed)
        await count_steps(ctx, task.id, now[0] - was[0], all(now) - all(was))
    for project_id in projects:
        require_work(await standing(ctx, project_id))


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
