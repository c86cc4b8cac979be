"""How far a milestone is and how well it does: worked by hand, and what holds for any numbers."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.modules.milestones import rules

TODAY = date(2026, 11, 18)
STATUSES = ("not_started", "in_progress", "pending_review", "completed", "failed", "waived")


@pytest.mark.parametrize(
    ("conditions", "progress", "expected"),
    [
        ([], 0.4, 0.4),  # none: its progress
        ([("completed", 1.0)], 0.0, 1.0),
        ([("failed", 1.0)], 0.9, 0.0),  # conditions count, not progress
        # (0.5 + 0.5 * 0.3) / (0.5 + 0.3 + 0.2) = 0.65
        ([("completed", 0.5), ("waived", 0.3), ("not_started", 0.2)], 0.0, 0.65),
        # A weight of 0 counts as 1: 1 / (1 + 1) = 0.5
        ([("completed", 0.0), ("in_progress", 1.0)], 0.0, 0.5),
        # 0.5 * 1 / 1 = 0.5
        ([("waived", 0.0)], 1.0, 0.5),
    ],
)
def test_completion_is_the_weight_that_is_met(conditions, progress, expected):
    assert rules.completion(conditions, progress) == pytest.approx(expected)


def stand(**given) -> rules.Stand:
    values = {
        "status": "in_progress",
        "completion": 1.0,
        "due": TODAY + timedelta(days=30),
        "budget": None,
        "cost": Decimal(0),
    }
    return rules.Stand(**(values | given))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, 1.0),
        ({"completion": 0.8}, 1.0),  # not under 0.8
        ({"completion": 0.5}, 0.91),  # 1 - 0.3 * 0.3
        ({"completion": 0.5, "status": "planned"}, 1.0),  # only in progress
        ({"completion": 0.0}, 0.76),  # 1 - 0.3 * 0.8
        ({"due": TODAY - timedelta(days=1)}, 0.75),  # overdue, however far it is
        ({"due": TODAY - timedelta(days=1), "status": "completed"}, 1.0),
        ({"due": TODAY, "completion": 0.85}, 0.875),  # due today is soon, not overdue
        ({"due": TODAY + timedelta(days=6), "completion": 0.85}, 0.875),
        ({"due": TODAY + timedelta(days=7), "completion": 0.85}, 1.0),  # a week is not under it
        ({"due": TODAY + timedelta(days=6), "completion": 0.9}, 1.0),
        ({"budget": Decimal(100), "cost": Decimal(150)}, 0.9),  # 1 - 0.2 * 0.5
        ({"budget": Decimal(100), "cost": Decimal(100)}, 1.0),
        ({"budget": Decimal(0), "cost": Decimal(50)}, 1.0),  # no budget, no overrun
        ({"conditions": 4, "late_conditions": 2}, 0.925),  # 1 - 0.15 * 2/4
        ({"approvals": 4, "pending_approvals": 1}, 0.975),  # 1 - 0.1 * 1/4
        # 1 - 0.3*0.4 - 0.25 - 0.2*0.25 - 0.15*0.5 - 0.1*1 = 0.405
        (
            {
                "completion": 0.4,
                "due": TODAY - timedelta(days=3),
                "budget": Decimal(200),
                "cost": Decimal(250),
                "conditions": 2,
                "late_conditions": 1,
                "approvals": 1,
                "pending_approvals": 1,
            },
            0.405,
        ),
        ({"budget": Decimal(1), "cost": Decimal(1000)}, 0.0),  # the floor
    ],
)
def test_health_loses_what_each_factor_takes(given, expected):
    one = stand(**given)
    assert rules.health(one, TODAY) == pytest.approx(expected)
    # What is explained is what is counted.
    explained = 1 + sum(rules.factors(one, TODAY).values())
    assert max(0.0, explained) == pytest.approx(rules.health(one, TODAY))


@given(
    st.lists(st.tuples(st.sampled_from(STATUSES), st.floats(0, 1))),
    st.floats(0, 1),
    st.integers(0, 20),
)
def test_completion_stays_between_nothing_and_all_and_meeting_more_never_lowers_it(
    conditions, progress, place
):
    share = rules.completion(conditions, progress)
    assert -1e-9 <= share <= 1 + 1e-9
    if conditions:
        place %= len(conditions)
        better = list(conditions)
        better[place] = ("completed", better[place][1])
        assert rules.completion(better, progress) >= share - 1e-9


@pytest.mark.parametrize(
    ("target", "actual", "higher", "expected"),
    [
        (95.0, None, True, "not_measured"),
        (95.0, 95.0, True, "target_met"),
        (95.0, 95.1, True, "target_exceeded"),
        (95.0, 94.9, True, "target_missed"),
        (10.0, 9.0, False, "target_exceeded"),  # less cost than planned
        (10.0, 10.0, False, "target_met"),
        (10.0, 11.0, False, "target_missed"),
    ],
)
def test_a_measured_value_says_whether_the_target_is_met(target, actual, higher, expected):
    assert (
        rules.metric_status(target, actual, higher_is_better=higher, now="not_measured") == expected
    )


@pytest.mark.parametrize(
    ("current", "reached", "waiting", "done", "expected"),
    [
        (1, 1, [], [1], 2),
        (1, 1, [1], [], None),  # one of its own milestones is open
        (None, 1, [], [1], 2),
        (None, 2, [1], [2], None),  # an earlier phase is not through
        (None, 2, [], [2], 3),  # the earlier one has no milestones at all
        (1, 1, [3], [1, 2], 3),  # phase 2 was done before
        (3, 1, [], [1], None),  # never back
        (1, 1, [], [1, 2, 3], 3),  # all are done: the last phase
        (3, 3, [], [3], None),  # nothing comes after the last
        (1, 9, [], [9], None),  # a phase of another category
    ],
)
def test_a_project_moves_to_the_next_phase_that_is_not_done(
    current, reached, waiting, done, expected
):
    assert rules.next_phase([1, 2, 3], current, reached, waiting, done) == expected


def test_what_is_over_must_be_reopened_first():
    assert rules.milestone_move("completed", "in_progress") is None
    assert "Reopen it first" in (rules.milestone_move("completed", "cancelled") or "")
    assert "Resume it first" in (rules.milestone_move("on_hold", "completed") or "")
    assert "Start it first" in (rules.milestone_move("planned", "review") or "")
    assert "Reopen it first" in (rules.condition_move("waived", "completed") or "")
    assert rules.condition_move("completed", "in_progress") is None


def test_progress_of_tasks_in_units():
    # Two tasks, one done (10,000) and one half (5,000): 15,000 / 20,000
    assert rules.progress_of("in_progress", 15_000, 2) == 0.75
    assert rules.progress_of("completed", 0, 3) == 1.0
    assert rules.progress_of("planned", 0, 0) == 0.0
