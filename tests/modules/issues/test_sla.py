"""Promised time: hand-worked instants, and laws that hold for every calendar, zone and pause."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mainstay.modules.issues import sla
from mainstay.modules.issues.entities import SlaPolicy
from mainstay.modules.issues.sla import Pause, Run, WorkingTime
from mainstay.scheduling import Calendar

OFFICE = (8.0, 8.0, 8.0, 8.0, 8.0, 0.0, 0.0)
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
HOUR = timedelta(hours=1)


def at(text: str, zone: str = "UTC") -> datetime:
    """Return an instant that is written as 2026-11-20 16:30 in a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def office(zone: str = "UTC", starts: str = "09:00", **free: float) -> WorkingTime:
    """Return Monday to Friday, eight hours from nine; `free` are days like d2026_11_23=0.0."""
    days = {date.fromisoformat(name[1:].replace("_", "-")): h for name, h in free.items()}
    return WorkingTime(Calendar(OFFICE, days), zone, starts)


@pytest.mark.parametrize(
    ("time_", "start", "hours", "end"),
    [
        # Friday 20 Nov 2026, 16:30: half an hour is left; Monday is free; 1.5 h on Tuesday.
        (office(d2026_11_23=0.0), "2026-11-20 16:30", 2, "2026-11-24 10:30"),
        # Without the holiday the same ends on Monday.
        (office(), "2026-11-20 16:30", 2, "2026-11-23 10:30"),
        # Reported on Sunday: the work begins on Monday at nine.
        (office(), "2026-11-22 12:00", 1, "2026-11-23 10:00"),
        # The end of a working day is that evening, not the next morning.
        (office(), "2026-11-20 09:00", 8, "2026-11-20 17:00"),
        # Half a day off: Wednesday has 4 h; 8 h from Wednesday 09:00 end on Thursday at 13:00.
        (office(d2026_11_25=4.0), "2026-11-25 09:00", 8, "2026-11-26 13:00"),
        # 56 h are seven working days: from Friday morning to the evening of the Monday after next.
        (office(), "2026-11-20 09:00", 56, "2026-11-30 17:00"),
        # Nothing promised is due at once, in the night too.
        (office(), "2026-11-21 03:00", 0, "2026-11-21 03:00"),
        # Around the clock nights and Sundays count.
        (WorkingTime(None), "2026-11-20 16:30", 48, "2026-11-22 16:30"),
        # A day that is worked around the clock joins the next one without a gap.
        (WorkingTime(Calendar((24.0,) * 7)), "2026-11-20 22:00", 14, "2026-11-21 12:00"),
    ],
)
def test_after(time_: WorkingTime, start: str, hours: float, end: str) -> None:
    """The instant after so many working hours is the one that was worked out by hand."""
    assert time_.after(at(start), hours * HOUR) == at(end)
    assert time_.between(at(start), at(end)) == hours * HOUR


@pytest.mark.parametrize(
    ("zone", "starts", "start", "hours", "end"),
    [
        # Berlin, Sunday 29 Mar 2026: 02:00 becomes 03:00. Friday 16:00 + 2 h: Monday 10:00 there,
        # though one hour less lies between than in other weeks.
        (BERLIN, "09:00", "2026-03-27 16:00", 2, "2026-03-30 10:00"),
        (BERLIN, "09:00", "2026-10-23 16:00", 2, "2026-10-26 10:00"),
        (NEW_YORK, "09:00", "2026-03-06 16:00", 2, "2026-03-09 10:00"),
        (NEW_YORK, "09:00", "2026-10-30 16:00", 2, "2026-11-02 10:00"),
    ],
)
def test_the_week_of_a_change(zone: str, starts: str, start: str, hours: int, end: str) -> None:
    """When clocks are changed over a weekend, working hours are the same by the wall clock."""
    assert office(zone, starts).after(at(start, zone), hours * HOUR) == at(end, zone)


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        # Nightly work on Sundays from 00:30: four hours that pass, 05:30 by the clock put forward,
        # 03:30 by the one put back.
        (BERLIN, "2026-03-29", "05:30"),
        (BERLIN, "2026-10-25", "03:30"),
        (NEW_YORK, "2026-03-08", "05:30"),
        (NEW_YORK, "2026-11-01", "03:30"),
    ],
)
def test_the_night_of_a_change(zone: str, day: str, end: str) -> None:
    """Work in the night of a change lasts as long as it really takes."""
    nightly = WorkingTime(Calendar((4.0,) * 7), zone, "00:30")
    start = at(f"{day} 00:30", zone)
    assert nightly.after(start, 4 * HOUR) == at(f"{day} {end}", zone)
    assert nightly.between(at(f"{day} 00:00", zone), at(f"{day} 12:00", zone)) == 4 * HOUR


def test_a_day_without_an_hour() -> None:
    """A day of 24 working hours has 23 where clocks are put forward, and none is counted twice."""
    always = WorkingTime(Calendar((24.0,) * 7), BERLIN, "00:00")
    day = at("2026-03-29 00:00", BERLIN), at("2026-03-30 00:00", BERLIN)
    assert always.between(*day) == 23 * HOUR
    assert always.between(day[0], day[1] + 24 * HOUR) == 47 * HOUR


def test_a_calendar_without_time() -> None:
    """Where a promise would end in more than a hundred years, the calendar is refused."""
    rare = WorkingTime(Calendar((0.0,) * 7, {date(2026, 11, 20): 8.0}))
    assert rare.after(at("2026-11-01 00:00"), 8 * HOUR) == at("2026-11-20 17:00")
    with pytest.raises(sla.TooFar):
        rare.after(at("2026-11-01 00:00"), 9 * HOUR)


# ---- laws ----

YEAR = at("2026-01-01 00:00")
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=396)).map(lambda span: YEAR + span)
SPANS = st.timedeltas(timedelta(0), timedelta(days=12))
TIMES = st.builds(
    WorkingTime,
    st.one_of(
        st.none(),
        st.builds(
            Calendar,
            st.lists(st.sampled_from([0.0, 4.0, 7.6, 8.0, 24.0]), min_size=7, max_size=7).filter(
                any
            ),
            st.dictionaries(
                st.dates(date(2026, 1, 1), date(2027, 3, 1)),
                st.sampled_from([0.0, 3.5]),
                max_size=9,
            ),
        ),
    ),
    st.sampled_from(["UTC", BERLIN, NEW_YORK, "Asia/Kolkata", "Pacific/Apia"]),
    st.sampled_from(["00:00", "02:30", "09:00", "23:30"]),
)


@given(TIMES, INSTANTS, SPANS)
def test_after_is_the_way_back(time_: WorkingTime, start: datetime, work: timedelta) -> None:
    """So much work after a start is the first instant with so much work between."""
    end = time_.after(start, work)
    assert time_.between(start, end) == work
    if work:
        assert time_.between(start, end - sla.TICK) < work


@given(TIMES, st.lists(INSTANTS, min_size=3, max_size=3))
def test_between_adds_up(time_: WorkingTime, instants: list[datetime]) -> None:
    """Working time adds up, never exceeds what passes, and its end is worked out from it."""
    a, b, c = sorted(instants)
    assert time_.between(a, b) + time_.between(b, c) == time_.between(a, c)
    assert timedelta(0) <= time_.between(a, c) <= c - a
    # The end of the working time between two instants, which is never after the second one.
    assert time_.after(a, time_.between(a, c)) <= c
    windows = time_.windows(a, c)
    assert sum((min(y, c) - max(x, a) for x, y in windows), timedelta()) == time_.between(a, c)


@given(TIMES, INSTANTS, SPANS, SPANS)
def test_more_work_ends_later(
    time_: WorkingTime, start: datetime, one: timedelta, more: timedelta
) -> None:
    """More work never ends sooner, nor does work that starts later."""
    assert time_.after(start, one) <= time_.after(start, one + more)
    assert time_.after(start, one) <= time_.after(start + more, one)


@given(TIMES, INSTANTS, SPANS, SPANS, SPANS)
def test_a_pause_shifts_the_end(
    time_: WorkingTime, start: datetime, work: timedelta, until: timedelta, long: timedelta
) -> None:
    """A pause before the end shifts it by exactly its own working time."""
    plain = sla.due(time_, start, work, ())
    assert plain is not None
    assume(start + until < plain)
    pause = Pause(start + until, start + until + long)
    later = sla.due(time_, start, work, [pause])
    assert later is not None
    assert later == time_.after(plain, time_.between(pause.began, start + until + long))
    assert sla.used(time_, start, later, [pause]) == work


@given(TIMES, INSTANTS, st.lists(st.tuples(SPANS, SPANS), max_size=5), SPANS)
def test_pauses_that_overlap(
    time_: WorkingTime, start: datetime, pairs: list[tuple[timedelta, timedelta]], work: timedelta
) -> None:
    """Moments that lie in several pauses are left out once, in whatever order they are told."""
    pauses = [Pause(start + a, start + a + b) for a, b in pairs]
    end = sla.due(time_, start, work, pauses)
    assert end is not None
    assert sla.used(time_, start, end, reversed(pauses)) == work
    assert sla.used(time_, start, end, pauses * 2) == work


# ---- how a clock stands ----


def test_how_a_clock_stands() -> None:
    """Eight hours from Friday noon: warned at 80 %, which are 6.4 h, breached on Monday at noon."""
    run = Run(office(), at("2026-11-20 12:00"), 8 * HOUR, warn_share=0.8)
    read = {
        text: run.read(at(f"2026-11-{text}")).state
        for text in ("20 13:00", "23 10:23", "23 10:24", "23 11:59", "23 12:00")
    }
    # 5 h on Friday, 1 h 24 min on Monday.
    assert list(read.values()) == ["running", "running", "warned", "warned", "breached"]
    assert run.read(at("2026-11-21 00:00")).used == 5 * HOUR
    assert run.read(at("2026-11-21 00:00")).due == at("2026-11-23 12:00")


def test_paused_and_stopped() -> None:
    """A pause holds the due instant up; a clock that was stopped in time has met its promise."""
    start, now = at("2026-11-20 09:00"), at("2026-11-20 16:00")
    held = Run(office(), start, 8 * HOUR, 0.8, [Pause(at("2026-11-20 11:00"))])
    assert (held.read(now).state, held.read(now).due, held.read(now).used) == (
        "paused",
        None,
        2 * HOUR,
    )
    # Resumed at 16:00 after five hours: 1 h on Friday, 5 h on Monday are left of eight.
    again = [Pause(at("2026-11-20 11:00"), now)]
    assert Run(office(), start, 8 * HOUR, 0.8, again).read(now).due == at("2026-11-23 14:00")
    for stopped, state in (("2026-11-23 14:00", "met"), ("2026-11-23 14:01", "missed")):
        done = Run(office(), start, 8 * HOUR, 0.8, again, stopped=at(stopped))
        assert done.read(at("2027-01-01 00:00")).state == state
    # A pause that begins after the promise was broken mends nothing.
    late = Run(office(), start, HOUR, 0.8, [Pause(at("2026-11-20 11:00"))])
    assert late.read(now).state == "breached"


@pytest.mark.parametrize(
    ("first", "over", "now", "state"),
    [
        (None, None, "10:59", "running"),
        (None, None, "11:00", "breached"),
        ("10:30", None, "15:00", "met"),
        ("11:30", None, "15:00", "missed"),
        (None, "10:45", "15:00", "met"),
    ],
)
def test_the_first_answer(first: str | None, over: str | None, now: str, state: str) -> None:
    """Two hours from nine: the answer, or the end of the issue, came until eleven or not."""
    day = "2026-11-20 "
    found, due = sla.answered(
        office(),
        at(day + "09:00"),
        2 * HOUR,
        (),
        at(day + first) if first else None,
        over=at(day + over) if over else None,
        now=at(day + now),
    )
    assert (found, due) == (state, at(day + "11:00"))


def test_the_simple_rule() -> None:
    """The usual policy is the rule of days: 1, 3, 7 and 14 days of eight hours, and four words."""
    hours = {
        name: getattr(SlaPolicy(name="Standard"), f"{name}_resolve") for name in sla.PRIORITIES
    }
    days = {name: value / 8 for name, value in hours.items()}
    assert days == {"highest": 1, "high": 3, "medium": 7, "low": 14, "lowest": 20}
    words = [sla.simple(s) for s in ("met", "missed", "running", "warned", "breached", "none")]
    assert words == ["Met", "Missed", "On Track", "On Track", "Breached", None]


def test_the_most_telling_policy() -> None:
    """The project's policy counts before a general one, then the type's, then the order."""
    general = SlaPolicy(id=1, name="General", sort_order=9.0)
    first = SlaPolicy(id=2, name="First", sort_order=1.0)
    bugs = SlaPolicy(id=3, name="Bugs", types=["bug", "incident"], sort_order=50.0)
    ours = SlaPolicy(id=4, name="Ours", project_id=7, sort_order=99.0)
    our_bugs = SlaPolicy(id=5, name="Our bugs", project_id=7, types=["bug"], sort_order=99.0)
    every = [general, first, bugs, ours, our_bugs]

    def name(project: int, type_: str, among: list[SlaPolicy] = every) -> str:
        found = sla.choose(among, project, type_)
        return found.name if found else ""

    assert name(7, "bug") == "Our bugs"
    assert name(7, "question") == "Ours"
    assert name(8, "incident") == "Bugs"
    assert name(8, "question") == "First"
    assert name(8, "question", [ours, bugs]) == ""
