"""One person's week as it is opened: the tasks behind it, and what shifting one would bring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date, format_skeleton

from mainstay.delivery.words import gettext as _
from mainstay.delivery.words import language, locale_of
from mainstay.kernel.context import Context
from mainstay.kernel.problems import Conflict, Malformed, NotFound, Problem
from mainstay.modules.planning.api import availability
from mainstay.modules.projects.api import Standing, standings
from mainstay.modules.teams import rules, scopes
from mainstay.modules.teams.questions.load import (
    Cell,
    Sheet,
    cell_of,
    known_people,
    place_of,
    sheets_of,
)
from mainstay.modules.teams.questions.work import OpenTask

SHOWN = 8
WEEKS = 6
LATER = (1, 2, 4)
WAYS = ("give", "share", "move")
WORKERS = ("owner", "admin", "member")


@dataclass(frozen=True)
class Candidate:
    """Somebody who could take a task on: their free hours that week, and what speaks for them."""

    id: int
    name: str
    job: str
    free: float
    fits: bool
    member: bool
    skills: list[str]
    profession: bool
    team: bool
    whole: bool
    why_not: str


@dataclass(frozen=True)
class Compared:
    """One week of one person before and after a shift."""

    week: date
    capacity: float
    before: float
    after: float

    @property
    def over(self) -> tuple[bool, bool]:
        """Say whether it is too much, before and after."""
        both = (self.before, self.after)
        return tuple(rules.is_over(one, self.capacity) for one in both)  # type: ignore[return-value]


def short(day: date) -> str:
    """Say a day by its number and month, as heads of columns need it."""
    locale = locale_of(language.get())
    if locale.language == "en":
        return str(format_date(day, "d MMM", locale=locale))
    return str(format_skeleton("MMMd", day, locale=locale))


# ---- what is asked for ----


def _number(given: Mapping[str, str], name: str, *, needed: bool = False) -> int:
    text = given.get(name, "").strip()
    if not text and not needed:
        return 0
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 19):
        raise Malformed(f"{name}={text[:20]} must be a record's id.")
    return int(text)


def day_of(given: Mapping[str, str], name: str) -> date | None:
    """Read a day of an address."""
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Malformed(f"{name}={text[:20]} is no day. Write 2026-11-20.") from None


async def week_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return a person's week with its tasks; with a task, who could take it and what that brings.

    With `dialog` it is drawn for the dialog, else as a page of its own.
    """
    person, week = _number(given, "person", needed=True), day_of(given, "week") or ctx.today
    task_id, way = _number(given, "task"), given.get("way", "")
    if way and way not in WAYS:
        raise Malformed(f"way={way[:20]} is unknown. Known: {', '.join(WAYS)}.")
    mine = await scopes.reach(ctx)
    if not mine.knows(person):
        raise NotFound(f"There is no person {person}, or you may not see their load.")
    place = place_of(ctx, week)
    giving = bool(task_id) and way in ("give", "share")
    ids = {person, *(await known_people(ctx, mine) if giving else ())}
    sheets = await sheets_of(ctx, sorted(ids))
    sheet = sheets.get(person)
    if sheet is None:
        raise NotFound(f"There is no person {person}, or you may not see their load.")
    cell = cell_of(ctx, sheet, place)
    at = await standings(ctx, {one.project_id for one in (*cell.tasks, *cell.unestimated)})
    may = ctx.can("projects.task.update")
    shown = {
        "cell": cell,
        "place": place,
        "may": {p: may and one.works and not one.binned for p, one in at.items()},
        "dialog": given.get("dialog") == "1",
        "short": short,
        "today": ctx.today,
        "task": None,
        "way": way,
        "live": "projects.task",
    }
    if not task_id:
        return shown
    task = next((one for one in sheet.tasks if one.id == task_id and one.seen), None)
    if task is None:
        return shown | {"gone": True}
    if way == "move":
        return shown | {"task": task} | await _moving(ctx, sheet, task, given, place)
    return shown | {"task": task} | await _giving(ctx, sheets, (cell, task), at, given)


# ---- to somebody else ----


async def _giving(
    ctx: Context,
    sheets: Mapping[int, Sheet],
    about: tuple[Cell, OpenTask],
    at: Mapping[int, Standing],
    given: Mapping[str, str],
) -> dict[str, Any]:
    """Return who could take the task on, the fittest first, and what the chosen one would have."""
    cell, task = about
    share = given.get("way") == "share"
    there = [who for who, sheet in sheets.items() if any(t.id == task.id for t in sheet.tasks)]
    standing = at.get(task.project_id) or (await standings(ctx, [task.project_id]))[task.project_id]
    others = {who: sheet for who, sheet in sheets.items() if who not in there}
    found = await _candidates(ctx, others, about, standing)
    chosen = _number(given, "to")
    picked = next((one for one in found if one.id == chosen), None)
    before_after = []
    if picked and not picked.why_not:
        before_after = [
            (sheets[cell.user_id].person.name, _compared(sheets[cell.user_id], task, share, own=1)),
            (picked.name, _compared(sheets[picked.id], task, share, own=0)),
        ]
    shown = found[:SHOWN]
    if picked and picked not in shown:
        shown.append(picked)
    body = {"from_id": cell.user_id, "to_id": chosen, "share": share, "version": task.version}
    return {"candidates": shown, "picked": picked, "compared": before_after, "body": body}


async def _candidates(
    ctx: Context,
    others: Mapping[int, Sheet],
    about: tuple[Cell, OpenTask],
    standing: Standing,
) -> list[Candidate]:
    """Return who else could have a task, the fittest first."""
    cell, task = about
    place = place_of(ctx, cell.week)
    members = await scopes.project_people(ctx, task.project_id)
    near = await _near(ctx, [*others, cell.user_id], cell.user_id)
    hours = next((one.hours for one in cell.tasks if one.task_id == task.id), 0.0)
    found = []
    for who, sheet in others.items():
        free = sheet.stretch.week(place) - sheet.planned(place)
        skills, profession, team = near.get(who, ([], False, False))
        found.append(
            Candidate(
                id=who,
                name=sheet.person.name,
                job=sheet.person.job,
                free=round(free, 1),
                fits=free + rules.TOLERANCE >= hours,
                member=members.get(who) in WORKERS,
                skills=skills,
                profession=profession,
                team=team,
                whole=sheet.whole,
                why_not=_why_not(members.get(who), standing),
            )
        )
    return sorted(found, key=_fitness)


def _why_not(role: str | None, standing: Standing) -> str:
    """Return why somebody cannot have a task of a project, or nothing."""
    if role in WORKERS:
        return ""
    if role:
        return _("only reads in this project")
    return "" if standing.leads else _("is not a member of the project")


async def _near(
    ctx: Context, everyone: Sequence[int], own: int
) -> dict[int, tuple[list[str], bool, bool]]:
    """Return what people share with somebody: skills by name, a profession, a team."""
    known = await scopes.known_skills(ctx, "user_id", everyone)
    names = await _skill_names(ctx, {one.skill_id for one in known if one.user_id == own})
    learnt = await scopes.professions(ctx, everyone)
    teams: dict[int, set[int]] = {}
    for one in await scopes.members(ctx, "user_id", everyone):
        teams.setdefault(one.user_id, set()).add(one.team_id)
    mine, here = learnt.get(own, set()), teams.get(own, set())
    skills: dict[int, list[str]] = {}
    for fact in known:
        if fact.skill_id in names:
            skills.setdefault(fact.user_id, []).append(names[fact.skill_id])
    return {
        who: (
            sorted(skills.get(who, [])),
            bool(learnt.get(who, set()) & mine),
            bool(teams.get(who, set()) & here),
        )
        for who in everyone
    }


def _fitness(one: Candidate) -> tuple[Any, ...]:
    """Order those who may take it, have the hours, and are near to the work first."""
    near = len(one.skills) + one.profession + one.team + 1.5 * one.member
    return bool(one.why_not), not one.fits, -near, -one.free, one.name.lower()


async def _skill_names(ctx: Context, ids: set[int]) -> dict[int, str]:
    noun = ctx.registry.noun("identity.skill")
    if not ids or not ctx.can(noun.permission("read")):
        return {}
    ask = ctx.ask(noun, {"id__in": sorted(ids), "limit": len(ids)})
    found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return {one.id: one.name for one in found}  # type: ignore[attr-defined]


def _compared(sheet: Sheet, task: OpenTask, share: bool, own: int) -> list[Compared]:
    """Return the weeks of a task for who gives it (`own`) or gets it, before and after."""
    left = task.hours or 0.0
    part = left * task.people / (task.people + 1) if share else left
    after = (part if share else 0.0) if own else part
    now = rules.spread(task.planned, sheet.stretch)[0]
    goes = {week: hours * after / left if left else 0.0 for week, hours in now.items()}
    return _weeks(sheet, now if own else {}, goes)


def _weeks(sheet: Sheet, now: Mapping[int, float], goes: Mapping[int, float]) -> list[Compared]:
    """Return the weeks in which anything changes."""
    found = []
    for place in sorted({*now, *goes})[:WEEKS]:
        before = sheet.planned(place)
        after = before - now.get(place, 0.0) + goes.get(place, 0.0)
        found.append(
            Compared(
                week=sheet.stretch.first + timedelta(7 * place),
                capacity=round(sheet.stretch.week(place), 1),
                before=round(before, 1),
                after=round(max(0.0, after), 1),
            )
        )
    return found


# ---- to another time ----


async def _moving(
    ctx: Context, sheet: Sheet, task: OpenTask, given: Mapping[str, str], place: int
) -> dict[str, Any]:
    """Return the weeks a task could move to, and what the chosen days bring with them."""
    start, due = day_of(given, "start"), day_of(given, "due")
    asked = start is not None or due is not None
    offers = [] if task.fixed else _offers(sheet, task, place)
    shown: dict[str, Any] = {"offers": offers, "start": start, "due": due, "moved": None}
    if not asked:
        return shown | {"refused": _("Its dates are fixed.") if task.fixed else ""}
    try:
        if start and due and due < start:
            raise Conflict(_("The last day must not be before the first one."))
        moved = await _brings(ctx, task, start, due)
    except Problem as refusal:
        return shown | {"refused": refusal.detail}
    goes, _how = rules.spread(
        rules.Planned(task.hours or 0.0, start, due), await _long(ctx, sheet, start, due)
    )
    now = rules.spread(task.planned, sheet.stretch)[0]
    days = {"start_date": start, "due_date": due}
    body: dict[str, Any] = {"plan": moved.plan, "version": task.version}
    body |= {name: day.isoformat() for name, day in days.items() if day}
    return shown | {
        "moved": moved,
        "refused": "",
        "compared": [(sheet.person.name, _weeks(sheet, now, goes))],
        "body": body,
    }


async def _brings(ctx: Context, task: OpenTask, start: date | None, due: date | None) -> Any:
    """Ask planning what else moves."""
    _room, question = ctx.registry.questions["planning.moved"]
    assert question.ask
    return await question(ctx, question.ask(task_id=task.id, start_date=start, due_date=due))


async def _long(ctx: Context, sheet: Sheet, start: date | None, due: date | None) -> rules.Stretch:
    """Return a person's hours up to a day that may lie behind all of their other work."""
    last = max(day for day in (start, due) if day)
    first, days = sheet.stretch.first, sheet.stretch.days
    more = (last - first).days + 7 - days
    if more <= 0:
        return sheet.stretch
    person, end = sheet.person.id, first + timedelta(days + min(more, 366) - 1)
    hours = await availability(ctx, [person], first, end)
    return rules.Stretch(first, [one * sheet.share for one in hours[person].values()])


def _offers(sheet: Sheet, task: OpenTask, place: int) -> list[tuple[str, date | None, date | None]]:
    """Return later days for a task: the first week with room for it, and some weeks later."""
    first, last, _how = sheet.stretch.span(task.planned)
    begins = task.start or sheet.stretch.first + timedelta(first)
    ends = task.due or sheet.stretch.first + timedelta(last)
    begins, ends = max(begins, sheet.stretch.first), max(ends, sheet.stretch.first)
    left = task.hours or 0.0
    found: list[tuple[str, date | None, date | None]] = []
    for week in range(place + 1, sheet.stretch.days // 7):
        if sheet.stretch.week(week) - sheet.planned(week) + rules.TOLERANCE >= left > 0:
            monday = sheet.stretch.first + timedelta(7 * week)
            words = _("The first week with room: %(day)s") % {"day": short(monday)}
            worked = [n for n in range(7) if sheet.stretch.between(7 * week + n, 7 * week + n)]
            found.append((words, monday + timedelta(worked[0]), monday + timedelta(worked[-1])))
            break
    for weeks in LATER:
        by = timedelta(7 * weeks)
        words = _("One week later") if weeks == 1 else _("%(count)s weeks later") % {"count": weeks}
        found.append((words, begins + by if task.start else None, ends + by))
    return found
