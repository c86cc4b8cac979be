"""The definition of done: its criteria, what a task meets, and what is refused without it."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from mainstay.kernel import place
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, invalid
from mainstay.modules.projects.api import (
    Project,
    Task,
    require_lead,
    require_work,
    standing,
    standings,
)
from mainstay.modules.scrum.entities import DoneCriterion, DoneMark
from mainstay.modules.scrum.questions.definition import insisting, lacking

ORDER = "sort_order"
NAMED = 5
MOST = 100


class Tick(Struct, forbid_unknown_fields=True):
    """Which criterion, and whether the task meets it."""

    criterion_id: Annotated[int, Meta(ge=1, description="The criterion")]
    met: Annotated[bool, Meta(description="Whether the task meets it")] = True


class Insist(Struct, forbid_unknown_fields=True):
    """What a missing criterion does."""

    mode: Annotated[
        Literal["show", "refuse"], Meta(description="Only show it, or refuse to complete the task")
    ]


class Move(Struct, forbid_unknown_fields=True):
    """Between which two the criterion goes; without a neighbour, to the end."""

    after_id: Annotated[int | None, Meta(description="The one that comes before it")] = None
    before_id: Annotated[int | None, Meta(description="The one that comes after it")] = None


async def create_criterion(ctx: Context, criterion: Entity) -> DoneCriterion:
    """Add a point at the end of a project's definition of done."""
    assert isinstance(criterion, DoneCriterion)
    noun = ctx.registry.noun(DoneCriterion)
    await place.hold(ctx, noun, ORDER)
    there = await ctx.all(DoneCriterion, anywhere=True, limit=MOST, project_id=criterion.project_id)
    if len(there) >= MOST:
        raise Conflict(f"A definition of done has {MOST} points at most. Take one away first.")
    await place.put(ctx, noun, criterion, ORDER, ("project_id",), (None, None))
    return await ctx.create(criterion)


async def settle_criteria(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who lead a project say when its tasks are done."""
    ids = {change.record_id for change in changes if change.before or change.after}
    noun = ctx.registry.noun(DoneCriterion)
    found = await ctx.load_all(noun, sorted(ids), anywhere=True, deleted="with")
    known = await standings(ctx, {one.project_id for one in found.values()})  # type: ignore[attr-defined]
    for at in known.values():
        require_work(at)
        require_lead(at, "change its definition of done")


@action(icon="arrows-move", grant="update", quiet=True)
async def move(ctx: Context, criterion: DoneCriterion, data: Move) -> DoneCriterion:
    """Put the point somewhere else in the list."""
    noun = ctx.registry.noun(DoneCriterion)
    await place.hold(ctx, noun, ORDER)
    beside = (data.after_id, data.before_id)
    found = await place.put(ctx, noun, criterion, ORDER, ("project_id",), beside)
    if not found and any(beside):
        name = "after_id" if data.after_id else "before_id"
        raise invalid(name, "must be another criterion of the same project")
    return criterion


@action(label="Definition of done", icon="list-check", grant="update", quiet=True)
async def insist(ctx: Context, project: Project, data: Insist) -> Project:
    """Say whether a missing criterion is only shown, or keeps tasks from being completed."""
    at = await standing(ctx, project.id)
    require_work(at)
    require_lead(at, "change its definition of done")
    project.settings = msgspec.structs.replace(project.settings, definition_of_done=data.mode)
    return project


@action(label="Tick a criterion", icon="checkbox", grant="update", quiet=True)
async def tick(ctx: Context, task: Task, data: Tick) -> Task:
    """Say that the task meets a criterion of the definition of done, or that it does not."""
    criterion = await ctx.find(DoneCriterion, id=data.criterion_id, project_id=task.project_id)
    if criterion is None:
        raise invalid("criterion_id", "must be a criterion of the task's own project")
    mark = await ctx.find(DoneMark, anywhere=True, task_id=task.id, criterion_id=criterion.id)
    if data.met and mark is None:
        fresh = DoneMark(task_id=task.id, criterion_id=criterion.id)
        fresh.marked_by, fresh.marked_at = ctx.me.id, ctx.now
        await ctx.create(fresh, verb="tick")
    elif not data.met and mark is not None:
        await ctx.delete(mark)
    return task


async def settle_marks(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those tick who work in the project; what a done task needs stays ticked."""
    noun, tasks = ctx.registry.noun(DoneMark), ctx.registry.noun(Task)
    ids = sorted({change.record_id for change in changes if change.before or change.after})
    marks = await ctx.load_all(noun, ids, anywhere=True, deleted="with")
    about = sorted({mark.task_id for mark in marks.values()})  # type: ignore[attr-defined]
    held = await ctx.load_all(tasks, about, anywhere=True, deleted="with")
    known = await standings(ctx, {task.project_id for task in held.values()})  # type: ignore[attr-defined]
    for at in known.values():
        require_work(at)
    if ctx.undoing:
        return
    gone: dict[int, Task] = {}
    for mark in marks.values():
        assert isinstance(mark, DoneMark)
        task = held[mark.task_id]
        assert isinstance(task, Task)
        insists = known[task.project_id].settings.definition_of_done == "refuse"
        if mark.deleted_at is not None and task.status == "done" and insists:
            gone[mark.criterion_id] = task
    needed = await insisting(ctx, gone) if gone else {}
    for criterion, task in gone.items():
        if needed.get(criterion):
            raise Conflict(
                f"{task.code} is done, and the project asks for this. Reopen the task first."
            )


async def refuse_undone(ctx: Context, changes: Sequence[Change]) -> None:
    """Refuse to complete tasks that miss a required criterion, where their project insists.

    By whatever way they were completed; undoing lets through. Where no project insists nothing is
    asked, else one statement for all of them.
    """
    if ctx.undoing:
        return
    noun = ctx.registry.noun(Task)
    ended = {
        change.record_id
        for change in changes
        if change.noun is noun and (change.after or {}).get("status") == "done"
    }
    done = [task for one in sorted(ended) if isinstance(task := ctx.held(noun, one), Task)]
    done = [task for task in done if task.status == "done" and task.deleted_at is None]
    known = await standings(ctx, {task.project_id for task in done}) if done else {}
    firm = [t for t in done if known[t.project_id].settings.definition_of_done == "refuse"]
    if not firm:
        return
    missing = await lacking(ctx, (task.id for task in firm))
    short = [task for task in firm if missing.get(task.id)]
    if short:
        raise _refusal(short, missing)


def _refusal(short: Sequence[Task], missing: dict[int, list[str]]) -> Conflict:
    """Say which task misses what, and what to do."""
    if len(short) == 1:
        code = short[0].code or f"#{short[0].id}"
        return Conflict(
            f"{code} is not done by the project's definition: {_few(missing[short[0].id])}. "
            "Tick that on the task's page first."
        )
    codes = [task.code or f"#{task.id}" for task in short]
    names = list(dict.fromkeys(name for task in short for name in missing[task.id]))
    return Conflict(
        f"{len(short)} of these tasks are not done by the project's definition: {_few(codes)}. "
        f"They miss: {_few(names)}. Tick that on their pages first."
    )


def _few(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    more = f" (+{len(names) - NAMED})" if len(names) > NAMED else ""
    return "; ".join(names[:NAMED]) + more
