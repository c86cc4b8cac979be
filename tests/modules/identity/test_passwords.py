"""Passwords are hashed with argon2id, brought up to date, and equally slow for nobody."""

import pytest
from argon2 import PasswordHasher

from mainstay.kernel.problems import SignInNeeded
from mainstay.modules.identity.api import secrets
from tests.modules.identity.conftest import PASSWORD


@pytest.fixture
def engine_name():
    """What is tested here does not depend on the engine."""
    return "sqlite"


async def test_hashes_are_argon2id_with_a_salt_of_their_own():
    one, two = await secrets.hash_password("x"), await secrets.hash_password("x")
    assert one.startswith("$argon2id$")
    assert one != two
    assert await secrets.verify_password(one, "x")
    assert not await secrets.verify_password(one, "y")
    assert not await secrets.verify_password("", "x")
    assert not await secrets.verify_password("not a hash", "x")


def test_the_usual_settings_are_strong():
    usual = PasswordHasher()
    assert usual.memory_cost >= 46 * 1024
    assert usual.time_cost >= 1


@pytest.mark.parametrize("login", ["ann", "nobody"])
async def test_a_hash_is_computed_whether_the_account_exists_or_not(people, monkeypatch, login):
    await people.make("ann")
    computed = []
    real = secrets._HASHER.verify

    class Counting:
        def verify(self, stored, password):
            computed.append(stored)
            return real(stored, password)

        def hash(self, password):
            return PasswordHasher(time_cost=1, memory_cost=64).hash(password)

    monkeypatch.setattr(secrets, "_HASHER", Counting())
    with pytest.raises(SignInNeeded):
        await people.enter(login, "wrong password")
    assert len(computed) == 1


async def test_a_weaker_hash_is_renewed_at_the_next_sign_in(people, monkeypatch):
    ann = await people.make("ann")
    before = (await people.user(ann)).password_hash
    monkeypatch.setattr(secrets, "_HASHER", PasswordHasher(time_cost=2, memory_cost=128))
    await people.enter("ann")
    after = (await people.user(ann)).password_hash
    assert after != before
    assert "m=128,t=2" in after
    await people.enter("ann", PASSWORD)
    assert (await people.user(ann)).password_hash == after
