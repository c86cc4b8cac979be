"""The critical path against hand-worked plans, and against the definitions of its words."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.scheduling import CircularLinks, Link, critical_path, find_circle

TYPES = ("finish_to_start", "start_to_start", "finish_to_finish", "start_to_finish")


@st.composite
def plans(draw, most=7):
    count = draw(st.integers(1, most))
    durations = {f"t{n}": draw(st.integers(0, 5)) for n in range(count)}
    ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    pairs = draw(st.lists(ends.filter(lambda pair: pair[0] != pair[1]), max_size=2 * count))
    links = [
        Link(
            f"t{min(pair)}", f"t{max(pair)}", draw(st.sampled_from(TYPES)), draw(st.integers(-3, 4))
        )
        for pair in pairs
    ]
    return durations, links


def held(link, starts, durations):
    one, other = starts[link.earlier], starts[link.later]
    one += durations[link.earlier] if link.type.startswith("finish") else 0
    other += durations[link.later] if link.type.endswith("finish") else 0
    return other >= one + link.lag


def test_a_textbook_plan():
    # Early:  a 0-3, b 3-7, c 3-5, d 7-12, e 5-6, f 12-14
    # Late:   a 0-3, b 3-7, c 9-11, d 7-12, e 11-12, f 12-14; c and e may slip 6, only e freely.
    plan = critical_path(
        {"a": 3, "b": 4, "c": 2, "d": 5, "e": 1, "f": 2},
        [Link("a", "b"), Link("a", "c"), Link("b", "d"), Link("c", "e"), *map(Link, "de", "ff")],
    )
    assert plan.length == 14
    assert plan.critical == plan.longest_path == ("a", "b", "d", "f")
    assert plan["c"] == (3, 5, 9, 11, 6, 0, False)
    assert plan["e"] == (5, 6, 11, 12, 6, 6, False)
    assert plan["d"] == (7, 12, 7, 12, 0, 0, True)


@pytest.mark.parametrize(
    ("type_", "lag", "start"),
    [
        ("finish_to_start", 0, 10),
        ("finish_to_start", 2, 12),
        ("finish_to_start", -3, 7),
        ("start_to_start", 4, 4),
        ("finish_to_finish", 0, 6),  # b takes 4, so it ends with a at 10
        ("finish_to_finish", 1, 7),
        ("start_to_finish", 6, 2),  # ends 6 after a starts
        ("start_to_finish", 0, 0),  # would end at 0; no earlier start than the plan's
        ("FS", 1, 11),
    ],
)
def test_each_type_of_link(type_, lag, start):
    plan = critical_path({"a": 10, "b": 4}, [Link("a", "b", type_, lag)])
    assert plan["b"].early_start == start
    assert plan.length == max(10, start + 4)
    assert plan["a"].late_start >= 0


def test_milestones_and_the_start_of_the_plan():
    plan = critical_path(
        {"in": 0, "a": 3, "out": 0}, [Link("in", "a"), Link("a", "out")], start=100
    )
    assert plan.longest_path == ("in", "a", "out")
    assert (plan.start, plan.finish, plan.length) == (100, 103, 3)
    assert plan["out"] == (103, 103, 103, 103, 0, 0, True)


def test_earliest_holds_and_a_deadline_moves_the_late_dates_only():
    links = [Link("a", "b")]
    held_back = critical_path({"a": 2, "b": 3}, links, earliest={"b": 4})
    assert (held_back["a"].total_slack, held_back["a"].free_slack, held_back.length) == (2, 2, 7)
    assert held_back.longest_path == ("b",)
    for deadline, slack in ((9, 4), (5, 0), (3, -2)):
        plan = critical_path({"a": 2, "b": 3}, links, deadline=deadline)
        assert [one.total_slack for one in plan.activities.values()] == [slack, slack]
        assert plan.critical == ("a", "b")
        assert plan.length == 5


def test_an_empty_plan_has_no_length():
    plan = critical_path({}, [])
    assert (plan.length, plan.critical, plan.longest_path) == (0, (), ())


def test_fractions_stay_exact_and_rounding_makes_no_slack():
    third = Fraction(1, 3)
    assert critical_path({1: third, 2: third, 3: third}, [Link(1, 2), Link(2, 3)]).length == 1
    plan = critical_path(
        {"a": 0.1, "b": 0.2, "c": 0.3, "whole": 0.6}, [Link("a", "b"), Link("b", "c")]
    )
    assert set(plan.critical) == {"a", "b", "c", "whole"}
    assert all(one.total_slack == 0 for one in plan.activities.values())


@settings(deadline=None, max_examples=150)
@given(plans())
def test_starts_are_the_earliest_that_hold_every_link(plan):
    durations, links = plan
    starts = dict.fromkeys(durations, 0)
    while not all(held(link, starts, durations) for link in links):
        for link in links:
            while not held(link, starts, durations):
                starts[link.later] += 1
    found = critical_path(durations, links)
    assert {key: one.early_start for key, one in found.activities.items()} == starts
    assert found.length == max(starts[key] + durations[key] for key in durations)
    late = {key: one.late_start for key, one in found.activities.items()}
    assert all(held(link, late, durations) for link in links)


@settings(deadline=None, max_examples=60)
@given(plans(most=5))
def test_slack_is_how_far_an_activity_may_slip(plan):
    durations, links = plan
    found = critical_path(durations, links)
    early = {key: one.early_start for key, one in found.activities.items()}
    for key, one in found.activities.items():
        for slip in range(one.total_slack + 2):
            slipped = critical_path(durations, links, earliest={key: early[key] + slip})
            others = {k: v.early_start for k, v in slipped.activities.items() if k != key}
            undisturbed = others == {k: v for k, v in early.items() if k != key}
            in_time = slipped.length == found.length
            assert in_time == (slip <= one.total_slack)
            assert (undisturbed and in_time) == (slip <= one.free_slack)
        assert one.critical == (one.total_slack == 0)
    path = found.longest_path
    assert set(path) <= set(found.critical)
    assert found[path[-1]].early_finish == found.finish
    pairs = {(link.earlier, link.later) for link in links}
    assert all(pair in pairs for pair in pairwise(path))


def test_circles_are_refused_by_their_shortest_path():
    links = [Link(1, 2), Link(2, 3), Link(3, 4), Link(4, 1), Link(3, 2), Link(9, 1)]
    with pytest.raises(CircularLinks, match=r"2 → 3 → 2|3 → 2 → 3") as refused:
        critical_path(dict.fromkeys((1, 2, 3, 4, 9), 1), links)
    assert set(refused.value.path) == {2, 3}
    assert find_circle([Link("a", "a")]) == ("a", "a")
    assert find_circle([Link("a", "b"), Link("b", "c")]) is None


def test_long_chains_and_long_circles_need_no_recursion():
    chain = [Link(n, n + 1) for n in range(9_999)]
    plan = critical_path(dict.fromkeys(range(10_000), 1), chain)
    assert plan.length == len(plan.longest_path) == 10_000
    with pytest.raises(CircularLinks) as refused:
        critical_path(dict.fromkeys(range(10_000), 1), [*chain, Link(9_999, 0)])
    assert len(refused.value.path) == 10_001


@pytest.mark.parametrize(
    ("durations", "links", "more", "says"),
    [
        ({"a": -1}, [], {}, "duration of 'a' is negative"),
        ({"a": float("nan")}, [], {}, "duration of 'a' must be a finite number"),
        ({"a": None}, [], {}, "duration of 'a' must be a finite number"),
        ({"a": 1}, [Link("a", "b")], {}, "link from 'a' to 'b' names 'b'"),
        ({"a": 1, "b": 1}, [Link("a", "b", "after")], {}, "from 'a' to 'b' has the type 'after'"),
        ({"a": 1, "b": 1}, [Link("a", "b", lag=float("inf"))], {}, "lag from 'a' to 'b'"),
        ({"a": 1}, [], {"earliest": {"z": 1}}, "earliest names 'z'"),
        ({"a": 1}, [], {"deadline": float("nan")}, "deadline"),
    ],
)
def test_bad_input_is_refused_by_name(durations, links, more, says):
    with pytest.raises(ValueError, match=says):
        critical_path(durations, links, **more)
