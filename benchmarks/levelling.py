"""Levelling against optima and the solver, on made-up networks with the knobs of PSPLIB.

Run: `python -m benchmarks.levelling [30 60 120] [--solver 60]`. Without the solver, plans are held
against the critical path and the lower bound only.
"""

import argparse
import itertools
import statistics
import time
from dataclasses import dataclass

from mainstay.scheduling import Levelled, critical_path, level, solve
from tests.scheduling.networks import Network, network

# Jobs: resource strengths (0 scarce, 1 ample) and complexities (arcs a job).
SETS = {
    30: ((0.2, 0.5, 0.7, 1.0), (1.5, 1.8, 2.1)),
    60: ((0.2, 0.5, 0.7), (1.8,)),
    120: ((0.1, 0.2, 0.3, 0.4, 0.5), (1.8,)),
}
FACTORS = (0.25, 0.5, 0.75, 1.0)


@dataclass
class Row:
    """One network's plan: its length against what is known."""

    path: int
    plan: Levelled[int]
    seconds: float
    best: Levelled[int] | None


def measured(made: Network, solver: float | None) -> Row:
    """Level one network, by the solver too if asked."""
    inputs = made.durations, made.links, made.demands, made.capacities
    began = time.process_time()
    plan = level(*inputs)
    took = time.process_time() - began
    best = None if solver is None else solve(*inputs, seconds=solver, workers=2)
    return Row(critical_path(made.durations, made.links).length, plan, took, best)


def main() -> None:
    """Print a line for each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("jobs", nargs="*", type=int, default=list(SETS))
    parser.add_argument("--solver", type=float, metavar="SECONDS")
    asked = parser.parse_args()
    for jobs in asked.jobs:
        strengths, complexities = SETS[jobs]
        knobs = itertools.product(strengths, FACTORS, complexities)
        rows = [
            measured(
                network(jobs, strength=scarce, factor=factor, complexity=arcs, seed=seed),
                asked.solver,
            )
            for seed, (scarce, factor, arcs) in enumerate(knobs, 1)
        ]
        report(jobs, rows)


def report(jobs: int, rows: list[Row]) -> None:
    """Print averages of one set."""
    over_path = statistics.mean(100 * (row.plan.makespan / row.path - 1) for row in rows)
    over_bound = statistics.mean(
        100 * (row.plan.makespan / max(1, row.plan.lower_bound) - 1) for row in rows
    )
    seconds = [row.seconds for row in rows]
    print(
        f"{jobs} jobs, {len(rows)} networks: {over_path:.2f} % above the critical path, "
        f"{over_bound:.2f} % above the lower bound, {sum(row.plan.proven for row in rows)} proven, "
        f"{statistics.mean(seconds):.2f} s, at most {max(seconds):.2f} s"
    )
    solved = [(row.plan, row.best) for row in rows if row.best]
    if solved:
        over = statistics.mean(100 * (plan.makespan / best.makespan - 1) for plan, best in solved)
        proven = sum(best.proven for _, best in solved)
        print(f"  {over:.2f} % above the solver's plans, of which {proven} are proven")


if __name__ == "__main__":
    main()
