"""The page about oneself: card, preferences, password, second factor, tokens and sessions."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, get_args

import msgspec
from litestar import Response, get, post

from mainstay.delivery import words
from mainstay.delivery.gate import COOKIE
from mainstay.delivery.render import Toast, redirect
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.problems import NotFound, Problem, SignInNeeded
from mainstay.kernel.scope import Me
from mainstay.modules.identity import api, rules
from mainstay.modules.identity.api import accounts
from mainstay.modules.identity.entities import ApiToken, Preferences, User, UserSession
from mainstay.modules.identity.routes.cookies import (
    Rq,
    errors_of,
    form_of,
    visit_of,
    welcome,
    ws_of,
)

_ = words.gettext
CARD = (
    "first_name",
    "last_name",
    "display_name",
    "job_title",
    "department",
    "phone",
    "mobile",
    "bio",
    "language",
    "timezone",
    "theme",
)
ACCESS = {"all": ["*"], "read": ["*.*.read"]}
EXPIRY = {"30": 30, "90": 90, "365": 365}


def self_of(request: Rq) -> Me:
    """Return who is signed in; pages about oneself are not for tokens."""
    me: Me = request.state.me
    if me.kind != "user" or me.id is None:
        raise SignInNeeded("Sign in first.")
    words.speak(me.locale)
    return me


def choices(field: str) -> list[tuple[str, str]]:
    """Return the values that a preference may have, each with its words."""
    return [(value, value) for value in get_args(Preferences.__annotations__[field])]


async def show(request: Rq, *, status: int = 200, **values: Any) -> Response[Any]:
    """Draw the page, with what was just made or refused."""
    ws, me = ws_of(request), self_of(request)

    async def work(ctx: Context) -> dict[str, Any]:
        """Read what the page is about."""
        assert me.id is not None
        user = await ctx.find(User, anywhere=True, id=me.id)
        own: dict[str, Any] = {"anywhere": True, "user_id": me.id, "limit": 100}
        sessions = await ctx.all(UserSession, **own, sort="-last_activity_at")
        tokens = await ctx.all(ApiToken, **own)
        live = [one for one in sessions if one.expires_at > ctx.now]
        return {"user": user, "sessions": live, "tokens": tokens}

    known: dict[str, Any] = {
        "errors": {},
        "values": {},
        "issued": None,
        "codes": [],
        "start": None,
        "zones": [(zone, zone.replace("_", " ")) for zone in sorted(rules.zones())],
        "languages": [(code, words.locale_of(code).display_name) for code in words.languages()],
        "choices": choices,
    }
    known |= await ws.look(me, work) | values
    renderer = request.app.state.renderer
    page: Response[Any] = renderer.page(request, "identity/profile.html", status=status, **known)
    return page


async def attempt(
    request: Rq, work: Callable[[], Awaitable[Response[Any]]], section: str, **values: Any
) -> Response[Any]:
    """Do something, or show the page again with what was refused."""
    try:
        return await work()
    except SignInNeeded:
        raise
    except Problem as refusal:
        errors = errors_of(refusal, section)
        return await show(request, status=refusal.status, errors=errors, **values)


def done(request: Rq, text: str) -> Response[Any]:
    """Return to the page, and say what was done."""
    return redirect(request, "/profile", Toast(text=text, tone="good"))


@get("/profile")
async def profile(request: Rq) -> Response[Any]:
    """Show one's own account."""
    return await show(request)


@post("/profile", status_code=200)
async def save(request: Rq) -> Response[Any]:
    """Save the card and the preferences."""
    me, form = self_of(request), await form_of(request)

    async def work() -> Response[Any]:
        """Write them through the same rule as everybody else."""
        data: dict[str, Any] = {name: form[name].strip() for name in CARD if name in form}
        data["preferences"] = preferences_of(form)
        await ws_of(request).run(
            me, lambda ctx: perform.update(ctx, ctx.registry.noun(User), me.id or 0, data)
        )
        return done(request, _("Saved."))

    return await attempt(request, work, "card", values=form)


def preferences_of(form: dict[str, str]) -> dict[str, Any]:
    """Return the preferences that a form says; an unticked box is not sent at all."""
    usual = msgspec.structs.asdict(Preferences())
    return {
        name: (name in form) if isinstance(value, bool) else form.get(name, value)
        for name, value in usual.items()
    }


@post("/profile/password", status_code=200)
async def password(request: Rq) -> Response[Any]:
    """Change the password."""
    me, form = self_of(request), await form_of(request)

    async def work() -> Response[Any]:
        """Check the new one against its repetition first."""
        new = form.get("password", "")
        if new != form.get("again", ""):
            errors = {"again": _("is not the same password")}
            return await show(request, status=422, errors=errors)
        await api.change_password(ws_of(request), me, form.get("current", ""), new)
        return await renewed(request, done(request, _("Your password is changed.")))

    return await attempt(request, work, "password")


async def renewed(request: Rq, response: Response[Any]) -> Response[Any]:
    """Give the session a new token, now that more depends on it."""
    old = request.cookies.get(COOKIE, "")
    fresh = await api.rotated(ws_of(request), old, at_once=True) if old else None
    return welcome(request, response, fresh, visit_of(request)[1]) if fresh else response


@post("/profile/two-factor/start", status_code=200)
async def start_two_factor(request: Rq) -> Response[Any]:
    """Show the key for an authenticator app."""
    me = self_of(request)

    async def work() -> Response[Any]:
        """Make the key."""
        return await show(request, start=await api.start_two_factor(ws_of(request), me))

    return await attempt(request, work, "two_factor")


@post("/profile/two-factor/confirm", status_code=200)
async def confirm_two_factor(request: Rq) -> Response[Any]:
    """Turn two-factor sign-in on, and show the recovery codes once."""
    me, form, ws = self_of(request), await form_of(request), ws_of(request)
    try:
        codes = await api.confirm_two_factor(ws, me, form.get("code", ""))
    except Problem as refusal:
        user = await ws.look(me, lambda ctx: ctx.get(User, me.id or 0, anywhere=True))
        start = accounts.two_factor_start(user) if user.two_factor_pending else None
        errors = errors_of(refusal, "code")
        return await show(request, status=refusal.status, errors=errors, start=start)
    return await renewed(request, await show(request, codes=codes))


@post("/profile/two-factor/disable", status_code=200)
async def disable_two_factor(request: Rq) -> Response[Any]:
    """Turn two-factor sign-in off."""
    me, form = self_of(request), await form_of(request)

    async def work() -> Response[Any]:
        """Check the code."""
        await api.disable_two_factor(ws_of(request), me, form.get("code", ""))
        return done(request, _("Two-factor sign-in is off."))

    return await attempt(request, work, "code")


@post("/profile/tokens", status_code=200)
async def issue_token(request: Rq) -> Response[Any]:
    """Make a token and show it this once."""
    me, form, ws = self_of(request), await form_of(request), ws_of(request)
    noun = ws.registry.noun(ApiToken)

    async def work() -> Response[Any]:
        """Run the verb that the API has too."""
        named = [word for word in form.get("permissions", "").replace(",", " ").split() if word]
        data: dict[str, Any] = {"name": form.get("name", "").strip()}
        data["permissions"] = ACCESS.get(form.get("access", ""), named)
        if form.get("expiry", "") in EXPIRY:
            until = ws.clock.now() + timedelta(days=EXPIRY[form["expiry"]])
            data["expired_at"] = until.isoformat()
        verb = noun.actions["issue"]
        issued = await ws.run(me, lambda ctx: perform.act(ctx, noun, verb, None, data))
        return await show(request, issued=issued)

    return await attempt(request, work, "token", values=form)


async def act_on(request: Rq, entity: type[Entity], verb: str, record: int) -> None:
    """Run a verb on one of one's own records."""
    ws, me = ws_of(request), self_of(request)
    noun = ws.registry.noun(entity)

    async def work(ctx: Context) -> None:
        """Administrators see everybody's elsewhere; this page is about oneself."""
        found = await ctx.get(entity, record, anywhere=True)
        if getattr(found, "user_id", None) != me.id:
            raise NotFound(f"There is no {noun.title.lower()} {record}, or you may not see it.")
        await perform.act(ctx, noun, noun.actions[verb], record, {})

    await ws.run(me, work)


@post("/profile/tokens/{record:int}/revoke", status_code=200)
async def revoke_token(request: Rq) -> Response[Any]:
    """Stop a token from working."""

    async def work() -> Response[Any]:
        """Run the verb."""
        await act_on(request, ApiToken, "revoke", request.path_params["record"])
        return done(request, _("The token no longer works."))

    return await attempt(request, work, "token")


@post("/profile/sessions/{record:int}/end", status_code=200)
async def end_session(request: Rq) -> Response[Any]:
    """End one of one's sessions."""

    async def work() -> Response[Any]:
        """Run the verb."""
        await act_on(request, UserSession, "end", request.path_params["record"])
        return done(request, _("The session has ended."))

    return await attempt(request, work, "session")


ROUTES = (
    profile,
    save,
    password,
    start_two_factor,
    confirm_two_factor,
    disable_two_factor,
    issue_token,
    revoke_token,
    end_session,
)
