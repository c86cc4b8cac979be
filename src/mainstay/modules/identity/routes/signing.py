"""Pages for people who are not signed in: signing in, forgotten passwords, one-time links."""

from typing import Any

from litestar import Response, get, post

from mainstay.delivery import words
from mainstay.delivery.gate import COOKIE
from mainstay.delivery.render import Toast, redirect
from mainstay.kernel.problems import NotFound, Problem, SignInNeeded, TooMany
from mainstay.modules.identity import api, rules
from mainstay.modules.identity.api import links
from mainstay.modules.identity.routes.cookies import (
    Rq,
    errors_of,
    farewell,
    form_of,
    visit_of,
    welcome,
    ws_of,
)


def draw(request: Rq, name: str, *, status: int = 200, **values: Any) -> Response[Any]:
    """Return one of this room's pages."""
    renderer = request.app.state.renderer
    page: Response[Any] = renderer.page(request, f"identity/{name}.html", status=status, **values)
    return page


@get("/sign-in")
async def sign_in_form(request: Rq) -> Response[Any]:
    """Ask for name and password."""
    target = rules.safe_next(request.query_params.get("next", "/"))
    if request.state.me.kind == "user":
        return redirect(request, target)
    return draw(request, "sign_in", login="", error="", next=target)


@post("/sign-in", status_code=200)
async def sign_in(request: Rq) -> Response[Any]:
    """Check name and password; begin a session, or ask for the second factor."""
    form = await form_of(request)
    login, target = form.get("login", ""), rules.safe_next(form.get("next", "/"))
    visit, device = visit_of(request)
    try:
        _, token = await api.sign_in(
            ws_of(request),
            login,
            form.get("password", ""),
            "",
            visit.address,
            visit.user_agent,
            device,
        )
    except api.SecondStepNeeded as step:
        return draw(request, "second_step", ticket=step.ticket, error="", next=target)
    except (SignInNeeded, TooMany) as refusal:
        known = {"login": login, "error": refusal.detail, "next": target}
        return draw(request, "sign_in", status=refusal.status, **known)
    return welcome(request, redirect(request, target), token, device)


@post("/sign-in/code", status_code=200)
async def second_step(request: Rq) -> Response[Any]:
    """Check the code of the authenticator and begin the session."""
    form = await form_of(request)
    ticket, target = form.get("ticket", ""), rules.safe_next(form.get("next", "/"))
    visit, device = visit_of(request)
    try:
        _, token = await api.second_step(ws_of(request), ticket, form.get("code", ""), visit)
    except (SignInNeeded, TooMany) as refusal:
        known = {"ticket": ticket, "error": refusal.detail, "next": target}
        return draw(request, "second_step", status=refusal.status, **known)
    return welcome(request, redirect(request, target), token, device)


@post("/sign-out", status_code=200)
async def sign_out(request: Rq) -> Response[Any]:
    """End the session."""
    token = request.cookies.get(COOKIE, "")
    if token:
        await api.sign_out(ws_of(request), token)
    return farewell(redirect(request, "/sign-in"))


@get("/forgot")
async def forgot_form(request: Rq) -> Response[Any]:
    """Ask whose password was forgotten."""
    return draw(request, "forgot", sent=False, mail=links.can_mail(ws_of(request)))


@post("/forgot", status_code=200)
async def forgot(request: Rq) -> Response[Any]:
    """Mail a link, if there is such an account; the answer is the same if there is none."""
    form = await form_of(request)
    await api.forgotten(ws_of(request), form.get("login", ""))
    return draw(request, "forgot", sent=True, mail=links.can_mail(ws_of(request)))


@get(["/reset/{token:str}", "/invite/{token:str}"])
async def password_form(request: Rq) -> Response[Any]:
    """Ask for a new password, if the link is still good; looking does not use it up."""
    token = request.path_params["token"]
    try:
        user = await api.peek(ws_of(request), token, "reset", "invite")
    except NotFound as gone:
        return draw(request, "gone", status=404, detail=gone.detail)
    return draw(request, "password", user=user, errors={})


@post(["/reset/{token:str}", "/invite/{token:str}"], status_code=200)
async def choose_password(request: Rq) -> Response[Any]:
    """Set the password; people who were invited are signed in at once."""
    token = request.path_params["token"]
    ws, form = ws_of(request), await form_of(request)
    password = form.get("password", "")
    try:
        user = await api.peek(ws, token, "reset", "invite")
    except NotFound as gone:
        return draw(request, "gone", status=404, detail=gone.detail)
    if password != form.get("again", ""):
        errors = {"again": words.gettext("is not the same password")}
        return draw(request, "password", status=422, user=user, errors=errors)
    invited = user.status == "pending"
    try:
        await api.set_password(ws, token, password)
    except NotFound as gone:
        return draw(request, "gone", status=404, detail=gone.detail)
    except Problem as refusal:
        errors = errors_of(refusal, "password")
        return draw(request, "password", status=refusal.status, user=user, errors=errors)
    if not invited:
        done = Toast(text=words.gettext("Your password is set. Sign in with it."))
        return redirect(request, "/sign-in", done)
    visit, device = visit_of(request)
    _, session = await api.sign_in(
        ws, user.email, password, "", visit.address, visit.user_agent, device
    )
    return welcome(request, redirect(request, "/"), session, device)


@get("/welcome/{token:str}")
async def welcome_form(request: Rq) -> Response[Any]:
    """Show a button; programs that open links beforehand must not use this one up."""
    token = request.path_params["token"]
    try:
        user = await api.peek(ws_of(request), token, "sign_in")
    except NotFound as gone:
        return draw(request, "gone", status=404, detail=gone.detail)
    return draw(request, "welcome", user=user)


@post("/welcome/{token:str}", status_code=200)
async def use_welcome(request: Rq) -> Response[Any]:
    """Use the link up and sign its owner in."""
    token = request.path_params["token"]
    visit, device = visit_of(request)
    try:
        _, session = await api.use_link(ws_of(request), token, visit)
    except NotFound as gone:
        return draw(request, "gone", status=404, detail=gone.detail)
    return welcome(request, redirect(request, "/"), session, device)


ROUTES = (
    sign_in_form,
    sign_in,
    second_step,
    sign_out,
    forgot_form,
    forgot,
    password_form,
    choose_password,
    welcome_form,
    use_welcome,
)
