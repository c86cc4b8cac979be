"""How weeks are counted, locked and rounded: pure functions, nothing but numbers and days."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from msgspec import Struct, structs

LOCKED = ("submitted", "approved")
WEEK = timedelta(days=7)
STARTS = {"monday": 0, "saturday": 5, "sunday": 6}
CENT = Decimal("0.01")
LONGEST = Decimal(24)
Rounding = Literal["up", "nearest", "down"]

WAYS: Mapping[str, frozenset[str]] = {
    "open": frozenset({"submitted", "approved"}),
    "rejected": frozenset({"submitted", "approved", "open"}),
    "submitted": frozenset({"open", "approved", "rejected"}),
    "approved": frozenset({"open", "submitted"}),
}


def monday(day: date) -> date:
    """Return the first day of the week that is handed in with this day."""
    return day - timedelta(days=day.weekday())


def days_shown(day: date, starts: str) -> list[date]:
    """Return the seven days around a day as somebody counts weeks who begins on `starts`."""
    back = (day.weekday() - STARTS.get(starts, 0)) % 7
    return [day + timedelta(days=n - back) for n in range(7)]


# ---- hours as people write them ----

CLOCK = re.compile(r"([0-9]{0,2}):([0-5][0-9])")
PLAIN = re.compile(r"([0-9]{0,3})(?:[.,]([0-9]{0,4}))?(?: ?h)?")
WORDS = re.compile(r"([0-9]{1,3}) ?h(?: ?([0-9]{1,4})(?: ?m(?:in)?)?)?")
MINUTES = re.compile(r"([0-9]{1,4}) ?m(?:in)?")


def hours_in(text: str) -> Decimal:
    """Read hours as people write them: 1:30, 1.5, 1,5, 90m, 1h30; nothing means none."""
    said = " ".join(text.lower().split())
    if not said:
        return Decimal(0)
    minutes = _minutes_in(said)
    if minutes is None:
        raise ValueError("is no time; write 1:30, 1.5, 90m or 1h30")
    hours = (minutes / 60).quantize(CENT, ROUND_HALF_UP)
    if hours > LONGEST:
        raise ValueError("must be at most 24 hours; write 45m for minutes")
    if minutes and not hours:
        raise ValueError("is too little to count; a minute is the least")
    return hours


def _minutes_in(said: str) -> Decimal | None:
    if found := CLOCK.fullmatch(said):
        return Decimal(int(found[1] or 0) * 60 + int(found[2]))
    if found := MINUTES.fullmatch(said):
        return Decimal(found[1])
    if (found := PLAIN.fullmatch(said)) and (found[1] or found[2]):
        return Decimal(f"{found[1] or 0}.{found[2] or 0}") * 60
    if (found := WORDS.fullmatch(said)) and found[1]:
        return Decimal(int(found[1]) * 60 + int(found[2] or 0))
    return None


def minutes_of(hours: Decimal) -> int:
    """Return the whole minutes that hours with two decimals stand for: 1.33 is 80."""
    return int((hours * 60).quantize(Decimal(1), ROUND_HALF_UP))


def hours_of(minutes: int) -> Decimal:
    """Return minutes as hours with two decimals; every count of minutes comes back from them."""
    return (Decimal(minutes) / 60).quantize(CENT, ROUND_HALF_UP)


def worth(minutes: int, rate: Decimal) -> Decimal:
    """Return what minutes bring or cost at a rate for an hour, to the cent."""
    return (rate * minutes / 60).quantize(CENT, ROUND_HALF_UP)


def clock(minutes: int) -> str:
    """Write minutes as people read hours: 90 is 1:30."""
    return f"{minutes // 60}:{minutes % 60:02d}"


# ---- rounding for the customer ----


class Policy(Struct, frozen=True, kw_only=True):
    """How time is rounded for customers, and what of it is locked."""

    round_to: int = 0
    rounding: Rounding = "nearest"
    round_each: Literal["entry", "day"] = "entry"
    weekly_hours: Decimal = Decimal(40)
    approval_required: bool = True
    locked_until: date | None = None


def rounded(minutes: int, step: int, way: Rounding) -> int:
    """Return minutes in whole steps: never less than they are by `up`, nor more by `down`."""
    if not step:
        return minutes
    add = {"up": step - 1, "nearest": step // 2, "down": 0}[way]
    return (minutes + add) // step * step


def billed(entries: Iterable[tuple[object, Decimal]], policy: Policy) -> list[int]:
    """Return the billed minutes of one project's billable entries, in their order.

    Each entry comes with whose day it belongs to. Hours are kept with two decimals, so each entry
    is read as whole minutes first (0.17 is 10 minutes), and minutes are added up. Where days are
    rounded, an entry has what its day's rounded time grew by with it, so that the entries of a day
    add up to the rounded day.
    """
    step, way = policy.round_to, policy.rounding
    so_far: dict[object, int] = {}
    found = []
    for day, hours in entries:
        minutes = minutes_of(hours)
        if policy.round_each == "entry":
            found.append(rounded(minutes, step, way))
            continue
        before = so_far.get(day, 0)
        so_far[day] = before + minutes
        found.append(rounded(so_far[day], step, way) - rounded(before, step, way))
    return found


# ---- what is special about a week ----


class Sign(Struct, frozen=True):
    """Something about a week that an approver wants to know."""

    kind: Literal["missing", "over", "under", "free"]
    minutes: int = 0
    days: tuple[date, ...] = ()


def signs(logged: Mapping[date, int], planned: Mapping[date, float], today: date) -> list[Sign]:
    """Return what is special: working days without time, time on free days, more than planned."""
    missing = tuple(day for day in planned if planned[day] and not logged.get(day) and day <= today)
    free = tuple(day for day in planned if not planned[day] and logged.get(day))
    total = sum(logged.get(day, 0) for day in planned)
    plan = round(sum(planned.values()) * 60)
    found = [Sign("missing", days=missing)] if missing else []
    if free:
        found.append(Sign("free", sum(logged[day] for day in free), free))
    if total > plan:
        found.append(Sign("over", total - plan))
    elif plan > total:
        found.append(Sign("under", plan - total))
    return found


# ---- estimates ----

# Up to which percentage of its estimate a task took, stretch by stretch; the last has no end.
BUCKETS: Sequence[int | None] = (50, 80, 100, 120, 200, None)


def bucket(estimate: Decimal, actual: Decimal) -> int:
    """Return in which stretch of the distribution a task's actual share of its estimate lies.

    A task that took just its estimate belongs to those that kept it.
    """
    percent = actual / estimate * 100
    return next(n for n, upto in enumerate(BUCKETS) if upto is None or percent <= upto)


def share(part: Decimal, whole: Decimal) -> float | None:
    """Return a part of a whole, or None where there is no whole."""
    return float(part / whole) if whole else None


# ---- what a project earns ----


class Books(Struct, frozen=True, kw_only=True):
    """What a project's profit is worked out from, all in one currency."""

    billing_type: str | None
    total_amount: Decimal | None = None
    sale_price: Decimal | None = None
    monthly: Decimal | None = None
    months_passed: int = 0
    months_in_all: int | None = None
    budget: Decimal | None = None
    actual_cost: Decimal = Decimal(0)
    progress: float = 0.0
    hours: Decimal = Decimal(0)
    billed_hours: Decimal = Decimal(0)
    billed_amount: Decimal = Decimal(0)
    time_cost: Decimal = Decimal(0)


class Profit(Struct, frozen=True, kw_only=True):
    """What a project earns, costs and leaves: now, and when it is done."""

    revenue: Decimal | None
    cost: Decimal | None
    margin: Decimal | None
    margin_share: float | None
    effective_rate: Decimal | None
    burn: float | None
    cost_at_completion: Decimal | None
    revenue_at_completion: Decimal | None
    margin_at_completion: Decimal | None


def revenue(books: Books) -> Decimal | None:
    """Return what the customer owes for the project by the way it is billed; None if unknown."""
    if books.billing_type in ("fixed_price", "milestone_based"):
        said = [one for one in (books.total_amount, books.sale_price) if one is not None]
        return sum(said, Decimal(0)) if said else None
    if books.billing_type == "time_and_materials":
        return books.billed_amount
    if books.billing_type == "retainer":
        return None if books.monthly is None else books.monthly * books.months_passed
    return None


def profit(books: Books) -> Profit:
    """Return margin, effective rate, burn and the forecast: cost so far over progress so far."""
    earned = revenue(books)
    cost = books.time_cost + books.actual_cost
    done = Decimal(str(round(books.progress, 6)))
    at_end = (cost / done).quantize(CENT, ROUND_HALF_UP) if done else None
    earned_at_end = _earned_at_end(books, earned, done)
    margin = None if earned is None else earned - cost
    known = at_end is not None and earned_at_end is not None
    return Profit(
        revenue=earned,
        cost=cost,
        margin=margin,
        margin_share=None if margin is None or not earned else float(margin / earned),
        effective_rate=(
            (earned / books.hours).quantize(CENT, ROUND_HALF_UP)
            if earned is not None and books.hours
            else None
        ),
        burn=float(cost / books.budget) if books.budget else None,
        cost_at_completion=at_end,
        revenue_at_completion=earned_at_end,
        margin_at_completion=(earned_at_end - at_end) if known else None,  # type: ignore[operator]
    )


def without_cost(books: Books, found: Profit) -> tuple[Books, Profit]:
    """Leave out what cost is known from, for people who may see what is billed and no more."""
    hidden = ("cost", "margin", "margin_share", "burn", "cost_at_completion")
    nothing = dict.fromkeys((*hidden, "margin_at_completion"))
    return (
        structs.replace(books, time_cost=Decimal(0), actual_cost=Decimal(0)),
        structs.replace(found, **nothing),
    )


def _earned_at_end(books: Books, earned: Decimal | None, done: Decimal) -> Decimal | None:
    if books.billing_type == "time_and_materials":
        if earned is None or not done:
            return None
        return (earned / done).quantize(CENT, ROUND_HALF_UP)
    if books.billing_type == "retainer":
        if books.monthly is None or books.months_in_all is None:
            return None
        return books.monthly * books.months_in_all
    return earned


def months_due(first: date, last: date, day: int) -> int:
    """Return how often a monthly amount falls due from first to last; the last day if shorter."""
    if last < first:
        return 0
    count, year, month = 0, first.year, first.month
    while (year, month) <= (last.year, last.month):
        after = date(year + month // 12, month % 12 + 1, 1)
        due = date(year, month, min(day, (after - timedelta(days=1)).day))
        count += first <= due <= last
        year, month = after.year, after.month
    return count
