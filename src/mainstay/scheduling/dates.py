"""The critical path in dates, over one working calendar or one for each activity."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, NamedTuple

from mainstay.scheduling.calendars import Calendar, as_date, whole_days
from mainstay.scheduling.graph import (
    HOLDS_FINISH,
    LEAVES_FINISH,
    Graph,
    K,
    Link,
    Number,
    known,
    numbered,
)


class DatedActivity(NamedTuple):
    """An activity's first and last day, early and late, and its slack in its own working days."""

    first_day: date
    last_day: date
    late_first_day: date
    late_last_day: date
    total_slack: int
    free_slack: int
    critical: bool


@dataclass(frozen=True, slots=True)
class DateSchedule(Generic[K]):
    """A network in dates: every activity's days, and which of them decide the last day.

    `mornings` are the milestones that fall on the beginning of their day, not on its end.
    """

    activities: dict[K, DatedActivity]
    first_day: date
    last_day: date
    working_days: int
    critical: tuple[K, ...]
    longest_path: tuple[K, ...]
    mornings: frozenset[K]

    def __getitem__(self, key: K) -> DatedActivity:
        """Return one activity's days."""
        return self.activities[key]


# One link seen from one of its ends: the other activity, whether the link leaves the earlier's
# finish, whether it holds the later's finish, and the lag in the later's working days.
Tie = tuple[int, bool, bool, int]


@dataclass(slots=True)
class _Plan(Generic[K]):
    """Days are ordinals. Work fills whole days: it begins on `starts`, is over before `ends`.

    A milestone has both in one point between two days; `mornings` are those that wait for
    nothing and so fall on the day after that point.
    """

    graph: Graph[K]
    lengths: list[int]
    calendars: list[Calendar]
    release: list[int]
    waits: list[list[Tie]]
    holds: list[list[Tie]]
    starts: list[int]
    ends: list[int]
    drivers: list[int]
    mornings: set[int]


def schedule_dates(
    durations: Mapping[K, Number],
    links: Iterable[Link[K]],
    start: date,
    *,
    calendar: Calendar | None = None,
    calendars: Mapping[K, Calendar] | None = None,
    earliest: Mapping[K, date] | None = None,
    deadline: date | None = None,
) -> DateSchedule[K]:
    """Schedule a network in dates; durations and lags count working days.

    `calendars` holds the activities that do not keep to `calendar`; a lag counts the later
    activity's working days. `earliest` holds activities that may not start before a day. A
    deadline moves the late days only; missed, it makes slack negative.
    """
    usual = calendar or Calendar()
    graph = numbered(durations, links)
    plan = _plan(graph, usual, calendars or {}, _release(graph, start, earliest or {}))
    _forward(plan)
    end = max(plan.ends, default=start.toordinal())
    ends, free = _backward(plan, end)
    slack = _slacks(plan, ends)
    critical = [loose <= 0 for loose in slack]
    if deadline is not None:
        ends, _ = _backward(plan, deadline.toordinal() + 1)
        slack = _slacks(plan, ends)
    keys = graph.keys
    found = [_dated(plan, n, ends[n], (slack[n], free[n]), critical[n]) for n in range(len(keys))]
    return _schedule(plan, found, usual, start)


def _release(graph: Graph[K], start: date, earliest: Mapping[K, date]) -> list[int]:
    release = [start.toordinal()] * len(graph.keys)
    for key, day in earliest.items():
        number = known(key, graph.numbers, "earliest")
        release[number] = max(release[number], day.toordinal())
    return release


def _plan(
    graph: Graph[K], usual: Calendar, calendars: Mapping[K, Calendar], release: list[int]
) -> _Plan[K]:
    count = len(graph.keys)
    own = [usual] * count
    for key, calendar in calendars.items():
        own[known(key, graph.numbers, "calendars")] = calendar
    lengths = [
        length if type(length) is int else whole_days(length, f"The duration of {key!r}")
        for key, length in zip(graph.keys, graph.durations, strict=True)
    ]
    waits: list[list[Tie]] = [[] for _ in range(count)]
    holds: list[list[Tie]] = [[] for _ in range(count)]
    for earlier, later, kind, lag in graph.arcs:
        if lag != int(lag):
            raise ValueError(
                f"The lag from {graph.keys[earlier]!r} to {graph.keys[later]!r} is {lag}; "
                "give whole working days."
            )
        leaves, into = kind in LEAVES_FINISH, kind in HOLDS_FINISH
        waits[later].append((earlier, leaves, into, int(lag)))
        holds[earlier].append((later, leaves, into, int(lag)))
    return _Plan(
        graph, lengths, own, release, waits, holds, [0] * count, [0] * count, [-1] * count, set()
    )


def _forward(plan: _Plan[K]) -> None:
    """Place every activity as early as what it waits for allows."""
    for number in plan.graph.order:
        if plan.lengths[number]:
            _place_work(plan, number)
        else:
            _place_milestone(plan, number)


def _place_work(plan: _Plan[K], number: int) -> None:
    length, before = plan.lengths[number], plan.calendars[number].before
    count, driver = before(plan.release[number]), -1
    for tie in plan.waits[number]:
        point = _point(plan, number, tie)
        ready = before(point - 1) + 1 - length if tie[2] else before(point)
        if ready > count or (ready == count and driver < 0):
            count, driver = ready, tie[0]
    day_of = plan.calendars[number].day
    plan.starts[number], plan.ends[number] = day_of(count), day_of(count + length - 1) + 1
    plan.drivers[number] = driver


def _place_milestone(plan: _Plan[K], number: int) -> None:
    """Place it in the point that what it waits for leads to, or on the morning it is held to."""
    calendar = plan.calendars[number]
    point, driver = calendar.day(calendar.before(plan.release[number])), -1
    morning = True
    for tie in plan.waits[number]:
        ready = _point(plan, number, tie)
        if ready < point:
            continue
        early = not tie[3] and _on_a_morning(plan, tie)
        morning = early or (morning and ready == point)
        driver = tie[0] if ready > point or driver < 0 else driver
        point = ready
    plan.starts[number] = plan.ends[number] = point
    plan.drivers[number] = driver
    if morning:
        plan.mornings.add(number)


def _on_a_morning(plan: _Plan[K], tie: Tie) -> bool:
    """Say whether a link leaves the beginning of a day, not the end of one."""
    earlier, leaves, _, _ = tie
    return earlier in plan.mornings or not (leaves or not plan.lengths[earlier])


def _point(plan: _Plan[K], number: int, tie: Tie) -> int:
    """Return the point a link leads to: the lag after the end of the earlier that it leaves.

    Where a finish waits for a start, the evening before that start is as good as its morning.
    """
    earlier, leaves, into, lag = tie
    point = plan.ends[earlier] if leaves else plan.starts[earlier]
    calendar = plan.calendars[number]
    if lag:
        return calendar.day(calendar.before(point) + lag - 1) + 1
    if into and plan.lengths[number] and _on_a_morning(plan, tie):
        calendar = plan.calendars[earlier]
        count = calendar.before(point)
        return calendar.day(count - 1) + 1 if count else point
    return point


def _backward(plan: _Plan[K], end: int) -> tuple[list[int], list[int]]:
    """Return the latest ends that keep the plan's end, and the free slacks against early days."""
    late_starts, late_ends, free = plan.starts.copy(), plan.ends.copy(), plan.starts.copy()
    for number in reversed(plan.graph.order):
        calendar, length = plan.calendars[number], plan.lengths[number]
        before, early = calendar.before, plan.ends[number]
        last = loose = before(end) if length else end
        for tie in plan.holds[number]:
            into, later = tie[2], tie[0]
            late = _latest(plan, number, tie, late_ends[later] if into else late_starts[later])
            soon = _latest(plan, number, tie, plan.ends[later] if into else plan.starts[later])
            last, loose = min(last, late), min(loose, soon)
        if length:
            free[number] = max(0, loose - before(early))
            late_starts[number] = calendar.day(last - length)
            late_ends[number] = calendar.day(last - 1) + 1
        else:
            # An evening and the next morning are the same to its calendar.
            last = early if last < early and before(last) == before(early) else last
            free[number] = max(0, before(loose) - before(early))
            late_starts[number] = late_ends[number] = last
    return late_ends, free


def _latest(plan: _Plan[K], number: int, tie: Tie, point: int) -> int:
    """Return the latest end from which a link does not lead beyond a point.

    It is a count of working days for work, and a point for a milestone.
    """
    later, leaves, into, lag = tie
    if lag:
        other = plan.calendars[later]
        point = other.day(other.before(point) - lag)
    length, before = plan.lengths[number], plan.calendars[number].before
    if not length:
        return point
    if leaves:
        return before(point)
    if into and not lag and plan.lengths[later]:
        return before(point) + length
    return before(point + 1) - 1 + length


def _slacks(plan: _Plan[K], late_ends: list[int]) -> list[int]:
    return [
        calendar.before(late) - calendar.before(soon)
        for calendar, late, soon in zip(plan.calendars, late_ends, plan.ends, strict=True)
    ]


def _dated(
    plan: _Plan[K], number: int, late_end: int, slack: tuple[int, int], critical: bool
) -> DatedActivity:
    start, end, length = plan.starts[number], plan.ends[number], plan.lengths[number]
    calendar = plan.calendars[number]
    if length:
        late = calendar.day(calendar.before(late_end) - length)
        days = (start, end - 1, late, late_end - 1)
    else:
        day = start if number in plan.mornings else start - 1
        late = day if late_end == end else calendar.day(calendar.before(late_end) - 1)
        late = max(day, late) if late_end > end else late
        days = (day, day, late, late)
    first, last, late_first, late_last = map(as_date, days)
    return DatedActivity(first, last, late_first, late_last, *slack, critical)


def _schedule(
    plan: _Plan[K], found: list[DatedActivity], usual: Calendar, start: date
) -> DateSchedule[K]:
    keys, order = plan.graph.keys, plan.graph.order
    critical = [number for number in order if found[number].critical]
    critical.sort(key=plan.starts.__getitem__)
    path = []
    end = max(plan.ends, default=0)
    number = next((n for n in reversed(order) if plan.ends[n] == end), -1)
    while number >= 0:
        path.append(number)
        number = plan.drivers[number]
    begin = usual.next_working_day(start)
    first = min((activity.first_day for activity in found), default=begin)
    last = max((activity.last_day for activity in found), default=begin)
    return DateSchedule(
        activities=dict(zip(keys, found, strict=True)),
        first_day=first,
        last_day=last,
        working_days=usual.working_days_between(first, last) if found else 0,
        critical=tuple(keys[number] for number in critical),
        longest_path=tuple(keys[number] for number in reversed(path)),
        mornings=frozenset(keys[number] for number in plan.mornings),
    )
