"""Levelled plans hold every link and capacity, are as short as known to be possible, and repeat."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.scheduling import Levelled, Link, critical_path, level
from tests.scheduling.networks import network

TYPES = ("finish_to_start", "start_to_start", "finish_to_finish", "start_to_finish")
# Optima that OR-Tools CP-SAT 9.15 proved: (factor, complexity, strength, seed) of 30 jobs.
OPTIMA = {
    (0.5, 1.5, 0.2, 4): 69,
    (0.5, 1.8, 0.2, 5): 87,
    (0.75, 1.5, 0.2, 7): 78,
    (0.75, 2.1, 0.2, 9): 83,
    (1.0, 1.5, 0.2, 10): 80,
    (1.0, 2.1, 0.2, 12): 93,
    (0.5, 1.5, 0.5, 16): 50,
    (1.0, 1.8, 0.5, 23): 67,
    (0.5, 1.8, 0.7, 29): 67,
    (1.0, 2.1, 0.7, 36): 64,
}


def capacity_at(capacity, period):
    if callable(capacity):
        return capacity(period)
    return (
        capacity if isinstance(capacity, int | float) else capacity[min(period, len(capacity) - 1)]
    )


def check(plan, durations, links, demands, capacities, earliest=None):
    """Check a plan by its definition alone."""
    starts = plan.starts
    assert set(starts) == set(durations)
    assert plan.finishes == {key: starts[key] + durations[key] for key in durations}
    assert plan.makespan == max(plan.finishes.values(), default=0)
    assert plan.lower_bound <= plan.makespan
    assert plan.proven == (plan.lower_bound == plan.makespan)
    assert all(start >= (earliest or {}).get(key, 0) for key, start in starts.items())
    for one, other, kind, lag in links:
        since = plan.finishes[one] if kind.startswith("finish") else starts[one]
        until = plan.finishes[other] if kind.endswith("finish") else starts[other]
        assert until >= since + lag
    for period, (name, capacity) in itertools.product(range(plan.makespan), capacities.items()):
        working = [key for key in demands if starts[key] <= period < plan.finishes[key]]
        used = sum(demands[key].get(name, 0) for key in working)
        assert used <= capacity_at(capacity, period) + 1e-9


@st.composite
def problems(draw, most=8, longest=5):
    count = draw(st.integers(1, most))
    durations = {n: draw(st.integers(0, longest)) for n in range(count)}
    ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    pairs = draw(st.lists(ends.filter(lambda pair: pair[0] != pair[1]), max_size=count))
    links = [
        Link(min(pair), max(pair), draw(st.sampled_from(TYPES)), draw(st.integers(-2, 2)))
        for pair in pairs
    ]
    demands = {n: {r: draw(st.integers(0, 3)) for r in "xy"} for n in durations}
    changing = st.lists(st.integers(0, 4), max_size=10).map(lambda values: [*values, 3])
    capacities = {r: draw(st.integers(3, 6) | changing) for r in "xy"}
    earliest = {n: draw(st.integers(0, 6)) for n in durations if draw(st.booleans())}
    return durations, links, demands, capacities, earliest


@settings(deadline=None, max_examples=150)
@given(problems(), st.integers(0, 3))
def test_every_link_and_capacity_is_held(problem, seed):
    durations, links, demands, capacities, earliest = problem
    plan = level(*problem[:4], seed=seed, schedules=300, earliest=earliest)
    check(plan, durations, links, demands, capacities, earliest)
    ranks = {key: -key for key in durations}
    preferred = level(*problem[:4], schedules=300, earliest=earliest, priorities=ranks)
    check(preferred, durations, links, demands, capacities, earliest)


def fits(key, starts, problem):
    """Say whether one activity keeps the links to it, and the capacities, among those placed."""
    durations, links, demands, capacities, _ = problem
    for one, other, kind, lag in links:
        if other != key:
            continue
        since = starts[one] + (durations[one] if kind.startswith("finish") else 0) + lag
        until = starts[key] + (durations[key] if kind.endswith("finish") else 0)
        if until < since:
            return False
    for period in range(starts[key], starts[key] + durations[key]):
        working = [k for k, s in starts.items() if s <= period < s + durations[k]]
        for name, capacity in capacities.items():
            if sum(demands[k][name] for k in working) > capacity_at(capacity, period):
                return False
    return True


def shortest(problem, most, starts=None):
    """Try all starts, in the order of the links, and return the earliest end."""
    durations, earliest = problem[0], problem[4]
    starts = starts or {}
    if len(starts) == len(durations):
        return max(start + durations[key] for key, start in starts.items())
    key = list(durations)[len(starts)]
    for start in range(earliest.get(key, 0), most):
        trial = {**starts, key: start}
        if start + durations[key] < most and fits(key, trial, problem):
            most = min(most, shortest(problem, most, trial))
    return most


@settings(deadline=None, max_examples=60)
@given(problems(most=4, longest=3))
def test_no_plan_is_below_the_bound_and_small_ones_are_shortest(problem):
    plan = level(*problem[:4], schedules=300, earliest=problem[4])
    best = shortest(problem, plan.makespan)
    assert plan.lower_bound <= best
    # An order by which a later one starts before what it waits for is not always tried.
    if all(link.type == "finish_to_start" and link.lag >= 0 for link in problem[1]):
        assert plan.makespan == best


@pytest.mark.parametrize("knobs", OPTIMA, ids=str)
def test_thirty_jobs_come_out_at_the_proven_optimum(knobs):
    factor, complexity, strength, seed = knobs
    made = network(30, factor=factor, complexity=complexity, strength=strength, seed=seed)
    plan = level(made.durations, made.links, made.demands, made.capacities, schedules=6_000)
    check(plan, made.durations, made.links, made.demands, made.capacities)
    assert plan.makespan == OPTIMA[knobs]


def test_a_hundred_and_twenty_jobs_and_the_same_plan_again():
    made = network(120, factor=0.75, strength=0.2, seed=7)
    inputs = made.durations, made.links, made.demands, made.capacities
    plan = level(*inputs, schedules=600, seed=5)
    check(plan, *inputs)
    assert plan == level(*inputs, schedules=600, seed=5)
    assert plan.schedules <= 603
    assert "genetic" in plan.method


def test_ample_resources_give_the_critical_path():
    made = network(60, factor=0.5, strength=1.0, seed=1)
    ample = dict.fromkeys(made.capacities, 10_000)
    plan = level(made.durations, made.links, made.demands, ample)
    length = critical_path(made.durations, made.links).length
    assert (plan.makespan, plan.lower_bound, plan.proven) == (length, length, True)
    assert plan.schedules == 1


def test_two_that_need_the_same_person_follow_each_other():
    plan = level(
        {"a": 3, "b": 2, "done": 0},
        [Link("a", "done"), Link("b", "done")],
        {"a": {"ann": 1}, "b": {"ann": 1}},
        {"ann": 1},
        priorities={"b": 5},
    )
    assert (plan.makespan, plan.proven) == (5, True)
    assert plan.starts == {"b": 0, "a": 2, "done": 5}


def test_people_away_are_waited_for():
    work = {"a": 2, "b": 2}, [Link("a", "b")], {"a": {"ann": 1}, "b": {"ann": 0.5}}
    listed = level(*work, {"ann": [1, 1, 0, 0, 0.5, 1]})
    assert listed.starts == {"a": 0, "b": 4}
    asked = level(*work, {"ann": lambda period: 0 if period < 5_000 else 1})
    assert asked.starts == {"a": 5_000, "b": 5_002}
    assert asked.proven


@pytest.mark.parametrize(
    ("durations", "demands", "capacities", "says"),
    [
        ({"a": 1}, {"a": {"x": 5}}, {"x": 3}, "'a' needs 5 of 'x', and there is never more than 3"),
        ({"a": 3}, {"a": {"x": 1}}, {"x": [1, 1, 0]}, "'a' needs 1 of 'x', .* for 3 periods"),
        ({"a": 1}, {"a": {"x": 1}}, {"x": lambda _: 0}, "'a' needs 1 of 'x'"),
        ({"a": 1, "b": 1}, {"a": {"x": 1}, "b": {"x": 1}}, {"x": [1, 0]}, "No plan was found"),
        ({"a": 1}, {"a": {"y": 1}}, {"x": 1}, "'a' needs 'y', which has no capacity"),
        ({"a": 1}, {"b": {"x": 1}}, {"x": 1}, "demands names 'b'"),
        ({"a": 1}, {"a": {"x": -1}}, {"x": 1}, "needs of 'x' is negative"),
        ({"a": 1}, {"a": {"x": 1}}, {"x": -1}, "capacity of 'x' is negative"),
        ({"a": 1}, {"a": {"x": 1}}, {"x": []}, "capacity of 'x' is an empty list"),
        ({"a": 1.5}, {}, {}, "duration of 'a' must be a whole number of periods"),
    ],
)
def test_what_cannot_be_is_refused_by_name(durations, demands, capacities, says):
    with pytest.raises(ValueError, match=says):
        level(durations, [], demands, capacities)


def test_limits_of_the_search():
    made = network(30, factor=1.0, strength=0.2, seed=3)
    inputs = made.durations, made.links, made.demands, made.capacities
    assert level(*inputs, schedules=1).schedules == 1
    assert isinstance(level(*inputs, seconds=0.05), Levelled)
    with pytest.raises(ValueError, match="1 or more"):
        level(*inputs, schedules=0)
    with pytest.raises(ValueError, match="above 0"):
        level(*inputs, seconds=0)
    assert level({}, [], {}, {}).makespan == 0
