"""Progress up the tree: what changes in steps and tasks is carried to all that they belong to."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from mainstay.kernel.context import Context
from mainstay.kernel.log import Change
from mainstay.kernel.noun import Noun
from mainstay.modules.projects import rules
from mainstay.modules.projects.entities import Task
from mainstay.modules.projects.totals.scopes import (
    Kept,
    Tally,
    count_tasks,
    kept_of,
    locked_tasks,
    write_totals,
)

NOTE = "projects.progress"
NOTHING: Tally = (0, 0, 0, 0)
COUNTING = frozenset(
    {
        "status",
        "deleted_at",
        "parent_id",
        "milestone_id",
        "estimated_hours",
        "actual_hours",
        "progress",
    }
)
# A task, its parents, and one round in which nothing is left.
MOST_ROUNDS = rules.DEEPEST + 2


class Shift(NamedTuple):
    """A task as it counted for what it belongs to, before and now; None when it was not there."""

    task_id: int
    was: rules.Part | None
    now: rules.Part


class Book:
    """What of a unit of work was carried up already, and what still has to be taken from it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.upto = 0
        self.shifts: list[Shift] = []
        self.moved: list[Shift] = []

    def take_shifts(self) -> list[Shift]:
        """Return, once, every task that counts differently now, its progress included."""
        taken, self.shifts = self.shifts, []
        return taken

    def take_moved(self) -> list[Shift]:
        """Return, once, the tasks that were changed themselves."""
        taken, self.moved = self.moved, []
        return taken


def book_of(ctx: Context) -> Book:
    """Return the book of this unit of work."""
    found: Book | None = ctx.notes.get(NOTE)
    if found is None:
        found = ctx.notes[NOTE] = Book()
    return found


def take_shifts(ctx: Context) -> list[Shift]:
    """Return, once, every task that counts differently for what it belongs to.

    A room that keeps totals of tasks takes them at the end of a unit of work, in its guard.
    """
    return book_of(ctx).take_shifts()


async def carry(ctx: Context, steps: Mapping[int, tuple[int, int]] | None = None) -> None:
    """Bring every total up to date with the tasks that were changed so far.

    `steps` says of tasks how many subtasks or steps they have more, and how many more are done.
    Each level of the tree is read and written in sets, so the number of statements depends on
    its depth alone. The totals are added to, so concurrent changes add up; a total is no edit.
    """
    book, noun = book_of(ctx), ctx.registry.noun(Task)
    if not steps and not any(_counts(noun, change) for change in ctx.changes[book.upto :]):
        return
    await ctx.flush()
    fresh: dict[int, list[Change]] = {}
    for change in ctx.changes[book.upto :]:
        if _counts(noun, change):
            fresh.setdefault(change.record_id, []).append(change)
    book.upto = len(ctx.changes)
    lifts: dict[int, Tally] = {task: (*more, 0, 0) for task, more in (steps or {}).items()}
    shifts = []
    for record_id, own in fresh.items():
        task = ctx.held(noun, record_id)
        assert isinstance(task, Task)
        kept = kept_of(task)
        was = _before(own, kept.part)
        if was != kept.part:
            shifts.append(Shift(record_id, was, kept.part))
        if kept.due_units != kept.part.units:
            lifts.setdefault(record_id, NOTHING)
    book.moved += shifts
    tallies: dict[int, Tally] = {}
    for _ in range(MOST_ROUNDS):
        book.shifts += shifts
        for shift in shifts:
            _spread(shift, lifts, tallies)
        if not lifts:
            break
        shifts, lifts = await _lift(ctx, lifts), {}
    await count_tasks(ctx, tallies)


def _counts(noun: Noun, change: Change) -> bool:
    """Return whether a change may let a task count differently."""
    if change.noun is not noun:
        return False
    return (
        change.after is not None
        if change.before is None
        else not COUNTING.isdisjoint(change.before)
    )


def _before(own: Sequence[Change], now: rules.Part) -> rules.Part | None:
    """Return how a task counted before these changes; one that they made did not count."""
    if own[0].before is None:
        return None
    said: dict[str, Any] = {}
    for change in reversed(own):
        said |= change.before or {}
    names = ("parent_id", "milestone_id", "status")
    known: dict[str, Any] = {name: said[name] for name in names if name in said}
    if "deleted_at" in said:
        known["live"] = said["deleted_at"] is None
    if "progress" in said:
        known["units"] = round(said["progress"] * rules.WHOLE)
    return now._replace(**known)


def _spread(shift: Shift, lifts: dict[int, Tally], tallies: dict[int, Tally]) -> None:
    """Add what one task counts more or less to its parent and its project, old ones and new."""
    more: dict[int, Tally] = {}
    for sign, part in ((-1, shift.was), (1, shift.now)):
        if part is None:
            continue
        counts, worth = sign * part.counts, sign * part.worth
        if part.parent_id is not None:
            _add(more, part.parent_id, (0, 0, counts, worth))
            counts = worth = 0
        done = sign * (part.live and part.status == "done")
        _add(tallies, part.project_id, (sign * part.live, done, counts, worth))
    for parent, tally in more.items():
        if tally != NOTHING:
            _add(lifts, parent, tally)


def _add(sums: dict[int, Tally], key: int, more: Tally) -> None:
    a, b, c, d = sums.get(key, NOTHING)
    sums[key] = (a + more[0], b + more[1], c + more[2], d + more[3])


async def _lift(ctx: Context, lifts: Mapping[int, Tally]) -> list[Shift]:
    """Add to what is kept of tasks, and return those that count differently by it."""
    found = await _locked(ctx, lifts)
    changed, shifts = [], []
    for kept in found:
        steps, done, parts, units = lifts[kept.id]
        now = kept._replace(
            subtasks=(kept.subtasks[0] + steps, kept.subtasks[1] + done),
            parts=(kept.parts[0] + parts, kept.parts[1] + units),
        )
        now = now._replace(part=kept.part._replace(units=now.due_units))
        if now != kept:
            changed.append(now)
        if now.part != kept.part:
            shifts.append(Shift(kept.id, kept.part, now.part))
    await write_totals(ctx, changed)
    return shifts


async def _locked(ctx: Context, ids: Iterable[int]) -> list[Kept]:
    """Return tasks with what is kept of them; only those that are not locked yet are asked for."""
    noun, found, wanted = ctx.registry.noun(Task), [], []
    for one in ids:
        task = ctx.held(noun, one, locked=True)
        if isinstance(task, Task):
            found.append(kept_of(task))
        else:
            wanted.append(one)
    if wanted:
        found += await locked_tasks(ctx, wanted)
    return found
