"""What can be done with time: log it, run a timer, and keep each task's hours right."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, invalid
from mainstay.modules.projects import rules
from mainstay.modules.projects.actions.tasks import refresh
from mainstay.modules.projects.entities import Project, Task, TimeEntry
from mainstay.modules.projects.scopes import (
    Standing,
    hours_of,
    require_lead,
    require_work,
    standing,
)


class StartTimer(Struct, forbid_unknown_fields=True):
    """What the time is for."""

    description: Annotated[str, Meta(max_length=2000, description="What you are doing")] = ""
    billable: Annotated[bool, Meta(description="Whether the customer pays for it")] = True


async def create_time_entry(ctx: Context, entry: Entity) -> TimeEntry:
    """Log time that was spent, or, with a start and neither end nor hours, run a timer."""
    assert isinstance(entry, TimeEntry)
    entry.user_id = entry.user_id or ctx.me.id
    if entry.user_id is None:
        raise invalid("user_id", "must say whose time it is")
    await _place(ctx, entry)
    if entry.started_at and entry.ended_at is None and entry.hours == 0:
        await _stop_running(ctx, entry.user_id)
    else:
        _measure(entry, None)
    day = entry.started_at.date() if entry.started_at and entry.started_at < ctx.now else ctx.today
    entry.date = entry.date or day
    return await ctx.create(entry)


async def update_time_entry(ctx: Context, entry: Entity, before: Entity) -> None:
    """Keep an entry's hours and project right after an edit."""
    assert isinstance(entry, TimeEntry)
    assert isinstance(before, TimeEntry)
    if (entry.task_id, entry.project_id) != (before.task_id, before.project_id):
        if entry.project_id == before.project_id:
            entry.project_id = None if entry.task_id else entry.project_id
        await _place(ctx, entry)
    if before.ended_at is not None and entry.ended_at is None and entry.started_at:
        raise invalid("ended_at", "cannot be taken away; start a new timer instead")
    entry.date = entry.date or before.date
    if _running(entry) and entry.hours == 0:
        return
    _measure(entry, before)


async def settle_time(ctx: Context, changes: Sequence[Change]) -> None:
    """Let people change their own time and leaders everybody's; keep the tasks' hours right."""
    tasks: set[int] = set()
    known: dict[int, Standing] = {}
    for change in changes:
        entry = await ctx.load(change.noun, change.record_id, anywhere=True, deleted="with")
        assert isinstance(entry, TimeEntry)
        at = known.get(entry.project_id or 0) or await standing(ctx, entry.project_id or 0)
        known[at.project_id] = at
        before = change.before or {}
        if entry.user_id != ctx.me.id or before.get("user_id", ctx.me.id) != ctx.me.id:
            require_lead(at, "change other people's time")
        if change.before is None or "project_id" in before:
            require_work(at)
        tasks |= {task for task in (entry.task_id, before.get("task_id")) if task}
    for task_id in sorted(tasks):
        await keep_hours(ctx, task_id)


async def keep_hours(ctx: Context, task_id: int) -> None:
    """Bring a task's hours up to the sum of its time entries."""
    noun = ctx.registry.noun(Task)
    task = await ctx.load(noun, task_id, anywhere=True, deleted="with")
    assert isinstance(task, Task)
    task.actual_hours = await hours_of(ctx, task_id)
    refresh(task)


async def _place(ctx: Context, entry: TimeEntry) -> None:
    """Find the project of an entry's task, and the rate that counts there."""
    if entry.task_id is not None:
        task = await ctx.get(Task, entry.task_id)
        if entry.project_id not in (None, task.project_id):
            raise invalid("project_id", "must be the project of the task, or be left out")
        entry.project_id = task.project_id
    if entry.project_id is None:
        raise invalid("project_id", "is required when there is no task")
    if entry.hourly_rate is None:
        project = await ctx.get(Project, entry.project_id, anywhere=True)
        entry.hourly_rate = project.hourly_rate


def _running(entry: TimeEntry) -> bool:
    return entry.started_at is not None and entry.ended_at is None


def _measure(entry: TimeEntry, before: TimeEntry | None) -> None:
    """Work out the hours where start and end say them, and refuse what no day holds."""
    span = (entry.started_at, entry.ended_at)
    if entry.started_at and entry.ended_at:
        if entry.ended_at < entry.started_at:
            raise invalid("ended_at", "must not be before the start")
        moved = before is None or span != (before.started_at, before.ended_at)
        said = entry.hours != (before.hours if before else Decimal(0))
        if moved and not said:
            entry.hours = rules.hours_between(entry.started_at, entry.ended_at)
            return
    elif entry.ended_at:
        raise invalid("started_at", "is required where an end is given")
    if entry.hours <= 0:
        raise invalid("hours", "must be above zero, or give a start and an end")
    if entry.hours > rules.LONGEST_ENTRY and (before is None or entry.hours != before.hours):
        raise invalid("hours", "must be at most 24 in one entry")


async def _stop_running(ctx: Context, user_id: int) -> TimeEntry | None:
    """Stop a person's running timer, if there is one; the counter keeps two from starting."""
    await ctx.raise_number(f"projects.timer:{user_id}", 0)
    entry = await ctx.find(
        TimeEntry,
        anywhere=True,
        user_id=user_id,
        ended_at__isnull=True,
        started_at__isnull=False,
        hours=Decimal(0),
    )
    if entry:
        _end(ctx, entry)
    return entry


def _end(ctx: Context, entry: TimeEntry) -> None:
    entry.ended_at = ctx.now
    entry.hours = rules.hours_between(entry.started_at or ctx.now, ctx.now)


def _me(ctx: Context) -> int:
    if ctx.me.id is None:
        raise Conflict("Only a person can run a timer. Sign in as one.")
    return ctx.me.id


@action(label="Start timer", icon="player-play", grant="update")
async def start_timer(ctx: Context, task: Task, data: StartTimer) -> Task:
    """Run your timer on this task; one that runs elsewhere stops first."""
    entry = TimeEntry(task_id=task.id, user_id=_me(ctx), started_at=ctx.now, date=ctx.today)
    entry.description, entry.billable = data.description, data.billable
    await create_time_entry(ctx, entry)
    return task


@action(label="Stop timer", icon="player-stop", grant="update")
async def stop_timer(ctx: Context, task: Task) -> Task:
    """Stop your timer on this task; its time is added to the task's hours."""
    entry = await ctx.find(
        TimeEntry, task_id=task.id, user_id=_me(ctx), ended_at__isnull=True, hours=Decimal(0)
    )
    if entry is None:
        raise Conflict("Your timer does not run on this task.")
    _end(ctx, entry)
    await ctx.flush("stop_timer", task)
    await keep_hours(ctx, task.id)
    return task


def _may_stop(entry: TimeEntry) -> str | None:
    return None if _running(entry) else "This timer is not running."


@action(icon="player-stop", grant="update", allowed=_may_stop)
async def stop(ctx: Context, entry: TimeEntry) -> TimeEntry:
    """Stop a running timer now."""
    _end(ctx, entry)
    return entry
