"""A team in a crowd's project, with short words for what tests of teams do all the time."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mainstay.kernel import perform
from mainstay.kernel.clock import FixedClock
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.scope import SYSTEM, Me
from tests.harness.crowd import Crowd, crowd

__all__ = ["crowd"]

# A Wednesday; its week begins on Monday the 16th.
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)


class Deck:
    """A team of three: lead leads it, ada and ben are in it, eve is not."""

    def __init__(self, crowd: Crowd) -> None:
        self.ws, self.people, self.crowd = crowd.ws, crowd.people, crowd
        self.project, self.task = crowd.project, crowd.task
        self.ws.clock = FixedClock(NOW)
        self.change = 0
        self.team = 0

    def id(self, who: str) -> int:
        return self.people[who].id or 0

    def me(self, who: str) -> Me:
        return self.people[who] if who else SYSTEM

    async def run(self, who: str, work: Any) -> Any:
        async def unit(ctx: Context) -> Any:
            found = await work(ctx)
            self.change = ctx.change_set
            return found

        return await self.ws.run(self.me(who), unit)

    async def create(self, who: str, key: str, **data: Any) -> Any:
        noun = self.ws.registry.noun(key if "." in key else f"teams.{key}")
        return await self.run(who, lambda ctx: perform.create(ctx, noun, data))

    async def update(self, who: str, record: Entity, **data: Any) -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.run(who, lambda ctx: perform.update(ctx, noun, record.id, data))

    async def act(self, who: str, record: Entity, verb: str, **data: Any) -> Any:
        noun = self.ws.registry.noun(type(record))
        act = noun.actions[verb]
        return await self.run(who, lambda ctx: perform.act(ctx, noun, act, record.id, data))

    async def fresh(self, record: Entity) -> Any:
        async def work(ctx: Context) -> Any:
            noun = self.ws.registry.noun(type(record))
            return await ctx.load(noun, record.id, anywhere=True, deleted="with")

        return await self.ws.run(SYSTEM, work)

    async def ask(self, who: str, name: str, **asked: Any) -> Any:
        return await self.ws.ask_question(self.me(who), f"teams.{name}", asked)

    async def undo(self, who: str, change: int) -> Any:
        return await self.ws.undo(self.me(who), change)

    async def page(self, who: str, path: str, status: int = 200) -> str:
        return (await self.crowd.call(who, "GET", path, status=status)).text

    async def work(self, *who: str, project: int = 0, **data: Any) -> Any:
        """Create a task of these people."""
        given = {"title": "Caulk the seams", "project_id": project or self.project, **data}
        return await self.create(
            "", "projects.task", assignees=[self.id(one) for one in who], **given
        )

    async def secret(self) -> int:
        """Create a project of which only ada and the administrator know."""
        made = await self.create("", "projects.project", name="Keel of gold")
        for who in ("ada", "admin"):
            data = {"project_id": made.id, "user_id": self.id(who), "role": "member"}
            await self.create("", "projects.project_member", **data)
        return int(made.id)


@pytest.fixture
async def deck(crowd: Crowd) -> Deck:
    """The team on each engine; it is Wednesday, 2026-11-18, 9:30."""
    found = Deck(crowd)
    team = await found.create("", "identity.team", name="Deck crew")
    found.team = team.id
    for who, role in (("lead", "leader"), ("ada", "member"), ("ben", "member")):
        data = {"team_id": team.id, "user_id": found.id(who), "role": role}
        await found.create("", "identity.team_member", seniority="senior", **data)
    return found
