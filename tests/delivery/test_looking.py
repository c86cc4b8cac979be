"""Who is looking: told at once to those who may see the record, and in every process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from mainstay.app import ROUTES
from mainstay.delivery.asgi import build
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.projects.entities import Project, ProjectMember, Task
from tests.delivery.test_realtime import listen, until
from tests.harness.samples import Samples
from tests.harness.servers import running
from tests.harness.workspaces import opened

GRANTS = frozenset({"projects.*.read", "identity.user.read", "identity.user.see_all"})


class Pier:
    """A task that Ann and Bob may see and Eve may not."""

    def __init__(self, ws: Workspace, url: str, people: dict[str, Me], task: int) -> None:
        self.ws, self.url, self.people, self.task = ws, url, people, task
        self.topic = f"looking:projects.task:{task}"

    async def look(self, who: str, *, gone: bool = False, window: str = "w1") -> httpx.Response:
        body = {"entity": "projects.task", "id": self.task, "window": window, "gone": gone}
        async with httpx.AsyncClient(base_url=self.url) as client:
            head = {"authorization": f"Bearer {who}"}
            return await client.post("/api/realtime/looking", json=body, headers=head)

    async def others(self, who: str) -> list[str]:
        answer = await self.look(who)
        assert answer.status_code == 200, answer.text
        return [one["name"] for one in answer.json()["people"]]

    @asynccontextmanager
    async def listening(self, who: str) -> AsyncIterator[list[dict]]:
        got: list[dict] = []
        stage: Any = self
        task = asyncio.create_task(listen(stage, who, got, topics=self.topic))
        await until(lambda: got)
        yield got
        task.cancel()


@pytest.fixture
async def pier(workspace: Workspace) -> AsyncIterator[Pier]:
    samples, people = Samples(workspace), {}
    project = await samples.record(workspace.registry.noun(Project))
    for name in ("ann", "bob", "eve"):
        noun = workspace.registry.nouns["identity.user"]
        user = await samples.record(noun, first_name=name.title(), display_name=name.title())
        people[name] = Me(id=user.id, name=name.title(), grants=GRANTS)
        if name != "eve":
            member = workspace.registry.noun(ProjectMember)
            await samples.record(member, project_id=project.id, user_id=user.id)
    task = await samples.record(workspace.registry.noun(Task), project_id=project.id)

    async def who(_: Workspace, __: str | None, bearer: str | None) -> Me | None:
        return people.get(bearer or "")

    async with running(build(workspace, who, ROUTES, background=False)) as url:
        yield Pier(workspace, url, people, task.id)


def told(events: list[dict]) -> list[dict]:
    return [msgspec.json.decode(e["data"]) for e in events if e.get("event") == "looking"]


async def test_people_at_a_record_are_told_of_each_other(pier: Pier) -> None:
    async with pier.listening("ann") as got:
        assert await pier.others("bob") == []
        await until(lambda: told(got))
        assert told(got) == [{"topic": pier.topic}]
        assert await pier.others("ann") == ["Bob"]
        assert await pier.others("bob") == ["Ann"]
        await pier.look("bob", window="w2")
        await pier.look("bob", gone=True)
        assert await pier.others("ann") == ["Bob"], "his other window is still open"
        await pier.look("bob", gone=True, window="w2")
        await until(lambda: len(told(got)) == 3)
        assert await pier.others("ann") == []


async def test_who_may_not_see_the_record_is_not_told_and_cannot_look(pier: Pier) -> None:
    assert (await pier.look("eve")).status_code == 404
    async with httpx.AsyncClient(base_url=pier.url) as client:
        assert (await client.post("/api/realtime/looking", json={})).status_code in (401, 403)
    async with pier.listening("eve") as hidden, pier.listening("ann") as seen:
        await pier.look("bob")
        await until(lambda: told(seen))
        assert told(hidden) == []
        listeners = {one.me.name: one.topics for one in pier.ws.hub.listeners}
        assert pier.topic not in listeners["Eve"]
        assert listeners["Eve"], "no topic at all would mean every one"
    # Somebody who loses sight of it while they listen is told no more.
    async with pier.listening("ann") as got:
        ann = pier.people["ann"].id

        async def leave(ctx: Any) -> None:
            found = await ctx.all(ProjectMember, anywhere=True, user_id=ann)
            await ctx.delete(found[0])

        await pier.ws.run(Me(grants=frozenset({"*"})), leave)
        await pier.look("bob", gone=True)
        await asyncio.sleep(0.1)
        assert told(got) == []


async def test_who_is_not_heard_of_for_a_minute_has_left(
    pier: Pier, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = pier.ws.clock.now()
    await pier.look("bob")
    async with pier.listening("ann") as got:
        monkeypatch.setattr(pier.ws.clock, "now", lambda: now + timedelta(seconds=59))
        assert await pier.others("ann") == ["Bob"]
        monkeypatch.setattr(pier.ws.clock, "now", lambda: now + timedelta(seconds=63))
        before = len(told(got))
        pier.ws.hub.looking.expire(pier.topic)
        await until(lambda: len(told(got)) > before)
        assert await pier.others("ann") == []
    assert pier.topic in pier.ws.hub.looking.windows
    await pier.look("ann", gone=True)
    assert pier.ws.hub.looking.windows == {}


async def test_nobody_fills_the_memory_with_windows(pier: Pier) -> None:
    noun, ann = pier.ws.registry.noun(Task), pier.people["ann"].id or 0
    for n in range(80):
        await pier.ws.hub.looking.beat(noun, pier.task, ann, f"w{n}", gone=False)
    assert len(pier.ws.hub.looking.windows[pier.topic]) == 50


async def test_other_processes_know_too(
    pier: Pier, engine_name: str, database_url: str, house: Registry, tmp_path: Path
) -> None:
    if engine_name == "sqlite":
        pytest.skip("one process serves one file")
    other = opened(database_url, house, tmp_path)
    await other.open()
    await other.hub.start()
    task = asyncio.create_task(other.hub.run())
    noun = other.registry.noun(Task)
    try:
        async with asyncio.timeout(5):
            while not other.hub.looking.people(noun, pier.task):
                await pier.look("bob")
                await asyncio.sleep(0.05)
        assert other.hub.looking.people(noun, pier.task) == [pier.people["bob"].id]
        await pier.look("bob", gone=True)
        await until(lambda: not other.hub.looking.people(noun, pier.task))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await other.close()
