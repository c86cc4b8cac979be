"""Whole exports over HTTP: the pages where people move in, the same for programs, and reports."""

import asyncio
import csv
import io
import re
import secrets
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile

from mainstay.delivery.formulas import guard
from mainstay.delivery.render import redirect, who
from mainstay.facets.transfer.api import uploads
from mainstay.kernel.context import Context, public
from mainstay.kernel.problems import Malformed, NotFound, Problem, SignInNeeded
from mainstay.kernel.scope import Me, require
from mainstay.kernel.workspace import Workspace
from mainstay.modules.importers import views
from mainstay.modules.importers.choices import Choices
from mainstay.modules.importers.entities import MoveRun
from mainstay.modules.importers.readers import PROGRAMS, require_source
from mainstay.modules.importers.running import (
    Plan,
    Preview,
    begin,
    folder_of,
    may_begin,
    planned,
    preview,
    report_of,
)
from mainstay.modules.importers.staging import staged

CHUNK = 1 << 20
JSON = "application/json"
MOST_OFFERED = 200
MOST_CELLS = 12_000
UNSAFE = re.compile(r"[^\w.\- ]+")
TOKEN = re.compile(r"^\d+-[0-9a-f]{16}-[\w.\- ]{1,120}$")
Rq = Request[Any, Any, Any]
Answer = Response[Any]


def reader(request: Rq) -> Me:
    """Return the person who asks, who must be signed in and may move files in."""
    me = who(request)
    if me.kind == "anonymous":
        raise SignInNeeded("Sign in to see this page.")
    may_begin(me)
    return me


# ---- files ----


async def _kept(ws: Workspace, me: Me, name: str, chunks: AsyncIterator[bytes]) -> Path:
    """Write an uploaded file under a name that only its owner can use."""
    folder = uploads(ws)
    plain = UNSAFE.sub("_", Path(name.replace("\\", "/")).name)[-80:] or "file"
    path = folder / f"{me.id or 0}-{secrets.token_hex(8)}-{plain}"
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    try:
        with path.open("wb") as file:
            async for chunk in chunks:
                await asyncio.to_thread(file.write, chunk)
    except BaseException:
        await asyncio.to_thread(path.unlink, missing_ok=True)
        raise
    return path


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(CHUNK):
        yield chunk


async def _received(
    request: Rq, ws: Workspace, me: Me, *, page: bool = False
) -> tuple[dict[str, str], list[Path]]:
    """Keep the uploaded file; return it with what the query and the form say."""
    said = {name: str(value) for name, value in request.query_params.items()}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not page and kind != "multipart/form-data":
        name = said.get("name") or f"export.{_ending(kind)}"
        return said, [await _kept(ws, me, name, request.stream())]
    files = []
    form = await request.form()
    for field, value in form.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                files.append(await _kept(ws, me, value.filename, _chunks(value)))
        else:
            said[field] = str(value)
    return said, files


def _ending(kind: str) -> str:
    return "json" if "json" in kind else "xml" if "xml" in kind else "csv"


def _path(ws: Workspace, me: Me, token: str) -> Path:
    """Return an uploaded file of this person, or where it was read into."""
    path = uploads(ws) / Path(token).name
    own = token.startswith(f"{me.id or 0}-") and TOKEN.match(token)
    if not own or not (path.is_file() or folder_of(ws, token).is_dir()):
        raise NotFound("The uploaded file is gone. Choose it again.")
    return path


def _name(token: str) -> str:
    """Return what a file was called by the person who chose it."""
    return token.split("-", 2)[-1]


async def _read(ws: Workspace, path: Path) -> Path:
    """Read a file once, and let go of the upload; return where it lies now."""
    folder = folder_of(ws, path.name)
    await staged(path, _name(path.name), folder)
    await asyncio.to_thread(path.unlink, missing_ok=True)
    return folder


# ---- pages ----


@get("/import/programs")
async def upload_page(request: Rq) -> Answer:
    """Ask for a file, and say where each program exports it."""
    reader(request)
    return _drawn(request, "importers/upload.html", problem="")


@post("/import/programs", status_code=200)
async def upload(request: Rq) -> Answer:
    """Take a file in, and go on to what it would do."""
    me, ws = reader(request), request.app.state.ws
    _, files = await _received(request, ws, me, page=True)
    try:
        path = _only(files)
        await asyncio.to_thread(require_source, path, _name(path.name))
        await _read(ws, path)
    except Problem as problem:
        for one in files:
            await asyncio.to_thread(one.unlink, missing_ok=True)
        return _drawn(request, "importers/upload.html", status=422, problem=problem.detail)
    return redirect(request, f"/import/programs/{files[0].name}")


@get("/import/programs/{token:str}")
async def program_page(request: Rq) -> Answer:
    """Show what a file holds, what would become of it, and what can be decided."""
    me, ws = reader(request), request.app.state.ws
    token = request.path_params["token"]
    path = _path(ws, me, token)
    try:
        folder = await _read(ws, path)
    except Problem as problem:
        return _drawn(request, "importers/upload.html", status=422, problem=problem.detail)
    return await _shown(request, me, token, await planned(ws, me, folder))


@post("/import/programs/{token:str}", status_code=200)
async def program_step(request: Rq) -> Answer:
    """Try it with what was decided, or move it in."""
    me, ws = reader(request), request.app.state.ws
    token = request.path_params["token"]
    path = _path(ws, me, token)
    form = await request.form()
    said = {name: str(value) for name, value in form.multi_items() if isinstance(value, str)}
    folder = await _read(ws, path)
    usual = await planned(ws, me, folder)
    plan = await planned(ws, me, folder, _decided(said, usual))
    if said.get("step") == "start":
        try:
            run = await begin(ws, me, plan)
        except Problem as problem:
            return await _shown(request, me, token, plan, problem.detail)
        return redirect(request, f"/importers/move-runs/{run.id}")
    return await _shown(request, me, token, plan)


def _decided(said: dict[str, str], usual: Plan) -> Choices:
    """Read what the page's inputs say; they are counted, so that no name needs escaping."""
    survey = usual.survey
    choices = Choices(
        project_id=int(said["project"]) if said.get("project", "").isdecimal() else None,
        bugs_as_issues="bugs_as_issues" in said,
        invite="invite" in said,
        overwrite="overwrite" in said,
    )
    if said.get("archived") in ("cancelled", "as_it_is", "left"):
        choices.archived = said["archived"]  # type: ignore[assignment]
    for kind, names, into in (
        ("person", [one.key for one in survey.people], choices.people),
        ("status", [one.name for one in survey.statuses], choices.statuses),
        ("type", [one.name for one in survey.types], choices.types),
        ("priority", [one.name for one in survey.priorities], choices.priorities),
        ("field", [one.name for one in survey.fields], choices.fields),
    ):
        for place, name in enumerate(names):
            if value := said.get(f"{kind}-{place}"):
                into[name] = value
    return choices


async def _shown(request: Rq, me: Me, token: str, plan: Plan, problem: str = "") -> Answer:
    ws = request.app.state.ws
    tried: Preview | None = None
    try:
        tried = await preview(ws, me, plan)
    except Problem as refused:
        problem = problem or refused.detail
    offered = await _offered(ws, me, plan)
    return _drawn(
        request,
        "importers/program.html",
        status=422 if problem else 200,
        token=token,
        plan=plan,
        survey=plan.survey,
        choices=plan.choices,
        program=PROGRAMS[plan.survey.source],
        people=views.people_rows(plan),
        offered=offered[0],
        projects=offered[1],
        may_create=me.can("identity.user.create"),
        may_define=me.can("custom_fields.custom_field.create"),
        tried=tried,
        counts=views.names_of(tried.report.counts) if tried else [],
        sums=views.names_of(tried.report.sums) if tried else [],
        left=views.left_rows(tried.report if tried else None),
        problem=problem,
        statuses=views.statuses(),
        types=views.types(),
        priorities=views.priorities(),
    )


async def _offered(
    ws: Workspace, me: Me, plan: Plan
) -> tuple[list[views.Offered], list[views.Offered]]:
    """Return the people and the projects that can be chosen."""

    async def look(ctx: Context) -> tuple[list[Any], list[Any]]:
        """Read them."""
        users = ctx.registry.noun("identity.user").entity
        found = await ctx.all(
            users, limit=MOST_OFFERED + 1, sort="display_name", status__in=["active", "pending"]
        )
        projects = await ctx.all(
            ctx.registry.noun("projects.project").entity,
            limit=MOST_OFFERED,
            sort="-updated_at",
            status__in=["planning", "active", "review", "on_hold"],
        )
        return found, projects

    users, projects = await ws.look(me, look)
    many = len(users) > MOST_OFFERED or len(users) * len(plan.survey.people) > MOST_CELLS
    people = [] if many else [views.Offered(id=str(u.id), name=u.display_name) for u in users]
    return people, [views.Offered(id=str(p.id), name=f"{p.code} · {p.name}") for p in projects]


def _drawn(request: Rq, template: str, *, status: int = 200, **values: Any) -> Answer:
    answer: Answer = request.app.state.renderer.page(request, template, status=status, **values)
    return answer


# ---- for programs ----


@post("/api/import/programs", status_code=202)
async def move_in(request: Rq) -> Answer:
    """Move a whole export in: the body itself, or the field `file` of a form.

    With `dry_run` nothing is changed and the answer says what would be. `options` is JSON with
    what is decided; what it does not say is suggested. Otherwise the move runs in the background;
    the answer is its record, which tells how far it came and, at its end, both sides' counts.
    """
    me, ws = request.state.me, request.app.state.ws
    may_begin(me)
    said, files = await _received(request, ws, me)
    dry = said.get("dry_run", "").lower() in ("1", "true", "yes", "on")
    try:
        folder = await _read(ws, _only(files))
        plan = await planned(ws, me, folder, _options(said))
        if dry:
            seen = await preview(ws, me, plan)
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            return Response(msgspec.json.encode(seen), status_code=200, media_type=JSON)
        run = await begin(ws, me, plan)
    except BaseException:
        for path in files:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            await asyncio.to_thread(shutil.rmtree, folder_of(ws, path.name), ignore_errors=True)
        raise
    shown = public(ws.registry.noun(MoveRun), run, me)
    headers = {"Location": f"/api/importers/move-runs/{run.id}"}
    return Response(msgspec.json.encode(shown), status_code=202, media_type=JSON, headers=headers)


def _only(files: list[Path]) -> Path:
    if len(files) != 1:
        raise Malformed("Send one file: as the body, or as the form field `file`.")
    return files[0]


def _options(said: dict[str, str]) -> Choices | None:
    text = said.get("options", "")
    if not text:
        return None
    try:
        return msgspec.json.decode(text, type=Choices)
    except msgspec.DecodeError as error:
        raise Malformed(f"options must be JSON as the guide says: {error}.") from None


@get("/import/moves/{run:int}/{name:str}")
async def report_file(request: Rq) -> Answer:
    """Return the report of a move as JSON or CSV."""
    me, ws = request.state.me, request.app.state.ws
    require(me, "importers.move_run.read")
    run_id, form = request.path_params["run"], request.path_params["name"]
    form = form.removeprefix("report.")
    if form not in ("json", "csv"):
        raise NotFound("A report comes as report.json or report.csv.")

    async def look(ctx: Context) -> MoveRun:
        """Load it within what the person may see."""
        return await ctx.get(MoveRun, run_id)

    run = await ws.look(me, look)
    report = report_of(run)
    headers = {
        "Content-Disposition": f'attachment; filename="move-{run.id}.{form}"',
        "X-Content-Type-Options": "nosniff",
    }
    if form == "json":
        body = msgspec.json.encode({"move": run.id, "file": run.file_name, "report": report})
        return Response(body, media_type=JSON, headers=headers)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["what", "in the file", "here", "why"])
    for line in (*report.counts, *report.sums):
        why = "; ".join(f"{one.count or ''} {one.why}".strip() for one in line.why)
        writer.writerow([line.what, line.file, line.here, guard(why)])
    writer.writerow([])
    writer.writerow(["not taken along", "count", "why", "for example"])
    for one in report.left:
        writer.writerow([guard(one.what), one.count, guard(one.why), guard(one.example)])
    return Response(out.getvalue().encode(), media_type="text/csv; charset=utf-8", headers=headers)


ROUTES = [
    upload_page,
    upload,
    program_page,
    program_step,
    move_in,
    report_file,
]
