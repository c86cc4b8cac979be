"""Where the time of one request goes: the application called in process, timed and profiled.

`python -m benchmarks.profile list` (or get, create, update, page, board) on a SQLite workspace
made for it; `--url` takes another database that `benchmarks.content` has filled.
"""

import argparse
import asyncio
import cProfile
import json
import pstats
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import uvloop

from benchmarks import content
from mainstay.app import asgi
from mainstay.delivery.gate import csrf_token
from mainstay.delivery.observe import start_logging
from mainstay.settings import Settings

# Five columns with cards, forty of each: a board of 200 cards.
BOARD = "view=board"
LIST = "status=todo&include=assignee,project"
TASKS = "/api/projects/tasks"
TOGETHER = 16


class Caller:
    """Calls an ASGI application as a server would, without sockets."""

    def __init__(self, app: Any, token: str) -> None:
        self.app = app
        self.headers = [
            (b"host", b"127.0.0.1"),
            (b"cookie", f"mainstay_session={token}".encode()),
            (b"x-csrf-token", csrf_token(token).encode()),
        ]

    async def __call__(
        self, method: str, path: str, query: str = "", body: bytes = b"", **more: str
    ) -> tuple[int, bytes]:
        """Make one request."""
        headers = [
            *self.headers,
            *((n.replace("_", "-").encode(), v.encode()) for n, v in more.items()),
        ]
        if body:
            headers.append((b"content-type", b"application/json"))
            headers.append((b"content-length", str(len(body)).encode()))
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "root_path": "", "scheme": "http", "headers": headers, "state": {},
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        status, parts = 0, []
        given = False

        async def receive() -> dict[str, Any]:
            nonlocal given
            if given:
                await asyncio.sleep(3600)
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                parts.append(message.get("body", b""))

        await self.app(scope, receive, send)
        return status, b"".join(parts)


async def lifespan(app: Any) -> Callable[[], Any]:
    """Start an application; return what stops it."""
    inbox: asyncio.Queue[Any] = asyncio.Queue()
    outbox: asyncio.Queue[Any] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.create_task(app(scope, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    said = await outbox.get()
    assert said["type"] == "lifespan.startup.complete", said

    async def stop() -> None:
        await inbox.put({"type": "lifespan.shutdown"})
        await task

    return stop


def work(what: str, made: content.Content) -> Callable[[Caller, int], Any]:
    """Return the request to repeat."""
    one = made.task_ids[0]
    new = {"priority": "high", "assignee_id": made.caller, "due_date": "2027-03-01"}
    known: dict[int, str] = {}

    async def create(call: Caller, number: int) -> tuple[int, bytes]:
        project = made.projects[number % len(made.projects)]
        body = new | {"project_id": project, "title": f"Splice line {number}"}
        return await call("POST", TASKS, body=json.dumps(body).encode())

    async def update(call: Caller, number: int) -> tuple[int, bytes]:
        record = made.task_ids[number % 160]
        body = json.dumps({"title": f"Splice line {number}", "priority": "high"}).encode()
        version = known.get(record, '"1"')
        answer = await call("PATCH", f"{TASKS}/{record}", body=body, if_match=version)
        known[record] = f'"{json.loads(answer[1]).get("version", 0)}"'
        return answer

    table: dict[str, Callable[[Caller, int], Any]] = {
        "list": lambda call, _: call("GET", TASKS, LIST),
        "get": lambda call, _: call("GET", f"{TASKS}/{one}"),
        "create": create,
        "update": update,
        "page": lambda call, _: call("GET", "/projects/tasks", "status=todo"),
        "board": lambda call, _: call("GET", "/projects/tasks", BOARD),
    }  # fmt: skip
    return table[what]


async def run(args: argparse.Namespace, made: content.Content, folder: str) -> None:
    """Time the request, then profile it."""
    start_logging("warning", "json")
    app = asgi(Settings(database_url=made.url, data_dir=folder))
    stop = await lifespan(app)
    call, repeat = Caller(app, made.tokens[0]), work(args.what, made)

    async def rounds(start: int) -> None:
        """Make the requests, sixteen at a time, as the load generator does."""
        for number in range(start, start + args.count, TOGETHER):
            some = (repeat(call, number + place) for place in range(TOGETHER))
            for status, body in await asyncio.gather(*some):
                assert status < 400, (status, body[:500])

    await rounds(0)
    cpu, wall = process_time(), perf_counter()
    await rounds(args.count)
    cpu, wall = process_time() - cpu, perf_counter() - wall
    print(f"{args.what}: {cpu / args.count * 1e6:.0f} µs CPU, {wall / args.count * 1e6:.0f} µs")
    profile = cProfile.Profile()
    profile.enable()
    await rounds(args.count * 2)
    profile.disable()
    await stop()
    table = pstats.Stats(profile)
    table.sort_stats(args.sort).print_stats(args.rows)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.add_argument("what", choices=("list", "get", "create", "update", "page", "board"))
    parser.add_argument("--count", type=int, default=1600)
    parser.add_argument("--rows", type=int, default=45)
    parser.add_argument("--sort", default="tottime")
    parser.add_argument("--url", default="")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = content.made(args.url or f"sqlite:///{Path(folder) / 'profile.db'}", 10_000)
        uvloop.run(run(args, made, folder))


if __name__ == "__main__":
    main()
