"""The live feed: what a stream carries, to whom, and how it resumes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from websockets.asyncio.client import connect

from mainstay.app import ROUTES
from mainstay.delivery.asgi import build
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.projects.entities import Project, ProjectMember, Task
from tests.harness.samples import Samples
from tests.harness.servers import running

GRANTS = frozenset({"projects.*.read"})


class Stage:
    """A served workspace with two projects and a person who is in the first."""

    def __init__(self, ws: Workspace, url: str, people: dict[str, Me]) -> None:
        self.ws, self.url, self.people = ws, url, people
        self.samples = Samples(ws)

    async def create(self, entity: type, **values: Any) -> Any:
        noun = self.ws.registry.noun(entity)
        return await self.samples.record(noun, **values)


@pytest.fixture
async def stage(workspace: Workspace) -> AsyncIterator[Stage]:
    people: dict[str, Me] = {}

    async def who(_: Workspace, __: str | None, bearer: str | None) -> Me | None:
        return people.get(bearer or "")

    user = await Samples(workspace).record(workspace.registry.noun("identity.user"))
    people["ann"] = Me(id=user.id, name="Ann", grants=GRANTS)
    people["boss"] = Me(id=user.id, name="Boss", grants=frozenset({"*"}))
    async with running(build(workspace, who, ROUTES, background=False)) as url:
        stage = Stage(workspace, url, people)
        yield stage


async def listen(
    stage: Stage, who: str, got: list[dict], *, after: str = "", topics: str = "projects.task"
) -> None:
    """Collect the events of a stream until it ends or is cancelled."""
    headers = {"authorization": f"Bearer {who}"} | ({"last-event-id": after} if after else {})
    async with (
        httpx.AsyncClient(timeout=60) as client,
        client.stream(
            "GET", f"{stage.url}/api/realtime/stream?topics={topics}", headers=headers
        ) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        event: dict[str, Any] = {}
        async for line in answer.aiter_lines():
            if not line:
                if event:
                    got.append(event)
                event = {}
                continue
            name, _, value = line.partition(": ")
            event[name] = value


async def until(condition: Any, seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_stream_carries_what_its_listener_may_see_and_nothing_else(stage: Stage) -> None:
    mine, hidden = await stage.create(Project), await stage.create(Project)
    await stage.create(ProjectMember, project_id=mine.id, user_id=stage.people["ann"].id)
    got: list[dict] = []
    task = asyncio.create_task(listen(stage, "ann", got))
    await until(lambda: got)
    assert got[0]["event"] == "connected"
    secret = await stage.create(Task, project_id=hidden.id, title="Secret")
    seen = await stage.create(Task, project_id=mine.id, title="Seen")
    await until(lambda: len(got) > 1)
    data = [msgspec.json.decode(event["data"]) for event in got[1:]]
    assert {"resource": "projects.task", "id": seen.id, "verb": "create"}.items() <= data[0].items()
    assert set(data[0]) == {"resource", "id", "verb", "version", "actor"}
    assert secret.id not in [item["id"] for item in data]
    task.cancel()


async def test_a_stream_resumes_without_gap_or_repeat(stage: Stage) -> None:
    project = await stage.create(Project)
    got: list[dict] = []
    first = asyncio.create_task(listen(stage, "boss", got))
    await until(lambda: got)
    made = [(await stage.create(Task, project_id=project.id)).id for _ in range(3)]
    await until(lambda: len(created(got)) >= 1)
    first.cancel()
    place = next(event["id"] for event in got if event.get("event") == "record")
    known = created([e for e in got if e.get("id") == place])
    made += [(await stage.create(Task, project_id=project.id)).id for _ in range(5)]
    again: list[dict] = []
    second = asyncio.create_task(listen(stage, "boss", again, after=place))
    made += [(await stage.create(Task, project_id=project.id)).id for _ in range(5)]
    await until(lambda: len(known) + len(created(again)) >= len(made))
    assert known + created(again) == made
    second.cancel()


def created(events: list[dict]) -> list[int]:
    data = [msgspec.json.decode(e["data"]) for e in events if e.get("event") == "record"]
    return [item["id"] for item in data if item["verb"] == "create"]


async def test_strangers_and_wrong_topics_are_refused(stage: Stage) -> None:
    async with httpx.AsyncClient(base_url=stage.url) as client:
        assert (await client.get("/api/realtime/stream")).status_code == 401
        head = {"authorization": "Bearer ann"}
        answer = await client.get("/api/realtime/stream?topics=no.such", headers=head)
        assert answer.status_code == 400


async def test_a_socket_carries_the_same(stage: Stage) -> None:
    project = await stage.create(Project)
    url = stage.url.replace("http", "ws") + "/api/realtime/socket"
    async with connect(url, additional_headers={"authorization": "Bearer boss"}) as socket:
        await socket.send('{"type":"listen","topics":["projects.task"]}')
        await asyncio.sleep(0.1)
        task = await stage.create(Task, project_id=project.id)
        async with asyncio.timeout(5):
            message = msgspec.json.decode(await socket.recv())
        assert message["id"] == task.id
        assert message["type"] == "record"


async def test_the_server_ends_within_seconds_with_streams_open(workspace: Workspace) -> None:
    async def who(_: Workspace, __: str | None, bearer: str | None) -> Me | None:
        return SYSTEM if bearer else None

    got: list[dict] = []
    loop = asyncio.get_running_loop()
    async with running(build(workspace, who, ROUTES, background=False)) as url:
        stage = Stage(workspace, url, {})
        streams = [asyncio.create_task(listen(stage, "x", got)) for _ in range(5)]
        await until(lambda: len(got) == 5)
        started = loop.time()
    assert loop.time() - started < 3
    await asyncio.gather(*streams, return_exceptions=True)
