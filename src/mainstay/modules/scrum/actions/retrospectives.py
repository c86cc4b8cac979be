"""What is done in a retrospective: notes, votes, and actions that become tasks."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from mainstay.kernel import perform, place
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, Denied, NotFound, invalid
from mainstay.modules.projects.api import Task, require_lead, spoken
from mainstay.modules.scrum.actions.ceremony_events import (
    ActionAgreed,
    ActionBecameTask,
    ActionCompleted,
)
from mainstay.modules.scrum.actions.ceremony_rights import take_in, touched
from mainstay.modules.scrum.entities import (
    ActionItem,
    Retrospective,
    RetrospectiveNote,
    Sprint,
)
from mainstay.modules.scrum.questions.retrospectives import votes_now

Kind = Literal["went_well", "went_wrong", "idea"]
State = Literal["open", "in_progress", "completed", "cancelled"]
OPEN = ("open", "in_progress")
WRITTEN = frozenset({"text", "deleted_at"})
# Action items that follow their task in this unit of work, whoever completes that.
FOLLOWED = "scrum.followed"
ORDER = "sort_order"
MANY = 1000


class Vote(Struct, forbid_unknown_fields=True):
    """Whether you agree."""

    agree: Annotated[
        bool | None, Meta(description="Agree or not; the other way round when left out")
    ] = None


class Move(Struct, forbid_unknown_fields=True):
    """Where the note goes; without a neighbour, to the end of the column."""

    kind: Annotated[Kind | None, Meta(description="The column; the same if empty")] = None
    after_id: Annotated[int | None, Meta(description="The note that comes before it")] = None
    before_id: Annotated[int | None, Meta(description="The note that comes after it")] = None


class NewTask(Struct, forbid_unknown_fields=True):
    """What the task shall be."""

    due_date: Annotated[date | None, Meta(description="Due; as the action is when left out")] = None


async def create_retrospective(ctx: Context, retrospective: Entity) -> Retrospective:
    """Open the look back on a sprint; it is held today unless another day is given."""
    assert isinstance(retrospective, Retrospective)
    # Who holds the sprint sees what another has opened at the same moment.
    sprint = await ctx.get(Sprint, retrospective.sprint_id, anywhere=True)
    there = await ctx.find(Retrospective, anywhere=True, sprint_id=retrospective.sprint_id)
    if there is not None:
        raise Conflict("This sprint has its retrospective already. Open that one.")
    if sprint.status == "cancelled":
        raise Conflict("This sprint was cancelled; there is nothing to look back on.")
    retrospective.held_on = retrospective.held_on or ctx.today
    return await ctx.create(retrospective)


async def settle_retrospectives(ctx: Context, changes: Sequence[Change]) -> None:
    """Let those hold retrospectives who work in the project."""
    for one in await touched(ctx, Retrospective, changes):
        if "deleted_at" in one.fields and not ctx.undoing:
            require_lead(one.at, "put a retrospective into the bin or take it out")


async def create_note(ctx: Context, note: Entity) -> RetrospectiveNote:
    """Note something at the end of its column."""
    assert isinstance(note, RetrospectiveNote)
    noun = ctx.registry.noun(RetrospectiveNote)
    await place.hold(ctx, noun, ORDER)
    await place.put(ctx, noun, note, ORDER, ("retrospective_id", "kind"), (None, None))
    return await ctx.create(note)


async def update_note(ctx: Context, note: Entity, before: Entity) -> None:
    """Put a note that changes its column at the end of the new one."""
    assert isinstance(note, RetrospectiveNote)
    assert isinstance(before, RetrospectiveNote)
    if note.kind == before.kind or ctx.undoing:
        return
    noun = ctx.registry.noun(RetrospectiveNote)
    await place.hold(ctx, noun, ORDER)
    await place.put(ctx, noun, note, ORDER, ("retrospective_id", "kind"), (None, None))


async def settle_notes(ctx: Context, changes: Sequence[Change]) -> None:
    """Let whoever works in the project sort notes, and only their authors and leads reword them."""
    for one in await touched(ctx, RetrospectiveNote, changes):
        written = bool(one.fields & WRITTEN) and not one.is_new
        if written and one.record.created_by != ctx.me.id:
            require_lead(one.at, "reword what somebody else noted, or take it away")


@action(icon="thumb-up", grant="update", quiet=True)
async def vote(ctx: Context, note: RetrospectiveNote, data: Vote) -> RetrospectiveNote:
    """Agree with a note, or take that back; everybody has one vote for each note."""
    me = ctx.me.id
    if me is None:
        raise Denied("Only a person can vote. Sign in as one.")
    # The note is locked by now, but its votes were read before the lock was waited for.
    votes = await votes_now(ctx, note.id)
    noun = ctx.registry.noun(RetrospectiveNote)
    ctx.written(noun, note.id, {"votes": msgspec.json.encode(votes)})
    agree = data.agree if data.agree is not None else me not in votes
    rest = [one for one in votes if one != me]
    note.votes = votes if agree == (me in votes) else [*rest, me] if agree else rest
    return note


@action(icon="arrows-move", grant="update", quiet=True)
async def move(ctx: Context, note: RetrospectiveNote, data: Move) -> RetrospectiveNote:
    """Put the note somewhere else: another column, another place, or both."""
    noun = ctx.registry.noun(RetrospectiveNote)
    await place.hold(ctx, noun, ORDER)
    note.kind = data.kind or note.kind
    beside = (data.after_id, data.before_id)
    found = await place.put(ctx, noun, note, ORDER, ("retrospective_id", "kind"), beside)
    if not found and any(beside):
        name = "after_id" if data.after_id else "before_id"
        raise invalid(name, "must be another note of the same retrospective and column")
    return note


async def create_item(ctx: Context, item: Entity) -> ActionItem:
    """Agree on something that is to change."""
    assert isinstance(item, ActionItem)
    await ctx.create(item)
    said = ActionAgreed(
        action_item_id=item.id, retrospective_id=item.retrospective_id, owner_id=item.owner_id
    )
    ctx.emit(said, item)
    return item


async def update_item(ctx: Context, item: Entity, before: Entity) -> None:
    """Keep an action's flow in order after an edit."""
    assert isinstance(item, ActionItem)
    assert isinstance(before, ActionItem)
    if ctx.undoing or item.status == before.status:
        return
    wanted, item.status = item.status, before.status
    await _go(ctx, item, wanted)


async def settle_items(ctx: Context, changes: Sequence[Change]) -> None:
    """Let those change actions who work in the project; what follows its task just follows."""
    followed: set[int] = ctx.notes.get(FOLLOWED, set())
    own = [c for c in changes if c.record_id not in followed or set(c.after or ()) - {"status"}]
    for one in await touched(ctx, ActionItem, own):
        await take_in(ctx, one.at, "owner_id", [one.fresh("owner_id")])


def action_move(before: str, after: str) -> str | None:
    """Return why an action may not go from one status to another, or None when it may."""
    if before in OPEN or after in (before, "open"):
        return None
    return f"This action is {spoken(before)}. Reopen it first."


async def _go(ctx: Context, item: ActionItem, status: State) -> ActionItem:
    """Bring an action into a status by hand, where no open task says otherwise."""
    if reason := action_move(item.status, status):
        raise Conflict(reason)
    if status == "completed" or item.status == "completed":
        task = await _task_of(ctx, item)
        if task is not None and task.status != "done" and status == "completed":
            raise Conflict(f"This action became the task {task.code}. Complete that; this follows.")
        if task is not None and task.status == "done" and status != "completed":
            raise Conflict(f"This action became the task {task.code}. Reopen that; this follows.")
    item.status = status
    _say(ctx, item)
    return item


def _say(ctx: Context, item: ActionItem) -> None:
    if item.status == "completed":
        about = {"action_item_id": item.id, "retrospective_id": item.retrospective_id}
        ctx.emit(ActionCompleted(**about), item)


async def _task_of(ctx: Context, item: ActionItem) -> Task | None:
    """Return the task that an action became, unless that is gone."""
    if item.task_id is None:
        return None
    try:
        return await ctx.get(Task, item.task_id, anywhere=True)
    except NotFound:
        return None


def _may_start(item: ActionItem) -> str | None:
    if item.status == "in_progress":
        return "Somebody is at it already."
    return _may_end(item)


def _may_end(item: ActionItem) -> str | None:
    if item.status in OPEN:
        return None
    return f"This action is {spoken(item.status)}. Reopen it first."


def _may_reopen(item: ActionItem) -> str | None:
    return "This action is open." if item.status in OPEN else None


def _may_become(item: ActionItem) -> str | None:
    if item.task_id is not None:
        return "This action is a task already."
    return _may_end(item)


@action(icon="player-play", grant="update", allowed=_may_start)
async def start(ctx: Context, item: ActionItem) -> ActionItem:
    """Say that somebody is at it."""
    return await _go(ctx, item, "in_progress")


@action(icon="circle-check", grant="update", allowed=_may_end)
async def complete(ctx: Context, item: ActionItem) -> ActionItem:
    """Say that what was to change is changed."""
    return await _go(ctx, item, "completed")


@action(icon="rotate", grant="update", allowed=_may_reopen)
async def reopen(ctx: Context, item: ActionItem) -> ActionItem:
    """Say that it is still to be done."""
    return await _go(ctx, item, "open")


@action(icon="circle-x", danger=True, grant="update", allowed=_may_end)
async def cancel(ctx: Context, item: ActionItem) -> ActionItem:
    """Drop it; it stays on record."""
    return await _go(ctx, item, "cancelled")


@action(label="Make a task", icon="checkbox", grant="update", allowed=_may_become)
async def make_task(ctx: Context, item: ActionItem, data: NewTask) -> ActionItem:
    """Turn the action into a task of the project; completing the task completes the action."""
    look_back = await ctx.get(Retrospective, item.retrospective_id, anywhere=True)
    sprint = await ctx.get(Sprint, look_back.sprint_id, anywhere=True)
    due = data.due_date or item.due_date
    said = {
        "project_id": sprint.project_id,
        "title": item.title,
        "assignee_id": item.owner_id,
        "due_date": due.isoformat() if due else None,
        "type": "improvement",
    }
    task = await perform.create(ctx, ctx.registry.noun(Task), said)
    item.task_id = task.id
    ctx.emit(ActionBecameTask(action_item_id=item.id, task_id=task.id), item)
    return item


async def follow(ctx: Context, changes: Sequence[Change]) -> None:
    """Complete the actions whose tasks were completed, and reopen those whose tasks were.

    Asked only where tasks became done, stopped being that or came back from the bin, once for
    all of them.
    """
    noun = ctx.registry.noun(Task)
    turned = [
        change.record_id
        for change in changes
        if change.noun is noun
        and change.before is not None
        and ("done" in _statuses(change) or "deleted_at" in change.before)
    ]
    if not turned:
        return
    wanted = sorted(set(turned))
    items = await ctx.all(ActionItem, anywhere=True, limit=MANY, task_id__in=wanted, sort="id")
    for item in items:
        task = ctx.held(noun, item.task_id or 0)
        assert isinstance(task, Task)
        if task.deleted_at is not None:
            continue
        done = task.status == "done"
        if done and item.status in OPEN:
            item.status = "completed"
            _say(ctx, item)
        elif not done and item.status == "completed":
            item.status = "in_progress" if task.status == "in_progress" else "open"
        else:
            continue
        ctx.notes.setdefault(FOLLOWED, set()).add(item.id)


def _statuses(change: Change) -> tuple[str | None, str | None]:
    """Return the status of a record before and after a change of it."""
    return (change.before or {}).get("status"), (change.after or {}).get("status")
