"""What a verb works with: who asks, the time, the records it touches, what it leaves behind."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
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
from mainstay.kernel.storage.base import Connection, Row, prepare, rows

if TYPE_CHECKING:
    from mainstay.kernel.workspace import Workspace

E = TypeVar("E", bound=Entity)
IDS = sa.BigInteger()


class Tracked:
    """A record as it was when it came into the unit of work.

    One that is `locked` cannot be changed by anybody else until the unit of work ends.
    """

    __slots__ = ("entity", "locked", "noun", "snapshot")

    def __init__(self, noun: Noun, entity: Entity, *, locked: bool) -> None:
        self.noun, self.entity, self.locked = noun, entity, locked
        self.snapshot = snapshot(noun, entity)


class Draft:
    """A change of one record that is about to be written."""

    __slots__ = ("before", "changed", "columns", "held", "verb")

    def __init__(self, held: Tracked, verb: str, now: tuple[Any, ...]) -> None:
        noun, names = held.noun, tuple(held.noun.fields)
        self.held, self.verb = held, verb
        self.changed = [n for n, a, b in zip(names, held.snapshot, now, strict=True) if a != b]
        self.before = dict(zip(names, held.snapshot, strict=True))
        self.columns = tuple(n for n in self.changed if n in noun.columns and n not in UNLOGGED)


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
        # What rooms remember for the rest of this unit of work, by a name of their own.
        self.notes: dict[str, Any] = {}
        self._tracked: dict[tuple[str, int], Tracked] = {}
        self._events: list[tuple[Entity | None, Event]] = []
        self._recheck: list[tuple[Noun, int]] = []
        self._settled = 0
        self._absent: set[tuple[str, int, str]] = set()
        self._met: set[tuple[str, int]] = set()

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
        known = not anywhere and (noun.key, record_id, deleted) in self._absent
        if known or not 0 < record_id < 2**63:
            raise missing(noun, record_id)
        me = msgspec.structs.replace(self.me, grants=frozenset({"*"})) if anywhere else self.me
        wanted = (Filter("id", "", record_id),)
        ask = Ask(filters=wanted, sort=(("id", False),), limit=1, deleted=deleted)
        found, _ = await self.reader.entities(self.connection, noun, ask, me, lock=True)
        if not found:
            raise missing(noun, record_id)
        return self._track(noun, found[0], locked=True)

    async def load_all(
        self, noun: Noun, ids: Iterable[int], *, anywhere: bool = False, deleted: str = "no"
    ) -> dict[int, Entity]:
        """Return those of these records that there are, each locked as by `load`, in one statement.

        Which of them are not there is remembered, so that loading one of those asks nothing.
        """
        wanted = [one for one in dict.fromkeys(ids) if 0 < one < 2**63]
        fresh = sorted([one for one in wanted if (noun.key, one) not in self._tracked])
        if fresh:
            me = msgspec.structs.replace(self.me, grants=frozenset({"*"})) if anywhere else self.me
            among, order = (Filter("id", "in", fresh),), (("id", False),)
            ask = Ask(filters=among, sort=order, limit=len(fresh), deleted=deleted)
            found, _ = await self.reader.entities(self.connection, noun, ask, me, lock=True)
            for entity in found:
                self._track(noun, entity, locked=True)
            if not anywhere:
                gone = set(fresh).difference(entity.id for entity in found)
                self._absent |= {(noun.key, one, deleted) for one in gone}
        held = ((one, self.held(noun, one)) for one in wanted)
        return {one: e for one, e in held if e and (deleted == "with" or not e.deleted_at)}

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

    def held(self, noun: Noun, record_id: int, *, locked: bool = False) -> Entity | None:
        """Return a record that is in this unit of work already (and locked, if told), or None."""
        found = self._tracked.get((noun.key, record_id))
        return found.entity if found and (found.locked or not locked) else None

    def written(self, noun: Noun, record_id: int, values: dict[str, Any]) -> None:
        """Let a record that is held take in what a statement has written beside: it is no edit."""
        held = self._tracked.get((noun.key, record_id))
        if held is None:
            return
        last = dict(zip(noun.fields, held.snapshot, strict=True))
        for name, value in values.items():
            setattr(held.entity, name, value)
            last[name] = value
        held.snapshot = tuple(last.values())

    def _track(self, noun: Noun, entity: Entity, *, locked: bool = False) -> Entity:
        held = self._tracked.get((noun.key, entity.id))
        if held:
            return held.entity
        # On SQLite there is one writer, so nobody else changes what a unit of work has read.
        alone = locked or self.connection.engine.name == "sqlite"
        self._tracked[noun.key, entity.id] = Tracked(noun, entity, locked=alone)
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
        self._absent.clear()
        self._track(noun, entity, locked=True)
        if noun.resource.scope:
            self._recheck.append((noun, entity.id))

    async def create_many(self, entities: Sequence[Entity], *, verb: str = "create") -> None:
        """Write many new records of one kind in two statements, and one for each list of links.

        Those that have an id already, which was reserved for them, keep it.
        """
        if not entities:
            return
        noun = self.registry.noun(type(entities[0]))
        ids = [entity.id for entity in entities]
        if not all(ids):
            ids = await self.reserve(type(entities[0]), len(entities))
        ready = self.reader.shape(("insert many", noun.key), lambda: _insert(self, noun, ids=True))
        batch = []
        for place, entity in enumerate(entities):
            entity.id, entity.version = ids[place], 1
            entity.created_at = entity.updated_at = self.now
            entity.created_by = entity.updated_by = self.me.id
            noun.settle(entity)
            batch.append(ready.bind({name: getattr(entity, name) for name in noun.columns}))
        await self.connection.many(ready.sql, batch)
        for name in noun.links:
            await self._link_many(noun, name, entities)
        for entity in entities:
            self._created(noun, entity, verb)

    async def reserve(self, entity: type[Entity], count: int) -> list[int]:
        """Return ids for new records that name one another; write them before any others."""
        table = self.registry.noun(entity).table.name
        if self.connection.engine.name == "postgresql":
            sql = f"SELECT nextval('{table}_id_seq') FROM generate_series(1, $1::int)"  # noqa: S608
            return [row[0] for row in await self.connection.fetch(sql, [count])]
        sql = "SELECT seq FROM sqlite_sequence WHERE name = ?"
        found = await self.connection.fetch(sql, [table])
        start = (found[0][0] if found else 0) + 1
        return list(range(start, start + count))

    async def _link(self, noun: Noun, name: str, entity: Entity) -> None:
        """Write a link field's rows."""
        await self._link_many(noun, name, (entity,))

    async def _relink(self, noun: Noun, name: str, entities: Sequence[Entity]) -> None:
        """Write the rows of a link field in the place of those that were there."""
        link = noun.link_tables[name]
        ready = self.reader.shape(
            ("unlink", link.name),
            lambda: prepare(
                self.connection.engine,
                sa.delete(link).where(self.reader.compiler.among(link.c.owner_id, "owners")),
            ),
        )
        owners = self.listed([entity.id for entity in entities])
        await self.connection.run(ready.sql, ready.bind({"owners": owners}))
        await self._link_many(noun, name, entities)

    def listed(self, ids: Sequence[int]) -> Any:
        """Return ids in the one bound value that the reader's `among` compares with."""
        lite = self.connection.engine.name == "sqlite"
        return msgspec.json.encode(ids).decode() if lite else list(ids)

    async def _link_many(self, noun: Noun, name: str, entities: Sequence[Entity]) -> None:
        """Write the rows of a link field of new records."""
        link = noun.link_tables[name]
        ready = self.reader.shape(("link", link.name), lambda: _insert_link(self, link))
        batch = [
            ready.bind({"owner_id": entity.id, "target_id": target, "position": place})
            for entity in entities
            for place, target in enumerate(getattr(entity, name))
        ]
        if batch:
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
        await self.save_all((entity,), verb)

    async def save_all(self, entities: Iterable[Entity], verb: str = "update") -> None:
        """Write what changed in these loaded records now, in sets, and note it for the log."""
        keys = [(self.registry.noun(type(entity)).key, entity.id) for entity in entities]
        await self._write((self._tracked[key], verb) for key in dict.fromkeys(keys))

    async def flush(self, verb: str = "", primary: Entity | None = None) -> None:
        """Write what changed in the loaded records, and note it for the log."""
        await self._write(
            (held, verb if verb and (primary is None or held.entity is primary) else "update")
            for held in tuple(self._tracked.values())
        )
        if not self._events:
            return
        newest = {(type_of(change), change.record_id): change for change in self.changes}
        for about, event in self._events:
            self._attach(about or primary, verb, event, newest)
        self._events.clear()

    async def _write(self, wanted: Iterable[tuple[Tracked, str]]) -> None:
        """Write those of these records that were changed: one statement for the same columns."""
        dirty = [
            (held, verb, now)
            for held, verb in wanted
            if (now := snapshot(held.noun, held.entity)) != held.snapshot
        ]
        if not dirty:
            return
        if not all(held.locked for held, _, _ in dirty):
            await self._lock([held for held, _, _ in dirty])
            dirty = [(held, verb, snapshot(held.noun, held.entity)) for held, verb, _ in dirty]
        drafts = [Draft(*one) for one in dirty]
        groups: dict[tuple[Noun, tuple[str, ...]], list[Draft]] = {}
        for draft in drafts:
            groups.setdefault((draft.held.noun, draft.columns), []).append(draft)
        for (noun, columns), own in groups.items():
            await self._update(noun, columns, own)
        relinked: dict[tuple[Noun, str], list[Entity]] = {}
        for draft in drafts:
            for name in draft.held.noun.links:
                if name in draft.changed:
                    relinked.setdefault((draft.held.noun, name), []).append(draft.held.entity)
        for (noun, name), entities in relinked.items():
            await self._relink(noun, name, entities)
        for draft in drafts:
            self._note(draft)

    async def _lock(self, found: Sequence[Tracked]) -> None:
        """Lock records that came in without a lock, where a version check alone is not enough.

        Many are written by a statement that does not say how many it met, and kept totals
        (`Resource.derived`) change without a new version.
        """
        loose: dict[Noun, list[Tracked]] = {}
        for held in found:
            if not held.locked and (len(found) > 1 or held.noun.resource.derived):
                loose.setdefault(held.noun, []).append(held)
        for noun, own in loose.items():
            ready = self.reader.shape(("lock", noun.key), partial(_locking, self, noun))
            ids = self.listed(sorted(held.entity.id for held in own))
            rows = await self.connection.fetch(ready.sql, ready.bind({"records": ids}))
            there = {row[0]: row[1:] for row in rows}
            for held in own:
                version, *totals = there.get(held.entity.id, (None,))
                if version != held.entity.version:
                    raise _stale(noun)
                held.locked = True
                self._refreshed(held, totals)

    def _refreshed(self, held: Tracked, totals: Sequence[Any]) -> None:
        """Take in the kept totals as they are now, unless the unit of work has changed them."""
        noun, engine = held.noun, self.connection.engine.name
        last = dict(zip(noun.fields, held.snapshot, strict=True))
        for name, raw in zip(noun.resource.derived, totals, strict=True):
            decode = noun.fields[name].kind.from_db(engine)
            value = decode(raw) if decode and raw is not None else raw
            if getattr(held.entity, name) == last[name]:
                setattr(held.entity, name, value)
            last[name] = value
        held.snapshot = tuple(last.values())

    async def _update(self, noun: Noun, columns: tuple[str, ...], drafts: Sequence[Draft]) -> None:
        """Write the same columns of one or many records, each at the version that is known."""
        ready = self.reader.shape(
            ("update", noun.key, columns), lambda: _update(self, noun, columns)
        )
        rows = []
        for draft in drafts:
            entity, known = draft.held.entity, draft.before["version"]
            noun.settle(entity)
            entity.version = known + 1
            entity.updated_at, entity.updated_by = self.now, self.me.id
            values = {n: getattr(entity, n) for n in (*columns, "updated_at", "updated_by")}
            rows.append(ready.bind(values | {"record": entity.id, "known": known}))
        if len(rows) > 1:
            await self.connection.many(ready.sql, rows)
        elif not await self.connection.run(ready.sql, rows[0]):
            raise _stale(noun)

    def _note(self, draft: Draft) -> None:
        """Keep a change that was written, for the log and for what rooms make of it."""
        noun, entity, before = draft.held.noun, draft.held.entity, draft.before
        logged = [n for n in draft.changed if n not in UNLOGGED]
        self.changes.append(
            Change(
                noun,
                entity.id,
                draft.verb,
                entity.version,
                {n: masked(noun.fields[n], _plain(noun, n, before[n])) for n in logged},
                {n: masked(noun.fields[n], getattr(entity, n)) for n in logged},
                [],
            )
        )
        draft.held.snapshot = snapshot(noun, entity)
        self._absent.clear()
        self._met.clear()
        if self.registry.scope_columns[noun.key].intersection(draft.changed):
            self._recheck.append((noun, entity.id))

    def _attach(
        self,
        about: Entity | None,
        verb: str,
        event: Event,
        newest: dict[tuple[type[Entity], int], Change],
    ) -> None:
        """Put an event on the newest change of the record it is about."""
        said = {"name": event_name(type(event)), "data": msgspec.to_builtins(event)}
        if about is None:
            if not self.changes:
                raise RuntimeError(f"{said['name']} was emitted without a record that it is about")
            self.changes[-1].events.append(said)
            return
        found = newest.get((type(about), about.id))
        if found is None:
            noun = self.registry.noun(type(about))
            found = Change(noun, about.id, verb or "note", about.version, None, None, [])
            newest[type(about), about.id] = found
            self.changes.append(found)
        found.events.append(said)

    async def check_refs(self, noun: Noun, values: dict[str, Any]) -> None:
        """Refuse references to records that do not exist, are binned, or may not be seen."""
        wanted = {
            n: v
            for n, v in values.items()
            if n in noun.refs and v is not None and (noun.refs[n].target, v) not in self._met
        }
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
            self._met |= {(noun.refs[n].target, v) for n, v in wanted.items() if n not in errors}
        for name, ids in linked.items():
            target = noun.fields[name].kind.target  # type: ignore[attr-defined]
            if not await self.sees(self.registry.nouns[target], ids):
                errors.append(name)
        if errors:
            raise Invalid(
                f"{', '.join(errors)}: there is no such record, or you may not see it.",
                errors=[FieldError(n, "names a record that is not there") for n in errors],
            )

    def _target(self, noun: Noun, name: str) -> Noun:
        return self.registry.nouns[noun.refs[name].target]

    async def sees(self, noun: Noun, ids: Iterable[int]) -> bool:
        """Return whether all of these records are there and may be seen; what is, is remembered."""
        fresh = {one for one in ids if (noun.key, one) not in self._met}
        if not fresh:
            return True
        ask = self.ask(noun, {"id__in": sorted(fresh)})
        count, _ = await self.reader.count_in(self.connection, noun, ask, self.me)
        if count == len(fresh):
            self._met |= {(noun.key, one) for one in fresh}
        return count == len(fresh)

    async def meet(self, noun: Noun, inputs: Iterable[Mapping[str, Any]]) -> None:
        """Look up what many inputs refer to, in one statement for each resource.

        Those that are there and may be seen are remembered, so that `check_refs` asks nothing more
        about them until something is changed.
        """
        wanted: dict[str, set[int]] = {}
        kinds = {n: kind.target for n, kind in noun.refs.items()}
        kinds |= {n: item.kind.target for n, item in noun.links.items()}  # type: ignore[attr-defined]
        for values in inputs:
            for name in kinds.keys() & values.keys():
                said = values[name] if isinstance(values[name], list) else [values[name]]
                ids = {one for one in said if type(one) is int and 0 < one < 2**63}
                wanted.setdefault(kinds[name], set()).update(ids)
        for key, ids in sorted(wanted.items()):
            if len(ids) < 2 or key not in self.registry.nouns:
                continue
            target = self.registry.nouns[key]
            limits = self.reader.limits(target, self.me)
            ready = self.reader.shape(("met", key, limits), partial(_meeting, self, target, limits))
            values = {"records": self.listed(sorted(ids)), "me": self.me.id or 0}
            rows = await self.connection.fetch(ready.sql, ready.bind(values))
            self._met |= {(key, row[0]) for row in rows}

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
        wanted: dict[Noun, set[int]] = {}
        for noun, record_id in self._recheck:
            wanted.setdefault(noun, set()).add(record_id)
        self._recheck.clear()
        for noun, ids in wanted.items():
            await self._still_seen(noun, sorted(ids))

    async def _still_seen(self, noun: Noun, ids: list[int]) -> None:
        if not self.reader.scoped(noun, self.me):
            return
        limits = self.reader.limits(noun, self.me)
        ready = self.reader.shape(("seen", noun.key, limits), partial(_seen, self, noun, limits))
        values = {"records": self.listed(ids), "me": self.me.id or 0}
        (row,) = await self.connection.fetch(ready.sql, ready.bind(values))
        if row[0] != len(ids):
            raise Denied(
                f"After this change you could no longer see the {noun.title.lower()}. "
                "Nothing was changed."
            )

    @property
    def to_undo(self) -> int:
        """Return the change set that takes back what was done so far; 0 when nothing was."""
        return self.change_set if any(one.noun.resource.logged for one in self.changes) else 0

    async def finish(self) -> None:
        """End the unit of work: everything is settled, and the log says what was done."""
        await self.settle()
        logged = [change for change in self.changes if change.noun.resource.logged]
        await self.workspace.log.append(self.connection, logged, self.me, self.now, self.change_set)


def type_of(change: Change) -> type[Entity]:
    """Return the class of the record that a change is of."""
    return change.noun.entity


def _stale(noun: Noun) -> Stale:
    return Stale(f"This {noun.title.lower()} was changed by somebody else. Load it again.")


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


def hidden(noun: Noun, me: Me) -> frozenset[str]:
    """Return the fields of a resource that this person never reads: secrets, ungranted groups."""
    return frozenset(
        name
        for name, item in noun.fields.items()
        if item.kind.secret
        or (item.kind.group and not me.can(noun.permission(f"read_{item.kind.group}")))
    )


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


def _locking(ctx: Context, noun: Noun) -> Any:
    c = noun.table.c
    chosen = sa.select(c.id, c.version, *(c[name] for name in noun.resource.derived))
    chosen = chosen.where(ctx.reader.compiler.among(c.id, "records")).order_by(c.id)
    return prepare(ctx.connection.engine, chosen.with_for_update())


def _meeting(ctx: Context, noun: Noun, limits: frozenset[str]) -> Any:
    c = noun.table.c
    chosen = sa.select(c.id).where(ctx.reader.compiler.among(c.id, "records"))
    chosen = chosen.where(c.deleted_at.is_(None))
    scope = None
    if noun.key in limits:
        scope = ctx.registry.scope_condition(noun, me_bind(), limits=limits)
    return prepare(ctx.connection.engine, chosen.where(scope) if scope is not None else chosen)


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
    chosen: sa.Select[Any] = sa.select(sa.func.count()).select_from(noun.table)
    chosen = chosen.where(ctx.reader.compiler.among(noun.table.c.id, "records"))
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
