"""What must be true before a milestone counts as reached: meeting, failing and waiving it."""

from collections.abc import Callable, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Text
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, invalid
from mainstay.modules.milestones import rules
from mainstay.modules.milestones.actions.events import (
    ConditionCompleted,
    ConditionFailed,
    ConditionReopened,
    ConditionWaived,
)
from mainstay.modules.milestones.actions.rights import Touched, require_sight, touched
from mainstay.modules.milestones.entities import ConditionStatus, Evidence, MilestoneCondition
from mainstay.modules.milestones.scopes import last_condition, refresh
from mainstay.modules.projects.api import require_lead, require_work, spoken

LINES = Text(2000, lines=True)
GAP = 1024.0


class Met(Struct, forbid_unknown_fields=True):
    """What shows that the condition is met."""

    evidence: Annotated[
        Evidence, Meta(description="One proof a line: a link, a file, a number")
    ] = []
    note: Annotated[str, LINES, Meta(max_length=2000, description="What was found")] = ""


class Failed(Struct, forbid_unknown_fields=True):
    """Why it is not met."""

    note: Annotated[str, LINES, Meta(min_length=1, max_length=2000, description="What is wrong")]


class Waived(Struct, forbid_unknown_fields=True):
    """Why it is let go."""

    reason: Annotated[
        str,
        LINES,
        Meta(min_length=1, max_length=2000, description="Why the milestone does without it"),
    ]


async def create_condition(ctx: Context, condition: Entity) -> MilestoneCondition:
    """Add a condition at the end of the milestone's list."""
    assert isinstance(condition, MilestoneCondition)
    if not condition.sort_order:
        last = await last_condition(ctx, condition.milestone_id)
        condition.sort_order = (last or 0.0) + GAP
    _check(condition)
    _enter(ctx, condition)
    await ctx.create(condition)
    _say(ctx, condition, "not_started")
    return condition


async def update_condition(ctx: Context, condition: Entity, before: Entity) -> None:
    """Keep a condition's flow in order after an edit, and note who met it and when."""
    assert isinstance(condition, MilestoneCondition)
    assert isinstance(before, MilestoneCondition)
    if ctx.undoing:
        return
    _check(condition)
    if condition.status != before.status:
        wanted, condition.status = condition.status, before.status
        _go(ctx, condition, wanted)


async def settle_conditions(ctx: Context, changes: Sequence[Change]) -> None:
    """Let those work on conditions who work in the project, and keep the completion right."""
    found = await touched(ctx, MilestoneCondition, changes)
    for one in found:
        require_work(one.at)
        _require_leads(ctx, one)
        _require_open(one)
        if "assigned_to" in one.fields:
            people = [one.record.assigned_to]
            await require_sight(ctx, one.at, "assigned_to", people, "member")
    if found:
        await ctx.flush()
        await refresh(ctx, {one.milestone.id for one in found})


def _require_leads(ctx: Context, one: Touched[MilestoneCondition]) -> None:
    """Let only the project's leads lower what a milestone needs."""
    now, needed = one.record, bool(one.was("required"))
    if ctx.undoing:
        return
    if now.status == "waived" and one.was("status") != "waived":
        require_lead(one.at, "waive a condition")
        if not now.note.strip():
            raise invalid("note", "must say why the condition is waived")
    if needed and not now.required:
        require_lead(one.at, "make a required condition optional")
    if needed and now.deleted_at is not None and one.was("deleted_at") is None:
        require_lead(one.at, "take a required condition away")


def _require_open(one: Touched[MilestoneCondition]) -> None:
    """Refuse an open condition that a completed milestone would need."""
    now = one.record
    lacking = now.deleted_at is None and now.required and now.status not in rules.MET
    fresh = one.is_new or one.fields.intersection(("status", "required", "deleted_at"))
    if lacking and fresh and one.milestone.status == "completed":
        raise Conflict("The milestone of this condition is completed. Reopen the milestone first.")


def _check(condition: MilestoneCondition) -> None:
    """Refuse more evidence than anybody would read."""
    too_long = any(len(line) > rules.LONGEST_EVIDENCE for line in condition.evidence)
    if too_long or len(condition.evidence) > rules.MOST_EVIDENCE:
        most, longest = rules.MOST_EVIDENCE, rules.LONGEST_EVIDENCE
        raise invalid("evidence", f"may have {most} lines of {longest} characters at most")


def _enter(ctx: Context, condition: MilestoneCondition) -> None:
    """Do what coming into a status brings with it."""
    met = condition.status == "completed"
    condition.completed_at = ctx.now if met else None
    condition.completed_by = ctx.me.id if met else None


def _go(ctx: Context, condition: MilestoneCondition, status: ConditionStatus) -> MilestoneCondition:
    """Bring a condition into a status and say so."""
    before = condition.status
    if reason := rules.condition_move(before, status):
        raise Conflict(reason)
    condition.status = status
    _enter(ctx, condition)
    _say(ctx, condition, before)
    return condition


def _say(ctx: Context, condition: MilestoneCondition, before: str) -> None:
    about = {"condition_id": condition.id, "milestone_id": condition.milestone_id}
    if condition.status == "completed":
        ctx.emit(ConditionCompleted(**about), condition)
    elif condition.status == "failed":
        ctx.emit(ConditionFailed(**about), condition)
    elif condition.status == "waived":
        ctx.emit(ConditionWaived(**about), condition)
    elif before in rules.MET:
        ctx.emit(ConditionReopened(**about), condition)


def _going(status: ConditionStatus) -> Callable[[MilestoneCondition], str | None]:
    """Return a check that a condition may go to a status now."""

    def allowed(condition: MilestoneCondition) -> str | None:
        """Say why it may not."""
        if condition.status == status:
            return f"This condition is {spoken(status)} already."
        if condition.status in rules.MET:
            return f"This condition is {spoken(condition.status)}. Reopen it first."
        return None

    return allowed


def _may_reopen(condition: MilestoneCondition) -> str | None:
    if condition.status in (*rules.MET, "failed"):
        return None
    return "This condition is open."


@action(icon="player-play", grant="update", allowed=_going("in_progress"))
async def start(ctx: Context, condition: MilestoneCondition) -> MilestoneCondition:
    """Say that somebody is at it."""
    return _go(ctx, condition, "in_progress")


@action(label="Submit", icon="eye-check", grant="update", allowed=_going("pending_review"))
async def submit(ctx: Context, condition: MilestoneCondition) -> MilestoneCondition:
    """Ask for somebody else's eyes before it counts as met."""
    return _go(ctx, condition, "pending_review")


@action(icon="circle-check", grant="update", allowed=_going("completed"))
async def complete(ctx: Context, condition: MilestoneCondition, data: Met) -> MilestoneCondition:
    """Say that the condition is met, and keep what shows it."""
    condition.evidence = [*condition.evidence, *(line for line in data.evidence if line.strip())]
    condition.note = data.note or condition.note
    _check(condition)
    return _go(ctx, condition, "completed")


@action(icon="circle-x", grant="update", danger=True, allowed=_going("failed"))
async def fail(ctx: Context, condition: MilestoneCondition, data: Failed) -> MilestoneCondition:
    """Say that it was looked at and is not met."""
    condition.note = data.note
    return _go(ctx, condition, "failed")


@action(icon="circle-minus", grant="update", allowed=_going("waived"))
async def waive(ctx: Context, condition: MilestoneCondition, data: Waived) -> MilestoneCondition:
    """Let the milestone do without it; only leads of the project may, and it counts half."""
    condition.note = data.reason
    return _go(ctx, condition, "waived")


@action(icon="rotate", grant="update", allowed=_may_reopen)
async def reopen(ctx: Context, condition: MilestoneCondition) -> MilestoneCondition:
    """Open the condition again; evidence and notes stay."""
    return _go(ctx, condition, "in_progress")
