"""Who sees which moves, and what is read and written beside the records themselves."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from mainstay.kernel.context import IDS, Context
from mainstay.kernel.fields import Stored
from mainstay.kernel.noun import Noun
from mainstay.kernel.scope import Scope, Scoping
from mainstay.kernel.storage.base import prepare
from mainstay.modules.importers.entities import Moved

MOST = 4000
NAME = sa.String(200)


def _own(scope: Scoping) -> sa.ColumnElement[bool]:
    return scope.table.c.created_by == scope.me


def _of_run(scope: Scoping) -> sa.ColumnElement[bool]:
    run = scope.tables["importers.move_run"]
    mine = sa.select(run.c.id).where(run.c.created_by == scope.me)
    return scope.table.c.run_id.in_(mine)


OWN = Scope(_own, "People see the moves they started themselves.")
OF_RUN = Scope(_of_run, "People see what their own moves brought.")


class Birth(NamedTuple):
    """When and by whom something was made in the other program."""

    record_id: int
    at: datetime
    by: int | None


async def backdate(ctx: Context, noun: Noun, births: Sequence[Birth], *, by: bool = False) -> None:
    """Let records be as old as they are, and with `by` let them be of whoever made them.

    The log still says who moved them in, and when.
    """
    if not births:
        return
    c = noun.table.c

    def build() -> Any:
        """Write both beside the record's version."""
        values = {"created_at": sa.bindparam("p_at", type_=c.created_at.type)}
        if by:
            values["created_by"] = sa.bindparam("p_by", type_=IDS)
        here = c.id == sa.bindparam("p_id", type_=IDS)
        return prepare(ctx.connection.engine, sa.update(noun.table).where(here).values(values))

    ready = ctx.reader.shape(("importers", "backdate", noun.key, by), build)
    rows = [ready.bind({"p_at": one.at, "p_by": one.by, "p_id": one.record_id}) for one in births]
    await ctx.connection.many(ready.sql, rows)
    for one in births:
        said: dict[str, Any] = {"created_at": one.at}
        ctx.written(noun, one.record_id, said | ({"created_by": one.by} if by else {}))


async def moved(
    ctx: Context, site: str, entity: str, names: Iterable[str]
) -> dict[str, tuple[int, int]]:
    """Return what things of the other program became: the record's id, and the note's own."""
    c = ctx.registry.tables["importers.moved"].c

    def build() -> Any:
        """Read them from the unique index."""
        chosen = sa.select(c.external_id, c.record_id, c.id).where(
            c.source == sa.bindparam("site", type_=c.source.type),
            c.entity == sa.bindparam("entity", type_=c.entity.type),
            c.deleted_at.is_(None),
            ctx.reader.compiler.among(c.external_id, "names"),
        )
        return prepare(ctx.connection.engine, chosen)

    ready = ctx.reader.shape(("importers", "moved"), build)
    found: dict[str, tuple[int, int]] = {}
    for part in _parts(names):
        wanted = {"site": site, "entity": entity, "names": ctx.listed(part)}
        rows = await ctx.connection.fetch(ready.sql, ready.bind(wanted))
        found |= {row[0]: (row[1], row[2]) for row in rows}
    return found


async def notes_of(ctx: Context, ids: Iterable[int]) -> dict[int, Moved]:
    """Return notes to work on, by their ids."""
    noun = ctx.registry.noun(Moved)
    found: Mapping[int, Any] = {}
    for part in _parts(ids):
        found = {**found, **await ctx.load_all(noun, part, anywhere=True)}
    return dict(found)


async def site_of(ctx: Context, program: str, projects: Sequence[str]) -> str | None:
    """Return under which name things of these projects came in before, if they did."""
    c = ctx.registry.tables["importers.moved"].c

    def build() -> Any:
        """Look for any note about one of the projects."""
        chosen = sa.select(c.source).where(
            c.entity == "projects.project",
            c.deleted_at.is_(None),
            ctx.reader.compiler.among(c.external_id, "names"),
        )
        return prepare(ctx.connection.engine, chosen.distinct())

    ready = ctx.reader.shape(("importers", "site"), build)
    rows = await ctx.connection.fetch(ready.sql, ready.bind({"names": ctx.listed(projects)}))  # type: ignore[arg-type]
    known = sorted({row[0] for row in rows if row[0].partition(":")[0] == program})
    return known[0] if len(known) == 1 else None


class Summed(NamedTuple):
    """How many records are there, and what their numbers add up to."""

    found: int
    sums: tuple[Decimal, ...]


async def counted(
    ctx: Context,
    site: str,
    key: str,
    names: Iterable[str],
    *,
    sums: Sequence[str] = (),
    given: Sequence[str] = (),
) -> Summed:
    """Count the live records that things of the other program became, and add up their numbers.

    With `given`, only those are counted in which one of these fields says something.
    """
    note, table = ctx.registry.tables["importers.moved"].c, ctx.registry.tables[key]

    def build() -> Any:
        """Join each note with its record."""
        there = sa.and_(table.c.id == note.record_id, table.c.deleted_at.is_(None))
        picks = [sa.func.count(), *(sa.func.coalesce(sa.func.sum(table.c[n]), 0) for n in sums)]
        chosen = sa.select(*picks).select_from(note.id.table.join(table, there))
        chosen = chosen.where(
            note.source == sa.bindparam("site", type_=note.source.type),
            note.entity == key,
            note.deleted_at.is_(None),
            ctx.reader.compiler.among(note.external_id, "names"),
        )
        if given:
            chosen = chosen.where(sa.or_(*(table.c[name].is_not(None) for name in given)))
        return prepare(ctx.connection.engine, chosen)

    ready = ctx.reader.shape(("importers", "counted", key, tuple(sums), tuple(given)), build)
    total, added = 0, [Decimal(0) for _ in sums]
    for part in _parts(names):
        wanted = {"site": site, "names": ctx.listed(part)}
        ((count, *values),) = await ctx.connection.fetch(ready.sql, ready.bind(wanted))
        total += count
        for place, name in enumerate(sums):
            added[place] += _decimal(ctx, table.c[name], values[place])
    return Summed(total, tuple(added))


def _decimal(ctx: Context, column: sa.Column[Any], raw: Any) -> Decimal:
    kind = column.type
    decode = kind.kind.from_db(ctx.connection.engine.name) if isinstance(kind, Stored) else None
    return Decimal(str(decode(raw) if decode and raw is not None else raw or 0))


async def gone(ctx: Context, run_id: int, after: int, limit: int) -> list[tuple[int, str, int]]:
    """Return notes of a run, from a place on: their id, what they are about, and its id."""
    c = ctx.registry.tables["importers.moved"].c
    chosen = sa.select(c.id, c.entity, c.record_id).where(
        c.run_id == run_id, c.id > after, c.deleted_at.is_(None)
    )
    rows = await ctx.rows(chosen.order_by(c.id).limit(limit))
    return [(row[0], row[1], row[2]) for row in rows]


async def living(ctx: Context, key: str, ids: Sequence[int]) -> set[int]:
    """Return which of these records are there and not in the bin."""
    c = ctx.registry.tables[key].c

    def build() -> Any:
        """Compare with all of them in one bound value."""
        chosen = sa.select(c.id).where(c.deleted_at.is_(None))
        return prepare(ctx.connection.engine, chosen.where(ctx.reader.compiler.among(c.id, "ids")))

    ready = ctx.reader.shape(("importers", "living", key), build)
    rows = await ctx.connection.fetch(ready.sql, ready.bind({"ids": ctx.listed(ids)}))
    return {row[0] for row in rows}


async def forget(ctx: Context, ids: Sequence[int]) -> None:
    """Put notes away whose records are no longer there, so that they can be moved in again."""
    c = ctx.registry.tables["importers.moved"].c

    def build() -> Any:
        """Mark them, as the bin does."""
        values = {"deleted_at": sa.bindparam("p_now", type_=c.deleted_at.type)}
        here = ctx.reader.compiler.among(c.id, "ids")
        return prepare(ctx.connection.engine, sa.update(c.id.table).where(here).values(values))

    ready = ctx.reader.shape(("importers", "forget"), build)
    await ctx.connection.run(ready.sql, ready.bind({"ids": ctx.listed(ids), "p_now": ctx.now}))


def _parts(names: Iterable[Any]) -> Iterable[list[Any]]:
    """Return names in parts that a statement takes well."""
    every = list(names)
    for start in range(0, len(every), MOST):
        yield every[start : start + MOST]
