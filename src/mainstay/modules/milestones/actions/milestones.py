"""What can be done with a milestone: begin, submit, reach, hold, give up and reopen it."""

from collections.abc import Callable, Sequence

from mainstay.kernel import past
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, invalid
from mainstay.modules.milestones import rules
from mainstay.modules.milestones.actions.events import (
    MilestoneCancelled,
    MilestoneCompleted,
    MilestoneReopened,
    MilestoneStarted,
    MilestoneSubmitted,
)
from mainstay.modules.milestones.actions.missing import MANY, missing, refuse
from mainstay.modules.milestones.actions.moves import move_projects
from mainstay.modules.milestones.actions.rights import (
    Touched,
    require_manage,
    require_sight,
    touched,
)
from mainstay.modules.milestones.entities import Milestone, MilestoneStatus
from mainstay.modules.milestones.scopes import last_milestone, refresh
from mainstay.modules.projects.api import Project, ProjectPhase, require_lead, require_work, spoken

GAP = 1024.0
# What lets go of a milestone that is binned, and points to it again when it comes back.
LINKS = ("projects.task", "charter.project_risk")
SAID = {
    "in_progress": MilestoneStarted,
    "review": MilestoneSubmitted,
    "completed": MilestoneCompleted,
    "cancelled": MilestoneCancelled,
}


async def create_milestone(ctx: Context, milestone: Entity) -> Milestone:
    """Add a milestone at the end of its project's list."""
    assert isinstance(milestone, Milestone)
    _check_dates(milestone)
    if not milestone.sort_order:
        milestone.sort_order = (await last_milestone(ctx, milestone.project_id) or 0.0) + GAP
    _enter(ctx, milestone, "planned")
    await ctx.create(milestone)
    if milestone.status != "planned":
        _say(ctx, milestone, "planned")
    return milestone


async def update_milestone(ctx: Context, milestone: Entity, before: Entity) -> None:
    """Keep a milestone's flow and dates in order after an edit."""
    assert isinstance(milestone, Milestone)
    assert isinstance(before, Milestone)
    if ctx.undoing:
        return
    if (milestone.start_date, milestone.due_date) != (before.start_date, before.due_date):
        _check_dates(milestone)
    if milestone.status != before.status:
        wanted, milestone.status = milestone.status, before.status
        _go(ctx, milestone, wanted)


async def delete_milestone(ctx: Context, milestone: Entity) -> None:
    """Let the tasks and risks of a milestone go before it is put into the bin."""
    for key in LINKS:
        noun = ctx.registry.nouns.get(key)
        if noun is None:
            continue
        linked = await ctx.all(
            noun.entity, anywhere=True, limit=MANY, milestone_id=milestone.id, sort="id"
        )
        for record in linked:
            record.milestone_id = None  # type: ignore[attr-defined]


async def settle_milestones(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only leads and owners change milestones; let none be completed that lacks something."""
    found = await touched(ctx, Milestone, changes)
    for one in found:
        _require_rights(ctx, one)
    if ctx.undoing:
        await refresh(ctx, _moved(found))
        return
    there = [key for key in LINKS if key in ctx.registry.nouns]
    await past.gather(ctx, changes, there, "milestone_id")
    for one in found:
        await _check_people(ctx, one)
    await _check_phases(ctx, found)
    reached = [one.record for one in found if _came(one, "completed")]
    lacks = await missing(ctx, [one.id for one in reached]) if reached else {}
    for milestone in reached:
        refuse(milestone, lacks[milestone.id])
    await ctx.flush()
    await refresh(ctx, _moved(found))
    await move_projects(ctx, found)


def _moved(found: Sequence[Touched[Milestone]]) -> set[int]:
    return {one.record.id for one in found if one.is_new or "status" in one.fields}


def _came(one: Touched[Milestone], status: str) -> bool:
    """Return whether a live milestone has come into a status in this unit of work."""
    live = one.record.deleted_at is None
    return live and one.record.status == status and one.was("status") != status


def _require_rights(ctx: Context, one: Touched[Milestone]) -> None:
    """Let leads make and take away milestones, and their owners change them."""
    if one.is_new or "deleted_at" in one.fields:
        require_work(one.at)
        require_lead(one.at, "add milestones to it or take them away")
        return
    require_manage(ctx, one.at, one.was("owner_id"), "change its milestones")


async def _check_people(ctx: Context, one: Touched[Milestone]) -> None:
    now = one.record
    if "owner_id" in one.fields:
        await require_sight(ctx, one.at, "owner_id", [now.owner_id], "member")
    if "stakeholders" in one.fields:
        await require_sight(ctx, one.at, "stakeholders", now.stakeholders, "viewer")


async def _check_phases(ctx: Context, found: Sequence[Touched[Milestone]]) -> None:
    """Refuse a phase that is not one of the project's category."""
    for one in found:
        if "phase_id" not in one.fields or one.record.phase_id is None:
            continue
        phase = await ctx.get(ProjectPhase, one.record.phase_id, anywhere=True)
        project = await ctx.get(Project, one.record.project_id, anywhere=True)
        if project.category_id is None:
            raise invalid("phase_id", "needs a project with a category; give the project one first")
        if phase.category_id != project.category_id:
            raise invalid("phase_id", "must be a phase of the project's category")


def _check_dates(milestone: Milestone) -> None:
    if milestone.start_date and milestone.due_date < milestone.start_date:
        raise invalid("due_date", "must not be before the start date")


def _enter(ctx: Context, milestone: Milestone, before: str) -> None:
    """Do what coming into a status brings with it."""
    status = milestone.status
    if status == "completed":
        milestone.completed_date, milestone.completed_by = ctx.today, ctx.me.id
    elif before == "completed":
        milestone.completed_date = milestone.completed_by = None
    if status == "in_progress" and milestone.start_date is None:
        milestone.start_date = min(ctx.today, milestone.due_date)


def _go(ctx: Context, milestone: Milestone, status: MilestoneStatus) -> Milestone:
    """Bring a milestone into a status, and say so."""
    before = milestone.status
    if reason := rules.milestone_move(before, status):
        raise Conflict(reason)
    milestone.status = status
    _enter(ctx, milestone, before)
    _say(ctx, milestone, before)
    return milestone


def _say(ctx: Context, milestone: Milestone, before: str) -> None:
    about = {"milestone_id": milestone.id, "project_id": milestone.project_id}
    if before in rules.ENDED:
        ctx.emit(MilestoneReopened(**about), milestone)
    elif milestone.status in SAID:
        ctx.emit(SAID[milestone.status](**about), milestone)


def _going(status: MilestoneStatus) -> Callable[[Milestone], str | None]:
    """Return a check that a milestone may go to a status now."""

    def allowed(milestone: Milestone) -> str | None:
        """Say why it may not."""
        if milestone.status == status:
            return f"This milestone is {spoken(status)} already."
        return rules.milestone_move(milestone.status, status)

    return allowed


def _may_start(milestone: Milestone) -> str | None:
    if milestone.status == "planned":
        return None
    if milestone.status == "on_hold":
        return "This milestone is on hold. Resume it."
    if milestone.status in ("in_progress", "review"):
        return "This milestone is in progress already."
    return f"This milestone is {spoken(milestone.status)}. Reopen it first."


def _may_resume(milestone: Milestone) -> str | None:
    return None if milestone.status == "on_hold" else "Only a milestone on hold can be resumed."


def _may_reopen(milestone: Milestone) -> str | None:
    if milestone.status in rules.ENDED:
        return None
    return "Only a completed or cancelled milestone can be reopened."


@action(icon="player-play", grant="update", allowed=_may_start)
async def start(ctx: Context, milestone: Milestone) -> Milestone:
    """Begin to work towards it; a project that was still planned becomes active."""
    return _go(ctx, milestone, "in_progress")


@action(icon="circle-check", grant="update", allowed=_going("completed"))
async def complete(ctx: Context, milestone: Milestone) -> Milestone:
    """Say that it is reached, today; its required conditions and its approvals must be there."""
    return _go(ctx, milestone, "completed")


@action(label="Submit for review", icon="eye-check", grant="update", allowed=_going("review"))
async def submit_for_review(ctx: Context, milestone: Milestone) -> Milestone:
    """Ask those who decide to look at it."""
    return _go(ctx, milestone, "review")


@action(icon="player-pause", grant="update", allowed=_going("on_hold"))
async def hold(ctx: Context, milestone: Milestone) -> Milestone:
    """Let the milestone rest until it is resumed."""
    return _go(ctx, milestone, "on_hold")


@action(icon="player-play", grant="update", allowed=_may_resume)
async def resume(ctx: Context, milestone: Milestone) -> Milestone:
    """Go on with a milestone that was on hold."""
    return _go(ctx, milestone, "in_progress")


@action(icon="circle-x", danger=True, grant="update", allowed=_going("cancelled"))
async def cancel(ctx: Context, milestone: Milestone) -> Milestone:
    """Give the milestone up; it holds up nothing any more."""
    return _go(ctx, milestone, "cancelled")


@action(icon="rotate", grant="update", allowed=_may_reopen)
async def reopen(ctx: Context, milestone: Milestone) -> Milestone:
    """Work towards it again; a project in review becomes active again."""
    return _go(ctx, milestone, "in_progress")
