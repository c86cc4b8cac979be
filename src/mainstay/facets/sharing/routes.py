"""Sharing over HTTP: making and ending links, and the page that a link opens for anybody."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.datastructures import Cookie

from mainstay.delivery import rest, words
from mainstay.delivery.cells import Look
from mainstay.delivery.pages.common import Answer, Rq, entered, look_of, noun_of, renderer, ws_of
from mainstay.delivery.render import who
from mainstay.facets.files import api as files
from mainstay.facets.sharing import links, rules, scopes, shown
from mainstay.facets.sharing.entities import ShareLink
from mainstay.facets.sharing.links import GONE, Opened, ShareWish
from mainstay.kernel import perform
from mainstay.kernel.clock import today_in
from mainstay.kernel.context import Context
from mainstay.kernel.problems import (
    Denied,
    Invalid,
    Malformed,
    NotFound,
    Problem,
    SignInNeeded,
    TooMany,
)
from mainstay.kernel.scope import SYSTEM

KNOWN = "mainstay_share"
KNOWN_SECONDS = 12 * 3600
QUIET = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Referrer-Policy": "no-referrer"}
DAYS = (1, 7, 30, 90, 365)


# ---- making and ending ----


@post("/api/sharing/share", status_code=201)
async def share(request: Rq) -> Answer:
    """Make a link to a record or a list; the answer shows it this once."""
    me = who(request)
    if me.kind == "anonymous":
        raise SignInNeeded("Sign in, or send a valid token in the Authorization header.")
    wish: ShareWish = perform.decoded(ShareWish, await rest.json_body(request))
    made, change = await links.make(ws_of(request), me, wish)
    headers = {"X-Change-Set": str(change), "Location": f"/api/sharing/links/{made.id}"}
    body = msgspec.json.encode(made)
    return Response(body, status_code=201, media_type=rest.JSON, headers=headers)


def _record(request: Rq) -> int:
    text = request.path_params.get("record", "0")
    if not rest.whole(text) or int(text) >= 2**53:
        raise NotFound("There is nothing at this address.")
    return int(text)


async def _dialog(request: Rq, **more: Any) -> Answer:
    """Draw the dialog: what is shared, how, and the links that there are."""
    ws, look, noun, record = ws_of(request), look_of(request), noun_of(request), _record(request)
    links.require_share(ws, look.me, noun)
    query = rules.query_of(str(request.url.query))
    here = {"entity": noun.key, "record_id": record}
    if not record:
        here["query"] = query

    async def work(ctx: Context) -> list[ShareLink]:
        """Read one's own links to the same thing that have not ended."""
        known = ctx.registry.noun(ShareLink)
        ask = ctx.ask(known, {**here, "created_by": ctx.me.id, "sort": "-id", "limit": 20})
        found, _ = await ctx.reader.entities(ctx.connection, known, ask, ctx.me)
        return found  # type: ignore[return-value]

    known = [one for one in await ws.look(look.me, work) if not _over(one, look.now)]
    values: dict[str, Any] = {"made": None, "problem": None, "said": {}} | more
    html = renderer(request).text(
        request,
        "sharing/dialog.html",
        noun=noun,
        id=record,
        action=request.url.path + (f"?{query}" if query and not record else ""),
        known=[one for one in known if not values["made"] or one.id != values["made"].id],
        days=DAYS,
        usual=rules.USUAL_DAYS,
        least=rules.LEAST_PASSWORD,
        talks=bool(record) and "comments" in noun.resource.wears,
        **values,
    )
    return renderer(request).answer(request, html)


def _over(one: ShareLink, now: datetime) -> bool:
    return one.expires_at is not None and one.expires_at <= now


@get(["/share/{room:str}/{plural:str}", "/share/{room:str}/{plural:str}/{record:str}"])
async def share_form(request: Rq) -> Answer:
    """Ask how a record or a list shall be shown to others."""
    return await _dialog(request)


@post(
    ["/share/{room:str}/{plural:str}", "/share/{room:str}/{plural:str}/{record:str}"],
    status_code=200,
)
async def share_step(request: Rq) -> Answer:
    """Make the link and show it once."""
    look, noun, record = look_of(request), noun_of(request), _record(request)
    given = {name: values[0] for name, values in (await entered(request)).items()}
    days = given.get("days", "")
    wish = ShareWish(
        entity=noun.key,
        record_id=record,
        query="" if record else str(request.url.query),
        title=given.get("title", "").strip()[:300],
        password=given.get("password", ""),
        days=int(days) if days.isdecimal() and int(days) in DAYS else rules.USUAL_DAYS,
        with_comments="with_comments" in given,
    )
    try:
        made, _change = await links.make(ws_of(request), look.me, wish)
    except Invalid as problem:
        return await _dialog(request, problem=problem, said=given)
    return await _dialog(request, made=made)


@post("/share/revoke/{link:str}", status_code=200)
async def revoke(request: Rq) -> Answer:
    """End a link of one's own."""
    ws, look, text = ws_of(request), look_of(request), request.path_params["link"]
    if not rest.whole(text):
        raise NotFound("There is nothing at this address.")
    noun = ws.registry.noun(ShareLink)
    await ws.run(look.me, lambda ctx: perform.delete(ctx, noun, int(text)))
    return Response("", media_type="text/html", status_code=200)


# ---- what a link opens ----


async def opened(request: Rq) -> tuple[Opened, str]:
    """Return the link of the address, if it may be opened now."""
    token = request.path_params["token"]
    return await links.found(ws_of(request), token), token


def knows(request: Rq, one: Opened, token: str) -> bool:
    """Return whether the reader gave the password before, or none is needed."""
    if not one.link.locked:
        return True
    given = request.cookies.get(KNOWN, "")
    return given.isascii() and links.same(given, rules.pass_of(token, one.link.password_hash))


def look_at(request: Rq, one: Opened) -> Look:
    """Return the sight that a link lends, in the reader's language."""
    ws = ws_of(request)
    words.speak(who(request).locale)
    now = ws.clock.now()
    return Look(one.me, now, today_in(one.me.zone, now), ws.registry)


def _drawn(request: Rq, template: str, status: int = 200, **values: Any) -> Answer:
    html = renderer(request).text(request, template, **values)
    answer = renderer(request).answer(request, html, status)
    for name, value in QUIET.items():
        answer.headers[name] = value
    return answer


@get("/s/{token:str}")
async def open_link(request: Rq) -> Answer:
    """Show what a link shows, or ask for its password."""
    one, token = await opened(request)
    if not knows(request, one, token):
        return _drawn(request, "sharing/password.html", token=token, problem="")
    ws, look = ws_of(request), look_at(request, one)
    values: dict[str, Any] = {"link": one.link, "token": token, "look": look}
    try:
        if one.link.record_id:
            values |= await shown.record(ws, one, look, token)
        else:
            values |= await shown.listed(ws, one, look, request.query_params.get("cursor", ""))
    except (Denied, Malformed, NotFound):
        raise NotFound(GONE) from None
    await ws.run(SYSTEM, lambda ctx: scopes.opened(ctx, one.link.id))
    name = values.get("name") or words.gettext(one.noun.plural)
    return _drawn(
        request,
        f"sharing/{'record' if one.link.record_id else 'list'}.html",
        **values | {"name": one.link.title or name, "older": _next(token, values)},
    )


def _next(token: str, values: dict[str, Any]) -> str:
    following = values.get("next")
    return f"/s/{token}?{urlencode({'cursor': following})}" if following else ""


@post("/s/{token:str}", status_code=200)
async def unlock(request: Rq) -> Answer:
    """Take a link's password; a right one is remembered by this browser for half a day."""
    one, token = await opened(request)
    if not one.link.locked:
        return Response(
            "", status_code=303, media_type="text/html", headers={"Location": f"/s/{token}"}
        )
    given = (await entered(request)).get("password", [""])[0]
    address = request.client.host if request.client else ""
    try:
        right = await links.try_password(ws_of(request), one.link, given, address)
    except TooMany as problem:
        return _wrong(request, token, problem)
    if not right:
        return _wrong(request, token, Denied("This is not the password. Try again."))
    answer: Answer = Response(
        "", status_code=303, media_type="text/html", headers={"Location": f"/s/{token}", **QUIET}
    )
    answer.set_cookie(
        Cookie(
            KNOWN,
            value=rules.pass_of(token, one.link.password_hash),
            path=f"/s/{token}",
            max_age=KNOWN_SECONDS,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
    )
    return answer


def _wrong(request: Rq, token: str, problem: Problem) -> Answer:
    words.speak(who(request).locale)
    answer = _drawn(
        request,
        "sharing/password.html",
        problem.status,
        token=token,
        problem=problem.detail,
    )
    for name, value in problem.headers.items():
        answer.headers[name] = value
    return answer


@get("/s/{token:str}/file/{file:str}/{name:str}")
async def link_file(request: Rq) -> Answer:
    """Send a public file of a shared record."""
    one, token = await opened(request)
    text = request.path_params["file"]
    if not knows(request, one, token) or not rest.whole(text) or not one.link.record_id:
        raise NotFound(GONE)

    async def work(ctx: Context) -> files.File | None:
        """Find it among the record's public files."""
        found = await files.files_of(ctx, one.noun.key, one.link.record_id, public=True)
        return next((file for file in found if file.id == int(text)), None)

    file = await ws_of(request).look(one.me, work)
    small = request.query_params.get("small") == "1"
    if file is None or (small and not file.thumbnail):
        raise NotFound(GONE)
    inline = request.query_params.get("inline") == "1"
    answer = await files.sent(request, file, inline=inline, small=small)
    answer.headers["X-Robots-Tag"] = QUIET["X-Robots-Tag"]
    return answer


ROUTES = [share, share_form, share_step, revoke, open_link, unlock, link_file]
