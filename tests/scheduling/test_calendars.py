"""Calendars against a walk day by day, and schedules in dates against the words of the guide."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.scheduling import Calendar, Link, NoDayLeft, critical_path, schedule_dates

DAY = timedelta(days=1)
MONDAY = date(2026, 3, 2)
EVERY_DAY = Calendar((8,) * 7)
TYPES = ("finish_to_start", "start_to_start", "finish_to_finish", "start_to_finish")

days = st.dates(date(2025, 12, 1), date(2026, 4, 30))
weeks = st.lists(st.sampled_from((0, 4, 8)), min_size=7, max_size=7).filter(any)
calendars = st.builds(Calendar, weeks, st.dictionaries(days, st.sampled_from((0, 6)), max_size=12))


def walked(calendar, day, count):
    """Count working days one by one."""
    step = DAY if count >= 0 else -DAY
    if count == 0:
        while not calendar.is_working(day):
            day += DAY
    for _ in range(abs(count)):
        day += step
        while not calendar.is_working(day):
            day += step
    return day


@settings(deadline=None, max_examples=80)
@given(calendars, days, st.integers(-60, 60), days)
def test_counting_is_walking(calendar, day, count, other):
    assert calendar.add_working_days(day, count) == walked(calendar, day, count)
    first, last = min(day, other), max(day, other)
    between = (first + n * DAY for n in range((last - first).days + 1))
    assert calendar.working_days_between(first, last) == sum(map(calendar.is_working, between))
    finish = calendar.finish_of(day, abs(count))
    assert calendar.working_days_between(day, finish) == max(1, abs(count))
    assert calendar.is_working(finish)


def test_years_ahead_and_back():
    calendar = Calendar(exceptions={date(2026, 12, 25), date(2026, 12, 26)})
    day = calendar.add_working_days(MONDAY, 26_089)  # 100 years of 5 days a week, less a holiday
    assert calendar.add_working_days(day, -26_089) == MONDAY
    assert calendar.working_days_between(MONDAY, day) == 26_090
    assert not calendar.is_working(date(2026, 12, 25))
    assert calendar.is_working(date(2026, 12, 28))
    assert calendar.next_working_day(date(2026, 12, 25)) == date(2026, 12, 28)
    assert calendar.previous_working_day(date(2026, 12, 27)) == date(2026, 12, 24)
    assert calendar.start_of(date(2026, 12, 28), 2) == date(2026, 12, 24)
    assert calendar.add_working_days(date(1, 1, 8), -5) == date(1, 1, 1)
    with pytest.raises(NoDayLeft, match="no working days left there; check the dates"):
        calendar.add_working_days(date.max, 1)
    with pytest.raises(ValueError, match="no working days left"):
        calendar.add_working_days(MONDAY, 10**12)


def test_calendars_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="no working day"):
        Calendar((0,) * 7)
    with pytest.raises(ValueError, match="seven days"):
        Calendar((8,) * 5)
    with pytest.raises(ValueError, match="from 0 to 24"):
        Calendar((8, 8, 8, 8, 8, 0, 25))
    with pytest.raises(ValueError, match="2026-03-02 must be from 0 to 24"):
        Calendar(exceptions={MONDAY: -1})
    only = Calendar((0,) * 7, {MONDAY: 8})
    assert only.next_working_day(date(2020, 1, 1)) == MONDAY
    with pytest.raises(ValueError, match="no working days left"):
        only.finish_of(MONDAY, 2)


def test_the_conventions_of_the_guide():
    # Mon 2 to Wed 4; then Thu 5 to Mon 9 over a weekend; the milestone on the 9th, with its work.
    plan = schedule_dates(
        {"in": 0, "a": 3, "b": 3, "done": 0, "next": 1},
        [Link("in", "a"), Link("a", "b"), Link("b", "done"), Link("done", "next")],
        MONDAY - DAY,
    )
    assert plan["in"][:2] == (MONDAY, MONDAY)
    assert plan["a"][:2] == (MONDAY, date(2026, 3, 4))
    assert plan["b"][:2] == (date(2026, 3, 5), date(2026, 3, 9))
    assert plan["done"][:2] == (date(2026, 3, 9), date(2026, 3, 9))
    assert plan["next"][:2] == (date(2026, 3, 10), date(2026, 3, 10))
    assert (plan.first_day, plan.last_day, plan.working_days) == (MONDAY, date(2026, 3, 10), 7)
    assert plan.critical == plan.longest_path == ("in", "a", "b", "done", "next")


def test_calendars_of_their_own():
    # a works at weekends, ends Sat 7; b does not, so it waits till Monday and a may slip a day.
    plan = schedule_dates({"a": 6, "b": 1}, [Link("a", "b")], MONDAY, calendars={"a": EVERY_DAY})
    assert plan["a"][:4] == (MONDAY, date(2026, 3, 7), date(2026, 3, 3), date(2026, 3, 8))
    assert plan["b"].first_day == date(2026, 3, 9)
    assert (plan["a"].total_slack, plan["a"].free_slack, plan["a"].critical) == (1, 1, False)
    assert plan.longest_path == ("a", "b")
    # A lag counts the later one's days: two of b's after Sat 7 are Mon 9 and Tue 10.
    lagged = schedule_dates(
        {"a": 6, "b": 1}, [Link("a", "b", lag=2)], MONDAY, calendars={"a": EVERY_DAY}
    )
    assert lagged["b"].first_day == date(2026, 3, 11)


def test_a_deadline_in_dates():
    plan = schedule_dates({"a": 3}, [], MONDAY, deadline=date(2026, 3, 10))
    assert (plan["a"].late_last_day, plan["a"].total_slack) == (date(2026, 3, 10), 4)
    assert plan["a"].critical
    missed = schedule_dates({"a": 3}, [], MONDAY, deadline=date(2026, 3, 3))
    assert missed["a"].total_slack == -1


def test_dates_refuse_what_they_cannot_count():
    with pytest.raises(ValueError, match=r"lag from 'a' to 'b' is 0\.5"):
        schedule_dates({"a": 1, "b": 1}, [Link("a", "b", lag=0.5)], MONDAY)
    with pytest.raises(ValueError, match="calendars names 'z'"):
        schedule_dates({"a": 1}, [], MONDAY, calendars={"z": EVERY_DAY})
    with pytest.raises(ValueError, match=r"years from 1 to 9999|no working days left"):
        schedule_dates({"a": 10**9}, [], MONDAY)


@st.composite
def dated_plans(draw, least=0):
    count = draw(st.integers(1, 5))
    durations = {n: draw(st.integers(least, 4)) for n in range(count)}
    ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    pairs = draw(st.lists(ends.filter(lambda pair: pair[0] != pair[1]), max_size=2 * count))
    links = [
        Link(min(pair), max(pair), draw(st.sampled_from(TYPES)), draw(st.integers(-2, 3)))
        for pair in pairs
    ]
    own = {n: draw(calendars) for n in durations if draw(st.booleans())}
    return durations, links, own


@settings(deadline=None, max_examples=80)
@given(dated_plans(least=1), calendars)
def test_one_calendar_is_the_critical_path_in_its_working_days(plan, calendar):
    durations, links, _ = plan
    dated = schedule_dates(durations, links, MONDAY, calendar=calendar)
    counted = critical_path(durations, links)
    begin = calendar.next_working_day(MONDAY)
    for key, one in dated.activities.items():
        other = counted[key]
        assert (one.total_slack, one.free_slack) == (other.total_slack, other.free_slack)
        assert one.critical == other.critical
        assert one.first_day == calendar.add_working_days(begin, other.early_start)
        assert one.late_first_day == calendar.add_working_days(begin, other.late_start)


def waits(link, plan, of):
    """Say whether a link between two pieces of work is held, counting days one by one."""
    one, other = plan[link.earlier], plan[link.later]
    point = one.last_day + DAY if link.type.startswith("finish") else one.first_day
    held = other.last_day + DAY if link.type.endswith("finish") else other.first_day
    if link.type == "start_to_finish" and not link.lag:
        point = walked(of[link.earlier], one.first_day, -1) + DAY  # the evening before is as good
    if not link.lag:
        return held >= point
    first, last = min(point, held), max(point, held)
    days_between = (first + n * DAY for n in range((last - first).days))
    count = sum(map(of[link.later].is_working, days_between))
    return (count if held >= point else -count) >= link.lag


@settings(deadline=None, max_examples=120)
@given(dated_plans(least=1))
def test_every_link_and_calendar_is_kept_and_nothing_could_start_sooner(plan):
    durations, links, own = plan
    usual = Calendar()
    of = {key: own.get(key, usual) for key in durations}
    found = schedule_dates(durations, links, MONDAY, calendars=own)
    for key, one in found.activities.items():
        assert of[key].is_working(one.first_day)
        assert of[key].finish_of(one.first_day, durations[key]) == one.last_day
        assert one.first_day <= one.late_first_day
        assert one.late_last_day <= found.last_day or one.late_last_day == one.last_day
    late = {
        key: one._replace(first_day=one.late_first_day, last_day=one.late_last_day)
        for key, one in found.activities.items()
    }
    for link in links:
        assert waits(link, found, of)
        assert waits(link, late, of)
    for key, one in found.activities.items():
        sooner = of[key].add_working_days(one.first_day, -1)
        moved = one._replace(first_day=sooner, last_day=of[key].add_working_days(one.last_day, -1))
        rest = {**found.activities, key: moved}
        holds = (link for link in links if link.later == key)
        assert sooner < MONDAY or not all(waits(link, rest, of) for link in holds)


@settings(deadline=None, max_examples=60)
@given(dated_plans(least=1))
def test_slack_in_dates_is_how_far_work_may_slip(plan):
    durations, links, own = plan
    found = schedule_dates(durations, links, MONDAY, calendars=own)
    for key, one in found.activities.items():
        calendar = own.get(key, Calendar())
        for slip in (one.total_slack, one.total_slack + 1, one.free_slack, one.free_slack + 1):
            day = calendar.add_working_days(one.first_day, slip) if slip else one.first_day
            slipped = schedule_dates(durations, links, MONDAY, calendars=own, earliest={key: day})
            others = {k: v[:2] for k, v in slipped.activities.items() if k != key}
            undisturbed = others == {k: v[:2] for k, v in found.activities.items() if k != key}
            in_time = slipped.last_day == found.last_day
            assert in_time == (slip <= one.total_slack)
            assert (undisturbed and in_time) == (slip <= one.free_slack)


@settings(deadline=None, max_examples=80)
@given(dated_plans(), st.dictionaries(st.integers(0, 4), days, max_size=3))
def test_milestones_fall_no_earlier_than_what_they_wait_for(plan, held):
    durations, links, own = plan
    earliest = {key: day for key, day in held.items() if key in durations}
    found = schedule_dates(durations, links, MONDAY, calendars=own, earliest=earliest)
    for key, day in earliest.items():
        assert found[key].first_day >= day
    for one in found.activities.values():
        assert one.first_day <= one.late_first_day
        assert one.last_day <= one.late_last_day
        assert one.total_slack >= one.free_slack >= 0
    for link in links:
        one, other = found[link.earlier], found[link.later]
        morning = link.type.startswith("start") or not durations[link.earlier]
        if link.lag or (morning and link.type.endswith("finish")):
            continue  # the evening before is as good as a morning
        before = one.last_day if link.type.startswith("finish") else one.first_day
        after = other.last_day if link.type.endswith("finish") else other.first_day
        assert after >= before


def test_a_milestone_after_a_start_falls_on_that_morning():
    links = [Link("a", "b"), Link("b", "begun", "SS"), Link("begun", "c")]
    plan = schedule_dates({"a": 5, "b": 3, "begun": 0, "c": 1}, links, MONDAY)
    assert plan["b"].first_day == plan["begun"].first_day == plan["c"].first_day
    assert plan["begun"].first_day == date(2026, 3, 9)
