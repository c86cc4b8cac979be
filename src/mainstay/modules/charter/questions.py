"""What people ask about goals, services and risks: how far, how often, how bad."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

import sqlalchemy as sa
from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import NotFound
from mainstay.kernel.scope import require
from mainstay.modules.charter import rules
from mainstay.modules.projects.api import Project, answer, decoded, percent, visible

ID = sa.BigInteger()
MOST = 1000
Of = Annotated[int | None, Meta(description="The project's id; every one you see when left out")]


class GoalsAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """The goals of which project; of every one you see when left out."""

    project_id: Of = None


class GoalLine(Struct, kw_only=True, frozen=True):
    """A goal and how many of its tasks are done."""

    goal_id: int
    project_id: int
    title: str
    status: str
    task_count: int
    total: int
    completed: int
    percentage: int


class Goals(Struct, kw_only=True, frozen=True):
    """How far each goal is, as of today; `more` when there are further ones."""

    as_of: date
    goals: list[GoalLine]
    more: bool


class ServiceUse(Struct, kw_only=True, frozen=True):
    """How often a service is provided: on the lists of projects, and in how many of these."""

    service: str
    uses: int
    projects: int


class ServiceUses(Struct, kw_only=True, frozen=True):
    """How often each service is provided, as of today, the most used first."""

    as_of: date
    services: list[ServiceUse]
    more: bool


class MatrixAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """The risks of which project; of every one you see when left out."""

    project_id: Of = None


class Cell(Struct, kw_only=True, frozen=True):
    """How many open risks have one probability and one impact."""

    probability: str
    impact: str
    score: int
    band: rules.Band
    count: int


class Matrix(Struct, kw_only=True, frozen=True):
    """Open risks by probability and impact, as of today.

    `suggested_level` is the risk level that the highest score speaks for.
    """

    as_of: date
    project_id: int | None
    cells: list[Cell]
    open_count: int
    bands: dict[str, int]
    highest: int
    suggested_level: rules.Band


@question(label="Goals")
async def goal_progress(ctx: Context, ask: GoalsAsk) -> Goals:
    """How far each goal is: its tasks, how many of them are done, and their share in percent."""
    await _known(ctx, ask.project_id)
    noun = ctx.registry.noun("charter.goal")
    require(ctx.me, noun.permission("read"))
    g, t = noun.table.c, ctx.registry.tables["projects.task"].c
    done = sa.func.coalesce(sa.func.sum(sa.case((t.status == "done", 1), else_=0)), 0)
    columns = [g.id, g.project_id, g.title, g.status, sa.func.count(t.id), done]

    def build() -> sa.Select[Any]:
        """Count the live tasks of every goal in one pass over the index on goal."""
        tasks = sa.and_(t.goal_id == g.id, t.deleted_at.is_(None))
        chosen = sa.select(*columns).select_from(noun.table.outerjoin(t.id.table, tasks))
        chosen = chosen.where(*visible(ctx, noun), *_of(g, ask.project_id))
        chosen = chosen.group_by(g.id, g.project_id, g.title, g.status)
        return chosen.order_by(g.project_id, g.id).limit(MOST + 1)

    key = f"goals {ask.project_id is None} {ctx.reader.scoped(noun, ctx.me)}"
    found = await answer(ctx, key, build, project=ask.project_id)
    goals = [_goal(row) for row in found[:MOST]]
    return Goals(as_of=ctx.today, goals=goals, more=len(found) > MOST)


def _goal(row: Sequence[Any]) -> GoalLine:
    return GoalLine(
        goal_id=row[0],
        project_id=row[1],
        title=row[2],
        status=row[3],
        task_count=row[4],
        total=row[4],
        completed=row[5],
        percentage=percent(row[5], row[4]),
    )


@question(label="Use of services")
async def service_statistics(ctx: Context) -> ServiceUses:
    """How often each service is provided, and in how many projects, however it is written."""
    noun = ctx.registry.noun("charter.service_provided")
    require(ctx.me, noun.permission("read"))
    c, project = noun.table.c, ctx.registry.tables["projects.project"].c
    spread: Any = sa.func.count(sa.distinct(c.project_id))
    uses: Any = sa.func.count()
    same = sa.func.lower(c.service_name)

    def build() -> sa.Select[Any]:
        """Group the services of live projects by their name."""
        picks: list[Any] = [sa.func.min(c.service_name), uses, spread]
        chosen = sa.select(*picks).join(project.id.table, project.id == c.project_id)
        chosen = chosen.where(*visible(ctx, noun), project.deleted_at.is_(None)).group_by(same)
        return chosen.order_by(uses.desc(), same).limit(MOST + 1)

    found = await answer(ctx, f"services {ctx.reader.scoped(noun, ctx.me)}", build)
    services = [ServiceUse(service=r[0], uses=r[1], projects=r[2]) for r in found[:MOST]]
    return ServiceUses(as_of=ctx.today, services=services, more=len(found) > MOST)


@question(label="Risk matrix")
async def risk_matrix(ctx: Context, ask: MatrixAsk) -> Matrix:
    """How many open risks there are of every probability and impact; closed ones do not count."""
    await _known(ctx, ask.project_id)
    noun = ctx.registry.noun("charter.project_risk")
    require(ctx.me, noun.permission("read"))
    c, project = noun.table.c, ctx.registry.tables["projects.project"].c
    columns = [c.probability, c.impact, sa.func.count()]

    def build() -> sa.Select[Any]:
        """Group the open risks of live projects by their two levels."""
        chosen = sa.select(*columns).join(project.id.table, project.id == c.project_id)
        chosen = chosen.where(*visible(ctx, noun), *_of(c, ask.project_id))
        chosen = chosen.where(c.status.in_(rules.LIVE_RISKS), project.deleted_at.is_(None))
        return chosen.group_by(c.probability, c.impact)

    key = f"matrix {ask.project_id is None} {ctx.reader.scoped(noun, ctx.me)}"
    rows = await answer(ctx, key, build, project=ask.project_id)
    counts = {(r[0], r[1]): r[2] for r in decoded(ctx, [c.probability, c.impact, None], rows)}
    return matrix(ctx.today, ask.project_id, counts)


def matrix(today: date, project_id: int | None, counts: dict[tuple[str, str], int]) -> Matrix:
    """Return the matrix of these counts, the likeliest row first and the mildest column first."""
    cells = []
    for probability in reversed(rules.LEVELS):
        for impact in rules.LEVELS:
            value = rules.score(probability, impact)
            cells.append(
                Cell(
                    probability=probability,
                    impact=impact,
                    score=value,
                    band=rules.risk_band(value),
                    count=counts.get((probability, impact), 0),
                )
            )
    bands = dict.fromkeys(("critical", "high", "medium", "low"), 0)
    for cell in cells:
        bands[cell.band] += cell.count
    taken = [cell.score for cell in cells if cell.count]
    return Matrix(
        as_of=today,
        project_id=project_id,
        cells=cells,
        open_count=sum(counts.values()),
        bands=bands,
        highest=max(taken, default=0),
        suggested_level=rules.suggested_level(taken),
    )


async def _known(ctx: Context, project_id: int | None) -> None:
    """Refuse a project that is not there or may not be seen, as if it were not there."""
    if project_id is None:
        return
    noun = ctx.registry.noun(Project)
    seen = 0 < project_id < 2**63 and ctx.can(noun.permission("read"))
    if not seen or await ctx.find(Project, id=project_id) is None:
        raise NotFound(f"There is no project {project_id}, or you may not see it.")


def _of(c: Any, project_id: int | None) -> list[sa.ColumnElement[bool]]:
    if project_id is None:
        return []
    return [c.project_id == sa.bindparam("project", 0, type_=ID)]


class RiskLine(Struct, kw_only=True, frozen=True):
    """A risk in the table below the matrix."""

    id: int
    title: str
    status: str
    probability: str
    impact: str
    score: int
    band: rules.Band
    owner: str
    project_id: int
    project_name: str


async def risk_lines(ctx: Context, project_id: int | None, limit: int) -> list[RiskLine]:
    """Return the open risks that this person sees, the highest score first."""
    noun, person = ctx.registry.noun("charter.project_risk"), ctx.registry.noun("identity.user")
    c, project, user = noun.table.c, ctx.registry.tables["projects.project"].c, person.table.c
    columns = [
        *(c.id, c.title, c.status, c.probability, c.impact, c.score, user.display_name),
        *(c.project_id, project.name),
    ]

    def build() -> sa.Select[Any]:
        """Join each risk with its project and with who watches it."""
        known = sa.and_(user.id == c.owner_id, *visible(ctx, person))
        joined = noun.table.join(project.id.table, project.id == c.project_id)
        chosen = sa.select(*columns).select_from(joined.outerjoin(person.table, known))
        chosen = chosen.where(*visible(ctx, noun), *_of(c, project_id))
        chosen = chosen.where(c.status.in_(rules.LIVE_RISKS), project.deleted_at.is_(None))
        return chosen.order_by(c.score.desc(), c.id).limit(sa.bindparam("most", 0, type_=ID))

    seen = f"{ctx.reader.scoped(noun, ctx.me)} {ctx.reader.scoped(person, ctx.me)}"
    key = f"risks {project_id is None} {seen}"
    rows = await answer(ctx, key, build, project=project_id, most=limit)
    return [
        RiskLine(
            id=row[0],
            title=row[1],
            status=row[2],
            probability=row[3],
            impact=row[4],
            score=row[5],
            band=rules.risk_band(row[5]),
            owner=row[6] or "",
            project_id=row[7],
            project_name=row[8],
        )
        for row in decoded(ctx, columns, rows)
    ]
