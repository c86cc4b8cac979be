"""Who sees whose weeks, and what the rules of weeks look up and keep, whoever asks."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from mainstay.kernel.context import Context
from mainstay.kernel.scope import Scope, Scoping
from mainstay.kernel.storage.base import execute, prepare
from mainstay.modules.projects.api import answer, decoded
from mainstay.modules.timesheets import rules

ID = sa.BigInteger()
LEADING = "timesheets.timesheet.lead"
SHEET, ENTRY, POLICY = "timesheets.timesheet", "projects.time_entry", "timesheets.time_policy"


def _weeks(s: Scoping) -> sa.ColumnElement[bool]:
    c = s.table.c
    user = s.tables["identity.user"].alias("reporting")
    found = c.user_id == s.me
    if "manager_id" in user.c:
        reports = sa.select(user.c.id).where(user.c.manager_id == s.me, user.c.deleted_at.is_(None))
        found = sa.or_(found, c.user_id.in_(reports))
    if not s.may(LEADING):
        return found
    # Who decided on a week still finds it when it is open again, to take that back.
    found = sa.or_(found, c.decided_by == s.me)
    member = s.tables["projects.project_member"].alias("leading")
    entry = s.tables[ENTRY].alias("handed_in")
    led = sa.select(member.c.project_id).where(
        member.c.user_id == s.me,
        sa.or_(member.c.role == "owner", member.c.role == "admin"),
        member.c.deleted_at.is_(None),
    )
    theirs = sa.select(entry.c.timesheet_id).where(
        entry.c.project_id.in_(led),
        entry.c.timesheet_id.is_not(None),
        entry.c.deleted_at.is_(None),
    )
    return sa.or_(found, c.id.in_(theirs))


WEEKS = Scope(
    _weeks,
    "It is your own week, the week of somebody who reports to you, or it was handed in with time "
    "on a project that you lead, or you decided on it last.",
    asks=(LEADING,),
)


class Sheet(NamedTuple):
    """A week as its lock depends on it."""

    id: int
    user_id: int
    week_start: date
    status: str
    decided_by: int | None


Week = tuple[int, date]


def hundredths(ctx: Context, column: Any) -> Any:
    """Return a decimal with two places as a whole number of hundredths, on each engine."""
    if ctx.connection.engine.name == "sqlite":
        return sa.type_coerce(column, ID)
    return sa.cast(sa.type_coerce(column, sa.Numeric()) * 100, ID)


def minutes_in(ctx: Context, hours: Any) -> Any:
    """Return `rules.minutes_of` in SQL: the whole minutes that hours stand for."""
    return (hundredths(ctx, hours) * 60 + 50) // 100


def as_hours(ctx: Context, minutes: Any) -> Any:
    """Return `rules.hours_of` in SQL, as the database keeps a decimal with two places."""
    found = (minutes * 10 + 3) // 6
    if ctx.connection.engine.name == "sqlite":
        return found
    return sa.cast(found, sa.Numeric(14, 2)) / 100


async def hold_weeks(ctx: Context, weeks: Iterable[Week]) -> None:
    """Let nobody else change time in these weeks, or hand them in, until this is done.

    SQLite has one writer at a time anyway. Elsewhere a counter stands for each person's week; they
    are taken in order, so that two never wait for each other.
    """
    if ctx.connection.engine.name == "sqlite":
        return
    held: set[Week] = ctx.notes.setdefault("timesheets.held", set())
    fresh = sorted(set(weeks) - held)
    if not fresh:
        return
    held.update(fresh)
    table = ctx.registry.metadata.tables["kernel_counter"]

    def build() -> Any:
        """Take the counter's row, and leave it as it is."""
        name = sa.bindparam("name", type_=sa.String(120))
        into = insert(table).values(name=name, value=0)
        return into.on_conflict_do_update(index_elements=["name"], set_={"value": 0})

    engine = ctx.connection.engine
    ready = ctx.reader.shape(("timesheets", "hold"), lambda: prepare(engine, build()))
    await ctx.connection.many(
        ready.sql, [ready.bind({"name": f"timesheets.week:{who}:{day}"}) for who, day in fresh]
    )


async def hold_entries(ctx: Context, user_id: int, first: date) -> None:
    """Wait for those who change entries of a week, before the week itself is held.

    They hold their entries first and the week then; in the same order nobody waits in a circle.
    """
    if ctx.connection.engine.name == "sqlite":
        return
    c = ctx.registry.tables[ENTRY].c
    chosen = sa.select(c.id).where(
        c.user_id == user_id, c.date >= first, c.date < first + rules.WEEK, c.deleted_at.is_(None)
    )
    await ctx.rows(chosen.order_by(c.id).with_for_update())


async def sheets_of(ctx: Context, weeks: Collection[Week]) -> dict[Week, Sheet]:
    """Return the live sheets of these weeks, whoever may see them."""
    c = ctx.registry.tables[SHEET].c
    columns = [c.id, c.user_id, c.week_start, c.status, c.decided_by]
    people = sorted({who for who, _ in weeks})
    first, last = min(day for _, day in weeks), max(day for _, day in weeks)

    def build() -> sa.Select[Any]:
        """Read the people's sheets between the first and the last week."""
        return sa.select(*columns).where(
            ctx.reader.compiler.among(c.user_id, "people"),
            c.week_start >= sa.bindparam("first", type_=c.week_start.type),
            c.week_start <= sa.bindparam("last", type_=c.week_start.type),
            c.deleted_at.is_(None),
        )

    found = await answer(ctx, "sheets of", build, people=ctx.listed(people), first=first, last=last)
    sheets = [Sheet(*row) for row in decoded(ctx, columns, found)]
    return {(s.user_id, s.week_start): s for s in sheets if (s.user_id, s.week_start) in set(weeks)}


async def policies(ctx: Context) -> dict[int | None, rules.Policy]:
    """Return every policy by its project; the general one has none."""
    known: dict[int | None, rules.Policy] | None = ctx.notes.get("timesheets.policies")
    if known is not None and not any(c.noun.key == POLICY for c in ctx.changes):
        return known
    c = ctx.registry.tables[POLICY].c
    names = ("round_to", "rounding", "round_each", "weekly_hours")
    columns = [c.project_id, *(c[n] for n in names), c.approval_required, c.locked_until]

    def build() -> sa.Select[Any]:
        """Read the live ones."""
        return sa.select(*columns).where(c.deleted_at.is_(None)).order_by(c.id.desc())

    found = decoded(ctx, columns, await answer(ctx, "policies", build))
    kept = {
        row[0]: rules.Policy(
            round_to=row[1],
            rounding=row[2],
            round_each=row[3],
            weekly_hours=row[4],
            approval_required=bool(row[5]),
            locked_until=row[6],
        )
        for row in found
    }
    ctx.notes["timesheets.policies"] = kept
    return kept


async def locked_until(ctx: Context, project_id: int | None) -> date | None:
    """Return up to which day time on a project is locked: the later of its own and the general."""
    known = await policies(ctx)
    both = [known[one].locked_until for one in {None, project_id} if one in known]
    return max((day for day in both if day), default=None)


async def names_of(ctx: Context, people: Collection[int]) -> dict[int, str]:
    """Return how people are called."""
    c = ctx.registry.tables["identity.user"].c
    chosen = sa.select(c.id, c.display_name).where(c.id.in_(sorted(set(people))))
    return {row[0]: row[1] for row in await ctx.rows(chosen)}


async def manager_of(ctx: Context, user_id: int) -> int | None:
    """Return whom a person reports to."""
    c = ctx.registry.tables["identity.user"].c
    found = await ctx.rows(sa.select(c.manager_id).where(c.id == user_id))
    return found[0][0] if found else None


async def week_starts(ctx: Context, user_id: int) -> str:
    """Return on which weekday the weeks of a person begin."""
    c = ctx.registry.tables["identity.user"].c
    found = await ctx.rows(sa.select(c.preferences).where(c.id == user_id))
    for (said,) in decoded(ctx, [c.preferences], found):
        plain = msgspec.to_builtins(said)
        return str(plain.get("week_starts", "monday")) if isinstance(plain, dict) else "monday"
    return "monday"


async def running_in(ctx: Context, user_id: int, first: date) -> bool:
    """Return whether somebody's timer runs on a day of this week."""
    c = ctx.registry.tables[ENTRY].c
    chosen = sa.select(c.id).where(
        c.user_id == user_id,
        c.date >= first,
        c.date < first + rules.WEEK,
        c.started_at.is_not(None),
        c.ended_at.is_(None),
        c.hours == Decimal(0),
        c.deleted_at.is_(None),
    )
    return bool(await ctx.rows(chosen.limit(1)))


async def priced_in(ctx: Context, projects: Collection[int]) -> tuple[int, int]:
    """Return how many entries with rates, and how many rates of their own, projects have."""
    e, r = ctx.registry.tables[ENTRY].c, ctx.registry.tables["timesheets.hourly_rate"].c
    ids = sorted(set(projects))
    rated = sa.or_(e.hourly_rate.is_not(None), e.cost_rate.is_not(None))
    entries = sa.select(sa.func.count()).where(e.project_id.in_(ids), rated, e.deleted_at.is_(None))
    rates = sa.select(sa.func.count()).where(r.project_id.in_(ids), r.deleted_at.is_(None))
    ((many, own),) = await ctx.rows(sa.select(entries.scalar_subquery(), rates.scalar_subquery()))
    return many, own


async def running_upto(ctx: Context, last: date, project_id: int | None) -> list[int]:
    """Return whose timers run on days up to the last one, on a project or on any."""
    c = ctx.registry.tables[ENTRY].c
    chosen = sa.select(c.user_id).where(
        c.started_at.is_not(None),
        c.ended_at.is_(None),
        c.hours == Decimal(0),
        c.date <= last,
        c.deleted_at.is_(None),
    )
    if project_id is not None:
        chosen = chosen.where(c.project_id == project_id)
    rows = await ctx.rows(chosen.distinct().order_by(c.user_id))
    return [row[0] for row in rows if row[0]]


async def first_day(ctx: Context, user_id: int) -> date | None:
    """Return the first day on which somebody has time."""
    c = ctx.registry.tables[ENTRY].c
    chosen = sa.select(c.date).where(
        c.user_id == user_id, c.date.is_not(None), c.deleted_at.is_(None)
    )
    found = decoded(ctx, [c.date], await ctx.rows(chosen.order_by(c.date).limit(1)))
    return found[0][0] if found else None


async def changed_since(ctx: Context, sheets: Collection[int]) -> list[date]:
    """Return which of these weeks had time changed since they were last closed."""
    c = ctx.registry.tables[SHEET].c
    chosen = sa.select(c.week_start).where(c.id.in_(sorted(sheets)), c.changed_at.is_not(None))
    rows = await ctx.rows(chosen.order_by(c.week_start))
    return [row[0] for row in decoded(ctx, [c.week_start], rows)]


async def mark_changed(ctx: Context, sheets: Collection[int], at: datetime | None) -> None:
    """Note beside the log when the time of weeks was changed last; None when a week is closed."""
    noun = ctx.registry.noun(SHEET)
    ids = sorted(set(sheets))
    statement = sa.update(noun.table).where(noun.table.c.id.in_(ids)).values(changed_at=at)
    await execute(ctx.connection, statement)
    for one in ids:
        ctx.written(noun, one, {"changed_at": at})


async def projects_in(ctx: Context, user_id: int, first: date) -> list[int]:
    """Return the projects on which somebody has time in a week."""
    c = ctx.registry.tables[ENTRY].c
    chosen = sa.select(c.project_id).where(
        c.user_id == user_id, c.date >= first, c.date < first + rules.WEEK, c.deleted_at.is_(None)
    )
    return [row[0] for row in await ctx.rows(chosen.distinct())]


class Kept(Protocol):
    """A week that is kept: an entity, or what is known of it."""

    @property
    def id(self) -> int:
        """Its number."""
        ...

    @property
    def user_id(self) -> int:
        """Whose it is."""
        ...

    @property
    def week_start(self) -> date:
        """Its first day."""
        ...


async def keep_sheets(ctx: Context, sheets: Sequence[Kept]) -> None:
    """Link the entries of locked weeks to them, let go of the others, and add all weeks up.

    All of it is kept beside the log, in a fixed number of statements: it is no edit of anybody's.
    """
    if not sheets:
        return
    e, s = ctx.registry.tables[ENTRY], ctx.registry.tables[SHEET]
    ids = sorted({sheet.id for sheet in sheets})
    people = sorted({sheet.user_id for sheet in sheets})
    starts = [sheet.week_start for sheet in sheets]
    near = sa.and_(
        e.c.user_id.in_(people), e.c.date >= min(starts), e.c.date < max(starts) + rules.WEEK
    )
    among = s.c.id.in_(ids)
    locked = sa.and_(among, s.c.status.in_(rules.LOCKED), s.c.deleted_at.is_(None))
    own = sa.and_(e.c.user_id == s.c.user_id, _in_week(ctx, e, s), e.c.deleted_at.is_(None))
    wanted = sa.select(s.c.id).where(locked, own).scalar_subquery()
    mine = sa.exists(sa.select(sa.literal(1)).where(locked, own))
    old = e.c.timesheet_id.in_(ids)
    await execute(
        ctx.connection,
        sa.update(e).where(old, sa.not_(mine)).values(timesheet_id=None),
    )
    await execute(ctx.connection, sa.update(e).where(near, mine).values(timesheet_id=wanted))
    minutes = sa.cast(sa.func.coalesce(sa.func.sum(minutes_in(ctx, e.c.hours)), 0), ID)
    total = sa.select(as_hours(ctx, minutes)).where(own)
    paid = total.where(e.c.billable == sa.true())
    sums = {"hours": total.scalar_subquery(), "billable_hours": paid.scalar_subquery()}
    await execute(ctx.connection, sa.update(s).where(among).values(sums))
    await _taken_in(ctx, ids)


async def _taken_in(ctx: Context, sheets: Collection[int]) -> None:
    """Let sheets that this unit of work holds know their new totals."""
    noun = ctx.registry.noun(SHEET)
    c = noun.table.c
    columns = [c.id, c.hours, c.billable_hours]
    found = await ctx.rows(sa.select(*columns).where(c.id.in_(sorted(set(sheets)))))
    for number, hours, paid in decoded(ctx, columns, found):
        ctx.written(noun, number, {"hours": hours, "billable_hours": paid})


def _in_week(ctx: Context, e: sa.Table, s: sa.Table) -> sa.ColumnElement[bool]:
    """Compare an entry's day with the seven days of a sheet."""
    if ctx.connection.engine.name == "sqlite":
        last: Any = sa.func.date(s.c.week_start, "+6 days", type_=s.c.week_start.type)
    else:
        last = sa.type_coerce(s.c.week_start, sa.Date()) + sa.literal_column("6")
        return sa.and_(e.c.date >= s.c.week_start, sa.type_coerce(e.c.date, sa.Date()) <= last)
    return sa.and_(e.c.date >= s.c.week_start, e.c.date <= last)


async def days_logged(
    ctx: Context, people: Collection[int], first: date, last: date
) -> dict[tuple[int, date], int]:
    """Return the minutes that each person has on each day, in projects whoever may see them."""
    c = ctx.registry.tables[ENTRY].c
    columns = [c.user_id, c.date]

    def build() -> sa.Select[Any]:
        """Read along the index on person and day."""
        return (
            sa.select(c.user_id, c.date, sa.cast(sa.func.sum(minutes_in(ctx, c.hours)), ID))
            .where(
                ctx.reader.compiler.among(c.user_id, "people"),
                c.date >= sa.bindparam("first", type_=c.date.type),
                c.date <= sa.bindparam("last", type_=c.date.type),
                c.deleted_at.is_(None),
            )
            .group_by(c.user_id, c.date)
        )

    bound = {"people": ctx.listed(sorted(set(people))), "first": first, "last": last}
    found = await answer(ctx, "days logged", build, **bound)
    days = decoded(ctx, columns, [row[:2] for row in found])
    return {(who, day): int(row[2]) for (who, day), row in zip(days, found, strict=True)}


async def days_in(ctx: Context, sheets: Collection[int]) -> dict[tuple[int, date], int]:
    """Return the minutes of each day of these weeks, by the week's number and the day."""
    e, s = ctx.registry.tables[ENTRY], ctx.registry.tables[SHEET]

    def build() -> sa.Select[Any]:
        """Read each week along the index on person and day, however far they lie apart."""
        own = sa.and_(e.c.user_id == s.c.user_id, _in_week(ctx, e, s), e.c.deleted_at.is_(None))
        return (
            sa.select(s.c.id, e.c.date, sa.cast(sa.func.sum(minutes_in(ctx, e.c.hours)), ID))
            .join_from(s, e, own)
            .where(ctx.reader.compiler.among(s.c.id, "sheets"))
            .group_by(s.c.id, e.c.date)
        )

    found = await answer(ctx, "days of weeks", build, sheets=ctx.listed(sorted(set(sheets))))
    days = decoded(ctx, [s.c.id, e.c.date], [row[:2] for row in found])
    return {(week, day): int(row[2]) for (week, day), row in zip(days, found, strict=True)}


def week_span(first: date) -> list[date]:
    """Return the seven days of a sheet."""
    return [first + timedelta(days=n) for n in range(7)]
