"""A request's shape as one SQL statement, and the function that turns its rows into structs."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.dialects import postgresql

from mainstay.kernel.fields import Choices, Codec, Kind, Links, Stored
from mainstay.kernel.noun import CUSTOM, Noun
from mainstay.kernel.query import added
from mainstay.kernel.query.ask import Ask, Filter, Group
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import me_bind
from mainstay.kernel.search import bound, matches
from mainstay.kernel.storage.base import Engine, Prepared, Row, prepare

Build = Callable[[Row], Any]
NOTHING = msgspec.Raw(b"{}")


class Shape:
    """One compiled read: its statement, its row builder, and whether it has proved slow.

    `walk` says the same so that SQLite goes along the order until the page is full; `beat` is the
    time that it has to beat for each person with whom the planner's way was slow, or 0.
    """

    __slots__ = ("beat", "build", "keys", "prepared", "slow", "walk")

    def __init__(
        self, prepared: Prepared, build: Build, keys: Sequence[int], walk: Prepared | None = None
    ) -> None:
        """Keep the parts; `keys` are the places of the sort values in a row."""
        self.prepared, self.build, self.keys, self.slow = prepared, build, tuple(keys), False
        self.walk, self.beat = walk, dict[int | None, float]()


class Compiler:
    """Compiles shapes for one engine."""

    def __init__(self, registry: Registry, engine: Engine) -> None:
        """Compile for this registry on this engine."""
        self.registry, self.engine = registry, engine

    def list_shape(
        self, noun: Noun, ask: Ask, columns: Sequence[str], scoped: frozenset[str]
    ) -> Shape:
        """Compile a list: chosen columns, included records, filters, scope, order, page.

        `scoped` names the nouns that the reader sees only a part of.
        """
        source: sa.FromClause = noun.table
        picks: list[sa.ColumnElement[Any]] = []
        parts: list[tuple[str, Kind | None, int, type[Struct] | None, list[Kind]]] = []
        for name in columns:
            parts.append((name, noun.all_fields[name].kind, len(picks), None, []))
            picks.append(self.column(noun, name))
        for ref in (name for name in ask.include if name in noun.all_refs):
            target = self.registry.nouns[noun.all_refs[ref].target]
            other = target.table.alias(f"i_{ref.replace('.', '_')}")
            source = source.outerjoin(other, self._visible(noun, ref, target, other, scoped))
            names = ("id", *(n for n in target.brief if n != "id"))
            kinds = [target.columns[n].kind for n in names]
            part = msgspec.defstruct(_title(target) + "Brief", [(n, Any) for n in names])
            parts.append((beside(ref, target), None, len(picks), part, kinds))
            picks += [other.c[n] for n in names]
        keys = [len(picks) + place for place in range(len(ask.sort))]
        picks += [self.expression(noun, name) for name, _ in ask.sort]
        ordered = sa.select(*picks).select_from(source).order_by(*self._order(noun, ask))
        ordered = ordered.limit(sa.bindparam("limit", type_=sa.BigInteger()))
        where = self.where(noun, ask, scoped)
        ready = prepare(self.engine, ordered.where(*where))
        walk = None
        if self.engine.name == "sqlite" and self._has_order(noun, ask):
            unguided = self.where(noun, ask, scoped, guide=False)
            walk = prepare(self.engine, ordered.where(*unguided))
        return Shape(ready, self._wire_builder(noun, parts), keys, walk)

    def _has_order(self, noun: Noun, ask: Ask) -> bool:
        """Return whether there is an index in the order asked for, and filters to go astray by."""
        first = ask.sort[0][0]
        led = {index.columns[0].name for index in noun.table.indexes if index.columns}
        single = any(item.field == "id" for item in ask.filters)
        return (first == "id" or first in led) and not single and not ask.q

    def entity_shape(self, noun: Noun, ask: Ask, scoped: frozenset[str], *, lock: bool) -> Shape:
        """Compile a load of whole records, for verbs and the library."""
        picks = [self.column(noun, name) for name in noun.fields]
        keys = [len(picks) + place for place in range(len(ask.sort))]
        picks += [self.expression(noun, name) for name, _ in ask.sort]
        statement = sa.select(*picks).where(*self.where(noun, ask, scoped))
        statement = statement.order_by(*self._order(noun, ask))
        statement = statement.limit(sa.bindparam("limit", type_=sa.BigInteger()))
        if lock:
            statement = self._locked(noun, statement)
        return Shape(prepare(self.engine, statement), self.entity_builder(noun), keys)

    def _locked(self, noun: Noun, statement: sa.Select[Any]) -> sa.Select[Any]:
        """Lock the records; their lists are gathered as they were before a lock was waited for.

        So the version of that moment is read beside them: where it is another, they are stale.
        """
        if self.rereads(noun):
            seen = noun.table.alias("seen")
            before = sa.select(seen.c.version).where(seen.c.id == noun.table.c.id)
            statement = statement.add_columns(before.scalar_subquery())
        return statement.with_for_update(of=noun.table)

    def rereads(self, noun: Noun) -> bool:
        """Return whether locked records say in their last column what version their lists are of.

        SQLite has one writer, so nothing changes while it reads.
        """
        return bool(noun.links) and self.engine.name == "postgresql"

    def column(self, noun: Noun, name: str) -> sa.ColumnElement[Any]:
        """Return a field as a selectable column; a link field is gathered from its table."""
        if name not in noun.links:
            return self.expression(noun, name)
        link, owner = noun.link_tables[name].name, noun.table.name
        chosen = f"SELECT target_id FROM {link} WHERE owner_id = {owner}.id ORDER BY position"  # noqa: S608
        gathered = f"(SELECT json_group_array(target_id) FROM ({chosen}))"  # noqa: S608
        if self.engine.name == "postgresql":
            gathered = f"ARRAY({chosen})"
        return sa.literal_column(gathered).label(name)

    def expression(self, noun: Noun, name: str) -> sa.ColumnElement[Any]:
        """Return what a field is compared, sorted and summed up by."""
        if name in noun.columns:
            return noun.table.c[name]
        kind, column = noun.all_fields[name].kind, noun.table.c[CUSTOM]
        return added.expression(self.engine.name, column, name.removeprefix("cf."), kind)

    def _visible(
        self, noun: Noun, ref: str, target: Noun, other: sa.FromClause, scoped: frozenset[str]
    ) -> sa.ColumnElement[bool]:
        """Join the included record only where the reader may see it."""
        on = self.expression(noun, ref) == other.c.id
        scope = None
        if target.key in scoped:
            scope = self.registry.scope_condition(target, me_bind(), other, scoped)
        return sa.and_(on, scope) if scope is not None else on

    def where(
        self, noun: Noun, ask: Ask, scoped: frozenset[str], *, guide: bool = True
    ) -> list[sa.ColumnElement[bool]]:
        """Return every condition of a request; values are bound by name, `f0`, `f1` and so on.

        Without `guide` they are written so that SQLite chooses no index by them.
        """
        table = noun.table
        found: list[sa.ColumnElement[bool]] = []
        if ask.deleted != "with":
            gone = table.c.deleted_at
            found.append(gone.is_(None) if ask.deleted == "no" else gone.is_not(None))
        for place, item in enumerate(ask.filters):
            found.append(self._condition(noun, item, f"f{place}", scoped))
        for one, group in enumerate(ask.groups):
            found.append(self._any(noun, group, f"g{one}", scoped))
        if ask.q:
            found.append(matches(noun, self.engine.name, ask.q))
        scope = None
        if noun.key in scoped:
            scope = self.registry.scope_condition(noun, me_bind(), limits=scoped)
        if scope is not None:
            found.append(scope)
        if not guide:
            found = [part.self_group().op("IS")(sa.literal_column("TRUE")) for part in found]
        if ask.half != "all":
            first = self.expression(noun, ask.sort[0][0])
            found.append(first.is_(None) if ask.half == "empty" else first.is_not(None))
        if ask.after is not None:
            found.append(self._beyond(noun, ask))
        return found

    def _any(
        self, noun: Noun, group: Group, bind: str, scoped: frozenset[str]
    ) -> sa.ColumnElement[bool]:
        """Return the condition that one of the alternatives is met as a whole."""
        return sa.or_(
            *(
                sa.and_(
                    *(
                        self._condition(noun, item, f"{bind}_{two}_{three}", scoped)
                        for three, item in enumerate(alternative)
                    )
                )
                for two, alternative in enumerate(group)
            )
        )

    def _condition(
        self, noun: Noun, item: Filter, bind: str, scoped: frozenset[str]
    ) -> sa.ColumnElement[bool]:
        if item.via:
            target = self.registry.nouns[noun.refs[item.via].target]
            inner = Filter(item.field, item.op, item.value)
            scope = self.registry.scope_condition(target, me_bind(), limits=scoped)
            met = self._condition(target, inner, bind, scoped)
            chosen = sa.select(target.table.c.id).where(met)
            if scope is not None and target.key in scoped:
                chosen = chosen.where(scope)
            return noun.table.c[item.via].in_(chosen)
        if item.field in noun.links:
            return self._linked(noun, item, bind)
        if isinstance(noun.all_fields[item.field].kind, Choices) and item.op != "isnull":
            return self._listed(noun, item, bind)
        return self._compare(self.expression(noun, item.field), item, bind)

    def _linked(self, noun: Noun, item: Filter, bind: str) -> sa.ColumnElement[bool]:
        link = noun.link_tables[item.field]
        owners = sa.select(link.c.owner_id)
        if item.op == "isnull":
            return noun.table.c.id.not_in(owners) if item.value else noun.table.c.id.in_(owners)
        return noun.table.c.id.in_(owners.where(self._compare(link.c.target_id, item, bind)))

    def _listed(self, noun: Noun, item: Filter, bind: str) -> sa.ColumnElement[bool]:
        """Look for a value, or one of several, in an added list."""
        name = item.field.removeprefix("cf.")
        rows = added.each(self.engine.name, noun.table.c[CUSTOM], name)
        value: Any = sa.type_coerce(rows.c.value, sa.String())
        found: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(rows)
        met = self._compare(value, item, bind)
        return sa.exists(found.where(met).correlate(noun.table))

    def _compare(
        self, column: sa.ColumnElement[Any], item: Filter, bind: str
    ) -> sa.ColumnElement[bool]:
        value = sa.bindparam(bind, type_=column.type)
        end = sa.bindparam(f"{bind}_end", type_=column.type)
        operators: dict[str, Callable[[], sa.ColumnElement[bool]]] = {
            "": lambda: column == value,
            "ne": lambda: sa.or_(column != value, column.is_(None)),
            "lt": lambda: column < value,
            "lte": lambda: column <= value,
            "gt": lambda: column > value,
            "gte": lambda: column >= value,
            "in": lambda: self.among(column, bind),
            "none": lambda: sa.or_(sa.not_(self.among(column, bind)), column.is_(None)),
            "within": lambda: sa.and_(column >= value, column < end),
            "outside": lambda: sa.or_(column < value, column >= end, column.is_(None)),
            "isnull": lambda: column.is_(None) if item.value else column.is_not(None),
            "contains": lambda: column.icontains(value, autoescape=False, escape="\\"),
            "startswith": lambda: column.istartswith(value, autoescape=False, escape="\\"),
        }
        return operators[item.op]()

    def among(self, column: sa.ColumnElement[Any], bind: str) -> sa.ColumnElement[bool]:
        """Compare with a list in one bound value, so that its length does not change the SQL."""
        if self.engine.name == "postgresql":
            kind = column.type
            inner = (
                kind.load_dialect_impl(self.engine.dialect) if isinstance(kind, Stored) else kind
            )
            return column == sa.any_(sa.bindparam(bind, type_=postgresql.ARRAY(inner)))
        each = sa.func.json_each(sa.bindparam(bind, type_=sa.Text())).table_valued("value")
        return column.in_(sa.select(each.c.value))

    def _order(self, noun: Noun, ask: Ask) -> list[sa.ColumnElement[Any]]:
        order: list[sa.ColumnElement[Any]] = []
        for place, (name, down) in enumerate(ask.sort):
            column = self.expression(noun, name)
            part = column.desc() if down else column.asc()
            whole = ask.half == "all" or place > 0
            order.append(part.nulls_last() if whole and noun.all_fields[name].optional else part)
        return order[1:] if ask.half == "empty" else order

    def _beyond(self, noun: Noun, ask: Ask) -> sa.ColumnElement[bool]:
        """Return the condition of lying after the cursor, in the order asked for."""
        assert ask.after is not None
        sort = ask.sort
        columns = [self.expression(noun, name) for name, _ in sort]
        binds = [sa.bindparam(f"k{n}", type_=c.type) for n, c in enumerate(columns)]
        known = 1 if ask.half == "known" else 0
        plain = all(not noun.all_fields[name].optional for name, _ in sort[known:])
        if plain and len({down for _, down in sort}) == 1:
            left = sa.tuple_(*columns)
            right = sa.tuple_(*binds)
            return left < right if sort[0][1] else left > right
        beyond: sa.ColumnElement[bool] = sa.false()
        parts = zip(sort, columns, binds, ask.after, strict=True)
        for (name, down), column, bind, value in reversed(list(parts)):
            if value is None:
                beyond = sa.and_(column.is_(None), beyond)
                continue
            further = column < bind if down else column > bind
            if noun.all_fields[name].optional and not (known and name == sort[0][0]):
                further = sa.or_(further, column.is_(None))
            beyond = sa.or_(further, sa.and_(column == bind, beyond))
        return beyond

    def values(self, noun: Noun, ask: Ask, me: int | None) -> dict[str, Any]:
        """Return the bound values of a request, in the names its shape uses."""
        found: dict[str, Any] = {"me": me or 0, "limit": ask.limit + 1}
        for name, item in ask.conditions():
            found[name] = self._bound(noun, item)
            if item.op in ("within", "outside"):
                found[name], found[f"{name}_end"] = item.value
        for place, value in enumerate(ask.after or ()):
            found[f"k{place}"] = value
        if ask.q:
            found |= bound(self.engine.name, ask.q)
        return found

    def _bound(self, noun: Noun, item: Filter) -> Any:
        if item.op in ("contains", "startswith"):
            return str(item.value).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        if item.op not in ("in", "none"):
            return item.value
        owner = self.registry.nouns[noun.refs[item.via].target] if item.via else noun
        kind = owner.all_fields[item.field].kind
        encode = None if isinstance(kind, Choices) else kind.to_db(self.engine.name)
        items = [encode(value) if encode else value for value in item.value]
        return items if self.engine.name == "postgresql" else msgspec.json.encode(items).decode()

    def _wire_builder(
        self,
        noun: Noun,
        parts: Sequence[tuple[str, Kind | None, int, type[Struct] | None, list[Kind]]],
    ) -> Build:
        """Generate the positional constructor of a row: `lambda r: Row(r[0], c1(r[1]), …)`."""
        names = [name for name, *_ in parts]
        space: dict[str, Any] = {}
        terms = []
        for name, kind, place, part, kinds in parts:
            if part is None:
                assert kind is not None
                hides = name == CUSTOM and noun.extensible
                codec = _shown(noun) if hides else self._wire(kind)
                terms.append(_term(place, codec, space))
                continue
            space[f"I_{place}"] = part
            inner = ", ".join(_term(place + n, self._wire(k), space) for n, k in enumerate(kinds))
            terms.append(f"(I_{place}({inner}) if r[{place}] is not None else None)")
        if all(name.isidentifier() for name in names):
            space["Row"] = msgspec.defstruct(_title(noun), [(name, Any) for name in names])
            source = f"lambda r: Row({', '.join(terms)})"
        else:
            pairs = (f"{name!r}: {term}" for name, term in zip(names, terms, strict=True))
            source = f"lambda r: {{{', '.join(pairs)}}}"
        return eval(source, space)  # type: ignore[no-any-return]  # noqa: S307 - our own names only

    def _wire(self, kind: Kind) -> Codec | None:
        if isinstance(kind, Links):
            return None if self.engine.name == "postgresql" else _raw
        return kind.to_wire(self.engine.name)

    def entity_builder(self, noun: Noun) -> Build:
        """Generate the constructor of whole records from rows that hold every field in order."""
        space: dict[str, Any] = {"Row": noun.entity}
        terms = []
        for place, (name, item) in enumerate(noun.fields.items()):
            if isinstance(item.kind, Links):
                codec: Codec | None = (
                    None if self.engine.name == "postgresql" else msgspec.json.decode
                )
            else:
                codec = item.kind.from_db(self.engine.name)
            terms.append(f"{name}={_term(place, codec, space)}")
        source = f"lambda r: Row({', '.join(terms)})"
        return eval(source, space)  # type: ignore[no-any-return]  # noqa: S307 - our own names only


def _term(place: int, codec: Codec | None, space: dict[str, Any]) -> str:
    if codec is None:
        return f"r[{place}]"
    space[f"c{place}"] = codec
    return f"(c{place}(r[{place}]) if r[{place}] is not None else None)"


def _shown(noun: Noun) -> Codec:
    """Return how added values are answered: without those whose field was taken away."""

    def shown(text: str) -> Any:
        """Pass the stored JSON on, or what is left of it."""
        if text == "{}":
            return NOTHING
        values = msgspec.json.decode(text)
        return (
            msgspec.Raw(text.encode())
            if values.keys() <= noun.added.keys()
            else msgspec.Raw(msgspec.json.encode(noun.shown(values)))
        )

    return shown


def _raw(value: str) -> msgspec.Raw:
    return msgspec.Raw(value.encode())


def beside(ref: str, target: Noun) -> str:
    """Return the name under which an included record stands beside its id.

    `project_id` gives `project`; `created_by` gives `created_by_user`.
    """
    return ref.removesuffix("_id") if ref.endswith("_id") else f"{ref}_{target.name}"


def _title(noun: Noun) -> str:
    return noun.entity.__name__
