"""`mainstay db`: create, check, fill, move, save and restore the database."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from mainstay.cli import out

if TYPE_CHECKING:
    from mainstay.kernel.workspace import Workspace
    from mainstay.settings import Settings

FORCE = "In production this needs --force-production as well."


@click.group()
def db() -> None:
    """Create, check, fill, move, save and restore the database."""


@db.command("setup")
@click.option("--drop", is_flag=True, help="Destroy what is there first.")
@click.option("--no-validate", is_flag=True, help="Leave out the check of the tables.")
@click.option("--no-indexes", is_flag=True, help="Leave out the check of the indexes.")
@click.option("--no-seed", is_flag=True, help="Leave out roles and reference data.")
@click.option("--demo/--no-demo", default=None, help="The demo company; usual in development.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--force-production", is_flag=True, help="Really, in production.")
@click.pass_obj
def setup(terms: out.Terms, /, **said: Any) -> int:
    """Make the database ready: drop (if told), validate, indexes, seed, stats."""
    settings = terms.settings()
    if said["drop"]:
        if settings.production and not said["force_production"]:
            raise click.UsageError(f"--drop destroys every record. {FORCE}")
        out.confirm(f"Destroy every record in {shown(settings)}?", yes=said["yes"])
    return out.run(_setup(settings, said))


def shown(settings: "Settings") -> str:
    """Return the database's address as it may be printed."""
    from mainstay.settings import masked_url

    return masked_url(settings.database_url)


async def _setup(settings: "Settings", said: dict[str, Any]) -> int:
    from mainstay import app
    from mainstay.kernel import migrate

    if said["drop"]:
        await drop(settings)
        out.note("Dropped.")
    ws = await _migrated(settings)
    try:
        faults = [] if said["no_validate"] else await _faults(ws)
        for fault in faults:
            out.note(f"  {fault}")
        if not said["no_validate"]:
            out.note("Validated." if not faults else f"{len(faults)} faults were found.")
        if not said["no_indexes"]:
            out.note(f"Indexes: {await _index(ws)} checked.")
        if not said["no_seed"]:
            demo = said["demo"]
            await app.seed(ws, demo=not settings.production if demo is None else demo)
            out.note("Seeded.")
        await migrate.require_current(ws.engine)
        _print_stats(await _stats(ws))
        return out.REFUSED if faults else out.DONE
    finally:
        await ws.close()


async def _migrated(settings: "Settings") -> "Workspace":
    """Open the database, creating or migrating it."""
    from mainstay import app
    from mainstay.kernel import migrate

    ws = app.workspace(settings)
    await ws.open()
    try:
        if await migrate.state(ws.engine) in ("empty", "older"):
            await migrate.upgrade(ws.engine.url)
        await migrate.require_current(ws.engine)
    except BaseException:
        await ws.close()
        raise
    return ws


async def drop(settings: "Settings") -> None:
    """Destroy the database's content."""
    from mainstay.kernel import migrate
    from mainstay.kernel.workspace import engine_for

    engine: Any = engine_for(settings.database_url)
    if engine.name == "sqlite":
        from mainstay.cli.archive import alone, remove

        alone(Path(engine.path))
        remove(Path(engine.path))
        return
    await engine.open()
    try:
        known = await migrate.state(engine)
    finally:
        await engine.close()
    if known != "empty":
        await migrate.downgrade(engine.url, "base")


@db.command("seed")
@click.option("--demo/--no-demo", default=None, help="The demo company; usual in development.")
@click.pass_obj
def seed(terms: out.Terms, /, demo: bool | None) -> None:
    """Write roles and reference data, and the demo company; what is there stays."""
    settings = terms.settings()
    out.run(_seed(settings, demo=not settings.production if demo is None else demo))
    out.note("Seeded.")


async def _seed(settings: "Settings", *, demo: bool) -> None:
    from mainstay import app

    ws = await app.open_workspace(settings)
    try:
        await app.seed(ws, demo=demo)
    finally:
        await ws.close()


@db.command("validate")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def validate(terms: out.Terms, /, as_json: bool) -> int:
    """Compare the tables with the declarations, and look for damage."""
    faults: list[str] = out.run(_with(terms, _faults))
    if as_json:
        out.say_json({"faults": faults})
    for fault in () if as_json else faults:
        out.say(fault)
    if not as_json and not faults:
        out.say("The database is as declared, and whole.")
    return out.REFUSED if faults else out.DONE


async def _with(terms: out.Terms, /, work: Any) -> Any:
    from mainstay import app

    ws = await app.open_workspace(terms.settings())
    try:
        return await work(ws)
    finally:
        await ws.close()


async def _faults(ws: "Workspace") -> list[str]:
    from mainstay.kernel import migrate

    found = await migrate.differences(ws.engine.url, ws.registry)
    if ws.engine.name == "sqlite":
        found += await _damage(ws)
    return found


async def _damage(ws: "Workspace") -> list[str]:
    async def look(connection: Any) -> list[str]:
        """Ask SQLite itself."""
        whole = [row[0] for row in await connection.fetch("PRAGMA integrity_check")]
        broken = await connection.fetch("PRAGMA foreign_key_check")
        lost = [f"{row[0]} row {row[1]} refers to a missing row of {row[2]}" for row in broken]
        return [text for text in whole if text != "ok"] + lost

    return await ws.engine.read(look, slow=True)


@db.command("indexes")
@click.pass_obj
def indexes(terms: out.Terms) -> None:
    """Create indexes that are missing, and refresh what the planner knows."""
    out.say(f"{out.run(_with(terms, _index))} indexes are there; the statistics are fresh.")


async def _index(ws: "Workspace") -> int:
    from sqlalchemy.schema import CreateIndex

    made = [
        str(CreateIndex(index, if_not_exists=True).compile(dialect=ws.engine.dialect))
        for table in ws.registry.metadata.sorted_tables
        for index in sorted(table.indexes, key=lambda index: str(index.name))
    ]
    await ws.engine.script([*made, "ANALYZE"])
    return len(made)


@db.command("stats")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def stats(terms: out.Terms, /, as_json: bool) -> None:
    """Count the records of every resource."""
    found = out.run(_with(terms, _stats))
    if as_json:
        out.say_json(found)
    else:
        _print_stats(found)


async def _stats(ws: "Workspace") -> dict[str, Any]:
    from mainstay.kernel import migrate
    from mainstay.kernel.context import Context
    from mainstay.kernel.scope import SYSTEM

    async def look(ctx: Context) -> dict[str, list[int]]:
        """Count live and binned records."""
        counts = {}
        for key, noun in ws.registry.nouns.items():
            asks = [ctx.ask(noun, {"deleted": which}) for which in ("no", "only")]
            counts[key] = [
                (await ctx.reader.count_in(ctx.connection, noun, ask, ctx.me, cap=2**53))[0]
                for ask in asks
            ]
        (row,) = await ctx.connection.fetch("SELECT count(*) FROM kernel_log")
        counts["log"] = [row[0], 0]
        return counts

    counts = await ws.look(SYSTEM, look, slow=True)
    path = Path(ws.engine.path) if ws.engine.name == "sqlite" else None  # type: ignore[attr-defined]
    return {
        "step": await migrate.version(ws.engine),
        "bytes": path.stat().st_size if path else None,
        "records": {key: {"live": live, "bin": gone} for key, (live, gone) in counts.items()},
    }


def _print_stats(found: dict[str, Any]) -> None:
    rows = [(key, f"{n['live']:,}", f"{n['bin']:,}") for key, n in found["records"].items()]
    out.table(("resource", "records", "in the bin"), rows, right=(1, 2))
    size = f", {found['bytes'] / 1e6:,.1f} MB" if found["bytes"] else ""
    out.say(f"Step {found['step']}{size}.")


@db.command("migrate")
@click.option("--to", "step", default="head", help="A step's number; the newest if left out.")
@click.pass_obj
def migrate_(terms: out.Terms, /, step: str) -> None:
    """Bring the database up to this version."""
    out.run(_move(terms.settings(), step, back=False))


@db.command("rollback")
@click.option("--to", "step", default="-1", help="A step's number; one step if left out.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--force-production", is_flag=True, help="Really, in production.")
@click.pass_obj
def rollback(terms: out.Terms, /, step: str, yes: bool, force_production: bool) -> None:
    """Take the database back a step; what only the newer version keeps is lost."""
    settings = terms.settings()
    if settings.production and not force_production:
        raise click.UsageError(f"A rollback can lose data. {FORCE}")
    out.confirm(f"Take {shown(settings)} back? Data can be lost.", yes=yes)
    out.run(_move(settings, step, back=True))


async def _move(settings: "Settings", step: str, *, back: bool) -> None:
    from mainstay import app
    from mainstay.kernel import migrate
    from mainstay.kernel.problems import NotFound, WrongSchema

    known = migrate.steps()
    if step not in ("head", "-1", "base", *known):
        raise NotFound(f"There is no step {step}. Known steps are {', '.join(known)}.")
    ws = app.workspace(settings)
    await ws.open()
    try:
        before, state = await migrate.version(ws.engine), await migrate.state(ws.engine)
        if state == "newer" or (back and state == "empty"):
            raise WrongSchema(f"The database is at step {before}, which cannot be taken from here.")
        await (migrate.downgrade if back else migrate.upgrade)(ws.engine.url, step)
        out.say(f"From step {before or 'none'} to {await migrate.version(ws.engine) or 'none'}.")
    finally:
        await ws.close()


@db.command("backup")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.pass_obj
def backup(terms: out.Terms, /, file: Path | None) -> None:
    """Save the whole database to FILE, while it is in use."""
    from mainstay.cli import archive
    from mainstay.kernel.clock import SystemClock

    settings = terms.settings()
    if file is None:
        stamp = SystemClock().now().strftime("%Y%m%d-%H%M%S")
        ending = "db" if settings.on_sqlite else "zip"
        file = settings.folder / "backups" / f"mainstay-{stamp}.{ending}"
    if file.exists():
        raise click.ClickException(f"{file} exists already. Choose another name.")
    with out.progress("backup") as step:
        out.run(archive.save(settings, file, step))
    out.say(f"Saved to {file} ({file.stat().st_size / 1e6:,.1f} MB).")


@db.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Replace what is there.")
@click.option("--force-production", is_flag=True, help="Really, in production.")
@click.pass_obj
def restore(terms: out.Terms, /, file: Path, yes: bool, force_production: bool) -> None:
    """Put a saved database back; FILE is checked before anything is touched."""
    from mainstay.cli import archive

    settings = terms.settings()
    if not file.is_file():
        raise click.UsageError(f"There is no file {file}.")
    held = archive.checked(settings, file)
    if out.run(archive.occupied(settings)):
        if settings.production and not force_production:
            raise click.UsageError(f"{shown(settings)} holds records. {FORCE}")
        out.confirm(f"Replace everything in {shown(settings)}?", yes=yes)
    with out.progress("restore") as step:
        kept = out.run(archive.put_back(settings, file, step))
    out.say(f"Restored step {held} from {file}." + (f" The former is in {kept}." if kept else ""))
