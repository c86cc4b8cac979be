"""What can be done with an item of a checklist: tick it, block it, have it validated."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, Denied, invalid
from mainstay.modules.checklists.actions.checklists import Move, keep, put
from mainstay.modules.checklists.actions.common import (
    GAP,
    changed,
    first_known,
    take_in,
    touched,
    was_new,
    working,
)
from mainstay.modules.checklists.actions.events import ItemBlocked, ItemRejected
from mainstay.modules.checklists.entities import ChecklistItem
from mainstay.modules.checklists.rules import State
from mainstay.modules.checklists.scopes import homes_of_items, last_place, tasks_by
from mainstay.modules.projects.api import require_lead


class Reason(Struct, forbid_unknown_fields=True):
    """Why."""

    reason: Annotated[
        str, Meta(min_length=1, max_length=500, pattern=r"\S", description="What stands in the way")
    ]


class Shortfall(Struct, forbid_unknown_fields=True):
    """What is missing."""

    reason: Annotated[
        str, Meta(min_length=1, max_length=500, pattern=r"\S", description="What is missing yet")
    ]


def enter(ctx: Context, item: ChecklistItem, status: State, reason: str = "") -> ChecklistItem:
    """Bring an item into a state, with what coming there brings along."""
    item.status, item.reason = status, reason
    done = status == "completed"
    item.completed_at = ctx.now if done else None
    item.completed_by = ctx.me.id if done else None
    item.validated_at = item.validated_by = None
    return agree(item)


def agree(item: ChecklistItem) -> ChecklistItem:
    """Let what follows from an item's state follow: when it counts as done."""
    if item.status != "completed":
        item.completed_at = item.completed_by = item.validated_at = item.validated_by = None
    item.is_completed = item.status == "completed" and (
        not item.needs_validation or item.validated_at is not None
    )
    return item


async def create_item(ctx: Context, item: Entity) -> ChecklistItem:
    """Add an item at the end of its checklist."""
    assert isinstance(item, ChecklistItem)
    if item.status == "blocked":
        raise invalid("status", "cannot be blocked from the start; block it with a reason")
    enter(ctx, item, item.status)
    last = await last_place(ctx, "checklists.checklist_item", "checklist_id", item.checklist_id)
    item.sort_order = last + GAP
    return await ctx.create(item)


async def update_item(ctx: Context, item: Entity, before: Entity) -> None:
    """Keep an item's state in order after an edit."""
    assert isinstance(item, ChecklistItem)
    assert isinstance(before, ChecklistItem)
    if not ctx.undoing:
        if before.needs_validation and not item.needs_validation:
            tasks = await tasks_by(ctx, "checklists.checklist", [item.checklist_id])
            at = await working(ctx, tasks.values())
            require_lead(next(iter(at.values())), "take the validation away from an item")
        if item.status != before.status:
            if reason := item_move(before.status, item.status):
                raise Conflict(reason)
            enter(ctx, item, item.status)
    agree(item)


async def settle_items(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who work in a project change its items, and keep the checklists in step."""
    found = [
        (one, own) for one, own in await changed(ctx, changes) if isinstance(one, ChecklistItem)
    ]
    if not found:
        return
    lists = {one.checklist_id for one, _ in found}
    tasks = await tasks_by(ctx, "checklists.checklist", lists)
    at = await working(ctx, tasks.values())
    places = {one.id: at[tasks[one.checklist_id]] for one, _ in found}
    await take_in(ctx, [(places[one.id], one.assignee_id, own) for one, own in found])
    waiting = [one for one, own in found if one.depends_on_id and touched(own, "depends_on_id")]
    if waiting:
        homes = await homes_of_items(ctx, (one.depends_on_id or 0 for one in waiting))
        if any(homes.get(one.depends_on_id or 0) != one.checklist_id for one in waiting):
            raise invalid("depends_on_id", "must be an item of the same checklist")
    await keep(ctx, lists, [one for one, own in found if _completed_now(one, own)])


def _completed_now(item: ChecklistItem, changes: Sequence[Change]) -> bool:
    """Return whether these changes completed the item."""
    was = None if was_new(changes) else first_known(changes, "status", item.status)
    return item.status == "completed" and was != "completed"


def _may_start(item: ChecklistItem) -> str | None:
    if item.status == "completed":
        return "This item is completed. Reopen it first."
    if item.status == "blocked":
        return "This item is blocked. Unblock it first."
    return "This item is in progress already." if item.status == "in_progress" else None


def _may_block(item: ChecklistItem) -> str | None:
    if item.status == "completed":
        return "This item is completed. Reopen it first."
    return "This item is blocked already." if item.status == "blocked" else None


def _may_complete(item: ChecklistItem) -> str | None:
    if item.status == "blocked":
        return "This item is blocked. Unblock it first."
    return "This item is completed already." if item.status == "completed" else None


def _may_unblock(item: ChecklistItem) -> str | None:
    return None if item.status == "blocked" else "This item is not blocked."


def _may_reopen(item: ChecklistItem) -> str | None:
    return None if item.status == "completed" else "This item is still open."


def _may_validate(item: ChecklistItem) -> str | None:
    if not item.needs_validation:
        return "This item needs no validation."
    if item.status != "completed":
        return "This item is not completed yet."
    return "This item is validated already." if item.is_completed else None


@action(icon="player-play", grant="update", allowed=_may_start)
async def start(ctx: Context, item: ChecklistItem) -> ChecklistItem:
    """Say that you are at it."""
    return enter(ctx, item, "in_progress")


@action(icon="circle-check", grant="update", allowed=_may_complete)
async def complete(ctx: Context, item: ChecklistItem) -> ChecklistItem:
    """Tick the item off; with validation it counts as done once somebody else has looked at it."""
    return enter(ctx, item, "completed")


@action(icon="rotate", grant="update", allowed=_may_reopen)
async def reopen(ctx: Context, item: ChecklistItem) -> ChecklistItem:
    """Take the tick back."""
    return enter(ctx, item, "pending")


@action(icon="barrier-block", grant="update", allowed=_may_block)
async def block(ctx: Context, item: ChecklistItem, data: Reason) -> ChecklistItem:
    """Say that the item cannot go on, and why."""
    about = {"item_id": item.id, "checklist_id": item.checklist_id}
    ctx.emit(ItemBlocked(**about, reason=data.reason), item)
    return enter(ctx, item, "blocked", data.reason)


@action(icon="barrier-block-off", grant="update", allowed=_may_unblock)
async def unblock(ctx: Context, item: ChecklistItem) -> ChecklistItem:
    """Let a blocked item go on."""
    return enter(ctx, item, "pending")


@action(icon="eye-check", grant="validate", allowed=_may_validate)
async def validate(ctx: Context, item: ChecklistItem) -> ChecklistItem:
    """Say that the item is done as it should be; whoever completed it cannot."""
    if _own(ctx, item):
        raise Denied("You completed this item yourself. Ask somebody else to validate it.")
    item.validated_at, item.validated_by = ctx.now, ctx.me.id
    return agree(item)


@action(icon="arrow-back-up", grant="validate", allowed=_may_validate)
async def reject(ctx: Context, item: ChecklistItem, data: Shortfall) -> ChecklistItem:
    """Send the item back to be done again, and say what is missing."""
    if _own(ctx, item):
        raise Denied("You completed this item yourself. Reopen it instead of rejecting it.")
    about = {"item_id": item.id, "checklist_id": item.checklist_id}
    ctx.emit(ItemRejected(**about, reason=data.reason), item)
    return enter(ctx, item, "in_progress", data.reason)


def _own(ctx: Context, item: ChecklistItem) -> bool:
    """Return whether the asking person is who completed the item."""
    return ctx.me.kind != "system" and item.completed_by == ctx.me.id


@action(icon="arrows-move", grant="update")
async def move(ctx: Context, item: ChecklistItem, data: Move) -> ChecklistItem:
    """Put the item somewhere else in its checklist."""
    await put(ctx, item, "checklist_id", data)
    return item


def item_move(before: str, after: str) -> str | None:
    """Return why an item may not go from one state to another, or None when it may."""
    if after == "blocked" and before != "blocked":
        return "Blocking needs a reason. Use Block."
    if before == "blocked" and after == "completed":
        return "This item is blocked. Unblock it first."
    return None
