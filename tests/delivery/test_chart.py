"""Charts and pivot tables: numbers worked out by hand, and marks that stand where they say."""

import csv
import io
import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.app import ROUTES
from mainstay.delivery.asgi import build
from mainstay.delivery.gate import COOKIE
from mainstay.delivery.pages.filters import OPTIONS
from mainstay.delivery.pages.views import plot
from mainstay.kernel import perform
from mainstay.kernel.scope import Me
from mainstay.kernel.workspace import Workspace
from tests.harness.samples import Samples

CHART = "/projects/tasks?view=chart"
PIVOT = "/projects/tasks?view=pivot"
# status, priority, points, due, labels: 8 tasks, 32 points in all.
TASKS: tuple[tuple[str, str, float | None, str | None, str], ...] = (
    ("todo", "low", 3, "2026-09-30", "ab"),
    ("todo", "low", 5, "2026-11-01", "a"),
    ("todo", "high", 2, "2026-11-30", ""),
    ("in_progress", "high", 8, "2026-11-15", "b"),
    ("in_progress", "medium", None, None, ""),
    ("done", "medium", 13, "2026-09-01", "a"),
    ("done", "low", 1, None, ""),
    ("blocked", "highest", None, "2026-12-31", ""),
)


@given(st.lists(st.floats(-1e6, 1e6), max_size=20), st.booleans())
def test_a_range_begins_at_zero_and_holds_everything(values: list[float], whole: bool) -> None:
    span, marks = plot.spread(values, whole=whole)
    low, high = min([0.0, *values]), max([0.0, *values])
    hair = max(plot.LEAST, (high - low) / 1e6)  # what no eye sees at this scale
    assert span.low <= low + hair
    assert span.high >= high - hair
    assert 0.0 in marks
    assert 2 <= len(marks) <= 12
    assert not whole or all(mark == round(mark) for mark in marks)
    assert all(-0.01 <= span.share(value) <= 100.01 for value in values)


@pytest.fixture
async def admin(workspace: Workspace) -> Me:
    """An administrator with an account."""
    user = await Samples(workspace).record(workspace.registry.noun("identity.user"))
    return Me(id=user.id, name="Ada Admin", grants=frozenset({"*"}))


@pytest.fixture
async def client(workspace: Workspace, admin: Me) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of the administrator's, with the eight tasks there."""

    async def who(_: Workspace, session: str | None, _bearer: str | None) -> Me | None:
        return admin if session == "good" else None

    noun = workspace.registry.noun

    async def work(ctx: Any) -> None:
        project = await perform.create(ctx, noun("projects.project"), {"name": "=Harbour"})
        labels = {}
        for name in "ab":
            data = {"project_id": project.id, "name": name}
            labels[name] = (await perform.create(ctx, noun("projects.label"), data)).id
        for number, (status, priority, points, due, marks) in enumerate(TASKS):
            data = {
                "project_id": project.id,
                "title": f"Task {number}",
                "status": status,
                "priority": priority,
                "story_points": points,
                "due_date": due,
                "labels": [labels[mark] for mark in marks],
            }
            await perform.create(ctx, noun("projects.task"), data)

    await workspace.run(admin, work)
    app: Any = build(workspace, who, ROUTES, background=False)
    transport = httpx.ASGITransport(app=app)
    headers = {"cookie": f"{COOKIE}=good"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as opened:
        yield opened


async def sheet(client: httpx.AsyncClient, path: str) -> list[list[str]]:
    """Return the numbers of a chart as its CSV file has them."""
    answer = await client.get(f"{path}&chart_as=csv")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def title(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    found = re.search(r'<header class="cal-head">\s*<h2>([^<]*)</h2>', answer.text)
    assert found
    return unescape(found[1])


async def test_numbers_worked_out_by_hand(client: httpx.AsyncClient) -> None:
    assert await sheet(client, f"{PIVOT}&chart_by=status&chart_over=priority") == [
        ["Status", "Low", "Medium", "High", "Highest", "Number of tasks"],
        ["Todo", "2", "", "1", "", "3"],
        ["In progress", "", "1", "1", "", "2"],
        ["Blocked", "", "", "", "1", "1"],
        ["Done", "1", "1", "", "", "2"],
        ["Total", "3", "2", "2", "1", "8"],
    ]
    points = f"{PIVOT}&chart_by=status&chart_over=priority&measure=sum:story_points"
    rows = {row[0]: row[1:] for row in await sheet(client, points)}
    assert [float(v) if v else None for v in rows["Todo"]] == [8, None, 2, None, 10]
    assert [float(v) if v else None for v in rows["Total"]] == [9, 13, 10, None, 32]
    # An average of averages would be 32 / 5; the average of all is 32 points over 6 tasks.
    means = f"{PIVOT}&chart_by=status&measure=avg:story_points"
    rows = {row[0]: row[1:] for row in await sheet(client, means)}
    assert [round(float(rows[k][0]), 4) for k in ("Todo", "In progress", "Done", "Total")] == [
        3.3333,
        8.0,
        7.0,
        5.3333,
    ]


async def test_a_record_with_two_labels_counts_under_both_and_once_in_all(
    client: httpx.AsyncClient,
) -> None:
    rows = await sheet(client, f"{CHART}&chart_by=labels")
    assert rows[1:] == [["a", "3"], ["b", "2"], ["None", "4"], ["Total", "8"]]


async def test_days_are_put_into_months_quarters_and_years(client: httpx.AsyncClient) -> None:
    months = await sheet(client, f"{CHART}&chart_by=due_date&zoom=month")
    assert [(row[0], row[1]) for row in months[1:]] == [
        ("Sep 2026", "2"),
        ("Nov 2026", "3"),
        ("Dec 2026", "1"),
        ("None", "2"),
        ("Total", "8"),
    ]
    quarters = await sheet(client, f"{CHART}&chart_by=due_date:quarter")
    assert [row[:2] for row in quarters[1:3]] == [["Q3 2026", "2"], ["Q4 2026", "4"]]
    # October is drawn, with nothing in it, so that time runs evenly.
    drawn = (await client.get(f"{CHART}&chart_by=due_date&zoom=month")).text
    under = drawn.partition('class="chart-under-labels"')[2].partition("</svg>")[0]
    assert re.findall(r">([^<]+)</text>", under) == [
        "Sep 2026",
        "Oct 2026",
        "Nov 2026",
        "Dec 2026",
        "None",
    ]


async def test_the_title_is_the_answer(client: httpx.AsyncClient) -> None:
    assert await title(client, f"{CHART}&chart_by=status") == "8 tasks, most Todo (3)"
    said = await title(client, f"{CHART}&chart_by=status&measure=sum:story_points")
    assert said == "Sum of story points: 32, most Done (14)"
    said = await title(client, f"{CHART}&chart_by=labels")
    assert said == "8 tasks, most without labels (4)"
    said = await title(client, f"{CHART}&chart_by=due_date&zoom=month")
    assert said == "8 tasks, most Nov 2026 (3)"
    assert await title(client, f"{CHART}&chart_by=status&status=blocked") == "1 record"


async def test_bars_are_as_long_as_their_numbers(client: httpx.AsyncClient) -> None:
    page = (await client.get(f"{CHART}&chart_by=status&chart_over=priority&chart_as=stacked")).text
    rows = re.findall(r'<div class="chart-row">.*?</div></div>', page, re.DOTALL)
    assert len(rows) == 4
    widths = [[float(w) for w in re.findall(r' width="([\d.]+)%"', row)] for row in rows]
    starts = [[float(x) for x in re.findall(r'<rect x="([\d.]+)%"', row)] for row in rows]
    one = pytest.approx(widths[2][0], abs=0.01)
    assert widths == [
        [pytest.approx(2 * widths[2][0], abs=0.01), one],
        [one, one],
        [one],
        [one] * 2,
    ]
    assert [row[0] for row in starts] == [0, 0, 0, 0]
    assert starts[0][1] == widths[0][0]
    assert 'aria-label="Todo, Low: 2"' in page


async def test_every_number_leads_to_its_records(
    workspace: Workspace, admin: Me, client: httpx.AsyncClient
) -> None:
    """Follow every cell, head and total: the list behind it has as many records as it says."""
    for path in (
        f"{PIVOT}&chart_by=status&chart_over=priority",
        f"{PIVOT}&chart_by=due_date:quarter&chart_over=labels",
        f"{PIVOT}&chart_by=priority&chart_over=due_date:month&status__in=todo,done",
    ):
        page = (await client.get(path)).text
        table = page.partition('<table class="pivot">')[2].partition("</table>")[0]
        found = re.findall(r'<td class="num[^"]*"><a href="([^"]+)">(\d+)</a>', table)
        assert len(found) > 6
        for href, number in found:
            address = urlsplit(unescape(href))
            assert address.path == "/projects/tasks"
            pairs = [pair for pair in parse_qsl(address.query) if pair[0] not in OPTIONS]
            listed = await workspace.page(admin, "projects.task", [*pairs, ("count", "1")])
            assert listed.count == int(number), (href, number)


async def test_a_sheet_runs_no_formula(client: httpx.AsyncClient) -> None:
    rows = await sheet(client, f"{CHART}&chart_by=project_id")
    assert rows[1][0] == "'=Harbour"


async def test_what_does_not_add_up_is_not_stacked(client: httpx.AsyncClient) -> None:
    path = f"{CHART}&chart_by=status&chart_over=priority&measure=avg:story_points&chart_as=pie"
    page = (await client.get(path)).text
    forms = page.partition('aria-label="Form"')[2].partition("</nav>")[0]
    assert re.findall(r">([A-Z]\w+)</a>", forms) == ["Bars", "Line"]
    for form in ("bar", "stacked", "line", "area", "pie"):
        answer = await client.get(f"{CHART}&chart_by=status&chart_over=priority&chart_as={form}")
        assert answer.status_code == 200
        assert "style=" not in answer.text
        assert 'class="table sum-table"' in answer.text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("chart_by=title", "makes no groups"),
        ("chart_over=secret", "makes no groups"),
        ("measure=sum:title", "is no number"),
        ("measure=median:story_points", "is unknown"),
        ("chart_as=radar", "Known: bar"),
        ("chart_by=due_date:decade", "no stretch of time"),
    ],
)
async def test_an_address_that_makes_no_sense_is_explained(
    client: httpx.AsyncClient, said: str, told: str
) -> None:
    answer = await client.get(f"{CHART}&{said}")
    assert answer.status_code == 400
    assert told in answer.text


async def test_what_a_person_may_not_read_is_not_summed(
    workspace: Workspace, admin: Me, client: httpx.AsyncClient
) -> None:
    """Pay is a guarded group: without its grant it is no measure."""
    guest = Me(id=admin.id, grants=frozenset({"projects.*.read", "*.*.see_all"}))

    async def who(_: Workspace, _session: str | None, _bearer: str | None) -> Me | None:
        return guest

    app: Any = build(workspace, who, ROUTES, background=False)
    path = "/projects/projects?view=chart&measure=sum:hourly_rate"
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://test",
        headers={"cookie": f"{COOKIE}=x"},
    ) as other:
        answer = await other.get(path)
    assert answer.status_code == 400
    assert (await client.get(path)).status_code == 200
