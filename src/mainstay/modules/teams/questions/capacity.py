"""What a team can do in a week, how much of it is taken, what it costs, and how healthy it is."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.delivery.words import gettext as _
from mainstay.delivery.words import number
from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import Denied
from mainstay.modules.planning.api import calendars
from mainstay.modules.projects.api import band
from mainstay.modules.teams import rules, scopes
from mainstay.modules.teams.questions.load import Sheet, empty_sheets
from mainstay.modules.teams.questions.work import OpenTask, open_work, sprint_points
from mainstay.modules.teams.scopes import Knows

AHEAD = 4


class OfTeam(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which team."""

    team_id: Annotated[int, Meta(ge=1, description="The team's id")]


class SkillHours(Struct, kw_only=True, frozen=True):
    """The weekly hours of a team's people who know something."""

    skill_id: int
    people: int
    hours: float


class WeekAhead(Struct, kw_only=True, frozen=True):
    """A week to come: the same capacity as now, and the hours that are left of it by days off."""

    week: date
    capacity: float
    there: float
    confidence: float


class Capacity(Struct, kw_only=True, frozen=True):
    """What a team can do in a week: total, committed and available hours, skills, velocity, cost.

    Who is neither in the team nor leads it is not told what is committed.
    """

    team_id: int
    as_of: date
    week: date
    active_members: int
    total_hours: float
    committed_hours: float | None
    available_hours: float | None
    utilisation_percent: float | None
    average_seniority: float | None
    weekly_cost: float | None
    without_rate: int
    budget: float | None
    budget_weeks: float | None
    by_skill: list[SkillHours]
    velocity: rules.Velocity
    forecast: list[WeekAhead]
    undated: int
    late: int
    unestimated: int
    definition: str


class HealthFactor(Struct, kw_only=True, frozen=True):
    """One part of a team's health: what it takes away, why, and what to do about it."""

    name: str
    label: str
    effect: float
    why: str
    advice: str


class Health(Struct, kw_only=True, frozen=True):
    """How healthy a team is, from 0 to 1, as of a day, with every part of it."""

    team_id: int
    as_of: date
    health: float
    band: str
    factors: list[HealthFactor]
    definition: str


def of_capacity() -> str:
    """Return what capacity means, in the reader's language."""
    return _(
        "Total is the sum of the active members' weekly hours times their allocation. Committed "
        "is what is left of their open tasks in this week, of people in several teams this team's "
        "part; available is the rest, and utilisation is committed over total. Tasks without "
        "dates and late ones count for this week."
    )


def of_health() -> str:
    """Return what health means, in the reader's language."""
    return _(
        "It starts at 100 and loses points for utilisation below 70 or above 90 percent, for a "
        "velocity that falls by more than a tenth, for active goals that are on average less than "
        "70 percent reached, and for fewer than three active members."
    )


class Measured(Struct, frozen=True):
    """A team as its measures see it."""

    team_id: int
    places: list[rules.Place]
    sheets: dict[int, Sheet]
    known: bool
    full: float

    def committed(self) -> float:
        """Return the hours of this week's work that are this team's part."""
        parts = {one.user_id: one.part for one in self.places}
        return sum(parts[who] * sheet.planned(0) for who, sheet in self.sheets.items())


async def measured(ctx: Context, team_id: int) -> Measured:
    """Read a team's people with all of their open work, as numbers only."""
    mine = await scopes.reach(ctx)
    team = await scopes.team_of(ctx, team_id)
    own = await scopes.members(ctx, "team_id", [team_id])
    every = await scopes.members(ctx, "user_id", {one.user_id for one in own})
    rate = scopes.number(getattr(team, "cost_per_hour", None))
    places = scopes.placed(own, every, rate)
    known = mine.everywhere or team_id in mine.teams
    people = {one.user_id: scopes.Person(one.user_id, "") for one in places}
    work = await open_work(ctx, list(people)) if known else []
    sheets = await empty_sheets(ctx, mine, people, _weeks(ctx, work))
    for task in work:
        sheets[task.user_id].add(task)
    full = sum((await calendars(ctx)).week(None).hours)
    return Measured(team_id, places, sheets, known, full)


def _weeks(ctx: Context, work: Iterable[OpenTask]) -> int:
    first = rules.monday(ctx.today)
    last = max((day for one in work for day in (one.start, one.due) if day), default=first)
    return min(max((last - first).days // 7 + 5, AHEAD + 1), 53)


@question(label="Capacity of a team", slow=True)
async def capacity(ctx: Context, ask: OfTeam) -> Capacity:
    """What a team can do in a week, how much of that is taken, by which skills, at what cost."""
    team = await scopes.team_of(ctx, ask.team_id)
    found = await measured(ctx, ask.team_id)
    total = rules.total_capacity(found.places)
    committed = found.committed() if found.known else None
    pay, budget = ctx.can(scopes.PAY), scopes.number(getattr(team, "budget", None))
    cost = rules.weekly_cost(found.places) if pay else None
    may_budget = ctx.can("identity.team.read_pay") and budget is not None
    sheets = found.sheets.values()
    return Capacity(
        team_id=ask.team_id,
        as_of=ctx.today,
        week=rules.monday(ctx.today),
        active_members=len(found.places),
        total_hours=round(total, 2),
        committed_hours=None if committed is None else round(committed, 2),
        available_hours=None if committed is None else round(total - committed, 2),
        utilisation_percent=None if committed is None else rules.utilisation(committed, total),
        average_seniority=rules.average_seniority(found.places),
        weekly_cost=cost,
        without_rate=sum(one.rate is None for one in found.places) if pay else 0,
        budget=budget if may_budget else None,
        budget_weeks=budget / cost if may_budget and budget is not None and cost else None,
        by_skill=await _by_skill(ctx, found.places),
        velocity=rules.velocity(await sprint_points(ctx, ask.team_id)),
        forecast=_forecast(ctx, found, total),
        undated=sum(one.undated for one in sheets),
        late=sum(one.late for one in sheets),
        unestimated=sum(one.unestimated for one in sheets),
        definition=of_capacity(),
    )


def _forecast(ctx: Context, found: Measured, total: float) -> list[WeekAhead]:
    """Return the weeks to come at the same capacity, beside what days off leave of it."""
    first, weeks = rules.monday(ctx.today), []
    for place in range(1, AHEAD + 1):
        there = sum(
            one.weekly * found.sheets[one.user_id].stretch.week(place) / usual
            for one in found.places
            if (usual := found.sheets[one.user_id].share * found.full)
        )
        weeks.append(
            WeekAhead(
                week=first + timedelta(7 * place),
                capacity=round(total, 2),
                there=round(there, 2),
                confidence=rules.CONFIDENCE,
            )
        )
    return weeks


async def _by_skill(ctx: Context, places: Iterable[rules.Place]) -> list[SkillHours]:
    weekly = {one.user_id: one.weekly for one in places}
    found: dict[int, list[Knows]] = {}
    for one in await scopes.known_skills(ctx, "user_id", weekly):
        found.setdefault(one.skill_id, []).append(one)
    rows = [
        SkillHours(
            skill_id=skill,
            people=len(who),
            hours=round(sum(weekly[one.user_id] for one in who), 2),
        )
        for skill, who in found.items()
    ]
    return sorted(rows, key=lambda row: (-row.hours, row.skill_id))


@question(label="Health of a team", slow=True)
async def health(ctx: Context, ask: OfTeam) -> Health:
    """How healthy a team is today: every part of it, with its reason and what to do about it."""
    found = await measured(ctx, ask.team_id)
    if not found.known:
        raise Denied("Only people of the team, and those who lead it, see how healthy it is.")
    total = rules.total_capacity(found.places)
    used = rules.utilisation(found.committed(), total)
    speed = rules.velocity(await sprint_points(ctx, ask.team_id))
    goals = await scopes.active_progress(ctx, ask.team_id)
    mean = sum(goals) / len(goals) if goals else None
    parts = rules.health_factors(used, speed.trend, mean, len(found.places))
    score = rules.health(parts)
    return Health(
        team_id=ask.team_id,
        as_of=ctx.today,
        health=round(score, 4),
        band=band(score),
        factors=[_explained(one) for one in parts],
        definition=of_health(),
    )


def _percent(value: float) -> str:
    return number(round(value))


def _explained(one: rules.Factor) -> HealthFactor:
    """Say in sentences what a part of the health is, why, and what would change it."""
    label, why, advice = EXPLAINED[one.name](one)
    return HealthFactor(
        name=one.name, label=label, effect=round(one.effect, 4), why=why, advice=advice
    )


def _of_use(one: rules.Factor) -> tuple[str, str, str]:
    label = _("Utilisation")
    if one.value is None:
        return label, _("It is not known how much of the team's hours is taken."), ""
    said = _("%(percent)s %% of this week's hours are taken.") % {"percent": _percent(one.value)}
    if one.value > 90:
        return label, said, _("Move work to a later week or to another team, or take on less.")
    if one.value < 70:
        return label, said, _("Take up more of the backlog, or give estimates and dates to tasks.")
    return label, said, ""


def _of_speed(one: rules.Factor) -> tuple[str, str, str]:
    label = _("Velocity")
    if one.value is None:
        return label, _("Two completed sprints are needed to see a trend."), ""
    said = _("The last sprints brought %(percent)s %% against those before them.") % {
        "percent": f"{round(one.value * 100):+d}"
    }
    advice = _("Look in the next retrospective for what slows the team down.")
    return label, said, advice if one.effect else ""


def _of_goals(one: rules.Factor) -> tuple[str, str, str]:
    label = _("Goals")
    if one.value is None:
        return label, _("No goal is active."), ""
    said = _("The active goals are reached to %(percent)s %% on average.") % {
        "percent": _percent(one.value * 100)
    }
    advice = _("Record their progress, plan tasks for them, or defer what does not matter now.")
    return label, said, advice if one.effect else ""


def _of_members(one: rules.Factor) -> tuple[str, str, str]:
    count = round(one.value or 0)
    said = _("%(count)s people are active in the team.") % {"count": count}
    if count == 1:
        said = _("One person is active in the team.")
    advice = _("With fewer than three, one absence stops it: find somebody who can step in.")
    return _("People"), said, advice if one.effect else ""


EXPLAINED = {
    "utilisation": _of_use,
    "velocity": _of_speed,
    "goals": _of_goals,
    "members": _of_members,
}
