"""Durable readers of the log: each keeps its place, so every event is handled, and once."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from mainstay.kernel.context import Context
from mainstay.kernel.log import Entry
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.storage.base import execute, rows

if TYPE_CHECKING:
    from mainstay.kernel.workspace import Workspace

Handle = Callable[[Context, Sequence[Entry]], Awaitable[None]]
BATCH = 500


class LogReader:
    """Reads the settled log in order; its effects and its place are committed together."""

    def __init__(self, workspace: "Workspace", name: str, handle: Handle) -> None:
        """Name the reader; its place is kept under this name."""
        self.workspace, self.name, self.handle = workspace, name, handle
        self.table = workspace.registry.metadata.tables["kernel_reader"]

    async def advance(self) -> int:
        """Handle the next batch; return how many rows it had."""
        return await self.workspace.run(SYSTEM, self._step) if await self._behind() else 0

    async def _behind(self) -> bool:
        """Look without taking any lock whether there is anything to read."""

        async def look(connection: Any) -> bool:
            """Compare the place with the log."""
            place = await self._place(connection)
            return bool(await self.workspace.log.after(connection, place, 1))

        return await self.workspace.engine.read(look)

    async def _place(self, connection: Any, *, lock: bool = False) -> tuple[int, int]:
        c = self.table.c
        chosen = sa.select(c.xid, c.upto).where(c.name == self.name)
        found = await rows(connection, chosen.with_for_update() if lock else chosen)
        return (found[0][0], found[0][1]) if found else (0, 0)

    async def _step(self, ctx: Context) -> int:
        await self._ensure(ctx)
        place = await self._place(ctx.connection, lock=True)
        entries = await self.workspace.log.after(ctx.connection, place, BATCH)
        if not entries:
            return 0
        await self.handle(ctx, entries)
        xid, upto = entries[-1].place
        moved = sa.update(self.table).where(self.table.c.name == self.name)
        await execute(ctx.connection, moved.values(xid=xid, upto=upto, failures=0, error=None))
        return len(entries)

    async def _ensure(self, ctx: Context) -> None:
        dialect = postgresql if ctx.connection.engine.name == "postgresql" else sqlite
        fresh = dialect.insert(self.table).values(name=self.name, xid=0, upto=0, failures=0)
        await execute(ctx.connection, fresh.on_conflict_do_nothing(index_elements=["name"]))


def reactions(workspace: "Workspace") -> LogReader:
    """Return the reader that turns events into jobs for the rooms that react to them."""
    known = workspace.registry.reactions

    async def handle(ctx: Context, entries: Sequence[Entry]) -> None:
        """Leave one job for each event and each room that reacts."""
        for entry in entries:
            for place, event in enumerate(entry.events or ()):
                for number, _ in enumerate(known.get(event["name"], ())):
                    payload = {"event": event, "reaction": number}
                    await ctx.later("react", payload, key=f"react:{entry.id}:{place}:{number}")

    return LogReader(workspace, "reactions", handle)


async def react(ctx: Context, payload: dict[str, Any]) -> None:
    """Run one reaction to one event."""
    event = payload["event"]
    kind, run, _ = ctx.registry.reactions[event["name"]][payload["reaction"]]
    await run(ctx, msgspec.convert(event["data"], kind))
