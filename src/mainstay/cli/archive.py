"""Whole databases as files: SQLite's own copy, or an archive of PostgreSQL's tables."""

import asyncio
import contextlib
import json
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstay.cli.out import Step
from mainstay.kernel import migrate
from mainstay.kernel.problems import Conflict, Invalid, Unavailable, WrongSchema
from mainstay.kernel.workspace import engine_for

if TYPE_CHECKING:
    from mainstay.settings import Settings

SIDES = ("", "-wal", "-shm", "-journal")
PAGES = 2000
MANIFEST = "manifest.json"
FORM = "mainstay-postgresql-1"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema() ORDER BY 1"
LINKS = (
    "SELECT c.conrelid::regclass::text, quote_ident(c.conname), pg_get_constraintdef(c.oid) "
    "FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace "
    "WHERE c.contype = 'f' AND n.nspname = current_schema()"
)


async def save(settings: "Settings", file: Path, step: Step) -> None:
    """Save the database to a file that appears only when it is complete and checked."""
    engine: Any = engine_for(settings.database_url)
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.part")
    try:
        if engine.name == "sqlite":
            await asyncio.to_thread(_copy_file, Path(engine.path), fresh, step)
            _check_file(fresh)
        else:
            await _save_tables(engine.url, fresh, step)
        fresh.replace(file)
    finally:
        remove(fresh)


def _copy_file(source: Path, target: Path, step: Step) -> None:
    """Copy a database that may be in use; readers and writers go on."""
    if not source.is_file():
        raise Unavailable(f"There is no database {source} to save.")
    target.touch(mode=0o600)
    with (
        contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        old.execute("PRAGMA busy_timeout=10000")
        old.backup(new, pages=PAGES, progress=lambda _, left, total: step(total - left, total))
        new.execute("PRAGMA journal_mode=DELETE")


def _check_file(path: Path) -> str:
    """Return the step of a saved SQLite database, or say what is wrong with the file."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as saved:
        try:
            whole = saved.execute("PRAGMA integrity_check(5)").fetchall()
            rows = saved.execute("SELECT version_num FROM alembic_version").fetchall()
        except sqlite3.DatabaseError as error:
            raise Invalid(f"{path} is no backup of a workspace: {error}.") from None
    if whole != [("ok",)]:
        raise Invalid(f"{path} is damaged: {whole[0][0]}.")
    return _known(path, rows[0][0] if rows else "")


def _known(path: Path, step: str) -> str:
    if step not in migrate.steps():
        raise WrongSchema(
            f"{path} is at step {step or 'none'}, which this program does not know. "
            "Restore it with the version that saved it."
        )
    return step


def checked(settings: "Settings", file: Path) -> str:
    """Check a saved database before anything is touched; return its step."""
    if settings.on_sqlite:
        if zipfile.is_zipfile(file):
            raise Invalid(f"{file} was saved from PostgreSQL; this workspace is on SQLite.")
        return _check_file(file)
    if not zipfile.is_zipfile(file):
        raise Invalid(f"{file} is no archive of a PostgreSQL workspace.")
    with zipfile.ZipFile(file) as archive:
        if broken := archive.testzip():
            raise Invalid(f"{file} is damaged: {broken} cannot be read.")
        return _known(file, _manifest(archive)["step"])


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(archive.read(MANIFEST))
    except (KeyError, ValueError):
        found = {}
    if found.get("form") != FORM:
        raise Invalid(f"{archive.filename} is no archive of a PostgreSQL workspace.")
    return found


def _filled(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


async def occupied(settings: "Settings") -> bool:
    """Return whether there is a workspace that would be replaced."""
    engine: Any = engine_for(settings.database_url)
    if engine.name == "sqlite":
        return _filled(Path(engine.path))
    await engine.open()
    try:
        return await migrate.state(engine) != "empty"
    finally:
        await engine.close()


async def put_back(settings: "Settings", file: Path, step: Step) -> str:
    """Put a checked file in the database's place; return where the former one was kept."""
    engine: Any = engine_for(settings.database_url)
    if engine.name == "sqlite":
        return await asyncio.to_thread(_swap_file, Path(engine.path), file, step)
    await _put_tables(engine.url, file, step)
    return ""


def _swap_file(path: Path, file: Path, step: Step) -> str:
    """Write the new file beside the old one, then let them change places."""
    alone(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.restoring")
    remove(fresh)
    try:
        _copy_file(file, fresh, step)
        _check_file(fresh)
        kept = path.with_name(f"{path.name}.before-restore")
        there = path.exists()
        if there:
            _merge_journal(path)
            path.replace(kept)
        for side in SIDES[1:]:
            Path(f"{path}{side}").unlink(missing_ok=True)
        fresh.replace(path)
    finally:
        remove(fresh)
    return str(kept) if there else ""


def _merge_journal(path: Path) -> None:
    """Bring what is only in the write-ahead log into the file itself, if the file can be read."""
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(path)) as old,
    ):
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def alone(path: Path) -> None:
    """Refuse while another program works on the file."""
    if not path.exists():
        return
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
        try:
            raw.execute("PRAGMA busy_timeout=200")
            raw.execute("PRAGMA locking_mode=EXCLUSIVE")
            raw.execute("BEGIN EXCLUSIVE")
            raw.execute("ROLLBACK")
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise Conflict(
                    f"{path} is in use. Stop `mainstay serve` and workers first."
                ) from None


def remove(path: Path) -> None:
    """Delete a database file and what belongs to it."""
    for side in SIDES:
        Path(f"{path}{side}").unlink(missing_ok=True)


async def _save_tables(url: str, file: Path, step: Step) -> None:
    """Write every table of one moment into an archive."""
    import asyncpg

    raw = await asyncpg.connect(url)
    os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            async with raw.transaction(isolation="repeatable_read", readonly=True):
                await _pack(raw, archive, step)
    finally:
        await raw.close()


async def _pack(raw: Any, archive: zipfile.ZipFile, step: Step) -> None:
    tables = [row[0] for row in await raw.fetch(TABLES)]
    rows: dict[str, int] = {}
    for number, table in enumerate(tables):
        with archive.open(f"{table}.copy", "w", force_zip64=True) as target:
            said = await raw.copy_from_table(table, output=target, format="binary")
        rows[table] = int(said.rpartition(" ")[2])
        step(number + 1, len(tables))
    version = await raw.fetchval("SELECT version_num FROM alembic_version")
    manifest = {"form": FORM, "step": version, "rows": rows, "sequences": await _sequences(raw)}
    archive.writestr(MANIFEST, json.dumps(manifest, indent=1))


async def _sequences(raw: Any) -> dict[str, int]:
    found = {}
    for (name,) in await raw.fetch(SEQUENCES):
        row = await raw.fetchrow(f'SELECT last_value, is_called FROM "{name}"')  # noqa: S608
        found[name] = row[0] if row[1] else 0
    return found


async def _put_tables(url: str, file: Path, step: Step) -> None:
    """Fill an emptied database from an archive, in one transaction."""
    import asyncpg

    with zipfile.ZipFile(file) as archive, tempfile.TemporaryDirectory() as folder:
        manifest = _manifest(archive)
        engine = engine_for(url)
        await engine.open()
        there = await migrate.state(engine)
        await engine.close()
        if there != "empty":
            await migrate.downgrade(url, "base")
        await migrate.upgrade(url, manifest["step"])
        raw = await asyncpg.connect(url)
        try:
            async with raw.transaction():
                await _fill(raw, archive, manifest, Path(folder), step)
        finally:
            await raw.close()


async def _fill(
    raw: Any, archive: zipfile.ZipFile, manifest: dict[str, Any], folder: Path, step: Step
) -> None:
    links = [tuple(row) for row in await raw.fetch(LINKS)]
    for table, name, _ in links:
        await raw.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    tables: dict[str, int] = manifest["rows"]
    for number, (table, wanted) in enumerate(tables.items()):
        await raw.execute(f'DELETE FROM "{table}"')  # noqa: S608 - a table of this archive
        with _unpacked(archive, f"{table}.copy", folder) as path:
            said = await raw.copy_to_table(table, source=str(path), format="binary")
        if int(said.rpartition(" ")[2]) != wanted:
            raise Invalid(f"{table} should hold {wanted} rows, but {said} were read.")
        step(number + 1, len(tables))
    for table, name, definition in links:
        await raw.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    await _continue(raw, manifest["sequences"])


async def _continue(raw: Any, sequences: dict[str, int]) -> None:
    """Let numbers go on where they were."""
    for name, value in sequences.items():
        await raw.execute("SELECT setval($1::regclass, $2, $3)", name, value or 1, value > 0)


@contextlib.contextmanager
def _unpacked(archive: zipfile.ZipFile, name: str, folder: Path) -> Iterator[Path]:
    path = Path(archive.extract(name, folder))
    try:
        yield path
    finally:
        path.unlink()
