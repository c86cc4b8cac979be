"""Columns, groups, totals and editing in place, as the server answers them."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from mainstay.app import ROUTES
from mainstay.delivery.asgi import build
from mainstay.delivery.gate import COOKIE
from mainstay.kernel import perform
from mainstay.kernel.scope import Me
from mainstay.kernel.workspace import Workspace
from tests.harness.samples import Samples

CHUNK = {"HX-Request": "true", "HX-Target": "tbody#chunk"}
HEADS = {"HX-Request": "true", "HX-Target": "thead#heads"}
PATH = "/projects/tasks"


@pytest.fixture
async def admin(workspace: Workspace) -> Me:
    """An administrator with an account."""
    user = await Samples(workspace).record(workspace.registry.noun("identity.user"))
    return Me(id=user.id, name="Ada Admin", grants=frozenset({"*"}))


@pytest.fixture
async def client(workspace: Workspace, admin: Me) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of the administrator's; the session `guest` may read tasks and nothing more."""
    grants = frozenset({"projects.*.read", "projects.*.see_all"})
    guest = Me(id=admin.id, name="Guest", grants=grants)

    async def who(_: Workspace, session: str | None, _bearer: str | None) -> Me | None:
        return {"good": admin, "guest": guest}.get(session or "")

    app: Any = build(workspace, who, ROUTES, background=False)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://mainstay.test",
        headers={"origin": "http://mainstay.test"},
        cookies={COOKIE: "good"},
    ) as client:
        yield client


@pytest.fixture
async def tasks(workspace: Workspace, admin: Me) -> list[int]:
    """Five tasks of one project, two of them done, with points."""
    samples = Samples(workspace, admin)
    project = await samples.record(workspace.registry.noun("projects.project"))
    noun = workspace.registry.noun("projects.task")
    made = []
    for place in range(5):
        data = {
            "project_id": project.id,
            "title": f"Task <{place}>",
            "status": "done" if place < 2 else "todo",
            "story_points": place + 1.5,
            "due_date": f"2026-0{place % 2 + 3}-10",
        }
        one = await workspace.run(admin, lambda ctx, data=data: perform.create(ctx, noun, data))
        made.append(one.id)
    return made


def heads(html: str) -> list[str]:
    """Return the fields of a table's heads."""
    return re.findall(r'<th scope="col" data-field="([^"]+)"', html)


async def csrf(client: httpx.AsyncClient) -> dict[str, str]:
    """Return the header that a page's script sends."""
    page = (await client.get("/account")).text
    found = re.search(r'name="csrf" content="([^"]+)"', page)
    return {"x-csrf-token": found[1] if found else ""}


async def save(client: httpx.AsyncClient, record: int, **values: Any) -> httpx.Response:
    """Save one value as the script does."""
    return await client.post(f"{PATH}/{record}/cell", data=values, headers=await csrf(client))


async def test_an_address_chooses_columns_their_order_and_widths(
    client: httpx.AsyncClient, tasks: list[int]
) -> None:
    query = "columns=status:180,title,project.code,nonsense,password_hash,id:9"
    html = (await client.get(f"{PATH}?{query}")).text
    assert heads(html) == ["status", "title", "project.code", "id"]
    assert '<col width="180">' in html
    assert '<col width="48">' in html
    assert "Task &lt;3&gt;" in html
    assert "Task <3>" not in html


async def test_a_reader_without_the_grant_gets_no_editable_cells(
    client: httpx.AsyncClient, tasks: list[int]
) -> None:
    assert ' data-edit-field="' in (await client.get(PATH)).text
    client.cookies.set(COOKIE, "guest")
    html = (await client.get(PATH)).text
    assert f'id="r{tasks[0]}"' in html
    assert ' data-edit-field="' not in html
    assert (await client.get(f"{PATH}/{tasks[0]}/editor?field=title")).status_code == 403
    assert (await save(client, tasks[0], field="title", title="Mine")).status_code == 403


async def test_chunks_follow_one_another_by_their_place(
    client: httpx.AsyncClient, tasks: list[int]
) -> None:
    seen: list[int] = []
    address = f"{PATH}?view=table&sort=-id&limit=2"
    for _round in range(3):
        html = (await client.get(address, headers=CHUNK)).text
        assert "<thead" not in html
        seen += [int(one) for one in re.findall(r'data-record="(\d+)"', html)]
        following = re.search(r'href="([^"]+)" hx-boost="false" data-more', html)
        if following is None:
            break
        address = following[1].replace("&amp;", "&").replace("limit=100", "limit=2")
    assert seen == sorted(tasks, reverse=True)


async def test_groups_are_counted_and_added_up(client: httpx.AsyncClient, tasks: list[int]) -> None:
    query = "view=table&group_by=status&totals=1&columns=title,story_points&folded=done"
    html = (await client.get(f"{PATH}?{query}", headers=HEADS)).text
    groups = re.findall(r'data-group="(\w+)" data-rows="[^"]+"( data-folded)?', html)
    assert groups == [("todo", ""), ("done", " data-folded")]
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    assert "Todo 3 Sum 13.5" in words
    assert "Done 2 Sum 4" in words
    assert "Total 5 Sum 17.5" in words
    assert "data-record" not in html
    months = (await client.get(f"{PATH}?view=table&group_by=due_date:month", headers=HEADS)).text
    assert re.findall(r'data-group="([^"]+)"', months) == ["2026-03-01", "2026-04-01"]
    rows = re.search(r'data-rows="([^"]+)"', months)
    assert rows
    march = await client.get(rows[1].replace("&amp;", "&"), headers=CHUNK)
    assert march.text.count("data-record=") == 3
    wrong = await client.get(f"{PATH}?view=table&group_by=title")
    assert wrong.status_code == 400


async def test_a_value_is_saved_and_drawn_and_both_people_are_heard(
    client: httpx.AsyncClient, workspace: Workspace, tasks: list[int]
) -> None:
    one = tasks[0]
    editor = (await client.get(f"{PATH}/{one}/editor?field=title")).text
    version = re.search(r'name="version" value="(\d+)"', editor)
    base = re.search(r'name="base" value="([^"]+)"', editor)
    assert version
    assert base
    known = {"version": version[1], "base": base[1].replace("&#34;", '"').replace("&lt;", "<")}
    known["base"] = known["base"].replace("&gt;", ">")
    done = await save(client, one, field="title", title="<b>Bold", columns="title,status", **known)
    assert done.status_code == 200, done.text
    assert "&lt;b&gt;Bold" in done.json()["cells"]["title"]
    assert int(done.headers["x-change-set"])

    stale = await save(client, one, field="title", title="Other", **known)
    assert stale.status_code == 409
    assert stale.json()["theirs"]["html"] == "&lt;b&gt;Bold"
    other = await save(
        client, one, field="priority", priority="low", version=known["version"], base='["medium"]'
    )
    assert other.status_code == 200
    found = await workspace.one(Me(kind="system", grants=frozenset({"*"})), "projects.task", one)
    assert (found.title, found.priority) == ("<b>Bold", "low")


@pytest.mark.parametrize(
    ("field", "value", "status", "says"),
    [
        ("story_points", "-1", 422, "between"),
        ("story_points", "many", 422, "number"),
        ("title", "", 422, "at least 1 character"),
        ("due_date", "soon", 422, "date"),
        ("id", "7", 422, "cannot be edited"),
        ("completed_at", "2026-01-01T00:00", 422, "cannot be edited"),
        ("", "", 422, "cannot be edited"),
    ],
)
async def test_a_refusal_names_the_field_and_the_reason(
    client: httpx.AsyncClient, tasks: list[int], field: str, value: str, status: int, says: str
) -> None:
    answer = await save(client, tasks[0], field=field, **({field: value} if field else {}))
    assert answer.status_code == status
    assert says in answer.json()["detail"]
    assert answer.json()["errors"][0]["field"] == (field or "field")
