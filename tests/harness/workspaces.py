"""Fixtures that hand out ready workspaces, on SQLite and on PostgreSQL."""

import asyncio
import shutil
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from mainstay.app import registry, seed
from mainstay.kernel import migrate
from mainstay.kernel.clock import Clock
from mainstay.kernel.registry import Registry
from mainstay.kernel.storage.base import Connection, rows
from mainstay.kernel.workspace import Workspace, engine_for
from mainstay.settings import Settings

ENGINES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def house() -> Registry:
    """Every room's declarations, compiled once."""
    return registry()


async def prepare(url: str, house: Registry, *, demo: bool = False) -> None:
    """Bring an empty database up to date and seed it."""
    await migrate.upgrade(url)
    ws = Workspace(house, engine_for(url), settings=Settings(database_url=url))
    await ws.open()
    await seed(ws, demo=demo)
    while await ws.jobs.run_due():
        pass
    await ws.close()


@pytest.fixture(scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory, house: Registry) -> Path:
    """A migrated and seeded SQLite file to copy from."""
    path = tmp_path_factory.mktemp("template") / "seeded.db"
    await prepare(f"sqlite:///{path}", house)
    return path


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    return str(request.param)


@pytest.fixture
async def database_url(
    engine_name: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    house: Registry,
    sqlite_template: Path,
) -> AsyncIterator[str]:
    """The address of a migrated and seeded database of this test's own."""
    if engine_name == "sqlite":
        path = tmp_path / "mainstay.db"
        shutil.copy(sqlite_template, path)
        yield f"sqlite:///{path}"
        return
    postgres = request.getfixturevalue("postgres")
    template = await postgres.template("seeded", lambda url: prepare(url, house))
    name = f"ws_{uuid.uuid4().hex[:16]}"
    yield await postgres.create_database(name, template=template)
    await postgres.drop_database(name)


@pytest.fixture
async def workspace(database_url: str, house: Registry, tmp_path: Path) -> AsyncIterator[Workspace]:
    """An open workspace on each engine, with roles and languages and nothing else."""
    ws = opened(database_url, house, tmp_path)
    await ws.open()
    yield ws
    await ws.close()


def opened(url: str, house: Registry, data_dir: Path, *, clock: Clock | None = None) -> Workspace:
    """Return a workspace on a database, not opened yet."""
    settings = Settings(database_url=url, data_dir=str(data_dir))
    return Workspace(house, engine_for(url), clock=clock, settings=settings)


async def settled(ws: Workspace) -> None:
    """Wait until readers see the whole log: older transactions, of any database, hold it back."""
    table = ws.registry.metadata.tables["kernel_log"]

    async def newest(connection: Connection) -> int:
        """Find the last row written."""
        (found,) = await rows(connection, sa.select(sa.func.max(table.c.id)))
        return found[0] or 0

    last = await ws.engine.read(newest)
    async with asyncio.timeout(60):
        while (await ws.engine.read(ws.log.head))[1] < last:
            await asyncio.sleep(0.02)


async def heard(ws: Workspace) -> None:
    """Let everything that was written be heard, and everything that is due be done."""
    await settled(ws)
    while await ws.turn():
        await settled(ws)
