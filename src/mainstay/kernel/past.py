"""How records stood at an instant: those of now, with everything that happened since taken back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.kernel.fields import Stored
from mainstay.kernel.log import HIDDEN, Change
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Invalid
from mainstay.kernel.scope import me_bind, require
from mainstay.kernel.storage.base import prepare

ID = sa.BigInteger()
RECENT = 50
MOST = 20_000
Records = dict[int, dict[str, Any]]


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
    for record_id, before, after in await _since(ctx, noun, at, within):
        record = records.get(record_id)
        if record is None:
            continue
        if before is None:
            if after is not None:
                del records[record_id]
            continue
        for name in before.keys() & record.keys():
            if before[name] != HIDDEN:
                record[name] = _value(noun, name, before[name])
    return {
        key: {name: one[name] for name in chosen}
        for key, one in records.items()
        if one["deleted_at"] is None and one[within[0]] == within[1]
    }


def readable(ctx: Context, noun: Noun) -> tuple[str, ...]:
    """Return the fields of which the log keeps every value, and which this person may read."""
    groups = {g for g in noun.groups if ctx.can(noun.permission(f"read_{g}"))}
    lost = {"version", "updated_at", "updated_by", *noun.resource.derived}
    return tuple(
        name
        for name, item in noun.fields.items()
        if name not in lost
        and not (item.kind.secret or item.kind.personal)
        and (not item.kind.group or item.kind.group in groups)
    )


async def known_since(ctx: Context) -> datetime | None:
    """Return the instant from which on the log is whole, or None when nothing was cut off."""
    seal, log = (ctx.registry.metadata.tables[f"kernel_{name}"].c for name in ("seal", "log"))

    def build() -> sa.Select[Any]:
        """Find the last seal whose rows were purged."""
        return sa.select(sa.func.max(seal.at)).where(seal.summary.is_not(None))

    ready = ctx.reader.shape("purged until", lambda: prepare(ctx.connection.engine, build()))
    ((last,),) = await ctx.connection.fetch(ready.sql, ready.bind())
    kind = log.at.type
    decode = kind.kind.from_db(ctx.connection.engine.name) if isinstance(kind, Stored) else None
    found: datetime | None = decode(last) if last is not None and decode else last
    return found


async def _now(
    ctx: Context, noun: Noun, names: tuple[str, ...], within: tuple[str, int]
) -> Records:
    """Read the records as they are, also those in the bin, in one statement and one per list."""
    plain = [name for name in names if name in noun.columns and name != "id"]
    columns = [noun.table.c[name] for name in ("id", *plain)]
    engine = ctx.connection.engine

    def build() -> sa.Select[Any]:
        """Choose what this person may see."""
        return sa.select(*columns).where(*_mine(ctx, noun, within[0]))

    key = ("past now", noun.key, within[0], tuple(plain), ctx.reader.limits(noun, ctx.me))
    ready = ctx.reader.shape(key, lambda: prepare(engine, build()))
    bound = ready.bind({"parent": within[1], "me": ctx.me.id or 0})
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


async def _since(
    ctx: Context, noun: Noun, at: datetime, within: tuple[str, int]
) -> list[tuple[int, Mapping[str, Any] | None, Mapping[str, Any] | None]]:
    """Return what happened to these records after an instant, the newest change first."""
    log = ctx.registry.metadata.tables["kernel_log"].c
    engine = ctx.connection.engine

    def build() -> sa.Select[Any]:
        """Walk the log's index on resource and record."""
        mine = sa.select(noun.table.c.id).where(*_mine(ctx, noun, within[0]))
        chosen = sa.select(log.record_id, log.before, log.after).where(
            log.entity == noun.key,
            log.record_id.in_(mine),
            log.at > sa.bindparam("at", type_=log.at.type),
        )
        return chosen.order_by(log.record_id, log.version.desc(), log.id.desc())

    key = ("past since", noun.key, within[0], ctx.reader.limits(noun, ctx.me))
    ready = ctx.reader.shape(key, lambda: prepare(engine, build()))
    bound = ready.bind({"parent": within[1], "me": ctx.me.id or 0, "at": at})
    kinds = [column.type for column in (log.before, log.after)]
    codecs = [
        kind.kind.from_db(engine.name) if isinstance(kind, Stored) else None for kind in kinds
    ]
    return [
        (
            row[0],
            *(v if v is None or c is None else c(v) for v, c in zip(row[1:], codecs, strict=True)),
        )
        for row in await ctx.connection.fetch(ready.sql, bound)
    ]


def _mine(ctx: Context, noun: Noun, parent: str) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a parent's records that the asking person may see."""
    found: list[sa.ColumnElement[bool]] = [noun.table.c[parent] == sa.bindparam("parent", type_=ID)]
    if ctx.reader.scoped(noun, ctx.me):
        limits = ctx.reader.limits(noun, ctx.me)
        scope = ctx.registry.scope_condition(noun, me_bind(), limits=limits)
        found += [] if scope is None else [scope]
    return found


def _value(noun: Noun, name: str, value: Any) -> Any:
    """Return a value of the log as its field's own type."""
    item = noun.fields[name]
    return msgspec.convert(value, item.type | None, strict=False)


async def gather(ctx: Context, changes: Sequence[Change], others: Sequence[str], by: str) -> None:
    """Give records that come back from the bin what let go of them when they went there.

    `others` are the resources whose field `by` named them. What points elsewhere since, or is in
    the bin itself, stays as it is.
    """
    for change in changes:
        if change.verb != "restore" or ctx.undoing:
            continue
        log, connection = ctx.workspace.log, ctx.connection
        own = await log.history(connection, change.noun, change.record_id, limit=RECENT)
        binned = next((one for one in own if (one.after or {}).get("deleted_at")), None)
        if binned is None:
            continue
        c = log.table.c
        let_go = {
            (one.entity, one.record_id): (one.after or {}).get(by)
            for one in await log.where(
                connection, c.change_set == binned.change_set, c.entity.in_(others), limit=MOST
            )
            if (one.before or {}).get(by) == change.record_id
        }
        for key in others:
            noun, ids = ctx.registry.nouns[key], [one for kind, one in let_go if kind == key]
            for record in (await ctx.load_all(noun, ids, anywhere=True)).values():
                if getattr(record, by) == let_go[key, record.id]:
                    setattr(record, by, change.record_id)
