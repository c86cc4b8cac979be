"""What templates mean, as pure functions: names, what publishing needs, how a tree unfolds."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Any

from mainstay.scheduling import Calendar, Link, find_circle, schedule_dates

HOURS_A_DAY = Decimal(8)
NEEDS = (("template_type", "type"), ("action_id", "action"), ("object_id", "object"))
DEEPEST = 10
MOST = 10_000


def suggested(action: str, thing: str) -> str:
    """Return the name that an action and an object suggest: Install panels."""
    words = f"{action.strip()} {thing.strip()}".strip()
    return words[:1].upper() + words[1:]


def missing(template: Any) -> list[tuple[str, str]]:
    """Return what a task template lacks to be published: fields, and what they are called."""
    return [(name, word) for name, word in NEEDS if getattr(template, name) is None]


def listed(words: Iterable[str]) -> str:
    """Return words as they are told: type, action and object."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def guessed(title: str, terms: Mapping[str, int], most: int = 3) -> int | None:
    """Return the term whose words stand in a title; the longest, and at the same length the first.

    Plural nouns fit their singular too: panels fit “Mount the panel”.
    """
    words = [word.strip(".,:;!?()").lower() for word in title.split()]
    known = {name.lower(): term for name, term in terms.items()}
    known |= {
        name.removesuffix("s"): term for name, term in tuple(known.items()) if len(name) > most
    }
    for length in range(most, 0, -1):
        for first in range(len(words) - length + 1):
            found = known.get(" ".join(words[first : first + length]))
            if found is not None:
                return found
    return None


def circle(links: Iterable[tuple[int, int]]) -> tuple[int, ...] | None:
    """Return a circle among pairs of a later and an earlier one, or None."""
    return find_circle([Link(earlier, later) for later, earlier in links])


def shortened(text: str, most: int) -> str:
    """Return a text that fits into a shorter field, with a mark where it was cut."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


@dataclass(eq=False)
class Spot:
    """One task to be made: of which template, where, and which of several alike.

    `place` is the milestone's template, or 0 for tasks of no milestone.
    """

    template: int
    place: int
    parent: "Spot | None" = None
    copy: int = 1
    copies: int = 1
    path: tuple[int, ...] = ()
    depth: int = 1


@dataclass
class Plan:
    """Which tasks a template makes, in their order, and which waits for which."""

    spots: list[Spot] = field(default_factory=list)
    waits: list[tuple[Spot, Spot, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Wait:
    """That tasks of one template wait for those of another."""

    task: int
    earlier: int
    type: str = "finish_to_start"
    lag_days: int = 0


def unfold(
    places: Sequence[tuple[int, Sequence[int]]],
    parents: Mapping[int, Sequence[int]],
    waits: Iterable[Any],
    quantity: Callable[[int], int] = lambda _template: 1,
) -> Plan:
    """Return the tasks that a tree of templates makes: parts below their parents, in the queue.

    `places` are the milestones' templates (0: none) with the task templates that stand there. A
    part goes to a parent in its own place, else among the tasks of no milestone, else to the first
    that there is; within a place every copy of a parent gets parts of its own. A wait goes to the
    nearest: within the same parent, else the same milestone, else anywhere in the project.
    """
    home = {place: list(dict.fromkeys(tasks)) for place, tasks in places}
    unfolding = _Unfolding(home, parents, quantity)
    for place, tasks in home.items():
        for task in tasks:
            unfolding.make(place, task)
    plan = Plan(_ordered(home, unfolding.made))
    everywhere: dict[int, list[Spot]] = {}
    for spot in plan.spots:
        everywhere.setdefault(spot.template, []).append(spot)
    for wait in waits:
        for spot in everywhere.get(wait.task, ()):
            near = _nearest(spot, everywhere.get(wait.earlier, ()))
            plan.waits += [(spot, one, wait) for one in near]
    return plan


class _Unfolding:
    """Tasks on their way from templates, each below its parent."""

    def __init__(
        self,
        home: Mapping[int, Sequence[int]],
        parents: Mapping[int, Sequence[int]],
        quantity: Callable[[int], int],
    ) -> None:
        self.quantity = quantity
        self.chosen = {
            (place, task): _parent(place, parents.get(task, ()), home)
            for place, tasks in home.items()
            for task in tasks
        }
        self.made: dict[tuple[int, int], list[Spot]] = {}
        self.number = 0

    def make(self, place: int, task: int) -> list[Spot]:
        """Make the tasks of a template in a place, its parents first."""
        if (place, task) in self.made:
            return self.made[place, task]
        found = self.made[place, task] = []
        many = max(1, self.quantity(task))
        for top in self._tops(place, task):
            for copy in range(1, many + 1):
                self.number += 1
                if self.number > MOST:
                    raise ValueError(f"makes more than {MOST} tasks")
                base = top.path if top and top.place == place else (place,)
                depth = top.depth + 1 if top else 1
                path = (*base, -self.number)
                found.append(Spot(task, place, top, copy, many, path, depth))
        return found

    def _tops(self, place: int, task: int) -> Sequence[Spot | None]:
        """Return the tasks that a template's tasks are parts of; one of another place at most."""
        above = self.chosen[place, task]
        if above is None:
            return [None]
        tops = self.make(*above)
        return tops if above[0] == place else tops[:1]


def _parent(
    place: int, parents: Sequence[int], home: Mapping[int, Sequence[int]]
) -> tuple[int, int] | None:
    """Return the place and the template of a task's parent: the nearest that there is."""
    for where in dict.fromkeys((place, 0, *home)):
        for parent in parents:
            if parent in home.get(where, ()):
                return where, parent
    return None


def _ordered(
    home: Mapping[int, Sequence[int]], made: Mapping[tuple[int, int], list[Spot]]
) -> list[Spot]:
    """Return every task after its parent, and otherwise place by place along the queue."""
    below: dict[int, list[Spot]] = {}
    tops: list[Spot] = []
    for place, tasks in home.items():
        for spot in itertools.chain.from_iterable(made[place, task] for task in tasks):
            (below.setdefault(id(spot.parent), []) if spot.parent else tops).append(spot)
    found: list[Spot] = []
    waiting = tops[::-1]
    while waiting:
        spot = waiting.pop()
        found.append(spot)
        waiting += below.get(id(spot), [])[::-1]
    return found


def _nearest(spot: Spot, others: Sequence[Spot]) -> list[Spot]:
    """Return those with whom a task shares most of its way down the tree."""

    def shared(other: Spot) -> int:
        """Return how far the two ways are the same."""
        pairs = zip(spot.path, other.path, strict=False)
        return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))

    if not others:
        return []
    most = max(shared(other) for other in others)
    return [other for other in others if shared(other) == most]


def days_of(duration: int | None, hours: Decimal) -> int | None:
    """Return how many working days a task takes: its duration, else its hours, else unknown."""
    if duration is not None:
        return duration
    return int((hours / HOURS_A_DAY).to_integral_value(ROUND_CEILING)) if hours else None


@dataclass(frozen=True)
class Span:
    """From when to when something is planned; the end is unknown without a duration."""

    first: date
    last: date | None


def reached(calendar: Calendar, begin: date, days: int) -> date:
    """Return the working day that lies so many working days after (or before) a day."""
    return date.fromordinal(calendar.day(calendar.before(begin.toordinal()) + days))


def distance(calendar: Calendar, begin: date, day: date) -> int:
    """Return how many working days lie from one day to another; less than none when turned."""
    return calendar.before(day.toordinal()) - calendar.before(begin.toordinal())


def length(calendar: Calendar, first: date, last: date) -> int:
    """Return how many working days something takes; at least one."""
    return max(1, calendar.working_days_between(first, last))


def shifted(calendar: Calendar, day: date | None, old: date, new: date) -> date | None:
    """Return a day as far from a new beginning as it was from the old one, in working days."""
    if day is None or old == new:
        return day
    return reached(calendar, new, distance(calendar, old, day))


def span(calendar: Calendar, begin: date, offset: int, days: int | None) -> Span:
    """Return the dates of something that begins some working days after a day."""
    first = reached(calendar, begin, offset)
    last = calendar.finish_of(first, max(days, 1)) if days is not None else None
    return Span(first, last)


def dated(
    plan: Plan,
    starts: Mapping[int, date],
    offset: Callable[[int], int],
    days: Callable[[int], int | None],
    calendar: Calendar,
    *,
    follow: bool,
) -> list[Span]:
    """Return when each task is planned: after its offset, and with `follow` after what it awaits.

    `starts` are the first days of the places.
    """
    own = [
        span(calendar, starts[s.place], offset(s.template), days(s.template)) for s in plan.spots
    ]
    if not follow or not plan.waits:
        return own
    number = {id(spot): place for place, spot in enumerate(plan.spots)}
    links = [
        Link(number[id(earlier)], number[id(later)], wait.type, wait.lag_days)
        for later, earlier, wait in plan.waits
    ]
    durations = {n: max(days(spot.template) or 1, 1) for n, spot in enumerate(plan.spots)}
    earliest = {n: one.first for n, one in enumerate(own)}
    found = schedule_dates(
        durations, links, min(earliest.values()), calendar=calendar, earliest=earliest
    )
    return [
        Span(found[n].first_day, found[n].last_day if one.last else None)
        for n, one in enumerate(own)
    ]
