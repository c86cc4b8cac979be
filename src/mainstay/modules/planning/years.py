"""Plans that lead beyond the years that can be counted, and whose date is to blame."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from mainstay.kernel.problems import Conflict
from mainstay.modules.planning.plan import (
    Terms,
    Work,
    earliest,
    finish,
    length,
    settled,
    stands,
)
from mainstay.scheduling import NoDayLeft

# A date so far from today was mistyped, rather than planned.
FAR = 36_525
BEYOND = date.max.toordinal()


@contextmanager
def counted(works: Mapping[int, Work], others: Mapping[int, Work], by: Terms) -> Iterator[None]:
    """Refuse a plan that leaves the years that there are, and say which task leads it there.

    `others` may be tasks that the asking person does not see: they are not named.
    """
    try:
        yield
    except NoDayLeft:
        raise beyond(works, others, by) from None


def beyond(
    works: Mapping[int, Work], others: Mapping[int, Work], by: Terms, *, as_is: bool = False
) -> Conflict:
    """Return the refusal: it names the task that cannot be counted, or lies the farthest away.

    `as_is` says that tasks stand where their dates say, as for a move.
    """
    if not as_is and (by.start - by.today).days > FAR:
        return Conflict(
            f"The day from which on is planned ({said(by.start)}) lies too far away to count "
            "working days. Plan from an earlier one."
        )
    own = _farthest(works.values(), by, as_is=as_is)
    beside = _farthest(others.values(), by, as_is=True)
    if own and own[0] >= (beside[0] if beside else FAR):
        return too_far(own[1], _date_of(own[1], by))
    if beside:
        return Conflict(
            f"A task of another project ({said(_date_of(beside[1], by))}), which this plan is "
            "linked with, lies too far away to count working days. Let it have other dates, or "
            "take the link away."
        )
    longest = max(works.values(), key=lambda one: one.duration_days or 0)
    return Conflict(
        "Durations and lags lead this plan beyond the year 9999. Shorten them; "
        f"the longest task is {longest.label}."
    )


def too_far(work: Work, day: date) -> Conflict:
    """Return the refusal of one task's date."""
    return Conflict(
        f"{work.label} ({said(day)}) lies too far away to count working days. Change its dates."
    )


def _farthest(works: Iterable[Work], by: Terms, *, as_is: bool) -> tuple[int, Work] | None:
    """Return the task that stands the farthest from today, beyond what can be meant."""
    every = ((_distance(work, by, as_is=as_is), work) for work in works)
    return max((one for one in every if one[0] > FAR), key=lambda one: one[0], default=None)


def _distance(work: Work, by: Terms, *, as_is: bool) -> int:
    """Return how many days from today a task stands by itself."""
    if work.status == "cancelled" or (as_is and not (work.start_date or work.due_date)):
        return 0
    try:
        days = stands(work, by) if as_is else settled(work, by)
        if days is None:
            first = earliest(work, by)
            days = first, finish(first, length(work, by), by.calendar)
    except NoDayLeft:
        return BEYOND
    return max(abs((day - by.today).days) for day in days)


def _date_of(work: Work, by: Terms) -> date:
    """Return the date of a task that lies the farthest from today."""
    every = (work.start_date, work.due_date, work.not_before)
    return max((day for day in every if day), key=lambda day: abs(day - by.today), default=by.today)


def said(day: date) -> str:
    """Return a day as it is told: 31 Dec 9999."""
    return f"{day.day} {day:%b} {day.year:04}"
