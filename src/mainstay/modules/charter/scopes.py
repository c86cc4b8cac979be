"""What this room's rules look up whoever asks, and the counts it keeps beside its goals."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.kernel.storage.base import execute
from mainstay.modules.projects.api import within

ID = sa.BigInteger()
WITH_DOCUMENT = within(
    "charter.project_document", "document_id", "You are a member of its document's project."
)


async def with_roles(ctx: Context, people: Iterable[int], codes: Sequence[str]) -> set[int]:
    """Return which of these people have one of the roles."""
    user, role = ctx.registry.noun("identity.user"), ctx.registry.tables["identity.role"].c
    link = user.link_tables["roles"].c
    chosen = sa.select(link.owner_id).join(role.id.table, role.id == link.target_id)
    chosen = chosen.where(
        link.owner_id.in_(sorted(set(people))), role.code.in_(codes), role.deleted_at.is_(None)
    )
    return {row[0] for row in await ctx.rows(chosen)}


async def projects_behind(ctx: Context, key: str, ids: Iterable[int]) -> dict[int, int]:
    """Return the project of each of these records of a resource, whoever may see them."""
    c = ctx.registry.tables[key].c
    found = await ctx.rows(sa.select(c.id, c.project_id).where(c.id.in_(sorted(set(ids)))))
    return {row[0]: row[1] for row in found}


async def places_of_files(ctx: Context, ids: Iterable[int]) -> dict[int, tuple[str, int]]:
    """Return which record each of these files is attached to."""
    c = ctx.registry.tables["files.file"].c
    chosen = sa.select(c.id, c.entity, c.record_id).where(c.id.in_(sorted(set(ids))))
    return {row[0]: (row[1], row[2]) for row in await ctx.rows(chosen)}


async def same_service(ctx: Context, project_id: int, name: str) -> int | None:
    """Return the live service of a project that has this name, whoever may see it."""
    c = ctx.registry.tables["charter.service_provided"].c
    chosen = sa.select(c.id).where(
        c.project_id == project_id, c.service_name == name, c.deleted_at.is_(None)
    )
    found = await ctx.rows(chosen.limit(1))
    return found[0][0] if found else None


async def taken_revisions(ctx: Context, document_id: int) -> set[str]:
    """Return the versions that a document has had."""
    c = ctx.registry.tables["charter.document_version"].c
    chosen = sa.select(c.revision).where(c.document_id == document_id, c.deleted_at.is_(None))
    return {row[0] for row in await ctx.rows(chosen)}


async def recount_goals(ctx: Context, goals: Iterable[int]) -> None:
    """Count the tasks of these goals anew, in two statements however many there are.

    Counts are no edits: they make no new version, so nobody's open form turns stale by them.
    """
    wanted = sorted(set(goals))
    g = ctx.registry.tables["charter.goal"]
    t = ctx.registry.tables["projects.task"].c
    # Locked first: the count after it sees what others have committed in the meantime.
    locked = sa.select(g.c.id).where(g.c.id.in_(wanted)).order_by(g.c.id)
    await ctx.rows(locked.with_for_update() if _locks(ctx) else locked)
    mine = sa.and_(t.goal_id == g.c.id, t.deleted_at.is_(None))
    total = _counted(t, mine)
    done = _counted(t, sa.and_(mine, t.status == "done"))
    ratio = sa.cast(done, sa.Double()) / sa.cast(total, sa.Double())
    share = sa.case((total > 0, ratio), else_=0.0)
    counts = {"task_count": total, "done_count": done, "progress": share}
    await execute(ctx.connection, sa.update(g).values(counts).where(g.c.id.in_(wanted)))


def _counted(t: Any, condition: sa.ColumnElement[bool]) -> Any:
    return sa.select(sa.func.count()).select_from(t.id.table).where(condition).scalar_subquery()


def _locks(ctx: Context) -> bool:
    return ctx.connection.engine.name == "postgresql"
