"""What happened to tasks, replayed into days: burndown, velocity, cumulative flow, cycle times.

Plain inputs, plain answers, no database and no clock: a state of each task at an instant, and
every change of it after that. A day ends at midnight in the zone that is given.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import chain, pairwise
from math import ceil
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace as changed

Measure = Literal["points", "hours", "tasks"]
MEASURES: tuple[Measure, ...] = ("points", "hours", "tasks")
STARTED = frozenset({"in_progress", "review", "testing", "blocked"})
DONE, DROPPED = "done", "cancelled"
# A chart of single values marks its limits so many average moving ranges from the mean.
LIMITS = 2.66
ROLLING = 10
Why = Literal[
    "created",
    "moved_in",
    "moved_out",
    "deleted",
    "restored",
    "raised",
    "lowered",
    "dropped",
    "kept",
]


class State(Struct, frozen=True, gc=False):
    """A task as it stood: in which sprint, how large, how far, and whether it was there at all.

    One that is `split` has parts in its sprint: they count there, and it does not.
    """

    sprint: int | None = None
    status: str = "todo"
    points: float = 0.0
    hours: float = 0.0
    left: float | None = None
    alive: bool = True
    type: str = "task"
    title: str = ""
    parent: int | None = None
    split: bool = False


class Turn(Struct, frozen=True, gc=False):
    """One change: when, of which task, from what to what; None where the task was not there.

    One that takes back what was done before it is an `undo`.
    """

    at: datetime
    task: int
    before: State | None
    after: State | None
    by: str = ""
    new: bool = False
    undo: bool = False


@dataclass(frozen=True)
class History:
    """What is known: the tasks at an instant, and every change after it, oldest first.

    Of tasks that were done at that instant already, `ended` says when.
    """

    start: Mapping[int, State]
    turns: Sequence[Turn]
    ended: Mapping[int, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class ScopeChange:
    """Something that made a sprint larger (above zero) or smaller after it had started.

    It `moved` its task in (1), out (-1), or only estimated it anew (0). What only took another
    back does not count.
    """

    at: datetime
    task: int
    title: str
    amount: float
    why: Why
    by: str
    moved: int = 0
    counts: bool = True


@dataclass
class Sums:
    """The sums of a sprint at one instant; what remains is always made of the other four."""

    committed: float = 0.0
    added: float = 0.0
    removed: float = 0.0
    completed: float = 0.0

    @property
    def scope(self) -> float:
        """Return how much is in the sprint."""
        return tidy(self.committed + self.added - self.removed)

    @property
    def remaining(self) -> float:
        """Return how much of it is left to do."""
        return tidy(self.committed + self.added - self.removed - self.completed)


@dataclass(frozen=True)
class SprintDay:
    """A day of a sprint as it was when it ended; the sums count from the sprint's start."""

    day: date
    committed: float
    added: float
    removed: float
    completed: float
    remaining: float
    scope: float
    remaining_hours: float


@dataclass(frozen=True)
class Burndown:
    """A sprint's days, what changed its scope, and how it stood at the end of the last of them."""

    committed: float
    days: Sequence[SprintDay]
    changes: Sequence[ScopeChange]
    last: Sums = field(default_factory=Sums)


# ---- sizes ----


def tidy(value: float) -> float:
    """Return a sum of halves and tenths without the dust of adding them up."""
    return round(value, 6) + 0.0


def in_sprint(state: State | None, sprint: int) -> bool:
    """Return whether a task is part of a sprint's scope; what was cancelled is none of it."""
    return state is not None and state.alive and state.sprint == sprint and state.status != DROPPED


def size(state: State | None, sprint: int, measure: Measure) -> float:
    """Return how much a task adds to a sprint's scope; what its parts there add, it does not."""
    if state is None or not in_sprint(state, sprint):
        return 0.0
    if measure != "tasks" and (state.split or state.type == "epic"):
        return 0.0
    return {"points": state.points, "hours": state.hours, "tasks": 1.0}[measure]


def done_of(state: State | None, sprint: int, measure: Measure) -> float:
    """Return how much of a task is done: all of it, none, or the hours that are not left."""
    whole = size(state, sprint, measure)
    if state is None or not whole:
        return 0.0
    if state.status == DONE:
        return whole
    if measure == "hours" and state.left is not None:
        return min(whole, max(0.0, whole - state.left))
    return 0.0


def night(day: date, zone: str) -> datetime:
    """Return the instant at which a day ends in a zone."""
    return datetime.combine(day + timedelta(1), time(), ZoneInfo(zone))


def day_of(at: datetime, zone: str) -> date:
    """Return the day that an instant belongs to in a zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def days_from(first: date, last: date) -> list[date]:
    """Return every day from one to another."""
    return [first + timedelta(n) for n in range((last - first).days + 1)]


# ---- burndown ----


def parted(history: History, sprint: int) -> History:
    """Return a history in which a task turns `split` while parts of it are in the sprint too."""
    states = [*history.start.values(), *(turn.after for turn in history.turns if turn.after)]
    if all(one.parent is None for one in states):
        return history
    now: dict[int, State | None] = dict(history.start)
    parts = Counter(whole for one in now.values() if (whole := _part_of(one, sprint)))

    def told(state: State | None, task: int) -> State | None:
        """Return a state as it counts now."""
        return changed(state, split=True) if state and parts[task] > 0 else state

    start = {task: told(one, task) or one for task, one in history.start.items()}
    turns: list[Turn] = []
    for turn in history.turns:
        before, after = told(turn.before, turn.task), told(turn.after, turn.task)
        turns.append(changed(turn, before=before, after=after))
        now[turn.task] = turn.after
        left, joined = _part_of(turn.before, sprint), _part_of(turn.after, sprint)
        for whole, step in ((left, -1), (joined, 1)):
            if whole is None or left == joined:
                continue
            was = told(now.get(whole), whole)
            parts[whole] += step
            if (then := told(now.get(whole), whole)) != was:
                turns.append(Turn(turn.at, whole, was, then, turn.by, undo=turn.undo))
    return History(start, turns)


def _part_of(state: State | None, sprint: int) -> int | None:
    """Return the task of which another one is a part in a sprint."""
    return state.parent if state is not None and in_sprint(state, sprint) else None


def at_start(history: History, started: datetime) -> tuple[dict[int, State], list[Turn]]:
    """Return the tasks as they stood when something started, and the turns that came after."""
    states = dict(history.start)
    later = []
    for turn in history.turns:
        if turn.at > started:
            later.append(turn)
            continue
        _apply(states, turn)
    return states, later


def burndown(
    history: History,
    sprint: int,
    days: Sequence[date],
    zone: str,
    *,
    started: datetime,
    measure: Measure = "points",
    committed: float | None = None,
) -> Burndown:
    """Replay a sprint: what was committed at its start, and each day's sums.

    Committed is the scope at the start. Every later change of scope is added or removed: a task
    that comes or goes, is deleted or restored, cancelled or taken up again, or estimated anew.
    What an undo takes back counts no more from then on: it is neither added nor removed.
    Completed is what is done of the scope. So remaining = committed + added - removed - completed
    on every day, and equals what is left of the tasks that are in the sprint then. Where the
    history begins later than the sprint, what was `committed` is given, and the difference to
    the scope at its beginning counts as added or removed. Points and hours of a task count
    through its parts while some are in the sprint, and those of an epic not at all.
    """
    states, later = at_start(parted(history, sprint), started)
    scope = tidy(sum(size(one, sprint, measure) for one in states.values()))
    sums = Sums(scope if committed is None else committed)
    sums.added = tidy(max(0.0, scope - sums.committed))
    sums.removed = tidy(max(0.0, sums.committed - scope))
    sums.completed = tidy(sum(done_of(one, sprint, measure) for one in states.values()))
    hours = sum(_left(one, sprint) for one in states.values())
    found: list[SprintDay] = []
    changes: dict[int, list[ScopeChange]] = {}
    place = 0
    for day in days:
        end = night(day, zone)
        while place < len(later) and later[place].at < end:
            turn = later[place]
            hours += _left(turn.after, sprint) - _left(turn.before, sprint)
            _count(sums, changes.setdefault(turn.task, []), turn, sprint, measure)
            place += 1
        found.append(_day(day, sums, hours))
    every = sorted(chain.from_iterable(changes.values()), key=lambda one: one.at)
    told = [one for one in every if one.counts]
    return Burndown(sums.committed, found, told, sums)


def _count(
    sums: Sums, changes: list[ScopeChange], turn: Turn, sprint: int, measure: Measure
) -> None:
    """Take a change into the sums, and what it did to the scope into its task's changes."""
    before, after = turn.before, turn.after
    amount = tidy(size(after, sprint, measure) - size(before, sprint, measure))
    done = done_of(after, sprint, measure) - done_of(before, sprint, measure)
    sums.completed = tidy(sums.completed + done)
    moved = in_sprint(after, sprint) - in_sprint(before, sprint)
    if not amount and not moved:
        return
    title, why = (after or before or State()).title, _why(turn, sprint)
    change = ScopeChange(turn.at, turn.task, title, amount, why, turn.by, moved)
    undone = _undone(changes, change) if turn.undo else None
    if undone is not None:
        changes.remove(undone)
    if undone is not None and undone.counts:
        _shift(sums, -undone.amount, back=True)
        changes.append(replace(change, counts=False))
        # What was estimated anew while the task was gone stays a change of its own.
        amount = tidy(amount + undone.amount)
        why = "raised" if amount > 0 else "lowered"
        change = replace(change, amount=amount, why=why, moved=0)
    if amount or change.moved:
        _shift(sums, amount)
        changes.append(change)


def _undone(changes: Sequence[ScopeChange], undo: ScopeChange) -> ScopeChange | None:
    """Return the latest change of the same task that this one takes back, perhaps an undo."""
    for one in reversed(changes):
        if one.moved == -undo.moved and (undo.moved or one.amount == -undo.amount):
            return one
    return None


def _shift(sums: Sums, amount: float, *, back: bool = False) -> None:
    """Let a sprint grow or shrink; `back` is as if it never had done the opposite."""
    if (amount > 0) != back:
        sums.added = tidy(sums.added + amount)
    else:
        sums.removed = tidy(sums.removed - amount)


def _why(turn: Turn, sprint: int) -> Why:
    """Say what kind of change of scope a turn is."""
    before, after = turn.before, turn.after
    if in_sprint(before, sprint) and in_sprint(after, sprint):
        raised = after is not None and before is not None
        return "raised" if raised and _larger(before, after) else "lowered"
    if in_sprint(after, sprint):
        if turn.new:
            return "created"
        if before is not None and not before.alive:
            return "restored"
        dropped = before is not None and before.sprint == sprint and before.status == DROPPED
        return "kept" if dropped else "moved_in"
    if after is not None and not after.alive:
        return "deleted"
    dropped = after is not None and after.sprint == sprint and after.status == DROPPED
    return "dropped" if dropped else "moved_out"


def _larger(before: State | None, after: State | None) -> bool:
    assert before is not None
    assert after is not None
    if before.split != after.split:
        return before.split
    return (after.points, after.hours) > (before.points, before.hours)


def _left(state: State | None, sprint: int) -> float:
    return size(state, sprint, "hours") - done_of(state, sprint, "hours")


def _day(day: date, sums: Sums, hours: float) -> SprintDay:
    return SprintDay(
        day=day,
        committed=sums.committed,
        added=sums.added,
        removed=sums.removed,
        completed=sums.completed,
        remaining=sums.remaining,
        scope=sums.scope,
        remaining_hours=tidy(hours),
    )


def _apply(states: dict[int, State], turn: Turn) -> None:
    if turn.after is None:
        states.pop(turn.task, None)
    else:
        states[turn.task] = turn.after


def ideal(committed: float, days: Sequence[date], works: Callable[[date], bool]) -> list[float]:
    """Return what would be left at the end of each day at an even pace over the working days.

    In a sprint without any working day every day counts.
    """
    working = [works(day) for day in days]
    if not any(working):
        working = [True] * len(days)
    total, so_far, found = sum(working), 0, []
    for one in working:
        so_far += one
        found.append(tidy(committed * (1 - so_far / total)))
    return found


def behind(remaining: float, committed: float, total: int, passed: int) -> int:
    """Return how many working days a sprint is behind an even pace; below zero it is ahead.

    `total` are its working days, `passed` those that are over. What is done of the commitment as
    a share of all days is the day that an even pace would have reached.
    """
    if committed <= 0:
        return passed if remaining > 0 else 0
    reached = total * max(0.0, 1 - remaining / committed)
    return round(passed - reached)


# ---- velocity ----


@dataclass(frozen=True)
class Pace:
    """How much a team completes in a sprint, by its own past; None without any."""

    average: float | None = None
    low: float | None = None
    high: float | None = None
    average_of_3: float | None = None
    average_of_6: float | None = None
    predictability: float | None = None


def pace(sprints: Sequence[tuple[float, float]]) -> Pace:
    """Return averages, range and predictability of committed and completed sums, oldest first.

    Predictability is all that was completed as a share of all that was committed.
    """
    done = [completed for _committed, completed in sprints]
    if not done:
        return Pace()
    promised = sum(committed for committed, _completed in sprints)
    return Pace(
        average=mean(done),
        low=min(done),
        high=max(done),
        average_of_3=mean(done[-3:]),
        average_of_6=mean(done[-6:]),
        predictability=round(sum(done) / promised, 4) if promised else None,
    )


def mean(values: Sequence[float]) -> float:
    """Return the average, with two decimals."""
    return round(sum(values) / len(values), 2)


# ---- cumulative flow ----


def cumulative(
    history: History, days: Sequence[date], zone: str, measure: Measure = "tasks"
) -> list[dict[str, float]]:
    """Return how much stood in each status at the end of each day; cancelled tasks are left out."""
    states = dict(history.start)
    sums: dict[str, float] = {}
    for state in states.values():
        _put(sums, state, measure, 1)
    found, place = [], 0
    for day in days:
        end = night(day, zone)
        while place < len(history.turns) and history.turns[place].at < end:
            turn = history.turns[place]
            _put(sums, turn.before, measure, -1)
            _put(sums, turn.after, measure, 1)
            place += 1
        found.append({status: tidy(value) for status, value in sums.items() if tidy(value)})
    return found


def _put(sums: dict[str, float], state: State | None, measure: Measure, sign: int) -> None:
    if state is None or not state.alive or state.status == DROPPED:
        return
    value = {"points": state.points, "hours": state.hours, "tasks": 1.0}[measure]
    sums[state.status] = sums.get(state.status, 0.0) + sign * value


# ---- cycle and lead time ----


@dataclass(frozen=True)
class Finished:
    """A task that was done: when it was made, first started and last done, as far as known."""

    task: int
    title: str
    type: str
    created: datetime | None
    started: datetime | None
    done: datetime

    @property
    def cycle(self) -> float | None:
        """Return the days from the first start until it was done."""
        return None if self.started is None else elapsed(self.started, self.done)

    @property
    def lead(self) -> float | None:
        """Return the days from when it was made until it was done."""
        return None if self.created is None else elapsed(self.created, self.done)


@dataclass(frozen=True)
class Ageing:
    """A task that was started and is not done: for how many days."""

    task: int
    title: str
    type: str
    status: str
    started: datetime
    age: float


@dataclass
class _Life:
    """What is known of one task so far."""

    created: datetime | None = None
    started: datetime | None = None
    done: datetime | None = None
    state: State | None = None


def elapsed(first: datetime, last: datetime) -> float:
    """Return the days between two instants, with two decimals."""
    return round(max(0.0, (last - first).total_seconds()) / 86400, 2)


def lives(
    history: History, created: Mapping[int, datetime], until: datetime
) -> tuple[list[Finished], list[Ageing]]:
    """Return the tasks that were done by an instant, and those that were in work at it.

    A task's start is the first time it was taken up, its end the last time it was done; one that
    was already taken up or done when it first appears has no start that is known.
    """
    known = {
        task: _Life(created.get(task), done=history.ended.get(task), state=state)
        for task, state in history.start.items()
    }
    for turn in history.turns:
        if turn.at > until:
            break
        life = known.setdefault(turn.task, _Life(created.get(turn.task)))
        _live(life, turn)
    done, ageing = [], []
    for task, life in sorted(known.items()):
        state = life.state
        if state is None or not state.alive:
            continue
        if state.status == DONE and life.done is not None:
            one = Finished(task, state.title, state.type, life.created, life.started, life.done)
            done.append(one)
        elif state.status in STARTED and life.started is not None:
            age = elapsed(life.started, until)
            ageing.append(Ageing(task, state.title, state.type, state.status, life.started, age))
    done.sort(key=lambda one: (one.done, one.task))
    ageing.sort(key=lambda one: (-one.age, one.task))
    return done, ageing


def in_work(history: History, until: datetime, kind: str | None = None) -> int:
    """Return how many tasks (of a type) were taken up and not done at an instant."""
    states, _later = at_start(history, until)
    found = [one for one in states.values() if one.alive and one.status in STARTED]
    return sum(kind in (None, one.type) for one in found)


def _live(life: _Life, turn: Turn) -> None:
    """Take a change into what is known of a task."""
    was = life.state.status if life.state else None
    now = turn.after.status if turn.after else None
    fresh = now in STARTED and was not in (DONE, *STARTED) and life.started is None
    if fresh and (was is not None or turn.new):
        # What comes in from elsewhere already taken up was started nobody knows when.
        life.started = turn.at
    if now == DONE and was != DONE:
        if was is not None:
            life.done = turn.at
            # Done in one step: it was in work for no time that anybody saw.
            life.started = life.started or (turn.at if was not in STARTED else None)
    elif now is not None and now != DONE:
        life.done = None
    life.state = turn.after


@dataclass(frozen=True)
class Control:
    """A chart of single values: their mean, its natural limits, and a rolling mean at each."""

    mean: float
    lower: float
    upper: float
    rolling: Sequence[float]


def control(values: Sequence[float]) -> Control | None:
    """Return mean and limits of values in their order; None for fewer than two.

    The limits are 2.66 average moving ranges from the mean, the usual ones for single values; no
    time is below zero. The rolling mean is over the last ten.
    """
    if len(values) < 2:
        return None
    middle = sum(values) / len(values)
    spread = sum(abs(b - a) for a, b in pairwise(values)) / (len(values) - 1)
    rolling = [
        round(sum(part) / len(part), 2)
        for n in range(len(values))
        if (part := values[max(0, n - ROLLING + 1) : n + 1])
    ]
    return Control(
        round(middle, 2),
        round(max(0.0, middle - LIMITS * spread), 2),
        round(middle + LIMITS * spread, 2),
        rolling,
    )


def histogram(values: Sequence[float], most: int = 24) -> list[tuple[float, float, int]]:
    """Return how many values lie in each of some equal stretches of whole days."""
    if not values:
        return []
    step = max(1, ceil((int(max(values)) + 1) / most))
    counts = [0] * (int(max(values)) // step + 1)
    for value in values:
        counts[int(value) // step] += 1
    return [(float(n * step), float((n + 1) * step), count) for n, count in enumerate(counts)]
