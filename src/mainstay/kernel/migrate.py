"""The database's version: what it is, what this program needs, and the way between the two."""

import asyncio
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from mainstay.kernel.problems import WrongSchema
from mainstay.kernel.registry import Registry
from mainstay.kernel.storage.base import Connection, Engine

STEP = re.compile(r"^(\d{4})_\w+\.py$")
State = Literal["empty", "current", "older", "newer"]


def steps() -> list[str]:
    """Return the numbers of all steps this program knows, oldest first."""
    folder = files("mainstay.migrations") / "versions"
    return sorted(found[1] for item in folder.iterdir() if (found := STEP.match(item.name)))


async def version(engine: Engine) -> str | None:
    """Return the step the database is at, or None when it holds no workspace."""

    async def work(connection: Connection) -> str | None:
        """Read the one row that says it, if its table is there."""
        sql = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
        if connection.engine.name == "postgresql":
            sql = "SELECT 1 FROM pg_tables WHERE tablename = 'alembic_version'"
        if not await connection.fetch(sql):
            return None
        found = await connection.fetch("SELECT version_num FROM alembic_version")
        return found[0][0] if found else None

    return await engine.read(work)


async def state(engine: Engine) -> State:
    """Compare the database with this program."""
    at = await version(engine)
    if at is None:
        return "empty"
    known = steps()
    if at not in known:
        return "newer"
    return "current" if at == known[-1] else "older"


async def require_current(engine: Engine) -> None:
    """Refuse to work on a database of another version."""
    found = await state(engine)
    if found == "empty":
        raise WrongSchema("The database is empty. Run `mainstay db setup` first.")
    if found == "older":
        raise WrongSchema(
            f"The database is at step {await version(engine)}, this program needs {steps()[-1]}. "
            "Make a backup, then run `mainstay db migrate`."
        )
    if found == "newer":
        raise WrongSchema(
            f"The database is at step {await version(engine)}, which this program does not know: "
            "it was written by a newer version of Mainstay. Start that version."
        )


async def upgrade(url: str, target: str = "head") -> None:
    """Bring a database up to a step, by default the newest."""
    await _migrate(url, lambda config: _command().upgrade(config, target))


async def downgrade(url: str, target: str = "-1") -> None:
    """Take a database back to a step, by default the one before; `base` empties it."""
    await _migrate(url, lambda config: _command().downgrade(config, target))


async def differences(url: str, registry: Registry) -> list[str]:
    """Return how the database differs from the declarations; none means they agree."""
    found: list[str] = []

    def compare(config: Any) -> None:
        """Let Alembic compare the tables, then compare what the search made."""
        from alembic.autogenerate import compare_metadata
        from alembic.runtime.migration import MigrationContext

        from mainstay.migrations.render import compared

        connection = config.attributes["connection"]
        options = {"compare_type": True, "include_object": compared}
        context = MigrationContext.configure(connection, opts=options)
        found.extend(str(item) for item in compare_metadata(context, registry.metadata))
        found.extend(_reference_differences(connection, registry))
        found.extend(_search_differences(connection, registry))

    await _migrate(url, compare)
    return found


def _reference_differences(connection: sa.Connection, registry: Registry) -> list[str]:
    """Compare what refers to what, and what a deletion does to it."""
    inspector, there, wanted = sa.inspect(connection), set(), set()
    for table in registry.metadata.tables.values():
        wanted |= {
            (table.name, key.parent.name, key.column.table.name, key.ondelete or "NO ACTION")
            for key in table.foreign_keys
        }
        if connection.dialect.name == "sqlite":
            listed = connection.exec_driver_sql(f'PRAGMA foreign_key_list("{table.name}")')
            there |= {(table.name, row[3], row[2], row[6]) for row in listed}
        elif inspector.has_table(table.name):
            there |= {
                (
                    table.name,
                    column,
                    key["referred_table"],
                    key["options"].get("ondelete", "NO ACTION"),
                )
                for key in inspector.get_foreign_keys(table.name)
                for column in key["constrained_columns"]
            }
    return [f"reference {item}" for item in sorted(there ^ wanted)]


def _search_differences(connection: sa.Connection, registry: Registry) -> list[str]:
    name = connection.dialect.name
    sql = (
        "SELECT name FROM sqlite_master" if name == "sqlite" else "SELECT indexname FROM pg_indexes"
    )
    there = {row[0] for row in connection.execute(sa.text(sql))}
    wanted = {
        f"{noun.table.name}_fts" if name == "sqlite" else f"ix_{noun.table.name}_search"
        for noun in registry.nouns.values()
        if noun.searchable
    }
    return [f"missing search index {item}" for item in sorted(wanted - there)]


def _command() -> Any:
    from alembic import command

    return command


async def _migrate(url: str, work: Callable[[Any], None]) -> None:
    """Open a plain connection of SQLAlchemy and hand it to Alembic."""
    if url.startswith("postgresql"):
        from sqlalchemy.ext.asyncio import create_async_engine

        engine = create_async_engine("postgresql+asyncpg" + url.removeprefix("postgresql"))
        async with engine.begin() as connection:
            await connection.run_sync(lambda plain: work(config(plain)))
        await engine.dispose()
        return

    def on_sqlite() -> None:
        """Run on a connection of its own; SQLite needs foreign keys off while tables change."""
        path = Path(url.removeprefix("sqlite:///"))
        path.resolve().parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            work(config(connection))
        engine.dispose()

    await asyncio.to_thread(on_sqlite)


def config(connection: sa.Connection) -> Any:
    """Return Alembic's configuration for a connection that is open already."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("mainstay.migrations")))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
