"""Servers and clients as processes of their own: start, wait, look at their cost, stop."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import msgspec

from benchmarks.load import Task
from tests.harness.postgres import free_port

ROOT = Path(__file__).parents[1]
TICK = os.sysconf("SC_CLK_TCK")
START_SECONDS = 60.0


class Failed(RuntimeError):
    """A measurement could not be made; the message says why."""


def tree(pid: int) -> list[int]:
    """Return a process and everything it started."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
                found += tree(int(child))
    return found


class Server:
    """A server on a port of its own."""

    def __init__(self, name: str, command: list[str], env: dict[str, str], log: Path) -> None:
        """Start it; `{port}` in the command becomes its port."""
        self.name, self.port, self.log = name, free_port(), log
        command = [part.replace("{port}", str(self.port)) for part in command]
        self.started = time.perf_counter()
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, **env},
                cwd=ROOT,
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def ready(self, path: str = "/health") -> float:
        """Wait for the first answer below 500 and return how long it took from the start."""
        while time.perf_counter() - self.started < START_SECONDS:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                if self.get(path)[0] < 500:
                    return time.perf_counter() - self.started
            time.sleep(0.005)
        raise Failed(f"{self.name} did not start: {self.said()}")

    def said(self) -> str:
        """Return the end of what it wrote."""
        return self.log.read_text(errors="replace")[-2000:]

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        """Ask for one page."""
        address = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(address, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read()

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Send one body."""
        address = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(address, data=body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read()

    def cpu(self) -> float:
        """Return the seconds of CPU that its processes have used so far."""
        total = 0
        for pid in tree(self.process.pid):
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                total += int(fields[11]) + int(fields[12])
        return total / TICK

    def memory(self) -> float:
        """Return the resident memory of its processes in MiB."""
        total = 0
        for pid in tree(self.process.pid):
            with contextlib.suppress(OSError):
                status = Path(f"/proc/{pid}/status").read_text()
                total += int(status.partition("VmRSS:")[2].split()[0])
        return total / 1024

    def stop(self) -> None:
        """End it, gently first."""
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            for pid in tree(self.process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()


class Lines:
    """A client process that answers each line of JSON with one."""

    def __init__(self, module: str) -> None:
        """Start `python -m module`."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, task: Any) -> dict[str, Any]:
        """Give it a task and wait for what it saw."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(msgspec.json.encode(task).decode() + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        found = json.loads(line) if line else {"error": "the client ended"}
        if "error" in found:
            raise Failed(found["error"])
        return found

    def close(self) -> None:
        """Let it end."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


@contextmanager
def client(module: str = "benchmarks.load") -> Iterator[Lines]:
    """Run a client for as long as the block."""
    lines = Lines(module)
    try:
        yield lines
    finally:
        lines.close()


def measure(lines: Lines, server: Server, task: Task) -> dict[str, Any]:
    """Drive a server and add what it cost it: CPU microseconds for each answer."""
    before = server.cpu()
    found = lines.ask(task)
    found["cpu_us"] = (server.cpu() - before) / max(found["total"], 1) * 1e6
    refused = {status: n for status, n in found["statuses"].items() if int(status) >= 400}
    if refused:
        raise Failed(f"{server.name} refused {task.kind} {task.paths[0]}: {found['refusal']}")
    return found


def uvicorn(app: str) -> list[str]:
    """Return the command that serves an application factory as every yardstick is served."""
    return [
        sys.executable, "-m", "uvicorn", app, "--factory", "--port", "{port}",
        "--host", "127.0.0.1", "--loop", "uvloop", "--http", "httptools", "--no-access-log",
        "--log-level", "warning", "--timeout-keep-alive", "60",
    ]  # fmt: skip
