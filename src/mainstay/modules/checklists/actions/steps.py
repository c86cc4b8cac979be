"""What can be done with a step of a task: tick it off, and run one's clock on it."""

from collections.abc import Sequence

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict
from mainstay.modules.checklists.actions.checklists import Move, put
from mainstay.modules.checklists.actions.common import (
    GAP,
    changed,
    first_known,
    take_in,
    was_new,
    working,
)
from mainstay.modules.checklists.actions.events import StepCompleted
from mainstay.modules.checklists.actions.trackers import end, run_clock, running_clock
from mainstay.modules.checklists.entities import Step
from mainstay.modules.checklists.scopes import last_place
from mainstay.modules.projects.api import add_steps


def enter(ctx: Context, step: Step) -> None:
    """Note who ticked a step off, and when."""
    step.completed_at = ctx.now if step.is_completed else None
    step.completed_by = ctx.me.id if step.is_completed else None


async def create_step(ctx: Context, step: Entity) -> Step:
    """Add a step at the end of a task's list."""
    assert isinstance(step, Step)
    step.sort_order = await last_place(ctx, "checklists.step", "task_id", step.task_id) + GAP
    enter(ctx, step)
    return await ctx.create(step)


async def update_step(ctx: Context, step: Entity, before: Entity) -> None:
    """Note who ticked a step off in an edit; your clock on it stops."""
    assert isinstance(step, Step)
    assert isinstance(before, Step)
    if step.is_completed != before.is_completed and not ctx.undoing:
        enter(ctx, step)
        if step.is_completed:
            await _stop_mine(ctx, step)


async def settle_steps(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who work in a project change its steps, and keep each task's count right."""
    found = [(one, own) for one, own in await changed(ctx, changes) if isinstance(one, Step)]
    if not found:
        return
    at = await working(ctx, (step.task_id for step, _ in found))
    await take_in(ctx, [(at[step.task_id], step.assignee_id, own) for step, own in found])
    counts: dict[int, tuple[int, int]] = {}
    for step, own in found:
        was, now = _before(step, own), (step.deleted_at is None, step.is_completed)
        steps, done = counts.get(step.task_id, (0, 0))
        counts[step.task_id] = (steps + now[0] - was[0], done + all(now) - all(was))
    await add_steps(ctx, counts)


def _before(step: Step, changes: Sequence[Change]) -> tuple[bool, bool]:
    """Return whether a step was live, and whether it was completed, before these changes."""
    if was_new(changes):
        return False, False
    gone = first_known(changes, "deleted_at", step.deleted_at)
    return gone is None, bool(first_known(changes, "is_completed", step.is_completed))


async def _stop_mine(ctx: Context, step: Step) -> None:
    """Stop the asking person's clock where it runs on this step: the work is over."""
    clock = await running_clock(ctx, ctx.me.id) if ctx.me.id else None
    if clock is not None and clock.step_id == step.id:
        end(ctx, clock)


def _may_complete(step: Step) -> str | None:
    return "This step is completed already." if step.is_completed else None


def _may_reopen(step: Step) -> str | None:
    return None if step.is_completed else "This step is still open."


def _may_run(step: Step) -> str | None:
    return "This step is completed. Reopen it first." if step.is_completed else None


@action(icon="circle-check", grant="update", allowed=_may_complete)
async def complete(ctx: Context, step: Step) -> Step:
    """Tick the step off; your clock on it stops."""
    step.is_completed = True
    enter(ctx, step)
    await _stop_mine(ctx, step)
    ctx.emit(StepCompleted(step_id=step.id, task_id=step.task_id), step)
    return step


@action(icon="rotate", grant="update", allowed=_may_reopen)
async def reopen(ctx: Context, step: Step) -> Step:
    """Take the tick back."""
    step.is_completed = False
    enter(ctx, step)
    return step


@action(label="Start clock", icon="player-play", grant="update", allowed=_may_run)
async def start_clock(ctx: Context, step: Step) -> Step:
    """Run your clock on this step; one that runs on another step stops first."""
    await run_clock(ctx, step.id)
    return step


@action(label="Stop clock", icon="player-stop", grant="update")
async def stop_clock(ctx: Context, step: Step) -> Step:
    """Stop your clock on this step; its time is added to the step's."""
    clock = await running_clock(ctx, ctx.me.id) if ctx.me.id else None
    if clock is None or clock.step_id != step.id:
        raise Conflict("Your clock does not run on this step.")
    end(ctx, clock)
    return step


@action(icon="arrows-move", grant="update")
async def move(ctx: Context, step: Step, data: Move) -> Step:
    """Put the step somewhere else among those of its task."""
    await put(ctx, step, "task_id", data)
    return step
