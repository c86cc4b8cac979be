"""API tokens: shown once, narrowed to their scopes, ended at once."""

from datetime import timedelta

import pytest

from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Denied, Invalid, NotFound
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.identity import api
from mainstay.modules.identity.entities import ApiToken, User
from tests.modules.identity.test_sessions import act, edit


async def issue(people, me, *permissions, **more):
    data = {"name": "robot", "permissions": list(permissions), **more}
    return await act(people.ws, me, ApiToken, "issue", None, **data)


async def bearer(people, issued):
    return await api.who(people.ws, None, issued.token)


async def test_a_token_is_shown_once_and_works(people):
    await people.make("ann")
    me, _ = await people.enter("ann")
    issued = await issue(people, me, "*")
    assert issued.token.startswith("mst_")
    assert issued.token.startswith(issued.prefix)
    robot = await bearer(people, issued)
    assert (robot.id, robot.session_id, robot.token_id) == (me.id, None, issued.id)
    assert robot.grants == me.grants
    row = await people.ws.one(me, ApiToken, issued.id)
    assert issued.token not in str(row)
    assert "token_hash" not in row.__struct_fields__
    log = await people.ws.look(SYSTEM, lambda ctx: people.ws.log.where(ctx.connection, limit=99))
    assert issued.token not in str(log)
    assert (await bearer(people, issued)) == robot


async def test_scopes_narrow_and_never_widen(people):
    await people.make("ann", "manager")
    me, _ = await people.enter("ann")
    reader = await bearer(people, await issue(people, me, "*.*.read"))
    assert reader.can("identity.team.read")
    assert not reader.can("identity.team.create")
    grabber = await bearer(people, await issue(people, me, "inventory.*", "identity.role.delete"))
    assert grabber.can("inventory.item.read")
    assert not grabber.can("inventory.item.delete")
    assert not grabber.can("identity.role.delete")
    assert not grabber.can("identity.user.read")


async def test_a_token_changes_neither_passwords_nor_tokens(people):
    await people.make("ann")
    me, _ = await people.enter("ann")
    robot = await bearer(people, await issue(people, me, "*"))
    with pytest.raises(Denied):
        await issue(people, robot, "*")
    with pytest.raises(Denied):
        await api.change_password(people.ws, robot, "", "another long password")
    with pytest.raises(Denied):
        await api.start_two_factor(people.ws, robot)


async def test_revoked_expired_and_orphaned_tokens_are_nobody(people):
    ann = await people.make("ann")
    me, _ = await people.enter("ann")
    revoked, orphaned = await issue(people, me, "*"), await issue(people, me, "*")
    until = (people.clock.now() + timedelta(hours=1)).isoformat()
    expired = await issue(people, me, "*", expired_at=until)
    for one in (revoked, orphaned, expired):
        assert await bearer(people, one)
    await act(people.ws, me, ApiToken, "revoke", revoked.id)
    assert await bearer(people, revoked) is None
    with pytest.raises(Conflict):
        await act(people.ws, me, ApiToken, "revoke", revoked.id)
    people.clock.advance(timedelta(hours=1))
    assert await bearer(people, expired) is None
    await act(people.ws, SYSTEM, User, "deactivate", ann)
    assert await bearer(people, orphaned) is None
    await act(people.ws, SYSTEM, User, "activate", ann)
    assert await bearer(people, orphaned) is None


async def test_taking_a_role_away_narrows_its_owners_tokens_at_once(people):
    ann = await people.make("ann", "manager")
    me, _ = await people.enter("ann")
    issued = await issue(people, me, "*")
    assert (await bearer(people, issued)).can("identity.team.create")
    await edit(people.ws, SYSTEM, User, ann, roles=[])
    assert not (await bearer(people, issued)).can("identity.team.create")


async def test_tokens_belong_to_their_owner(people):
    await people.make("ann")
    await people.make("eve")
    ann, _ = await people.enter("ann")
    eve, _ = await people.enter("eve")
    issued = await issue(people, ann, "*")
    with pytest.raises(NotFound):
        await act(people.ws, eve, ApiToken, "revoke", issued.id)
    with pytest.raises(NotFound):
        await people.ws.one(eve, ApiToken, issued.id)


@pytest.mark.parametrize(
    "data",
    [
        {"permissions": []},
        {"permissions": ["DROP TABLE"]},
        {"permissions": ["*"], "expired_at": "2020-01-01T00:00:00Z"},
        {"permissions": ["*"], "name": ""},
        {"permissions": ["*"], "user_id": 1},
    ],
)
async def test_bad_tokens_are_refused(people, data):
    await people.make("ann")
    me, _ = await people.enter("ann")
    noun = people.ws.registry.noun(ApiToken)
    with pytest.raises(Invalid):
        await people.ws.run(
            me,
            lambda ctx: perform.act(ctx, noun, noun.actions["issue"], None, {"name": "x"} | data),
        )
