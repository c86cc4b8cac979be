"""Schedule published instances: the critical path, and a plan within the resources.

Run it: `python examples/schedule_psplib.py j301_1.sm j1201_1.sm`, with `--schedules 50000` to
search longer, or `--solver 60` to let OR-Tools search for so many seconds (`mainstay[solver]`).
"""

import argparse
import time
from pathlib import Path

from mainstay.scheduling import critical_path, level, read_psplib, solve


def main() -> None:
    """Print one line a file: its critical path, its makespan and how good that is known to be."""
    parser = argparse.ArgumentParser(description="Schedule PSPLIB .sm and Patterson .rcp files.")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--schedules", type=int, help="how many schedules to try")
    parser.add_argument("--solver", type=float, metavar="SECONDS", help="use OR-Tools so long")
    asked = parser.parse_args()
    print(f"{'file':<20}{'jobs':>6}{'path':>6}{'makespan':>10}{'bound':>7}{'seconds':>9}  method")
    for file in asked.files:
        instance = read_psplib(file.read_text())
        began = time.perf_counter()
        path = critical_path(instance.durations, instance.links)
        if asked.solver:
            plan = solve(*instance[:4], seconds=asked.solver)
        else:
            plan = level(*instance[:4], schedules=asked.schedules)
        took = time.perf_counter() - began
        print(
            f"{file.name:<20}{len(instance.durations):>6}{path.length:>6}{plan.makespan:>10}"
            f"{plan.lower_bound:>7}{took:>9.2f}  {plan.method}{', proven' * plan.proven}"
        )


if __name__ == "__main__":
    main()
