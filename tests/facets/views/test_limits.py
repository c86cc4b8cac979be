"""A column holds no more than it may, whoever writes and by whatever way."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mainstay.kernel import perform, place
from mainstay.kernel.context import Context
from mainstay.kernel.problems import Conflict, Denied, Invalid
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace

TASK, PROJECT, LIMIT = "projects.task", "projects.project", "views.column_limit"


class Desk:
    """Short words for what these tests do all the time."""

    def __init__(self, ws: Workspace) -> None:
        self.ws = ws

    async def run(self, work: Callable[[Context], Awaitable[Any]], me: Me = SYSTEM) -> Any:
        return await self.ws.run(me, work)

    async def create(self, key: str, me: Me = SYSTEM, **data: Any) -> Any:
        noun = self.ws.registry.noun(key)
        return await self.run(lambda ctx: perform.create(ctx, noun, data), me)

    async def update(self, record: Any, **data: Any) -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.run(lambda ctx: perform.update(ctx, noun, record.id, data))

    async def act(self, record: Any, verb: str, **data: Any) -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.run(
            lambda ctx: perform.act(ctx, noun, noun.actions[verb], record.id, data)
        )

    async def limit(self, value: str, most: int, within: int | None = None, **more: Any) -> Any:
        known = {"entity": TASK, "field": "status", "value": value, "most": most}
        return await self.create(LIMIT, **known, **more, within_id=within)

    async def held(self, status: str) -> int:
        page = await self.ws.page(SYSTEM, TASK, {"status": status, "fields": "id"})
        return len(page.items)


@pytest.fixture
def desk(workspace: Workspace) -> Desk:
    return Desk(workspace)


@pytest.fixture
async def tasks(desk: Desk) -> list[Any]:
    """Two projects with four tasks each."""
    made = []
    for name in ("Harbour", "Depot"):
        project = await desk.create(PROJECT, name=name)
        made += [await desk.create(TASK, project_id=project.id, title=t) for t in "abcd"]
    return made


async def test_every_way_into_a_full_column_is_shut(desk: Desk, tasks: list[Any]) -> None:
    a, b, c, d, *_, far = tasks
    noun = desk.ws.registry.noun(TASK)
    await desk.limit("review", 2, a.project_id)
    for one in (a, b):
        await desk.update(one, status="review")
    review = {"status": "review"}
    said = "Review holds at most 2 in this project; move one on first."
    ways: list[Callable[[Context], Awaitable[Any]]] = [
        lambda ctx: perform.update(ctx, noun, c.id, {"status": "review"}),
        lambda ctx: perform.act(ctx, noun, noun.actions["submit_for_review"], c.id, {}),
        lambda ctx: perform.act(ctx, noun, noun.actions["move"], c.id, {"status": "review"}),
        lambda ctx: perform.bulk(ctx, noun, perform.Bulk(update=[{"id": c.id, **review}])),
        lambda ctx: perform.create(
            ctx, noun, {"project_id": a.project_id, "title": "e", "status": "review"}
        ),
        lambda ctx: place.place(
            ctx, noun, c.id, place.Placing(column={"status": "review"}, after=a.id)
        ),
    ]
    for way in ways:
        with pytest.raises(Conflict) as refusal:
            await desk.run(way)
        assert refusal.value.detail == said
    assert await desk.held("review") == 2
    await desk.update(far, status="review")
    await desk.run(lambda ctx: perform.delete(ctx, noun, b.id))
    await desk.update(c, status="review")
    with pytest.raises(Conflict, match="holds at most 2"):
        await desk.run(lambda ctx: perform.restore(ctx, noun, b.id))
    with pytest.raises(Conflict, match="holds at most 2"):
        await desk.update(d, status="review")


async def test_what_is_too_full_may_be_left_and_edited(desk: Desk, tasks: list[Any]) -> None:
    a, b, c, d, *_ = tasks
    for one in (a, b, c):
        await desk.update(one, status="testing")
    limit = await desk.limit("testing", 1)
    await desk.update(a, title="renamed", priority="high")
    await desk.update(b, status="done")
    with pytest.raises(Conflict, match=r"Testing holds at most 1; move one on first\."):
        await desk.update(d, status="testing")
    noun = desk.ws.registry.noun(TASK)
    swap = [{"id": a.id, "status": "done"}, {"id": d.id, "status": "testing"}]
    await desk.run(lambda ctx: perform.bulk(ctx, noun, perform.Bulk(update=swap)))
    assert await desk.held("testing") == 2
    await desk.update(limit, most=3)
    await desk.update(tasks[5], status="testing")
    assert await desk.held("testing") == 3


async def test_taking_back_does_not_overfill(desk: Desk, tasks: list[Any]) -> None:
    a, b, *_ = tasks
    await desk.update(a, status="review")
    await desk.limit("review", 1)
    noun = desk.ws.registry.noun(TASK)

    async def leave(ctx: Context) -> int:
        await perform.update(ctx, noun, a.id, {"status": "testing"})
        return ctx.change_set

    change = await desk.run(leave)
    await desk.update(b, status="review")
    with pytest.raises(Conflict, match="holds at most 1"):
        await desk.ws.undo(SYSTEM, change)


async def test_two_people_at_once_cannot_both_slip_in(desk: Desk, tasks: list[Any]) -> None:
    await desk.limit("review", 3)

    async def enter(task: Any) -> bool:
        try:
            await desk.update(task, status="review")
        except Conflict:
            return False
        return True

    done = await asyncio.gather(*(enter(task) for task in tasks))
    assert (sum(done), await desk.held("review")) == (3, 3)


async def test_a_limit_is_checked_when_it_is_set(desk: Desk, tasks: list[Any]) -> None:
    project = tasks[0].project_id
    known = {"entity": TASK, "field": "status", "value": "review", "most": 2}
    for wrong, field in (
        ({"entity": "identity.session"}, "entity"),
        ({"field": "title"}, "field"),
        ({"value": "nowhere"}, "value"),
        ({"field": "assignee_id", "value": "99999"}, "value"),
        ({"within_id": 99999}, "within_id"),
        ({"most": 0}, "most"),
    ):
        with pytest.raises(Invalid) as refusal:
            await desk.create(LIMIT, **{**known, **wrong})
        assert [error.field for error in refusal.value.errors] == [field]
    assert (await desk.limit("in_review", 2)).value == "review"
    with pytest.raises(Conflict, match="has a limit already"):
        await desk.limit("review", 4)
    await desk.limit("review", 4, project)
    lead = Me(id=None, name="Lead", grants=frozenset({"views.*", "projects.task.*"}))
    with pytest.raises((Denied, Invalid)):
        await desk.create(LIMIT, lead, **{**known, "value": "todo"}, within_id=project)


async def test_without_limits_a_write_asks_once_at_most(
    desk: Desk, tasks: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, *_ = tasks
    ws, asked = desk.ws, []
    known = ws.reader.entities

    async def entities(connection: Any, noun: Any, *rest: Any, **more: Any) -> Any:
        asked.append(noun.key)
        return await known(connection, noun, *rest, **more)

    monkeypatch.setattr(ws.reader, "entities", entities)
    await desk.update(a, title="A new name")
    assert asked.count(LIMIT) == 0
    await desk.update(a, status="in_progress")
    assert asked.count(LIMIT) == 1
    await desk.create("identity.skill", name="Splicing")
    assert asked.count(LIMIT) == 1
    assert b.id


async def test_only_who_sees_a_project_changes_the_limits_of_its_columns(
    desk: Desk, tasks: list[Any]
) -> None:
    limit = await desk.limit("review", 4, tasks[0].project_id)
    grants = frozenset({"views.*", "projects.project.read", "projects.project.update"})
    stranger = Me(id=None, name="Lead of something else", grants=grants)
    noun = desk.ws.registry.noun(LIMIT)
    with pytest.raises(Invalid, match="that you may see"):
        await desk.run(lambda ctx: perform.update(ctx, noun, limit.id, {"most": 1}), stranger)
    with pytest.raises(Invalid, match="that you may see"):
        await desk.run(lambda ctx: perform.delete(ctx, noun, limit.id), stranger)


async def test_a_limit_everywhere_is_for_those_who_see_everything(
    desk: Desk, tasks: list[Any]
) -> None:
    grants = frozenset({"views.*", "projects.*.read", "projects.project.update"})
    lead = Me(id=None, name="Lead", grants=grants)
    noun = desk.ws.registry.noun(LIMIT)
    wanted = {"entity": "projects.task", "field": "status", "value": "backlog", "most": 1}
    with pytest.raises(Denied, match="see_all"):
        await desk.run(lambda ctx: perform.create(ctx, noun, wanted), lead)
    seeing = Me(id=None, name="Viewer", grants=grants | {"projects.project.see_all"})
    within = {**wanted, "within_id": tasks[0].project_id}
    made = await desk.run(lambda ctx: perform.create(ctx, noun, within), seeing)
    assert made.most == 1
