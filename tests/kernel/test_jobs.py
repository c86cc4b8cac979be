"""Jobs: kept with the change that left them, run once, tried again, taken over from the dead."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mainstay.kernel.clock import FixedClock
from mainstay.kernel.context import Context
from mainstay.kernel.jobs import LEASE, TRIES
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.workspace import Workspace
from tests.harness.workspaces import opened


@pytest.fixture
async def clock(workspace: Workspace) -> FixedClock:
    """A clock that stands still."""
    workspace.clock = FixedClock(datetime(2026, 11, 20, 9, tzinfo=UTC))
    return workspace.clock


async def jobs(ws: Workspace) -> list[dict[str, Any]]:
    """Return the jobs of these tests; those that rooms left while seeding have a dot."""
    table = ws.registry.metadata.tables["kernel_job"]

    async def read(ctx: Context) -> list[dict[str, Any]]:
        names = ("id", "kind", "state", "attempts", "error")
        found = await ctx.rows(
            table.select().where(table.c.kind.not_like("%.%")).order_by(table.c.id)
        )
        place = [list(table.c.keys()).index(name) for name in names]
        return [dict(zip(names, (row[p] for p in place), strict=True)) for row in found]

    return await ws.look(SYSTEM, read)


async def leave(ws: Workspace, kind: str, **more: Any) -> None:
    await ws.run(SYSTEM, lambda ctx: ctx.later(kind, {"n": 1}, **more))


async def test_a_job_of_an_undone_unit_never_existed(
    workspace: Workspace, clock: FixedClock
) -> None:
    await workspace.run(SYSTEM, lambda ctx: ctx.later("test", {}), dry=True)
    assert await jobs(workspace) == []


async def test_a_job_and_what_it_does_are_one_transaction(
    workspace: Workspace, clock: FixedClock
) -> None:
    async def work(ctx: Context, payload: dict[str, Any]) -> None:
        await ctx.next_number("done")
        if payload["n"] == clock.now().minute:
            raise RuntimeError("not yet")

    workspace.jobs.handlers["test"] = work
    await leave(workspace, "test")
    clock.advance(timedelta(minutes=1))
    assert await workspace.jobs.run_due() == 1
    (job,) = await jobs(workspace)
    assert (job["state"], job["attempts"]) == ("waiting", 1)
    assert "not yet" in job["error"]
    clock.advance(timedelta(minutes=1))
    await workspace.jobs.run_due()
    (job,) = await jobs(workspace)
    assert (job["state"], job["error"]) == ("done", None)
    assert await workspace.run(SYSTEM, lambda ctx: ctx.next_number("done")) == 2


async def test_a_job_that_always_fails_is_given_up_and_says_why(
    workspace: Workspace, clock: FixedClock
) -> None:
    await leave(workspace, "unknown kind")
    for _ in range(TRIES + 3):
        await workspace.jobs.run_due()
        clock.advance(timedelta(hours=7))
    (job,) = await jobs(workspace)
    assert (job["state"], job["attempts"]) == ("failed", TRIES)
    assert "unknown kind" in job["error"]


async def test_a_dead_workers_job_is_taken_over_when_its_lease_ends(
    workspace: Workspace, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    died = asyncio.Event()

    async def dies(_: Workspace, __: dict[str, Any]) -> None:
        died.set()
        await asyncio.Event().wait()

    workspace.jobs.outside["test"] = dies
    await leave(workspace, "test")
    worker = asyncio.create_task(workspace.jobs.run_due())
    await died.wait()
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)

    async def works(_: Workspace, __: dict[str, Any]) -> None:
        """Do nothing, successfully."""

    workspace.jobs.outside["test"] = works
    with monkeypatch.context() as patch:
        patch.setattr(type(workspace.engine), "write", None)
        assert await workspace.jobs.run_due() == 0, "a job that another holds is left alone"
    clock.advance(LEASE + timedelta(seconds=1))
    assert await workspace.jobs.run_due() == 1
    (job,) = await jobs(workspace)
    assert (job["state"], job["attempts"]) == ("done", 2)


async def test_a_key_is_put_once_and_recurring_jobs_exist_once_for_all_processes(
    workspace: Workspace, clock: FixedClock, house: Registry, tmp_path: Any
) -> None:
    for _ in range(3):
        await leave(workspace, "test", key="same")
    assert len(await jobs(workspace)) == 1
    other = opened(workspace.engine.url, house, tmp_path, clock=clock)
    await other.open()
    workspace.jobs.every = other.jobs.every = {"tick": 60}
    for _ in range(3):
        await asyncio.gather(workspace.jobs.schedule(), other.jobs.schedule())
        clock.advance(timedelta(seconds=60))
    assert len([job for job in await jobs(workspace) if job["kind"] == "tick"]) == 3
    await other.close()


async def test_two_workers_do_not_run_one_job_twice(
    workspace: Workspace, clock: FixedClock, house: Registry, tmp_path: Any
) -> None:
    ran: list[int] = []

    async def work(ctx: Context, payload: dict[str, Any]) -> None:
        ran.append(payload["n"])

    other = opened(workspace.engine.url, house, tmp_path, clock=clock)
    await other.open()
    for ws in (workspace, other):
        ws.jobs.handlers["test"] = work
    for number in range(40):
        await workspace.run(SYSTEM, lambda ctx, n=number: ctx.later("test", {"n": n}))
    await asyncio.gather(workspace.jobs.run_due(), other.jobs.run_due())
    assert sorted(ran) == list(range(40))
    await other.close()
