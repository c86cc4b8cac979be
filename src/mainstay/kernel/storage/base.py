"""The interface every engine offers: prepared statements, short reads and units of work."""

from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement

from mainstay.kernel.fields import Codec, Stored, iso

T = TypeVar("T")
Row = Sequence[Any]


class Connection(Protocol):
    """A connection inside one read or one unit of work."""

    engine: "Engine"

    async def fetch(self, sql: str, args: Sequence[Any] = ()) -> Sequence[Row]:
        """Run a statement and return its rows."""
        ...

    async def run(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Run a statement and return how many rows it touched."""
        ...

    async def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for many rows of arguments."""
        ...


_PLAIN = frozenset({int, str, float, bytes})
_NOTHING: dict[str, Any] = {}
Work = Callable[[Connection], Coroutine[Any, Any, T]]


class Prepared:
    """A statement compiled once for one engine: its SQL text, its argument order, its codecs."""

    __slots__ = ("_arguments", "names", "sql")

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        """Compile the statement; values are bound later, as often as needed."""
        compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        self.sql = str(compiled)
        self.names: tuple[str, ...] = tuple(compiled.positiontup or ())  # type: ignore[attr-defined]
        values: dict[str, Any] = compiled.params
        binds = compiled.binds  # type: ignore[attr-defined]
        self._arguments = [
            (name, values.get(name), _encoder(binds.get(name), dialect.name)) for name in self.names
        ]

    def bind(self, values: dict[str, Any] | None = None) -> list[Any]:
        """Return the arguments in the statement's order, in the form this engine stores."""
        find = values.get if values else _NOTHING.get
        return [
            value if (value := find(name, default)) is None or encode is None else encode(value)
            for name, default, encode in self._arguments
        ]


def _encoder(bind: sa.BindParameter[Any] | None, engine: str) -> Codec | None:
    kind = bind.type if bind is not None else None
    if isinstance(kind, Stored):
        return kind.kind.to_db(engine)
    return adapt if engine == "sqlite" else None


def adapt(value: Any) -> Any:
    """Bring a plain Python value into the form SQLite stores, when no field says how."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return int(value)
    return str(value) if isinstance(value, Decimal) else value


class Engine(Protocol):
    """One database: SQLite in this process, or a PostgreSQL server."""

    name: str
    dialect: Dialect
    url: str

    async def open(self) -> None:
        """Connect, or explain why that is not possible."""
        ...

    async def check(self) -> None:
        """Refuse when the database can no longer be reached under its own name."""
        ...

    async def close(self) -> None:
        """Finish what is running and disconnect."""
        ...

    async def read(self, work: Work[T], *, slow: bool = False) -> T:
        """Run a short read; a `slow` one is kept off the event loop."""
        ...

    async def write(self, work: Work[T], *, slow: bool = False) -> T:
        """Run a unit of work in one transaction, again if the database asks for it."""
        ...

    def transaction(self) -> AbstractAsyncContextManager[Connection]:
        """Open a transaction for a caller that holds it over several calls."""
        ...

    def watch(
        self, wake: Callable[[], None], hear: Callable[[str], None] | None = None
    ) -> AbstractAsyncContextManager[None]:
        """Call `wake` when any process may have appended to the log, `hear` with what is said."""
        ...

    async def say(self, text: str) -> None:
        """Say something short to every process that hears; what nobody hears is lost."""
        ...

    def announce(self) -> None:
        """Tell every process that the log has grown."""
        ...

    async def script(self, statements: Sequence[str]) -> None:
        """Run maintenance statements outside any transaction."""
        ...


def prepare(engine: Engine, statement: ClauseElement) -> Prepared:
    """Compile a statement for this engine."""
    return Prepared(statement, engine.dialect)


async def rows(
    connection: Connection, statement: ClauseElement, values: dict[str, Any] | None = None
) -> Sequence[Row]:
    """Compile and run a statement that is not worth keeping."""
    ready = prepare(connection.engine, statement)
    return await connection.fetch(ready.sql, ready.bind(values))


async def execute(
    connection: Connection, statement: ClauseElement, values: dict[str, Any] | None = None
) -> int:
    """Compile and run a statement that returns nothing; give the number of rows it touched."""
    ready = prepare(connection.engine, statement)
    return await connection.run(ready.sql, ready.bind(values))


def drive(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never has to wait, without an event loop.

    On SQLite every statement finishes where it is called, so a whole unit of work is one
    synchronous function. A verb that awaits anything else holds the database for that long;
    it is refused here.
    """
    try:
        work.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    work.close()
    raise RuntimeError(
        "a unit of work awaited something other than its database; "
        "do it before or after, or leave a job with ctx.later()"
    )
