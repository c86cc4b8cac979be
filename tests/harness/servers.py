"""A real server on a free port of this machine, in the test's own event loop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import uvicorn


@contextlib.asynccontextmanager
async def running(app: Any) -> AsyncIterator[str]:
    """Serve an ASGI application; yields its address."""
    config = uvicorn.Config(
        app, port=0, log_config=None, access_log=False, timeout_graceful_shutdown=2, loop="none"
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # the test run keeps its own signals
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
        if task.done():
            task.result()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        ws = getattr(app, "ws", None)
        if ws is not None:
            ws.hub.end()
        await task
