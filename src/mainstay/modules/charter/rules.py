"""How goals, risks and documents behave: scores, bands, flows and numbering, as pure functions."""

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from mainstay.modules.projects.api import spoken

LEVELS = ("very_low", "low", "medium", "high", "very_high")
SUPPORTERS = ("support", "admin", "manager")
Band = Literal["low", "medium", "high", "critical"]
BANDS: tuple[tuple[int, Band], ...] = ((16, "critical"), (10, "high"), (5, "medium"))
LONGEST_REVISION = 20

EVERYWHERE = frozenset(
    ("open", "mitigating", "monitoring", "occurred", "realized", "closed", "analyzing")
)
HAPPENED = frozenset(("occurred", "realized", "mitigating", "monitoring", "closed"))
RISK_FLOW: Mapping[str, frozenset[str]] = {
    "identified": EVERYWHERE | {"identified"},
    "analyzing": EVERYWHERE | {"identified"},
    "open": EVERYWHERE,
    "mitigating": EVERYWHERE,
    "monitoring": EVERYWHERE,
    "occurred": HAPPENED,
    "realized": HAPPENED,
    "closed": frozenset(("closed", "open")),
}
LIVE_RISKS = tuple(status for status in RISK_FLOW if status != "closed")


def degree(level: str) -> int:
    """Return a level of probability or impact as a number from 1 to 5."""
    return LEVELS.index(level) + 1


def score(probability: str, impact: str) -> int:
    """Return a risk's score: probability times impact, 1 to 25."""
    return degree(probability) * degree(impact)


def risk_band(value: int) -> Band:
    """Return a score in words: critical from 16, high from 10, medium from 5, else low."""
    return next((name for least, name in BANDS if value >= least), "low")


def suggested_level(scores: Iterable[int]) -> Band:
    """Return the risk level that a project's open risks speak for: that of the highest one."""
    return risk_band(max(scores, default=0))


def risk_move(before: str, after: str) -> str | None:
    """Return why a risk may not go from one status to another, or None when it may."""
    if after in RISK_FLOW[before]:
        return None
    if before == "closed":
        return "This risk is closed. Reopen it first."
    return f"A risk that has {spoken(before)} cannot become {spoken(after)} again."


def next_revision(revision: str) -> str:
    """Return the version that usually follows: 1.0 gives 1.1, v3 gives v4, B gives C."""
    text = revision.strip()
    if found := re.search(r"(\d+)(\D*)$", text):
        number = str(int(found[1]) + 1).rjust(len(found[1]), "0")
        made = f"{text[: found.start()]}{number}{found[2]}"
    elif re.fullmatch(r"[A-Ya-y]", text):
        made = chr(ord(text) + 1)
    else:
        made = f"{text} 2".strip()
    return made if len(made) <= LONGEST_REVISION else "1.0"
