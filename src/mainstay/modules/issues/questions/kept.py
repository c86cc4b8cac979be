"""What clocks read and write in sets: policies, pauses, open issues, what is due to be marked."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel.context import Context
from mainstay.kernel.storage.base import Row, prepare
from mainstay.modules.issues.entities import Issue, SlaPause, SlaPolicy
from mainstay.modules.issues.rules import ENDED
from mainstay.modules.issues.scopes import WORKERS
from mainstay.modules.issues.sla import Answer, Pause, State, WorkingTime
from mainstay.modules.planning.api import Calendars, calendars
from mainstay.modules.projects.api import decoded

ID = sa.BigInteger()
POLICIES = "issues.policies"
WRITTEN = (
    "sla_policy_id",
    "sla_status",
    "sla_due_at",
    "sla_warn_at",
    "sla_response_due_at",
    "sla_response",
    "sla_used_minutes",
    "sla_since",
    "sla_end",
    "first_response_at",
)


class Kept(Struct, kw_only=True):
    """What of an issue its clock depends on, and what of the clock is kept beside it."""

    id: int
    project_id: int
    type: str
    priority: str
    status: str
    reporter_id: int | None
    created_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    started_at: datetime | None
    sla_policy_id: int | None
    sla_status: str
    sla_due_at: datetime | None
    sla_warn_at: datetime | None
    sla_response_due_at: datetime | None
    sla_response: str
    sla_used_minutes: int
    sla_since: datetime | None
    sla_end: str
    first_response_at: datetime | None


class Ending(Struct, kw_only=True, frozen=True, omit_defaults=True):
    """How a clock stood when its issue ended; what is changed later does not change it."""

    at: datetime
    state: State
    used: int
    due: datetime | None
    warn: datetime | None
    response: Answer
    response_due: datetime | None
    answered: datetime | None = None
    policy_id: int
    policy: str
    calendar_id: int | None = None
    around_the_clock: bool = False
    zone: str = "UTC"
    warn_share: float
    allowed: int
    response_allowed: int
    response_left: int


def ending_of(one: Kept) -> Ending | None:
    """Return how an issue's clock stood when it last ended, if it ever did."""
    return msgspec.json.decode(one.sla_end, type=Ending) if one.sla_end else None


NAMES = Kept.__struct_fields__


def kept_of(issue: Issue) -> Kept:
    """Return what counts of an issue that is loaded."""
    return Kept(**{name: getattr(issue, name) for name in NAMES})


async def answer(
    ctx: Context,
    name: str,
    build: Callable[[], sa.sql.ClauseElement],
    columns: Sequence[sa.ColumnElement[Any] | None],
    **values: Any,
) -> list[Sequence[Any]]:
    """Run a statement that is compiled once, and decode each value as its field's own type."""
    ready = ctx.reader.shape(("issues", name), lambda: prepare(ctx.connection.engine, build()))
    rows: Sequence[Row] = await ctx.connection.fetch(
        ready.sql, ready.bind({"me": ctx.me.id or 0, **values})
    )
    return decoded(ctx, columns, rows)


async def policies(ctx: Context) -> list[SlaPolicy]:
    """Return every policy that counts now; asked once in a unit of work, until one is changed."""
    found: list[SlaPolicy] | None
    upto, found = ctx.notes.get(POLICIES, (0, None))
    fresh = ctx.changes[upto:]
    if found is None or any(change.noun.key == "issues.sla_policy" for change in fresh):
        noun = ctx.registry.noun(SlaPolicy)
        columns = [noun.table.c[name] for name in noun.columns]

        def build() -> sa.Select[Any]:
            """Read the live ones, whoever may see them."""
            c = noun.table.c
            return sa.select(*columns).where(c.deleted_at.is_(None), c.is_active.is_(sa.true()))

        rows = await answer(ctx, "policies", build, columns)
        found = [SlaPolicy(**dict(zip(noun.columns, row, strict=True))) for row in rows]
    ctx.notes[POLICIES] = (len(ctx.changes), found)
    return found


async def any_policy(ctx: Context) -> bool:
    """Return whether there ever was a policy, also a binned one, which nobody wants back."""
    c = ctx.registry.tables["issues.sla_policy"].c
    return bool(await ctx.rows(sa.select(c.id).limit(1)))


async def pauses_of(ctx: Context, issues: Iterable[int]) -> dict[int, list[SlaPause]]:
    """Return the pauses of issues, the earliest first, in one statement."""
    noun = ctx.registry.noun(SlaPause)
    c = noun.table.c
    columns = [c[name] for name in noun.columns]
    wanted = sorted(set(issues))
    if not wanted:
        return {}

    def build() -> sa.Select[Any]:
        """Read them along the index on issue and beginning."""
        among = ctx.reader.compiler.among(c.issue_id, "ids")
        chosen = sa.select(*columns).where(among, c.deleted_at.is_(None))
        return chosen.order_by(c.issue_id, c.began_at, c.id)

    rows = await answer(ctx, "pauses", build, columns, ids=ctx.listed(wanted))
    found: dict[int, list[SlaPause]] = {}
    for row in rows:
        one = SlaPause(**dict(zip(noun.columns, row, strict=True)))
        found.setdefault(one.issue_id, []).append(one)
    return found


def stretches(pauses: Iterable[SlaPause]) -> list[Pause]:
    """Return pauses as the clock counts them."""
    return [Pause(one.began_at, one.ended_at) for one in pauses]


async def times(ctx: Context, wanted: Iterable[SlaPolicy]) -> dict[int, WorkingTime]:
    """Return the working time of each policy."""
    found: dict[int, WorkingTime] = {}
    for policy in wanted:
        if policy.around_the_clock:
            found[policy.id] = WorkingTime(None)
            continue
        known = await calendars(ctx)
        week = known.week(policy.calendar_id)
        offs = tuple(
            off for off in known.offs if off.calendar_id in (None, week.id) and not off.people
        )
        found[policy.id] = _made(week, offs, ctx.today.year, policy.zone, policy.day_starts)
    return found


@lru_cache(maxsize=64)
def _made(week: Any, offs: tuple[Any, ...], year: int, zone: str, starts: str) -> WorkingTime:
    """Return a working time that is counted once for all who ask for the same."""
    calendar = Calendars([week], offs, date(year, 1, 1)).of(week.id)
    return WorkingTime(calendar, zone, starts)


def _open(c: Any) -> tuple[sa.ColumnElement[bool], ...]:
    return c.deleted_at.is_(None), c.status.not_in(ENDED)


async def open_issues(ctx: Context, after: int, limit: int) -> list[Kept]:
    """Return the next open issues by their ids, locked, for their clocks to be counted anew."""
    c = ctx.registry.tables["issues.issue"].c
    columns = [c[name] for name in NAMES]

    def build() -> sa.Select[Any]:
        """Read along the primary key."""
        chosen = sa.select(*columns).where(c.id > sa.bindparam("after", 0, type_=ID), *_open(c))
        return chosen.order_by(c.id).limit(sa.bindparam("most", 1, type_=ID)).with_for_update()

    rows = await answer(ctx, "open issues", build, columns, after=after, most=limit)
    return [Kept(**dict(zip(NAMES, row, strict=True))) for row in rows]


async def count_open(ctx: Context, upto: int) -> int:
    """Return how many issues are open, counted up to a number."""
    c = ctx.registry.tables["issues.issue"].c

    def build() -> sa.Select[Any]:
        """Stop counting where it does not matter any more."""
        few = sa.select(c.id).where(*_open(c)).limit(sa.bindparam("most", 1, type_=ID)).subquery()
        return sa.select(sa.func.count()).select_from(few)

    (row,) = await answer(ctx, "count open", build, [None], most=upto)
    return int(row[0])


async def kept_by_id(ctx: Context, ids: Iterable[int]) -> list[Kept]:
    """Return issues by their ids, in the bin or not."""
    c = ctx.registry.tables["issues.issue"].c
    columns = [c[name] for name in NAMES]

    def build() -> sa.Select[Any]:
        """Read them by their primary key."""
        return sa.select(*columns).where(ctx.reader.compiler.among(c.id, "ids")).order_by(c.id)

    rows = await answer(ctx, "kept", build, columns, ids=ctx.listed(sorted(set(ids))))
    return [Kept(**dict(zip(NAMES, row, strict=True))) for row in rows]


async def answers_to(
    ctx: Context, issues: Iterable[int]
) -> dict[int, list[tuple[datetime, int, bool]]]:
    """Return what was said openly about issues by others than their reporters, the first first.

    For each: when, by whom, and whether they were of those who work in the project at that time.
    """
    c = ctx.registry.tables["issues.issue"].c
    said, m = (
        ctx.registry.tables[key].c for key in ("comments.comment", "projects.project_member")
    )

    def build() -> sa.Select[Any]:
        """Read along the index of comments on their record."""
        there = sa.and_(
            m.project_id == c.project_id,
            m.user_id == said.created_by,
            m.joined_at <= said.created_at,
            sa.or_(m.deleted_at.is_(None), m.deleted_at > said.created_at),
            m.role.in_([sa.literal(role, m.role.type) for role in WORKERS]),
        )
        works = sa.exists().where(there)
        chosen = sa.select(said.record_id, said.created_at, said.created_by, works)
        chosen = chosen.join_from(said.id.table, c.id.table, c.id == said.record_id)
        chosen = chosen.where(said.entity == sa.literal("issues.issue", said.entity.type))
        chosen = chosen.where(ctx.reader.compiler.among(said.record_id, "ids"))
        chosen = chosen.where(said.deleted_at.is_(None), said.internal.is_(sa.false()))
        chosen = chosen.where(said.created_by.is_not(None))
        chosen = chosen.where(sa.or_(c.reporter_id.is_(None), c.reporter_id != said.created_by))
        return chosen.order_by(said.record_id, said.created_at, said.id)

    columns = [None, said.created_at, None, None]
    rows = await answer(ctx, "answers", build, columns, ids=ctx.listed(sorted(set(issues))))
    found: dict[int, list[tuple[datetime, int, bool]]] = {}
    for record, at, who, worked in rows:
        found.setdefault(record, []).append((at, who, bool(worked)))
    return found


async def write_clocks(ctx: Context, changed: Sequence[Kept]) -> None:
    """Write how clocks stand, beside the log: a clock that goes on is no edit of its issue."""
    if not changed:
        return
    noun = ctx.registry.noun(Issue)
    c = noun.table.c

    def build() -> sa.Update:
        """Write one issue's clock."""
        values = {name: sa.bindparam(f"v_{name}", type_=c[name].type) for name in WRITTEN}
        here = c.id == sa.bindparam("record", type_=ID)
        return sa.update(noun.table).where(here).values(values)

    ready = ctx.reader.shape(
        ("issues", "write clock"), lambda: prepare(ctx.connection.engine, build())
    )
    rows = []
    for one in changed:
        values = {name: getattr(one, name) for name in WRITTEN}
        rows.append(ready.bind({f"v_{n}": v for n, v in values.items()} | {"record": one.id}))
        ctx.written(noun, one.id, values)
    await ctx.connection.many(ready.sql, rows)


async def running(ctx: Context) -> tuple[int, int]:
    """Return the oldest unit of work that goes on, and the one that would begin next.

    Where there is one writer at a time nothing else goes on.
    """
    if ctx.connection.engine.name == "sqlite":
        return 0, 0

    def build() -> sa.Select[Any]:
        """Ask PostgreSQL for both ends of what it runs."""
        ends = ("pg_snapshot_xmin", "pg_snapshot_xmax")
        words = (f"{end}(pg_current_snapshot())::text::bigint" for end in ends)
        picks: list[sa.ColumnElement[Any]] = [sa.literal_column(one, ID) for one in words]
        return sa.select(*picks)

    (row,) = await answer(ctx, "running", build, [None, None])
    return int(row[0]), int(row[1])


async def mark(ctx: Context, column: str, value: str, before: Sequence[str], due: str) -> list[int]:
    """Mark every open issue whose instant has come, in one statement; return which they are."""
    table = ctx.registry.tables["issues.issue"]
    c = table.c

    def build() -> sa.Update:
        """Read along the index on state and instant."""
        now = sa.bindparam("now", None, type_=c[due].type)
        chosen = sa.update(table).where(c[column].in_(before), c[due] <= now, *_open(c))
        return chosen.values({column: value}).returning(c.id)

    rows = await answer(ctx, f"mark {column} {value}", build, [None], now=ctx.now)
    return sorted(row[0] for row in rows)
