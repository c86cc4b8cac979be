"""A rule of recurrence as a value: one RRULE, or several with single dates added and left out."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Literal, Self

from msgspec import Struct

from mainstay.recurrence import reading

Freq = Literal["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"]
DAYS = reading.DAYS
Moment = date | datetime


class Nth(Struct, frozen=True, order=True):
    """A weekday (0 is Monday): each, or the n-th of its month or year; below 0, from the end."""

    weekday: int
    n: int = 0

    def __str__(self) -> str:
        """Write it as RFC 5545 does: TU, 1MO, -1FR."""
        return f"{self.n or ''}{DAYS[self.weekday]}"


class Recur(Struct, frozen=True, kw_only=True):
    """One RRULE. Lists are sorted and hold each value once, so that equal rules are equal."""

    freq: Freq
    interval: int = 1
    count: int | None = None
    until: Moment | None = None
    by_month: tuple[int, ...] = ()
    by_week: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_day: tuple[Nth, ...] = ()
    by_hour: tuple[int, ...] = ()
    by_minute: tuple[int, ...] = ()
    by_second: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()
    week_start: int = 0

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read the value of an RRULE like FREQ=WEEKLY;BYDAY=TU,TH.

        Raises ValueError naming the part that is wrong and what it should be.
        """
        parts = reading.parts(value)
        given = {name: reading.READ[key](key, text) for key, name, text in parts}
        if "by_day" in given:
            given["by_day"] = tuple(sorted(Nth(day, n) for day, n in given["by_day"]))
        found = cls(**given)
        reading.fits(found)
        return found

    def __str__(self) -> str:
        """Write the value of the RRULE; reading it gives the same rule again."""
        said = [f"FREQ={self.freq}"]
        if self.interval != 1:
            said.append(f"INTERVAL={self.interval}")
        if self.count is not None:
            said.append(f"COUNT={self.count}")
        if self.until is not None:
            said.append(f"UNTIL={moment_text(self.until)}")
        for key, name in reading.LISTS.items():
            if values := getattr(self, name):
                said.append(f"{key}={','.join(str(value) for value in values)}")
        if self.week_start:
            said.append(f"WKST={DAYS[self.week_start]}")
        return ";".join(said)


class Rule(Struct, frozen=True, kw_only=True):
    """When something happens: by RRULEs and on single dates, except by EXRULEs and on others.

    `start` and `zone` are known where the text had a DTSTART.
    """

    recurs: tuple[Recur, ...] = ()
    dates: tuple[Moment, ...] = ()
    except_recurs: tuple[Recur, ...] = ()
    except_dates: tuple[Moment, ...] = ()
    start: Moment | None = None
    zone: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read RFC 5545 lines (DTSTART, RRULE, RDATE, EXRULE, EXDATE), or the value of an RRULE.

        Raises ValueError naming the part that is wrong and what it should be.
        """
        found = reading.lines(text)
        start = found.start[0] if found.start else None
        rule = cls(
            recurs=tuple(Recur.parse(value) for value in found.recurs),
            dates=_ordered(found.dates),
            except_recurs=tuple(Recur.parse(value) for value in found.except_recurs),
            except_dates=_ordered(found.except_dates),
            start=start,
            zone=found.zone,
        )
        if not rule.recurs and not rule.dates:
            raise ValueError("has no RRULE: write one, like FREQ=WEEKLY;BYDAY=TU,TH")
        return rule

    def __str__(self) -> str:
        """Write the rule's lines, or only the value where it is nothing but one RRULE."""
        if len(self.recurs) == 1 and self == Rule(recurs=self.recurs):
            return str(self.recurs[0])
        zone = f";TZID={self.zone}" if self.zone else ""
        said = [_line("DTSTART", [self.start], zone)] if self.start else []
        said += [f"RRULE:{one}" for one in self.recurs]
        said += [_line("RDATE", [one], zone) for one in self.dates]
        said += [f"EXRULE:{one}" for one in self.except_recurs]
        said += [_line("EXDATE", [one], zone) for one in self.except_dates]
        return "\n".join(said)


def _ordered(found: Iterable[Moment]) -> tuple[Moment, ...]:
    return tuple(sorted(set(found), key=moment_text))


def _line(name: str, values: Iterable[Moment], zone: str) -> str:
    value = next(iter(values))
    text = moment_text(value)
    if not isinstance(value, datetime):
        return f"{name};VALUE=DATE:{text}"
    return f"{name}{'' if value.tzinfo else zone}:{text}"


def moment_text(value: Moment) -> str:
    """Write a date or a moment as RFC 5545 does: 20270503, 20270503T090000, 20270503T070000Z."""
    if not isinstance(value, datetime):
        return f"{value:%Y%m%d}".rjust(8, "0")
    if value.tzinfo:
        return f"{value.astimezone(UTC):%Y%m%dT%H%M%S}Z".rjust(16, "0")
    return f"{value:%Y%m%dT%H%M%S}".rjust(15, "0")
