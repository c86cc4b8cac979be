"""How fast one change reaches everybody who listens, and how many can listen at all."""

import json
import resource
from collections.abc import Iterator

from benchmarks.content import Content
from benchmarks.processes import client
from benchmarks.ratios import Place, mainstay, running
from benchmarks.results import Result
from benchmarks.streams import Live
from mainstay.delivery.gate import csrf_token

SPARE = 200


def live(place: Place, content: Content, crowds: tuple[tuple[int, int], ...]) -> Iterator[Result]:
    """Measure each crowd: how many streams, and how many changes they hear of."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    server = mainstay(place, content)
    headers = {**content.cookie, "x-csrf-token": csrf_token(content.tokens[0])}
    with running(server), client("benchmarks.streams") as lines:
        shared = f"/api/projects/tasks?project_id={content.projects[0]}&limit=1"
        found = json.loads(server.get(shared, content.cookie)[1])
        record = f"/api/projects/tasks/{found['items'][0]['id']}"
        for streams, events in crowds:
            found = lines.ask(
                Live(
                    port=server.port,
                    streams=min(streams, hard - SPARE),
                    tokens=list(content.tokens),
                    record=record,
                    headers=headers,
                    events=events,
                )
            )
            found["server_mib"] = round(server.memory(), 1)
            whole = not found["missing"] and not found["lost"]
            yield Result(
                name=f"live: one change to {found['streams']:,} streams, p99",
                engine=content.engine,
                ratio=found["p99_ms"] if whole else float("inf"),
                unit="ms",
                bar=500.0 if streams == 1000 else None,
                better="less",
                raw=found,
            )
            if streams > 1000:
                yield Result(
                    name="live: streams held in one process",
                    engine=content.engine,
                    ratio=float(found["streams"] - found["lost"]),
                    unit="streams",
                    bar=5000.0,
                    raw=found,
                )
