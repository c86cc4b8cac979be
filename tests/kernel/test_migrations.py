"""The database's history: up, down, up again, and equal to the declarations."""

from pathlib import Path

import msgspec
import pytest

from mainstay.app import registry
from mainstay.kernel import migrate
from mainstay.kernel.problems import WrongSchema
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.workspace import Workspace, engine_for


@pytest.fixture
async def empty_url(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database without any table."""
    if engine_name == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    postgres = request.getfixturevalue("postgres")
    return str(await postgres.create_database(f"empty_{tmp_path.name}_{id(tmp_path)}"))


async def test_up_down_up_and_no_difference(empty_url: str, house: Registry) -> None:
    await migrate.upgrade(empty_url)
    assert await migrate.differences(empty_url, house) == []
    await migrate.downgrade(empty_url, "base")
    left = await migrate.differences(empty_url, house)
    assert len([line for line in left if "add_table" in line]) == len(house.metadata.tables)
    await migrate.upgrade(empty_url)
    assert await migrate.differences(empty_url, house) == []


async def test_another_version_is_refused_with_the_remedy(empty_url: str, house: Registry) -> None:
    ws = Workspace(house, engine_for(empty_url))
    await ws.open()
    with pytest.raises(WrongSchema, match="mainstay db setup"):
        await migrate.require_current(ws.engine)
    await migrate.upgrade(empty_url)
    await migrate.require_current(ws.engine)
    await ws.engine.script(["UPDATE alembic_version SET version_num = '9999'"])
    with pytest.raises(WrongSchema, match="newer version"):
        await migrate.require_current(ws.engine)
    await ws.close()


async def test_a_database_with_rows_of_the_first_step_reaches_the_newest(empty_url: str) -> None:
    await migrate.upgrade(empty_url, "0001")
    engine = engine_for(empty_url)
    await engine.open()
    insert = (
        "INSERT INTO projects_project (id, name, code, description, kind, color, icon, status, "
        "priority, actual_cost, currency, progress, task_count, done_count, risk_level, settings, "
        "version, created_at, updated_at) VALUES (7, 'Quay', 'QUAY', '', 'project', '#3B82F6', "
        "'', 'active', 30, 0, 'EUR', 0, 0, 0, 10, '{}', 1, "
        "'2026-01-02T03:04:05.000000Z', '2026-01-02T03:04:05.000000Z')"
    )
    await engine.script([insert])
    await engine.close()
    await migrate.upgrade(empty_url)
    ws = Workspace(registry(), engine_for(empty_url))
    await ws.open()
    row = await ws.one(SYSTEM, "projects.project", 7)
    assert (row.name, row.priority) == ("Quay", "medium")
    assert msgspec.json.decode(msgspec.json.encode(row.custom_fields)) == {}
    await ws.close()
