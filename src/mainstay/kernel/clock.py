"""The one place that asks what time it is, so that tests can say it instead."""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Anything that can tell the present instant."""

    def now(self) -> datetime:
        """Return the present instant, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present instant, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that moves only when it is told to."""

    def __init__(self, at: datetime) -> None:
        """Start at the given instant, which must carry a zone."""
        self.at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant this clock was last set to."""
        return self.at

    def advance(self, by: timedelta) -> None:
        """Move the clock forward."""
        self.at += by


def today_in(zone: str, now: datetime) -> date:
    """Return the calendar date that a person in this time zone sees now."""
    return now.astimezone(ZoneInfo(zone)).date()
