"""What is wrong with a rule is named, with what it should be; words and choices say the same."""

import re
import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.recurrence import (
    Choices,
    Recur,
    Rule,
    after_in_words,
    days,
    from_choices,
    in_words,
    next_day,
    occurrences,
    to_choices,
    zone_named,
)

REFUSED = {
    "": "has no RRULE",
    "BYDAY=MO": "has no FREQ",
    "FREQ=FORTNIGHTLY": "FREQ cannot be FORTNIGHTLY: use one of YEARLY",
    "FREQ=DAILY;INTERVAL=0": "INTERVAL must be a whole number from 1",
    "FREQ=DAILY;INTERVAL=-1": "INTERVAL must be a whole number from 1",
    "FREQ=DAILY;INTERVAL=1000000000000": "INTERVAL must be a whole number from 1 to 100000",
    "FREQ=DAILY;COUNT=0": "COUNT must be a whole number from 1 to 10000",
    "FREQ=DAILY;COUNT=2;UNTIL=20270503": "has both COUNT and UNTIL: keep one",
    "FREQ=DAILY;UNTIL=20270231": "UNTIL must be a date like 20270503",
    "FREQ=DAILY;UNTIL=tomorrow": "UNTIL must be a date",
    "FREQ=DAILY;FREQ=WEEKLY": "has FREQ twice",
    "FREQ=WEEKLY;BYDAY=1MO": "BYDAY cannot have numbers like 1MO with FREQ=WEEKLY: write MO",
    "FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO": "with BYWEEKNO: write MO",
    "FREQ=MONTHLY;BYDAY=6MO": "no month has more than 5",
    "FREQ=YEARLY;BYDAY=54MO": "BYDAY must be days like MO,TU",
    "FREQ=WEEKLY;BYDAY=MON": "BYDAY must be days like MO,TU",
    "FREQ=YEARLY;BYMONTH=13": "BYMONTH must be numbers from 1 to 12, not 13",
    "FREQ=YEARLY;BYMONTH=-1": "BYMONTH must be numbers from 1 to 12",
    "FREQ=MONTHLY;BYMONTHDAY=0": "BYMONTHDAY must be numbers from 1 to 31 or from -31 to -1",
    "FREQ=DAILY;BYHOUR=24": "BYHOUR must be numbers from 0 to 23",
    "FREQ=DAILY;BYEASTER=0": "has an unknown part BYEASTER",
    "FREQ=DAILY;WKST=XX": "WKST must be one of MO",
    "FREQ=DAILY;BYSETPOS=1": "BYSETPOS needs another part",
    "FREQ=DAILY;INTERVAL": "cannot read “INTERVAL”",
    "RRULE;X=1:FREQ=DAILY": "RRULE takes no parameters",
    "VEVENT:FREQ=DAILY": "has an unknown line VEVENT",
    "DTSTART;TZID=Mars/Olympus:20270101T000000\nRRULE:FREQ=DAILY": "unknown time zone",
    "DTSTART:20270101\nDTSTART:20270102\nRRULE:FREQ=DAILY": "has several starts",
    "RRULE:FREQ=DAILY\n" * 11: "has too many rules",
    "RDATE:" + ",".join(["20270101"] * 1001): "has too many single dates",
    "X" * 20_001: "is too long",
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_refusal_names_the_part_and_the_remedy(text):
    with pytest.raises(ValueError, match=re.escape(REFUSED[text])):
        Rule.parse(text)


def test_an_unknown_zone_is_refused():
    with pytest.raises(ValueError, match="like Europe/Berlin"):
        zone_named("../etc/passwd")


NEVER = (
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;BYMONTHDAY=31;BYYEARDAY=1",
    "FREQ=WEEKLY;INTERVAL=99999;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=SECONDLY;INTERVAL=60;BYSECOND=7",
    "FREQ=HOURLY;BYMONTHDAY=31;BYMONTH=4",
    "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
    "DTSTART:20260101T000000\nRRULE:FREQ=DAILY\nEXRULE:FREQ=DAILY",
)


@pytest.mark.parametrize("text", NEVER)
def test_a_rule_that_never_happens_is_known_soon(text):
    begun = time.process_time()
    assert occurrences(Rule.parse(text), date(2026, 1, 1), limit=1) == []
    # Bounded by 400 years of days; dateutil walks to the year 9999 for four seconds.
    assert time.process_time() - begun < 2


def test_rare_days_are_found():
    # 29 February on a Monday: 2044 (Leap days fall on the same weekday every 28 years: 2016, 2044).
    rule = Rule.parse("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO")
    assert days(rule, date(2016, 3, 1), limit=2) == [date(2044, 2, 29), date(2072, 2, 29)]
    # Every 100 years on a 29 February: 1900 and 2100 have none, 2000 and 2400 do.
    rule = Rule.parse("FREQ=YEARLY;INTERVAL=100;BYMONTH=2;BYMONTHDAY=29")
    assert days(rule, date(1900, 1, 1), limit=2) == [date(2000, 2, 29), date(2400, 2, 29)]
    # Weekdays and numbered ones together: any of them, as RFC 5545 has it.
    rule = Rule.parse("FREQ=MONTHLY;BYDAY=1MO,SU")
    found = [date(2026, 11, day) for day in (1, 2, 8, 15, 22, 29)]
    assert days(rule, date(2026, 11, 1), limit=6) == found


def test_a_later_look_finds_the_same_days_and_does_not_count_from_the_start():
    rule = Rule.parse("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=SU")
    first = days(rule, date(1, 1, 2), limit=3)
    assert first == [date(1, 1, 2), date(1, 1, 4), date(1, 1, 16)]
    begun = time.process_time()
    later = days(rule, date(1, 1, 2), after=date(9000, 1, 1), limit=3)
    assert time.process_time() - begun < 0.5
    assert all((day - first[0]).days % 14 in (0, 2) for day in later)


WORDS = {
    "FREQ=WEEKLY;BYDAY=TU,TH": "every Tuesday and Thursday",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": "on the last weekday of the month",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;UNTIL=20270503": "every 2 weeks on Monday until 3 May 2027",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR": "every weekday",
    "FREQ=DAILY;COUNT=3": "every day, 3 times",
    "FREQ=DAILY;INTERVAL=2;COUNT=1": "every 2 days, 1 time",
    "FREQ=MONTHLY;BYMONTHDAY=1,15": "on the 1st and 15th of the month",
    "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1": "every 3 months on the last day",
    "FREQ=MONTHLY;BYDAY=1MO,-1FR": "on the first Monday and on the last Friday of the month",
    "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13": "on the 13th of the month if it is a Friday",
    "FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=3": "every year on 3 May",
    "FREQ=YEARLY;BYDAY=-1FR;BYMONTH=11": "every year on the last Friday in November",
    "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=2": (
        "on Monday and Tuesday of the month (of these only number 2)"
    ),
    "FREQ=DAILY;BYHOUR=6,18": "every day at 06:00 and 18:00",
    "FREQ=YEARLY;BYYEARDAY=100": "every year on day 100 of the year",
    "DTSTART:20260101\nRRULE:FREQ=WEEKLY\nEXDATE;VALUE=DATE:20260108": (
        "every week, except on 1 day"
    ),
}


@pytest.mark.parametrize("text", WORDS)
def test_words(text):
    assert in_words(Rule.parse(text)) == WORDS[text]


def test_words_for_after_completion():
    assert after_in_words(3) == "3 days after completion"
    assert after_in_words(1) == "1 day after completion"
    assert after_in_words(0) == "on the day of completion"


CHOSEN = st.builds(
    Choices,
    frequency=st.sampled_from(["daily", "weekly", "monthly", "yearly"]),
    interval=st.integers(1, 30),
    weekdays=st.lists(st.sampled_from(["MO", "WE", "FR", "SU"]), unique=True).map(tuple),
    by=st.sampled_from(["start", "date", "weekday"]),
    month_day=st.integers(1, 31) | st.just(-1),
    nth=st.sampled_from([1, 2, 3, 4, -1, -2]),
    nth_day=st.sampled_from(["MO", "SU", "weekday", "weekend", "day"]),
    month=st.integers(0, 12),
    ends=st.sampled_from(["never", "on", "after"]),
    until=st.none() | st.dates(date(2026, 1, 1), date(2040, 1, 1)),
    count=st.none() | st.integers(1, 100),
)


@given(CHOSEN)
def test_choices_make_a_rule_and_a_rule_its_choices(chosen):
    recur = from_choices(chosen)
    again = to_choices(recur)
    assert again is not None
    assert from_choices(again) == recur
    assert in_words(recur)


def test_a_rule_that_says_more_has_no_choices():
    for text in ("FREQ=DAILY;BYHOUR=6", "FREQ=MONTHLY;BYMONTHDAY=1,15", "FREQ=WEEKLY;WKST=SU"):
        assert to_choices(Recur.parse(text)) is None
    assert next_day(Rule.parse("FREQ=WEEKLY"), date(2026, 11, 20)) == date(2026, 11, 20)
