"""Records on their days: which lie in a stretch of time, from when to when, for this reader."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from babel.dates import format_interval, format_skeleton, format_time

from mainstay.delivery import words
from mainstay.delivery.cells import (
    FINAL,
    SHAPE_OF,
    STATES,
    TONES,
    USUAL_TONES,
    Row,
    as_day,
    as_instant,
    as_row,
    full_title_of,
    naming,
    shortened,
)
from mainstay.delivery.pages.common import asking, visible
from mainstay.delivery.pages.listing import Listing
from mainstay.kernel.fields import Choice, Day, Field, Instant, iso
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Malformed
from mainstay.kernel.scope import Me

DAY = timedelta(days=1)
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
# What a view's own query says itself, whatever the address says.
SAID = ("sort", "limit", "cursor", "count")
# The tabs keep an address's zoom, so a view may be asked for one that only another view has.
ANY_ZOOM = ("agenda", "day", "week", "month", "quarter", "year")


@dataclass(frozen=True)
class Dates:
    """The one or two fields that say when a record is."""

    starts: Field
    ends: Field | None
    may_move: bool

    @property
    def names(self) -> tuple[str, str]:
        """Return what the two fields are called; without an end the second is empty."""
        return self.starts.name, self.ends.name if self.ends else ""

    @property
    def timed(self) -> bool:
        """Return whether records have an hour as well as a day."""
        both = (self.starts, self.ends)
        return any(isinstance(field.kind, Instant) for field in both if field)


@dataclass(frozen=True)
class Span:
    """One record on its days; `begin` and `end` are moments on the reader's clock, if any."""

    id: int
    version: int
    title: str
    first: date
    last: date
    begin: datetime | None
    end: datetime | None
    starts: str
    ends: str
    tone: str
    shape: str
    over: bool
    row: Row

    @property
    def whole_days(self) -> bool:
        """Return whether it fills days rather than hours."""
        if self.begin is None or self.last > self.first:
            return True
        return self.end is not None and self.end - self.begin >= DAY

    @property
    def days(self) -> int:
        """Return on how many days it is."""
        return (self.last - self.first).days + 1

    @property
    def when(self) -> str:
        """Return when it is, in words: its days, or its hours on one day."""
        if self.whole_days or self.begin is None:
            return between(self.first, self.last)
        hours = clock(self.begin)
        if self.end and self.end > self.begin:
            hours = f"{hours} \u2013 {clock(self.end)}"
        return f"{near(self.first)}, {hours}"


@dataclass(frozen=True)
class Found:
    """The records of a stretch of time, and how many more there are than are shown."""

    spans: list[Span]
    left: int
    many: bool = False


def _speech() -> Any:
    return words.locale_of(words.language.get())


def between(first: date, last: date) -> str:
    """Return two days in words, said once when they are the same."""
    if first == last:
        return str(format_skeleton("yMMMEd", first, locale=_speech()))
    return str(format_interval(first, last, "yMMMd", locale=_speech()))


def near(day: date) -> str:
    """Return a day in a few words, without its year."""
    return str(format_skeleton("MMMEd", day, locale=_speech()))


def clock(moment: datetime) -> str:
    """Return the time of day."""
    return str(format_time(moment, "short", locale=_speech()))


def said(skeleton: str, day: date) -> str:
    """Return a day by the pattern that the reader's language has for these parts."""
    return str(format_skeleton(skeleton, day, locale=_speech()))


def first_weekday() -> int:
    """Return the day that the reader's weeks begin on; Monday is 0."""
    return int(_speech().first_week_day)


def week_of(day: date) -> date:
    """Return the first day of a day's week."""
    return day - timedelta(days=(day.weekday() - first_weekday()) % 7)


def place_in_time(text: str, today: date) -> date:
    """Read the place that an address names: a month like 2026-11 or a day like 2026-11-20."""
    if not text:
        return today
    try:
        day = date.fromisoformat(f"{text}-01" if len(text) == 7 else text)
    except ValueError:
        raise Malformed(f"at={text[:20]} is no day. Write 2026-11-20, or 2026-11.") from None
    if not EARLIEST <= day <= LATEST:
        raise Malformed(f"at={text[:20]} is too far away. Choose a year from 1900 to 2199.")
    return day


def zoom_of(listing: Listing, known: Collection[str], usual: str) -> str:
    """Return the zoom of an address; one that only another view has means the usual one here."""
    zoom = listing.option("zoom", usual)
    if zoom in known:
        return zoom
    if zoom in ANY_ZOOM:
        return usual
    raise Malformed(f"zoom={zoom[:20]} is unknown here. Known: {', '.join(known)}.")


def dated(noun: Noun, me: Me) -> list[Field]:
    """Return the fields of a resource that say when, and that this person may read."""
    seen = _seen(noun, me)
    kinds = (Day, Instant)
    return [f for n, f in noun.all_fields.items() if n in seen and isinstance(f.kind, kinds)]


def _seen(noun: Noun, me: Me) -> set[str]:
    """Return the fields that this person may read, with those that the workspace has added."""
    return visible(noun, me) | set(noun.custom)


def dates_of(listing: Listing) -> Dates:
    """Return the fields that place records in time: the address's, or the declared ones."""
    noun, me, view = listing.noun, listing.look.me, listing.view
    known = {field.name: field for field in dated(noun, me)}
    starts = listing.option("starts_on", getattr(view, "starts", ""))
    # An address that names the start and no end means that there is none.
    usual = "" if "starts_on" in listing.said else getattr(view, "ends", "")
    ends = listing.option("ends_on", usual)
    ends = "" if ends in ("none", starts) else ends
    for option, name in (("starts_on", starts), ("ends_on", ends)):
        if name and name not in known:
            names = ", ".join(known) or "none"
            raise Malformed(f"{option}={name[:40]} is no date of {noun.plural}. Known: {names}.")
    if not starts:
        raise Malformed(f"{noun.plural} have no date to be shown by.")
    used = [name for name in (starts, ends) if name]
    writes = all(name in noun.resource.write for name in used)
    may = writes and "update" in noun.resource.verbs and me.can(noun.permission("update"))
    return Dates(known[starts], known.get(ends), may and not listing.binned)


async def spans_in(
    listing: Listing, dates: Dates, first: date, last: date, *, most: int, also: Sequence[str] = ()
) -> Found:
    """Return the records that touch these days, the earliest first, up to a number of them."""
    noun, look = listing.noun, listing.look
    kept = [pair for pair in listing.asked if pair[0] not in SAID]
    names = names_of(listing, dates, also)
    found: dict[int, Span] = {}
    left, many = 0, False
    for part in _parts(dates, first, last, look.me):
        wanted = [*kept, *part, ("sort", f"{part[0][0].partition('__')[0]},id")]
        asked = [*wanted, ("limit", str(most)), *asking(noun, names)]
        page = await listing.ws.page(look.me, noun.key, asked)
        here = [span_of(noun, as_row(item), dates, look.me) for item in page.items]
        found |= {span.id: span for span in here if span.first <= last and span.last >= first}
        if page.next:
            total = await listing.ws.page(
                look.me, noun.key, [*kept, *part, ("limit", "1"), ("count", "1"), ("fields", "id")]
            )
            left, many = left + (total.count or 0) - len(here), many or total.more
    ordered = sorted(found.values(), key=lambda s: (s.first, -s.days, s.begin is not None, s.id))
    return Found(ordered[:most], left + max(0, len(ordered) - most), many)


def names_of(listing: Listing, dates: Dates, also: Sequence[str]) -> list[str]:
    """Return the fields that are read of every record."""
    noun, seen = listing.noun, _seen(listing.noun, listing.look.me)
    own = [field.name for field in (dates.starts, dates.ends) if field]
    names = dict.fromkeys((*noun.brief, *own, *also, state_of(noun), _wordy(noun)))
    return [name for name in names if name in seen]


def _wordy(noun: Noun) -> str:
    """Return the text that stands for records that have no name of their own, if there is one."""
    named, _rest = naming(noun)
    return "" if named else next(iter(noun.resource.search), "")


def titled(noun: Noun, row: Row) -> str:
    """Return what a record is called: its name, or the text that it has instead."""
    text = row.get(_wordy(noun))
    return shortened(text) if isinstance(text, str) and text else full_title_of(noun, row)


def _parts(dates: Dates, first: date, last: date, me: Me) -> Iterator[list[tuple[str, str]]]:
    """Yield the conditions of each way in which a record can touch these days."""
    s, until = dates.starts, _until(dates.starts, last, me)
    if dates.ends is None:
        yield [(f"{s.name}__gte", _at(s, first, me)), until]
        return
    e = dates.ends
    yield [(f"{s.name}__isnull", "false"), until, (f"{e.name}__gte", _at(e, first, me))]
    yield [(f"{s.name}__gte", _at(s, first, me)), until, (f"{e.name}__isnull", "true")]
    late = _until(e, last, me)
    yield [(f"{e.name}__gte", _at(e, first, me)), late, (f"{s.name}__isnull", "true")]


def _until(field: Field, last: date, me: Me) -> tuple[str, str]:
    if isinstance(field.kind, Day):
        return f"{field.name}__lte", last.isoformat()
    return f"{field.name}__lt", _at(field, last + DAY, me)


def _at(field: Field, day: date, me: Me) -> str:
    """Return where a day begins: as a date, or as the moment of the reader's midnight."""
    if isinstance(field.kind, Day):
        return day.isoformat()
    return iso(datetime.combine(day, time(), words.zone_of(me.zone)).astimezone(UTC))


async def undated(listing: Listing, dates: Dates) -> tuple[str, str]:
    """Return how many records have no date at all, and the address that lists them."""
    empty = [(f"{f.name}__isnull", "true") for f in (dates.starts, dates.ends) if f]
    if not all(field.optional for field in (dates.starts, dates.ends) if field):
        return "", ""
    kept = [pair for pair in listing.asked if pair[0] not in SAID]
    wanted = [*kept, *empty, ("limit", "1"), ("count", "1"), ("fields", "id")]
    page = await listing.ws.page(listing.look.me, listing.noun.key, wanted)
    count = page.count or 0
    href = listing.href(view="table", at=None, zoom=None, **dict(empty))
    return (f"{count}+" if page.more else str(count)) if count else "", href


def span_of(noun: Noun, row: Row, dates: Dates, me: Me) -> Span:
    """Place one record in time; a day is never shifted, a moment is read on the reader's clock."""
    zone = words.zone_of(me.zone)
    first, begin = _moment(dates.starts, row, zone)
    last, end = _moment(dates.ends, row, zone) if dates.ends else (None, None)
    if first is None:
        first, begin = last, end
    assert first is not None
    if last is None:
        last = first
    elif end is not None and end.time() == time() and last > first:
        last -= DAY
    tone, shape, over = mark_of(noun, row)
    return Span(
        id=row["id"],
        version=row["version"],
        title=titled(noun, row),
        first=first,
        last=max(first, last),
        begin=begin,
        end=end,
        starts=_raw(dates.starts, row),
        ends=_raw(dates.ends, row) if dates.ends else "",
        tone=tone,
        shape=shape,
        over=over,
        row=row,
    )


def _moment(field: Field, row: Row, zone: Any) -> tuple[date | None, datetime | None]:
    value = row.get(field.name)
    if value is None:
        return None, None
    if isinstance(field.kind, Day):
        return as_day(value), None
    local = as_instant(value).astimezone(zone)
    return local.date(), local


def _raw(field: Field, row: Row) -> str:
    value = row.get(field.name)
    if value is None:
        return ""
    if isinstance(field.kind, Day):
        return as_day(value).isoformat()
    return iso(as_instant(value))


def state_of(noun: Noun) -> str:
    """Return the choice that says where a record stands, which colours it."""
    choices = [n for n, f in noun.columns.items() if isinstance(f.kind, Choice)]
    return next((n for word in STATES for n in choices if word in n), "")


def mark_of(noun: Noun, row: Row) -> tuple[str, str, bool]:
    """Return the colour and the shape of a record's state, and whether it is over."""
    name = state_of(noun)
    value = row.get(name) if name else None
    if not isinstance(value, str):
        return "grey", "", False
    kind = noun.fields[name].kind
    color = dict(kind.colors).get(value, "") if isinstance(kind, Choice) else ""
    shape = SHAPE_OF.get(value, "dot")
    tone = TONES.get(color, color) or USUAL_TONES.get(shape, "grey")
    return tone, shape, value in FINAL
