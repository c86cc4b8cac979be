"""What an operator can see: metrics, health, readiness and structured logs."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from litestar import Request, get
from litestar.response import Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from mainstay.kernel import migrate
from mainstay.kernel.problems import Problem
from mainstay.kernel.scope import require

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
HIDDEN = ("password", "token", "secret", "authorization", "cookie", "totp")


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        """Start at nought."""
        self.registry = CollectorRegistry()
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        names = ("method", "route", "status")
        self._requests = Counter(
            "mainstay_requests", "Requests answered", names, registry=self.registry
        )
        self._seconds = Histogram(
            "mainstay_request_seconds",
            "Time to answer",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.streams = Gauge("mainstay_streams", "Open live streams", registry=self.registry)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        known = self._known.get((method, route, status))
        if known is None:
            known = self._known[method, route, status] = (
                self._requests.labels(method, route, str(status)),
                self._seconds.labels(method, route),
            )
        known[0].inc()
        known[1].observe(seconds)

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)


@get("/health", sync_to_thread=False)
def health() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@get("/ready")
async def ready(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
    """Say whether the database can be reached and has the right version."""
    try:
        await request.app.state.ws.engine.check()
        await migrate.require_current(request.app.state.ws.engine)
    except Problem as problem:
        return Response({"status": "not ready", "detail": problem.detail}, status_code=503)
    return Response({"status": "ready"})


@get("/metrics")
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the counters to whoever may read them (`kernel.metrics.read`)."""
    require(request.state.me, "kernel.metrics.read")
    return Response(request.app.state.metrics.text(), media_type="text/plain; version=0.0.4")


def hide(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank every value whose name says that it is a secret."""
    for name in event:
        if any(part in name.lower() for part in HIDDEN):
            event[name] = "•••"
    return event


def start_logging(level: str = "info", style: str = "auto") -> None:
    """Write logs to standard error: lines for people on a terminal, JSON elsewhere."""
    pretty = style == "text" or (style == "auto" and sys.stderr.isatty())
    last: Any = structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hide,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


ROUTES = [health, ready, metrics]
