"""The frame of every list: the filter as a sentence, saved views, what is remembered, the bar."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from mainstay.app import ROUTES
from mainstay.delivery.asgi import build
from mainstay.delivery.gate import COOKIE
from mainstay.delivery.pages import filters
from mainstay.delivery.pages.filters import Part
from mainstay.delivery.pages.listing import Saved, Shelf, opened
from mainstay.kernel import perform
from mainstay.kernel.problems import NotFound
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from tests.harness.samples import Samples
from tests.harness.workspaces import heard

TASKS = "/projects/tasks"
MEMBER = ("projects.*", "views.saved_view.*", "views.view_memory.*", "identity.user.read")


@pytest.fixture
def engine_name() -> str:
    """How a page looks does not depend on the engine."""
    return "sqlite"


@pytest.fixture
async def people(workspace: Workspace) -> dict[str, Me]:
    samples = Samples(workspace)
    user = workspace.registry.noun("identity.user")
    ada, bob = (await samples.record(user)).id, (await samples.record(user)).id
    quiet = tuple(g for g in MEMBER if "saved" not in g)
    kept = frozenset({*quiet, *(f"views.saved_view.{v}" for v in ("read", "create", "update"))})
    return {
        "ada": Me(id=ada, name="Ada", grants=frozenset({"*"})),
        "bob": Me(id=bob, name="Bob", grants=kept),
    }


@pytest.fixture
async def client(workspace: Workspace, people: dict[str, Me]) -> AsyncIterator[httpx.AsyncClient]:
    async def who(_: Workspace, session: str | None, _bearer: str | None) -> Me | None:
        return people.get(session or "")

    app: Any = build(workspace, who, ROUTES, background=False)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://mainstay.test",
        headers={"origin": "http://mainstay.test"},
        cookies={COOKIE: "ada"},
    ) as client:
        yield client


@pytest.fixture
async def task(workspace: Workspace, people: dict[str, Me]) -> int:
    return (
        await Samples(workspace, people["ada"]).record(workspace.registry.noun("projects.task"))
    ).id


def words_of(html: str) -> str:
    """Return the filter sentence as it is read."""
    found = re.search(r'<div class="sentence".*?</div>', html, re.DOTALL)
    assert found
    text = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", found[0], flags=re.DOTALL)
    return " ".join(text.split())


# ---- the tree ----


@pytest.mark.parametrize(
    "pairs",
    [
        [("status", "todo,review"), ("due_date__lt", "today")],
        [("any", "priority=high|assignee_id=me;due_date__lt=today"), ("status__ne", "done")],
        [("any", r"title__contains=a\|b\;c\\d|status=todo"), ("is", "overdue")],
        [("due_date__gte", "today"), ("due_date__lte", "+7d")],
    ],
)
def test_a_filter_is_read_and_written_back_as_it_was(pairs: filters.Pairs) -> None:
    assert filters.pairs_from(filters.tree_of(pairs)) == pairs


def test_one_part_is_changed_and_the_others_stay() -> None:
    tree = filters.tree_of([("status", "todo"), ("due_date__lt", "today")])
    filters.put(tree, "0.or", Part("assignee_id", "me"))
    filters.put(tree, "0.1.new", Part("title__contains", "a|b"))
    filters.put(tree, "1", Part("due_date", "this_week"))
    any_of = r"status=todo|assignee_id=me;title__contains=a\|b"
    assert filters.pairs_from(tree) == [("any", any_of), ("due_date", "this_week")]
    filters.drop(tree, "0.1.1")
    filters.drop(tree, "0.1.0")
    assert filters.pairs_from(tree) == [("status", "todo"), ("due_date", "this_week")]


# ---- what an address opens ----


def test_an_address_says_all_or_takes_the_rest_from_its_view() -> None:
    shelf = Shelf(
        views=(Saved(7, "Mine", "view=board&status=todo&sort=title"),),
        memory="view=calendar&status=x",
    )
    kinds = ("table", "board", "calendar")
    pairs, saved = opened([("v", "7")], shelf, kinds)
    assert saved
    assert dict(pairs) == {"v": "7", "view": "board", "status": "todo", "sort": "title"}
    assert dict(opened([("v", "7"), ("sort", "code")], shelf, kinds)[0])["status"] == "todo"
    whole = [("v", "7"), ("view", "table")]
    assert opened(whole, shelf, kinds)[0] == whole
    assert opened([], shelf, kinds)[0] == [("view", "calendar")]  # the memory holds no filter
    assert opened([("status", "done")], shelf, kinds)[0] == [("view", "table"), ("status", "done")]
    with pytest.raises(NotFound):
        opened([("v", "8")], shelf, kinds)


# ---- pages ----


async def test_the_filter_reads_like_a_sentence(client: httpx.AsyncClient, task: int) -> None:
    query = {
        "status": "todo,review",
        "due_date__lt": "today",
        "any": "priority=high|assignee_id=me",
        "created_at": "this_week",
    }
    page = await client.get(TASKS, params=query)
    assert page.status_code == 200
    said = words_of(page.text)
    assert (
        "Status is Todo or Review and Due before today and ( Priority is High or Assignee is me"
        in said
    )
    assert "Created at is this week" in said
    near = await client.get(TASKS, params={"due_date__gte": "today", "due_date__lte": "+7d"})
    assert "Due in the next 7 days" in words_of(near.text)
    copied = re.search(r'data-copy-query="([^"]*)"', page.text)
    assert copied
    text = copied[1].replace("&amp;", "&")
    again = await client.get(f"/api{TASKS}?{text}")
    assert again.status_code == 200
    assert {name: values[0] for name, values in parse_qs(text).items()} == query


async def test_a_condition_is_chosen_step_by_step(client: httpx.AsyncClient, task: int) -> None:
    state = "view=board&status=todo&column_by=priority"
    asked = {"state": state, "at": "new"}
    fields = await client.get(f"{TASKS}/filter", params=asked)
    assert 'data-field="priority"' in fields.text
    assert 'data-named="overdue"' in fields.text
    values = await client.get(f"{TASKS}/filter", params={**asked, "field": "priority"})
    assert 'data-value="high"' in values.text
    chosen = {**asked, "field": "priority", "op": "ne", "apply": "1", "value": ["high", "low"]}
    done = await client.get(f"{TASKS}/filter", params=chosen)
    query = parse_qs(urlsplit(done.json()["href"]).query)
    assert query == {
        "view": ["board"],
        "column_by": ["priority"],
        "status": ["todo"],
        "priority__ne": ["high,low"],
    }
    assert (await client.get(done.json()["href"])).status_code == 200
    wrong = {**asked, "field": "story_points", "op": "gte", "apply": "1", "value": "many"}
    refused = await client.get(f"{TASKS}/filter", params=wrong)
    assert refused.status_code == 400
    assert "story_points" in refused.json()["detail"]


async def test_a_wrong_address_says_why_and_shows_the_way_back(
    client: httpx.AsyncClient, task: int
) -> None:
    page = await client.get(TASKS, params={"colour": "red", "view": "table"})
    assert page.status_code == 400
    assert "Unknown filter" in page.text
    assert f'href="{TASKS}?view=table"' in page.text


async def test_every_view_keeps_the_filters(client: httpx.AsyncClient, task: int) -> None:
    page = await client.get(TASKS, params={"status": "todo", "sort": "-title"})
    tabs = re.findall(r'<a class="tab" href="([^"]+)"', page.text)
    assert len(tabs) > 1
    for tab in tabs:
        query = parse_qs(urlsplit(tab.replace("&amp;", "&")).query)
        assert (query["status"], query["sort"]) == (["todo"], ["-title"])


# ---- saved views ----


async def save(client: httpx.AsyncClient, who: str, **data: Any) -> httpx.Response:
    client.cookies.set(COOKIE, who)
    known = {"entity": "projects.task", "title": "Hot", "query": "view=table&status=todo"}
    return await client.post("/api/views/saved", json=known | data)


async def test_a_view_is_saved_changed_and_brought_back(
    client: httpx.AsyncClient, task: int
) -> None:
    made = (await save(client, "ada")).json()
    page = await client.get(TASKS, params={"v": made["id"]})
    assert 'aria-current="page">' in page.text
    assert "Status is Todo" in words_of(page.text)
    assert "Changed:" not in page.text
    changed = await client.get(TASKS, params={"v": made["id"], "view": "table", "status": "done"})
    assert "Changed:" in changed.text
    assert f'href="{TASKS}?v={made["id"]}">Reset' in changed.text
    refused = await save(client, "ada", query="colour=red")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "query"


async def test_a_personal_view_is_nobody_elses_and_sharing_needs_its_grant(
    client: httpx.AsyncClient, task: int
) -> None:
    own = (await save(client, "bob")).json()
    assert (await save(client, "bob", shared="everyone")).status_code == 403
    shared = (await save(client, "ada", shared="everyone", title="Ours")).json()
    assert (await client.get(TASKS, params={"v": own["id"]})).status_code == 404
    client.cookies.set(COOKIE, "bob")
    page = await client.get(TASKS, params={"v": shared["id"]})
    assert page.status_code == 200
    assert 'data-view-do="rename"' not in page.text
    patched = await client.patch(f"/api/views/saved/{shared['id']}", json={"title": "Mine"})
    assert patched.status_code == 403


async def test_a_bare_address_opens_the_usual_view_or_what_is_remembered(
    client: httpx.AsyncClient, task: int
) -> None:
    told = {"entity": "projects.task", "query": "view=board&status=todo&sort=title&open=3"}
    kept = await client.post("/api/views/memory/remember", json=told)
    assert kept.json()["query"] == "view=board&sort=title"
    page = await client.get(TASKS)
    assert 'data-view-kind="board"' in page.text
    assert f'data-address="{TASKS}?view=board&amp;sort=title"' in page.text
    explicit = await client.get(TASKS, params={"view": "table"})
    assert 'data-view-kind="table"' in explicit.text

    made = (await save(client, "ada", shared="everyone")).json()
    view = f"/api/views/saved/{made['id']}"
    assert (await client.post(f"{view}/make_usual", json={"whom": "everyone"})).status_code == 200
    assert f'data-address="{TASKS}?v={made["id"]}"' in (await client.get(TASKS)).text
    await client.post(f"{view}/drop_usual", json={"whom": "everyone"})
    assert 'data-view-kind="board"' in (await client.get(TASKS)).text
    assert (await client.post(f"{view}/make_usual", json={})).status_code == 200
    assert f'data-address="{TASKS}?v={made["id"]}"' in (await client.get(TASKS)).text
    await client.delete(view)
    assert 'data-view-kind="board"' in (await client.get(TASKS)).text


async def test_opening_a_list_writes_nothing(
    client: httpx.AsyncClient, workspace: Workspace, task: int
) -> None:
    await client.get(TASKS, params={"view": "board"})
    found = await workspace.page(SYSTEM, "views.view_memory", {})
    assert not found.items


# ---- the bar ----


async def test_many_are_changed_after_they_were_shown(
    client: httpx.AsyncClient, workspace: Workspace, task: int
) -> None:
    deed = f"/many{TASKS}/update"
    ask = await client.post(deed, data={"ids": f"{task}", "add": "status", "step": "redraw"})
    assert 'name="status"' in ask.text
    wish = {"ids": f"{task},999999", "names": "status", "status": "review"}
    preview = await client.post(deed, data={**wish, "step": "preview"})
    assert "Apply to the other 1" in preview.text
    hidden = dict(re.findall(r'name="(known|skip)" value="([^"]*)"', preview.text))
    assert hidden["skip"] == "999999"
    assert (await workspace.one(SYSTEM, "projects.task", task)).status == "todo"

    noun = workspace.registry.noun("projects.task")
    await workspace.run(SYSTEM, lambda ctx: perform.update(ctx, noun, task, {"title": "Other"}))
    late = await client.post(deed, data={**wish, **hidden, "step": "apply"})
    assert "changed meanwhile" in late.text
    hidden = dict(re.findall(r'name="(known|skip)" value="([^"]*)"', late.text))
    done = json.loads((await client.post(deed, data={**wish, **hidden, "step": "apply"})).text)
    assert (await workspace.one(SYSTEM, "projects.task", task)).status == "review"
    back = await client.post(f"/api/changes/{done['undo']}/undo", json={})
    assert back.status_code == 200
    assert (await workspace.one(SYSTEM, "projects.task", task)).status == "todo"


async def test_the_bar_offers_and_does_only_what_may_be_done(
    client: httpx.AsyncClient, task: int
) -> None:
    client.cookies.set(COOKIE, "bob")
    page = await client.get(TASKS, params={"view": "table"})
    assert 'data-bulk="update"' not in page.text  # no grant to start bulk changes
    client.cookies.set(COOKIE, "ada")
    page = await client.get(TASKS, params={"view": "table"})
    assert 'data-bulk="complete"' in page.text
    unknown = await client.post(f"/many{TASKS}/explode", data={"ids": f"{task}"})
    assert unknown.status_code == 404
    nothing = await client.post(f"/many{TASKS}/delete", data={"ids": ""})
    assert nothing.status_code == 422


async def test_long_work_shows_in_the_corner(
    client: httpx.AsyncClient, workspace: Workspace, task: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def acting(_: Workspace, kept: Me) -> Me:
        return kept

    monkeypatch.setattr(Workspace, "acting", acting)
    wish = {"resource": "projects.task", "deed": "update", "ids": [task]}
    wish["values"] = {"set": {"status": "review"}}
    run = (await client.post("/api/bulk/runs/start", json=wish)).json()
    tray = await client.get("/work")
    assert 'data-topics="bulk.bulk_run"' in tray.text
    assert "<progress" in tray.text
    assert 'data-work-do="stop"' in tray.text
    await heard(workspace)
    tray = await client.get("/work")
    assert 'data-topics=""' in tray.text
    assert f'href="/bulk/runs/{run["id"]}"' in tray.text
    assert 'data-work-do="take_back"' in tray.text
    report = await client.get(f"/bulk/runs/{run['id']}")
    assert "1 / 1" in report.text
    client.cookies.set(COOKIE, "bob")
    assert "<section" not in (await client.get("/work")).text
