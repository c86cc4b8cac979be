"""Who may change issues and what belongs to them, asked in sets at the end of every change."""

from collections.abc import Iterable, Sequence
from typing import Any

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.problems import Conflict, Denied, invalid
from mainstay.modules.issues.entities import Issue
from mainstay.modules.issues.scopes import members_among, projects_behind, projects_of_issues
from mainstay.modules.projects.api import Standing, ensure_member, require_work, standings

REPORTING = ("owner", "admin", "member", "client")
# What those decide who work in the project; a client says what happened.
DECIDED = (
    "code",
    "status",
    "priority",
    "resolution",
    "assignee_id",
    "task_id",
    "sprint_id",
    "duplicate_of_id",
    "origin",
    "version_fixed",
    "due_date",
    "triaged_at",
    "triaged_by",
    "started_at",
    "resolved_at",
    "closed_at",
)
PLAIN = Issue(project_id=0, title="-")
SAME_PROJECT = (("task_id", "projects.task", "task"), ("sprint_id", "scrum.sprint", "sprint"))


async def changed(ctx: Context, changes: Sequence[Change]) -> list[tuple[Any, list[Change]]]:
    """Return the records that were changed, each with its changes; notes change nothing."""
    groups: dict[int, list[Change]] = {}
    for change in changes:
        if change.before is not None or change.after is not None:
            groups.setdefault(change.record_id, []).append(change)
    if not groups:
        return []
    held = await ctx.load_all(changes[0].noun, list(groups), anywhere=True, deleted="with")
    return [(held[record_id], own) for record_id, own in groups.items()]


def touched(changes: Sequence[Change], name: str) -> bool:
    """Return whether a field was written by these changes, at creation too."""
    return any(name in (change.after or {}) for change in changes)


def new(changes: Sequence[Change]) -> bool:
    """Return whether these changes began with making the record."""
    return changes[0].before is None


async def require_workers(ctx: Context, projects: Iterable[int]) -> None:
    """Refuse unless this person works in every one of these projects."""
    for at in (await standings(ctx, projects)).values():
        require_work(at)


async def settle_parts(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who work in an issue's project change what belongs to the issue."""
    records = [one.issue_id for one, _ in await changed(ctx, changes)]
    if records:
        await require_workers(ctx, (await projects_of_issues(ctx, records)).values())


def require_report(at: Standing) -> None:
    """Refuse reports by people who only look on, and in a project that is binned."""
    if at.binned:
        raise Conflict("The project is in the bin. Restore it first, then report issues in it.")
    if not (at.everywhere or at.role in REPORTING):
        raise Denied(
            "Only members and clients of the project may report issues in it. "
            "Ask an owner or admin of it to make you one."
        )


def may_change(ctx: Context, issue: Issue, changes: Sequence[Change], at: Standing) -> None:
    """Refuse a change of an issue by somebody who may not make it; clients may only report."""
    if at.works or not new(changes):
        require_work(at)
        return
    require_report(at)
    for name in DECIDED:
        # The code is the project's next one here; `create_issue` refuses one that is brought.
        mine = name == "code" or getattr(issue, name) == getattr(PLAIN, name)
        if not mine:
            raise invalid(name, "is decided by those who work in the project; leave it out")
    if issue.reporter_id != ctx.me.id:
        raise invalid("reporter_id", "must be yourself; leave it out")


async def check_references(ctx: Context, found: Sequence[tuple[Issue, list[Change]]]) -> None:
    """Refuse tasks and sprints of another project, in one statement for each kind."""
    if ctx.undoing:
        return
    for name, key, what in SAME_PROJECT:
        wanted = [
            issue for issue, own in found if touched(own, name) and getattr(issue, name) is not None
        ]
        if not wanted:
            continue
        known = await projects_behind(ctx, key, [getattr(issue, name) for issue in wanted])
        for issue in wanted:
            if known.get(getattr(issue, name)) != issue.project_id:
                raise invalid(name, f"must be a {what} of the issue's own project")


async def take_in(
    ctx: Context, found: Sequence[tuple[Issue, list[Change]]], places: dict[int, Standing]
) -> None:
    """Take newly assigned people into their project where a person who leads it assigns them.

    Refused otherwise: whoever shall deal with an issue must see it. Nobody gets in by what
    happens without a person, like a report by a public form. What an undo brings back stays.
    """
    wanted = {
        (issue.project_id, issue.assignee_id)
        for issue, own in found
        if issue.assignee_id is not None and touched(own, "assignee_id")
    }
    if not wanted or ctx.undoing:
        return
    for project_id, person in sorted(wanted - await members_among(ctx, wanted)):
        if ctx.me.kind != "user" or not places[project_id].leads:
            raise invalid(
                "assignee_id",
                "must be a member of the project; ask an owner or admin of it to add them first",
            )
        await ensure_member(ctx, project_id, person, "member")


def of_kind(records: Iterable[Entity], kind: type[Issue]) -> list[Issue]:
    """Return those of these records that are of a kind."""
    return [one for one in records if isinstance(one, kind)]
