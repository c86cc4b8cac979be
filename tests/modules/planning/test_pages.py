"""The pages of a plan: what they say, who sees them, and what stands over the timeline."""

import html
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from mainstay.app import ROUTES
from mainstay.delivery.asgi import build
from mainstay.delivery.gate import COOKIE
from mainstay.kernel import perform
from mainstay.kernel.clock import today_in
from mainstay.kernel.scope import Me
from mainstay.kernel.workspace import Workspace
from tests.harness.samples import Samples

BAR = re.compile(r'<g class="tl-bar ([^"]*)" id="b(\d+)"[^>]*aria-label="([^"]*)"')


@pytest.fixture
async def people(workspace: Workspace) -> dict[str, Me]:
    """An administrator, a person who reads this project, and a stranger."""
    ids = [
        (await Samples(workspace).record(workspace.registry.noun("identity.user"))).id
        for _n in range(3)
    ]
    reads = frozenset({"projects.*.read", "planning.*.read", "milestones.*.read"})
    return {
        "admin": Me(id=ids[0], name="Ada", grants=frozenset({"*"})),
        "guest": Me(id=ids[1], name="Gus", grants=reads),
        "stranger": Me(id=ids[2], name="Sam", grants=reads),
    }


@pytest.fixture
async def client(workspace: Workspace, people: dict[str, Me]) -> AsyncIterator[httpx.AsyncClient]:
    """A browser; the session says who sits at it."""

    async def who(_: Workspace, session: str | None, _bearer: str | None) -> Me | None:
        return people.get(session or "")

    app: Any = build(workspace, who, ROUTES, background=False)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


async def page(client: httpx.AsyncClient, path: str, who: str = "admin", status: int = 200) -> str:
    answer = await client.get(path, headers={"cookie": f"{COOKIE}={who}"})
    assert answer.status_code == status, answer.text
    return html.unescape(answer.text)


async def made(ws: Workspace, me: Me, key: str, **data: Any) -> Any:
    noun = ws.registry.noun(key)
    return await ws.run(me, lambda ctx: perform.create(ctx, noun, data))


async def plan(ws: Workspace, people: dict[str, Me]) -> tuple[int, list[int], int]:
    """A project with a chain of two tasks and a short one, a milestone and a baseline."""
    me = people["admin"]
    day = today_in("UTC", ws.clock.now()).isoformat()
    project = (await made(ws, me, "projects.project", name="Roof")).id
    member = {"project_id": project, "user_id": people["guest"].id, "role": "viewer"}
    await made(ws, me, "projects.project_member", **member)
    dates = {"project_id": project, "start_date": day, "due_date": day}
    tasks = [
        (await made(ws, me, "projects.task", title=t, duration_days=n, **dates)).id
        for t, n in (("Long", 5), ("After", 2), ("Short", 1))
    ]
    link = {"task_id": tasks[1], "depends_on_id": tasks[0]}
    await made(ws, me, "projects.task_dependency", **link)
    milestone = {"project_id": project, "name": "Handed over", "due_date": day}
    await made(ws, me, "milestones.milestone", **milestone)
    baseline = await made(ws, me, "planning.baseline", project_id=project, name="Contract")
    return project, tasks, baseline.id


async def test_the_timeline_says_what_is_critical_and_what_was_planned(
    workspace: Workspace, people: dict[str, Me], client: httpx.AsyncClient
) -> None:
    project, (long, after, short), baseline = await plan(workspace, people)
    path = f"/projects/tasks?view=timeline&project_id={project}&group_by=none"
    plain = await page(client, path)
    assert not re.search(r'class="tl-(sign|planned|slack)', plain)
    assert 'class="tl-stone"' in plain
    assert "Handed over" in plain
    text = await page(client, f"{path}&critical=1&baseline={baseline}")
    bars = {int(m[2]): (m[1], m[3]) for m in BAR.finditer(text)}
    assert ["strong" in bars[task][0] for task in (long, after, short)] == [True, True, False]
    assert "critical: a day later" in bars[long][1]
    # Seven working days in the chain, one in the short one.
    assert "6 working days of slack" in bars[short][1]
    assert text.count('class="tl-sign"') == 2
    assert text.count('class="tl-planned"') == 3
    assert "2 critical tasks decide its last day" in text
    assert "Baseline: Contract" in text
    assert 'data-preview="/api/planning/ask/moved"' in text
    guest = await page(client, f"{path}&critical=1", "guest")
    assert "critical: a day later" in guest
    assert "data-preview" not in guest
    theirs = await page(client, f"{path}&critical=1&baseline={baseline}", "stranger")
    assert "Contract" not in theirs
    assert "Handed over" not in theirs


async def test_the_pages_of_a_plan_answer_and_hide(
    workspace: Workspace, people: dict[str, Me], client: httpx.AsyncClient
) -> None:
    project, _tasks, baseline = await plan(workspace, people)
    here = f"/projects/projects/{project}"
    text = await page(client, f"{here}/schedule")
    assert "TASK-001" in text
    assert "Plan anew" in text
    assert "tasks would get other dates" in await page(client, f"{here}/schedule?how=level&start=")
    assert "Plan anew" not in await page(client, f"{here}/schedule", "guest")
    assert "No forecast yet" in await page(client, f"{here}/forecast")
    assert "The end is as planned" in await page(client, f"{here}/baselines", "guest")
    compared = await page(client, f"/planning/baselines/{baseline}", "guest")
    assert "Compare every task" in compared
    for tail in ("schedule", "forecast", "baselines"):
        await page(client, f"{here}/{tail}", "stranger", 404)
        await page(client, f"/projects/projects/x/{tail}", status=404)
    await page(client, f"{here}/schedule?start=soon&how=level", status=400)
    await page(client, f"{here}/schedule?how=magic", status=400)
    await page(client, f"{here}/forecast?weeks=0", status=400)
    await page(client, f"{here}/baselines?baseline=999", status=404)
    assert here in await page(client, "/planning", "guest")
    assert here not in await page(client, "/planning", "stranger")
    assert f"{here}/schedule" in await page(client, here)
    calendar = await page(client, "/planning/calendars/1")
    assert "Free days" in calendar
