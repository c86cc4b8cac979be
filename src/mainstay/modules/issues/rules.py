"""How issues behave: their flow, their score, the words of links, logs and likeness, all pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from mainstay.modules.projects.api import spoken

LIVE = ("open", "in_progress", "reopened")
RESOLVED = ("resolved", "closed")
ENDED = ("resolved", "closed", "cancelled")
UNRESOLVED = "unresolved"

FLOW: Mapping[str, frozenset[str]] = {
    "open": frozenset({"open", "in_progress", "resolved", "closed", "cancelled"}),
    "in_progress": frozenset({"in_progress", "open", "resolved", "closed", "cancelled"}),
    "reopened": frozenset({"reopened", "in_progress", "resolved", "closed", "cancelled"}),
    "resolved": frozenset({"resolved", "closed", "reopened"}),
    "closed": frozenset({"closed", "reopened"}),
    "cancelled": frozenset({"cancelled", "reopened"}),
}

PRIORITY_POINTS: Mapping[str, int] = {
    "highest": 100,
    "high": 75,
    "medium": 50,
    "low": 25,
    "lowest": 0,
}
SEVERITY_POINTS: Mapping[str, int] = {
    "blocker": 50,
    "critical": 40,
    "major": 30,
    "minor": 10,
    "trivial": 0,
}
# More whole days, or more people, than the first number give the second.
AGE_POINTS = ((30, 20), (14, 10), (7, 5))
USER_POINTS = ((1000, 30), (100, 20), (10, 10))
FLAG_POINTS: Mapping[str, int] = {"security": 25, "performance": 15, "regression": 20}

# What an issue's type becomes when a task is made of it.
TASK_TYPES: Mapping[str, str] = {
    "bug": "bug",
    "incident": "bug",
    "feature_request": "feature",
    "improvement": "improvement",
    "change_request": "improvement",
    "story": "story",
    "epic": "epic",
    "question": "spike",
}

# So far beyond the last number a code may be given by somebody who does not lead the project.
FARTHEST = 1000

LINK_WORDS: Mapping[str, tuple[str, str]] = {
    "blocks": ("Blocks", "Is blocked by"),
    "depends_on": ("Depends on", "Is depended on by"),
    "parent_of": ("Parent of", "Child of"),
    "causes": ("Causes", "Is caused by"),
    "duplicates": ("Duplicates", "Is duplicated by"),
    "follows": ("Follows", "Is followed by"),
    "relates_to": ("Relates to", "Relates to"),
}
# Blocking and depending are one thing said from two ends: a circle may close through both.
WAITING = ("blocks", "depends_on")
CIRCLES: Mapping[str, tuple[str, ...]] = {
    "blocks": WAITING,
    "depends_on": WAITING,
    "parent_of": ("parent_of",),
}


def issue_move(before: str, after: str) -> str | None:
    """Return why an issue may not go from one status to another, or None when it may."""
    if after in FLOW[before]:
        return None
    if before in ENDED:
        return f"An issue that is {spoken(before)} cannot become {spoken(after)}. Reopen it first."
    return f"An issue that is {spoken(before)} cannot become {spoken(after)}."


def outcome(status: str, resolution: str) -> str | None:
    """Return why a status and a resolution do not go together, or None when they do."""
    if status in RESOLVED and resolution == UNRESOLVED:
        return (
            f"An issue that is {spoken(status)} needs a resolution. Say how it ended, like fixed."
        )
    if status in LIVE and resolution != UNRESOLVED:
        return "An issue that is still open has no resolution. Resolve it to say how it ended."
    return None


def ending(status: str, resolution: str, original: int | None) -> str | None:
    """Return what is wrong with how an issue is said to have ended, or None."""
    if status == "cancelled" and resolution in ("fixed", "duplicate"):
        return "is not for an issue that was cancelled; resolve it instead"
    if resolution == "duplicate" and original is None:
        return "is set by marking the issue as a duplicate of another one"
    return None


def code_number(code: str) -> int:
    """Return the number at the end of an issue's code; 0 when it has none to count on."""
    found = re.search(r"-(\d{1,9})$", code)
    return int(found[1]) if found else 0


class Facts(NamedTuple):
    """What the score of an issue is made of."""

    priority: str
    severity: str
    created_at: datetime
    impact_users: int
    security: bool
    performance: bool
    regression: bool


class Part(NamedTuple):
    """One line of the score: which fact, its value, and the points it gives."""

    name: str
    value: str | int | bool
    points: int


def age(created_at: datetime, until: datetime) -> int:
    """Return the whole days from one instant to another, never below zero."""
    return max(0, (until - created_at).days)


def stepped(value: int, steps: tuple[tuple[int, int], ...]) -> int:
    """Return the points of the first step that a value is above."""
    return next((points for above, points in steps if value > above), 0)


def score_parts(facts: Facts, until: datetime) -> list[Part]:
    """Return what the score is made of, as of an instant."""
    days = age(facts.created_at, until)
    parts = [
        Part("priority", facts.priority, PRIORITY_POINTS[facts.priority]),
        Part("severity", facts.severity, SEVERITY_POINTS[facts.severity]),
        Part("age", days, stepped(days, AGE_POINTS)),
        Part("impact_users", facts.impact_users, stepped(facts.impact_users, USER_POINTS)),
    ]
    flags = (facts.security, facts.performance, facts.regression)
    named = zip(FLAG_POINTS.items(), flags, strict=True)
    return parts + [Part(name, on, points if on else 0) for (name, points), on in named]


def score(facts: Facts, until: datetime) -> int:
    """Return how urgent an issue is: the sum of its parts."""
    return sum(part.points for part in score_parts(facts, until))


def hours(start: datetime, end: datetime | None) -> float | None:
    """Return the hours from start to end, to the hundredth; None while there is no end."""
    if end is None:
        return None
    return round(max(0.0, (end - start).total_seconds()) / 3600, 2)


def link_words(kind: str, *, inverse: bool) -> str:
    """Return what one issue is to another, seen from either end."""
    return LINK_WORDS[kind][inverse]


class Line(NamedTuple):
    """One entry of a program's log, as far as it could be read."""

    at: datetime | None
    level: str
    source: str
    message: str


LEVELS: Mapping[str, str] = {
    "trace": "trace",
    "verbose": "trace",
    "debug": "debug",
    "info": "info",
    "notice": "info",
    "warn": "warn",
    "warning": "warn",
    "error": "error",
    "err": "error",
    "severe": "error",
    "fatal": "fatal",
    "critical": "fatal",
    "panic": "fatal",
}
MOST_LINES = 500
LONGEST = 10_000
LOOK_AT = 120
WHEN = re.compile(
    r"^\W{0,3}(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d)?\b\W?"
)
LEVEL = re.compile(rf"^\W*({'|'.join(sorted(LEVELS, key=len, reverse=True))})\b", re.IGNORECASE)
WITHIN = re.compile(rf"\b({'|'.join(sorted(LEVELS, key=len, reverse=True)).upper()})\b")
SOURCE = re.compile(r"^[\s\]:|-]*\[?([A-Za-z_][\w.$/@-]{1,98})\]?\s*(?::|\s-|\]|\|)\s+(?=\S)")


def parse_log(text: str) -> list[Line]:
    """Return the entries of a pasted log.

    A line that begins with a date and time, or with a level, begins an entry; every other line
    (a stack trace, a wrapped message) belongs to the entry before it. Times without a zone are
    UTC. What has no level is info.
    """
    found: list[Line] = []
    for raw in text.splitlines():
        line = raw.rstrip()
        began = _begins(line)
        if began is not None:
            found.append(began)
        elif found:
            last = found[-1]
            found[-1] = last._replace(message=f"{last.message}\n{line}")
        elif line.strip():
            found.append(Line(None, "info", "", line.strip()))
    return [one._replace(message=_cut(one.message)) for one in found[: MOST_LINES + 1]]


def _begins(line: str) -> Line | None:
    """Return the entry that a line begins, or None when it goes on with the one before."""
    stamp = WHEN.match(line)
    rest = line[stamp.end() :] if stamp else line
    named = LEVEL.match(rest)
    if stamp is None and (named is None or line[:1].isspace()):
        return None
    at = _instant(stamp) if stamp else None
    if stamp is not None and at is None:
        return None
    if named is None and (later := WITHIN.search(rest[:LOOK_AT])):
        return Line(at, LEVELS[later[1].lower()], "", rest.strip() or line)
    level = LEVELS[named[1].lower()] if named else "info"
    rest = rest[named.end() :] if named else rest
    source = SOURCE.match(rest)
    said = (rest[source.end() :] if source else rest).strip(" \t]:|-")
    return Line(at, level, source[1] if source else "", said or line.strip())


def _instant(stamp: re.Match[str]) -> datetime | None:
    day, clock, part, zone = stamp.groups()
    fraction = f".{(part or '0')[:6]:0<6}"
    offset = "+00:00" if zone in (None, "Z") else zone
    try:
        return datetime.fromisoformat(f"{day}T{clock}{fraction}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _cut(message: str) -> str:
    said = message.strip("\n")
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"


def thresholds(now: datetime) -> list[tuple[datetime, int]]:
    """Return the instants at or before which an issue was made that has the points of an age."""
    return [(now - timedelta(days=above + 1), points) for above, points in AGE_POINTS]
