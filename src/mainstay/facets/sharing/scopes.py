"""Whose links somebody sees, and the small counts that are kept beside them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mainstay.facets.sharing.entities import ShareLink, WrongPassword
from mainstay.kernel.context import Context
from mainstay.kernel.scope import Scope, Scoping
from mainstay.kernel.storage.base import execute, rows


def _own(s: Scoping) -> sa.ColumnElement[bool]:
    return s.table.c.created_by == s.me


def _nobody(s: Scoping) -> sa.ColumnElement[bool]:
    return s.table.c.id < 0


OWN = Scope(_own, "You made the link.")
HIDDEN = Scope(_nobody, "Administrators only.")


async def opened(ctx: Context, link_id: int) -> None:
    """Count an opening; it is no change of the link."""
    table = ctx.registry.noun(ShareLink).table
    statement = sa.update(table).where(table.c.id == link_id)
    values: dict[str, Any] = {"opened_count": table.c.opened_count + 1, "last_opened_at": ctx.now}
    await execute(ctx.connection, statement.values(values))


async def failures(ctx: Context, link_id: int, place: str) -> tuple[int, datetime]:
    """Return how many wrong passwords came from a place, and when the last one did."""
    c = ctx.registry.noun(WrongPassword).table.c
    chosen = sa.select(c.failures, c.last_at).where(c.link_id == link_id, c.place == place)
    found = await rows(ctx.connection, chosen.with_for_update())
    if not found:
        return 0, ctx.now
    at = found[0][1]
    return found[0][0], datetime.fromisoformat(at) if isinstance(at, str) else at


async def note(ctx: Context, link_id: int, place: str, count: int) -> None:
    """Write how many wrong passwords came from a place."""
    table = ctx.registry.noun(WrongPassword).table
    c = table.c
    statement = sa.update(table).where(c.link_id == link_id, c.place == place)
    values: dict[str, Any] = {"failures": count, "last_at": ctx.now}
    if await execute(ctx.connection, statement.values(values)):
        return
    values |= {"link_id": link_id, "place": place, "version": 1}
    values |= {"created_at": ctx.now, "updated_at": ctx.now}
    await execute(ctx.connection, sa.insert(table).values(values))


async def forget(ctx: Context, link_id: int, place: str) -> None:
    """Start afresh for a place that knew the password."""
    table = ctx.registry.noun(WrongPassword).table
    statement = sa.delete(table).where(table.c.link_id == link_id, table.c.place == place)
    await execute(ctx.connection, statement)


async def purge(ctx: Context, before: datetime) -> None:
    """Forget wrong passwords of long ago."""
    table = ctx.registry.noun(WrongPassword).table
    await execute(ctx.connection, sa.delete(table).where(table.c.last_at < before))


async def by_digest(ctx: Context, digest: str) -> int | None:
    """Return the link that a token's hash belongs to."""
    c = ctx.registry.noun(ShareLink).table.c
    chosen = sa.select(c.id).where(c.digest == digest, c.deleted_at.is_(None))
    found = await rows(ctx.connection, chosen)
    return found[0][0] if found else None
