"""The real application with one more room, which counts how often it is told of each event."""

import argparse
from pathlib import Path

import uvicorn

from mainstay.app import asgi, modules
from mainstay.delivery.observe import start_logging
from mainstay.kernel.clock import Clock
from mainstay.kernel.context import Context
from mainstay.kernel.module import Module
from mainstay.kernel.registry import Registry
from mainstay.kernel.workspace import Workspace, engine_for
from mainstay.modules.projects.actions.events import TaskCompleted
from mainstay.settings import Settings


async def count(ctx: Context, event: TaskCompleted) -> None:
    """Count a completion in the reaction's own transaction."""
    await ctx.next_number(f"crash:{event.task_id}")


PROBE = Module("probe", "Counts what it is told.", depends=("projects",), on={TaskCompleted: count})


def workspace(url: str, folder: str, *, clock: Clock | None = None) -> Workspace:
    """Return the workspace of the test, not opened yet."""
    settings = Settings(database_url=url, data_dir=folder)
    registry = Registry((*modules(), PROBE))
    return Workspace(registry, engine_for(url), clock=clock, settings=settings)


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--port", required=True, type=int)
    args = parser.parse_args()
    start_logging("error", "json")
    ws = workspace(args.url, str(Path.cwd()))
    uvicorn.run(
        asgi(ws.settings, ws=ws),
        host="127.0.0.1",
        port=args.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
    )


if __name__ == "__main__":
    main()
