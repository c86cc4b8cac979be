"""A levelling problem in the shape its searches run on: numbers, and limits packed into one."""

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from mainstay.scheduling.graph import K, Link, Number, finite, known, numbered

R = TypeVar("R", bound=Hashable)
Capacity = Number | Sequence[Number] | Callable[[int], Number]

# Shares like 0.5 or 0.125 become whole numbers exactly; others are rounded to thousandths,
# demands up and capacities down, so that a limit holds in any case.
SCALES = (1, 2, 4, 5, 8, 10, 20, 100, 1000)
NEARLY = 1e-9
# So many periods ahead a capacity given as a function is asked at most.
FARTHEST = 200_000

Ties = list[tuple[tuple[int, int], ...]]


class TooShort(ValueError):
    """The periods looked at have no room for an activity; more of them may."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One resource in whole numbers: each activity's demand, and the capacity of each period.

    The last capacity holds for ever. All are `scale` times what was given.
    """

    name: Hashable
    demands: dict[int, int]
    capacity: list[int]
    scale: int


@dataclass(frozen=True, slots=True)
class Problem(Generic[K]):
    """Activities numbered so that each comes after what it waits for; the last one is the end.

    `waits` and `holds` name the other activity and the least distance between the two starts.
    Each period's use of all resources is one whole number, a field of bits for each resource.
    A field starts at what the capacity leaves of it, so adding too much sets its highest bit:
    one addition and one mask (`guard`) answer for all resources at once.
    """

    keys: list[K]
    lengths: list[int]
    waits: Ties
    holds: Ties
    release: list[int]
    limits: list[Limit]
    needs: list[int]
    guard: int
    profile: list[int]

    @property
    def end(self) -> int:
        """The number of the activity that stands for the end."""
        return len(self.keys)

    @property
    def starts_in_order(self) -> bool:
        """Say whether nothing may start before what it waits for."""
        return all(offset >= 0 for ties in self.waits for _, offset in ties)

    @property
    def finishes_in_order(self) -> bool:
        """Say whether nothing may finish before what it waits for."""
        lengths = self.lengths
        return all(
            offset + lengths[later] >= lengths[earlier]
            for later, ties in enumerate(self.waits)
            for earlier, offset in ties
        )


def compiled(
    durations: Mapping[K, int],
    links: Iterable[Link[K]],
    demands: Mapping[K, Mapping[R, Number]],
    capacities: Mapping[R, Capacity],
    earliest: Mapping[K, int],
    look: int = 0,
) -> Problem[K]:
    """Check plain inputs and compile them; functions are asked for `look` more periods."""
    graph = numbered(durations, links)
    keys = [graph.keys[number] for number in graph.order]
    places = {key: place for place, key in enumerate(keys)}
    lengths = [whole(durations[key], f"The duration of {key!r}") for key in keys]
    arcs: dict[tuple[int, int], int] = {}
    for arc, distance in zip(graph.arcs, graph.offsets(), strict=True):
        earlier, later = graph.keys[arc.earlier], graph.keys[arc.later]
        offset = whole(distance, f"The lag from {earlier!r} to {later!r}")
        ends = places[earlier], places[later]
        arcs[ends] = max(arcs.get(ends, offset), offset)
    release = [0] * (len(keys) + 1)
    for key, time in earliest.items():
        place = known(key, places, "earliest")
        release[place] = max(0, whole(time, f"The earliest start of {key!r}"))
    lengths.append(0)
    waits, holds = _both_ways(lengths, arcs)
    horizon = 1 + max(release)
    for length, ties in zip(lengths, waits, strict=True):
        horizon += length + max([0, *(offset - lengths[one] for one, offset in ties)])
    limits = _limits(places, lengths, demands, _by_period(capacities, horizon, look))
    horizon += max((len(one.capacity) for one in limits), default=0)
    _check_room(keys, lengths, release, limits, horizon)
    needs, guard, profile = _packed(limits, len(lengths), horizon)
    return Problem(keys, lengths, waits, holds, release, limits, needs, guard, profile)


def whole(value: Number, what: str) -> int:
    """Return a number of periods, which must be whole."""
    if finite(value, what) != int(value):
        raise ValueError(f"{what} must be a whole number of periods, not {value!r}.")
    return int(value)


def _both_ways(lengths: list[int], arcs: Mapping[tuple[int, int], int]) -> tuple[Ties, Ties]:
    """Return what each activity waits for and what it holds up; the end waits for all."""
    waits: list[list[tuple[int, int]]] = [[] for _ in lengths]
    holds: list[list[tuple[int, int]]] = [[] for _ in lengths]
    outlasted = set()
    for (earlier, later), offset in arcs.items():
        waits[later].append((earlier, offset))
        holds[earlier].append((later, offset))
        if offset + lengths[later] >= lengths[earlier]:
            outlasted.add(earlier)
    end = len(lengths) - 1
    for place in range(end):
        if place not in outlasted:
            waits[end].append((place, lengths[place]))
            holds[place].append((end, lengths[place]))
    return [tuple(ties) for ties in waits], [tuple(ties) for ties in holds]


def _by_period(capacities: Mapping[R, Capacity], horizon: int, look: int) -> dict[R, list[Number]]:
    """Return each resource's capacity by period, as far as it is said or needed."""
    said = {
        name: list(value) if isinstance(value, Iterable) else [value]
        for name, value in capacities.items()
        if not callable(value)
    }
    for name, values in said.items():
        if not values:
            raise ValueError(f"The capacity of {name!r} is an empty list; give a number.")
    far = horizon + look + max(map(len, said.values()), default=0)
    return {
        name: [value(period) for period in range(far)] if callable(value) else said[name]
        for name, value in capacities.items()
    }


def _limits(
    places: Mapping[K, int],
    lengths: list[int],
    demands: Mapping[K, Mapping[R, Number]],
    capacities: Mapping[R, list[Number]],
) -> list[Limit]:
    """Return the resources that may run short, in whole numbers."""
    wanted: dict[R, dict[int, Number]] = {name: {} for name in capacities}
    for key, needs in demands.items():
        place = known(key, places, "demands")
        for name, need in needs.items():
            if name not in wanted:
                raise ValueError(f"{key!r} needs {name!r}, which has no capacity.")
            if finite(need, f"What {key!r} needs of {name!r}") < 0:
                raise ValueError(f"What {key!r} needs of {name!r} is negative ({need}).")
            if need and lengths[place]:
                wanted[name][place] = need
    return [_limit(name, needs, capacities[name]) for name, needs in wanted.items() if needs]


def _limit(name: Hashable, needs: Mapping[int, Number], capacity: list[Number]) -> Limit:
    for value in capacity:
        if finite(value, f"A capacity of {name!r}") < 0:
            raise ValueError(f"A capacity of {name!r} is negative ({value}).")
    values = {*needs.values(), *capacity}
    scale = next((one for one in SCALES if all(_nearly(one * value) for value in values)), 1000)
    return Limit(
        name,
        {place: math.ceil(need * scale - NEARLY) for place, need in needs.items()},
        [math.floor(value * scale + NEARLY) for value in capacity],
        scale,
    )


def _nearly(value: Number) -> bool:
    return abs(value - round(value)) <= NEARLY


def _check_room(
    keys: list[K], lengths: list[int], release: list[int], limits: list[Limit], horizon: int
) -> None:
    """Refuse an activity for which a resource never suffices, alone in the plan."""
    for limit in limits:
        spans: dict[int, list[tuple[int, int]]] = {}
        for place, need in limit.demands.items():
            if need not in spans:
                spans[need] = _spans(limit.capacity, need, horizon)
            length = lengths[place]
            if any(to - max(since, release[place]) >= length for since, to in spans[need]):
                continue
            most = max(limit.capacity)
            never = (
                f"never more than {most / limit.scale:g}"
                if need > most
                else f"never so much for {length} periods running"
            )
            raise TooShort(
                f"{keys[place]!r} needs {need / limit.scale:g} of {limit.name!r}, "
                f"and there is {never}. Lower the demand or raise the capacity."
            )


def _spans(capacity: list[int], need: int, horizon: int) -> list[tuple[int, int]]:
    """Return the spans of periods with enough capacity, last first (it is mostly long enough)."""
    spans = []
    since = None
    for period, value in enumerate(capacity):
        if value >= need:
            since = period if since is None else since
        elif since is not None:
            spans.append((since, period))
            since = None
    if since is not None:
        spans.append((since, max(horizon, len(capacity))))
    spans.reverse()
    return spans


def _packed(limits: list[Limit], count: int, horizon: int) -> tuple[list[int], int, list[int]]:
    """Pack demands, the mask of the highest bits, and each period's use before any work."""
    needs, profile = [0] * count, [0] * horizon
    guard = shift = 0
    for limit in limits:
        most = min(max(limit.capacity), sum(limit.demands.values()))
        width = most.bit_length()
        room = (1 << width) - 1
        for place, need in limit.demands.items():
            needs[place] |= need << shift
        taken = [(room - min(value, most)) << shift for value in limit.capacity]
        taken += taken[-1:] * (horizon - len(taken))
        profile = [one | other for one, other in zip(profile, taken, strict=False)]
        guard |= 1 << (shift + width)
        shift += width + 1
    return needs, guard, profile
