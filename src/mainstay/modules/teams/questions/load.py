"""What people have to do in each week against the hours that they have: the heat map."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.delivery.words import gettext as _
from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import Denied, NotFound, invalid
from mainstay.modules.planning.api import availability, calendars
from mainstay.modules.projects.api import standing
from mainstay.modules.teams import rules, scopes
from mainstay.modules.teams.questions.work import OpenTask, open_work
from mainstay.modules.teams.scopes import Member, Person, Reach

MOST_WEEKS = 26
FARTHEST = 53
Id = Annotated[int, Meta(ge=1)]


class HeatAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose load: a team's, a project's people, one person's, or that of all you may know of."""

    team_id: Annotated[Id | None, Meta(description="Only the people of this team")] = None
    project_id: Annotated[
        Id | None, Meta(description="Only the people of this project, and its part of their hours")
    ] = None
    person_id: Annotated[Id | None, Meta(description="Only this person")] = None
    weeks: Annotated[int, Meta(ge=1, le=MOST_WEEKS, description="How many weeks")] = 10


class WeekLoad(Struct, kw_only=True, frozen=True):
    """One person's week: the hours there are, those that are planned, and what they are for."""

    week: date
    capacity: float
    planned: float
    of_project: float
    other: float
    tasks: int
    over: bool


class PersonLoad(Struct, kw_only=True, frozen=True):
    """One person's weeks, and what of their open work could not be placed on days."""

    user_id: int
    name: str
    job_title: str
    allocation: float
    share: float
    whole: bool
    unestimated: int
    undated: int
    late: int
    weeks: list[WeekLoad]


class HeatMap(Struct, kw_only=True, frozen=True):
    """What people have to do in each week against their hours, as of a day."""

    as_of: date
    first_week: date
    weeks: list[date]
    people: list[PersonLoad]
    hidden: int
    definition: str


def definition() -> str:
    """Return what the map counts, in the reader's language."""
    return _(
        "What is left of an open task is shared among its people and spread over their working "
        "days between its start and its due day, by their hours less days off; a task without "
        "dates or late counts for the present week. Only tasks without parts count. Somebody has "
        "too much to do when a week's planned hours are more than the hours they have."
    )


@dataclass
class Sheet:
    """One person's open work, placed on weeks."""

    person: Person
    share: float
    allocation: float
    stretch: rules.Stretch
    whole: bool
    tasks: list[OpenTask] = field(default_factory=list)
    placed: list[tuple[OpenTask, dict[int, float]]] = field(default_factory=list)
    unestimated: int = 0
    undated: int = 0
    late: int = 0

    def add(self, task: OpenTask) -> None:
        """Place one task on weeks."""
        self.tasks.append(task)
        if task.hours is None:
            self.unestimated += 1
            return
        weeks, placing = rules.spread(task.planned, self.stretch)
        self.placed.append((task, weeks))
        self.undated += placing == "undated"
        self.late += placing == "late"

    def planned(self, week: int) -> float:
        """Return the hours that are planned in a week."""
        return sum(weeks.get(week, 0.0) for _task, weeks in self.placed)


@question(label="Workload by week", slow=True)
async def heat_map(ctx: Context, ask: HeatAsk) -> HeatMap:
    """What people have to do in the coming weeks against their hours, and where it is too much.

    You see the people of your own teams, those you lead and yourself; whole hours of those you
    lead, and of the others what is in projects that you see.
    """
    ids, hidden = await asked_people(ctx, ask)
    sheets = await sheets_of(ctx, ids)
    first = rules.monday(ctx.today)
    weeks = [first + timedelta(7 * place) for place in range(ask.weeks)]
    return HeatMap(
        as_of=ctx.today,
        first_week=first,
        weeks=weeks,
        people=[_person(sheet, weeks, ask.project_id) for sheet in sheets.values()],
        hidden=hidden,
        definition=definition(),
    )


async def asked_people(ctx: Context, ask: HeatAsk) -> tuple[list[int], int]:
    """Return the people whose load is asked for and may be known, and how many may not."""
    mine = await scopes.reach(ctx)
    if ask.person_id is not None:
        if not mine.knows(ask.person_id):
            raise NotFound(f"There is no person {ask.person_id}, or you may not see their load.")
        return [ask.person_id], 0
    if ask.team_id is not None:
        await scopes.team_of(ctx, ask.team_id)
        wanted = {one.user_id for one in await scopes.members(ctx, "team_id", [ask.team_id])}
    elif ask.project_id is not None:
        await standing(ctx, ask.project_id)
        wanted = set(await _people_in(ctx, ask.project_id))
    else:
        wanted = await known_people(ctx, mine)
    known = sorted(one for one in wanted if mine.knows(one))
    return known, len(wanted) - len(known)


async def _people_in(ctx: Context, project_id: int) -> Collection[int]:
    """Return who works in a project; refused where it cannot be seen."""
    noun = ctx.registry.noun("projects.project")
    ask = ctx.ask(noun, {"id": project_id, "limit": 1})
    found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    if not found or not ctx.can(noun.permission("read")):
        raise NotFound(f"There is no project {project_id}, or you may not see it.")
    roles = await scopes.project_people(ctx, project_id)
    return [person for person, role in roles.items() if role in ("owner", "admin", "member")]


async def known_people(ctx: Context, mine: Reach) -> set[int]:
    """Return everybody whose load the asking person may know of."""
    if mine.everywhere:
        return set(await scopes.everybody(ctx))
    return {*mine.mates, *mine.led, *({mine.me} if mine.me else ())}


async def sheets_of(ctx: Context, ids: Collection[int]) -> dict[int, Sheet]:
    """Return the open work of people on their weeks, by name, with what may be known of it."""
    mine, known = await scopes.reach(ctx), await scopes.people(ctx, ids)
    work = [
        task for task in await open_work(ctx, list(known)) if task.seen or mine.leads(task.user_id)
    ]
    sheets = await empty_sheets(ctx, mine, known, _end(ctx, work))
    for task in work:
        sheets[task.user_id].add(task)
    return sheets


def _end(ctx: Context, work: Iterable[OpenTask]) -> int:
    """Return for how many weeks hours must be known: up to the last day of any task."""
    first = rules.monday(ctx.today)
    days = [day for task in work for day in (task.due, task.start) if day]
    last = max(days, default=first)
    return min(max((last - first).days // 7 + 5, MOST_WEEKS), FARTHEST)


async def empty_sheets(
    ctx: Context, mine: Reach, known: Mapping[int, Person], weeks: int
) -> dict[int, Sheet]:
    """Return people with the hours they have on each day, and nothing to do yet."""
    first = rules.monday(ctx.today)
    last = first + timedelta(7 * weeks - 1)
    full = sum((await calendars(ctx)).week(None).hours)
    hours = await availability(ctx, list(known), first, last)
    places: dict[int, list[Member]] = {}
    for one in await scopes.members(ctx, "user_id", known):
        if one.counts:
            places.setdefault(one.user_id, []).append(one)
    found = {}
    for person in known.values():
        own = places.get(person.id, [])
        share = rules.share_of_week([(one.hours, one.allocation) for one in own], full)
        days = [value * share for value in hours[person.id].values()]
        given = sum(one.allocation for one in own)
        stretch = rules.Stretch(first, days)
        found[person.id] = Sheet(person, share, given, stretch, mine.leads(person.id))
    return found


def _person(sheet: Sheet, weeks: Collection[date], project: int | None) -> PersonLoad:
    return PersonLoad(
        user_id=sheet.person.id,
        name=sheet.person.name,
        job_title=sheet.person.job,
        allocation=sheet.allocation,
        share=sheet.share,
        whole=sheet.whole,
        unestimated=sheet.unestimated,
        undated=sheet.undated,
        late=sheet.late,
        weeks=_weeks(sheet, weeks, project),
    )


def _weeks(sheet: Sheet, weeks: Collection[date], project: int | None) -> list[WeekLoad]:
    planned, own, other = ([0.0] * len(weeks) for _ in range(3))
    counts = [0] * len(weeks)
    for task, parts in sheet.placed:
        for place, hours in parts.items():
            if place < len(weeks):
                planned[place] += hours
                counts[place] += 1
                own[place] += hours if task.project_id == project else 0.0
                other[place] += 0.0 if task.seen else hours
    found = []
    for place, week in enumerate(weeks):
        capacity = sheet.stretch.week(place)
        found.append(
            WeekLoad(
                week=week,
                capacity=round(capacity, 2),
                planned=round(planned[place], 2),
                of_project=round(own[place], 2),
                other=round(other[place], 2),
                tasks=counts[place],
                over=rules.is_over(planned[place], capacity),
            )
        )
    return found


# ---- one cell ----


class CellAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose week."""

    person_id: Annotated[Id, Meta(description="The person's id")]
    week: Annotated[date, Meta(description="A day of the week")]


class TaskLoad(Struct, kw_only=True, frozen=True):
    """A task behind a week: its hours in that week, and all that is left of it for the person."""

    task_id: int
    version: int
    code: str
    title: str
    status: str
    project_id: int
    project: str
    color: str
    hours: float
    left: float
    people: int
    start_date: date | None
    due_date: date | None
    fixed: bool


class Cell(Struct, kw_only=True, frozen=True):
    """What one person has to do in one week: the tasks you see, and other work as one number."""

    as_of: date
    user_id: int
    name: str
    week: date
    capacity: float
    planned: float
    other: float
    over_by: float
    whole: bool
    tasks: list[TaskLoad]
    unestimated: list[TaskLoad]


@question(label="Work of a week", slow=True)
async def week_work(ctx: Context, ask: CellAsk) -> Cell:
    """The tasks behind one person's week; work in projects that you do not see has no names."""
    place = place_of(ctx, ask.week)
    if not (await scopes.reach(ctx)).knows(ask.person_id):
        raise NotFound(f"There is no person {ask.person_id}, or you may not see their load.")
    sheet = (await sheets_of(ctx, [ask.person_id])).get(ask.person_id)
    if sheet is None:
        raise NotFound(f"There is no person {ask.person_id}, or you may not see their load.")
    return cell_of(ctx, sheet, place)


def place_of(ctx: Context, week: date) -> int:
    """Return a week's place, 0 for the present one; refuse those that are not shown."""
    place = (rules.monday(week) - rules.monday(ctx.today)).days // 7
    if not 0 <= place < MOST_WEEKS:
        raise invalid("week", f"must be the present week or one of the {MOST_WEEKS - 1} after it")
    return place


def cell_of(ctx: Context, sheet: Sheet, place: int) -> Cell:
    """Return one week of a person with the tasks behind it, the largest first."""
    here = [(task, parts[place]) for task, parts in sheet.placed if parts.get(place)]
    here.sort(key=lambda one: (-one[1], one[0].id))
    capacity, planned = sheet.stretch.week(place), sheet.planned(place)
    none = [task for task in sheet.tasks if task.hours is None and task.seen]
    return Cell(
        as_of=ctx.today,
        user_id=sheet.person.id,
        name=sheet.person.name,
        week=rules.monday(ctx.today) + timedelta(7 * place),
        capacity=round(capacity, 2),
        planned=round(planned, 2),
        other=round(sum(hours for task, hours in here if not task.seen), 2),
        over_by=round(max(0.0, planned - capacity), 2),
        whole=sheet.whole,
        tasks=[_line(task, hours) for task, hours in here if task.seen],
        unestimated=[_line(task, 0.0) for task in none],
    )


def _line(task: OpenTask, hours: float) -> TaskLoad:
    return TaskLoad(
        task_id=task.id,
        version=task.version,
        code=task.code,
        title=task.title,
        status=task.status,
        project_id=task.project_id,
        project=task.project,
        color=task.color,
        hours=round(hours, 2),
        left=round(task.hours or 0.0, 2),
        people=task.people,
        start_date=task.start,
        due_date=task.due,
        fixed=task.fixed,
    )


# ---- who is given more than the whole of their time ----


class AllocationAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose shares."""

    person_id: Annotated[Id | None, Meta(description="Only this person's")] = None


class Share(Struct, kw_only=True, frozen=True):
    """What one team or one project is given."""

    name: str
    share: float


class Allocation(Struct, kw_only=True, frozen=True):
    """The shares of their time that a person gives to teams and to running projects."""

    user_id: int
    name: str
    teams: list[Share]
    projects: list[Share]
    team_total: float
    project_total: float
    over: bool


@question(label="Allocation")
async def allocations(ctx: Context, ask: AllocationAsk) -> list[Allocation]:
    """The shares of people's time for their teams and for the running projects that you see.

    More than 1 in sum is more than there is.
    """
    ids, _hidden = await asked_people(ctx, HeatAsk(person_id=ask.person_id))
    known = await scopes.people(ctx, ids)
    names = {team.id: team.name for team in await scopes.teams_of(ctx)}
    if not ctx.can("identity.team_member.read"):
        raise Denied("You may not see who is in which team.")
    teams: dict[int, list[Share]] = {}
    for one in await scopes.members(ctx, "user_id", known):
        if one.counts and one.team_id in names:
            share = Share(name=names[one.team_id], share=one.allocation)
            teams.setdefault(one.user_id, []).append(share)
    projects = await scopes.project_shares(ctx, known)
    return [
        _allocation(person, teams.get(person.id, []), projects.get(person.id, []))
        for person in known.values()
    ]


def _allocation(
    person: Person, teams: list[Share], projects: Iterable[tuple[str, float]]
) -> Allocation:
    given = [Share(name=name, share=share) for name, share in projects]
    both = [sum(one.share for one in part) for part in (teams, given)]
    return Allocation(
        user_id=person.id,
        name=person.name,
        teams=teams,
        projects=given,
        team_total=round(both[0], 4),
        project_total=round(both[1], 4),
        over=max(both) > 1 + 1e-9,
    )
