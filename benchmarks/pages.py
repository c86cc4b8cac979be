"""What pages cost the server: a table of 50, a board of 200, a record, the palette's answer."""

import os
import re
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from benchmarks.content import Content
from benchmarks.processes import Failed, Server
from benchmarks.ratios import Place
from benchmarks.results import Result
from benchmarks.start import served

TIMES = 100
COMMENTS = 20
WORDS = ("t", "s", "ta", "task", "quay", "TASK-001")
SAID = "The north wall needs **another look**.\n\n- measure\n- compare\n- tell @all"


@dataclass(frozen=True)
class Page:
    """One address, what must be on it, and the CPU it may cost in milliseconds."""

    name: str
    address: str
    shows: bytes
    least: int
    bar: float


def pages(place: Place, content: Content) -> Iterator[Result]:
    """Measure the whole HTML of each page, as the browser of a member asks for it."""
    with served(place, content) as server:
        server.ready()
        yield from _measured(server, content)


def _measured(server: Server, content: Content) -> Iterator[Result]:
    task = content.task_ids[0]
    _talk(server, content, task)
    board = f"/projects/tasks?view=board&project_id={content.projects[0]}&limit=40"
    wanted = (
        Page("table of 50", "/projects/tasks", rb"<tr[ >]", 50, 15.0),
        Page("board of 200 cards", board, rb"data-record=", 200, 25.0),
        Page("record with 20 comments", f"/projects/tasks/{task}", rb"entry-comments", 20, 10.0),
    )
    for page in wanted:
        yield cost(server, content, page)
    yield palette(server, content)


def _talk(server: Server, content: Content, task: int) -> None:
    """Let the caller say something twenty times."""
    plain = {"content-type": "application/json", "sec-fetch-site": "same-origin"}
    headers = content.cookie | plain
    for number in range(COMMENTS):
        said = {"entity": "projects.task", "record_id": task, "body": f"{number}. {SAID}"}
        status, body = server.post("/api/comments/comments", msgspec.json.encode(said), headers)
        if status != 201:
            raise Failed(f"a comment was answered with {status}: {body[:300]!r}")


def cost(server: Server, content: Content, page: Page) -> Result:
    """Ask for a page a hundred times and divide the CPU that the server used."""
    status, body = server.get(page.address, content.cookie)
    shown = len(re.findall(page.shows, body))
    if status != 200 or shown < page.least:
        raise Failed(f"{page.address} answered {status} and shows {shown} of {page.least}")
    for _ in range(10):
        server.get(page.address, content.cookie)
    before, began = server.cpu(), time.perf_counter()
    for _ in range(TIMES):
        server.get(page.address, content.cookie)
    spent, wall = server.cpu() - before, time.perf_counter() - began
    return Result(
        name=f"page: {page.name}, server CPU",
        engine=content.engine,
        ratio=round(spent / TIMES * 1000, 2),
        unit="ms",
        bar=page.bar,
        better="less",
        raw={
            "cpu_ms": spent / TIMES * 1000,
            "wall_ms": wall / TIMES * 1000,
            "bytes": len(body),
            "shown": shown,
            "tick_ms": 1000 / os.sysconf("SC_CLK_TCK") / TIMES,
        },
    )


def palette(server: Server, content: Content) -> Result:
    """Measure how long the palette's slowest answer takes, over words people begin with."""
    slowest: dict[str, float] = {}
    for word in WORDS:
        taken = []
        for _ in range(12):
            began = time.perf_counter()
            status, body = server.get(f"/palette/records?q={word}", content.cookie)
            taken.append((time.perf_counter() - began) * 1000)
            if status != 200:
                raise Failed(f"/palette answered {status}: {body[:300]!r}")
        slowest[word] = statistics.median(taken)
    return Result(
        name=f"palette: slowest of {len(WORDS)} answers, {content.tasks:,} tasks",
        engine=content.engine,
        ratio=round(max(slowest.values()), 1),
        unit="ms",
        bar=50.0,
        better="less",
        raw={"ms": {word: round(ms, 2) for word, ms in slowest.items()}},
    )
