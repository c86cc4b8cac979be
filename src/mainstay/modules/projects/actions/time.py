"""What can be done with time: log it, run a timer, and keep each task's hours right."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from msgspec import Meta, Struct

from mainstay.kernel.clock import today_in
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, invalid
from mainstay.modules.projects import rules
from mainstay.modules.projects.actions.tasks import refresh
from mainstay.modules.projects.entities import Task, TimeEntry
from mainstay.modules.projects.scopes import (
    Standing,
    projects_of,
    require_lead,
    require_work,
    standing,
    standings,
)
from mainstay.modules.projects.timing import rules as timing
from mainstay.modules.projects.timing.scopes import (
    hours_by_task,
    project_of_issue,
    rate_on,
    timers_of,
    zone_of,
)

# What makes a timer of an entry that was none.
BEGINS = frozenset({"ended_at", "hours", "deleted_at", "user_id"})
# What an entry's price follows from; it is found anew when one of them is changed.
PRICED = ("project_id", "user_id", "type", "date")


class StartTimer(Struct, forbid_unknown_fields=True):
    """What the time is for."""

    description: Annotated[str, Meta(max_length=2000, description="What you are doing")] = ""
    billable: Annotated[bool, Meta(description="Whether the customer pays for it")] = True


class Stop(Struct, forbid_unknown_fields=True):
    """When the work really ended: now, or earlier."""

    ended_at: Annotated[
        datetime | None, Meta(description="When the work ended; now when left out")
    ] = None
    hours: Annotated[
        Decimal | None, Meta(description="Or how long it was, in hours from its start")
    ] = None
    confirm: Annotated[bool, Meta(description="That it really went on for more than ten hours")] = (
        False
    )


async def create_time_entry(ctx: Context, entry: Entity) -> TimeEntry:
    """Log time that was spent, or, with a start and neither end nor hours, run a timer."""
    assert isinstance(entry, TimeEntry)
    entry.user_id = entry.user_id or ctx.me.id
    if entry.user_id is None:
        raise invalid("user_id", "must say whose time it is")
    await _place(ctx, entry)
    if _running(entry):
        _refuse_ahead(ctx, entry)
        await _stop_running(ctx, entry.user_id)
    else:
        _measure(entry, None)
    entry.date = entry.date or await _day_of(ctx, entry)
    await _price(ctx, entry)
    return await ctx.create(entry)


async def _day_of(ctx: Context, entry: TimeEntry) -> date:
    """Return the day on which an entry began, where the person is whose time it is."""
    if entry.started_at is None:
        return ctx.today
    return today_in(await zone_of(ctx, entry.user_id or 0), entry.started_at)


def _refuse_ahead(ctx: Context, entry: TimeEntry) -> None:
    """Refuse a timer that has not begun: nothing could stop it, and no other could start."""
    if entry.started_at and entry.started_at > ctx.now:
        raise invalid("started_at", "must not be in the future while there is no end")


async def update_time_entry(ctx: Context, entry: Entity, before: Entity) -> None:
    """Keep an entry's hours, project and price right after an edit."""
    assert isinstance(entry, TimeEntry)
    assert isinstance(before, TimeEntry)
    on, was = ((e.task_id, e.issue_id, e.project_id) for e in (entry, before))
    if on != was:
        if entry.project_id == before.project_id and (entry.task_id or entry.issue_id):
            entry.project_id = None
        if entry.task_id and entry.issue_id and not ctx.undoing:
            _one_of_two(entry, before)
        await _place(ctx, entry)
    taken = before.ended_at is not None and entry.ended_at is None and entry.started_at
    if taken and not ctx.undoing:
        raise invalid("ended_at", "cannot be taken away; start a new timer instead")
    entry.date = entry.date or before.date
    begun = entry.started_at != before.started_at
    if begun and entry.started_at and entry.date == before.date and not ctx.undoing:
        entry.date = await _day_of(ctx, entry)
    moved = any(getattr(entry, name) != getattr(before, name) for name in PRICED)
    if moved and not ctx.undoing:
        entry.hourly_rate = None if entry.hourly_rate == before.hourly_rate else entry.hourly_rate
        entry.cost_rate = None if entry.cost_rate == before.cost_rate else entry.cost_rate
        await _price(ctx, entry)
    if _running(entry):
        return
    _measure(entry, before)


def _one_of_two(entry: TimeEntry, before: TimeEntry) -> None:
    """Let the task or the issue that was said now stand in the place of the other one."""
    if entry.task_id != before.task_id and entry.issue_id == before.issue_id:
        entry.issue_id = None
    elif entry.issue_id != before.issue_id and entry.task_id == before.task_id:
        entry.task_id = None


async def settle_time(ctx: Context, changes: Sequence[Change]) -> None:
    """Let people change their own time and leaders everybody's; keep the tasks' hours right."""
    noun = changes[0].noun
    found = await ctx.load_all(
        noun, [change.record_id for change in changes], anywhere=True, deleted="with"
    )
    tasks: set[int] = set()
    known = await _standings(ctx, changes, found.values())
    for change in changes:
        entry, before = found[change.record_id], change.before or {}
        assert isinstance(entry, TimeEntry)
        at = known[entry.project_id or 0]
        if entry.user_id != ctx.me.id or before.get("user_id", ctx.me.id) != ctx.me.id:
            require_lead(at, "change other people's time")
        if change.before is None or "project_id" in before:
            require_work(at)
        if before.get("project_id"):
            require_work(known[before["project_id"]])
        tasks |= {task for task in (entry.task_id, before.get("task_id")) if task}
    await _one_timer_each(ctx, changes, found)
    await keep_hours(ctx, tasks)


async def _one_timer_each(
    ctx: Context, changes: Sequence[Change], found: Mapping[int, Entity]
) -> None:
    """Refuse a second running timer, also where one comes back from the bin or by undo."""
    begun: set[int] = set()
    for change in changes:
        entry = found[change.record_id]
        if not isinstance(entry, TimeEntry) or not _running(entry) or entry.deleted_at:
            continue
        _refuse_ahead(ctx, entry)
        if entry.user_id and (change.before is None or BEGINS.intersection(change.before)):
            begun.add(entry.user_id)
    people = sorted(begun)
    for one in people:
        await ctx.raise_number(f"projects.timer:{one}", 0)
    if people and max((await timers_of(ctx, people)).values(), default=0) > 1:
        raise Conflict("Another timer runs already. Stop it first, then bring this one back.")


async def _standings(
    ctx: Context, changes: Sequence[Change], entries: Collection[Entity]
) -> dict[int, Standing]:
    """Return who the person is in every project that these changes are about."""
    wanted = {e.project_id or 0 for e in entries if isinstance(e, TimeEntry)}
    wanted |= {c.before["project_id"] for c in changes if c.before and c.before.get("project_id")}
    if len(wanted) == 1:
        (only,) = wanted
        return {only: await standing(ctx, only)}
    return await standings(ctx, wanted)


async def keep_hours(ctx: Context, tasks: Collection[int]) -> None:
    """Bring the hours of tasks up to the sums of their time entries."""
    if not tasks:
        return
    noun = ctx.registry.noun(Task)
    found = await ctx.load_all(noun, sorted(tasks), anywhere=True, deleted="with")
    hours = await hours_by_task(ctx, tasks)
    for task in found.values():
        assert isinstance(task, Task)
        task.actual_hours = hours.get(task.id, Decimal("0.00"))
        refresh(task)


async def _place(ctx: Context, entry: TimeEntry) -> None:
    """Find the project of an entry's task or issue."""
    if entry.task_id is not None and entry.issue_id is not None:
        raise invalid("issue_id", "must be left out where there is a task; time is for one of them")
    project = None
    if entry.task_id is not None:
        known: dict[int, int] = ctx.notes.setdefault("projects.time_tasks", {})
        if entry.task_id not in known:
            known |= await projects_of(ctx, [entry.task_id])
        project = known.get(entry.task_id)
    elif entry.issue_id is not None:
        project = await project_of_issue(ctx, entry.issue_id)
    if project and entry.project_id not in (None, project):
        what = "task" if entry.task_id else "issue"
        raise invalid("project_id", f"must be the project of the {what}, or be left out")
    entry.project_id = project or entry.project_id
    if entry.project_id is None:
        raise invalid("project_id", "is required when there is neither a task nor an issue")


async def _price(ctx: Context, entry: TimeEntry) -> None:
    """Find what an hour costs the customer and the company on its day, where nobody said it."""
    if entry.hourly_rate is not None and entry.cost_rate is not None:
        return
    assert entry.user_id
    assert entry.project_id
    day = entry.date or ctx.today
    billing, cost = await rate_on(ctx, entry.user_id, entry.project_id, entry.type, day)
    entry.hourly_rate = billing if entry.hourly_rate is None else entry.hourly_rate
    entry.cost_rate = cost if entry.cost_rate is None else entry.cost_rate


def _running(entry: TimeEntry) -> bool:
    """Return whether an entry is a timer: with a start, and neither an end nor stated hours."""
    return entry.started_at is not None and entry.ended_at is None and not entry.hours


def _measure(entry: TimeEntry, before: TimeEntry | None) -> None:
    """Work out the hours where start and end say them, and refuse what no day holds."""
    span = (entry.started_at, entry.ended_at)
    if entry.started_at and entry.ended_at:
        if entry.ended_at < entry.started_at:
            raise invalid("ended_at", "must not be before the start")
        moved = before is None or span != (before.started_at, before.ended_at)
        said = entry.hours != (before.hours if before else Decimal(0))
        if moved and entry.ended_at - entry.started_at > timing.LONGEST:
            raise invalid("ended_at", "must be at most 24 hours after the start")
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
        _refuse_forgotten(ctx, entry)
        _end(ctx, entry, Stop())
    return entry


def _refuse_forgotten(ctx: Context, entry: TimeEntry) -> None:
    """Refuse to end a timer by the way that ran for so long that somebody must say when."""
    begun = entry.started_at or ctx.now
    if timing.forgotten(begun, ctx.now):
        raise Conflict(
            f"Your timer has run for {_spoken(ctx.now - begun)}. "
            "Open Timesheet, say when that work ended, then go on."
        )


def _spoken(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    return f"{minutes // 60}:{minutes % 60:02d} hours"


def _end(ctx: Context, entry: TimeEntry, data: Stop) -> None:
    """End a running entry: now, at the moment that is said, or so many hours after its start."""
    begun = entry.started_at or ctx.now
    end = data.ended_at or ctx.now
    if data.hours is not None:
        if data.ended_at is not None:
            raise invalid("hours", "must be left out where the end is given")
        if not 0 < data.hours <= rules.LONGEST_ENTRY:
            raise invalid("hours", "must be above zero and at most 24")
        end = begun + timedelta(hours=float(data.hours))
    elif data.ended_at is None and timing.forgotten(begun, ctx.now) and not data.confirm:
        raise invalid(
            "ended_at",
            f"is required: the timer has run for {_spoken(ctx.now - begun)}, as if it had been "
            "forgotten. Say when the work ended, or confirm that it went on so long",
        )
    if end < begun:
        raise invalid("ended_at", "must not be before the start")
    if end > ctx.now:
        where = "ended_at" if data.ended_at else "hours"
        raise invalid(where, "must not end in the future")
    if end - begun > timing.LONGEST:
        raise invalid("ended_at", "must be at most 24 hours after the start")
    entry.ended_at, entry.hours = end, rules.hours_between(begun, end)


def _me(ctx: Context) -> int:
    if ctx.me.id is None:
        raise Conflict("Only a person can run a timer. Sign in as one.")
    return ctx.me.id


async def run_timer(
    ctx: Context, data: StartTimer, *, task_id: int | None = None, issue_id: int | None = None
) -> None:
    """Run the asking person's timer on a task or an issue; one that runs elsewhere stops first."""
    entry = TimeEntry(task_id=task_id, issue_id=issue_id, user_id=_me(ctx), started_at=ctx.now)
    entry.date, entry.description, entry.billable = ctx.today, data.description, data.billable
    await create_time_entry(ctx, entry)


async def end_timer(ctx: Context, **on: Any) -> TimeEntry:
    """Stop the asking person's timer on one record, named by the field that refers to it."""
    entry = await ctx.find(
        TimeEntry, user_id=_me(ctx), ended_at__isnull=True, hours=Decimal(0), **on
    )
    if entry is None:
        what = "issue" if "issue_id" in on else "task"
        raise Conflict(f"Your timer does not run on this {what}.")
    _refuse_forgotten(ctx, entry)
    _end(ctx, entry, Stop())
    return entry


@action(label="Start timer", icon="player-play", grant="update")
async def start_timer(ctx: Context, task: Task, data: StartTimer) -> Task:
    """Run your timer on this task; one that runs elsewhere stops first."""
    await run_timer(ctx, data, task_id=task.id)
    return task


@action(label="Stop timer", icon="player-stop", grant="update")
async def stop_timer(ctx: Context, task: Task) -> Task:
    """Stop your timer on this task; its time is added to the task's hours."""
    await end_timer(ctx, task_id=task.id)
    await ctx.flush("stop_timer", task)
    await keep_hours(ctx, (task.id,))
    return task


def _may_stop(entry: TimeEntry) -> str | None:
    return None if _running(entry) else "This timer is not running."


@action(icon="player-stop", grant="update", allowed=_may_stop)
async def stop(ctx: Context, entry: TimeEntry, data: Stop) -> TimeEntry:
    """Stop a running timer now, or say when the work really ended."""
    _end(ctx, entry, data)
    return entry
