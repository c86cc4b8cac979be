"""A few letters find the newest records on both engines, within sight, and with bounded work."""

from typing import Any

import pytest

from mainstay.kernel import perform, search
from mainstay.kernel.context import Context
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace

TITLES = ["Moor the boat", "Paint the mooring", "Größe der Boje", "100% safe_line", "Übergabe"]


@pytest.fixture
async def tasks(workspace: Workspace) -> list[int]:
    """Five tasks of one project, oldest first, described by a word of their own."""

    async def work(ctx: Context) -> list[int]:
        project = await perform.create(
            ctx, ctx.registry.noun("projects.project"), {"name": "Quay", "code": "QUAY"}
        )
        noun = ctx.registry.noun("projects.task")
        made = []
        for title in TITLES:
            data = {"title": title, "project_id": project.id, "description": "All of lanyard"}
            made.append((await perform.create(ctx, noun, data)).id)
        return made

    return await workspace.run(SYSTEM, work)


async def near(ws: Workspace, q: str, me: Me = SYSTEM, limit: int = 5) -> list[int]:
    noun = ws.registry.nouns["projects.task"]

    async def work(connection: Any) -> list[int]:
        return await search.nearest(ws.reader, connection, noun, me, q, limit)

    return await ws.engine.read(work)


async def test_letters_find_codes_beginnings_and_words(
    workspace: Workspace, tasks: list[int]
) -> None:
    ws = workspace
    codes = await ws.page(SYSTEM, "projects.task", {"sort": "id", "fields": "code"})
    first = codes.items[0].code
    assert (await near(ws, first))[0] == tasks[0]
    assert (await near(ws, first.lower()))[0] == tasks[0]
    assert await near(ws, "moor") == [tasks[1], tasks[0]]
    assert await near(ws, "boat moor") == [tasks[0]]
    assert await near(ws, "boje") == [tasks[2]]
    assert await near(ws, "lanyard", limit=3) == [tasks[4], tasks[3], tasks[2]]
    assert await near(ws, "100% safe") == [tasks[3]]
    assert await near(ws, "nothing") == []
    for signs in ("%", "_", "\\", "'", '"', "(", "*", " "):
        assert await near(ws, signs) == []


async def test_what_may_not_be_seen_or_was_binned_is_not_found(
    workspace: Workspace, tasks: list[int]
) -> None:
    noun = workspace.registry.nouns["projects.task"]
    stranger = Me(id=999, grants=frozenset({"projects.task.read"}))
    assert await near(workspace, "moor", stranger) == []
    assert await near(workspace, "lanyard", stranger) == []
    await workspace.run(SYSTEM, lambda ctx: perform.delete(ctx, noun, tasks[1]))
    assert await near(workspace, "moor") == [tasks[0]]


async def test_every_naughty_string_is_looked_for(
    workspace: Workspace, tasks: list[int], naughty: tuple[str, ...]
) -> None:
    for text in naughty:
        plain = text.replace("\x00", "").strip()[:100]
        if plain:
            await near(workspace, plain)


async def test_letters_ask_few_questions(workspace: Workspace, tasks: list[int]) -> None:
    """However many records there are: by code, the newest twice, by whole words, by beginnings."""
    noun, asked = workspace.registry.nouns["projects.task"], []

    class Counting:
        engine = workspace.engine

        def __init__(self, connection: Any) -> None:
            self.connection = connection

        async def fetch(self, sql: str, args: Any = ()) -> Any:
            asked.append(sql)
            return await self.connection.fetch(sql, args)

    async def work(connection: Any) -> list[int]:
        counting: Any = Counting(connection)
        return await search.nearest(workspace.reader, counting, noun, SYSTEM, "line 100 moo", 5)

    await workspace.engine.read(work)
    assert len(asked) == (5 if workspace.engine.name == "postgresql" else 4)
    assert all("LIMIT" in sql for sql in asked)
