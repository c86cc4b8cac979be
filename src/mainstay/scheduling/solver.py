"""The same levelling by a solver: OR-Tools CP-SAT, in a process of its own with limits."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mainstay.scheduling.graph import K, Link, Number, finite
from mainstay.scheduling.levelling import Levelled, level, levelled, preferring, prepared
from mainstay.scheduling.problem import Capacity, Limit, Problem, R
from mainstay.scheduling.serial import earliest_first, in_start_order

PROGRAM = Path(__file__).with_name("cpsat.py")
# Starting, loading and stopping take their time too; then the process is ended.
GRACE = 60.0
PROVEN = "OR-Tools CP-SAT, proven"
FEASIBLE = "OR-Tools CP-SAT, feasible, not proven"


class SolverMissing(RuntimeError):
    """The optional solver is not installed."""

    def __init__(self) -> None:
        super().__init__('The solver is not installed. Run: pip install "mainstay[solver]"')


class SolverFailed(RuntimeError):
    """The solver's process ended without an answer."""


def solver_installed() -> bool:
    """Say whether the optional solver is installed, without loading it.

    A folder that is only called like it is none.
    """
    try:
        return importlib.util.find_spec("ortools.sat") is not None
    except ModuleNotFoundError:  # there is no ortools at all
        return False


def solve(  # noqa: PLR0913 - each is a plain input of its own
    durations: Mapping[K, int],
    links: Iterable[Link[K]],
    demands: Mapping[K, Mapping[R, Number]],
    capacities: Mapping[R, Capacity],
    *,
    seconds: float = 10.0,
    seed: int = 0,
    earliest: Mapping[K, int] | None = None,
    priorities: Mapping[K, Number] | None = None,
    workers: int = 1,
    memory_mb: int = 1024,
) -> Levelled[K]:
    """Level by OR-Tools CP-SAT, starting from the plan that `level` finds.

    The method says whether the end is proven to be the earliest or only feasible. Without the
    solver it raises SolverMissing; if its process ends without an answer, SolverFailed.
    """
    if not solver_installed():
        raise SolverMissing
    if not finite(seconds, "The number of seconds") > 0:
        raise ValueError(f"The number of seconds must be above 0, not {seconds}.")
    links = list(links)
    plan = prepared(durations, links, demands, capacities, earliest or {})
    first = level(durations, links, demands, capacities, seed=seed, earliest=earliest)
    hint = [*(first.starts[key] for key in plan.keys), first.makespan]
    starts, bound = hint, first.lower_bound
    if not first.proven:
        limits = {"seconds": seconds, "seed": seed, "workers": workers, "memory_mb": memory_mb}
        answer = _ask({**_wire(plan, hint), "bound": bound, **limits}, seconds + GRACE)
        bound = max(bound, answer["bound"])
        if answer["starts"] is not None:
            order = in_start_order(plan, answer["starts"], settled=False)
            # Placed again by our own means: what comes out holds every limit.
            starts = min(earliest_first(plan, order) or hint, hint, key=lambda one: one[-1])
    if priorities:
        starts = preferring(plan, starts, priorities)
    method = PROVEN if starts[-1] <= bound else FEASIBLE
    return levelled(plan, starts, bound, method, first.schedules)


def _wire(plan: Problem[Any], hint: list[int]) -> dict[str, Any]:
    """Return a plan as its process reads it."""
    return {
        "lengths": plan.lengths,
        "release": plan.release,
        "waits": plan.waits,
        "hint": hint,
        "limits": [
            {
                "capacity": max(limit.capacity),
                "demands": sorted(limit.demands.items()),
                "away": _away(limit, hint[-1]),
            }
            for limit in plan.limits
        ],
    }


def _away(limit: Limit, end: int) -> list[tuple[int, int, int]]:
    """Return stretches with less than the largest capacity: their start, length and what lacks."""
    most = max(limit.capacity)
    stretches: list[tuple[int, int, int]] = []
    values = limit.capacity[:end]
    values += limit.capacity[-1:] * (end - len(values))
    since = 0
    for period, value in enumerate(values):
        if period + 1 == end or values[period + 1] != value:
            if value < most:
                stretches.append((since, period + 1 - since, most - value))
            since = period + 1
    return stretches


def _ask(plan: dict[str, Any], timeout: float) -> dict[str, Any]:
    try:
        done = subprocess.run(  # noqa: S603 - our own program, nothing of it from outside
            [sys.executable, "-P", str(PROGRAM)],
            input=json.dumps(plan),
            capture_output=True,
            text=True,
            check=True,
            timeout=timeout,
            # The libraries' own threads would only take memory.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired:
        raise SolverFailed(f"The solver did not answer within {timeout:.0f} s.") from None
    except subprocess.CalledProcessError as stopped:
        last = (stopped.stderr.strip().splitlines() or ["no message"])[-1]
        raise SolverFailed(f"The solver stopped ({stopped.returncode}): {last}") from None
    answer: dict[str, Any] = json.loads(done.stdout)
    if answer["status"] in {"MODEL_INVALID", "INFEASIBLE"}:
        raise SolverFailed(f"The solver calls the plan {answer['status'].lower()}.")
    return answer
