"""Tags: one name for one thing, filtered by, merged and put away as one change."""

from typing import Any

import pytest

from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Invalid
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from tests.harness.samples import Samples


class Shelf:
    """Tags, and a project and two tasks that carry them."""

    def __init__(self, ws: Workspace, me: Me) -> None:
        self.ws, self.me = ws, me

    def noun(self, key: str) -> Any:
        return self.ws.registry.nouns[key]

    async def tag(self, name: str) -> int:
        noun = self.noun("tags.tag")
        made = await self.ws.run(self.me, lambda ctx: perform.create(ctx, noun, {"name": name}))
        return made.id

    async def set(self, key: str, record: int, tags: list[int]) -> None:
        noun = self.noun(key)
        await self.ws.run(self.me, lambda ctx: perform.update(ctx, noun, record, {"tags": tags}))

    async def carried(self, key: str, record: int) -> list[int]:
        noun = self.noun(key)

        async def work(ctx: Any) -> list[int]:
            return list((await ctx.load(noun, record)).tags)

        return await self.ws.look(self.me, work)

    async def changed(self, work: Any) -> int:
        groups = []

        async def unit(ctx: Any) -> None:
            await work(ctx)
            groups.append(ctx.change_set)

        await self.ws.run(self.me, unit)
        return groups[0]


@pytest.fixture
async def shelf(workspace: Workspace) -> Shelf:
    samples = Samples(workspace)
    user = await samples.record(workspace.registry.noun("identity.user"))
    return Shelf(workspace, Me(id=user.id, name="Ann", grants=frozenset({"*"})))


@pytest.fixture
async def tasks(shelf: Shelf) -> list[int]:
    samples = Samples(shelf.ws)
    project = await samples.record(shelf.noun("projects.project"))
    task = shelf.noun("projects.task")
    made = [await samples.record(task, project_id=project.id) for _ in range(2)]
    return [one.id for one in made]


async def test_a_name_is_there_once_whatever_its_capitals(shelf: Shelf) -> None:
    first = await shelf.tag("  Harbour   side ")
    row = await shelf.ws.one(shelf.me, "tags.tag", first)
    assert row.name == "Harbour side"
    assert row.color != "#6B7280"
    with pytest.raises(Invalid, match="Harbour side"):
        await shelf.tag("harbour SIDE")
    other = await shelf.tag("Quay")
    noun = shelf.noun("tags.tag")
    wrong = {"name": "HARBOUR side"}
    with pytest.raises(Invalid, match="taken"):
        await shelf.ws.run(shelf.me, lambda ctx: perform.update(ctx, noun, other, wrong))
    same = {"name": "Harbour Side"}
    await shelf.ws.run(shelf.me, lambda ctx: perform.update(ctx, noun, first, same))


async def test_lists_are_filtered_by_tag(shelf: Shelf, tasks: list[int]) -> None:
    tag, other = await shelf.tag("Wet"), await shelf.tag("Dry")
    await shelf.set("projects.task", tasks[0], [tag, other])
    await shelf.set("projects.task", tasks[1], [other])
    for wanted, found in ((tag, {tasks[0]}), (other, set(tasks))):
        page = await shelf.ws.page(shelf.me, "projects.task", {"tags": str(wanted)})
        assert {row.id for row in page.items} == found


async def test_merging_moves_every_link_and_is_one_change_that_can_be_undone(
    shelf: Shelf, tasks: list[int]
) -> None:
    old, new, third = await shelf.tag("Bug"), await shelf.tag("Defect"), await shelf.tag("Red")
    await shelf.set("projects.task", tasks[0], [third, old])
    await shelf.set("projects.task", tasks[1], [old, new])
    noun = shelf.noun("tags.tag")
    merge, data = noun.actions["merge"], {"into_id": new}
    group = await shelf.changed(lambda ctx: perform.act(ctx, noun, merge, old, data))
    assert await shelf.carried("projects.task", tasks[0]) == [third, new]
    assert await shelf.carried("projects.task", tasks[1]) == [new]
    gone = await shelf.ws.one(shelf.me, "tags.tag", old, [("deleted", "with")])
    assert gone.deleted_at is not None
    await shelf.ws.undo(shelf.me, group)
    assert await shelf.carried("projects.task", tasks[0]) == [third, old]
    assert await shelf.carried("projects.task", tasks[1]) == [old, new]
    itself = {"into_id": old}
    with pytest.raises(Invalid, match="another"):
        await shelf.ws.run(shelf.me, lambda ctx: perform.act(ctx, noun, merge, old, itself))


async def test_a_tag_that_is_put_away_leaves_every_record_and_comes_back_with_undo(
    shelf: Shelf, tasks: list[int]
) -> None:
    tag = await shelf.tag("Old")
    await shelf.set("projects.task", tasks[0], [tag])
    noun = shelf.noun("tags.tag")
    group = await shelf.changed(lambda ctx: perform.delete(ctx, noun, tag))
    assert await shelf.carried("projects.task", tasks[0]) == []
    again = await shelf.tag("Old")
    with pytest.raises((Conflict, Invalid)):
        await shelf.ws.undo(shelf.me, group)
    await shelf.ws.run(shelf.me, lambda ctx: perform.delete(ctx, noun, again))
    await shelf.ws.undo(shelf.me, group)
    assert await shelf.carried("projects.task", tasks[0]) == [tag]


async def test_every_role_reads_tags_and_only_leaders_merge_them(workspace: Workspace) -> None:
    role = workspace.registry.nouns["identity.role"].entity
    found = await workspace.look(SYSTEM, lambda ctx: ctx.all(role))
    roles = {one.code: Me(grants=frozenset(one.permissions)) for one in found}
    assert len(roles) > 10
    assert all(me.can("tags.tag.read") for me in roles.values())
    assert roles["member"].can("tags.tag.create")
    assert not roles["client"].can("tags.tag.create")
    assert {code for code, me in roles.items() if me.can("tags.tag.merge")} == {"admin", "manager"}
