"""Who sees which files, how much they take together, and which contents nobody needs any more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mainstay.facets.files.entities import File
from mainstay.kernel.context import Context
from mainstay.kernel.scope import Scope, Scoping, of_wearer
from mainstay.kernel.storage.base import execute, prepare

PRIVATE = "files.file.read_private"
CREATE = "files.file.create"
MODERATE = "files.file.moderate"


def _files(s: Scoping) -> sa.ColumnElement[bool]:
    seen = of_wearer(s)
    return seen if s.may(PRIVATE) else sa.and_(s.table.c.is_public.is_(sa.true()), seen)


FILES = Scope(
    _files,
    "You see the record it is attached to; clients see only what is visible to them.",
    worn=True,
    asks=(PRIVATE,),
)


def _table(ctx: Context) -> sa.Table:
    return ctx.registry.noun(File).table


async def taken(ctx: Context) -> int:
    """Return how many bytes all contents take together, each counted once."""
    c = _table(ctx).c
    each = sa.select(sa.func.max(c.size).label("size")).group_by(c.digest).subquery()
    ready = ctx.reader.shape(
        "files taken",
        lambda: prepare(ctx.workspace.engine, sa.select(sa.func.sum(each.c.size))),
    )
    (row,) = await ctx.connection.fetch(ready.sql, ready.bind())
    return int(row[0] or 0)


async def kept_as(ctx: Context, digest: str, store: str) -> str | None:
    """Return the key under which a content is kept already."""
    c = _table(ctx).c

    def build() -> Any:
        """Find any row with this content, the bin's too."""
        chosen = sa.select(c.path).where(
            c.digest == sa.bindparam("digest", type_=c.digest.type),
            c.storage == sa.bindparam("store", type_=c.storage.type),
        )
        return prepare(ctx.workspace.engine, chosen.limit(1))

    ready = ctx.reader.shape("file kept", build)
    found = await ctx.connection.fetch(ready.sql, ready.bind({"digest": digest, "store": store}))
    return str(found[0][0]) if found else None


async def newest(ctx: Context, first: int) -> int:
    """Return the highest revision of a file, removed ones too."""
    c = _table(ctx).c

    def build() -> Any:
        """Read it along the index of later versions."""
        chosen = sa.select(sa.func.max(c.revision))
        return prepare(
            ctx.workspace.engine,
            chosen.where(c.first_id == sa.bindparam("first", type_=sa.BigInteger())),
        )

    ready = ctx.reader.shape("file newest", build)
    (row,) = await ctx.connection.fetch(ready.sql, ready.bind({"first": first}))
    return int(row[0] or 1)


async def purge(ctx: Context, before: datetime) -> None:
    """Forget files that were removed before an instant, later versions before the first ones."""
    table = _table(ctx)
    c, other = table.c, table.alias("later")
    gone = c.deleted_at < sa.bindparam("before", before, type_=c.deleted_at.type)
    named = sa.exists(sa.select(other.c.id).where(other.c.first_id == c.id))
    await execute(ctx.connection, sa.delete(table).where(gone, c.first_id.is_not(None)))
    await execute(ctx.connection, sa.delete(table).where(gone, ~named))


async def needed(ctx: Context, store: str) -> set[str]:
    """Return every key that a file's row names, the bin's too."""
    c = _table(ctx).c
    found: set[str] = set()
    for column in (c.path, c.thumbnail):
        rows: Sequence[Any] = await ctx.rows(sa.select(column).where(c.storage == store).distinct())
        found.update(row[0] for row in rows if row[0])
    return found
