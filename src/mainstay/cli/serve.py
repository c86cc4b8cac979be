"""`mainstay serve` and `mainstay worker`: the processes that people and jobs use."""

import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import rich_click as click

from mainstay.cli import out

if TYPE_CHECKING:
    from mainstay.settings import Settings

GRACE = 2


@click.command()
@click.option("--host", help="The address to listen on.")
@click.option("--port", type=int, help="The port; 0 means any free one.")
@click.option("--workers", type=int, help="How many processes; above 1 only on PostgreSQL.")
@click.option("--no-jobs", is_flag=True, help="Leave jobs to `mainstay worker`.")
@click.option("--demo/--no-demo", default=None, help="Whether an empty database gets the demo.")
@click.pass_obj
def serve(terms: out.Terms, /, no_jobs: bool, demo: bool | None, **said: Any) -> int:
    """Start Mainstay; the first start creates the workspace."""
    settings, sources = terms.traced(**said, run_jobs=False if no_jobs else None)
    listening = bound(settings)
    from mainstay.delivery.observe import start_logging

    settings = _addressed(settings, listening, known="base_url" in sources)
    start_logging(settings.log_level, settings.log_format)
    try:
        link = out.run(ready(settings, demo=demo))
        _serve(settings, listening, link)
    except KeyboardInterrupt:
        pass
    finally:
        listening.close()
    return out.DONE


def bound(settings: "Settings") -> socket.socket:
    """Take the port before anything else, or say who is in the way."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise click.ClickException(_refused(settings, error)) from None
    listening.set_inheritable(True)
    return listening


def _refused(settings: "Settings", error: Exception) -> str:
    number = getattr(error, "errno", 0)
    place = f"{settings.host}:{settings.port}"
    if number == 98 or "in use" in str(error):
        return f"{place} is in use by another program. Stop it, or choose another --port."
    if isinstance(error, PermissionError):
        return f"{place} may not be used by this account. Choose a --port above 1023."
    if isinstance(error, socket.gaierror):
        return f"There is no address {settings.host!r}. Choose another --host."
    return f"{place} cannot be used: {getattr(error, 'strerror', '') or error}."


def _addressed(settings: "Settings", listening: socket.socket, *, known: bool) -> "Settings":
    """Put the port that was really taken into the settings."""
    import msgspec

    port = listening.getsockname()[1]
    if port == settings.port:
        return settings
    url = settings.base_url if known else settings.base_url.rpartition(":")[0] + f":{port}"
    return msgspec.structs.replace(settings, port=port, base_url=url)


async def ready(settings: "Settings", *, demo: bool | None) -> str | None:
    """Create or migrate the workspace where that is needed; return the owner's first link."""
    from mainstay import app
    from mainstay.kernel import migrate
    from mainstay.kernel.problems import Conflict
    from mainstay.modules.identity import api as people

    ws = app.workspace(settings)
    await ws.open()
    try:
        found = await migrate.state(ws.engine)
        wanted = not settings.production if demo is None else demo
        if found == "empty":
            out.note("Creating the workspace" + (" with the demo company." if wanted else "."))
            await migrate.upgrade(ws.engine.url)
            await app.seed(ws)
        elif found == "older" and not settings.production:
            out.note("Bringing the database up to this version.")
            await migrate.upgrade(ws.engine.url)
        await migrate.require_current(ws.engine)
        try:
            link = await people.owner_link(ws, settings.base_url)
        except Conflict:
            # An earlier first start was interrupted before it was done.
            await app.seed(ws)
            link = await people.owner_link(ws, settings.base_url)
        if found == "empty" and wanted:
            # After the owner is there: some of the demo company's work is theirs.
            await app.seed(ws, demo=True)
        return link
    finally:
        await ws.close()


def _announce(settings: "Settings", link: str | None) -> None:
    """Say where the workspace is, and how its owner gets in."""
    out.note(f"Mainstay is at {settings.base_url}")
    if link:
        out.note(f"Sign in for the first time with this link: {link}")
    out.note("Ctrl-C stops it.")


def _serve(settings: "Settings", listening: socket.socket, link: str | None) -> None:
    if settings.workers == 1:
        one(settings, listening, lambda: _announce(settings, link))
        return
    # Who comes before the processes are up waits for them.
    listening.listen(1024)
    _announce(settings, link)
    _several(settings, listening)


def one(
    settings: "Settings", listening: socket.socket, announce: Callable[[], None] | None = None
) -> None:
    """Serve in this process until it is told to stop."""
    import uvicorn

    from mainstay import app
    from mainstay.delivery.observe import start_logging

    start_logging(settings.log_level, settings.log_format)
    ws = app.workspace(settings)

    class Server(uvicorn.Server):
        """A server that says when it is ready, and ends open streams when it is to stop."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            """Say where it is once it answers."""
            await super().startup(sockets)
            if self.started and announce:
                announce()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            """End the streams first: their readers would wait for ever."""
            ws.hub.end()
            await super().shutdown(sockets)

    config = uvicorn.Config(
        app.asgi(settings, ws=ws, background=settings.run_jobs),
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACE,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
    )
    Server(config).run(sockets=[listening])


def _several(settings: "Settings", listening: socket.socket) -> None:
    """Serve in several processes; one that dies is started again."""
    import multiprocessing
    from multiprocessing.connection import wait

    spawn = multiprocessing.get_context("spawn")

    def start() -> Any:
        """Start one."""
        child = spawn.Process(target=_child, args=(settings, listening))
        child.start()
        return child

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    children = [start() for _ in range(settings.workers)]
    try:
        while True:
            wait([child.sentinel for child in children])
            gone = [child for child in children if not child.is_alive()]
            time.sleep(1)
            out.note(f"{len(gone)} of {settings.workers} processes ended and are started again.")
            children = [c for c in children if c.is_alive()] + [start() for _ in gone]
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.join(GRACE + 1)
            child.kill()


def _child(settings: "Settings", listening: socket.socket) -> None:
    """Serve until told to stop, or until the process that started this one is gone."""
    import threading
    from multiprocessing import parent_process

    parent = parent_process()

    def follow() -> None:
        """Stop with the parent, even when it was killed."""
        if parent is not None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, daemon=True).start()
    with suppress(KeyboardInterrupt):
        one(settings, listening)


@click.command()
@click.pass_obj
def worker(terms: out.Terms) -> None:
    """Run jobs and readers of the log, without serving pages."""
    from mainstay.delivery.observe import start_logging

    settings = terms.settings()
    start_logging(settings.log_level, settings.log_format)
    out.run(_work(settings))


async def _work(settings: "Settings") -> None:
    import asyncio

    from mainstay import app
    from mainstay.delivery.asgi import work

    ws = await app.open_workspace(settings)
    running = asyncio.create_task(work(ws))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)
    out.note("Working. Ctrl-C stops it after the job it is at.")
    with suppress(asyncio.CancelledError):
        await running
    await ws.close()
