"""The health of a sprint: its formula against numbers worked out by hand."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.modules.scrum.health import Stand, completion, health, utilisation

END = date(2026, 11, 20)


def stand(**given):
    sound = {
        "committed": 40.0,
        "completed": 40.0,
        "capacity": Decimal(200),
        "worked": Decimal(200),
        "impediments": 0,
        "end": END,
        "on": END,
    }
    return Stand(**sound | given)


@pytest.mark.parametrize(
    ("changed", "score", "band"),
    [
        ({}, 1.0, "Excellent"),
        # c = 100 * 28 / 40 = 70: at the mark nothing is taken
        ({"completed": 28.0}, 1.0, "Excellent"),
        # c = 14 / 40 = 35 %: 0.4 * (70 - 35) / 70 = 0.2
        ({"completed": 14.0}, 0.8, "Excellent"),
        # c = 0: 0.4 * 70 / 70 = 0.4
        ({"completed": 0.0}, 0.6, "Good"),
        # u = 160 / 200 = 80 %: at the mark nothing is taken
        ({"worked": Decimal(160)}, 1.0, "Excellent"),
        # u = 80 / 200 = 40 %: 0.3 * (80 - 40) / 80 = 0.15
        ({"worked": Decimal(80)}, 0.85, "Excellent"),
        # u = 0: 0.3
        ({"worked": Decimal(0)}, 0.7, "Good"),
        # u = 240 / 200 = 120 %: nothing; u = 300 / 200 = 150 %: 0.3 * (150 - 120) / 120 = 0.075
        ({"worked": Decimal(240)}, 1.0, "Excellent"),
        ({"worked": Decimal(300)}, 0.925, "Excellent"),
        # 1 impediment: 0.2 * 1 / 5 = 0.04; 5: 0.2; 7: 0.28, without an upper end
        ({"impediments": 1}, 0.96, "Excellent"),
        ({"impediments": 5}, 0.8, "Excellent"),
        ({"impediments": 7}, 0.72, "Good"),
        # a day late: 0.1, a month late no more
        ({"on": date(2026, 11, 21)}, 0.9, "Excellent"),
        ({"on": date(2026, 12, 20)}, 0.9, "Excellent"),
        # 0.3 + 0.1 stands in the band of 0.6 and not a hair below: 1 - 0.3 - 0.1 = 0.6
        ({"worked": Decimal(0), "on": date(2026, 11, 21)}, 0.6, "Good"),
        # 0.4 + 0.3 = 0.7 on the first day of every sprint
        ({"completed": 0.0, "worked": Decimal(0)}, 0.3, "Critical"),
        # 0.4 + 0.3 + 0.2 * 8 / 5 (0.32) + 0.1 = 1.12: never below 0
        (
            {
                "completed": 0.0,
                "worked": Decimal(0),
                "impediments": 8,
                "on": date(2026, 11, 21),
            },
            0.0,
            "Critical",
        ),
        # without commitment or capacity these do not count
        ({"committed": 0.0, "completed": 0.0}, 1.0, "Excellent"),
        ({"capacity": None, "worked": Decimal(0)}, 1.0, "Excellent"),
        ({"capacity": Decimal(0)}, 1.0, "Excellent"),
        ({"end": None}, 1.0, "Excellent"),
        # 0.4 * (70 - 50) / 70 = 0.114285714..., 0.3 * (80 - 60) / 80 = 0.075, 2 * 0.04 = 0.08
        (
            {"completed": 20.0, "worked": Decimal(120), "impediments": 2},
            0.730714286,
            "Good",
        ),
    ],
)
def test_health_is_one_less_what_each_factor_takes(changed, score, band):
    found = health(stand(**changed))
    assert (found.score, found.band) == (pytest.approx(score, abs=1e-9), band)
    assert [one.name for one in found.factors] == [
        "completion",
        "utilisation",
        "impediments",
        "overdue",
    ]


def test_every_factor_says_why_with_its_number():
    found = health(stand(completed=14.0, worked=Decimal(300), impediments=1, on=date(2026, 11, 23)))
    assert [(one.measured, one.why.split(";")[0]) for one in found.factors] == [
        (35.0, "35 % of the committed points are completed"),
        (150.0, "150 % of the hours are used"),
        (1.0, "1 thing is in the way."),
        (3.0, "It is 3 days over its last day."),
    ]


def test_shares_are_rounded_and_may_be_unknown():
    assert (completion(1.0, 3.0), completion(5.0, 0.0)) == (33.33, None)
    assert (utilisation(Decimal(1), Decimal(3)), utilisation(Decimal(5), None)) == (33.33, None)


@given(
    committed=st.floats(0, 1e5),
    completed=st.floats(0, 1e5),
    capacity=st.none() | st.decimals(0, 9999, places=2),
    worked=st.decimals(0, 9999, places=2),
    impediments=st.integers(0, 40),
    late=st.integers(-20, 20),
)
def test_health_stays_between_nothing_and_whole(
    committed, completed, capacity, worked, impediments, late
):
    on = date.fromordinal(END.toordinal() + late)
    found = health(Stand(committed, completed, capacity, worked, impediments, END, on))
    assert 0 <= found.score <= 1
    assert all(one.effect <= 0 for one in found.factors)
    worse = health(Stand(committed, completed, capacity, worked, impediments + 1, END, on))
    assert worse.score <= found.score
