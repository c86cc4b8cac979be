"""The append-only log of every change: written with the change, read by many, sealed in order."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel.fields import Field
from mainstay.kernel.noun import Noun
from mainstay.kernel.scope import Me
from mainstay.kernel.storage.base import Connection, Engine, Prepared, Row, prepare

HIDDEN = "•••"
OFFSET = sa.bindparam("offset", 0, type_=sa.BigInteger())
CURRENT: sa.ColumnElement[int] = (
    sa.literal_column("pg_current_xact_id()::text::bigint", sa.BigInteger()) + OFFSET
)
HORIZON: sa.ColumnElement[int] = (
    sa.literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", sa.BigInteger())
    + OFFSET
)
COLUMNS = (
    "id",
    "xid",
    "at",
    "actor_id",
    "actor",
    "change_set",
    "entity",
    "record_id",
    "verb",
    "version",
    "before",
    "after",
    "events",
)


class Entry(Struct, kw_only=True):
    """One row of the log: who did what to which record, with what before and after."""

    id: int
    xid: int
    at: datetime
    actor_id: int | None
    actor: str
    change_set: int
    entity: str
    record_id: int
    verb: str
    version: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    events: list[dict[str, Any]] | None

    @property
    def place(self) -> tuple[int, int]:
        """Return where in the settled order this row stands."""
        return (self.xid, self.id)


class Change(Struct):
    """A change that the running unit of work will append when it is done."""

    noun: Noun
    record_id: int
    verb: str
    version: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    events: list[dict[str, Any]]


class Seal(Struct, frozen=True):
    """The chain's state after some rows: where it stands, how many they were, their hash."""

    xid: int = 0
    upto: int = 0
    rows: int = 0
    hash: str = "0" * 64


def masked(item: Field, value: Any) -> Any:
    """Return a value as the log keeps it: secrets and personal data are hidden."""
    if value is None or not (item.kind.secret or item.kind.personal):
        return value
    return HIDDEN


class Log:
    """Appends, reads, seals and verifies the log on one engine."""

    def __init__(self, engine: Engine, table: sa.Table, seals: sa.Table) -> None:
        """Compile the statements once."""
        self.engine, self.table, self.seals = engine, table, seals
        self.offset = 0
        self._decode = [
            kind.from_db(engine.name) if (kind := getattr(table.c[n].type, "kind", None)) else None
            for n in COLUMNS
        ]
        binds = {n: sa.bindparam(n, type_=table.c[n].type) for n in COLUMNS[2:]}
        xid = CURRENT if engine.name == "postgresql" else sa.literal(0)
        self._insert = prepare(engine, sa.insert(table).values(xid=xid, **binds))
        self._after: dict[bool, Prepared] = {
            s: self._compile_after(settled=s) for s in (True, False)
        }

    def _compile_after(self, *, settled: bool) -> Prepared:
        """Compile the read that follows a place; settled rows can no longer get a predecessor."""
        c = self.table.c
        xid = sa.bindparam("xid", type_=sa.BigInteger())
        upto = sa.bindparam("upto", type_=sa.BigInteger())
        chosen = sa.select(*(c[n] for n in COLUMNS))
        if self.engine.name == "postgresql":
            chosen = chosen.where(sa.tuple_(c.xid, c.id) > sa.tuple_(xid, upto))
            chosen = chosen.where(c.xid < HORIZON) if settled else chosen
            chosen = chosen.order_by(c.xid, c.id)
        else:  # SQLite has one writer, so ids are the order, and it seeks by id alone
            chosen = chosen.where(c.id > upto).order_by(c.id)
        return prepare(self.engine, chosen.limit(sa.bindparam("limit", type_=sa.BigInteger())))

    async def append(
        self, connection: Connection, changes: Sequence[Change], me: Me, now: datetime, group: int
    ) -> None:
        """Append the changes of one unit of work, in its own transaction."""
        rows = [
            self._insert.bind(
                {
                    "offset": self.offset,
                    "at": now,
                    "actor_id": me.id,
                    "actor": me.name,
                    "change_set": group,
                    "entity": change.noun.key,
                    "record_id": change.record_id,
                    "verb": change.verb,
                    "version": change.version,
                    "before": change.before,
                    "after": change.after,
                    "events": change.events or None,
                }
            )
            for change in changes
        ]
        if len(rows) == 1:
            await connection.run(self._insert.sql, rows[0])
        elif rows:
            await connection.many(self._insert.sql, rows)

    def entry(self, row: Row) -> Entry:
        """Decode a row."""
        values = [
            value if value is None or decode is None else decode(value)
            for value, decode in zip(row, self._decode, strict=True)
        ]
        return Entry(**dict(zip(COLUMNS, values, strict=True)))

    async def after(
        self, connection: Connection, place: tuple[int, int], limit: int, *, settled: bool = True
    ) -> list[Entry]:
        """Return the rows that follow a place, in an order that never changes afterwards."""
        ready = self._after[settled]
        values = {
            "xid": place[0],
            "upto": place[1],
            "limit": limit,
            "offset": self.offset,
        }
        return [self.entry(row) for row in await connection.fetch(ready.sql, ready.bind(values))]

    async def head(self, connection: Connection) -> tuple[int, int]:
        """Return the place of the last settled row, or the beginning."""
        c = self.table.c
        chosen = sa.select(c.xid, c.id).order_by(c.xid.desc(), c.id.desc()).limit(1)
        if self.engine.name == "postgresql":
            chosen = chosen.where(c.xid < HORIZON)
        ready = prepare(self.engine, chosen)
        found = await connection.fetch(ready.sql, ready.bind({"offset": self.offset}))
        return (found[0][0], found[0][1]) if found else (0, 0)

    async def align(self, connection: Connection) -> None:
        """Keep the order when a dump was restored into a server whose transactions count anew.

        The rows keep the numbers they have; this server's own are counted on from there.
        """
        if self.engine.name != "postgresql":
            return
        name = "SELECT value FROM kernel_setting WHERE name = 'log_offset'"
        known = await connection.fetch(name)
        self.offset = int(known[0][0]) if known else 0
        sql = "SELECT coalesce(max(xid), 0), pg_current_xact_id()::text::bigint FROM kernel_log"
        ((newest, current),) = await connection.fetch(sql)
        if newest < current + self.offset:
            return
        self.offset = newest
        await connection.run(
            "INSERT INTO kernel_setting (name, value) VALUES ('log_offset', $1) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [str(newest)],
        )

    async def where(
        self, connection: Connection, *conditions: sa.ColumnElement[bool], limit: int = 100
    ) -> list[Entry]:
        """Return the newest rows that meet the conditions."""
        c = self.table.c
        chosen = sa.select(*(c[n] for n in COLUMNS)).where(*conditions)
        ready = prepare(self.engine, chosen.order_by(c.id.desc()).limit(limit))
        return [self.entry(row) for row in await connection.fetch(ready.sql, ready.bind())]

    async def history(
        self,
        connection: Connection,
        noun: Noun,
        record_id: int,
        *,
        before: int = 0,
        limit: int = 50,
    ) -> list[Entry]:
        """Return what happened to one record, newest first."""
        c = self.table.c
        conditions = [c.entity == noun.key, c.record_id == record_id]
        if before:
            conditions.append(c.id < before)
        return await self.where(connection, *conditions, limit=limit)

    async def seal(
        self, connection: Connection, now: datetime, *, limit: int = 2000
    ) -> Seal | None:
        """Chain the settled rows since the last seal; return the new seal, if there is one."""
        last = await self.last_seal(connection)
        entries = await self.after(connection, (last.xid, last.upto), limit)
        if not entries:
            return None
        digest = chained(last.hash, entries)
        xid, upto = entries[-1].place
        rows = last.rows + len(entries)
        statement = sa.insert(self.seals).values(at=now, xid=xid, upto=upto, rows=rows, hash=digest)
        ready = prepare(self.engine, statement)
        await connection.run(ready.sql, ready.bind())
        return Seal(xid=xid, upto=upto, rows=rows, hash=digest)

    async def last_seal(self, connection: Connection) -> Seal:
        """Return the newest seal, or the empty one."""
        c = self.seals.c
        chosen = sa.select(c.xid, c.upto, c.rows, c.hash).order_by(c.id.desc()).limit(1)
        ready = prepare(self.engine, chosen)
        found = await connection.fetch(ready.sql, ready.bind())
        return Seal(*found[0]) if found else Seal()

    async def verify(self, connection: Connection, anchor: Seal | None) -> list[str]:
        """Return every place where the log does not match its seals; none means it is whole.

        `anchor` is the last seal as it was noted outside the database; with it a cut tail and a
        chain that was computed anew are found too.
        """
        c = self.seals.c
        chosen = sa.select(c.xid, c.upto, c.rows, c.hash, c.at, c.summary).order_by(c.id)
        ready = prepare(self.engine, chosen)
        faults: list[str] = []
        last = Seal()
        known = set()
        for row in await connection.fetch(ready.sql, ready.bind()):
            seal = Seal(*row[:4])
            if row[5] is None:
                faults += await self._verify_range(connection, last, seal, str(row[4]))
            known.add(seal.hash)
            last = seal
        if anchor and anchor.rows and anchor.hash not in known:
            faults.append(
                f"the seal noted outside the database ({anchor.rows} rows) is missing: "
                "the end of the log was cut off or its chain was computed anew"
            )
        return faults

    async def _verify_range(
        self, connection: Connection, last: Seal, seal: Seal, at: str
    ) -> list[str]:
        wanted = seal.rows - last.rows
        entries = [
            entry
            for entry in await self.after(connection, (last.xid, last.upto), wanted + 1)
            if entry.place <= (seal.xid, seal.upto)
        ]
        where = f"rows {last.rows + 1} to {seal.rows} (sealed {at})"
        if len(entries) != wanted:
            return [f"{where}: {wanted} rows were sealed, {len(entries)} are there"]
        if chained(last.hash, entries) != seal.hash:
            return [f"{where}: the content differs from what was sealed"]
        return []

    async def purge(self, connection: Connection, before: datetime, now: datetime) -> int:
        """Delete sealed rows older than an instant; each seal keeps a summary of what it held."""
        c, s = self.table.c, self.seals.c
        chosen = sa.select(s.id, s.xid, s.upto).where(s.at < before, s.summary.is_(None))
        ready = prepare(self.engine, chosen.order_by(s.id))
        start, purged = (0, 0), 0
        for seal_id, xid, upto in await connection.fetch(ready.sql, ready.bind()):
            inside = sa.and_(
                sa.tuple_(c.xid, c.id) > sa.tuple_(*start),
                sa.tuple_(c.xid, c.id) <= sa.tuple_(xid, upto),
            )
            count = prepare(
                self.engine, sa.select(c.entity, sa.func.count()).where(inside).group_by(c.entity)
            )
            held = {row[0]: row[1] for row in await connection.fetch(count.sql, count.bind())}
            gone = prepare(self.engine, sa.delete(self.table).where(inside))
            purged += await connection.run(gone.sql, gone.bind())
            note = {"purged_at": now.isoformat(), "rows": held}
            kept = prepare(
                self.engine, sa.update(self.seals).where(s.id == seal_id).values(summary=note)
            )
            await connection.run(kept.sql, kept.bind())
            start = (xid, upto)
        return purged


def chained(start: str, entries: Iterable[Entry]) -> str:
    """Return the SHA-256 chain over the rows, from the hash it starts with."""
    digest = start
    for entry in entries:
        content = msgspec.json.encode(msgspec.structs.astuple(entry), order="sorted")
        digest = hashlib.sha256(digest.encode() + content).hexdigest()
    return digest
