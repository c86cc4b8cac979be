"""What a simple form asks about a rule, and the way from its choices to a rule and back."""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from mainstay.recurrence.reading import DAYS, MOST_COUNT, MOST_INTERVAL
from mainstay.recurrence.rule import Nth, Recur

Weekday = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
Which = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU", "weekday", "weekend", "day"]
SETS = {
    "weekday": tuple(Nth(day) for day in range(5)),
    "weekend": (Nth(5), Nth(6)),
    "day": tuple(Nth(day) for day in range(7)),
}
FREQS = {"daily": "DAILY", "weekly": "WEEKLY", "monthly": "MONTHLY", "yearly": "YEARLY"}
PLAIN = ("by_week", "by_year_day", "by_hour", "by_minute", "by_second")


class Choices(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """How often; on which days; until when. What is not asked for is left as it is."""

    frequency: Literal["daily", "weekly", "monthly", "yearly"] = "weekly"
    interval: Annotated[int, Meta(ge=1, le=MOST_INTERVAL)] = 1
    weekdays: tuple[Weekday, ...] = ()
    by: Literal["start", "date", "weekday"] = "start"
    month_day: Annotated[int, Meta(ge=-31, le=31)] = 1
    nth: Annotated[int, Meta(ge=-5, le=5)] = 1
    nth_day: Which = "MO"
    month: Annotated[int, Meta(ge=0, le=12)] = 0
    ends: Literal["never", "on", "after"] = "never"
    until: date | None = None
    count: Annotated[int, Meta(ge=1, le=MOST_COUNT)] | None = None


def from_choices(chosen: Choices) -> Recur:
    """Return the rule that somebody has chosen."""
    said = [f"FREQ={FREQS[chosen.frequency]}", f"INTERVAL={chosen.interval}"]
    if chosen.frequency == "weekly" and chosen.weekdays:
        said.append(f"BYDAY={','.join(chosen.weekdays)}")
    if chosen.frequency in ("monthly", "yearly"):
        said += _within_month(chosen)
    if chosen.ends == "on" and chosen.until:
        said.append(f"UNTIL={chosen.until:%Y%m%d}")
    if chosen.ends == "after" and chosen.count:
        said.append(f"COUNT={chosen.count}")
    return Recur.parse(";".join(said))


def _within_month(chosen: Choices) -> list[str]:
    said = [f"BYMONTH={chosen.month}"] if chosen.frequency == "yearly" and chosen.month else []
    if chosen.by == "date":
        said.append(f"BYMONTHDAY={chosen.month_day}")
    elif chosen.by == "weekday" and chosen.nth_day in SETS:
        days = ",".join(str(day) for day in SETS[chosen.nth_day])
        said += [f"BYDAY={days}", f"BYSETPOS={chosen.nth}"]
    elif chosen.by == "weekday":
        said.append(f"BYDAY={chosen.nth}{chosen.nth_day}")
    return said


def to_choices(recur: Recur) -> Choices | None:
    """Return the choices that make a rule, or None where it says more than the form asks."""
    frequency = next((name for name, freq in FREQS.items() if freq == recur.freq), None)
    if frequency is None or any(getattr(recur, name) for name in PLAIN) or recur.week_start:
        return None
    found = {"frequency": frequency, "interval": recur.interval} | _end(recur)
    if frequency == "weekly":
        found["weekdays"] = tuple(DAYS[day.weekday] for day in recur.by_day)
    elif frequency in ("monthly", "yearly"):
        found |= _day_of(recur)
        if frequency == "yearly" and len(recur.by_month) == 1:
            found["month"] = recur.by_month[0]
    made = Choices(**found)  # type: ignore[arg-type]
    try:
        return made if from_choices(made) == recur else None
    except ValueError:
        return None


def _end(recur: Recur) -> dict[str, object]:
    if recur.count is not None:
        return {"ends": "after", "count": recur.count}
    if recur.until is not None and not isinstance(recur.until, datetime):
        return {"ends": "on", "until": recur.until}
    return {}


def _day_of(recur: Recur) -> dict[str, object]:
    """Return on which day of a month a rule falls, as far as a form can say it."""
    if len(recur.by_month_day) == 1:
        return {"by": "date", "month_day": recur.by_month_day[0]}
    named = next((name for name, days in SETS.items() if days == recur.by_day), None)
    if named and len(recur.by_set_pos) == 1 and abs(recur.by_set_pos[0]) <= 5:
        return {"by": "weekday", "nth": recur.by_set_pos[0], "nth_day": named}
    if len(recur.by_day) == 1 and 0 < abs(recur.by_day[0].n) <= 5:
        return {
            "by": "weekday",
            "nth": recur.by_day[0].n,
            "nth_day": DAYS[recur.by_day[0].weekday],
        }
    return {}
