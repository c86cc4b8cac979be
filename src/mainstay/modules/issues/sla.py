"""Promised time: counting working minutes between instants, and what a promise came to."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from threading import RLock
from typing import Literal, Protocol, TypeVar
from zoneinfo import ZoneInfo

from mainstay.modules.projects.kinds import PriorityName

State = Literal["none", "running", "paused", "warned", "breached", "met", "missed"]
Answer = Literal["none", "running", "breached", "met", "missed"]
MINUTE = timedelta(minutes=1)
NOTHING = timedelta()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
# So many days are counted at once; a clock that leads beyond them counts as many again.
STRETCH = 500
# No promise leads further than this; a calendar that leaves too little time is refused.
FARTHEST = 36_500
PRIORITIES: tuple[PriorityName, ...] = ("highest", "high", "medium", "low", "lowest")


class TooFar(ValueError):
    """A calendar leaves so little time that a promise would end in a hundred years or never."""


class Days(Protocol):
    """A calendar that knows the hours of a day."""

    def hours_on(self, day: date) -> float:
        """Return the hours that are worked on a day."""
        ...


@dataclass(frozen=True)
class Pause:
    """A stretch in which a clock stands; one without an end lasts."""

    began: datetime
    ended: datetime | None = None


def ticks(at: datetime) -> int:
    """Return an instant as whole microseconds, in which everything is counted exactly."""
    return (at - EPOCH) // TICK


def instant(count: int) -> datetime:
    """Return the instant of a count of microseconds."""
    return EPOCH + count * TICK


class WorkingTime:
    """When is worked: from a time of the day on, in a zone, as long as a calendar says.

    Each day's work lasts its hours as they really pass, also where clocks are put forward or
    back meanwhile, but never into the next day's. Without a calendar every minute counts.
    """

    def __init__(self, calendar: Days | None, zone: str = "UTC", starts: str = "09:00") -> None:
        """Take a calendar, or None for around the clock."""
        self.calendar, self.zone = calendar, ZoneInfo(zone)
        self.starts = time.fromisoformat(starts)
        self._first = self._after_last = date.min
        self._opens: list[int] = []
        self._closes: list[int] = []
        # The work before each window, so that any two instants are one subtraction apart.
        self._before: list[int] = []
        # One is shared by all who ask at once, some of them in threads.
        self._alone = RLock()

    def between(self, first: datetime, last: datetime) -> timedelta:
        """Return how much working time lies between two instants; none when they are turned."""
        if last <= first:
            return NOTHING
        if self.calendar is None:
            return last - first
        with self._alone:
            self._cover(first.astimezone(UTC).date(), last.astimezone(UTC).date())
            return (self._worked(ticks(last)) - self._worked(ticks(first))) * TICK

    def after(self, start: datetime, work: timedelta) -> datetime:
        """Return the first instant at which so much working time has passed since another."""
        if work <= NOTHING:
            return start
        if self.calendar is None:
            return start + work
        with self._alone:
            return self._end(start, work)

    def _end(self, start: datetime, work: timedelta) -> datetime:
        day = start.astimezone(UTC).date()
        self._cover(day, day + 60 * DAY)
        while True:
            wanted = self._worked(ticks(start)) + work // TICK
            if self._closes and wanted <= self._total():
                return instant(self._reached(wanted))
            if (self._after_last - day).days > FARTHEST:
                raise TooFar("The calendar leaves too little working time for this promise.")
            self._cover(day, self._after_last + STRETCH * DAY)

    def windows(self, first: datetime, last: datetime) -> list[tuple[datetime, datetime]]:
        """Return the stretches of work that touch the time between two instants."""
        if self.calendar is None:
            return [(first, last)] if last > first else []
        with self._alone:
            self._cover(first.astimezone(UTC).date(), last.astimezone(UTC).date())
            low = bisect_right(self._closes, ticks(first))
            high = bisect_left(self._opens, ticks(last))
            pairs = list(zip(self._opens[low:high], self._closes[low:high], strict=True))
        return [(instant(opens), instant(closes)) for opens, closes in pairs]

    def _worked(self, at: int) -> int:
        """Return the work from the beginning of what is counted up to an instant."""
        place = bisect_right(self._opens, at) - 1
        if place < 0:
            return 0
        return self._before[place] + min(at, self._closes[place]) - self._opens[place]

    def _total(self) -> int:
        return self._before[-1] + self._closes[-1] - self._opens[-1]

    def _reached(self, wanted: int) -> int:
        """Return the first instant that has so much work before it."""
        place = bisect_right(self._before, wanted - 1) - 1
        return self._opens[place] + wanted - self._before[place]

    def _cover(self, first: date, last: date) -> None:
        """Make sure that these days are counted, and the ones beside them for every zone."""
        first, last = first - 2 * DAY, last + 2 * DAY
        if not self._opens and self._first == self._after_last:
            self._first = self._after_last = first
        if first < self._first:
            self._first, upto = first - STRETCH * DAY, self._after_last
            self._opens, self._closes, self._before = [], [], []
            self._after_last = self._first
            self._count(upto)
        if last >= self._after_last:
            self._count(last + DAY)

    def _count(self, upto: date) -> None:
        """Go on counting up to a day that is not counted any more."""
        assert self.calendar is not None
        while self._after_last < upto:
            day = self._after_last
            self._after_last = day + DAY
            hours = self.calendar.hours_on(day)
            if hours <= 0:
                continue
            opens, following = self._opening(day), self._opening(day + DAY)
            closes = min(opens + timedelta(hours=hours) // TICK, following)
            if closes > opens:
                self._before.append(self._total() if self._opens else 0)
                self._opens.append(opens)
                self._closes.append(closes)

    def _opening(self, day: date) -> int:
        """Return when work begins on a day; of a time that comes twice, the first one counts."""
        return ticks(datetime.combine(day, self.starts, self.zone).astimezone(UTC))


def merged(pauses: Iterable[Pause], start: datetime) -> Iterator[Pause]:
    """Yield pauses in their order, each moment once, without what lies before the start."""
    reached = start
    for pause in sorted(pauses, key=lambda one: one.began):
        began = max(pause.began, reached)
        ended = pause.ended
        if ended is None:
            yield Pause(began)
            return
        if ended > began:
            yield Pause(began, ended)
            reached = ended


def used(time_: WorkingTime, start: datetime, upto: datetime, pauses: Iterable[Pause]) -> timedelta:
    """Return the working time from a start up to an instant, less the pauses."""
    total = time_.between(start, upto)
    for pause in merged(pauses, start):
        ended = upto if pause.ended is None else min(pause.ended, upto)
        total -= time_.between(pause.began, ended)
    return total


def due(
    time_: WorkingTime, start: datetime, work: timedelta, pauses: Iterable[Pause]
) -> datetime | None:
    """Return when so much working time is used, or None while a pause holds that up."""
    at = start
    for pause in merged(pauses, start):
        part = time_.between(at, pause.began)
        if part >= work:
            break
        if pause.ended is None:
            return None
        work, at = work - part, pause.ended
    return time_.after(at, work)


def minutes(span: timedelta) -> int:
    """Return whole minutes that have passed."""
    return span // MINUTE


# ---- which promise counts ----


class Promise(Protocol):
    """What is asked of a policy to find the one that counts."""

    id: int
    project_id: int | None
    types: list[str]
    sort_order: float


P = TypeVar("P", bound=Promise)


def choose(policies: Iterable[P], project_id: int, type_: str) -> P | None:
    """Return the most telling policy: the project's before a general one, then the type's.

    Of two that tell the same, the one that stands first counts.
    """
    fitting = [
        one
        for one in policies
        if one.project_id in (None, project_id) and (not one.types or type_ in one.types)
    ]
    return min(
        fitting,
        key=lambda one: (one.project_id is None, not one.types, one.sort_order, one.id),
        default=None,
    )


# ---- how it stands ----


@dataclass(frozen=True)
class Reading:
    """What a clock says at an instant."""

    state: State
    used: timedelta
    due: datetime | None
    warn: datetime | None


@dataclass(frozen=True)
class Run:
    """A clock: when it started, how much it may use, its pauses, and when it was stopped."""

    time: WorkingTime
    start: datetime
    allowed: timedelta
    warn_share: float = 1.0
    pauses: Sequence[Pause] = ()
    stopped: datetime | None = None

    @property
    def paused(self) -> bool:
        """Return whether a pause lasts."""
        return any(one.ended is None for one in self.pauses)

    def read(self, now: datetime) -> Reading:
        """Return how the clock stands at an instant."""
        upto = self.stopped or now
        spent = used(self.time, self.start, upto, self.pauses)
        due_at = due(self.time, self.start, self.allowed, self.pauses)
        share = self.allowed * self.warn_share
        warn_at = due(self.time, self.start, share, self.pauses)
        return Reading(self._state(upto, due_at, warn_at), spent, due_at, warn_at)

    def _state(self, upto: datetime, due_at: datetime | None, warn_at: datetime | None) -> State:
        late = due_at is not None and upto > due_at
        if self.stopped is not None:
            return "missed" if late else "met"
        if due_at is not None and upto >= due_at:
            return "breached"
        if self.paused:
            return "paused"
        return "warned" if warn_at is not None and upto >= warn_at else "running"


def answered(
    time_: WorkingTime,
    start: datetime,
    allowed: timedelta,
    pauses: Sequence[Pause],
    first: datetime | None,
    *,
    over: datetime | None,
    now: datetime,
) -> tuple[Answer, datetime | None]:
    """Return how it stands with the first answer, and until when it is due.

    An issue that ended without any answer was answered by its end.
    """
    at = due(time_, start, allowed, pauses)
    came = min((one for one in (first, over) if one is not None), default=None)
    if came is not None:
        return ("missed" if at is not None and came > at else "met"), at
    return ("breached" if at is not None and now >= at else "running"), at


Simple = Literal["Met", "Missed", "On Track", "Breached"]
SAID: dict[State, Simple] = {
    "met": "Met",
    "missed": "Missed",
    "running": "On Track",
    "warned": "On Track",
    "paused": "On Track",
    "breached": "Breached",
}


def simple(state: State) -> Simple | None:
    """Return the four words that say how a promise stands, or None where nothing was promised."""
    return SAID.get(state)


@lru_cache(maxsize=64)
def zone_known(name: str) -> bool:
    """Return whether a time zone exists."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def midnight(day: date, zone: str) -> datetime:
    """Return when a day begins in a zone."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
