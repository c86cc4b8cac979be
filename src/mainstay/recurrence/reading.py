"""Reads the text of RFC 5545 strictly: whatever is wrong is named, with what it should be."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQS = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
LONGEST = 20_000
MOST_DATES = 1000
MOST_RULES = 10
MOST_INTERVAL = 100_000
MOST_COUNT = 10_000
BY_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
STAMP = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")
RANGES = {
    "BYMONTH": (1, 12, False),
    "BYWEEKNO": (1, 53, True),
    "BYYEARDAY": (1, 366, True),
    "BYMONTHDAY": (1, 31, True),
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
    "BYSECOND": (0, 59, False),
    "BYSETPOS": (1, 366, True),
}
LISTS = {
    "BYMONTH": "by_month",
    "BYWEEKNO": "by_week",
    "BYYEARDAY": "by_year_day",
    "BYMONTHDAY": "by_month_day",
    "BYDAY": "by_day",
    "BYHOUR": "by_hour",
    "BYMINUTE": "by_minute",
    "BYSECOND": "by_second",
    "BYSETPOS": "by_set_pos",
}
NAMES = {
    "FREQ": "freq",
    "INTERVAL": "interval",
    "COUNT": "count",
    "UNTIL": "until",
    **LISTS,
    "WKST": "week_start",
}


@dataclass
class Lines:
    """What the lines of a text hold, before their rules are read."""

    recurs: list[str] = field(default_factory=list)
    dates: list[date] = field(default_factory=list)
    except_recurs: list[str] = field(default_factory=list)
    except_dates: list[date] = field(default_factory=list)
    start: list[date] = field(default_factory=list)
    zone: str = ""


def lines(text: str) -> Lines:
    """Split a text into its lines and read those that hold dates."""
    if len(text) > LONGEST:
        raise ValueError(f"is too long: at most {LONGEST} characters")
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    found = Lines()
    for raw in unfolded.splitlines():
        if line := raw.strip():
            _line(found, line)
    if len(found.recurs) + len(found.except_recurs) > MOST_RULES:
        raise ValueError(f"has too many rules: at most {MOST_RULES}")
    if len(found.dates) + len(found.except_dates) > MOST_DATES:
        raise ValueError(f"has too many single dates: at most {MOST_DATES}")
    return found


def _line(found: Lines, line: str) -> None:
    head, colon, value = line.partition(":")
    if not colon:
        head, value = "RRULE", line
    name, *params = head.upper().split(";") if colon else [head]
    if name in ("RRULE", "EXRULE"):
        if params:
            raise ValueError(f"{name} takes no parameters: write {name}:FREQ=…")
        (found.recurs if name == "RRULE" else found.except_recurs).append(value)
        return
    if name not in ("DTSTART", "RDATE", "EXDATE"):
        raise ValueError(
            f"has an unknown line {name[:40]}: use DTSTART, RRULE, RDATE, EXRULE or EXDATE"
        )
    _zone(found, name, head.split(";")[1:])
    stamps = [stamp(name, one) for one in value.split(",")]
    if name == "DTSTART" and (len(stamps) > 1 or found.start):
        raise ValueError("has several starts: write one DTSTART")
    {"DTSTART": found.start, "RDATE": found.dates, "EXDATE": found.except_dates}[name].extend(
        stamps
    )


def _zone(found: Lines, name: str, params: list[str]) -> None:
    for param in params:
        key, _sign, value = param.partition("=")
        if key.upper() == "VALUE" and value.upper() in ("DATE", "DATE-TIME"):
            continue
        if key.upper() != "TZID":
            raise ValueError(
                f"{name} has an unknown parameter {param[:40]}: "
                "use VALUE=DATE or TZID=Europe/Berlin"
            )
        if value not in available_timezones():
            raise ValueError(
                f"{name} names an unknown time zone {value[:64]}: write one like Europe/Berlin"
            )
        if found.zone not in ("", value):
            raise ValueError("mixes time zones: write every date in the one of DTSTART")
        found.zone = value


def parts(value: str) -> Iterator[tuple[str, str, str]]:
    """Yield the parts of an RRULE's value: key, name of the field, text."""
    seen: set[str] = set()
    for part in value.strip().strip(";").upper().split(";"):
        key, sign, text = (piece.strip() for piece in part.partition("="))
        if not sign or not text:
            raise ValueError(f"cannot read “{part.strip()[:40]}”: write parts like INTERVAL=2")
        if key not in NAMES:
            known = ", ".join(NAMES)
            raise ValueError(f"has an unknown part {key[:40]}: known are {known}")
        if key in seen:
            raise ValueError(f"has {key} twice: write it once")
        seen.add(key)
        yield key, NAMES[key], text
    if "FREQ" not in seen:
        raise ValueError("has no FREQ: say how often, like FREQ=WEEKLY")
    if {"COUNT", "UNTIL"} <= seen:
        raise ValueError("has both COUNT and UNTIL: keep one of them")


def _freq(_key: str, text: str) -> str:
    if text not in FREQS:
        raise ValueError(f"FREQ cannot be {text[:40]}: use one of {', '.join(FREQS)}")
    return text


def _number(most: int) -> Callable[[str, str], int]:
    def read(key: str, text: str) -> int:
        """Read a whole number from 1."""
        if not text.isdecimal() or len(text) > 9 or not 1 <= int(text) <= most:
            raise ValueError(f"{key} must be a whole number from 1 to {most}, not {text[:40]}")
        return int(text)

    return read


def _until(key: str, text: str) -> date:
    return stamp(key, text)


def stamp(key: str, text: str) -> date:
    """Read a date or a moment."""
    if (found := STAMP.fullmatch(text.strip().upper())) and (read := _moment(*found.groups())):
        return read
    raise ValueError(f"{key} must be a date like 20270503 or 20270503T090000Z, not {text[:40]}")


def _moment(day: str, at: str | None, utc: str | None) -> date | None:
    """Return a day or a moment, or None where the calendar has none of these numbers."""
    try:
        if not at:
            return datetime.strptime(day, "%Y%m%d").date()  # noqa: DTZ007 - a day
        moment = datetime.strptime(day + at, "%Y%m%d%H%M%S")  # noqa: DTZ007 - a wall time
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if utc else moment


def _many(key: str, text: str) -> tuple[int, ...]:
    least, most, signed = RANGES[key]
    found = set()
    for one in text.split(","):
        plain = one.strip().removeprefix("+")
        digits = plain.removeprefix("-") if signed else plain
        if not digits.isdecimal() or len(digits) > 4 or not least <= int(digits) <= most:
            also = f" or from -{most} to -{least}" if signed else ""
            raise ValueError(
                f"{key} must be numbers from {least} to {most}{also}, not {one.strip()[:40]}"
            )
        found.add(int(plain))
    return tuple(sorted(found))


def _days(key: str, text: str) -> frozenset[tuple[int, int]]:
    found = set()
    for one in text.split(","):
        day = BY_DAY.fullmatch(one.strip())
        number = int(day[1]) if day and day[1] else 0
        if not day or (day[1] and not 1 <= abs(number) <= 53):
            raise ValueError(
                f"{key} must be days like MO,TU or 1MO,-1FR (numbers up to 53), "
                f"not {one.strip()[:40]}"
            )
        found.add((DAYS.index(day[2]), number))
    return frozenset(found)


def _week_start(key: str, text: str) -> int:
    if text not in DAYS:
        raise ValueError(f"{key} must be one of {', '.join(DAYS)}, not {text[:40]}")
    return DAYS.index(text)


READ: dict[str, Callable[[str, str], Any]] = {
    "FREQ": _freq,
    "INTERVAL": _number(MOST_INTERVAL),
    "COUNT": _number(MOST_COUNT),
    "UNTIL": _until,
    "BYDAY": _days,
    "WKST": _week_start,
    **dict.fromkeys(RANGES, _many),
}


def fits(recur: Any) -> None:
    """Refuse parts that do not go together."""
    numbered = [day for day in recur.by_day if day.n]
    if numbered and recur.freq not in ("MONTHLY", "YEARLY"):
        raise ValueError(
            f"BYDAY cannot have numbers like {numbered[0]} with FREQ={recur.freq}: "
            f"write {DAYS[numbered[0].weekday]}, or use FREQ=MONTHLY"
        )
    if numbered and recur.by_week:
        raise ValueError(
            f"BYDAY cannot have numbers like {numbered[0]} with BYWEEKNO: "
            f"write {DAYS[numbered[0].weekday]}"
        )
    monthly = recur.freq == "MONTHLY" or recur.by_month
    if monthly and (far := next((day for day in numbered if abs(day.n) > 5), None)):
        raise ValueError(f"BYDAY cannot have {far}: no month has more than 5 of a weekday")
    others = any(getattr(recur, name) for name in LISTS.values() if name != "by_set_pos")
    if recur.by_set_pos and not others:
        raise ValueError(
            "BYSETPOS needs another part to choose from: add one, like BYDAY=MO,TU,WE,TH,FR"
        )


def zone_named(name: str) -> ZoneInfo:
    """Return a time zone; raises ValueError with the remedy when there is none of that name."""
    if name not in available_timezones():
        raise ValueError("must be a time zone like Europe/Berlin")
    return ZoneInfo(name)
