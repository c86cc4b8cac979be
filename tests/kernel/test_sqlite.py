"""SQLite: shared commits, other programs at the file, and what a full or locked disk means."""

import asyncio
import os
import sqlite3
from pathlib import Path

import pytest

from mainstay.kernel import perform
from mainstay.kernel.problems import Full, Problem, Unavailable
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.storage import sqlite as engine_module
from mainstay.kernel.workspace import Workspace, engine_for

SKILL = "identity.skill"


@pytest.fixture
def engine_name() -> str:
    """These are about SQLite alone."""
    return "sqlite"


async def create(ws: Workspace, name: str) -> None:
    noun = ws.registry.noun(SKILL)
    await ws.run(SYSTEM, lambda ctx: perform.create(ctx, noun, {"name": name}))


async def test_waiting_units_share_a_commit(workspace: Workspace) -> None:
    commits: list[str] = []
    raw = workspace.engine._writer.raw
    raw.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    await asyncio.gather(*(create(workspace, f"Skill {n}") for n in range(50)))
    assert len(commits) <= 3


async def test_a_unit_that_awaits_something_else_is_refused(workspace: Workspace) -> None:
    with pytest.raises(RuntimeError, match="awaited something other than its database"):
        await workspace.run(SYSTEM, lambda _: asyncio.sleep(0.01))
    await create(workspace, "Still alive")


async def test_another_programs_lock_is_waited_for(workspace: Workspace) -> None:
    other = sqlite3.connect(workspace.engine.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(create(workspace, "Patient"))
    await asyncio.sleep(0.1)
    page = await workspace.page(SYSTEM, SKILL, {"name": "Patient"})
    assert page.items == [], "reads go on meanwhile"
    other.execute("COMMIT")
    other.close()
    await waiting


async def test_a_lock_that_stays_is_a_clear_refusal(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "PATIENCE", 0.1)
    other = sqlite3.connect(workspace.engine.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="busy with another program"):
        await create(workspace, "Impatient")
    other.execute("COMMIT")
    other.close()
    await create(workspace, "Impatient")


async def test_a_full_disk_refuses_and_recovers(workspace: Workspace) -> None:
    raw = workspace.engine._writer.raw
    used = raw.execute("PRAGMA page_count").fetchone()[0]
    raw.execute(f"PRAGMA max_page_count = {used}")
    with pytest.raises(Full, match="disk is full"):  # noqa: PT012 - some write will fail
        for number in range(2000):
            await create(workspace, f"Filling {number} {'x' * 80}")
    raw.execute("PRAGMA max_page_count = 1000000")
    await create(workspace, "Room again")
    assert raw.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, though it is long enough to look like one" * 20, "utf-8")
    with pytest.raises(Problem, match=r"notes\.txt"):
        await engine_for(str(path)).open()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)  # noqa: ASYNC240 - a test
    with pytest.raises(Unavailable, match="Cannot open"):
        await engine_for(str(tmp_path / "new.db")).open()


async def test_a_slow_shape_of_read_moves_off_the_loop(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mainstay.kernel.query.read.SLOW", 0.0)
    await workspace.page(SYSTEM, SKILL, {"name__contains": "x"})
    shapes = [s for s in workspace.reader._shapes.values() if getattr(s, "slow", False)]
    assert shapes
    await workspace.page(SYSTEM, SKILL, {"name__contains": "x"})
    monkeypatch.setattr("mainstay.kernel.query.read.SLOW", 10.0)
    await workspace.page(SYSTEM, SKILL, {"name__contains": "x"})
    assert not shapes[0].slow
