"""The one door to records: REST, pages, exports and the library all read through it."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Links, Ref
from mainstay.kernel.noun import Noun
from mainstay.kernel.query.ask import Ask, Filter, Measure, SummaryAsk, write_cursor
from mainstay.kernel.query.shape import Compiler, Shape
from mainstay.kernel.query.summary import Summary, SummaryShape
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import Me, me_bind
from mainstay.kernel.storage.base import Connection, Engine, Row, prepare

SLOW = 0.010
LONG = 0.002
CAP = 1000
SHAPES = 5000


class Page(Struct, kw_only=True):
    """Some records, the place where the next ones begin, and perhaps how many there are."""

    items: list[Any]
    next: str | None = None
    count: int | None = None
    more: bool = False


class Reader:
    """Answers requests for records on one engine."""

    def __init__(self, registry: Registry, engine: Engine) -> None:
        """Start with no shape compiled."""
        self.registry, self.engine = registry, engine
        self.compiler = Compiler(registry, engine)
        self._shapes: dict[Any, Any] = {}
        self._limits: dict[tuple[str, frozenset[str]], frozenset[str]] = {}

    def shape(self, key: Any, compile_it: Callable[[], Any]) -> Any:
        """Return the compiled shape of a request, compiling it on its first use."""
        found = self._shapes.get(key)
        if found is None:
            if len(self._shapes) >= SHAPES:
                self._shapes.clear()
            found = self._shapes[key] = compile_it()
        return found

    def forget(self) -> None:
        """Compile everything anew: what a resource consists of has changed."""
        self._shapes.clear()

    def scoped(self, noun: Noun, me: Me) -> bool:
        """Return whether this person sees only a part of the records."""
        return not me.can(noun.permission("see_all"))

    def limited(self, noun: Noun, ask: Ask, me: Me) -> frozenset[str]:
        """Return which of the nouns that a request reads this person sees only a part of."""
        refs = [*ask.include, *(item.via for item in ask.filters if item.via)]
        if ask.groups:
            refs += [item.via for _, item in ask.conditions() if item.via]
        if not refs:
            return self.limits(noun, me)
        known = noun.all_refs
        targets = [self.registry.nouns[known[ref].target] for ref in refs if ref in known]
        found: frozenset[str] = frozenset()
        return found.union(*(self.limits(part, me) for part in (noun, *targets)))

    def limits(self, noun: Noun, me: Me) -> frozenset[str]:
        """Return how this person's sight of a resource is limited, and of what it belongs to."""
        found = self._limits.get((noun.key, me.grants))
        if found is None:
            if len(self._limits) >= SHAPES:
                self._limits.clear()
            found = self._limits[noun.key, me.grants] = self._limits_of(noun, me)
        return found

    def _limits_of(self, noun: Noun, me: Me) -> frozenset[str]:
        if not self.scoped(noun, me):
            return frozenset()
        scope = noun.resource.scope
        found = {noun.key}
        if scope and scope.worn:
            for key in self.registry.wearers.get(noun.module.name, ()):
                other = self.registry.nouns[key]
                found |= self.limits(other, me)
                found |= set() if me.can(other.permission("read")) else {f"!{key}.read"}
        if scope:
            asks = [*scope.asks]
            if scope.named:
                asks += [other.permission("read") for other in self.registry.nouns.values()]
            found |= {f"!{permission}" for permission in asks if not me.can(permission)}
        return frozenset(found)

    def columns(self, noun: Noun, ask: Ask, me: Me, *, links: bool) -> tuple[str, ...]:
        """Return the columns to answer: those asked for, or every one that may be read."""
        groups = self._groups(noun, me)
        if not ask.fields:
            return noun.wire_names(groups, links=links)
        allowed = set(noun.wire_names(groups, links=True))
        allowed |= noun.custom.keys()
        return ("id", *(name for name in ask.fields if name in allowed and name != "id"))

    def _groups(self, noun: Noun, me: Me) -> frozenset[str]:
        return frozenset(g for g in noun.groups if me.can(noun.permission(f"read_{g}")))

    async def page(self, noun: Noun, ask: Ask, me: Me, *, links: bool = False) -> Page:
        """Return one page of records as wire rows."""
        columns = self.columns(noun, ask, me, links=links)
        scoped = self.limited(noun, ask, me)
        parts = [
            (half, self._list_shape(noun, half, columns, scoped)) for half in _halves(noun, ask)
        ]
        shape = parts[0][1]
        many = [name for name in ask.include if name in noun.links]

        async def work(connection: Connection) -> Page:
            """Read the rows, the records linked to them, and the count if it is wanted."""
            rows: list[Row] = []
            for half, each in parts:
                if len(rows) <= ask.limit:
                    values = self.compiler.values(noun, half, me.id)
                    values["limit"] -= len(rows)
                    rows += await self._fetch(connection, each, values, me)
            page = self._page(noun, ask, shape, rows)
            for name in many:
                await self._attach(connection, noun, name, page, me)
            if ask.count:
                page.count, page.more = await self.count_in(connection, noun, ask, me)
            return page

        found: Page = await self._timed(shape, work)
        return found

    def _list_shape(
        self, noun: Noun, ask: Ask, columns: tuple[str, ...], scoped: frozenset[str]
    ) -> Shape:
        key = (*_shape_key(noun, ask, scoped), columns)
        found: Shape = self.shape(key, lambda: self.compiler.list_shape(noun, ask, columns, scoped))
        return found

    async def _fetch(
        self, connection: Connection, shape: Shape, values: dict[str, Any], me: Me
    ) -> Sequence[Row]:
        """Read a page by the planner's way; where that was slow, along the order if it is faster.

        SQLite's planner cannot know that a page is soon full, so it gathers and sorts everything
        a person may see. Walking is worse only for those who see little of a large table.
        """
        beat = shape.beat.get(me.id)
        ready = shape.walk if shape.walk and beat else shape.prepared
        started = perf_counter()
        rows = await connection.fetch(ready.sql, ready.bind(values))
        spent = perf_counter() - started
        if beat is None and spent > LONG and shape.walk and len(shape.beat) < CAP:
            shape.beat[me.id] = spent
        elif beat and spent > beat:
            shape.beat[me.id] = 0.0
        return rows

    async def _timed(self, shape: Shape | SummaryShape, work: Callable[[Connection], Any]) -> Any:
        """Run a read; on SQLite a shape that proves slow moves off the event loop by itself."""
        started = perf_counter()
        result = await self.engine.read(work, slow=shape.slow)
        spent = perf_counter() - started
        shape.slow = spent > SLOW / 2 if shape.slow else spent > SLOW
        return result

    def _page(self, noun: Noun, ask: Ask, shape: Shape, rows: Sequence[Row]) -> Page:
        build = shape.build
        items = [build(row) for row in rows[: ask.limit]]
        if len(rows) <= ask.limit:
            return Page(items=items)
        return Page(items=items, next=self._cursor(noun, ask, shape, rows[ask.limit - 1]))

    def _cursor(self, noun: Noun, ask: Ask, shape: Shape, row: Row) -> str:
        values = []
        for (name, _), place in zip(ask.sort, shape.keys, strict=True):
            decode = noun.all_fields[name].kind.from_db(self.engine.name)
            raw = row[place]
            values.append(raw if raw is None or decode is None else decode(raw))
        return write_cursor(noun, ask.sort, values)

    async def _attach(
        self, connection: Connection, noun: Noun, name: str, page: Page, me: Me
    ) -> None:
        """Read the records behind a link field, for all rows of a page in one statement."""
        link = noun.link_tables[name]
        target = self.registry.nouns[noun.fields[name].kind.target]  # type: ignore[attr-defined]
        scoped = self.scoped(target, me)
        limits = self.limits(target, me)
        names = ("id", *(n for n in target.brief if n != "id"))

        def compile_it() -> Any:
            """Compile the batch: owner, then the brief columns, in the order of the links."""
            picks = [link.c.owner_id, *(target.table.c[n] for n in names)]
            chosen = sa.select(*picks).join(target.table, target.table.c.id == link.c.target_id)
            chosen = chosen.where(self.compiler.among(link.c.owner_id, "owners"))
            scope = (
                self.registry.scope_condition(target, me_bind(), limits=limits) if scoped else None
            )
            if scope is not None:
                chosen = chosen.where(scope)
            return prepare(self.engine, chosen.order_by(link.c.owner_id, link.c.position))

        ready = self.shape(("links", noun.key, name, limits), compile_it)
        owners: Any = [item["id"] if isinstance(item, dict) else item.id for item in page.items]
        if self.engine.name == "sqlite":
            owners = msgspec.json.encode(owners).decode()
        found = await connection.fetch(ready.sql, ready.bind({"owners": owners, "me": me.id or 0}))
        codecs = [target.columns[n].kind.to_wire(self.engine.name) for n in names]
        groups: dict[int, list[Any]] = {}
        for row in found:
            brief = {
                n: codec(value) if codec and value is not None else value
                for n, codec, value in zip(names, codecs, row[1:], strict=True)
            }
            groups.setdefault(row[0], []).append(brief)
        for place, item in enumerate(page.items):
            shown: dict[str, Any] = item if isinstance(item, dict) else msgspec.structs.asdict(item)
            page.items[place] = {**shown, name: groups.get(shown["id"], [])}

    async def one(self, noun: Noun, record_id: int, ask: Ask, me: Me) -> Any | None:
        """Return one record as a wire row, or None when there is none that this person may see."""
        ask = msgspec.structs.replace(
            ask,
            filters=(Filter("id", "", record_id),),
            sort=(("id", False),),
            limit=1,
            after=None,
            count=False,
        )
        page = await self.page(noun, ask, me, links=True)
        return page.items[0] if page.items else None

    async def entities(
        self, connection: Connection, noun: Noun, ask: Ask, me: Me, *, lock: bool = False
    ) -> tuple[list[Entity], str | None]:
        """Return whole records inside a read or a unit of work, and where the next ones begin."""
        scoped = self.limited(noun, ask, me)
        key = ("entity", lock, *_shape_key(noun, ask, scoped))
        shape: Shape = self.shape(
            key, lambda: self.compiler.entity_shape(noun, ask, scoped, lock=lock)
        )
        args = shape.prepared.bind(self.compiler.values(noun, ask, me.id))
        rows = await connection.fetch(shape.prepared.sql, args)
        if lock and self.compiler.rereads(noun):
            place = list(noun.fields).index("version")
            if any(row[place] != row[-1] for row in rows):
                rows = await connection.fetch(shape.prepared.sql, args)
        build = shape.build
        items = [build(row) for row in rows[: ask.limit]]
        more = len(rows) > ask.limit
        return items, self._cursor(noun, ask, shape, rows[ask.limit - 1]) if more else None

    async def count_in(
        self, connection: Connection, noun: Noun, ask: Ask, me: Me, *, cap: int = CAP
    ) -> tuple[int, bool]:
        """Count the records of a request up to a cap; say whether there are more."""
        ask = msgspec.structs.replace(ask, after=None)
        scoped = self.limited(noun, ask, me)

        def compile_it() -> Any:
            """Count a bounded inner select, so that the cost is bounded too."""
            inner = sa.select(noun.table.c.id).where(*self.compiler.where(noun, ask, scoped))
            inner = inner.limit(sa.bindparam("limit", type_=sa.BigInteger()))
            return prepare(self.engine, sa.select(sa.func.count()).select_from(inner.subquery()))

        ready = self.shape(("count", *_shape_key(noun, ask, scoped)), compile_it)
        values = self.compiler.values(noun, ask, me.id) | {"limit": cap + 1}
        (row,) = await connection.fetch(ready.sql, ready.bind(values))
        return min(row[0], cap), row[0] > cap

    async def aggregate(
        self, connection: Connection, noun: Noun, ask: Ask, me: Me, how: str, name: str
    ) -> Any:
        """Return the sum, average, least or most of one field over the records of a request."""
        measures = (Measure(how, name),)
        wanted = SummaryAsk(ask=ask, measures=measures)
        found = await self.summary_in(connection, self._summary_shape(noun, wanted, me), wanted, me)
        return found.rows[0].values[0]

    async def summary(self, noun: Noun, wanted: SummaryAsk, me: Me) -> Summary:
        """Return the groups of a request with their measures, within what this person may see."""
        shape = self._summary_shape(noun, wanted, me)

        async def work(connection: Connection) -> Summary:
            """Read the groups."""
            return await self.summary_in(connection, shape, wanted, me)

        found: Summary = await self._timed(shape, work)
        return found

    def _summary_shape(self, noun: Noun, wanted: SummaryAsk, me: Me) -> SummaryShape:
        refs = tuple(item.field for item in wanted.by)
        targets = [noun.all_fields[name].kind for name in refs]
        scoped = self.limited(noun, wanted.ask, me).union(
            *(
                self.limits(self.registry.nouns[kind.target], me)
                for kind in targets
                if isinstance(kind, (Ref, Links))
            )
        )
        key = ("sum", wanted.by, wanted.measures, *_shape_key(noun, wanted.ask, scoped))
        found: SummaryShape = self.shape(
            key, lambda: SummaryShape(self.compiler, noun, wanted, scoped)
        )
        return found

    async def summary_in(
        self, connection: Connection, shape: SummaryShape, wanted: SummaryAsk, me: Me
    ) -> Summary:
        """Read a summary inside a read or a unit of work."""
        values = self.compiler.values(shape.noun, wanted.ask, me.id)
        values |= {"groups": wanted.limit + 1, "zone": me.zone}
        ready = shape.prepared
        return shape.read(await connection.fetch(ready.sql, ready.bind(values)), wanted.limit)


def _halves(noun: Noun, ask: Ask) -> list[Ask]:
    """Return a request in the parts that are each in the order of an index."""
    first = noun.columns.get(ask.sort[0][0])
    if first is None or not first.optional:
        return [ask]
    empty = msgspec.structs.replace(ask, half="empty")
    if ask.after is not None and ask.after[0] is None:
        return [empty]
    known = msgspec.structs.replace(ask, half="known")
    return [known, msgspec.structs.replace(empty, after=None)]


def _shape_key(noun: Noun, ask: Ask, scoped: frozenset[str]) -> tuple[Any, ...]:
    nulls = None if ask.after is None else tuple(value is None for value in ask.after)
    signs = bool(ask.q) and not any(letter.isalnum() for letter in ask.q)
    return (
        noun.key,
        tuple(item.shape for item in ask.filters),
        ask.groups and tuple(tuple(tuple(i.shape for i in a) for a in g) for g in ask.groups),
        (bool(ask.q), signs),
        ask.sort,
        ask.include,
        nulls,
        ask.deleted,
        ask.half,
        scoped,
    )
