"""Taking an import back: its change sets from the last to the first, as far as that can be done."""

from collections.abc import Sequence
from typing import Any

import msgspec

from mainstay.facets.transfer.entities import ImportRun
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.log import Entry
from mainstay.kernel.problems import Conflict, Denied
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
        written = await ws.entries_of(change_set)
        entries = [one for one in written if one.entity != OWN]
        await _parts(ws, me, entries, kept)
        await _note(ws, run.id, change_set, kept, len(entries))

    async def end(ctx: Context) -> None:
        """Close it."""
        done = await ctx.get(ImportRun, run.id)
        done.state, done.finished_at = "undone", ctx.now

    await ws.run(SYSTEM, end)


take_back.outside = True  # type: ignore[attr-defined]


async def _parts(ws: Workspace, me: Me, entries: Sequence[Entry], kept: list[str]) -> None:
    """Take changes back together; when one is refused, find it by halving and leave it."""
    if not entries:
        return

    async def unit(ctx: Context) -> None:
        """Do it."""
        await perform.undo(ctx, entries)

    try:
        await ws.run(me, unit, slow=True)
    except (Conflict, Denied) as problem:
        if len(entries) == 1:
            kept.append(problem.detail)
            return
        middle = len(entries) // 2
        await _parts(ws, me, entries[middle:], kept)
        await _parts(ws, me, entries[:middle], kept)


async def _note(ws: Workspace, run_id: int, change_set: int, kept: list[str], rows: int) -> None:
    async def unit(ctx: Context) -> None:
        """Note how far it came, so that a new start goes on from here."""
        run = await ctx.get(ImportRun, run_id)
        run.change_sets = [one for one in run.change_sets if one != change_set]
        run.done = max(run.done - rows, 0)
        if kept:
            said = " ".join(kept[:SHOWN])
            run.message = f"{len(kept)} changes were left as they are. {said}"[:2000]

    await ws.run(SYSTEM, unit)


async def _found(ws: Workspace, run_id: int) -> ImportRun:
    async def look(ctx: Context) -> ImportRun:
        """Load it."""
        return await ctx.get(ImportRun, run_id)

    return await ws.look(SYSTEM, look)
