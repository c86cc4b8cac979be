"""What can be done with an issue: report, start, resolve, close, reopen, cancel and assign it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Ref
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, invalid
from mainstay.modules.issues import rules
from mainstay.modules.issues.actions import access
from mainstay.modules.issues.actions.clock import settle_clock
from mainstay.modules.issues.actions.events import (
    IssueAssigned,
    IssueClosed,
    IssueReopened,
    IssueResolved,
)
from mainstay.modules.issues.entities import Issue, IssueLink, IssueStatus, Resolution
from mainstay.modules.issues.scopes import (
    last_number,
    originals,
    sprint_states,
    write_scores,
)
from mainstay.modules.projects.api import (
    Standing,
    circle,
    spoken,
    standing,
    standings,
    task_code,
)

Status = Literal["open", "in_progress", "resolved", "closed", "reopened", "cancelled"]
# Two people who make two issues duplicates of each other are told apart by this row's lock.
LOCK = "issues.duplicates"


class Resolve(Struct, forbid_unknown_fields=True):
    """How it ended."""

    resolution: Resolution = "fixed"
    version_fixed: Annotated[
        str, Meta(max_length=100, description="The version that has the fix, if there is one")
    ] = ""


class Assign(Struct, forbid_unknown_fields=True):
    """Who deals with it."""

    user_id: Annotated[int, Ref(target="identity.user", help="Nobody when left empty.")] | None = (
        None
    )


def counter(project_id: int) -> str:
    """Return the name of a project's counter of issue numbers."""
    return f"issues.issue:{project_id}"


def facts(issue: Issue) -> rules.Facts:
    """Return what the score of an issue is made of."""
    return rules.Facts(
        priority=issue.priority,
        severity=issue.severity,
        created_at=issue.created_at,
        impact_users=issue.impact_users,
        security=issue.security,
        performance=issue.performance,
        regression=issue.regression,
    )


def counted_until(ctx: Context, issue: Issue) -> datetime:
    """Return the instant up to which an issue gets older: now, or when it ended."""
    ended = issue.resolved_at or issue.closed_at
    return ctx.now if issue.status in rules.LIVE or ended is None else ended


def score_of(ctx: Context, issue: Issue) -> int:
    """Return how urgent an issue is now; one that has ended gets no older."""
    return rules.score(facts(issue), counted_until(ctx, issue))


async def create_issue(ctx: Context, issue: Entity) -> Issue:
    """Report an issue: it gets the project's next code, a reporter, and its score."""
    assert isinstance(issue, Issue)
    at = await standing(ctx, issue.project_id)
    if issue.code:
        await _brought(ctx, issue, at)
    else:
        number = await ctx.next_number(counter(issue.project_id))
        issue.code = task_code(at.settings.issue_prefix, number)
    issue.reporter_id = issue.reporter_id or ctx.me.id
    issue.created_at = ctx.now
    _fit(issue)
    if issue.origin != "import":
        _ended_well(issue)
    _enter(ctx, issue)
    issue.priority_score = score_of(ctx, issue)
    await ctx.create(issue)
    if issue.assignee_id:
        _say_assigned(ctx, issue)
    return issue


async def _brought(ctx: Context, issue: Issue, at: Standing) -> None:
    """Let numbers go on above a code that is brought; one that is far beyond them is for leads."""
    if not at.works:
        raise invalid("code", "is decided by those who work in the project; leave it out")
    name, number = counter(issue.project_id), rules.code_number(issue.code)
    if number > rules.FARTHEST and not at.leads:
        last = await last_number(ctx, name)
        if number > last + rules.FARTHEST:
            raise invalid(
                "code",
                f"is more than {rules.FARTHEST} beyond the last number, {last}; "
                "leave it out, or ask an owner or admin of the project to bring it in",
            )
    await ctx.raise_number(name, number)


async def update_issue(ctx: Context, issue: Entity, before: Entity) -> None:
    """Keep an issue's flow, its resolution and its dates in order after an edit."""
    assert isinstance(issue, Issue)
    assert isinstance(before, Issue)
    if ctx.undoing:
        return
    if issue.status != before.status:
        wanted, issue.status = issue.status, before.status
        if reason := rules.issue_move(before.status, wanted):
            raise Conflict(reason)
        if wanted in rules.LIVE and issue.resolution == before.resolution:
            issue.resolution = rules.UNRESOLVED  # type: ignore[assignment]
        await go(ctx, issue, wanted)
    else:
        _fit(issue)
    if (issue.status, issue.resolution) != (before.status, before.resolution):
        _ended_well(issue)
    if issue.assignee_id and issue.assignee_id != before.assignee_id:
        _say_assigned(ctx, issue)
    issue.priority_score = score_of(ctx, issue)


async def settle_issues(ctx: Context, changes: Sequence[Change]) -> None:
    """Keep what must hold of issues, by whatever way they were changed.

    Only those who work in a project change its issues, clients may report; references stay
    within the project; status, resolution and dates fit; the score is right.
    """
    found: list[tuple[Issue, list[Change]]] = await access.changed(ctx, changes)
    if not found:
        return
    places = await standings(ctx, {issue.project_id for issue, _ in found})
    for issue, own in found:
        access.may_change(ctx, issue, own, places[issue.project_id])
        _sound(issue)
        await _no_duplicate_now(ctx, issue)
    await _no_binned_sprints(ctx, found)
    await access.check_references(ctx, found)
    await access.take_in(ctx, found, places)
    named = [issue for issue, own in found if access.touched(own, "duplicate_of_id")]
    await _no_circle(ctx, [issue for issue in named if issue.duplicate_of_id is not None])
    live = [issue for issue, _ in found if issue.deleted_at is None]
    scores = {issue.id: score_of(ctx, issue) for issue in live}
    stale = {one.id: scores[one.id] for one in live if scores[one.id] != one.priority_score}
    await write_scores(ctx, stale)
    await settle_clock(ctx, changes)


def _sound(issue: Issue) -> None:
    """Refuse a status that goes with neither its resolution nor its dates."""
    if reason := rules.outcome(issue.status, issue.resolution):
        raise Conflict(reason)
    if issue.status in rules.LIVE and (issue.resolved_at or issue.duplicate_of_id):
        raise Conflict("An issue that is open cannot have ended. Undo the later change first.")
    if issue.status in rules.RESOLVED and issue.resolved_at is None:
        raise Conflict("An issue that is resolved needs the moment when. Resolve it again.")


def _fit(issue: Issue) -> None:
    """Refuse a resolution that does not go with the status, naming the field."""
    if rules.outcome(issue.status, issue.resolution) is None:
        return
    if issue.status in rules.RESOLVED:
        raise invalid("resolution", "must say how it ended, like fixed")
    raise invalid("resolution", "is said when an issue is resolved; resolve it instead")


def _ended_well(issue: Issue) -> None:
    """Refuse an ending that the verbs would not give, naming the field."""
    original = issue.duplicate_of_id if issue.resolution == "duplicate" else None
    if reason := rules.ending(issue.status, issue.resolution, original):
        raise invalid("resolution", reason)


async def _no_duplicate_now(ctx: Context, issue: Issue) -> None:
    """Let an issue that has ended otherwise by now go of the one that it was a duplicate of."""
    original = issue.duplicate_of_id
    if original is None or issue.resolution == "duplicate" or ctx.undoing:
        return
    issue.duplicate_of_id = None
    await _unlink(ctx, issue, original)


async def _no_binned_sprints(ctx: Context, found: Sequence[tuple[Issue, list[Change]]]) -> None:
    """Let issues that come back from the bin go of sprints that are in it."""
    back = [
        issue
        for issue, own in found
        if issue.deleted_at is None
        and issue.sprint_id is not None
        and any("deleted_at" in (change.before or ()) for change in own)
    ]
    states = await sprint_states(ctx, [issue.sprint_id or 0 for issue in back])
    for issue in back:
        if states.get(issue.sprint_id or 0) == "binned":
            issue.sprint_id = None


async def _no_circle(ctx: Context, issues: Sequence[Issue]) -> None:
    """Refuse issues that would be duplicates of each other in a circle."""
    if not issues:
        return
    await ctx.raise_number(LOCK, 0)
    known = await originals(ctx, [issue.id for issue in issues])
    for issue in issues:
        if way := circle(known, issue.id):
            raise Conflict(
                f"These issues would be duplicates of one another: {await names(ctx, way)}. "
                "Reopen one of them first."
            )


async def names(ctx: Context, way: Sequence[int]) -> str:
    """Return the codes along a way; issues that the person may not see have no name."""
    seen = await ctx.all(Issue, id__in=sorted(set(way)))
    codes = {issue.id: issue.code or f"#{issue.id}" for issue in seen}
    return " → ".join(codes.get(one, "a hidden issue") for one in way)


def _say_assigned(ctx: Context, issue: Issue) -> None:
    about = {"issue_id": issue.id, "project_id": issue.project_id}
    ctx.emit(IssueAssigned(**about, user_id=issue.assignee_id or 0), issue)


def _enter(ctx: Context, issue: Issue) -> None:
    """Do what coming into a status brings with it."""
    if issue.status == "in_progress":
        issue.started_at = issue.started_at or ctx.now
    if issue.status in rules.LIVE:
        issue.resolution = "unresolved"
        issue.resolved_at = issue.closed_at = issue.duplicate_of_id = None
        return
    if issue.status in rules.RESOLVED:
        issue.resolved_at = issue.resolved_at or ctx.now
    if issue.status in ("closed", "cancelled"):
        issue.closed_at = issue.closed_at or ctx.now
    else:
        issue.closed_at = None


async def go(ctx: Context, issue: Issue, status: Status) -> Issue:
    """Bring an issue into a status, with all that this brings with it, and say so."""
    before, original, issue.status = issue.status, issue.duplicate_of_id, status
    _fit(issue)
    _enter(ctx, issue)
    if original is not None and issue.duplicate_of_id is None:
        await _unlink(ctx, issue, original)
    about = {"issue_id": issue.id, "project_id": issue.project_id}
    if status in rules.RESOLVED and before not in rules.RESOLVED:
        ctx.emit(IssueResolved(**about, resolution=issue.resolution), issue)
    if status == "closed":
        ctx.emit(IssueClosed(**about), issue)
    elif status in rules.LIVE and before in rules.ENDED:
        ctx.emit(IssueReopened(**about), issue)
    issue.priority_score = score_of(ctx, issue)
    return issue


async def _unlink(ctx: Context, issue: Issue, original: int) -> None:
    """Take away the link that said of which issue this one is a duplicate."""
    said = {"issue_id": issue.id, "linked_id": original, "type": "duplicates"}
    link = await ctx.find(IssueLink, anywhere=True, **said)
    if link:
        await ctx.delete(link)


def going(status: IssueStatus) -> Callable[[Issue], str | None]:
    """Return a check that an issue may go to a status now."""

    def allowed(issue: Issue) -> str | None:
        """Say why it may not."""
        if issue.status == status:
            return f"This issue is {spoken(status)} already."
        if issue.status in rules.ENDED and status not in ("closed", "reopened"):
            return f"This issue is {spoken(issue.status)}. Reopen it first."
        return rules.issue_move(issue.status, status)

    return allowed


def _may_close(issue: Issue) -> str | None:
    if issue.status in rules.LIVE:
        return "This issue is not resolved yet. Resolve it first, then close it."
    return going("closed")(issue)


def _may_reopen(issue: Issue) -> str | None:
    return None if issue.status in rules.ENDED else "This issue is still open."


@action(icon="player-play", grant="update", allowed=going("in_progress"))
async def start(ctx: Context, issue: Issue) -> Issue:
    """Begin to work on the issue."""
    return await go(ctx, issue, "in_progress")


@action(icon="circle-check", grant="update", allowed=going("resolved"))
async def resolve(ctx: Context, issue: Issue, data: Resolve) -> Issue:
    """Settle the issue now, and say how it ended."""
    if data.resolution == rules.UNRESOLVED:
        raise invalid("resolution", "must say how it ended, like fixed")
    if data.resolution == "duplicate":
        raise invalid("resolution", "is set by marking the issue as a duplicate of another one")
    issue.resolution = data.resolution
    issue.version_fixed = data.version_fixed or issue.version_fixed
    return await go(ctx, issue, "resolved")


@action(icon="lock", grant="update", allowed=_may_close)
async def close(ctx: Context, issue: Issue) -> Issue:
    """Accept that the issue is settled: nothing more is to be done."""
    return await go(ctx, issue, "closed")


@action(icon="rotate", grant="update", allowed=_may_reopen)
async def reopen(ctx: Context, issue: Issue) -> Issue:
    """Take the issue up again; its resolution and dates are cleared."""
    issue.resolution = "unresolved"
    return await go(ctx, issue, "reopened")


@action(icon="circle-x", danger=True, grant="update", allowed=going("cancelled"))
async def cancel(ctx: Context, issue: Issue) -> Issue:
    """Drop the issue: it was none, or nobody wants it any more. It can be reopened."""
    return await go(ctx, issue, "cancelled")


@action(icon="user-check", grant="update")
async def assign(ctx: Context, issue: Issue, data: Assign) -> Issue:
    """Give the issue to somebody, or to nobody."""
    await assign_to(ctx, issue, data.user_id)
    return issue


async def assign_to(ctx: Context, issue: Issue, person: int | None) -> None:
    """Give an issue to a person who is there, or to nobody, and say so."""
    await ctx.check_refs(ctx.registry.noun(Issue), {"assignee_id": person})
    before, issue.assignee_id = issue.assignee_id, person
    if person and person != before:
        _say_assigned(ctx, issue)
