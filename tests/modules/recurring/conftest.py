"""A project with an owner, a member and a viewer, a stranger, and a clock that stands still."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from mainstay.kernel import perform
from mainstay.kernel.clock import FixedClock
from mainstay.kernel.entity import Entity
from mainstay.kernel.problems import Problem
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.recurring.making import make_due
from tests.harness.crowd import person
from tests.harness.samples import Samples
from tests.harness.workspaces import heard

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)  # a Wednesday


@dataclass
class Office:
    """A workspace with short words for what tests of series do all the time."""

    ws: Workspace
    clock: FixedClock
    ann: Me
    bob: Me
    vic: Me
    sam: Me
    project: Any

    async def series(self, me: Me | None = None, **data: Any) -> Any:
        """Make a series in the project; every Tuesday and Thursday unless said otherwise."""
        known = {"project_id": self.project.id, "title": "Report", "starts_on": "2026-11-01"}
        known |= {"zone": "Europe/Berlin", **data}
        if data.get("mode") != "after_completion":
            known.setdefault("rule", "FREQ=WEEKLY;BYDAY=TU,TH")
        return await self.create("recurring.task_series", me or self.bob, **known)

    async def create(self, key: str, me: Me = SYSTEM, **data: Any) -> Any:
        noun = self.ws.registry.noun(key)
        return await self.ws.run(me, lambda ctx: perform.create(ctx, noun, data))

    async def update(self, record: Entity, me: Me | None = None, **data: Any) -> Any:
        noun = self.ws.registry.noun(type(record))
        who = me or self.bob
        return await self.ws.run(who, lambda ctx: perform.update(ctx, noun, record.id, data))

    async def act(self, record: Entity, verb: str, me: Me | None = None, **data: Any) -> Any:
        noun = self.ws.registry.noun(type(record))
        act, who = noun.actions[verb], me or self.bob
        return await self.ws.run(who, lambda ctx: perform.act(ctx, noun, act, record.id, data))

    async def repeat(self, me: Me, **data: Any) -> Any:
        noun = self.ws.registry.noun("recurring.task_series")
        act = noun.actions["repeat"]
        return await self.ws.run(me, lambda ctx: perform.act(ctx, noun, act, None, data))

    async def fresh(self, record: Entity) -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.ws.run(
            SYSTEM, lambda ctx: ctx.load(noun, record.id, anywhere=True, deleted="with")
        )

    async def round(self) -> None:
        """Let events be heard, and everything that is due be made."""
        await heard(self.ws)
        await make_due(self.ws, {})

    async def tasks(self, **filters: Any) -> list[Any]:
        found = await self.ws.page(
            SYSTEM, "projects.task", [("sort", "id"), ("title", "Report"), *filters.items()]
        )
        return list(found.items)

    async def came(self, series: Entity) -> list[tuple[str, str]]:
        """Return the days on which a series came, and how."""
        found = await self.ws.page(
            SYSTEM, "recurring.occurrence", [("sort", "on_day"), ("series_id", series.id)]
        )
        return [(str(one.on_day)[5:], one.state) for one in found.items]

    async def last_change(self, key: str, record: int) -> int:
        """Return the change set that touched a record last."""

        async def look(ctx: Any) -> int:
            c = ctx.registry.metadata.tables["kernel_log"].c
            mine = (c.entity == key, c.record_id == record)
            entries = await self.ws.log.where(ctx.connection, *mine, limit=50)
            return max(entries, key=lambda entry: entry.id).change_set

        return await self.ws.look(SYSTEM, look)


@pytest.fixture
async def office(workspace: Workspace) -> Office:
    """The office on each engine, on Wednesday 2026-11-18 at 10:30 in Berlin."""
    clock = FixedClock(NOW)
    workspace.clock = clock
    samples = Samples(workspace)
    ann, bob, vic, sam = [
        await person(samples, who, role)
        for who, role in (("ann", "lead"), ("bob", "member"), ("vic", "member"), ("sam", "member"))
    ]
    noun = workspace.registry.noun("projects.project")
    project = await workspace.run(ann, lambda ctx: perform.create(ctx, noun, {"name": "Solar"}))
    found = Office(workspace, clock, ann, bob, vic, sam, project)
    for who, role in ((bob, "member"), (vic, "viewer")):
        await found.create(
            "projects.project_member", ann, project_id=project.id, user_id=who.id, role=role
        )
    return found


@contextmanager
def refused(field: str, words: str) -> Iterator[None]:
    """Expect a refusal of one field with these words in it."""
    with pytest.raises(Problem) as refusal:
        yield
    assert [error.field for error in refusal.value.errors] == [field]
    assert words in refusal.value.detail
