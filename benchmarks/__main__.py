"""`make bench`: measure everything against its bar, print a table, write results.json."""

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import asyncpg

from benchmarks import content, results
from benchmarks.content import Content
from benchmarks.depth import depth
from benchmarks.live import live
from benchmarks.pages import pages
from benchmarks.planning import planning
from benchmarks.processes import Failed, client
from benchmarks.ratios import Place, alone, reads, writes
from benchmarks.results import Result
from benchmarks.start import start
from benchmarks.teamwork import teamwork
from tests.harness.postgres import PostgresServer, Unavailable

PARTS = ("start", "pages", "planning", "teamwork", "reads", "writes", "live", "depth")
SMALL, USUAL, MANY, LARGE, QUICK_LARGE = 1_000, 10_000, 100_000, 1_000_000, 100_000
LISTENERS = 1000


class Sqlite:
    """Makes SQLite workspaces in the benchmark's own folder."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder, self.number = folder, 0

    def make(self, tasks: int, *, everybody_in: int = 0) -> Content:
        """Fill a new database."""
        self.number += 1
        path = self.folder / f"{self.number}.db"
        return content.made(f"sqlite:///{path}", tasks, everybody_in=everybody_in)

    def copy(self, made: Content) -> Content:
        """Copy a database that nobody has open."""
        self.number += 1
        path = self.folder / f"{self.number}.db"
        shutil.copy(made.url.removeprefix("sqlite:///"), path)
        return content.moved(made, f"sqlite:///{path}")


class Postgres:
    """Makes databases on a PostgreSQL server of its own, with every fsync."""

    name = "postgresql"

    def __init__(self, server: PostgresServer) -> None:
        self.server, self.number = server, 0

    def make(self, tasks: int, *, everybody_in: int = 0) -> Content:
        """Fill a new database."""
        self.number += 1
        url = asyncio.run(self.server.create_database(f"bench_{self.number}"))
        made = content.made(url, tasks, everybody_in=everybody_in)
        asyncio.run(content.vacuum(url))
        return made

    def copy(self, made: Content) -> Content:
        """Copy a database that nobody has open."""
        self.number += 1
        name = f"bench_{self.number}"
        template = made.url.rpartition("/")[2]
        url = asyncio.run(self.server.create_database(name, template=template))
        return content.moved(made, url)


Maker = Sqlite | Postgres
Part = Callable[[Place, Maker, bool], Iterator[Result]]


def _start(place: Place, maker: Maker, quick: bool) -> Iterator[Result]:
    yield from start(place, maker.make(USUAL))


def _reads(place: Place, maker: Maker, quick: bool) -> Iterator[Result]:
    yield from reads(place, maker.make(USUAL))


def _writes(place: Place, maker: Maker, quick: bool) -> Iterator[Result]:
    made = maker.make(USUAL)
    yield from writes(place, maker.copy(made), maker.copy(made))
    if maker.name == "sqlite" and not quick:
        yield from alone(place, maker.copy(made), maker.copy(made))


def _pages(place: Place, maker: Maker, quick: bool) -> Iterator[Result]:
    yield from pages(place, maker.make(USUAL if quick else MANY))


def _planning(place: Place, maker: Maker, quick: bool) -> Iterator[Result]:
    yield from planning(place, maker.make(USUAL))


def _teamwork(place: Place, maker: Maker, quick: bool) -> Iterator[Result]:
    yield from teamwork(place, maker.make(USUAL))


def _live(place: Place, maker: Maker, quick: bool) -> Iterator[Result]:
    crowd = (LISTENERS, 10 if quick else 20)
    many = () if quick or maker.name != "sqlite" else ((5000, 5),)
    yield from live(place, maker.make(SMALL, everybody_in=LISTENERS), (crowd, *many))


def _depth(place: Place, maker: Maker, quick: bool) -> Iterator[Result]:
    large = QUICK_LARGE if quick else LARGE
    yield from depth(place, maker.make(SMALL), maker.make(large))


RUN: dict[str, Part] = {
    "start": _start,
    "pages": _pages,
    "planning": _planning,
    "teamwork": _teamwork,
    "reads": _reads,
    "writes": _writes,
    "live": _live,
    "depth": _depth,
}


def measured(args: argparse.Namespace, folder: Path) -> Iterator[Result]:
    """Measure each part on each engine."""
    with ExitStack() as stack:
        lines = stack.enter_context(client())
        rounds, seconds = (2, 1.0) if args.quick else (4, 2.0)
        place = Place(folder, lines, rounds, seconds)
        makers: list[Maker] = []
        if "sqlite" in args.engine:
            makers.append(Sqlite(folder))
        if "postgresql" in args.engine:
            try:
                makers.append(Postgres(stack.enter_context(PostgresServer())))
            except Unavailable as reason:
                print(f"PostgreSQL is left out: {reason}")
        for part in args.only:
            for maker in makers:
                if part == "start" and maker.name != "sqlite":
                    continue
                yield from RUN[part](place, maker, args.quick)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter turns, fewer rows")
    parser.add_argument("--raw", action="store_true", help="print each side's own figures too")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument(
        "--engine", nargs="+", choices=("sqlite", "postgresql"), default=("sqlite", "postgresql")
    )
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("The measurement was stopped."))
    began, at = time.perf_counter(), content.now()
    found: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="mainstay-bench-") as folder:
        try:
            for result in measured(args, Path(folder)):
                found.append(result)
                print(results.line(result), flush=True)
                if args.raw:
                    print(f"    {result.raw}")
        except (Failed, asyncpg.PostgresError) as reason:
            sys.exit(f"The measurement stopped: {reason}")
    seconds = time.perf_counter() - began
    missed = [result.name for result in found if result.holds is False]
    if tuple(args.only) == PARTS and len(args.engine) == 2:
        print(f"written to {results.write(found, at=at, quick=args.quick, seconds=seconds)}")
    print(f"{len(found)} measurements in {seconds:.0f} s, {len(missed)} miss their bar")


if __name__ == "__main__":
    main()
