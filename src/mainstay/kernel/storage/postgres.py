"""PostgreSQL over asyncpg: a pool without reset queries, and LISTEN/NOTIFY that reconnects."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import Dialect

from mainstay.kernel.problems import Problem, Unavailable
from mainstay.kernel.storage.base import Engine, Row, Work
from mainstay.kernel.storage.errors import LOST, RETRY, lost

T = TypeVar("T")
TRIES = 5
CHANNEL = "mainstay_log"
SAID = "mainstay_said"


class QuietConnection(asyncpg.Connection):
    """A pooled connection that keeps no session state, so nothing has to be reset."""

    def get_reset_query(self) -> str:
        """Return no query: half a request's database time would go into it."""
        return ""


class PostgresConnection:
    """A connection inside one read or one transaction."""

    __slots__ = ("engine", "raw")

    def __init__(self, engine: Engine, raw: Any) -> None:
        """Wrap a pooled connection."""
        self.engine = engine
        self.raw = raw

    async def fetch(self, sql: str, args: Sequence[Any] = ()) -> Sequence[Row]:
        """Run a statement and return its rows."""
        return await self.raw.fetch(sql, *args)  # type: ignore[no-any-return]

    async def run(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Run a statement and return how many rows it touched."""
        status = await self.raw.execute(sql, *args)
        return int(status.rpartition(" ")[2]) if status[-1:].isdigit() else 0

    async def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for many rows of arguments, in one round trip."""
        await self.raw.executemany(sql, rows)


class PostgresEngine:
    """A PostgreSQL database, shared by any number of processes."""

    name = "postgresql"

    def __init__(self, url: str, *, size: int = 10) -> None:
        """Name the server; nothing is connected yet."""
        self.url = url
        self.size = size
        self.dialect: Dialect = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
        self._wake: set[Callable[[], None]] = set()
        self._due: asyncio.TimerHandle | None = None
        self._notices: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Connect the pool, or explain why that is not possible."""
        try:
            self.pool = await asyncpg.create_pool(
                self.url,
                min_size=1,
                max_size=self.size,
                connection_class=QuietConnection,
                statement_cache_size=1000,
                max_inactive_connection_lifetime=300,
                timeout=10,
                command_timeout=120,
            )
        except (asyncpg.PostgresError, OSError, asyncpg.InterfaceError, ValueError) as error:
            meaning = lost(error)
            raise Unavailable(
                meaning.detail
                if isinstance(meaning, Problem)
                else f"Cannot use DATABASE_URL: {error}"
            ) from error

    async def check(self) -> None:
        """Refuse when the server cannot be reached."""
        await self.read(lambda connection: connection.fetch("SELECT 1"))

    async def close(self) -> None:
        """Wait for running statements and disconnect."""
        if self._due:
            self._due.cancel()
        # A statement that is cut off in the middle would cost its connection.
        await asyncio.gather(*self._notices, return_exceptions=True)
        try:
            await asyncio.wait_for(self.pool.close(), 2)
        except TimeoutError:
            self.pool.terminate()

    async def read(self, work: Work[T], *, slow: bool = False) -> T:
        """Run a read on a pooled connection."""
        del slow
        try:
            async with self.pool.acquire() as raw:
                return await work(PostgresConnection(self, raw))
        except (asyncpg.PostgresError, *LOST) as error:
            raise lost(error) from error

    async def write(self, work: Work[T], *, slow: bool = False) -> T:
        """Run a unit of work in one transaction; run it again after a deadlock."""
        del slow
        for attempt in range(TRIES):
            try:
                async with self.pool.acquire() as raw, raw.transaction():
                    result = await work(PostgresConnection(self, raw))
            except RETRY as error:
                if attempt == TRIES - 1:
                    raise lost(error) from error
                await asyncio.sleep(0.005 * 2**attempt)
            except (asyncpg.PostgresError, *LOST) as error:
                raise lost(error) from error
            else:
                self.announce()
                return result
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PostgresConnection]:
        """Hold one transaction over several calls of one caller."""
        try:
            async with self.pool.acquire() as raw, raw.transaction():
                yield PostgresConnection(self, raw)
        except (asyncpg.PostgresError, *LOST) as error:
            raise lost(error) from error
        self.announce()

    @asynccontextmanager
    async def watch(
        self, wake: Callable[[], None], hear: Callable[[str], None] | None = None
    ) -> AsyncIterator[None]:
        """Wake on every process's commits, and every second in case a notice was lost."""
        self._wake.add(wake)
        done = asyncio.Event()
        listener = asyncio.create_task(self._listen(wake, hear, done))
        try:
            yield
        finally:
            self._wake.discard(wake)
            done.set()
            await asyncio.wait((listener,), timeout=1)
            listener.cancel()

    async def _listen(
        self, wake: Callable[[], None], hear: Callable[[str], None] | None, done: asyncio.Event
    ) -> None:
        """Keep one connection listening; when it dies, open another."""
        while not done.is_set():
            raw = None
            try:
                raw = await asyncpg.connect(self.url, timeout=10)
                await raw.add_listener(CHANNEL, lambda *_: wake())
                if hear is not None:
                    await raw.add_listener(SAID, lambda *said: hear(str(said[-1])))
                while not raw.is_closed() and not done.is_set():
                    wake()
                    await _pause(done)
            except (asyncpg.PostgresError, *LOST):
                await _pause(done)
            finally:
                if raw is not None:
                    raw.terminate()

    async def say(self, text: str) -> None:
        """Say something short to every process; while the server is away, nothing is said."""
        with suppress(asyncpg.PostgresError, *LOST):
            async with self.pool.acquire(timeout=1) as raw:
                await raw.execute("SELECT pg_notify($1, $2)", SAID, text)

    def announce(self) -> None:
        """Wake this process now and the others within 20 ms, once for many commits."""
        for wake in tuple(self._wake):
            wake()
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(0.02, self._send)

    def _send(self) -> None:
        self._due = None
        notice = asyncio.create_task(self._notify())
        self._notices.add(notice)
        notice.add_done_callback(self._notices.discard)

    async def _notify(self) -> None:
        """Send one notice; a lost one is made good by the listeners' own poll."""
        with suppress(asyncpg.PostgresError, *LOST):
            async with self.pool.acquire(timeout=1) as raw:
                await raw.execute(f"SELECT pg_notify('{CHANNEL}', '')")

    async def script(self, statements: Sequence[str]) -> None:
        """Run maintenance statements outside any transaction."""
        async with self.pool.acquire() as raw:
            for statement in statements:
                await raw.execute(statement)


async def _pause(done: asyncio.Event) -> None:
    """Wait a second, or less when all is done."""
    with suppress(TimeoutError):
        async with asyncio.timeout(1):
            await done.wait()


def plain_url(url: str) -> str:
    """Return the address in the form the driver reads, without SQLAlchemy's driver suffix."""
    return f"postgresql://{url.partition('://')[2]}"
