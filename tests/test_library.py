"""The workspace as a library: the same rules, transactions, and the worked example."""

import subprocess
import sys
from pathlib import Path

import pytest

import mainstay
from mainstay.kernel.problems import Denied, Invalid, NotFound, Stale
from mainstay.kernel.scope import Me
from mainstay.modules.identity.entities import Skill
from mainstay.modules.projects.entities import Project, Task

EXAMPLE = Path(__file__).parent.parent / "examples" / "library.py"


async def test_repositories_read_write_and_measure(database_url: str) -> None:
    async with mainstay.open(database_url) as ws:
        project = await ws[Project].create(name="Harbour", code="HARB")
        for points in (1, 2, 3):
            await ws[Task].create(
                title=f"Task {points}", project_id=project.id, story_points=points
            )
        tasks = ws[Task]
        assert await tasks.count(project=project.id) == 3
        assert await tasks.sum("story_points", project=project.id) == 6
        assert await tasks.avg("story_points", project=project.id) == 2
        assert await tasks.sum("estimated_hours", project=project.id) == 0
        first = await tasks.find(code="TASK-001")
        assert first is not None
        assert [t.title async for t in tasks.each(limit=2, sort="id")] == [
            "Task 1",
            "Task 2",
            "Task 3",
        ]
        assert len((await ws[Project].related(project, Task)).items) == 3
        changed = await tasks.update(first, title="Changed")
        with pytest.raises(Stale):
            await tasks.update(first, title="Lost")
        await tasks.delete(changed)
        with pytest.raises(NotFound):
            await tasks.get(first.id)
        await tasks.restore(changed)
        assert (await tasks.get(first.id)).title == "Changed"
        assert [h.verb for h in await tasks.history(first)][:3] == ["restore", "delete", "update"]
        with pytest.raises(Invalid, match="not a number"):
            await tasks.sum("title")


async def test_a_transaction_is_all_or_nothing(database_url: str) -> None:
    async with mainstay.open(database_url) as ws:
        with pytest.raises(Invalid):  # noqa: PT012 - the transaction is what is refused
            async with ws.transaction() as together:
                await together[Skill].create(name="Welding")
                assert await together[Skill].count(name="Welding") == 1
                await together[Skill].create(name="")
        assert await ws[Skill].count(name="Welding") == 0
        async with ws.transaction() as together:
            made = await together[Skill].create(name="Welding")
            await together[Skill].update(made, description="Of steel")
        kept = await ws[Skill].get(made.id)
        assert kept.description == "Of steel"
        assert len(await ws[Skill].history(kept)) == 2


async def test_rights_are_the_same_as_on_the_server(database_url: str) -> None:
    async with mainstay.open(database_url) as ws:
        hidden = await ws[Project].create(name="Hidden")
        guest = ws.as_person(Me(id=1, grants=frozenset({"projects.project.read"})))
        with pytest.raises(NotFound):
            await guest[Project].get(hidden.id)
        with pytest.raises(Denied, match=r"projects\.project\.create"):
            await guest[Project].create(name="Mine")
        assert await guest[Project].count() == 0


def test_the_example_runs() -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLE)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "refused: This task is done already." in done.stdout
    assert "points: 9" in done.stdout
