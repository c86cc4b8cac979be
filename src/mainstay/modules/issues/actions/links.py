"""How issues are tied to one another: links, duplicates, and the task that deals with one."""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Struct

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Ref
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, Duplicate, FieldError, invalid
from mainstay.modules.issues import rules
from mainstay.modules.issues.actions.access import changed, require_workers
from mainstay.modules.issues.actions.issues import go, going, names
from mainstay.modules.issues.entities import Issue, IssueLink
from mainstay.modules.issues.scopes import (
    held_duplicates,
    issues_of_tasks,
    projects_of_issues,
    reached,
    same_links,
    sprint_states,
    workers_among,
)
from mainstay.modules.projects.api import Task, circle, spoken, standing
from mainstay.modules.projects.kinds import Assignee

# Two people who add the two halves of a circle at once are told apart by this row's lock.
LOCK = "issues.issue_link"
WORKED_ON = ("in_progress", "review", "testing")


class MarkDuplicate(Struct, forbid_unknown_fields=True):
    """Which issue says the same."""

    original_id: Annotated[
        int, Ref(target="issues.issue", label="Original", help="The issue that stays.")
    ]


class MakeTask(Struct, forbid_unknown_fields=True):
    """What kind of task it becomes; left empty, it follows the issue."""

    type: (
        Annotated[
            str,
            Choice(values=("bug", "feature", "improvement", "story", "task", "spike", "epic")),
        ]
        | None
    ) = None
    assignee_id: Assignee | None = None


async def create_link(ctx: Context, link: Entity) -> IssueLink:
    """Say how one issue relates to another; the other one shows the inverse."""
    assert isinstance(link, IssueLink)
    _apart(link)
    await ctx.raise_number(LOCK, 0)
    if await same_links(ctx, _alike(link)):
        raise Duplicate(
            "These issues are linked like this already.",
            errors=[FieldError("linked_id", "is linked already")],
        )
    return await ctx.create(link)


async def settle_links(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who work in an issue's project link it, and refuse circles."""
    found: list[tuple[IssueLink, list[Change]]] = await changed(ctx, changes)
    if not found:
        return
    projects = await projects_of_issues(ctx, [link.issue_id for link, _ in found])
    await require_workers(ctx, projects.values())
    fresh = [link for link, own in found if _may_close(own) and link.deleted_at is None]
    for link in fresh:
        _apart(link)
    await _keep_duplicates(ctx, found)
    for kinds in dict.fromkeys(rules.CIRCLES.values()):
        await _no_circle(ctx, kinds, [link for link in fresh if link.type in kinds])


async def _keep_duplicates(ctx: Context, found: Sequence[tuple[IssueLink, list[Change]]]) -> None:
    """Refuse to take a link away that says of which issue a resolved one is the duplicate."""
    lost = [link for link, own in found if _was_duplicate(link, own)]
    if not lost:
        return
    held = await held_duplicates(ctx, [link.issue_id for link in lost])
    for link in lost:
        original, code = held.get(link.issue_id, (0, ""))
        if original == link.linked_id:
            raise Conflict(
                f"{code} is resolved as a duplicate by this link. "
                "Reopen it, or say how else it ended; then the link goes with that."
            )


def _was_duplicate(link: IssueLink, changes: Sequence[Change]) -> bool:
    """Return whether a link said "duplicates" before these changes and does not any more."""
    before: dict[str, Any] = {}
    for change in reversed(changes):
        before |= change.before or {}
    if changes[0].before is None or before.get("type", link.type) != "duplicates":
        return False
    return link.deleted_at is not None or link.type != "duplicates"


def _apart(link: IssueLink) -> None:
    if link.issue_id == link.linked_id:
        raise invalid("linked_id", "must be another issue; an issue cannot be linked to itself")


def _alike(link: IssueLink) -> list[tuple[int, int, str]]:
    """Return the links that would say the same: both ways round where there is no inverse."""
    said = (link.issue_id, link.linked_id, link.type)
    if link.type != "relates_to":
        return [said]
    return [said, (link.linked_id, link.issue_id, link.type)]


def _may_close(changes: Sequence[Change]) -> bool:
    """Return whether a link may close a circle now: it is new, brought back, or of a new type."""
    known = [change.before for change in changes]
    return any(said is None or not {"deleted_at", "type"}.isdisjoint(said) for said in known)


async def _no_circle(ctx: Context, kinds: Sequence[str], links: Sequence[IssueLink]) -> None:
    if not links:
        return
    await ctx.raise_number(LOCK, 0)
    ends = sorted({end for link in links for end in (link.issue_id, link.linked_id)})
    known = await reached(ctx, kinds, ends)
    for link in links:
        way = circle(known, link.issue_id)
        if not way:
            continue
        said = await names(ctx, way)
        if link.type == "parent_of":
            raise Conflict(
                f"These issues would be parts of one another in a circle: {said}. "
                "Take one of these links away first."
            )
        raise Conflict(
            f"These issues would wait for one another in a circle: {said}. "
            "Take one of these links away first."
        )


async def call_duplicate(ctx: Context, issue: Issue, original_id: int) -> Issue:
    """Resolve an issue as a duplicate of another one that the person sees, and link the two."""
    if original_id == issue.id:
        raise invalid("original_id", "must be another issue; an issue is no duplicate of itself")
    seen = await ctx.all(Issue, id=original_id)
    if not seen:
        raise invalid("original_id", "names an issue that is not there, or you may not see it")
    issue.resolution = "duplicate"
    await go(ctx, issue, "resolved")
    issue.duplicate_of_id = original_id
    link = IssueLink(issue_id=issue.id, linked_id=original_id, type="duplicates")
    if not await same_links(ctx, _alike(link)):
        await ctx.create(link)
    return issue


@action(label="Mark as duplicate", icon="copy", grant="update", allowed=going("resolved"))
async def mark_duplicate(ctx: Context, issue: Issue, data: MarkDuplicate) -> Issue:
    """Resolve the issue because another one says the same; that one names who watched this."""
    return await call_duplicate(ctx, issue, data.original_id)


async def task_for(
    ctx: Context, issue: Issue, kind: str | None = None, assignee: int | None = None
) -> Task:
    """Make the task that deals with an issue, in the issue's project."""
    if issue.task_id is not None:
        known = await ctx.all(Task, anywhere=True, id=issue.task_id)
        if known:
            raise Conflict(f"This issue has a task already: {known[0].code}.")
    values: dict[str, Any] = {
        "project_id": issue.project_id,
        "title": issue.title,
        "description": issue.description,
        "type": kind or rules.TASK_TYPES.get(issue.type, "task"),
        "priority": issue.priority,
        "assignee_id": assignee or await _still_there(ctx, issue),
        "due_date": issue.due_date,
        "sprint_id": await _open_sprint(ctx, issue),
        "component": issue.component,
    }
    given = {name: value for name, value in values.items() if value not in (None, "")}
    task = await perform.create(ctx, ctx.registry.noun(Task), given)
    assert isinstance(task, Task)
    issue.task_id = task.id
    return task


async def _still_there(ctx: Context, issue: Issue) -> int | None:
    """Return who deals with an issue, unless they do not work in the project any more."""
    if issue.assignee_id is None:
        return None
    pair = (issue.project_id, issue.assignee_id)
    return issue.assignee_id if await workers_among(ctx, [pair]) else None


async def _open_sprint(ctx: Context, issue: Issue) -> int | None:
    """Return the sprint of an issue where this person may put a task into it."""
    if issue.sprint_id is None:
        return None
    state = (await sprint_states(ctx, [issue.sprint_id])).get(issue.sprint_id)
    if state == "active" and (await standing(ctx, issue.project_id)).leads:
        return issue.sprint_id
    return issue.sprint_id if state == "planning" else None


def _may_make(issue: Issue) -> str | None:
    if issue.status in rules.ENDED:
        return f"This issue is {spoken(issue.status)}. Reopen it first."
    return None


@action(label="Make a task", icon="checkbox", grant="update", allowed=_may_make)
async def make_task(ctx: Context, issue: Issue, data: MakeTask) -> Issue:
    """Make a task of the issue; when the task is done, the issue is resolved as fixed."""
    await task_for(ctx, issue, data.type, data.assignee_id)
    return issue


async def follow_tasks(ctx: Context, changes: Sequence[Change]) -> None:
    """Let issues follow the tasks that deal with them, in the same change set.

    An issue is in progress when its task is begun, resolved as fixed when the task is done, and
    reopened when the task is. What an undo takes back was recorded with the task.
    """
    moved = {
        change.record_id: change.noun
        for change in changes
        if change.noun.key == "projects.task"
        and change.before is not None
        and "status" in change.before
    }
    if not moved or ctx.undoing:
        return
    ids = await issues_of_tasks(ctx, moved)
    if not ids:
        return
    found = await ctx.load_all(ctx.registry.noun(Issue), ids, anywhere=True)
    tasks = await ctx.load_all(next(iter(moved.values())), moved, anywhere=True, deleted="with")
    for issue in found.values():
        assert isinstance(issue, Issue)
        task = tasks[issue.task_id or 0]
        assert isinstance(task, Task)
        await _follow(ctx, issue, task.status)


async def _follow(ctx: Context, issue: Issue, status: str) -> None:
    if status == "done" and issue.status in rules.LIVE:
        issue.resolution = "fixed"
        await go(ctx, issue, "resolved")
    elif status in WORKED_ON and issue.status in ("open", "reopened"):
        await go(ctx, issue, "in_progress")
    elif (
        status not in ("done", "cancelled")
        and issue.status == "resolved"
        and issue.resolution == "fixed"
    ):
        issue.resolution = "unresolved"
        await go(ctx, issue, "reopened")
