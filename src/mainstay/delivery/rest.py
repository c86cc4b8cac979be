"""Every resource over REST: the same ten handlers, led by the declarations."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Request, delete, get, patch, post
from litestar.response import Response

from mainstay.delivery import finding
from mainstay.kernel import perform
from mainstay.kernel.context import Context, hidden, public
from mainstay.kernel.entity import Entity
from mainstay.kernel.noun import Noun, decode_object
from mainstay.kernel.problems import Malformed, NotFound, UnsupportedMedia
from mainstay.kernel.scope import Me, require
from mainstay.kernel.workspace import Workspace

JSON = "application/json"
Rq = Request[Any, Any, Any]
Write = Callable[[Context], Awaitable[Any]]
encode = msgspec.json.encode


def reply(
    content: Any, status: int = 200, headers: dict[str, str] | None = None
) -> Response[bytes]:
    """Return a JSON answer."""
    body = content if isinstance(content, bytes) else encode(content)
    return Response(body, status_code=status, media_type=JSON, headers=headers)


def noun_of(request: Rq) -> Noun:
    """Return the resource that the address names."""
    params = request.path_params
    path = f"{params['room']}/{params['plural']}"
    noun = request.app.state.ws.registry.by_path.get(path)
    if noun is None:
        raise NotFound(f"There is no resource at /api/{path}. GET /api lists them.")
    return noun  # type: ignore[no-any-return]


def whole(text: str) -> bool:
    """Return whether a text is a whole number in plain digits, and not absurdly long."""
    return text.isascii() and text.isdecimal() and len(text) <= 19


def record_id(request: Rq) -> int:
    """Return the record's id from the address."""
    text = request.path_params["record"]
    if not whole(text) or not 0 < int(text) < 2**63:
        raise NotFound(
            f"There is no {noun_of(request).title.lower()} {text[:40]}, or you may not see it."
        )
    return int(text)


async def json_body(request: Rq) -> dict[str, Any]:
    """Read the body as a JSON object."""
    body = await request.body()
    kind = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if body and kind not in (JSON, "application/merge-patch+json"):
        raise UnsupportedMedia(f"Send application/json, not {kind[:80]}.")
    return decode_object(body)


def known_version(request: Rq) -> int | None:
    """Return the version that If-Match names."""
    text = request.headers.get("if-match", "").strip()
    if not text or text == "*":
        return None
    plain = text.removeprefix("W/").strip('"')
    if not whole(plain):
        raise Malformed('If-Match must be the ETag of the record, like "3".')
    return int(plain)


def etag(version: int) -> dict[str, str]:
    """Return the ETag header of a version."""
    return {"ETag": f'"{version}"'}


@get(["/api/{room:str}/{plural:str}", "/api/{room:str}/{plural:str}/{record:str}"])
async def no_resource(request: Rq) -> Response[bytes]:
    """Say that the address names nothing; what exists was answered by `lane.Reads` before."""
    noun = noun_of(request)
    raise NotFound(f"There is no {noun.title.lower()} here, or you may not see it.")


async def write(
    request: Rq, work: Write, *, status: int = 200, body: bytes = b"", slow: bool = False
) -> Response[bytes]:
    """Run a unit of work and answer with what it returns, once per Idempotency-Key."""
    ws: Workspace = request.app.state.ws
    me: Me = request.state.me
    key = request.headers.get("idempotency-key", "") if request.method == "POST" else ""
    headers: dict[str, str] = {}

    async def unit(ctx: Context) -> tuple[int, bytes]:
        """Do it, and write the answer while the record is still at hand."""
        result = await work(ctx)
        await ctx.settle()
        if ctx.to_undo:
            headers["X-Change-Set"] = str(ctx.to_undo)
        if isinstance(result, Entity):
            noun = ctx.registry.noun(type(result))
            headers.update(etag(result.version))
            if status == 201:
                headers["Location"] = f"/api/{noun.path}/{result.id}"
            return status, encode(public(noun, result, me))
        if hidden := getattr(type(result), "__shown_once__", ()):
            ctx.keep = encode(msgspec.structs.replace(result, **dict.fromkeys(hidden, "")))
        return status, encode(result if result is not None else {})

    fingerprint = ""
    if key:
        url = f"{request.method} {request.url.path}?{request.url.query}\n"
        fingerprint = hashlib.sha256(url.encode() + body).hexdigest()
    code, answer, replayed = await ws.once(me, key, fingerprint, unit, slow=slow)
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return reply(answer, code, headers)


@post("/api/{room:str}/{plural:str}", status_code=201)
async def create_record(request: Rq) -> Response[bytes]:
    """Create a record."""
    noun, data = noun_of(request), await json_body(request)
    return await write(
        request,
        lambda ctx: perform.create(ctx, noun, data),
        status=201,
        body=await request.body(),
    )


@patch("/api/{room:str}/{plural:str}/{record:str}")
async def update_record(request: Rq) -> Response[bytes]:
    """Change some fields of a record."""
    noun, data, one = noun_of(request), await json_body(request), record_id(request)
    version = known_version(request)
    return await write(request, lambda ctx: perform.update(ctx, noun, one, data, version))


@delete("/api/{room:str}/{plural:str}/{record:str}", status_code=200)
async def delete_record(request: Rq) -> Response[bytes]:
    """Put a record into the bin."""
    noun, one, version = noun_of(request), record_id(request), known_version(request)
    return await write(request, lambda ctx: perform.delete(ctx, noun, one, version))


@post("/api/{room:str}/{plural:str}/{record:str}", status_code=200)
async def collection_verb(request: Rq) -> Response[bytes]:
    """Run a verb on the resource as a whole, or many changes at once (`bulk`)."""
    noun, name = noun_of(request), request.path_params["record"]
    data, body = await json_body(request), await request.body()
    if name == "bulk":
        return await run_bulk(request, noun, data, body)
    action = noun.actions.get(name)
    if action is None or action.entity is not None:
        raise NotFound(f"{noun.plural} have no verb {name[:40]}. {verbs(noun)}")
    return await write(request, lambda ctx: perform.act(ctx, noun, action, None, data), body=body)


async def run_bulk(request: Rq, noun: Noun, data: dict[str, Any], body: bytes) -> Response[bytes]:
    """Create, update and delete many records in one change set."""
    wanted: perform.Bulk = perform.decoded(perform.Bulk, data)
    ws: Workspace = request.app.state.ws

    async def work(ctx: Context) -> perform.Outcome:
        """Do all of it, and describe it."""
        items = await perform.bulk(ctx, noun, wanted)
        await ctx.settle()
        return perform.Outcome(
            change_set=None if wanted.dry_run else ctx.to_undo or None,
            dry_run=wanted.dry_run,
            diff=perform.diff(ctx.changes, ctx.me),
            items=[public(noun, item, ctx.me) for item in items],
        )

    if wanted.dry_run:
        return reply(await ws.run(request.state.me, work, dry=True, slow=True))
    return await write(request, work, body=body, slow=True)


@post("/api/{room:str}/{plural:str}/{record:str}/{verb:str}", status_code=200)
async def record_verb(request: Rq) -> Response[bytes]:
    """Run a verb on one record."""
    noun, name = noun_of(request), request.path_params["verb"]
    one, data, version = record_id(request), await json_body(request), known_version(request)
    body = await request.body()
    if name == "restore":
        return await write(request, lambda ctx: perform.restore(ctx, noun, one, version), body=body)
    action = noun.actions.get(name)
    if action is not None and action.entity is None:
        path = f"/api/{noun.resource.path}/{name}"
        raise NotFound(f"{name} is not done to one {noun.title.lower()}. Ask POST {path} for it.")
    if action is None:
        raise NotFound(f"A {noun.title.lower()} has no verb {name[:40]}. {verbs(noun)}")
    return await write(
        request,
        lambda ctx: perform.act(ctx, noun, action, one, data, version),
        body=body,
        slow=action.slow,
    )


def verbs(noun: Noun) -> str:
    """Return the sentence that names a resource's verbs."""
    known = [*noun.actions, *(v for v in noun.resource.verbs if v == "restore")]
    return f"Known verbs: {', '.join(known)}." if known else "It has none."


@get("/api/{room:str}/{plural:str}/{record:str}/history")
async def record_history(request: Rq) -> Response[bytes]:
    """Return what happened to a record, newest first."""
    noun, one, ws, me = noun_of(request), record_id(request), request.app.state.ws, request.state.me
    before, limit = number(request, "before", 0), number(request, "limit", 50)
    return reply({"items": await history(ws, me, noun, one, before=before, limit=min(limit, 200))})


async def history(
    ws: Workspace, me: Me, noun: Noun, one: int, *, before: int = 0, limit: int = 50
) -> list[dict[str, Any]]:
    """Return the log rows of one record that this person may see, without guarded fields."""
    require(me, noun.permission("read"))
    await ws.one(me, noun.key, one, [("deleted", "with"), ("fields", "id")])

    async def work(ctx: Context) -> Any:
        """Read the log."""
        return await ws.log.history(ctx.connection, noun, one, before=before, limit=limit)

    kept = hidden(noun, me)
    return [_entry(entry, kept) for entry in await ws.look(me, work)]


def _entry(entry: Any, kept: frozenset[str]) -> dict[str, Any]:
    shown = msgspec.structs.asdict(entry)
    shown.pop("xid")
    for side in ("before", "after"):
        if shown[side]:
            shown[side] = {k: v for k, v in shown[side].items() if k not in kept}
    return shown


def number(request: Rq, name: str, usual: int) -> int:
    """Read a small whole number from the query."""
    text = request.query_params.get(name, str(usual))
    if not whole(text):
        raise Malformed(f"{name} must be a whole number.")
    return int(text)


@get("/api/{room:str}/{plural:str}/summary")
async def summed_up(request: Rq) -> Response[bytes]:
    """Sum up a resource's records by group."""
    noun, pairs = noun_of(request), request.query_params.multi_items()
    return reply(await request.app.state.ws.summary(request.state.me, noun.key, pairs))


@get("/api/{room:str}/ask/{question:str}")
async def ask_question(request: Rq) -> Response[bytes]:
    """Answer a question of a room."""
    params = request.path_params
    key = f"{params['room']}.{params['question']}"
    asked: dict[str, Any] = dict(request.query_params.items())
    return reply(await request.app.state.ws.ask_question(request.state.me, key, asked))


@post("/api/changes/{change:str}/undo", status_code=200)
async def undo_change(request: Rq) -> Response[bytes]:
    """Take back a change set of yours."""
    ws: Workspace = request.app.state.ws
    change = request.path_params["change"]
    if not whole(change) or int(change) >= 2**63:
        raise NotFound("There is no such change set of yours.")
    return reply(await ws.undo(request.state.me, int(change)))


@get("/api/search")
async def search_all(request: Rq) -> Response[bytes]:
    """Search every resource this person may read; each snippet is HTML with the words marked."""
    ws, me = request.app.state.ws, request.state.me
    q = request.query_params.get("q", "")
    return reply({"items": await found(ws, me, q, number(request, "limit", 5))})


async def found(ws: Workspace, me: Me, q: str, limit: int) -> list[dict[str, Any]]:
    """Return the newest matches of each searchable resource, each with what was found in it."""
    results: list[dict[str, Any]] = []
    if not q.strip():
        return results
    for noun in finding.searched(ws, me):
        hits, _more = await finding.matching(ws, me, noun, q, limit=min(max(limit, 1), 20))
        results += map(finding.answer, hits)
    return results


@get("/api")
async def index(request: Rq) -> Response[bytes]:
    """List the resources and questions this person may use."""
    ws, me = request.app.state.ws, request.state.me
    return reply(
        {
            "resources": {
                noun.key: f"/api/{noun.path}"
                for noun in ws.registry.nouns.values()
                if me.can(noun.permission("read"))
            },
            "questions": {
                key: f"/api/{module.name}/ask/{asked.name}"
                for key, (module, asked) in ws.registry.questions.items()
                if me.can(f"{key}.{asked.grant}")
            },
            "openapi": "/api/openapi.json",
            "reference": "/api/reference",
            "stream": "/api/realtime/stream",
        }
    )


ROUTES = [
    no_resource,
    create_record,
    update_record,
    delete_record,
    collection_verb,
    record_verb,
    record_history,
    summed_up,
    ask_question,
    undo_change,
    search_all,
    index,
]
