"""Fixtures that hand out PostgreSQL databases of the run's one server."""

import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness.postgres import MEMORY, Databases, Unavailable, connect_shared, stop_background

FOLDER = "MAINSTAY_TEST_FOLDER"
OWNER = "MAINSTAY_TEST_OWNER"
ROOM = 4 * 2**30
_made = pytest.StashKey[Path]()


def memory() -> Path | None:
    """Return the folder in memory, if it is large enough for a run's databases."""
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return None
    return MEMORY if shutil.disk_usage(MEMORY).free > ROOM else None


def pytest_configure(config: pytest.Config) -> None:
    """Choose, in the process that starts the run, the folder that its workers share."""
    if FOLDER in os.environ:
        return
    folder = Path(tempfile.mkdtemp(prefix="mainstay-tests-", dir=memory()))
    folder.chmod(0o711)  # the user that runs PostgreSQL must get through
    config.stash[_made] = folder
    os.environ.update({FOLDER: str(folder), OWNER: str(os.getpid())})
    if folder.is_relative_to(MEMORY):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server and remove the folder, where they were made."""
    folder = config.stash.get(_made, None)
    if folder is None:
        return
    stop_background(folder)
    shutil.rmtree(folder, ignore_errors=True)
    for name in (FOLDER, OWNER):
        os.environ.pop(name, None)


@pytest.fixture(scope="session")
def postgres() -> Databases:
    """The test run's PostgreSQL server, or a skip that says why there is none."""
    try:
        return connect_shared(Path(os.environ[FOLDER]))
    except Unavailable as error:
        pytest.skip(str(error))


@pytest.fixture
async def postgres_url(postgres: Databases) -> AsyncIterator[str]:
    """The URL of an empty database for one test."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    yield await postgres.create_database(name)
    await postgres.drop_database(name)
