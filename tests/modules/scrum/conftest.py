"""A project that is worked on in sprints, and people of every kind around it, on each engine."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mainstay.kernel import perform
from mainstay.kernel.clock import FixedClock
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.scrum.actions.backlog import add_to_backlog, rank
from tests.harness.crowd import person
from tests.harness.samples import Samples

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)  # a Wednesday
# who: their role in the workspace, and their part in the project
PEOPLE = {
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
        return self.ws.registry.noun(key if "." in key else f"scrum.{key}")

    async def run(self, who: str, work: Any) -> Any:
        """Run a unit of work, and remember its change set."""

        async def unit(ctx: Context) -> Any:
            self.last = ctx.change_set
            return await work(ctx)

        return await self.ws.run(self.me(who), unit)

    async def make(self, key: str, who: str = "ann", **data: Any) -> Any:
        noun = self.noun(key)
        return await self.run(who, lambda ctx: perform.create(ctx, noun, data))

    async def sprint(self, who: str = "ann", **data: Any) -> Any:
        days = {"start_date": "2026-11-16", "end_date": "2026-11-27"}
        return await self.make("sprint", who, **{"project_id": self.project.id, **days, **data})

    async def task(self, title: str = "A", who: str = "ann", **data: Any) -> Any:
        values = {"project_id": self.project.id, "title": title, **data}
        return await self.make("projects.task", who, **values)

    async def tasks(self, titles: str, **data: Any) -> list[Any]:
        """Make one task for each letter, in one unit of work."""
        noun = self.noun("projects.task")
        wanted = [{"project_id": self.project.id, "title": one, **data} for one in titles]
        bulk = perform.Bulk(create=wanted)
        return await self.run("ann", lambda ctx: perform.bulk(ctx, noun, bulk))

    async def change(self, record: Entity, who: str = "ann", **data: Any) -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.run(who, lambda ctx: perform.update(ctx, noun, record.id, data))

    async def act(self, record: Entity, verb: str, who: str = "ann", **data: Any) -> Any:
        noun = self.ws.registry.noun(type(record))
        done = noun.actions[verb]
        return await self.run(who, lambda ctx: perform.act(ctx, noun, done, record.id, data))

    async def rank(
        self, task: Entity, who: str = "ann", others: list[int] | None = None, **data: Any
    ) -> Any:
        noun, values = self.noun("projects.task"), {"ids": [task.id, *(others or ())], **data}
        return await self.run(who, lambda ctx: perform.act(ctx, noun, rank, None, values))

    async def add(self, title: str, who: str = "ann", **data: Any) -> Any:
        noun, values = (
            self.noun("projects.task"),
            {"project_id": self.project.id, "title": title, **data},
        )
        return await self.run(who, lambda ctx: perform.act(ctx, noun, add_to_backlog, None, values))

    async def bin(self, record: Entity, who: str = "ann") -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.run(who, lambda ctx: perform.delete(ctx, noun, record.id))

    async def restore(self, record: Entity, who: str = "ann") -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.run(who, lambda ctx: perform.restore(ctx, noun, record.id))

    async def undo(self, who: str = "ann", change_set: int = 0) -> Any:
        """Take back a change set of theirs, the last one unless told."""
        return await self.ws.undo(self.me(who), change_set or self.last)

    async def fresh(self, record: Entity) -> Any:
        noun = self.ws.registry.noun(type(record))

        async def work(ctx: Context) -> Any:
            return await ctx.load(noun, record.id, anywhere=True, deleted="with")

        return await self.ws.run(SYSTEM, work)

    async def ask(self, name: str, who: str = "ann", **asked: Any) -> Any:
        return await self.ws.ask_question(self.me(who), f"scrum.{name}", asked)

    async def order(self, sprint: int = 0, **more: Any) -> str:
        """Return the titles of the backlog, or of a sprint, in their order."""
        asked = {"project_id": self.project.id, "sprint_id": sprint, "limit": 1000, **more}
        return "".join(one.title for one in (await self.ask("backlog", **asked)).items)

    def later(self, days: int) -> None:
        """Let some days go by."""
        self.clock.advance(timedelta(days=days))


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
