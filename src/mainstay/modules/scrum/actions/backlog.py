"""What can be done with the backlog: order it, move work in and out of sprints, add to it."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, NotFound, invalid
from mainstay.modules.projects.api import Task, projects_of, require_lead, spoken, standing
from mainstay.modules.scrum import rules
from mainstay.modules.scrum.actions.sprints import CLOSED, IMPORTING
from mainstay.modules.scrum.entities import Sprint
from mainstay.modules.scrum.scopes import come_after, hold, place_new, put

TASK = "projects.task"
MOST = 500
End = Annotated[
    Literal["", "top", "bottom"], Meta(description="At the top or the bottom instead of beside one")
]
After = Annotated[int | None, Meta(description="The task that comes before them")]
Before = Annotated[int | None, Meta(description="The task that comes after them")]
Kind = Literal["task", "story", "bug", "spike", "feature", "improvement", "epic"]


class Rank(Struct, forbid_unknown_fields=True):
    """Which tasks go where in the order of the backlog, and into which sprint."""

    ids: Annotated[
        list[int],
        Meta(min_length=1, max_length=MOST, description="The tasks, in the order they get"),
    ]
    after_id: After = None
    before_id: Before = None
    to: End = ""
    sprint_id: Annotated[
        int | None,
        Meta(description="The sprint they go into, 0 for the backlog; where they are if left out"),
    ] = None


class Item(Struct, forbid_unknown_fields=True):
    """A new task, and where in the backlog it goes."""

    project_id: int
    title: Annotated[str, Meta(min_length=1, max_length=500)]
    type: Kind = "story"
    story_points: float | None = None
    epic_id: int | None = None
    sprint_id: int | None = None
    after_id: After = None
    before_id: Before = None
    to: End = ""


@action(label="Rank", icon="arrows-sort", grant="update", quiet=True)
async def rank(ctx: Context, data: Rank) -> Task:
    """Put tasks after or before another one, and perhaps into a sprint or out of it."""
    noun = ctx.registry.noun(Task)
    tasks = await _held(ctx, data.ids)
    if data.sprint_id is not None:
        await ctx.check_refs(noun, {"sprint_id": data.sprint_id or None})
        for one in tasks:
            one.sprint_id = data.sprint_id or None
    await _place(ctx, tasks, data.after_id, data.before_id, data.to)
    return tasks[0]


async def _held(ctx: Context, ids: Sequence[int]) -> list[Task]:
    """Return tasks of one project in the order in which they were named.

    The places of their project are held before the tasks are, so that two people who move the
    same tasks never wait for each other.
    """
    wanted = list(dict.fromkeys(ids))
    projects = await projects_of(ctx, [one for one in wanted if 0 < one < 2**63])
    if wanted[0] in projects:
        await hold(ctx, projects[wanted[0]])
    found: dict[int, Any] = await ctx.load_all(ctx.registry.noun(Task), wanted)
    if wanted[0] not in found:
        raise NotFound(f"There is no task {wanted[0]}, or you may not see it.")
    if lost := [one for one in wanted if one not in found]:
        raise Conflict(
            f"There is no task {lost[0]}, or you may not see it; perhaps it was deleted meanwhile. "
            "Nothing was moved; choose again."
        )
    tasks = [found[one] for one in wanted]
    if any(one.project_id != tasks[0].project_id for one in tasks):
        raise invalid("ids", "must be tasks of the same project")
    return tasks


async def _place(
    ctx: Context, tasks: Sequence[Task], after: int | None, before: int | None, end: str
) -> None:
    """Give tasks their places; refuse when what they were to go beside has left."""
    if not (after or before or end):
        return
    await place_new(ctx, tasks[0].project_id)
    if not await put(ctx, tasks, after, before, end):
        raise Conflict(
            "The task beside it was moved away or deleted meanwhile. "
            "Nothing was moved; look where it belongs now."
        )


@action(label="Add to the backlog", icon="plus", grant="create", quiet=True)
async def add_to_backlog(ctx: Context, data: Item) -> Task:
    """Add a task at a place of the backlog or of a planned sprint."""
    noun = ctx.registry.noun(Task)
    names = ("project_id", "title", "type", "story_points", "epic_id", "sprint_id")
    values = {n: v for n in names if (v := getattr(data, n)) is not None}
    task = await perform.create(ctx, noun, values)
    assert isinstance(task, Task)
    await hold(ctx, task.project_id)
    await _place(ctx, [task], data.after_id, data.before_id, data.to)
    return task


# ---- what is kept whatever the way ----


async def guard(ctx: Context, changes: Sequence[Change]) -> None:
    """Keep tasks in sprints of their own project that are not over; without any, ask nothing."""
    moved = [one for one in changes if one.noun.key == TASK and _concerns(one)]
    if not moved:
        return
    tasks = {one.record_id: ctx.held(one.noun, one.record_id) for one in moved}
    pairs = [(task, one) for one in moved if isinstance(task := tasks[one.record_id], Task)]
    wanted = {task.sprint_id for task, _ in pairs} | {_was(one) for _, one in pairs}
    noun = ctx.registry.noun(Sprint)
    ids = [one for one in wanted if one is not None]
    found: dict[int, Any] = await ctx.load_all(noun, ids, anywhere=True, deleted="with")
    began = [one.started_at for one in found.values() if one.status == "active" and one.started_at]
    if max(began, default=ctx.now) > ctx.now:
        # It waited for the sprint to begin, so what it does comes after that.
        come_after(ctx)
    for task, one in pairs:
        if "sprint_id" not in (one.before or {}) and one.before is not None:
            _back(task, found)
            _require_kind(ctx, task, found)
            continue
        _require_leave(ctx, task, found.get(_was(one) or 0))
        _require_place(ctx, task, found)
        await _require_right(ctx, task, found, _was(one))


def _concerns(change: Change) -> bool:
    """Return whether a change moves a task in or out of a sprint, or changes its kind in one."""
    if change.before is None:
        return bool(change.after and "sprint_id" in change.after)
    return not {"sprint_id", "deleted_at", "type"}.isdisjoint(change.before)


def _was(change: Change) -> int | None:
    was: int | None = (change.before or {}).get("sprint_id")
    return was


def _back(task: Task, found: dict[int, Any]) -> None:
    """Let a task that comes back from the bin go of a sprint that is in it."""
    sprint = found.get(task.sprint_id or 0)
    if task.deleted_at is None and sprint is not None and sprint.deleted_at is not None:
        task.sprint_id = None


def _require_place(ctx: Context, task: Task, found: dict[int, Any]) -> None:
    """Refuse a sprint of another project, one in the bin, and one that is over."""
    if task.sprint_id is None:
        return
    sprint = found.get(task.sprint_id)
    if sprint is None or sprint.project_id != task.project_id:
        raise invalid("sprint_id", "must be a sprint of the task's own project; choose one")
    if sprint.deleted_at is not None:
        raise Conflict(f"{sprint.name} is in the bin. Restore it, or choose another sprint.")
    _require_kind(ctx, task, found)
    if sprint.status in rules.OPEN or _free(ctx, sprint):
        _require_open(ctx, task, sprint)
        return
    said = f"is {spoken(sprint.status)}, so nothing can be put into it; choose another sprint"
    if ctx.undoing:
        raise Conflict(f"{sprint.name} {said}.")
    raise invalid("sprint_id", f"names {sprint.name}, which {said}")


def _require_kind(ctx: Context, task: Task, found: dict[int, Any]) -> None:
    """Refuse epics in a sprint: their stories go into it."""
    sprint = found.get(task.sprint_id or 0)
    if sprint is None or task.type != "epic" or ctx.undoing or _free(ctx, sprint):
        return
    raise invalid("sprint_id", "cannot take in an epic; put its stories into the sprint instead")


def _require_open(ctx: Context, task: Task, sprint: Any) -> None:
    """Refuse to put what is over into a sprint, which did not bring it."""
    if task.status not in CLOSED or ctx.undoing or _free(ctx, sprint):
        return
    raise invalid(
        "sprint_id",
        f"cannot take in {task.code}, which is {spoken(task.status)}: a sprint counts only what is "
        "done in it; reopen it first, or leave it out",
    )


def _require_leave(ctx: Context, task: Task, sprint: Any) -> None:
    """Refuse to take finished work out of a completed sprint: its numbers count it."""
    if sprint is None or sprint.status != "completed" or task.status not in CLOSED:
        return
    if sprint.deleted_at is None and not _free(ctx, sprint):
        raise Conflict(f"{sprint.name} is completed; what was done in it stays there.")


def _free(ctx: Context, sprint: Any) -> bool:
    """Return whether a sprint takes in anything: brought from elsewhere, or back from the bin."""
    if ctx.notes.get(IMPORTING):
        return True
    return any(
        one.record_id == sprint.id
        and one.noun.entity is Sprint
        and "deleted_at" in (one.before or ())
        for one in ctx.changes
    )


async def _require_right(ctx: Context, task: Task, found: dict[int, Any], was: int | None) -> None:
    """Let only leads change what is in an active sprint."""
    sprints = [found.get(one or 0) for one in (was, task.sprint_id)]
    if any(one is not None and one.status == "active" for one in sprints):
        at = await standing(ctx, task.project_id)
        require_lead(at, "change what is in an active sprint")
