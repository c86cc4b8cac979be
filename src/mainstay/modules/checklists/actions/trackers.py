"""What can be done with clocks on steps: one of each person runs at a time, wherever it is."""

from collections.abc import Sequence
from decimal import Decimal

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, invalid
from mainstay.modules.checklists.actions.common import changed, first_known, working
from mainstay.modules.checklists.entities import StepTracker
from mainstay.modules.checklists.scopes import keep_tracked, running_among, tasks_by
from mainstay.modules.projects.api import hours_between, require_lead

MOST_HOURS = Decimal(24)


async def hold_person(ctx: Context, user_id: int) -> None:
    """Let nobody else start or stop a person's clock until the unit of work ends."""
    await ctx.raise_number(f"checklists.clock:{user_id}", 0)


async def running_clock(ctx: Context, user_id: int) -> StepTracker | None:
    """Return a person's running clock to work on, wherever it runs."""
    await hold_person(ctx, user_id)
    return await ctx.find(StepTracker, anywhere=True, user_id=user_id, ended_at__isnull=True)


def end(ctx: Context, clock: StepTracker) -> None:
    """Stop a clock now."""
    clock.ended_at = ctx.now
    clock.total_time = hours_between(clock.started_at or ctx.now, ctx.now)


async def run_clock(ctx: Context, step_id: int) -> StepTracker:
    """Start the asking person's clock on a step; the one that runs stops."""
    if ctx.me.id is None:
        raise Conflict("Only a person can run a clock. Sign in as one.")
    clock = await running_clock(ctx, ctx.me.id)
    if clock is not None:
        if clock.step_id == step_id:
            raise Conflict("Your clock runs on this step already.")
        end(ctx, clock)
        await ctx.save(clock)
    fresh = StepTracker(step_id=step_id, user_id=ctx.me.id, started_at=ctx.now)
    return await ctx.create(fresh)


async def create_tracker(ctx: Context, tracker: Entity) -> StepTracker:
    """Note time on a step; without an end the clock runs, and the one before it stops."""
    assert isinstance(tracker, StepTracker)
    tracker.user_id = tracker.user_id or ctx.me.id
    if tracker.user_id is None:
        raise invalid("user_id", "must say whose time it is")
    if tracker.started_at is None:
        if tracker.ended_at is not None:
            raise invalid("started_at", "is required where an end is given")
        tracker.started_at = ctx.now
    if tracker.ended_at is None:
        clock = await running_clock(ctx, tracker.user_id)
        if clock is not None:
            end(ctx, clock)
            await ctx.save(clock)
    _measure(ctx, tracker)
    return await ctx.create(tracker)


async def update_tracker(ctx: Context, tracker: Entity, before: Entity) -> None:
    """Keep a stretch's hours right after an edit."""
    assert isinstance(tracker, StepTracker)
    assert isinstance(before, StepTracker)
    if ctx.undoing:
        return
    if before.ended_at is not None and tracker.ended_at is None:
        raise invalid("ended_at", "cannot be taken away; start the clock anew instead")
    tracker.started_at = tracker.started_at or before.started_at
    tracker.user_id = tracker.user_id or before.user_id
    _measure(ctx, tracker)


def _measure(ctx: Context, tracker: StepTracker) -> None:
    """Work out the hours from start to end, and refuse what no day holds."""
    start, stop = tracker.started_at or ctx.now, tracker.ended_at
    if start > ctx.now and stop is None:
        raise invalid("started_at", "must not be in the future")
    if stop is None:
        tracker.total_time = Decimal(0)
        return
    if stop < start:
        raise invalid("ended_at", "must not be before the start")
    hours = hours_between(start, stop)
    if hours > MOST_HOURS:
        raise invalid("ended_at", "must be at most 24 hours after the start")
    tracker.total_time = hours


async def settle_trackers(ctx: Context, changes: Sequence[Change]) -> None:
    """Let people change their own time and leaders everybody's; keep the steps' sums right."""
    found = [(one, own) for one, own in await changed(ctx, changes) if isinstance(one, StepTracker)]
    if not found:
        return
    steps = {one.step_id for one, _ in found}
    tasks = await tasks_by(ctx, "checklists.step", steps)
    at = await working(ctx, tasks.values())
    for one, own in found:
        owners = {one.user_id, first_known(own, "user_id", one.user_id)} - {None}
        if owners != {ctx.me.id}:
            require_lead(at[tasks[one.step_id]], "change other people's time")
    people = {one.user_id for one, _ in found if one.user_id is not None}
    for person in sorted(people):
        await hold_person(ctx, person)
    if any(count > 1 for count in (await running_among(ctx, people)).values()):
        raise Conflict("Only one clock of a person runs at a time. Stop the other one first.")
    await keep_tracked(ctx, steps)


def _may_stop(tracker: StepTracker) -> str | None:
    return None if tracker.ended_at is None else "This clock is not running."


@action(icon="player-stop", grant="update", allowed=_may_stop)
async def stop(ctx: Context, tracker: StepTracker) -> StepTracker:
    """Stop a running clock now."""
    end(ctx, tracker)
    return tracker
