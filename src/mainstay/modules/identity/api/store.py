"""Statements on this room's tables that verbs cannot say, compiled once for each engine."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from mainstay.kernel.context import Context
from mainstay.kernel.fields import Instant
from mainstay.kernel.storage.base import Prepared, Row, prepare

Tables = dict[str, sa.Table]
Build = Callable[[Tables], ClauseElement]


def _ready(ctx: Context, name: str, build: Build) -> Prepared:
    def compile_it() -> Prepared:
        """Compile the statement on its first use."""
        return prepare(ctx.workspace.engine, build(ctx.registry.tables))

    found: Prepared = ctx.reader.shape(("identity", name), compile_it)
    return found


async def fetch(ctx: Context, name: str, build: Build, **values: Any) -> Sequence[Row]:
    """Return the rows of a statement that is known by a name."""
    ready = _ready(ctx, name, build)
    return await ctx.connection.fetch(ready.sql, ready.bind(values))


async def change(ctx: Context, name: str, build: Build, **values: Any) -> int:
    """Run a statement that is known by a name; return how many rows it touched."""
    ready = _ready(ctx, name, build)
    return await ctx.connection.run(ready.sql, ready.bind(values))


def like(column: sa.Column[Any], name: str) -> sa.BindParameter[Any]:
    """Return a bind parameter of a column's own type."""
    return sa.bindparam(name, type_=column.type)


def instant(ctx: Context, stored: Any) -> datetime:
    """Read an instant as this engine returns it."""
    decode = Instant().from_db(ctx.workspace.engine.name)
    found: datetime = decode(stored) if decode else stored
    return found
