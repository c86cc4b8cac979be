"""What the handlers of this room share: cookies, forms, and where a request comes from."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response
from litestar.datastructures import Cookie

from mainstay.delivery.gate import COOKIE
from mainstay.kernel.problems import Problem
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity.api import Visit
from mainstay.modules.identity.api.secrets import new_token

DEVICE = "mainstay_device"
DAY = 86_400
# How long the browser offers the cookie; whether the session behind it lives, the server knows.
SESSION_DAYS = 30
DEVICE_DAYS = 180

Rq = Request[Any, Any, Any]


def ws_of(request: Rq) -> Workspace:
    """Return the workspace that answers."""
    found: Workspace = request.app.state.ws
    return found


def visit_of(request: Rq) -> tuple[Visit, str]:
    """Return where a request comes from, and the device's cookie, new when it had none."""
    device = request.cookies.get(DEVICE, "")
    fresh = device if 20 <= len(device) <= 100 else new_token()
    address = request.client.host if request.client else ""
    agent = request.headers.get("user-agent", "")
    return Visit(address=address, user_agent=agent, device=fresh), fresh


def secure(request: Rq) -> bool:
    """Return whether cookies may travel by https only."""
    base = getattr(ws_of(request).settings, "base_url", "") or ""
    return request.url.scheme == "https" or urlsplit(base).scheme == "https"


def welcome(request: Rq, response: Response[Any], token: str, device: str) -> Response[Any]:
    """Give the browser its session, and remember the device."""
    for name, value, days in ((COOKIE, token, SESSION_DAYS), (DEVICE, device, DEVICE_DAYS)):
        response.set_cookie(
            Cookie(
                name,
                value=value,
                path="/",
                max_age=days * DAY,
                httponly=True,
                samesite="lax",
                secure=secure(request),
            )
        )
    return response


def farewell(response: Response[Any]) -> Response[Any]:
    """Take the session away from the browser."""
    response.delete_cookie(COOKIE, path="/")
    return response


async def form_of(request: Rq) -> dict[str, str]:
    """Return the text fields of a form; of a repeated one the last."""
    form = await request.form()
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def errors_of(problem: Problem, field: str = "") -> dict[str, str]:
    """Return a refusal's sentences by field; the whole of it under one name when it names none."""
    found = {error.field: error.message for error in problem.errors}
    return found or {field: problem.detail}
