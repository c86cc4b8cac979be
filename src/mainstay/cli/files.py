"""`mainstay import` and `mainstay export`."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from mainstay.cli import out

if TYPE_CHECKING:
    from mainstay.facets.transfer.entities import ImportRun
    from mainstay.facets.transfer.load import Preview
    from mainstay.facets.transfer.plan import Wish
    from mainstay.kernel.scope import Me
    from mainstay.kernel.workspace import Workspace

COUNTS = ("total", "created", "updated", "unchanged", "failed")
HEADS = ("file", "resource", "rows", "new", "changed", "same", "failed", "sums")


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--resource", help="What the rows are; recognised by their columns if left out.")
@click.option("--mode", type=click.Choice(["create", "update", "upsert"]), help="What rows become.")
@click.option("--key", default="", help="Fields that tell records apart, separated by commas.")
@click.option("--map", "pairs", multiple=True, metavar="COLUMN=FIELD", help="May be repeated.")
@click.option("--as", "who", metavar="USER", help="On whose behalf; the operator if left out.")
@click.option("--dry-run", is_flag=True, help="Show what would happen, change nothing.")
@click.option("--again", is_flag=True, help="Create records anew from a file imported before.")
@click.option(
    "--project", default="", help="Of another program: the code of the project it goes to."
)
@click.option(
    "--options", type=click.Path(path_type=Path), help="Of another program: choices, JSON."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def import_files(terms: out.Terms, /, files: tuple[Path, ...], as_json: bool, **said: Any) -> int:
    """Import CSV, JSON or XLSX files; an interrupted import goes on where it stopped.

    Exports of Jira, Trello, GitHub and Asana are recognised and moved in whole, unless --resource
    says what their rows are.
    """
    for path in files:
        if not path.is_file():
            raise click.UsageError(f"There is no file {path}.")
    reports: list[dict[str, Any]] = out.run(_import(terms, files, **said))
    if as_json:
        out.say_json(reports)
    else:
        _print(reports, dry=said["dry_run"])
    return out.REFUSED if any(r["failed"] or r["problem"] for r in reports) else out.DONE


def _wish(said: dict[str, Any]) -> "Wish":
    from mainstay.facets.transfer.plan import Wish

    columns = {}
    for pair in said["pairs"]:
        column, sign, name = pair.partition("=")
        if not sign:
            raise click.UsageError(f"--map needs COLUMN=FIELD, not {pair!r}.")
        columns[column] = name
    key = tuple(part.strip() for part in said["key"].split(",") if part.strip())
    return Wish(said["mode"], None, columns, key, said["again"])


async def _import(terms: out.Terms, /, files: Sequence[Path], **said: Any) -> list[dict[str, Any]]:
    from mainstay import app
    from mainstay.cli import whole
    from mainstay.cli.people import person
    from mainstay.kernel.problems import Problem, Unavailable, WrongSchema
    from mainstay.kernel.scope import SYSTEM

    wish = _wish(said)
    ws = await app.open_workspace(terms.settings())
    reports = []
    try:
        me = await person(ws, said["who"]) if said["who"] else SYSTEM
        noun = ws.registry.noun(said["resource"]) if said["resource"] else None
        for path in files:
            try:
                if noun is None and not wish.columns and whole.knows(path):
                    reports.append(await whole.move(ws, me, path, **said))
                    continue
                one = _try if said["dry_run"] else _take
                reports.append(await one(ws, me, path, noun, wish))
            except (Unavailable, WrongSchema):
                raise
            except Problem as problem:
                reports.append(_refused(path, problem.detail))
    finally:
        await ws.close()
    return reports


def _refused(path: Path, why: str) -> dict[str, Any]:
    nothing: dict[str, Any] = dict.fromkeys(COUNTS, 0)
    return {"file": path.name, "resource": "", **nothing, "sums": {}, "problem": why, "errors": ""}


async def _take(ws: "Workspace", me: "Me", path: Path, noun: Any, wish: "Wish") -> dict[str, Any]:
    """Import one file, and show how far it came."""
    from mainstay.facets.transfer import load

    made = await load.prepare(ws, me, path, path.name, noun, wish)
    try:
        run = await load.begin(ws, me, made, wish)
        if run.done:
            out.note(f"{path.name}: going on after row {run.done} of {run.total}.")
        errors = load.Errors(_errors_path(path), made.source.columns)
        with out.progress(path.name) as step:
            step(run.done, run.total)
            work = load.Load(ws, me, made, run.id, errors, done=run.done, step=step)
            await work.go()
    finally:
        made.source.close()
    found = await load.found(ws, run.id)
    return _report(path, found)


def _errors_path(path: Path) -> Path:
    """Return where rows that are not taken go: beside the file, or here when that is read-only."""
    folder = path.parent if os.access(path.parent, os.W_OK) else Path.cwd()
    return folder / f"{path.name}.errors.csv"


def _report(path: Path, run: "ImportRun") -> dict[str, Any]:
    return {
        "file": path.name,
        "resource": run.resource,
        "import": run.id,
        **{name: getattr(run, name) for name in COUNTS},
        "parents": run.parents,
        "sums": run.sums,
        "state": run.state,
        "problem": run.message,
        "errors": run.error_file,
        "change_sets": run.change_sets,
    }


async def _try(ws: "Workspace", me: "Me", path: Path, noun: Any, wish: "Wish") -> dict[str, Any]:
    """Find out what importing one file would do."""
    from mainstay.facets.transfer import load

    made = await load.prepare(ws, me, path, path.name, noun, wish)
    try:
        with out.progress(path.name) as step:
            seen: Preview = await load.preview(ws, me, made, step=step)
    finally:
        made.source.close()
    return {
        "file": path.name,
        "resource": seen.resource,
        **{name: getattr(seen, name) for name in COUNTS},
        "mode": seen.mode,
        "columns": seen.columns,
        "ignored": seen.ignored,
        "sums": seen.sums,
        "faults": seen.faults,
        "diff": seen.diff,
        "problem": "",
        "errors": "",
    }


def _print(reports: Sequence[dict[str, Any]], *, dry: bool) -> None:
    rows = [
        (r["file"], r["resource"], *(r[name] for name in COUNTS), _sums(r["sums"]))
        for r in reports
        if not r["problem"]
    ]
    if len(rows) > 1:
        total = [sum(r[name] for r in reports) for name in COUNTS]
        rows.append(("together", "", *total, ""))
    if rows:
        out.table(HEADS, rows, right=(2, 3, 4, 5, 6))
    for report in reports:
        if report["problem"]:
            out.note(f"{report['file']}: {report['problem']}")
        if report["errors"]:
            out.note(f"{report['file']}: the rows that failed are in {report['errors']}")
        for line in report.get("both", ()):
            out.note(f"{report['file']}: {line}")
        for fault in report.get("faults", ()):
            out.note(f"{report['file']} row {fault.row}: {fault.reason}")
    if dry:
        out.note("Nothing was changed: this was a dry run.")


def _sums(sums: dict[str, Any]) -> str:
    """Say whether what the columns add up to is the same on both sides."""
    parts = [
        f"{name} {check.file}" + ("" if check.agrees else f" but {check.stored} stored")
        for name, check in sums.items()
        if check.file != "0"
    ]
    return ", ".join(parts)


@click.command("export")
@click.argument("resource")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "json", "ndjson", "xlsx"]),
    help="As the file's name ends, if left out.",
)
@click.option("--filter", "filters", multiple=True, metavar="NAME=VALUE", help="May be repeated.")
@click.option("--as", "who", metavar="USER", help="What this person may see.")
@click.pass_obj
def export_file(terms: out.Terms, /, resource: str, file: Path | None, **said: Any) -> None:
    """Write every record of RESOURCE to FILE, or to standard output."""
    form = said["form"] or (file.suffix.lstrip(".").lower() if file else "csv")
    pairs = []
    for text in said["filters"]:
        name, sign, value = text.partition("=")
        if not sign:
            raise click.UsageError(f"--filter needs NAME=VALUE, not {text!r}.")
        pairs.append((name, value))
    if form == "xlsx" and file is None:
        raise click.UsageError("A workbook needs a FILE.")
    count = out.run(_export(terms, resource, file, form, pairs, said["who"]))
    if file:
        out.note(f"{count:,} bytes written to {file}.")


async def _export(
    terms: out.Terms,
    /,
    resource: str,
    file: Path | None,
    form: str,
    pairs: Sequence[tuple[str, str]],
    who: str | None,
) -> int:
    from mainstay import app
    from mainstay.cli.people import person
    from mainstay.facets.transfer import export
    from mainstay.kernel.scope import SYSTEM

    known = export.known_format(form)
    ws = await app.open_workspace(terms.settings())
    try:
        me = await person(ws, who) if who else SYSTEM
        asked = export.prepare(ws, me, ws.registry.noun(resource), pairs)
        if file is None:
            return await _written(export.stream(asked, known), sys.stdout.buffer)
        fresh = file.with_name(f"{file.name}.part")
        try:
            if known == "xlsx":
                await export.workbook(asked, fresh)
            else:
                with fresh.open("wb") as target:
                    await _written(export.stream(asked, known), target)
            fresh.replace(file)
        finally:
            fresh.unlink(missing_ok=True)
        return await asyncio.to_thread(lambda: file.stat().st_size)
    finally:
        await ws.close()


async def _written(chunks: Any, target: Any) -> int:
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        target.write(chunk)
    target.flush()
    return size
