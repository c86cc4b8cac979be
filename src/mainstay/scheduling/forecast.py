"""Monte Carlo forecasts from a team's own past: when so much is done, how much by when.

The method is the bootstrap of throughput (Efron, 1979; for work items: Magennis, 2011, and
Vacanti, 2015): each trial draws past periods at random, with replacement, until the work is done.
"""

import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from mainstay.scheduling.graph import Number, finite

TRIALS = 10_000
PERCENTS = (50, 85, 95)
# A trial that takes longer says only that nobody can say.
LONGEST = 10_000
# All trials together draw at most so many periods, or a forecast takes minutes.
DRAWN = 20_000_000


@dataclass(frozen=True, slots=True)
class Forecast:
    """What came out of the trials: the value at each confidence, and how often each value came."""

    at: dict[int, int]
    histogram: dict[int, int]
    trials: int
    mean: float


def when(
    remaining: int | tuple[int, int],
    throughput: Sequence[int],
    *,
    trials: int = TRIALS,
    seed: int = 0,
    percents: Iterable[int] = PERCENTS,
) -> Forecast:
    """Forecast in how many periods the remaining items are done: at 85 %, in so many or fewer.

    `throughput` is how many items were finished in each past period (a day, a week), the empty
    ones too. A pair of remaining items, fewest and most, stands for a scope that is not certain.
    """
    least, most = remaining if isinstance(remaining, tuple) else (remaining, remaining)
    for value in (least, most):
        _count(value, "The number of remaining items", 0)
    if least > most:
        raise ValueError(f"The remaining items go from {least} to {most}; turn them round.")
    past = _past(throughput)
    _count(trials, "The number of trials", 1)
    expected = most * len(past) / sum(past)
    if expected > LONGEST or expected * trials > DRAWN:
        raise ValueError(
            f"At this throughput the work takes about {expected:.0f} periods: too far ahead to "
            "forecast. Count fewer items, longer periods or fewer trials."
        )
    chance = random.Random(seed)  # noqa: S311 - chance for a forecast, not for secrets
    block = max(1, math.ceil(expected))
    found: Counter[int] = Counter()
    for _ in range(trials):
        goal = least if least == most else chance.randint(least, most)
        found[_periods_until(goal, past, block, chance)] += 1
    return _forecast(found, percents, upper=True)


def _periods_until(goal: int, past: Sequence[int], block: int, chance: random.Random) -> int:
    """Draw past periods, a block at a time, until the goal is reached."""
    done = periods = 0
    while done < goal:
        drawn = chance.choices(past, k=block)
        total = sum(drawn)
        if done + total < goal:
            done += total
            periods += block
            continue
        for finished in accumulate(drawn, initial=done):
            if finished >= goal:
                return periods
            periods += 1
    return periods


def how_many(
    periods: int,
    throughput: Sequence[int],
    *,
    trials: int = TRIALS,
    seed: int = 0,
    percents: Iterable[int] = PERCENTS,
) -> Forecast:
    """Forecast how many items are done after so many periods: at 85 %, at least so many."""
    _count(periods, "The number of periods", 0)
    _count(trials, "The number of trials", 1)
    past = _past(throughput)
    if periods > LONGEST or periods * trials > DRAWN:
        raise ValueError(f"{periods} periods are too far ahead to forecast with {trials} trials.")
    chance = random.Random(seed)  # noqa: S311 - chance for a forecast, not for secrets
    found = Counter(sum(chance.choices(past, k=periods)) for _ in range(trials))
    return _forecast(found, percents, upper=False)


def percentiles(
    cycle_times: Sequence[Number], percents: Iterable[int] = PERCENTS
) -> dict[int, Number]:
    """Return the times within which these shares of the items were done (nearest rank)."""
    if not cycle_times:
        raise ValueError("No cycle times were given; give those of finished items.")
    times = sorted(finite(value, "A cycle time") for value in cycle_times)
    if times[0] < 0:
        raise ValueError(f"A cycle time is negative ({times[0]}); give 0 or more.")
    return {
        percent: times[max(0, math.ceil(len(times) * percent / 100) - 1)]
        for percent in _percents(percents)
    }


def _forecast(found: Counter[int], percents: Iterable[int], *, upper: bool) -> Forecast:
    trials = found.total()
    values = sorted(found)
    ordered = values if upper else values[::-1]
    sums = list(accumulate(found[value] for value in ordered))
    at = {}
    for percent in _percents(percents):
        rank = math.ceil(trials * percent / 100)
        at[percent] = next(v for v, total in zip(ordered, sums, strict=True) if total >= rank)
    return Forecast(
        at=at,
        histogram={value: found[value] for value in values},
        trials=trials,
        mean=sum(value * count for value, count in found.items()) / trials,
    )


def _percents(percents: Iterable[int]) -> list[int]:
    checked = list(percents)
    for percent in checked:
        if not 0 < percent <= 100:
            raise ValueError(f"A confidence must be above 0 and at most 100 %, not {percent}.")
    return checked


def _count(value: int, what: str, least: int) -> None:
    if value != int(finite(value, what)) or value < least:
        raise ValueError(f"{what} must be a whole number from {least}, not {value!r}.")


def _past(throughput: Sequence[int]) -> list[int]:
    if not throughput:
        raise ValueError("No past periods were given; give what was finished in each.")
    for value in throughput:
        _count(value, "The throughput of a period", 0)
    if not any(throughput):
        raise ValueError(
            "Nothing was finished in the past periods given, so nothing can be forecast. "
            "Give periods in which something was finished."
        )
    return [int(value) for value in throughput]
