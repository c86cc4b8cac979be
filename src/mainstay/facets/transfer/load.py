"""An import from its first row to its last: batch by batch, resumable, with nothing doubled."""

import asyncio
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec
from msgspec import Struct

from mainstay.delivery.formulas import guard
from mainstay.facets.transfer import plan as plans
from mainstay.facets.transfer.apply import Batch, Tally, together
from mainstay.facets.transfer.entities import Check, ImportRun
from mainstay.facets.transfer.plan import Plan, Wish
from mainstay.facets.transfer.sources import Row, Source, batches, examine
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.noun import Noun
from mainstay.kernel.perform import Diff
from mainstay.kernel.problems import Conflict, Problem, Stale, Unavailable, WrongSchema
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace

BATCH = 500
SLICE = 20.0
SHOWN = 20
TRIES = 3
JOB = "transfer.import"
Step = Callable[[int, int], None]


class Fault(Struct, frozen=True):
    """A row that was not taken, and why."""

    row: int
    reason: str


class Preview(Struct, kw_only=True):
    """What an import would do, found out by doing it and taking it back."""

    file_name: str
    resource: str
    preset: str
    mode: str
    key: list[str]
    encoding: str
    total: int
    looked_at: int
    columns: dict[str, str]
    ignored: dict[str, str]
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    parents: int = 0
    faults: list[Fault] = []
    diff: list[Diff] = []
    sums: dict[str, Check] = {}


@dataclass
class Errors:
    """The file of rows that were not taken: the same columns, with the row and the reason."""

    path: Path
    columns: Sequence[str]

    def write(self, place: int, faults: Sequence[tuple[Row, str]]) -> int:
        """Write after the place that is committed, so that a repeated batch leaves no traces."""
        if not faults:
            return place
        text = io.StringIO()
        out = csv.writer(text)
        if place == 0:
            out.writerow([*self.columns, "row", "reason"])
        for row, reason in faults:
            cells = [_text(cell) for cell in row.cells[: len(self.columns)]]
            cells += [""] * (len(self.columns) - len(cells))
            out.writerow([*cells, row.number, guard(reason)])
        data = text.getvalue().encode("utf-8", "surrogatepass")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("r+b" if self.path.exists() else "w+b") as file:
            file.seek(place)
            file.write(data)
            file.truncate()
        return place + len(data)


def _text(cell: Any) -> str:
    if cell is None or cell is msgspec.UNSET:
        return ""
    return cell if isinstance(cell, str) else str(cell)


@dataclass
class Load:
    """One import that is running."""

    ws: Workspace
    me: Me
    plan: Plan
    run: int
    errors: Errors
    done: int = 0
    step: Step | None = None
    refused: dict[int, str] = field(default_factory=dict)
    state: str = "running"

    async def go(self, seconds: float | None = None) -> bool:
        """Import until the end, or until the time is over; return whether the end was reached."""
        started = perf_counter()
        source = self.plan.source
        waiting = batches(source.rows(self.done), BATCH)
        while rows := await asyncio.to_thread(next, waiting, None):
            await self._take(rows)
            if self.step:
                self.step(self.done, source.total)
            if self.state != "running":
                return True
            if seconds is not None and perf_counter() - started > seconds:
                return self.done >= source.total and await self._end()
            await asyncio.sleep(0)
        return await self._end()

    async def _take(self, rows: Sequence[Row]) -> None:
        """Write a batch; when one of its rows is refused, find that row by halving."""
        for attempt in range(TRIES):
            try:
                await self.ws.run(self.me, lambda ctx: self._unit(ctx, rows), slow=True)
            except (Unavailable, WrongSchema, Overtaken):
                raise
            except Stale:
                if attempt == TRIES - 1:
                    raise
            except Problem as problem:
                if len(rows) == 1:
                    self.refused[rows[0].number] = problem.detail
                    continue
                middle = len(rows) // 2
                await self._take(rows[:middle])
                await self._take(rows[middle:])
                return
            else:
                self.done += len(rows) if self.state == "running" else 0
                return

    async def _unit(self, ctx: Context, rows: Sequence[Row]) -> None:
        """Write the rows and how far the import came, in one transaction."""
        run = await ctx.get(ImportRun, self.run, anywhere=True)
        if run.state not in ("waiting", "running"):
            self.state = run.state
            return
        if run.done != self.done:
            raise Overtaken(f"Another process is importing {run.file_name} at the same time.")
        tally = await Batch(ctx, self.plan, rows, self.refused).run()
        run.state, run.started_at = "running", run.started_at or ctx.now
        run.error_bytes = self.errors.write(run.error_bytes, tally.faults)
        run.error_file = str(self.errors.path) if run.error_bytes else ""
        _add(run, tally, len(rows))
        if tally.changed:
            run.change_sets = [*run.change_sets, ctx.change_set]

    async def _end(self) -> bool:
        """Note that the import is complete."""

        async def unit(ctx: Context) -> None:
            """Close the run."""
            run = await ctx.get(ImportRun, self.run, anywhere=True)
            run.state, run.finished_at = "done", ctx.now
            run.started_at = run.started_at or ctx.now

        await self.ws.run(self.me, unit)
        self.state = "done"
        return True


class Overtaken(Conflict):
    """Another process works on the same import."""

    code, title = "import-overtaken", "This import is running elsewhere"


def _add(run: ImportRun, tally: Tally, rows: int) -> None:
    run.done += rows
    run.created += tally.created
    run.updated += tally.updated
    run.unchanged += tally.unchanged
    run.parents += tally.parents
    run.failed += len(tally.faults)
    run.sums = together(run.sums, tally.sums)


async def begin(
    ws: Workspace, me: Me, plan: Plan, wish: Wish, *, stored: str = "", job: bool = False
) -> ImportRun:
    """Return the run of this file: one that was interrupted, or a new one."""

    async def unit(ctx: Context) -> ImportRun:
        """Look for the file's fingerprint; else note a new run."""
        known = await ctx.all(
            ImportRun,
            content_hash=plan.source.digest,
            resource=plan.noun.key,
            sort="-id",
            limit=50,
        )
        same = [run for run in known if _same(run, plan, me)]
        unfinished = [run for run in same if run.state in ("waiting", "running")]
        if unfinished and unfinished[0].total == plan.source.total:
            run = unfinished[0]
            run.stored, run.person = stored or run.stored, person(me)
        else:
            _refuse_again(plan, wish, same)
            run = await ctx.create(_new(plan, me, stored))
        if job:
            await ctx.later(JOB, {"run": run.id}, key=f"{JOB}:{run.id}:{run.done}:{run.version}")
        return run

    return await ws.run(me, unit)


def _same(run: ImportRun, plan: Plan, me: Me) -> bool:
    return (
        run.created_by == me.id
        and run.mode == plan.mode
        and run.preset == (plan.preset.name if plan.preset else "")
        and run.columns == dict(plan.columns)
        and run.sheet == plan.source.sheet
        and tuple(run.key) == plan.key
    )


def _refuse_again(plan: Plan, wish: Wish, same: Sequence[ImportRun]) -> None:
    """Keep a file of new records from being imported twice by mistake."""
    complete = [run for run in same if run.state == "done" and run.created]
    if plan.mode == "create" and complete and not wish.again:
        raise Conflict(
            f"This file was imported already (import {complete[0].id}, "
            f"{complete[0].created} records). Import it again only if you want them twice."
        )


def _new(plan: Plan, me: Me, stored: str) -> ImportRun:
    return ImportRun(
        file_name=plan.source.name[:255],
        content_hash=plan.source.digest,
        resource=plan.noun.key,
        preset=plan.preset.name if plan.preset else "",
        mode=plan.mode,
        total=plan.source.total,
        columns=dict(plan.columns),
        headers=list(plan.source.columns),
        sheet=plan.source.sheet,
        key=list(plan.key),
        stored=stored,
        person=person(me),
    )


def person(me: Me) -> dict[str, Any]:
    """Return on whose behalf an import runs, in the form in which it is kept."""
    return msgspec.to_builtins(me)  # type: ignore[no-any-return]


async def preview(
    ws: Workspace, me: Me, plan: Plan, *, most: int | None = None, step: Step | None = None
) -> Preview:
    """Import the rows, or the first `most` of them, and take everything back."""
    seen = Preview(
        file_name=plan.source.name,
        resource=plan.noun.key,
        preset=plan.preset.name if plan.preset else "",
        mode=plan.mode,
        key=list(plan.key),
        encoding=plan.source.encoding if plan.source.form != "sheet" else "",
        total=plan.source.total,
        looked_at=0,
        columns=dict(plan.columns),
        ignored=dict(plan.ignored),
    )
    waiting: Iterator[list[Row]] = batches(plan.source.rows(), min(BATCH, most or BATCH))
    while rows := await asyncio.to_thread(next, waiting, None):
        await _try(ws, me, plan, rows, seen, {})
        if step:
            step(seen.looked_at, seen.total)
        if most and seen.looked_at >= most:
            break
    return seen


async def _try(
    ws: Workspace,
    me: Me,
    plan: Plan,
    rows: Sequence[Row],
    seen: Preview,
    refused: dict[int, str],
) -> None:
    """Try a batch; a refused row is found by halving, as in the real import."""

    async def unit(ctx: Context) -> tuple[Tally, list[Diff]]:
        """Do it; the caller takes it back."""
        tally = await Batch(ctx, plan, rows, refused).run()
        return tally, perform.diff(ctx.changes[:SHOWN], me)

    try:
        tally, diff = await ws.run(me, unit, dry=True, slow=True)
    except (Unavailable, WrongSchema):
        raise
    except Problem as problem:
        if len(rows) == 1:
            refused[rows[0].number] = problem.detail
            await _try(ws, me, plan, rows, seen, refused)
            return
        middle = len(rows) // 2
        await _try(ws, me, plan, rows[:middle], seen, refused)
        await _try(ws, me, plan, rows[middle:], seen, refused)
        return
    seen.looked_at += len(rows)
    seen.created += tally.created
    seen.updated += tally.updated
    seen.unchanged += tally.unchanged
    seen.parents = max(seen.parents, tally.parents)
    seen.failed += len(tally.faults)
    seen.faults = [*seen.faults, *(Fault(r.number, why) for r, why in tally.faults)][:SHOWN]
    seen.diff = [*seen.diff, *diff][:SHOWN]
    seen.sums = together(seen.sums, tally.sums)


async def prepare(
    ws: Workspace, me: Me, path: Path, name: str, which: Noun | None, wish: Wish
) -> Plan:
    """Look through a file and decide what to do with it."""
    source = await asyncio.to_thread(examine, path, name, wish.sheet)
    try:
        noun = which or _noun(ws, source)
        return plans.make(noun, source, wish, me)
    except BaseException:
        source.close()
        raise


async def remembered(ws: Workspace, me: Me, noun: Noun, source: Source, wish: Wish) -> Wish:
    """Return the wish with the columns of this person's last import of a file like this one."""
    if wish.columns or wish.preset is not None or not me.id:
        return wish

    async def look(ctx: Context) -> list[ImportRun]:
        """Read the last imports into this resource."""
        return await ctx.all(ImportRun, limit=50, sort="-id", resource=noun.key, created_by=me.id)

    if not me.can("transfer.import_run.read"):
        return wish
    headers = list(source.columns)
    for run in await ws.look(me, look):
        if run.headers == headers and run.columns and not run.preset:
            return replace(wish, columns=dict.fromkeys(headers, "") | run.columns)
    return wish


def _noun(ws: Workspace, source: Source) -> Noun:
    fitting = plans.recognised(ws.registry, source.columns)
    if not fitting:
        raise Conflict(
            f"{source.name} is no layout that is known ({', '.join(source.columns[:8])}). "
            "Say which resource its rows are."
        )
    return fitting[0][0]


async def carry_on(ws: Workspace, payload: dict[str, Any]) -> None:
    """Import a part of an uploaded file in the background, and leave a job for the rest."""
    run = await found(ws, payload["run"])
    if run.state not in ("waiting", "running"):
        return
    path = Path(run.stored)
    try:
        me = await ws.acting(msgspec.convert(run.person, Me))
        columns = {} if run.preset else dict.fromkeys(run.headers, "") | run.columns
        preset, key = run.preset or "", tuple(run.key)
        wish = Wish(run.mode, preset, columns, key, again=True, sheet=run.sheet)
        plan = await prepare(ws, me, path, run.file_name, ws.registry.noun(run.resource), wish)
        if plan.source.digest != run.content_hash:
            plan.source.close()
            raise Conflict("The uploaded file was changed. Upload it again.")
        load = Load(ws, me, plan, run.id, Errors(errors_beside(path), plan.source.columns))
        load.done = run.done
        try:
            ended = await load.go(SLICE)
        finally:
            plan.source.close()
    except (Unavailable, WrongSchema):
        raise
    except Overtaken:
        return
    except Problem as problem:
        await _failed(ws, run.id, problem.detail)
        return
    if ended:
        await asyncio.to_thread(path.unlink, missing_ok=True)
    else:
        await _later(ws, run.id, load.done)


carry_on.outside = True  # type: ignore[attr-defined]


def errors_beside(path: Path) -> Path:
    """Return where the rows of a file that were not taken are written."""
    return path.with_name(f"{path.name}.errors.csv")


async def found(ws: Workspace, run_id: int) -> ImportRun:
    """Return an import as it stands now."""

    async def look(ctx: Context) -> ImportRun:
        """Load it."""
        return await ctx.get(ImportRun, run_id)

    return await ws.look(SYSTEM, look)


async def _failed(ws: Workspace, run_id: int, why: str) -> None:
    async def unit(ctx: Context) -> None:
        """Note why it ended."""
        run = await ctx.get(ImportRun, run_id)
        run.state, run.message, run.finished_at = "failed", why[:2000], ctx.now

    await ws.run(SYSTEM, unit)


async def _later(ws: Workspace, run_id: int, done: int) -> None:
    async def unit(ctx: Context) -> None:
        """Leave the rest."""
        await ctx.later(JOB, {"run": run_id}, key=f"{JOB}:{run_id}:{done}")

    await ws.run(SYSTEM, unit)


async def sweep(ws: Workspace, _: dict[str, Any]) -> None:
    """Delete uploaded files that were never imported, after a day."""
    folder = uploads(ws)
    oldest = ws.clock.now().timestamp() - 86400
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(OSError):
            if path.stat().st_mtime < oldest and not path.name.endswith(".errors.csv"):
                path.unlink()


sweep.outside = True  # type: ignore[attr-defined]


def uploads(ws: Workspace) -> Path:
    """Return the folder of uploaded files."""
    if ws.settings is not None:
        return Path(ws.settings.data_dir) / "uploads"
    return Path("var") / "uploads"
