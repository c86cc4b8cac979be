"""How trees of templates unfold into tasks and days: worked by hand, and as properties."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.modules.templates import rules
from mainstay.scheduling import Calendar

CAL = Calendar()
MONDAY = date(2026, 11, 23)


def told(plan):
    return [(s.place, s.template, s.copy, s.parent and s.parent.template) for s in plan.spots]


def test_tasks_come_milestone_by_milestone_with_parts_below_their_parents():
    places = [(0, [9]), (1, [10, 11, 12]), (2, [10, 13])]
    plan = rules.unfold(places, {12: [10], 13: [99, 9]}, [])
    # 12 is a part of 10 and comes right below it; 13's parent is no task of milestone 2, but one
    # of the project's own; the same template 10 stands in both milestones.
    assert told(plan) == [
        (0, 9, 1, None),
        (2, 13, 1, 9),
        (1, 10, 1, None),
        (1, 12, 1, 10),
        (1, 11, 1, None),
        (2, 10, 1, None),
    ]


def test_every_copy_of_a_parent_has_parts_of_its_own_and_waits_stay_within_them():
    waits = [rules.Wait(3, 2), rules.Wait(4, 3)]
    plan = rules.unfold([(1, [1, 2, 3, 4])], {2: [1], 3: [1]}, waits, lambda t: 2 if t == 1 else 1)
    assert [(s.template, s.copy) for s in plan.spots] == [
        (1, 1), (2, 1), (3, 1), (1, 2), (2, 1), (3, 1), (4, 1),
    ]  # fmt: skip
    inside = [(later.parent is earlier.parent) for later, earlier, w in plan.waits if w.task == 3]
    assert inside == [True, True]
    # 4 stands beside both copies, so it waits for the 3 of either.
    assert sum(w.task == 4 for *_, w in plan.waits) == 2


def test_a_wait_goes_to_the_nearest():
    places = [(0, [5]), (1, [1, 2]), (2, [1, 2])]
    plan = rules.unfold(places, {}, [rules.Wait(2, 1), rules.Wait(5, 1)])
    pairs = [(later.place, earlier.place) for later, earlier, _ in plan.waits]
    assert pairs == [(1, 1), (2, 2), (0, 1), (0, 2)]


def test_more_tasks_than_a_project_may_have_are_refused():
    with pytest.raises(ValueError, match="more than 10000"):
        rules.unfold([(0, [1, 2])], {2: [1]}, [], lambda _t: 1000)


@pytest.mark.parametrize(
    ("duration", "hours", "days"),
    [(3, "40", 3), (0, "40", 0), (None, "8", 1), (None, "8.5", 2), (None, "0", None)],
)
def test_days_follow_from_the_duration_else_from_hours(duration, hours, days):
    assert rules.days_of(duration, Decimal(hours)) == days


@pytest.mark.parametrize(
    ("offset", "days", "first", "last"),
    [
        (0, 1, date(2026, 11, 23), date(2026, 11, 23)),
        (3, 3, date(2026, 11, 26), date(2026, 11, 30)),  # Thu, Fri, Mon
        (5, None, date(2026, 11, 30), None),
        (4, 0, date(2026, 11, 27), date(2026, 11, 27)),
    ],
)
def test_offsets_count_working_days(offset, days, first, last):
    assert rules.span(CAL, MONDAY, offset, days) == rules.Span(first, last)
    # From the Saturday before it is the same: the first working day counts.
    assert rules.span(CAL, date(2026, 11, 21), offset, days).first == first


def test_tasks_that_wait_begin_after_what_they_wait_for_only_when_that_is_wanted():
    plan = rules.unfold([(0, [1, 2])], {}, [rules.Wait(2, 1, lag_days=1)])
    dated = [
        rules.dated(plan, {0: MONDAY}, lambda _t: 0, lambda _t: 2, CAL, follow=follow)
        for follow in (True, False)
    ]
    # 1 takes Monday and Tuesday, a day passes, 2 takes Thursday and Friday.
    assert [one.first for one in dated[0]] == [MONDAY, date(2026, 11, 26)]
    assert [one.first for one in dated[1]] == [MONDAY, MONDAY]


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(-400, 400), st.integers(-60, 60))
def test_shifting_there_and_back_leaves_working_days_where_they_were(old, days, away):
    day = rules.reached(CAL, old, days)
    new = rules.reached(CAL, old, away)
    there = rules.shifted(CAL, day, rules.reached(CAL, old, 0), new)
    assert rules.shifted(CAL, there, new, rules.reached(CAL, old, 0)) == day
    assert rules.distance(CAL, new, there) == days
    assert rules.reached(CAL, new, rules.distance(CAL, new, day)) == day


PARENTS = st.dictionaries(st.integers(2, 12), st.integers(1, 11)).map(
    lambda found: {child: [parent] for child, parent in found.items() if parent < child}
)


@given(
    st.lists(st.lists(st.integers(1, 12), max_size=8), min_size=1, max_size=4),
    PARENTS,
    st.integers(1, 3),
)
def test_every_placed_template_makes_tasks_and_every_parent_comes_first(places, parents, many):
    told_places = [(place, tasks) for place, tasks in enumerate(places)]
    plan = rules.unfold(told_places, parents, [], lambda t: many if t % 5 == 0 else 1)
    placed = {(place, task) for place, tasks in told_places for task in tasks}
    assert {(s.place, s.template) for s in plan.spots} == placed
    seen: set[int] = set()
    for spot in plan.spots:
        assert spot.parent is None or id(spot.parent) in seen
        seen.add(id(spot))


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Install the panels on the roof", "panels"),
        ("Mount a panel, carefully.", "panels"),
        ("Get the building permit", "building permits"),
        ("Have lunch", None),
    ],
)
def test_objects_are_found_in_titles(title, found):
    terms = {"panels": 1, "permits": 2, "building permits": 3}
    assert rules.guessed(title, terms) == terms.get(found)


def test_names_are_suggested_and_cut():
    assert rules.suggested("install", "panels") == "Install panels"
    assert rules.shortened("abcdef", 4) == "abc…"
    assert rules.circle([(1, 2), (2, 3)]) is None
    assert set(rules.circle([(1, 2), (2, 3), (3, 1)])) == {1, 2, 3}
