"""When a project's work can be done: early and late days, slack, and what decides the end."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import Conflict
from mainstay.modules.planning import scopes
from mainstay.modules.planning.plan import Planned, Standing, Terms, Work, plan, terms
from mainstay.modules.planning.years import counted
from mainstay.scheduling import Calendar, CircularLinks, DatedActivity

DEFINITION = (
    "Each open task begins as soon as its links, its earliest day and the working calendar allow; "
    "slack is how many working days it may slip before the project's last day moves, and the "
    "critical tasks are those that have none."
)
LONGEST_PATH = 30


class ScheduleAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which project, from which day on, and whether open tasks stay behind their own dates."""

    project_id: Annotated[int, Meta(ge=1, description="The project's id")]
    start: Annotated[
        date | None, Meta(description="Open tasks begin then at the earliest; today when left out")
    ] = None
    as_planned: Annotated[
        bool, Meta(description="Whether open tasks begin no sooner than their own start dates say")
    ] = False


class TaskDays(Struct, kw_only=True, frozen=True):
    """One task in the schedule; slack counts working days, and what is over has none."""

    task_id: int
    code: str
    title: str
    status: str
    standing: Standing
    working_days: int
    early_start: date
    early_finish: date
    late_start: date
    late_finish: date
    total_slack: int | None
    free_slack: int | None
    critical: bool
    due_date: date | None
    days_late: int
    milestone_id: int | None


class MilestoneDays(Struct, kw_only=True, frozen=True):
    """When a milestone's tasks are over, against the day it is due."""

    milestone_id: int
    name: str
    due_date: date
    expected: date | None
    days_late: int
    reached: bool


class ProjectSchedule(Struct, kw_only=True, frozen=True):
    """A project's schedule as of today."""

    project_id: int
    as_of: date
    calendar: str
    definition: str
    first_day: date
    last_day: date
    working_days: int
    due: date | None
    days_late: int
    critical_count: int
    longest_path: list[int]
    in_words: str
    tasks: list[TaskDays]
    milestones: list[MilestoneDays]
    mark: str


@question(label="Schedule", slow=True)
async def schedule(ctx: Context, ask: ScheduleAsk) -> ProjectSchedule:
    """Early and late days, slack and critical tasks of a project, from its links and calendar."""
    read = await scopes.plan_of(ctx, ask.project_id)
    by = await terms_of(ctx, read, ask.start, keep=ask.as_planned)
    planned = await scopes.aside(ctx, lambda: planned_of(read, by))
    milestones = await scopes.milestones_of(ctx, [ask.project_id])
    calendars = await scopes.calendars(ctx)
    return answered(read, planned, by, milestones, calendars.week(read.project.calendar_id).name)


async def terms_of(
    ctx: Context, read: scopes.Plan, start: date | None = None, *, keep: bool = False
) -> Terms:
    """Return what a project's schedule goes by."""
    calendars = await scopes.calendars(ctx)
    project = read.project
    return terms(calendars, project.calendar_id, start or project.start_date, keep=keep)


def planned_of(read: scopes.Plan, by: Terms) -> Planned:
    """Schedule what was read; refuse links that lead in a circle, which no rule lets in."""
    try:
        with counted(read.works, read.others, by):
            return plan(read.works, read.waits, read.others, by)
    except CircularLinks as circle:
        named = [work for key, work in read.works.items() if key in circle.path]
        words = ", ".join(work.label for work in named)
        raise Conflict(
            f"Tasks wait for one another in a circle: {words}. Take one of their links away first."
        ) from None
    except ValueError as wrong:
        raise Conflict(
            f"This plan cannot be scheduled: {wrong} "
            "Check the durations, the lags and the working calendar."
        ) from None


def answered(
    read: scopes.Plan,
    planned: Planned,
    by: Terms,
    milestones: Sequence[Sequence[Any]],
    calendar: str,
) -> ProjectSchedule:
    """Say a schedule in the words of the project."""
    project, days = read.project, planned.days
    tasks = [
        task_days(work, planned, by.calendar) for work in read.works.values() if work.id in days
    ]
    own = [days[work] for work in read.works if work in days]
    first = min((one[0] for one in own), default=by.start)
    last = max((one[1] for one in own), default=by.start)
    path = [key for key in planned.answer.longest_path if key in read.works]
    return ProjectSchedule(
        project_id=project.id,
        as_of=by.today,
        calendar=calendar,
        definition=DEFINITION,
        first_day=first,
        last_day=last,
        working_days=by.calendar.working_days_between(first, last) if own else 0,
        due=project.end_date,
        days_late=late(last, project.end_date, by.calendar) if own else 0,
        critical_count=sum(task.critical for task in tasks),
        longest_path=path,
        in_words=_in_words([read.works[key] for key in path], planned),
        tasks=tasks,
        milestones=[_reached(row, read, planned, by.calendar) for row in milestones],
        mark=read.mark,
    )


def task_days(work: Work, planned: Planned, calendar: Calendar) -> TaskDays:
    """Return one task's line of the schedule."""
    first, last = planned.days[work.id]
    found: DatedActivity | None = planned.answer.activities.get(work.id)
    over = work.standing == "done" or found is None
    return TaskDays(
        task_id=work.id,
        code=work.code,
        title=work.title,
        status=work.status,
        standing=work.standing,
        working_days=_lasting(work, planned, calendar),
        early_start=first,
        early_finish=last,
        late_start=first if found is None else found.late_first_day,
        late_finish=last if found is None else max(last, found.late_last_day),
        total_slack=None if found is None else found.total_slack,
        free_slack=None if found is None else found.free_slack,
        critical=found is not None and found.critical,
        due_date=work.due_date,
        days_late=0 if over else late(last, work.due_date, calendar),
        milestone_id=work.milestone_id,
    )


def _lasting(work: Work, planned: Planned, calendar: Calendar) -> int:
    """Return how many working days a task takes; a point in time takes none."""
    if work.duration_days == 0 and work.id not in planned.network.parts:
        return 0
    return max(0, calendar.working_days_between(*planned.days[work.id]))


def late(last: date, due: date | None, calendar: Calendar) -> int:
    """Return how many working days a last day lies after the day that was due."""
    if due is None or last <= due:
        return 0
    return max(1, calendar.working_days_between(due, last) - calendar.is_working(due))


def _reached(
    row: Sequence[Any], read: scopes.Plan, planned: Planned, calendar: Calendar
) -> MilestoneDays:
    number, _project, name, due, status, completed = row
    needed = [work.id for work in read.works.values() if work.milestone_id == number]
    ends = [planned.days[task][1] for task in needed if task in planned.days]
    over = status == "completed"
    expected = completed if over else max(ends, default=None)
    return MilestoneDays(
        milestone_id=number,
        name=name,
        due_date=due,
        expected=expected,
        days_late=late(expected, due, calendar) if expected else 0,
        reached=over,
    )


def _in_words(path: Sequence[Work], planned: Planned) -> str:
    """Return the longest path as people say it; of a long one the two ends."""
    said = [work.label for work in path]
    if len(said) > LONGEST_PATH:
        left = len(said) - LONGEST_PATH
        said = [*said[: LONGEST_PATH // 2], f"… {left} …", *said[-LONGEST_PATH // 2 :]]
    return " → ".join(said)
