"""Days said relatively: today, +2w, this_month, as spans of days where the reader is."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAYS = {"today": 0, "tomorrow": 1, "yesterday": -1}
TURNS = {"last": -1, "this": 0, "next": 1}
BUCKETS = ("day", "week", "month", "quarter", "year")
SPANS = tuple(f"{turn}_{unit}" for unit in BUCKETS[1:] for turn in TURNS)
STEP = re.compile(r"([+ -])([0-9]{1,9})([dwmy])")
MONTHS = {"month": 1, "quarter": 3, "year": 12}
FAR = 100 * 366

Span = tuple[date, date]


def span(text: str, today: date) -> Span | None:
    """Return the first day that a text names and the day after its last, or None.

    A single day spans itself. Raises ValueError where the calendar ends.
    """
    if text in DAYS:
        return _one(today + timedelta(days=DAYS[text]))
    if text in SPANS:
        turn, _, unit = text.partition("_")
        return around(_turned(today, unit, TURNS[turn]), unit)
    if step := STEP.fullmatch(text):
        many = int(step[2]) * (-1 if step[1] == "-" else 1)
        unit = {"d": "day", "w": "week", "m": "month", "y": "year"}[step[3]]
        if abs(many) * {"day": 1, "week": 7, "month": 31, "year": 366}[unit] > FAR:
            raise ValueError("must be within 100 years")
        return _one(_turned(today, unit, many))
    return None


def around(day: date, unit: str) -> Span:
    """Return the first day of the week, month, quarter or year of a day, and of the next one."""
    if unit == "day":
        return _one(day)
    if unit == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=7)
    size = MONTHS[unit]
    first = day.replace(month=(day.month - 1) // size * size + 1, day=1)
    return first, _later(first, size)


def is_single(text: str) -> bool:
    """Return whether a text names one day rather than a longer span."""
    return text in DAYS or STEP.fullmatch(text) is not None


def start_of(day: date, zone: str) -> datetime:
    """Return the instant at which a day begins in a time zone."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def local_day(text: str | None, zone: str) -> str | None:
    """Return the day, in a time zone, of an instant as SQLite keeps it."""
    return None if text is None else _day_of_quarter(text[:14], int(text[14:16]) // 15, zone)


@lru_cache(maxsize=200_000)
def _day_of_quarter(hour: str, quarter: int, zone: str) -> str:
    """Return the day of a quarter of an hour: no zone changes within one."""
    moment = datetime.fromisoformat(f"{hour}{quarter * 15:02}:00+00:00")
    return moment.astimezone(ZoneInfo(zone)).date().isoformat()


def _one(day: date) -> Span:
    return day, day + timedelta(days=1)


def _turned(day: date, unit: str, many: int) -> date:
    if unit in ("day", "week"):
        return day + timedelta(days=many * (7 if unit == "week" else 1))
    return _later(day, many * MONTHS[unit])


def _later(day: date, months: int) -> date:
    """Return the same day some months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
