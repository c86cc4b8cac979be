"""Records summed up by group: counts, sums, averages, least and most, in one statement."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel.fields import (
    Choice,
    Choices,
    Day,
    Dec,
    Field,
    Instant,
    Kind,
    Links,
    Ref,
    Whole,
    iso,
)
from mainstay.kernel.noun import CUSTOM, Noun
from mainstay.kernel.query import added
from mainstay.kernel.query.ask import Bucket, Measure, SummaryAsk
from mainstay.kernel.query.shape import Compiler
from mainstay.kernel.scope import me_bind
from mainstay.kernel.storage.base import Prepared, Row, prepare

# SQLite adds whole numbers up to 2^63; in two parts they may each be as large as they like.
PART = 1_000_000


class Line(Struct, kw_only=True):
    """One group: its values, the records that references among them name, and its measures.

    A group by days is named by its first day. An empty value is null, and so is a record that
    the reader may not see.
    """

    key: list[Any]
    beside: list[Any]
    values: list[Any]


class Summary(Struct, kw_only=True):
    """Groups in their natural order; `more` when there were more than were asked for."""

    by: list[Bucket]
    measures: list[Measure]
    rows: list[Line]
    more: bool = False


class SummaryShape:
    """The compiled statement of a summary, and how its rows are read."""

    def __init__(
        self, compiler: Compiler, noun: Noun, wanted: SummaryAsk, scoped: frozenset[str]
    ) -> None:
        """Compile it: groups and measures inside, the named records beside them."""
        self.compiler, self.noun, self.wanted, self.slow = compiler, noun, wanted, False
        self.engine = compiler.engine
        self.kinds = [noun.all_fields[item.field].kind for item in wanted.by]
        self.targets = [self._target(kind) for kind in self.kinds]
        self.prepared = self._compile(scoped)

    def _target(self, kind: Kind) -> Noun | None:
        key = kind.target if isinstance(kind, (Ref, Links)) else ""
        return self.compiler.registry.nouns[key] if key else None

    def _compile(self, scoped: frozenset[str]) -> Prepared:
        noun, wanted = self.noun, self.wanted
        source: sa.FromClause = noun.table
        keys: list[Any] = []
        for item in wanted.by:
            source, key = self._key(source, item)
            keys.append(key.label(f"k{len(keys)}"))
        found = [part for item in wanted.measures for part in self._measure(item)]
        named = [part.label(f"m{place}") for place, part in enumerate(found)]
        groups = sa.select(*keys, *named).select_from(source)
        groups = groups.where(*self.compiler.where(noun, wanted.ask, scoped))
        if keys:
            # By their places: a bound zone is not the same expression twice to PostgreSQL.
            places: list[Any] = [sa.literal_column(str(place + 1)) for place in range(len(keys))]
            groups = groups.group_by(*places).order_by(sa.func.count().desc(), *places)
        groups = groups.limit(sa.bindparam("groups", type_=sa.BigInteger()))
        return prepare(self.engine, self._beside(groups.subquery("g"), scoped))

    def _beside(self, groups: sa.Subquery, scoped: frozenset[str]) -> sa.Select[Any]:
        """Join the records that the groups refer to, where the reader may see them."""
        picks: list[sa.ColumnElement[Any]] = list(groups.c)
        source: sa.FromClause = groups
        for place, target in enumerate(self.targets):
            if target is None:
                continue
            other = target.table.alias(f"b{place}")
            on = groups.c[f"k{place}"] == other.c.id
            if target.key in scoped:
                scope = self.compiler.registry.scope_condition(target, me_bind(), other, scoped)
                on = on if scope is None else sa.and_(on, scope)
            source = source.outerjoin(other, on)
            picks += [other.c[name] for name in beside_names(target)]
        return sa.select(*picks).select_from(source)

    def _key(self, source: sa.FromClause, item: Bucket) -> tuple[sa.FromClause, Any]:
        """Return what to group by; a link field is joined, so that a record counts once a link."""
        noun, kind = self.noun, self.noun.all_fields[item.field].kind
        if isinstance(kind, Links):
            link = noun.link_tables[item.field].alias(f"l_{item.field}")
            return source.outerjoin(link, link.c.owner_id == noun.table.c.id), link.c.target_id
        if isinstance(kind, Choices):
            name = item.field.removeprefix("cf.")
            rows = added.each(self.engine.name, noun.table.c[CUSTOM], name)
            return source.outerjoin(rows, sa.true()), rows.c.value
        column = self.compiler.expression(noun, item.field)
        if not item.span:
            return source, column
        if self.engine.name == "sqlite":
            return source, _sqlite_bucket(column, item.span, isinstance(kind, Instant))
        return source, _postgres_bucket(column, item.span, isinstance(kind, Instant))

    def _measure(self, item: Measure) -> list[sa.ColumnElement[Any]]:
        if not item.field:
            return [sa.func.count()]
        column = self.compiler.expression(self.noun, item.field)
        if item.how not in ("sum", "avg"):
            return [getattr(sa.func, item.how)(column)]
        counted = [sa.func.count(column)] if item.how == "avg" else []
        if not self._in_parts(item):
            return [sa.func.sum(column), *counted]
        whole = sa.type_coerce(column, sa.BigInteger())
        part: Any = sa.literal_column(str(PART))
        high = sa.func.sum(whole.op("/")(part))
        return [high, sa.func.sum(whole.op("%")(part)), *counted]

    def _in_parts(self, item: Measure) -> bool:
        kind = self.noun.all_fields[item.field].kind
        return self.engine.name == "sqlite" and isinstance(kind, (Whole, Dec))

    def read(self, rows: Sequence[Row], limit: int) -> Summary:
        """Return the rows as a summary."""
        wanted, width = self.wanted, len(self.wanted.by)
        lines = []
        for row in rows[:limit]:
            key = [
                None if value is None else self._wire(kind, value)
                for kind, value in zip(self.kinds, row, strict=False)
            ]
            rest = iter(row[width:])
            values = [self._value(item, rest) for item in wanted.measures]
            lines.append(Line(key=key, beside=self._named(rest), values=values))
        for place in reversed(range(width)):
            lines.sort(key=self._order(place))
        return Summary(
            by=list(wanted.by),
            measures=list(wanted.measures),
            rows=lines,
            more=len(rows) > limit,
        )

    def _named(self, rest: Any) -> list[Any]:
        found: list[Any] = []
        for target in self.targets:
            if target is None:
                found.append(None)
                continue
            names = beside_names(target)
            codecs = [target.columns[name].kind.to_wire(self.engine.name) for name in names]
            brief = {
                name: codec(value) if codec and value is not None else value
                for name, codec, value in zip(names, codecs, rest, strict=False)
            }
            found.append(brief if brief["id"] is not None else None)
        return found

    def _value(self, item: Measure, rest: Any) -> Any:
        """Bring a measure back into its field's own unit."""
        if item.how == "count":
            return next(rest)
        field, value = self.noun.all_fields[item.field], next(rest)
        if item.how in ("min", "max"):
            return None if value is None else self._wire(field.kind, value)
        if self._in_parts(item):
            low = next(rest)
            value = None if value is None else value * PART + low
        many = next(rest) if item.how == "avg" else 1
        return None if value is None else in_unit(field, value, many, self.engine.name)

    def _wire(self, kind: Kind, value: Any) -> Any:
        """Return a value as it is answered; a day and a moment as text on either engine."""
        if isinstance(kind, (Day, Instant)):
            return iso(value) if isinstance(value, datetime) else str(value)
        if isinstance(kind, Choices):
            return value
        codec = kind.to_wire(self.engine.name)
        return codec(value) if codec else value

    def _order(self, place: int) -> Callable[[Line], Any]:
        """Return what groups are sorted by: choices by their place, names by their letters."""
        kind = self.kinds[place]

        def natural(line: Line) -> Any:
            """Return a group's place; the empty one comes last."""
            value, named = line.key[place], line.beside[place]
            if value is None:
                return (2, 0)
            if isinstance(kind, (Choice, Choices)):
                known = value in kind.values
                return (0, kind.values.index(value)) if known else (1, value)
            if named is not None:
                said = [str(part).casefold() for name, part in named.items() if name != "id"]
                return (0, said, value)
            return (1 if isinstance(kind, (Ref, Links)) else 0, value)

        return natural


def in_unit(field: Field, value: Any, many: int, engine: str) -> Any:
    """Return a sum, divided by how many it is of, in its field's own unit."""
    kind = field.kind
    if isinstance(kind, Dec):
        exact = Decimal(value).scaleb(-kind.scale) if engine == "sqlite" else Decimal(value)
        return (exact / many).quantize(kind.step)
    if isinstance(kind, Whole) and many == 1:
        return int(value)
    return float(value) / many


def beside_names(target: Noun) -> tuple[str, ...]:
    """Return the columns that name a record."""
    return ("id", *(name for name in target.brief if name != "id"))


def _sqlite_bucket(column: Any, span: str, instant: bool) -> Any:
    """Return the first day of the span that a stored text lies in."""
    text: Any = sa.type_coerce(column, sa.String())
    if instant:
        text = sa.func.local_day(text, sa.bindparam("zone", type_=sa.String()))
    if span == "week":
        return sa.func.date(text, "-6 days", "weekday 1")
    if span == "month":
        return sa.func.substr(text, 1, 7).op("||")("-01")
    if span == "year":
        return sa.func.substr(text, 1, 4).op("||")("-01-01")
    if span == "quarter":
        months: Any = sa.literal_column("'010101040404070707101010'")
        place = sa.cast(sa.func.substr(text, 6, 2), sa.Integer()) * 2 - 1
        start = sa.func.substr(text, 1, 5).op("||")(sa.func.substr(months, place, 2))
        return start.op("||")("-01")
    return text


def _postgres_bucket(column: Any, span: str, instant: bool) -> Any:
    """Return the first day of the span that a date or a moment lies in."""
    zone = sa.bindparam("zone", type_=sa.String())
    local = sa.func.timezone(zone, sa.type_coerce(column, sa.DateTime(timezone=True)))
    moment = local if instant else sa.cast(sa.type_coerce(column, sa.Date()), sa.DateTime())
    return sa.cast(sa.func.date_trunc(sa.literal_column(f"'{span}'"), moment), sa.Date())
