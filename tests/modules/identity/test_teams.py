"""Roles, teams, skills, and what is counted about people."""

import pytest

from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Denied, Invalid, NotAllowed
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.identity.entities import Role, Skill, Team, TeamMember, User, UserSkill
from mainstay.modules.identity.grants import SYSTEM_ROLES
from mainstay.modules.identity.module import seed
from tests.modules.identity.test_sessions import act, edit


async def create(people, me, entity, **data):
    noun = people.ws.registry.noun(entity)
    return await people.ws.run(me, lambda ctx: perform.create(ctx, noun, data))


async def remove(people, me, entity, record):
    noun = people.ws.registry.noun(entity)
    return await people.ws.run(me, lambda ctx: perform.delete(ctx, noun, record))


async def test_seeding_twice_changes_nothing(people):
    ws = people.ws
    before = await ws.look(SYSTEM, lambda ctx: ctx.all(Role))
    await ws.run(SYSTEM, seed)
    after = await ws.look(SYSTEM, lambda ctx: ctx.all(Role))
    assert before == after
    assert {role.code for role in after} >= set(SYSTEM_ROLES)


async def test_an_edited_role_is_left_alone_by_seeding(people):
    await people.make("boss", "admin")
    boss, _ = await people.enter("boss")
    role = await people.role("tester")
    await edit(people.ws, boss, Role, role.id, permissions=["issues.*"])
    await people.ws.run(SYSTEM, seed)
    assert (await people.role("tester")).permissions == ["issues.*"]


async def test_roles_of_the_workspace_and_roles_in_use_stay(people):
    await people.make("boss", "admin")
    boss, _ = await people.enter("boss")
    with pytest.raises(Conflict, match="belongs to the workspace"):
        await remove(people, boss, Role, (await people.role("viewer")).id)
    mine = await create(people, boss, Role, code="cook", name="Cook", permissions=["crm.*"])
    ann = await people.make("ann")
    await edit(people.ws, boss, User, ann, roles=[mine.id])
    with pytest.raises(Conflict, match="people with the role"):
        await remove(people, boss, Role, mine.id)
    await edit(people.ws, boss, User, ann, roles=[])
    await remove(people, boss, Role, mine.id)
    with pytest.raises(Conflict, match="stays so"):
        await edit(people.ws, boss, Role, (await people.role("admin")).id, permissions=["crm.*"])


async def test_people_are_closed_and_not_deleted(people):
    ann = await people.make("ann")
    with pytest.raises(NotAllowed):
        await remove(people, SYSTEM, User, ann)


async def test_who_comes_back_to_a_team_gets_the_same_place(people):
    ws = people.ws
    ann = await people.make("ann")
    team = await create(people, SYSTEM, Team, name="Kitchen")
    place = await act(ws, SYSTEM, Team, "add_member", team.id, user_id=ann, allocation=0.5)
    with pytest.raises(Conflict, match="already in the team"):
        await act(ws, SYSTEM, Team, "add_member", team.id, user_id=ann)
    gone = await act(ws, SYSTEM, Team, "remove_member", team.id, user_id=ann)
    assert (gone.status, gone.end_date) == ("inactive", people.clock.now().date())
    with pytest.raises(Conflict, match="not in the team"):
        await act(ws, SYSTEM, Team, "remove_member", team.id, user_id=ann)
    back = await create(people, SYSTEM, TeamMember, team_id=team.id, user_id=ann, role="leader")
    assert (back.id, back.status, back.end_date) == (place.id, "active", None)
    assert (back.role, back.allocation) == ("leader", 1.0)


@pytest.mark.parametrize("data", [{"user_id": 999}, {"allocation": 2}, {"capacity_hours": "-1"}])
async def test_bad_members_are_refused(people, data):
    ann = await people.make("ann")
    team = await create(people, SYSTEM, Team, name="Kitchen")
    with pytest.raises(Invalid):
        await act(people.ws, SYSTEM, Team, "add_member", team.id, **({"user_id": ann} | data))


async def test_team_mates_who_are_clients_see_each_other(people):
    kim, lou = await people.make("kim", "client"), await people.make("lou", "client")
    await people.make("max", "client")
    team = await create(people, SYSTEM, Team, name="Board")
    for person in (kim, lou):
        await act(people.ws, SYSTEM, Team, "add_member", team.id, user_id=person)
    me, _ = await people.enter("kim")
    assert {row.id for row in (await people.ws.page(me, User)).items} == {kim, lou}


async def test_pay_is_shown_to_those_who_may_see_it(people):
    ann = await people.make("ann")
    me, _ = await people.enter("ann")
    await edit(people.ws, SYSTEM, User, ann, hourly_rate="80.00")
    assert "hourly_rate" not in (await people.ws.one(me, User, ann)).__struct_fields__
    assert "hourly_rate" in (await people.ws.one(SYSTEM, User, ann)).__struct_fields__


async def test_capacity_counts_active_members(people):
    ws = people.ws
    team = await create(people, SYSTEM, Team, name="Kitchen")
    for name, share, level in (("ann", 0.5, "senior"), ("bob", 1.0, "junior"), ("eve", 1.0, None)):
        person = await people.make(name)
        data = {"user_id": person, "allocation": share} | ({"seniority": level} if level else {})
        await act(ws, SYSTEM, Team, "add_member", team.id, **data)
    await act(ws, SYSTEM, Team, "remove_member", team.id, user_id=person)
    found = await ws.ask_question(SYSTEM, "identity.team_capacity", {"team_id": team.id})
    assert (found.members, found.hours, found.average_seniority) == (2, 60.0, 3.0)


async def test_statistics_count_accounts(people):
    await people.make("boss", "admin")
    await people.make("ann")
    eve = await people.make("eve")
    await people.enter("ann")
    await act(people.ws, SYSTEM, User, "deactivate", eve)
    found = await people.ws.ask_question(SYSTEM, "identity.statistics", {})
    assert (found.total, found.active, found.live_sessions) == (3, 2, 1)
    assert found.signed_in_last_30_days == 1
    assert {(one.role, one.people) for one in found.roles} == {("Administrator", 1), ("Member", 1)}


async def test_people_note_their_own_skills(people):
    ann, eve = await people.make("ann"), await people.make("eve")
    skill = await create(people, SYSTEM, Skill, name="Baking")
    me, _ = await people.enter("ann")
    await create(people, me, UserSkill, user_id=ann, skill_id=skill.id, proficiency=4)
    with pytest.raises(Denied):
        await create(people, me, UserSkill, user_id=eve, skill_id=skill.id)


@pytest.mark.parametrize(
    "data",
    [
        {"email": "nobody"},
        {"username": "ab"},
        {"username": "a b c"},
        {"timezone": "Mars/Olympus"},
        {"phone": "0123"},
        {"avatar_url": "javascript:alert(1)"},
        {"preferences": {"colour": "red"}},
        {"preferences": {"time_format": "13h"}},
        {"password_hash": "x"},
        {"status": "active"},
    ],
)
async def test_bad_accounts_are_refused(people, data):
    with pytest.raises(Invalid):
        await create(people, SYSTEM, User, **({"username": "ann", "email": "a@b.c"} | data))


async def test_who_leads_a_team_is_said_only_by_those_who_manage_teams(people):
    ws = people.ws
    ids = {name: await people.make(name, "lead") for name in ("lee", "pia")}
    ids |= {name: await people.make(name) for name in ("ann", "bob", "eve")}
    await edit(ws, SYSTEM, User, ids["bob"], manager_id=ids["lee"])
    kitchen = await create(people, SYSTEM, Team, name="Kitchen")
    bakery = await create(people, SYSTEM, Team, name="Bakery", manager_id=ids["pia"])
    await act(ws, SYSTEM, Team, "add_member", kitchen.id, user_id=ids["lee"], role="leader")
    ann = await act(ws, SYSTEM, Team, "add_member", kitchen.id, user_id=ids["ann"])
    eve = await act(ws, SYSTEM, Team, "add_member", bakery.id, user_id=ids["eve"])
    lee, _ = await people.enter("lee")
    # A team of others, its lead, and strangers: by whatever way.
    place = {"team_id": bakery.id, "user_id": ids["lee"], "role": "leader"}
    noun = ws.registry.noun(TeamMember)
    both = perform.Bulk(create=[place], update=[{"id": ann.id, "allocation": 0.9}])
    for refused in (
        create(people, lee, Team, name="Mine"),
        create(people, lee, TeamMember, **place),
        create(people, lee, TeamMember, team_id=kitchen.id, user_id=ids["eve"]),
        ws.run(lee, lambda ctx: perform.bulk(ctx, noun, both)),
        act(ws, lee, Team, "add_member", kitchen.id, user_id=ids["bob"], role="leader"),
        act(ws, lee, Team, "add_member", kitchen.id, user_id=ids["eve"]),
        act(ws, lee, Team, "remove_member", bakery.id, user_id=ids["eve"]),
        edit(ws, lee, Team, kitchen.id, manager_id=ids["ann"]),
        edit(ws, lee, Team, bakery.id, manager_id=ids["lee"]),
        edit(ws, lee, Team, bakery.id, name="Mine"),
        edit(ws, lee, TeamMember, ann.id, role="leader"),
        edit(ws, lee, TeamMember, eve.id, allocation=0.1),
        edit(ws, lee, User, ids["eve"], manager_id=ids["lee"]),
    ):
        with pytest.raises(Denied):
            await refused
    # One's own team: its members' plain fields, those one manages, and leaving it oneself.
    await edit(ws, lee, Team, kitchen.id, description="Where it is warm")
    await edit(ws, lee, TeamMember, ann.id, allocation=0.5, seniority="senior")
    bob = await act(ws, lee, Team, "add_member", kitchen.id, user_id=ids["bob"])
    await edit(ws, lee, TeamMember, bob.id, status="inactive")
    await act(ws, lee, Team, "remove_member", kitchen.id, user_id=ids["lee"])
    with pytest.raises(Denied):
        await act(ws, lee, Team, "add_member", kitchen.id, user_id=ids["lee"], role="leader")
    with pytest.raises(Denied):
        await edit(ws, lee, TeamMember, bob.id, allocation=0.2)
