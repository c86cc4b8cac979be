"""What this room's page and panels are given: answers of its questions, ready to be drawn."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from mainstay.delivery import cells
from mainstay.facets.comments.api import names_of
from mainstay.kernel.context import Context
from mainstay.kernel.fields import Choice
from mainstay.kernel.problems import NotFound
from mainstay.modules.issues import rules
from mainstay.modules.issues.entities import Issue
from mainstay.modules.issues.questions.around import around, task_of
from mainstay.modules.issues.questions.measures import SummaryAsk, issue_summary, scored
from mainstay.modules.issues.questions.similar import SimilarAsk, similar
from mainstay.modules.issues.questions.triage import QueueAsk, people_of, triage_queue
from mainstay.modules.issues.scopes import choices, refresh_scores
from mainstay.modules.projects.api import Project, Task

REFRESH = "issues.refresh_scores"
OFFERED = 200
LISTED = 8
SAID = 600


async def refresh(ctx: Context, _payload: dict[str, Any]) -> None:
    """Let the scores of open issues grow with their age, once a day."""
    await refresh_scores(ctx, ctx.now)


async def standing_panel(ctx: Context, issue: Issue) -> dict[str, Any] | None:
    """Return what a reader must know first: whose duplicate it is, what blocks it, its task."""
    found = await around(ctx, issue.id, issue.duplicate_of_id)
    task = await task_of(ctx, issue.task_id)
    waits = [line for line in found.links if _holds(line)] if issue.status in rules.LIVE else []
    if not (found.original or found.duplicates or task or waits):
        return None
    people = {one.reporter_id for one in found.duplicates}
    people |= {person for one in found.duplicates for person in one.watchers}
    return {
        "issue": issue,
        "original": found.original,
        "duplicates": found.duplicates,
        "blocked_by": waits,
        "task": task,
        "names": await names_of(ctx, [one for one in people if one]),
        "pill": pills(ctx, "issues.issue", "status"),
        "task_pill": pills(ctx, "projects.task", "status"),
    }


def _holds(line: Any) -> bool:
    """Return whether a link says that the other issue must end first, and it has not."""
    waiting = (line.type == "blocks" and line.inverse) or (
        line.type == "depends_on" and not line.inverse
    )
    return waiting and line.status in rules.LIVE


async def links_panel(ctx: Context, issue: Issue) -> dict[str, Any] | None:
    """Return an issue's links in words, from either end."""
    if not ctx.can("issues.issue_link.read"):
        return None
    found = await around(ctx, issue.id, None)
    groups: dict[str, list[Any]] = {}
    for line in found.links:
        groups.setdefault(line.words, []).append(line)
    return {
        "issue": issue,
        "groups": groups,
        "pill": pills(ctx, "issues.issue", "status"),
        "may_link": ctx.can("issues.issue_link.create"),
        "may_unlink": ctx.can("issues.issue_link.delete"),
    }


async def score_panel(ctx: Context, issue: Issue) -> dict[str, Any]:
    """Return the score of an issue and what it is made of."""
    found = scored(ctx, issue)
    return {"found": found, "ended": issue.status in rules.ENDED}


async def similar_panel(ctx: Context, issue: Issue) -> dict[str, Any] | None:
    """Return the issues that may say the same, while it is open."""
    if issue.status not in rules.LIVE or issue.deleted_at is not None:
        return None
    found = await _alike(ctx, issue)
    if not found:
        return None
    return {
        "issue": issue,
        "found": found[:3],
        "pill": pills(ctx, "issues.issue", "status"),
        "may_mark": ctx.can("issues.issue.update"),
    }


async def _alike(ctx: Context, issue: Issue) -> Sequence[Any]:
    asked = SimilarAsk(
        title=issue.title,
        description=issue.description[:SAID],
        project_id=issue.project_id,
        but_id=issue.id,
    )
    return await similar(ctx, asked)  # type: ignore[no-any-return]


async def project_panel(ctx: Context, project: Project) -> dict[str, Any]:
    """Return a project's issues by severity, and the most urgent of those that are open."""
    found = await issue_summary(ctx, SummaryAsk(project_id=project.id))
    noun = ctx.registry.noun(Issue)
    wanted = {
        "project_id": project.id,
        "status__in": ",".join(rules.LIVE),
        "sort": "-priority_score",
        "limit": LISTED,
    }
    urgent, _more = await ctx.reader.entities(ctx.connection, noun, ctx.ask(noun, wanted), ctx.me)
    return {
        "project": project,
        "found": found,
        "urgent": urgent if found.open else [],
        "pill": pills(ctx, "issues.issue", "status"),
        "severity": pills(ctx, "issues.issue", "severity"),
        "may_report": ctx.can("issues.issue.create"),
        "may_triage": ctx.can("issues.issue.update"),
        "today": ctx.today,
    }


async def task_panel(ctx: Context, task: Task) -> dict[str, Any] | None:
    """Return the issues that a task deals with."""
    noun = ctx.registry.noun(Issue)
    asked = ctx.ask(noun, {"task_id": task.id, "sort": "id", "limit": LISTED})
    found, _more = await ctx.reader.entities(ctx.connection, noun, asked, ctx.me)
    if not found:
        return None
    return {"issues": found, "pill": pills(ctx, "issues.issue", "status")}


async def triage_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the issue that is looked at, what is like it, and those that wait behind it."""
    project_id = _number(given.get("project", ""), "project")
    queue = await triage_queue(ctx, QueueAsk(project_id=project_id))
    ids = [one.id for one in queue.waiting]
    wanted = _number(given.get("at", ""), "issue")
    at = ids.index(wanted) if wanted in ids else 0
    shown: dict[str, Any] = {
        "queue": queue,
        "at": at,
        "project_id": project_id,
        "projects": await _projects(ctx),
        "issue": None,
        "live": "issues.issue",
        "severity": pills(ctx, "issues.issue", "severity"),
        "pill": pills(ctx, "issues.issue", "status"),
    }
    if ids:
        shown |= await _looked_at(ctx, ids[at])
    return shown


async def _looked_at(ctx: Context, issue_id: int) -> dict[str, Any]:
    """Return one issue with all that is needed to decide on it."""
    noun = ctx.registry.noun(Issue)
    asked = ctx.ask(noun, {"id": issue_id, "limit": 1, "sort": "id"})
    found, _more = await ctx.reader.entities(ctx.connection, noun, asked, ctx.me)
    issue: Any = found[0]
    names = await names_of(ctx, [issue.reporter_id] if issue.reporter_id else [])
    return {
        "issue": issue,
        "reporter": names.get(issue.reporter_id or 0, ""),
        "people": await people_of(ctx, issue.project_id),
        "alike": await _alike(ctx, issue),
        "score": scored(ctx, issue),
        "severities": choices(ctx, "severity"),
        "priorities": choices(ctx, "priority"),
        "mark": _mark,
    }


def _number(said: str, what: str) -> int | None:
    """Read an id of an address; what is none names nothing that one could see."""
    if not said:
        return None
    if not (said.isascii() and said.isdecimal() and 0 < len(said) < 19):
        raise NotFound(f"There is no such {what}, or you may not see it.")
    return int(said)


async def _projects(ctx: Context) -> Sequence[Any]:
    """Return the projects that the queue can be narrowed to."""
    noun = ctx.registry.noun(Project)
    if not ctx.can(noun.permission("read")):
        return []
    asked = ctx.ask(noun, {"sort": "name", "limit": OFFERED})
    found, _more = await ctx.reader.entities(ctx.connection, noun, asked, ctx.me)
    return found


def pills(ctx: Context, key: str, name: str) -> Any:
    """Return how a choice is drawn, in the colours its declaration gives."""
    kind = ctx.registry.noun(key).fields[name].kind
    assert isinstance(kind, Choice)
    colors = dict(kind.colors)

    def pill(value: str) -> Markup:
        """Draw one."""
        return Markup(cells.pill(value, colors.get(value, "")))  # noqa: S704 - escaped there

    return pill


def _mark(priority: str) -> Markup:
    """Draw a priority."""
    return Markup(cells.priority(priority))  # noqa: S704 - escaped there
