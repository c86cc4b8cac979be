"""When rules happen: through changes of the clock, in order, and as another library finds it."""
# ruff: noqa: DTZ001 - wall times are what rules are about

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from mainstay.recurrence import Rule, days, moments, next_after, occurrences

BERLIN = "Europe/Berlin"
START = datetime(2026, 1, 5, 2, 30)


def walls(text, start, zone, limit=3, **more):
    found = occurrences(Rule.parse(text), start, zone, limit=limit, **more)
    return [moment.strftime("%m-%d %H:%M %z") for moment in found]


def test_the_wall_time_stays_through_a_change_of_the_clock():
    # Berlin goes to summer time on 29 March 2026 and back on 25 October.
    found = walls("FREQ=WEEKLY", datetime(2026, 3, 22, 9), BERLIN, limit=2)
    assert found == ["03-22 09:00 +0100", "03-29 09:00 +0200"]
    found = walls("FREQ=WEEKLY", datetime(2026, 10, 18, 9), BERLIN, limit=2)
    assert found == ["10-18 09:00 +0200", "10-25 09:00 +0100"]


def test_a_left_out_hour_is_read_with_the_offset_before_it():
    found = walls("FREQ=DAILY", datetime(2026, 3, 28, 2, 30), BERLIN)
    assert found == ["03-28 02:30 +0100", "03-29 03:30 +0200", "03-30 02:30 +0200"]


def test_a_doubled_hour_is_its_first():
    found = walls("FREQ=DAILY", datetime(2026, 10, 24, 2, 30), BERLIN)
    assert found == ["10-24 02:30 +0200", "10-25 02:30 +0200", "10-26 02:30 +0100"]


def test_a_left_out_hour_keeps_its_turn_and_comes_once():
    # 02:30 becomes 03:30, after 03:00 and at the same moment as the 03:30 that there is.
    rule = "FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,30"
    found = walls(rule, datetime(2026, 3, 29, 2, 0), BERLIN, limit=3)
    assert found == ["03-29 03:00 +0200", "03-29 03:30 +0200", "03-30 02:00 +0200"]


def test_until_in_utc_and_exdate_in_a_zone():
    text = "DTSTART;TZID=Europe/Berlin:20260328T090000\nRRULE:FREQ=DAILY;UNTIL=20260330T070000Z\n"
    # 09:00 on 30 March is 07:00 UTC in summer time: just within.
    found = occurrences(Rule.parse(text + "EXDATE;TZID=Europe/Berlin:20260329T090000"))
    assert [moment.day for moment in found] == [28, 30]
    assert found[-1] == datetime(2026, 3, 30, 7, tzinfo=UTC)


def test_after_an_instant():
    rule = Rule.parse("FREQ=DAILY")
    first = datetime(2026, 3, 28, 2, 30)
    gap = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    found = next_after(rule, first, BERLIN, after=gap - timedelta(seconds=1))
    assert found == gap
    found = next_after(rule, first, BERLIN, after=gap)
    assert found == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)
    assert next_after(Rule.parse("FREQ=DAILY;COUNT=1"), first, BERLIN, after=gap) is None


def test_a_day_that_a_zone_left_out_comes_once():
    # Samoa went from 29 to 31 December 2011.
    found = occurrences(
        Rule.parse("FREQ=DAILY"), datetime(2011, 12, 29, 10), "Pacific/Apia", limit=3
    )
    assert [moment.day for moment in found] == [29, 31, 1]


# ---- properties ----

LISTS = {
    "BYMONTH": st.integers(1, 12),
    "BYMONTHDAY": st.integers(1, 31) | st.integers(-31, -1),
    "BYHOUR": st.integers(0, 23),
    "BYMINUTE": st.integers(0, 59),
    "BYYEARDAY": st.integers(1, 366) | st.integers(-366, -1),
    "BYSETPOS": st.integers(1, 5) | st.integers(-5, -1),
}
DAYS = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])


@st.composite
def rules(draw):
    """A rule that often happens, with any of the parts."""
    freq = draw(st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"]))
    said = [f"FREQ={freq}", f"INTERVAL={draw(st.integers(1, 4))}"]
    for name in draw(st.sets(st.sampled_from(sorted(LISTS)), max_size=2)):
        values = draw(st.lists(LISTS[name], min_size=1, max_size=4))
        if name != "BYSETPOS" or len(said) > 2:
            said.append(f"{name}={','.join(map(str, values))}")
    if draw(st.booleans()):
        numbered = freq in ("MONTHLY", "YEARLY") and draw(st.booleans())
        number = st.sampled_from(["1", "2", "-1"]) if numbered else st.just("")
        found = draw(st.lists(st.tuples(number, DAYS), min_size=1, max_size=3))
        said.append("BYDAY=" + ",".join(number + day for number, day in found))
    end = draw(st.sampled_from(["", "COUNT", "UNTIL"]))
    if end == "COUNT":
        said.append(f"COUNT={draw(st.integers(1, 12))}")
    if end == "UNTIL":
        day = draw(st.dates(date(2026, 1, 1), date(2030, 1, 1)))
        said.append(f"UNTIL={day:%Y%m%d}T120000")
    return ";".join(said)


@given(rules())
def test_another_library_finds_the_same(text):
    mine = Rule.parse(text)
    found = occurrences(mine, START, limit=12)
    assert Rule.parse(str(mine)) == mine
    try:
        theirs = rrulestr(text, dtstart=START)
    except ValueError:  # it refuses some rules that never come
        assert found == []
        return
    # Theirs walks on to the year 9999 where no more come; so only those are compared that come.
    assert found == list(islice(theirs, len(found)))
    if len(found) < 12 and mine.recurs[0].freq in ("YEARLY", "MONTHLY"):
        assert len(list(islice(theirs, 13))) == len(found)


@given(rules(), st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "UTC"]))
def test_occurrences_are_in_order_and_obey_count_until_and_exdate(text, zone):
    rule = Rule.parse(text)
    found = occurrences(rule, START, zone, limit=30)
    assert all(one < two for one, two in pairwise(found))
    (recur,) = rule.recurs
    if recur.count:
        assert len(found) <= recur.count
    place = ZoneInfo(zone)
    walls_ = [moment.astimezone(place).replace(tzinfo=None) for moment in found]
    if recur.until:
        assert all(wall <= recur.until + timedelta(hours=1) for wall in walls_)
    assert all(wall >= START for wall in walls_)
    left_out = {wall.date() for wall in walls_[::2]}
    if left_out:
        lines = [f"EXDATE;VALUE=DATE:{day:%Y%m%d}" for day in sorted(left_out)]
        less = Rule.parse("\n".join([f"RRULE:{text}", *lines]))
        days_ = {moment.date() for moment in occurrences(less, START, zone, limit=30)}
        assert not days_ & left_out


@given(rules(), st.dates(date(2026, 1, 1), date(2027, 1, 1)))
def test_a_later_look_sees_what_is_left(text, after):
    rule = Rule.parse(text)
    start = START.date()
    every = days(rule, start, limit=60)
    later = [day for day in every if day > after][:3]
    if len(later) == 3:
        assert days(rule, start, after=after, limit=3) == later


def test_moments_need_a_start():
    rule = Rule.parse("FREQ=DAILY;COUNT=2")
    with pytest.raises(ValueError, match="DTSTART"):
        next(moments(rule))
