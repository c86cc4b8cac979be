"""The search for a short schedule: priority rules, sampling, and a genetic search.

After Valls, Ballestin and Quintanilla (a hybrid genetic algorithm, 2008) and their double
justification (2005), on the serial schedule generation of Kolisch (1996): schedules are the
genes, a child takes one parent's order within a stretch of time and the other's around it, and
every schedule is pushed to its end and back to its start, which seldom fails to shorten it.
"""

import random
import time
from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mainstay.scheduling.bounds import heads, tails
from mainstay.scheduling.graph import K
from mainstay.scheduling.problem import Problem
from mainstay.scheduling.serial import (
    Starts,
    earliest_first,
    in_finish_order,
    in_start_order,
    latest_first,
    period_by_period,
)

POPULATION = 80
# A child's activities of this share move by up to so many places.
MUTATED, JUMP = 0.05, 8
# The share of time in which a child follows one parent alone.
SHORT, LONG = 0.25, 0.75
# Sampling looks at so many of the activities that could come next.
LOOKED_AT = 32
# How much priorities weigh against latest starts, in turn.
WEIGHTS = (1000.0, 2.0, 1.0, 0.5, 0.25, 0.1)
# Keeps stretches of an order apart: more than any start.
APART = 1 << 40


@dataclass(slots=True)
class Search:
    """One search: its limits, its luck, and the best schedule so far."""

    plan: Problem[Any]
    bound: int
    most: int
    until: float | None
    chance: random.Random
    starts: Starts | None = None
    length: int = APART
    tried: int = 0
    method: str = "priority rules"
    starts_in_order: bool = field(init=False)
    finishes_in_order: bool = field(init=False)

    def __post_init__(self) -> None:
        """Remember what decides how orders are read off a schedule."""
        self.starts_in_order = self.plan.starts_in_order
        self.finishes_in_order = self.plan.finishes_in_order

    @property
    def over(self) -> bool:
        """Say whether the search is done: nothing shorter can be, or its limit is reached."""
        if self.length <= self.bound or self.tried >= self.most:
            return True
        return self.until is not None and time.monotonic() >= self.until

    def take(self, starts: Starts | None) -> Starts | None:
        """Count a schedule, and keep it if it is the shortest so far."""
        self.tried += 1
        if starts is not None and starts[-1] < self.length:
            self.starts, self.length = starts, starts[-1]
        return starts

    def improved(self, starts: Starts | None) -> Starts | None:
        """Push a schedule to its end and back to its start; it gets no longer by that."""
        if starts is None or self.over:
            return starts
        order = in_finish_order(self.plan, starts, settled=self.finishes_in_order)
        late = latest_first(self.plan, order, starts[-1])
        self.tried += 1
        if late is None:
            return starts
        order = in_start_order(self.plan, late, settled=self.starts_in_order)
        return self.take(earliest_first(self.plan, order)) or starts


def run(search: Search) -> None:
    """Search until the limit is reached or nothing shorter can be."""
    people = _first_generation(search)
    if search.over or len(people) < 2:
        return
    search.method = "genetic search with forward-backward improvement"
    chance, size = search.chance, len(people)
    known = {tuple(starts) for _, starts in people}
    while not search.over:
        one = min(chance.randrange(size), chance.randrange(size))
        two = min(chance.randrange(size), chance.randrange(size))
        if one == two:
            two = (one + 1 + chance.randrange(size - 1)) % size
        order = _child(search, people[one][1], people[two][1])
        starts = search.improved(search.take(earliest_first(search.plan, order)))
        if starts is None or starts[-1] > people[-1][0] or tuple(starts) in known:
            continue
        known.add(tuple(starts))
        people.pop()
        insort(people, (starts[-1], starts), key=lambda person: person[0])


def _first_generation(search: Search) -> list[tuple[int, Starts]]:
    """Schedule by each priority rule, and then by samples that the best rules bias."""
    plan = search.plan
    rules = _rules(plan)
    people: dict[tuple[int, ...], Starts] = {}
    size = max(4, min(POPULATION, search.most // 12))
    for count in range(2 * size):
        if search.over or len(people) >= size:
            break
        if count < len(rules):
            order = in_start_order(plan, rules[count], settled=False)
            starts = earliest_first(plan, order)
        elif count < len(rules) + 3:
            starts = period_by_period(plan, rules[count - len(rules)])
        else:
            starts = earliest_first(plan, _sampled(search, rules[count % 3]))
        starts = search.improved(search.take(starts))
        if starts is not None:
            people[tuple(starts)] = starts
    return sorted(((starts[-1], starts) for starts in people.values()), key=lambda one: one[0])


def _rules(plan: Problem[K]) -> list[list[float]]:
    """Return priority numbers, lowest first: LFT, LST, MTS, GRPW and slack."""
    soon, rest, lengths = heads(plan), tails(plan), plan.lengths
    latest = [-time for time in rest]
    finish = [time + length for time, length in zip(latest, lengths, strict=True)]
    after = [0] * len(lengths)
    for place in range(len(lengths) - 1, -1, -1):
        for other, _ in plan.holds[place]:
            after[place] |= after[other] | 1 << other
    weights = [
        length + sum(lengths[other] for other, _ in plan.holds[place])
        for place, length in enumerate(lengths)
    ]
    return [
        [float(value) for value in finish],
        [float(value) for value in latest],
        [-float(successors.bit_count()) for successors in after],
        [-float(weight) for weight in weights],
        [float(last - first) for first, last in zip(soon, latest, strict=True)],
    ]


def _sampled(search: Search, priorities: Sequence[float]) -> list[int]:
    """Draw an order: what may come next, the likelier the more one would regret to leave it."""
    plan, chance = search.plan, search.chance
    missing = [len(ties) for ties in plan.waits]
    ready = [place for place, count in enumerate(missing) if not count]
    order = []
    while ready:
        first = chance.randrange(len(ready)) if len(ready) > LOOKED_AT else 0
        seen = ready[first : first + LOOKED_AT]
        worst = max(priorities[place] for place in seen)
        weights = [worst - priorities[place] + 1 for place in seen]
        luck = chance.random() * sum(weights)
        pick = 0
        for pick, weight in enumerate(weights):  # noqa: B007
            luck -= weight
            if luck < 0:
                break
        place = seen[pick]
        ready[first + pick] = ready[-1]
        ready.pop()
        order.append(place)
        for other, _ in plan.holds[place]:
            missing[other] -= 1
            if not missing[other]:
                ready.append(other)
    return order


def _child(search: Search, one: Starts, two: Starts) -> list[int]:
    """Cross two schedules at a stretch of time and move a few activities; links stay respected."""
    chance, count = search.chance, len(one)
    whole = one[-1]
    stretch = int(whole * (SHORT + (LONG - SHORT) * chance.random()))
    since = int(chance.random() * (whole - stretch + 1))
    until = since + stretch
    inner, outer = (one, two) if chance.random() < 0.5 else (two, one)
    keys = [
        there if at < since else there + 2 * APART if at >= until else here + APART
        for at, here, there in zip(one, inner, outer, strict=True)
    ]
    places: list[float] = [0.0] * count
    for position, place in enumerate(sorted(range(count), key=keys.__getitem__)):
        places[place] = position
    for _ in range(int(count * MUTATED) or 1):
        places[int(chance.random() * count)] += (2 * chance.random() - 1) * JUMP
    return in_start_order(search.plan, places, settled=False)


def by_priority(plan: Problem[K], starts: Starts, priorities: Sequence[float]) -> Starts:
    """Return a schedule no longer than this one in which the important come first, if they can.

    Orders that follow the priorities alone, then ever less against the latest starts, are tried
    until one is short enough. Failing all, activities move one by one, the important first, to
    the earliest room that the schedule pushed to its end leaves them.
    """
    ranks = [-value for value in priorities]
    for place in range(len(ranks) - 1, -1, -1):
        for other, _ in plan.holds[place]:  # what an important one waits for is as important
            ranks[place] = min(ranks[place], ranks[other])
    order = in_finish_order(plan, starts, settled=plan.finishes_in_order)
    late = latest_first(plan, order, starts[-1]) or starts
    steps = {rank: step for step, rank in enumerate(sorted(set(ranks)))}
    height = starts[-1] / max(1, len(steps) - 1)
    for weight in WEIGHTS:
        keys = [
            weight * height * steps[rank] + time for rank, time in zip(ranks, late, strict=True)
        ]
        found = earliest_first(plan, in_start_order(plan, keys, settled=False))
        if found is not None and found[-1] <= starts[-1]:
            return found
    keys = [float(steps[rank]) for rank in ranks]
    return moved_forward(plan, late, in_start_order(plan, keys, settled=False))


def moved_forward(plan: Problem[K], starts: Starts, order: Sequence[int]) -> Starts:
    """Move activities one by one, in this order, to the earliest room the others leave."""
    use, starts = plan.profile.copy(), starts.copy()
    for place, need in enumerate(plan.needs):
        for period in range(starts[place], starts[place] + plan.lengths[place]) if need else ():
            use[period] += need
    for place in order:
        need, length = plan.needs[place], plan.lengths[place]
        now = starts[place]
        start = plan.release[place]
        for other, offset in plan.waits[place]:
            start = max(start, starts[other] + offset)
        if need:
            for period in range(now, now + length):
                use[period] -= need
            run_length = 0
            period = start
            while run_length < length:
                run_length = 0 if (use[period] + need) & plan.guard else run_length + 1
                period += 1
            start = period - length
            for period in range(start, start + length):
                use[period] += need
        starts[place] = start
    return starts
