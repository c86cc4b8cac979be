"""A task of a crowd's project, with short words for what tests of its work do all the time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mainstay.kernel import perform
from mainstay.kernel.clock import FixedClock
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.scope import SYSTEM, Me
from tests.harness.crowd import Crowd, crowd

__all__ = ["crowd"]

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)


class Bench:
    """Where a task is worked on: its people, its records, what the last change set was."""

    def __init__(self, crowd: Crowd) -> None:
        self.ws, self.people, self.crowd = crowd.ws, crowd.people, crowd
        self.project, self.task = crowd.project, crowd.task
        self.clock = FixedClock(NOW)
        self.ws.clock = self.clock
        self.change = 0

    def me(self, who: str) -> Me:
        return self.people[who] if who else SYSTEM

    def later(self, **span: float) -> None:
        self.clock.advance(timedelta(**span))

    async def run(self, who: str, work: Any) -> Any:
        async def unit(ctx: Context) -> Any:
            found = await work(ctx)
            self.change = ctx.change_set
            return found

        return await self.ws.run(self.me(who), unit)

    async def create(self, who: str, key: str, **data: Any) -> Any:
        noun = self.ws.registry.noun(key if "." in key else f"checklists.{key}")
        return await self.run(who, lambda ctx: perform.create(ctx, noun, data))

    async def update(self, who: str, record: Entity, **data: Any) -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.run(who, lambda ctx: perform.update(ctx, noun, record.id, data))

    async def delete(self, who: str, record: Entity) -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.run(who, lambda ctx: perform.delete(ctx, noun, record.id))

    async def restore(self, who: str, record: Entity) -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.run(who, lambda ctx: perform.restore(ctx, noun, record.id))

    async def act(self, who: str, record: Entity, verb: str, **data: Any) -> Any:
        noun = self.ws.registry.noun(type(record))
        act = noun.actions[verb]
        return await self.run(who, lambda ctx: perform.act(ctx, noun, act, record.id, data))

    async def fresh(self, record: Entity) -> Any:
        async def work(ctx: Context) -> Any:
            noun = self.ws.registry.noun(type(record))
            return await ctx.load(noun, record.id, anywhere=True, deleted="with")

        return await self.ws.run(SYSTEM, work)

    async def every(self, kind: type[Entity], **filters: Any) -> list[Any]:
        return await self.ws.look(SYSTEM, lambda ctx: ctx.all(kind, anywhere=True, **filters))

    async def undo(self, who: str, change: int) -> Any:
        return await self.ws.undo(self.me(who), change)

    async def ask(self, who: str, name: str, **asked: Any) -> Any:
        return await self.ws.ask_question(self.me(who), f"checklists.{name}", asked)

    async def checklist(self, *names: str, mode: str = "parallel", **item: Any) -> Any:
        """Return a checklist of ada's with items of these names."""
        made = await self.create("ada", "checklist", task_id=self.task, name="Sign off", mode=mode)
        items = [
            await self.create("ada", "checklist_item", checklist_id=made.id, name=name, **item)
            for name in names
        ]
        return made, items


@pytest.fixture
async def bench(crowd: Crowd) -> Bench:
    """A bench in the crowd's project, on each engine; it is 2026-11-18, 9:30."""
    return Bench(crowd)
