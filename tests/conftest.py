"""What every test has: fixtures of the harness, an event loop, and no way out of this machine.

Asynchronous tests and fixtures need no mark: AnyIO's plugin runs them (`anyio_mode = "auto"`
in pyproject.toml) on one asyncio loop that lives as long as the session's fixtures.
"""

import gc
import os

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from mainstay.facets.sharing import links
from mainstay.modules.identity.api import secrets

pytest_plugins = (
    "tests.harness.browser",
    "tests.harness.databases",
    "tests.harness.naughty",
    "tests.harness.smtp",
    "tests.harness.sockets",
    "tests.harness.workspaces",
)

# A slow machine is no failure; `make fuzz` takes the long profile.
settings.register_profile(
    "quick",
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile(
    "long",
    settings.get_profile("quick"),
    max_examples=int(os.getenv("MAINSTAY_FUZZ_EXAMPLES", "1000")),
)
settings.load_profile("quick")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run on asyncio, for the whole session, so that session fixtures can be asynchronous."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> None:
    """Hash passwords with little work: a real hash takes a tenth of a second of one core."""
    for module in (secrets, links):
        module._HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def pytest_collection_finish() -> None:
    """Spare the collector what lives until the end: the declarations, the modules, the tests."""
    gc.collect()
    gc.freeze()


MARKED_BY_FIXTURE = {
    "browser": {"browser", "page", "phone_page"},
    "postgres": {"postgres", "postgres_url"},
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they ask for, so that `-m "not browser"` works everywhere."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        for mark, fixtures in MARKED_BY_FIXTURE.items():
            if names & fixtures:
                item.add_marker(mark)
