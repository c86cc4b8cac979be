"""A project with a milestone and people of every kind around it, on each engine."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from mainstay.kernel import perform
from mainstay.kernel.clock import FixedClock
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from tests.harness.crowd import person
from tests.harness.samples import Samples

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
# who: their role in the workspace, and their part in the project
PEOPLE = {
    "root": ("admin", ""),
    "ann": ("lead", "admin"),
    "bob": ("member", "member"),
    "cli": ("client", "client"),
    "sam": ("member", ""),
}


@dataclass
class Stage:
    """The workspace, who is who, the project, and short words for what tests do all the time."""

    ws: Workspace
    clock: FixedClock
    samples: Samples
    people: dict[str, Me]
    project: Any
    last: int = 0

    def me(self, who: str) -> Me:
        return self.people[who] if who else SYSTEM

    def noun(self, key: str) -> Any:
        return self.ws.registry.noun(key if "." in key else f"milestones.{key}")

    async def run(self, who: str, work: Any) -> Any:
        """Run a unit of work, and remember its change set."""

        async def unit(ctx: Context) -> Any:
            self.last = ctx.change_set
            return await work(ctx)

        return await self.ws.run(self.me(who), unit)

    async def make(self, key: str, who: str = "ann", **data: Any) -> Any:
        noun = self.noun(key)
        return await self.run(who, lambda ctx: perform.create(ctx, noun, data))

    async def milestone(self, name: str = "Roof is tight", who: str = "ann", **data: Any) -> Any:
        values = {"project_id": self.project.id, "due_date": "2026-12-18", "name": name, **data}
        return await self.make("milestone", who, **values)

    async def change(self, record: Entity, who: str = "ann", **data: Any) -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.run(who, lambda ctx: perform.update(ctx, noun, record.id, data))

    async def act(self, record: Entity, verb: str, who: str = "ann", **data: Any) -> Any:
        noun = self.ws.registry.noun(type(record))
        done = noun.actions[verb]
        return await self.run(who, lambda ctx: perform.act(ctx, noun, done, record.id, data))

    async def bin(self, record: Entity, who: str = "ann") -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.run(who, lambda ctx: perform.delete(ctx, noun, record.id))

    async def undo(self, who: str = "ann") -> Any:
        """Take back the last change set, which was theirs."""
        return await self.ws.undo(self.me(who), self.last)

    async def events(self) -> list[str]:
        """Return the names of what happened in the last change set, in order."""

        async def read(ctx: Context) -> list[Any]:
            return await self.ws.log.after(ctx.connection, (0, 0), 10_000, settled=False)

        rows = [row for row in await self.ws.look(SYSTEM, read) if row.change_set == self.last]
        return [said["name"].partition(".")[2] for row in rows for said in row.events or ()]

    async def fresh(self, record: Entity) -> Any:
        noun = self.ws.registry.noun(type(record))

        async def work(ctx: Context) -> Any:
            return await ctx.load(noun, record.id, anywhere=True, deleted="with")

        return await self.ws.run(SYSTEM, work)

    async def ask(self, name: str, who: str = "ann", **asked: Any) -> Any:
        return await self.ws.ask_question(self.me(who), f"milestones.{name}", asked)


@pytest.fixture
async def stage(workspace: Workspace) -> Stage:
    """A project of Ann's in which Bob works and a client reads; Sam is a stranger to it."""
    clock = FixedClock(NOW)
    workspace.clock = clock
    samples = Samples(workspace)
    people = {who: await person(samples, who, role) for who, (role, _) in PEOPLE.items()}
    project = await samples.record(workspace.registry.noun("projects.project"))
    member = workspace.registry.noun("projects.project_member")
    for who, (_, part) in PEOPLE.items():
        if part:
            data = {"project_id": project.id, "user_id": people[who].id, "role": part}
            await workspace.run(SYSTEM, lambda ctx, d=data: perform.create(ctx, member, d))
    return Stage(workspace, clock, samples, people, project)
