"""From tasks and links to a schedule: what is settled, what may move, and what holds what."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from graphlib import CycleError, TopologicalSorter
from math import ceil
from typing import Literal

from msgspec import Struct

from mainstay.modules.planning.calendars import Calendars, hours_a_day
from mainstay.scheduling import (
    Calendar,
    CircularLinks,
    DateSchedule,
    Link,
    as_date,
    find_circle,
    schedule_dates,
)

BEGUN = ("in_progress", "review", "testing", "blocked")
LEAVES_FINISH = ("finish_to_start", "finish_to_finish")
HOLDS_FINISH = ("finish_to_finish", "start_to_finish")
HOLDS_START = ("finish_to_start", "start_to_start")
LEAVES_START = ("start_to_start", "start_to_finish")
Standing = Literal["done", "begun", "fixed", "open"]
Days = tuple[date, date]


class Work(Struct, kw_only=True):
    """What planning reads of a task."""

    id: int
    version: int
    project_id: int
    code: str
    title: str
    status: str
    start_date: date | None = None
    due_date: date | None = None
    duration_days: int | None = None
    not_before: date | None = None
    fixed_dates: bool = False
    estimated_hours: float | None = None
    remaining_hours: float | None = None
    completed: date | None = None
    milestone_id: int | None = None
    parent_id: int | None = None
    priority: str = "medium"

    @property
    def standing(self) -> Standing:
        """Return whether it is over, under way, fixed by hand, or free to be planned."""
        if self.status == "done":
            return "done"
        if self.fixed_dates and (self.start_date or self.due_date):
            return "fixed"
        return "begun" if self.status in BEGUN else "open"

    @property
    def label(self) -> str:
        """Return what it is called."""
        return f"{self.code} {self.title}".strip()


class Wait(Struct, frozen=True):
    """A link between two tasks, as it is stored."""

    id: int
    version: int
    earlier: int
    later: int
    type: str
    lag: int


@dataclass(frozen=True)
class Terms:
    """What a schedule goes by: today, the calendar, from when on, and what of the plan is kept."""

    today: date
    calendar: Calendar
    hours: float
    start: date
    keep: bool = False


def terms(
    calendars: Calendars, calendar_id: int | None, start: date | None, *, keep: bool = False
) -> Terms:
    """Return the terms of a project that begins on a day, or today when that has passed."""
    today, week = calendars.today, calendars.week(calendar_id)
    return Terms(
        today=today,
        calendar=calendars.of(calendar_id),
        hours=hours_a_day(week),
        start=max(start or today, today),
        keep=keep,
    )


def length(work: Work, by: Terms) -> int:
    """Return a task's working days: as said, by its dates, by its estimate, or one."""
    if work.duration_days is not None:
        return work.duration_days
    if work.start_date and work.due_date:
        return max(1, by.calendar.working_days_between(work.start_date, work.due_date))
    if work.estimated_hours:
        return max(1, ceil(round(work.estimated_hours / by.hours, 6)))
    return 1


def settled(work: Work, by: Terms) -> Days | None:
    """Return the days of a task that no link moves: done, under way or fixed; None if it moves."""
    state, days = work.standing, length(work, by)
    if state == "open":
        return None
    if state == "done":
        last = work.completed or work.due_date or work.start_date or by.today
        return min(work.start_date or last, last), last
    if state == "begun":
        first = min(work.start_date or by.today, by.today)
        return first, max(by.calendar.finish_of(first, days), by.today)
    return span(work.start_date, work.due_date, days, by.calendar)


def span(first: date | None, last: date | None, days: int, calendar: Calendar) -> Days:
    """Return both days of a task of which one at least is known."""
    if first is None:
        assert last is not None
        return calendar.start_of(last, days), last
    return first, last or calendar.finish_of(first, days)


def ready(kind: str, lag: int, earlier: Days, days: int, calendar: Calendar) -> date:
    """Return the first day on which a task may begin by one link, given the earlier one's days."""
    leaves, holds = kind in LEAVES_FINISH, kind in HOLDS_FINISH
    day = earlier[1].toordinal() + 1 if leaves else earlier[0].toordinal()
    if lag:
        day = calendar.day(calendar.before(day) + lag - 1) + 1
    if not days:
        return as_date(day - 1 if leaves or holds else day)
    count = calendar.before(day - 1) + 1 - days if holds else calendar.before(day)
    return as_date(calendar.day(count))


def finish(first: date, days: int, calendar: Calendar) -> date:
    """Return the last day of a task; one without a length is over on its day."""
    return calendar.finish_of(first, days) if days else first


# ---- the network of one project ----


@dataclass
class Network:
    """What is handed to the algorithm, and what stands firm beside it.

    `nightly` are the tasks without a length that wait for something: they stand at the end of a
    day, which is the morning of the next one to the algorithm. `evenings` are those of them that
    something settled holds to its last evening.
    """

    durations: dict[int, int] = field(default_factory=dict)
    links: list[Link[int]] = field(default_factory=list)
    earliest: dict[int, date] = field(default_factory=dict)
    firm: dict[int, Days] = field(default_factory=dict)
    parts: dict[int, list[int]] = field(default_factory=dict)
    nightly: set[int] = field(default_factory=set)
    evenings: set[int] = field(default_factory=set)


@dataclass
class Planned:
    """A project's schedule: the algorithm's answer, and the days of every task."""

    network: Network
    answer: DateSchedule[int]
    days: dict[int, Days]


def plan(
    works: Mapping[int, Work], waits: Iterable[Wait], others: Mapping[int, Work], by: Terms
) -> Planned:
    """Schedule a project's tasks; `others` are those of other projects, whose dates stand."""
    waits = list(waits)
    try:
        network, answer = _planned(works, waits, others, by, nested=True)
    except CircularLinks:
        # What a task waits for, its parts wait for too: that may close a circle where the links
        # by themselves close none. Then they count as they are written.
        network, answer = _planned(works, waits, others, by, nested=False)
    days = dict(network.firm)
    days |= {key: (one.first_day, one.last_day) for key, one in answer.activities.items()}
    for task in network.evenings & answer.mornings:
        if days[task][0] == network.earliest[task]:
            days[task] = (as_date(days[task][0].toordinal() - 1),) * 2
    around(network, days)
    return Planned(network, answer, days)


def around(network: Network, days: dict[int, Days]) -> None:
    """Let each task with parts begin with the first of them."""
    for parent in from_below(network.parts):
        firsts = [days[part][0] for part in network.parts[parent] if part in days]
        if parent in network.durations and firsts:
            days[parent] = min(firsts), days[parent][1]


def movable(
    works: Mapping[int, Work], waits: Iterable[Wait], others: Mapping[int, Work], by: Terms
) -> Network:
    """Return the network of the tasks that may move; what is settled only holds them."""
    waits, nested = list(waits), True
    while True:
        network = _network(works, others, by, nested=nested)
        for task in network.firm.keys() & network.durations.keys():
            del network.durations[task], network.earliest[task]
        for link in inside(network.parts, waits) if nested else waits:
            _tie(network, link, by)
        if not nested or find_circle(network.links) is None:
            return network
        nested = False


def _planned(
    works: Mapping[int, Work],
    waits: list[Wait],
    others: Mapping[int, Work],
    by: Terms,
    *,
    nested: bool,
) -> tuple[Network, DateSchedule[int]]:
    network = _network(works, others, by, nested=nested)
    for link in inside(network.parts, waits) if nested else waits:
        _tie(network, link, by)
    first = min((*network.earliest.values(), by.start))
    answer = schedule_dates(
        network.durations, network.links, first, calendar=by.calendar, earliest=network.earliest
    )
    return network, answer


def _network(
    works: Mapping[int, Work], others: Mapping[int, Work], by: Terms, *, nested: bool
) -> Network:
    network = Network()
    for work in others.values():
        if work.start_date or work.due_date or work.status == "done":
            network.firm[work.id] = stands(work, by)
    network.parts = parts_of(works) if nested else {}
    for work in works.values():
        if work.status == "cancelled":
            continue
        days = settled(work, by)
        if days is None:
            network.durations[work.id] = 0 if work.id in network.parts else length(work, by)
            network.earliest[work.id] = earliest(work, by)
        elif work.standing == "done":
            network.firm[work.id] = days
        else:
            network.durations[work.id] = max(1, by.calendar.working_days_between(*days))
            network.earliest[work.id] = days[0]
            network.firm[work.id] = days
    return network


def parts_of(works: Mapping[int, Work]) -> dict[int, list[int]]:
    """Return which tasks have parts, and which these are; what is dropped is no part."""
    found: dict[int, list[int]] = {}
    for work in works.values():
        parent = work.parent_id
        if parent is not None and parent in works and work.status != "cancelled":
            found.setdefault(parent, []).append(work.id)
    return found


def stands(work: Work, by: Terms) -> Days:
    """Return the days of a task as it is planned, or as it was done."""
    done = settled(work, by) if work.standing == "done" else None
    return done or span(work.start_date, work.due_date, length(work, by), by.calendar)


def earliest(work: Work, by: Terms) -> date:
    """Return the first day on which an open task may begin, but for its links."""
    kept = work.start_date if by.keep else None
    if by.keep and kept is None and work.due_date:
        kept = by.calendar.start_of(work.due_date, length(work, by))
    return max(by.start, work.not_before or by.start, kept or by.start)


def _tie(network: Network, wait: Wait, by: Terms) -> None:
    """Let one link hold its later task; what is settled is held by nothing."""
    later, earlier = wait.later, wait.earlier
    if later not in network.durations or later in network.firm:
        return
    days = network.durations[later]
    if earlier in network.durations:
        network.links.append(Link(earlier, later, wait.type, wait.lag))
    elif earlier in network.firm:
        day = ready(wait.type, wait.lag, network.firm[earlier], days, by.calendar)
        night = not days and wait.type != "start_to_start"
        day = as_date(day.toordinal() + night)
        if day > network.earliest[later]:
            network.earliest[later] = day
            network.evenings.discard(later)
        if night and day == network.earliest[later]:
            network.evenings.add(later)
    if not days:
        network.nightly.add(later)


def inside(parts: Mapping[int, list[int]], waits: Iterable[Wait]) -> Iterator[Wait]:
    """Yield the links as they hold where tasks have parts.

    A task with parts ends with the last of them, and what it waits for, its parts wait for too.
    """
    for parent, below in parts.items():
        for part in below:
            yield Wait(0, 0, part, parent, "finish_to_finish", 0)
    for wait in waits:
        if wait.earlier not in parts and wait.later not in parts:
            yield wait
            continue
        laters = _ends(parts, wait.later) if wait.type in HOLDS_START else [wait.later]
        earliers = _ends(parts, wait.earlier) if wait.type in LEAVES_START else [wait.earlier]
        for earlier in earliers:
            for later in laters:
                if earlier != later:
                    yield Wait(wait.id, wait.version, earlier, later, wait.type, wait.lag)


def _ends(parts: Mapping[int, list[int]], task: int) -> list[int]:
    """Return the innermost parts of a task, or the task itself where it has none."""
    found, open_, seen = [], [task], {task}
    while open_:
        one = open_.pop()
        below = [part for part in parts.get(one, ()) if part not in seen]
        seen.update(below)
        open_ += below
        if not parts.get(one):
            found.append(one)
    return found


def from_below(parts: Mapping[int, list[int]]) -> list[int]:
    """Return the tasks with parts, those inside others first."""
    try:
        order = TopologicalSorter(dict(parts)).static_order()
        return [task for task in order if task in parts]
    except CycleError:
        return list(parts)
