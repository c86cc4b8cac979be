"""Resource levelling: starts that respect links and capacities and end as soon as can be found."""

import random
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic

from mainstay.scheduling.bounds import lower_bound
from mainstay.scheduling.graph import K, Link, Number, finite, known
from mainstay.scheduling.problem import FARTHEST, Capacity, Problem, R, TooShort, compiled
from mainstay.scheduling.search import Search, by_priority, run

# Placing one activity is the unit of effort; so many take a second or so.
EFFORT = 1_200_000
FEWEST, MOST = 60, 30_000


@dataclass(frozen=True, slots=True)
class Levelled(Generic[K]):
    """A levelled plan: the starts and finishes in periods, and how good it is known to be.

    No plan is shorter than `lower_bound`; `proven` says that this one is as short as that.
    """

    starts: dict[K, int]
    finishes: dict[K, int]
    makespan: int
    lower_bound: int
    proven: bool
    method: str
    schedules: int


def level(  # noqa: PLR0913 - each is a plain input of its own
    durations: Mapping[K, int],
    links: Iterable[Link[K]],
    demands: Mapping[K, Mapping[R, Number]],
    capacities: Mapping[R, Capacity],
    *,
    seed: int = 0,
    schedules: int | None = None,
    seconds: float | None = None,
    earliest: Mapping[K, int] | None = None,
    priorities: Mapping[K, Number] | None = None,
) -> Levelled[K]:
    """Find starts so that no period needs more than there is, and the end comes early.

    Durations, lags and `earliest` count whole periods from 0. A capacity is a number, a sequence
    by period (its last value holds on) or a function of the period. The same input, seed and
    number of schedules give the same plan; `seconds` stops the search by time instead.
    Priorities (higher is more important) decide who comes first, never at the cost of the end.
    """
    plan = prepared(durations, links, demands, capacities, earliest or {})
    search = Search(
        plan=plan,
        bound=lower_bound(plan),
        most=_most(plan, schedules, seconds),
        until=None if seconds is None else time.monotonic() + seconds,
        chance=random.Random(seed),  # noqa: S311 - luck for a search, not for secrets
    )
    run(search)
    if search.starts is None:
        raise ValueError(
            "No plan was found: the capacities end or pause too early for all activities. "
            "Raise a capacity, or let its last value be enough."
        )
    starts = search.starts
    if priorities:
        starts = preferring(plan, starts, priorities)
    return levelled(plan, starts, search.bound, search.method, search.tried)


def prepared(
    durations: Mapping[K, int],
    links: Iterable[Link[K]],
    demands: Mapping[K, Mapping[R, Number]],
    capacities: Mapping[R, Capacity],
    earliest: Mapping[K, int],
) -> Problem[K]:
    """Compile plain inputs, asking functions for more periods until there is room."""
    links = list(links)
    look = 0
    while True:
        try:
            return compiled(durations, links, demands, capacities, earliest, look)
        except TooShort:
            if look >= FARTHEST or not any(map(callable, capacities.values())):
                raise
            look = max(1000, 8 * look)


def levelled(
    plan: Problem[K], starts: list[int], bound: int, method: str, schedules: int
) -> Levelled[K]:
    """Return a schedule by the names it was asked with."""
    found = dict(zip(plan.keys, starts, strict=False))
    return Levelled(
        starts=found,
        finishes={key: start + plan.lengths[at] for at, (key, start) in enumerate(found.items())},
        makespan=starts[-1],
        lower_bound=bound,
        proven=starts[-1] <= bound,
        method=method,
        schedules=schedules,
    )


def _most(plan: Problem[K], schedules: int | None, seconds: float | None) -> int:
    if schedules is not None:
        if schedules < 1:
            raise ValueError(f"The number of schedules must be 1 or more, not {schedules}.")
        return schedules
    if seconds is not None:
        if not finite(seconds, "The number of seconds") > 0:
            raise ValueError(f"The number of seconds must be above 0, not {seconds}.")
        return 1 << 60
    effort = len(plan.lengths) + sum(plan.lengths) // 10
    return max(FEWEST, min(MOST, EFFORT // effort))


def preferring(plan: Problem[K], starts: list[int], priorities: Mapping[K, Number]) -> list[int]:
    """Return a schedule as short in which the more important come first, where they can."""
    places = {key: place for place, key in enumerate(plan.keys)}
    values = [float("-inf")] * len(plan.lengths)
    values[:-1] = [0.0] * len(plan.keys)
    for key, value in priorities.items():
        values[known(key, places, "priorities")] = finite(value, f"The priority of {key!r}")
    return by_priority(plan, starts, values)
