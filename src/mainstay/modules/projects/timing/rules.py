"""Which rate counts for an hour, and when a timer was forgotten: pure functions."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

# A timer that ran longer than this asks when the work really ended, before it counts.
FORGOTTEN = timedelta(hours=10)
LONGEST = timedelta(hours=24)


class RateRule(NamedTuple):
    """What an hour costs for some people, projects and kinds of work, for some days."""

    id: int
    user_id: int | None = None
    project_id: int | None = None
    type: str | None = None
    billing_rate: Decimal | None = None
    cost_rate: Decimal | None = None
    currency: str = ""
    valid_from: date | None = None
    valid_until: date | None = None

    @property
    def weight(self) -> int:
        """Return how telling it is: a project tells most, then a person, then a kind of work."""
        said = (self.project_id, 4), (self.user_id, 2), (self.type, 1)
        return sum(worth for value, worth in said if value is not None)


class Hour(NamedTuple):
    """An hour of work, as far as its price depends on it."""

    user_id: int
    project_id: int
    type: str
    day: date
    currency: str


def counts(rule: RateRule, hour: Hour) -> bool:
    """Return whether a rule is about this hour, on its day and in its project's currency."""
    return (
        rule.user_id in (None, hour.user_id)
        and rule.project_id in (None, hour.project_id)
        and rule.type in (None, hour.type)
        and rule.currency == hour.currency
        and (rule.valid_from is None or rule.valid_from <= hour.day)
        and (rule.valid_until is None or hour.day <= rule.valid_until)
    )


def rate(
    rules: Iterable[RateRule], hour: Hour, which: Literal["billing_rate", "cost_rate"]
) -> Decimal | None:
    """Return the rate of the most telling rule that has one; of equals, the latest counts."""
    fitting = [rule for rule in rules if getattr(rule, which) is not None and counts(rule, hour)]
    if not fitting:
        return None
    best = max(fitting, key=lambda r: (r.weight, r.valid_from or date.min, r.id))
    found: Decimal | None = getattr(best, which)
    return found


def forgotten(started: datetime, now: datetime) -> bool:
    """Return whether a timer has run so long that it must be asked about."""
    return now - started > FORGOTTEN
