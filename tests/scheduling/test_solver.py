"""The solver's plans are checked like any other; without it one sentence says what to install."""

import importlib
import sys

import pytest

from mainstay.scheduling import Link, SolverMissing, critical_path, solve, solver, solver_installed
from tests.scheduling.networks import network
from tests.scheduling.test_levelling import OPTIMA, check

needs_solver = pytest.mark.skipif(not solver_installed(), reason="ortools is not installed")


def test_without_the_solver_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(solver, "solver_installed", lambda: False)
    with pytest.raises(SolverMissing, match=r'pip install "mainstay\[solver\]"'):
        solve({"a": 1}, [], {}, {})


def test_a_folder_of_that_name_is_no_solver(monkeypatch, tmp_path):
    (tmp_path / "ortools").mkdir()
    known = [name for name in sys.modules if name.partition(".")[0] == "ortools"]
    for name in known:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert not solver_installed()
    (tmp_path / "ortools").rmdir()
    importlib.invalidate_caches()
    sys.modules.pop("ortools", None)
    assert not solver_installed()


def test_stretches_with_less_capacity_are_told_to_the_solver():
    # 2 2 0 0 1 2 2 (the last value holds on): two away in 2 and 3, one in 4.
    limit = solver.Limit("x", {0: 1}, [2, 2, 0, 0, 1, 2], 1)
    assert solver._away(limit, 7) == [(2, 2, 2), (4, 1, 1)]
    assert solver._away(limit, 3) == [(2, 1, 2)]


@needs_solver
def test_a_small_plan_is_proven():
    knobs = next(iter(OPTIMA))
    factor, complexity, strength, seed = knobs
    made = network(30, factor=factor, complexity=complexity, strength=strength, seed=seed)
    inputs = made.durations, made.links, made.demands, made.capacities
    plan = solve(*inputs, seconds=20)
    check(plan, *inputs)
    assert (plan.makespan, plan.proven, plan.method) == (OPTIMA[knobs], True, solver.PROVEN)


@needs_solver
def test_a_short_time_says_feasible_not_proven():
    made = network(120, factor=1.0, strength=0.1, seed=4)
    capacities = {**made.capacities, "R1": [made.capacities["R1"]] * 40 + [0] * 5 + [60]}
    inputs = made.durations, made.links, made.demands, capacities
    plan = solve(*inputs, seconds=1, earliest={1: 3})
    check(plan, *inputs, {1: 3})
    assert (plan.proven, plan.method) == (False, solver.FEASIBLE)
    assert plan.lower_bound >= critical_path(made.durations, made.links).length


@needs_solver
def test_what_the_heuristic_proves_needs_no_process(monkeypatch):
    monkeypatch.setattr(solver, "_ask", None)
    plan = solve({"a": 2, "b": 1}, [Link("a", "b")], {}, {})
    assert (plan.makespan, plan.proven) == (3, True)


@needs_solver
def test_a_process_that_dies_is_said(monkeypatch, tmp_path):
    program = tmp_path / "dies.py"
    program.write_text("raise MemoryError('no room')")
    monkeypatch.setattr(solver, "PROGRAM", program)
    made = network(30, factor=1.0, strength=0.2, seed=10)
    with pytest.raises(solver.SolverFailed, match="MemoryError: no room"):
        solve(made.durations, made.links, made.demands, made.capacities)
