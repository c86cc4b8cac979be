"""The numbers of a team that are measured again and again."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import invalid
from mainstay.modules.teams import rules
from mainstay.modules.teams.actions.rights import require_team, touched
from mainstay.modules.teams.entities import MetricValue, TeamMetric
from mainstay.modules.teams.scopes import KEEP_ALL, keep_metrics, values_of

LAST = rules.BEFORE + 1


OnDay = Annotated[date | None, Meta(description="The day; today when left out")]


class Measured(Struct, kw_only=True, forbid_unknown_fields=True):
    """What was measured, and when."""

    value: Annotated[float, Meta(ge=-1e12, le=1e12, description="In the metric's unit")]
    date: OnDay = None
    note: Annotated[str, Meta(max_length=200, description="What lies behind it")] = ""


@action(icon="ruler")
async def measure(ctx: Context, metric: TeamMetric, data: Measured) -> MetricValue:
    """Note a value of the metric; the last one and the trend follow from all of them."""
    value = MetricValue(metric_id=metric.id, value=data.value, date=data.date, note=data.note)
    return await create_value(ctx, value)


async def create_value(ctx: Context, value: Entity) -> MetricValue:
    """Note a value on its day, today when none is said."""
    assert isinstance(value, MetricValue)
    value.date = value.date or ctx.today
    _check_day(ctx, value)
    return await ctx.create(value)


async def update_value(ctx: Context, value: Entity, before: Entity) -> None:
    """Keep a value on a day that has come."""
    assert isinstance(value, MetricValue)
    value.date = value.date or ctx.today
    _check_day(ctx, value)


def _check_day(ctx: Context, value: MetricValue) -> None:
    if value.date and value.date > ctx.today:
        raise invalid("date", "must not be in the future: a value is noted when it is measured")


async def settle_metrics(ctx: Context, changes: Sequence[Change]) -> None:
    """Let those change metrics who lead the team, by whatever way."""
    await touched(ctx, changes)


async def settle_values(ctx: Context, changes: Sequence[Change]) -> None:
    """Let members of the team note values, and keep what follows from them beside the log."""
    wrote = [change for change in changes if change.before or change.after]
    noun, metrics = changes[0].noun, ctx.registry.noun(TeamMetric)
    ids = {change.record_id for change in wrote}
    values = await ctx.load_all(noun, ids, anywhere=True, deleted="with")
    own = {one.metric_id for one in values.values() if isinstance(one, MetricValue)}
    found = await ctx.load_all(metrics, own, anywhere=True, deleted="with")
    if not ctx.can(KEEP_ALL):
        teams = {one.team_id for one in found.values() if isinstance(one, TeamMetric)}
        await require_team(ctx, {(team, False) for team in teams})
    await ctx.flush()
    known = await values_of(ctx, own, LAST)
    await keep_metrics(ctx, {metric: _kept(known.get(metric, [])) for metric in own})


def _kept(values: Sequence[tuple[date, float]]) -> tuple[float | None, str, datetime | None]:
    """Return a metric's last value, its trend, and when it was measured."""
    if not values:
        return None, "flat", None
    day, last = values[-1]
    at = datetime.combine(day, time(), UTC)
    return last, rules.metric_trend([value for _, value in values]), at
