"""What a measurement found, against its bar; the table and the file they are written to."""

import os
import platform
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

HERE = Path(__file__).parent


class Result(Struct, kw_only=True):
    """One line of the table; without a bar it is told for comparison only."""

    name: str
    engine: str
    ratio: float
    unit: str = "x"
    bar: float | None = None
    better: Literal["more", "less"] = "more"
    raw: dict[str, Any] = {}
    holds: bool | None = None

    def __post_init__(self) -> None:
        """Compare with the bar."""
        if self.bar is not None:
            more = self.better == "more"
            self.holds = self.ratio >= self.bar if more else self.ratio <= self.bar


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return {
        "cores": os.cpu_count(),
        "processor": model,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def line(result: Result) -> str:
    """Return one line of the table."""
    sign = {"more": "≥", "less": "≤"}[result.better]
    bar = f"{sign} {result.bar:g}" if result.bar is not None else ""
    said = {True: "holds", False: "MISSES", None: ""}[result.holds]
    value = f"{result.ratio:.2f} {result.unit}"
    return f"{result.name:<58} {result.engine:<11} {value:>11} {bar:>8}  {said}"


def write(results: list[Result], *, at: datetime, quick: bool, seconds: float) -> Path:
    """Write the file that `make bench` leaves behind."""
    path = HERE / "results.json"
    said = {
        "at": at,
        "quick": quick,
        "seconds": round(seconds),
        "machine": machine(),
        "results": results,
    }
    path.write_bytes(msgspec.json.format(msgspec.json.encode(said), indent=1) + b"\n")
    return path
