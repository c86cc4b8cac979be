"""Every refusal as a problem document for programs and as a page for people."""

from typing import Any

import msgspec
import structlog
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.response import Response

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


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer with a problem document under /api, with a page elsewhere."""
    problem = meaning(error)
    path = request.scope["path"]
    if path.startswith("/api") or path in ("/ready", "/metrics"):
        headers = dict(problem.headers)
        if isinstance(problem, SignInNeeded):
            headers["WWW-Authenticate"] = 'Bearer realm="Mainstay"'
        if isinstance(problem, Unavailable):
            headers.setdefault("Retry-After", "5")
        return Response(
            msgspec.json.encode(problem.document(path)),
            status_code=problem.status,
            media_type="application/problem+json",
            headers=headers,
        )
    return request.app.state.renderer.problem(request, problem)  # type: ignore[no-any-return]
