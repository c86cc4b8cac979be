"""A whole workspace on each engine, with short words for building templates and using them."""

from typing import Any

import pytest

from mainstay.kernel import perform
from mainstay.kernel.entity import Entity
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace

LEAD = ("templates.*", "reference.*", "projects.*", "milestones.*", "checklists.*", "charter.*")
LEAD = (*LEAD, "identity.*.read", "identity.user.see_all", "planning.*")
# What members of the workspace may: work in projects, and look at templates.
WORK = ("templates.*.read", "templates.task_template.instantiate", "projects.*.read")
WORK = (*WORK, "projects.task.create", "identity.*.read")


class Shop:
    """A workspace with short words for what these tests do all the time."""

    def __init__(self, ws: Workspace) -> None:
        self.ws, self.lead = ws, SYSTEM

    async def create(self, key: str, me: Me | None = None, **data: Any) -> Any:
        noun = self.ws.registry.noun(key if "." in key else f"templates.{key}")
        return await self.ws.run(me or self.lead, lambda ctx: perform.create(ctx, noun, data))

    async def update(self, record: Entity, me: Me | None = None, **data: Any) -> Any:
        noun = self.ws.registry.noun(type(record))
        work = lambda ctx: perform.update(ctx, noun, record.id, data)  # noqa: E731
        return await self.ws.run(me or self.lead, work)

    async def delete(self, record: Entity, me: Me | None = None) -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.ws.run(me or self.lead, lambda ctx: perform.delete(ctx, noun, record.id))

    async def restore(self, record: Entity) -> Any:
        noun = self.ws.registry.noun(type(record))
        return await self.ws.run(self.lead, lambda ctx: perform.restore(ctx, noun, record.id))

    async def act(self, what: Any, verb: str, me: Me | None = None, **data: Any) -> Any:
        """Run a verb on a record, or on a resource by its key; the change set is kept."""
        noun = self.ws.registry.noun(what if isinstance(what, str) else type(what))
        record = None if isinstance(what, str) else what.id
        sets: list[int] = []

        async def work(ctx: Any) -> Any:
            sets.append(ctx.change_set)
            return await perform.act(ctx, noun, noun.actions[verb], record, data)

        made = await self.ws.run(me or self.lead, work)
        self.change_set = sets[-1]
        return made

    async def fresh(self, record: Entity) -> Any:
        noun = self.ws.registry.noun(type(record))
        work = lambda ctx: ctx.load(noun, record.id, anywhere=True, deleted="with")  # noqa: E731
        return await self.ws.run(SYSTEM, work)

    async def all(self, key: str, **filters: Any) -> list[Any]:
        noun = self.ws.registry.noun(key if "." in key else f"templates.{key}")
        filters = {"sort": "id", **filters}
        return await self.ws.look(
            SYSTEM, lambda ctx: ctx.all(noun.entity, anywhere=True, limit=50_000, **filters)
        )

    async def person(self, name: str, grants: tuple[str, ...] = LEAD, **more: Any) -> Me:
        values = {"username": name.lower(), "email": f"{name.lower()}@example.com"}
        noun = self.ws.registry.noun("identity.user")

        async def work(ctx: Any) -> Any:
            made = noun.entity(display_name=name, status="active", **values, **more)
            return await ctx.create(made)

        user = await self.ws.run(SYSTEM, work)
        return Me(id=user.id, name=name, grants=frozenset(grants))

    async def terms(self) -> tuple[int, int]:
        """Return the ids of an action and an object."""
        (one,) = await self.all("reference.term", name="Install", kind="action")
        (two,) = await self.all("reference.term", name="systems", kind="object")
        return one.id, two.id

    async def task(self, name: str = "", **more: Any) -> Any:
        """Add a task template that can be used."""
        action, thing = await self.terms()
        values = {"template_type": "task", "action_id": action, "object_id": thing, **more}
        return await self.create("task_template", name=name, **values)

    async def into(self, within: Any, part: Any, **more: Any) -> Any:
        """Put a template into another one."""
        level = {"ProjectTemplate": "project", "MilestoneTemplate": "milestone"}
        level |= {"TaskTemplate": "task", "StepTemplate": "step"}
        kinds = {**level, "ChecklistItem": "item"}
        return await self.act(
            "templates.project_template",
            "put",
            within=level[type(within).__name__],
            within_id=within.id,
            kind=kinds[type(part).__name__],
            template_id=part.id,
            **more,
        )


@pytest.fixture
async def shop(workspace: Workspace) -> Shop:
    """A workspace with a lead who keeps its templates."""
    found = Shop(workspace)
    found.lead = await found.person("Lea")
    return found
