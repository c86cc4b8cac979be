"""One person's week as its page shows it: rows, days, sums, and how far it was handed in."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

import sqlalchemy as sa
from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import NotFound
from mainstay.modules.planning.api import availability, calendars
from mainstay.modules.projects.api import (
    OPEN,
    Task,
    answer,
    decoded,
    forgotten,
    hours_between,
    near,
    visible,
)
from mainstay.modules.timesheets import rules, scopes
from mainstay.modules.timesheets.actions.cells import KINDS, Row, row_of
from mainstay.modules.timesheets.actions.sheets import SEE_ALL
from mainstay.modules.timesheets.questions.naming import Named, named

ID = sa.BigInteger()
MOST_ROWS = 200
RECENT = timedelta(days=35)
CHOICES = 12


class WeekAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose week, and which."""

    week: Annotated[date | None, Meta(description="Any day of it; this week if left out")] = None
    user_id: Annotated[int | None, Meta(description="Whose; your own when left out")] = None
    add: Annotated[
        str,
        Meta(max_length=4000, description="Rows to show besides, like t12.development,p3.other"),
    ] = ""
    copy_rows: Annotated[
        bool, Meta(description="Whether the rows of the week before are shown too")
    ] = False


class Entry(Struct, kw_only=True, frozen=True):
    """One entry of a cell."""

    id: int
    version: int
    minutes: int
    hours: Decimal
    description: str
    billable: bool
    running: bool


class Cell(Struct, kw_only=True, frozen=True):
    """What a row has on a day."""

    day: date
    minutes: int
    entries: list[Entry]


class Line(Struct, kw_only=True, frozen=True):
    """A row of the grid; what may not be seen has no title."""

    key: str
    type: str
    code: str
    title: str
    href: str
    project: str
    cells: list[Cell]
    minutes: int


class Day(Struct, kw_only=True, frozen=True):
    """A day of the week: what can be worked on it, what was, and whether it is locked."""

    day: date
    planned_minutes: int
    minutes: int
    free: str
    locked: str


class SheetLine(Struct, kw_only=True, frozen=True):
    """How far a week was handed in."""

    id: int | None
    version: int
    week_start: date
    status: str
    minutes: int
    note: str
    reason: str
    decided_by: str
    decided_at: datetime | None
    mine: bool
    may_decide: bool


class Running(Struct, kw_only=True, frozen=True):
    """The person's running timer."""

    id: int
    version: int
    started_at: datetime
    hours: Decimal
    forgotten: bool
    key: str
    code: str
    title: str
    href: str
    description: str


class PersonWeek(Struct, kw_only=True, frozen=True):
    """One person's week of time."""

    user_id: int
    name: str
    first: date
    last: date
    days: list[Day]
    rows: list[Line]
    minutes: int
    billable_minutes: int
    planned_minutes: int
    sheets: list[SheetLine]
    timer: Running | None
    may_edit: bool
    needs_approval: bool
    hidden_minutes: int
    more: bool


class Choice(Struct, kw_only=True, frozen=True):
    """A row that may be added."""

    key: str
    code: str
    title: str
    project: str
    why: str


class ChoicesAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which rows to offer."""

    q: Annotated[str, Meta(max_length=100, description="Some letters of a title or code")] = ""


@question(label="Week")
async def timesheet_week(ctx: Context, ask: WeekAsk) -> PersonWeek:
    """One person's week: what they worked on each day, against the hours they can work."""
    near(week=ask.week)
    person = ask.user_id or ctx.me.id
    if person is None:
        raise NotFound("Only people have weeks. Say whose you mean with user_id.")
    who = await _person(ctx, person)
    starts = await scopes.week_starts(ctx, ctx.me.id or person)
    days = rules.days_shown(ask.week or ctx.today, starts)
    entries = await _entries(ctx, person, days[0], days[-1])
    extra = [row for text in ask.add.split(",") if text for row in (row_of(text.strip()),) if row]
    if ask.copy_rows:
        extra += await _rows_before(ctx, person, days[0])
    rows = await _lines(ctx, entries, extra[:MOST_ROWS], days)
    sheets = await _sheets(ctx, person, days, entries)
    plan = (await availability(ctx, [person], days[0], days[-1]))[person]
    free = await _free(ctx, person, days)
    shown = await _days(ctx, days, entries, plan, free, {s.week_start: s for s in sheets})
    policy = (await scopes.policies(ctx)).get(None, rules.Policy())
    return PersonWeek(
        user_id=person,
        name=who,
        first=days[0],
        last=days[-1],
        days=shown,
        rows=rows[:MOST_ROWS],
        minutes=sum(day.minutes for day in shown),
        billable_minutes=sum(e.minutes for _, _, e in entries if e.billable),
        planned_minutes=sum(day.planned_minutes for day in shown),
        sheets=sheets,
        timer=await running(ctx) if person == ctx.me.id else None,
        may_edit=(person == ctx.me.id or ctx.can(SEE_ALL)) and ctx.can("timesheets.timesheet.fill"),
        needs_approval=policy.approval_required,
        hidden_minutes=await _hidden(ctx, person, shown),
        more=len(rows) > MOST_ROWS,
    )


async def _person(ctx: Context, person: int) -> str:
    """Return how somebody is called whose week one may see: oneself, a report, a member."""
    if person == ctx.me.id or ctx.can(SEE_ALL):
        found = (await scopes.names_of(ctx, [person])).get(person)
        if found is not None:
            return found
    elif await _sees(ctx, person):
        return (await scopes.names_of(ctx, [person])).get(person, "")
    raise NotFound(f"There is no person {person} whose weeks you may see.")


async def _sees(ctx: Context, person: int) -> bool:
    """Return whether somebody reports to the asking person, or handed in a week to them."""
    if await scopes.manager_of(ctx, person) == ctx.me.id:
        return True
    noun = ctx.registry.noun(scopes.SHEET)
    c = noun.table.c
    chosen = sa.select(c.id).where(c.user_id == person, *visible(ctx, noun)).limit(1)
    return bool(await ctx.rows(chosen))


async def _hidden(ctx: Context, person: int, days: Sequence[Day]) -> int:
    """Return how much of somebody else's time is on projects that may not be seen."""
    if person == ctx.me.id:
        return 0
    logged = await scopes.days_logged(ctx, [person], days[0].day, days[-1].day)
    return max(0, sum(logged.values()) - sum(day.minutes for day in days))


Found = tuple[Row, date, Entry]


async def _entries(ctx: Context, person: int, first: date, last: date) -> list[Found]:
    """Return the entries of these days that may be seen, in one statement."""
    noun = ctx.registry.noun(scopes.ENTRY)
    c = noun.table.c
    names = ("id", "version", "date", "hours", "description", "billable", "type")
    columns = [*(c[n] for n in names), c.started_at, c.ended_at]
    columns += [c.task_id, c.issue_id, c.project_id]

    def build() -> sa.Select[Any]:
        """Read along the index on person and day."""
        return (
            sa.select(*columns)
            .where(
                c.user_id == sa.bindparam("person", type_=ID),
                c.date >= sa.bindparam("first", type_=c.date.type),
                c.date <= sa.bindparam("last", type_=c.date.type),
                *visible(ctx, noun),
            )
            .order_by(c.id)
        )

    name = f"week entries {ctx.reader.scoped(noun, ctx.me)}"
    rows = await answer(ctx, name, build, person=person, first=first, last=last)
    return [_entry(row) for row in decoded(ctx, columns, rows)]


def _entry(row: Sequence[Any]) -> Found:
    number, version, day, hours, words, billable, kind, begun, ended, task, issue, project = row
    what, record = ("t", task) if task else ("i", issue) if issue else ("p", project)
    entry = Entry(
        id=number,
        version=version,
        minutes=rules.minutes_of(hours),
        hours=hours,
        description=words,
        billable=bool(billable),
        running=begun is not None and ended is None and not hours,
    )
    return Row(what, record, kind), day, entry


async def _rows_before(ctx: Context, person: int, first: date) -> list[Row]:
    """Return what somebody worked on in the week before."""
    found = await _entries(ctx, person, first - rules.WEEK, first - timedelta(days=1))
    return list(dict.fromkeys(row for row, _, _ in found))


async def _lines(
    ctx: Context, entries: Sequence[Found], extra: Iterable[Row], days: Sequence[date]
) -> list[Line]:
    cells: dict[Row, dict[date, list[Entry]]] = {}
    for row, day, entry in entries:
        cells.setdefault(row, {}).setdefault(day, []).append(entry)
    names = await names_of_rows(ctx, [*cells, *extra])
    for row in extra:
        if (row.what, row.id) in names:
            cells.setdefault(row, {})
    projects = await named(ctx, "p", {n.project_id for n in names.values() if n.project_id})
    lines = [_line(row, own, days, names, projects) for row, own in cells.items()]
    return sorted(lines, key=lambda line: (line.project.lower(), line.code, line.title, line.type))


async def names_of_rows(ctx: Context, rows: Iterable[Row]) -> dict[tuple[str, int], Named]:
    """Return the names of what rows are about, as far as they may be seen."""
    wanted: dict[str, set[int]] = {"t": set(), "i": set(), "p": set()}
    for row in rows:
        wanted[row.what].add(row.id)
    return {
        (what, number): name
        for what, ids in wanted.items()
        for number, name in (await named(ctx, what, ids)).items()
    }


def _line(
    row: Row,
    own: Mapping[date, list[Entry]],
    days: Sequence[date],
    names: Mapping[tuple[str, int], Named],
    projects: Mapping[int, Named],
) -> Line:
    name = names.get((row.what, row.id), Named())
    project = projects.get(name.project_id or 0, Named())
    cells = [
        Cell(day=day, minutes=sum(e.minutes for e in held), entries=held)
        for day in days
        for held in (own.get(day, []),)
    ]
    return Line(
        key=row.key,
        type=row.type,
        code=name.code if row.what != "p" else "",
        title=name.title,
        href=name.href,
        project=project.title,
        cells=cells,
        minutes=sum(cell.minutes for cell in cells),
    )


async def _sheets(
    ctx: Context, person: int, days: Sequence[date], entries: Sequence[Found]
) -> list[SheetLine]:
    """Return the weeks that are handed in and that these days belong to: one, or two."""
    noun = ctx.registry.noun(scopes.SHEET)
    c = noun.table.c
    weeks = sorted({rules.monday(day) for day in days})
    names = ("id", "version", "week_start", "status", "note", "reason", "decided_by", "decided_at")
    columns = [c[name] for name in names]
    chosen = sa.select(*columns).where(
        c.user_id == person, c.week_start.in_(weeks), *visible(ctx, noun)
    )
    there = {row[2]: row for row in decoded(ctx, columns, await ctx.rows(chosen))}
    people = await scopes.names_of(ctx, [row[6] for row in there.values() if row[6]])
    mine = person == ctx.me.id
    approves = ctx.can("timesheets.timesheet.approve") and not mine
    found = []
    for week in weeks:
        row = there.get(week) or (None, 0, week, "open", "", "", None, None)
        minutes = sum(e.minutes for _, day, e in entries if rules.monday(day) == week)
        found.append(
            SheetLine(
                id=row[0],
                version=row[1],
                week_start=week,
                status=row[3],
                minutes=minutes,
                note=row[4],
                reason=row[5],
                decided_by=people.get(row[6] or 0, ""),
                decided_at=row[7],
                mine=mine,
                may_decide=approves and row[3] in rules.LOCKED,
            )
        )
    return found


async def _free(ctx: Context, person: int, days: Sequence[date]) -> dict[date, str]:
    """Return the names of free days; those of other people's own days are nobody's business."""
    known = await calendars(ctx)
    week, tongue = known.week(None), {"de": "de", "en": "en_US"}.get(ctx.me.locale[:2], "")
    found: dict[date, str] = {}
    for year in {day.year for day in days}:
        public = {one.day: one.name for one in known.free_days(week, year, language=tongue)}
        for one in known.free_days(week, year, person, language=tongue):
            mine = person == ctx.me.id
            found[one.day] = public.get(one.day) or (one.name if mine else "Day off")
    return {day: found[day] for day in days if day in found}


async def _days(
    ctx: Context,
    days: Sequence[date],
    entries: Sequence[Found],
    plan: Mapping[date, float],
    free: Mapping[date, str],
    sheets: Mapping[date, SheetLine],
) -> list[Day]:
    until = await scopes.locked_until(ctx, None)
    found = []
    for day in days:
        status = sheets[rules.monday(day)].status
        locked = status if status in rules.LOCKED else "closed" if until and day <= until else ""
        found.append(
            Day(
                day=day,
                planned_minutes=round(plan[day] * 60),
                minutes=sum(e.minutes for _, on, e in entries if on == day),
                free=free.get(day, ""),
                locked=locked,
            )
        )
    return found


# ---- the timer ----


async def running(ctx: Context) -> Running | None:
    """Return the asking person's running timer, and what it runs on."""
    c = ctx.registry.tables[scopes.ENTRY].c
    names = ("id", "version", "started_at", "type", "task_id", "issue_id", "project_id")
    columns = [*(c[name] for name in names), c.description]

    def build() -> sa.Select[Any]:
        """Read the entry without an end along the index on person and end."""
        own = c.user_id == sa.bindparam("me", type_=ID)
        runs = sa.and_(c.started_at.is_not(None), c.ended_at.is_(None), c.hours == 0)
        return sa.select(*columns).where(own, runs, c.deleted_at.is_(None)).limit(1)

    rows = decoded(ctx, columns, await answer(ctx, "week timer", build))
    for number, version, begun, kind, task, issue, project, words in rows:
        what, record = ("t", task) if task else ("i", issue) if issue else ("p", project)
        name = (await named(ctx, what, [record])).get(record, Named())
        return Running(
            id=number,
            version=version,
            started_at=begun,
            hours=hours_between(begun, ctx.now),
            forgotten=forgotten(begun, ctx.now),
            key=Row(what, record, kind).key,
            code=name.code,
            title=name.title,
            href=name.href,
            description=words,
        )
    return None


# ---- rows to add ----


@question(label="Rows to add", grant="fill")
async def row_choices(ctx: Context, ask: ChoicesAsk) -> list[Choice]:
    """What a row of your week may be about: recent ones and your open tasks first, or a search."""
    words = ask.q.replace("\x00", "").strip()
    rows: dict[Row, str] = {}
    if words:
        for row in await _searched(ctx, words):
            rows.setdefault(row, "found")
    else:
        for row in await _recent(ctx):
            rows.setdefault(row, "recent")
        known = {(row.what, row.id) for row in rows}
        for row in await _open_tasks(ctx):
            if (row.what, row.id) not in known:
                rows.setdefault(row, "mine")
    names = await names_of_rows(ctx, rows)
    projects = await named(ctx, "p", {n.project_id for n in names.values() if n.project_id})
    found = []
    for row, why in rows.items():
        if name := names.get((row.what, row.id)):
            where = projects.get(name.project_id or 0, Named()).title if row.what != "p" else ""
            code = name.code
            found.append(Choice(key=row.key, code=code, title=name.title, project=where, why=why))
    return found[: 2 * CHOICES]


async def _recent(ctx: Context) -> list[Row]:
    """Return what the asking person logged time on of late, the newest first."""
    c = ctx.registry.tables[scopes.ENTRY].c
    columns = [c.task_id, c.issue_id, c.project_id, c.type]

    def build() -> sa.Select[Any]:
        """Group the last weeks by what they are about."""
        newest = sa.func.max(c.id)
        what = [c.task_id, c.issue_id, c.project_id, c.type]
        own = sa.and_(c.user_id == sa.bindparam("me", type_=ID), c.deleted_at.is_(None))
        late = c.date >= sa.bindparam("since", type_=c.date.type)
        return (
            sa.select(*what).where(own, late).group_by(*what).order_by(newest.desc()).limit(CHOICES)
        )

    rows = decoded(ctx, columns, await answer(ctx, "recent rows", build, since=ctx.today - RECENT))
    return [
        Row("t", task, kind)
        if task
        else Row("i", issue, kind)
        if issue
        else Row("p", project, kind)
        for task, issue, project, kind in rows
    ]


async def _open_tasks(ctx: Context) -> list[Row]:
    ask = ctx.ask(
        ctx.registry.noun(Task),
        {"assignees": "me", "status__in": ",".join(OPEN), "sort": "due_date,-priority"},
    )
    ask.limit = CHOICES
    found, _ = await ctx.reader.entities(ctx.connection, ctx.registry.noun(Task), ask, ctx.me)
    return [Row("t", task.id, KINDS[0]) for task in found]


async def _searched(ctx: Context, words: str) -> list[Row]:
    """Return tasks, issues and projects that some letters may stand for."""
    found = []
    for what, key, kind in (
        ("t", "projects.task", KINDS[0]),
        ("i", "issues.issue", "support"),
        ("p", "projects.project", "meeting"),
    ):
        noun = ctx.registry.nouns.get(key)
        if noun is None or not ctx.can(noun.permission("read")):
            continue
        title = noun.table.c.name if what == "p" else noun.table.c.title
        code = noun.table.c.code
        said = words.lower()
        hit = sa.or_(
            sa.func.lower(title).contains(said, autoescape=True),
            sa.func.lower(code).contains(said, autoescape=True),
        )
        order = (sa.func.lower(code) != words.lower(), noun.table.c.id.desc())
        chosen = sa.select(noun.table.c.id).where(hit, *visible(ctx, noun))
        rows = await ctx.rows(chosen.order_by(*order).limit(CHOICES))
        found += [Row(what, row[0], kind) for row in rows]
    return found


# ---- time on one record ----


class OnRecord(Struct, kw_only=True, frozen=True):
    """The time on a task or an issue: everybody's and one's own."""

    hours: Decimal
    mine: Decimal
    entries: int


async def on_record(ctx: Context, field: str, record_id: int) -> OnRecord:
    """Return the time on a task or an issue, as far as the asking person may see it."""
    noun = ctx.registry.noun(scopes.ENTRY)
    c = noun.table.c

    def build() -> sa.Select[Any]:
        """Add up along the index on the record."""
        minutes = scopes.minutes_in(ctx, c.hours)
        own = sa.case((c.user_id == sa.bindparam("me", type_=ID), minutes), else_=0)
        sums = [sa.cast(sa.func.coalesce(sa.func.sum(one), 0), ID) for one in (minutes, own)]
        here = c[field] == sa.bindparam("record", type_=ID)
        found: list[Any] = [*sums, sa.func.count()]
        return sa.select(*found).where(here, *visible(ctx, noun))

    name = f"time on {field} {ctx.reader.scoped(noun, ctx.me)}"
    ((every, mine, entries),) = await answer(ctx, name, build, record=record_id)
    hours, own_hours = rules.hours_of(int(every)), rules.hours_of(int(mine))
    return OnRecord(hours=hours, mine=own_hours, entries=entries)
