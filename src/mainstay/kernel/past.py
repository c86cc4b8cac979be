"""How records stood at an instant: those of now, with everything that happened since taken back."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import UNSET, Struct, UnsetType

from mainstay.kernel.context import Context, hidden
from mainstay.kernel.fields import Stored
from mainstay.kernel.log import HIDDEN, Change
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Invalid
from mainstay.kernel.scope import me_bind, require
from mainstay.kernel.storage.base import Row, prepare

ID = sa.BigInteger()
Records = dict[int, dict[str, Any]]


class Turn(Struct, frozen=True, gc=False):
    """One change of a record, as its parent saw it: the chosen fields before and after.

    `before` is None when the record was not one of the parent's then (elsewhere, or not `made`
    until this change), `after` when it no longer is; what is in the bin has its `deleted_at`.
    """

    at: datetime
    record_id: int
    verb: str
    made: bool
    actor_id: int | None
    actor: str
    change_set: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Past(Struct, frozen=True):
    """What a parent had at an instant, and what happened to it until another, oldest first."""

    start: Records
    turns: list[Turn]


async def turns_of(
    ctx: Context,
    noun: Noun,
    since: datetime,
    until: datetime,
    *,
    within: tuple[str, int],
    names: Sequence[str],
) -> Past:
    """Return the records of a parent at an instant and every change of these fields after it.

    The caller has made sure that the asking person may see the parent: whoever does may know
    what was in it, also what has left it since, but of what is still in it only what they may
    see, and of nothing what it was elsewhere. `names` are fields that the log keeps, no lists;
    `deleted_at` comes with them. What the running unit of work has changed counts as well.
    """
    require(ctx.me, noun.permission("read"))
    known = {name for name in readable(ctx, noun) if name in noun.columns}
    if lost := [name for name in names if name not in known]:
        raise Invalid(f"{', '.join(lost)} of {noun.plural.lower()} cannot be told of the past.")
    chosen = tuple(dict.fromkeys((*names, "deleted_at", within[0])))
    left = [*await _left(ctx, noun, since, within), *_leaving(ctx, noun, within)]
    records = await _now(ctx, noun, chosen, within, left)
    rows = _running(ctx, noun) + await _since(ctx, noun, since, within, chosen, left)
    turns: list[tuple[datetime, int, Turn]] = []
    places: dict[int, list[_Row]] = {}
    for row in rows:
        if row.record_id in records:
            places.setdefault(row.record_id, []).append(row)
    shape = ctx.reader.shape(("past values", noun.key, chosen), lambda: _shape(noun, chosen))
    for record_id, own in places.items():
        turns += _told(shape, records, record_id, own, within)
    turns.sort(key=lambda one: one[:2])
    start = {key: one for key, one in records.items() if one.get(within[0]) == within[1]}
    return Past(start, [turn for at, _id, turn in turns if at <= until])


def _shape(noun: Noun, names: Sequence[str]) -> type[Struct]:
    """Return a struct that reads values of the log as their fields' own types, all at once."""
    told = [(name, noun.fields[name].type | None | UnsetType, UNSET) for name in names]
    return msgspec.defstruct("Was", told)


def _told(
    shape: type[Struct],
    records: Records,
    record_id: int,
    rows: Sequence["_Row"],
    within: tuple[str, int],
) -> list[tuple[datetime, int, Turn]]:
    """Go back through a record's changes; it is left in `records` as it stood before them."""
    found = []
    state: dict[str, Any] | None = records[record_id]
    limit = max(row.at for row in rows)
    for row in rows:
        after = state
        if row.made:
            state = None
        elif state is not None and (told := [name for name in row.before or () if name in state]):
            was = msgspec.convert(row.before, shape, strict=False)
            state = state | {name: getattr(was, name) for name in told}
        here, then = (
            one if one and one[within[0]] == within[1] else None for one in (after, state)
        )
        # A later version may carry an earlier instant: it waited for the one before it.
        limit = min(limit, row.at)
        if (here or then) and here != then:
            by = (row.actor_id, row.actor, row.change_set)
            turn = Turn(limit, record_id, row.verb, row.made, *by, then, here)
            found.append((limit, row.id, turn))
    records[record_id] = state or {}
    return found


async def records_at(
    ctx: Context, noun: Noun, at: datetime, *, within: tuple[str, int], names: Sequence[str] = ()
) -> Records:
    """Return the records of a parent that were there at an instant, with their values then.

    `within` is the field that names the parent, and its id; only records that the asking person
    may see now are answered, with the fields that they may read (or those in `names`). Totals
    that are kept beside the log (`Resource.derived`) cannot be told and are left out.
    """
    require(ctx.me, noun.permission("read"))
    if not noun.resource.logged:
        raise Invalid(f"{noun.plural} leave no history, so their past cannot be told.")
    chosen = tuple(names) or readable(ctx, noun)
    if lost := [name for name in chosen if name not in readable(ctx, noun)]:
        raise Invalid(f"{', '.join(lost)} of {noun.plural.lower()} cannot be told of the past.")
    kept = tuple(dict.fromkeys((*chosen, "deleted_at", within[0])))
    records = await _now(ctx, noun, kept, within)
    for row in await _since(ctx, noun, at, within):
        record, before = records.get(row.record_id, {}), row.before or {}
        if row.made:
            records.pop(row.record_id, None)
        for name in before.keys() & record.keys():
            if before[name] != HIDDEN:
                kind = noun.fields[name].type | None
                record[name] = msgspec.convert(before[name], kind, strict=False)
    return {
        key: {name: one[name] for name in chosen}
        for key, one in records.items()
        if one["deleted_at"] is None and one[within[0]] == within[1]
    }


def readable(ctx: Context, noun: Noun) -> tuple[str, ...]:
    """Return the fields of which the log keeps every value, and which this person may read."""
    lost = {"version", "updated_at", "updated_by", *noun.resource.derived, *hidden(noun, ctx.me)}
    return tuple(n for n, item in noun.fields.items() if n not in lost and not item.kind.personal)


async def known_since(ctx: Context) -> datetime | None:
    """Return the instant from which on the log is whole, or None when nothing was cut off."""
    seal: Any = ctx.registry.metadata.tables["kernel_seal"].c

    def build() -> sa.Select[Any]:
        """Find the last seal whose rows were purged."""
        return sa.select(sa.func.max(seal.at)).where(seal.summary.is_not(None))

    ready = ctx.reader.shape("purged until", lambda: prepare(ctx.connection.engine, build()))
    ((last,),) = await ctx.connection.fetch(ready.sql, ready.bind())
    decode = seal.at.type.kind.from_db(ctx.connection.engine.name)
    return decode(last) if last is not None and decode else last  # type: ignore[no-any-return]


async def _sealed(ctx: Context, since: datetime) -> tuple[int, int]:
    """Return the place of the log before which everything had happened by an instant."""
    seal = ctx.registry.metadata.tables["kernel_seal"].c

    def build() -> sa.Select[Any]:
        """Find the last seal of that time, from the newest back."""
        chosen = sa.select(seal.xid, seal.upto).order_by(seal.id.desc()).limit(1)
        return chosen.where(seal.at <= sa.bindparam("since", type_=seal.at.type))

    ready = ctx.reader.shape("past sealed", lambda: prepare(ctx.connection.engine, build()))
    found = await ctx.connection.fetch(ready.sql, ready.bind({"since": since}))
    return (found[0][0], found[0][1]) if found else (0, 0)


async def _now(
    ctx: Context,
    noun: Noun,
    names: tuple[str, ...],
    within: tuple[str, int],
    left: Sequence[int] = (),
) -> Records:
    """Read the records as they are, also those in the bin, in one statement and one per list.

    `left` are some that have left the parent and are wanted too.
    """
    plain = [name for name in names if name in noun.columns and name != "id"]
    columns = [noun.table.c[name] for name in ("id", *plain)]
    engine = ctx.connection.engine

    def build() -> sa.Select[Any]:
        """Choose what this person may see."""
        mine = sa.and_(*_mine(ctx, noun, within[0]))
        among = ctx.reader.compiler.among(noun.table.c.id, "left")
        return sa.select(*columns).where(sa.or_(mine, among) if left else mine)

    limits = ctx.reader.limits(noun, ctx.me)
    key = ("past now", noun.key, within[0], tuple(plain), limits, bool(left))
    ready = ctx.reader.shape(key, lambda: prepare(engine, build()))
    bound = ready.bind({"parent": within[1], "me": ctx.me.id or 0, **_given(ctx, left)})
    kinds = [column.type for column in columns]
    codecs = [
        kind.kind.from_db(engine.name) if isinstance(kind, Stored) else None for kind in kinds
    ]
    records: Records = {}
    for row in await ctx.connection.fetch(ready.sql, bound):
        values = [
            value if value is None or codec is None else codec(value)
            for value, codec in zip(row, codecs, strict=True)
        ]
        records[row[0]] = dict(zip(("id", *plain), values, strict=True))
        records[row[0]] |= {name: [] for name in names if name in noun.links}
    for name in (name for name in names if name in noun.links):
        await _lists(ctx, noun, name, within, records)
    return records


async def _lists(
    ctx: Context, noun: Noun, name: str, within: tuple[str, int], records: Records
) -> None:
    link = noun.link_tables[name].c

    def build() -> sa.Select[Any]:
        """Read one list of every record, in its order."""
        mine = sa.select(noun.table.c.id).where(*_mine(ctx, noun, within[0]))
        chosen = sa.select(link.owner_id, link.target_id).where(link.owner_id.in_(mine))
        return chosen.order_by(link.owner_id, link.position)

    key = ("past list", noun.key, name, within[0], ctx.reader.limits(noun, ctx.me))
    ready = ctx.reader.shape(key, lambda: prepare(ctx.connection.engine, build()))
    bound = ready.bind({"parent": within[1], "me": ctx.me.id or 0})
    for owner, target in await ctx.connection.fetch(ready.sql, bound):
        if owner in records:
            records[owner][name].append(target)


class _Row(Struct, frozen=True, gc=False):
    """One row of the log about a record; `made` says that it begins there."""

    id: int
    at: datetime
    record_id: int
    verb: str
    actor_id: int | None
    actor: str
    change_set: int
    before: dict[str, Any] | None
    made: bool


async def _since(
    ctx: Context,
    noun: Noun,
    at: datetime,
    within: tuple[str, int],
    names: Sequence[str] = (),
    left: Sequence[int] = (),
) -> list[_Row]:
    """Return what happened to these records after an instant, each one's newest change first.

    With `names` only changes of these fields; `left` are records that have left the parent.
    """
    log: Any = ctx.registry.metadata.tables["kernel_log"].c
    engine, columns = ctx.connection.engine, [log[name] for name in _Row.__struct_fields__[:-1]]

    def build() -> sa.Select[Any]:
        """Walk the log's index on resource and record."""
        mine = log.record_id.in_(sa.select(noun.table.c.id).where(*_mine(ctx, noun, within[0])))
        among = ctx.reader.compiler.among(log.record_id, "left")
        made = sa.and_(log.before.is_(None), log.after.is_not(None))
        chosen = sa.select(*columns, made).where(
            log.entity == noun.key,
            sa.or_(mine, among) if left else mine,
            log.at > sa.bindparam("since", type_=log.at.type),
        )
        if names:
            wanted = [name for name in names if name != "created_at"]
            chosen = chosen.where(sa.or_(log.before.is_(None), _about(engine.name, log, wanted)))
        return chosen.order_by(log.record_id, log.version.desc(), log.id.desc())

    limits = ctx.reader.limits(noun, ctx.me)
    key = ("past since", noun.key, within[0], limits, tuple(names), bool(left))
    ready = ctx.reader.shape(key, lambda: prepare(engine, build()))
    values = {"parent": within[1], "me": ctx.me.id or 0, "since": at, **_given(ctx, left)}
    instant, decoded = (
        one.type.kind.from_db(engine.name) or (lambda same: same) for one in (log.at, log.before)
    )
    rows = await ctx.connection.fetch(ready.sql, ready.bind(values))
    return [
        _Row(one, instant(at), record, verb, who, name, group, was and decoded(was), bool(made))
        for one, at, record, verb, who, name, group, was, made in rows
    ]


def _running(ctx: Context, noun: Noun) -> list[_Row]:
    """Return what this unit of work has done and the log will say in the end, newest first."""
    me, last = ctx.me, 2**62
    return [
        _Row(last + n, ctx.now, c.record_id, c.verb, me.id, me.name, ctx.change_set, c.before, made)
        for n, c in reversed(list(enumerate(ctx.changes)))
        for made in (c.before is None and c.after is not None,)
        if c.noun is noun
    ]


def _leaving(ctx: Context, noun: Noun, within: tuple[str, int]) -> list[int]:
    """Return the ids of records that this unit of work has taken from a parent."""
    parent, was = within
    moves = [c for c in ctx.changes if c.noun is noun and parent in (c.before or ())]
    now = {one.record_id: (one.after or {})[parent] for one in moves}
    return [c.record_id for c in moves if (c.before or {})[parent] == was != now[c.record_id]]


def _given(ctx: Context, left: Sequence[int]) -> dict[str, Any]:
    return {"left": ctx.listed(left)} if left else {}


def _about(engine: str, log: Any, names: Sequence[str]) -> sa.ColumnElement[bool]:
    """Return the condition that a change in the log is one of these fields.

    The kernel writes the log's documents without blanks, so a name in quotes and a colon is a key.
    """
    if engine == "postgresql":
        wanted: Any = sa.literal_column("ARRAY[" + ",".join(f"'{name}'" for name in names) + "]")
        return sa.func.jsonb_exists_any(log.before, wanted)
    before = sa.type_coerce(log.before, sa.Text())
    return sa.or_(*(sa.func.instr(before, f'"{name}":') > 0 for name in names))


async def _left(ctx: Context, noun: Noun, since: datetime, within: tuple[str, int]) -> list[int]:
    """Return the ids of records that were a parent's since an instant and are elsewhere now."""
    log, c = ctx.registry.metadata.tables["kernel_log"].c, noun.table.c
    parent, postgres = within[0], ctx.connection.engine.name == "postgresql"
    xid, upto = await _sealed(ctx, since)

    def build() -> sa.Select[Any]:
        """Find the changes whose old value names the parent, from a place of the log on."""
        places = [sa.bindparam(name, type_=ID) for name in ("xid", "upto")]
        after = sa.tuple_(log.xid, log.id) > sa.tuple_(*places) if postgres else log.id > places[1]
        told = _said("postgresql" if postgres else "sqlite", log.before, parent)
        mark = sa.literal(f'"{parent}":', sa.Text()) + sa.cast(_parent(), sa.Text())
        if postgres:
            named = told == sa.cast(_parent(), sa.Text())
        else:  # looking for the letters first spares most rows the reading of their document
            named = sa.and_(
                sa.func.instr(sa.type_coerce(log.before, sa.Text()), mark) > 0, told == _parent()
            )
        recent = log.at > sa.bindparam("since", type_=log.at.type)
        gone = sa.select(log.record_id).where(log.entity == noun.key, after, recent, named)
        return sa.select(c.id).where(c.id.in_(gone), c[parent].is_distinct_from(_parent()))

    key = ("past left", noun.key, parent)
    ready = ctx.reader.shape(key, lambda: prepare(ctx.connection.engine, build()))
    bound = ready.bind({"parent": within[1], "since": since, "xid": xid, "upto": upto})
    return [row[0] for row in await ctx.connection.fetch(ready.sql, bound)]


def _parent() -> sa.BindParameter[int]:
    return sa.bindparam("parent", type_=ID)


def _mine(ctx: Context, noun: Noun, parent: str) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a parent's records that the asking person may see."""
    found: list[sa.ColumnElement[bool]] = [noun.table.c[parent] == _parent()]
    if ctx.reader.scoped(noun, ctx.me):
        limits = ctx.reader.limits(noun, ctx.me)
        scope = ctx.registry.scope_condition(noun, me_bind(), limits=limits)
        found += [] if scope is None else [scope]
    return found


async def gather(ctx: Context, changes: Sequence[Change], others: Sequence[str], by: str) -> None:
    """Give records that come back from the bin what let go of them when they went there.

    `others` are the resources whose field `by` named them. What points elsewhere since, or is in
    the bin itself, stays as it is.
    """
    back = [one.record_id for one in changes if one.verb == "restore" and not ctx.undoing]
    if not back:
        return
    rows = await _let_go(ctx, changes[0].noun, back, tuple(others), by)
    for key, group in groupby(rows, key=itemgetter(0)):
        own, noun = list(group), ctx.registry.nouns[key]
        found = await ctx.load_all(noun, [row[1] for row in own], anywhere=True)
        for _key, record, parent, now in own:
            if record in found and getattr(found[record], by) == now:
                setattr(found[record], by, parent)


async def _let_go(
    ctx: Context, noun: Noun, back: Sequence[int], others: tuple[str, ...], by: str
) -> Sequence[Row]:
    """Return what let go of records when they last went into the bin: kind, id, before, after."""
    log, reader, engine = ctx.workspace.log.table, ctx.reader, ctx.connection.engine
    c, gone, own, said = log.c, log.alias().c, log.alias().c, partial(_said, engine.name)

    def build() -> sa.Select[Any]:
        """Find the last time that each of them was binned, and what else was done with it."""
        last = sa.select(sa.func.max(own.id)).where(own.entity == noun.key)
        last = last.where(reader.compiler.among(own.record_id, "back")).group_by(own.record_id)
        last = last.where(said(own.after, "deleted_at").is_not(None))
        was, now = (sa.cast(said(document, by), ID) for document in (c.before, c.after))
        kinds = sa.or_(*(c.entity == key for key in others))
        chosen = sa.select(c.entity, c.record_id, was, now).where(kinds)
        chosen = chosen.where(gone.id.in_(last), gone.change_set == c.change_set)
        return chosen.where(was == gone.record_id).order_by(c.entity, c.id.desc())

    ready = reader.shape(("let go", noun.key, others, by), lambda: prepare(engine, build()))
    return await ctx.connection.fetch(ready.sql, ready.bind({"back": ctx.listed(back)}))


def _said(engine: str, document: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
    """Return a value of one of the log's documents."""
    text = sa.type_coerce(document, sa.Text())
    return text.op("->>")(name) if engine != "sqlite" else sa.func.json_extract(text, f"$.{name}")
