"""That named people agree to a milestone: asking them, their answer, and what comes too late."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Instant, Text
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, Denied, invalid
from mainstay.kernel.scope import Me
from mainstay.modules.milestones import rules
from mainstay.modules.milestones.actions.events import (
    ApprovalAnswered,
    ApprovalExpired,
    ApprovalRequested,
)
from mainstay.modules.milestones.actions.rights import (
    Touched,
    require_manage,
    require_sight,
    touched,
)
from mainstay.modules.milestones.entities import MilestoneApproval
from mainstay.modules.projects.api import require_work, spoken

EXPIRE = "milestones.expire_approvals"
LINES = Text(5000, lines=True)
ANSWER = frozenset({"status", "conditions", "comment", "answered_at"})
ANSWERED = ("approved", "rejected", "conditional")
MOST = 500


class Agreed(Struct, forbid_unknown_fields=True):
    """What the approver says."""

    conditions: Annotated[
        str, LINES, Meta(max_length=5000, description="What you agree under; none if left empty")
    ] = ""
    comment: Annotated[str, LINES, Meta(max_length=5000, description="What you say")] = ""


class Declined(Struct, forbid_unknown_fields=True):
    """Why the approver does not agree."""

    comment: Annotated[
        str, LINES, Meta(min_length=1, max_length=5000, description="Why, and what would help")
    ]


class Again(Struct, forbid_unknown_fields=True):
    """Until when the answer is needed."""

    expires_at: Annotated[datetime | None, Instant(help="Until when the answer is needed")] = None


async def create_approval(ctx: Context, approval: Entity) -> MilestoneApproval:
    """Ask somebody to agree to a milestone."""
    assert isinstance(approval, MilestoneApproval)
    _check_expiry(ctx, approval)
    await ctx.create(approval)
    _say_requested(ctx, approval)
    return approval


async def update_approval(ctx: Context, approval: Entity, before: Entity) -> None:
    """Ask anew when somebody else is asked."""
    assert isinstance(approval, MilestoneApproval)
    assert isinstance(before, MilestoneApproval)
    if ctx.undoing:
        return
    if approval.expires_at != before.expires_at:
        _check_expiry(ctx, approval)
    if approval.approver_id != before.approver_id:
        _clear(approval)
        _say_requested(ctx, approval)


async def settle_approvals(ctx: Context, changes: Sequence[Change]) -> None:
    """Let those who work in the project ask, and nobody but the person who was asked answer."""
    for one in await touched(ctx, MilestoneApproval, changes):
        _require_rights(ctx, one)
        _require_open(one)
        if "approver_id" in one.fields:
            people = [one.record.approver_id]
            await require_sight(ctx, one.at, "approver_id", people, "viewer")


def _require_rights(ctx: Context, one: Touched[MilestoneApproval]) -> None:
    now = one.record
    answered = now.status in ANSWERED and now.status != one.was("status")
    # The workspace itself may bring answers along that were given elsewhere; people never can.
    brought = one.is_new and ctx.me.kind == "system"
    own = ctx.me.id is not None and ctx.me.id == now.approver_id
    if answered and not (own or brought or ctx.undoing):
        raise Denied("Only the person who was asked may answer, nobody in their name.")
    if own and now.approver_id == one.was("approver_id") and one.fields <= ANSWER:
        return
    require_work(one.at)
    if not one.is_new and one.fields.intersection(("approver_id", "deleted_at")):
        asked_by = now.created_by if one.was("status") == "pending" else None
        owner = ctx.me.id if asked_by == ctx.me.id else one.milestone.owner_id
        require_manage(ctx, one.at, owner, "take back what others were asked")


def _require_open(one: Touched[MilestoneApproval]) -> None:
    """Refuse an open request about a milestone that is completed already."""
    lacking = one.record.deleted_at is None and one.record.status in rules.UNANSWERED
    fresh = one.is_new or one.fields.intersection(("status", "deleted_at"))
    if lacking and fresh and one.milestone.status == "completed":
        raise Conflict("The milestone of this approval is completed. Reopen the milestone first.")


def _check_expiry(ctx: Context, approval: MilestoneApproval) -> None:
    if approval.expires_at and approval.expires_at <= ctx.now:
        raise invalid("expires_at", "must be later than now")


def _clear(approval: MilestoneApproval) -> None:
    approval.status, approval.answered_at = "pending", None
    approval.conditions = approval.comment = ""


def _about(approval: MilestoneApproval) -> dict[str, Any]:
    return {
        "approval_id": approval.id,
        "milestone_id": approval.milestone_id,
        "approver_id": approval.approver_id,
    }


def _say_requested(ctx: Context, approval: MilestoneApproval) -> None:
    ctx.emit(ApprovalRequested(**_about(approval)), approval)


def _may_answer(approval: MilestoneApproval, me: Me) -> str | None:
    if me.id is None or approval.approver_id != me.id:
        return "Only the person who was asked may answer, nobody in their name."
    if approval.status == "pending":
        return None
    return f"This request is {spoken(approval.status)} already. Ask for it to be made again."


def _answer(ctx: Context, approval: MilestoneApproval, comment: str) -> MilestoneApproval:
    if approval.expires_at and approval.expires_at <= ctx.now:
        raise Conflict("This request has expired. Ask for it to be made again.")
    approval.comment, approval.answered_at = comment, ctx.now
    ctx.emit(ApprovalAnswered(**_about(approval), status=approval.status), approval)
    return approval


@action(icon="circle-check", grant="answer", allowed=_may_answer)
async def approve(ctx: Context, approval: MilestoneApproval, data: Agreed) -> MilestoneApproval:
    """Agree, or agree under conditions; only the person who was asked may."""
    approval.conditions = data.conditions.strip()
    approval.status = "conditional" if approval.conditions else "approved"
    return _answer(ctx, approval, data.comment)


@action(icon="circle-x", grant="answer", danger=True, allowed=_may_answer)
async def reject(ctx: Context, approval: MilestoneApproval, data: Declined) -> MilestoneApproval:
    """Do not agree, and say why; only the person who was asked may."""
    approval.status = "rejected"
    return _answer(ctx, approval, data.comment)


def _may_ask_again(approval: MilestoneApproval) -> str | None:
    return "This request still waits for its answer." if approval.status == "pending" else None


@action(label="Ask again", icon="rotate", grant="update", allowed=_may_ask_again)
async def request_again(
    ctx: Context, approval: MilestoneApproval, data: Again
) -> MilestoneApproval:
    """Ask the same person once more; their answer so far stays in the history."""
    _clear(approval)
    approval.expires_at = data.expires_at
    _check_expiry(ctx, approval)
    _say_requested(ctx, approval)
    return approval


async def expire(ctx: Context, _: dict[str, Any]) -> None:
    """Close the requests that nobody answered in time."""
    late = await ctx.all(
        MilestoneApproval,
        anywhere=True,
        limit=MOST,
        status="pending",
        expires_at__lte=ctx.now.isoformat(),
        sort="expires_at",
    )
    for approval in late:
        approval.status = "expired"
        ctx.emit(ApprovalExpired(**_about(approval)), approval)
    if len(late) == MOST:
        await ctx.later(EXPIRE, {})
