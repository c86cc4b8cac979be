"""A project with people around it, one of whom reports to another, on each engine."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from mainstay.kernel import perform
from mainstay.kernel.clock import FixedClock
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity.entities import User
from tests.harness.crowd import person
from tests.harness.samples import Samples

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)  # a Wednesday
# who: their role in the workspace, and their part in the project
PEOPLE = {
    "root": ("admin", ""),
    "ann": ("lead", "admin"),
    "bob": ("member", "member"),
    "mia": ("member", ""),
    "sam": ("member", ""),
}


@dataclass
class Office:
    """The workspace, who is who, a project and a task, and short words for what tests do."""

    ws: Workspace
    clock: FixedClock
    samples: Samples
    people: dict[str, Me]
    project: Any
    task: Any
    last: int = 0
    statements: list[str] = field(default_factory=list)

    def me(self, who: str) -> Me:
        return self.people[who] if who else SYSTEM

    def noun(self, key: str) -> Any:
        return self.ws.registry.noun(key if "." in key else f"timesheets.{key}")

    def later(self, **span: float) -> None:
        self.clock.advance(timedelta(**span))

    async def run(self, who: str, work: Any) -> Any:
        """Run a unit of work, and remember its change set."""

        async def unit(ctx: Context) -> Any:
            self.last = ctx.change_set
            return await work(ctx)

        return await self.ws.run(self.me(who), unit)

    async def make(self, who: str, key: str, **data: Any) -> Any:
        noun = self.noun(key)
        return await self.run(who, lambda ctx: perform.create(ctx, noun, data))

    async def log(self, who: str, hours: str, day: str = "2026-11-16", **data: Any) -> Any:
        """Log time on the project, or on what is said."""
        if not {"task_id", "project_id", "issue_id"} & data.keys():
            data["project_id"] = self.project.id
        values = {"hours": hours, "date": day, **data}
        return await self.make(who, "projects.time_entry", **values)

    async def change(self, who: str, record: Entity, **data: Any) -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.run(who, lambda ctx: perform.update(ctx, noun, record.id, data))

    async def bin(self, who: str, record: Entity) -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.run(who, lambda ctx: perform.delete(ctx, noun, record.id))

    async def act(self, who: str, record: Entity, verb: str, **data: Any) -> Any:
        noun = self.ws.registry.noun(type(record))
        done = noun.actions[verb]
        return await self.run(who, lambda ctx: perform.act(ctx, noun, done, record.id, data))

    async def do(self, who: str, verb: str, key: str = "timesheet", **data: Any) -> Any:
        """Run a verb of the resource as a whole."""
        noun = self.noun(key)
        done = noun.actions[verb]
        return await self.run(who, lambda ctx: perform.act(ctx, noun, done, None, data))

    async def undo(self, who: str, change: int = 0) -> Any:
        return await self.ws.undo(self.me(who), change or self.last)

    async def fresh(self, record: Entity) -> Any:
        noun = self.ws.registry.noun(type(record))

        async def work(ctx: Context) -> Any:
            return await ctx.load(noun, record.id, anywhere=True, deleted="with")

        return await self.ws.run(SYSTEM, work)

    async def ask(self, who: str, name: str, **asked: Any) -> Any:
        return await self.ws.ask_question(self.me(who), f"timesheets.{name}", asked)


@pytest.fixture
async def office(workspace: Workspace) -> Office:
    """A project of Ann's in which Bob works; he reports to Mia, who is not in it; Sam is nobody."""
    clock = FixedClock(NOW)
    workspace.clock = clock
    samples = Samples(workspace)
    people = {who: await person(samples, who, role) for who, (role, _) in PEOPLE.items()}
    noun = workspace.registry.noun

    async def reports(ctx: Context) -> None:
        """Let Bob report to Mia, and his and Ann's hours cost 80."""
        bob = await ctx.get(User, people["bob"].id or 0)
        bob.manager_id = people["mia"].id
        for who in ("ann", "bob"):
            user = await ctx.get(User, people[who].id or 0)
            user.hourly_rate, user.currency = Decimal(80), "EUR"

    await workspace.run(SYSTEM, reports)
    project = await samples.record(noun("projects.project"), currency="EUR", hourly_rate="95.00")
    for who, (_, part) in PEOPLE.items():
        if part:
            data = {"project_id": project.id, "user_id": people[who].id, "role": part}
            member = noun("projects.project_member")
            await workspace.run(SYSTEM, lambda ctx, d=data, m=member: perform.create(ctx, m, d))
    task = await samples.record(noun("projects.task"), project_id=project.id, title="Wire it")
    return Office(workspace, clock, samples, people, project, task)
