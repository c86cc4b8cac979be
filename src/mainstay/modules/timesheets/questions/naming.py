"""The names of tasks, issues, projects and people, as far as the asking person may see them."""

from collections.abc import Collection

import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel.context import Context
from mainstay.modules.projects.api import visible

KEYS = {"t": "projects.task", "i": "issues.issue", "p": "projects.project"}


class Named(Struct, frozen=True, kw_only=True):
    """How a task, an issue or a project is called, and where it is."""

    code: str = ""
    title: str = ""
    project_id: int | None = None
    href: str = ""


async def named(ctx: Context, what: str, ids: Collection[int]) -> dict[int, Named]:
    """Return the names of those of these records that may be seen, in one statement."""
    key = KEYS[what]
    if not ids or key not in ctx.registry.nouns:
        return {}
    noun = ctx.registry.nouns[key]
    if not ctx.can(noun.permission("read")):
        return {}
    c = noun.table.c
    words = (c.code, c.name, c.id) if what == "p" else (c.code, c.title, c.project_id)
    chosen = sa.select(c.id, *words).where(c.id.in_(sorted(set(ids))), *visible(ctx, noun))
    return {
        row[0]: Named(code=row[1], title=row[2], project_id=row[3], href=f"/{noun.path}/{row[0]}")
        for row in await ctx.rows(chosen)
    }
