"""What files do by themselves: old ones leave the bin, and contents that nobody needs the store."""

from datetime import timedelta
from typing import Any

from mainstay.facets.files.arrive import left_behind, settings_of, store_of
from mainstay.facets.files.scopes import needed, purge
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.workspace import Workspace

# A content is kept before its row is written; within a day one of the two is certain.
GRACE = timedelta(days=1)


async def sweep(ws: Workspace, _: dict[str, Any]) -> None:
    """Forget files that were long enough in the bin, then the contents without a row."""
    now = ws.clock.now()
    days = timedelta(days=settings_of(ws).file_bin_days)
    await ws.run(SYSTEM, lambda ctx: purge(ctx, now - days))
    store = store_of(ws)
    kept = await store.keys()
    wanted = await ws.look(SYSTEM, lambda ctx: needed(ctx, store.name))
    for key, at in kept:
        if key not in wanted and at < now - GRACE:
            await store.drop(key)
    await left_behind(ws, (now - GRACE).timestamp())


sweep.outside = True  # type: ignore[attr-defined]
