"""Finds when a rule happens, within bounds: a rule that never happens is known soon.

The calendar repeats itself every 400 years (146,097 days, a whole number of weeks). A rule that
finds no day within 400 years, or within 400 of its own steps where those are years, finds none.
"""

import heapq
from bisect import bisect_left
from calendar import isleap, monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice, product

from mainstay.recurrence.reading import zone_named
from mainstay.recurrence.rule import Moment, Nth, Recur, Rule

CYCLE = 400
STEPS = 150_000
SKIPPED = 20_000
DAY = 86_400
UNITS = {"HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}
LAST = date.max.toordinal()
MONTHS = tuple(range(1, 13))


def occurrences(
    rule: Rule,
    start: Moment | None = None,
    zone: str | tzinfo | None = None,
    *,
    after: datetime | None = None,
    limit: int = 100,
) -> list[datetime]:
    """Return when a rule happens from its start on, strictly in order, at most `limit` times.

    The wall time stays the same through changes of the clock. A time that a change leaves out is
    read with the offset before it (02:30 becomes 03:30), one that comes twice is the first; so
    says RFC 5545. Without a zone the moments are wall times. Only those after `after` count.
    """
    return list(islice(moments(rule, start, zone, after=after), limit))


def next_after(
    rule: Rule,
    start: Moment | None = None,
    zone: str | tzinfo | None = None,
    *,
    after: datetime | None = None,
) -> datetime | None:
    """Return the first time a rule happens after a moment, or None when it never does."""
    return next(moments(rule, start, zone, after=after), None)


def each_day(rule: Rule, start: date, *, after: date | None = None) -> Iterator[date]:
    """Yield the days a rule happens on, strictly in order, those after `after`."""
    last = after
    edge = datetime.combine(after, time.max) if after else None
    for moment in _walls(rule, _wall(start), edge, None):
        day = moment.date()
        if last is None or day > last:
            last = day
            yield day


def days(rule: Rule, start: date, *, after: date | None = None, limit: int = 100) -> list[date]:
    """Return the days a rule happens on, strictly in order, at most `limit`, after `after`."""
    return list(islice(each_day(rule, start, after=after), limit))


def next_day(rule: Rule, start: date, *, after: date | None = None) -> date | None:
    """Return the first day a rule happens on after a day, or None when it never does."""
    return next(each_day(rule, start, after=after), None)


def moments(
    rule: Rule,
    start: Moment | None = None,
    zone: str | tzinfo | None = None,
    *,
    after: datetime | None = None,
) -> Iterator[datetime]:
    """Yield when a rule happens, strictly in order; `occurrences` says how."""
    begin = start if start is not None else rule.start
    if begin is None:
        raise ValueError("has no start: give one, or write a DTSTART line")
    place = zone_named(zone) if isinstance(zone, str) and zone else zone
    if not place and rule.zone:
        place = zone_named(rule.zone)
    assert not isinstance(place, str)
    if isinstance(begin, datetime) and begin.tzinfo:
        begin = begin.astimezone(place or UTC).replace(tzinfo=None)
    edge = after
    if after and after.tzinfo:
        edge = after.astimezone(place or UTC).replace(tzinfo=None)
    # A day of room, because a change of the clock may bring wall times out of order.
    early = edge - timedelta(days=1) if edge and edge.year > 1 else edge
    walls = _walls(rule, _wall(begin), early, place)
    bound = after if place and after and after.tzinfo else edge
    if place and bound and not bound.tzinfo:
        bound = bound.replace(tzinfo=place)
    for moment in _placed(walls, place) if place else walls:
        if bound is None or moment > bound:
            yield moment


def _wall(start: Moment) -> datetime:
    """Return a start as a wall time of whole seconds."""
    if isinstance(start, datetime):
        return start.replace(microsecond=0, fold=0)
    return datetime.combine(start, time())


def _placed(walls: Iterator[datetime], place: tzinfo) -> Iterator[datetime]:
    """Put wall times into a zone, in order and each instant once."""
    last: datetime | None = None
    for instant in _instants(walls, place):
        if last is None or instant > last:
            last = instant
            yield instant.astimezone(place)


def _instants(walls: Iterator[datetime], place: tzinfo) -> Iterator[datetime]:
    """Yield instants in order; those of a left-out hour wait until their turn comes."""
    late: list[datetime] = []
    for wall in walls:
        instant = wall.replace(tzinfo=place).astimezone(UTC)
        if instant.astimezone(place).replace(tzinfo=None, fold=0) != wall:
            heapq.heappush(late, instant)
            continue
        while late and late[0] < instant:
            yield heapq.heappop(late)
        yield instant
    while late:
        yield heapq.heappop(late)


def _walls(
    rule: Rule, start: datetime, after: datetime | None, place: tzinfo | None
) -> Iterator[datetime]:
    """Yield the wall times of a whole rule: its parts merged, without what is left out."""
    streams = [_until(one, expand(one, start, after), place) for one in rule.recurs]
    single = sorted({_local(one, place, start) for one in rule.dates})
    streams.append(one for one in single if after is None or one > after)
    left_out = heapq.merge(
        *(_until(one, expand(one, start, after), place) for one in rule.except_recurs)
    )
    never = {_local(one, place, start) for one in rule.except_dates if isinstance(one, datetime)}
    never_days = {one for one in rule.except_dates if not isinstance(one, datetime)}
    out, last, skipped = next(left_out, None), None, 0
    for wall in heapq.merge(*streams):
        if wall == last:
            continue
        last = wall
        while out is not None and out < wall:
            out = next(left_out, None)
        if wall == out or wall in never or wall.date() in never_days:
            skipped += 1
            if skipped > SKIPPED:
                return
            continue
        skipped = 0
        yield wall


def _local(moment: Moment, place: tzinfo | None, start: datetime) -> datetime:
    """Return a single date as a wall time; a day has the time of the start."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, start.time())
    if moment.tzinfo:
        return moment.astimezone(place or UTC).replace(tzinfo=None)
    return moment


def _until(recur: Recur, found: Iterator[datetime], place: tzinfo | None) -> Iterator[datetime]:
    """Yield wall times up to a rule's end; a day ends with its last second."""
    end = recur.until
    if end is None:
        yield from found
        return
    if not isinstance(end, datetime):
        end = datetime.combine(end, time.max)
    elif end.tzinfo:
        end = end.astimezone(place or UTC).replace(tzinfo=None)
    for wall in found:
        if wall > end:
            return
        yield wall


def expand(recur: Recur, start: datetime, after: datetime | None = None) -> Iterator[datetime]:
    """Yield the wall times of one RRULE from its start on, not minding its UNTIL.

    Without a COUNT it may begin shortly before `after`, as nothing before it is asked for.
    """
    skip = after if recur.count is None and after and after > start else None
    pace = _Hourly if recur.freq in UNITS else _Daily
    left = recur.count
    for wall in pace(recur, start).walls(skip):
        if wall < start:
            continue
        yield wall
        if left is not None:
            left -= 1
            if left == 0:
                return


class _Fits:
    """Which days meet the parts of a rule that name days."""

    def __init__(self, recur: Recur, start: datetime) -> None:
        """Take the parts; a rule without any goes by the day of its start."""
        self.recur = recur
        self.months = frozenset(recur.by_month)
        self.month_days = frozenset(recur.by_month_day)
        self.from_end = any(day < 0 for day in recur.by_month_day)
        self.year_days = frozenset(recur.by_year_day)
        self.weeks = frozenset(recur.by_week)
        by_day = recur.by_day
        if not (by_day or self.month_days or self.year_days or self.weeks):
            if recur.freq == "YEARLY":
                self.months = self.months or frozenset({start.month})
            if recur.freq in ("YEARLY", "MONTHLY"):
                self.month_days = frozenset({start.day})
            if recur.freq == "WEEKLY":
                by_day = (Nth(start.weekday()),)
        self.weekdays = frozenset(day.weekday for day in by_day if not day.n)
        self.nths = frozenset((day.weekday, day.n) for day in by_day if day.n)
        self.by_day = bool(by_day)
        self.in_month = recur.freq == "MONTHLY" or bool(recur.by_month)

    def __call__(self, day: date) -> bool:
        """Return whether a day meets them all."""
        if self.months and day.month not in self.months:
            return False
        if self.month_days and not self._month_day(day):
            return False
        if self.by_day and day.weekday() not in self.weekdays and not self._nth(day):
            return False
        if self.year_days and not self._year_day(day):
            return False
        return not self.weeks or self._week(day)

    def _month_day(self, day: date) -> bool:
        if day.day in self.month_days or not self.from_end:
            return day.day in self.month_days
        return day.day - monthrange(day.year, day.month)[1] - 1 in self.month_days

    def _year_day(self, day: date) -> bool:
        place = _yearday(day)
        return place in self.year_days or place - _length(day.year) - 1 in self.year_days

    def _nth(self, day: date) -> bool:
        if not self.nths:
            return False
        if self.in_month:
            place, length = day.day, monthrange(day.year, day.month)[1]
        else:
            place, length = _yearday(day), _length(day.year)
        first, last = (place - 1) // 7 + 1, -((length - place) // 7 + 1)
        return not self.nths.isdisjoint({(day.weekday(), first), (day.weekday(), last)})

    def _week(self, day: date) -> bool:
        """Return whether a day is in one of the weeks; a week belongs to the year of most of it."""
        begin = day.toordinal() - (day.weekday() - self.recur.week_start) % 7
        fourth = begin + 3
        if fourth > LAST or fourth < 1:
            return False
        middle = date.fromordinal(fourth)
        number = (_yearday(middle) - 1) // 7 + 1
        left = (_length(middle.year) - _yearday(middle)) // 7
        return number in self.weeks or -left - 1 in self.weeks


def _yearday(day: date) -> int:
    return day.toordinal() - date(day.year, 1, 1).toordinal() + 1


def _length(year: int) -> int:
    return 366 if isleap(year) else 365


class _Daily:
    """Rules that go by years, months, weeks or days."""

    def __init__(self, recur: Recur, start: datetime) -> None:
        """Take the rule and its start."""
        self.recur, self.start = recur, start
        self.fits = _Fits(recur, start)
        self.times = [
            time(*parts)
            for parts in product(
                recur.by_hour or (start.hour,),
                recur.by_minute or (start.minute,),
                recur.by_second or (start.second,),
            )
        ]
        years = -(-recur.interval // 12) if recur.freq == "MONTHLY" else recur.interval
        self.horizon = CYCLE * (years if recur.freq in ("YEARLY", "MONTHLY") else 1)

    def walls(self, after: datetime | None) -> Iterator[datetime]:
        """Yield the wall times, period by period."""
        hit = max(self.start, after) if after else self.start
        for begin, period in self._periods(after):
            if begin.year - hit.year > self.horizon:
                return
            found = [day for day in period if self.fits(day)]
            for wall in self._chosen(found):
                hit = wall
                yield wall

    def _chosen(self, found: list[date]) -> Iterator[datetime]:
        """Combine days and times; of these, the places that BYSETPOS names."""
        if not self.recur.by_set_pos:
            yield from (datetime.combine(day, at) for day in found for at in self.times)
            return
        total, each = len(found) * len(self.times), len(self.times)
        places = {place - 1 if place > 0 else total + place for place in self.recur.by_set_pos}
        for place in sorted(places):
            if 0 <= place < total:
                yield datetime.combine(found[place // each], self.times[place % each])

    def _periods(self, after: datetime | None) -> Iterator[tuple[date, Iterator[date]]]:
        """Yield each period's first day and its days, from shortly before `after`."""
        freq, step, edge = self.recur.freq, self.recur.interval, (after or self.start).date()
        if freq == "YEARLY":
            year = self.start.year + (edge.year - self.start.year) // step * step
            while year <= date.max.year:
                yield date(year, 1, 1), self._year(year)
                year += step
        elif freq == "MONTHLY":
            first, at = _month(self.start.date()), _month(edge)
            place = first + (at - first) // step * step
            while place < date.max.year * 12 + 12:
                begin = date(place // 12, place % 12 + 1, 1)
                yield begin, self._month(begin)
                place += step
        else:
            yield from self._runs(edge)

    def _runs(self, edge: date) -> Iterator[tuple[date, Iterator[date]]]:
        """Yield weeks or days; months that no part asks for are passed over."""
        length = 7 if self.recur.freq == "WEEKLY" else 1
        step, begin = length * self.recur.interval, self.start.toordinal()
        if length == 7:
            begin -= (self.start.weekday() - self.recur.week_start) % 7
        place = begin + max((edge.toordinal() - begin) // step, 0) * step
        while place <= LAST:
            low, high = max(place, 1), min(place + length, LAST + 1)
            day = date.fromordinal(low)
            yield day, (date.fromordinal(one) for one in range(low, high))
            place += step
            month = date.fromordinal(min(place, LAST))
            if length == 1 and self.fits.months and month.month not in self.fits.months:
                place += -(-(self._next_month(month) - place) // step) * step

    def _next_month(self, day: date) -> int:
        """Return the first day of the next month that a part asks for, or one past the end."""
        months = sorted(self.fits.months)
        place = bisect_left(months, day.month)
        year, month = (
            (day.year, months[place]) if place < len(months) else (day.year + 1, months[0])
        )
        return date(year, month, 1).toordinal() if year <= date.max.year else LAST + 1

    def _year(self, year: int) -> Iterator[date]:
        for month in sorted(self.fits.months) or MONTHS:
            yield from self._days(year, month)

    def _month(self, begin: date) -> Iterator[date]:
        if not self.fits.months or begin.month in self.fits.months:
            yield from self._days(begin.year, begin.month)

    def _days(self, year: int, month: int) -> Iterator[date]:
        first = date(year, month, 1).toordinal()
        length = monthrange(year, month)[1]
        yield from (date.fromordinal(one) for one in range(first, first + length))


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


class _Hourly:
    """Rules that go by hours, minutes or seconds; whole days and hours are passed over."""

    def __init__(self, recur: Recur, start: datetime) -> None:
        """Take the rule and its start."""
        self.recur, self.start = recur, start
        self.fits = _Fits(recur, start)
        self.unit = UNITS[recur.freq]
        self.step = self.unit * recur.interval
        whole = start.toordinal() * DAY + start.hour * 3600 + start.minute * 60 + start.second
        self.begin = whole - whole % self.unit
        minutes = recur.by_minute or (start.minute,) if self.unit == 3600 else (0,)
        seconds = recur.by_second or (start.second,) if self.unit > 1 else (0,)
        self.within = [minute * 60 + second for minute, second in product(minutes, seconds)]

    def walls(self, after: datetime | None) -> Iterator[datetime]:
        """Yield the wall times; after many steps without one it gives up."""
        at, idle = self.begin, 0
        if after:
            gap = int((after - self.start).total_seconds())
            at += max(gap // self.step - 1, 0) * self.step
        while at < (LAST + 1) * DAY and idle < STEPS:
            idle += 1
            if (later := self._later(at)) > at:
                at += -(-(later - at) // self.step) * self.step
                continue
            for wall in self._chosen(at):
                idle = 0
                yield wall
            at += self.step

    def _later(self, at: int) -> int:
        """Return this instant when its parts are asked for, or the next that may be."""
        day, rest = divmod(at, DAY)
        if not self.fits(date.fromordinal(day)):
            return (day + 1) * DAY
        if self.recur.by_hour and rest // 3600 not in self.recur.by_hour:
            return at - at % 3600 + 3600
        minute = rest % 3600 // 60
        if self.unit < 3600 and self.recur.by_minute and minute not in self.recur.by_minute:
            return at - at % 60 + 60
        if self.unit == 1 and self.recur.by_second and rest % 60 not in self.recur.by_second:
            return at + 1
        return at

    def _chosen(self, at: int) -> Iterator[datetime]:
        places = range(len(self.within))
        if self.recur.by_set_pos:
            total = len(self.within)
            asked = {n - 1 if n > 0 else total + n for n in self.recur.by_set_pos}
            places = [n for n in sorted(asked) if 0 <= n < total]  # type: ignore[assignment]
        for place in places:
            day, rest = divmod(at + self.within[place], DAY)
            yield datetime.combine(date.fromordinal(day), time()) + timedelta(seconds=rest)
