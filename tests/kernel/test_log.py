"""The log: nothing skipped, nothing repeated, nothing changed unnoticed."""

import asyncio
import random

import pytest
import sqlalchemy as sa

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.log import Seal
from mainstay.kernel.readers import LogReader
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.storage.base import execute
from mainstay.kernel.workspace import Workspace
from tests.harness.workspaces import settled

SKILL = "identity.skill"


async def write(ws: Workspace, count: int, *, slowly: bool = False, seed: int = 0) -> list[int]:
    """Create skills one after another, and let transactions overlap in any order."""
    chance, ids = random.Random(seed), []
    for number in range(count):

        async def work(ctx: Context, name: str = f"Skill {seed}-{number}") -> int:
            found = await perform.create(ctx, ctx.registry.noun(SKILL), {"name": name})
            if slowly:
                await asyncio.sleep(chance.random() * 0.01)
            return found.id

        ids.append(await ws.run(SYSTEM, work))
    return ids


async def test_reader_sees_every_row_once_while_many_write(workspace: Workspace) -> None:
    seen: list[int] = []

    async def note(ctx: Context, entries: list) -> None:
        seen.extend(entry.record_id for entry in entries if entry.entity == SKILL)

    reader = LogReader(workspace, "test", note)
    on_server = workspace.engine.name == "postgresql"
    writers = [
        asyncio.create_task(write(workspace, 40, slowly=on_server, seed=n)) for n in range(8)
    ]
    while not all(writer.done() for writer in writers):
        await reader.advance()
        await asyncio.sleep(0)
    written = [one for writer in writers for one in await writer]
    await settled(workspace)
    while await reader.advance():
        pass
    assert sorted(seen) == sorted(written)
    assert len(seen) == len(set(seen))


async def test_a_naive_reader_would_skip_rows(workspace: Workspace) -> None:
    """The positive control: reading by id alone loses rows that commit out of order."""
    if workspace.engine.name != "postgresql":
        pytest.skip("SQLite commits in the order of its ids")
    table = workspace.registry.metadata.tables["kernel_log"]
    late_may_commit = asyncio.Event()
    early_has_written = asyncio.Event()

    async def early(ctx: Context) -> None:
        await perform.create(ctx, ctx.registry.noun(SKILL), {"name": "Early id, late commit"})
        await ctx.workspace.log.append(ctx.connection, ctx.changes, ctx.me, ctx.now, 1)
        ctx.changes.clear()
        early_has_written.set()
        await late_may_commit.wait()

    first = asyncio.create_task(workspace.run(SYSTEM, early))
    await early_has_written.wait()
    await write(workspace, 1)

    async def newest(ctx: Context) -> int:
        found = await ctx.rows(sa.select(sa.func.max(table.c.id)))
        return int(found[0][0])

    naive_place = await workspace.look(SYSTEM, newest)
    settled = await workspace.look(SYSTEM, lambda ctx: ctx.workspace.log.head(ctx.connection))
    assert settled[1] < naive_place, "the settled horizon stops before the open transaction"
    late_may_commit.set()
    await first

    async def rows_after(ctx: Context) -> int:
        found = await ctx.rows(sa.select(sa.func.count()).where(table.c.id > naive_place))
        return int(found[0][0])

    assert await workspace.look(SYSTEM, rows_after) == 0, "a reader by id would never see it"


async def test_undisturbed_log_verifies_and_every_tampering_is_found(workspace: Workspace) -> None:
    await write(workspace, 12)
    anchor = await seal(workspace)
    await write(workspace, 5, seed=1)
    newest = await seal(workspace)
    assert await verified(workspace, newest) == []
    table = workspace.registry.metadata.tables["kernel_log"]
    seals = workspace.registry.metadata.tables["kernel_seal"]
    ids = await column(workspace, sa.select(table.c.id).order_by(table.c.id))
    middle, last = ids[len(ids) // 2], ids[-1]
    for tampering in (
        sa.update(table).where(table.c.id == middle).values(actor="Somebody else"),
        sa.update(table).where(table.c.id == middle).values(after={"name": "Forged"}),
        sa.delete(table).where(table.c.id == middle),
        sa.delete(table).where(table.c.id == last),
    ):
        assert await faults_of(workspace, newest, tampering)
    cut = (
        sa.delete(table).where(table.c.id > anchor.upto),
        sa.delete(seals).where(seals.c.upto > anchor.upto),
    )
    assert await faults_of(workspace, newest, *cut), "the noted seal shows the cut tail"
    assert await faults_of(workspace, None, *cut) == [], "without a note it cannot be seen"


async def seal(ws: Workspace) -> Seal:
    """Seal everything."""
    await settled(ws)
    found = await ws.run(SYSTEM, lambda ctx: ctx.workspace.log.seal(ctx.connection, ctx.now))
    assert found is not None
    return found


async def verified(ws: Workspace, anchor: Seal | None) -> list[str]:
    return await ws.look(SYSTEM, lambda ctx: ctx.workspace.log.verify(ctx.connection, anchor))


async def faults_of(ws: Workspace, anchor: Seal | None, *statements: sa.Executable) -> list[str]:
    """Tamper inside a transaction, verify, and take it back."""

    async def work(ctx: Context) -> list[str]:
        for statement in statements:
            await execute(ctx.connection, statement)
        return await ctx.workspace.log.verify(ctx.connection, anchor)

    return await ws.run(SYSTEM, work, dry=True)


async def column(ws: Workspace, statement: sa.Select) -> list:
    found = await ws.look(SYSTEM, lambda ctx: ctx.rows(statement))
    return [row[0] for row in found]


async def test_purged_rows_leave_a_sealed_summary(workspace: Workspace) -> None:
    await write(workspace, 3)
    newest = await seal(workspace)
    later = workspace.clock.now().replace(year=2030)
    purged = await workspace.run(
        SYSTEM, lambda ctx: ctx.workspace.log.purge(ctx.connection, later, ctx.now)
    )
    assert purged >= 3
    assert await verified(workspace, newest) == []
    seals = workspace.registry.metadata.tables["kernel_seal"]
    (summary,) = await column(workspace, sa.select(seals.c.summary))
    assert SKILL in summary


async def test_order_survives_a_restore_into_a_younger_server(workspace: Workspace) -> None:
    """Restored rows may carry higher transaction numbers than this server has reached."""
    if workspace.engine.name != "postgresql":
        pytest.skip("SQLite has no transaction numbers")
    await write(workspace, 2)
    await workspace.engine.script(["UPDATE kernel_log SET xid = xid + 1000000000"])
    place = await workspace.engine.read(workspace.log.head)
    await workspace.engine.write(workspace.log.align)
    await write(workspace, 2, seed=1)
    assert workspace.log.offset > 1_000_000_000
    after = await workspace.engine.read(lambda c: workspace.log.after(c, (0, 0), 100))
    assert [entry.id for entry in after] == sorted(entry.id for entry in after)
    assert after[-1].xid > place[0]
