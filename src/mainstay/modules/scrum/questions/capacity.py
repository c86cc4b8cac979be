"""Who takes part in sprints, the hours they have, and how full those are."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, NamedTuple

import sqlalchemy as sa
from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import NotFound
from mainstay.kernel.scope import me_bind
from mainstay.modules.planning.api import Calendars, availability, calendars
from mainstay.modules.projects.api import answer, decoded
from mainstay.modules.scrum import rules
from mainstay.modules.scrum.entities import Sprint
from mainstay.modules.scrum.scopes import COUNTED, parted, require_inside

ID = sa.BigInteger()
PERSON = "identity.user"
WORKERS = ("owner", "admin", "member")
MOST_OFF = 40


class SprintAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which sprint."""

    sprint_id: Annotated[int, Meta(ge=1, description="The sprint's id")]


class DayOff(Struct, frozen=True):
    """A day on which somebody works less than usual."""

    day: date
    name: str
    hours: float


class Capacity(Struct, frozen=True, kw_only=True):
    """One person in a sprint: their hours, and what they have to do.

    `hours` are those set for the sprint, or those of the calendar from its first to its last day
    less days off, times the person's share of the sprint and their allocation to its team.
    `load` is the hours left on their tasks divided by that.
    """

    member_id: int
    version: int
    user_id: int
    name: str
    availability: float
    allocation: float
    set_hours: float | None
    hours: float | None
    days_off: list[DayOff]
    tasks: int
    points: float
    left_hours: float
    load: float | None
    over: bool


class SprintCapacity(Struct, frozen=True, kw_only=True):
    """What a sprint's people can do, and what its tasks ask of them."""

    sprint_id: int
    people: list[Capacity]
    total: float | None
    left_hours: float
    unassigned: int
    unassigned_hours: float
    elsewhere: int
    elsewhere_hours: float
    unestimated: int


class Work(Struct):
    """What one person has to do in one sprint."""

    tasks: int = 0
    points: float = 0.0
    hours: float = 0.0
    unestimated: int = 0


@question(label="Capacity of a sprint")
async def sprint_capacity(ctx: Context, ask: SprintAsk) -> SprintCapacity:
    """Return the hours that each person has in a sprint, and the hours left on their tasks."""
    sprint = await ctx.find(Sprint, id=ask.sprint_id)
    if sprint is None:
        raise NotFound(f"There is no sprint {ask.sprint_id}, or you may not see it.")
    await require_inside(ctx, sprint.project_id)
    return await capacity_of(ctx, sprint)


async def capacity_of(ctx: Context, sprint: Sprint) -> SprintCapacity:
    """Return who takes part in a sprint with what they can do and have to do."""
    return (await capacities_of(ctx, sprint.project_id, [sprint]))[sprint.id]


async def capacities_of(
    ctx: Context, project_id: int, sprints: Sequence[Sprint]
) -> dict[int, SprintCapacity]:
    """Return the capacity of each of a project's sprints; statements do not grow with them."""
    ids = [sprint.id for sprint in sprints]
    if not ids:
        return {}
    rows = await _members(ctx, ids)
    work = await _work(ctx, ids)
    people = {row[2] for row in rows}
    known = _Known(
        await names_of(ctx, people),
        await _allocations(ctx, {one.team_id for one in sprints if one.team_id}, people),
        await calendars(ctx) if rows else None,
        await _calendar_of(ctx, project_id) if rows else None,
    )
    found = {}
    for sprint in sprints:
        own = [row for row in rows if row[1] == sprint.id]
        found[sprint.id] = await _capacity(ctx, sprint, own, work.get(sprint.id, {}), known)
    return found


class _Known(NamedTuple):
    """What was read once for all sprints: names, allocations to teams, calendars."""

    names: Mapping[int, str]
    shares: Mapping[tuple[int, int], float]
    calendars: Calendars | None
    calendar_id: int | None


async def _capacity(
    ctx: Context,
    sprint: Sprint,
    rows: Sequence[Any],
    work: Mapping[int | None, Work],
    known: _Known,
) -> SprintCapacity:
    first, last = sprint.start_date, sprint.end_date
    here = [row[2] for row in rows]
    days: Mapping[int, Mapping[date, float]] = {}
    if first and last and here:
        days = await availability(ctx, here, first, last, calendar_id=known.calendar_id)
    people = [_person(ctx, sprint, row, work.get(row[2], Work()), days, known) for row in rows]
    people.sort(key=lambda one: (one.name.casefold(), one.user_id))
    hours = [one.hours for one in people if one.hours is not None]
    nobody = work.get(None, Work())
    others = [one for who, one in work.items() if who is not None and who not in here]
    return SprintCapacity(
        sprint_id=sprint.id,
        people=people,
        total=round(sum(hours), 2) if hours else None,
        left_hours=round(sum(one.hours for one in work.values()), 2),
        unassigned=nobody.tasks,
        unassigned_hours=round(nobody.hours, 2),
        elsewhere=sum(one.tasks for one in others),
        elsewhere_hours=round(sum(one.hours for one in others), 2),
        unestimated=sum(one.unestimated for one in work.values()),
    )


def _person(
    ctx: Context,
    sprint: Sprint,
    row: Sequence[Any],
    own: Work,
    days: Mapping[int, Mapping[date, float]],
    known: _Known,
) -> Capacity:
    """Return one person's hours: those that are set, or those of their days."""
    member_id, _, user_id, share, said, version = row
    allocation = known.shares.get((sprint.team_id or 0, user_id), 1.0)
    set_hours = None if said is None else float(said)
    hours = set_hours
    if hours is None and user_id in days:
        hours = round(sum(days[user_id].values()) * share * allocation, 2)
    return Capacity(
        member_id=member_id,
        version=version,
        user_id=user_id,
        name=known.names.get(user_id, ""),
        availability=share,
        allocation=allocation,
        set_hours=set_hours,
        hours=hours,
        days_off=_off(ctx, sprint, user_id, known),
        tasks=own.tasks,
        points=own.points,
        left_hours=round(own.hours, 2),
        load=rules.load(own.hours, hours),
        over=hours is not None and own.hours > hours * rules.FULL + 0.01,
    )


def _off(ctx: Context, sprint: Sprint, person: int, known: _Known) -> list[DayOff]:
    """Return a person's days off; what is private to others is only called a day off."""
    first, last, calendars_ = sprint.start_date, sprint.end_date, known.calendars
    if calendars_ is None or first is None or last is None:
        return []
    week, found = calendars_.week(known.calendar_id), []
    for year in range(first.year, last.year + 1):
        shared = {one.day: one.name for one in calendars_.free_days(week, year)}
        for one in calendars_.free_days(week, year, person):
            if first <= one.day <= last:
                name = one.name if person == ctx.me.id else shared.get(one.day, "")
                found.append(DayOff(one.day, name, one.hours))
    return found[:MOST_OFF]


async def _members(ctx: Context, sprints: Collection[int]) -> list[Sequence[Any]]:
    c = ctx.registry.tables["scrum.sprint_member"].c
    columns = [c[n] for n in ("id", "sprint_id", "user_id", "availability", "capacity_hours")]
    columns.append(c.version)

    def build() -> sa.Select[Any]:
        """Read the members of all of them."""
        here = ctx.reader.compiler.among(c.sprint_id, "sprints")
        return sa.select(*columns).where(here, c.deleted_at.is_(None)).order_by(c.id)

    found = await answer(ctx, "scrum members", build, sprints=ctx.listed(sorted(sprints)))
    return decoded(ctx, columns, found)


async def _work(ctx: Context, sprints: Collection[int]) -> dict[int, dict[int | None, Work]]:
    """Return what is left to do in sprints, by who leads it: tasks, points and hours.

    The points and hours of a task are those of its parts, where some are in the sprint with it.
    """
    table = ctx.registry.tables["projects.task"]
    t = table.c
    names = (
        "sprint_id",
        "assignee_id",
        "status",
        "story_points",
        "estimated_hours",
        "actual_hours",
        "remaining_hours",
    )
    columns = [t[n] for n in names]

    def build() -> sa.Select[Any]:
        """Read what is not over along the index on sprint and status."""
        here = ctx.reader.compiler.among(t.sprint_id, "sprints")
        chosen = sa.select(*columns, parted(table, COUNTED)).where(here, t.deleted_at.is_(None))
        return chosen.where(t.status != "cancelled", t.status != "done")

    found: dict[int, dict[int | None, Work]] = {}
    rows = await answer(ctx, "scrum work", build, sprints=ctx.listed(sorted(sprints)))
    told = decoded(ctx, [*columns, None], rows)
    for sprint, who, status, points, estimated, actual, left, whole in told:
        own = found.setdefault(sprint, {}).setdefault(who, Work())
        own.tasks += 1
        if whole:
            continue
        own.points += points or 0.0
        own.hours += rules.left_hours(status, estimated, actual, left)
        own.unestimated += points is None
    return found


async def names_of(ctx: Context, people: Iterable[int | None]) -> dict[int, str]:
    """Return what people are called, those whom this person may see."""
    wanted = sorted({one for one in people if one})
    noun = ctx.registry.nouns[PERSON]
    if not wanted or not ctx.can(noun.permission("read")):
        return {}
    c = noun.table.c
    named = ("display_name", "first_name", "last_name", "username")
    limits = ctx.reader.limits(noun, ctx.me)

    def build() -> sa.Select[Any]:
        """Read those that may be seen."""
        chosen = sa.select(c.id, *(c[n] for n in named))
        chosen = chosen.where(ctx.reader.compiler.among(c.id, "people"))
        scope = None
        if ctx.reader.scoped(noun, ctx.me):
            scope = ctx.registry.scope_condition(noun, me_bind(), limits=limits)
        return chosen if scope is None else chosen.where(scope)

    key = f"scrum names {sorted(limits)}"
    rows = await answer(ctx, key, build, people=ctx.listed(wanted))
    return {row[0]: _called(*row[1:]) for row in rows}


def _called(shown: str | None, first: str | None, last: str | None, user: str | None) -> str:
    return shown or " ".join(part for part in (first, last) if part) or user or ""


async def _allocations(
    ctx: Context, teams: Collection[int], people: Collection[int]
) -> dict[tuple[int, int], float]:
    """Return the share of their time that people give to teams."""
    if not teams or not people:
        return {}
    c = ctx.registry.tables["identity.team_member"].c

    def build() -> sa.Select[Any]:
        """Read the members who are there."""
        here = ctx.reader.compiler.among(c.team_id, "teams")
        chosen = sa.select(c.team_id, c.user_id, c.allocation)
        return chosen.where(here, c.deleted_at.is_(None), c.status != "inactive")

    rows = await answer(ctx, "scrum allocations", build, teams=ctx.listed(sorted(teams)))
    return {(row[0], row[1]): float(row[2]) for row in rows if row[1] in people}


async def _calendar_of(ctx: Context, project_id: int) -> int | None:
    c = ctx.registry.tables["projects.project"].c

    def build() -> sa.Select[Any]:
        """Read one field."""
        return sa.select(c.calendar_id).where(c.id == sa.bindparam("project", type_=ID))

    found = await answer(ctx, "scrum calendar", build, project=project_id)
    return found[0][0] if found else None


async def workers_of(ctx: Context, project_id: int, most: int) -> list[int]:
    """Return the people who work in a project."""
    c = ctx.registry.tables["projects.project_member"].c

    def build() -> sa.Select[Any]:
        """Read a few rows of the index on project."""
        mine = c.project_id == sa.bindparam("project", type_=ID)
        works = sa.or_(*(c.role == role for role in WORKERS))
        chosen = sa.select(c.user_id).where(mine, works, c.deleted_at.is_(None))
        return chosen.order_by(c.id).limit(sa.bindparam("most", type_=ID))

    return [
        row[0] for row in await answer(ctx, "scrum workers", build, project=project_id, most=most)
    ]
