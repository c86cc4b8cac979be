"""When a series comes again: pure functions of its rule, its days so far, and the day it is."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Protocol

from msgspec import Struct

from mainstay.recurrence import Recur, Rule, each_day

DAY = timedelta(days=1)
MOST_AHEAD = 31
MOST_MISSED = 60
MOST_DAYS = 1000
TIMED = ("HOURLY", "MINUTELY", "SECONDLY")


class Due(Struct, frozen=True):
    """What a series comes to on a day: tasks to make, days that were missed, and its next day."""

    make: list[date]
    missed: list[date]
    next_on: date | None


def read(text: str) -> Recur:
    """Read the rule of a series; a task falls on a day, so the rule names no times.

    Raises ValueError naming the part that is wrong and what it should be.
    """
    rule = Rule.parse(text)
    if rule.start:
        raise ValueError("cannot have a DTSTART here: the first day is the field Starts on")
    if rule.dates or rule.except_recurs or len(rule.recurs) != 1:
        raise ValueError("must be one RRULE: make a series of its own for other days")
    if rule.except_dates:
        raise ValueError("cannot have an EXDATE here: write those days in the field Except on")
    recur = rule.recurs[0]
    if recur.freq in TIMED:
        raise ValueError(f"cannot come {recur.freq} for a task: use DAILY or a rarer FREQ")
    if recur.by_hour or recur.by_minute or recur.by_second:
        raise ValueError(
            "cannot name times, as a task falls on a day: leave out BYHOUR and the like"
        )
    return recur


def coming(text: str, starts_on: date, except_on: Iterable[date], *, after: date) -> Iterator[date]:
    """Yield the days of a rule after a day, as long as somebody asks for one more."""
    rule = Rule(recurs=(read(text),), except_dates=tuple(sorted(set(except_on))))
    return each_day(rule, starts_on, after=after)


def first_free(found: Iterable[date], taken: Collection[date]) -> date | None:
    """Return the first of these days that has not come yet."""
    return next((day for day in found if day not in taken), None)


def before(day: date) -> date:
    """Return the day before, where the calendar has one."""
    return day - DAY if day > date.min else day


def sort_due(found: Iterable[date], today: date, lead: int, taken: Collection[date]) -> Due:
    """Say what to do with the days of a series from its next one on.

    After a time without making any (the server was off, or the series was not looked at), the
    tasks of that time are not made all at once: of the days up to today only the last is made,
    the others are noted as missed. Days ahead are made as far as the series looks ahead.
    """
    past: list[date] = []
    ahead: list[date] = []
    for day in found:
        if day in taken:
            continue
        if day > today + timedelta(days=lead):
            return Due([*past[-1:], *ahead], past[:-1][-MOST_MISSED:], day)
        (past if day <= today else ahead).append(day)
    return Due([*past[-1:], *ahead], past[:-1][-MOST_MISSED:], None)


class Last(Protocol):
    """What must be known of the last time a series came."""

    @property
    def on_day(self) -> date:
        """Return the day."""

    @property
    def state(self) -> str:
        """Return whether its task was made, or it was skipped or missed."""

    @property
    def done_on(self) -> date | None:
        """Return when its task was done, where it is there and done."""


def after_completion(
    came: Sequence[Last], starts_on: date, days_after: int, today: date
) -> date | None:
    """Return when a series comes again that goes by completion, or None while its task is open.

    The first time it comes on its first day; a skipped day counts as if it had been done then.
    It is never planned for a day that is over, nor for one on which it came already.
    """
    if not came:
        day = starts_on
    elif came[-1].state == "skipped":
        day = came[-1].on_day + timedelta(days=max(days_after, 1))
    elif (done := came[-1].done_on) is not None:
        day = done + timedelta(days=days_after)
    else:
        return None
    day, taken = max(day, today), {one.on_day for one in came}
    while day in taken:
        day += DAY
    return day
