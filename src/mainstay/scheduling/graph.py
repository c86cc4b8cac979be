"""Activities numbered in an order that every link respects, or the circle that forbids one."""

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)
Number = int | float

FINISH_TO_START = "finish_to_start"
START_TO_START = "start_to_start"
FINISH_TO_FINISH = "finish_to_finish"
START_TO_FINISH = "start_to_finish"

# In a huge tangle the search for a still shorter circle ends here, with the best one found.
MOST_STEPS = 1_000_000

# Which end of the earlier activity a link leaves, and which end of the later one it holds.
LEAVES_FINISH = {FINISH_TO_START, FINISH_TO_FINISH}
HOLDS_FINISH = {FINISH_TO_FINISH, START_TO_FINISH}
TYPES = {
    FINISH_TO_START: FINISH_TO_START,
    START_TO_START: START_TO_START,
    FINISH_TO_FINISH: FINISH_TO_FINISH,
    START_TO_FINISH: START_TO_FINISH,
    "FS": FINISH_TO_START,
    "SS": START_TO_START,
    "FF": FINISH_TO_FINISH,
    "SF": START_TO_FINISH,
}


class Link(NamedTuple, Generic[K]):
    """The later activity waits for the earlier one, plus the lag (less, if it is negative)."""

    earlier: K
    later: K
    type: str = FINISH_TO_START
    lag: Number = 0


class CircularLinks(ValueError):
    """The links lead in a circle; `path` names its activities, the first one again at the end."""

    def __init__(self, path: tuple[Hashable, ...]) -> None:
        super().__init__(
            f"The links lead in a circle: {' → '.join(map(str, path))}. Remove one of them."
        )
        self.path = path


class Arc(NamedTuple):
    """A link between numbered activities."""

    earlier: int
    later: int
    type: str
    lag: Number


@dataclass(frozen=True, slots=True)
class Graph(Generic[K]):
    """The activities by number, and a list of the numbers in which each comes after its earlier."""

    keys: list[K]
    numbers: dict[K, int]
    durations: list[Number]
    arcs: list[Arc]
    order: list[int]

    def offsets(self) -> list[Number]:
        """Return for each arc how long after the earlier's start the later may start."""
        durations = self.durations
        found: list[Number] = []
        for earlier, later, kind, offset in self.arcs:
            if kind in LEAVES_FINISH:
                offset += durations[earlier]  # noqa: PLW2901
            if kind in HOLDS_FINISH:
                offset -= durations[later]  # noqa: PLW2901
            found.append(offset)
        return found


def numbered(durations: Mapping[K, Number], links: Iterable[Link[K]]) -> Graph[K]:
    """Check the activities and links, number them, and put them in order."""
    keys = list(durations)
    numbers = {key: number for number, key in enumerate(keys)}
    lengths = list(durations.values())
    for key, length in zip(keys, lengths, strict=True):
        if finite(length, f"The duration of {key!r}") < 0:
            raise ValueError(f"The duration of {key!r} is negative ({length}); give 0 or more.")
    arcs = [_arc(link, numbers) for link in links]
    return Graph(keys, numbers, lengths, arcs, _order(keys, arcs))


def finite(value: Number, what: str) -> Number:
    """Return the value if it is a finite number, or refuse it by name."""
    try:
        if math.isfinite(value):
            return value
    except OverflowError:
        return value  # a whole number beyond the range of floats is finite
    except TypeError:
        pass
    raise ValueError(f"{what} must be a finite number, not {value!r}.")


def known(key: K, numbers: Mapping[K, int], where: str) -> int:
    """Return the number of an activity, or say where an unknown one was named."""
    try:
        return numbers[key]
    except (KeyError, TypeError):
        raise ValueError(f"{where} names {key!r}, which has no duration.") from None


def _arc(link: Link[K], numbers: dict[K, int]) -> Arc:
    earlier, later, kind, lag = link if type(link) is Link else Link(*link)
    if kind not in TYPES:
        raise ValueError(
            f"The link from {earlier!r} to {later!r} has the type {kind!r}; "
            f"use {FINISH_TO_START}, {START_TO_START}, {FINISH_TO_FINISH} or {START_TO_FINISH}."
        )
    if type(lag) is not int:
        finite(lag, f"The lag from {earlier!r} to {later!r}")
    where = f"The link from {earlier!r} to {later!r}"
    return Arc(known(earlier, numbers, where), known(later, numbers, where), TYPES[kind], lag)


def _order(keys: list[K], arcs: list[Arc]) -> list[int]:
    after: list[list[int]] = [[] for _ in keys]
    waits = [0] * len(keys)
    for earlier, later, _, _ in arcs:
        after[earlier].append(later)
        waits[later] += 1
    order = [number for number, count in enumerate(waits) if not count]
    for number in order:  # grows while it is walked
        for later in after[number]:
            waits[later] -= 1
            if not waits[later]:
                order.append(later)
    if len(order) < len(keys):
        circle = _shortest_circle({n: after[n] for n, count in enumerate(waits) if count})
        raise CircularLinks(tuple(keys[number] for number in circle))
    return order


def find_circle(links: Iterable[Link[K]]) -> tuple[K, ...] | None:
    """Return the shortest circle the links lead in, its first activity again at the end."""
    after: dict[K, list[K]] = {}
    for link in links:
        after.setdefault(link[0], []).append(link[1])
        after.setdefault(link[1], [])
    found = _shortest_circle(after)
    return tuple(found) if found else None


def _shortest_circle(after: Mapping[K, Iterable[K]]) -> list[K]:
    """Search from each activity in turn; one that was searched from is then left out."""
    rest = {key: set(others) for key, others in after.items()}
    before: dict[K, set[K]] = {key: set() for key in rest}
    for key, others in rest.items():
        for other in others:
            before[other].add(key)
    _leave_out([key for key in rest if not rest[key] or not before[key]], rest, before)
    best: list[K] = []
    steps = 0
    while rest and steps < MOST_STEPS:
        key = next(iter(rest))
        circle, walked = _circle_through(key, rest, len(best) - 2 if best else len(rest))
        best = circle or best
        steps += walked
        _leave_out([key], rest, before)
    return best


def _leave_out(keys: list[K], rest: dict[K, set[K]], before: dict[K, set[K]]) -> None:
    """Leave activities out, and then all that can lie on no circle any more."""
    while keys:
        key = keys.pop()
        if key not in rest:
            continue
        for other in rest.pop(key):
            if other in rest:
                before[other].discard(key)
                if not before[other]:
                    keys.append(other)
        for other in before.pop(key):
            if other in rest:
                rest[other].discard(key)
                if not rest[other]:
                    keys.append(other)


def _circle_through(key: K, after: Mapping[K, set[K]], longest: int) -> tuple[list[K], int]:
    """Return the shortest circle through an activity, of so many links at most, and the effort."""
    came: dict[K, K] = {}
    wave = [key]
    for _ in range(longest):
        following: list[K] = []
        for one in wave:
            if key in after[one]:
                way = [one]
                while way[-1] != key:
                    way.append(came[way[-1]])
                return [*reversed(way), key], len(came)
            for other in after[one]:
                if other not in came:
                    came[other] = one
                    following.append(other)
        wave = following
    return [], len(came)
