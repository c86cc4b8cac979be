"""When the open tasks will be done, by the project's own past and chance."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from msgspec import Meta, Struct

from mainstay.kernel.clock import today_in
from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import Conflict, invalid
from mainstay.modules.planning import scopes
from mainstay.scheduling import Calendar, Forecast, how_many, percentiles, when

LEAST = 5
WEEKS = 12
TRIALS = 10_000
PERCENTS = (50, 85, 95)
COLUMNS = 40
DEFINITION = (
    "Ten thousand times, working days are drawn by chance from those of the last weeks, each with "
    "as many finished tasks as it had, until the open ones are done; 85 percent means that it took "
    "so long or less in 85 of 100 draws. New tasks that are still to come are not counted."
)


class ForecastAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which project, by how many weeks of its past, and perhaps another number or day."""

    project_id: Annotated[int, Meta(ge=1, description="The project's id")]
    weeks: Annotated[int, Meta(ge=1, le=104, description="Of how many past weeks")] = WEEKS
    remaining: Annotated[
        Annotated[int, Meta(ge=1, le=100_000)] | None,
        Meta(description="Tasks left; the open ones when left out"),
    ] = None
    by: Annotated[
        date | None, Meta(description="Until when; the project's end, or four weeks, if left out")
    ] = None


class Chance(Struct, kw_only=True, frozen=True):
    """How sure it is that the open tasks are done by a day."""

    percent: int
    day: date
    working_days: int


class Share(Struct, kw_only=True, frozen=True):
    """In how many of the draws the last task was done in these days."""

    first: date
    last: date
    trials: int
    so_far: float


class Week(Struct, kw_only=True, frozen=True):
    """How many tasks were finished in one week of the past."""

    first: date
    finished: int


class Reach(Struct, kw_only=True, frozen=True):
    """How many tasks are at least done by a day, that surely."""

    percent: int
    tasks: int


class ProjectForecast(Struct, kw_only=True, frozen=True):
    """A project's forecast as of today; where its past is too short, `missing` says what lacks."""

    project_id: int
    as_of: date
    definition: str
    weeks: int
    first_day: date
    remaining: int
    finished: int
    per_week: float
    missing: str
    dates: list[Chance]
    by: date
    by_that_day: list[Reach]
    histogram: list[Share]
    past: list[Week]
    cycle: dict[int, float]
    cycle_tasks: int


@question(label="Forecast", slow=True)
async def forecast(ctx: Context, ask: ForecastAsk) -> ProjectForecast:
    """By which day the open tasks are done, and how many by a day, as likely as the past says."""
    project = await scopes.project_of(ctx, ask.project_id)
    calendar = (await scopes.calendars(ctx)).of(project.calendar_id)
    rows, open_count, begun = await scopes.finished_of(ctx, project.id)
    past = _past(ctx, rows, begun, ask.weeks, calendar)
    remaining = open_count if ask.remaining is None else ask.remaining
    soon, end = ctx.today + timedelta(weeks=4), project.end_date
    by = ask.by or (end if end and end > ctx.today else soon)
    if by <= ctx.today:
        raise invalid("by", "must be after today")
    finished = sum(past.values())
    missing = _missing(finished, remaining, ask.weeks) or ""
    seed = project.id * 1_000_003 + ctx.today.toordinal()
    counts = list(past.values())
    drawn = None
    if not missing:
        drawn = await scopes.aside(ctx, lambda: _drawn(remaining, counts, seed))
    days = calendar.working_days_between(ctx.today + timedelta(1), by)
    reach = _reach(days, counts, seed) if not missing else {}
    cycle = _cycle(ctx, rows, min(past, default=ctx.today), calendar)
    return ProjectForecast(
        project_id=project.id,
        as_of=ctx.today,
        definition=DEFINITION,
        weeks=ask.weeks,
        first_day=min(past, default=ctx.today),
        remaining=remaining,
        finished=finished,
        per_week=round(finished * 5 / len(past), 1) if past else 0.0,
        missing=missing,
        dates=_dates(drawn, ctx.today, calendar),
        by=by,
        by_that_day=[Reach(percent=p, tasks=n) for p, n in sorted(reach.items())],
        histogram=_histogram(drawn, ctx.today, calendar),
        past=_weekly(past),
        cycle={} if len(cycle) < LEAST else percentiles(cycle, PERCENTS),
        cycle_tasks=len(cycle),
    )


def _past(
    ctx: Context,
    rows: Sequence[Sequence[Any]],
    begun: datetime | None,
    weeks: int,
    calendar: Calendar,
) -> Mapping[date, int]:
    """Return how many tasks were finished on each past working day of the last weeks.

    What was finished on a free day counts for the working day before it; days before the project
    had any task do not count.
    """
    days = [today_in(ctx.me.zone, row[0]) for row in rows]
    first = ctx.today - timedelta(weeks=weeks)
    known = [today_in(ctx.me.zone, begun)] if begun else []
    known += [row[1] for row in rows if row[1]] + days[:1]
    first = max(first, min(known, default=ctx.today))
    found: dict[date, int] = {}
    day = calendar.next_working_day(first)
    while day < ctx.today:
        found[day] = 0
        day = calendar.next_working_day(day + timedelta(1))
    for done in days:
        worked = calendar.previous_working_day(min(done, ctx.today - timedelta(1)))
        if done >= first and worked in found:
            found[worked] += 1
    return found


def _missing(finished: int, remaining: int, weeks: int) -> str | None:
    """Say what a forecast lacks, or nothing."""
    if not remaining:
        return "No task is open, so there is nothing to forecast."
    if finished < LEAST:
        return (
            f"Only {finished} tasks were finished in the last {weeks} weeks. A forecast needs at "
            f"least {LEAST}, or it would be a guess. Look further back, or come again."
        )
    return None


def _drawn(remaining: int, past: Sequence[int], seed: int) -> Forecast:
    try:
        return when(remaining, past, trials=TRIALS, seed=seed, percents=PERCENTS)
    except ValueError as wrong:
        raise Conflict(f"There is no forecast: {wrong}") from None


def _reach(days: int, past: Sequence[int], seed: int) -> Mapping[int, int]:
    try:
        return how_many(days, past, trials=TRIALS, seed=seed, percents=PERCENTS).at
    except ValueError as wrong:
        raise invalid("by", f"is too far ahead: {wrong}") from None


def _dates(drawn: Forecast | None, today: date, calendar: Calendar) -> list[Chance]:
    if drawn is None:
        return []
    return [
        Chance(percent=percent, day=_day(days, today, calendar), working_days=days)
        for percent, days in sorted(drawn.at.items())
    ]


def _day(days: int, today: date, calendar: Calendar) -> date:
    """Return the day that is so many working days after today."""
    return calendar.finish_of(today + timedelta(1), days) if days else today


def _histogram(drawn: Forecast | None, today: date, calendar: Calendar) -> list[Share]:
    """Return in how many draws the end fell into each of some equal stretches of days."""
    if drawn is None or not drawn.histogram:
        return []
    low, high = min(drawn.histogram), max(drawn.histogram)
    step = max(1, -(-(high - low + 1) // COLUMNS))
    found, so_far = [], 0
    for first in range(low, high + 1, step):
        last = min(first + step - 1, high)
        trials = sum(drawn.histogram.get(days, 0) for days in range(first, last + 1))
        so_far += trials
        found.append(
            Share(
                first=_day(first, today, calendar),
                last=_day(last, today, calendar),
                trials=trials,
                so_far=round(so_far / drawn.trials, 4),
            )
        )
    return found


def _weekly(past: Mapping[date, int]) -> list[Week]:
    weeks: dict[date, int] = {}
    for day, count in past.items():
        monday = day - timedelta(day.weekday())
        weeks[monday] = weeks.get(monday, 0) + count
    return [Week(first=day, finished=count) for day, count in sorted(weeks.items())]


def _cycle(
    ctx: Context, rows: Sequence[Sequence[Any]], since: date, calendar: Calendar
) -> list[int]:
    """Return how many working days each task took that was finished since a day."""
    found = []
    for completed, start, _created in rows:
        day = today_in(ctx.me.zone, completed)
        if start and start <= day and day >= since:
            found.append(max(1, calendar.working_days_between(start, day)))
    return found
