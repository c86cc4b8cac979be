"""What planning a project anew would bring: by links alone, or by what people have time for."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import Conflict
from mainstay.modules.planning import scopes
from mainstay.modules.planning.moving import Shift
from mainstay.modules.planning.plan import (
    Days,
    Network,
    Terms,
    Work,
    around,
    finish,
    length,
    movable,
    span,
)
from mainstay.modules.planning.questions.moved import Change, change_of
from mainstay.modules.planning.questions.schedule import planned_of, terms_of
from mainstay.modules.planning.years import counted, too_far
from mainstay.scheduling import (
    Calendar,
    Levelled,
    Link,
    NoDayLeft,
    SolverFailed,
    SolverMissing,
    level,
    solve,
)

How = Literal["schedule", "level", "solve"]
SHOWN = 500
MOST_SOLVED = 300
SOLVE_SECONDS = 8.0
KEPT = 40
NEARLY = 1e-6
PRIORITY = {"highest": 5, "high": 4, "medium": 3, "low": 2, "lowest": 1}
DEFINITION = (
    "A task takes its hours in equal parts on each of its working days, shared among its people; "
    "someone has too much to do in a week if on one of its days that is more than their hours of "
    "the day times their share for this project, less their days off. "
    "Work of the same people in other projects is not counted."
)
# Nobody's load is looked at farther ahead than the longest task takes.
AHEAD = 10_000
# What is placed on working days lies at most so many of them, some 380 years, ahead.
FARTHEST = 100_000
# Durations, links, what each task needs of whom, and what there is of each.
Wanted = tuple[
    dict[int, int],
    list[Link[int]],
    dict[int, dict[int, float]],
    dict[int, Sequence[float]],
]
# The solver stops by the clock, so what it found is kept: what was looked at is what is done.
_FOUND: OrderedDict[str, Levelled[int]] = OrderedDict()


class ReplanAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which project, from which day on, and how."""

    project_id: Annotated[int, Meta(ge=1, description="The project's id")]
    start: Annotated[
        date | None, Meta(description="No open task begins before it; today when left out")
    ] = None
    how: Annotated[
        How, Meta(description="By links alone, by people's hours, or so with the solver")
    ] = "schedule"


class Load(Struct, kw_only=True, frozen=True):
    """What one person has to do in one week, against the hours they have, before and after."""

    user_id: int
    name: str
    week: date
    capacity: float
    before: float
    after: float
    over_before: bool
    over_after: bool


class Replanned(Struct, kw_only=True, frozen=True):
    """What would move, and what that brings; `plan` names the state it was worked out from."""

    project_id: int
    as_of: date
    how: How
    start: date
    changes: list[Change]
    count: int
    unmoved: int
    end_before: date | None
    end_after: date | None
    lower_bound: date | None
    proven: bool
    method: str
    stretched: list[str]
    definition: str
    loads: list[Load]
    plan: str


@question(label="Plan anew", slow=True)
async def replanned(ctx: Context, ask: ReplanAsk) -> Replanned:
    """Which dates tasks would get by links, or by people's hours as well; nothing is changed."""
    _dates, answer = await worked_out(ctx, ask.project_id, ask.start, ask.how)
    return answer


async def worked_out(
    ctx: Context, project_id: int, start: date | None, how: How
) -> tuple[dict[int, tuple[date | None, date | None]], Replanned]:
    """Work out new dates of a project's open tasks; return those that differ, and what is said."""
    read = await scopes.plan_of(ctx, project_id)
    by = await terms_of(ctx, read, start)
    team = await team_of(ctx, read, by)
    verdict = Verdict()
    if how == "schedule":
        planned = await scopes.aside(ctx, lambda: planned_of(read, by))
        days = {t: planned.days[t] for t in planned.network.durations}
        days = {t: d for t, d in days.items() if t not in planned.network.firm}
    else:
        with counted(read.works, read.others, by):
            days, verdict = await scopes.aside(ctx, lambda: _levelled(read, by, team, how))
    now = {t: (w.start_date, w.due_date) for t, w in read.works.items()}
    dates: dict[int, tuple[date | None, date | None]] = {
        task: span_ for task, span_ in days.items() if now[task] != span_
    }
    return dates, await _answer(ctx, read, by, team, how, (days, dates), verdict)


# ---- people and their hours ----


@dataclass
class Team:
    """Who works on what, which part of a day each has for the project, and their calendars."""

    on: Mapping[int, Sequence[int]]
    share: Callable[[int], float]
    calendar: Callable[[int], Calendar]
    last_off: date
    names: Mapping[int, str] = field(default_factory=dict)

    def day(self, person: int, day: date, usual: Calendar) -> float:
        """Return what part of the project's working day a person has for it."""
        hours = usual.hours_on(day)
        own = min(self.calendar(person).hours_on(day), hours)
        return own / hours * self.share(person) if hours else 0.0


async def team_of(ctx: Context, read: scopes.Plan, by: Terms) -> Team:
    """Read who works on a project's tasks, and when they are there."""
    people = await scopes.people_of(ctx, read.project.id)
    on = await scopes.assigned(ctx, read.project.id)
    every = {person for who in on.values() for person in who}
    calendars = await scopes.calendars(ctx)
    offs = [off.last for off in calendars.offs if off.people & every]
    return Team(
        on=on,
        share=lambda person: people.get(person, 1.0),
        calendar=lambda person: calendars.of(read.project.calendar_id, person),
        last_off=max((*offs, by.start)),
        names=await scopes.names_of(ctx, every),
    )


def _need(work: Work, people: Sequence[int], days: int, by: Terms, team: Team) -> dict[int, float]:
    """Return what part of each working day a task takes of each of its people."""
    if work.duration_days == 0:
        return {}
    hours = work.remaining_hours if work.standing == "begun" else work.estimated_hours
    hours = work.estimated_hours if hours is None else hours
    if hours is None:
        return {person: team.share(person) for person in people}
    return {person: hours / len(people) / (max(days, 1) * by.hours) for person in people}


def _room(work: Work, people: Sequence[int], by: Terms, team: Team) -> int:
    """Return how many days a task takes so that none of its people does more than they can."""
    days = length(work, by)
    if not people or not work.estimated_hours or not days:
        return days
    least = min(team.share(person) for person in people)
    if least <= 0:
        name = next(team.names.get(p, "") for p in people if team.share(p) <= 0)
        raise Conflict(
            f"{name or 'Somebody'} works on {work.label} and has no share of their day for this "
            "project. Give them one on the page of its members, or let somebody else do it."
        )
    each = work.estimated_hours / len(people) / (by.hours * least)
    return max(days, ceil(round(each, 6)))


# ---- levelling ----


@dataclass
class Verdict:
    """How good a plan is known to be."""

    lower_bound: date | None = None
    proven: bool = False
    method: str = ""
    stretched: list[str] = field(default_factory=list)


def _levelled(
    read: scopes.Plan, by: Terms, team: Team, how: How
) -> tuple[dict[int, Days], Verdict]:
    """Place the open tasks on working days so that nobody has more to do than they can."""
    network = movable(read.works, read.waits, read.others, by)
    people = {t: team.on.get(t, ()) for t in network.durations if t not in network.parts}
    durations = dict(network.durations)
    verdict = Verdict()
    for task, who in people.items():
        wide = _room(read.works[task], who, by, team)
        if wide > durations[task]:
            verdict.stretched.append(read.works[task].label)
            durations[task] = wide
    needs = {t: _need(read.works[t], who, durations[t], by, team) for t, who in people.items()}
    begin = by.calendar.next_working_day(by.start)
    base = by.calendar.before(begin.toordinal())
    rooms = _rooms(read, network, by, team, base, {p for one in needs.values() for p in one})
    earliest = {
        task: max(0, by.calendar.before(day.toordinal()) - base)
        for task, day in network.earliest.items()
    }
    _refuse_far(read, network, (durations, earliest), by)
    found = _found(read, (durations, network.links, needs, rooms), earliest, by, how)
    days: dict[int, Days] = {}
    for task, at in found.starts.items():
        # What takes no time is over on the last day of what it waits for.
        back = 1 if at and not durations[task] and task in network.nightly else 0
        first = date.fromordinal(by.calendar.day(base + at - back))
        days[task] = first, finish(first, durations[task], by.calendar)
    inside = network.firm | days
    around(network, inside)
    days = {task: inside[task] for task in days}
    bound = max(0, found.lower_bound - 1)
    verdict.lower_bound = date.fromordinal(by.calendar.day(base + bound))
    verdict.proven, verdict.method = found.proven, found.method
    return days, verdict


def _refuse_far(
    read: scopes.Plan,
    network: Network,
    wanted: tuple[Mapping[int, int], Mapping[int, int]],
    by: Terms,
) -> None:
    """Refuse what would take or wait so long that it was mistyped; days are placed one by one."""
    durations, earliest = wanted
    for task, days in durations.items():
        if days > FARTHEST:
            raise too_far(read.works[task], read.works[task].due_date or by.start)
        if earliest[task] > FARTHEST:
            raise too_far(read.works[task], network.earliest[task])


def _found(
    read: scopes.Plan,
    problem: Wanted,
    earliest: Mapping[int, int],
    by: Terms,
    how: How,
) -> Levelled[int]:
    """Let the heuristic place the tasks, or the solver where it is asked for."""
    seed = read.project.id
    try:
        if how == "level":
            ranks = {t: PRIORITY.get(read.works[t].priority, 3) for t in problem[0]}
            return level(*problem, seed=seed, earliest=earliest, priorities=ranks)
        return _solved(read, problem, earliest, by)
    except (ValueError, SolverFailed) as wrong:
        raise Conflict(
            f"There is no such plan: {_named(str(wrong), read)} "
            "Give the task more days, fewer hours or more people."
        ) from None


def _solved(
    read: scopes.Plan, problem: Wanted, earliest: Mapping[int, int], by: Terms
) -> Levelled[int]:
    if len(problem[0]) > MOST_SOLVED:
        raise Conflict(f"The solver takes up to {MOST_SOLVED} open tasks. Level without it.")
    key = f"{read.mark} {by.start} {by.today}"
    if key not in _FOUND:
        try:
            _FOUND[key] = solve(
                *problem, seconds=SOLVE_SECONDS, seed=read.project.id, earliest=earliest
            )
        except SolverMissing:
            raise Conflict(
                'The solver is not installed. Install it with pip install "mainstay[solver]", '
                "or level without it."
            ) from None
        while len(_FOUND) > KEPT:
            _FOUND.popitem(last=False)
    return _FOUND[key]


def _named(words: str, read: scopes.Plan) -> str:
    """Return the words of a refusal with the task's name in the place of its id."""
    first, _, rest = words.partition(" ")
    work = read.works.get(int(first)) if first.isdecimal() else None
    return f"{work.label} {rest}" if work else words


def _rooms(
    read: scopes.Plan, network: Network, by: Terms, team: Team, base: int, people: set[int]
) -> dict[int, Sequence[float]]:
    """Return what part of each working day each person has, less what is settled already."""
    taken: dict[int, dict[int, float]] = {}
    for task, (first, last) in network.firm.items():
        work, who = read.works.get(task), team.on.get(task, ())
        if work is None or work.standing == "done" or not who:
            continue
        low, high = _counts(first, last, by)
        if high - base > FARTHEST:
            raise too_far(work, last)
        needs = _need(work, who, max(1, high - low), by, team)
        for person, need in needs.items():
            days = taken.setdefault(person, {})
            for at in range(max(low, base), high):
                days[at - base] = days.get(at - base, 0.0) + need
    off = min(by.calendar.before(team.last_off.toordinal() + 1) - base, FARTHEST)
    found: dict[int, Sequence[float]] = {}
    for person in people:
        used = taken.get(person, {})
        until = max(off, max(used, default=-1) + 1, 0)
        days_ = [date.fromordinal(by.calendar.day(base + at)) for at in range(until)]
        rooms = [
            max(0.0, team.day(person, day, by.calendar) - used.get(at, 0.0))
            for at, day in enumerate(days_)
        ]
        found[person] = [*rooms, team.share(person)]
    return found


def _counts(first: date, last: date, by: Terms) -> tuple[int, int]:
    """Return how many working days there are before some days, and up to their end."""
    before = by.calendar.before
    return before(first.toordinal()), before(last.toordinal() + 1)


# ---- what is said about it ----


async def _answer(
    ctx: Context,
    read: scopes.Plan,
    by: Terms,
    team: Team,
    how: How,
    found: tuple[dict[int, Days], dict[int, tuple[date | None, date | None]]],
    verdict: Verdict,
) -> Replanned:
    days, dates = found
    works = read.works
    was = {t: d for t, w in works.items() if (d := _present(w, by))}
    goes = was | days
    shifts = [
        Shift(works[t], (works[t].start_date, works[t].due_date), dates[t])
        for t in sorted(dates, key=lambda t: (dates[t], t))
    ]
    kept = msgspec.json.encode([read.mark, how, by.start, sorted(dates.items())])
    return Replanned(
        project_id=read.project.id,
        as_of=by.today,
        how=how,
        start=by.start,
        changes=[change_of(one, by) for one in shifts[:SHOWN]],
        count=len(shifts),
        unmoved=len(days) - len(shifts),
        end_before=max((last for _first, last in was.values()), default=None),
        end_after=max((last for _first, last in goes.values()), default=None),
        lower_bound=verdict.lower_bound,
        proven=verdict.proven,
        method=verdict.method,
        stretched=verdict.stretched,
        definition=DEFINITION,
        loads=loads(read, by, team, was, goes),
        plan=hashlib.sha256(kept).hexdigest()[:16],
    )


def _present(work: Work, by: Terms) -> Days | None:
    """Return the days of a task as it is planned now."""
    if work.status == "cancelled" or not (work.start_date or work.due_date):
        return None
    if work.standing == "done" and work.completed:
        return min(work.start_date or work.completed, work.completed), work.completed
    try:
        first, last = span(work.start_date, work.due_date, length(work, by), by.calendar)
    except NoDayLeft:  # at the ends of time, the one date that is known has to do
        first = last = work.start_date or work.due_date or by.today
    return first, max(first, last)


def loads(
    read: scopes.Plan,
    by: Terms,
    team: Team,
    was: Mapping[int, Days],
    goes: Mapping[int, Days],
) -> list[Load]:
    """Return each person's weeks in which they have too much to do, before or after."""
    before, after = (_spread(read, by, team, days) for days in (was, goes))
    weeks: dict[tuple[int, date], list[date]] = {}
    for person, day in before.keys() | after.keys():
        weeks.setdefault((person, day - timedelta(day.weekday())), []).append(day)
    found = []
    for (person, monday), days in weeks.items():
        over = [_over(each, person, days, by, team) for each in (before, after)]
        if not any(over):
            continue
        week = [monday + timedelta(n) for n in range(min(7, (date.max - monday).days + 1))]
        hours = {day: by.calendar.hours_on(day) for day in week}
        found.append(
            Load(
                user_id=person,
                name=team.names.get(person, ""),
                week=monday,
                capacity=round(sum(team.day(person, d, by.calendar) * hours[d] for d in week), 1),
                before=round(sum(before.get((person, d), 0.0) * hours[d] for d in week), 1),
                after=round(sum(after.get((person, d), 0.0) * hours[d] for d in week), 1),
                over_before=over[0],
                over_after=over[1],
            )
        )
    return sorted(found, key=lambda load: (load.week, load.name, load.user_id))


def _over(
    load: Mapping[tuple[int, date], float],
    person: int,
    days: Sequence[date],
    by: Terms,
    team: Team,
) -> bool:
    return any(
        load.get((person, day), 0.0) > team.day(person, day, by.calendar) + 2e-3 for day in days
    )


def _spread(
    read: scopes.Plan, by: Terms, team: Team, days: Mapping[int, Days]
) -> dict[tuple[int, date], float]:
    """Return what part of each coming working day each person has planned."""
    found: dict[tuple[int, date], float] = {}
    parents = {work.parent_id for work in read.works.values()}
    for task, (first, last) in days.items():
        work, people = read.works.get(task), team.on.get(task, ())
        if work is None or not people or task in parents or work.standing == "done":
            continue
        low, high = _counts(first, last, by)
        needs = _need(work, people, max(1, high - low), by, team)
        soonest = by.calendar.before(by.today.toordinal())
        for at in range(max(low, soonest), min(high, soonest + AHEAD)):
            day = date.fromordinal(by.calendar.day(at))
            for person, need in needs.items():
                found[person, day] = found.get((person, day), 0.0) + need
    return found
