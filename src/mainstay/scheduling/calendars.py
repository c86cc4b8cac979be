"""Working calendars: which days are worked, and counting along them."""

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from mainstay.scheduling.graph import Number, finite

OFFICE_HOURS = (8.0, 8.0, 8.0, 8.0, 8.0, 0.0, 0.0)
FIRST, LAST = date.min.toordinal(), date.max.toordinal()
# Two years are indexed first; a plan that leaves them makes the index grow.
SPAN = 731


class NoDayLeft(ValueError):
    """A day lies, or counting leads, beyond the years from 1 to 9999 that dates know."""


class Calendar:
    """Which days are worked and for how many hours: a week, and the days that differ from it.

    Make one for each team or person and keep it: it remembers the days it has counted.
    """

    __slots__ = ("_base", "_counts", "_days", "_exceptions", "_from", "_turns", "_week")

    def __init__(
        self,
        hours: Sequence[float] = OFFICE_HOURS,
        exceptions: Mapping[date, float] | Iterable[date] = (),
    ) -> None:
        """Take the hours from Monday to Sunday, and holidays or the hours of single days."""
        if len(hours) != 7:
            raise ValueError(f"A week has seven days of hours, Monday first; got {len(hours)}.")
        self._week = tuple(_hours(value, "a weekday") for value in hours)
        given = exceptions if isinstance(exceptions, Mapping) else dict.fromkeys(exceptions, 0.0)
        self._exceptions = {
            day.toordinal(): _hours(value, day.isoformat()) for day, value in given.items()
        }
        if not any(self._week) and not any(self._exceptions.values()):
            raise ValueError("The calendar has no working day; give at least one day hours.")
        # Exceptions that are worked though their weekday is not, or the other way round.
        self._turns = sorted(
            day for day, value in self._exceptions.items() if bool(value) != bool(self._usual(day))
        )
        self._from = self._base = 0
        self._counts: array[int] = array("q")
        self._days: array[int] = array("q")

    def __repr__(self) -> str:
        return f"Calendar({self._week}, {len(self._exceptions)} exceptions)"

    def hours_on(self, day: date) -> float:
        """Return the hours worked on a day."""
        number = day.toordinal()
        return self._exceptions.get(number, self._usual(number))

    def is_working(self, day: date) -> bool:
        """Say whether a day is worked."""
        return self.hours_on(day) > 0

    def next_working_day(self, day: date) -> date:
        """Return the day itself if it is worked, else the first worked one after it."""
        return date.fromordinal(self.day(self.before(day.toordinal())))

    def previous_working_day(self, day: date) -> date:
        """Return the day itself if it is worked, else the last worked one before it."""
        return date.fromordinal(self.day(self.before(day.toordinal() + 1) - 1))

    def add_working_days(self, day: date, count: int) -> date:
        """Return the working day so many after (negative: before) a day; 0: it or the next one."""
        number = day.toordinal()
        if count > 0:
            return date.fromordinal(self.day(self.before(number + 1) + count - 1))
        return date.fromordinal(self.day(self.before(number) + count))

    def working_days_between(self, first: date, last: date) -> int:
        """Count the working days from one day to another, both included; negative if turned."""
        if last < first:
            return -self.working_days_between(last, first)
        return self.before(last.toordinal() + 1) - self.before(first.toordinal())

    def finish_of(self, start: date, duration: Number) -> date:
        """Return the last day of work that starts on or after a day; a started day counts whole."""
        days = whole_days(duration, "The duration")
        return date.fromordinal(self.day(self.before(start.toordinal()) + max(days, 1) - 1))

    def start_of(self, finish: date, duration: Number) -> date:
        """Return the first day of work that is to be done by the end of a day."""
        days = whole_days(duration, "The duration")
        return date.fromordinal(self.day(self.before(finish.toordinal() + 1) - max(days, 1)))

    def before(self, day: int) -> int:
        """Count the working days before a day (an ordinal), from the first day there is."""
        at = day - self._from
        if not 0 <= at < len(self._counts):
            if not FIRST <= day <= LAST + 1:
                raise NoDayLeft(
                    "The plan leaves the years from 1 to 9999; check its dates and durations."
                )
            self._index(day)
            at = day - self._from
        return self._counts[at]

    def day(self, count: int) -> int:
        """Return the working day (an ordinal) that has so many working days before it."""
        at = count - self._base
        if not 0 <= at < len(self._days):
            if not 0 <= count < self._counted(LAST + 1):
                raise NoDayLeft(self._nothing_left())
            self._reach(count)
            at = count - self._base
        return self._days[at]

    def _nothing_left(self) -> str:
        if any(self._week):
            return "There are no working days left there; check the dates and durations."
        return "There are no working days left there; give the calendar a working weekday."

    def _usual(self, day: int) -> float:
        return self._week[(day + 6) % 7]

    def _counted(self, day: int) -> int:
        """Count without the index: whole weeks, the rest of one, and the days that differ."""
        weeks, rest = divmod(day - FIRST, 7)
        worked = [bool(value) for value in self._week]
        count = weeks * sum(worked) + sum(worked[:rest])
        for turn in self._turns[: bisect_left(self._turns, day)]:
            count += 1 if self._exceptions[turn] else -1
        return count

    def _reach(self, count: int) -> None:
        """Find the working day by halving the years, and index up to it."""
        low, high = FIRST, LAST
        while low < high:
            middle = (low + high) // 2
            if self._counted(middle + 1) > count:
                high = middle
            else:
                low = middle + 1
        self._index(low)

    def _index(self, day: int) -> None:
        """Make the index cover a day, and some time around it."""
        known = len(self._counts)
        low = min(self._from, day - SPAN // 4) if known else day - SPAN // 4
        high = max(self._from + known, day + SPAN) if known else day + SPAN
        if known and high - low > 2 * known:  # far away: as much again, to grow seldom
            low, high = (low - known, high) if low < self._from else (low, high + known)
        low, high = max(low, FIRST), min(high, LAST + 1)
        count = self._base = self._counted(low)
        counts, days = array("q", (count,)), array("q")
        worked = [bool(value) for value in self._week]
        turns = set(self._turns)
        for one in range(low, high):
            if worked[(one + 6) % 7] != (one in turns):
                days.append(one)
                count += 1
            counts.append(count)
        self._from, self._counts, self._days = low, counts, days


def _hours(value: float, day: str) -> float:
    if not 0 <= finite(value, f"The hours of {day}") <= 24:
        raise ValueError(f"The hours of {day} must be from 0 to 24, not {value!r}.")
    return float(value)


def as_date(day: int) -> date:
    """Return the date of an ordinal."""
    if not FIRST <= day <= LAST:
        raise NoDayLeft("The plan leaves the years from 1 to 9999; check its dates and durations.")
    return date.fromordinal(day)


def whole_days(duration: Number, what: str) -> int:
    """Return a duration as whole days: a started day counts."""
    if finite(duration, what) < 0:
        raise ValueError(f"{what} is negative ({duration}); give 0 or more.")
    return math.ceil(duration)
