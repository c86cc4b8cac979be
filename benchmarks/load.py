"""The load generator: keep-alive connections in a process of their own, as lean as Python allows.

It reads one task a line from standard input, drives a server with it, and writes what it saw as
one line of JSON.
"""

import asyncio
import itertools
import json
import statistics
import sys
from collections import Counter
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import msgspec
import uvloop
from msgspec import Struct

PATIENCE = 30.0


class Task(Struct, kw_only=True):
    """What to send, to whom, over how many connections, for how long."""

    port: int
    kind: str = "get"
    paths: list[str] = []
    bodies: list[dict[str, Any]] = []
    headers: dict[str, str] = {}
    connections: int = 16
    warm: float = 0.5
    seconds: float = 2.0


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Write one request."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Script:
    """What one connection sends next; a script may learn from what it is answered."""

    def __init__(self, task: Task, number: int) -> None:
        mine = task.paths[number :: task.connections] or task.paths
        self.task, self.mine = task, mine

    def requests(self) -> Iterator[bytes]:
        """Yield requests without end."""
        return itertools.cycle([request("GET", path, self.task.headers) for path in self.mine])

    def heard(self, head: bytes) -> None:
        """Take note of an answer's head."""


class Creating(Script):
    """Posts the bodies in turn; a # in a title becomes a number."""

    def requests(self) -> Iterator[bytes]:
        """Yield creations without end."""
        texts = [json.dumps(body) for body in self.task.bodies]
        for number in itertools.count():
            text = texts[number % len(texts)].replace("#", str(number))
            yield request("POST", self.task.paths[0], self.task.headers, text.encode())


class Updating(Script):
    """Patches the records that this connection alone writes, each time with its known version."""

    def __init__(self, task: Task, number: int) -> None:
        super().__init__(task, number)
        self.known: dict[str, str] = {}
        self.asked = ""

    def requests(self) -> Iterator[bytes]:
        """Yield first one reading of each record, then changes without end."""
        for path in self.mine:
            self.asked = path
            yield request("GET", path, self.task.headers)
        texts = [json.dumps(body) for body in self.task.bodies]
        for number, path in enumerate(itertools.cycle(self.mine)):
            self.asked = path
            text = texts[number % len(texts)].replace("#", str(number))
            headers = {**self.task.headers, "if-match": self.known.get(path, "*")}
            yield request("PATCH", path, headers, text.encode())

    def heard(self, head: bytes) -> None:
        """Remember the version that the answer carries."""
        found = head.lower().partition(b"\netag: ")[2]
        if found:
            self.known[self.asked] = found.partition(b"\r")[0].decode()


SCRIPTS: dict[str, type[Script]] = {"get": Script, "create": Creating, "update": Updating}


class Tally:
    """What all connections saw."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.start = perf_counter()
        self.count_from = self.start + task.warm
        self.stop_at = self.count_from + task.seconds
        self.total = 0
        self.spent: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.refusal = ""

    def note(self, status: int, sent: float, now: float, body: bytes) -> None:
        """Count one answer."""
        self.total += 1
        if now >= self.count_from:
            self.spent.append(now - sent)
            self.statuses[status] += 1
        if status >= 400 and not self.refusal:
            self.refusal = body[:400].decode("utf-8", "replace")

    def result(self) -> dict[str, Any]:
        """Return rates and latencies of the counted part."""
        spent = sorted(self.spent)
        seconds = perf_counter() - self.count_from
        return {
            "total": self.total,
            "rate": len(spent) / seconds,
            "p50_ms": statistics.median(spent) * 1000 if spent else None,
            "p99_ms": spent[int(len(spent) * 0.99)] * 1000 if spent else None,
            "statuses": {str(status): count for status, count in self.statuses.items()},
            "refusal": self.refusal,
        }


class Connection(asyncio.Protocol):
    """One connection: sends, waits for the whole answer, sends again."""

    def __init__(self, script: Script, tally: Tally, done: "asyncio.Future[None]") -> None:
        self.script, self.tally, self.done = script, tally, done
        self.requests = script.requests()
        self.buffer = b""
        self.sent = 0.0

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        self.transport = transport
        self.send()

    def send(self) -> None:
        """Send the next request."""
        self.sent = perf_counter()
        self.transport.write(next(self.requests))

    def data_received(self, data: bytes) -> None:
        """Collect an answer; when it is whole, count it and go on."""
        self.buffer = self.buffer + data if self.buffer else data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end]
        size = end + 4 + length(head)
        if len(self.buffer) < size:
            return
        now = perf_counter()
        self.tally.note(int(head[9:12]), self.sent, now, self.buffer[end + 4 :])
        self.script.heard(head)
        self.buffer = b""
        if now >= self.tally.stop_at:
            self.transport.close()
        else:
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        """End; a server that hangs up early is a failure of the measurement."""
        if not self.done.done():
            early = perf_counter() < self.tally.stop_at
            gone = exc or ConnectionError("the server closed a keep-alive connection")
            self.done.set_exception(gone) if early else self.done.set_result(None)


def length(head: bytes) -> int:
    """Return the length of the body that an answer's head announces."""
    head = head.lower()
    place = head.find(b"\ncontent-length:")
    if place < 0:
        raise ValueError(f"the answer has no length: {head[:300]!r}")
    end = head.find(b"\r", place)
    return int(head[place + 16 : end if end >= 0 else None])


async def drive(task: Task) -> dict[str, Any]:
    """Do one task."""
    loop = asyncio.get_running_loop()
    tally = Tally(task)
    waiting = []
    for number in range(task.connections):
        done = loop.create_future()
        script = SCRIPTS[task.kind](task, number)
        await loop.create_connection(
            lambda script=script, done=done: Connection(script, tally, done), "127.0.0.1", task.port
        )
        waiting.append(done)
    await asyncio.wait_for(asyncio.gather(*waiting), task.warm + task.seconds + PATIENCE)
    return tally.result()


def main() -> None:
    """Do every task that comes in, until the input ends."""
    for line in sys.stdin:
        task = msgspec.json.decode(line, type=Task)
        try:
            found = uvloop.run(drive(task))
        except (OSError, TimeoutError, ValueError) as error:
            found = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
