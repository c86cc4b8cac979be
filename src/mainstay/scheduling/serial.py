"""Schedule generation: activities placed one by one, each where the resources have room."""

from collections.abc import Sequence

from mainstay.scheduling.graph import K
from mainstay.scheduling.problem import Problem

Starts = list[int]


def earliest_first(plan: Problem[K], order: Sequence[int]) -> Starts | None:
    """Place activities in this order, each as early as links and resources allow.

    The order must respect the links. None: the periods at hand have no room for it.
    """
    try:
        return _earliest_first(plan, order)
    except IndexError:
        return None


def _earliest_first(plan: Problem[K], order: Sequence[int]) -> Starts:
    lengths, waits, needs, guard = plan.lengths, plan.waits, plan.needs, plan.guard
    use = plan.profile.copy()
    starts = plan.release.copy()
    for place in order:
        start = starts[place]
        for other, offset in waits[place]:
            ready = starts[other] + offset
            if ready > start:  # noqa: PLR1730 - a call here costs a quarter of the time
                start = ready
        need = needs[place]
        if need:
            # Look back from the last period: a full one rules out all starts before it.
            length = lengths[place]
            checked = start - 1
            period = last = checked + length
            while period > checked:
                if (use[period] + need) & guard:
                    checked = last
                    period = last = period + length
                else:
                    period -= 1
            start = last - length + 1
            for period in range(start, last + 1):
                use[period] += need
        starts[place] = start
    return starts


def latest_first(plan: Problem[K], order: Sequence[int], end: int) -> Starts | None:
    """Place activities in this order, each as late as links, resources and the end allow.

    None: the order leaves one no room before the end (before the first period, the list of
    periods is read from its end; what comes of that is not kept).
    """
    try:
        return _latest_first(plan, order, end)
    except IndexError:
        return None


def _latest_first(plan: Problem[K], order: Sequence[int], end: int) -> Starts | None:
    lengths, holds, needs, guard = plan.lengths, plan.holds, plan.needs, plan.guard
    release = plan.release
    use = plan.profile[:end]
    starts = [end] * len(lengths)
    for place in order:
        length = lengths[place]
        start = end - length
        for other, offset in holds[place]:
            ready = starts[other] - offset
            if ready < start:  # noqa: PLR1730 - as above
                start = ready
        need = needs[place]
        if need:
            checked = start + length
            period = first = start
            while period < checked:
                if (use[period] + need) & guard:
                    checked = first
                    period = first = period - length
                else:
                    period += 1
            start = first
            for period in range(start, start + length):
                use[period] += need
        if start < release[place]:
            return None
        starts[place] = start
    return starts


def period_by_period(plan: Problem[K], priorities: Sequence[float]) -> Starts | None:
    """Walk through time and start, lowest priority number first, all that can start now."""
    lengths, needs, guard, holds = plan.lengths, plan.needs, plan.guard, plan.holds
    use = plan.profile.copy()
    starts = plan.release.copy()
    missing = [len(ties) for ties in plan.waits]
    ready = [place for place, count in enumerate(missing) if not count]
    now, left = 0, len(lengths)
    while left and now < len(use):
        ready.sort(key=priorities.__getitem__)
        waiting: list[int] = []
        freed: list[int] = []
        for place in ready:
            need = needs[place]
            span = range(now, now + lengths[place])
            if starts[place] > now or (need and _full(use, need, guard, span)):
                waiting.append(place)
                continue
            for period in span if need else ():
                use[period] += need
            starts[place] = now
            left -= 1
            for other, offset in holds[place]:
                starts[other] = max(starts[other], now + offset)
                missing[other] -= 1
                if not missing[other]:
                    freed.append(other)
        ready = waiting + freed
        # What takes no time may have freed others for the same period.
        now += not any(starts[place] <= now for place in freed)
    return None if left else starts


def _full(use: list[int], need: int, guard: int, span: range) -> bool:
    if span.stop > len(use):
        return True
    return any((use[period] + need) & guard for period in span)


def in_start_order(plan: Problem[K], starts: Sequence[float], *, settled: bool) -> list[int]:
    """Return the activities by start; one that may start before what it waits for comes after."""
    if not settled:
        starts = settle(plan, list(starts))
    return sorted(range(len(starts)), key=starts.__getitem__)


def in_finish_order(plan: Problem[K], starts: Starts, *, settled: bool) -> list[int]:
    """Return the activities by finish, last first, each before what it waits for."""
    ends: list[int] = [start + length for start, length in zip(starts, plan.lengths, strict=True)]
    if not settled:
        for place in range(len(ends) - 1, -1, -1):
            for other, _ in plan.holds[place]:
                ends[place] = min(ends[place], ends[other])
    order = sorted(range(len(ends)), key=ends.__getitem__)
    order.reverse()
    return order


def settle(plan: Problem[K], values: list[float]) -> list[float]:
    """Raise values until none is below one that the activity waits for."""
    for place, ties in enumerate(plan.waits):
        value = values[place]
        for other, _ in ties:
            if values[other] > value:  # noqa: PLR1730 - as above
                value = values[other]
        values[place] = value
    return values
