"""The program that the solver runs in: a compiled plan on its input, starts on its output.

It is started by path in a process of its own, so it imports nothing of Mainstay.
"""

import importlib
import json
import math
import sys
from typing import Any

# What the solver's libraries take before they solve anything.
LIBRARIES_MB = 3072


def solved(plan: dict[str, Any]) -> dict[str, Any]:
    """Solve a plan with CP-SAT within its limits."""
    cp_model: Any = importlib.import_module("ortools.sat.python.cp_model")

    model = cp_model.CpModel()
    lengths, hint, latest = plan["lengths"], plan["hint"], plan["hint"][-1]
    starts = [
        model.new_int_var(least, latest, f"start{place}")
        for place, least in enumerate(plan["release"])
    ]
    for place, ties in enumerate(plan["waits"]):
        for other, offset in ties:
            model.add(starts[place] >= starts[other] + offset)
    spans = [
        model.new_fixed_size_interval_var(start, length, f"work{place}")
        for place, (start, length) in enumerate(zip(starts, lengths, strict=True))
    ]
    for limit in plan["limits"]:
        blocks = [
            (model.new_fixed_size_interval_var(since, length, "away"), less)
            for since, length, less in limit["away"]
        ]
        users = [(spans[place], need) for place, need in limit["demands"]]
        model.add_cumulative(
            [span for span, _ in users + blocks],
            [need for _, need in users + blocks],
            limit["capacity"],
        )
    for start, value in zip(starts, hint, strict=True):
        model.add_hint(start, value)
    model.add(starts[-1] >= plan["bound"])
    model.minimize(starts[-1])
    return _answer(cp_model, model, starts, plan)


def _answer(cp_model: Any, model: Any, starts: list[Any], plan: dict[str, Any]) -> dict[str, Any]:
    """Run the solver on the model, and return what it found."""
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = plan["seconds"]
    solver.parameters.random_seed = plan["seed"]
    solver.parameters.num_workers = plan["workers"]
    solver.parameters.max_memory_in_mb = plan["memory_mb"]
    status = solver.solve(model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return {
        "status": solver.status_name(status),
        "starts": [solver.value(start) for start in starts] if found else None,
        "bound": math.ceil(solver.best_objective_bound - 1e-6) if found else plan["bound"],
    }


def limit_memory(megabytes: int) -> None:
    """Let the process die rather than the machine, where the system can do that."""
    try:
        import resource
    except ImportError:
        return
    most = (megabytes + LIBRARIES_MB) << 20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    limit_memory(asked["memory_mb"])
    json.dump(solved(asked), sys.stdout)
