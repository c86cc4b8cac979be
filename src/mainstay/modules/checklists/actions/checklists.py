"""What can be done with a checklist, and how it follows from its items."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.kernel import place
from mainstay.kernel.clock import today_in
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, invalid
from mainstay.modules.checklists import rules
from mainstay.modules.checklists.actions.common import GAP, changed, touched, working
from mainstay.modules.checklists.actions.events import ChecklistCompleted, ChecklistReopened
from mainstay.modules.checklists.entities import Checklist, ChecklistItem, TaskResult
from mainstay.modules.checklists.scopes import (
    Home,
    Line,
    hold_checklists,
    keep_tallies,
    last_place,
    lines_of,
    open_results,
    tasks_by,
)

SHOWN_BY = "checklists.checklist"


class Move(Struct, forbid_unknown_fields=True):
    """Between which neighbours it goes; without one, to the end."""

    after_id: Annotated[int | None, Meta(description="The one that comes before it")] = None
    before_id: Annotated[int | None, Meta(description="The one that comes after it")] = None


async def put(ctx: Context, entity: Entity, within: str, data: Move) -> None:
    """Put a record of this room between two others of the same list."""
    noun, beside = ctx.registry.noun(type(entity)), (data.after_id, data.before_id)
    await place.hold(ctx, noun, "sort_order")
    found = await place.put(ctx, noun, entity, "sort_order", (within,), beside)
    if not found and any(beside):
        name = "after_id" if data.after_id else "before_id"
        raise invalid(name, f"must be another {noun.title.lower()} of the same list")


async def create_checklist(ctx: Context, checklist: Entity) -> Checklist:
    """Add a checklist at the end of a task's."""
    assert isinstance(checklist, Checklist)
    last = await last_place(ctx, SHOWN_BY, "task_id", checklist.task_id)
    checklist.sort_order = last + GAP
    return await ctx.create(checklist)


@action(icon="arrows-move", grant="update")
async def move(ctx: Context, checklist: Checklist, data: Move) -> Checklist:
    """Put the checklist somewhere else among those of its task."""
    await put(ctx, checklist, "task_id", data)
    return checklist


async def settle_checklists(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who work in a project change its checklists, and keep what they amount to."""
    found = [(one, own) for one, own in await changed(ctx, changes) if isinstance(one, Checklist)]
    if not found:
        return
    await working(ctx, (one.task_id for one, _ in found))
    stepped = [one for one, own in found if one.step_id and touched(own, "step_id")]
    if stepped:
        tasks = await tasks_by(ctx, "checklists.step", (one.step_id or 0 for one in stepped))
        if any(tasks.get(one.step_id or 0) != one.task_id for one in stepped):
            raise invalid("step_id", "must be a step of the same task")
    await keep(ctx, [one.id for one, _ in found])


async def keep(
    ctx: Context, checklists: Iterable[int], fresh: Sequence[ChecklistItem] = ()
) -> None:
    """Bring checklists up to their items, in a number of statements that does not grow.

    Refused where items are out of order; `fresh` are those that this unit of work completed. When
    the last required item is done, the checklist is, and its task has a result; and back again.
    """
    homes = await hold_checklists(ctx, checklists)
    lines = await lines_of(ctx, (home.id for home in homes))
    tallies: dict[int, rules.Tally] = {}
    kept = []
    for home in homes:
        own = lines.get(home.id, [])
        items = [line.item for line in own]
        if home.live:
            _refuse_disorder(home, items, {item.id for item in fresh})
        tallies[home.id] = rules.tally(items)
        last = _last(own) if tallies[home.id].completed else None
        at, by = (last.done_at, last.completed_by) if last else (None, None)
        kept.append((home.id, tallies[home.id], at, by))
    await keep_tallies(ctx, kept)
    await _keep_results(ctx, homes, lines, tallies)
    await _say(ctx, homes, tallies)


def _refuse_disorder(home: Home, items: Sequence[rules.Item], fresh: set[int]) -> None:
    """Refuse items that wait for one another in a circle, and what was completed too early."""
    if found := rules.circle(items):
        names = " → ".join(f"“{item.name}”" for item in found)
        raise Conflict(f"These items would wait for one another in a circle: {names}.")
    wrong = rules.out_of_order(items, sequential=home.mode == "sequential")
    if wrong is None:
        return
    late, early = wrong
    if late.id in fresh and early.waits:
        raise Conflict(f"“{early.name}” comes before “{late.name}”. Have it validated first.")
    if late.id in fresh:
        raise Conflict(f"“{early.name}” comes before “{late.name}”. Complete it first.")
    raise Conflict(
        f"“{late.name}” is completed already and comes after “{early.name}” in “{home.name}”. "
        f"Reopen “{late.name}” first."
    )


def _last(lines: Sequence[Line]) -> Line | None:
    """Return the item that came to count as done last."""
    done = [line for line in lines if line.item.done and line.done_at is not None]
    return max(done, key=lambda line: (line.done_at, line.item.id), default=None)


async def _keep_results(
    ctx: Context,
    homes: Sequence[Home],
    lines: dict[int, list[Line]],
    tallies: dict[int, rules.Tally],
) -> None:
    """Give each completed checklist one result on its task, and take it from every other."""
    there = await open_results(ctx, (home.id for home in homes))
    fresh, gone = [], []
    for home in homes:
        own = there.get(home.id, [])
        wanted = home.live and tallies[home.id].completed
        if wanted and not own:
            fresh.append(_result(ctx, home, lines[home.id], tallies[home.id]))
        gone += own[1:] if wanted else own
    await ctx.create_many(fresh)
    if gone:
        stale = await ctx.all(TaskResult, anywhere=True, id__in=gone, limit=len(gone))
        for result in stale:
            await ctx.delete(result)


def _result(ctx: Context, home: Home, lines: Sequence[Line], tally: rules.Tally) -> TaskResult:
    """Return what a completed checklist amounts to: items, validations, time taken, on time."""
    last = _last(lines)
    moments = [line.done_at for line in lines if line.item.done and line.done_at]
    late = [
        line
        for line in lines
        if line.due_date and line.done_at and today_in(ctx.me.zone, line.done_at) > line.due_date
    ]
    metrics = {
        "checklist": home.name,
        "items": tally.items,
        "done": tally.done,
        "required": sum(line.item.required for line in lines),
        "validated": sum(line.validated_at is not None for line in lines),
        "on_time": not late,
        "late_items": len(late),
        "hours_open": rules.hours(home.created_at, max(moments)) if moments else 0.0,
        "hours_between_items": rules.hours(min(moments), max(moments)) if moments else 0.0,
    }
    return TaskResult(
        task_id=home.task_id,
        user_id=last.completed_by if last else None,
        result_type=SHOWN_BY,
        result_id=home.id,
        performance_metrics=metrics,
    )


async def _say(ctx: Context, homes: Sequence[Home], tallies: dict[int, rules.Tally]) -> None:
    """Log which checklists became complete, and which are no longer."""
    turned = [home for home in homes if home.is_completed != tallies[home.id].completed]
    if not turned:
        return
    ids = [home.id for home in turned]
    held = await ctx.all(Checklist, anywhere=True, deleted="with", id__in=ids, limit=len(ids))
    for checklist in held:
        about = {"checklist_id": checklist.id, "task_id": checklist.task_id}
        tally = tallies[checklist.id]
        done = ChecklistCompleted(**about, items=tally.items)
        ctx.emit(done if tally.completed else ChecklistReopened(**about), checklist)
