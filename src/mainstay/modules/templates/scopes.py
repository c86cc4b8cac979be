"""What the rules of templates must know from the database: which links a change may close."""

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.modules.projects.api import answer


async def links_around(
    ctx: Context, key: str, later: str, earlier: str, starts: Iterable[int]
) -> list[tuple[int, int]]:
    """Return every live link that is reached from some records, up and down: later and earlier."""
    c = ctx.registry.tables[key].c

    def walk(here: Any, there: Any) -> sa.Select[Any]:
        """Return the links on the way one way; a set, so that it ends even in a circle."""
        first = sa.select(here).where(
            sa.or_(
                ctx.reader.compiler.among(here, "starts"),
                ctx.reader.compiler.among(there, "starts"),
            ),
            c.deleted_at.is_(None),
        )
        reached = first.cte(recursive=True)
        step = sa.select(there).where(here == reached.c[0], c.deleted_at.is_(None))
        reached = reached.union(step)
        return sa.select(c[later], c[earlier]).where(
            here.in_(sa.select(reached.c[0])), c.deleted_at.is_(None)
        )

    def build() -> Any:
        """Walk both ways."""
        return sa.union(walk(c[later], c[earlier]), walk(c[earlier], c[later]))

    ids = sorted(set(starts))
    lite = ctx.connection.engine.name == "sqlite"
    among = msgspec.json.encode(ids).decode() if lite else ids
    found = await answer(ctx, f"links {key}", build, starts=among)
    return [(row[0], row[1]) for row in found]
