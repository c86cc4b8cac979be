"""Every refusal as a problem document for programs and as a page for people."""

from typing import Any

import msgspec
import structlog
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.response import Response

from mainstay.delivery import words
from mainstay.delivery.refusals import translated
from mainstay.kernel.problems import (
    Conflict,
    Defect,
    Invalid,
    Malformed,
    NotAllowed,
    NotFound,
    Problem,
    SignInNeeded,
    TooLarge,
    Unavailable,
    UnsupportedMedia,
)
from mainstay.kernel.storage.errors import explain

log = structlog.get_logger("problems")
PLAIN: dict[int, type[Problem]] = {
    400: Malformed,
    404: NotFound,
    405: NotAllowed,
    409: Conflict,
    413: TooLarge,
    415: UnsupportedMedia,
    422: Invalid,
}


def meaning(error: Exception) -> Problem:
    """Return the problem behind any exception; a defect of ours is logged with its trace."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        kind = PLAIN.get(error.status_code, Problem)
        detail = "There is nothing at this address." if kind is NotFound else error.detail
        return kind(detail)
    if known := explain(error):
        return known
    log.error("defect", exc_info=error)
    return Defect("This is a defect in Mainstay. It was logged with the request's id.")


def document(
    error: Exception, path: str, locale: str = ""
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Return status, headers and body of the problem document behind any exception.

    It is in English for programs, and in `locale` for a person's own pages that ask for it.
    """
    problem = meaning(error)
    headers = {"content-type": "application/problem+json", **problem.headers}
    if isinstance(problem, SignInNeeded):
        headers["www-authenticate"] = 'Bearer realm="Mainstay"'
    if isinstance(problem, Unavailable):
        headers.setdefault("retry-after", "5")
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    said = problem.document(path)
    if locale:
        words.speak(locale)
        said = translated(said)
    return problem.status, raw, msgspec.json.encode(said)


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer with a problem document under /api, with a page elsewhere."""
    path = request.scope["path"]
    if path.startswith("/api") or path in ("/ready", "/metrics"):
        me = getattr(request.state, "me", None)
        browser = "cookie" in request.headers and "authorization" not in request.headers
        status, raw, body = document(error, path, me.locale if me and browser else "")
        headers = {name.decode(): value.decode() for name, value in raw}
        kind = headers.pop("content-type")
        return Response(body, status_code=status, media_type=kind, headers=headers)
    return request.app.state.renderer.problem(request, meaning(error))  # type: ignore[no-any-return]
