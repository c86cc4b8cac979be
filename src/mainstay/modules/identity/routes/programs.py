"""Signing in and keeping one's account, for programs."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from msgspec import Meta, Struct

from mainstay.delivery.gate import COOKIE, csrf_token
from mainstay.delivery.rest import json_body, reply
from mainstay.kernel import perform
from mainstay.kernel.problems import SignInNeeded
from mainstay.kernel.scope import Me
from mainstay.modules.identity import api
from mainstay.modules.identity.routes.cookies import Rq, farewell, visit_of, welcome, ws_of

Word = Annotated[str, Meta(max_length=1000)]


class Login(Struct, kw_only=True, forbid_unknown_fields=True):
    """Name, password and, for two-factor sign-in, a code."""

    email: Word
    password: Word
    totp: Word = ""


class NewPassword(Struct, kw_only=True, forbid_unknown_fields=True):
    """The present password and the new one."""

    current: Word = ""
    new: Word


class Code(Struct, kw_only=True, forbid_unknown_fields=True):
    """A code of the authenticator, or a recovery code."""

    code: Word


def about(me: Me) -> dict[str, Any]:
    """Return a person as they see themselves."""
    return {
        "id": me.id,
        "name": me.name,
        "email": me.email,
        "roles": me.roles,
        "permissions": sorted(me.grants),
        "language": me.locale,
        "timezone": me.zone,
        "theme": me.theme,
    }


def self_of(request: Rq) -> Me:
    """Return who asks, or refuse."""
    me: Me = request.state.me
    if me.kind != "user":
        raise SignInNeeded("Sign in, or send a valid token in the Authorization header.")
    return me


@post("/api/auth/login", status_code=200)
async def login(request: Rq) -> Response[Any]:
    """Begin a session; its token works as cookie and as bearer token."""
    data: Login = perform.decoded(Login, await json_body(request))
    visit, device = visit_of(request)
    me, token = await api.sign_in(
        ws_of(request),
        data.email,
        data.password,
        data.totp,
        visit.address,
        visit.user_agent,
        device,
    )
    answer = reply({"token": token, "csrf": csrf_token(token), "user": about(me)})
    return welcome(request, answer, token, device)


@post("/api/auth/logout", status_code=200)
async def logout(request: Rq) -> Response[Any]:
    """End the session of this request."""
    bearer = request.headers.get("authorization", "").partition(" ")[2].strip()
    token = bearer or request.cookies.get(COOKIE, "")
    if token:
        await api.sign_out(ws_of(request), token)
    return farewell(reply({}))


@get("/api/auth/me")
async def myself(request: Rq) -> Response[Any]:
    """Return who is asking, what they may do, and the CSRF token of a browser's session."""
    me = self_of(request)
    return reply({"user": about(me), "csrf": request.state.csrf})


@post("/api/auth/password", status_code=200)
async def password(request: Rq) -> Response[Any]:
    """Change one's password; every other session ends."""
    me = self_of(request)
    data: NewPassword = perform.decoded(NewPassword, await json_body(request))
    await api.change_password(ws_of(request), me, data.current, data.new)
    return reply({})


@post("/api/auth/two-factor/start", status_code=200)
async def start(request: Rq) -> Response[Any]:
    """Make a key for an authenticator app."""
    return reply(msgspec.to_builtins(await api.start_two_factor(ws_of(request), self_of(request))))


@post("/api/auth/two-factor/confirm", status_code=200)
async def confirm(request: Rq) -> Response[Any]:
    """Turn two-factor sign-in on with a first code; the recovery codes are shown once."""
    me = self_of(request)
    data: Code = perform.decoded(Code, await json_body(request))
    codes = await api.confirm_two_factor(ws_of(request), me, data.code)
    return reply({"recovery_codes": codes})


@post("/api/auth/two-factor/disable", status_code=200)
async def disable(request: Rq) -> Response[Any]:
    """Turn two-factor sign-in off with a code."""
    me = self_of(request)
    data: Code = perform.decoded(Code, await json_body(request))
    await api.disable_two_factor(ws_of(request), me, data.code)
    return reply({})


ROUTES = (login, logout, myself, password, start, confirm, disable)
