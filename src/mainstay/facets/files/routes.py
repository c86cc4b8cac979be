"""Files over HTTP: sending them in, fetching them, their names, their versions."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile

from mainstay.delivery import rest
from mainstay.delivery.pages.common import Answer, Rq, look_of, renderer, ws_of
from mainstay.delivery.render import who
from mainstay.facets.comments.api import names_of
from mainstay.facets.files import actions, arrive, kinds
from mainstay.facets.files.actions import Wish
from mainstay.facets.files.entities import File
from mainstay.facets.files.scopes import PRIVATE
from mainstay.facets.files.serve import sent
from mainstay.facets.files.slot import href
from mainstay.facets.files.store import refusal
from mainstay.kernel.context import Context, public
from mainstay.kernel.perform import decoded
from mainstay.kernel.problems import Malformed, NotFound, SignInNeeded
from mainstay.kernel.scope import require

PIECE = 1 << 18
YES = ("1", "true", "yes", "on")


@post("/api/files/upload", status_code=201)
async def upload(request: Rq) -> Answer:
    """Attach a file to a record: the body itself, or the field `file` of a form.

    The query says to which record (`entity`, `record_id`) and under which `name`; perhaps a
    `description`, `is_public`, and with `first_id` which file it is a new version of.
    """
    ws, me = ws_of(request), who(request)
    if me.kind == "anonymous":
        raise SignInNeeded("Sign in, or send a valid token in the Authorization header.")
    wish = wish_of(request)
    known = await ws.look(me, lambda ctx: actions.welcome(ctx, wish))
    length = request.headers.get("content-length", "")
    size = int(length) if rest.whole(length) else 0
    content = await arrive.receive(ws, wish, await _pieces(request, wish), known, size)
    quota = arrive.settings_of(ws).file_quota_bytes
    headers: dict[str, str] = {}

    async def work(ctx: Context) -> bytes:
        """Write its row."""
        made = await actions.attach(ctx, wish, content, quota)
        await ctx.settle()
        headers["X-Change-Set"] = str(ctx.change_set)
        headers["Location"] = f"/api/files/files/{made.id}"
        return msgspec.json.encode(public(ctx.registry.noun(File), made, me))

    body = await ws.run(me, work)
    return Response(body, status_code=201, media_type=rest.JSON, headers=headers)


def wish_of(request: Rq) -> Wish:
    """Read where a file shall go from the query."""
    given: dict[str, Any] = dict(request.query_params.items())
    if unknown := set(given) - set(Wish.__struct_fields__):
        known = ", ".join(Wish.__struct_fields__)
        raise Malformed(f"Unknown: {', '.join(sorted(unknown))[:100]}. Known: {known}.")
    if "is_public" in given:
        given["is_public"] = str(given["is_public"]).lower() in YES
    wish: Wish = decoded(Wish, given)
    wish.description = wish.description[:1000]
    return wish


async def _pieces(request: Rq, wish: Wish) -> AsyncIterator[bytes]:
    """Return the file's bytes: the body as it comes, or a form's first file."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        return request.stream()
    try:
        form = await request.form()
    except OSError as error:
        raise refusal(error) from error
    files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
    if len(files) != 1:
        raise Malformed("Send one file: as the body, or as the form field `file`.")
    wish.name = wish.name or files[0].filename or ""
    return _spooled(files[0])


async def _spooled(file: UploadFile) -> AsyncIterator[bytes]:
    try:
        while piece := await file.read(PIECE):
            yield piece
    finally:
        await file.close()


async def file_of(request: Rq) -> File:
    """Return the file that the address names, within the reader's sight."""
    look, text = look_of(request), request.path_params["file"]
    require(look.me, "files.file.read")
    if not rest.whole(text):
        raise NotFound("There is nothing at this address.")

    async def work(ctx: Context) -> File | None:
        """Read it by the scope of the record it is attached to."""
        noun = ctx.registry.noun(File)
        ask = ctx.ask(noun, {"id": int(text), "limit": 1, "sort": "id"})
        found, _ = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
        return found[0] if found else None  # type: ignore[return-value]

    found = await ws_of(request).look(look.me, work) if int(text) < 2**63 else None
    if found is None:
        raise NotFound(f"There is no file {text}, or you may not see it.")
    return found


@get("/file/{file:str}/{name:str}")
async def fetch(request: Rq) -> Answer:
    """Send a file; `inline=1` to look at it where that is safe, `small=1` its small picture."""
    found = await file_of(request)
    small = request.query_params.get("small") in YES
    if small and not found.thumbnail:
        raise NotFound("There is no small picture of this file.")
    inline = request.query_params.get("inline") in YES
    return await sent(request, found, inline=inline, small=small)


@get("/attached/{file:str}/versions")
async def versions(request: Rq) -> Answer:
    """List a file's versions in the dialog."""
    found, look = await file_of(request), look_of(request)

    async def work(ctx: Context) -> tuple[list[File], dict[int, str]]:
        """Read those that this person may see."""
        chain = await actions.versions(ctx, found)
        chain = [one for one in chain if one.is_public or ctx.can(PRIVATE)]
        return chain, await names_of(ctx, [one.created_by for one in chain if one.created_by])

    chain, names = await ws_of(request).look(look.me, work)
    values = {"file": found, "chain": chain, "names": names, "size_of": kinds.spoken_size}
    html = renderer(request).text(request, "files/versions.html", href=href, **values)
    return renderer(request).answer(request, html)


@get("/attached/{file:str}/edit")
async def edit_form(request: Rq) -> Answer:
    """Ask for a file's name, what it is, and whether clients may see it."""
    found, look = await file_of(request), look_of(request)
    require(look.me, "files.file.update")
    values = {"file": found, "may_private": look.me.can(PRIVATE)}
    html = renderer(request).text(request, "files/edit.html", **values)
    return renderer(request).answer(request, html)


ROUTES = [upload, fetch, versions, edit_form]
