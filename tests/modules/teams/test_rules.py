"""The formulas of teams, with numbers worked out by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.modules.teams import rules
from mainstay.modules.teams.rules import Done, Place, Planned, Stretch

# 2026-11-16 is a Monday.
MONDAY = date(2026, 11, 16)
WEEK = [8.0] * 5 + [0.0, 0.0]
OFFICE = Stretch(MONDAY, WEEK * 4)


def day(number: int) -> date:
    return date(2026, 11, number)


@pytest.mark.parametrize(
    ("work", "weeks", "placing"),
    [
        # Wed 18 - Tue 24 are five days: three in the first week, two in the second.
        (Planned(20, day(18), day(24)), {0: 12, 1: 8}, "dated"),
        # Due Tue 24 without a start: the last 20 of 8-hour days are Fri (8), Mon (8), Tue (8).
        (Planned(20, None, day(24)), {0: 20 / 3, 1: 40 / 3}, "dated"),
        # From Thu 19 without an end: Thu, Fri, Mon.
        (Planned(20, day(19), None), {0: 40 / 3, 1: 20 / 3}, "dated"),
        # No dates at all, and late: this week.
        (Planned(5), {0: 5}, "undated"),
        (Planned(5, day(2), day(13)), {0: 5}, "late"),
        # Begun before this week: what is left is spread from Monday on.
        (Planned(15, day(2), day(24)), {0: 15 * 5 / 7, 1: 15 * 2 / 7}, "dated"),
        # On a weekend only nobody works: all of it on its last day.
        (Planned(4, day(28), day(29)), {1: 4}, "dated"),
        # More than there is until its day: from this Monday on, too much by nature.
        (Planned(70, None, day(24)), {0: 50, 1: 20}, "dated"),
        (Planned(0, day(18), day(24)), {0: 0, 1: 0}, "dated"),
    ],
)
def test_work_falls_into_weeks(work: Planned, weeks: dict[int, float], placing: str) -> None:
    found, how = rules.spread(work, OFFICE)
    assert found == pytest.approx(weeks)
    assert how == placing


def test_days_off_take_their_share_of_the_work_away() -> None:
    # Off on Wed to Fri: of Mon - Fri only two days take the 10 hours; the next week takes none.
    stretch = Stretch(MONDAY, [8, 8, 0, 0, 0, 0, 0, *WEEK])
    assert rules.spread(Planned(10, day(16), day(20)), stretch)[0] == {0: 10}
    # Tue 17 - Mon 23: Tue and Mon are worked, half each.
    found = rules.spread(Planned(10, day(17), day(23)), stretch)[0]
    assert found == pytest.approx({0: 5, 1: 5})
    assert stretch.week(0) == 16
    assert stretch.week(5) == 0


@given(
    hours=st.floats(0, 500),
    start=st.none() | st.integers(-20, 40),
    due=st.none() | st.integers(-20, 40),
    off=st.sets(st.integers(0, 27)),
)
def test_no_hour_is_lost_or_made(
    hours: float, start: int | None, due: int | None, off: set[int]
) -> None:
    days = [0.0 if n in off else WEEK[n % 7] for n in range(28)]
    at = [None if n is None else MONDAY + timedelta(n) for n in (start, due)]
    found, _ = rules.spread(Planned(hours, *at), Stretch(MONDAY, days))
    assert sum(found.values()) == pytest.approx(hours)
    assert all(0 <= week < 4 and part >= 0 for week, part in found.items())


@pytest.mark.parametrize(
    ("remaining", "estimated", "actual", "people", "left"),
    [
        (6.0, 10.0, 1.0, 1, 6.0),
        (None, 10.0, 4.0, 1, 6.0),
        (None, 10.0, 14.0, 1, 0.0),
        (9.0, None, 0.0, 3, 3.0),
        (None, None, 2.0, 1, None),
    ],
)
def test_what_is_left_for_each(
    remaining: float | None, estimated: float | None, actual: float, people: int, left: float | None
) -> None:
    assert rules.hours_left(remaining, estimated, actual, people) == left


@pytest.mark.parametrize(
    ("places", "share"),
    [
        ([], 1.0),  # in no team: the whole calendar
        ([(40, 1.0)], 1.0),
        ([(40, 0.5)], 0.5),
        ([(20, 1.0)], 0.5),  # part time
        ([(40, 0.8), (40, 0.2)], 1.0),
        ([(40, 0.8), (40, 0.6)], 1.0),  # 140 % is shown, but nobody has more than their week
        ([(30, 0.5)], 0.375),
    ],
)
def test_which_part_of_the_week_somebody_works(
    places: list[tuple[float, float]], share: float
) -> None:
    assert rules.share_of_week(places, 40) == pytest.approx(share)


def test_capacity_of_a_team() -> None:
    # 40 · 1 + 40 · 0.5 + 30 · 0.8 = 84; levels 4, 6 and one unknown; 40·50 + 20·80 + 24·0 = 3600.
    team = [
        Place(1, 40, 1.0, "senior", 50),
        Place(2, 40, 0.5, "principal", 80, others=20),
        Place(3, 30, 0.8),
    ]
    assert rules.total_capacity(team) == 84
    assert rules.average_seniority(team) == 5
    assert rules.weekly_cost(team) == 3600
    assert rules.utilisation(63, 84) == 75
    assert rules.utilisation(1, 0) is None
    assert [one.part for one in team] == [1, 0.5, 1]
    # Proficiency 5 and 2 over 5 by 40 and 20 of 84 hours: (40 · 1 + 20 · 0.4) / 84.
    assert rules.supply(team, {1: 5, 2: 2}) == pytest.approx(48 / 84)
    assert rules.gap(0.8, 0.5) == pytest.approx(0.3)
    assert rules.gap(None, 0.5) is None
    assert rules.supply([], {}) is None


@pytest.mark.parametrize(
    ("points", "last", "average", "trend"),
    [
        ([], None, None, None),
        ([20], 20, 20, None),
        ([20, 15], 15, 17.5, -0.25),
        # Halves of three share the middle one: (20+22)/2 = 21 against (22+27.8)/2 = 24.9.
        ([20, 22, 27.8], 27.8, 23.2667, 0.18571),
        ([10, 20, 20, 10], 10, 15, 0.0),
        ([0, 5], 5, 2.5, None),
    ],
)
def test_velocity(points: list[float], last: float, average: float, trend: float) -> None:
    found = rules.velocity(points)
    assert (found.last, found.sprints) == (last, len(points))
    assert found.average == (None if average is None else pytest.approx(average, abs=1e-4))
    assert found.trend == (None if trend is None else pytest.approx(trend, abs=1e-4))


@pytest.mark.parametrize(
    ("used", "trend", "progress", "members", "effects", "score"),
    [
        (80, 0.0, 0.9, 5, (0, 0, 0, 0), 1.0),
        (70, -0.1, 0.7, 3, (0, 0, 0, 0), 1.0),  # the edges take nothing
        (90, None, None, 3, (0, 0, 0, 0), 1.0),
        (35, None, None, 3, (-0.125, 0, 0, 0), 0.875),  # 0.25 · 35/70
        (108, None, None, 3, (-0.05, 0, 0, 0), 0.95),  # 0.25 · 18/90
        (80, -0.2, None, 3, (0, -0.05, 0, 0), 0.95),
        (80, 0.5, 0.3, 3, (0, 0, -0.1, 0), 0.9),
        (80, None, None, 1, (0, 0, 0, -0.25 * 2 / 3), 0.8333),
        (0, -1.0, 0.0, 0, (-0.25, -0.25, -0.175, -0.25), 0.075),
        (450, -1.0, 0.0, 0, (-1.0, -0.25, -0.175, -0.25), 0.0),  # never below 0
        (None, None, None, 3, (0, 0, 0, 0), 1.0),
    ],
)
def test_health_factor_by_factor(
    used: float | None,
    trend: float | None,
    progress: float | None,
    members: int,
    effects: tuple[float, ...],
    score: float,
) -> None:
    found = rules.health_factors(used, trend, progress, members)
    assert [one.effect for one in found] == pytest.approx(list(effects))
    assert rules.health(found) == pytest.approx(score, abs=1e-4)


@pytest.mark.parametrize(
    ("frequency", "planned", "held", "coming"),
    [
        ("daily", day(18), day(18), day(19)),
        ("daily", day(20), day(20), day(23)),  # Friday, then Monday
        ("daily", day(24), day(19), day(20)),
        ("weekly", day(20), day(20), day(27)),
        ("weekly", day(20), day(19), day(27)),  # held a day early: next on its own day
        ("weekly", day(20), day(24), day(27)),  # held late: the same
        ("weekly", day(6), day(19), day(20)),  # long not held
        ("weekly", None, day(18), day(25)),
        ("biweekly", day(6), day(6), day(20)),
        ("biweekly", day(6), day(18), day(20)),
        ("monthly", date(2026, 1, 31), date(2026, 1, 31), date(2026, 2, 28)),
        ("monthly", day(18), day(18), date(2026, 12, 18)),
        ("quarterly", date(2026, 8, 31), date(2026, 9, 3), date(2026, 11, 30)),
        ("ad_hoc", day(18), day(18), None),
    ],
)
def test_when_a_ritual_is_held_next(
    frequency: str, planned: date | None, held: date, coming: date | None
) -> None:
    assert rules.next_held(frequency, planned, held) == coming


def test_a_ritual_of_the_31st_stays_on_it() -> None:
    held, coming = [], date(2026, 1, 31)
    for _ in range(5):
        coming = rules.next_held("monthly", coming, coming, month_day=31) or coming
        held.append((coming.month, coming.day))
    assert held == [(2, 28), (3, 31), (4, 30), (5, 31), (6, 30)]
    assert rules.planned_before("monthly", date(2026, 2, 28), 31) == date(2026, 1, 31)
    assert rules.planned_before("quarterly", date(2026, 2, 28), 30) == date(2025, 11, 30)


@pytest.mark.parametrize(
    ("last", "coming", "held", "same"),
    [
        (13, 20, 18, False),  # held two days early: the meeting of the 20th
        (18, 27, 18, True),  # and noted by a second one
        (18, 27, 20, True),  # or on the day it was planned for
        (18, 27, 21, False),  # a day later it is the next one, early
        (24, 27, 24, True),  # held late, and noted twice
        (None, 27, 18, False),
    ],
)
def test_a_meeting_that_two_people_note_is_one(
    last: int | None, coming: int, held: int, same: bool
) -> None:
    known = day(last) if last else None
    assert rules.held_already("weekly", known, day(coming), day(held)) is same


def test_a_daily_ritual_leaves_days_off_out() -> None:
    off = frozenset({day(23), day(24)})
    assert rules.next_held("daily", day(20), day(20), off) == day(25)


@pytest.mark.parametrize(
    ("values", "trend"),
    [
        ([], "flat"),
        ([5], "flat"),
        ([10, 10, 10, 10.4], "flat"),  # within 5 % of 10
        ([10, 10, 10, 10.6], "up"),
        ([90, 10, 10, 10, 9], "down"),  # only the three before the last count
        ([-10, -10, -9], "up"),
        ([0, 0, 0.1], "up"),
    ],
)
def test_where_a_metric_goes(values: list[float], trend: str) -> None:
    assert rules.metric_trend(values) == trend


@pytest.mark.parametrize(
    ("current", "target", "progress"), [(0, 4, 0), (3, 4, 0.75), (4, 4, 1), (9, 4, 1), (1, 0, 0)]
)
def test_how_far_a_goal_is(current: float, target: float, progress: float) -> None:
    assert rules.goal_progress(current, target) == progress


def test_measures_of_performance() -> None:
    done = [
        Done(on=day(10), due=day(10), estimated=4, actual=5, cycle=2.0),
        Done(on=day(11), due=day(10), estimated=2, actual=5, cycle=9.0),
        Done(on=day(12), estimated=3, cycle=4.0),
        Done(on=day(12), due=day(20), actual=2),
    ]
    assert rules.on_time(done) == pytest.approx(2 / 3)
    assert rules.accuracy(done) == pytest.approx(6 / 10)
    assert rules.cycle_time(done) == 4.0
    assert rules.on_time([]) is rules.accuracy([]) is rules.cycle_time([]) is None


def test_a_tasks_course_by_the_log() -> None:
    # Begun on day 2, done on 5, opened again on 7, done on 9.
    course = [(1.0, "todo"), (2.0, "in_progress"), (5.0, "done"), (7.0, "in_progress")]
    whole = [*course, (9.0, "done")]
    assert rules.cycle_days(whole) == 7
    assert rules.cycle_days([(1.0, "todo"), (3.0, "done")]) is None
    assert rules.was_reopened(whole, 4, 6) is True
    assert rules.was_reopened(whole, 8, 10) is False
    assert rules.was_reopened(whole, 10, 12) is None
    twice = rules.changes_of_status([(1.0, "todo"), (2.0, "todo"), (3.0, "done")])
    assert twice == [(1.0, "todo"), (3.0, "done")]
