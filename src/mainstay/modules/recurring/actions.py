"""What can be done with a series: make it, change it, pause it, skip a day, make one now."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Annotated, TypeVar

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Day, Ref
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, invalid
from mainstay.kernel.scope import require
from mainstay.modules.projects.api import Task, ensure_member, require_work, standing
from mainstay.modules.recurring import rules, scopes
from mainstay.modules.recurring.entities import (
    DaysAfter,
    Lead,
    Mode,
    Occurrence,
    RuleText,
    TaskSeries,
)
from mainstay.modules.recurring.making import CREATE_TASK, Wanted, make
from mainstay.modules.recurring.planning import plan, set_next, soon, today_of
from mainstay.recurrence import zone_named

PLANNED = ("mode", "rule", "days_after", "starts_on", "zone", "except_on")
T = TypeVar("T")


class Repeat(Struct, kw_only=True, forbid_unknown_fields=True):
    """How a task comes again."""

    mode: Mode = "schedule"
    rule: RuleText = ""
    days_after: DaysAfter | None = None
    starts_on: (
        Annotated[date, Day(label="Starts on", help="The day the task is due when left out.")]
        | None
    ) = None
    lead_days: Lead = 0
    task_id: Annotated[int, Ref(target="projects.task", help="The task that is the first of them.")]


class Make(Struct, forbid_unknown_fields=True):
    """For which day."""

    on_day: Annotated[date | None, Meta(description="The day; the next one when left out.")] = None


# ---- making and changing a series ----


async def create_series(ctx: Context, series: Entity) -> TaskSeries:
    """Make a series; its tasks are made when they are due, with the rights of who made it."""
    assert isinstance(series, TaskSeries)
    await _begin(ctx, series)
    await ctx.create(series)
    await soon(ctx, series)
    return series


async def _begin(ctx: Context, series: TaskSeries) -> None:
    await _check(ctx, series, None)
    series.status, series.reason, series.made_count = "active", "", 0
    series.maker_id = ctx.me.id
    await _plan(ctx, series)


async def _plan(ctx: Context, series: TaskSeries) -> None:
    """Plan a series as somebody wants it; refused where it would never come."""
    await plan(ctx, series)
    if series.status != "ended":
        return
    ever = rules.coming(series.rule, series.starts_on, (), after=date.min)
    if next(ever, None) is None:
        raise invalid(
            "rule", "never happens: no day fits all of its parts; change or leave out one of them"
        )
    raise invalid("rule", "has no day from today on: let it end later, or count more times")


async def update_series(ctx: Context, series: Entity, before: Entity) -> None:
    """Check a changed series and plan it anew; from now on it acts for who changed it."""
    assert isinstance(series, TaskSeries)
    assert isinstance(before, TaskSeries)
    if ctx.undoing:
        return
    if series.mode != before.mode:
        _leave(series, before)
    await _check(ctx, series, before)
    series.maker_id = ctx.me.id or series.maker_id
    if any(getattr(series, name) != getattr(before, name) for name in PLANNED):
        await _plan(ctx, series)
    else:
        set_next(series, series.next_on)
    await soon(ctx, series)


def _leave(series: TaskSeries, before: TaskSeries) -> None:
    """Let go of what belonged to the other way of coming again, unless it was said anew."""
    if series.mode == "schedule" and series.days_after == before.days_after:
        series.days_after = None
    if series.mode == "after_completion" and series.rule == before.rule:
        series.rule = ""
    if series.mode == "after_completion" and series.except_on == before.except_on:
        series.except_on = []


async def _check(ctx: Context, series: TaskSeries, before: TaskSeries | None) -> None:
    """Refuse what cannot come again, and people who may not make its tasks themselves."""
    at = await standing(ctx, series.project_id)
    require_work(at)
    require(ctx.me, CREATE_TASK)
    series.zone = series.zone or ctx.me.zone
    _read("zone", zone_named, series.zone)
    if series.mode == "schedule":
        _check_schedule(ctx, series)
    else:
        _check_completion(series)
    added = set(series.assignees) - set(before.assignees if before else ())
    missing = added - await scopes.members(ctx, series.project_id) if added else set()
    if missing and not at.leads:
        raise invalid(
            "assignees",
            "must be members of the project; ask an owner or admin of it to add them first",
        )
    for person in sorted(missing):
        await ensure_member(ctx, series.project_id, person, "member")


def _check_schedule(ctx: Context, series: TaskSeries) -> None:
    if series.days_after is not None:
        raise invalid(
            "days_after", "must be empty for a task that comes by the calendar; use one of the two"
        )
    if not series.rule.strip():
        raise invalid("rule", "is required for a task that comes by the calendar")
    if len(series.except_on) > rules.MOST_DAYS:
        raise invalid("except_on", f"may name at most {rules.MOST_DAYS} days")
    series.rule = str(_read("rule", rules.read, series.rule))
    series.except_on = sorted(set(series.except_on))
    today = today_of(ctx, series)
    end, most = today + timedelta(days=series.lead_days), rules.MOST_AHEAD
    found = rules.coming(series.rule, series.starts_on, series.except_on, after=today)
    ahead = list(islice(found, most + 1)) if series.lead_days > most else []
    if len(ahead) > most and ahead[-1] <= end:
        raise invalid(
            "lead_days", f"would make more than {most} tasks at once; look fewer days ahead"
        )


def _check_completion(series: TaskSeries) -> None:
    if series.rule.strip() or series.except_on:
        raise invalid(
            "rule" if series.rule.strip() else "except_on",
            "must be empty for a task that comes after completion; use one of the two",
        )
    if series.days_after is None:
        raise invalid("days_after", "is required for a task that comes after completion")


def _read(name: str, read: Callable[[str], T], text: str) -> T:
    try:
        return read(text)
    except ValueError as error:
        raise invalid(name, str(error)) from None


async def settle_series(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who work in a project change its series; plan anew what was brought back."""
    ids = [change.record_id for change in changes]
    found = await ctx.load_all(changes[0].noun, ids, anywhere=True, deleted="with")
    checked: set[int] = set()
    for series in found.values():
        assert isinstance(series, TaskSeries)
        if series.project_id not in checked:
            require_work(await standing(ctx, series.project_id))
            checked.add(series.project_id)
        if series.deleted_at is None and (ctx.undoing or _restored(series, changes)):
            await plan(ctx, series)


def _restored(series: TaskSeries, changes: Sequence[Change]) -> bool:
    return any(one.record_id == series.id and one.verb == "restore" for one in changes)


async def settle_occurrences(ctx: Context, changes: Sequence[Change]) -> None:
    """Keep the times a series came when making them is taken back: such a day was skipped.

    Otherwise the task would be made again as soon as it was taken back.
    """
    gone = [one.record_id for one in changes if "deleted_at" in (one.after or {})]
    if not ctx.undoing or not gone:
        return
    found = await ctx.load_all(changes[0].noun, gone, anywhere=True, deleted="with")
    own = ctx.registry.noun(TaskSeries)
    times = [one for one in found.values() if isinstance(one, Occurrence)]
    live = await ctx.load_all(own, [one.series_id for one in times], anywhere=True)
    for one in times:
        if one.deleted_at and one.series_id in live:
            one.deleted_at = one.deleted_by = None
            one.state = "skipped"


# ---- verbs ----


def _may_pause(series: TaskSeries) -> str | None:
    return None if series.status == "active" else f"This series is {series.status} already."


def _may_resume(series: TaskSeries) -> str | None:
    if series.status == "active":
        return "This series is active."
    if series.status == "ended":
        return "This series has ended. Change its rule, so that it has days again."
    return None


def _may_skip(series: TaskSeries) -> str | None:
    if series.status != "active":
        return f"This series is {series.status}, so there is nothing to skip."
    if series.next_on is None:
        return "It waits until its last task is done, so there is nothing to skip."
    return None


def _may_make(series: TaskSeries) -> str | None:
    return "This series is paused. Resume it first." if series.status == "paused" else None


@action(icon="player-pause", grant="update", allowed=_may_pause)
async def pause(ctx: Context, series: TaskSeries) -> TaskSeries:
    """Make no more tasks until the series is resumed."""
    series.status, series.reason = "paused", ""
    set_next(series, None)
    return series


@action(icon="player-play", grant="update", allowed=_may_resume)
async def resume(ctx: Context, series: TaskSeries) -> TaskSeries:
    """Make tasks again from today on, for you; days that passed meanwhile stay out."""
    require(ctx.me, CREATE_TASK)
    series.status, series.reason = "active", ""
    series.maker_id = ctx.me.id or series.maker_id
    await plan(ctx, series)
    await soon(ctx, series)
    return series


@action(icon="player-skip-forward", grant="update", allowed=_may_skip)
async def skip_next(ctx: Context, series: TaskSeries) -> TaskSeries:
    """Leave out the next day; the one after it is next."""
    assert series.next_on
    await ctx.create(Occurrence(series_id=series.id, on_day=series.next_on, state="skipped"))
    await plan(ctx, series)
    await soon(ctx, series)
    return series


@action(icon="circle-plus", grant="update", allowed=_may_make)
async def make_now(ctx: Context, series: TaskSeries, data: Make) -> TaskSeries:
    """Make the next task now rather than on its day, or one for another day."""
    day = data.on_day or series.next_on or today_of(ctx, series)
    times = (await scopes.came(ctx, {series.id: series.zone}))[series.id]
    if any(one.on_day == day for one in times):
        raise invalid("on_day", f"must be a day on which it has not come yet, not {day}")
    await make(ctx, [Wanted(series, [day], [])])
    await plan(ctx, series)
    return series


@action(label="Repeat task", icon="repeat", grant="create", quiet=True)
async def repeat(ctx: Context, data: Repeat) -> TaskSeries:
    """Let a task come again; it is the first of the series, and the next are made like it."""
    task = await ctx.get(Task, data.task_id)
    if await scopes.series_of(ctx, task.id):
        raise Conflict("This task comes again already. Change its series instead.")
    first = task.due_date or ctx.today
    series = TaskSeries(
        project_id=task.project_id,
        title=task.title,
        description=task.description,
        priority=task.priority,
        assignees=list(task.assignees),
        estimated_hours=task.estimated_hours,
        story_points=task.story_points,
        template_id=task.task_template_id,
        mode=data.mode,
        rule=data.rule,
        days_after=data.days_after,
        starts_on=data.starts_on or first,
        lead_days=data.lead_days,
    )
    await _begin(ctx, series)
    await ctx.create(series)
    await ctx.create(Occurrence(series_id=series.id, on_day=first, task_id=task.id))
    await plan(ctx, series)
    await soon(ctx, series)
    return series
