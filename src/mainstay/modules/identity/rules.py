"""Rules about people, passwords, permissions and sign-in attempts, without database or clock."""

import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from zoneinfo import available_timezones

from mainstay.kernel.scope import granted

ADDRESS = re.compile(r"[^@\s<>\"(),:;\\\[\]]+@[\w-]+(\.[\w-]+)*")
DIALLED = re.compile(r"\+?[1-9][0-9]{0,15}")
GAPS = re.compile(r"[\s()/.-]")
ZONE_RULE = "must be a time zone like Europe/Berlin"

PASSWORD_LEAST = 8
PASSWORD_MOST = 1000
LONG_ENOUGH = 16
# fmt: off
COMMON = frozenset({
    "password", "passwort", "passw0rd", "p@ssw0rd", "letmein", "welcome", "qwerty", "qwertz",
    "azerty", "iloveyou", "sunshine", "princess", "football", "baseball", "monkey", "dragon",
    "master", "superman", "trustno1", "changeme", "secret", "admin", "administrator", "mainstay",
    "login", "starwars", "whatever", "zaq12wsx", "1q2w3e4r", "abcd1234", "test1234",
})
# fmt: on

FREE_TRIES = 5
LONGEST_WAIT = timedelta(minutes=15)
ACCOUNT_TRIES = 100
ACCOUNT_WINDOW = timedelta(hours=1)

GUARDS = {
    "goal.support": frozenset({"support", "admin", "manager"}),
    "task.tech": frozenset({"tech", "admin", "manager"}),
    "directory.agent": frozenset({"sales", "admin", "manager"}),
}

SENIORITY_LEVEL = {
    "intern": 1,
    "junior": 2,
    "mid_level": 3,
    "senior": 4,
    "lead": 5,
    "principal": 6,
    "architect": 7,
}


def email(text: str) -> str:
    """Return an e-mail address in its usual form, or refuse what cannot be one."""
    address = text.strip().lower()
    if not ADDRESS.fullmatch(address):
        raise ValueError("must be an e-mail address like ann@example.com")
    return address


def username(text: str) -> str:
    """Return a user name in its usual form: small letters, without blanks around it."""
    return text.strip().lower()


def phone(text: str) -> str:
    """Return a phone number as digits: an optional + and up to 16 digits, no leading 0."""
    number = GAPS.sub("", text)
    if number and not DIALLED.fullmatch(number):
        raise ValueError("must be a phone number like +49 30 1234567, without a leading 0")
    return number


def zone(text: str) -> str:
    """Return a time zone's name, or refuse one that nobody knows."""
    if text not in zones():
        raise ValueError(ZONE_RULE)
    return text


@cache
def zones() -> frozenset[str]:
    """Return the names of all time zones that this machine knows."""
    return frozenset(available_timezones())


def link(text: str) -> str:
    """Return a web address; https is assumed where none is said."""
    address = text.strip()
    if not address or address.startswith(("https://", "http://", "/")):
        return address
    if "://" in address or ":" in address.partition("/")[0].partition(".")[0]:
        raise ValueError("must be a web address that starts with https://")
    return f"https://{address}"


def full_name(first: str, last: str, user: str) -> str:
    """Return how a person is called when they did not say it themselves."""
    return f"{first} {last}".strip() or user


def initials(name: str) -> str:
    """Return the letters that stand for a person where no picture does."""
    words = [word for word in re.split(r"[\s._-]+", name) if word]
    letters = words[0][:1] + (words[-1][:1] if len(words) > 1 else "") if words else ""
    return letters.upper()


def password_faults(password: str, *, names: Iterable[str] = ()) -> list[str]:
    """Return why a password is not good enough; an empty list means that it is.

    `names` are the person's user name, e-mail address and names, which it must not contain.
    """
    length, plain = len(password), password.casefold()
    mixed = length >= LONG_ENOUGH or _kinds(password) > 1
    core = plain.strip("0123456789!?.*_-#")
    checks = (
        (length < PASSWORD_LEAST, f"must have at least {PASSWORD_LEAST} characters"),
        (length > PASSWORD_MOST, f"must have at most {PASSWORD_MOST} characters"),
        (
            any(name in plain for name in _telling(names)),
            "must not contain your name, user name or e-mail address",
        ),
        (
            plain in COMMON or core in COMMON,
            "is one of the passwords that are tried first; choose another",
        ),
        (_monotonous(plain), "is too easy to guess; use more different characters"),
        (not mixed, f"must mix letters, digits or signs, or have {LONG_ENOUGH} characters"),
    )
    return [fault for wrong, fault in checks if wrong]


def _telling(names: Iterable[str]) -> set[str]:
    found = set()
    for name in names:
        whole = name.casefold()
        found |= {whole, whole.partition("@")[0]}
    return {name for name in found if len(name) > 2}


def _monotonous(plain: str) -> bool:
    """Return whether a password is a few characters repeated, or a row of neighbours."""
    if len(set(plain)) < min(5, len(plain)):
        return True
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    return steps <= {1} or steps <= {-1}


def _kinds(password: str) -> int:
    tests = (
        str.islower,
        str.isupper,
        str.isdigit,
        lambda letter: not letter.isalnum(),
        lambda letter: letter.isalpha() and letter.lower() == letter.upper(),
    )
    found = sum(any(test(letter) for letter in password) for test in tests)
    return max(found, 1)


def wait_after(failures: int) -> timedelta:
    """Return how long the next attempt must wait after so many failed ones in a row."""
    if failures < FREE_TRIES:
        return timedelta()
    return min(timedelta(seconds=2 ** min(failures - FREE_TRIES + 1, 20)), LONGEST_WAIT)


def blocked_until(kind: str, failures: int, started: datetime, last: datetime) -> datetime | None:
    """Return until when a budget refuses further attempts; None when the next may come at once.

    An account's budget counts attempts from places that never signed in to it, per hour; every
    other budget makes each further attempt wait twice as long as the last.
    """
    if kind == "account":
        return started + ACCOUNT_WINDOW if failures >= ACCOUNT_TRIES else None
    wait = wait_after(failures)
    return last + wait if wait else None


def window_over(kind: str, started: datetime, last: datetime, now: datetime) -> bool:
    """Return whether a budget starts anew: an hour for accounts, a quiet hour for the others."""
    since = started if kind == "account" else last
    return now - since >= ACCOUNT_WINDOW


def covers(mine: frozenset[str], theirs: Iterable[str]) -> bool:
    """Return whether somebody with these grants may hand out, or act upon, those."""
    return all(granted(mine, grant) for grant in theirs)


def guarded(guard: str, roles: Collection[str]) -> bool:
    """Return whether people with these roles may own such a record: `goal.support`, `task.tech`."""
    return not GUARDS[guard].isdisjoint(roles)


def seniority_level(seniority: str) -> int:
    """Return a seniority on the scale from 1, intern, to 7, architect."""
    return SENIORITY_LEVEL[seniority]


def weekly_capacity(members: Iterable[tuple[Decimal, float]]) -> float:
    """Return the hours a team has in a week: the sum of each member's hours times allocation."""
    return sum(float(hours) * allocation for hours, allocation in members)


def safe_next(target: str) -> str:
    """Return where to go after signing in; only addresses of this workspace are followed."""
    bad = not target.startswith("/") or target.startswith(("//", "/\\"))
    if bad or any(ord(letter) < 32 or letter == "\\" for letter in target):
        return "/"
    return target


def utc(moment: datetime) -> datetime:
    """Return an instant in UTC, whatever zone it was given in."""
    return moment.astimezone(UTC)
