"""The demo company: whole, the same every time, and in the middle of its work."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import pytest

from mainstay.kernel.clock import FixedClock
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace, engine_for
from mainstay.modules.identity.module import MODULE as IDENTITY
from mainstay.modules.projects.demo import work
from mainstay.modules.projects.module import MODULE, WORK
from tests.modules.projects.conftest import NOW, PEOPLE, ROOMS, build

HOUSE = tuple(IDENTITY if room is PEOPLE else room for room in ROOMS)


async def told(path: Path) -> Workspace:
    """Return a workspace in which the demo company's story was told."""
    await build(str(path), HOUSE)
    ws = Workspace(Registry(HOUSE), engine_for(str(path)), clock=FixedClock(NOW))
    await ws.open()
    for run in (IDENTITY.seed, IDENTITY.demo, MODULE.demo):
        await ws.run(SYSTEM, run)
    return ws


async def rows(ws: Workspace, key: str, **filters):
    return (await ws.page(SYSTEM, key, [("limit", "1000"), ("sort", "id"), *filters.items()])).items


async def test_the_demo_company(tmp_path):
    started = perf_counter()
    ws = await told(tmp_path / "a.db")
    assert perf_counter() - started < 10
    sizes = {
        key: len(await rows(ws, key))
        for key in ("identity.user", "identity.team", "projects.project", "projects.task")
    }
    assert sizes == {
        "identity.user": 14,
        "identity.team": 3,
        "projects.project": 5,
        "projects.task": 150,
    }
    for run in (IDENTITY.demo, MODULE.demo):
        await ws.run(SYSTEM, run)
    assert len(await rows(ws, "projects.task")) == 150
    people = {user.first_name: user for user in await rows(ws, "identity.user")}
    assert all(user.email.endswith("@helionord.example") for user in people.values())
    assert people["Tomasz"].email == "tomasz.zielinski@helionord.example"
    await _tasks_hold_together(ws)
    priya = Me(id=people["Priya"].id, grants=frozenset(WORK))
    mine = await ws.ask_question(priya, "projects.my_work", {})
    assert mine.timer.task_title == "Split one roof's yield among tenants"
    assert mine.overdue
    assert mine.this_week
    assert {line.project_name for line in mine.recent} <= {
        "Customer portal",
        "Nordhof housing estate: solar on six roofs",
        "City works: 120 kWp on the tram depot",
    }
    await ws.close()


async def _tasks_hold_together(ws: Workspace) -> None:
    projects = {project.id: project for project in await rows(ws, "projects.project")}
    tasks = await rows(ws, "projects.task")
    spent: dict[int, Decimal] = {}
    for entry in await rows(ws, "projects.time_entry"):
        spent[entry.task_id] = spent.get(entry.task_id, Decimal(0)) + entry.hours
        assert date.fromisoformat(entry.date).weekday() < 5 or entry.hours == 0
    for task in tasks:
        assert (task.status == "done") == (task.completed_at is not None)
        assert (task.status == "blocked") == bool(task.blocked_reason)
        assert task.actual_hours == spent.get(task.id, Decimal(0))
        assert task.version == 1
    for project in projects.values():
        own = [task for task in tasks if task.project_id == project.id]
        done = [task for task in own if task.status == "done"]
        assert (project.task_count, project.done_count) == (len(own), len(done))
        whole = project.status == "completed"
        counting = [t for t in own if t.parent_id is None and t.status != "cancelled"]
        mean = sum(task.progress for task in counting) / len(counting)
        assert project.progress == (1.0 if whole else pytest.approx(mean))
    steps = await rows(ws, "projects.subtask")
    assert sum(task.subtask_count for task in tasks) == len(steps)
    assert sum(task.subtask_done for task in tasks) == sum(step.completed for step in steps)
    codes = [task.code for task in tasks]
    assert len(set(codes)) == len(codes)


async def test_the_next_task_gets_the_next_number(tmp_path):
    ws = await told(tmp_path / "a.db")
    (portal,) = await rows(ws, "projects.project", code="PORT")
    noun = ws.registry.noun("projects.task")

    async def add(ctx):
        return await noun.resource.create(ctx, noun.make({"project_id": portal.id, "title": "New"}))

    assert (await ws.run(SYSTEM, add)).code == "PORT-049"
    await ws.close()


async def test_two_tellings_are_the_same(tmp_path):
    kept = []
    for name in ("a.db", "b.db"):
        ws = await told(tmp_path / name)
        kept.append([str(row) for row in await rows(ws, "projects.time_entry")])
        await ws.close()
    assert kept[0] == kept[1]


def test_every_line_of_the_story_is_in_order():
    titles = []
    for _, _, lines in work.PROJECTS:
        for line in lines.strip().splitlines():
            state, who, size, due, _, title, _ = line.split("|")
            assert len(state.split()) == 3
            assert Decimal(size) > 0
            assert due == "" or abs(int(due)) < 200
            assert not (state[0] == "d" and int(due) > 0)
            assert who or state[0] == "b"
            titles.append(title)
    assert len(titles) == 150
    assert set(work.STEPS) | set(work.WAITS) | set(work.SHARED) <= set(titles)
