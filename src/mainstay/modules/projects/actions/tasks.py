"""What can be done with a task: plan, assign, move, block, finish and reopen it."""

from collections.abc import Callable, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.kernel import past, place
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, Invalid, invalid
from mainstay.modules.projects import rules
from mainstay.modules.projects.actions.events import (
    TaskAssigned,
    TaskBlocked,
    TaskCompleted,
    TaskReopened,
)
from mainstay.modules.projects.actions.members import ensure_member
from mainstay.modules.projects.entities import Label, Task
from mainstay.modules.projects.kinds import TaskStatus
from mainstay.modules.projects.scopes import (
    Standing,
    last_place,
    members_among,
    require_work,
    standing,
    standings,
)
from mainstay.modules.projects.totals.carry import book_of, carry
from mainstay.modules.projects.totals.scopes import kept_of, project_in
from mainstay.modules.projects.totals.waits import settle_waits

DERIVED = frozenset({"actual_hours", "progress"})
PLACES = "projects.places"
MANY = 100_000
# What a task belongs to besides its project, by the field that names it.
GROUPS = (
    ("goal_id", "charter.goal"),
    ("milestone_id", "milestones.milestone"),
    ("sprint_id", "scrum.sprint"),
)


class Block(Struct, forbid_unknown_fields=True):
    """What stands in the way."""

    reason: Annotated[
        str, Meta(min_length=1, max_length=500, description="What the task waits for")
    ]


class Assign(Struct, forbid_unknown_fields=True):
    """Who takes the lead."""

    user_id: Annotated[int | None, Meta(description="Who does it; nobody when left empty")] = None


class Move(Struct, forbid_unknown_fields=True):
    """Where on the board the task goes; without a neighbour, to the end of the column."""

    status: Annotated[TaskStatus | None, Meta(description="The column; the same if empty")] = None
    after_id: Annotated[int | None, Meta(description="The task that comes before it")] = None
    before_id: Annotated[int | None, Meta(description="The task that comes after it")] = None


def counter(project_id: int) -> str:
    """Return the name of a project's counter of task numbers."""
    return f"projects.task:{project_id}"


async def create_task(ctx: Context, task: Entity) -> Task:
    """Add a task to a project: it gets the next code, a reporter, and the end of its column."""
    assert isinstance(task, Task)
    at = await standing(ctx, task.project_id)
    require_work(at)
    await _number(ctx, task, at)
    task.reporter_id = task.reporter_id or ctx.me.id
    task.assignee_id, task.assignees = rules.people(task.assignee_id, task.assignees)
    await _check(ctx, task, None, at)
    _enter(ctx, task, "todo")
    task.sort_order = await _end_of(ctx, task.project_id, task.status)
    await ctx.create(task)
    if task.assignee_id:
        _say_assigned(ctx, task)
    return task


async def update_task(ctx: Context, task: Entity, before: Entity) -> None:
    """Keep a task's flow, people, place and dates in order after an edit."""
    assert isinstance(task, Task)
    assert isinstance(before, Task)
    at = await standing(ctx, task.project_id)
    require_work(at)
    if ctx.undoing:
        refresh(task)
        return
    task.code = task.code or before.code
    lead = before.assignee_id
    task.assignee_id, task.assignees = rules.people(
        task.assignee_id, task.assignees, lead, before.assignees
    )
    await _check(ctx, task, before, at)
    if task.status != before.status:
        wanted, task.status = task.status, before.status
        if reason := rules.task_move(before.status, wanted):
            raise Conflict(reason)
        await _go(ctx, task, wanted)
    if task.assignee_id and task.assignee_id != lead:
        _say_assigned(ctx, task)
    refresh(task)


async def delete_task(ctx: Context, task: Entity) -> None:
    """Put a task into the bin; tasks that were parts of it move up to its own parent."""
    assert isinstance(task, Task)
    for child in await ctx.all(Task, anywhere=True, limit=MANY, parent_id=task.id):
        child.parent_id = task.parent_id
    if task.type == "epic":
        for story in await ctx.all(Task, anywhere=True, limit=MANY, epic_id=task.id):
            story.epic_id = None if story.epic_id == task.id else story.epic_id


async def settle_tasks(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who work in a project change its tasks, and keep all totals right."""
    found = await ctx.load_all(
        changes[0].noun,
        (change.record_id for change in changes),
        anywhere=True,
        deleted="with",
    )
    tasks = {one: task for one, task in found.items() if isinstance(task, Task)}
    edited = {
        tasks[change.record_id].project_id
        for change in changes
        if set(change.after or change.before or ()) - DERIVED
    }
    for at in (await standings(ctx, edited)).values():
        require_work(at)
    await _keep_tree(ctx, tasks, changes)
    await past.gather(ctx, changes, (changes[0].noun.key,), "parent_id")
    await past.gather(ctx, changes, (changes[0].noun.key,), "epic_id")
    await _keep_epics(ctx, tasks, changes)
    await carry(ctx)
    await settle_waits(ctx, book_of(ctx).take_moved())


async def _keep_tree(ctx: Context, tasks: dict[int, Task], changes: Sequence[Change]) -> None:
    """Keep tasks that come back, or go back, below a live parent and out of circles.

    A parent that went into the bin meanwhile is passed over: its parts moved up then.
    """
    for change in changes:
        task, before = tasks[change.record_id], change.before or {}
        back = "deleted_at" in before or (ctx.undoing and "parent_id" in before)
        if not back or task.deleted_at is not None or task.parent_id is None:
            continue
        parent: Entity | None = None
        while task.parent_id is not None and (parent is None or parent.deleted_at is not None):
            parent = await ctx.load(change.noun, task.parent_id, anywhere=True, deleted="with")
            assert isinstance(parent, Task)
            if parent.deleted_at is not None:
                task.parent_id = parent.parent_id
        try:
            await _check_parent(ctx, task)
        except Invalid:
            if ctx.undoing:
                raise
            task.parent_id = None  # what comes back from the bin needs a place in any case


async def _keep_epics(ctx: Context, tasks: dict[int, Task], changes: Sequence[Change]) -> None:
    """Let tasks belong to live epics of their own project only, and epics to none: no circles."""
    noun = changes[0].noun
    turned = [tasks[one.record_id] for one in changes if one.before and "type" in one.before]
    moved = [tasks[one.record_id] for one in changes if one.after and "epic_id" in one.after]
    stories = [task for task in (*turned, *moved) if task.epic_id is not None]
    epics = await ctx.load_all(noun, {task.epic_id or 0 for task in stories}, anywhere=True)
    for task in stories:
        epic = epics.get(task.epic_id or 0)
        if task.type == "epic":
            raise invalid("epic_id", "cannot be set: an epic belongs to no other epic")
        if not isinstance(epic, Task) or epic.project_id != task.project_id or epic.type != "epic":
            raise invalid("epic_id", "must be an epic of the task's own project; choose one")
    for task in turned:
        if task.type != "epic" and await ctx.find(Task, anywhere=True, epic_id=task.id):
            raise invalid("type", "must stay epic while it has stories; move those away first")


async def _number(ctx: Context, task: Task, at: Standing) -> None:
    """Give a new task its code, or make sure that numbers go on above the one it brings."""
    if not task.code:
        number = await ctx.next_number(counter(task.project_id))
        task.code = rules.task_code(at.settings.task_prefix, number)
        return
    await ctx.raise_number(counter(task.project_id), rules.code_number(task.code) or 0)


async def _check(ctx: Context, task: Task, before: Task | None, at: Standing) -> None:
    """Refuse dates, parents, labels and people that do not fit."""
    dates = (task.start_date, task.due_date)
    fresh = before is None or dates != (before.start_date, before.due_date)
    if fresh and task.start_date and task.due_date and task.due_date < task.start_date:
        raise invalid("due_date", "must not be before the start date")
    if task.parent_id and (before is None or task.parent_id != before.parent_id):
        await _check_parent(ctx, task)
    for name, key in GROUPS:
        one = getattr(task, name)
        if one is not None and (before is None or one != getattr(before, name)):
            await _check_group(ctx, task, name, key, one)
    added = set(task.labels) - set(before.labels if before else ())
    if added:
        found = await ctx.all(Label, anywhere=True, id__in=sorted(added))
        if any(label.project_id != task.project_id for label in found):
            raise invalid("labels", "must be labels of the task's own project")
    people = set(task.assignees) - set(before.assignees if before else ())
    if people:
        await _check_people(ctx, task, sorted(people), at)


async def _check_group(ctx: Context, task: Task, name: str, key: str, one: int) -> None:
    """Refuse a goal or a milestone of another project."""
    known = ctx.notes.setdefault("projects.groups", {})
    if (key, one) not in known:
        known[key, one] = await project_in(ctx, key, one)
    if known[key, one] != task.project_id:
        what = name.removesuffix("_id")
        raise invalid(name, f"must be a {what} of the task's own project; choose one of those")


async def _check_parent(ctx: Context, task: Task) -> None:
    """Refuse a parent of another project, below the task itself, or too deep."""
    depth, parent_id = await _height(ctx, task), task.parent_id
    while parent_id is not None:
        parent = await ctx.get(Task, parent_id, anywhere=True)
        if parent.project_id != task.project_id:
            raise invalid("parent_id", "must be a task of the same project")
        if parent.id == task.id:
            raise invalid("parent_id", "must not be the task itself or a part of it")
        depth += 1
        if depth > rules.DEEPEST:
            raise invalid("parent_id", f"must not nest tasks more than {rules.DEEPEST} deep")
        parent_id = parent.parent_id


async def _height(ctx: Context, task: Task) -> int:
    """Return how many levels of tasks there are from this one down."""
    height, level = 1, [task.id] if task.id else []
    while level and height <= rules.DEEPEST:
        children = await ctx.all(Task, anywhere=True, parent_id__in=level)
        level = [child.id for child in children]
        height += bool(level)
    return height


async def _check_people(ctx: Context, task: Task, people: list[int], at: Standing) -> None:
    """Take new assignees in as members where the asking person may do that; refuse otherwise."""
    missing = set(people) - await members_among(ctx, task.project_id, people)
    if missing and not at.leads:
        raise invalid(
            "assignees",
            "must be members of the project; ask an owner or admin of it to add them first",
        )
    for person in sorted(missing):
        await ensure_member(ctx, task.project_id, person, "member")


async def _end_of(ctx: Context, project_id: int, status: str) -> float:
    """Return the next place at the end of a column; in a unit of work it is looked up once."""
    known, column = ctx.notes.setdefault(PLACES, {}), (project_id, status)
    if column not in known:
        known[column] = await last_place(ctx, project_id, status)
    known[column] = rules.between(known[column], None) or rules.GAP
    place: float = known[column]
    return place


def _say_assigned(ctx: Context, task: Task) -> None:
    said = TaskAssigned(task_id=task.id, project_id=task.project_id, user_id=task.assignee_id or 0)
    ctx.emit(said, task)


def refresh(task: Task) -> None:
    """Bring a task's progress up to date with its status, its hours and its parts."""
    task.progress = kept_of(task).due_units / rules.WHOLE


def _enter(ctx: Context, task: Task, before: str) -> None:
    """Do what coming into a status brings with it."""
    if task.status == "done":
        task.completed_at = task.completed_at or ctx.now
        task.remaining_hours = rules.CENT * 0
    elif before == "done":
        task.completed_at = task.remaining_hours = None
    if task.status == "in_progress":
        task.start_date = task.start_date or ctx.today
    if task.status != "blocked":
        task.blocked_reason = ""
    refresh(task)


async def _go(ctx: Context, task: Task, status: TaskStatus) -> Task:
    """Bring a task into a status, at the end of its column, and say so."""
    before, task.status = task.status, status
    _enter(ctx, task, before)
    task.sort_order = await _end_of(ctx, task.project_id, status)
    about = {"task_id": task.id, "project_id": task.project_id}
    if status == "done":
        left = task.subtask_count - task.subtask_done
        ctx.emit(TaskCompleted(**about, open_subtasks=left), task)
    elif before in rules.CLOSED:
        ctx.emit(TaskReopened(**about), task)
    if status == "blocked":
        ctx.emit(TaskBlocked(**about, reason=task.blocked_reason), task)
    return task


def _going(status: TaskStatus) -> Callable[[Task], str | None]:
    """Return a check that a task may go to a status now."""

    def allowed(task: Task) -> str | None:
        """Say why it may not."""
        if task.status == status:
            return f"This task is {rules.spoken(status)} already."
        if task.status in rules.CLOSED:
            return f"This task is {rules.spoken(task.status)}. Reopen it first."
        return rules.task_move(task.status, status)

    return allowed


def _may_unblock(task: Task) -> str | None:
    return None if task.status == "blocked" else "This task is not blocked."


def _may_reopen(task: Task) -> str | None:
    return None if task.status in rules.CLOSED else "This task is still open."


@action(icon="player-play", grant="update", allowed=_going("in_progress"))
async def start(ctx: Context, task: Task) -> Task:
    """Begin the task; its start date becomes today where none was set."""
    return await _go(ctx, task, "in_progress")


@action(label="Submit for review", icon="eye-check", grant="update", allowed=_going("review"))
async def submit_for_review(ctx: Context, task: Task) -> Task:
    """Ask for somebody else's eyes on the work."""
    return await _go(ctx, task, "review")


@action(label="Send to testing", icon="test-pipe", grant="update", allowed=_going("testing"))
async def send_to_testing(ctx: Context, task: Task) -> Task:
    """Hand the work over to those who test it."""
    return await _go(ctx, task, "testing")


@action(icon="barrier-block", grant="update", allowed=_going("blocked"))
async def block(ctx: Context, task: Task, data: Block) -> Task:
    """Say that the task cannot go on, and why."""
    task.blocked_reason = data.reason
    return await _go(ctx, task, "blocked")


@action(icon="barrier-block-off", grant="update", allowed=_may_unblock)
async def unblock(ctx: Context, task: Task) -> Task:
    """Let a blocked task go on where it stood: in progress, or to do if it never began."""
    return await _go(ctx, task, "in_progress" if task.start_date else "todo")


@action(icon="circle-check", grant="update", allowed=_going("done"))
async def complete(ctx: Context, task: Task) -> Task:
    """Finish the task now; open subtasks stay open, and the event says how many."""
    return await _go(ctx, task, "done")


@action(icon="rotate", grant="update", allowed=_may_reopen)
async def reopen(ctx: Context, task: Task) -> Task:
    """Put a task that is over back to do; its completion date is cleared."""
    return await _go(ctx, task, "todo")


@action(icon="circle-x", danger=True, grant="update", allowed=_going("cancelled"))
async def cancel(ctx: Context, task: Task) -> Task:
    """Drop the task; it stays on record and can be reopened."""
    return await _go(ctx, task, "cancelled")


@action(icon="user-check", grant="update")
async def assign(ctx: Context, task: Task, data: Assign) -> Task:
    """Give the lead of the task to somebody, or to nobody; who helps stays."""
    noun = ctx.registry.noun(Task)
    await ctx.check_refs(noun, {"assignee_id": data.user_id})
    before, listed = task.assignee_id, task.assignees
    task.assignee_id, task.assignees = rules.people(data.user_id, listed, before, listed)
    added = sorted(set(task.assignees) - set(listed))
    if added:
        await _check_people(ctx, task, added, await standing(ctx, task.project_id))
    if task.assignee_id and task.assignee_id != before:
        _say_assigned(ctx, task)
    return task


@action(icon="arrows-move", grant="update")
async def move(ctx: Context, task: Task, data: Move) -> Task:
    """Put the task somewhere else on the board: another column, another place, or both."""
    noun, status = ctx.registry.noun(Task), data.status or task.status
    await place.hold(ctx, noun, "sort_order")
    if status != task.status:
        if reason := rules.task_move(task.status, status):
            raise Conflict(reason)
        await _go(ctx, task, status)
    beside = (data.after_id, data.before_id)
    column = ("project_id", "status")
    found = await place.put(ctx, noun, task, "sort_order", column, beside)
    ctx.notes.pop(PLACES, None)
    if not found and any(beside):
        name = "after_id" if data.after_id else "before_id"
        raise invalid(name, "must be another task of the same project and column")
    return task
