"""Limits of a board's columns: nobody brings in more than a column may hold, by whatever way."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from mainstay.delivery.cells import title_of
from mainstay.delivery.pages.listing import views_of
from mainstay.facets.views.entities import ColumnLimit
from mainstay.kernel.context import Context
from mainstay.kernel.entity import KEPT, Entity
from mainstay.kernel.fields import Choice, Ref, spoken
from mainstay.kernel.log import Change
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Conflict, invalid
from mainstay.kernel.query import parse
from mainstay.kernel.scope import require
from mainstay.kernel.views import Board


@lru_cache(maxsize=1024)
def columns_of(noun: Noun) -> frozenset[str]:
    """Return the fields of a resource that may be columns of its board; none without a board."""
    if not any(isinstance(view, Board) for view in views_of(noun)):
        return frozenset()
    own = {n: item.kind for n, item in noun.columns.items() if n not in KEPT}
    return frozenset(n for n, kind in own.items() if isinstance(kind, (Choice, Ref)))


async def create_limit(ctx: Context, limit: Entity) -> ColumnLimit:
    """Set a limit for a column that there is."""
    assert isinstance(limit, ColumnLimit)
    noun = ctx.registry.nouns.get(limit.entity)
    if noun is None or not ctx.can(noun.permission("read")) or not columns_of(noun):
        raise invalid("entity", "names no resource with a board that you may read")
    if limit.field not in columns_of(noun):
        known = ", ".join(sorted(columns_of(noun)))
        raise invalid("field", f"makes no columns; known are {known}")
    kind = noun.columns[limit.field].kind
    try:
        value = kind.parse(limit.value)
    except ValueError as error:
        raise invalid("value", str(error)) from None
    if isinstance(kind, Ref):
        await _seen(ctx, noun, limit.field, value, "value")
    limit.value = str(value)
    if limit.within_id is not None:
        if not noun.resource.parent:
            raise invalid("within_id", f"must be empty: {noun.plural.lower()} have no parent")
        await _seen(ctx, noun, noun.resource.parent, limit.within_id, "within_id")
    return await ctx.create(limit)


async def _seen(ctx: Context, noun: Noun, field: str, value: int, name: str) -> None:
    """Refuse a record that is not there, or that this person may not see."""
    target = ctx.registry.nouns[noun.refs[field].target]
    ask = ctx.ask(target, {"id": value, "limit": 1, "sort": "id", "deleted": "with"})
    found, _next = await ctx.reader.entities(ctx.connection, target, ask, ctx.me)
    if not found:
        raise invalid(name, f"names no {target.title.lower()} that you may see")


async def settle_limits(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who may change a project limit its columns, and each column only once."""
    for change in changes:
        limit = await ctx.load(change.noun, change.record_id, anywhere=True, deleted="with")
        assert isinstance(limit, ColumnLimit)
        noun = ctx.registry.nouns[limit.entity]
        await _leads(ctx, noun, limit.within_id)
        if limit.deleted_at is None and "most" not in (change.before or {}):
            await _only(ctx, limit)


async def _leads(ctx: Context, noun: Noun, within: int | None) -> None:
    """Refuse those who may not change the parent; a limit everywhere is for who sees everything.

    The room's own rule of editing says who may change a parent: it is asked about no change.
    """
    if not noun.resource.parent:
        return
    parent = ctx.registry.nouns[noun.refs[noun.resource.parent].target]
    if within is None:
        require(ctx.me, parent.permission("see_all"))
        return
    require(ctx.me, parent.permission("update"))
    await _seen(ctx, noun, noun.resource.parent, within, "within_id")
    if parent.resource.after:
        nothing = Change(parent, within, "update", 0, {}, {}, [])
        await parent.resource.after(ctx, [nothing])


async def _only(ctx: Context, limit: ColumnLimit) -> None:
    """Refuse a second limit of the same column."""
    await ctx.raise_number(f"limits:{limit.entity}", 0)
    found = await _known(ctx, limit.entity, field=limit.field, value=limit.value)
    if any(one.id != limit.id and one.within_id == limit.within_id for one in found):
        raise Conflict("This column has a limit already. Change that one.")


async def guard(ctx: Context, changes: Sequence[Change]) -> None:
    """Refuse changes that bring more into a column than it may hold.

    What leaves a column that is too full, or changes within it, is let through. Nothing is asked
    of the database unless something may have come into a column.
    """
    for noun in dict.fromkeys(change.noun for change in changes):
        columns = columns_of(noun)
        own = [change for change in changes if change.noun is noun]
        if not columns or not any(_enters(change, columns) for change in own):
            continue
        for limit in await _known(ctx, noun.key):
            await _hold(ctx, noun, limit)


async def _known(ctx: Context, entity: str, **filters: Any) -> list[ColumnLimit]:
    """Return the limits of a resource's columns, whoever may see them, always in one order."""
    noun = ctx.registry.noun(ColumnLimit)
    wanted = {"entity": entity, **filters, "sort": "id", "limit": 1000}
    ask = ctx.ask(noun, wanted)
    found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return [one for one in found if isinstance(one, ColumnLimit)]


def _enters(change: Change, columns: frozenset[str]) -> bool:
    """Return whether a record may have come into a column by this change."""
    after = change.after or {}
    created = change.before is None and change.after is not None
    restored = "deleted_at" in after and after["deleted_at"] is None
    return created or restored or not columns.isdisjoint(after)


async def _hold(ctx: Context, noun: Noun, limit: ColumnLimit) -> None:
    """Refuse when this unit of work fills a column above its limit."""
    by_record: dict[int, list[Change]] = {}
    for change in ctx.changes:
        if change.noun is noun and (change.before or change.after):
            by_record.setdefault(change.record_id, []).append(change)
    come = 0
    for record_id, own in by_record.items():
        entity = await ctx.load(noun, record_id, anywhere=True, deleted="with")
        now = {name: getattr(entity, name) for name in _read(noun, limit)}
        come += _inside(noun, limit, now) - _inside(noun, limit, _before(own, now))
    if come <= 0:
        return
    if ctx.connection.engine.name != "sqlite":
        # Two people at once: the second waits here, and then counts what the first has brought.
        await ctx.raise_number(f"limit:{limit.id}", 0)
    if await _count(ctx, noun, limit) > limit.most:
        raise await _refusal(ctx, noun, limit)


def _read(noun: Noun, limit: ColumnLimit) -> tuple[str, ...]:
    """Return the fields that say whether a record stands in the column."""
    parent = (noun.resource.parent,) if limit.within_id is not None else ()
    return (limit.field, "deleted_at", *parent)


def _before(own: Sequence[Change], now: dict[str, Any]) -> dict[str, Any]:
    """Return how a record stood before these changes; one that was made by them stood nowhere."""
    if own[0].before is None:
        return {}
    was = dict(now)
    for change in reversed(own):
        was |= {name: value for name, value in (change.before or {}).items() if name in now}
    return was


def _inside(noun: Noun, limit: ColumnLimit, state: dict[str, Any]) -> int:
    """Return 1 for a live record in the column, else 0."""
    if not state or state["deleted_at"] is not None:
        return 0
    here = str(state[limit.field]) == limit.value
    return int(here and (limit.within_id in (None, state.get(noun.resource.parent))))


async def _count(ctx: Context, noun: Noun, limit: ColumnLimit) -> int:
    """Count what the column holds, whoever may see it."""
    everybody = msgspec.structs.replace(ctx.me, grants=frozenset({"*"}))
    pairs: list[tuple[str, Any]] = [(limit.field, limit.value)]
    if limit.within_id is not None:
        pairs.append((noun.resource.parent, limit.within_id))
    ask = parse(ctx.registry, noun, pairs, everybody, lambda: ctx.today)
    cap = limit.most + 1
    found, _more = await ctx.reader.count_in(ctx.connection, noun, ask, everybody, cap=cap)
    return found


async def _refusal(ctx: Context, noun: Noun, limit: ColumnLimit) -> Conflict:
    """Say which column is full, and what to do."""
    kind, words = noun.columns[limit.field].kind, spoken(limit.value)
    if isinstance(kind, Ref):
        target = ctx.registry.nouns[kind.target]
        one = await ctx.load(target, int(limit.value), anywhere=True, deleted="with")
        words = title_of(target, one)
    if limit.within_id is None:
        return Conflict(f"{words} holds at most {limit.most}; move one on first.")
    parent = ctx.registry.nouns[noun.refs[noun.resource.parent].target]
    where = parent.title.lower()
    return Conflict(f"{words} holds at most {limit.most} in this {where}; move one on first.")
