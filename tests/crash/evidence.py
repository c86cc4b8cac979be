"""What the database itself says, read without the application."""

import sqlite3
from dataclasses import dataclass
from typing import Any

import asyncpg

from tests.crash.writers import Book, Known

TASKS = "SELECT id, version, title, status, deleted_at FROM projects_task"
LOGGED = (
    "SELECT record_id, count(*), count(DISTINCT version), min(version), max(version) "
    "FROM kernel_log WHERE entity = 'projects.task' GROUP BY record_id"
)
COUNTED = (
    "SELECT p.id, p.task_count, p.done_count, count(t.id), "
    "coalesce(sum(CASE WHEN t.status = 'done' THEN 1 ELSE 0 END), 0) "
    "FROM projects_project p LEFT JOIN projects_task t "
    "ON t.project_id = p.id AND t.deleted_at IS NULL GROUP BY p.id, p.task_count, p.done_count"
)
CODES = "SELECT project_id, code, count(*) FROM projects_task GROUP BY 1, 2 HAVING count(*) > 1"
LINKLESS = (
    "SELECT count(*) FROM kernel_log l WHERE entity = 'projects.task' AND NOT EXISTS "
    "(SELECT 1 FROM projects_task t WHERE t.id = l.record_id)"
)
COMPLETED = (
    "SELECT record_id, count(*) FROM kernel_log WHERE entity = 'projects.task' "
    "AND CAST(events AS text) LIKE '%projects.TaskCompleted%' GROUP BY record_id"
)
EFFECTS = "SELECT name, value FROM kernel_counter WHERE name LIKE 'crash:%'"


@dataclass
class Findings:
    """What was wrong."""

    lost: list[str]
    half: list[str]


class Evidence:
    """Reads the tables of one workspace."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.lite = url.startswith("sqlite")

    async def rows(self, sql: str) -> list[Any]:
        """Read."""
        if self.lite:
            raw = sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=10)
            try:
                return raw.execute(sql).fetchall()
            finally:
                raw.close()
        connection = await asyncpg.connect(self.url)
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    async def sound(self) -> str:
        """Return what the database says of its own file; PostgreSQL checks itself at its start."""
        if not self.lite:
            return "ok"
        return str((await self.rows("PRAGMA integrity_check"))[0][0])

    async def examine(self, book: Book) -> Findings:
        """Compare everything that was acknowledged with everything that is there."""
        found = Findings([], [])
        there = {row[0]: row for row in await self.rows(TASKS)}
        for task in book.tasks.values():
            problem = _compare(task, there.get(task.id))
            if problem:
                found.lost.append(problem)
        found.half += await self._whole(there)
        found.half += self._titles(book, [row[2] for row in there.values()])
        return found

    async def _whole(self, there: dict[int, Any]) -> list[str]:
        """Return records without their log rows, and totals that do not add up."""
        wrong = []
        logged = {row[0]: row[1:] for row in await self.rows(LOGGED)}
        for record, version, *_ in there.values():
            wanted = (version, version, 1, version)
            if logged.get(record) != wanted:
                wrong.append(f"task {record}: version {version}, log rows {logged.get(record)}")
        for project, tasks, done, are, are_done in await self.rows(COUNTED):
            if (tasks, done) != (are, are_done):
                said = f"counts {tasks}/{done}, has {are}/{are_done}"
                wrong.append(f"project {project}: {said}")
        wrong += [f"code {row[1]} of project {row[0]} twice" for row in await self.rows(CODES)]
        ((orphans,),) = await self.rows(LINKLESS)
        return [*wrong, *([f"{orphans} log rows without a task"] if orphans else [])]

    def _titles(self, book: Book, titles: list[str]) -> list[str]:
        """Return creations that were made twice, and bulks that were made in part."""
        heads: dict[str, int] = {}
        for title in titles:
            heads[title[:32]] = heads.get(title[:32], 0) + 1
        wrong = [
            f"{title} made {heads[title]} times" for title in book.titles if heads.get(title, 0) > 1
        ]
        for mark, count in book.bulks.items():
            if heads.get(mark, 0) not in (0, count):
                wrong.append(f"bulk {mark}: {heads[mark]} of {count}")
        return wrong

    async def effects(self) -> list[str]:
        """Return completions that were not counted exactly once by the room that reacts to them."""
        wanted = {row[0]: row[1] for row in await self.rows(COMPLETED)}
        counted = {int(row[0].partition(":")[2]): row[1] for row in await self.rows(EFFECTS)}
        return [
            f"task {record}: completed {wanted.get(record)} times, told {counted.get(record)} times"
            for record in {*wanted, *counted}
            if wanted.get(record) != counted.get(record)
        ]


def _compare(task: Known, row: Any) -> str:
    """Return how a task differs from what was acknowledged; take in a change left unanswered."""
    if row is None:
        return f"task {task.id} is gone"
    _, version, title, status, deleted = row
    seen = {"title": title, "status": status, "gone": deleted is not None}
    known = {"title": task.title, "status": task.status, "gone": task.gone}
    if version == task.version and seen == known:
        task.wish = None
        return ""
    if task.wish is not None and version == task.version + 1 and seen == {**known, **task.wish}:
        task.version, task.wish = version, None
        task.title, task.status, task.gone = title, status, deleted is not None
        return ""
    return f"task {task.id}: acknowledged {known} at {task.version}, is {seen} at {version}"
