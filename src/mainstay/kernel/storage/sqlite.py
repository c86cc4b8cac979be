"""SQLite in this process: reads where they are called, writes in groups that share one commit."""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect

from mainstay.kernel.problems import Problem, Unavailable
from mainstay.kernel.query.days import local_day
from mainstay.kernel.storage.base import Engine, Row, Work, drive
from mainstay.kernel.storage.errors import explain

T = TypeVar("T")
BATCH = 64
PATIENCE = 10.0
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=50",
    "PRAGMA cache_size=-32000",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA journal_size_limit=67108864",
)


def make_folder(path: str) -> None:
    """Make the folder of a database file, if it is not there yet."""
    Path(path).resolve().parent.mkdir(parents=True, exist_ok=True)


def exists(path: str) -> bool:
    """Return whether there is a file at this path."""
    return Path(path).exists()


def inode(path: str) -> int:
    """Return which file a path names."""
    return Path(path).stat().st_ino


def is_same(path: str, known: int) -> bool:
    """Return whether a path still names the file that was opened."""
    try:
        return inode(path) == known
    except OSError:
        return False


class SqliteConnection:
    """A connection whose every statement finishes before it returns."""

    def __init__(self, engine: Engine, raw: sqlite3.Connection) -> None:
        """Wrap a connection of Python's own module."""
        self.engine = engine
        self.raw = raw

    async def fetch(self, sql: str, args: Sequence[Any] = ()) -> Sequence[Row]:
        """Run a statement and return its rows."""
        return self.raw.execute(sql, args).fetchall()

    async def run(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Run a statement and return how many rows it touched."""
        return self.raw.execute(sql, args).rowcount

    async def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for many rows of arguments."""
        self.raw.executemany(sql, rows)


class SqliteEngine:
    """One database file, opened by this process and perhaps by others."""

    name = "sqlite"

    def __init__(self, path: str) -> None:
        """Name the file; nothing is opened yet."""
        self.path = path
        self.url = f"sqlite:///{path}"
        self.dialect: Dialect = SQLiteDialect_pysqlite()
        self._waiting: deque[tuple[Work[Any], bool, asyncio.Future[Any]]] = deque()
        self._flusher: asyncio.Task[None] | None = None
        self._wake: set[Callable[[], None]] = set()
        self._local = threading.local()
        self._side: list[sqlite3.Connection] = []

    def connect(self) -> sqlite3.Connection:
        """Open one more connection with the settings every connection has."""
        raw = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        for pragma in PRAGMAS:
            raw.execute(pragma)
        raw.create_function("local_day", 2, local_day, deterministic=True)
        return raw

    async def open(self) -> None:
        """Open the file, or explain why that is not possible."""
        try:
            make_folder(self.path)
            self._writer = SqliteConnection(self, self.connect())
            self._reader = SqliteConnection(self, self.connect())
        except (sqlite3.Error, OSError) as error:
            problem = explain(error)
            detail = problem.detail if isinstance(error, sqlite3.Error) and problem else str(error)
            raise Unavailable(f"Cannot open {self.path}: {detail}") from error
        self._inode = inode(self.path)
        self._lock = asyncio.Lock()
        self._commits = ThreadPoolExecutor(1, "sqlite-write")
        self._reads = ThreadPoolExecutor(2, "sqlite-read")

    async def check(self) -> None:
        """Refuse when the file was moved, deleted or replaced under the running program."""
        if not is_same(self.path, self._inode):
            raise Unavailable(
                f"The file {self.path} was moved, deleted or replaced while Mainstay runs. "
                "Put it back, or restart."
            )

    async def close(self) -> None:
        """Finish what is queued and close every connection."""
        if self._flusher:
            await self._flusher
        self._commits.shutdown()
        self._reads.shutdown()
        for raw in (*self._side, self._reader.raw, self._writer.raw):
            raw.close()

    async def read(self, work: Work[T], *, slow: bool = False) -> T:
        """Run a read here, or in a thread when it is known to be slow."""
        try:
            if slow:
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._reads, self._read_aside, work)
            return drive(work(self._reader))
        except (sqlite3.Error, OverflowError) as error:
            raise explain(error) or error from error

    def _read_aside(self, work: Work[T]) -> T:
        if not hasattr(self._local, "connection"):
            self._local.connection = SqliteConnection(self, self.connect())
            self._side.append(self._local.connection.raw)
        return drive(work(self._local.connection))

    async def write(self, work: Work[T], *, slow: bool = False) -> T:
        """Queue a unit of work and wait for the commit it shares with those queued beside it."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, slow, done))
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush())
        return await done

    async def _flush(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft()]
            while not batch[0][1] and self._waiting and len(batch) < BATCH:
                if self._waiting[0][1]:
                    break
                batch.append(self._waiting.popleft())
            async with self._lock:
                await self._run_batch(batch)

    async def _run_batch(self, batch: list[tuple[Work[Any], bool, asyncio.Future[Any]]]) -> None:
        loop = asyncio.get_running_loop()
        written = self._writer.raw.total_changes
        try:
            await self._begin()
            if batch[0][1]:
                results = await loop.run_in_executor(self._commits, self._units, batch)
            else:
                results = self._units(batch)
            await loop.run_in_executor(self._commits, self._writer.raw.execute, "COMMIT")
        except BaseException as error:  # noqa: BLE001 - every waiting caller must hear of it
            with suppress(sqlite3.Error):
                self._writer.raw.execute("ROLLBACK")
            results = [error] * len(batch)
        for (_, _, done), result in zip(batch, results, strict=True):
            if done.done():
                continue
            if isinstance(result, BaseException):
                meaning = explain(result)
                done.set_exception(meaning or result)
            else:
                done.set_result(result[0])
        if self._writer.raw.total_changes != written:
            self.announce()

    def _units(self, batch: list[tuple[Work[Any], bool, asyncio.Future[Any]]]) -> list[Any]:
        """Run each unit behind its own savepoint, so that one refusal undoes only itself."""
        raw = self._writer.raw
        results: list[Any] = []
        for work, _, _ in batch:
            raw.execute("SAVEPOINT unit")
            try:
                results.append((drive(work(self._writer)),))
            except (Problem, sqlite3.IntegrityError) as refusal:
                raw.execute("ROLLBACK TO unit")
                results.append(refusal)
            except Exception as defect:
                if not raw.in_transaction:
                    raise
                raw.execute("ROLLBACK TO unit")
                results.append(defect)
            raw.execute("RELEASE unit")
        return results

    async def _begin(self) -> None:
        """Take the write lock; another process may hold it for a while."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + PATIENCE
        while True:
            try:
                self._writer.raw.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or loop.time() > give_up:
                    raise
                await asyncio.sleep(0.01)
            else:
                return

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqliteConnection]:
        """Hold the write lock over several calls of one caller."""
        async with self._lock:
            await self._begin()
            try:
                yield self._writer
                self._writer.raw.execute("COMMIT")
            except BaseException as error:
                if self._writer.raw.in_transaction:
                    self._writer.raw.execute("ROLLBACK")
                raise explain(error) or error from error
        self.announce()

    @asynccontextmanager
    async def watch(
        self, wake: Callable[[], None], hear: Callable[[str], None] | None = None
    ) -> AsyncIterator[None]:
        """Wake on our own commits at once, and on other processes' within half a second."""
        del hear  # one process serves one file, so there is nobody else to hear
        self._wake.add(wake)
        poll = asyncio.create_task(self._poll(wake))
        try:
            yield
        finally:
            self._wake.discard(wake)
            poll.cancel()
            with suppress(asyncio.CancelledError):
                await poll

    async def _poll(self, wake: Callable[[], None]) -> None:
        seen = None
        while True:
            await asyncio.sleep(0.5)
            version = self._reader.raw.execute("PRAGMA data_version").fetchone()
            if version != seen:
                seen = version
                wake()

    async def say(self, text: str) -> None:
        """Say nothing: one process serves one file, and it knows already."""

    def announce(self) -> None:
        """Wake the readers of this process."""
        for wake in tuple(self._wake):
            wake()

    async def script(self, statements: Sequence[str]) -> None:
        """Run maintenance statements outside any transaction."""
        async with self._lock:
            for statement in statements:
                self._writer.raw.execute(statement)
