"""The timeline as the server draws it: scale, bars, groups and links."""

import html
import re
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import msgspec
import pytest

from mainstay.app import ROUTES
from mainstay.delivery.asgi import build
from mainstay.delivery.gate import COOKIE
from mainstay.delivery.pages.views import timeline
from mainstay.delivery.pages.views.spans import Dates, Span
from mainstay.delivery.pages.views.timeline import ZOOMS, Scale
from mainstay.kernel import perform
from mainstay.kernel.fields import Day, Field
from mainstay.kernel.scope import Me
from mainstay.kernel.workspace import Workspace
from tests.harness.samples import Samples

PATH = "/projects/tasks?view=timeline&zoom=week&at=2026-11-20"
BAR = re.compile(r'<g class="tl-bar ([^"]*)" id="b(\d+)".*?</g>', re.DOTALL)
BODY = re.compile(r'class="tl-body" x="([\d.]+)" y="8" width="([\d.]+)"')
DONE = re.compile(r'class="tl-done" x="[\d.]+" y="8" width="([\d.]+)"')


def test_a_scale_says_months_and_weeks_and_where_a_day_is() -> None:
    scale = Scale(ZOOMS["week"], date(2026, 10, 26), date(2026, 12, 13))
    assert scale.width == 49 * 14
    assert scale.x(date(2026, 11, 1)) == 6 * 14
    months = timeline.upper(scale)
    assert [(mark.x, mark.width, mark.text) for mark in months] == [
        (0, 6 * 14, "October 2026"),
        (6 * 14, 30 * 14, "November 2026"),
        (36 * 14, 13 * 14, "December 2026"),
    ]
    weeks = timeline.lower(scale)
    assert [mark.text for mark in weeks] == ["26", "2", "9", "16", "23", "30", "7"]
    assert [mark.x for mark in timeline.rest(scale)][:2] == [5 * 14, 12 * 14]
    years = Scale(ZOOMS["quarter"], date(2026, 11, 2), date(2028, 1, 30))
    assert [mark.text for mark in timeline.upper(years)] == ["2026", "2027", "2028"]
    assert [m.text for m in timeline.lower(years)] == ["Q4", "Q1", "Q2", "Q3", "Q4", "Q1"]


def test_what_is_done_is_a_share_of_the_whole_bar_also_where_it_is_cut() -> None:
    scale = Scale(ZOOMS["week"], date(2026, 11, 2), date(2026, 11, 29))
    dates = Dates(Field("a", Day(), date, True), Field("b", Day(), date, True), may_move=False)
    days = (date(2026, 10, 13), date(2026, 11, 21))
    span = Span(
        1, 1, "S", *days, None, None, "2026-10-13", "2026-11-21", "", "", False, {"p": 0.75}
    )
    bar = timeline.bar_of(scale, dates, "p", span)
    # 40 days from 13 October, 30 of them done: until 11 November, ten days into what is shown.
    assert (bar.x, bar.width, bar.done) == (0, 20 * 14, 10 * 14)
    assert (bar.cut_start, bar.cut_end) == (True, False)


@pytest.fixture
async def admin(workspace: Workspace) -> Me:
    """An administrator with an account."""
    user = await Samples(workspace).record(workspace.registry.noun("identity.user"))
    return Me(id=user.id, name="Ada Admin", grants=frozenset({"*"}))


@pytest.fixture
async def client(workspace: Workspace, admin: Me) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of the administrator's; the session `guest` only reads."""
    guest = Me(id=admin.id, grants=frozenset({"projects.*.read", "*.*.see_all"}))

    async def who(_: Workspace, session: str | None, _bearer: str | None) -> Me | None:
        return {"good": admin, "guest": guest}.get(session or "")

    app: Any = build(workspace, who, ROUTES, background=False)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


async def page(client: httpx.AsyncClient, path: str = PATH, who: str = "good") -> str:
    answer = await client.get(path, headers={"cookie": f"{COOKIE}={who}"})
    assert answer.status_code == 200, answer.text
    return answer.text


async def made(ws: Workspace, me: Me, key: str, **data: Any) -> Any:
    noun = ws.registry.noun(f"projects.{key}")
    return await ws.run(me, lambda ctx: perform.create(ctx, noun, data))


@pytest.fixture
async def plan(workspace: Workspace, admin: Me) -> tuple[int, int, int]:
    """A week of work half done, a bar of two years, and a single day; and one long past."""
    ws, me = workspace, admin
    harbour = (await made(ws, me, "project", name="Harbour")).id
    attic = (await made(ws, me, "project", name="Attic")).id
    dates = {"start_date": "2026-11-16", "due_date": "2026-11-22"}
    one = await made(ws, me, "task", project_id=harbour, title="One", status="in_progress", **dates)
    noun = ws.registry.noun("projects.task")
    await ws.run(me, lambda ctx: perform.update(ctx, noun, one.id, {"estimated_hours": "10"}))
    await made(ws, me, "time_entry", task_id=one.id, hours="5", date="2026-11-16")
    dates = {"start_date": "2026-01-01", "due_date": "2028-01-01"}
    long = await made(ws, me, "task", project_id=harbour, title="Long", **dates)
    point = await made(ws, me, "task", project_id=attic, title="Point", due_date="2026-11-20")
    await made(ws, me, "task", project_id=attic, title="Old", due_date="2025-11-20")
    return one.id, long.id, point.id


async def test_bars_stand_at_their_days_and_are_cut_at_the_edge(
    client: httpx.AsyncClient, plan: tuple[int, int, int]
) -> None:
    text = await page(client)
    bars = {int(m[2]): m[0] for m in BAR.finditer(text)}
    one, long, point = plan
    # The groups by their names: first what is in Attic, then Harbour with the earliest first.
    assert list(bars) == [point, long, one]
    # Four weeks before the day of the address, on a Monday: 19 October.
    x, width = (float(v) for v in BODY.search(bars[one]).groups())  # type: ignore[union-attr]
    assert (x, width) == (28 * 14, 7 * 14)
    assert float(DONE.search(bars[one])[1]) == 7 * 14 / 2  # type: ignore[index]
    assert "50 % done" in bars[one]
    x, width = (float(v) for v in BODY.search(bars[long]).groups())  # type: ignore[union-attr]
    assert (x, width) == (0, 196 * 14)
    assert bars[long].count("tl-cut") == 2
    assert "point" in bars[point].partition('"')[2].partition('"')[0]


async def test_bars_stand_under_heads(
    client: httpx.AsyncClient, plan: tuple[int, int, int]
) -> None:
    text = await page(client)
    assert re.findall(r'class="tl-words">([^<]+)</span><span class="count">(\d)', text) == [
        ("Attic", "1"),
        ("Harbour", "2"),
    ]
    plain = await page(client, f"{PATH}&group_by=none")
    assert "tl-fold" not in plain
    by_status = await page(client, f"{PATH}&group_by=status")
    heads = re.findall(r'class="tl-words">([^<]+)</span><span class="count">', by_status)
    assert heads == ["Todo", "In progress"]


async def test_links_are_those_between_the_bars_that_are_seen(
    workspace: Workspace, admin: Me, client: httpx.AsyncClient
) -> None:
    ws, me = workspace, admin
    project = await made(ws, me, "project", name="Harbour")
    days = ("2026-11-16", "2026-11-20", "2024-01-01")
    a, b, gone = [
        (await made(ws, me, "task", project_id=project.id, title=day, due_date=day)).id
        for day in days
    ]
    link = await made(
        ws, me, "task_dependency", task_id=b, depends_on_id=a, type="start_to_start", lag_days=3
    )
    await made(ws, me, "task_dependency", task_id=a, depends_on_id=gone)
    text = await page(client)
    found = msgspec.json.decode(html.unescape(re.search(r'data-links="([^"]*)"', text)[1]))  # type: ignore[index]
    assert found == [[link.id, a, b, "start_to_start", 3]]
    assert 'data-linkable="1"' in text
    assert 'data-link-ends="depends_on_id task_id"' in text
    seen = await page(client, who="guest")
    assert 'data-linkable=""' in seen
    assert 'data-movable=""' in seen


@pytest.mark.parametrize(
    ("said", "told"),
    [("zoom=hour", "Known: day, week"), ("group_by=title", "makes no groups"), ("at=x", "no day")],
)
async def test_an_address_that_makes_no_sense_is_explained(
    client: httpx.AsyncClient, said: str, told: str
) -> None:
    path = f"/projects/tasks?view=timeline&{said}"
    answer = await client.get(path, headers={"cookie": f"{COOKIE}=good"})
    assert answer.status_code == 400
    assert told in answer.text
