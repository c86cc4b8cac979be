"""The critical path of an activity network: forward and backward pass, total and free slack."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple

from mainstay.scheduling.graph import Graph, K, Link, Number, finite, known, numbered

# Sums of fractions differ in their last digits; a slack below this share of the plan is none.
ROUNDING = 1e-9


class Activity(NamedTuple):
    """When an activity can and must start and finish, and how far it may slip.

    Total slack is what it may slip without moving the end of the plan (or missing the deadline),
    free slack what it may slip without moving any other activity from its early dates.
    """

    early_start: Number
    early_finish: Number
    late_start: Number
    late_finish: Number
    total_slack: Number
    free_slack: Number
    critical: bool


@dataclass(frozen=True, slots=True)
class Schedule(Generic[K]):
    """A scheduled network: every activity's dates, and which of them decide the end."""

    activities: dict[K, Activity]
    start: Number
    finish: Number
    length: Number
    critical: tuple[K, ...]
    longest_path: tuple[K, ...]

    def __getitem__(self, key: K) -> Activity:
        """Return one activity's dates."""
        return self.activities[key]


def critical_path(
    durations: Mapping[K, Number],
    links: Iterable[Link[K]] = (),
    *,
    start: Number = 0,
    earliest: Mapping[K, Number] | None = None,
    deadline: Number | None = None,
) -> Schedule[K]:
    """Schedule a network: as early as the links allow, and as late as its end (or deadline) allows.

    `earliest` holds activities that may not start before a time. A deadline moves the late dates
    only; missed, it makes slack negative. Whole numbers stay exact whole numbers.
    """
    graph = numbered(durations, links)
    first = finite(start, "The start")
    release = [first] * len(graph.keys)
    for key, time in (earliest or {}).items():
        number = known(key, graph.numbers, "earliest")
        release[number] = max(first, finite(time, f"The earliest start of {key!r}"))
    offsets = graph.offsets()
    early, drivers = _forward(graph, offsets, release)
    finishes = [time + length for time, length in zip(early, graph.durations, strict=True)]
    finish = max(finishes, default=first)
    late, free = _backward(graph, offsets, early, finish)
    shift = 0 if deadline is None else finite(deadline, "The deadline") - finish
    activities = _activities(graph, early, late, free, shift)
    longest = _longest_path(graph.order, finishes, finish, drivers)
    keys = graph.keys
    critical = [n for n in graph.order if activities[n].critical]
    critical.sort(key=early.__getitem__)
    return Schedule(
        activities=dict(zip(keys, activities, strict=True)),
        start=first,
        finish=finish,
        length=finish - first,
        critical=tuple(keys[number] for number in critical),
        longest_path=tuple(keys[number] for number in longest),
    )


def _forward(
    graph: Graph[K], offsets: list[Number], release: list[Number]
) -> tuple[list[Number], list[int]]:
    """Return early starts, and for each activity the one that holds it (-1: none does)."""
    waits: list[list[tuple[int, Number]]] = [[] for _ in graph.keys]
    for arc, offset in zip(graph.arcs, offsets, strict=True):
        waits[arc.later].append((arc.earlier, offset))
    early = release.copy()
    drivers = [-1] * len(early)
    for number in graph.order:
        time, driver = early[number], -1
        for earlier, offset in waits[number]:
            ready = early[earlier] + offset
            if ready > time or (ready == time and driver < 0):
                time, driver = ready, earlier
        early[number], drivers[number] = time, driver
    return early, drivers


def _backward(
    graph: Graph[K], offsets: list[Number], early: list[Number], finish: Number
) -> tuple[list[Number], list[Number]]:
    """Return late starts that keep the finish, and free slacks."""
    holds: list[list[tuple[int, Number]]] = [[] for _ in graph.keys]
    for arc, offset in zip(graph.arcs, offsets, strict=True):
        holds[arc.earlier].append((arc.later, offset))
    late = [finish - length for length in graph.durations]
    free = [time - soon for time, soon in zip(late, early, strict=True)]
    for number in reversed(graph.order):
        time, slack, soon = late[number], free[number], early[number]
        for later, offset in holds[number]:
            time = min(time, late[later] - offset)
            slack = min(slack, early[later] - offset - soon)
        late[number], free[number] = time, slack
    return late, free


def _activities(
    graph: Graph[K], early: list[Number], late: list[Number], free: list[Number], shift: Number
) -> list[Activity]:
    exact = all(type(value) is int for value in (*early, *late))
    least = 0.0 if exact else ROUNDING * max(map(abs, (*early, *late)))
    found = []
    for length, soon, last, loose in zip(graph.durations, early, late, free, strict=True):
        slack = last - soon
        if not exact and slack <= least:
            slack, last = 0, soon  # noqa: PLW2901
        loose = 0 if loose <= least else loose  # noqa: PLW2901
        last += shift  # noqa: PLW2901
        found.append(
            Activity(soon, soon + length, last, last + length, slack + shift, loose, slack == 0)
        )
    return found


def _longest_path(
    order: list[int], finishes: list[Number], finish: Number, drivers: list[int]
) -> list[int]:
    path = []
    number = next((n for n in reversed(order) if finishes[n] == finish), -1)
    while number >= 0:
        path.append(number)
        number = drivers[number]
    path.reverse()
    return path
