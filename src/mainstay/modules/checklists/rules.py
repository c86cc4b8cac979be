"""How checklists behave: what is done, in which order, and what a result amounts to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

State = Literal["pending", "in_progress", "completed", "blocked"]
HOUR = 3600


@dataclass(frozen=True)
class Item:
    """What the rules look at of one item of a checklist."""

    id: int
    name: str
    place: float
    required: bool
    status: str
    done: bool
    earlier: int | None = None

    @property
    def waits(self) -> bool:
        """Return whether it is completed, and waits for somebody to validate it."""
        return self.status == "completed" and not self.done


@dataclass(frozen=True)
class Tally:
    """What a checklist amounts to: how many items, how many of them done, where it stands."""

    items: int
    done: int
    status: State

    @property
    def completed(self) -> bool:
        """Return whether every required item is done."""
        return self.status == "completed"


def in_order(items: Iterable[Item]) -> list[Item]:
    """Return items as the checklist lists them."""
    return sorted(items, key=lambda item: (item.place, item.id))


def tally(items: Sequence[Item]) -> Tally:
    """Return what live items amount to.

    Completed when every required one is done, and every one where none is required; else blocked
    while one is blocked, in progress once something was begun, pending before.
    """
    needed = [item for item in items if item.required] or items
    done = sum(item.done for item in items)
    if needed and all(item.done for item in needed):
        return Tally(len(items), done, "completed")
    if any(item.status == "blocked" for item in items):
        return Tally(len(items), done, "blocked")
    begun = any(item.status in ("in_progress", "completed") for item in items)
    return Tally(len(items), done, "in_progress" if begun else "pending")


def first_before(items: Sequence[Item], item: Item, *, sequential: bool) -> Item | None:
    """Return the first item that must be done before this one and is not, or None."""
    for other in in_order(items):
        ahead = (other.place, other.id) < (item.place, item.id)
        needed = other.id == item.earlier or (sequential and other.required and ahead)
        if needed and not other.done and other.id != item.id:
            return other
    return None


def out_of_order(items: Sequence[Item], *, sequential: bool) -> tuple[Item, Item] | None:
    """Return a completed item, and one that must be done before it and is not; or None."""
    known = {item.id: item for item in items}
    open_one: Item | None = None
    for item in in_order(items):
        earlier = known.get(item.earlier or 0)
        if item.status == "completed":
            if sequential and open_one is not None:
                return item, open_one
            if earlier is not None and not earlier.done:
                return item, earlier
        if open_one is None and item.required and not item.done:
            open_one = item
    return None


def circle(items: Sequence[Item]) -> list[Item]:
    """Return items that wait for one another in a circle, the first one again at the end."""
    known = {item.id: item for item in items}
    safe: set[int] = set()
    for start in items:
        path: list[int] = []
        now: int | None = start.id
        while now in known and now not in safe and now not in path:
            path.append(now)
            now = known[now].earlier
        if now in path:
            return [known[one] for one in (*path[path.index(now) :], now)]
        safe.update(path)
    return []


def percent(
    score: Decimal | None,
    most: Decimal | None,
    right: int | None = None,
    asked: int | None = None,
) -> float | None:
    """Return the score in percent of what could be reached, else the share of right answers."""
    if score is not None and most:
        return _rounded(score / most)
    if right is not None and asked:
        return _rounded(Decimal(right) / asked)
    return None


def _rounded(share: Decimal) -> float:
    return float((share * 100).quantize(Decimal("0.01"), ROUND_HALF_UP))


def verdict(percent: float | None, mark: float | None) -> bool | None:
    """Return whether a result passes: at or above the mark; None where it cannot be said."""
    return None if percent is None or mark is None else percent >= mark


def contradicts(percent: float | None, mark: float | None, *, passed: bool) -> str | None:
    """Return why a result cannot have passed, or cannot have failed, or None."""
    if percent is None:
        return None
    if mark is not None and passed and percent < mark:
        return f"does not fit: {percent:g} % is below the mark of {mark:g} %"
    if mark is not None and not passed and percent >= mark:
        return f"does not fit: {percent:g} % reaches the mark of {mark:g} %"
    if passed and percent == 0:
        return "does not fit a result of 0 %"
    if not passed and percent == 100:
        return "does not fit a result of 100 %"
    return None


def hours(start: datetime, end: datetime) -> float:
    """Return the hours from one moment to a later one, to the hundredth; never below zero."""
    return max(0.0, round((end - start).total_seconds() / HOUR, 2))
