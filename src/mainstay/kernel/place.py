"""The order that people make by hand: numbers with gaps, given out between two neighbours."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel import perform
from mainstay.kernel.context import IDS, Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import FieldError, Invalid
from mainstay.kernel.storage.base import Row, prepare
from mainstay.kernel.views import Board

GAP = 1024.0
NARROW = 1e-6
WINDOW = 64
MOST = 200


class Other(Struct, kw_only=True, forbid_unknown_fields=True):
    """A record that is moved along with another, and the version that is known of it."""

    id: int
    version: int | None = None


class Placing(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where a record goes: its column and lane, and between which two records.

    `column` and `lane` name a field with its value: `{"status": "review"}`. A neighbour that has
    left the column meanwhile is passed over; without any the record goes to the end. `others`
    come along and stand right behind it. `values` are what the column's verb asks for.
    """

    column: dict[str, Any]
    lane: dict[str, Any] = {}
    after: int | None = None
    before: int | None = None
    version: int | None = None
    values: dict[str, Any] = {}
    others: list[Other] = []


def board_of(noun: Noun) -> Board | None:
    """Return the board that a resource declares, if it does."""
    return next((view for view in noun.resource.views if isinstance(view, Board)), None)


async def place(ctx: Context, noun: Noun, record_id: int, wanted: Placing) -> list[Entity]:
    """Bring a record, and those that come along, into a column and between two neighbours.

    The column's verb is run where the board names one; else the field is set, as by an edit.
    """
    _readable(noun, record_id, wanted)
    board = board_of(noun)
    order = board.order if board else ""
    if order:
        await hold(ctx, noun, order)
    going = [Other(id=record_id, version=wanted.version), *wanted.others]
    found = [await _enter(ctx, noun, board, one, wanted) for one in going]
    after, before = wanted.after, wanted.before
    for step, entity in enumerate(found):
        if order:
            rest = [one.id for one in found[step:]]
            await put(ctx, noun, entity, order, tuple(wanted.column), (after, before), but=rest)
        await ctx.save(entity)
        after, before = entity.id, None
    return found


def _readable(noun: Noun, record_id: int, wanted: Placing) -> None:
    """Refuse what names no column, an unknown field, or the same record twice."""
    if len(wanted.column) != 1 or len(wanted.lane) > 1:
        name = "lane" if len(wanted.column) == 1 else "column"
        raise Invalid(
            f'{name} must name one field with its value, like {{"status": "review"}}.',
            errors=[FieldError(name, "must name one field with its value")],
        )
    if unknown := [n for n in (*wanted.column, *wanted.lane) if n not in noun.columns]:
        raise Invalid(
            f"{unknown[0]} is not a field of {noun.name}.",
            errors=[FieldError(name, f"is not a field of {noun.name}") for name in unknown],
        )
    ids = [record_id, *(one.id for one in wanted.others)]
    if len(set(ids)) != len(ids) or len(ids) > MOST:
        said = f"must name each record once, at most {MOST} of them"
        raise Invalid(f"others {said}.", errors=[FieldError("others", said)])


async def _enter(
    ctx: Context, noun: Noun, board: Board | None, one: Other, wanted: Placing
) -> Entity:
    """Bring one record into the column and lane, and write it."""
    entity = await perform.loaded(ctx, noun, one.id, one.version)
    values = {
        name: value
        for name, value in (wanted.lane | wanted.column).items()
        if _accepted(noun, name, value) != getattr(entity, name)
    }
    name, value = next(iter(wanted.column.items()))
    verb = board.verbs.get(str(value), "") if board and board.by == name else ""
    if name in values and verb:
        del values[name]
        await perform.act(ctx, noun, noun.actions[verb], one.id, wanted.values)
    elif wanted.values:
        raise Invalid(
            "values are taken only by a column with a verb of its own.",
            errors=[FieldError(part, "is not asked for here") for part in wanted.values],
        )
    return await perform.edit(ctx, noun, one.id, values)


def _accepted(noun: Noun, name: str, value: Any) -> Any:
    try:
        return noun.fields[name].kind.accept(value)
    except ValueError as error:
        said = str(error)
        raise Invalid(f"{name} {said}.", errors=[FieldError(name, said)]) from None


async def hold(ctx: Context, noun: Noun, order: str) -> None:
    """Let nobody else give out places of this order until the unit of work ends.

    Taken before any record is loaded, so that two people never wait for each other. On SQLite
    units of work follow one another anyway.
    """
    if ctx.connection.engine.name != "sqlite":
        await ctx.raise_number(f"place:{noun.key}.{order}", 0)


async def put(
    ctx: Context,
    noun: Noun,
    entity: Entity,
    order: str,
    within: Sequence[str],
    beside: tuple[int | None, int | None],
    *,
    but: Sequence[int] = (),
) -> bool:
    """Give a record the number that puts it right after one record, or right before another.

    `within` names the fields whose values make the column, `but` the records that count as away.
    Returns whether a neighbour was there; the record itself is written by the caller.
    """
    values = {name: getattr(entity, name) for name in within}
    column = Column(ctx, noun, order, values, tuple({entity.id, *but}))
    after, before = beside
    low: Row | None = await column.at(after)
    if low is None and (high := await column.at(before)) is not None:
        low = await column.step(high, back=True) or FRONT
    found = low is not None
    low = low or await column.last() or FRONT
    setattr(entity, order, await column.number(low))
    return found


FRONT: Row = (0.0, 0)


class Column:
    """The records that share an order: those with the same values in some fields."""

    def __init__(
        self, ctx: Context, noun: Noun, order: str, values: Mapping[str, Any], but: Sequence[int]
    ) -> None:
        """Name the column; records of `but` count as away from it."""
        self.ctx, self.noun, self.order, self.values, self.but = ctx, noun, order, values, but
        self.table = noun.table
        self.place: sa.Column[Any] = self.table.c[order]

    async def at(self, record_id: int | None) -> Row | None:
        """Return where a record stands, or None when it is not here, or may not be seen."""
        if record_id is None or record_id in self.but:
            return None
        ctx = self.ctx
        ask = ctx.ask(self.noun, {"id": record_id, "limit": 1, "sort": "id"})
        found, _ = await ctx.reader.entities(ctx.connection, self.noun, ask, ctx.me)
        if not found or any(getattr(found[0], n) != v for n, v in self.values.items()):
            return None
        return getattr(found[0], self.order), record_id

    async def step(self, here: Row, *, back: bool = False) -> Row | None:
        """Return the next record of the column after a place, or the one before it."""
        found = await self._beyond(here, 1, back=back)
        return found[0] if found else None

    async def last(self) -> Row | None:
        """Return the last record of the column."""
        found = await self._run("last", lambda: self._ordered(back=True), limit=1)
        return found[0] if found else None

    async def number(self, low: Row) -> float:
        """Return a number between a place and the next one; make room where there is none."""
        following = await self.step(low)
        if following is None:
            return float(low[0]) + GAP
        middle = (float(low[0]) + float(following[0])) / 2
        if following[0] - low[0] >= NARROW and low[0] < middle < following[0]:
            return middle
        return await self._room(low)

    async def _room(self, low: Row) -> float:
        """Move the next few records up until there is room; many of them only as a last resort.

        Order is all that these numbers mean, so this makes no new versions and no log rows.
        """
        following = await self._beyond(low, WINDOW + 1)
        start = float(low[0])
        for count in range(1, len(following)):
            step = (float(following[count][0]) - start) / (count + 2)
            if step >= 1.0:
                return await self._renumber(following[:count], start, step)
        if len(following) <= WINDOW:
            return await self._renumber(following, start, GAP)
        await self._spread()
        here = await self.at(low[1]) if low[1] else FRONT
        return await self.number(here or FRONT)

    async def _renumber(self, following: Sequence[Row], start: float, step: float) -> float:
        """Number some records anew, and return the number in front of them."""

        def build() -> sa.Update:
            """Write one number."""
            changed = sa.update(self.table).where(self.table.c.id == sa.bindparam("record", 0, IDS))
            return changed.values({self.order: sa.bindparam("place", 0.0, self.place.type)})

        ready = self._ready("renumber", build)
        batch = [
            ready.bind({"record": row[1], "place": start + step * (count + 2)})
            for count, row in enumerate(following)
        ]
        await self.ctx.connection.many(ready.sql, batch)
        return start + step

    async def _spread(self) -> None:
        """Give every record of the column its number anew, at equal distances."""

        def build() -> sa.Update:
            """Number the column and write the numbers in one statement."""
            c = self.table.c
            rank = sa.func.row_number().over(order_by=(self.place, c.id))
            number = rank * sa.bindparam("gap", GAP, sa.Double())
            ranked = sa.select(c.id.label("record"), number.label("place")).where(*self._here())
            places = ranked.subquery()
            changed = sa.update(self.table).values({self.order: places.c.place})
            return changed.where(c.id == places.c.record)

        await self._run("spread", build)

    async def _beyond(self, here: Row, limit: int, *, back: bool = False) -> Sequence[Row]:
        """Return the records that follow a place, or lead up to it."""

        def build() -> sa.Select[Any]:
            """Walk along the order from a place on."""
            mark = sa.tuple_(
                sa.bindparam("place", 0.0, self.place.type), sa.bindparam("record", 0, IDS)
            )
            where = sa.tuple_(self.place, self.table.c.id)
            return self._ordered(back=back).where(where < mark if back else where > mark)

        name = "before" if back else "after"
        return await self._run(name, build, place=here[0], record=here[1], limit=limit)

    def _ordered(self, *, back: bool) -> sa.Select[Any]:
        """Select places and ids in the column's order."""
        c = self.table.c
        order = (self.place.desc(), c.id.desc()) if back else (self.place, c.id)
        chosen = sa.select(self.place, c.id).where(*self._here()).order_by(*order)
        return chosen.limit(sa.bindparam("limit", type_=IDS))

    def _here(self) -> list[sa.ColumnElement[bool]]:
        """Return the conditions of standing in this column."""
        c = self.table.c
        found = [
            c[name].is_(None) if value is None else c[name] == sa.bindparam(f"w_{name}", None)
            for name, value in self.values.items()
        ]
        away = sa.not_(self.ctx.reader.compiler.among(c.id, "but"))
        return [*found, c.deleted_at.is_(None), away]

    def _ready(self, name: str, build: Any) -> Any:
        empty = tuple(name for name, value in self.values.items() if value is None)
        key = ("place", name, self.noun.key, self.order, tuple(self.values), empty)
        return self.ctx.reader.shape(key, lambda: prepare(self.ctx.connection.engine, build()))

    async def _run(self, name: str, build: Any, **values: Any) -> Sequence[Row]:
        ready = self._ready(name, build)
        lite = self.ctx.connection.engine.name == "sqlite"
        but = msgspec.json.encode(self.but).decode() if lite else list(self.but)
        own = {f"w_{name}": value for name, value in self.values.items()}
        return await self.ctx.connection.fetch(ready.sql, ready.bind({"but": but, **own, **values}))
