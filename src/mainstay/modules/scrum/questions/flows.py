"""How work flows through a project: how much stood in each status, and how long it took."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import invalid
from mainstay.modules.projects.api import near
from mainstay.modules.scrum import flow, history
from mainstay.scheduling import percentiles

FLOW = (
    "How many tasks stood in each status at the end of each day; cancelled ones and those in the "
    "bin are left out. A band that grows wider is work that waits."
)
CYCLE = (
    "The cycle time of a task is how many days passed from when it was first taken up until it was "
    "last done."
)
LEAD = (
    "The lead time of a task is how many days passed from when it was made until it was last done."
)
NO_TASKS = "This project had no tasks in that time. They show up here with the first one."
NONE_DONE = "No task was done in that time whose start is known. Look further back."
NONE_KNOWN = (
    "Tasks were done in that time, but when they were begun is not known: they came in taken up "
    "already, or were begun before the log was cut."
)
LOST = "The log was cut later than that, so it no longer tells how the tasks stood then."
# From what is done up to what is to come, as the bands lie on one another.
ORDER = ("done", "testing", "review", "blocked", "in_progress", "todo", "backlog")
PERCENTS = (50, 85, 95)
USUAL, LONGEST = 90, 730
TaskKind = Literal["story", "bug", "epic", "spike", "task", "feature", "improvement"]


class FlowAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which project, and from which day to which."""

    project_id: Annotated[int, Meta(ge=1, description="The project's id")]
    first: Annotated[date | None, Meta(description="Ninety days before, when left out")] = None
    last: Annotated[date | None, Meta(description="Today when left out")] = None
    measure: Annotated[
        Literal["points", "hours", "tasks"], Meta(description="Points, estimated hours or tasks")
    ] = "tasks"


class TimesAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which project, which days, which kind of time, and perhaps one type of task."""

    project_id: Annotated[int, Meta(ge=1, description="The project's id")]
    first: Annotated[date | None, Meta(description="Ninety days before, when left out")] = None
    last: Annotated[date | None, Meta(description="Today when left out")] = None
    kind: Annotated[
        Literal["cycle", "lead"], Meta(description="From the first start, or from the beginning")
    ] = "cycle"
    type: Annotated[TaskKind | None, Meta(description="Only tasks of this type")] = None


class FlowDay(Struct, kw_only=True, frozen=True):
    """How much stood in each status at the end of a day; null where the log was cut since."""

    date: date
    statuses: dict[str, float] | None


class CumulativeFlow(Struct, kw_only=True, frozen=True):
    """A project's flow, day by day; `missing` says why there is none."""

    project_id: int
    as_of: date
    known_since: datetime | None
    definition: str
    measure: str
    missing: str
    statuses: list[str]
    days: list[FlowDay]


class TaskTime(Struct, kw_only=True, frozen=True):
    """A task that was done, with its time in days, and the rolling mean up to it."""

    task_id: int
    task: str
    type: str
    started_at: datetime
    done_at: datetime
    days: float
    rolling: float | None


class AgeingTask(Struct, kw_only=True, frozen=True):
    """A task that was taken up and is not done, and whether it is older than most ever were."""

    task_id: int
    task: str
    type: str
    status: str
    started_at: datetime
    days: float
    late: bool


class Bin(Struct, kw_only=True, frozen=True):
    """How many tasks took from so many days to less than so many."""

    least: float
    below: float
    tasks: int


class CycleTimes(Struct, kw_only=True, frozen=True):
    """How long a project's tasks took, with percentiles, limits, and what is still in work.

    `unknown` tasks were done, `ageing_unknown` are in work, and nobody knows since when.
    """

    project_id: int
    as_of: date
    first: date
    known_since: datetime | None
    definition: str
    kind: str
    missing: str
    percentiles: dict[int, float]
    mean: float | None
    lower: float | None
    upper: float | None
    unknown: int
    tasks: list[TaskTime]
    ageing: list[AgeingTask]
    ageing_unknown: int
    histogram: list[Bin]


@question(label="Cumulative flow", slow=True)
async def cumulative_flow(ctx: Context, ask: FlowAsk) -> CumulativeFlow:
    """How much of a project's work stood in each status at the end of each day."""
    project = await history.project_of(ctx, ask.project_id)
    first, last = span(ctx, ask.first, ask.last)
    at = history.until(ctx, last)
    begin = flow.night(first - timedelta(1), ctx.me.zone).astimezone(UTC)
    told, created, since = await history.of_project(ctx, project.id, at, begin)
    begun = min((flow.day_of(one, ctx.me.zone) for one in created.values()), default=last)
    days = flow.days_from(min(max(first, begun), last), last)
    counts = flow.cumulative(told, days, ctx.me.zone, ask.measure)
    known = [history.known(day, since, ctx.me.zone) for day in days]
    used = {status for one, sure in zip(counts, known, strict=True) if sure for status in one}
    return CumulativeFlow(
        project_id=project.id,
        as_of=last,
        known_since=since,
        definition=FLOW,
        measure=ask.measure,
        missing="" if used else NO_TASKS if known[-1] else LOST,
        statuses=[status for status in ORDER if status in used],
        days=[
            FlowDay(date=day, statuses=one if sure else None)
            for day, one, sure in zip(days, counts, known, strict=True)
            if used
        ],
    )


@question(label="Cycle times", slow=True)
async def cycle_times(ctx: Context, ask: TimesAsk) -> CycleTimes:
    """How many days the tasks that were done took, and how old those are that are in work."""
    project = await history.project_of(ctx, ask.project_id)
    first, last = span(ctx, ask.first, ask.last)
    at = history.until(ctx, last)
    told, created, since = await history.of_project(ctx, project.id, at)
    lost = since is not None and since > at
    done, ageing = ([], []) if lost else flow.lives(told, created, at)
    done = [one for one in done if first <= flow.day_of(one.done, ctx.me.zone)]
    done = [one for one in done if ask.type in (None, one.type)]
    ageing = [one for one in ageing if ask.type in (None, one.type)]
    timed = [(one, days) for one in done if (days := getattr(one, ask.kind)) is not None]
    limits = flow.control([days for _one, days in timed])
    shares = percentiles([days for _one, days in timed], PERCENTS) if timed else {}
    tasks = _timed(timed, limits, ask.kind)
    return CycleTimes(
        project_id=project.id,
        as_of=last,
        first=first,
        known_since=since,
        definition=CYCLE if ask.kind == "cycle" else LEAD,
        kind=ask.kind,
        missing="" if tasks else LOST if lost else NONE_KNOWN if done else NONE_DONE,
        percentiles=shares,
        mean=limits.mean if limits else None,
        lower=limits.lower if limits else None,
        upper=limits.upper if limits else None,
        unknown=len(done) - len(timed),
        tasks=tasks,
        ageing=_ageing(ageing, shares.get(85)),
        ageing_unknown=0 if lost else flow.in_work(told, at, ask.type) - len(ageing),
        histogram=[
            Bin(least=low, below=high, tasks=count)
            for low, high, count in flow.histogram([days for _one, days in timed])
        ],
    )


def _timed(
    timed: Sequence[tuple[flow.Finished, float]], limits: flow.Control | None, kind: str
) -> list[TaskTime]:
    return [
        TaskTime(
            task_id=one.task,
            task=one.title,
            type=one.type,
            started_at=begun,
            done_at=one.done,
            days=days,
            rolling=limits.rolling[place] if limits else None,
        )
        for place, (one, days) in enumerate(timed)
        if (begun := one.started if kind == "cycle" else one.created)
    ]


def _ageing(found: Sequence[flow.Ageing], old: float | None) -> list[AgeingTask]:
    """Mark what is older in work than the time that most tasks ever took."""
    return [
        AgeingTask(
            task_id=one.task,
            task=one.title,
            type=one.type,
            status=one.status,
            started_at=one.started,
            days=one.age,
            late=old is not None and one.age > old,
        )
        for one in found
    ]


def span(ctx: Context, first: date | None, last: date | None) -> tuple[date, date]:
    """Return the days that are asked for, or the usual ones; refuse those that make no sense."""
    near(first=first, last=last)
    end = last or ctx.today
    if end > ctx.today:
        raise invalid("last", "must not be after today; what is to come is a forecast's matter")
    begin = first or end - timedelta(USUAL)
    if begin > end:
        raise invalid("first", "must not be after the last day")
    if (end - begin).days > LONGEST:
        raise invalid("first", f"must be at most {LONGEST} days before the last day")
    return begin, end
