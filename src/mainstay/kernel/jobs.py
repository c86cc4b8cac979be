"""Work for later: a job is a row with a lease, so a dead worker's jobs go to the next one."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite

from mainstay.kernel.context import Context
from mainstay.kernel.problems import Problem
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.storage.base import Connection, prepare

if TYPE_CHECKING:
    from mainstay.kernel.workspace import Workspace

LEASE = timedelta(seconds=30)
BEAT = 10.0
TRIES = 8
log = structlog.get_logger("jobs")
Outside = Callable[["Workspace", dict[str, Any]], Awaitable[None]]


class Jobs:
    """Puts, takes, finishes and retries jobs on one workspace."""

    def __init__(self, workspace: "Workspace") -> None:
        """Compile the statements once."""
        self.workspace = workspace
        self.table = workspace.registry.metadata.tables["kernel_job"]
        self.handlers: dict[str, Any] = {}
        self.outside: dict[str, Outside] = {}
        self.every: dict[str, int] = {}
        engine, c = workspace.engine, self.table.c
        binds = {
            name: sa.bindparam(name, type_=c[name].type)
            for name in ("kind", "key", "payload", "due_at", "created_at")
        }
        dialect = postgresql if engine.name == "postgresql" else sqlite
        insert = dialect.insert(self.table).values(**binds, attempts=0, state="waiting")
        self._put = prepare(engine, insert.on_conflict_do_nothing(index_elements=["key"]))
        self._take = prepare(engine, self._compile_take())

    def _compile_take(self) -> sa.Update:
        """Compile the lease of the job that has waited longest, or whose worker died."""
        c = self.table.c
        chosen = sa.select(c.id).where(*self._free()).order_by(c.due_at, c.id).limit(1)
        chosen = chosen.with_for_update(skip_locked=True)
        lease = sa.bindparam("lease", type_=c.lease_until.type)
        statement = sa.update(self.table).where(c.id == chosen.scalar_subquery())
        statement = statement.values(state="running", lease_until=lease, attempts=c.attempts + 1)
        return statement.returning(c.id, c.kind, c.payload, c.attempts)

    def _free(self) -> tuple[sa.ColumnElement[bool], ...]:
        """Return the conditions of a job that may be taken now."""
        c = self.table.c
        now = sa.bindparam("now", type_=c.due_at.type)
        dead = sa.and_(c.state == "running", c.lease_until < now)
        return sa.or_(c.state == "waiting", dead), c.due_at <= now

    async def put(
        self,
        connection: Connection,
        kind: str,
        payload: dict[str, Any],
        due: datetime,
        key: str,
        now: datetime,
    ) -> None:
        """Add a job inside a unit of work; a job whose key is already there is not added again."""
        values = {"kind": kind, "key": key or None, "payload": payload, "due_at": due}
        await connection.run(self._put.sql, self._put.bind(values | {"created_at": now}))

    async def run_due(self, *, limit: int = 100) -> int:
        """Run the jobs that are due, one after another; return how many there were."""
        done = 0
        while done < limit and await self._run_one():
            done += 1
        return done

    async def _run_one(self) -> bool:
        now = self.workspace.clock.now()

        async def take(connection: Connection) -> Any:
            """Lease one job."""
            values = {"now": now, "lease": now + LEASE}
            return await connection.fetch(self._take.sql, self._take.bind(values))

        if not await self._any_due(now):
            return False
        found = await self.workspace.engine.write(take)
        if not found:
            return False
        job_id, kind, payload, attempts = found[0]
        beat = asyncio.create_task(self._beat(job_id))
        try:
            await self._handle(job_id, kind, msgspec.json.decode(payload))
        except Exception as error:  # noqa: BLE001 - kept with the job, shown to the administrator
            await self._failed(job_id, kind, attempts, error)
        finally:
            beat.cancel()
        return True

    async def _beat(self, job_id: int) -> None:
        """Renew the lease of a long job, so that only a dead worker's runs out."""
        while True:
            await asyncio.sleep(BEAT)
            until = self.workspace.clock.now() + LEASE

            async def work(connection: Connection, until: datetime = until) -> None:
                """Note that the job is still at hand."""
                await self._set(connection, job_id, lease_until=until)

            with suppress(Problem):
                await self.workspace.engine.write(work)

    async def _any_due(self, now: datetime) -> bool:
        """Look before taking the write lock; nearly always there is nothing."""
        ready = self.workspace.reader.shape(
            "jobs due",
            lambda: prepare(
                self.workspace.engine,
                sa.select(self.table.c.id).where(*self._free()).limit(1),
            ),
        )

        async def look(connection: Connection) -> Any:
            """Return the first due job's id."""
            return await connection.fetch(ready.sql, ready.bind({"now": now}))

        return bool(await self.workspace.engine.read(look))

    async def _handle(self, job_id: int, kind: str, payload: dict[str, Any]) -> None:
        if kind in self.outside:
            await self.outside[kind](self.workspace, payload)

        async def work(ctx: Context) -> None:
            """Run the handler and finish the job in the same transaction."""
            if kind in self.handlers:
                await self.handlers[kind](ctx, payload)
            elif kind not in self.outside:
                raise LookupError(f"no room handles jobs of the kind {kind}")
            await self._set(ctx.connection, job_id, state="done", done_at=ctx.now, error=None)

        await self.workspace.run(SYSTEM, work)

    async def _failed(self, job_id: int, kind: str, attempts: int, error: Exception) -> None:
        """Keep the error and try again later, ever more rarely; give up after eight tries."""
        text = str(error) if isinstance(error, Problem) else traceback.format_exc(limit=5)
        log.warning("job failed", job=job_id, kind=kind, attempts=attempts, error=str(error))
        now = self.workspace.clock.now()
        state = "failed" if attempts >= TRIES else "waiting"
        due = now + timedelta(seconds=min(5 * 3 ** (attempts - 1), 6 * 3600))

        async def work(connection: Connection) -> None:
            """Note the failure."""
            await self._set(connection, job_id, state=state, due_at=due, error=text[-4000:])

        await self.workspace.engine.write(work)

    async def _set(self, connection: Connection, job_id: int, **values: Any) -> None:
        names = tuple(values)

        def compile_it() -> Any:
            """Compile the update of these columns."""
            bound = {n: sa.bindparam(n, type_=self.table.c[n].type) for n in names}
            where = self.table.c.id == sa.bindparam("job", type_=sa.BigInteger())
            return prepare(self.workspace.engine, sa.update(self.table).where(where).values(bound))

        ready = self.workspace.reader.shape(("job set", names), compile_it)
        await connection.run(ready.sql, ready.bind(values | {"job": job_id}))

    async def schedule(self) -> None:
        """Put the present period's recurring jobs; each exists once, however many processes."""
        now = self.workspace.clock.now()

        async def work(connection: Connection) -> None:
            """Put what is not there yet."""
            for kind, seconds in self.every.items():
                slot = int(now.timestamp()) // seconds
                await self.put(connection, kind, {}, now, f"every:{kind}:{slot}", now)

        slots = tuple(int(now.timestamp()) // seconds for seconds in self.every.values())
        if self.every and slots != getattr(self, "_slots", None):
            await self.workspace.engine.write(work)
            self._slots = slots

    async def tidy(self, connection: Connection, before: datetime) -> None:
        """Delete finished jobs older than an instant."""
        c = self.table.c
        ready = prepare(
            self.workspace.engine,
            sa.delete(self.table).where(c.state == "done", c.done_at < before),
        )
        await connection.run(ready.sql, ready.bind())
