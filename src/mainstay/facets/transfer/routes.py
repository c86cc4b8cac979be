"""Files over HTTP: export and import for programs, and the pages where people do the same."""

import asyncio
import os
import re
import secrets
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.response import Stream

from mainstay.delivery.render import Renderer, Toast, redirect, who
from mainstay.facets.transfer import export, load, plan
from mainstay.facets.transfer.api import Program, program_of, programs
from mainstay.facets.transfer.entities import ImportRun
from mainstay.facets.transfer.plan import Plan, Wish
from mainstay.facets.transfer.sources import Source, examine
from mainstay.kernel import perform
from mainstay.kernel.context import Context, public
from mainstay.kernel.noun import CUSTOM, Noun
from mainstay.kernel.problems import Denied, Invalid, Malformed, NotFound, Problem, SignInNeeded
from mainstay.kernel.scope import Me, require
from mainstay.kernel.workspace import Workspace

JSON = "application/json"
LOOKED_AT = 300
CHUNK = 1 << 20
MODES = ("create", "update", "upsert")
UNSAFE = re.compile(r"[^\w.\- ]+")
Rq = Request[Any, Any, Any]
Answer = Response[Any]


def noun_of(request: Rq) -> Noun:
    """Return the resource that the address names."""
    params = request.path_params
    path = f"{params['room']}/{params['plural']}"
    noun = request.app.state.ws.registry.by_path.get(path)
    if noun is None:
        raise NotFound(f"There is no resource {path}.")
    return noun  # type: ignore[no-any-return]


def may_import(me: Me, noun: Noun) -> None:
    """Refuse people who may neither create nor change records, before their file is read."""
    verbs = [v for v in ("create", "update") if v in noun.resource.verbs]
    if not verbs:
        raise Denied(f"{noun.plural} cannot be imported.")
    if not any(me.can(noun.permission(verb)) for verb in verbs):
        require(me, noun.permission(verbs[0]))


@get("/api/{room:str}/{plural:str}/export")
async def export_records(request: Rq) -> Answer:
    """Return every record that meets the filters as a CSV, JSON, NDJSON or XLSX file."""
    noun, ws, me = noun_of(request), request.app.state.ws, request.state.me
    pairs = [(n, v) for n, v in request.query_params.multi_items() if n != "format"]
    form = export.known_format(request.query_params.get("format", "csv"))
    asked = export.prepare(ws, me, noun, pairs)
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(noun, form)}"',
        "X-Content-Type-Options": "nosniff",
    }
    body = await _workbook(asked) if form == "xlsx" else export.stream(asked, form)
    return Stream(body, media_type=export.TYPES[form], headers=headers)


def file_name(noun: Noun, form: str) -> str:
    """Return the name of an exported file."""
    return f"{noun.path.replace('/', '-')}.{form}"


async def _workbook(asked: export.Export) -> AsyncIterator[bytes]:
    """Write the whole workbook first, so that what it cannot hold is refused in words."""
    handle, name = tempfile.mkstemp(suffix=".xlsx", prefix="mainstay-")
    path = Path(name)
    os.close(handle)
    try:
        await export.workbook(asked, path)
    except BaseException:
        await _gone(path)
        raise
    return _sent(path)


async def _gone(path: Path) -> None:
    await asyncio.to_thread(path.unlink, missing_ok=True)


async def _sent(path: Path) -> AsyncIterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                yield chunk
    finally:
        await _gone(path)


@post("/api/{room:str}/{plural:str}/import", status_code=202)
async def import_records(request: Rq) -> Answer:
    """Import a file: the body itself, or the field `file` of a form.

    With `dry_run` nothing is changed and the answer says what would be. Otherwise the import
    runs in the background; the answer is its record, which tells how far it came.
    """
    noun, ws, me = noun_of(request), request.app.state.ws, request.state.me
    may_import(me, noun)
    said, uploaded = await _received(request, ws, me)
    if len(uploaded) != 1:
        for path, _ in uploaded:
            await _gone(path)
        raise Malformed("Send one file: as the body, or as the form field `file`.")
    path, name = uploaded[0]
    try:
        wish = wish_of(said)
        made = await load.prepare(ws, me, path, name, noun, wish)
    except BaseException:
        await _gone(path)
        raise
    if said.get("dry_run", "").lower() in ("1", "true", "yes", "on"):
        return await _dry(ws, me, made, path)
    try:
        run = await load.begin(ws, me, made, wish, stored=str(path), job=True)
    except BaseException:
        await _gone(path)
        raise
    finally:
        made.source.close()
    headers = {"Location": f"/api/transfer/imports/{run.id}"}
    shown = public(ws.registry.noun(ImportRun), run, me)
    return Response(msgspec.json.encode(shown), status_code=202, media_type=JSON, headers=headers)


async def _dry(ws: Workspace, me: Me, made: Plan, path: Path) -> Answer:
    try:
        seen = await load.preview(ws, me, made)
    finally:
        made.source.close()
        await _gone(path)
    return Response(msgspec.json.encode(seen), status_code=200, media_type=JSON)


async def _received(
    request: Rq, ws: Workspace, me: Me, *, page: bool = False
) -> tuple[dict[str, str], list[tuple[Path, str]]]:
    """Keep the uploaded files; return them with what the query and the form say.

    Programs like curl call any body a form, so only a page's plain form is read as one.
    """
    said = {name: str(value) for name, value in request.query_params.items()}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    folder = load.uploads(ws)
    if page or kind == "multipart/form-data":
        form = await request.form()
        files = []
        for field, value in form.multi_items():
            if isinstance(value, UploadFile):
                if value.filename:
                    files.append(await _kept(folder, me, value.filename, _chunks(value)))
            else:
                said[field] = str(value)
        return said, files
    name = said.get("name") or f"upload.{'json' if 'json' in kind else 'csv'}"
    return said, [await _kept(folder, me, name, request.stream())]


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(CHUNK):
        yield chunk


async def _kept(folder: Path, me: Me, name: str, chunks: AsyncIterator[bytes]) -> tuple[Path, str]:
    """Write an uploaded file under a name that only its owner can use."""
    plain = UNSAFE.sub("_", Path(name.replace("\\", "/")).name)[-80:] or "file"
    path = folder / f"{me.id or 0}-{secrets.token_hex(8)}-{plain}"
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        with path.open("wb") as file:
            async for chunk in chunks:
                await asyncio.to_thread(file.write, chunk)
    except BaseException:
        await _gone(path)
        raise
    return path, name[-255:]


def wish_of(said: dict[str, str]) -> Wish:
    """Read what a caller wants from the query or the form."""
    mode = said.get("mode") or None
    if mode is not None and mode not in MODES:
        raise Malformed(f"mode must be one of {', '.join(MODES)}, not {mode[:40]!r}.")
    columns = {}
    for pair in filter(None, (part.strip() for part in said.get("map", "").split(";"))):
        column, sign, field = pair.partition("=")
        if not sign:
            raise Malformed("map must be like: Column=field;Other column=other_field.")
        columns[column.strip()] = field.strip()
    key = tuple(part.strip() for part in said.get("key", "").split(",") if part.strip())
    again = said.get("again", "").lower() in ("1", "true", "yes", "on")
    return Wish(mode, said.get("preset"), columns, key, again, said.get("sheet", ""))  # type: ignore[arg-type]


# ---- pages ----


def reader(request: Rq) -> Me:
    """Return the person who asks, who must be signed in."""
    me = who(request)
    if me.kind == "anonymous":
        raise SignInNeeded("Sign in to see this page.")
    return me


@get("/import/{room:str}/{plural:str}")
async def import_page(request: Rq) -> Answer:
    """Ask for files."""
    noun, me = noun_of(request), reader(request)
    may_import(me, noun)
    whole = [one for one in programs() if me.can(one.grant)]
    return _drawn(
        request, "transfer/upload.html", noun=noun, fields=fields_of(noun), programs=whole
    )


def fields_of(noun: Noun) -> list[Any]:
    """Return the fields that an import may write."""
    names = [*noun.resource.create_only, *noun.resource.write]
    if CUSTOM in names:
        names = [*(name for name in names if name != CUSTOM), *noun.custom]
    return [noun.all_fields[name] for name in names]


def _drawn(request: Rq, template: str, **values: Any) -> Answer:
    renderer: Renderer = request.app.state.renderer
    return renderer.page(request, template, **values)


class Sheet(msgspec.Struct, kw_only=True):
    """One uploaded file on the preview page: what it would do, or why it cannot be read."""

    token: str
    name: str
    problem: str = ""
    preview: load.Preview | None = None
    says: str = ""
    columns: list[str] = []
    sheet: str = ""
    sheets: list[str] = []
    remembered: bool = False
    samples: list[list[str]] = []
    program: Program | None = None


@post("/import/{room:str}/{plural:str}", status_code=200)
async def import_step(request: Rq) -> Answer:
    """Show what the files would do; then, when that is wanted, start."""
    noun, me, ws = noun_of(request), reader(request), request.app.state.ws
    may_import(me, noun)
    said, uploaded = await _received(request, ws, me, page=True)
    files = sorted(((path.name, name) for path, name in uploaded), key=lambda file: file[1])
    tokens = sorted((k for k in said if k.startswith("token-")), key=lambda k: (len(k), k))
    files += [(said[k], said.get(f"name-{k[6:]}", "")) for k in tokens]
    if not files:
        raise Invalid("Choose at least one file.")
    sheets = [await _sheet(ws, me, noun, token, name, said) for token, name in files]
    fine = [sheet for sheet in sheets if sheet.preview and not sheet.problem]
    if said.get("step") == "start" and fine:
        return await _start(request, noun, fine, said)
    return _drawn(
        request,
        "transfer/preview.html",
        noun=noun,
        sheets=sheets,
        fine=fine,
        said=said,
        fields=fields_of(noun),
    )


def _stored(ws: Workspace, me: Me, token: str) -> Path:
    """Return an uploaded file of this person."""
    path = load.uploads(ws) / Path(token).name
    if not token.startswith(f"{me.id or 0}-") or not path.is_file():
        raise NotFound("The uploaded file is gone. Choose it again.")
    return path


def _page_wish(said: dict[str, str], token: str, columns: Sequence[str]) -> Wish:
    """Read what the page's selects say about one file."""
    plain = wish_of({n: v for n, v in said.items() if n in ("mode", "key", "again")})
    prefix = f"map-{token}-"
    chosen = {
        columns[int(name.removeprefix(prefix))]: value
        for name, value in said.items()
        if name.startswith(prefix)
        and name.removeprefix(prefix).isdecimal()
        and int(name.removeprefix(prefix)) < len(columns)
    }
    return Wish(plain.mode, None, chosen, plain.key, plain.again)


async def _planned(
    ws: Workspace, me: Me, noun: Noun, token: str, name: str, said: dict[str, str]
) -> tuple[Plan, Wish]:
    source = await _source(ws, me, token, name, said)
    try:
        wish = _page_wish(said, token, source.columns)
        wish = await load.remembered(ws, me, noun, source, wish)
        return plan.make(noun, source, wish, me), wish
    except BaseException:
        source.close()
        raise


async def _source(ws: Workspace, me: Me, token: str, name: str, said: dict[str, str]) -> Source:
    sheet = said.get(f"sheet-{token}", "")
    return await asyncio.to_thread(examine, _stored(ws, me, token), name or token, sheet)


async def _sheet(
    ws: Workspace, me: Me, noun: Noun, token: str, name: str, said: dict[str, str]
) -> Sheet:
    """Try one file; one that fits no field yet is shown with its columns, to be matched."""
    program: Program | None = None
    try:
        path = _stored(ws, me, token)
        program = await asyncio.to_thread(program_of, path, name or token)
        program = program if program and me.can(program.grant) else None
        source = await _source(ws, me, token, name, said)
    except Problem as problem:
        why = "" if program else problem.detail
        return Sheet(token=token, name=name or token, problem=why, program=program)
    shown = Sheet(
        program=program,
        token=token,
        name=source.name,
        columns=list(source.columns),
        samples=_samples(source),
        sheet=source.sheet,
        sheets=list(source.sheets),
    )
    source.close()
    try:
        made, wish = await _planned(ws, me, noun, token, name, said)
    except Problem as problem:
        shown.problem = problem.detail
        return shown
    try:
        shown.preview = await load.preview(ws, me, made, most=LOOKED_AT)
    except Problem as problem:
        shown.problem = problem.detail
    finally:
        made.source.close()
    shown.says = made.preset.says if made.preset else ""
    shown.remembered = bool(wish.columns) and not any(n.startswith(f"map-{token}-") for n in said)
    return shown


def _samples(source: Source) -> list[list[str]]:
    rows = [row.cells for _, row in zip(range(3), source.rows(), strict=False)]
    return [["" if c is msgspec.UNSET else str(c)[:80] for c in cells] for cells in rows]


async def _start(request: Rq, noun: Noun, sheets: Sequence[Sheet], said: dict[str, str]) -> Answer:
    ws, me = request.app.state.ws, reader(request)
    ids = []
    for sheet in sheets:
        made, wish = await _planned(ws, me, noun, sheet.token, sheet.name, said)
        try:
            path = _stored(ws, me, sheet.token)
            run = await load.begin(ws, me, made, wish, stored=str(path), job=True)
        finally:
            made.source.close()
        ids.append(run.id)
    return redirect(request, f"/import/runs/{','.join(map(str, ids))}")


async def _runs(ws: Workspace, me: Me, text: str) -> list[ImportRun]:
    """Return the imports that an address names, within what the person may see."""
    parts = text.split(",")[:50]
    if not all(part.isdecimal() and len(part) < 16 for part in parts):
        raise NotFound("There is nothing at this address.")

    async def look(ctx: Context) -> list[ImportRun]:
        """Read them."""
        return await ctx.all(ImportRun, id__in=[int(part) for part in parts], sort="id")

    found = await ws.look(me, look)
    if not found:
        raise NotFound("There is no such import, or you may not see it.")
    return found


@get("/import/runs/{runs:str}")
async def runs_page(request: Rq) -> Answer:
    """Show how far imports came, and what became of their rows; it follows them live."""
    ws, me = request.app.state.ws, reader(request)
    runs = await _runs(ws, me, request.path_params["runs"])
    nouns = {run.id: ws.registry.nouns.get(run.resource) for run in runs}
    total = {
        name: sum(getattr(run, name) for run in runs)
        for name in ("total", "done", "created", "updated", "unchanged", "failed", "parents")
    }
    busy = [run for run in runs if run.state in ("waiting", "running", "undoing")]
    return _drawn(
        request,
        "transfer/runs.html",
        runs=runs,
        nouns=nouns,
        total=total,
        busy=busy,
        live="transfer.import_run",
    )


@get("/import/runs/{runs:str}/errors")
async def error_file(request: Rq) -> Answer:
    """Return the rows that were not taken, with the reason of each."""
    ws, me = request.app.state.ws, reader(request)
    run = (await _runs(ws, me, request.path_params["runs"]))[0]
    path = Path(run.error_file)
    if not run.error_bytes or not await asyncio.to_thread(path.is_file):
        raise NotFound("Every row of this import was taken; there are no errors to fetch.")
    name = UNSAFE.sub("_", run.file_name)
    headers = {"Content-Disposition": f'attachment; filename="{name}.errors.csv"'}
    return Stream(_upto(path, run.error_bytes), media_type=export.TYPES["csv"], headers=headers)


async def _upto(path: Path, size: int) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while size > 0 and (chunk := await asyncio.to_thread(file.read, min(CHUNK, size))):
            size -= len(chunk)
            yield chunk


@post("/import/runs/{runs:str}/{verb:str}", status_code=200)
async def steer(request: Rq) -> Answer:
    """Stop an import, or go on with it."""
    ws, me = request.app.state.ws, reader(request)
    noun = ws.registry.noun(ImportRun)
    action = noun.actions.get(request.path_params["verb"])
    if action is None:
        raise NotFound("There is nothing at this address.")
    text = request.path_params["runs"]
    for run in await _runs(ws, me, text):
        if action.why_not(run, me) is None:
            await ws.run(me, lambda ctx, one=run.id: perform.act(ctx, noun, action, one, {}))
    return redirect(request, f"/import/runs/{text}", Toast(text=action.label))


ROUTES = [
    export_records,
    import_records,
    import_page,
    import_step,
    runs_page,
    error_file,
    steer,
]
