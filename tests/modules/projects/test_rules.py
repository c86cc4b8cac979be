"""The pure rules of work, against numbers worked out by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.modules.projects import rules

TODAY = date(2026, 11, 18)
STATUSES = tuple(rules.FLOW)
D = Decimal


def plan(**changes):
    usual = {
        "status": "active",
        "progress": 0.5,
        "start": date(2026, 11, 8),
        "end": date(2026, 11, 28),
        "actual_start": None,
        "actual_end": None,
        "budget": None,
        "cost": D(0),
        "risk": "low",
    }
    return rules.Plan(**(usual | changes))


@pytest.mark.parametrize(
    ("before", "after", "legal"),
    [
        ("todo", "done", True),
        ("backlog", "in_progress", True),
        ("backlog", "review", False),
        ("backlog", "testing", False),
        ("done", "todo", True),
        ("done", "testing", True),
        ("done", "cancelled", False),
        ("done", "blocked", False),
        ("cancelled", "todo", True),
        ("cancelled", "done", False),
        ("blocked", "review", True),
    ],
)
def test_the_flow_of_tasks(before, after, legal):
    assert (rules.task_move(before, after) is None) is legal


def test_a_refused_move_says_what_to_do():
    assert rules.task_move("backlog", "review") == (
        "A task in the backlog cannot go to review at once. Start it first."
    )
    assert "Reopen it first." in rules.task_move("done", "cancelled")
    assert rules.stage_move("cancelled", "completed") == (
        "This project is cancelled. Reopen it first."
    )


@given(st.sampled_from(STATUSES), st.sampled_from(STATUSES))
def test_every_status_leads_back_to_work(before, after):
    assert rules.task_move(before, before) is None
    assert rules.task_move(before, "in_progress") is None
    assert set(rules.FLOW[before]) <= set(STATUSES)
    assert rules.task_move(before, after) is None or rules.task_move(before, after).endswith(".")


@pytest.mark.parametrize(
    ("before", "after", "legal"),
    [
        ("planning", "active", True),
        ("planning", "review", False),
        ("active", "on_hold", True),
        ("on_hold", "active", True),
        ("completed", "active", True),
        ("completed", "cancelled", False),
        ("cancelled", "planning", True),
    ],
)
def test_the_flow_of_projects(before, after, legal):
    assert (rules.stage_move(before, after) is None) is legal


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Talend Data Quality", "TDQ"),
        ("Bamboo", "BAMB"),
        ("Ära Küche", "AK"),
        ("Phase 2", "P2"),
        ("2024 roadmap", "ROAD"),
        ("Heat pumps for the Nordhof housing estate east wing", "HPFTNH"),
        ("東京", "P"),
        ("  x ", "X"),
        ("!!!", "P"),
    ],
)
def test_a_project_code_from_its_name(name, code):
    assert rules.project_code(name) == code


@given(st.text(max_size=200))
def test_any_name_gives_a_code_the_field_takes(name):
    code = rules.project_code(name)
    assert 1 <= len(code) <= 20
    assert code.isascii()
    assert code[0].isalpha()
    assert code == code.upper()
    assert code.isalnum()


def test_a_taken_code_gets_a_number():
    assert rules.free_code("TDQ", []) == "TDQ"
    assert rules.free_code("TDQ", ["TDQ", "TDQ2", "TDQX"]) == "TDQ3"


def test_task_codes():
    assert rules.task_code("TASK", 1) == "TASK-001"
    assert rules.task_code("BAM", 3476) == "BAM-3476"
    assert rules.code_number("BAM-3476") == 3476
    assert rules.code_number("BAM-007") == 7
    assert rules.code_number("X-1234567890") is None
    assert rules.code_number("free words") is None


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        (None, None, 1024.0),
        (1024.0, None, 2048.0),
        (None, 1024.0, 512.0),
        (1024.0, 2048.0, 1536.0),
        (1.0, 1.0000001, None),
        (None, 1e-9, None),
    ],
)
def test_a_place_between_two_neighbours(before, after, place):
    assert rules.between(before, after) == place


@given(st.lists(st.integers(0, 20), max_size=60))
def test_places_keep_the_order_however_often_something_is_put_between(steps):
    places = [1024.0, 2048.0]
    for step in steps:
        at = step % (len(places) + 1)
        low = places[at - 1] if at else None
        high = places[at] if at < len(places) else None
        place = rules.between(low, high)
        if place is None:
            places = [rules.GAP * n for n in range(1, len(places) + 1)]
            low = places[at - 1] if at else None
            high = places[at] if at < len(places) else None
            place = rules.between(low, high)
        places.insert(at, place)
    assert all(a < b for a, b in pairwise(places))
    assert places[0] > 0


@pytest.mark.parametrize(
    ("primary", "listed", "primary_before", "listed_before", "wanted"),
    [
        (7, [], None, [], (7, [7])),
        (None, [3, 4], None, [], (3, [3, 4])),
        (4, [3, 4], None, [], (4, [4, 3])),
        (8, [7, 9], 7, [7, 9], (8, [8, 9])),
        (8, [7, 8], 7, [7, 9], (8, [8, 7])),
        (7, [9], 7, [7, 9], (9, [9])),
        (7, [], 7, [7], (None, [])),
        (None, [7, 9], 7, [7, 9], (9, [9])),
        (None, [7], 7, [7], (None, [])),
    ],
)
def test_who_leads_is_always_first_of_those_who_work(
    primary, listed, primary_before, listed_before, wanted
):
    assert rules.people(primary, listed, primary_before, listed_before) == wanted


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-1, "overdue"),
        (0, "due_today"),
        (1, "due_tomorrow"),
        (2, "due_this_week"),
        (7, "due_this_week"),
        (8, "future"),
    ],
)
def test_how_near_a_due_date_is(days, said):
    assert rules.due_status(TODAY + timedelta(days), TODAY) == said


def test_no_due_date_and_overdue():
    assert rules.due_status(None, TODAY) == "no_date"
    assert rules.overdue(date(2026, 11, 17), TODAY, closed=False)
    assert not rules.overdue(date(2026, 11, 17), TODAY, closed=True)
    assert not rules.overdue(TODAY, TODAY, closed=False)


def test_progress_and_percent():
    assert rules.progress(1, 4) == 0.25
    assert rules.progress(0, 0) == 0.0
    assert [rules.percent(*pair) for pair in ((1, 8), (1, 3), (2, 3), (0, 0), (5, 5))] == [
        13,
        33,
        67,
        0,
        100,
    ]


@pytest.mark.parametrize(
    ("status", "estimated", "actual", "wanted"),
    [
        ("done", D(8), D(2), 1.0),
        ("in_progress", D(8), D(2), 0.25),
        ("in_progress", D(8), D(10), 1.0),
        ("in_progress", None, D(3), 0.5),
        ("todo", None, D(0), 0.0),
    ],
)
def test_how_far_a_task_is(status, estimated, actual, wanted):
    assert rules.task_progress(status, estimated, actual) == wanted


def test_hours():
    start = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
    assert rules.hours_between(start, start + timedelta(minutes=90)) == D("1.50")
    assert rules.hours_between(start, start + timedelta(seconds=54)) == D("0.02")
    assert rules.hours_between(start, start) == D("0.01")
    assert rules.remaining(None, D(8), D("2.5")) == D("5.5")
    assert rules.remaining(None, D(2), D(3)) == 0
    assert rules.remaining(D(1), D(8), D(2)) == 1
    assert rules.remaining(None, None, D(2)) is None
    assert rules.time_variance(D(8), D(10)) == 2
    assert rules.time_efficiency(D(8), D(10)) == 80
    assert rules.time_efficiency(D(8), D(0)) is None
    assert rules.velocity(8, D(4)) == 2
    assert rules.lead_hours(start, start + timedelta(hours=30)) == 30
    assert rules.age_days(start, start + timedelta(days=2, hours=23)) == 2


def test_days_of_a_project():
    assert rules.duration_days(date(2026, 11, 1), date(2026, 11, 30)) == 29
    assert rules.duration_days(None, date(2026, 11, 30)) is None
    assert rules.days_left(date(2026, 11, 28), TODAY, ended=False) == 10
    assert rules.days_left(date(2026, 11, 8), TODAY, ended=False) == 0
    assert rules.days_left(date(2026, 11, 28), TODAY, ended=True) is None
    assert rules.days_overdue(date(2026, 11, 8), TODAY, ended=False) == 10
    assert rules.days_overdue(date(2026, 11, 8), TODAY, ended=True) == 0


def test_money_of_a_project():
    assert rules.over_budget(D(100), D(101))
    assert not rules.over_budget(D(100), D(100))
    assert not rules.over_budget(D(0), D(5))
    assert not rules.over_budget(None, D(5))
    assert rules.budget_variance(D(1000), D(1250)) == -250
    assert rules.budget_variance_percent(D(1000), D(1250)) == -25.0
    assert rules.budget_variance_percent(D(0), D(5)) is None


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        # 10 of 20 days passed, half done: on time.
        ({}, 0),
        # 20 * (0.25 / 0.5 - 1) = -10
        ({"progress": 0.25}, -10),
        # 20 * (0.4 / 0.5 - 1) = -4
        ({"progress": 0.4}, -4),
        # 20 * (0.9 / 0.5 - 1) = 16
        ({"progress": 0.9}, 16),
        # Planned 20, took 25.
        (
            {
                "status": "completed",
                "actual_start": date(2026, 11, 1),
                "actual_end": date(2026, 11, 26),
            },
            -5,
        ),
        # Not begun yet, and without dates: nothing to say.
        ({"start": date(2026, 12, 1), "end": date(2026, 12, 31)}, 0),
        ({"start": None}, 0),
        # Ended 10 days ago after 10 days: expected 2, 10 * (0.9 / 2 - 1) = -5.5, cut to -5.
        ({"start": date(2026, 10, 29), "end": date(2026, 11, 8), "progress": 0.9}, -5),
    ],
)
def test_schedule_variance(changes, days):
    assert rules.schedule_variance(plan(**changes), TODAY) == days


@pytest.mark.parametrize(
    ("changes", "score", "band"),
    [
        ({}, 1.0, "Excellent"),
        ({"budget": D(100), "cost": D(110)}, 0.875, "Excellent"),
        ({"budget": D(100), "cost": D(120)}, 0.875, "Excellent"),
        ({"budget": D(100), "cost": D(121)}, 0.75, "Good"),
        # 4 days behind; 0.4 is not below 0.8 * 0.5.
        ({"progress": 0.4}, 0.875, "Excellent"),
        # 10 days behind, and 0.25 is below 0.4.
        ({"progress": 0.25}, 0.5, "At Risk"),
        ({"risk": "high"}, 0.875, "Excellent"),
        ({"progress": 0.25, "risk": "critical", "budget": D(10), "cost": D(20)}, 0.0, "Critical"),
        ({"progress": 0.25, "risk": "high", "budget": D(10), "cost": D(11)}, 0.25, "Critical"),
    ],
)
def test_health(changes, score, band):
    found = rules.health(plan(**changes), TODAY)
    assert found.score == pytest.approx(score)
    assert found.band == band
    assert found.score == 1 + sum(factor.effect for factor in found.factors)
    assert [factor.name for factor in found.factors] == ["cost", "schedule", "progress", "risk"]


@given(
    st.floats(0, 1),
    st.integers(-400, 400),
    st.integers(0, 400),
    st.decimals(0, 1000, places=2),
    st.decimals(0, 1000, places=2),
    st.sampled_from(["low", "medium", "high", "critical"]),
    st.sampled_from(list(rules.STAGES)),
)
def test_health_stays_between_0_and_1(progress, offset, length, budget, cost, risk, status):
    start = TODAY + timedelta(offset)
    about = plan(
        progress=progress,
        start=start,
        end=start + timedelta(length),
        budget=budget,
        cost=cost,
        risk=risk,
        status=status,
    )
    assert 0 <= rules.health(about, TODAY).score <= 1
