"""The search for losses finds what was lost on purpose."""

import sqlite3
from pathlib import Path

import pytest

from mainstay.kernel import perform
from mainstay.kernel.scope import SYSTEM
from tests.crash.evidence import Evidence
from tests.crash.server import workspace
from tests.crash.test_crash import prepared
from tests.crash.writers import Book, Known


@pytest.fixture
async def made(tmp_path: Path) -> tuple[Evidence, Book, Path]:
    """A workspace with two acknowledged tasks, in which nothing is wrong."""
    path = tmp_path / "evidence.db"
    url = f"sqlite:///{path}"
    _, projects = await prepared(url, tmp_path)
    ws = workspace(url, str(tmp_path))
    await ws.open()
    noun, book = ws.registry.noun("projects.task"), Book()
    for title in ("a" * 32, "b" * 32):
        data = {"project_id": projects[0], "title": title}
        task = await ws.run(SYSTEM, lambda ctx, data=data: perform.create(ctx, noun, data))
        book.tasks[task.id] = Known(task.id, task.version, task.title)
        book.titles.add(title)
    await ws.close()
    findings = await Evidence(url).examine(book)
    assert (findings.lost, findings.half) == ([], [])
    return Evidence(url), book, path


def spoil(path: Path, sql: str) -> None:
    raw = sqlite3.connect(path)
    raw.execute(sql)
    raw.commit()
    raw.close()


@pytest.mark.parametrize(
    ("sql", "which"),
    [
        ("DELETE FROM projects_task WHERE id = 2", "lost"),
        ("UPDATE projects_task SET title = 'old' WHERE id = 2", "lost"),
        ("UPDATE projects_task SET version = 2 WHERE id = 2", "half"),
        ("DELETE FROM kernel_log WHERE entity = 'projects.task' AND record_id = 2", "half"),
        ("UPDATE projects_project SET task_count = 1", "half"),
        ("UPDATE kernel_log SET record_id = 99 WHERE entity = 'projects.task'", "half"),
    ],
)
async def test_a_loss_is_found(made: tuple[Evidence, Book, Path], sql: str, which: str) -> None:
    evidence, book, path = made
    spoil(path, sql)
    assert getattr(await evidence.examine(book), which)


async def test_a_bulk_in_part_and_a_double_are_found(made: tuple[Evidence, Book, Path]) -> None:
    evidence, book, path = made
    book.bulks["b" * 32] = 3
    spoil(path, "UPDATE projects_task SET title = (SELECT title FROM projects_task WHERE id = 2)")
    found = await evidence.examine(book)
    assert len(found.half) == 2
