"""What the real command costs: its start, its memory at rest, a page's CPU."""

import os
import re
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.content import Content
from benchmarks.processes import Failed, Server
from benchmarks.ratios import Place
from benchmarks.results import Result

PAGES = 100
STARTS = 3


def served(place: Place, content: Content) -> Server:
    """Run `mainstay serve` on an existing workspace."""
    command = [str(Path(sys.executable).with_name("mainstay")), "serve", "--port", "{port}"]
    env = {
        "MAINSTAY_DATABASE_URL": content.url,
        "MAINSTAY_DATA_DIR": str(place.folder / "var"),
        "MAINSTAY_LOG_LEVEL": "warning",
    }
    return Server("mainstay serve", command, env, place.log)


def start(place: Place, content: Content) -> Iterator[Result]:
    """Measure cold starts, memory at rest, and a page of 50."""
    seconds, pages = [], []
    for _ in range(STARTS):
        with served(place, content) as server:
            seconds.append(server.ready())
            status, body = server.get("/sign-in")
            pages.append(time.perf_counter() - server.started)
            if status != 200 or b"<form" not in body:
                raise Failed(f"/sign-in answered {status}")
    yield Result(
        name="cold start of `mainstay serve` to the sign-in page",
        engine=content.engine,
        ratio=round(statistics.median(pages), 2),
        unit="s",
        bar=3.0,
        better="less",
        raw={"health_seconds": seconds, "page_seconds": pages},
    )
    with served(place, content) as server:
        server.ready()
        time.sleep(3)
        idle = server.memory()
        yield page(server, content)
        used = server.memory()
    yield Result(
        name="memory at rest, every room loaded",
        engine=content.engine,
        ratio=round(idle, 1),
        unit="MiB",
        bar=150.0,
        better="less",
        raw={"idle_mib": idle, "after_pages_mib": used},
    )


def page(server: Server, content: Content) -> Result:
    """Measure the CPU of the whole HTML of a table of 50."""
    address = "/projects/tasks"
    status, body = server.get(address, content.cookie)
    rows = len(re.findall(rb"<tr[ >]", body))
    if status != 200 or rows < 50:
        raise Failed(f"{address} answered {status} with {rows} rows")
    for _ in range(10):
        server.get(address, content.cookie)
    before, began = server.cpu(), time.perf_counter()
    for _ in range(PAGES):
        server.get(address, content.cookie)
    spent, wall = server.cpu() - before, time.perf_counter() - began
    return Result(
        name="page: full HTML of a table of 50, server CPU",
        engine=content.engine,
        ratio=round(spent / PAGES * 1000, 2),
        unit="ms",
        bar=15.0,
        better="less",
        raw={
            "cpu_ms": spent / PAGES * 1000,
            "wall_ms": wall / PAGES * 1000,
            "bytes": len(body),
            "rows": rows,
            "tick_ms": 1000 / os.sysconf("SC_CLK_TCK") / PAGES,
        },
    )
