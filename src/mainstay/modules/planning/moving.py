"""What a moved task does to those that wait for it, to their parts, and to what it is part of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from graphlib import TopologicalSorter

from mainstay.modules.planning.plan import (
    Days,
    Terms,
    Wait,
    Work,
    finish,
    from_below,
    inside,
    length,
    parts_of,
    ready,
    span,
    stands,
)
from mainstay.scheduling import Link, as_date, find_circle


@dataclass(frozen=True)
class Way:
    """Where a move of one task can lead: whom it reaches, in which order, and what holds these."""

    works: Mapping[int, Work]
    moved: Work
    parts: Mapping[int, list[int]]
    into: Mapping[int, list[Wait]]
    order: list[int]

    def free(self, work: Work) -> bool:
        """Say whether a task moves along: those of other projects do not, nor what is settled."""
        return work.standing == "open" and work.project_id == self.moved.project_id

    @property
    def links(self) -> list[Wait]:
        """Return what holds the moved task and those that it reaches."""
        return [one for task in (self.moved.id, *self.order) for one in self.into.get(task, ())]

    @property
    def near(self) -> set[int]:
        """Return whom it reaches, and what holds these."""
        return {*self.order, *(one.earlier for one in self.links)}


def way_from(works: Mapping[int, Work], waits: Iterable[Wait], moved: int) -> Way:
    """Return whom a move can reach: along the links, down into parts, and up to their whole.

    As in a schedule, what a task waits for its parts wait for too, unless that closes a circle.
    """
    waits, task = list(waits), works[moved]
    home = {w.id: w for w in works.values() if w.project_id == task.project_id}
    free = {w.id for w in home.values() if w.standing == "open" and w.status != "cancelled"}
    parts = parts_of(home)
    between = [
        Link(one.earlier, one.later)
        for one in (inside(parts, waits) if parts else ())
        if one.earlier in free and one.later in free
    ]
    if between and find_circle(between) is not None:
        parts = {}
    parts.pop(moved, None)  # whoever moves a whole by hand says where it is
    into: dict[int, list[Wait]] = {}
    after: dict[int, list[int]] = {}
    for one in inside(parts, waits):
        into.setdefault(one.later, []).append(one)
        after.setdefault(one.earlier, []).append(one.later)
    reached, open_ = {moved}, [moved]
    while open_:
        new = {later for later in after.get(open_.pop(), ()) if later not in reached}
        reached |= new
        open_ += sorted(new & free)
    order = _ordered(reached - {moved}, into, free)
    return Way(works, task, parts, into, [one for one in order if one in works])


def _ordered(
    reached: set[int], into: Mapping[int, Iterable[Wait]], free: set[int]
) -> Iterable[int]:
    """Return tasks so that each comes after those that may push it."""
    sorter: TopologicalSorter[int] = TopologicalSorter()
    for task in sorted(reached):
        before = (one.earlier for one in into[task] if one.earlier in free)
        sorter.add(task, *(one for one in before if one in reached))
    return sorter.static_order()


@dataclass(frozen=True)
class Shift:
    """A task's days before and after."""

    work: Work
    before: tuple[date | None, date | None]
    after: tuple[date | None, date | None]


@dataclass
class Pushed:
    """What a moved task pushes, and what it runs into that does not move."""

    shifts: list[Shift] = field(default_factory=list)
    held: list[Work] = field(default_factory=list)


def push(way: Way, to: tuple[date | None, date | None], by: Terms, *, pull: bool = False) -> Pushed:
    """Return where those go that wait for a moved task, directly or along others.

    They are pushed to the first day that the links from what has moved allow, never pulled; with
    `pull` they also follow to an earlier day, as far as all that they wait for allows. What has
    parts begins with the first and ends with the last of them.
    """
    found, moved = Pushed(), way.moved
    if not any(to) or not way.order:
        return found
    days = _days(way, by, pull=pull)
    days[moved.id] = span(*to, length(moved, by), by.calendar)
    walk = Walk(way, days, {moved.id}, by, pull)
    for task in way.order:
        if not any(one.earlier in walk.gone for one in way.into[task]):
            walk.fill(task)
        elif task in way.parts:
            _widened(found, walk, way.works[task])
        elif task in days:
            _pushed(found, walk, way.works[task])
    return found


def _days(way: Way, by: Terms, *, pull: bool) -> dict[int, Days]:
    """Return the days of those that a move reaches, of their parts, and of what can hold them."""
    wanted = {*way.order}
    if pull:
        wanted |= {one.earlier for task in way.order for one in way.into[task]}
    open_ = list(wanted)
    while open_:
        below = [part for part in way.parts.get(open_.pop(), ()) if part not in wanted]
        wanted.update(below)
        open_ += below
    found = {
        task: stands(work, by)
        for task in sorted(wanted - {way.moved.id})
        if (work := way.works.get(task)) and _is_dated(work)
    }
    reached = set(way.order)
    for task in from_below(way.parts):
        if task in wanted and task not in reached:
            _fill(way, found, task)
    return found


def _is_dated(work: Work) -> bool:
    return bool(work.start_date or work.due_date) and work.status != "cancelled"


def _fill(way: Way, days: dict[int, Days], task: int) -> None:
    """Let what has parts and no dates of its own last from the first to the last of them."""
    below = [days[part] for part in way.parts.get(task, ()) if part in days]
    if below and task not in days and way.works[task].status != "cancelled":
        days[task] = min(one[0] for one in below), max(one[1] for one in below)


@dataclass
class Walk:
    """What a move knows on its way along the links: where all stand, and what has moved."""

    way: Way
    days: dict[int, Days]
    gone: set[int]
    by: Terms
    pull: bool

    def fill(self, task: int) -> None:
        """Give what has parts and no dates of its own the days of its parts."""
        _fill(self.way, self.days, task)

    def holding(self, task: int) -> list[Wait]:
        """Return what counts for a task: links from what has moved, or with `pull` all of them."""
        links = [one for one in self.way.into[task] if one.earlier in self.days]
        return links if self.pull else [one for one in links if one.earlier in self.gone]

    def edges(self, task: int) -> Days:
        """Return a task's days as those who wait for it count them.

        What takes no time is over at the end of its day if it waits for something itself, else
        in the morning.
        """
        first, last = self.days[task]
        if self.way.works[task].duration_days != 0 or task in self.way.parts:
            return first, last
        if self.way.into.get(task):
            return as_date(first.toordinal() + 1), last
        return first, as_date(last.toordinal() - 1)

    def move(self, found: Pushed, work: Work, goes: Days) -> None:
        """Give a task its new days."""
        self.days[work.id] = goes
        self.gone.add(work.id)
        before = (work.start_date, work.due_date)
        after = (goes[0] if work.start_date else None, goes[1] if work.due_date else None)
        if after != before:
            found.shifts.append(Shift(work, before, after))


def _pushed(found: Pushed, walk: Walk, work: Work) -> None:
    """Place one task behind what has moved before it."""
    days, by, held = walk.days, walk.by, walk.holding(work.id)
    if not held:
        return
    count, calendar = 0, by.calendar
    if work.duration_days != 0:
        count = max(1, calendar.working_days_between(*days[work.id]))
    soonest = max(
        ready(one.type, one.lag, walk.edges(one.earlier), count, calendar) for one in held
    )
    now = days[work.id][0]
    if walk.pull:
        soonest = max(soonest, work.not_before or soonest, min(by.start, now))
    if soonest == now or (soonest < now and not walk.pull):
        return
    if not walk.way.free(work):
        if soonest > now and work.standing != "done":
            found.held.append(work)
        return
    walk.move(found, work, (soonest, finish(soonest, count, calendar)))


def _widened(found: Pushed, walk: Walk, work: Work) -> None:
    """Let a task with parts begin with the first and end with the last of them."""
    days, now = walk.days, walk.days.get(work.id)
    links = walk.holding(work.id)
    below = [part for part in walk.way.parts[work.id] if part in days]
    if not links or work.status == "cancelled":
        return
    last = max(
        days[one.earlier][1]
        if one.earlier in below
        else ready(one.type, one.lag, walk.edges(one.earlier), 0, walk.by.calendar)
        for one in links
    )
    if now and not walk.pull:
        last = max(last, now[1])
    first = now[0] if now else last
    if any(part in walk.gone for part in below):
        first = min(days[part][0] for part in below)
    goes = min(first, last), last
    if goes == now:
        return
    if walk.way.free(work):
        walk.move(found, work, goes)
    elif now and last > now[1] and work.standing != "done":
        found.held.append(work)
