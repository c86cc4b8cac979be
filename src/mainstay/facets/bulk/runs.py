"""A bulk change from its first record to its last: batch by batch, resumable, stoppable, undone."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import msgspec

from mainstay.facets.bulk.batch import ENDS, Batch
from mainstay.facets.bulk.deeds import Deed, deed_of
from mainstay.facets.bulk.entities import BulkRun
from mainstay.kernel.context import Context
from mainstay.kernel.log import Change
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Conflict, Denied, Invalid, Problem, Unavailable, WrongSchema
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace

BATCH = 200
SLICE = 20.0
MOST = 50_000
KEPT = 200
JOB = "bulk.run"
UNDO = "bulk.take_back"
PAGE = 1000
OPEN = ("waiting", "running")


async def matching(
    ws: Workspace, me: Me, noun: Noun, pairs: Sequence[tuple[str, str]]
) -> list[int]:
    """Return the ids of all records that meet a query, in its order; refuse more than the most."""
    kept = [p for p in pairs if p[0] not in ("limit", "cursor", "count", "fields", "include")]
    ids: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        asked = [*kept, ("fields", "id"), ("limit", str(PAGE)), ("cursor", cursor)]
        page = await ws.page(me, noun.key, asked)
        ids += [row.id for row in page.items]
        cursor = page.next
        if len(ids) > MOST:
            raise Invalid(f"At most {MOST} records at once. Filter the list to fewer.")
    return ids


async def begin(ctx: Context, deed: Deed, ids: Sequence[int]) -> BulkRun:
    """Note a new run, and leave the work for the background."""
    if not ids:
        raise Invalid("Select at least one record.")
    if len(ids) > MOST:
        raise Invalid(f"At most {MOST} records at once. Select fewer.")
    run = BulkRun(
        resource=deed.noun.key,
        deed=deed.name,
        values=dict(deed.values),
        ids=list(dict.fromkeys(ids)),
        total=len(set(ids)),
        person=msgspec.to_builtins(ctx.me),
    )
    run = await ctx.create(run)
    await ctx.later(JOB, {"run": run.id}, key=f"{JOB}:{run.id}:0:1")
    return run


@dataclass
class Going:
    """One run that is at work."""

    ws: Workspace
    me: Me
    deed: Deed
    run: int
    ids: list[int]
    done: int
    batch: Batch = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing refused."""
        self.batch = Batch(self.ws, self.me, self.deed)

    async def go(self, seconds: float) -> bool:
        """Work until the end, or until the time is over; return whether the end was reached."""
        started = perf_counter()
        while self.done < len(self.ids):
            await self._take(self.ids[self.done : self.done + BATCH])
            if perf_counter() - started > seconds:
                break
            await asyncio.sleep(0)
        return self.done >= len(self.ids)

    async def _take(self, ids: Sequence[int]) -> None:
        """Do a batch; what is refused only together is done in halves, the first ones first."""

        async def note(ctx: Context, changes: Sequence[Change]) -> None:
            """Write how far the run came, in the same transaction."""
            await self._note(ctx, ids, changes)

        try:
            await self.batch.run(ids, note)
        except (*ENDS, Elsewhere):
            raise
        except Problem as problem:
            left = self.batch.left(ids)
            if len(left) > 1:
                middle = ids.index(left[len(left) // 2])
                await self._take(ids[:middle])
                await self._take(ids[middle:])
                return
            self.batch.refused |= dict.fromkeys(left, problem.detail)
            await self.batch.run(ids, note)
        self.done += len(ids)

    async def _note(self, ctx: Context, ids: Sequence[int], changes: Sequence[Change]) -> None:
        changed = len({c.record_id for c in changes if c.noun is self.deed.noun})
        wrote = bool(changes)
        run = await ctx.get(BulkRun, self.run, anywhere=True)
        if run.state not in OPEN:
            raise Elsewhere("The run was stopped.")
        if run.done != self.done:
            raise Elsewhere("Another process works on the same run.")
        refused = [one for one in ids if one in self.batch.refused]
        faults = [{"id": one, "reason": self.batch.refused[one]} for one in refused]
        if wrote:
            run.change_sets = [*run.change_sets, ctx.change_set]
        run.state, run.done = "running", run.done + len(ids)
        run.changed += changed
        run.failed += len(refused)
        if faults and len(run.faults) < KEPT:
            run.faults = [*run.faults, *faults][:KEPT]


class Elsewhere(Conflict):
    """The run was stopped meanwhile, or another process works on it."""

    code, title = "bulk-elsewhere", "This run was stopped, or goes on elsewhere"


async def carry_on(ws: Workspace, payload: dict[str, Any]) -> None:
    """Do a part of a run in the background, and leave a job for the rest."""
    run = await found(ws, payload["run"])
    if run.state not in OPEN:
        return
    try:
        me = await ws.acting(msgspec.convert(run.person, Me))
        deed = deed_of(ws.registry.noun(run.resource), run.deed, run.values)
        going = Going(ws, me, deed, run.id, run.ids, run.done)
        ended = await going.go(SLICE)
    except (Unavailable, WrongSchema):
        raise
    except Elsewhere:
        return
    except Problem as problem:
        await _close(ws, run.id, "failed", problem.detail)
        return
    if ended:
        await _close(ws, run.id, "done")
    else:
        await _later(ws, run.id, going.done)


carry_on.outside = True  # type: ignore[attr-defined]


async def found(ws: Workspace, run_id: int) -> BulkRun:
    """Return a run as it stands now."""

    async def look(ctx: Context) -> BulkRun:
        """Load it."""
        return await ctx.get(BulkRun, run_id)

    return await ws.look(SYSTEM, look)


async def _close(ws: Workspace, run_id: int, state: str, why: str = "") -> None:
    async def unit(ctx: Context) -> None:
        """Note how it ended, unless it was stopped meanwhile."""
        run = await ctx.get(BulkRun, run_id)
        if run.state in (*OPEN, "undoing"):
            run.state, run.finished_at = state, ctx.now  # type: ignore[assignment]
            run.message = why[:2000] or run.message

    await ws.run(SYSTEM, unit)


async def _later(ws: Workspace, run_id: int, done: int) -> None:
    async def unit(ctx: Context) -> None:
        """Leave the rest."""
        await ctx.later(JOB, {"run": run_id}, key=f"{JOB}:{run_id}:{done}:rest")

    await ws.run(SYSTEM, unit)


# ---- taking a run back ----


async def take_back(ws: Workspace, payload: dict[str, Any]) -> None:
    """Take back what a run changed, the last first; what was changed since stays, and is said."""
    run = await found(ws, payload["run"])
    if run.state != "undoing":
        return
    try:
        me = await ws.acting(msgspec.convert(payload["person"], Me))
    except Denied as problem:
        await _close(ws, run.id, "failed", problem.detail)
        return
    for change_set in reversed(run.change_sets):
        kept = await ws.take_back(me, change_set, but="bulk.bulk_run")
        await _noted(ws, run.id, change_set, kept)
    await _close(ws, run.id, "undone")


take_back.outside = True  # type: ignore[attr-defined]


async def _noted(ws: Workspace, run_id: int, change_set: int, kept: list[str]) -> None:
    async def unit(ctx: Context) -> None:
        """Note how far it came, so that a new start goes on from here."""
        run = await ctx.get(BulkRun, run_id)
        run.change_sets = [one for one in run.change_sets if one != change_set]
        run.done = max(run.done - BATCH, 0) if run.change_sets else 0
        if kept:
            before = run.message
            said = f"{len(kept)} changes were left as they are, because they were changed since."
            run.message = f"{before} {said} {kept[0]}".strip()[:2000]

    await ws.run(SYSTEM, unit)
