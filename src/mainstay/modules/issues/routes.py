"""The public pages: reporting an issue without an account, and following it by a link."""

from collections.abc import AsyncIterator
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile

from mainstay.delivery import rest, words
from mainstay.delivery.pages.common import Answer, Rq, renderer, ws_of
from mainstay.facets.files import api as files
from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Invalid, Problem
from mainstay.modules.issues import door
from mainstay.modules.issues.actions import forms
from mainstay.modules.issues.entities import IssueForm

QUIET = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Referrer-Policy": "no-referrer"}
PIECE = 1 << 18
TRAP = "website"
FIELDS = ("title", "description", "name", "email", "severity", "steps", "version")
SEVERITIES = ("trivial", "minor", "major", "critical", "blocker")


def drawn(request: Rq, template: str, status: int = 200, **values: Any) -> Answer:
    """Return a public page, which no search engine keeps and no other site is told of."""
    html = renderer(request).text(request, f"issues/{template}.html", **values)
    answer = renderer(request).answer(request, html, status)
    for name, value in QUIET.items():
        answer.headers[name] = value
    return answer


def place_of(request: Rq) -> str:
    """Return the address that a request comes from."""
    return request.client.host if request.client else ""


def language(request: Rq) -> str:
    """Return the language in which somebody outside reads, and speak it."""
    words.speak(words.preferred(request.headers.get("accept-language", "")))
    return words.language.get()


async def _entered(request: Rq) -> tuple[dict[str, str], list[door.Upload]]:
    """Return the first value of each field, and the files that were chosen."""
    form = await request.form()
    given: dict[str, str] = {}
    uploads: list[door.Upload] = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                uploads.append((value.filename, _pieces(value)))
        elif isinstance(value, str):
            given.setdefault(name, value.replace("\r\n", "\n"))
    return given, uploads


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    try:
        while piece := await file.read(PIECE):
            yield piece
    finally:
        await file.close()


def _page(
    request: Rq, form: IssueForm, project: str, problem: Problem | None = None, **given: str
) -> Answer:
    ws = ws_of(request)
    errors = door.told(problem) if isinstance(problem, Invalid) else {}
    known = {name: text for name, text in errors.items() if name in (*FIELDS, "files")}
    settings = files.settings_of(ws)
    answer = drawn(
        request,
        "public_form",
        problem.status if problem else 200,
        form=form,
        project=project,
        stamp=forms.stamp(form, ws.clock.now()) if form.is_open else "",
        given={name: given.get(name, "") for name in FIELDS},
        errors=known,
        problem="" if problem is None or known else problem.detail,
        severities=SEVERITIES,
        most_files=door.MOST_FILES,
        most=files.spoken_size(settings.max_body_bytes),
        trap=TRAP,
    )
    for name, value in (problem.headers if problem else {}).items():
        answer.headers[name] = value
    return answer


@get("/report/{address:str}")
async def report_form(request: Rq) -> Answer:
    """Show a public form, or that it is closed."""
    form, project = await door.form_at(ws_of(request), request.path_params["address"])
    language(request)
    return _page(request, form, project)


@post("/report/{address:str}", status_code=201)
async def report(request: Rq) -> Answer:
    """Take a report in and show the link to follow it, this once."""
    ws, locale = ws_of(request), language(request)
    form, project = await door.form_at(ws, request.path_params["address"])
    given, uploads = await _entered(request)
    said = {name: given[name] for name in FIELDS if given.get(name, "").strip()}
    try:
        if given.get(TRAP):
            raise Conflict(
                "A field that nobody sees was filled in, as programs do. Leave it empty and "
                "send it again."
            )
        if form.is_open:
            forms.check_stamp(form, given.get("stamp", ""), ws.clock.now())
        wanted = perform.decoded(forms.Report, {"title": "", **said})
        made = await door.report(
            ws,
            form,
            wanted,
            place=place_of(request),
            locale=locale,
            uploads=uploads,
            stamp=given.get("stamp", ""),
        )
    except Problem as problem:
        return _page(request, form, project, problem, **said)
    return drawn(request, "reported", 201, form=form, project=project, made=made, mail=said)


@post("/api/public/issues/{address:str}", status_code=201)
async def report_by_program(request: Rq) -> Response[bytes]:
    """Take a report of a program: the fields of the form as JSON; it answers with the link."""
    ws = ws_of(request)
    form, _project = await door.form_at(ws, request.path_params["address"])
    wanted = perform.decoded(forms.Report, await rest.json_body(request))
    made = await door.report(ws, form, wanted, place=place_of(request), locale=language(request))
    return rest.reply(made, 201, QUIET)


async def _track(request: Rq, problem: Problem | None = None, said: str = "") -> Answer:
    ws = ws_of(request)
    found = await door.followed(ws, request.path_params["token"])
    language(request)
    now = ws.clock.now()
    answer = drawn(
        request,
        "track",
        problem.status if problem else 200,
        one=found,
        token=request.path_params["token"],
        now=now,
        said=said,
        problem=problem.detail if problem else "",
        done=request.query_params.get("sent") == "1",
        most_files=door.MOST_FILES,
        longest=door.LONGEST_ANSWER,
    )
    for name, value in (problem.headers if problem else {}).items():
        answer.headers[name] = value
    return answer


@get("/track/{token:str}")
async def track(request: Rq) -> Answer:
    """Show how a reported issue stands."""
    return await _track(request)


@post("/track/{token:str}", status_code=200)
async def track_say(request: Rq) -> Answer:
    """Take an answer of the reporter."""
    ws, token = ws_of(request), request.path_params["token"]
    given, uploads = await _entered(request)
    try:
        await door.say(ws, token, given.get("body", ""), place=place_of(request), uploads=uploads)
    except Problem as problem:
        if problem.status == 404:
            raise
        return await _track(request, problem, given.get("body", ""))
    headers = {"Location": f"/track/{token}?sent=1#said", **QUIET}
    return Response("", status_code=303, media_type="text/html", headers=headers)


ROUTES = [report_form, report, report_by_program, track, track_say]
