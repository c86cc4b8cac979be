"""What the real command costs: its start, and its memory at rest."""

import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.content import Content
from benchmarks.processes import Failed, Server
from benchmarks.ratios import Place
from benchmarks.results import Result

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
    """Measure cold starts and memory at rest."""
    seconds, shown = [], []
    for _ in range(STARTS):
        with served(place, content) as server:
            seconds.append(server.ready())
            status, body = server.get("/sign-in")
            shown.append(time.perf_counter() - server.started)
            if status != 200 or b"<form" not in body:
                raise Failed(f"/sign-in answered {status}")
    yield Result(
        name="cold start of `mainstay serve` to the sign-in page",
        engine=content.engine,
        ratio=round(statistics.median(shown), 2),
        unit="s",
        bar=3.0,
        better="less",
        raw={"health_seconds": seconds, "page_seconds": shown},
    )
    with served(place, content) as server:
        server.ready()
        time.sleep(3)
        idle = server.memory()
    yield Result(
        name="memory at rest, every room loaded",
        engine=content.engine,
        ratio=round(idle, 1),
        unit="MiB",
        bar=150.0,
        better="less",
        raw={"idle_mib": idle},
    )
