"""Invitations, forgotten passwords and first sign-ins by links that work once."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from mainstay.kernel.problems import Conflict, Invalid, NotFound, SignInNeeded
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.identity import api
from mainstay.modules.identity.api import links
from mainstay.modules.identity.entities import AccountLink, User
from tests.modules.identity.conftest import PASSWORD
from tests.modules.identity.test_sessions import act

NEW = "another good password"


@pytest.fixture
def engine_name():
    """What is tested here does not depend on the engine."""
    return "sqlite"


def token_of(link):
    return link.rpartition("/")[2]


async def invite(people, me=SYSTEM, email="new@example.com", **data):
    return await act(people.ws, me, User, "invite", None, email=email, **data)


async def test_an_invited_person_is_pending_until_they_choose_a_password(people):
    member = await people.role("member")
    answer = await invite(people, first_name="Nora", roles=[member.id])
    assert not answer.sent
    user = await people.user(answer.user_id)
    assert (user.status, user.username, user.display_name) == ("pending", "new", "Nora")
    with pytest.raises(SignInNeeded):
        await people.enter("new", "")
    token = token_of(answer.link)
    assert (await api.peek(people.ws, token, "invite")).id == user.id
    await api.set_password(people.ws, token, NEW)
    me, _ = await people.enter("new", NEW)
    assert me.roles == ("member",)
    assert (await people.user(user.id)).email_verified_at == people.clock.now()
    with pytest.raises(NotFound):
        await api.set_password(people.ws, token, NEW)
    with pytest.raises(Conflict, match="already has an account"):
        await invite(people)


async def test_inviting_again_replaces_the_link(people):
    first = await invite(people)
    second = await invite(people)
    assert first.user_id == second.user_id
    with pytest.raises(NotFound):
        await api.peek(people.ws, token_of(first.link), "invite")
    await api.peek(people.ws, token_of(second.link), "invite")


async def test_user_names_of_invited_people_do_not_collide(people):
    one = await invite(people, email="sam@example.com")
    two = await invite(people, email="sam@example.org")
    names = [(await people.user(item.user_id)).username for item in (one, two)]
    assert names == ["sam", "sam2"]


@pytest.mark.parametrize("data", [{"email": "nobody"}, {"roles": [999]}, {"status": "active"}])
async def test_bad_invitations_are_refused(people, data):
    with pytest.raises(Invalid):
        await invite(people, **({"email": "a@example.com"} | data))


async def test_links_are_kept_hashed_and_end(people):
    answer = await invite(people)
    token = token_of(answer.link)
    (kept,) = await people.ws.look(SYSTEM, lambda ctx: ctx.all(AccountLink))
    assert token not in str(kept)
    people.clock.advance(timedelta(days=7))
    with pytest.raises(NotFound):
        await api.peek(people.ws, token, "invite")


async def test_a_link_serves_its_own_purpose_only(people):
    ann = await people.make("ann")
    token, _ = await people.ws.run(SYSTEM, lambda ctx: links.make(ctx, ann, "sign_in"))
    with pytest.raises(NotFound):
        await api.set_password(people.ws, token, NEW)
    me, session = await api.use_link(people.ws, token)
    assert (await people.who(session)).id == me.id == ann
    with pytest.raises(NotFound):
        await api.use_link(people.ws, token)


async def test_a_new_password_ends_every_session_and_forgives_failures(people):
    ann = await people.make("ann")
    _, session = await people.enter("ann")
    answer = await act(people.ws, SYSTEM, User, "reset_password", ann)
    with pytest.raises(Invalid):
        await api.set_password(people.ws, token_of(answer.link), "ann@example.com")
    await api.set_password(people.ws, token_of(answer.link), NEW)
    assert await people.who(session) is None
    with pytest.raises(SignInNeeded):
        await people.enter("ann", PASSWORD)
    await people.enter("ann", NEW)


async def test_links_of_closed_accounts_are_dead(people):
    ann = await people.make("ann")
    answer = await act(people.ws, SYSTEM, User, "reset_password", ann)
    await act(people.ws, SYSTEM, User, "deactivate", ann)
    with pytest.raises(NotFound):
        await api.set_password(people.ws, token_of(answer.link), NEW)


async def test_changing_the_password_asks_for_the_present_one(people):
    await people.make("ann")
    _, other = await people.enter("ann")
    me, mine = await people.enter("ann")
    with pytest.raises(Invalid, match="present password"):
        await api.change_password(people.ws, me, "wrong", NEW)
    with pytest.raises(Invalid, match="at least 8"):
        await api.change_password(people.ws, me, PASSWORD, "short")
    await api.change_password(people.ws, me, PASSWORD, NEW)
    assert await people.who(mine)
    assert await people.who(other) is None
    await people.enter("ann", NEW)


async def test_the_first_administrator_gets_a_link_until_there_is_a_password(people):
    ws = people.ws
    link = await api.owner_link(ws, "http://localhost:8000")
    assert link.startswith("http://localhost:8000/welcome/")
    me, _ = await api.use_link(ws, token_of(link))
    assert me.roles == ("admin",)
    assert me.can("anything.at.all")
    assert await api.owner_link(ws, "http://localhost:8000")
    await api.change_password(ws, me, "", NEW)
    assert await api.owner_link(ws, "http://localhost:8000") is None


async def test_mail_carries_the_link_and_the_job_does_not(people, monkeypatch):
    ws = people.ws
    ann = await people.make("ann")
    sent = []

    async def send(_, mail):
        sent.append(mail)

    monkeypatch.setattr(links, "send", send)
    ws.settings = SimpleNamespace(
        smtp_url="smtp://localhost:2525",
        mail_from="M <m@example.com>",
        base_url="https://x.example",
    )
    await api.forgotten(ws, "nobody@example.com")
    await api.forgotten(ws, "ann@example.com")
    await api.forgotten(ws, "ann")
    await ws.turn()
    (mail,) = sent
    assert (mail["To"], mail["From"]) == ("ann@example.com", "M <m@example.com>")
    (line,) = [one for one in mail.get_content().split() if one.startswith("https://")]
    assert line.startswith("https://x.example/reset/")
    assert (await api.peek(ws, token_of(line), "reset")).id == ann
    invited = await invite(people)
    assert (invited.sent, invited.link) == (True, None)
    await ws.turn()
    assert sent[1]["To"] == "new@example.com"
