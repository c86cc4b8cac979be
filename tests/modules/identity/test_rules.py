"""Rules about people as tables."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from mainstay.modules.identity import rules

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NAMES = ("ann.lee@example.com", "annlee", "Ann", "Lee")


@pytest.mark.parametrize(
    ("password", "sign"),
    [
        ("short1!", "at least 8"),
        ("x" * 1001, "at most 1000"),
        ("annlee2026", "must not contain"),
        ("my-ANN.LEE-pass", "must not contain"),
        ("Password1", "tried first"),
        ("qwerty123", "tried first"),
        ("aaaaaaaa", "too easy"),
        ("abababab1212", "too easy"),
        ("12345678", "too easy"),
        ("hgfedcba", "too easy"),
        ("kfjrmvpx", "must mix"),
        ("83910274", "must mix"),
    ],
)
def test_weak_passwords_are_refused_with_a_reason(password, sign):
    assert sign in rules.password_faults(password, names=NAMES)[0]


@pytest.mark.parametrize(
    "password",
    ["kfjr7mvp", "correct horse battery", "thequickbrownfoxes", "Überfluß9", "密码很长也可以的吧1"],
)
def test_good_passwords_pass(password):
    assert rules.password_faults(password, names=NAMES) == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Ann@Example.COM ", "ann@example.com"),
        ("a+b@sub.example.org", "a+b@sub.example.org"),
        ("admin@localhost", "admin@localhost"),
        ("jörg@münchen.example", "jörg@münchen.example"),
    ],
)
def test_addresses_are_kept_small(text, address):
    assert rules.email(text) == address


@pytest.mark.parametrize("text", ["", "ann", "a@", "@b", "a b@c", "a@b@c", "a@b..c", "<a@b.c>"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError, match="must be an e-mail address"):
        rules.email(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("+49 (30) 123-45", "+493012345"), ("", ""), ("7911 123456", "7911123456")],
)
def test_phone_numbers_become_digits(text, number):
    assert rules.phone(text) == number


@pytest.mark.parametrize("text", ["0301234", "+49 12345678901234567", "call me", "++1"])
def test_what_is_no_phone_number_is_refused(text):
    with pytest.raises(ValueError, match="phone number"):
        rules.phone(text)


def test_time_zones_are_known_ones():
    assert rules.zone("Europe/Berlin") == "Europe/Berlin"
    with pytest.raises(ValueError, match="time zone"):
        rules.zone("Mars/Olympus")


@pytest.mark.parametrize(
    ("text", "link"),
    [("example.com/a", "https://example.com/a"), ("http://x.y", "http://x.y"), ("", "")],
)
def test_links_get_their_scheme(text, link):
    assert rules.link(text) == link


@pytest.mark.parametrize("text", ["javascript:alert(1)", "data:text/html,x", "ftp://x.y"])
def test_links_of_other_kinds_are_refused(text):
    with pytest.raises(ValueError, match="https"):
        rules.link(text)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (4, 0), (5, 2), (6, 4), (7, 8), (10, 64), (14, 900), (100, 900)],
)
def test_each_further_failure_doubles_the_wait_up_to_a_quarter_of_an_hour(failures, seconds):
    assert rules.wait_after(failures) == timedelta(seconds=seconds)


def test_an_account_is_closed_to_strangers_after_a_hundred_failures_in_an_hour():
    started = NOON - timedelta(minutes=10)
    assert rules.blocked_until("account", 99, started, NOON) is None
    assert rules.blocked_until("account", 100, started, NOON) == started + timedelta(hours=1)
    assert not rules.window_over("account", started, NOON, NOON)
    assert rules.window_over("account", NOON - timedelta(hours=1), NOON, NOON)


@pytest.mark.parametrize(
    ("mine", "theirs", "covered"),
    [
        ({"*"}, ["*"], True),
        ({"*"}, ["projects.task.read"], True),
        ({"projects.*"}, ["projects.*"], True),
        ({"projects.*"}, ["projects.task.read", "crm.lead.read"], False),
        ({"projects.task.read"}, ["projects.*"], False),
        (set(), [], True),
    ],
)
def test_nobody_covers_more_than_they_have(mine, theirs, covered):
    assert rules.covers(frozenset(mine), theirs) is covered


@pytest.mark.parametrize(
    ("guard", "roles", "may"),
    [
        ("goal.support", ["support"], True),
        ("goal.support", ["sales"], False),
        ("task.tech", ["member", "tech"], True),
        ("task.tech", [], False),
        ("directory.agent", ["sales"], True),
        ("directory.agent", ["support"], False),
    ],
)
def test_role_guards(guard, roles, may):
    assert rules.guarded(guard, roles) is may


@pytest.mark.parametrize(
    ("target", "safe"),
    [
        ("/projects?a=1", "/projects?a=1"),
        ("", "/"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\\b", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_only_addresses_of_this_workspace_are_followed(target, safe):
    assert rules.safe_next(target) == safe


def test_capacity_and_seniority():
    assert rules.weekly_capacity([(Decimal(40), 0.5), (Decimal(30), 1.0)]) == 50
    assert [rules.seniority_level(name) for name in ("intern", "senior", "architect")] == [1, 4, 7]


@pytest.mark.parametrize(
    ("name", "letters"), [("Ann Lee", "AL"), ("ann", "A"), ("a.b.c", "AC"), ("", "")]
)
def test_initials(name, letters):
    assert rules.initials(name) == letters
