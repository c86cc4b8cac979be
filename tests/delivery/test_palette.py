"""The palette, the search page and quick add: what they offer, to whom, and how much they ask."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from mainstay.app import ROUTES
from mainstay.delivery import keys
from mainstay.delivery.asgi import build
from mainstay.delivery.gate import COOKIE
from mainstay.kernel import perform
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from tests.delivery.test_pages import DIALOG, well_formed
from tests.harness.samples import Samples

EVIL = "<img src=x onerror=alert(1)> mooring \"'&"


@pytest.fixture
async def people(workspace: Workspace) -> dict[str, Me]:
    """An administrator, and a guest who may read tasks of projects they are in: none."""
    samples = Samples(workspace)
    ids = [(await samples.record(workspace.registry.noun("identity.user"))).id for _ in range(2)]
    guest = frozenset({"projects.*.read", "places.favourite.read", "places.recent.read"})
    return {
        "good": Me(id=ids[0], name="Ada", grants=frozenset({"*"})),
        "guest": Me(id=ids[1], name="Guest", grants=guest),
    }


@pytest.fixture
async def client(workspace: Workspace, people: dict[str, Me]) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of the administrator's."""

    async def who(_: Workspace, session: str | None, _bearer: str | None) -> Me | None:
        return people.get(session or "")

    app: Any = build(workspace, who, ROUTES, background=False)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://mainstay.test",
        headers={"origin": "http://mainstay.test"},
        cookies={COOKIE: "good"},
    ) as client:
        yield client


@pytest.fixture
async def task(workspace: Workspace, people: dict[str, Me]) -> Any:
    """A task with a hostile title."""
    samples = Samples(workspace, people["good"])
    return await samples.record(workspace.registry.noun("projects.task"), title=EVIL)


def as_guest(client: httpx.AsyncClient) -> dict[str, str]:
    client.cookies.clear()
    return {"cookie": f"{COOKIE}=guest"}


async def test_the_palette_offers_pages_verbs_and_what_can_be_created(
    client: httpx.AsyncClient, task: Any
) -> None:
    where = {"resource": "projects.task", "record": str(task.id)}
    page = well_formed(await client.get("/palette", params=where))
    assert 'data-href="/projects/tasks"' in page
    assert 'data-deed="quick:projects.task"' in page
    assert f'data-run="/api/projects/tasks/{task.id}/start"' in page
    assert f'data-ask="/projects/tasks/{task.id}/do/assign"' in page
    assert 'data-why="This task is not blocked' in page
    assert "theme:dark" in page
    assert f'data-href="/projects/projects/{task.project_id}"' in page
    plain = await client.get("/palette")
    assert "/do/assign" not in plain.text
    broken = await client.get("/palette", params={"resource": "no.such", "record": "9" * 30})
    assert broken.status_code == 200


async def test_a_guest_is_offered_only_what_they_may_do(
    client: httpx.AsyncClient, task: Any
) -> None:
    headers = as_guest(client)
    where = {"resource": "projects.task", "record": str(task.id)}
    page = (await client.get("/palette", params=where, headers=headers)).text
    assert "quick:" not in page
    assert "data-run" not in page
    assert "/identity/users" not in page
    assert "/styleguide" not in page
    found = (await client.get("/palette/records", params={"q": "moor"}, headers=headers)).text
    assert "mooring" not in found
    assert (await client.get("/styleguide", headers=headers)).status_code == 403


async def test_records_are_found_by_letters_and_shown_as_text(
    client: httpx.AsyncClient, task: Any
) -> None:
    page = well_formed(await client.get("/palette/records", params={"q": "moor"}))
    assert f'data-href="/projects/tasks/{task.id}"' in page
    assert "<mark>moor</mark>ing" in page
    assert "<img" not in page
    assert "Search everything for" in page


async def test_search_groups_marks_and_goes_on(
    workspace: Workspace, client: httpx.AsyncClient, task: Any
) -> None:
    noun = workspace.registry.noun("projects.task")

    async def many(ctx: Any) -> None:
        for place in range(25):
            data = {"title": f"Capstan {place}", "project_id": task.project_id}
            await perform.create(ctx, noun, data)

    await workspace.run(SYSTEM, many)
    page = well_formed(await client.get("/search", params={"q": "capstan"}))
    assert 'class="count">20+</span>' in page
    assert page.count('class="hit"') == 5
    whole = await client.get("/search", params={"q": "capstan", "in": "projects.task"})
    assert whole.text.count('class="hit"') == 20
    follow = whole.text.split('id="more"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    rest = await client.get(follow, headers={"HX-Request": "true"})
    assert rest.text.count('class="hit"') == 5
    assert "<!doctype" not in rest.text
    evil = well_formed(await client.get("/search", params={"q": "mooring"}))
    assert "<mark>mooring</mark>" in evil
    assert "<img" not in evil
    assert (await client.get("/search", params={"q": "x", "in": "no.such"})).status_code == 400
    empty = await client.get("/search", params={"q": "nothinglikethis"})
    assert "Nothing found" in empty.text


async def test_a_comment_leads_to_its_record(
    workspace: Workspace, client: httpx.AsyncClient, people: dict[str, Me], task: Any
) -> None:
    samples = Samples(workspace, people["good"])
    comment = workspace.registry.noun("comments.comment")
    await samples.record(
        comment, entity="projects.task", record_id=task.id, body="The bollard is loose"
    )
    page = well_formed(await client.get("/search", params={"q": "bollard"}))
    assert f"/projects/tasks/{task.id}" in page
    assert "The <mark>bollard</mark> is loose" in page
    found = (await client.get("/api/search", params={"q": "bollard"})).json()["items"]
    assert [item["resource"] for item in found] == ["comments.comment"]
    assert found[0]["url"].startswith(f"/projects/tasks/{task.id}")
    assert "<mark>bollard</mark>" in found[0]["snippet"]


async def test_no_string_breaks_a_search(
    client: httpx.AsyncClient, task: Any, naughty: tuple[str, ...]
) -> None:
    for text in naughty[::4]:
        if text.strip("\x00 "):
            for path in ("/search", "/palette/records"):
                answer = await client.get(path, params={"q": text})
                assert answer.status_code == 200, (path, text)
                assert "<script>" not in answer.text.replace("<script src", "")


async def test_quick_add_knows_where_it_is(client: httpx.AsyncClient, task: Any) -> None:
    where = {"resource": "projects.project", "record": str(task.project_id), "next": "/projects"}
    form = well_formed(await client.get("/quick", params=where, headers=DIALOG))
    assert '<option value="projects.task" selected>' in form
    assert f'<option value="{task.project_id}" selected>' in form
    beside = {"resource": "projects.task", "record": str(task.id)}
    form = (await client.get("/quick", params=beside, headers=DIALOG)).text
    assert f'<option value="{task.project_id}" selected>' in form
    typed = {"kind": "projects.task", "title": "Half typed", "resource": "projects.task"}
    assert 'value="Half typed"' in (await client.get("/quick", params=typed, headers=DIALOG)).text


async def test_quick_add_creates_stays_opens_and_refuses(
    workspace: Workspace, client: httpx.AsyncClient, people: dict[str, Me], task: Any
) -> None:
    data = {
        "kind": "projects.task",
        "title": "Splice the rope",
        "project_id": str(task.project_id),
        "next": "/projects/tasks?status=todo",
    }
    stays = await client.post("/quick", data=data, headers=DIALOG)
    assert "/projects/tasks?status=todo" in stays.headers["hx-location"]
    page = await workspace.page(people["good"], "projects.task", {"q": "splice"})
    opens = await client.post("/quick", data={**data, "open": "1"}, headers=DIALOG)
    assert page.items
    assert "/projects/tasks/" in opens.headers["hx-location"]
    refused = await client.post("/quick", data={**data, "title": ""}, headers=DIALOG)
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in well_formed(refused)
    away = await client.post(
        "/quick", data={**data, "next": "https://evil.example"}, headers=DIALOG
    )
    assert "evil" not in away.headers["hx-location"]
    denied = await client.post("/quick", data=data, headers=DIALOG | as_guest(client))
    assert denied.status_code == 403


async def test_the_rail_is_asked_for_once_and_only_with_a_whole_page(
    workspace: Workspace, client: httpx.AsyncClient, task: Any
) -> None:
    made = await client.post(
        "/api/places/favourites", json={"path": "/projects/tasks?status=todo", "title": EVIL}
    )
    assert made.status_code == 201
    whole = await client.get("/projects/projects", headers={"accept": "text/html"})
    assert 'data-path="/projects/tasks?status=todo"' in whole.text
    assert "<img src=x" not in whole.text
    part = await client.get(
        "/projects/projects",
        headers={"accept": "text/html", "HX-Request": "true", "HX-Target": "main#main"},
    )
    assert "favourite" not in part.text.split("<main")[0]


def test_every_page_of_the_menu_has_a_letter_of_its_own(house: Registry) -> None:
    letters = keys.letters(house)
    assert letters["/projects/projects"] == "p"
    assert letters["/projects/tasks"] == "t"
    assert letters["/"] == "h"
    assert len(set(letters.values())) == len(letters)


async def test_the_sheet_names_every_key_once_in_its_part(client: httpx.AsyncClient) -> None:
    page = (await client.get("/", headers={"accept": "text/html"})).text
    sheet = page.split('id="keys"')[1].split("</dialog>")[0]
    for wanted in ("mod+k", "/", "c", "?", "j", "k", "x", "e", "g p", "g t"):
        assert f'data-keys="{wanted}"' in sheet, wanted


async def test_what_was_opened_is_told_by_the_page_and_not_by_reading_it(
    client: httpx.AsyncClient, task: Any
) -> None:
    await client.get(f"/projects/tasks/{task.id}")
    assert 'data-section="recent"' not in (await client.get("/palette")).text
    seen = {"entity": "projects.task", "record_id": task.id}
    assert (await client.post("/places/seen", json=seen)).status_code == 204
    page = (await client.get("/palette")).text
    assert f'data-href="/projects/tasks/{task.id}"' in page.split('data-section="recent"')[1]
    assert (await client.post("/places/seen", json={})).status_code == 204
    assert (await client.post("/places/seen", json={"entity": 5})).status_code == 422
    assert (await client.post("/places/seen", json={"entity": "x", "more": 1})).status_code == 422
