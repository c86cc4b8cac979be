"""Watching: by hand, by what one did, never again for a reason one has turned away."""

from dataclasses import dataclass
from typing import Any

import pytest

from mainstay.facets.watchers.api import watchers_of
from mainstay.facets.watchers.entities import Watcher
from mainstay.kernel import perform, sight
from mainstay.kernel.problems import Denied, Invalid
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity import api
from tests.harness.samples import Samples


@dataclass
class Crew:
    """Three people: two in a project, one outside of it."""

    ws: Workspace
    ann: Me
    bob: Me
    eve: Me
    project: int

    async def do(self, me: Me, key: str, verb: str, **data: Any) -> Any:
        noun = self.ws.registry.nouns[key]
        if verb == "create":
            return await self.ws.run(me, lambda ctx: perform.create(ctx, noun, data))
        action = noun.actions[verb]
        return await self.ws.run(me, lambda ctx: perform.act(ctx, noun, action, None, data))

    async def task(self, me: Me, **data: Any) -> int:
        given = {"project_id": self.project, "title": "Task", **data}
        return (await self.do(me, "projects.task", "create", **given)).id

    async def watching(self, task: int) -> set[int]:
        async def work(ctx: Any) -> list[int]:
            return await watchers_of(ctx, "projects.task", task)

        return set(await self.ws.look(SYSTEM, work))

    async def reasons(self, task: int) -> dict[int, str]:
        async def work(ctx: Any) -> dict[int, str]:
            found = await ctx.all(Watcher, entity="projects.task", record_id=task)
            return {one.user_id: one.reason for one in found}

        return await self.ws.look(SYSTEM, work)


@pytest.fixture
async def crew(workspace: Workspace) -> Crew:
    ids = [
        await api.create_user(
            workspace, f"{name}@example.com", password="long quay wall 77", roles=("member",)
        )
        for name in ("ann", "bob", "eve")
    ]
    people = await workspace.look(SYSTEM, lambda ctx: sight.people(ctx, ids))
    samples = Samples(workspace)
    project = await samples.record(workspace.registry.noun("projects.project"))
    member = workspace.registry.noun("projects.project_member")
    for one in people[:2]:
        await samples.record(member, project_id=project.id, user_id=one.id)
    return Crew(workspace, *people, project.id)


async def test_who_creates_is_assigned_comments_or_is_mentioned_watches(crew: Crew) -> None:
    ann, bob, eve = crew.ann, crew.bob, crew.eve
    task = await crew.task(ann, assignee_id=bob.id)
    assert await crew.reasons(task) == {ann.id: "created", bob.id: "assigned"}
    other = await crew.task(ann)
    about = {"entity": "projects.task", "record_id": other}
    await crew.do(bob, "comments.comment", "create", body="Hello", **about)
    assert await crew.reasons(other) == {ann.id: "created", bob.id: "commented"}
    assert eve.id not in await crew.watching(other)


async def test_stopping_holds_for_the_same_reason_but_not_for_another(crew: Crew) -> None:
    ann, bob = crew.ann, crew.bob
    task = await crew.task(ann)
    about = {"entity": "projects.task", "record_id": task}
    await crew.do(bob, "comments.comment", "create", body="One", **about)
    assert bob.id in await crew.watching(task)
    await crew.do(bob, "watchers.watcher", "unwatch", **about)
    await crew.do(bob, "comments.comment", "create", body="Two", **about)
    assert bob.id not in await crew.watching(task)
    noun = crew.ws.registry.nouns["projects.task"]
    given = {"assignee_id": bob.id}
    await crew.ws.run(ann, lambda ctx: perform.update(ctx, noun, task, given))
    assert (await crew.reasons(task))[bob.id] == "assigned"
    await crew.do(bob, "watchers.watcher", "unwatch", **about)
    await crew.do(bob, "watchers.watcher", "watch", **about)
    await crew.do(bob, "watchers.watcher", "watch", **about)
    assert (await crew.reasons(task))[bob.id] == "chosen"


async def test_only_those_who_may_see_a_record_watch_it(crew: Crew) -> None:
    ann, bob, eve = crew.ann, crew.bob, crew.eve
    task = await crew.task(ann)
    about = {"entity": "projects.task", "record_id": task}
    with pytest.raises(Invalid, match="not there"):
        await crew.do(eve, "watchers.watcher", "watch", **about)
    with pytest.raises(Invalid, match="user_id"):
        await crew.do(ann, "watchers.watcher", "create", user_id=eve.id, **about)
    wrong = {"entity": "identity.user", "record_id": ann.id}
    with pytest.raises(Invalid, match="entity"):
        await crew.do(ann, "watchers.watcher", "watch", **wrong)
    made = await crew.do(ann, "watchers.watcher", "create", user_id=bob.id, **about)
    noun = crew.ws.registry.nouns["watchers.watcher"]
    with pytest.raises(Denied, match="Only they"):
        await crew.ws.run(ann, lambda ctx: perform.delete(ctx, noun, made.id))
    page = await crew.ws.page(eve, noun.key, {"record_id": str(task)})
    assert page.items == []


async def test_who_can_no_longer_see_it_is_no_longer_told(crew: Crew) -> None:
    ann, bob = crew.ann, crew.bob
    task = await crew.task(ann, assignee_id=bob.id)
    assert await crew.watching(task) == {ann.id, bob.id}

    async def leave(ctx: Any) -> None:
        member = ctx.registry.nouns["projects.project_member"]
        found = await ctx.all(member.entity, user_id=bob.id, project_id=crew.project)
        await ctx.delete(found[0])

    await crew.ws.run(SYSTEM, leave)
    assert await crew.watching(task) == {ann.id}


async def test_work_on_many_records_makes_nobody_a_watcher(crew: Crew) -> None:
    noun = crew.ws.registry.nouns["projects.task"]
    rows = [{"project_id": crew.project, "title": f"Task {n}"} for n in range(60)]
    wanted = perform.Bulk(create=rows)
    made = await crew.ws.run(crew.ann, lambda ctx: perform.bulk(ctx, noun, wanted))
    assert await crew.watching(made[0].id) == set()


async def test_watching_leaves_no_history_and_stands_in_nobodys_way_of_undoing(crew: Crew) -> None:
    task = await crew.task(crew.ann)
    log = crew.ws.log
    rows = await crew.ws.engine.read(lambda connection: log.where(connection, limit=50))
    assert not [row for row in rows if row.entity == "watchers.watcher"]
    group = next(row.change_set for row in rows if row.entity == "projects.task")
    await crew.ws.undo(crew.ann, group)
    gone = await crew.ws.one(SYSTEM, "projects.task", task, [("deleted", "with")])
    assert gone.deleted_at is not None
