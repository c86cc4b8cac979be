"""Requests per second against the yardsticks, measured in turns so that drift cancels out."""

import json
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.content import Content
from benchmarks.load import Task
from benchmarks.processes import Failed, Lines, Server, measure, uvicorn
from benchmarks.results import Result
from mainstay.delivery.gate import csrf_token

LIST = "/api/projects/tasks?status=todo&include=assignee,project"
TASKS = "/api/projects/tasks"


@dataclass(frozen=True)
class Place:
    """Where measurements happen: a folder, a client process, how long each turn lasts."""

    folder: Path
    lines: Lines
    rounds: int
    seconds: float

    @property
    def log(self) -> Path:
        """Return the file that servers write to."""
        return self.folder / "servers.log"


def mainstay(place: Place, content: Content, port_log: str = "") -> Server:
    """Serve Mainstay on a workspace."""
    del port_log
    data = place.folder / "var"
    env = {"MAINSTAY_DATABASE_URL": content.url, "MAINSTAY_DATA_DIR": str(data)}
    return Server("Mainstay", uvicorn("benchmarks.house:app"), env, place.log)


def bare(place: Place, content: Content, commit: str = "group") -> Server:
    """Serve the yardstick on a workspace."""
    env = {"BENCH_DATABASE": content.url, "BARE_COMMIT": commit}
    return Server("bare", uvicorn("benchmarks.bare:app"), env, place.log)


def django(place: Place, content: Content) -> Server:
    """Serve the list from Django REST Framework."""
    command = [
        sys.executable, "-m", "gunicorn", "benchmarks.django_rest:app", "--bind",
        "127.0.0.1:{port}", "--workers", "1", "--worker-class", "gthread", "--threads", "4",
        "--keep-alive", "60", "--no-control-socket", "--log-level", "warning",
    ]  # fmt: skip
    return Server("Django", command, {"BENCH_DATABASE": content.url}, place.log)


@contextmanager
def running(*servers: Server) -> Iterator[None]:
    """Wait until all answer, and stop them in the end."""
    with ExitStack() as stack:
        for server in servers:
            stack.enter_context(server)
        for server in servers:
            server.ready()
        yield


def turns(place: Place, servers: Sequence[Server], tasks: Sequence[Task]) -> list[list[Any]]:
    """Measure the servers one after the other, again and again; return each one's rounds."""
    found: list[list[Any]] = [[] for _ in servers]
    for _ in range(place.rounds):
        for kept, server, task in zip(found, servers, tasks, strict=True):
            task.port, task.seconds = server.port, place.seconds
            kept.append(measure(place.lines, server, task))
    return found


def middle(rounds: list[Any], what: str) -> float:
    """Return the median of one figure."""
    return statistics.median(one[what] for one in rounds)


def told(rounds: list[Any]) -> dict[str, float]:
    """Return a server's figures as they are written down."""
    return {
        "requests_per_second": round(middle(rounds, "rate"), 1),
        "p50_ms": round(middle(rounds, "p50_ms"), 2),
        "p99_ms": round(middle(rounds, "p99_ms"), 2),
        "server_cpu_us": round(middle(rounds, "cpu_us"), 1),
    }


def compared(
    name: str, engine: str, bar: float | None, ours: list[Any], theirs: list[Any]
) -> Result:
    """Return the median of the rounds' own ratios."""
    ratio = statistics.median(a["rate"] / b["rate"] for a, b in zip(ours, theirs, strict=True))
    raw = {"mainstay": told(ours), "yardstick": told(theirs)}
    return Result(name=name, engine=engine, ratio=round(ratio, 3), bar=bar, raw=raw)


def same(servers: Sequence[Server], path: str, headers: dict[str, str]) -> None:
    """Refuse to compare servers whose answers differ."""
    answers = [json.loads(server.get(path, headers)[1]) for server in servers]
    for answer in answers:
        answer.pop("next", None)
    if any(answer != answers[0] for answer in answers[1:]):
        ours, theirs = answers[:2]
        pairs = zip(ours.get("items", [ours]), theirs.get("items", [theirs]), strict=False)
        differing = {
            name for a, b in pairs for name in {*a, *b} if a.get(name, "—") != b.get(name, "—")
        }
        raise Failed(f"the answers to {path} differ in {', '.join(sorted(differing)) or 'length'}")


def reads(place: Place, content: Content) -> Iterator[Result]:
    """Measure the list and one record on the same database."""
    ours, theirs, familiar = mainstay(place, content), bare(place, content), django(place, content)
    records = [f"{TASKS}/{record}" for record in content.task_ids[:160]]
    with running(ours, theirs, familiar):
        same((ours, theirs), LIST, content.cookie)
        same((ours, theirs), records[0], content.cookie)
        tasks = [Task(port=0, paths=[LIST], headers=content.cookie) for _ in range(3)]
        a, b, c = turns(place, (ours, theirs, familiar), tasks)
        yield compared("list of 50, against bare ASGI + SQL", content.engine, 0.7, a, b)
        yield compared("list of 50, against Django REST Framework", content.engine, None, a, c)
        tasks = [Task(port=0, paths=records, headers=content.cookie) for _ in range(2)]
        a, b = turns(place, (ours, theirs), tasks)
        yield compared("get one, against bare ASGI + SQL", content.engine, 0.5, a, b)


def writes(place: Place, own: Content, other: Content) -> Iterator[Result]:
    """Measure creations and changes; each server writes to its own copy of the same content."""
    headers = {**own.cookie, "x-csrf-token": csrf_token(own.tokens[0])}
    bodies = [
        {
            "project_id": project,
            "title": "Splice the spare line of berth #",
            "description": "Before the tide turns.",
            "priority": "high",
            "assignee_id": own.caller,
            "due_date": "2027-03-01",
        }
        for project in own.projects
    ]
    changes: list[dict[str, Any]] = [
        {"title": "Check the mooring again, round #", "priority": "high"},
        {"title": "Check the mooring once more, round #", "priority": "low"},
    ]
    records = [f"{TASKS}/{record}" for record in own.task_ids[:160]]
    ours, theirs = mainstay(place, own), bare(place, other)
    with running(ours, theirs):
        for name, bar, kind, paths, content in (
            ("create with its log row", 0.4, "create", [TASKS], bodies),
            ("update with version check", 0.4, "update", records, changes),
        ):
            tasks = [
                Task(port=0, kind=kind, paths=paths, bodies=content, headers=headers)
                for _ in range(2)
            ]
            a, b = turns(place, (ours, theirs), tasks)
            yield compared(f"{name}, against bare ASGI + SQL", own.engine, bar, a, b)


def alone(place: Place, own: Content, other: Content) -> Iterator[Result]:
    """Measure creations on SQLite against the usual hand-written code: one commit a request."""
    headers = {**own.cookie, "x-csrf-token": csrf_token(own.tokens[0])}
    body = {"project_id": own.projects[0], "title": "Splice line #", "assignee_id": own.caller}
    ours, theirs = mainstay(place, own), bare(place, other, commit="each")
    with running(ours, theirs):
        tasks = [
            Task(port=0, kind="create", paths=[TASKS], bodies=[body], headers=headers)
            for _ in range(2)
        ]
        a, b = turns(place, (ours, theirs), tasks)
        name = "create, against bare that commits each request alone"
        yield compared(name, own.engine, None, a, b)
