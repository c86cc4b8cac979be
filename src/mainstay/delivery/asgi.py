"""The web application of a workspace: routes, gate, background work, and an orderly end."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import structlog
from litestar import Litestar, Request
from litestar.datastructures import State

from mainstay.delivery import assets, install, observe, openapi, pages, placing, realtime, rest
from mainstay.delivery.gate import Authenticate, Gate, Rotate
from mainstay.delivery.lane import Reads
from mainstay.delivery.observe import Metrics
from mainstay.delivery.offers import arrive
from mainstay.delivery.pack import Packed
from mainstay.delivery.problems import answer
from mainstay.delivery.render import Renderer
from mainstay.kernel.problems import Problem
from mainstay.kernel.workspace import Workspace

PATIENCE = 2.0
DATA = (*observe.ROUTES, *realtime.ROUTES, *openapi.ROUTES, *rest.ROUTES, *placing.ROUTES)
SHOWN = (*pages.ROUTES, *install.ROUTES, *assets.ROUTES)
log = structlog.get_logger("server")


def build(
    ws: Workspace,
    authenticate: Authenticate,
    routes: Sequence[Any] = (),
    *,
    rotate: Rotate | None = None,
    background: bool = True,
    body_limit: int = 2_000_000,
    upload_limit: int = 100_000_000,
) -> Gate:
    """Return the ASGI application of an opened or still closed workspace."""
    metrics = Metrics()
    app = Litestar(
        [*DATA, *routes, *SHOWN],
        before_request=arrive,
        openapi_config=None,
        exception_handlers={Exception: answer},
        state=State({"ws": ws, "renderer": Renderer(ws), "metrics": metrics}),
        lifespan=[lambda _: serving(ws, background=background)],
        request_max_body_size=None,
        logging_config=None,
        debug=False,
    )
    return Gate(
        Packed(Reads(app, ws)),
        ws,
        authenticate,
        metrics,
        rotate=rotate,
        refusal=partial(refuse, app),
        body_limit=body_limit,
        upload_limit=upload_limit,
    )


async def refuse(app: Litestar, scope: Any, send: Any, problem: Problem) -> None:
    """Draw the page of a refusal that was made before any handler was reached."""
    known: Any = {**scope, "litestar_app": app}
    request: Request[Any, Any, Any] = Request(known)
    page: Any = answer(request, problem).to_asgi_response(None, request)

    async def nothing() -> dict[str, Any]:
        """Give no body: it was refused."""
        return {"type": "http.request", "body": b"", "more_body": False}

    await page(request.scope, nothing, send)


@asynccontextmanager
async def serving(ws: Workspace, *, background: bool) -> AsyncIterator[None]:
    """Open the workspace, run its live feed and its jobs, and end them in order."""
    ours = not ws.is_open
    if ours:
        await ws.open()
    await ws.hub.start()
    tasks = [asyncio.create_task(ws.hub.run())]
    if background:
        tasks.append(asyncio.create_task(work(ws)))
    try:
        yield
    finally:
        ws.hub.end()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=PATIENCE)
        if ours:
            await ws.close()


async def work(ws: Workspace) -> None:
    """Let readers and jobs take their turns whenever the log has grown, and once a second."""
    wake = asyncio.Event()
    async with ws.engine.watch(wake.set):
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await wake.wait()
            wake.clear()
            try:
                while await ws.turn():
                    await asyncio.sleep(0.05)  # requests come first
            except Problem as problem:
                log.warning("background work waits for the database", detail=problem.detail)
                await asyncio.sleep(2)
            except Exception:
                log.exception("background work failed; it goes on with the next turn")
                await asyncio.sleep(2)


__all__ = ["build", "serving", "work"]
