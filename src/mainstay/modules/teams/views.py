"""What the room's own pages and panels show: the answers of its questions, ready to be drawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from mainstay.delivery import cells
from mainstay.delivery.words import exact_day, number
from mainstay.delivery.words import gettext as _
from mainstay.kernel.context import Context
from mainstay.kernel.fields import Choice
from mainstay.kernel.module import Action
from mainstay.kernel.problems import Malformed, Problem
from mainstay.modules.planning.api import availability, calendars
from mainstay.modules.teams import rules, scopes
from mainstay.modules.teams.questions.capacity import OfTeam, capacity, health
from mainstay.modules.teams.questions.load import (
    AllocationAsk,
    HeatAsk,
    PersonLoad,
    WeekLoad,
    allocations,
    heat_map,
)
from mainstay.modules.teams.questions.performance import PerformanceAsk, performance
from mainstay.modules.teams.questions.skills import skill_matrix
from mainstay.modules.teams.shifting import day_of, short
from mainstay.plots import Frame, Level, Line, Plot, lines

AHEAD = 28
WEEKS = (8, 10, 12)
MOST = 100
PERIODS = (30, 90, 180, 365)


def number_of(given: Mapping[str, str], name: str, usual: int = 0) -> int:
    """Read a whole number of an address."""
    text = given.get(name, "").strip()
    if not text:
        return usual
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Malformed(f"{name}={text[:20]} must be a whole number.")
    return int(text)


# ---- a team's page ----


async def standing_panel(ctx: Context, team: Any) -> dict[str, Any]:
    """Return a team's capacity, its health and the days off to come."""
    ask = OfTeam(team_id=team.id)
    mine = await scopes.reach(ctx)
    known = mine.everywhere or team.id in mine.teams
    answer = await capacity(ctx, ask)
    healthy = known and ctx.can("teams.health.read")
    skills = await _names(ctx, "identity.skill", [one.skill_id for one in answer.by_skill])
    return {
        "team": team,
        "capacity": answer,
        "health": await health(ctx, ask) if healthy else None,
        "skills": skills,
        "short": short,
        "off": await days_off(ctx, team.id) if known else [],
        "today": ctx.today,
        "until": ctx.today + timedelta(AHEAD - 1),
        "may_pay": ctx.can(scopes.PAY),
        "known": known,
    }


@dataclass(frozen=True)
class Off:
    """Days on which somebody, or everybody, works less."""

    first: date
    last: date
    who: str
    why: str
    half: bool = False
    all: bool = False


async def days_off(ctx: Context, team_id: int) -> list[Off]:
    """Return the days off of a team in the next four weeks: for all, and for each of its people.

    Why somebody is away is said where that day off may be read, else only that they are.
    """
    first, last = ctx.today, ctx.today + timedelta(AHEAD - 1)
    own = await scopes.members(ctx, "team_id", [team_id])
    names = await scopes.people(ctx, [one.user_id for one in own if one.counts])
    known = await calendars(ctx)
    usual, week = known.of(None), known.week(None)
    free = [
        one
        for year in sorted({first.year, last.year})
        for one in known.free_days(week, year, language=_spoken(ctx))
        if first <= one.day <= last
    ]
    found = [Off(one.day, one.day, "", one.name, half=bool(one.hours), all=True) for one in free]
    hours = await availability(ctx, list(names), first, last)
    reasons = await _reasons(ctx, first, last)
    for person in names.values():
        less = [
            (day, there > 0)
            for day, there in hours[person.id].items()
            if there < usual.hours_on(day)
        ]
        found += _runs(less, person.name, reasons.get(person.id, []), usual)
    return sorted(found, key=lambda one: (one.first, not one.all, one.who))


def _spoken(ctx: Context) -> str:
    return {"de": "de", "en": "en_US"}.get(ctx.me.locale[:2], "")


def _runs(
    less: Iterable[tuple[date, bool]],
    who: str,
    reasons: Sequence[tuple[date, date, str]],
    usual: Any,
) -> list[Off]:
    """Join days off in a row, over weekends, where the reason is the same."""
    found: list[Off] = []
    for day, half in less:
        why = next((name for first, last, name in reasons if first <= day <= last), "")
        newest = found[-1] if found else None
        near = newest and usual.working_days_between(newest.last, day) <= 2
        if newest and near and newest.why == why and newest.half == half:
            found[-1] = Off(newest.first, day, who, why, half)
        else:
            found.append(Off(day, day, who, why, half))
    return found


async def _reasons(
    ctx: Context, first: date, last: date
) -> dict[int, list[tuple[date, date, str]]]:
    """Return why people are away, of the days off that the asking person may read."""
    noun = ctx.registry.noun("planning.holiday")
    if not ctx.can(noun.permission("read")):
        return {}
    ask = ctx.ask(noun, {"date__lte": last.isoformat(), "sort": "-date", "limit": 500})
    rows, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    found: dict[int, list[tuple[date, date, str]]] = {}
    for one in rows:
        said: Any = one
        end = said.end_date or said.date
        if end >= first:
            for person in said.people:
                found.setdefault(person, []).append((said.date, end, said.name))
    return found


@dataclass(frozen=True)
class Item:
    """One record of a team's page, with what this person may do with it now."""

    record: Any
    verbs: list[Action]
    path: str
    values: Sequence[tuple[date, float]] = ()

    def may(self, name: str) -> Action | None:
        """Return a verb if it is offered."""
        return next((verb for verb in self.verbs if verb.name == name), None)


async def working_panel(ctx: Context, team: Any) -> dict[str, Any]:
    """Return a team's goals, rituals, metrics and what it lacks in skills."""
    mine = await scopes.reach(ctx)
    keeps = ctx.can(scopes.KEEP_ALL) or team.id in mine.leading
    belongs = keeps or team.id in mine.teams
    goals = await _records(ctx, "teams.team_goal", team.id, "due_date", belongs)
    goals.sort(key=lambda one: GOALS.index(one.record.status))
    rituals = await _records(ctx, "teams.ritual", team.id, "next_on", belongs)
    metrics = await _records(ctx, "teams.team_metric", team.id, "name", belongs)
    values = await scopes.values_of(ctx, [one.record.id for one in metrics], 12)
    metrics = [
        Item(one.record, one.verbs, one.path, values.get(one.record.id, ())) for one in metrics
    ]
    matrix = None
    if ctx.can("teams.skill_matrix.read"):
        matrix = await skill_matrix(ctx, OfTeam(team_id=team.id))
    return {
        "team": team,
        "goals": goals,
        "rituals": rituals,
        "metrics": metrics,
        "gaps": [one for one in matrix.skills if (one.gap or 0) > 0][:5] if matrix else [],
        "matrix": matrix,
        "keeps": keeps,
        "may_add": {
            name: keeps and ctx.can(f"teams.{name}.create")
            for name in ("team_goal", "ritual", "team_metric", "team_skill")
        },
        "names": await _facilitators(ctx, rituals),
        "free": await _free(ctx, [one.record.next_on for one in rituals]),
        "today": ctx.today,
        "pill": _pill(ctx, "teams.team_goal", "status"),
        "spark": spark,
    }


GOALS = ("active", "draft", "deferred", "missed", "achieved", "cancelled")


async def _records(
    ctx: Context,
    key: str,
    team_id: int,
    sort: str,
    belongs: bool,
) -> list[Item]:
    """Return the records of a team with the verbs that this person may run on them now."""
    noun = ctx.registry.noun(key)
    if not ctx.can(noun.permission("read")):
        return []
    ask = ctx.ask(noun, {"team_id": team_id, "sort": sort, "limit": MOST})
    rows, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return [
        Item(
            one,
            [
                verb
                for verb in noun.actions.values()
                if belongs
                and ctx.can(noun.permission(verb.grant))
                and verb.why_not(one, ctx.me) is None
            ],
            f"/{noun.path}/{one.id}",
        )
        for one in rows
    ]


async def _facilitators(ctx: Context, rituals: Iterable[Item]) -> dict[int, str]:
    wanted = {one.record.facilitator_id for one in rituals if one.record.facilitator_id}
    return {who: one.name for who, one in (await scopes.people(ctx, wanted)).items()}


async def _free(ctx: Context, days: Iterable[date | None]) -> dict[date, str]:
    """Return which of these days are free for everybody, and why."""
    known = await calendars(ctx)
    week, wanted = known.week(None), {day for day in days if day}
    every = [
        one
        for year in sorted({day.year for day in wanted})
        for one in known.free_days(week, year, language=_spoken(ctx))
    ]
    return {one.day: one.name for one in every if one.day in wanted and not one.hours}


async def _names(ctx: Context, key: str, ids: Iterable[int]) -> dict[int, str]:
    """Return what records are called, of those that may be seen."""
    noun, wanted = ctx.registry.noun(key), sorted(set(ids))
    if not wanted or not ctx.can(noun.permission("read")):
        return {}
    ask = ctx.ask(noun, {"id__in": wanted, "limit": len(wanted)})
    rows, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return {one.id: cells.title_of(noun, cells.as_row(one)) for one in rows}


def _pill(ctx: Context, key: str, name: str) -> Any:
    """Return how a choice is drawn, in the colours its declaration gives."""
    kind = ctx.registry.noun(key).fields[name].kind
    assert isinstance(kind, Choice)
    colors = dict(kind.colors)

    def pill(value: str) -> Markup:
        """Draw one."""
        return Markup(cells.pill(value, colors.get(value, "")))  # noqa: S704 - escaped there

    return pill


def spark(values: Sequence[tuple[date, float]]) -> str:
    """Return the points of a small line through values, in a box of 100 by 24."""
    if len(values) < 2:
        return ""
    first, last = values[0][0].toordinal(), values[-1][0].toordinal()
    numbers = [value for _day, value in values]
    low, high = min(numbers), max(numbers)
    wide, tall = max(1, last - first), (high - low) or 1
    return " ".join(
        f"{98 * (day.toordinal() - first) / wide + 1:.1f},{21 - 18 * (value - low) / tall:.1f}"
        for day, value in values
    )


async def metric_panel(ctx: Context, metric: Any) -> dict[str, Any] | None:
    """Return a metric's values as a chart with its target and what others reach."""
    values = (await scopes.values_of(ctx, [metric.id], 60)).get(metric.id, [])
    if len(values) < 2:
        return {"plot": None, "count": len(values)}
    return {"plot": _metric_plot(metric, values), "count": len(values), "as_of": ctx.today}


def _day(place: float | date) -> str:
    """Return a place along the chart as the day it stands for."""
    assert isinstance(place, date)
    return exact_day(place)


def _short(place: float | date) -> str:
    """Return a place along the chart in few letters."""
    assert isinstance(place, date)
    return short(place)


def _metric_plot(metric: Any, values: Sequence[tuple[date, float]]) -> Plot:
    levels = [
        Level(value, name, tone)
        for value, name, tone in (
            (metric.target, _("Target"), "tone-green"),
            (metric.benchmark, _("Benchmark"), "tone-grey"),
        )
        if value is not None
    ]
    going = {"up": _("rising"), "down": _("falling"), "flat": _("steady")}[metric.trend]
    said = {"name": metric.name, "value": number(values[-1][1]), "unit": metric.unit}
    title = _("%(name)s: %(value)s %(unit)s") % said
    frame = Frame(
        f"{title.strip()}, {going}",
        _("The last value against the mean of the up to three before it; within 5 % it is steady."),
        axis=metric.unit,
        over=_("Day"),
        levels=levels,
        number=number,
        label=_day,
        short=_short,
        height=240,
    )
    return lines(frame, [Line(_("Value"), list(values), tone="series-1", dots=True)])


# ---- a person's page ----


async def person_panel(ctx: Context, person: Any) -> dict[str, Any] | None:
    """Return a person's weeks to come, their shares and how their work went; None to others."""
    mine = await scopes.reach(ctx)
    if person.status != "active" or not mine.leads(person.id):
        return None
    heat = None
    if ctx.can("teams.heat_map.read"):
        found = await heat_map(ctx, HeatAsk(person_id=person.id, weeks=8))
        heat = _row(found.people[0]) if found.people else None
    shares = None
    if ctx.can("teams.allocations.read") and ctx.can("identity.team_member.read"):
        both = await allocations(ctx, AllocationAsk(person_id=person.id))
        shares = both[0] if both and (both[0].teams or both[0].projects) else None
    answer = await performance(ctx, PerformanceAsk(person_id=person.id))
    return {
        "person": person,
        "heat": heat,
        "shares": shares,
        "answer": answer,
        "short": short,
        "own": answer.people[0] if answer.people else None,
        "says": {one.name: one.says for one in answer.definitions},
        "today": ctx.today,
    }


# ---- workload ----


@dataclass(frozen=True)
class HeatCell:
    """A week of a person as the heat map draws it."""

    load: WeekLoad
    level: str
    percent: int | None


@dataclass(frozen=True)
class HeatRow:
    """A person's row of the heat map."""

    person: PersonLoad
    cells: list[HeatCell]
    over: int


def _row(person: PersonLoad) -> HeatRow:
    drawn = [HeatCell(one, level(one), _percent(one)) for one in person.weeks]
    return HeatRow(person, drawn, sum(one.over for one in person.weeks))


def _percent(one: WeekLoad) -> int | None:
    return round(one.planned / one.capacity * 100) if one.capacity else None


def level(one: WeekLoad) -> str:
    """Return how full a week is, as the name of its colour."""
    if one.over:
        return "far" if one.planned > one.capacity * 1.25 else "over"
    if not one.capacity:
        return "away"
    used = one.planned / one.capacity
    return next(
        (name for name, most in (("none", 0.0), ("low", 0.5), ("mid", 0.8)) if used <= most), "full"
    )


async def workload_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the heat map of people and weeks, with what it can be narrowed by."""
    weeks = number_of(given, "weeks", 10)
    if weeks not in WEEKS:
        weeks = 10
    team, project = number_of(given, "team") or None, number_of(given, "project") or None
    only_over = given.get("show") == "over"
    mine = await scopes.reach(ctx)
    teams = [one for one in await scopes.teams_of(ctx) if mine.everywhere or one.id in mine.teams]
    projects = await _projects(ctx)
    problem, answer = "", None
    try:
        ask = HeatAsk(team_id=team, project_id=project, weeks=weeks)
        answer = await heat_map(ctx, ask)
    except Problem as refusal:
        problem = refusal.detail
    rows = [_row(one) for one in answer.people] if answer else []
    over = [row for row in rows if row.over]
    shown = over if only_over else rows
    given_more = await _over_given(ctx, rows)
    return {
        "answer": answer,
        "problem": problem,
        "rows": shown,
        "count": len(rows),
        "over": over,
        "only_over": only_over,
        "teams": teams,
        "projects": projects,
        "team": team,
        "project": project,
        "weeks": weeks,
        "choices": WEEKS,
        "in_part": [row for row in rows if not row.person.whole],
        "unestimated": [row for row in rows if row.person.unestimated],
        "short": short,
        "allocated": given_more,
        "today": ctx.today,
        "live": "projects.task,planning.holiday,identity.team_member",
    }


async def _over_given(ctx: Context, rows: Sequence[HeatRow]) -> list[Any]:
    """Return those of the people shown who are given away for more than the whole of their time."""
    if not (ctx.can("teams.allocations.read") and ctx.can("identity.team_member.read")):
        return []
    here = {row.person.user_id for row in rows}
    found = await allocations(ctx, AllocationAsk())
    return [one for one in found if one.over and one.user_id in here]


async def _projects(ctx: Context) -> list[Any]:
    """Return the running projects that the asking person sees."""
    noun = ctx.registry.noun("projects.project")
    if not ctx.can(noun.permission("read")):
        return []
    ask = ctx.ask(noun, {"status__in": ",".join(scopes.RUNNING), "sort": "name", "limit": 500})
    rows, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return list(rows)


# ---- skills ----


async def skills_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return a team's skill matrix, and which of its cells this person may change."""
    teams = await scopes.teams_of(ctx)
    mine = await scopes.reach(ctx)
    own = [one.id for one in teams if one.id in mine.teams]
    usual = own[0] if own else teams[0].id if teams else 0
    team = number_of(given, "team", usual)
    problem, answer = "", None
    if team:
        try:
            answer = await skill_matrix(ctx, OfTeam(team_id=team))
        except Problem as refusal:
            problem = refusal.detail
    keeps = ctx.can(scopes.KEEP_ALL) or team in mine.leading
    all_of = ctx.can("identity.user_skill.manage")
    notes = all(ctx.can(f"identity.user_skill.{verb}") for verb in ("create", "update", "delete"))
    needs = keeps and ctx.can("teams.team_skill.create") and ctx.can("teams.team_skill.update")
    return {
        "answer": answer,
        "problem": problem,
        "teams": teams,
        "team": next((one for one in teams if one.id == team), None),
        "may_note": {
            one.user_id: notes and (all_of or one.user_id == ctx.me.id)
            for one in (answer.people if answer else ())
        },
        "may_need": needs,
        "all_skills": await _every_skill(ctx) if needs or notes else [],
        "may_skill": ctx.can("identity.skill.create"),
        "me_in": ctx.me.id in {one.user_id for one in (answer.people if answer else ())},
        "today": ctx.today,
        "live": "identity.user_skill,teams.team_skill,identity.team_member,identity.skill",
    }


async def _every_skill(ctx: Context) -> list[Any]:
    noun = ctx.registry.noun("identity.skill")
    if not ctx.can(noun.permission("read")):
        return []
    rows, _more = await ctx.reader.entities(
        ctx.connection, noun, ctx.ask(noun, {"sort": "name", "limit": 1000}), ctx.me
    )
    return list(rows)


# ---- performance ----


async def performance_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return how work went in a period, of those whose work the asking person may see."""
    team = number_of(given, "team") or None
    days = number_of(given, "days")
    first, last = day_of(given, "first"), day_of(given, "last")
    if days in PERIODS:
        first, last = ctx.today - timedelta(days - 1), ctx.today
    mine = await scopes.reach(ctx)
    leads = mine.everywhere or bool(mine.led)
    teams = [one for one in await scopes.teams_of(ctx) if mine.everywhere or one.id in mine.teams]
    problem, answer = "", None
    try:
        answer = await performance(ctx, PerformanceAsk(team_id=team, first=first, last=last))
    except Problem as refusal:
        problem = refusal.detail
    span = (answer.last - answer.first).days + 1 if answer else 0
    return {
        "answer": answer,
        "problem": problem,
        "says": {one.name: one.says for one in answer.definitions} if answer else {},
        "teams": teams if leads else [],
        "team": team,
        "days": span if answer and answer.last == ctx.today else 0,
        "periods": PERIODS,
        "leads": leads,
        "may_rate": ctx.can(scopes.RATING),
        "today": ctx.today,
        "monday": rules.monday(ctx.today),
        "live": "projects.task,projects.time_entry",
    }
