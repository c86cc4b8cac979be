"""What can be done with a goal: begin, hold and reach it; and who may support it."""

from collections.abc import Callable, Sequence
from typing import Any

from mainstay.kernel import past
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, invalid
from mainstay.modules.charter.actions.access import changed, entering, require_workers
from mainstay.modules.charter.actions.events import GoalReached
from mainstay.modules.charter.entities import Goal
from mainstay.modules.charter.rules import SUPPORTERS
from mainstay.modules.charter.scopes import recount_goals, with_roles
from mainstay.modules.projects.api import ENDED, Task, spoken, stage_move
from mainstay.modules.projects.kinds import ProjectStatus

MANY = 100_000
COUNTED = frozenset({"goal_id", "status", "deleted_at"})


def goal_move(before: str, after: str) -> str | None:
    """Return why a goal may not go from one status to another, or None when it may."""
    if not stage_move(before, after):
        return None
    if before in ENDED:
        return f"This goal is {spoken(before)}. Reopen it first."
    return f"A goal in {spoken(before)} cannot go to {spoken(after)}. Start it first."


async def update_goal(ctx: Context, goal: Entity, before: Entity) -> None:
    """Keep a goal's flow in order after an edit."""
    assert isinstance(goal, Goal)
    assert isinstance(before, Goal)
    reason = goal_move(before.status, goal.status)
    if reason and not ctx.undoing:
        raise Conflict(reason)


async def delete_goal(ctx: Context, goal: Entity) -> None:
    """Put a goal into the bin; its tasks are done for no goal until it comes back."""
    assert isinstance(goal, Goal)
    for task in await ctx.all(Task, anywhere=True, limit=MANY, goal_id=goal.id):
        task.goal_id = None


async def settle_goals(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who work in a project change its goals, and check who supports them."""
    goals: list[Goal] = await changed(ctx, changes)
    await require_workers(ctx, [goal.project_id for goal in goals])
    await past.gather(ctx, changes, ("projects.task",), "goal_id")
    given = entering(changes, "support_employee_id")
    chosen = {goal.support_employee_id for goal in goals if goal.id in given} - {None}
    if not chosen or ctx.undoing:
        return
    people = [person for person in chosen if person is not None]
    if set(people) - await with_roles(ctx, people, SUPPORTERS):
        raise invalid(
            "support_employee_id", "must be somebody with the role support, admin or manager"
        )


async def recount(ctx: Context, changes: Sequence[Change]) -> None:
    """Keep the numbers of tasks of every goal that a unit of work has to do with."""
    goals: set[int] = set()
    for change in changes:
        if change.noun.key != "projects.task":
            continue
        before, after = change.before or {}, change.after or {}
        if not COUNTED.intersection((*before, *after)):
            continue
        goals.update(part["goal_id"] for part in (before, after) if part.get("goal_id"))
        task: Any = ctx.held(change.noun, change.record_id)
        goals.update([task.goal_id] if task is not None and task.goal_id else [])
    if goals:
        await recount_goals(ctx, goals)


def _going(stage: ProjectStatus) -> Callable[[Goal], str | None]:
    """Return a check that a goal may go to a status now."""

    def allowed(goal: Goal) -> str | None:
        """Say why it may not."""
        if goal.status == stage:
            return f"This goal is {spoken(stage)} already."
        return goal_move(goal.status, stage)

    return allowed


def _may_start(goal: Goal) -> str | None:
    if goal.status in ENDED:
        return f"This goal is {spoken(goal.status)}. Reopen it first."
    return "This goal is active already." if goal.status == "active" else None


def _may_reopen(goal: Goal) -> str | None:
    return None if goal.status in ENDED else "Only a completed or cancelled goal can be reopened."


@action(icon="player-play", grant="update", allowed=_may_start)
async def start(ctx: Context, goal: Goal) -> Goal:
    """Begin to work for the goal."""
    del ctx
    goal.status = "active"
    return goal


@action(icon="circle-check", grant="update", allowed=_going("completed"))
async def complete(ctx: Context, goal: Goal) -> Goal:
    """Say that the goal is reached; open tasks stay as they are."""
    left = goal.task_count - goal.done_count
    said = GoalReached(goal_id=goal.id, project_id=goal.project_id, open_tasks=left)
    ctx.emit(said, goal)
    goal.status = "completed"
    return goal


@action(icon="player-pause", grant="update", allowed=_going("on_hold"))
async def hold(ctx: Context, goal: Goal) -> Goal:
    """Let the goal rest until it is started again."""
    del ctx
    goal.status = "on_hold"
    return goal


@action(icon="circle-x", danger=True, grant="update", allowed=_going("cancelled"))
async def cancel(ctx: Context, goal: Goal) -> Goal:
    """Give the goal up; its tasks stay as they are."""
    del ctx
    goal.status = "cancelled"
    return goal


@action(icon="rotate", grant="update", allowed=_may_reopen)
async def reopen(ctx: Context, goal: Goal) -> Goal:
    """Make a goal that is over active again."""
    del ctx
    goal.status = "active"
    return goal
