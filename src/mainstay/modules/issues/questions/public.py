"""What the public pages look up and count, whoever asks: forms, tickets, how much came lately."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from mainstay.kernel.context import Context
from mainstay.kernel.storage.base import execute, prepare, rows
from mainstay.modules.issues.entities import IssueForm, IssueTicket, PublicCount
from mainstay.modules.issues.questions.kept import ID, answer

WINDOW = timedelta(hours=1)


async def form_at(ctx: Context, address: str) -> tuple[IssueForm, str] | None:
    """Return the form at an address with its project's name; none of a binned project."""
    noun = ctx.registry.noun(IssueForm)
    c, project = noun.table.c, ctx.registry.tables["projects.project"]
    columns = [*(c[name] for name in noun.columns), project.c.name]

    def build() -> sa.Select[Any]:
        """Read it by its unique address."""
        chosen = sa.select(*columns).join_from(noun.table, project, project.c.id == c.project_id)
        chosen = chosen.where(c.address == sa.bindparam("address", "", type_=c.address.type))
        return chosen.where(c.deleted_at.is_(None), project.c.deleted_at.is_(None))

    found = await answer(ctx, "form at", build, columns, address=address)
    if not found:
        return None
    *values, name = found[0]
    return IssueForm(**dict(zip(noun.columns, values, strict=True))), name


async def addresses_like(ctx: Context, start: str) -> set[str]:
    """Return the addresses of forms that begin with these letters."""
    c = ctx.registry.tables["issues.issue_form"].c

    def build() -> sa.Select[Any]:
        """Read a range of the unique index."""
        kind = c.address.type
        low, high = sa.bindparam("low", type_=kind), sa.bindparam("high", type_=kind)
        return sa.select(c.address).where(c.address >= low, c.address < high)

    found = await answer(ctx, "addresses", build, [None], low=start, high=f"{start}~")
    return {row[0] for row in found}


async def ticket_by(ctx: Context, digest: str) -> IssueTicket | None:
    """Return the ticket that a token's hash opens, of an issue and a project that are there."""
    noun = ctx.registry.noun(IssueTicket)
    c = noun.table.c
    issue = ctx.registry.tables["issues.issue"]
    project = ctx.registry.tables["projects.project"]
    columns = [c[name] for name in noun.columns]

    def build() -> sa.Select[Any]:
        """Read it by either of its hashes."""
        said = sa.bindparam("digest", type_=c.token_hash.type)
        chosen = sa.select(*columns).join_from(noun.table, issue, issue.c.id == c.issue_id)
        chosen = chosen.join(project, project.c.id == issue.c.project_id)
        chosen = chosen.where(project.c.deleted_at.is_(None))
        chosen = chosen.where(sa.or_(c.token_hash == said, c.mail_hash == said))
        return chosen.where(c.deleted_at.is_(None), issue.c.deleted_at.is_(None)).limit(1)

    found = await answer(ctx, "ticket by", build, columns, digest=digest)
    return IssueTicket(**dict(zip(noun.columns, found[0], strict=True))) if found else None


async def seen(ctx: Context, ticket_id: int, before: datetime) -> None:
    """Note that a reporter looked, unless it was noted a moment ago; it is no edit."""
    table = ctx.registry.noun(IssueTicket).table
    c = table.c
    stale = sa.or_(c.last_seen_at.is_(None), c.last_seen_at < before)
    statement = sa.update(table).where(c.id == ticket_id, stale).values(last_seen_at=ctx.now)
    await execute(ctx.connection, statement)


async def received(ctx: Context, form_id: int) -> None:
    """Count one report more of a form, so that many at once add up; it is no edit of the form."""
    table = ctx.registry.noun(IssueForm).table

    def build() -> sa.Update:
        """Add in the database."""
        here = table.c.id == sa.bindparam("form", type_=ID)
        return sa.update(table).where(here).values(received=table.c.received + 1)

    ready = ctx.reader.shape(
        ("issues", "received"), lambda: prepare(ctx.connection.engine, build())
    )
    await ctx.connection.run(ready.sql, ready.bind({"form": form_id}))


async def counted(ctx: Context, place: str) -> tuple[int, datetime]:
    """Count one thing more from a place; return how many there were in its hour, and its begin.

    It is one statement, so that many at once are each counted.
    """
    table = ctx.registry.noun(PublicCount).table
    c = table.c
    insert = (postgresql if ctx.connection.engine.name == "postgresql" else sqlite).insert
    fresh = {"place": place, "count": 1, "began_at": ctx.now, "version": 1}
    fresh |= {"created_at": ctx.now, "updated_at": ctx.now}
    over = c.began_at <= sa.literal(ctx.now - WINDOW, c.began_at.type)
    statement = insert(table).values(fresh)
    statement = statement.on_conflict_do_update(
        index_elements=["place"],
        index_where=c.deleted_at.is_(None),
        set_={
            "count": sa.case((over, 1), else_=c.count + 1),
            "began_at": sa.case((over, sa.literal(ctx.now, c.began_at.type)), else_=c.began_at),
        },
    )
    (row,) = await rows(ctx.connection, statement.returning(c.count, c.began_at))
    at = row[1]
    return int(row[0]), datetime.fromisoformat(at) if isinstance(at, str) else at


async def forget(ctx: Context, before: datetime) -> None:
    """Forget counts of long ago."""
    table = ctx.registry.noun(PublicCount).table
    await execute(ctx.connection, sa.delete(table).where(table.c.began_at < before))
