"""How estimates turned out: what finished tasks took against what was thought."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import invalid
from mainstay.modules.projects.api import Task, decoded, near, visible
from mainstay.modules.timesheets import rules, scopes
from mainstay.modules.timesheets.questions.adding import total
from mainstay.modules.timesheets.questions.naming import named

MOST = 100
WORST = 20


class EstimatesAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which finished tasks, and by what they are grouped."""

    first: Annotated[date | None, Meta(description="Finished from this day on")] = None
    last: Annotated[date | None, Meta(description="Finished up to this day")] = None
    project_id: Annotated[int | None, Meta(description="Only of this project")] = None
    by: Annotated[Literal["person", "type", "project"], Meta(description="What the groups are")] = (
        "person"
    )


class EstimateGroup(Struct, kw_only=True, frozen=True):
    """Finished tasks with an estimate, and what they took; `ratio` is actual by estimated."""

    id: int | None
    title: str
    tasks: int
    estimated: Decimal
    actual: Decimal
    ratio: float | None
    over: int
    under: int
    exact: int


class EstimatedTask(Struct, kw_only=True, frozen=True):
    """One finished task."""

    id: int
    code: str
    title: str
    estimated: Decimal
    actual: Decimal
    ratio: float


class Estimates(Struct, kw_only=True, frozen=True):
    """How estimates turned out, in all, by group, and how ratios are spread."""

    total: EstimateGroup
    groups: list[EstimateGroup]
    distribution: list[int]
    upto: list[int | None]
    worst: list[EstimatedTask]


@question(label="Estimates against time")
async def estimates(ctx: Context, ask: EstimatesAsk) -> Estimates:
    """How long finished tasks took against their estimates: ratio, over, under, and spread."""
    near(first=ask.first, last=ask.last)
    if ask.first and ask.last and ask.last < ask.first:
        raise invalid("last", "must not be before the first day")
    noun = ctx.registry.noun(Task)
    c = noun.table.c
    only = _only(ctx, ask, c)
    key = {"person": c.assignee_id, "type": c.type, "project": c.project_id}[ask.by]
    est = scopes.hundredths(ctx, c.estimated_hours)
    act = scopes.hundredths(ctx, c.actual_hours)
    place = _place(est, act)
    chosen = sa.select(
        key,
        place.label("place"),
        sa.func.count(),
        total(est),
        total(act),
        total(sa.case((act > est, 1), else_=0)),
        total(sa.case((act < est, 1), else_=0)),
    )
    rows = await ctx.rows(chosen.where(*only).group_by(key, place))
    spread = [0] * len(rules.BUCKETS)
    merged: dict[Any, list[int]] = {}
    for name, at, *sums in rows:
        spread[int(at)] += int(sums[0])
        into = merged.setdefault(name, [0] * 5)
        for n, value in enumerate(sums):
            into[n] += int(value)
    titles = await _titles(ctx, ask.by, merged)
    groups = [_group(name, titles.get(name, str(name or "")), s) for name, s in merged.items()]
    groups.sort(key=lambda one: (-one.tasks, one.title))
    every = [sum(column) for column in zip(*merged.values(), strict=True)] or [0] * 5
    return Estimates(
        total=_group(None, "", every),
        groups=groups[:MOST],
        distribution=spread,
        upto=list(rules.BUCKETS),
        worst=await _worst(ctx, only, est, act),
    )


def _only(ctx: Context, ask: EstimatesAsk, c: Any) -> list[Any]:
    """Return which tasks count: finished, with an estimate and with time on them."""
    noun = ctx.registry.noun(Task)
    only = [c.status == "done", c.estimated_hours > Decimal(0), c.actual_hours > Decimal(0)]
    only += visible(ctx, noun)
    zone = ZoneInfo(ctx.me.zone)
    if ask.first:
        only.append(c.completed_at >= datetime.combine(ask.first, time(), zone).astimezone(UTC))
    if ask.last:
        after = datetime.combine(ask.last + timedelta(days=1), time(), zone)
        only.append(c.completed_at < after.astimezone(UTC))
    if ask.project_id is not None:
        only.append(c.project_id == ask.project_id)
    return only


def _place(est: Any, act: Any) -> Any:
    """Return in which stretch of the distribution a task lies, as `rules.bucket` does."""
    cases = [
        (act * 100 <= est * upto, n) for n, upto in enumerate(rules.BUCKETS) if upto is not None
    ]
    return sa.case(*cases, else_=len(rules.BUCKETS) - 1)


async def _titles(ctx: Context, by: str, keys: dict[Any, Any]) -> dict[Any, str]:
    ids = {key for key in keys if isinstance(key, int)}
    if by == "person":
        return dict(await scopes.names_of(ctx, ids))
    if by == "project":
        return {n: f"{one.code} {one.title}" for n, one in (await named(ctx, "p", ids)).items()}
    return {}


def _group(key: Any, title: str, sums: list[int]) -> EstimateGroup:
    tasks, est, act, over, under = sums
    estimated, actual = Decimal(est) / 100, Decimal(act) / 100
    return EstimateGroup(
        id=key if isinstance(key, int) else None,
        title=title,
        tasks=tasks,
        estimated=estimated,
        actual=actual,
        ratio=rules.share(actual, estimated),
        over=over,
        under=under,
        exact=tasks - over - under,
    )


async def _worst(ctx: Context, only: list[Any], est: Any, act: Any) -> list[EstimatedTask]:
    """Return the tasks that took longest beyond their estimate."""
    c = ctx.registry.noun(Task).table.c
    columns = [c.id, c.code, c.title, c.estimated_hours, c.actual_hours]
    chosen = sa.select(*columns).where(*only, act > est).order_by((act - est).desc(), c.id)
    rows = decoded(ctx, columns, await ctx.rows(chosen.limit(WORST)))
    return [
        EstimatedTask(
            id=row[0],
            code=row[1],
            title=row[2],
            estimated=row[3],
            actual=row[4],
            ratio=float(row[4] / row[3]),
        )
        for row in rows
    ]
