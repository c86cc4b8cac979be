"""What the tests of this room share: people, a clock that stands still, and a way in."""

from datetime import UTC, datetime

import pytest

from mainstay.kernel.clock import FixedClock
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.identity import api
from mainstay.modules.identity.entities import Role, User

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"


class People:
    """Makes accounts in a workspace and signs them in."""

    def __init__(self, ws, clock):
        self.ws, self.clock = ws, clock

    async def make(self, name, *roles, password=PASSWORD):
        """Create an active account; return its id."""
        email = f"{name}@example.com"
        return await api.create_user(
            self.ws, email, username=name, password=password, roles=roles or ("member",)
        )

    async def enter(self, name, password=PASSWORD, totp="", address="10.0.0.1", device=""):
        """Sign in; return who it is and the session's token."""
        return await api.sign_in(self.ws, name, password, totp, address, "test", device)

    async def who(self, token):
        """Ask who is behind a session."""
        return await api.who(self.ws, token, None)

    async def user(self, user_id):
        """Read an account."""
        return await self.ws.look(SYSTEM, lambda ctx: ctx.find(User, id=user_id))

    async def role(self, code):
        """Read a role."""
        return await self.ws.look(SYSTEM, lambda ctx: ctx.find(Role, code=code))


@pytest.fixture
def clock():
    return FixedClock(NOON)


@pytest.fixture
def people(workspace, clock):
    workspace.clock = clock
    return People(workspace, clock)
