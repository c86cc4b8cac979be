"""Finds the next day of a series, and notes when its task is to be made."""

from datetime import date, timedelta

from mainstay.kernel.clock import today_in
from mainstay.kernel.context import Context
from mainstay.modules.recurring import rules, scopes
from mainstay.modules.recurring.entities import TaskSeries

MAKE = "recurring.make"
ENDED = "Its rule has no more days."
EARLIEST = date(1970, 1, 1)


def today_of(ctx: Context, series: TaskSeries) -> date:
    """Return the day that it is where a series is."""
    return today_in(series.zone, ctx.now)


def set_next(series: TaskSeries, day: date | None) -> None:
    """Note the next day, and when its task is made."""
    series.next_on = series.make_on = day
    if day and (day - EARLIEST).days > series.lead_days:
        series.make_on = day - timedelta(days=series.lead_days)


def turn(series: TaskSeries, day: date | None) -> None:
    """Note the next day of a series that goes by the calendar; without one it has ended."""
    series.status, series.reason = ("active", "") if day else ("ended", ENDED)
    set_next(series, day)


async def plan(ctx: Context, series: TaskSeries) -> None:
    """Find the next day of a series from today on."""
    if series.status == "paused":
        set_next(series, None)
        return
    found = await scopes.came(ctx, {series.id: series.zone} if series.id else {})
    came = found.get(series.id, [])
    today = today_of(ctx, series)
    if series.mode == "after_completion":
        series.status, series.reason = "active", ""
        wait = series.days_after or 0
        set_next(series, rules.after_completion(came, series.starts_on, wait, today))
        return
    floor = rules.before(max(series.starts_on, today))
    days = rules.coming(series.rule, series.starts_on, series.except_on, after=floor)
    turn(series, rules.first_free(days, {one.on_day for one in came}))


async def soon(ctx: Context, series: TaskSeries) -> None:
    """Leave a job where a task is to be made right away, rather than wait for the next round."""
    due = series.make_on is not None and series.make_on <= today_of(ctx, series)
    if series.status == "active" and due:
        await ctx.later(MAKE, {}, key=f"{MAKE}:{ctx.change_set}")
