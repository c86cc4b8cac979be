"""A workspace: one registry on one database, with everything that runs upon it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from mainstay.kernel import migrate, perform
from mainstay.kernel.clock import Clock, SystemClock, today_in
from mainstay.kernel.context import Context
from mainstay.kernel.jobs import Jobs
from mainstay.kernel.live import Hub
from mainstay.kernel.log import Entry, Log
from mainstay.kernel.module import Module, Question
from mainstay.kernel.problems import (
    Conflict,
    Denied,
    Duplicate,
    Invalid,
    Malformed,
    NotFound,
    Problem,
    Unavailable,
    WrongSchema,
)
from mainstay.kernel.query import Ask, Page, Reader, Summary, parse, parse_summary
from mainstay.kernel.readers import LogReader, react, reactions
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import SYSTEM, Me, narrowed, require
from mainstay.kernel.storage.base import Connection, Engine, execute, rows
from mainstay.kernel.storage.postgres import PostgresEngine, plain_url
from mainstay.kernel.storage.sqlite import SqliteEngine

T = TypeVar("T")
Unit = Callable[[Context], Awaitable[T]]


class Rollback(Exception):
    """Carries the result of a dry run past the transaction that it undoes."""

    def __init__(self, result: Any) -> None:
        """Keep the result."""
        super().__init__("dry run")
        self.result = result


def engine_for(url: str) -> Engine:
    """Return the engine of a database address: a path, sqlite:///path, or postgresql://…."""
    if "://" not in url:
        return SqliteEngine(url)
    scheme, _, rest = url.partition("://")
    if scheme.startswith("sqlite"):
        return SqliteEngine(rest.removeprefix("/"))
    if scheme.startswith("postgres"):
        return PostgresEngine(plain_url(url))
    raise Invalid(
        f"Mainstay does not know the database {scheme}. "
        "Use a file name, sqlite:///path/to/file.db or postgresql://user@host/name."
    )


class Workspace:
    """Everything a caller needs: read, write, ask, listen, and leave work for later."""

    def __init__(
        self,
        registry: Registry,
        engine: Engine,
        *,
        clock: Clock | None = None,
        settings: Any = None,
    ) -> None:
        """Join a registry and an engine; `open` connects."""
        self.registry, self.engine = registry, engine
        self.clock: Clock = clock or SystemClock()
        self.settings = settings
        self.is_open = False
        self._learning: set[asyncio.Task[None]] = set()
        tables = registry.metadata.tables
        self.reader = Reader(registry, engine)
        self.log = Log(engine, tables["kernel_log"], tables["kernel_seal"])
        self.jobs = Jobs(self)
        self.hub = Hub(self)
        self.readers: list[LogReader] = [reactions(self)]
        self.jobs.handlers["react"] = react
        for module in registry.modules.values():
            self._install(module)

    def _install(self, module: Module) -> None:
        for kind, run in module.jobs.items():
            outside = getattr(run, "outside", False)
            (self.jobs.outside if outside else self.jobs.handlers)[kind] = run
        self.jobs.every |= module.every

    async def open(self) -> None:
        """Connect to the database."""
        await self.engine.open()
        self.is_open = True
        if await migrate.state(self.engine) == "current":
            await self.engine.write(self.log.align)
            await self.refresh()
            if self._heed not in self.hub.invalidate:
                self.hub.invalidate.append(self._heed)

    async def refresh(self) -> None:
        """Learn anew which fields the workspace adds to its resources."""
        asked = [module.fields for module in self.registry.modules.values() if module.fields]
        found = [item for each in asked for item in await self.look(SYSTEM, each)]
        for noun in self.registry.nouns.values():
            if noun.extensible:
                noun.adopt(item for item in found if item.entity == noun.key)
        self.reader.forget()

    def _heed(self, entry: Entry) -> None:
        """Learn of fields that another process has added."""
        noun = self.registry.nouns.get(entry.entity)
        if noun is not None and noun.module.fields:
            task = asyncio.get_running_loop().create_task(self.refresh())
            self._learning.add(task)
            task.add_done_callback(self._learning.discard)

    async def settled(self) -> None:
        """Wait until everything that this process has heard of is known."""
        await asyncio.gather(*self._learning)

    async def close(self) -> None:
        """Disconnect."""
        self.is_open = False
        await self.settled()
        await self.engine.close()

    async def run(self, me: Me, work: Unit[T], *, dry: bool = False, slow: bool = False) -> T:
        """Run a unit of work in one transaction on behalf of a person."""

        async def unit(connection: Connection) -> T:
            """Run the work, write what it changed, append the log."""
            ctx = Context(self, connection, me)
            result = await work(ctx)
            await ctx.finish()
            if dry:
                raise Rollback(result)
            adds.update(change.noun.key for change in ctx.changes if change.noun.module.fields)
            return result

        adds: set[str] = set()
        try:
            result = await self.engine.write(unit, slow=slow)
        except Rollback as undone:
            return undone.result  # type: ignore[no-any-return]
        if adds:
            await self.refresh()
        return result

    async def look(self, me: Me, work: Unit[T], *, slow: bool = False) -> T:
        """Run something that only reads, outside any transaction."""

        async def unit(connection: Connection) -> T:
            """Give the work a context whose changes would never be written."""
            return await work(Context(self, connection, me))

        return await self.engine.read(unit, slow=slow)

    async def once(
        self, me: Me, key: str, request: str, work: Unit[tuple[int, bytes]], *, slow: bool = False
    ) -> tuple[int, bytes, bool]:
        """Run a unit of work at most once for an idempotency key, and replay its answer.

        Returns status, body and whether it was replayed. Raises Invalid when the key was used
        for another request.
        """
        if not key:
            return (*await self.run(me, work, slow=slow), False)
        if len(key) > 255:
            raise Invalid("Idempotency-Key may have at most 255 characters.")
        table = self.registry.metadata.tables["kernel_reply"]
        actor = f"{me.kind}:{me.id or 0}"

        async def unit(ctx: Context) -> tuple[int, bytes, bool]:
            """Look for the first answer; else claim the key, do the work, keep the answer."""
            c = table.c
            chosen = sa.select(c.request, c.status, c.body).where(c.key == key, c.actor == actor)
            if found := await rows(ctx.connection, chosen):
                if found[0][0] != request:
                    raise Invalid(
                        "This Idempotency-Key was used for another request. Use a new key."
                    )
                return found[0][1], found[0][2].encode(), True
            claim = sa.insert(table).values(
                key=key, actor=actor, request=request, status=0, body="", at=ctx.now
            )
            await execute(ctx.connection, claim)
            status, body = await work(ctx)
            kept = sa.update(table).where(c.key == key, c.actor == actor)
            answer = body if ctx.keep is None else ctx.keep
            await execute(ctx.connection, kept.values(status=status, body=answer.decode()))
            return status, body, False

        try:
            return await self.run(me, unit, slow=slow)
        except Duplicate as refusal:
            if any(error.field in ("key", "actor") for error in refusal.errors):
                return await self.run(me, unit, slow=slow)
            raise

    async def page(self, me: Me, which: Any, params: Any = (), **filters: Any) -> Page:
        """Return one page of records as they go over the wire."""
        noun = self.registry.noun(which)
        require(me, noun.permission("read"))
        pairs = [*(params.items() if isinstance(params, dict) else params), *filters.items()]
        return await self.reader.page(noun, self.ask(me, noun, pairs), me)

    def ask(self, me: Me, noun: Any, pairs: Any) -> Ask:
        """Read query parameters as this person."""
        return parse(self.registry, noun, pairs, me, lambda: today_in(me.zone, self.clock.now()))

    async def summary(self, me: Me, which: Any, params: Any = (), **filters: Any) -> Summary:
        """Return records summed up by group: `by`, `measure` and any conditions."""
        noun = self.registry.noun(which)
        require(me, noun.permission("read"))
        pairs = [*(params.items() if isinstance(params, dict) else params), *filters.items()]
        wanted = parse_summary(
            self.registry, noun, pairs, me, lambda: today_in(me.zone, self.clock.now())
        )
        return await self.reader.summary(noun, wanted, me)

    async def one(self, me: Me, which: Any, record_id: int, params: Any = ()) -> Any:
        """Return one record as it goes over the wire; a hidden one is missing."""
        noun = self.registry.noun(which)
        require(me, noun.permission("read"))
        ask = self.ask(me, noun, params)
        found = None
        if 0 < record_id < 2**63:
            found = await self.reader.one(noun, record_id, ask, me)
        if found is None:
            raise NotFound(f"There is no {noun.title.lower()} {record_id}, or you may not see it.")
        return found

    async def ask_question(self, me: Me, key: str, asked: dict[str, Any]) -> Any:
        """Answer a question of a room."""
        if key not in self.registry.questions:
            known = ", ".join(sorted(self.registry.questions)) or "none"
            raise NotFound(f"There is no question {key}. Known ones are: {known}.")
        _, what = self.registry.questions[key]
        require(me, f"{key}.{what.grant}")
        fields = what.ask.__struct_fields__ if what.ask else ()
        if unknown := [name for name in asked if name not in fields]:
            raise Malformed(
                f"{key} does not ask for {', '.join(unknown)}. "
                f"Known: {', '.join(fields) or 'nothing'}."
            )
        args = [perform.decoded(what.ask, asked)] if what.ask else []

        async def work(ctx: Context) -> Any:
            """Ask it."""
            return await what.run(ctx, *args)

        return await self.look(me, work, slow=what.slow)

    def question(self, which: Question) -> str:
        """Return the key of a question by its declaration."""
        return next(key for key, (_, known) in self.registry.questions.items() if known is which)

    async def undo(self, me: Me, change_set: int) -> perform.Outcome:
        """Take back a change set, as a change set of its own."""

        async def work(ctx: Context) -> perform.Outcome:
            """Find the changes and reverse them."""
            found = await self._entries(ctx.connection, change_set)
            if not found or not self._own(me, found):
                raise NotFound(f"There is no change set {change_set} of yours.")
            await perform.undo(ctx, found)
            await ctx.settle()
            if not ctx.changes:
                raise Conflict("There is nothing left to take back; it was undone already.")
            return perform.Outcome(
                change_set=ctx.change_set, dry_run=False, diff=perform.diff(ctx.changes, me)
            )

        return await self.run(me, work)

    async def _entries(self, connection: Connection, change_set: int) -> list[Entry]:
        c = self.registry.metadata.tables["kernel_log"].c
        return await self.log.where(
            connection, c.change_set == change_set, limit=perform.MOST_BULK * 4
        )

    async def take_back(
        self, me: Me, change_set: int, *, but: str = "", only: Callable[[Entry], bool] | None = None
    ) -> list[str]:
        """Take back what a run wrote as far as that can be done; return why the rest stays.

        Changes are reversed together; where one is refused it is found by halving, and left.
        `but` is the resource that the run keeps its own progress in; `only` chooses the changes.
        """
        written = await self.engine.read(lambda connection: self._entries(connection, change_set))
        chosen = [one for one in written if one.entity != but and (only is None or only(one))]
        return await self._back(me, sorted(chosen, key=lambda one: one.id))

    async def _back(self, me: Me, entries: Sequence[Entry]) -> list[str]:
        if not entries:
            return []
        try:
            await self.run(me, lambda ctx: perform.undo(ctx, entries), slow=True)
        except (Unavailable, WrongSchema):
            raise
        except Problem as problem:
            if len(entries) == 1:
                return [problem.detail]
            middle = len(entries) // 2
            later = await self._back(me, entries[middle:])
            return [*later, *await self._back(me, entries[:middle])]
        return []

    def _own(self, me: Me, entries: Sequence[Any]) -> bool:
        return me.can("kernel.change.undo") or all(entry.actor_id == me.id for entry in entries)

    async def acting(self, kept: Me) -> Me:
        """Return somebody for whom work goes on in the background, with the rights they have now.

        Never more than they had when they began it (with a narrow token, say). Raises Denied when
        they may no longer sign in.
        """
        known = next((m.person for m in self.registry.modules.values() if m.person), None)
        if known is None or kept.id is None:
            return kept
        now: Me | None = await self.look(SYSTEM, lambda ctx: known(ctx, kept.id))
        if now is None:
            raise Denied(f"{kept.name or 'Whoever began this'} may no longer sign in.")
        grants = narrowed(now.grants, kept.grants)
        return msgspec.structs.replace(now, grants=grants, token_id=kept.token_id)

    async def turn(self) -> int:
        """Let every reader and every due job take one turn; tests and workers call this."""
        done = sum([await reader.advance() for reader in self.readers])
        await self.jobs.schedule()
        return done + await self.jobs.run_due()
