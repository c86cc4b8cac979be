"""Undo: what can be taken back, and what must not come back."""

from typing import Any

import pytest

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.problems import Conflict, NotFound
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity import api
from mainstay.modules.identity.entities import Skill, User
from tests.harness.samples import Samples


async def change(ws: Workspace, me: Me, work: Any) -> int:
    """Run a unit of work and return its change set."""

    async def unit(ctx: Context) -> int:
        await work(ctx)
        return ctx.change_set

    return await ws.run(me, unit)


async def test_a_create_an_edit_and_a_delete_are_taken_back_in_turn(workspace: Workspace) -> None:
    noun = workspace.registry.noun(Skill)
    made = await Samples(workspace).record(noun, name="Sailing")
    edit = await change(
        workspace, SYSTEM, lambda ctx: perform.update(ctx, noun, made.id, {"name": "Rowing"})
    )
    gone = await change(workspace, SYSTEM, lambda ctx: perform.delete(ctx, noun, made.id))
    await workspace.undo(SYSTEM, gone)
    assert (await workspace.one(SYSTEM, noun.key, made.id)).name == "Rowing"
    await workspace.undo(SYSTEM, edit)
    assert (await workspace.one(SYSTEM, noun.key, made.id)).name == "Sailing"
    with pytest.raises(Conflict):
        await workspace.undo(SYSTEM, edit)


async def test_a_later_change_is_not_overwritten(workspace: Workspace) -> None:
    noun = workspace.registry.noun(Skill)
    made = await Samples(workspace).record(noun, name="Sailing")
    first = await change(
        workspace, SYSTEM, lambda ctx: perform.update(ctx, noun, made.id, {"name": "Rowing"})
    )
    await change(
        workspace, SYSTEM, lambda ctx: perform.update(ctx, noun, made.id, {"name": "Diving"})
    )
    with pytest.raises(Conflict, match="changed again since"):
        await workspace.undo(SYSTEM, first)
    assert (await workspace.one(SYSTEM, noun.key, made.id)).name == "Diving"


async def test_somebody_elses_changes_are_not_yours_to_undo(workspace: Workspace) -> None:
    noun = workspace.registry.noun(Skill)
    user = await Samples(workspace).record(workspace.registry.noun(User))
    made = await change(
        workspace, SYSTEM, lambda ctx: perform.create(ctx, noun, {"name": "Sailing"})
    )
    with pytest.raises(NotFound):
        await workspace.undo(Me(id=user.id, grants=frozenset({"identity.*"})), made)


async def test_ended_credentials_stay_ended(workspace: Workspace) -> None:
    one = await api.create_user(workspace, "ann@example.com", password="harbour wall 42")
    _, token = await api.sign_in(workspace, "ann@example.com", "harbour wall 42")
    assert await api.who(workspace, token, None)
    users = workspace.registry.noun(User)
    ended = await change(
        workspace,
        SYSTEM,
        lambda ctx: perform.act(ctx, users, users.actions["deactivate"], one, {}),
    )
    assert await api.who(workspace, token, None) is None
    with pytest.raises(Conflict, match="cannot be taken back"):
        await workspace.undo(SYSTEM, ended)
    assert await api.who(workspace, token, None) is None


async def test_undo_asks_the_rooms_rules(workspace: Workspace) -> None:
    """The last administrator cannot be undone away."""
    registry = workspace.registry
    roles = await workspace.page(SYSTEM, "identity.role", {"code": "admin"})
    admin, users = roles.items[0].id, registry.noun(User)
    first = await api.create_user(
        workspace, "a@example.com", roles=("admin",), password="x y z 1 2"
    )
    second = await api.create_user(
        workspace, "b@example.com", roles=("member",), password="q w e 3 4"
    )
    given = await change(
        workspace, SYSTEM, lambda ctx: perform.update(ctx, users, second, {"roles": [admin]})
    )
    await change(workspace, SYSTEM, lambda ctx: perform.update(ctx, users, first, {"roles": []}))
    with pytest.raises(Conflict):
        await workspace.undo(SYSTEM, given)
