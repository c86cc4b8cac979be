"""A workspace with projects, milestones and planning, and stand-ins for what they refer to."""

import uuid
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Annotated, Any

import pytest

from mainstay.facets.tags.module import MODULE as TAGS
from mainstay.kernel.clock import FixedClock
from mainstay.kernel.entity import Entity, fields_of
from mainstay.kernel.fields import Links, Ref, Text
from mainstay.kernel.module import Module, Resource
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace, engine_for
from mainstay.modules.milestones.module import MODULE as MILESTONES
from mainstay.modules.planning.demo import seed
from mainstay.modules.planning.module import LEAD as LEADS
from mainstay.modules.planning.module import MODULE as PLANNING
from mainstay.modules.projects.module import LEAD, WORK
from mainstay.modules.projects.module import MODULE as PROJECTS
from tests.modules.projects.conftest import NOW, PEOPLE, House, build

PLANS = (*LEADS, "milestones.*.read")


class Thing(Entity, kw_only=True):
    """Something that other records refer to."""

    name: Annotated[str, Text(100)] = ""


def stand_ins(rooms: Iterable[Module]) -> list[Module]:
    """Return a room for every resource that these refer to and that none of them has."""
    rooms = list(rooms)
    there = {f"{room.name}.{one.name}" for room in rooms for one in room.resources}
    kinds = [f.kind for room in rooms for one in room.resources for f in fields_of(one.entity)]
    wanted = {kind.target for kind in kinds if isinstance(kind, (Ref, Links))} - there
    named = {room.name for room in rooms}
    needed = {name for room in rooms for name in room.depends} - named
    found: dict[str, list[Resource]] = {name: [] for name in needed}
    for key in sorted(wanted):
        room, _, name = key.partition(".")
        words = "".join(part.title() for part in name.split("_"))
        kind = type(
            words, (Thing,), {"__doc__": "A stand-in.", "__annotations__": {}}, kw_only=True
        )
        found.setdefault(room, []).append(Resource(kind, f"{room}/{name}s", write=("name",)))
    return [Module(name, "A stand-in.", resources=tuple(ones)) for name, ones in found.items()]


REAL = (PEOPLE, TAGS, PROJECTS, MILESTONES, PLANNING)
ROOMS = (PEOPLE, TAGS, *stand_ins(REAL), PROJECTS, MILESTONES, PLANNING)


class Office(House):
    """A workspace with short words for what tests of plans do all the time."""

    async def dated(self, project: Any, me: Me = SYSTEM, **dates: Any) -> Any:
        """Create a task that is called like what it is given first."""
        title = dates.pop("title", "Task")
        return await self.create("task", me, project_id=project.id, title=title, **dates)

    async def link(self, later: Any, earlier: Any, me: Me = SYSTEM, **more: Any) -> Any:
        data = {"task_id": later.id, "depends_on_id": earlier.id, **more}
        return await self.create("task_dependency", me, **data)

    async def plan(self, name: str, me: Me = SYSTEM, **asked: Any) -> Any:
        return await self.ws.ask_question(me, f"planning.{name}", asked)

    async def days(self, *tasks: Any) -> list[tuple[str, str]]:
        """Return the dates of tasks as they are now, without the year."""
        found = [await self.fresh(task) for task in tasks]
        return [(str(task.start_date)[5:], str(task.due_date)[5:]) for task in found]


@pytest.fixture(params=["sqlite", "postgres"])
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    """An empty workspace on each engine, with a clock that stands on Wednesday 2026-11-18."""
    servers, name = None, f"plan_{uuid.uuid4().hex[:16]}"
    if request.param == "postgres":
        servers = request.getfixturevalue("postgres")
        template = await servers.template("planning", lambda url: build(url, ROOMS))
        url = await servers.create_database(name, template=template)
    else:
        url = str(tmp_path / "plan.db")
        await build(url, ROOMS)
    ws = Workspace(Registry(ROOMS), engine_for(url), clock=FixedClock(NOW))
    await ws.open()
    await ws.run(SYSTEM, seed)
    yield Office(ws, ws.clock)  # type: ignore[arg-type]
    await ws.close()
    if servers:
        await servers.drop_database(name)


__all__ = ["LEAD", "PLANS", "WORK"]
