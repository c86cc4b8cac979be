"""A workspace with the room `projects` and a stand-in for the people it needs."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import pytest
from sqlalchemy.schema import CreateIndex, CreateTable

from mainstay.facets.tags.module import MODULE as TAGS
from mainstay.kernel import perform, search
from mainstay.kernel.clock import FixedClock
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Text
from mainstay.kernel.module import Module, Resource
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace, engine_for
from mainstay.modules.projects.module import LEAD, MODULE, READ, WORK

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)


class User(Entity, kw_only=True):
    """A person."""

    display_name: Annotated[str, Text(200)] = ""
    email: Annotated[str, Text(255)] = ""


PEOPLE = Module(
    "identity",
    "People.",
    resources=(Resource(User, "identity/users", write=("display_name", "email")),),
)


class House:
    """A workspace with short words for what tests do all the time."""

    def __init__(self, ws: Workspace, clock: FixedClock) -> None:
        self.ws, self.clock = ws, clock
        self.people: dict[str, Me] = {}

    async def create(self, key: str, me: Me = SYSTEM, **data: Any) -> Any:
        noun = self.ws.registry.noun(f"projects.{key}" if "." not in key else key)
        return await self.ws.run(me, lambda ctx: perform.create(ctx, noun, data))

    async def update(self, record: Entity, me: Me = SYSTEM, **data: Any) -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.ws.run(me, lambda ctx: perform.update(ctx, noun, record.id, data))

    async def delete(self, record: Entity, me: Me = SYSTEM) -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.ws.run(me, lambda ctx: perform.delete(ctx, noun, record.id))

    async def restore(self, record: Entity, me: Me = SYSTEM) -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.ws.run(me, lambda ctx: perform.restore(ctx, noun, record.id))

    async def act(self, record: Entity, verb: str, me: Me = SYSTEM, **data: Any) -> Any:
        noun = self.ws.registry.noun(type(record))
        act = noun.actions[verb]
        return await self.ws.run(me, lambda ctx: perform.act(ctx, noun, act, record.id, data))

    async def fresh(self, record: Entity) -> Any:
        async def work(ctx: Any) -> Any:
            return await ctx.load(
                self.ws.registry.noun(type(record)), record.id, anywhere=True, deleted="with"
            )

        return await self.ws.run(SYSTEM, work)

    async def seen(self, key: str, me: Me, **filters: Any) -> list[int]:
        page = await self.ws.page(me, f"projects.{key}", [("sort", "id"), *filters.items()])
        return [item.id for item in page.items]

    async def ask(self, name: str, me: Me = SYSTEM, **asked: Any) -> Any:
        return await self.ws.ask_question(me, f"projects.{name}", asked)

    async def person(self, name: str, grants: tuple[str, ...] = WORK) -> Me:
        user = await self.create("identity.user", display_name=name)
        self.people[name] = Me(id=user.id, name=name, grants=frozenset(grants))
        return self.people[name]

    async def team(self) -> tuple[Me, Me, Me, Me, Any]:
        """Return an owner, a member, a viewer, a stranger, and the project of the first three."""
        ann = await self.person("Ann", LEAD)
        bob, vic, sam = [await self.person(name) for name in ("Bob", "Vic", "Sam")]
        project = await self.create("project", ann, name="Solar roof")
        await self.act(project, "add_member", ann, user_id=bob.id)
        await self.act(project, "add_member", ann, user_id=vic.id, role="viewer")
        return ann, bob, vic, sam, project


async def build(url: str, rooms: tuple[Module, ...] = (PEOPLE, TAGS, MODULE)) -> None:
    """Create every table on an empty database."""
    registry = Registry(rooms)
    engine = engine_for(url)
    await engine.open()
    for table in registry.metadata.sorted_tables:
        await engine.script([str(CreateTable(table).compile(dialect=engine.dialect))])
        parts = [CreateIndex(index) for index in table.indexes]
        await engine.script([str(part.compile(dialect=engine.dialect)) for part in parts])
    for noun in registry.nouns.values():
        await engine.script(list(search.create(noun, engine.name)))
    await engine.close()


@pytest.fixture(params=["sqlite", "postgres"])
async def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """An empty workspace on each engine, with a clock that stands on 2026-11-18."""
    servers, name = None, f"work_{uuid.uuid4().hex[:16]}"
    if request.param == "postgres":
        servers = request.getfixturevalue("postgres")
        template = await servers.template("projects", build)
        url = await servers.create_database(name, template=template)
    else:
        url = str(tmp_path / "work.db")
        await build(url)
    clock = FixedClock(NOW)
    ws = Workspace(Registry((PEOPLE, TAGS, MODULE)), engine_for(url), clock=clock)
    await ws.open()
    yield House(ws, clock)
    await ws.close()
    if servers:
        await servers.drop_database(name)


__all__ = ["LEAD", "READ", "WORK"]
