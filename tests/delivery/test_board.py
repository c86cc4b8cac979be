"""The board as the server draws it: columns, lanes, numbers, pages of cards, and where drops go."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, get_args

import httpx
import pytest

from mainstay.app import ROUTES
from mainstay.delivery.asgi import build
from mainstay.delivery.gate import COOKIE, csrf_token
from mainstay.delivery.pages import listing
from mainstay.delivery.pages.views import board
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.views import Gallery
from mainstay.kernel.workspace import Workspace
from mainstay.modules.projects.kinds import TaskStatus
from tests.harness.samples import Samples

TASK = "projects.task"
BOARD = "/projects/tasks?view=board"
STATUSES = list(get_args(TaskStatus))
CARD = re.compile(r'<li class="card" id="c-(\d+)"')


@pytest.fixture
async def admin(workspace: Workspace) -> Me:
    """An administrator with an account."""
    user = await Samples(workspace).record(workspace.registry.noun("identity.user"))
    return Me(id=user.id, name="Ada Admin", grants=frozenset({"*"}))


@pytest.fixture
async def client(workspace: Workspace, admin: Me) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of the administrator's; the session `guest` may read and nothing more."""
    guest = Me(id=admin.id, name="Guest", grants=frozenset({"projects.*.read", "*.*.see_all"}))

    async def who(_: Workspace, session: str | None, _bearer: str | None) -> Me | None:
        return {"good": admin, "guest": guest}.get(session or "")

    app = build(workspace, who, ROUTES, background=False)
    transport = httpx.ASGITransport(app=app)
    headers = {"x-csrf-token": csrf_token("good")}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", cookies={COOKIE: "good"}, headers=headers
    ) as opened:
        yield opened


@pytest.fixture
async def cards(workspace: Workspace, admin: Me) -> list[int]:
    """Sixty tasks to do, two in review, one without points."""

    async def work(ctx: Context) -> list[int]:
        project = await perform.create(
            ctx, ctx.registry.noun("projects.project"), {"name": "Harbour"}
        )
        made = []
        for number in range(62):
            data: dict[str, Any] = {"project_id": project.id, "title": f"<b>{number}</b>"}
            data |= {"story_points": 2, "priority": "high" if number % 2 else "low"}
            data |= {"status": "review", "assignee_id": admin.id} if number > 59 else {}
            made.append((await perform.create(ctx, ctx.registry.noun(TASK), data)).id)
        return made

    return await workspace.run(SYSTEM, work)


def part(html: str, column: str) -> str:
    """The list of one column."""
    start = html.index(f'id="cell-{column}"')
    return html[start : html.index("</ol>", start)]


def shown(html: str, column: str) -> list[int]:
    return [int(one) for one in CARD.findall(part(html, column))]


async def test_columns_have_their_cards_numbers_and_next_page(
    client: httpx.AsyncClient, cards: list[int]
) -> None:
    html = (await client.get(BOARD)).text
    columns = re.findall(r'<section class="column[^"]*" id="col-(\w+)"', html)
    assert columns == STATUSES
    assert shown(html, "todo") == cards[: board.SHOWN]
    assert shown(html, "review") == cards[60:]
    assert re.search(r'id="name-todo".*?data-number>60<.*?class="sum".*?120', html, re.DOTALL)
    assert "<b>" not in part(html, "todo")
    onward = re.search(r'hx-get="([^"]+cell=todo[^"]+)"', html)
    assert onward
    rest = (await client.get(onward[1].replace("&amp;", "&"))).text
    assert [int(one) for one in CARD.findall(rest)] == cards[board.SHOWN : 60]
    assert "hx-get" not in rest
    again = (await client.get(BOARD, headers={"X-Shown": "todo:60,review:9999999,x"})).text
    assert shown(again, "todo") == cards[:60]


async def test_a_filter_narrows_columns_and_cards(
    client: httpx.AsyncClient, cards: list[int]
) -> None:
    html = (await client.get(f"{BOARD}&status=review,done")).text
    assert re.findall(r'id="col-(\w+)"', html) == ["review", "done"]
    html = (await client.get(f"{BOARD}&is=open")).text
    assert "done" not in re.findall(r'id="col-(\w+)"', html)
    html = (await client.get(f"{BOARD}&priority=high&sort=-id")).text
    assert shown(html, "review") == [cards[61]]
    assert "data-ordered" not in html


async def test_people_make_columns_and_lanes(
    client: httpx.AsyncClient, cards: list[int], admin: Me
) -> None:
    html = (await client.get(f"{BOARD}&column_by=assignee_id")).text
    assert shown(html, str(admin.id)) == cards[60:]
    assert len(shown(html, "none")) == board.SHOWN
    html = (await client.get(f"{BOARD}&lane_by=priority")).text
    assert re.findall(r'id="lane-(\w+)"', html) == ["high", "low"]
    assert shown(html, "review~high") == [cards[61]]
    assert shown(html, "review~low") == [cards[60]]
    assert (await client.get(f"{BOARD}&column_by=title")).status_code == 400


async def test_folded_columns_are_not_read(client: httpx.AsyncClient, cards: list[int]) -> None:
    html = (await client.get(f"{BOARD}&folded=todo")).text
    assert shown(html, "todo") == []
    assert re.search(r'id="col-todo"[^>]*data-folded', html)
    assert not re.search(r'id="col-cancelled"[^>]*data-folded', html)


async def test_what_changes_nothing_offers_nothing_to_take_back(
    client: httpx.AsyncClient, cards: list[int]
) -> None:
    address = f"/api/projects/tasks/{cards[0]}"
    same = await client.patch(address, json={"title": (await client.get(address)).json()["title"]})
    assert (same.status_code, "x-change-set" in same.headers) == (200, False)
    bulk = await client.post("/api/projects/tasks/bulk", json={"update": []})
    assert (bulk.status_code, bulk.json()["change_set"]) == (200, None)


async def test_a_drop_answers_with_the_card_and_its_change_set(
    client: httpx.AsyncClient, cards: list[int]
) -> None:
    a, b, c = cards[:3]
    address = f"/api/projects/tasks/{c}/place"
    wanted = {"column": {"status": "todo"}, "lane": {"priority": "high"}, "before": a, "version": 1}
    answer = await client.post(address, json=wanted)
    body = answer.json()
    assert (body["items"][0]["priority"], body["items"][0]["version"]) == ("high", 2)
    assert str(body["change_set"]) == answer.headers["x-change-set"]
    html = (await client.get(BOARD)).text
    assert shown(html, "todo")[:3] == [c, a, b]
    assert (await client.post(address, json=wanted)).status_code == 409
    assert (await client.post(address, json={"column": {}})).status_code == 422
    assert (await client.post(address, json={"column": {"status": "x"}})).status_code == 422
    assert (await client.post(address, json={"after": 1})).status_code == 422
    undone = await client.post(f"/api/changes/{body['change_set']}/undo")
    assert undone.status_code == 200
    assert shown((await client.get(BOARD)).text, "todo")[:3] == [a, b, c]


async def test_who_may_not_change_cannot_drag(client: httpx.AsyncClient, cards: list[int]) -> None:
    client.cookies.set(COOKIE, "guest")
    html = (await client.get(BOARD)).text
    assert "data-movable" not in html
    assert "data-add " not in html
    headers = {"x-csrf-token": csrf_token("guest")}
    wanted = {"column": {"status": "done"}}
    answer = await client.post(
        f"/api/projects/tasks/{cards[0]}/place", json=wanted, headers=headers
    )
    assert answer.status_code == 403


async def test_a_limit_stands_above_its_column(client: httpx.AsyncClient, cards: list[int]) -> None:
    known = {"entity": TASK, "field": "status", "value": "review", "most": 2}
    assert (await client.post("/api/views/limits", json=known)).status_code == 201
    html = (await client.get(f"{BOARD}&priority=high")).text
    assert re.search(r'class="column full" id="col-review"', html)
    assert re.search(r"data-number>2</span>/2", html), "what it holds, not what is shown"
    answer = await client.post(
        f"/api/projects/tasks/{cards[0]}/place", json={"column": {"status": "review"}}
    )
    assert answer.status_code == 409
    assert answer.json()["detail"] == "Review holds at most 2; move one on first."


async def test_people_are_shown_as_pictures(client: httpx.AsyncClient, admin: Me) -> None:
    html = (await client.get("/identity/users?view=gallery")).text
    assert f'id="g-{admin.id}"' in html
    assert "pictured-letters" in html


async def test_the_first_attached_picture_stands_for_a_record(
    client: httpx.AsyncClient,
    workspace: Workspace,
    cards: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noun, file = workspace.registry.noun(TASK), workspace.registry.noun("files.file")
    monkeypatch.setattr(noun, "resource", replace(noun.resource, views=(Gallery(),)))
    listing.views_of.cache_clear()

    async def attach(ctx: Context) -> list[int]:
        known = {"entity": TASK, "record_id": cards[61], "digest": "0" * 64}
        names = (
            ("plan.pdf", "application/pdf"),
            ("quay 1.png", "image/png"),
            ("b.png", "image/png"),
        )
        made = [await ctx.create(file.make({**known, "name": n, "mime": m})) for n, m in names]
        return [one.id for one in made]

    _plan, first, _later = await workspace.run(SYSTEM, attach)
    html = (await client.get("/projects/tasks?view=gallery&sort=-id")).text
    listing.views_of.cache_clear()
    assert re.findall(r'<img src="([^"]+)"', html) == [f"/file/{first}/quay%201.png?small=1"]
    assert html.count('class="pictured"') == 48
    assert 'id="more"' in html
