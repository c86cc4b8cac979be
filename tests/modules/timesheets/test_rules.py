"""The rules of weeks, rounding, rates and profit, each number worked out by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.modules.projects.timing.rules import Hour, RateRule, forgotten, rate
from mainstay.modules.timesheets import rules
from mainstay.modules.timesheets.rules import Books, Policy, Sign

D = Decimal
MON = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("1:30", "1.50"),
        ("1.5", "1.50"),
        ("1,5", "1.50"),
        ("90m", "1.50"),
        ("90 min", "1.50"),
        ("1h30", "1.50"),
        ("1h 30m", "1.50"),
        ("2h", "2.00"),
        ("8", "8.00"),
        (":45", "0.75"),
        ("0:20", "0.33"),  # 20 / 60 = 0.333
        (",25", "0.25"),
        ("24", "24.00"),
        ("", "0"),
        ("0", "0.00"),
    ],
)
def test_hours_as_people_write_them(text, hours):
    assert rules.hours_in(text) == D(hours)


@pytest.mark.parametrize(
    "text",
    ["25", "24:01", "1:60", "abc", "1:5", "-1", "1..5", "1e3", "h", "m", "1 5", "1 :30", "\u0663"],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match=r"write|at most"):
        rules.hours_in(text)


@given(st.integers(0, 24 * 60))
def test_every_minute_of_a_day_comes_back(minutes):
    assert rules.minutes_of(rules.hours_in(rules.clock(minutes))) == minutes
    assert rules.minutes_of(rules.hours_of(minutes)) == minutes


@pytest.mark.parametrize(
    ("minutes", "step", "way", "wanted"),
    [
        (80, 15, "nearest", 75),  # 75 is nearer than 90
        (83, 15, "nearest", 90),
        (80, 15, "up", 90),
        (80, 15, "down", 75),
        (10, 5, "up", 10),
        (1, 30, "up", 30),
        (1, 30, "down", 0),
        (90, 30, "up", 90),
        (82, 0, "up", 82),
    ],
)
def test_rounding(minutes, step, way, wanted):
    assert rules.rounded(minutes, step, way) == wanted


def test_a_day_is_rounded_as_a_whole():
    # Two entries of 10 minutes: each alone is 15, both together 20, so the day is 30.
    # In the order of the entries the day grows from 15 to 30: 15 each.
    day = [("mon", D("0.17")), ("mon", D("0.17")), ("tue", D("0.17"))]
    up = Policy(round_to=15, rounding="up", round_each="day")
    assert rules.billed(day, up) == [15, 15, 15]
    each = Policy(round_to=30, rounding="up", round_each="entry")
    assert rules.billed(day, each) == [30] * 3
    whole = Policy(round_to=30, rounding="up", round_each="day")
    assert rules.billed(day, whole) == [30, 0, 30]
    # Six times ten minutes are an hour, though 6 * 0.17 are 1.02; three times twenty are one too.
    assert sum(rules.billed([("mon", D("0.17"))] * 6, up)) == 60
    down = Policy(round_to=60, rounding="down", round_each="day")
    assert sum(rules.billed([("mon", D("0.33"))] * 3, down)) == 60


HOURS = st.integers(0, 2400).map(lambda n: D(n) / 100)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), HOURS), max_size=12),
    st.integers(0, 480),
    st.sampled_from(["entry", "day"]),
)
def test_rounding_changes_no_total_by_more_than_a_step_each(entries, step, each):
    real = sum(rules.minutes_of(hours) for _, hours in entries)
    sums = {}
    for way in ("up", "nearest", "down"):
        policy = Policy(round_to=step, rounding=way, round_each=each)
        sums[way] = sum(rules.billed(entries, policy))
    most = step * len(entries)
    assert sums["up"] >= real >= sums["down"]
    assert all(abs(total - real) <= most for total in sums.values())


@pytest.mark.parametrize(
    ("starts", "first"),
    [("monday", MON), ("sunday", date(2026, 11, 15)), ("saturday", date(2026, 11, 14))],
)
def test_a_week_begins_where_its_reader_begins_it(starts, first):
    for day in range(4):
        days = rules.days_shown(MON + timedelta(days=day), starts)
        assert days == [first + timedelta(days=n) for n in range(7)]


def test_what_is_special_about_a_week():
    days = rules.days_shown(MON, "monday")
    plan = {day: (8.0 if n < 5 else 0.0) for n, day in enumerate(days)}
    full = dict.fromkeys(days[:5], 480)
    assert rules.signs(full, plan, days[-1]) == []
    # Tuesday is missing, Saturday has two hours: 34 of 40, and days to come are not missing.
    odd = {**full, days[1]: 0, days[5]: 120}
    assert rules.signs(odd, plan, days[-1]) == [
        Sign("missing", days=(days[1],)),
        Sign("free", 120, (days[5],)),
        Sign("under", 360),
    ]
    assert rules.signs({days[0]: 540}, plan, days[0]) == [Sign("under", 2400 - 540)]
    assert rules.signs({**full, days[0]: 600}, plan, days[-1]) == [Sign("over", 120)]


# ---- rates ----

GENERAL = RateRule(1, billing_rate=D(80), cost_rate=D(40), currency="EUR")
PERSON = RateRule(2, user_id=7, billing_rate=D(90), currency="EUR")
PROJECT = RateRule(3, project_id=5, billing_rate=D(100), currency="EUR")
BOTH = RateRule(4, user_id=7, project_id=5, billing_rate=D(110), currency="EUR")
KIND = RateRule(5, user_id=7, project_id=5, type="testing", billing_rate=D(120), currency="EUR")
LATER = RateRule(6, project_id=5, billing_rate=D(105), currency="EUR", valid_from=date(2026, 12, 1))
DOLLAR = RateRule(7, user_id=7, project_id=5, billing_rate=D(999), currency="USD")
EVERY = (GENERAL, PERSON, PROJECT, BOTH, KIND, LATER, DOLLAR)


@pytest.mark.parametrize(
    ("user", "project", "kind", "day", "billing"),
    [
        (7, 5, "testing", MON, 120),  # person, project and kind
        (7, 5, "meeting", MON, 110),  # person and project
        (8, 5, "meeting", MON, 100),  # project before person
        (8, 5, "meeting", date(2026, 12, 1), 105),  # of two of a project, the later one
        (8, 5, "meeting", date(2026, 11, 30), 100),
        (7, 6, "testing", MON, 90),  # person before general
        (8, 6, "testing", MON, 80),
    ],
)
def test_the_most_telling_rate_counts(user, project, kind, day, billing):
    hour = Hour(user, project, kind, day, "EUR")
    assert rate(EVERY, hour, "billing_rate") == D(billing)
    assert rate(EVERY, hour, "cost_rate") == D(40)  # only the general one says a cost


def test_rates_of_another_currency_never_count():
    hour = Hour(7, 5, "testing", MON, "CHF")
    assert rate(EVERY, hour, "billing_rate") is None


def test_a_timer_is_forgotten_after_ten_hours():
    begun = datetime(2026, 11, 16, 8, tzinfo=UTC)
    assert not forgotten(begun, begun + timedelta(hours=10))
    assert forgotten(begun, begun + timedelta(hours=10, minutes=1))


# ---- profit ----


def test_a_fixed_price():
    # Cost 6000 + 1500 = 7500; margin 12000 - 7500 = 4500, which is 37.5 %.
    # Half is done: 7500 / 0.5 = 15000 at the end, 3000 more than it brings.
    books = Books(
        billing_type="fixed_price",
        total_amount=D(10_000),
        sale_price=D(2_000),
        budget=D(10_000),
        actual_cost=D(1_500),
        progress=0.5,
        hours=D(120),
        time_cost=D(6_000),
    )
    found = rules.profit(books)
    assert (found.revenue, found.cost, found.margin) == (D(12_000), D(7_500), D(4_500))
    assert (found.margin_share, found.burn) == (0.375, 0.75)
    assert found.effective_rate == D("100.00")  # 12000 / 120
    assert found.cost_at_completion == D("15000.00")
    assert found.margin_at_completion == D("-3000.00")


def test_time_and_materials_earn_as_they_go():
    books = Books(
        billing_type="time_and_materials",
        billed_amount=D(4_000),
        time_cost=D(2_500),
        progress=0.25,
        hours=D(50),
    )
    found = rules.profit(books)
    assert (found.revenue, found.margin, found.effective_rate) == (D(4_000), D(1_500), D("80.00"))
    assert found.revenue_at_completion == D("16000.00")  # 4000 / 0.25
    assert found.cost_at_completion == D("10000.00")
    assert found.margin_at_completion == D("6000.00")
    assert found.burn is None


def test_a_retainer_earns_by_the_month():
    books = Books(
        billing_type="retainer", monthly=D(500), months_passed=3, months_in_all=12, time_cost=D(900)
    )
    found = rules.profit(books)
    assert (found.revenue, found.margin) == (D(1_500), D(600))
    assert found.revenue_at_completion == D(6_000)
    assert found.cost_at_completion is None  # nothing is done yet, so nothing can be said
    assert rules.profit(Books(billing_type=None, time_cost=D(10))).revenue is None


@pytest.mark.parametrize(
    ("first", "last", "day", "count"),
    [
        (date(2026, 1, 15), date(2026, 4, 14), 15, 3),  # 15 Jan, 15 Feb, 15 Mar
        (date(2026, 1, 16), date(2026, 4, 15), 15, 3),  # 15 Feb, 15 Mar, 15 Apr
        (date(2026, 1, 31), date(2026, 3, 1), 31, 2),  # 31 Jan, 28 Feb
        (date(2026, 12, 1), date(2027, 1, 31), 31, 2),
        (date(2026, 5, 2), date(2026, 5, 1), 1, 0),
    ],
)
def test_months_due(first, last, day, count):
    assert rules.months_due(first, last, day) == count


@pytest.mark.parametrize(
    ("estimate", "actual", "place"),
    [(10, 5, 0), (10, 8, 1), (10, 10, 2), (10, "10.01", 3), (10, 20, 4), (10, "20.5", 5)],
)
def test_where_a_task_lies_against_its_estimate(estimate, actual, place):
    assert rules.bucket(D(estimate), D(actual)) == place
