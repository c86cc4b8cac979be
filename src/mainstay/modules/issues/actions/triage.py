"""The first look at a new issue: what it is worth, who takes it, or why nobody does."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.fields import Ref
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, invalid
from mainstay.modules.issues import rules
from mainstay.modules.issues.actions.events import IssueTriaged
from mainstay.modules.issues.actions.issues import assign_to, go, score_of
from mainstay.modules.issues.actions.links import call_duplicate, task_for
from mainstay.modules.issues.entities import Category, Issue, IssueType, Severity
from mainstay.modules.issues.scopes import person_name
from mainstay.modules.projects.api import spoken
from mainstay.modules.projects.kinds import Assignee, Priority


class Triage(Struct, forbid_unknown_fields=True):
    """What was decided; what is left empty stays as it is."""

    decision: Annotated[
        Literal["accept", "task", "duplicate", "cancel"],
        Meta(description="Accept it, make a task of it, call it a duplicate, or cancel it"),
    ] = "accept"
    severity: Severity | None = None
    priority: Priority | None = None
    type: IssueType | None = None
    category: Category | None = None
    assignee_id: Assignee | None = None
    original_id: (
        Annotated[
            int,
            Ref(target="issues.issue", label="Original", help="Which issue it is a duplicate of."),
        ]
        | None
    ) = None


def _waits(issue: Issue) -> str | None:
    if issue.triaged_at is not None:
        return "Somebody has triaged this issue already."
    if issue.status in rules.ENDED:
        return f"This issue is {spoken(issue.status)}; there is nothing to decide."
    return None


@action(icon="filter-check", grant="update")
async def triage(ctx: Context, issue: Issue, data: Triage) -> Issue:
    """Decide what becomes of a new issue: its severity, its priority, who takes it."""
    await _still_waits(ctx, issue)
    for name in ("severity", "priority", "type", "category"):
        said = getattr(data, name)
        if said is not None:
            setattr(issue, name, said)
    if data.assignee_id is not None:
        await assign_to(ctx, issue, data.assignee_id)
    issue.triaged_at, issue.triaged_by = ctx.now, ctx.me.id
    if data.decision == "duplicate":
        if data.original_id is None:
            raise invalid("original_id", "must name the issue that says the same")
        await call_duplicate(ctx, issue, data.original_id)
    elif data.decision == "task":
        await task_for(ctx, issue, assignee=data.assignee_id)
    elif data.decision == "cancel":
        await go(ctx, issue, "cancelled")
    issue.priority_score = score_of(ctx, issue)
    about = {"issue_id": issue.id, "project_id": issue.project_id}
    ctx.emit(IssueTriaged(**about, decision=data.decision), issue)
    return issue


async def _still_waits(ctx: Context, issue: Issue) -> None:
    """Refuse what somebody else has decided on, and say who was faster."""
    who = issue.triaged_by
    if issue.triaged_at is not None and who is not None:
        name = await person_name(ctx, who)
        raise Conflict(
            f"{name} has triaged {issue.code} already; it is {spoken(issue.status)} now."
        )
    if reason := _waits(issue):
        raise Conflict(reason)
