"""Custom fields on pages and over REST: real inputs, safe labels, spoken history, columns."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from mainstay.app import ROUTES
from mainstay.delivery.asgi import build
from mainstay.delivery.gate import COOKIE
from mainstay.facets.custom_fields.entities import CustomField
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.projects.entities import Task
from tests.facets.custom_fields.conftest import change, make
from tests.facets.custom_fields.test_values import GOOD, shown
from tests.harness.samples import Samples

EVIL = '<img src=x onerror=alert(1)> 100% %(x)s "why"'


@pytest.fixture
def engine_name() -> str:
    """How a page looks does not depend on the engine."""
    return "sqlite"


@pytest.fixture
async def client(workspace: Workspace) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of an administrator's."""
    user = await Samples(workspace).record(workspace.registry.noun("identity.user"))
    admin = Me(id=user.id, name="Ada Admin", grants=frozenset({"*"}))

    async def who(_: Workspace, session: str | None, _bearer: str | None) -> Me | None:
        return admin if session == "good" else None

    app: Any = build(workspace, who, ROUTES, background=False)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://mainstay.test",
        headers={"origin": "http://mainstay.test"},
        cookies={COOKIE: "good"},
    ) as client:
        yield client


def inputs(html: str) -> dict[str, str]:
    """Return the values that a form would send for the added fields, and what it started from."""
    found = dict(re.findall(r'name="(cf\.\w+|_base|version)"[^>]*? value="([^"]*)"', html))
    found |= dict(re.findall(r' value="([^"]*)"[^>]*? name="(cf\.\w+)"', html))
    return found


async def token(client: httpx.AsyncClient, path: str) -> tuple[str, str]:
    """Return a page and the token its forms carry."""
    html = (await client.get(path)).text
    return html, re.search(r'name="_csrf" value="([^"]+)"', html)[1]  # type: ignore[index]


async def test_a_new_record_is_made_with_real_inputs(
    workspace: Workspace, client: httpx.AsyncClient, fields: dict[str, CustomField], project: Any
) -> None:
    await change(workspace, fields["score"], initial="2.5", label=EVIL, help=EVIL)
    html, csrf = await token(client, f"/projects/tasks/new?project_id={project.id}")
    assert "<img src=x" not in html
    assert "&lt;img src=x onerror=alert(1)&gt; 100% %(x)s" in html
    assert 'name="custom_fields"' not in html
    assert re.search(r'type="number"[^>]*value="2.5"[^>]*name="cf.score"', html)
    assert re.search(r'<option value="Major"', html)
    data: dict[str, Any] = {"_csrf": csrf, "title": "A", "project_id": str(project.id)}
    wrong = await client.post("/projects/tasks/new", data=data | {"cf.ticket": "javascript:x"})
    assert wrong.status_code == 422
    assert "must be a web address" in wrong.text
    good = {
        "cf.severity": "Major",
        "cf.score": "2.5",
        "cf.cost": "12.5",
        "cf.areas": ["", "UI", "R&D"],
        "cf.ticket": "https://example.org",
        "cf.seen": "true",
        "cf.go_live": "",
    }
    made = await client.post("/projects/tasks/new", data=data | good)
    assert made.status_code in (200, 303), made.text
    row = (await workspace.page(SYSTEM, Task)).items[0]
    assert await shown(workspace, await _task(workspace, row.id)) == {
        "severity": "Major",
        "score": 2.5,
        "cost": "12.50",
        "areas": ["UI", "R&D"],
        "ticket": "https://example.org",
        "seen": True,
    }


async def _task(ws: Workspace, one: int) -> Any:
    return await ws.look(SYSTEM, lambda ctx: ctx.get(Task, one))


async def test_an_edit_writes_only_what_was_changed_and_the_page_says_what(
    workspace: Workspace, client: httpx.AsyncClient, fields: dict[str, CustomField], project: Any
) -> None:
    task = await make(workspace, Task, title="A", project_id=project.id, custom_fields=GOOD)
    html, csrf = await token(client, f"/projects/tasks/{task.id}/edit")
    base = re.search(r'name="_base" value="([^"]*)"', html)
    assert base
    data: dict[str, Any] = {
        "_csrf": csrf,
        "_base": base[1].replace("&#34;", '"').replace("&amp;", "&"),
        "version": str(task.version),
        "title": "A",
        "cf.severity": "Critical",
        "cf.areas": ["", "R&D", "UI"],
    }
    data |= {f"cf.{n}": str(GOOD[n]) for n in ("score", "cost", "go_live", "ticket", "note")}
    data["cf.story"] = GOOD["story"]
    await change(workspace, task, custom_fields={"tester": None, "score": 9})
    await client.post(f"/projects/tasks/{task.id}/edit", data=data | {"version": ""})
    assert await shown(workspace, task) == {**GOOD, "severity": "Critical", "score": 9.0}
    page = (await client.get(f"/projects/tasks/{task.id}")).text
    assert "Severity" in page
    assert "Critical" in page
    assert "€1,234.50" in page
    assert "custom_fields" not in re.sub(r"<[^>]*>", "", page)


async def test_a_list_shows_and_filters_by_them_and_leads_to_a_new_one(
    workspace: Workspace, client: httpx.AsyncClient, fields: dict[str, CustomField], project: Any
) -> None:
    await make(workspace, Task, title="Alpha", project_id=project.id, custom_fields=GOOD)
    await make(workspace, Task, title="Beta", project_id=project.id)
    path = "/projects/tasks?columns=title,cf.severity,cf.cost&cf.severity=Major&sort=-cf.cost"
    html = (await client.get(path)).text
    assert "Alpha" in html
    assert "Beta" not in html
    assert "€1,234.50" in html
    assert "/custom_fields/fields/new?entity=projects.task" in html
    form = (await client.get("/custom_fields/fields/new?entity=projects.task")).text
    assert '<option value="projects.task" selected>' in form
    assert 'data-when="kind=choice,multi_choice"' in form


async def test_rest_speaks_of_them_and_sums_them_up(
    workspace: Workspace, client: httpx.AsyncClient, fields: dict[str, CustomField], project: Any
) -> None:
    for n in range(3):
        data = {"title": f"T{n}", "project_id": project.id, "custom_fields": GOOD}
        await make(workspace, Task, **data)
    asked = "/api/projects/tasks/summary?by=cf.severity&measure=count,sum:cf.cost&is=open"
    answer = await client.get(asked)
    assert answer.json() == {
        "by": [{"field": "cf.severity", "span": ""}],
        "measures": [{"how": "count", "field": ""}, {"how": "sum", "field": "cf.cost"}],
        "rows": [{"key": ["Major"], "beside": [None], "values": [3, "3703.50"]}],
        "more": False,
    }
    wrong = await client.get("/api/projects/tasks/summary?by=nope")
    assert wrong.status_code == 400
    assert "Unknown group 'nope'" in wrong.json()["detail"]
    rows = (await client.get("/api/projects/tasks?fields=title,cf.score&cf.score__gte=2")).json()
    assert rows["items"][0] == {"id": 3, "title": "T2", "cf.score": 2.5}
    assert (await client.get("/api/projects/tasks/1")).json()["custom_fields"] == GOOD
    assert (await client.get("/api/openapi.json")).status_code == 200
