"""Made-up activity networks with the knobs of the published ones (ProGen's parameters)."""

import random
from dataclasses import dataclass

from mainstay.scheduling.network import Link


@dataclass(frozen=True)
class Network:
    """One made-up instance: plain inputs of `level`."""

    durations: dict[int, int]
    links: list[Link[int]]
    demands: dict[int, dict[str, int]]
    capacities: dict[str, int]


def network(
    jobs: int,
    *,
    complexity: float = 1.8,
    factor: float = 0.5,
    strength: float = 0.5,
    resources: int = 4,
    seed: int = 0,
) -> Network:
    """Make a network: arcs a node, share of resources a job uses, scarcity (0 scarce, 1 ample)."""
    chance = random.Random(repr((jobs, complexity, factor, strength, resources, seed)))
    last = jobs + 1
    durations = {0: 0, last: 0} | {job: chance.randint(1, 10) for job in range(1, jobs + 1)}
    arcs = _arcs(chance, jobs, complexity)
    demands = _demands(chance, jobs, factor, [f"R{number + 1}" for number in range(resources)])
    links = [Link(one, other) for one, other in sorted(arcs)]
    capacities = _capacities(durations, arcs, demands, strength)
    return Network(durations, links, demands, capacities)


def _arcs(chance: random.Random, jobs: int, complexity: float) -> set[tuple[int, int]]:
    last = jobs + 1
    starts = min(3, jobs)
    after: dict[int, set[int]] = {job: set() for job in range(last + 1)}
    before: dict[int, set[int]] = {job: set() for job in range(last + 1)}

    def join(one: int, other: int) -> None:
        after[one].add(other)
        before[other].add(one)

    for job in range(1, starts + 1):
        join(0, job)
    for job in range(starts + 1, jobs + 1):
        open_ones = [one for one in range(max(1, job - jobs // 2), job) if len(after[one]) < 3]
        join(chance.choice(open_ones or list(range(1, job))), job)
    for job in range(1, jobs + 1):
        if not after[job]:
            later = [other for other in range(job + 1, jobs + 1) if len(before[other]) < 3]
            ends = job > jobs - 3 or not later
            join(job, last if ends else chance.choice(later[: jobs // 2]))
    wanted = int(complexity * (jobs + 2))
    count = sum(map(len, after.values()))
    for _ in range(50 * wanted):
        if count >= wanted:
            break
        one, other = sorted(chance.sample(range(1, jobs + 1), 2))
        full = len(after[one]) >= 3 or len(before[other]) >= 3
        if full or _reaches(after, one, other):
            continue
        join(one, other)
        count += 1
    return {(one, other) for one, others in after.items() for other in others}


def _reaches(after: dict[int, set[int]], one: int, other: int) -> bool:
    todo, seen = [one], {one}
    while todo:
        for later in after[todo.pop()]:
            if later == other:
                return True
            if later not in seen and later < other:
                seen.add(later)
                todo.append(later)
    return False


def _demands(
    chance: random.Random, jobs: int, factor: float, resources: list[str]
) -> dict[int, dict[str, int]]:
    pairs = [(job, resource) for job in range(1, jobs + 1) for resource in resources]
    chosen = set(chance.sample(pairs, round(factor * len(pairs))))
    for job in range(1, jobs + 1):
        if not any((job, resource) in chosen for resource in resources):
            chosen.add((job, chance.choice(resources)))
    return {
        job: {name: chance.randint(1, 10) for name in resources if (job, name) in chosen}
        for job in range(1, jobs + 1)
    }


def _capacities(
    durations: dict[int, int],
    arcs: set[tuple[int, int]],
    demands: dict[int, dict[str, int]],
    strength: float,
) -> dict[str, int]:
    starts = dict.fromkeys(durations, 0)
    for one, other in sorted(arcs):
        starts[other] = max(starts[other], starts[one] + durations[one])
    capacities = {}
    for resource in sorted({name for needs in demands.values() for name in needs}):
        usage: dict[int, int] = {}
        for job, needs in demands.items():
            for period in range(starts[job], starts[job] + durations[job]):
                usage[period] = usage.get(period, 0) + needs.get(resource, 0)
        least = max(needs.get(resource, 0) for needs in demands.values())
        most = max(usage.values())
        capacities[resource] = least + round(strength * max(0, most - least))
    return capacities
