"""Lower bounds: how short a plan could be at best."""

from bisect import bisect_left
from itertools import accumulate

from mainstay.scheduling.graph import K
from mainstay.scheduling.problem import Limit, Problem

# Beyond so many activities, those that exclude each other are no longer looked at in pairs.
PAIRED = 400
# So many rounds of narrowing the windows; each is a walk over all pairs.
ROUNDS = 12


def heads(plan: Problem[K]) -> list[int]:
    """Return the earliest starts that the links allow."""
    starts = plan.release.copy()
    for place, ties in enumerate(plan.waits):
        for other, offset in ties:
            starts[place] = max(starts[place], starts[other] + offset)
    return starts


def tails(plan: Problem[K]) -> list[int]:
    """Return for each activity the least time from its start to the end."""
    rest = plan.lengths.copy()
    for place in range(len(rest) - 1, -1, -1):
        for other, offset in plan.holds[place]:
            rest[place] = max(rest[place], rest[other] + offset)
    return rest


def lower_bound(plan: Problem[K]) -> int:
    """Return the best of: the longest path, the work against the capacity, and shown impossible.

    The last one supposes an end, narrows the windows in which activities may then start, and
    finds one empty (destructive improvement).
    """
    soon, rest = heads(plan), tails(plan)
    bound = soon[plan.end]
    for limit in plan.limits:
        bound = max(bound, _by_work(plan, limit, soon, rest))
    if len(soon) > PAIRED:
        return bound
    pairs = _excluding(plan)
    step = 1
    while _impossible(plan, pairs, soon, rest, bound + step - 1):
        bound += step
        step *= 2
    while step > 1:
        step //= 2
        if _impossible(plan, pairs, soon, rest, bound + step - 1):
            bound += step
    return bound


def _excluding(plan: Problem[K]) -> list[tuple[int, int]]:
    """Return the pairs of activities that no period has room for at once."""
    found: set[tuple[int, int]] = set()
    for limit in plan.limits:
        most = max(limit.capacity)
        users = sorted(limit.demands.items())
        for at, (one, need) in enumerate(users):
            found.update((one, two) for two, other in users[at + 1 :] if need + other > most)
    return sorted(found)


def _impossible(
    plan: Problem[K], pairs: list[tuple[int, int]], soon: list[int], rest: list[int], end: int
) -> bool:
    """Say whether narrowing the windows shows that nothing ends by then."""
    low, high = soon.copy(), [end - time for time in rest]
    before = -1
    for _ in range(ROUNDS):
        width = sum(high) - sum(low)
        if width == before:
            return False
        before = width
        if not (_by_links(plan, low, high) and _by_pairs(plan, pairs, low, high)):
            return True
        if not all(_by_cores(plan, limit, low, high) for limit in plan.limits):
            return True
    return False


def _by_links(plan: Problem[K], low: list[int], high: list[int]) -> bool:
    for place, ties in enumerate(plan.waits):
        for other, offset in ties:
            low[place] = max(low[place], low[other] + offset)
    for place in range(len(low) - 1, -1, -1):
        for other, offset in plan.holds[place]:
            high[place] = min(high[place], high[other] - offset)
    return all(least <= most for least, most in zip(low, high, strict=True))


def _by_pairs(
    plan: Problem[K], pairs: list[tuple[int, int]], low: list[int], high: list[int]
) -> bool:
    """Let the second of two that exclude each other wait, where the order is decided."""
    lengths = plan.lengths
    for one, two in pairs:
        one_first = low[one] + lengths[one] <= high[two]
        two_first = low[two] + lengths[two] <= high[one]
        if one_first and two_first:
            continue
        if not (one_first or two_first):
            return False
        first, second = (one, two) if one_first else (two, one)
        low[second] = max(low[second], low[first] + lengths[first])
        high[first] = min(high[first], high[second] - lengths[first])
        if low[one] > high[one] or low[two] > high[two]:
            return False
    return True


def _by_cores(plan: Problem[K], limit: Limit, low: list[int], high: list[int]) -> bool:
    """Let activities wait for the periods that others surely work in (timetabling)."""
    lengths, capacity = plan.lengths, limit.capacity
    horizon = max(low[place] + lengths[place] for place in limit.demands)
    free = capacity[:horizon] + capacity[-1:] * (horizon - len(capacity))
    for place, need in limit.demands.items():
        for period in range(high[place], low[place] + lengths[place]):
            free[period] -= need
    if min(free, default=0) < 0:
        return False
    scarce = max(limit.demands.values())
    if all(left >= scarce for left in free):
        return True
    for place, need in limit.demands.items():
        start, length = low[place], lengths[place]
        core = range(high[place], start + length)
        period = start
        while period < min(start + length, horizon):
            if free[period] < need and period not in core:
                start = period + 1
            period += 1
        if start > high[place]:
            return False
        low[place] = start
    return True


def _by_work(plan: Problem[K], limit: Limit, soon: list[int], rest: list[int]) -> int:
    """Return the bound of one resource: whoever starts late and must be followed by much.

    The work of those that start at `since` or later, and are followed by `after` or more, fits
    between; for each `since` all `after` are tried.
    """
    lengths = plan.lengths
    users = sorted(
        (
            (rest[place] - lengths[place], soon[place], need * lengths[place])
            for place, need in limit.demands.items()
        ),
        reverse=True,
    )
    room = _Room(limit.capacity)
    sinces = sorted({since for _, since, _ in users})
    if len(sinces) > PAIRED:
        sinces = sinces[:1]
    bound = 0
    for since in sinces:
        work = 0
        for after, start, effort in users:
            if start >= since:
                work += effort
                bound = max(bound, room.until(since, work) + after)
    return bound


class _Room:
    """What a resource can do up to each period."""

    def __init__(self, capacity: list[int]) -> None:
        self.sums = [0, *accumulate(capacity)]
        self.last = capacity[-1]
        self.steady = len(capacity)

    def until(self, since: int, work: int) -> int:
        """Return the first end by which so much work can be done from a period on."""
        steady, last = self.steady, self.last
        done = self.sums[since] if since <= steady else self.sums[-1] + (since - steady) * last
        goal = done + work
        if goal <= self.sums[-1]:
            return bisect_left(self.sums, goal)
        if not last:
            return steady
        return steady - (self.sums[-1] - goal) // last
