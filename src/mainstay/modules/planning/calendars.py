"""Working calendars as schedules count them: a week's hours, public holidays, days off."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

import holidays
from msgspec import Struct

from mainstay.kernel.problems import Invalid, invalid
from mainstay.scheduling import Calendar

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Public holidays are known to a plan for so many years around the present one.
BEFORE, AFTER = 4, 12
LONGEST_OFF = 1000


class Week(Struct, frozen=True, kw_only=True):
    """One calendar as it is stored: the hours from Monday to Sunday, and whose holidays count."""

    id: int
    name: str
    hours: tuple[float, ...]
    country: str = ""
    subdivision: str = ""
    is_default: bool = False


class Off(Struct, frozen=True):
    """Days off: on one calendar or on every one, for all or for the people named."""

    name: str
    first: date
    last: date
    calendar_id: int | None = None
    half: bool = False
    people: frozenset[int] = frozenset()

    def days(self) -> Iterator[date]:
        """Yield each day of it."""
        for number in range(min((self.last - self.first).days + 1, LONGEST_OFF)):
            yield self.first + timedelta(number)


class FreeDay(Struct, frozen=True):
    """A day on which less is worked than usual, and why."""

    day: date
    name: str
    hours: float
    public: bool = False


STANDARD = Week(id=0, name="Standard", hours=(8.0, 8.0, 8.0, 8.0, 8.0, 0.0, 0.0), is_default=True)


@lru_cache(maxsize=2048)
def public(country: str, subdivision: str, year: int, language: str = "") -> Mapping[date, str]:
    """Return the public holidays of a year; refuse a country or a part of it that is not known."""
    try:
        found = holidays.country_holidays(
            country, subdiv=subdivision or None, years=year, language=language or None
        )
    except NotImplementedError:
        raise _unknown(country, subdivision) from None
    return {day: str(name) for day, name in found.items() if day.year == year}


@lru_cache(maxsize=1)
def countries() -> Mapping[str, Sequence[str]]:
    """Return every country whose public holidays are known, with its parts."""
    return holidays.list_supported_countries()


def _unknown(country: str, subdivision: str) -> Invalid:
    known = countries().get(country)
    if known is None:
        return invalid(
            "country",
            "is no country whose public holidays are known; use an ISO 3166 code like DE or FR, "
            "or leave it out and enter the holidays yourself",
        )
    parts = f"known are {', '.join(known[:60])}" if known else "it has no parts here; leave it out"
    return invalid("subdivision", f"is no part of {country}; {parts}")


def check(hours: Sequence[float], country: str, subdivision: str, year: int) -> None:
    """Refuse a calendar on which nobody ever works, and places whose holidays are not known."""
    if not any(hours):
        raise invalid("monday", "must have hours, or another weekday must; nobody would work")
    if subdivision and not country:
        raise invalid("country", "is required with a subdivision")
    if country:
        public(country, subdivision, year)


class Calendars:
    """Every calendar of the workspace, ready to count by; each is made once."""

    def __init__(self, weeks: Iterable[Week], offs: Iterable[Off], today: date) -> None:
        """Take the calendars and days off as they are stored."""
        self.weeks = {week.id: week for week in weeks}
        self.offs, self.today = list(offs), today
        self._made: dict[tuple[int, int], Calendar] = {}

    def week(self, calendar_id: int | None) -> Week:
        """Return a calendar, or the usual one; a binned one counts as the usual one."""
        if calendar_id in self.weeks:
            return self.weeks[calendar_id]
        every = self.weeks.values()
        return next((w for w in every if w.is_default), next(iter(every), STANDARD))

    def of(self, calendar_id: int | None, person: int = 0) -> Calendar:
        """Return a calendar to count by; with a person, their own days off are free too."""
        week = self.week(calendar_id)
        person = person if any(person in off.people for off in self.offs) else 0
        if (week.id, person) not in self._made:
            self._made[week.id, person] = Calendar(week.hours, self._exceptions(week, person))
        return self._made[week.id, person]

    def _exceptions(self, week: Week, person: int) -> dict[date, float]:
        years = range(self.today.year - BEFORE, self.today.year + AFTER + 1)
        days = (day for year in years for day in self.free_days(week, year, person))
        return {one.day: one.hours for one in days}

    def free_days(
        self, week: Week, year: int, person: int = 0, language: str = ""
    ) -> list[FreeDay]:
        """Return the days of a year on which less is worked than on others of their weekday."""
        found: dict[date, FreeDay] = {}
        if week.country:
            for day, name in public(week.country, week.subdivision, year, language).items():
                found[day] = FreeDay(day, name, 0.0, public=True)
        for off in self.offs:
            if off.calendar_id not in (None, week.id) or (off.people and person not in off.people):
                continue
            for day in off.days() if off.first.year <= year <= off.last.year else ():
                if day.year == year:
                    _take(found, week, day, off)
        return [found[day] for day in sorted(found) if week.hours[day.weekday()]]


def _take(found: dict[date, FreeDay], week: Week, day: date, off: Off) -> None:
    """Note a day off; of two on the same day, the one that leaves fewer hours counts."""
    hours = week.hours[day.weekday()] / 2 if off.half else 0.0
    known = found.get(day)
    if known is None or hours < known.hours:
        found[day] = FreeDay(day, off.name, hours)


def hours_a_day(week: Week) -> float:
    """Return the hours of an ordinary working day: the average of those that are worked."""
    worked = [hours for hours in week.hours if hours]
    return sum(worked) / len(worked) if worked else 8.0
