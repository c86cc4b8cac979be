"""A record's page: what it says, what it lists, its stream, and what it costs."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from mainstay.app import ROUTES
from mainstay.delivery.asgi import build
from mainstay.delivery.gate import COOKIE
from mainstay.delivery.pages.diffs import changed
from mainstay.kernel import perform
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.storage.sqlite import SqliteConnection
from mainstay.kernel.workspace import Workspace
from tests.harness.samples import Samples

SPLIT = {"HX-Request": "true", "HX-Target": "aside#split"}


@pytest.fixture
def engine_name() -> str:
    """How a page looks does not depend on the engine."""
    return "sqlite"


class Desk:
    """An administrator at a record, and a guest who may only read."""

    def __init__(self, ws: Workspace, me: Me, client: httpx.AsyncClient) -> None:
        self.ws, self.me, self.client = ws, me, client
        self.task = ws.registry.nouns["projects.task"]

    async def do(self, work: Any) -> Any:
        return await self.ws.run(self.me, work)

    async def create(self, key: str, **data: Any) -> Any:
        noun = self.ws.registry.nouns[key]
        return await self.do(lambda ctx: perform.create(ctx, noun, data))

    async def change(self, record: int, **data: Any) -> Any:
        return await self.do(lambda ctx: perform.update(ctx, self.task, record, data))

    async def page(self, path: str, **options: Any) -> str:
        answer = await self.client.get(path, **options)
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture
async def desk(workspace: Workspace) -> AsyncIterator[Desk]:
    user = await Samples(workspace).record(workspace.registry.noun("identity.user"))
    me = Me(id=user.id, name="Ada Admin", grants=frozenset({"*"}))
    guest = Me(id=user.id, name="Guest", grants=frozenset({"projects.*.read", "*.*.see_all"}))

    async def who(_: Workspace, session: str | None, _bearer: str | None) -> Me | None:
        return {"good": me, "guest": guest}.get(session or "")

    app: Any = build(workspace, who, ROUTES, background=False)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://mainstay.test",
        headers={"origin": "http://mainstay.test"},
        cookies={COOKIE: "good"},
    ) as client:
        yield Desk(workspace, me, client)


@pytest.fixture
async def task(desk: Desk) -> Any:
    project = await desk.create("projects.project", name="Quay")
    return await desk.create("projects.task", project_id=project.id, title="Grease the capstan")


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def entries(html: str) -> list[str]:
    return [words(part) for part in re.findall(r'<li class="entry .*?</li>', html, re.DOTALL)]


async def test_a_page_says_what_can_be_done_and_why_the_rest_cannot(desk: Desk, task: Any) -> None:
    html = await desk.page(f"/projects/tasks/{task.id}")
    ways = re.findall(r'<button class="menu-item"[^>]*data-(send|why)[^>]*>(.*?)</button>', html)
    said = {words(text).split(":")[0]: kind for kind, text in ways}
    assert said["In progress"] == said["Done"] == "send"
    await desk.change(task.id, status="backlog")
    html = await desk.page(f"/projects/tasks/{task.id}")
    assert "cannot go to review at once. Start it first." in html
    assert 'aria-label="Add due"' in html
    assert 'data-edit-field="title"' in html
    desk.client.cookies.set(COOKIE, "guest")
    read_only = await desk.page(f"/projects/tasks/{task.id}")
    assert 'data-edit-field="' not in read_only
    assert 'data-send="' not in read_only
    assert "take-back" not in read_only
    assert "Add due" not in read_only


async def test_the_stream_is_one_and_can_be_narrowed_and_turned(desk: Desk, task: Any) -> None:
    await desk.change(task.id, title="Grease the big capstan")
    about = {"entity": "projects.task", "record_id": task.id}
    await desk.create("comments.comment", body="Use the *blue* grease.", **about)
    await desk.change(task.id, priority="high")
    path = f"/projects/tasks/{task.id}"
    said = entries(await desk.page(path))
    order = ["created this", "big capstan", "blue", "Medium"]
    assert [next(n for n, text in enumerate(said) if word in text) for word in order] == [
        0,
        1,
        2,
        3,
    ]
    changes = entries(await desk.page(path + "?show=changes"))
    assert changes[0] == said[0]
    assert "big capstan" in changes[1]
    assert "Medium" in changes[1]
    assert entries(await desk.page(path + "?show=comments")) == [said[2]]
    desk.client.cookies.set("mainstay_stream", "newest")
    assert entries(await desk.page(path)) == said[::-1]


async def test_what_one_person_changes_in_a_row_is_one_entry(desk: Desk, task: Any) -> None:
    for points in (1, 2, 3):
        await desk.change(task.id, story_points=points)
    await desk.change(task.id, component="Deck")
    html = await desk.page(f"/projects/tasks/{task.id}")
    last = entries(html)[-1]
    assert "Story points 3" in last
    assert "2" not in last.split("Story points")[1].split("Component")[0]
    assert "Component Deck" in last
    groups = re.findall(r'data-undo="([\d ]+)"', html)[-1].split()
    assert len(groups) == 4
    for group in groups:
        undone = await desk.client.post(f"/api/changes/{group}/undo", json={})
        assert undone.status_code == 200, undone.text
    now = await desk.ws.one(desk.me, "projects.task", task.id)
    assert (now.story_points, now.component) == (None, "")


async def test_older_entries_are_read_on_demand_and_none_is_lost(desk: Desk, task: Any) -> None:
    about = {"entity": "projects.task", "record_id": task.id}
    for n in range(15):
        await desk.create("comments.comment", body=f"Word {n:02}", **about)
        await desk.change(task.id, environment=f"Place {n:02}")
    path = f"/projects/tasks/{task.id}"
    html = await desk.page(path)
    assert len(entries(html)) == 20
    more = re.search(r'href="([^"]+activity=\d+)"', html)
    assert more is not None
    said = " ".join(entries(await desk.page(more[1].replace("&amp;", "&"))))
    assert all(f"Word {n:02}" in said and f"Place {n:02}" in said for n in range(15))
    asked = path + "/history"
    found: list[str] = []
    for _ in range(4):
        html = await desk.page(asked)
        found += entries(html)
        older = re.search(r'href="([^"]+before=[^"]+)"', html)
        if older is None:
            break
        asked = older[1].replace("&amp;", "&")
    assert len(found) == len(set(found)) == 31


async def test_lists_are_counted_honestly_and_added_to_in_one_line(desk: Desk, task: Any) -> None:
    for n in range(10):
        await desk.create("projects.subtask", task_id=task.id, title=f"Step {n}")
    html = await desk.page(f"/projects/tasks/{task.id}")
    part = re.search(r'id="list-subtask-task_id".*?</section>', html, re.DOTALL)
    assert part is not None
    assert '<span class="count">10</span>' in part[0]
    assert part[0].count("<li ") == 8
    assert "Show all" in part[0]
    assert f'data-known="{{&#34;task_id&#34;: {task.id}}}"' in part[0]


async def test_beside_its_list_a_record_is_a_pane_and_other_pages_leave(
    desk: Desk, task: Any
) -> None:
    html = await desk.page(f"/projects/tasks/{task.id}", headers=SPLIT)
    assert html.lstrip().startswith("<title>")
    assert '<aside id="split"' in html
    assert 'id="main"' not in html
    gone = await desk.client.get("/projects/tasks/999999", headers=SPLIT)
    assert gone.status_code == 404
    assert '<aside id="split"' in gone.text
    away = await desk.client.get("/projects/tasks", headers=SPLIT)
    assert away.headers["HX-Redirect"] == "/projects/tasks"


async def test_deleting_what_others_carry_says_how_many(desk: Desk, task: Any) -> None:
    tag = await desk.create("tags.tag", name="Harbour")
    await desk.change(task.id, tags=[tag.id])
    html = await desk.page(f"/tags/tags/{tag.id}/delete")
    assert "Tasks: <b>1</b>" in html
    assert f"/projects/tasks?tags={tag.id}" in html


async def test_what_a_task_with_20_comments_costs(
    desk: Desk, task: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = {"entity": "projects.task", "record_id": task.id}
    for n in range(20):
        await desk.create("comments.comment", body=f"Word **{n}**", **about)
    path = f"/projects/tasks/{task.id}"
    await desk.page(path)
    statements: list[str] = []
    fetch = SqliteConnection.fetch

    async def counted(self: Any, sql: str, values: Any = ()) -> Any:
        statements.append(sql)
        return await fetch(self, sql, values)

    monkeypatch.setattr(SqliteConnection, "fetch", counted)
    html = await desk.page(path)
    assert html.count('class="entry entry-comments"') == 20
    assert len(statements) <= 32, "\n".join(s[:120] for s in statements)


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("one two three", "one four three", "one <del>two </del><ins>four </ins>three"),
        ("", "new", "<ins>new</ins>"),
        (
            "<b>x</b>",
            "<i>x</i>",
            "&lt;<del>b</del><ins>i</ins>&gt;x&lt;/<del>b</del><ins>i</ins>&gt;",
        ),
    ],
)
def test_the_words_that_differ_are_marked_and_nothing_runs(old: str, new: str, shown: str) -> None:
    assert str(changed(old, new)) == shown


def test_a_long_text_shows_only_what_is_around_the_change() -> None:
    old = " ".join(f"word{n}" for n in range(5000))
    html = str(changed(old, old.replace("word2500 ", "other ")))
    assert "<del>word2500 </del><ins>other </ins>" in html
    assert html.startswith("… ")
    assert len(html) < 250
    assert len(str(changed(old, old[::-1]))) < 100_000


async def test_nobody_but_system_is_needed(desk: Desk, task: Any) -> None:
    await desk.ws.run(SYSTEM, lambda ctx: perform.update(ctx, desk.task, task.id, {"note": "x"}))
    html = await desk.page(f"/projects/tasks/{task.id}")
    assert "Mainstay" in entries(html)[-1]
