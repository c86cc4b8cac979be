"""A workspace with the room `projects` and a stand-in for the people it needs."""

import shutil
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import pytest
from sqlalchemy.schema import CreateIndex, CreateTable

from mainstay.facets.comments.module import MODULE as COMMENTS
from mainstay.facets.files.module import MODULE as FILES
from mainstay.facets.tags.module import MODULE as TAGS
from mainstay.kernel import perform, search
from mainstay.kernel.clock import FixedClock
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Ref, Text
from mainstay.kernel.module import Module, Resource
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.storage.postgres import PostgresConnection
from mainstay.kernel.storage.sqlite import SqliteConnection
from mainstay.kernel.workspace import Workspace, engine_for
from mainstay.modules.charter.module import MODULE as CHARTER
from mainstay.modules.milestones.module import MODULE as MILESTONES
from mainstay.modules.projects.module import LEAD, MODULE, READ, WORK
from mainstay.modules.reference.module import MODULE as REFERENCE

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)


class User(Entity, kw_only=True):
    """A person."""

    display_name: Annotated[str, Text(200)] = ""
    email: Annotated[str, Text(255)] = ""


class OrganisationUnit(Entity, kw_only=True):
    """A part of the organisation."""

    name: Annotated[str, Text(100)] = ""


class Profession(Entity, kw_only=True):
    """What somebody has learnt."""

    name: Annotated[str, Text(100)] = ""


class WorkCalendar(Entity, kw_only=True):
    """The working days."""

    name: Annotated[str, Text(100)] = ""


class ProjectTemplate(Entity, kw_only=True):
    """What projects are made from."""

    name: Annotated[str, Text(100)] = ""


class MilestoneTemplate(Entity, kw_only=True):
    """What milestones are made from."""

    name: Annotated[str, Text(100)] = ""


class TaskTemplate(Entity, kw_only=True):
    """What tasks are made from."""

    name: Annotated[str, Text(100)] = ""


class Sprint(Entity, kw_only=True):
    """A stretch of work."""

    name: Annotated[str, Text(100)] = ""


class Issue(Entity, kw_only=True):
    """Something that is wrong."""

    title: Annotated[str, Text(100)] = ""
    project_id: Annotated[int, Ref(target="projects.project")] | None = None


class Timesheet(Entity, kw_only=True):
    """Somebody's week."""

    name: Annotated[str, Text(100)] = ""


PEOPLE = Module(
    "identity",
    "People.",
    resources=(
        Resource(User, "identity/users", write=("display_name", "email")),
        Resource(OrganisationUnit, "identity/units", write=("name",)),
        Resource(Profession, "identity/professions", write=("name",)),
    ),
)
# Stand-ins for rooms above, which projects refer to; goals and milestones are the real ones.
PLANNING = Module(
    "planning",
    "Calendars.",
    resources=(Resource(WorkCalendar, "planning/calendars", write=("name",)),),
)
TEMPLATES = Module(
    "templates",
    "Templates.",
    resources=tuple(
        Resource(kind, f"templates/{path}", write=("name",))
        for kind, path in (
            (ProjectTemplate, "projects"),
            (MilestoneTemplate, "milestones"),
            (TaskTemplate, "tasks"),
        )
    ),
)
ABOVE = tuple(
    Module(room, "Above.", resources=(Resource(kind, path, write=write),))
    for room, kind, path, write in (
        ("scrum", Sprint, "scrum/sprints", ("name",)),
        ("issues", Issue, "issues/issues", ("title", "project_id")),
        ("timesheets", Timesheet, "timesheets/timesheets", ("name",)),
    )
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


ROOMS = (
    PEOPLE,
    TAGS,
    COMMENTS,
    FILES,
    REFERENCE,
    MODULE,
    CHARTER,
    MILESTONES,
    PLANNING,
    TEMPLATES,
    *ABOVE,
)


async def build(url: str, rooms: tuple[Module, ...] = ROOMS) -> None:
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


@pytest.fixture(scope="session")
async def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with every table and nothing in it, to be copied."""
    path = tmp_path_factory.mktemp("projects") / "empty.db"
    await build(str(path))
    return path


@pytest.fixture(params=["sqlite", "postgres"])
async def workspace(
    request: pytest.FixtureRequest, tmp_path: Path, empty_file: Path
) -> AsyncIterator[House]:
    """An empty workspace on each engine, with a clock that stands on 2026-11-18."""
    servers, name = None, f"work_{uuid.uuid4().hex[:16]}"
    if request.param == "postgres":
        servers = request.getfixturevalue("postgres")
        template = await servers.template("projects", build)
        url = await servers.create_database(name, template=template)
    else:
        url = str(shutil.copy(empty_file, tmp_path / "work.db"))
    clock = FixedClock(NOW)
    ws = Workspace(Registry(ROOMS), engine_for(url), clock=clock)
    await ws.open()
    yield House(ws, clock)
    await ws.close()
    if servers:
        await servers.drop_database(name)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that runs."""
    seen: list[str] = []

    def spy(kind: type, name: str) -> None:
        plain = getattr(kind, name)

        async def wrapped(self: Any, sql: str, *args: Any) -> Any:
            seen.append(sql)
            return await plain(self, sql, *args)

        monkeypatch.setattr(kind, name, wrapped)

    for kind in (SqliteConnection, PostgresConnection):
        for name in ("fetch", "run", "many"):
            spy(kind, name)
    return seen


__all__ = ["LEAD", "READ", "WORK"]
