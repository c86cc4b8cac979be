"""What is handed over at a milestone, and what its reviewer says of it."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Text
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, Denied
from mainstay.kernel.scope import Me
from mainstay.modules.milestones.actions.events import DeliverableReviewed, DeliverableSubmitted
from mainstay.modules.milestones.actions.rights import (
    Touched,
    require_manage,
    require_sight,
    touched,
)
from mainstay.modules.milestones.entities import Deliverable
from mainstay.modules.projects.api import require_work, spoken

LINES = Text(2000, lines=True)
OWN = frozenset({"status", "review_status", "review_note"})
JUDGED = ("approved", "rejected")


class Approved(Struct, forbid_unknown_fields=True):
    """What the reviewer says."""

    note: Annotated[str, LINES, Meta(max_length=2000, description="What you say about it")] = ""


class Refused(Struct, forbid_unknown_fields=True):
    """What the reviewer misses."""

    note: Annotated[
        str, LINES, Meta(min_length=1, max_length=2000, description="What is to be changed")
    ]


async def create_deliverable(ctx: Context, deliverable: Entity) -> Deliverable:
    """Add something that is to be handed over."""
    assert isinstance(deliverable, Deliverable)
    _check_status(deliverable, "")
    return await ctx.create(deliverable)


async def update_deliverable(ctx: Context, deliverable: Entity, before: Entity) -> None:
    """Let an edit not say what only the review says."""
    assert isinstance(deliverable, Deliverable)
    assert isinstance(before, Deliverable)
    if ctx.undoing or deliverable.status == before.status:
        return
    _check_status(deliverable, before.status)
    if deliverable.status != "delivered" and before.review_status != "needs_revision":
        deliverable.review_status = "not_reviewed"


def _check_status(deliverable: Deliverable, before: str) -> None:
    """Refuse a status that only the review gives."""
    if deliverable.status in JUDGED:
        raise Conflict("Only the review approves or rejects a deliverable. Submit it for review.")
    if deliverable.status == "review":
        raise Conflict("Submit the deliverable for review, so that its reviewer hears of it.")
    if deliverable.status == "delivered" and before not in ("approved", "delivered"):
        raise Conflict("Only an approved deliverable can be delivered. Submit it for review first.")


async def settle_deliverables(ctx: Context, changes: Sequence[Change]) -> None:
    """Let those work on deliverables who work in the project, and their reviewers judge them."""
    for one in await touched(ctx, Deliverable, changes):
        await _require_rights(ctx, one)
        if "reviewer_id" in one.fields:
            people = [one.record.reviewer_id]
            await require_sight(ctx, one.at, "reviewer_id", people, "viewer")


async def _require_rights(ctx: Context, one: Touched[Deliverable]) -> None:
    now = one.record
    reviewer = one.was("reviewer_id")
    judged = now.review_status != one.was("review_status") and now.review_status != "not_reviewed"
    brought = one.is_new and ctx.me.kind == "system"
    if judged and now.review_status != "under_review" and not (ctx.undoing or brought):
        if ctx.me.id is None or ctx.me.id != reviewer:
            raise Denied("Only the reviewer of a deliverable may say what becomes of it.")
        if one.fields <= OWN:
            return
    require_work(one.at)
    if reviewer and now.reviewer_id != reviewer:
        require_manage(ctx, one.at, one.milestone.owner_id, "choose another reviewer")


def _may_submit(deliverable: Deliverable) -> str | None:
    if deliverable.reviewer_id is None:
        return "This deliverable has no reviewer. Name one first."
    if deliverable.review_status == "under_review":
        return "This deliverable is under review already."
    if deliverable.status == "delivered":
        return "This deliverable is delivered already."
    return None


def _may_judge(deliverable: Deliverable, me: Me) -> str | None:
    if deliverable.review_status != "under_review":
        return "This deliverable is not under review. Submit it first."
    if me.id is None or deliverable.reviewer_id != me.id:
        return "Only the reviewer of a deliverable may say what becomes of it."
    return None


def _may_deliver(deliverable: Deliverable) -> str | None:
    if deliverable.status == "approved":
        return None
    if deliverable.status == "delivered":
        return "This deliverable is delivered already."
    return f"Only an approved deliverable can be delivered; it is {spoken(deliverable.status)}."


@action(label="Submit for review", icon="eye-check", grant="update", allowed=_may_submit)
async def submit_for_review(ctx: Context, deliverable: Deliverable) -> Deliverable:
    """Ask its reviewer to look at it."""
    deliverable.status, deliverable.review_status = "review", "under_review"
    said = DeliverableSubmitted(
        deliverable_id=deliverable.id,
        milestone_id=deliverable.milestone_id,
        reviewer_id=deliverable.reviewer_id or 0,
    )
    ctx.emit(said, deliverable)
    return deliverable


def _judge(ctx: Context, deliverable: Deliverable, note: str) -> Deliverable:
    deliverable.review_note = note
    said = DeliverableReviewed(
        deliverable_id=deliverable.id,
        milestone_id=deliverable.milestone_id,
        review_status=deliverable.review_status,
    )
    ctx.emit(said, deliverable)
    return deliverable


@action(icon="circle-check", grant="review", allowed=_may_judge)
async def approve(ctx: Context, deliverable: Deliverable, data: Approved) -> Deliverable:
    """Say that it is good as it is; only its reviewer may."""
    deliverable.status, deliverable.review_status = "approved", "approved"
    return _judge(ctx, deliverable, data.note)


@action(label="Ask for changes", icon="edit", grant="review", allowed=_may_judge)
async def request_revision(ctx: Context, deliverable: Deliverable, data: Refused) -> Deliverable:
    """Send it back with what is to be changed; only its reviewer may."""
    deliverable.status, deliverable.review_status = "draft", "needs_revision"
    return _judge(ctx, deliverable, data.note)


@action(icon="circle-x", grant="review", danger=True, allowed=_may_judge)
async def reject(ctx: Context, deliverable: Deliverable, data: Refused) -> Deliverable:
    """Say that it will not do; only its reviewer may."""
    deliverable.status, deliverable.review_status = "rejected", "rejected"
    return _judge(ctx, deliverable, data.note)


@action(icon="package-export", grant="update", allowed=_may_deliver)
async def deliver(ctx: Context, deliverable: Deliverable) -> Deliverable:
    """Say that it was handed over."""
    del ctx
    deliverable.status = "delivered"
    return deliverable
