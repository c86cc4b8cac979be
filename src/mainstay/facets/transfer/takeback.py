"""Taking an import back: its change sets from the last to the first, as far as that can be done."""

from typing import Any

import msgspec

from mainstay.facets.transfer.entities import ImportRun
from mainstay.facets.transfer.load import BATCH
from mainstay.kernel.context import Context
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace

JOB = "transfer.take_back"
SHOWN = 5
OWN = "transfer.import_run"


async def take_back(ws: Workspace, payload: dict[str, Any]) -> None:
    """Take back what an import wrote; what was changed since stays, and is said."""
    run = await _found(ws, payload["run"])
    me = await ws.acting(msgspec.convert(payload["person"], Me))
    kept: list[str] = []
    for change_set in reversed(run.change_sets):
        kept += await ws.take_back(me, change_set, but=OWN)
        await _note(ws, run.id, change_set, kept)

    async def end(ctx: Context) -> None:
        """Close it."""
        done = await ctx.get(ImportRun, run.id)
        done.state, done.finished_at = "undone", ctx.now

    await ws.run(SYSTEM, end)


take_back.outside = True  # type: ignore[attr-defined]


async def _note(ws: Workspace, run_id: int, change_set: int, kept: list[str]) -> None:
    async def unit(ctx: Context) -> None:
        """Note how far it came, so that a new start goes on from here."""
        run = await ctx.get(ImportRun, run_id)
        run.change_sets = [one for one in run.change_sets if one != change_set]
        run.done = max(run.done - BATCH, 0) if run.change_sets else 0
        if kept:
            said = " ".join(kept[:SHOWN])
            run.message = f"{len(kept)} changes were left as they are. {said}"[:2000]

    await ws.run(SYSTEM, unit)


async def _found(ws: Workspace, run_id: int) -> ImportRun:
    async def look(ctx: Context) -> ImportRun:
        """Load it."""
        return await ctx.get(ImportRun, run_id)

    return await ws.look(SYSTEM, look)
