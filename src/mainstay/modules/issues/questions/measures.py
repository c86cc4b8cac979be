"""How urgent an issue is and why, how long issues take, and how many are open of each severity."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from msgspec import Meta, Struct

from mainstay.kernel.context import IDS, Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import NotFound
from mainstay.kernel.scope import require
from mainstay.modules.issues import rules
from mainstay.modules.issues.actions.issues import counted_until, facts
from mainstay.modules.issues.entities import Issue
from mainstay.modules.projects.api import answer, decoded, visible


class IssueAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which issue."""

    issue_id: Annotated[int, Meta(ge=1, description="The issue's id")]


class ScorePart(Struct, kw_only=True, frozen=True):
    """One fact of an issue, and the points that it gives."""

    name: str
    value: str | int | bool
    points: int


class Score(Struct, kw_only=True, frozen=True):
    """How urgent an issue is, and what that is made of, as of an instant."""

    issue_id: int
    score: int
    parts: list[ScorePart]
    as_of: datetime


class Times(Struct, kw_only=True, frozen=True):
    """How old an issue is in whole days, and the hours until it was resolved and closed."""

    issue_id: int
    age_days: int
    resolution_hours: float | None
    close_hours: float | None


class SummaryAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Of which project; of all that one sees when it is left out."""

    project_id: Annotated[int, Meta(ge=1, description="The project's id")] | None = None


class SeverityLine(Struct, kw_only=True, frozen=True):
    """The issues of one severity: how many, how many of them are open, and how long they took."""

    severity: str
    total: int
    open: int
    resolution_hours: float | None
    close_hours: float | None


class Summary(Struct, kw_only=True, frozen=True):
    """The issues of a project by severity, the worst first."""

    open: int
    total: int
    untriaged: int
    unassigned: int
    severities: list[SeverityLine]


async def issue_of(ctx: Context, issue_id: int) -> Issue:
    """Return an issue that the asking person may see."""
    noun = ctx.registry.noun(Issue)
    require(ctx.me, noun.permission("read"))
    asked = ctx.ask(noun, {"id": issue_id, "limit": 1, "sort": "id"})
    found, _more = await ctx.reader.entities(ctx.connection, noun, asked, ctx.me)
    if not found:
        raise NotFound(f"There is no issue {issue_id}, or you may not see it.")
    issue = found[0]
    assert isinstance(issue, Issue)
    return issue


def scored(ctx: Context, issue: Issue) -> Score:
    """Return the score of an issue with its parts."""
    until = counted_until(ctx, issue)
    parts = rules.score_parts(facts(issue), until)
    lines = [ScorePart(name=p.name, value=p.value, points=p.points) for p in parts]
    total = sum(part.points for part in parts)
    return Score(issue_id=issue.id, score=total, parts=lines, as_of=until)


@question(label="Priority score")
async def priority_score(ctx: Context, ask: IssueAsk) -> Score:
    """How urgent an issue is: priority, severity, age, people affected and risks, added up."""
    return scored(ctx, await issue_of(ctx, ask.issue_id))


@question(label="Times of an issue")
async def issue_times(ctx: Context, ask: IssueAsk) -> Times:
    """How old an issue is, and how many hours it took until it was resolved and closed."""
    issue = await issue_of(ctx, ask.issue_id)
    closed = issue.closed_at if issue.status == "closed" else None
    return Times(
        issue_id=issue.id,
        age_days=rules.age(issue.created_at, counted_until(ctx, issue)),
        resolution_hours=rules.hours(issue.created_at, issue.resolved_at),
        close_hours=rules.hours(issue.created_at, closed),
    )


@question(label="Issues by severity")
async def issue_summary(ctx: Context, ask: SummaryAsk) -> Summary:
    """How many issues there are of each severity, how many are open, and how long they took."""
    noun = ctx.registry.noun(Issue)
    require(ctx.me, noun.permission("read"))
    c, project = noun.table.c, ask.project_id
    live = c.status.in_([sa.literal(one, c.status.type) for one in rules.LIVE])
    closed = c.status == sa.literal("closed", c.status.type)
    fresh = c.status.in_([sa.literal(one, c.status.type) for one in ("open", "reopened")])
    mean = _mean_hours(ctx.connection.engine.name)

    def build() -> sa.Select[Any]:
        """Count and average by severity."""
        chosen = sa.select(
            c.severity,
            sa.func.count(),
            _count(live),
            _count(sa.and_(fresh, c.triaged_at.is_(None))),
            _count(sa.and_(live, c.assignee_id.is_(None))),
            mean(c.created_at, c.resolved_at, sa.true()),
            mean(c.created_at, c.closed_at, closed),
        ).where(*visible(ctx, noun))
        if project is not None:
            chosen = chosen.where(c.project_id == sa.bindparam("project", type_=IDS))
        return chosen.group_by(c.severity).order_by(c.severity.desc())

    scoped = ctx.reader.scoped(noun, ctx.me)
    name = f"issue summary {project is None} {scoped}"
    rows = await answer(ctx, name, build, project=project)
    rows = decoded(ctx, [c.severity, *[None] * 6], rows)
    return Summary(
        total=sum(row[1] for row in rows),
        open=sum(row[2] for row in rows),
        untriaged=sum(row[3] for row in rows),
        unassigned=sum(row[4] for row in rows),
        severities=[_severity(row) for row in rows],
    )


def _severity(row: Sequence[Any]) -> SeverityLine:
    resolution, close = (None if row[at] is None else round(float(row[at]), 2) for at in (5, 6))
    return SeverityLine(
        severity=row[0], total=row[1], open=row[2], resolution_hours=resolution, close_hours=close
    )


def _count(condition: Any) -> Any:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def _mean_hours(engine: str) -> Any:
    """Return how the mean hours between two instants are worked out on an engine."""

    def mean(start: Any, end: Any, condition: Any) -> Any:
        """Average over those that have an end."""
        if engine == "sqlite":
            hours = (sa.func.julianday(end) - sa.func.julianday(start)) * 24.0
        else:
            hours = sa.cast(sa.func.extract("epoch", end - start), sa.Double()) / 3600.0
        return sa.func.avg(sa.case((sa.and_(end.is_not(None), condition), hours)))

    return mean
