"""The second factor: set up, asked for, used once, replaced by recovery codes, turned off."""

from datetime import timedelta

import pyotp
import pytest

from mainstay.kernel.problems import Conflict, Denied, Invalid, SignInNeeded
from mainstay.modules.identity import api
from mainstay.modules.identity.entities import User
from tests.modules.identity.conftest import PASSWORD
from tests.modules.identity.test_sessions import act


@pytest.fixture
def engine_name():
    """What is tested here does not depend on the engine."""
    return "sqlite"


async def set_up(people, name="ann"):
    me, token = await people.enter(name)
    start = await api.start_two_factor(people.ws, me)
    code = pyotp.TOTP(start.secret).at(people.clock.now())
    codes = await api.confirm_two_factor(people.ws, me, code)
    return me, token, start, codes


def code_of(people, start):
    return pyotp.TOTP(start.secret).at(people.clock.now())


async def test_it_begins_with_a_first_code_and_ends_other_sessions(people):
    await people.make("ann")
    _, other = await people.enter("ann")
    me, token = await people.enter("ann")
    start = await api.start_two_factor(people.ws, me)
    assert start.qr.startswith("data:image/svg+xml;base64,")
    assert "issuer=Mainstay" in start.address
    with pytest.raises(Invalid):
        await api.confirm_two_factor(people.ws, me, "000000")
    assert not (await people.user(me.id)).two_factor_enabled
    codes = await api.confirm_two_factor(people.ws, me, code_of(people, start))
    assert len(set(codes)) == 10
    assert await people.who(token)
    assert await people.who(other) is None
    with pytest.raises(Conflict):
        await api.start_two_factor(people.ws, me)


async def test_a_code_is_asked_for_and_works_once(people):
    await people.make("ann")
    _, _, start, _ = await set_up(people)
    with pytest.raises(api.SecondStepNeeded) as step:
        await people.enter("ann")
    used = code_of(people, start)
    visit = api.Visit(address="10.0.0.1")
    with pytest.raises(SignInNeeded, match="already used"):
        await api.second_step(people.ws, step.value.ticket, used, visit)
    people.clock.advance(timedelta(seconds=30))
    code = code_of(people, start)
    me, token = await api.second_step(people.ws, step.value.ticket, code, visit)
    assert (await people.who(token)).id == me.id
    with pytest.raises(SignInNeeded, match="already used"):
        await people.enter("ann", totp=code)


async def test_an_older_code_than_the_last_is_refused_too(people):
    await people.make("ann")
    _, _, start, _ = await set_up(people)
    people.clock.advance(timedelta(seconds=60))
    older = code_of(people, start)
    people.clock.advance(timedelta(seconds=30))
    await people.enter("ann", totp=code_of(people, start))
    with pytest.raises(SignInNeeded):
        await people.enter("ann", totp=older)


async def test_the_ticket_for_the_second_step_ends_after_five_minutes(people):
    await people.make("ann")
    _, _, start, _ = await set_up(people)
    with pytest.raises(api.SecondStepNeeded) as step:
        await people.enter("ann")
    people.clock.advance(timedelta(minutes=6))
    with pytest.raises(SignInNeeded, match="too long"):
        await api.second_step(
            people.ws, step.value.ticket, code_of(people, start), api.Visit(address="10.0.0.1")
        )


async def test_a_wrong_password_is_never_told_that_a_code_is_missing(people):
    await people.make("ann")
    await set_up(people)
    with pytest.raises(SignInNeeded) as refusal:
        await people.enter("ann", "wrong password")
    assert not isinstance(refusal.value, api.SecondStepNeeded)


async def test_each_recovery_code_replaces_the_device_once(people):
    ann = await people.make("ann")
    _, _, _, codes = await set_up(people)
    await people.enter("ann", totp=codes[3].upper())
    with pytest.raises(SignInNeeded):
        await people.enter("ann", totp=codes[3])
    assert len((await people.user(ann)).recovery_codes) == 9
    assert codes[0] not in str((await people.user(ann)).recovery_codes)


async def test_it_is_turned_off_with_a_code(people):
    await people.make("ann")
    me, _, start, _ = await set_up(people)
    with pytest.raises(Invalid):
        await api.disable_two_factor(people.ws, me, "123456")
    people.clock.advance(timedelta(seconds=30))
    await api.disable_two_factor(people.ws, me, code_of(people, start))
    await people.enter("ann")


async def test_an_administrator_turns_it_off_for_a_lost_device(people):
    ann = await people.make("ann")
    await people.make("boss", "admin")
    boss, _ = await people.enter("boss")
    me, token, _, _ = await set_up(people)
    with pytest.raises(Denied):
        await act(people.ws, me, User, "reset_two_factor", ann)
    await act(people.ws, boss, User, "reset_two_factor", ann)
    assert await people.who(token) is None
    await people.enter("ann", PASSWORD)
