"""The goals of a team: they are activated, move, and are achieved, missed, deferred or dropped."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from msgspec import Meta, Struct

from mainstay.kernel.clock import today_in
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity, Event
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import invalid
from mainstay.modules.teams import rules
from mainstay.modules.teams.actions.rights import touched
from mainstay.modules.teams.entities import TeamGoal
from mainstay.modules.teams.scopes import goals_over

OVER = "teams.close_goals"
OF_MEMBERS = ("current", "progress", "status")
ONE = timedelta(1)


class GoalAchieved(Event, frozen=True):
    """A team reached what it wanted to."""

    goal_id: int
    team_id: int


class GoalMissed(Event, frozen=True):
    """A goal was not reached by its day."""

    goal_id: int
    team_id: int


class Reached(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where the goal is now."""

    current: Annotated[float, Meta(ge=0, le=1e12, description="The number now, in its unit")]


class Until(Struct, kw_only=True, forbid_unknown_fields=True):
    """By when it is to be reached."""

    due_date: Annotated[
        date | None, Meta(description="Its new last day; as it is when left out")
    ] = None


def check_goal(goal: TeamGoal) -> None:
    """Refuse a goal that cannot be reached, or that ends before it begins."""
    if goal.target <= 0:
        raise invalid("target", "must be above 0, so that progress can be counted towards it")
    if goal.start_date and goal.due_date and goal.due_date < goal.start_date:
        raise invalid("due_date", "must not be before the day it begins")


def count(ctx: Context, goal: TeamGoal) -> None:
    """Bring a goal's progress up to date; an active one that is reached is achieved."""
    goal.progress = rules.goal_progress(goal.current, goal.target)
    if goal.status == "active" and goal.progress >= 1 and not ctx.undoing:
        goal.status = "achieved"
        ctx.emit(GoalAchieved(goal_id=goal.id, team_id=goal.team_id), goal)


async def create_goal(ctx: Context, goal: Entity) -> TeamGoal:
    """Add a goal as a draft; it counts from the day on which it is activated."""
    assert isinstance(goal, TeamGoal)
    check_goal(goal)
    goal.progress = rules.goal_progress(goal.current, goal.target)
    return await ctx.create(goal)


async def update_goal(ctx: Context, goal: Entity, before: Entity) -> None:
    """Keep a goal's progress right after an edit of where it is or what it aims for."""
    assert isinstance(goal, TeamGoal)
    check_goal(goal)
    count(ctx, goal)


async def settle_goals(ctx: Context, changes: Sequence[Change]) -> None:
    """Let members say where a goal is and those who lead do the rest, by whatever way."""
    for goal in await touched(ctx, changes, OF_MEMBERS, ("record_progress",)):
        assert isinstance(goal, TeamGoal)
        if goal.deleted_at is None:
            check_goal(goal)
            count(ctx, goal)


def _may_activate(goal: TeamGoal) -> str | None:
    if goal.status in ("active", "achieved"):
        return f"This goal is {goal.status} already."
    if goal.progress >= 1:
        return "This goal is reached already. Raise its target first."
    return None


def _is_open(goal: TeamGoal) -> str | None:
    if goal.status in ("draft", "active"):
        return None
    return f"This goal is {goal.status}. Activate it first."


def _is_not_over(goal: TeamGoal) -> str | None:
    over = goal.status in ("achieved", "cancelled")
    return f"This goal is {goal.status} already." if over else None


def _is_active(goal: TeamGoal) -> str | None:
    return None if goal.status == "active" else f"This goal is {goal.status}. Activate it first."


@action(icon="player-play", allowed=_may_activate)
async def activate(ctx: Context, goal: TeamGoal, data: Until) -> TeamGoal:
    """Work towards the goal from now on; one that is over needs a day to come."""
    goal.due_date = data.due_date or goal.due_date
    if goal.due_date and goal.due_date < ctx.today:
        raise invalid("due_date", "must not have passed; say by when it is to be reached now")
    goal.start_date = goal.start_date or min(ctx.today, goal.due_date or ctx.today)
    goal.status = "active"
    check_goal(goal)
    return goal


@action(icon="clock-pause", allowed=_is_open)
async def defer(ctx: Context, goal: TeamGoal, data: Until) -> TeamGoal:
    """Put the goal off, perhaps to a later day; it counts no more until it is activated."""
    goal.due_date = data.due_date or goal.due_date
    goal.status = "deferred"
    check_goal(goal)
    return goal


@action(icon="ban", danger=True, allowed=_is_not_over)
async def cancel(ctx: Context, goal: TeamGoal) -> TeamGoal:
    """Give the goal up; it is kept as history."""
    goal.status = "cancelled"
    return goal


@action(label="Record progress", icon="target-arrow", allowed=_is_active)
async def record_progress(ctx: Context, goal: TeamGoal, data: Reached) -> TeamGoal:
    """Say where the goal is now; when it is reached it is achieved."""
    goal.current = data.current
    count(ctx, goal)
    return goal


async def close_goals(ctx: Context, _payload: dict[str, Any]) -> None:
    """Mark the active goals whose day is over where their team is as missed."""
    late = await goals_over(ctx, ctx.today + ONE)
    ids = [goal for goal, due, zone in late if due < today_in(zone, ctx.now)]
    found = await ctx.load_all(ctx.registry.noun(TeamGoal), ids, anywhere=True)
    for goal in found.values():
        assert isinstance(goal, TeamGoal)
        if goal.status == "active":
            goal.status = "missed"
            ctx.emit(GoalMissed(goal_id=goal.id, team_id=goal.team_id), goal)
