"""What can be done with plans: move a task and those that wait, schedule, level, keep one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, invalid
from mainstay.modules.planning import calendars, scopes
from mainstay.modules.planning.entities import Baseline, Holiday, WorkCalendar
from mainstay.modules.planning.questions.levelled import How, Replanned, worked_out
from mainstay.modules.planning.questions.moved import worked_out as move_worked_out
from mainstay.modules.projects.api import Project, Task, require_lead, require_work, standing

# Two people who choose another usual calendar at once are told apart by this row's lock.
LOCK = "planning.work_calendar"
PAGE = "/projects/projects/{id}/schedule"


class MoveDates(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where the task goes, and whether those that wait for it go with it."""

    __unasked__: ClassVar = ("plan",)

    start_date: Annotated[
        date | UnsetType | None, Meta(description="Its new first day; as it is when left out")
    ] = UNSET
    due_date: Annotated[
        date | UnsetType | None, Meta(description="Its new last day; as it is when left out")
    ] = UNSET
    successors: Annotated[
        bool, Meta(description="Whether the tasks that wait for it are pushed along")
    ] = True
    pull: Annotated[bool, Meta(description="Whether they follow to an earlier day as well")] = False
    plan: Annotated[
        str, Meta(max_length=32, description="The plan of the preview; refused when it has changed")
    ] = ""


class Replan(Struct, kw_only=True, forbid_unknown_fields=True):
    """From which day on open tasks are planned."""

    __unasked__: ClassVar = ("plan",)

    start: Annotated[
        date | None, Meta(description="No open task begins before it; today when left out")
    ] = None
    plan: Annotated[
        str, Meta(max_length=32, description="The plan of the preview; refused when it has changed")
    ] = ""


class Level(Replan, kw_only=True, forbid_unknown_fields=True):
    """From which day on open tasks are levelled, and by what."""

    solver: Annotated[bool, Meta(description="Whether it is the solver's plan")] = False


class TakeBaseline(Struct, kw_only=True, forbid_unknown_fields=True):
    """What the baseline is called."""

    name: Annotated[str, Meta(max_length=100, description="Like Contract; the day if empty")] = ""
    note: Annotated[str, Meta(max_length=500, description="Why it was taken")] = ""


def _changed() -> Conflict:
    return Conflict(
        "Somebody has changed the plan since you looked at it. Nothing was moved. "
        "Look at what would move now, then decide."
    )


# ---- calendars ----


async def create_calendar(ctx: Context, calendar: Entity) -> WorkCalendar:
    """Add a working calendar; its country must be one whose public holidays are known."""
    assert isinstance(calendar, WorkCalendar)
    _check_calendar(ctx, calendar)
    return await ctx.create(calendar)


async def update_calendar(ctx: Context, calendar: Entity, before: Entity) -> None:
    """Keep a calendar one that can be worked by."""
    assert isinstance(calendar, WorkCalendar)
    _check_calendar(ctx, calendar)


def _check_calendar(ctx: Context, calendar: WorkCalendar) -> None:
    hours = [getattr(calendar, day) for day in calendars.WEEK]
    calendars.check(hours, calendar.country, calendar.subdivision, ctx.today.year)


async def settle_calendars(ctx: Context, changes: Sequence[Change]) -> None:
    """Keep exactly one calendar the usual one: the one that was chosen last."""
    await ctx.raise_number(LOCK, 0)
    usual = await ctx.all(WorkCalendar, anywhere=True, is_default=True)
    usual = [one for one in usual if one.is_default and one.deleted_at is None]
    chosen = {change.record_id for change in changes if (change.after or {}).get("is_default")}
    if len(usual) > 1:
        touched = {change.record_id for change in changes}
        ranked = sorted(usual, key=lambda one: (one.id not in chosen, one.id in touched, one.id))
        kept = ranked[0]
        for one in usual:
            one.is_default = one is kept
        return
    if not usual:
        raise Conflict(
            "One calendar must be the usual one, for projects without a calendar of their own. "
            "Make another one the usual one; this one then stops being it."
        )


async def create_holiday(ctx: Context, holiday: Entity) -> Holiday:
    """Add days off for a calendar, for everybody, or for the people named."""
    assert isinstance(holiday, Holiday)
    _check_holiday(holiday)
    return await ctx.create(holiday)


async def update_holiday(ctx: Context, holiday: Entity, before: Entity) -> None:
    """Keep the days of a holiday in order."""
    assert isinstance(holiday, Holiday)
    _check_holiday(holiday)


def _check_holiday(holiday: Holiday) -> None:
    if holiday.end_date and holiday.end_date < holiday.date:
        raise invalid("end_date", "must not be before the first day")
    if holiday.end_date and (holiday.end_date - holiday.date).days >= calendars.LONGEST_OFF:
        raise invalid("end_date", f"must be within {calendars.LONGEST_OFF} days of the first day")


# ---- moving ----


@action(label="Move dates", icon="calendar-time", grant="update")
async def move_dates(ctx: Context, task: Task, data: MoveDates) -> Task:
    """Give the task other dates and push the tasks that wait for it, in one change to take back."""
    start = task.start_date if data.start_date is UNSET else data.start_date
    due = task.due_date if data.due_date is UNSET else data.due_date
    moves = None
    if data.successors:
        moves = await move_worked_out(ctx, task.id, (start, due), pull=data.pull)
        if data.plan and data.plan != moves.mark:
            raise _changed()
    values = {"start_date": start, "due_date": due}
    await perform.edit(ctx, ctx.registry.noun(Task), task.id, values)
    if moves is not None:
        await shift(ctx, {one.work.id: one.after for one in moves.pushed.shifts})
    return task


async def shift(ctx: Context, dates: Mapping[int, tuple[date | None, date | None]]) -> None:
    """Give many tasks other dates; they are loaded together, within what the person may see."""
    if not dates:
        return
    found = await ctx.all(Task, id__in=sorted(dates), limit=len(dates))
    if len(found) < len(dates):
        raise _changed()
    for task in found:
        task.start_date, task.due_date = dates[task.id]


# ---- scheduling and levelling ----


@action(label="Schedule", icon="route", grant="plan", page=PAGE, slow=True)
async def auto_schedule(ctx: Context, project: Project, data: Replan) -> Replanned:
    """Give every open task the earliest dates that its links and the working calendar allow."""
    return await _replan(ctx, project, data, "schedule")


@action(label="Level", icon="users-group", grant="plan", page=f"{PAGE}?how=level", slow=True)
async def level(ctx: Context, project: Project, data: Level) -> Replanned:
    """Give open tasks dates on which nobody has more to do than their hours allow."""
    if data.solver and not data.plan:
        raise invalid("plan", "is needed with the solver: ask planning.replanned for it first")
    return await _replan(ctx, project, data, "solve" if data.solver else "level")


async def _replan(ctx: Context, project: Project, data: Replan, how: How) -> Replanned:
    require_lead(await standing(ctx, project.id), "plan all of it anew")
    dates, answer = await worked_out(ctx, project.id, data.start, how)
    if data.plan and data.plan != answer.plan:
        raise _changed()
    await shift(ctx, dates)
    return answer


# ---- baselines ----


@action(label="Take a baseline", icon="bookmark", grant="plan")
async def take_baseline(ctx: Context, project: Project, data: TakeBaseline) -> Baseline:
    """Keep the plan as it is now, to compare with later."""
    baseline = Baseline(project_id=project.id, name=data.name.strip(), note=data.note)
    return await create_baseline(ctx, baseline)


async def create_baseline(ctx: Context, baseline: Entity) -> Baseline:
    """Keep a project's plan as it is now: every task's dates, estimate and progress."""
    assert isinstance(baseline, Baseline)
    require_lead(await standing(ctx, baseline.project_id), "take a baseline of it")
    baseline.name = baseline.name or ctx.today.isoformat()
    baseline.taken_at, baseline.taken_by = ctx.now, ctx.me.id
    await ctx.flush()
    count, last = await scopes.count_plan(ctx, baseline.project_id)
    baseline.task_count, baseline.planned_end = count, last
    await ctx.create(baseline)
    await scopes.keep_plan(ctx, baseline.id, baseline.project_id)
    return baseline


async def settle_baselines(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who work in a project change its baselines, by whatever way."""
    ids = dict.fromkeys(change.record_id for change in changes)
    held = [await ctx.load(changes[0].noun, one, anywhere=True, deleted="with") for one in ids]
    projects = {one.project_id for one in held if isinstance(one, Baseline)}
    for project_id in sorted(projects):
        at = await standing(ctx, project_id)
        require_work(at)
        require_lead(at, "change its baselines")
