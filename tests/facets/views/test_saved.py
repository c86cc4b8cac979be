"""Saved views on both engines: whose they are, their order, which one a list opens with."""

import asyncio
from typing import Any

import pytest

from mainstay.facets.views.shelf import shelf
from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Denied, Duplicate, Invalid, NotFound
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from tests.harness.samples import Samples

VIEW, MEMORY, TASK = "views.saved_view", "views.view_memory", "projects.task"
KEEPS = frozenset(
    {
        "projects.task.read",
        "views.view_memory.read",
        *(f"{VIEW}.{verb}" for verb in ("read", "create", "update", "delete", "restore")),
    }
)


class Shelves:
    """Short words for what these tests do all the time."""

    def __init__(self, ws: Workspace, ada: Me, bob: Me) -> None:
        self.ws, self.ada, self.bob = ws, ada, bob
        self.view, self.memory = ws.registry.noun(VIEW), ws.registry.noun(MEMORY)

    async def save(self, me: Me, title: str, **data: Any) -> Any:
        known = {"entity": TASK, "title": title, "query": "view=table&status=todo", **data}
        return await self.ws.run(me, lambda ctx: perform.create(ctx, self.view, known))

    async def act(self, me: Me, view: Any, verb: str, **data: Any) -> Any:
        action = self.view.actions[verb]
        return await self.ws.run(me, lambda ctx: perform.act(ctx, self.view, action, view.id, data))

    async def remember(self, me: Me, query: str) -> Any:
        action, data = self.memory.actions["remember"], {"entity": TASK, "query": query}
        return await self.ws.run(me, lambda ctx: perform.act(ctx, self.memory, action, None, data))

    async def tabs(self, me: Me) -> list[str]:
        found = await shelf(self.ws, me, self.ws.registry.noun(TASK))
        return [view.title for view in found.views]

    async def opens(self, me: Me) -> list[str]:
        found = await shelf(self.ws, me, self.ws.registry.noun(TASK))
        return [v.title for v in found.views if v.usual or v.usual_for_all]


@pytest.fixture
async def shelves(workspace: Workspace) -> Shelves:
    user = workspace.registry.noun("identity.user")
    samples = Samples(workspace)
    ada, bob = (await samples.record(user)).id, (await samples.record(user)).id
    boss = KEEPS | {f"{VIEW}.share"}
    return Shelves(workspace, Me(id=ada, grants=boss), Me(id=bob, grants=KEEPS))


async def test_everyone_sees_the_shared_ones_and_their_own(shelves: Shelves) -> None:
    own = await shelves.save(shelves.bob, "Bob's")
    await shelves.save(shelves.ada, "Ada's")
    ours = await shelves.save(shelves.ada, "Ours", shared="everyone")
    assert await shelves.tabs(shelves.bob) == ["Bob's", "Ours"]
    assert await shelves.tabs(shelves.ada) == ["Ada's", "Ours"]
    everything = Me(id=shelves.ada.id, grants=frozenset({"*"}))
    assert await shelves.tabs(everything) == ["Ada's", "Ours"]
    with pytest.raises(NotFound):
        await shelves.ws.one(shelves.ada, VIEW, own.id)
    for change in ({"shared": "personal"}, {"title": "Mine"}):
        with pytest.raises(Denied):
            await shelves.ws.run(
                shelves.bob, lambda ctx, c=change: perform.update(ctx, shelves.view, ours.id, c)
            )
    with pytest.raises(Denied):
        await shelves.ws.run(shelves.bob, lambda ctx: perform.delete(ctx, shelves.view, ours.id))


async def test_a_view_holds_only_what_its_list_understands(shelves: Shelves) -> None:
    with pytest.raises(Invalid, match="colour"):
        await shelves.save(shelves.bob, "Wrong", query="colour=red")
    with pytest.raises(Invalid, match="entity"):
        await shelves.save(shelves.bob, "Elsewhere", entity="identity.role")
    await shelves.save(shelves.bob, "Right", query="view=board&column_by=priority&is=overdue")


async def test_views_are_put_in_order_copied_and_brought_back(shelves: Shelves) -> None:
    one, two, three = [await shelves.save(shelves.bob, title) for title in ("1", "2", "3")]
    await shelves.act(shelves.bob, three, "move", before_id=one.id)
    assert await shelves.tabs(shelves.bob) == ["3", "1", "2"]
    await shelves.act(shelves.bob, three, "move", before_id=two.id)
    assert await shelves.tabs(shelves.bob) == ["1", "3", "2"]
    await shelves.act(shelves.bob, one, "move")
    assert await shelves.tabs(shelves.bob) == ["3", "2", "1"]
    copy = await shelves.act(shelves.bob, two, "duplicate")
    assert (copy.title, copy.query) == ("2 (2)", two.query)

    async def bin_it(ctx: Any) -> int:
        await perform.delete(ctx, shelves.view, two.id)
        return int(ctx.change_set)

    group = await shelves.ws.run(shelves.bob, bin_it)
    assert "2" not in await shelves.tabs(shelves.bob)
    await shelves.ws.undo(shelves.bob, group)
    assert "2" in await shelves.tabs(shelves.bob)


async def test_a_list_opens_with_one_view_for_me_and_one_for_everyone(shelves: Shelves) -> None:
    own = await shelves.save(shelves.bob, "Bob's")
    with pytest.raises(Denied):
        await shelves.act(shelves.bob, own, "make_usual", whom="everyone")
    mine = await shelves.save(shelves.ada, "Ada's")
    with pytest.raises(Conflict):
        await shelves.act(shelves.ada, mine, "make_usual", whom="everyone")
    first = await shelves.save(shelves.ada, "First", shared="everyone")
    second = await shelves.save(shelves.ada, "Second", shared="everyone")
    await shelves.act(shelves.ada, first, "make_usual", whom="everyone")
    await shelves.act(shelves.ada, second, "make_usual", whom="everyone")
    assert await shelves.opens(shelves.bob) == ["Second"]
    await shelves.act(shelves.bob, own, "make_usual")
    assert await shelves.opens(shelves.bob) == ["Bob's", "Second"]
    await shelves.act(shelves.bob, own, "drop_usual")
    assert await shelves.opens(shelves.bob) == ["Second"]
    await shelves.ws.run(
        shelves.ada,
        lambda ctx: perform.update(ctx, shelves.view, second.id, {"shared": "personal"}),
    )
    assert await shelves.opens(shelves.bob) == []


async def test_two_windows_remember_one_thing_without_a_trace_in_the_log(
    shelves: Shelves,
) -> None:
    done = await asyncio.gather(
        *(shelves.remember(shelves.bob, f"view={kind}&status=todo") for kind in ("board", "table")),
        return_exceptions=True,
    )
    # On an engine with many writers the second finds out that the first was there; it tries again.
    assert all(not isinstance(one, Exception) or isinstance(one, Duplicate) for one in done)
    kept = await shelves.remember(shelves.bob, "view=board&sort=title&status=todo&v=3")
    assert kept.query == "view=board&sort=title"
    page = await shelves.ws.page(SYSTEM, MEMORY, {})
    assert len(page.items) == 1
    table = shelves.ws.registry.metadata.tables["kernel_log"]
    logged = await shelves.ws.engine.read(
        lambda connection: shelves.ws.log.where(connection, table.c.entity == MEMORY, limit=5)
    )
    assert logged == []
