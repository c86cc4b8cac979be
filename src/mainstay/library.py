"""The workspace as a library: typed repositories with the same rules, and no server.

async with mainstay.open("my.db") as ws:
project = await ws[Project].create(name="Harbour")
task = await ws[Task].create(title="Survey the quay", project_id=project.id)
await ws.do(complete, task)
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, Generic, TypeVar, cast

from msgspec import Struct

from mainstay.kernel import migrate, perform
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Entry
from mainstay.kernel.module import Action, Question
from mainstay.kernel.noun import Noun
from mainstay.kernel.perform import Outcome
from mainstay.kernel.problems import Invalid, NotFound
from mainstay.kernel.query.ask import Ask
from mainstay.kernel.scope import SYSTEM, Me, require
from mainstay.kernel.workspace import Workspace

E = TypeVar("E", bound=Entity)
O = TypeVar("O", bound=Entity)  # noqa: E741 - the other record of a relation
T = TypeVar("T")
Unit = Callable[[Context], Awaitable[T]]


class Listing(Struct, Generic[E], kw_only=True):
    """One page of records; `next` is the cursor of the following page."""

    items: list[E]
    next: str | None = None


class Session:
    """What a caller holds: repositories, verbs and questions on behalf of one person."""

    def __init__(self, workspace: Workspace, me: Me, ctx: Context | None = None) -> None:
        """Work on a workspace; with a context, inside its open transaction."""
        self.workspace, self.me, self._ctx = workspace, me, ctx

    def __getitem__(self, entity: type[E]) -> "Repository[E]":
        """Return the repository of one kind of record."""
        return Repository(self, entity)

    async def write(self, work: Unit[T]) -> T:
        """Run a unit of work: a transaction of its own, or a part of the open one."""
        if self._ctx is None:
            return await self.workspace.run(self.me, work)
        result = await work(self._ctx)
        await self._ctx.settle()
        return result

    async def read(self, work: Unit[T]) -> T:
        """Run something that only reads; inside a transaction it sees what that has written."""
        if self._ctx is None:
            return await self.workspace.look(self.me, work)
        return await work(self._ctx)

    async def do(self, verb: Action, record: Entity | int | None = None, **data: Any) -> Any:
        """Run a verb: `await ws.do(complete, task)`."""
        noun = self._noun_of(verb)
        one = record.id if isinstance(record, Entity) else record
        return await self.write(lambda ctx: perform.act(ctx, noun, verb, one, data))

    def _noun_of(self, verb: Action) -> Noun:
        for noun in self.workspace.registry.nouns.values():
            if noun.actions.get(verb.name) is verb:
                return noun
        raise NotFound(f"No resource of this workspace has the verb {verb.name}.")

    async def ask(self, question: Question, **asked: Any) -> Any:
        """Ask a question: `await ws.ask(my_work)`."""
        key = self.workspace.question(question)
        require(self.me, f"{key}.{question.grant}")
        args = [perform.decoded(question.ask, asked)] if question.ask else []

        async def work(ctx: Context) -> Any:
            """Ask it."""
            return await question.run(ctx, *args)

        return await self.read(work)

    async def undo(self, change_set: int) -> Outcome:
        """Take back a change set."""
        return await self.workspace.undo(self.me, change_set)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Session"]:
        """Do several things together or not at all.

        Inside the block use the session it gives; other writers wait for it on SQLite, so keep
        it short.
        """
        if self._ctx is not None:
            raise Invalid("A transaction is open already; use its own session.")
        async with self.workspace.engine.transaction() as connection:
            ctx = Context(self.workspace, connection, self.me)
            yield Session(self.workspace, self.me, ctx)
            await ctx.finish()

    def as_person(self, me: Me) -> "Session":
        """Return a session with another person's rights."""
        return Session(self.workspace, me, self._ctx)


class Repository(Generic[E]):
    """The records of one kind."""

    def __init__(self, session: Session, entity: type[E]) -> None:
        """Name the kind."""
        self._session = session
        self._noun = session.workspace.registry.noun(entity)

    async def create(self, **values: Any) -> E:
        """Create a record; wrong values are refused with every field that is wrong."""
        return await self._written(lambda ctx: perform.create(ctx, self._noun, values))

    async def get(self, record_id: int) -> E:
        """Return one record, or raise NotFound when there is none that may be seen."""
        found = await self.find(id=record_id)
        if found is None:
            raise NotFound(f"There is no {self._noun.title.lower()} {record_id}.")
        return found

    async def find(self, **filters: Any) -> E | None:
        """Return the first record that meets the filters, or None."""
        page = await self.list(limit=1, **filters)
        return page.items[0] if page.items else None

    async def list(self, **asked: Any) -> Listing[E]:
        """Return a page: `list(status="todo", due_date__lt=day, sort="-priority", limit=50)`."""
        self._may_read()

        async def work(ctx: Context) -> Listing[E]:
            """Read through the one door."""
            items, following = await ctx.reader.entities(
                ctx.connection, self._noun, self._asked(ctx, asked), ctx.me
            )
            return Listing(items=items, next=following)  # type: ignore[arg-type]

        return await self._session.read(work)

    async def each(self, **asked: Any) -> AsyncIterator[E]:
        """Yield every record that meets the filters, a page at a time."""
        asked = {"limit": 500, **asked}
        while True:
            page = await self.list(**asked)
            for item in page.items:
                yield item
            if page.next is None:
                return
            asked["cursor"] = page.next

    async def search(self, words: str, **asked: Any) -> "Sequence[E]":
        """Return the records that contain these words."""
        return (await self.list(q=words, **asked)).items

    async def update(self, record: E | int, *, version: int | None = None, **values: Any) -> E:
        """Change fields; given a record, its version is checked, so nobody's change is lost."""
        known = record.version if isinstance(record, Entity) and version is None else version
        return await self._written(
            lambda ctx: perform.update(ctx, self._noun, _id(record), values, known)
        )

    async def delete(self, record: E | int) -> E:
        """Put a record into the bin."""
        return await self._written(lambda ctx: perform.delete(ctx, self._noun, _id(record)))

    async def restore(self, record: E | int) -> E:
        """Take a record out of the bin."""
        return await self._written(lambda ctx: perform.restore(ctx, self._noun, _id(record)))

    async def _written(self, work: Unit[Entity]) -> E:
        return cast("E", await self._session.write(work))

    async def count(self, **filters: Any) -> int:
        """Count the records that meet the filters."""
        self._may_read()

        async def work(ctx: Context) -> int:
            """Count without a cap: a library caller asked for the number."""
            count, _ = await ctx.reader.count_in(
                ctx.connection, self._noun, self._asked(ctx, filters), ctx.me, cap=2**53
            )
            return count

        return await self._session.read(work)

    async def sum(self, field: str, **filters: Any) -> Any:
        """Add up a field over the records that meet the filters; nothing adds up to 0."""
        total = await self._measure("sum", field, filters)
        return total if total is not None else 0

    async def avg(self, field: str, **filters: Any) -> float | Decimal | None:
        """Return the mean of a field over the records that meet the filters, if there are any."""
        return await self._measure("avg", field, filters)  # type: ignore[no-any-return]

    async def _measure(self, how: str, field: str, filters: dict[str, Any]) -> Any:
        self._may_read()
        item = self._noun.columns.get(field)
        if item is None or item.kind.secret or item.kind.widget != "number":
            raise Invalid(f"{field} is not a number of {self._noun.title.lower()}.")
        if item.kind.group:
            require(self._session.me, self._noun.permission(f"read_{item.kind.group}"))

        async def work(ctx: Context) -> Any:
            """Ask the database."""
            return await ctx.reader.aggregate(
                ctx.connection, self._noun, self._asked(ctx, filters), ctx.me, how, field
            )

        return await self._session.read(work)

    async def related(self, record: E | int, other: type[O], **filters: Any) -> Listing[O]:
        """Return the records of another kind that refer to this one."""
        noun = self._session.workspace.registry.noun(other)
        fields = [name for name, kind in noun.refs.items() if kind.target == self._noun.key]
        own = [name for name in fields if not name.endswith("_by")]
        if not own:
            raise Invalid(f"{noun.plural} do not refer to {self._noun.plural.lower()}.")
        return await Repository(self._session, other).list(**{own[0]: _id(record)}, **filters)

    async def history(self, record: E | int, *, limit: int = 50) -> "Sequence[Entry]":
        """Return what happened to a record, newest first."""
        self._may_read()
        await self._session.read(lambda ctx: perform.seen(ctx, self._noun, _id(record)))

        async def work(ctx: Context) -> "Sequence[Entry]":
            """Read the log."""
            return await ctx.workspace.log.history(
                ctx.connection, self._noun, _id(record), limit=limit
            )

        return await self._session.read(work)

    def _asked(self, ctx: Context, asked: dict[str, Any]) -> Ask:
        return ctx.ask(self._noun, asked)

    def _may_read(self) -> None:
        require(self._session.me, self._noun.permission("read"))


def _id(record: Entity | int) -> int:
    return record.id if isinstance(record, Entity) else record


@asynccontextmanager
async def open(  # noqa: A001 - mainstay.open, as one opens a file
    url: str = "mainstay.db", *, me: Me = SYSTEM
) -> AsyncIterator[Session]:
    """Open a workspace: a SQLite file's path, or a postgresql:// address.

    A new database is made ready. Everything runs as the local owner, or as `me`.
    """
    from mainstay.app import seed, workspace
    from mainstay.settings import Settings

    ws = workspace(Settings(database_url=url))
    await ws.open()
    try:
        if await migrate.state(ws.engine) == "empty":
            await migrate.upgrade(ws.engine.url)
            await seed(ws)
        await migrate.require_current(ws.engine)
        yield Session(ws, me)
    finally:
        await ws.close()
