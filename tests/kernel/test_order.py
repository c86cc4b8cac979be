"""Pages in the order of a field that may be empty, by either way of reading them."""

from datetime import date, timedelta
from typing import Any

import pytest

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.query import read
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.workspace import Workspace

COUNT = 40


@pytest.fixture
async def due(workspace: Workspace) -> dict[int, date | None]:
    """Tasks, every third without a due date, several due on the same day."""
    project, task = (workspace.registry.noun(f"projects.{name}") for name in ("project", "task"))

    async def work(ctx: Context) -> dict[int, date | None]:
        one = await perform.create(ctx, project, {"name": "Harbour"})
        found = {}
        for number in range(COUNT):
            day = date(2027, 1, 1) + timedelta(days=number * 7 % 5) if number % 3 else None
            data = {"project_id": one.id, "title": f"T{number}", "due_date": day and str(day)}
            found[(await perform.create(ctx, task, data)).id] = day
        return found

    return await workspace.run(SYSTEM, work)


@pytest.mark.parametrize("sort", ["due_date", "-due_date", "due_date,-id", "-due_date,id"])
@pytest.mark.parametrize("walking", [False, True])
async def test_pages_follow_each_other(
    workspace: Workspace,
    due: dict[int, date | None],
    sort: str,
    walking: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(read, "LONG", 0.0 if walking else 1e9)
    for limit in (7, COUNT, 1):
        assert await pages(workspace, sort, limit) == ordered(due, sort)


async def pages(workspace: Workspace, sort: str, limit: int) -> list[int]:
    """Follow the cursors to the end."""
    asked: dict[str, Any] = {"sort": sort, "limit": limit, "status": "todo", "fields": "id"}
    found: list[int] = []
    while True:
        page = await workspace.page(SYSTEM, "projects.task", asked)
        found += [item.id for item in page.items]
        if page.next is None:
            return found
        asked["cursor"] = page.next


def ordered(due: dict[int, date | None], sort: str) -> list[int]:
    """Sort in Python: the empty ones last, ties by id in the direction said last."""
    day, _, tie = sort.partition(",")
    down = (tie or day).startswith("-")
    ids = sorted(due, reverse=down)
    known = [one for one in ids if due[one]]
    known.sort(key=lambda one: due[one], reverse=day.startswith("-"))
    return [*known, *(one for one in ids if due[one] is None)]
