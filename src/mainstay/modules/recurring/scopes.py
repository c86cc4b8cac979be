"""Which series are due, which days they have come on, and who is in their projects."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel.clock import today_in
from mainstay.kernel.context import Context
from mainstay.kernel.fields import Stored
from mainstay.kernel.storage.base import Row, prepare

ID = sa.BigInteger()
MOST = 500


class Waiting(Struct, frozen=True):
    """A series whose next task is to be made: what a worker must know before it begins."""

    series_id: int
    project_id: int
    maker_id: int | None
    zone: str
    make_on: date


class Came(Struct, frozen=True):
    """A time that a series came, and when its task was done where it is."""

    on_day: date
    state: str
    task_id: int | None
    done_on: date | None


async def _answer(
    ctx: Context, name: str, build: Callable[[], sa.sql.ClauseElement], **values: Any
) -> Sequence[Row]:
    """Run a statement that is compiled on its first use and kept."""
    ready = ctx.reader.shape(("recurring", name), lambda: prepare(ctx.connection.engine, build()))
    return await ctx.connection.fetch(ready.sql, ready.bind(values))


def _read(ctx: Context, column: sa.ColumnElement[Any], raw: Any) -> Any:
    """Return a stored value as Python keeps it."""
    kind = column.type
    assert isinstance(kind, Stored)
    decode = kind.kind.from_db(ctx.connection.engine.name)
    return decode(raw) if decode and raw is not None else raw


async def waiting(ctx: Context, upto: date, after: int) -> list[Waiting]:
    """Return live series of live projects whose next task is to be made by a day, by their id."""
    c = ctx.registry.tables["recurring.task_series"].c
    p = ctx.registry.tables["projects.project"].c

    def build() -> sa.Select[Any]:
        """Read the index on status and day; a binned project makes nothing."""
        picks = sa.select(c.id, c.project_id, c.maker_id, c.zone, c.make_on)
        live = sa.select(p.id).where(p.deleted_at.is_(None))
        return (
            picks.where(c.status == sa.literal("active", c.status.type))
            .where(c.make_on <= sa.bindparam("upto", type_=c.make_on.type))
            .where(c.id > sa.bindparam("after", type_=ID), c.deleted_at.is_(None))
            .where(c.project_id.in_(live))
            .order_by(c.id)
            .limit(MOST)
        )

    found = await _answer(ctx, "waiting", build, upto=upto, after=after)
    return [Waiting(row[0], row[1], row[2], row[3], _read(ctx, c.make_on, row[4])) for row in found]


async def came(ctx: Context, zones: Mapping[int, str]) -> dict[int, list[Came]]:
    """Return the times that these series came, the first noted first; each has a time zone.

    What was taken back counts as skipped, so that it does not come once more.
    """
    o = ctx.registry.tables["recurring.occurrence"].c
    t = ctx.registry.tables["projects.task"].c

    def build() -> sa.Select[Any]:
        """Join each time with its task while that is live and done."""
        gone = sa.literal("skipped", o.state.type)
        state = sa.case((o.deleted_at.is_not(None), gone), else_=o.state)
        done = sa.and_(o.task_id == t.id, t.deleted_at.is_(None))
        done = sa.and_(done, t.status == sa.literal("done", t.status.type))
        picks = sa.select(o.series_id, o.on_day, state, o.task_id, t.completed_at)
        chosen = picks.select_from(o.id.table.outerjoin(t.id.table, done))
        return chosen.where(ctx.reader.compiler.among(o.series_id, "series")).order_by(o.id)

    days: dict[int, list[Came]] = {one: [] for one in zones}
    found = await _answer(ctx, "came", build, series=ctx.listed(sorted(zones))) if zones else ()
    for series, day, state, task, done in found:
        moment = _read(ctx, t.completed_at, done)
        done_on = today_in(zones[series], moment) if moment else None
        words = _read(ctx, o.state, state)
        days[series].append(Came(_read(ctx, o.on_day, day), words, task, done_on))
    return days


async def members(ctx: Context, project_id: int) -> set[int]:
    """Return the members of a project whose accounts are there."""
    m = ctx.registry.tables["projects.project_member"].c
    u = ctx.registry.tables["identity.user"].c

    def build() -> sa.Select[Any]:
        """Read the index on project."""
        chosen = sa.select(m.user_id).join_from(m.id.table, u.id.table, m.user_id == u.id)
        chosen = chosen.where(m.deleted_at.is_(None), u.deleted_at.is_(None))
        return chosen.where(m.project_id == sa.bindparam("project", type_=ID))

    return {row[0] for row in await _answer(ctx, "members", build, project=project_id)}


async def series_of(ctx: Context, task_id: int) -> int | None:
    """Return the series that a task came from."""
    o = ctx.registry.tables["recurring.occurrence"].c

    def build() -> sa.Select[Any]:
        """Read the index on task."""
        chosen = sa.select(o.series_id).where(o.deleted_at.is_(None))
        return chosen.where(o.task_id == sa.bindparam("task", type_=ID)).order_by(o.id).limit(1)

    found = await _answer(ctx, "series of", build, task=task_id)
    return found[0][0] if found else None
