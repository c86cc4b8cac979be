"""The listening side of the live measurement: thousands of event streams in one process.

It reads one task from standard input, opens the streams, changes a record several times, and
writes how long each change took to reach each stream, counted from the moment it was sent.
"""

import asyncio
import json
import resource
import sys
from time import perf_counter
from typing import Any

import msgspec
import uvloop
from msgspec import Struct

from benchmarks.load import request

PATIENCE = 10.0


class Live(Struct, kw_only=True):
    """Whom to listen to, as whom, how often to change which record."""

    port: int
    streams: int
    tokens: list[str]
    record: str
    headers: dict[str, str]
    events: int = 20
    pause: float = 0.25


class Count:
    """What all streams have heard of the change that is under way."""

    def __init__(self, streams: int) -> None:
        self.streams, self.connected = streams, 0
        self.all_connected = asyncio.Event()
        self.mark = b"\0"
        self.sent = 0.0
        self.heard: list[float] = []
        self.all_heard = asyncio.Event()
        self.lost = 0

    def connect(self) -> None:
        """Count a stream that has begun."""
        self.connected += 1
        if self.connected == self.streams:
            self.all_connected.set()

    def hear(self) -> None:
        """Count a stream that has heard of the change."""
        self.heard.append(perf_counter() - self.sent)
        if len(self.heard) == self.streams:
            self.all_heard.set()


class Stream(asyncio.Protocol):
    """One open event stream."""

    def __init__(self, count: Count, token: str) -> None:
        self.count, self.token, self.begun = count, token, False

    def connection_made(self, transport: Any) -> None:
        """Ask for the stream."""
        self.transport = transport
        headers = {"cookie": f"mainstay_session={self.token}", "accept": "text/event-stream"}
        transport.write(request("GET", "/api/realtime/stream?topics=projects.task", headers))

    def data_received(self, data: bytes) -> None:
        """Look for the beginning, then for the change under way."""
        if not self.begun and b"event: connected" in data:
            self.begun = True
            self.count.connect()
        if self.count.mark in data:
            self.count.hear()

    def connection_lost(self, _: Exception | None) -> None:
        """Count a stream that ended before its time."""
        self.count.lost += 1


async def change(task: Live, number: int, version: str) -> str:
    """Change the record; return its new version."""
    reader, writer = await asyncio.open_connection("127.0.0.1", task.port)
    body = json.dumps({"title": f"Berth inspection {number}"}).encode()
    headers = {**task.headers, "if-match": version, "connection": "close"}
    method = "PATCH" if version else "GET"
    if not version:
        headers.pop("if-match")
    writer.write(request(method, task.record, headers, body if version else b""))
    answer = await reader.read()
    writer.close()
    if not answer.startswith(b"HTTP/1.1 200"):
        raise ValueError(answer[:500].decode("utf-8", "replace"))
    head = answer.partition(b"\r\n\r\n")[0].lower()
    return head.partition(b"\netag: ")[2].partition(b"\r")[0].decode()


async def open_all(task: Live, count: Count) -> list[Any]:
    """Open every stream, a hundred at a time."""
    loop = asyncio.get_running_loop()
    transports: list[Any] = []
    for start in range(0, task.streams, 100):
        some = range(start, min(start + 100, task.streams))
        made = await asyncio.gather(
            *(
                loop.create_connection(
                    lambda n=n: Stream(count, task.tokens[n % len(task.tokens)]),
                    "127.0.0.1",
                    task.port,
                )
                for n in some
            )
        )
        transports += [transport for transport, _ in made]
    await asyncio.wait_for(count.all_connected.wait(), PATIENCE)
    return transports


async def listen(task: Live) -> dict[str, Any]:
    """Open the streams, make the changes, and gather when they were heard."""
    count = Count(task.streams)
    began = perf_counter()
    transports = await open_all(task, count)
    opened = perf_counter() - began
    spent: list[float] = []
    missing = 0
    version = await change(task, 0, "")
    for number in range(1, task.events + 1):
        await asyncio.sleep(task.pause)
        count.heard, count.all_heard = [], asyncio.Event()
        following = int(version.strip('"')) + 1
        count.mark = b'"version":%d,' % following
        count.sent = perf_counter()
        version = await change(task, number, version)
        try:
            await asyncio.wait_for(count.all_heard.wait(), PATIENCE)
        except TimeoutError:
            missing += task.streams - len(count.heard)
        spent += count.heard
        if missing:
            break
    lost = count.lost
    for transport in transports:
        transport.abort()
    spent.sort()
    places = {"p50_ms": 0.5, "p99_ms": 0.99, "max_ms": 1.0}
    return {
        "streams": task.streams,
        "open_seconds": round(opened, 2),
        "deliveries": len(spent),
        "missing": missing,
        "lost": lost,
        **{
            n: round(spent[min(int(len(spent) * p), len(spent) - 1)] * 1000, 1)
            for n, p in places.items()
        },
    }


def main() -> None:
    """Do every task that comes in, until the input ends."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for line in sys.stdin:
        try:
            found = uvloop.run(listen(msgspec.json.decode(line, type=Live)))
        except (OSError, TimeoutError, ValueError) as error:
            found = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
