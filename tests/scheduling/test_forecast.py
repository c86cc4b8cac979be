"""Forecasts against worked odds, and in the direction their words promise."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.scheduling import how_many, percentiles, when

throughputs = st.lists(st.integers(0, 6), min_size=1, max_size=12).filter(any)


def test_a_steady_team_has_no_doubt():
    assert when(10, [2]).at == {50: 5, 85: 5, 95: 5}
    assert when(11, [2]).at == {50: 6, 85: 6, 95: 6}
    assert how_many(7, [3]).at == {50: 21, 85: 21, 95: 21}
    assert when(0, [2]).at == {50: 0, 85: 0, 95: 0}


def test_a_coin_gives_the_odds_of_a_coin():
    # One item at half the chance: done within 1 period 50 %, 2 75 %, 3 87.5 %, 5 96.9 %.
    forecast = when(1, [0, 1], trials=20_000, percents=(49, 74, 85, 95))
    assert forecast.at == {49: 1, 74: 2, 85: 3, 95: 5}
    assert forecast.mean == pytest.approx(2, abs=0.05)
    assert sum(forecast.histogram.values()) == forecast.trials == 20_000
    # Ten throws: at least 3 heads in 94.5 %, at least 4 in 82.8 %, at least 5 in 62.3 %.
    assert how_many(10, [0, 1], percents=(60, 80, 94)).at == {60: 5, 80: 4, 94: 3}


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 30), throughputs, st.integers(0, 5))
def test_more_confidence_is_later_and_less(items, throughput, seed):
    forecast = when(items, throughput, trials=300, seed=seed)
    assert forecast.at[50] <= forecast.at[85] <= forecast.at[95]
    assert forecast == when(items, throughput, trials=300, seed=seed)
    within = sum(n for value, n in forecast.histogram.items() if value <= forecast.at[85])
    assert within >= 0.85 * forecast.trials
    done = how_many(items, throughput, trials=300, seed=seed)
    assert done.at[50] >= done.at[85] >= done.at[95]
    assert sum(n for value, n in done.histogram.items() if value >= done.at[85]) >= 255


def test_an_uncertain_scope_widens_the_forecast():
    narrow, wide = when(20, [1, 2]), when((10, 30), [1, 2])
    assert wide.at[95] > narrow.at[95]
    assert min(wide.histogram) < min(narrow.histogram)


def test_cycle_times_by_nearest_rank():
    times = [5, 1, 3, 2, 4, 6, 8, 7, 10, 9]
    assert percentiles(times) == {50: 5, 85: 9, 95: 10}
    assert percentiles([2.5], (1, 100)) == {1: 2.5, 100: 2.5}


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: when(5, [0, 0]), "Nothing was finished"),
        (lambda: how_many(5, [0]), "Nothing was finished"),
        (lambda: when(5, []), "No past periods"),
        (lambda: when(-1, [1]), "remaining items must be a whole number from 0"),
        (lambda: when((5, 3), [1]), "turn them round"),
        (lambda: when(5, [1, -1]), "throughput of a period"),
        (lambda: when(10**9, [1]), "too far ahead"),
        (lambda: how_many(10**9, [1]), "too far ahead"),
        (lambda: when(5, [1], percents=(0,)), "above 0 and at most 100"),
        (lambda: when(5, [1], trials=0), "trials must be a whole number from 1"),
        (lambda: percentiles([]), "No cycle times"),
        (lambda: percentiles([-1]), "negative"),
    ],
)
def test_what_cannot_be_forecast_is_said(call, says):
    with pytest.raises(ValueError, match=says):
        call()
