"""The numbers that say whether a milestone was a success."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.modules.milestones import rules
from mainstay.modules.milestones.actions.events import MetricMeasured
from mainstay.modules.milestones.actions.rights import touched
from mainstay.modules.milestones.entities import SuccessMetric
from mainstay.modules.projects.api import require_work


class Measurement(Struct, forbid_unknown_fields=True):
    """What was measured."""

    actual: Annotated[float, Meta(ge=-1e12, le=1e12, description="The value, in the metric's unit")]


async def create_metric(ctx: Context, metric: Entity) -> SuccessMetric:
    """Add a number to be measured, or one that is known already."""
    assert isinstance(metric, SuccessMetric)
    _judge(ctx, metric, None)
    await ctx.create(metric)
    _say(ctx, metric, None)
    return metric


async def update_metric(ctx: Context, metric: Entity, before: Entity) -> None:
    """Say anew what the value means when it, the target or the direction was changed."""
    assert isinstance(metric, SuccessMetric)
    assert isinstance(before, SuccessMetric)
    if ctx.undoing:
        return
    _judge(ctx, metric, before.actual)
    _say(ctx, metric, before.actual)


async def settle_metrics(ctx: Context, changes: Sequence[Change]) -> None:
    """Let those change metrics who work in the project."""
    for one in await touched(ctx, SuccessMetric, changes):
        require_work(one.at)


def _judge(ctx: Context, metric: SuccessMetric, before: float | None) -> None:
    metric.status = rules.metric_status(
        metric.target, metric.actual, higher_is_better=metric.higher_is_better, now=metric.status
    )
    if metric.actual is None:
        metric.measured_at = None
    elif metric.actual != before:
        metric.measured_at = ctx.today


def _say(ctx: Context, metric: SuccessMetric, before: float | None) -> None:
    if metric.actual is not None and metric.actual != before:
        said = MetricMeasured(
            metric_id=metric.id, milestone_id=metric.milestone_id, status=metric.status
        )
        ctx.emit(said, metric)


def _may_begin(metric: SuccessMetric) -> str | None:
    if metric.actual is not None:
        return "This metric has a value already. Measure it again to change it."
    return "This metric is being measured already." if metric.status == "measuring" else None


@action(label="Begin measuring", icon="player-play", grant="update", allowed=_may_begin)
async def begin_measuring(ctx: Context, metric: SuccessMetric) -> SuccessMetric:
    """Say that the value is being found out."""
    del ctx
    metric.status = "measuring"
    return metric


@action(icon="target", grant="update")
async def measure(ctx: Context, metric: SuccessMetric, data: Measurement) -> SuccessMetric:
    """Note the value; whether the target is met, exceeded or missed follows from it."""
    before, metric.actual = metric.actual, data.actual
    _judge(ctx, metric, before)
    metric.measured_at = ctx.today
    _say(ctx, metric, None)
    return metric
