"""Issues' pure rules: the score by hand, the flow, the words of links, and logs."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.modules.issues import rules
from mainstay.modules.issues.rules import Facts, parse_log

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def facts(days: float, *said: str, priority="medium", severity="major", users=0) -> Facts:
    made = NOW - timedelta(days=days)
    flags = ("security" in said, "performance" in said, "regression" in said)
    return Facts(priority, severity, made, users, *flags)


@pytest.mark.parametrize(
    ("given_facts", "points"),
    [
        # medium 50 + major 30, nothing else
        (facts(0), 80),
        # highest 100 + blocker 50 + over 30 days 20 + over 1000 people 30 + 25 + 15 + 20
        (
            facts(
                31,
                "security",
                "performance",
                "regression",
                priority="highest",
                severity="blocker",
                users=1001,
            ),
            260,
        ),
        # high 75 + critical 40 + 19 days 10 + 140 people 20 + regression 20
        (facts(19, "regression", priority="high", severity="critical", users=140), 165),
        # high 75 + critical 40 + 40 days 20 + 101 people 20 + security 25 = 180, + 15 performance
        (
            facts(40, "security", "performance", priority="high", severity="critical", users=101),
            195,
        ),
        # lowest 0 + trivial 0
        (facts(0, priority="lowest", severity="trivial"), 0),
        # low 25 + minor 10
        (facts(0, priority="low", severity="minor"), 35),
        # The steps: more than 7, 14 and 30 whole days; a week to the hour is not more.
        (facts(7.99), 80),
        (facts(8), 85),
        (facts(14.9), 85),
        (facts(15), 90),
        (facts(30.9), 90),
        (facts(31), 100),
        # People: more than 10, 100 and 1000.
        (facts(0, users=10), 80),
        (facts(0, users=11), 90),
        (facts(0, users=100), 90),
        (facts(0, users=101), 100),
        (facts(0, users=1000), 100),
        (facts(0, users=1001), 110),
    ],
)
def test_the_score_by_hand(given_facts, points):
    parts = rules.score_parts(given_facts, NOW)
    assert sum(part.points for part in parts) == rules.score(given_facts, NOW) == points
    assert [part.name for part in parts] == [
        "priority",
        "severity",
        "age",
        "impact_users",
        "security",
        "performance",
        "regression",
    ]


@given(st.floats(0, 400), st.floats(0, 400))
def test_an_issue_never_becomes_less_urgent_by_age(first, more):
    made = facts(first)
    assert rules.score(made, NOW) <= rules.score(made, NOW + timedelta(days=more))


@given(st.floats(0, 100))
def test_thresholds_say_the_same_as_the_age(days):
    made = NOW - timedelta(days=days)
    points = next((n for at, n in rules.thresholds(NOW) if made <= at), 0)
    assert points == rules.stepped(rules.age(made, NOW), rules.AGE_POINTS)


def test_what_ended_is_only_reopened():
    for before in rules.ENDED:
        onward = {after for after in rules.FLOW if rules.issue_move(before, after) is None}
        assert onward - {before} <= {"reopened", "closed"}
    for before in rules.LIVE:
        onward = {after for after in rules.FLOW if rules.issue_move(before, after) is None}
        assert onward >= {"in_progress", "resolved", "closed", "cancelled"}


@pytest.mark.parametrize(
    ("status", "resolution", "fits"),
    [
        ("open", "unresolved", True),
        ("open", "fixed", False),
        ("reopened", "fixed", False),
        ("resolved", "unresolved", False),
        ("closed", "unresolved", False),
        ("resolved", "wont_fix", True),
        ("cancelled", "unresolved", True),
        ("cancelled", "invalid", True),
    ],
)
def test_a_resolution_goes_with_the_status(status, resolution, fits):
    assert (rules.outcome(status, resolution) is None) == fits


def test_hours_are_to_the_hundredth_and_never_negative():
    # 90 minutes = 1.5 hours; 20 seconds = 0.01
    assert rules.hours(NOW, NOW + timedelta(minutes=90)) == 1.5
    assert rules.hours(NOW, NOW + timedelta(seconds=20)) == 0.01
    assert rules.hours(NOW, NOW - timedelta(hours=1)) == 0.0
    assert rules.hours(NOW, None) is None


def test_every_link_has_words_for_both_ends():
    assert rules.link_words("blocks", inverse=True) == "Is blocked by"
    assert rules.link_words("parent_of", inverse=True) == "Child of"
    same = [kind for kind, (one, other) in rules.LINK_WORDS.items() if one == other]
    assert same == ["relates_to"]


LOG = """  left over from above
2026-11-02T11:41:07.220Z INFO [reader] polling 38 inverters
2026-11-02 11:41:09,004 WARN reader.modbus - register 40083
[2026-11-02T12:41:09+01:00] ERROR reader.decode: power -12774 W outside 0..20000
ReadingRejected: power -12774 W
  at reader/decode.py:88

  at reader/loop.py:61
FATAL out of memory
2026-11-02 11:42:00 [worker-3] CRITICAL queue is full
2026-13-45 99:00:00 not a day
DEBUG: tick"""


def test_a_log_is_read_into_entries():
    lines = parse_log(LOG)
    at = datetime(2026, 11, 2, 11, 41, 9, tzinfo=UTC)
    assert [(one.at, one.level, one.source) for one in lines] == [
        (None, "info", ""),
        (at.replace(second=7, microsecond=220_000), "info", "reader"),
        (at.replace(microsecond=4_000), "warn", "reader.modbus"),
        # 12:41 in +01:00 is 11:41 UTC
        (at, "error", "reader.decode"),
        (None, "fatal", ""),
        (at.replace(minute=42, second=0), "fatal", ""),
        (None, "debug", ""),
    ]
    assert lines[3].message == (
        "power -12774 W outside 0..20000\nReadingRejected: power -12774 W\n"
        "  at reader/decode.py:88\n\n  at reader/loop.py:61"
    )
    assert lines[4].message == "out of memory"
    assert lines[5].message.endswith("99:00:00 not a day")


@given(st.text(max_size=400))
def test_any_text_is_read_without_losing_a_word(text):
    lines = parse_log(text)
    said = " ".join(one.message for one in lines)
    for word in text.split():
        bare = word.strip("[]:|- \t")
        if bare and bare.isalpha() and bare.lower() not in rules.LEVELS:
            assert bare in said or any(bare in one.source for one in lines)


@pytest.mark.parametrize(
    ("code", "number"), [("ISS-012", 12), ("ABC", 0), ("X-1-7", 7), ("-99999999999", 0)]
)
def test_numbers_go_on_above_a_code(code, number):
    assert rules.code_number(code) == number
