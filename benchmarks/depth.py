"""The same list in a small and in a large workspace, at the beginning and far down."""

import json
import statistics
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from benchmarks.content import OPEN, Content
from benchmarks.load import Task
from benchmarks.processes import Failed, Server, measure
from benchmarks.ratios import Place, mainstay, running
from benchmarks.results import Result

INCLUDE = "include=assignee,project"
LISTS = (
    ("default order", INCLUDE),
    ("open, by due date", f"status={quote(OPEN, safe='')}&sort=due_date&{INCLUDE}"),
    ("three statuses, newest first", f"status=todo,in_progress,review&{INCLUDE}"),
)
STEP = 1000


def far(server: Server, content: Content, query: str, page: int) -> tuple[str, int]:
    """Walk down in large steps to the cursor of a page; return it with the page it leads to."""
    cursor, at = "", 0
    while at < (page - 1) * 50:
        step = min(STEP, (page - 1) * 50 - at)
        path = f"/api/projects/tasks?{query}&fields=id&limit={step}&cursor={cursor}"
        status, body = server.get(path, content.cookie)
        if status != 200:
            raise Failed(f"page {page} of {query}: {body[:300]!r}")
        following = json.loads(body)["next"]
        if following is None:
            break
        cursor, at = following, at + step
    return cursor, at // 50 + 1


def depth(place: Place, small: Content, large: Content) -> Iterator[Result]:
    """Compare the first page of the small list with the first and the 1,000th of the large one."""
    near, wide = mainstay(place, small), mainstay(place, large)
    with running(near, wide):
        for name, query in LISTS:
            path = f"/api/projects/tasks?{query}"
            cursor, page = far(wide, large, query, 1000)
            tasks = [
                (near, Task(port=near.port, paths=[path], headers=small.cookie)),
                (wide, Task(port=wide.port, paths=[path], headers=large.cookie)),
                (
                    wide,
                    Task(port=wide.port, paths=[f"{path}&cursor={cursor}"], headers=large.cookie),
                ),
            ]
            yield spread(place, name, tasks, large, page)


def spread(
    place: Place, name: str, tasks: list[tuple[Server, Task]], large: Content, page: int
) -> Result:
    """Measure the three in turns; the ratio is the slowest against the fastest."""
    found: list[list[Any]] = [[] for _ in tasks]
    for _ in range(place.rounds):
        for kept, (server, task) in zip(found, tasks, strict=True):
            task.connections, task.warm, task.seconds = 2, 0.3, place.seconds / 2
            kept.append(measure(place.lines, server, task))
    times = [statistics.median(one["p50_ms"] for one in kept) for kept in found]
    size = f"{large.tasks:,}"
    raw = dict(zip(("small_ms", "large_ms", "large_far_ms"), times, strict=True))
    return Result(
        name=f"list at 1,000 and {size}, {name}, page 1 and {page:,}",
        engine=large.engine,
        ratio=round(max(times) / min(times), 3),
        bar=1.5,
        better="less",
        raw={key: round(value, 3) for key, value in raw.items()} | {"far_page": page},
    )
