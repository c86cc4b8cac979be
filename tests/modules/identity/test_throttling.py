"""Guessing is slowed down, and the owner of an account is never locked out by it."""

from datetime import timedelta

import pytest

from mainstay.kernel.problems import SignInNeeded, TooMany
from mainstay.modules.identity.api import guard, secrets
from mainstay.modules.identity.entities import User
from tests.modules.identity.test_sessions import act


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch):
    """Compare instead of hashing: these tests count attempts, and there are hundreds."""

    async def verify(stored, password):
        return bool(stored) and password == "right enough"

    monkeypatch.setattr(secrets, "verify_password", verify)
    monkeypatch.setattr(secrets, "outdated", lambda _: False)


async def guess(people, login="ann", times=1, **place):
    for _ in range(times):
        with pytest.raises(SignInNeeded):
            await people.enter(login, "wrong", **place)


async def enter(people, login="ann", **place):
    return await people.enter(login, "right enough", **place)


@pytest.mark.parametrize("login", ["ann", "nobody"])
async def test_after_five_failures_each_attempt_must_wait_twice_as_long(people, login):
    await people.make("ann")
    await guess(people, login, 5, address="10.9.9.9")
    for seconds in (2, 4, 8):
        with pytest.raises(TooMany, match=f"Wait {seconds} s") as refusal:
            await people.enter(login, "right enough", address="10.9.9.9")
        assert refusal.value.headers == {"Retry-After": str(seconds)}
        people.clock.advance(timedelta(seconds=seconds))
        await guess(people, login, 1, address="10.9.9.9")


async def test_the_wait_passes_and_a_right_password_opens(people):
    await people.make("ann")
    await guess(people, times=5, address="10.9.9.9")
    people.clock.advance(timedelta(seconds=2))
    await enter(people, address="10.9.9.9")


async def test_an_address_that_guesses_many_accounts_is_slowed_for_all(people):
    await people.make("ann")
    for number in range(5):
        await guess(people, f"person{number}", address="10.9.9.9")
    with pytest.raises(TooMany):
        await enter(people, address="10.9.9.9")
    await enter(people, address="10.9.9.8")


async def test_a_whole_network_counts_as_one_address(people):
    await people.make("ann")
    for number in range(5):
        await guess(people, address=f"2001:db8:1:2::{number + 1}")
    with pytest.raises(TooMany):
        await enter(people, address="2001:db8:1:2:ffff::1")
    await enter(people, address="2001:db8:1:3::1")


async def test_strangers_use_up_their_hundred_and_the_owner_still_comes_in(people):
    ann = await people.make("ann")
    await enter(people, address="10.0.0.1", device="d" * 30)
    for number in range(100):
        await guess(people, address=f"172.16.{number}.1")
    with pytest.raises(TooMany):
        await enter(people, address="172.17.0.1")
    assert (await people.user(ann)).locked_until == people.clock.now() + timedelta(hours=1)
    await enter(people, address="10.0.0.1")
    await enter(people, address="172.18.0.1", device="d" * 30)
    assert (await people.user(ann)).locked_until is None
    people.clock.advance(timedelta(hours=1))
    await enter(people, address="172.17.0.1")


async def test_an_attacker_at_the_owners_address_does_not_slow_the_owners_device(people):
    await people.make("ann")
    await enter(people, address="10.0.0.1", device="d" * 30)
    await guess(people, times=5, address="10.0.0.1")
    with pytest.raises(TooMany):
        await enter(people, address="10.0.0.1")
    await enter(people, address="10.0.0.1", device="d" * 30)


async def test_one_persons_device_opens_no_budget_at_another_account(people):
    await people.make("ann")
    await people.make("eve")
    await enter(people, "eve", address="10.9.9.9", device="e" * 30)
    await guess(people, "ann", 5, address="10.9.9.9", device="e" * 30)
    with pytest.raises(TooMany):
        await enter(people, "ann", address="10.9.9.9", device="e" * 30)


async def test_a_quiet_hour_forgives(people):
    await people.make("ann")
    await guess(people, times=4, address="10.9.9.9")
    people.clock.advance(timedelta(hours=1))
    await guess(people, times=4, address="10.9.9.9")
    await enter(people, address="10.9.9.9")


async def test_an_administrator_unlocks(people):
    ann = await people.make("ann")
    for number in range(100):
        await guess(people, address=f"172.16.{number}.1")
    boss = await people.make("boss", "admin")
    me, _ = await enter(people, "boss")
    assert boss == me.id
    user = await act(people.ws, me, User, "unlock", ann)
    assert (user.failed_login_attempts, user.locked_until) == (0, None)
    await enter(people, address="172.17.0.1")


async def test_many_attempts_at_once_are_counted_before_they_are_tried(people):
    ann = await people.user(await people.make("ann"))
    visit = guard.Visit(address="10.9.9.9")
    for _ in range(5):
        await guard.begin(people.ws, ann, "ann", visit)
    with pytest.raises(TooMany):
        await guard.begin(people.ws, ann, "ann", visit)
