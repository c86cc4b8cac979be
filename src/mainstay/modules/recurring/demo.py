"""The demo company's recurring work: by the calendar, and after it is done."""

from datetime import timedelta

import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.modules.recurring.entities import Occurrence, TaskSeries
from mainstay.modules.recurring.planning import plan

ZONE = "Europe/Berlin"


async def demo(ctx: Context) -> None:
    """Add two series to the demo company's projects, unless there are any."""
    series = ctx.registry.tables["recurring.task_series"]
    if await ctx.rows(sa.select(series.c.id).limit(1)):
        return
    project = ctx.registry.tables["projects.project"].c
    picks = sa.select(project.id, project.owner_id).where(project.status == "active")
    found = await ctx.rows(picks.order_by(project.id).limit(2))
    if not found:
        return
    (first, lead), (second, other) = found[0], found[-1]
    start = ctx.today - timedelta(days=ctx.today.weekday() + 14)
    report = TaskSeries(
        project_id=first,
        title="Send the weekly site report",
        description="Progress, open questions and photos of the week, to the customer.",
        assignees=[lead],
        rule="FREQ=WEEKLY;BYDAY=TU,TH",
        starts_on=start,
        zone=ZONE,
        lead_days=1,
        maker_id=lead,
    )
    backup = TaskSeries(
        project_id=second,
        title="Check the monitoring of the plant",
        description="Compare yield and weather, look at every warning, clear what is settled.",
        assignees=[other],
        priority="high",
        mode="after_completion",
        days_after=14,
        starts_on=ctx.today + timedelta(days=3),
        zone=ZONE,
        maker_id=other,
    )
    for one in (report, backup):
        await plan(ctx, one)
    await ctx.create_many([report, backup])
    skipped = Occurrence(series_id=report.id, on_day=start + timedelta(days=8), state="skipped")
    await ctx.create_many([skipped])
