"""What can be done with a request: ask, approve, reject, withdraw, and ask again."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity, Event
from mainstay.kernel.fields import Links, Ref
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, Denied, invalid
from mainstay.kernel.scope import require
from mainstay.modules.projects.api import (
    Standing,
    Task,
    require_lead,
    require_work,
    standing,
    standings,
)
from mainstay.modules.requests.entities import TaskRequest
from mainstay.modules.templates.api import TaskTemplate, make_task

ASKING = ("owner", "admin", "member", "client")
DECISION = frozenset({"status", "task_id", "decided_by", "decided_at", "reason"})
DECIDE = "decide on requests"
Decided = Literal["approved", "rejected", "withdrawn"]


class RequestApproved(Event, frozen=True):
    """Somebody's wish became a task."""

    request_id: int
    task_id: int


class RequestRejected(Event, frozen=True):
    """Somebody's wish was turned down, for a reason."""

    request_id: int
    reason: str


class RequestReopened(Event, frozen=True):
    """A request that was over waits for a decision again."""

    request_id: int


class Approve(Struct, forbid_unknown_fields=True):
    """What the task gets beside what was asked for; left empty, it is as the request says."""

    assignees: Annotated[
        list[int],
        Links(target="identity.user", label="Who does it", help="As asked for when left empty."),
    ] = []
    due_date: Annotated[
        date | None, Meta(description="When it must be done; as asked for when left empty")
    ] = None
    milestone_id: (
        Annotated[
            int,
            Ref(target="milestones.milestone", label="Milestone", help="The milestone it is for."),
        ]
        | None
    ) = None


class Reject(Struct, forbid_unknown_fields=True):
    """Why it cannot be done."""

    reason: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=2000,
            pattern=r"\S",
            description="What the person who asked shall know",
        ),
    ]


def require_ask(at: Standing) -> None:
    """Refuse requests by people who only look on, and in a project that is binned."""
    if at.binned:
        raise Conflict("The project is in the bin. Restore it first, then ask for something in it.")
    if not (at.everywhere or at.role in ASKING):
        raise Denied(
            "Only members and clients of the project may ask for tasks in it. "
            "Ask an owner or admin of it to make you one."
        )


async def create_request(ctx: Context, request: Entity) -> TaskRequest:
    """Ask for a task; without approval it is made at once, by those who may make it there."""
    assert isinstance(request, TaskRequest)
    at = await standing(ctx, request.project_id)
    require_ask(at)
    if request.approval_required:
        return await ctx.create(request)
    if not at.works:
        raise Denied(
            "Only those who work in the project may make a task without approval. "
            "Leave the request to be approved."
        )
    task = await _make(ctx, request, Approve(), ctx.me.id)
    _decide(ctx, request, "approved")
    request.task_id = task.id
    await ctx.create(request)
    ctx.emit(RequestApproved(request_id=request.id, task_id=task.id), request)
    return request


async def update_request(ctx: Context, request: Entity, before: Entity) -> None:
    """Keep what was decided on as it was."""
    assert isinstance(before, TaskRequest)
    if before.status != "pending" and not ctx.undoing:
        raise Conflict("This request is decided or withdrawn. Reopen it first, then change it.")


async def settle_requests(ctx: Context, changes: Sequence[Change]) -> None:
    """Let those ask who may, change their own while it waits, and leaders decide."""
    groups: dict[int, list[Change]] = {}
    for change in changes:
        if change.before is not None or change.after is not None:
            groups.setdefault(change.record_id, []).append(change)
    if not groups:
        return
    held = await ctx.load_all(changes[0].noun, list(groups), anywhere=True, deleted="with")
    found = [(one, groups[key]) for key, one in held.items() if isinstance(one, TaskRequest)]
    places = await standings(ctx, {one.project_id for one, _ in found})
    for request, own in found:
        _may_change(ctx, request, own, places[request.project_id])


def _may_change(
    ctx: Context, request: TaskRequest, changes: Sequence[Change], at: Standing
) -> None:
    """Refuse a change of one request by somebody who may not make it."""
    if changes[0].before is None:
        require_ask(at)
        if request.status == "approved":
            require_work(at)
        return
    touched = {name for change in changes for name in change.before or ()}
    states = {(change.before or {}).get("status", request.status) for change in changes}
    waiting = {request.status, *states} <= {"pending", "withdrawn"}
    free = waiting if touched & DECISION else request.status == "pending"
    mine = ctx.me.id is not None and request.created_by == ctx.me.id
    if not (mine and free):
        require_lead(at, DECIDE)
    elif request.status != "withdrawn":
        require_ask(at)


def _decide(ctx: Context, request: TaskRequest, status: Decided, reason: str = "") -> None:
    """Note what was decided, by whom and when."""
    request.status, request.reason = status, reason
    request.decided_by, request.decided_at = ctx.me.id, ctx.now


async def _make(ctx: Context, request: TaskRequest, data: Approve, reporter: int | None) -> Task:
    """Make the task that was asked for, from its template where it names one."""
    noun = ctx.registry.noun(Task)
    people = list(dict.fromkeys(data.assignees or request.assignees))
    due = data.due_date or request.due_date
    if data.milestone_id is not None:
        await _of_project(ctx, data.milestone_id, request.project_id)
    if request.template_id is not None:
        require(ctx.me, noun.permission("create"))
        await ctx.check_refs(noun, {"assignees": people})
        template = await ctx.get(TaskTemplate, request.template_id)
        return await make_task(
            ctx,
            template,
            request.project_id,
            title=request.title,
            description=request.description,
            due_date=due,
            assignees=people,
            milestone_id=data.milestone_id,
            priority=request.priority,
            reporter_id=reporter,
        )
    values: dict[str, Any] = {
        "project_id": request.project_id,
        "title": request.title,
        "description": request.description,
        "priority": request.priority,
        "assignees": people,
        "due_date": due,
        "milestone_id": data.milestone_id,
        "reporter_id": reporter,
    }
    given = {name: value for name, value in values.items() if value not in (None, [])}
    task = await perform.create(ctx, noun, given)
    assert isinstance(task, Task)
    return task


async def _of_project(ctx: Context, milestone_id: int, project_id: int) -> None:
    """Refuse a milestone of another project, or one that the person may not see."""
    await ctx.check_refs(ctx.registry.noun(Task), {"milestone_id": milestone_id})
    milestone: Any = await ctx.load(ctx.registry.noun("milestones.milestone"), milestone_id)
    if milestone.project_id != project_id:
        raise invalid("milestone_id", "must be a milestone of the request's project")


def _waiting(request: TaskRequest) -> str | None:
    if request.status == "approved":
        return "This request is approved already."
    if request.status == "rejected":
        return "This request is rejected already."
    return "This request is withdrawn already." if request.status == "withdrawn" else None


def _over(request: TaskRequest) -> str | None:
    if request.status == "approved":
        return "This request is approved. Take the approval back instead."
    return "This request waits already." if request.status == "pending" else None


@action(icon="circle-check", grant="approve", allowed=_waiting)
async def approve(ctx: Context, request: TaskRequest, data: Approve) -> TaskRequest:
    """Make the task that was asked for; who asked for it sees it."""
    at = await standing(ctx, request.project_id)
    require_lead(at, DECIDE)
    require_work(at)
    task = await _make(ctx, request, data, request.created_by)
    _decide(ctx, request, "approved")
    request.task_id = task.id
    ctx.emit(RequestApproved(request_id=request.id, task_id=task.id), request)
    return request


@action(icon="circle-x", grant="approve", danger=True, allowed=_waiting)
async def reject(ctx: Context, request: TaskRequest, data: Reject) -> TaskRequest:
    """Turn the request down, and say why."""
    require_lead(await standing(ctx, request.project_id), DECIDE)
    _decide(ctx, request, "rejected", data.reason)
    ctx.emit(RequestRejected(request_id=request.id, reason=data.reason), request)
    return request


@action(icon="arrow-back-up", grant="update", allowed=_waiting)
async def withdraw(ctx: Context, request: TaskRequest) -> TaskRequest:
    """Take your request back; nobody decides on it any more."""
    if ctx.me.kind != "system" and request.created_by != ctx.me.id:
        raise Denied("Only the person who asked may take the request back. Reject it instead.")
    _decide(ctx, request, "withdrawn")
    return request


@action(icon="rotate", grant="update", allowed=_over)
async def reopen(ctx: Context, request: TaskRequest) -> TaskRequest:
    """Let the request wait for a decision again."""
    request.status, request.reason = "pending", ""
    request.decided_by = request.decided_at = None
    ctx.emit(RequestReopened(request_id=request.id), request)
    return request
