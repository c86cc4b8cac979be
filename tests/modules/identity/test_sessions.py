"""Sessions: how they begin, last, rotate and end, and who is behind them."""

from datetime import timedelta

import pytest

from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Denied, NotFound, SignInNeeded
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.identity import api
from mainstay.modules.identity.entities import AccountLink, Role, User, UserSession


async def act(ws, me, entity, verb, record, **data):
    noun = ws.registry.noun(entity)
    return await ws.run(me, lambda ctx: perform.act(ctx, noun, noun.actions[verb], record, data))


async def edit(ws, me, entity, record, **data):
    noun = ws.registry.noun(entity)
    return await ws.run(me, lambda ctx: perform.update(ctx, noun, record, data))


async def test_signing_in_by_name_or_address_makes_a_session(people):
    ann = await people.make("ann", "manager")
    me, token = await people.enter("ANN@example.com")
    assert (me.id, me.roles, me.email) == (ann, ("manager",), "ann@example.com")
    assert (await people.who(token)).session_id == me.session_id
    again, other = await people.enter(" Ann ")
    assert other != token
    assert again.session_id != me.session_id
    user = await people.user(ann)
    assert user.last_login_at == people.clock.now()
    assert user.failed_login_attempts == 0


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("ann", "wrong password"),
        ("nobody", "wrong password"),
        ("", ""),
        ("a\x00b", "x"),
        ("ann", ""),
    ],
)
async def test_every_wrong_sign_in_gets_the_same_answer(people, login, password):
    await people.make("ann")
    with pytest.raises(SignInNeeded) as refusal:
        await people.enter(login, password)
    assert refusal.value.detail == "The name or the password is wrong, or the account is closed."


@pytest.mark.parametrize("verb", ["deactivate", "suspend"])
async def test_a_closed_account_is_nobody_at_once_and_gets_the_same_answer(people, verb):
    ws = people.ws
    ann = await people.make("ann")
    _, token = await people.enter("ann")
    assert await people.who(token)
    await act(ws, SYSTEM, User, verb, ann)
    assert await people.who(token) is None
    with pytest.raises(SignInNeeded, match="The name or the password is wrong"):
        await people.enter("ann")
    await act(ws, SYSTEM, User, "activate", ann)
    assert await people.who(token) is None
    await people.enter("ann")


async def test_a_change_of_roles_counts_at_once(people):
    ws = people.ws
    ann = await people.make("ann")
    _, token = await people.enter("ann")
    assert not (await people.who(token)).can("identity.team.create")
    manager = await people.role("manager")
    await edit(ws, SYSTEM, User, ann, roles=[manager.id])
    assert (await people.who(token)).can("identity.team.create")
    await edit(ws, SYSTEM, Role, manager.id, permissions=["identity.team.read"])
    assert not (await people.who(token)).can("identity.team.create")


async def test_a_change_in_another_process_counts_when_the_log_is_read(people):
    ws = people.ws
    await ws.hub.start()
    ann = await people.make("ann")
    _, token = await people.enter("ann")
    people.clock.advance(timedelta(minutes=2))
    await people.who(token)
    await ws.hub.pump()
    await edit(ws, SYSTEM, User, ann, permissions=["crm.lead.read"])
    memory = api.people.memory(ws)
    memory.doubted.clear()
    await people.who(token)
    assert memory.held
    await edit(ws, SYSTEM, User, ann, permissions=["crm.lead.update"])
    memory.doubted.clear()
    await ws.hub.pump()
    assert (await people.who(token)).can("crm.lead.update")


async def test_a_session_ends_a_day_after_its_last_use(people):
    await people.make("ann")
    _, token = await people.enter("ann")
    for _ in range(3):
        people.clock.advance(timedelta(hours=20))
        assert await people.who(token)
    people.clock.advance(timedelta(hours=25))
    assert await people.who(token) is None


async def test_signing_out_ends_the_session(people):
    await people.make("ann")
    _, token = await people.enter("ann")
    _, other = await people.enter("ann")
    await people.who(token)
    await api.sign_out(people.ws, token)
    assert await people.who(token) is None
    assert await people.who(other)


async def test_a_token_rotates_once_and_the_old_one_lingers_for_two_minutes(people):
    await people.make("ann")
    _, token = await people.enter("ann")
    await people.who(token)
    assert await api.rotated(people.ws, token) is None
    people.clock.advance(timedelta(hours=5))
    await people.who(token)
    fresh = await api.rotated(people.ws, token)
    assert fresh
    assert await api.rotated(people.ws, token) is None
    assert (await people.who(fresh)).id == (await people.who(token)).id
    people.clock.advance(timedelta(minutes=3))
    assert await people.who(token) is None
    assert await people.who(fresh)


async def test_a_session_that_somebody_planted_is_never_taken_over(people):
    await people.make("ann")
    await people.make("eve")
    _, planted = await people.enter("eve")
    _, token = await people.enter("ann")
    assert token != planted
    assert (await people.who(planted)).name == "eve"


async def test_people_end_only_their_own_sessions(people):
    ws = people.ws
    await people.make("ann")
    await people.make("eve")
    ann, token = await people.enter("ann")
    eve, _ = await people.enter("eve")
    with pytest.raises(NotFound):
        await act(ws, eve, UserSession, "end", ann.session_id)
    assert [row.id for row in (await ws.page(eve, UserSession)).items] == [eve.session_id]
    await act(ws, ann, UserSession, "end", ann.session_id)
    assert await people.who(token) is None


async def test_no_answer_and_no_log_row_shows_a_secret(people):
    ws = people.ws
    ann = await people.make("ann", "admin")
    me, token = await people.enter("ann")
    row = await ws.one(me, User, ann)
    session = (await ws.page(me, UserSession)).items[0]
    shown = {*row.__struct_fields__, *session.__struct_fields__}
    assert not {"password_hash", "two_factor_secret", "recovery_codes", "token_hash"} & shown
    log = await ws.look(SYSTEM, lambda ctx: ws.log.where(ctx.connection, limit=1000))
    stored = (await people.user(ann)).password_hash
    assert stored not in str(log)
    assert token not in str(log)
    assert "ann@example.com" not in str(log)


async def test_the_last_administrator_stays(people):
    ws = people.ws
    ann = await people.make("ann", "admin")
    me, _ = await people.enter("ann")
    for verb in ("deactivate", "suspend"):
        with pytest.raises(Conflict, match="last administrator"):
            await act(ws, me, User, verb, ann)
    with pytest.raises(Conflict, match="last administrator"):
        await edit(ws, me, User, ann, roles=[])
    bob = await people.make("bob", "admin")
    await act(ws, me, User, "deactivate", ann)
    boss, _ = await people.enter("bob")
    with pytest.raises(Conflict, match="last administrator"):
        await act(ws, boss, User, "deactivate", bob)


async def test_people_edit_their_own_card_and_nothing_else(people):
    ws = people.ws
    ann, eve = await people.make("ann"), await people.make("eve")
    me, _ = await people.enter("ann")
    user = await edit(ws, me, User, ann, phone="+49 30 123", timezone="Europe/Berlin")
    assert (user.phone, user.timezone) == ("+4930123", "Europe/Berlin")
    admin = await people.role("admin")
    for data in ({"roles": [admin.id]}, {"email": "x@example.com"}, {"permissions": ["*"]}):
        with pytest.raises(Denied, match="cannot change your own"):
            await edit(ws, me, User, ann, **data)
    with pytest.raises(Denied, match="only your own"):
        await edit(ws, me, User, eve, phone="1")


async def test_nobody_gives_what_they_do_not_have(people):
    ws = people.ws
    ann, _ = await people.make("ann", "admin"), await people.make("officer")
    bob = await people.make("bob")
    me, _ = await people.enter("ann")
    grants = ["identity.user.*", "identity.user.manage"]
    hr = await ws.run(
        me,
        lambda ctx: perform.create(
            ctx, ws.registry.noun(Role), {"code": "hr", "name": "HR", "permissions": grants}
        ),
    )
    user = (await people.ws.look(SYSTEM, lambda ctx: ctx.find(User, username="officer"))).id
    member = await people.role("member")
    await edit(ws, me, User, user, roles=[hr.id, member.id])
    officer, _ = await people.enter("officer")
    await edit(ws, officer, User, bob, job_title="Cook")
    admin = await people.role("admin")
    with pytest.raises(Denied, match="cannot give"):
        await edit(ws, officer, User, bob, roles=[admin.id])
    with pytest.raises(Denied, match="may do more than you"):
        await edit(ws, officer, User, ann, email="mine@example.com")
    with pytest.raises(Denied, match="may do more than you"):
        await act(ws, officer, User, "reset_password", ann)


async def test_clients_see_nobody_but_themselves(people):
    ws = people.ws
    kim = await people.make("kim", "client")
    await people.make("ann")
    me, _ = await people.enter("kim")
    assert [row.id for row in (await ws.page(me, User)).items] == [kim]


async def test_what_has_expired_is_put_away(people):
    ws = people.ws
    await people.make("ann")
    await people.enter("ann")
    await ws.run(SYSTEM, lambda ctx: api.links.make(ctx, 1, "reset"))
    people.clock.advance(timedelta(days=30))
    await ws.run(SYSTEM, lambda ctx: api.accounts.purge(ctx, {}))
    for entity in (UserSession, AccountLink):
        assert not await ws.look(SYSTEM, lambda ctx, e=entity: ctx.all(e))
        assert await ws.look(SYSTEM, lambda ctx, e=entity: ctx.all(e, deleted="only"))
    people.clock.advance(timedelta(days=200))
    await ws.run(SYSTEM, lambda ctx: api.accounts.purge(ctx, {}))
    for entity in (UserSession, AccountLink):
        assert not await ws.look(SYSTEM, lambda ctx, e=entity: ctx.all(e, deleted="with"))
