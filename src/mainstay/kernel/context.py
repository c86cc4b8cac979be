"""What a verb works with: who asks, the time, the records it touches, what it leaves behind."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ClauseElement

from mainstay.kernel.clock import today_in
from mainstay.kernel.entity import Entity, Event
from mainstay.kernel.fields import Json, Links
from mainstay.kernel.log import Change, masked
from mainstay.kernel.noun import CUSTOM, Noun
from mainstay.kernel.problems import Denied, FieldError, Invalid, NotFound, Stale
from mainstay.kernel.query.ask import Ask, Filter, parse
from mainstay.kernel.registry import event_name
from mainstay.kernel.scope import Me, me_bind
from mainstay.kernel.storage.base import Connection, Row, execute, prepare, rows

if TYPE_CHECKING:
    from mainstay.kernel.workspace import Workspace

E = TypeVar("E", bound=Entity)
IDS = sa.BigInteger()


class Tracked:
    """A record as it was when it came into the unit of work."""

    __slots__ = ("entity", "noun", "snapshot")

    def __init__(self, noun: Noun, entity: Entity) -> None:
        self.noun, self.entity = noun, entity
        self.snapshot = snapshot(noun, entity)


def snapshot(noun: Noun, entity: Entity) -> tuple[Any, ...]:
    """Return the record's values in a form that later changes to it cannot touch."""
    values: tuple[Any, ...] = noun.values(entity)
    if not noun.mutable:
        return values
    kept = list(values)
    for place in noun.mutable:
        kept[place] = msgspec.json.encode(kept[place])
    return tuple(kept)


class Context:
    """One unit of work (or one read) on behalf of one person."""

    def __init__(self, workspace: "Workspace", connection: Connection, me: Me) -> None:
        """Begin with nothing loaded and nothing changed."""
        self.workspace, self.connection, self.me = workspace, connection, me
        self.registry, self.reader = workspace.registry, workspace.reader
        self.now: datetime = workspace.clock.now()
        self.change_set: int = secrets.randbits(52) + 1
        self.changes: list[Change] = []
        self.verb = ""
        self.undoing = False
        self.keep: bytes | None = None
        self._tracked: dict[tuple[str, int], Tracked] = {}
        self._events: list[tuple[Entity | None, Event]] = []
        self._recheck: list[tuple[Noun, int]] = []
        self._settled = 0

    @property
    def today(self) -> date:
        """Return today's date where this person is."""
        return today_in(self.me.zone, self.now)

    def can(self, permission: str) -> bool:
        """Return whether this person has the permission."""
        return self.me.can(permission)

    def ask(self, noun: Noun, params: dict[str, Any] | Iterable[tuple[str, Any]]) -> Ask:
        """Read query parameters, as a request's query string would be read."""
        pairs = params.items() if isinstance(params, dict) else params
        return parse(self.registry, noun, pairs, self.me, lambda: self.today)

    async def get(
        self, entity: type[E], record_id: int, *, anywhere: bool = False, version: int | None = None
    ) -> E:
        """Return a record to work on; changes to it are written when the verb is done.

        `anywhere` loads it whatever the person may see, for rules that need it.
        """
        noun = self.registry.noun(entity)
        found = await self.load(noun, record_id, anywhere=anywhere)
        if version is not None and found.version != version:
            raise Stale(
                f"This {noun.title.lower()} is at version {found.version} now, "
                f"you sent {version}. Load it again and repeat your change.",
                current=public(noun, found, self.me),
            )
        return found  # type: ignore[return-value]

    async def load(
        self, noun: Noun, record_id: int, *, anywhere: bool = False, deleted: str = "no"
    ) -> Entity:
        """Return a record of any noun, locked against others until the unit of work ends."""
        held = self._tracked.get((noun.key, record_id))
        if held and (deleted == "with" or held.entity.deleted_at is None):
            return held.entity
        if not 0 < record_id < 2**63:
            raise missing(noun, record_id)
        me = msgspec.structs.replace(self.me, grants=frozenset({"*"})) if anywhere else self.me
        wanted = (Filter("id", "", record_id),)
        ask = Ask(filters=wanted, sort=(("id", False),), limit=1, deleted=deleted)
        found, _ = await self.reader.entities(self.connection, noun, ask, me, lock=True)
        if not found:
            raise missing(noun, record_id)
        return self._track(noun, found[0])

    async def find(self, entity: type[E], /, *, anywhere: bool = False, **filters: Any) -> E | None:
        """Return the first record that meets the filters, to work on, or None."""
        found = await self.all(entity, anywhere=anywhere, limit=1, **filters)
        return found[0] if found else None

    async def all(
        self, entity: type[E], /, *, anywhere: bool = False, limit: int = 1000, **filters: Any
    ) -> list[E]:
        """Return the records that meet the filters, to work on."""
        noun = self.registry.noun(entity)
        me = msgspec.structs.replace(self.me, grants=frozenset({"*"})) if anywhere else self.me
        ask = parse(self.registry, noun, filters.items(), me, lambda: self.today)
        ask.limit = limit
        found, _ = await self.reader.entities(self.connection, noun, ask, me)
        return [self._track(noun, item) for item in found]  # type: ignore[misc]

    def held(self, noun: Noun, record_id: int) -> Entity | None:
        """Return a record that is in this unit of work already, or None."""
        found = self._tracked.get((noun.key, record_id))
        return found.entity if found else None

    def _track(self, noun: Noun, entity: Entity) -> Entity:
        held = self._tracked.get((noun.key, entity.id))
        if held:
            return held.entity
        self._tracked[noun.key, entity.id] = Tracked(noun, entity)
        return entity

    async def rows(self, statement: ClauseElement) -> Sequence[Row]:
        """Run a read-only statement of a question, with `me` bound where it is used."""
        return await rows(self.connection, statement, {"me": self.me.id or 0})

    async def create(self, entity: E, *, verb: str = "create") -> E:
        """Write a new record and return it with its id."""
        noun = self.registry.noun(type(entity))
        entity.created_at = entity.updated_at = self.now
        entity.created_by = entity.updated_by = self.me.id
        entity.version = 1
        noun.settle(entity)
        ready = self.reader.shape(("insert", noun.key), lambda: _insert(self, noun))
        values = {n: v for n in noun.columns if n != "id" for v in (getattr(entity, n),)}
        (row,) = await self.connection.fetch(ready.sql, ready.bind(values))
        entity.id = row[0]
        for name in noun.links:
            await self._link(noun, name, entity)
        self._created(noun, entity, verb)
        return entity

    def _created(self, noun: Noun, entity: Entity, verb: str) -> None:
        after = {
            name: masked(item, value)
            for name, item in noun.fields.items()
            if (value := getattr(entity, name)) not in (None, [], {}, "") and name not in UNLOGGED
        }
        self.changes.append(Change(noun, entity.id, verb, 1, None, after, []))
        self._track(noun, entity)
        if noun.resource.scope:
            self._recheck.append((noun, entity.id))

    async def create_many(self, entities: Sequence[Entity], *, verb: str = "create") -> None:
        """Write many new records of one kind in two statements."""
        if not entities:
            return
        noun = self.registry.noun(type(entities[0]))
        first = await self._allocate(noun, len(entities))
        ready = self.reader.shape(("insert many", noun.key), lambda: _insert(self, noun, ids=True))
        batch = []
        for place, entity in enumerate(entities):
            entity.id, entity.version = first[place], 1
            entity.created_at = entity.updated_at = self.now
            entity.created_by = entity.updated_by = self.me.id
            noun.settle(entity)
            batch.append(ready.bind({name: getattr(entity, name) for name in noun.columns}))
        await self.connection.many(ready.sql, batch)
        for entity in entities:
            for name in noun.links:
                await self._link(noun, name, entity)
            self._created(noun, entity, verb)

    async def _allocate(self, noun: Noun, count: int) -> list[int]:
        """Reserve ids for records that are written together."""
        table = noun.table.name
        if self.connection.engine.name == "postgresql":
            sql = f"SELECT nextval('{table}_id_seq') FROM generate_series(1, $1::int)"  # noqa: S608
            return [row[0] for row in await self.connection.fetch(sql, [count])]
        sql = "SELECT seq FROM sqlite_sequence WHERE name = ?"
        found = await self.connection.fetch(sql, [table])
        start = (found[0][0] if found else 0) + 1
        return list(range(start, start + count))

    async def _link(self, noun: Noun, name: str, entity: Entity, *, clear: bool = False) -> None:
        """Write a link field's rows."""
        link, ids = noun.link_tables[name], getattr(entity, name)
        if clear:
            await execute(self.connection, sa.delete(link).where(link.c.owner_id == entity.id))
        if ids:
            ready = self.reader.shape(("link", link.name), lambda: _insert_link(self, link))
            batch = [
                ready.bind({"owner_id": entity.id, "target_id": target, "position": place})
                for place, target in enumerate(ids)
            ]
            await self.connection.many(ready.sql, batch)

    async def delete(self, entity: Entity) -> None:
        """Put a record into the bin."""
        noun = self.registry.noun(type(entity))
        self._track(noun, entity)
        entity.deleted_at, entity.deleted_by = self.now, self.me.id
        await self.save(entity, "delete")

    async def restore(self, entity: Entity) -> None:
        """Take a record out of the bin."""
        entity.deleted_at = entity.deleted_by = None
        await self.save(entity, "restore")

    def emit(self, event: Event, about: Entity | None = None) -> None:
        """Say that something happened in the domain; it is kept with the record's change."""
        self._events.append((about, event))

    async def later(
        self, kind: str, payload: dict[str, Any], *, at: datetime | None = None, key: str = ""
    ) -> None:
        """Leave a job; it exists only if this unit of work is committed."""
        await self.workspace.jobs.put(self.connection, kind, payload, at or self.now, key, self.now)

    async def next_number(self, name: str, *, start: int = 1, count: int = 1) -> int:
        """Return the next number of a counter, without gaps and never twice.

        With `count` above one, that many numbers are taken and the first is returned.
        """
        ready = self.reader.shape("counter", lambda: _counter(self))
        values = {"name": name, "start": start - 1 + count, "step": count}
        (row,) = await self.connection.fetch(ready.sql, ready.bind(values))
        return int(row[0]) - count + 1

    async def raise_number(self, name: str, floor: int) -> None:
        """Make sure that a counter will not hand out numbers up to `floor` any more."""
        ready = self.reader.shape("counter floor", lambda: _counter_floor(self))
        await self.connection.run(ready.sql, ready.bind({"name": name, "floor": floor}))

    async def save(self, entity: Entity, verb: str = "update") -> None:
        """Write what changed in one loaded record now, and note it for the log."""
        held = self._tracked[self.registry.noun(type(entity)).key, entity.id]
        now = snapshot(held.noun, entity)
        if now != held.snapshot:
            await self._write(held, verb, now)

    async def flush(self, verb: str = "", primary: Entity | None = None) -> None:
        """Write what changed in the loaded records, and note it for the log."""
        for held in tuple(self._tracked.values()):
            now = snapshot(held.noun, held.entity)
            if now == held.snapshot:
                continue
            main = primary is None or held.entity is primary
            await self._write(held, verb if main and verb else "update", now)
        for about, event in self._events:
            self._attach(about or primary, verb, event)
        self._events.clear()

    async def _write(self, held: Tracked, verb: str, now: tuple[Any, ...]) -> None:
        noun, entity = held.noun, held.entity
        names = tuple(noun.fields)
        changed = [n for n, a, b in zip(names, held.snapshot, now, strict=True) if a != b]
        before = dict(zip(names, held.snapshot, strict=True))
        noun.settle(entity)
        entity.version = before["version"] + 1
        entity.updated_at, entity.updated_by = self.now, self.me.id
        columns = tuple(n for n in changed if n in noun.columns and n not in UNLOGGED)
        ready = self.reader.shape(
            ("update", noun.key, columns), lambda: _update(self, noun, columns)
        )
        values = {name: getattr(entity, name) for name in (*columns, "updated_at", "updated_by")}
        values |= {"record": entity.id, "known": before["version"]}
        if not await self.connection.run(ready.sql, ready.bind(values)):
            raise Stale(f"This {noun.title.lower()} was changed by somebody else. Load it again.")
        for name in noun.links:
            if name in changed:
                await self._link(noun, name, entity, clear=True)
        logged = [n for n in changed if n not in UNLOGGED]
        self.changes.append(
            Change(
                noun,
                entity.id,
                verb,
                entity.version,
                {n: masked(noun.fields[n], _plain(noun, n, before[n])) for n in logged},
                {n: masked(noun.fields[n], getattr(entity, n)) for n in logged},
                [],
            )
        )
        held.snapshot = snapshot(noun, entity)
        if self.registry.scope_columns[noun.key].intersection(changed):
            self._recheck.append((noun, entity.id))

    def _attach(self, about: Entity | None, verb: str, event: Event) -> None:
        """Put an event on the change of the record it is about."""
        said = {"name": event_name(type(event)), "data": msgspec.to_builtins(event)}
        for change in reversed(self.changes):
            if about is None or (
                change.record_id == about.id and change.noun.entity is type(about)
            ):
                change.events.append(said)
                return
        if about is None:
            raise RuntimeError(f"{said['name']} was emitted without a record that it is about")
        noun = self.registry.noun(type(about))
        self.changes.append(
            Change(noun, about.id, verb or "note", about.version, None, None, [said])
        )

    async def check_refs(self, noun: Noun, values: dict[str, Any]) -> None:
        """Refuse references to records that do not exist, are binned, or may not be seen."""
        wanted = {n: v for n, v in values.items() if n in noun.refs and v is not None}
        linked = {n: v for n, v in values.items() if n in noun.links and v}
        errors = []
        if wanted:
            names = tuple(wanted)
            seen = tuple(self.reader.limits(self._target(noun, n), self.me) for n in names)
            ready = self.reader.shape(
                ("refs", noun.key, names, seen), lambda: _refs(self, noun, names, seen)
            )
            bound = {f"r_{n}": v for n, v in wanted.items()} | {"me": self.me.id or 0}
            (row,) = await self.connection.fetch(ready.sql, ready.bind(bound))
            errors = [n for n, there in zip(names, row, strict=True) if there is None]
        for name, ids in linked.items():
            if await self._missing_links(noun, name, ids):
                errors.append(name)
        if errors:
            raise Invalid(
                f"{', '.join(errors)}: there is no such record, or you may not see it.",
                errors=[FieldError(n, "names a record that is not there") for n in errors],
            )

    def _target(self, noun: Noun, name: str) -> Noun:
        return self.registry.nouns[noun.refs[name].target]

    async def _missing_links(self, noun: Noun, name: str, ids: list[int]) -> bool:
        target = self.registry.nouns[noun.fields[name].kind.target]  # type: ignore[attr-defined]
        ask = self.ask(target, {"id__in": ids})
        count, _ = await self.reader.count_in(self.connection, target, ask, self.me)
        return count != len(set(ids))

    async def settle(self) -> None:
        """Write what changed, let every room act on it, and check that it can still be seen."""
        await self.flush(self.verb)
        while self._settled < len(self.changes):
            fresh, self._settled = self.changes[self._settled :], len(self.changes)
            for noun in dict.fromkeys(change.noun for change in fresh):
                if noun.resource.after:
                    await noun.resource.after(self, [c for c in fresh if c.noun is noun])
            for guard in self.registry.guards:
                await guard(self, fresh)
            await self.flush()
        while self._recheck:
            await self._still_seen(*self._recheck.pop())

    async def _still_seen(self, noun: Noun, record_id: int) -> None:
        if not self.reader.scoped(noun, self.me):
            return
        limits = self.reader.limits(noun, self.me)
        ready = self.reader.shape(("seen", noun.key, limits), partial(_seen, self, noun, limits))
        values = {"record": record_id, "me": self.me.id or 0}
        if not await self.connection.fetch(ready.sql, ready.bind(values)):
            raise Denied(
                f"After this change you could no longer see the {noun.title.lower()}. "
                "Nothing was changed."
            )

    async def finish(self) -> None:
        """End the unit of work: everything is settled, and the log says what was done."""
        await self.settle()
        logged = [change for change in self.changes if change.noun.resource.logged]
        await self.workspace.log.append(self.connection, logged, self.me, self.now, self.change_set)


UNLOGGED = frozenset({"id", "version", "created_at", "updated_at", "created_by", "updated_by"})


def _plain(noun: Noun, name: str, value: Any) -> Any:
    """Undo the snapshot's encoding of documents and links."""
    if isinstance(noun.fields[name].kind, (Json, Links)) and isinstance(value, bytes):
        return msgspec.Raw(value)
    return value


def public(noun: Noun, entity: Entity, me: Me) -> dict[str, Any]:
    """Return a record as its reader may see it: without secrets and ungranted groups."""
    groups = frozenset(g for g in noun.groups if me.can(noun.permission(f"read_{g}")))
    found = {name: getattr(entity, name) for name in noun.wire_names(groups, links=True)}
    if noun.extensible:
        found[CUSTOM] = noun.shown(found[CUSTOM])
    return found


def missing(noun: Noun, record_id: int) -> NotFound:
    """Return the refusal that a hidden record and a missing one share to the byte."""
    return NotFound(f"There is no {noun.title.lower()} {record_id}, or you may not see it.")


def _insert(ctx: Context, noun: Noun, *, ids: bool = False) -> Any:
    names = [n for n in noun.columns if ids or n != "id"]
    values = {n: sa.bindparam(n, type_=noun.table.c[n].type) for n in names}
    statement = sa.insert(noun.table).values(values)
    if ids:
        return prepare(ctx.connection.engine, statement.inline())
    return prepare(ctx.connection.engine, statement.returning(noun.table.c.id))


def _insert_link(ctx: Context, link: sa.Table) -> Any:
    values = {c.name: sa.bindparam(c.name, type_=c.type) for c in link.c}
    return prepare(ctx.connection.engine, sa.insert(link).values(values).inline())


def _update(ctx: Context, noun: Noun, columns: tuple[str, ...]) -> Any:
    c = noun.table.c
    values: dict[str, Any] = {
        n: sa.bindparam(n, type_=c[n].type) for n in (*columns, "updated_at", "updated_by")
    }
    values["version"] = c.version + 1
    statement = sa.update(noun.table).values(values)
    statement = statement.where(
        c.id == sa.bindparam("record", type_=IDS), c.version == sa.bindparam("known", type_=IDS)
    )
    return prepare(ctx.connection.engine, statement)


def _refs(
    ctx: Context, noun: Noun, names: tuple[str, ...], limits: tuple[frozenset[str], ...]
) -> Any:
    picks = []
    for name, part in zip(names, limits, strict=True):
        target = ctx.registry.nouns[noun.refs[name].target]
        other = target.table.alias(f"t_{name}")
        chosen = sa.select(other.c.id).where(
            other.c.id == sa.bindparam(f"r_{name}", type_=IDS), other.c.deleted_at.is_(None)
        )
        scope = None
        if target.key in part:
            scope = ctx.registry.scope_condition(target, me_bind(), other, part)
        chosen = chosen.where(scope) if scope is not None else chosen
        picks.append(chosen.scalar_subquery())
    return prepare(ctx.connection.engine, sa.select(*picks))


def _seen(ctx: Context, noun: Noun, limits: frozenset[str]) -> Any:
    scope = ctx.registry.scope_condition(noun, me_bind(), limits=limits)
    chosen: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(noun.table)
    chosen = chosen.where(noun.table.c.id == sa.bindparam("record", type_=IDS))
    return prepare(ctx.connection.engine, chosen.where(scope) if scope is not None else chosen)


def _counter(ctx: Context) -> Any:
    names = ("name", "start", "step")
    table = ctx.registry.metadata.tables["kernel_counter"]
    bind = {n: sa.bindparam(n, type_=sa.String(120) if n == "name" else IDS) for n in names}
    statement = _upsert(ctx)(table).values(name=bind["name"], value=bind["start"])
    statement = statement.on_conflict_do_update(
        index_elements=["name"], set_={"value": table.c.value + bind["step"]}
    )
    return prepare(ctx.connection.engine, statement.returning(table.c.value))


def _counter_floor(ctx: Context) -> Any:
    table = ctx.registry.metadata.tables["kernel_counter"]
    floor = sa.bindparam("floor", type_=IDS)
    statement = _upsert(ctx)(table).values(
        name=sa.bindparam("name", type_=sa.String(120)), value=floor
    )
    statement = statement.on_conflict_do_update(
        index_elements=["name"], set_={"value": floor}, where=table.c.value < floor
    )
    return prepare(ctx.connection.engine, statement)


def _upsert(ctx: Context) -> Any:
    return (postgresql if ctx.connection.engine.name == "postgresql" else sqlite).insert
