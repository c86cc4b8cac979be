"""The calendar as the server draws it: which days, which bars, in whose zone, and how many more."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.app import ROUTES
from mainstay.delivery.asgi import build
from mainstay.delivery.gate import COOKIE
from mainstay.delivery.pages.views import calendar
from mainstay.delivery.pages.views.spans import Span
from mainstay.kernel import perform
from mainstay.kernel.scope import Me
from mainstay.kernel.workspace import Workspace
from tests.harness.samples import Samples

MONTH = "/projects/tasks?view=calendar&at=2026-11"
CELL = re.compile(r'<td data-day="([^"]+)".*?</td>', re.DOTALL)
ITEM = re.compile(r'<a class="cal-item ([^"]+)" id="c(\d+)')
MONDAY = date(2026, 11, 16)


def span(number: int, first: date, last: date, begin: datetime | None = None) -> Span:
    end = begin and begin + timedelta(hours=1)
    return Span(number, 1, f"S{number}", first, last, begin, end, "", "", "", "", False, {})


spans = st.lists(st.tuples(st.integers(-9, 8), st.integers(0, 12)), max_size=20).map(
    lambda pairs: [
        span(n, MONDAY + timedelta(a), MONDAY + timedelta(a + b)) for n, (a, b) in enumerate(pairs)
    ]
)


@given(spans, st.integers(1, 5))
def test_bars_of_a_week_never_lie_over_one_another(found: list[Span], lanes: int) -> None:
    """Every record is drawn or counted on each of its days; no lane holds two on a day."""
    cells = calendar.week(found, MONDAY, lanes)
    taken = set()
    drawn = [0] * 7
    for cell in cells:
        for bar in cell.bars:
            assert 0 <= bar.lane < lanes
            for day in range(bar.column, bar.column + bar.width):
                assert (bar.lane, day) not in taken
                taken.add((bar.lane, day))
                drawn[day] += 1
    for day, cell in enumerate(cells):
        here = [s for s in found if s.first <= cell.day <= s.last]
        assert drawn[day] + cell.hidden == len(here) == len(cell.all)


@given(st.lists(st.tuples(st.integers(0, 23 * 4), st.integers(1, 40)), max_size=12))
def test_hours_that_overlap_stand_side_by_side(parts: list[tuple[int, int]]) -> None:
    found = []
    for number, (start, length) in enumerate(parts):
        begin = datetime(2026, 11, 16, tzinfo=UTC) + timedelta(minutes=15 * start)
        end = min(begin + timedelta(minutes=15 * length), datetime(2026, 11, 17, tzinfo=UTC))
        found.append(ending(span(number, MONDAY, MONDAY, begin), end))
    laid = calendar.hours(found)
    assert len(laid) == len(found)
    for a in laid:
        assert a.side < a.sides <= calendar.SIDES
        assert a.hour * 60 + a.part + a.hours * 60 + a.parts <= 24 * 60
        for b in laid:
            over = minutes(a)[0] < minutes(b)[1] and minutes(b)[0] < minutes(a)[1]
            if a is not b and over and max(a.sides, b.sides) < calendar.SIDES:
                assert a.side != b.side


def ending(one: Span, end: datetime) -> Span:
    """Return a span with another end; spans are plain frozen dataclasses."""
    return replace(one, end=end)


def minutes(one: calendar.Hour) -> tuple[int, int]:
    begin = one.hour * 60 + one.part
    return begin, begin + one.hours * 60 + one.parts


@pytest.fixture
async def admin(workspace: Workspace) -> Me:
    """An administrator with an account."""
    user = await Samples(workspace).record(workspace.registry.noun("identity.user"))
    return Me(id=user.id, name="Ada Admin", grants=frozenset({"*"}))


@pytest.fixture
async def client(workspace: Workspace, admin: Me) -> AsyncIterator[httpx.AsyncClient]:
    """A browser: each session is the same person in another zone, `guest` only reads."""
    people = {
        "utc": admin,
        "berlin": msgspec.structs.replace(admin, zone="Europe/Berlin"),
        "kiritimati": msgspec.structs.replace(admin, zone="Pacific/Kiritimati"),
        "newyork": msgspec.structs.replace(admin, zone="America/New_York", locale="en_US"),
        "guest": Me(id=admin.id, grants=frozenset({"projects.*.read", "*.*.see_all"})),
    }

    async def who(_: Workspace, session: str | None, _bearer: str | None) -> Me | None:
        return people.get(session or "")

    app: Any = build(workspace, who, ROUTES, background=False)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


def seen_by(who: str) -> dict[str, str]:
    return {"cookie": f"{COOKIE}={who}"}


async def cells(client: httpx.AsyncClient, path: str, who: str = "utc") -> dict[str, list[int]]:
    """Return the records that begin in each cell of the calendar."""
    page = await client.get(path, headers=seen_by(who))
    assert page.status_code == 200, page.text
    found = {}
    for cell in CELL.finditer(page.text):
        found.setdefault(cell[1], []).extend(int(m[2]) for m in ITEM.finditer(cell[0]))
    return found


async def task(ws: Workspace, me: Me, project: int, **dates: Any) -> int:
    noun = ws.registry.noun("projects.task")
    data = {"project_id": project, "title": "A task", **dates}
    return (await ws.run(me, lambda ctx: perform.create(ctx, noun, data))).id


async def test_what_touches_the_month_is_shown_and_nothing_else(
    workspace: Workspace, admin: Me, client: httpx.AsyncClient
) -> None:
    ws = workspace
    project = (await Samples(ws, admin).record(ws.registry.noun("projects.project"))).id
    both = await task(ws, admin, project, start_date="2026-10-01", due_date="2026-12-24")
    due = await task(ws, admin, project, due_date="2026-11-11")
    begun = await task(ws, admin, project, start_date="2026-11-12")
    edge = await task(ws, admin, project, start_date="2026-09-01", due_date="2026-10-26")
    await task(ws, admin, project, start_date="2026-09-01", due_date="2026-10-25")
    await task(ws, admin, project, start_date="2026-12-07")
    await task(ws, admin, project)
    await task(ws, admin, project)
    found = await cells(client, MONTH)
    assert next(iter(found)) == "2026-10-26"
    assert list(found)[-1] == "2026-12-06"
    assert found["2026-10-26"] == [edge, both]
    assert found["2026-11-11"] == [due]
    assert found["2026-11-12"] == [begun]
    # A record that goes on is drawn again at the beginning of each week.
    assert found["2026-11-30"] == [both]
    page = (await client.get(MONTH, headers=seen_by("utc"))).text
    assert "2 without a date" in page
    href = re.search(r'<a class="link" href="([^"]+)">2 without', page)
    listed = await client.get(href[1].replace("&amp;", "&"), headers=seen_by("utc"))  # type: ignore[index]
    assert listed.text.count("A task") >= 2
    only_due = await cells(client, f"{MONTH}&starts_on=due_date")
    assert [ids for ids in only_due.values() if ids] == [[edge], [due]]
    filtered = await cells(client, f"{MONTH}&due_date=2026-11-11")
    assert [ids for ids in filtered.values() if ids] == [[due]]


@pytest.mark.parametrize("who", ["utc", "kiritimati", "newyork"])
async def test_a_day_is_the_same_day_in_every_zone(
    workspace: Workspace, admin: Me, client: httpx.AsyncClient, who: str
) -> None:
    project = await Samples(workspace, admin).record(workspace.registry.noun("projects.project"))
    one = await task(workspace, admin, project.id, due_date="2026-11-15")
    found = await cells(client, MONTH, who)
    assert found["2026-11-15"] == [one]
    # Weeks begin as the reader's country has them.
    assert next(iter(found)) == ("2026-11-01" if who == "newyork" else "2026-10-26")


async def test_a_moment_is_on_the_reader_s_day_and_hour(
    workspace: Workspace, admin: Me, client: httpx.AsyncClient
) -> None:
    """The week in which Europe leaves summer time: 25 October 2026 has 25 hours."""
    noun = workspace.registry.noun("projects.time_entry")
    project = await Samples(workspace, admin).record(workspace.registry.noun("projects.project"))

    async def entry(begin: str, end: str) -> int:
        data = {"project_id": project.id, "started_at": begin, "ended_at": end}
        made = await workspace.run(admin, lambda ctx: perform.create(ctx, noun, data))
        return int(made.id)

    late = await entry("2026-10-24T22:30:00Z", "2026-10-24T23:45:00Z")
    after = await entry("2026-10-25T08:00:00Z", "2026-10-25T09:30:00Z")
    week = "/projects/time_entries?view=calendar&zoom=week&starts_on=started_at&ends_on=ended_at"
    path = f"{week}&at=2026-10-22"
    assert (await cells(client, path, "utc"))["2026-10-24"] == [late]
    berlin = await cells(client, path, "berlin")
    assert berlin["2026-10-24"] == []
    assert berlin["2026-10-25"] == [late, after]
    page = (await client.get(path, headers=seen_by("berlin"))).text
    places = {int(m[2]): m[1] for m in ITEM.finditer(page)}
    # 22:30 UTC is 00:30 in summer time; 08:00 UTC is 09:00 after the clocks went back.
    assert "at-0 and-30 for-1 plus-15" in places[late]
    assert "at-9 and-0 for-1 plus-30" in places[after]
    newyork = await cells(client, f"{week}&at=2026-10-25", "newyork")
    assert newyork["2026-10-25"] == [after]


async def test_what_is_too_much_is_counted(
    workspace: Workspace, admin: Me, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = await Samples(workspace, admin).record(workspace.registry.noun("projects.project"))
    for _n in range(7):
        await task(workspace, admin, project.id, due_date="2026-11-10")
    page = (await client.get(MONTH, headers=seen_by("utc"))).text
    assert "+3 more" in page
    assert page.count('class="cal-line') == 7
    monkeypatch.setattr(calendar, "MOST", 5)
    assert "… and 2 more" in (await client.get(MONTH, headers=seen_by("utc"))).text


async def test_an_agenda_says_each_thing_once_on_its_day(
    workspace: Workspace, admin: Me, client: httpx.AsyncClient
) -> None:
    project = await Samples(workspace, admin).record(workspace.registry.noun("projects.project"))
    await task(workspace, admin, project.id, start_date="2026-11-01", due_date="2026-11-25")
    await task(workspace, admin, project.id, due_date="2026-11-21")
    path = "/projects/tasks?view=calendar&zoom=agenda&at=2026-11-20"
    page = (await client.get(path, headers=seen_by("utc"))).text
    assert re.findall(r'agenda-day.*?datetime="([^"]+)"', page) == ["2026-11-20", "2026-11-21"]
    assert page.count('class="cal-line') == 2


async def test_who_only_reads_is_offered_no_hold(
    workspace: Workspace, admin: Me, client: httpx.AsyncClient
) -> None:
    project = await Samples(workspace, admin).record(workspace.registry.noun("projects.project"))
    await task(workspace, admin, project.id, due_date="2026-11-10")
    page = (await client.get(MONTH, headers=seen_by("guest"))).text
    assert 'data-movable=""' in page
    assert "cal-add" not in page
    assert 'data-movable="1"' in (await client.get(MONTH, headers=seen_by("utc"))).text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("at=soon", "2026-11-20"),
        ("at=9999-01-01", "1900 to 2199"),
        ("zoom=decade", "Known: month, week, agenda"),
        ("starts_on=title", "Known: start_date"),
        ("ends_on=nothing", "Known: start_date"),
    ],
)
async def test_an_address_that_makes_no_sense_is_explained(
    client: httpx.AsyncClient, said: str, told: str
) -> None:
    answer = await client.get(f"/projects/tasks?view=calendar&{said}", headers=seen_by("utc"))
    assert answer.status_code == 400
    assert told in answer.text


async def test_a_zoom_of_another_view_is_no_mistake(client: httpx.AsyncClient) -> None:
    path = "/projects/tasks?view=calendar&zoom=quarter"
    assert (await client.get(path, headers=seen_by("utc"))).status_code == 200
