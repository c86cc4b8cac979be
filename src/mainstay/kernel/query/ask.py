"""The query language, the same in REST, pages, the library and commands."""

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, Literal
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from mainstay.kernel.fields import (
    Choice,
    Choices,
    Day,
    Dec,
    Field,
    Flag,
    Instant,
    Json,
    Kind,
    Links,
    Real,
    Ref,
    Text,
    Whole,
)
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Malformed
from mainstay.kernel.query.days import BUCKETS, DAYS, SPANS, span, start_of
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import Me

__all__ = ["DAYS", "RESERVED", "SPANS", "Ask", "Filter", "parse"]

RESERVED = ("q", "sort", "include", "fields", "limit", "cursor", "deleted", "count", "any", "is")
MOST = 1000
MOST_CONDITIONS = 100
USUAL = 50
Half = Literal["all", "known", "empty"]
GROUPED = (Choice, Choices, Ref, Flag, Text, Whole, Links, Day, Instant)
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Filter(Struct, frozen=True):
    """One condition: a field, perhaps of a record this one refers to, an operator, a value.

    `within` and `outside` hold a first value and the one after the last; `none` holds a list.
    """

    field: str
    op: str
    value: Any
    via: str = ""

    @property
    def shape(self) -> tuple[str, str, str]:
        """Return what decides the SQL text, without the value."""
        op = f"isnull{int(self.value)}" if self.op == "isnull" else self.op
        return (self.via, self.field, op)


Group = tuple[tuple[Filter, ...], ...]


class Ask(Struct, kw_only=True):
    """A parsed request for records: which, in what order, with what beside them.

    Of each of the `groups` one alternative must be met as a whole. `half` keeps to the records
    whose first sort field is known, or is empty: each half is in the order of an index, which the
    two together are not.
    """

    filters: tuple[Filter, ...] = ()
    groups: tuple[Group, ...] = ()
    q: str = ""
    sort: tuple[tuple[str, bool], ...] = ()
    include: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    limit: int = USUAL
    after: tuple[Any, ...] | None = None
    deleted: str = "no"
    count: bool = False
    half: Half = "all"

    def conditions(self) -> list[tuple[str, Filter]]:
        """Return every condition, those of the groups too, with the name its value is bound by."""
        found = [(f"f{place}", item) for place, item in enumerate(self.filters)]
        if self.groups:
            found += [
                (f"g{one}_{two}_{three}", item)
                for one, group in enumerate(self.groups)
                for two, alternative in enumerate(group)
                for three, item in enumerate(alternative)
            ]
        return found


class Measure(Struct, frozen=True):
    """What is worked out for each group: how, and of which field; a count needs none."""

    how: str
    field: str = ""


class Bucket(Struct, frozen=True):
    """What records are grouped by: a field, and for days how wide a span."""

    field: str
    span: str = ""


class SummaryAsk(Struct, kw_only=True):
    """A parsed request for a summary: of which records, by what, and what of each group."""

    ask: Ask
    by: tuple[Bucket, ...] = ()
    measures: tuple[Measure, ...] = (Measure("count"),)
    limit: int = MOST


HOW = ("count", "sum", "avg", "min", "max")
UNSUMMED = ("sort", "include", "fields", "cursor", "count")


def parse_summary(
    registry: Registry,
    noun: Noun,
    params: Iterable[tuple[str, Any]],
    me: Me,
    today: Callable[[], date],
) -> SummaryAsk:
    """Read `by=status,due_date:month`, `measure=count,sum:story_points` and any conditions.

    What orders and pages a list says nothing here and is passed over.
    """
    reader = _AskReader(registry, noun, me, today)
    said: dict[str, Any] = {}
    for name, value in params:
        if name in ("by", "measure", "limit"):
            said[name] = value
        elif name not in UNSUMMED:
            reader.take(name, value)
    by = tuple(dict.fromkeys(reader.bucket(part) for part in _words(said.get("by"))))
    if len(by) > 2:
        raise Malformed("by: records are grouped by at most two fields.")
    measures = [reader.measure(part) for part in _words(said.get("measure")) or ["count"]]
    if len(measures) > 8:
        raise Malformed("measure: at most 8 at once.")
    limit = reader.limit(said.get("limit", MOST))
    return SummaryAsk(ask=reader.ask(), by=by, measures=tuple(dict.fromkeys(measures)), limit=limit)


def parse(
    registry: Registry,
    noun: Noun,
    params: Iterable[tuple[str, Any]],
    me: Me,
    today: Callable[[], date],
) -> Ask:
    """Read a query string's pairs, or refuse and name what is known."""
    reader = _AskReader(registry, noun, me, today)
    for name, value in params:
        reader.take(name, value)
    return reader.ask()


class _AskReader:
    """Collects the parts of one request."""

    def __init__(self, registry: Registry, noun: Noun, me: Me, today: Callable[[], date]) -> None:
        self.registry, self.noun, self.me, self.today = registry, noun, me, today
        self.filters: list[Filter] = []
        self.groups: list[Group] = []
        self.plain: dict[str, Any] = {}

    def take(self, name: str, value: Any) -> None:
        """Take one pair."""
        if name == "any":
            self.groups.append(self._group(str(value)))
        elif name == "is":
            for pair in self._named(value):
                self.take(*pair)
        elif name in RESERVED:
            self.plain[name] = value
        else:
            self.filters.append(self._filter(name, value))

    def _group(self, text: str) -> Group:
        """Read alternatives separated by |, each of conditions joined by ;."""
        return tuple(
            tuple(item for part in _split(alternative, ";") for item in self._within_any(part))
            for alternative in _split(text, "|")
        )

    def _within_any(self, text: str) -> list[Filter]:
        name, equals, value = text.partition("=")
        name, value = name.strip(), _unescaped(value)
        if not equals or not name:
            raise Malformed(
                f"any: {text!r} is not a condition. Write them like "
                "any=status=todo|priority=high;due_date__lt=today, with a backslash before "
                "| and ; in a value."
            )
        if name == "is":
            return [self._filter(*pair) for pair in self._named(value)]
        if name in RESERVED:
            raise Malformed(f"any: {name} cannot stand in it; only conditions on fields and is.")
        return [self._filter(name, value)]

    def _named(self, value: Any) -> Iterator[tuple[str, str]]:
        """Yield what the conditions with these names stand for."""
        known = {item.name: item for item in self.noun.resource.named}
        for name in _words(value):
            if name not in known:
                have = f"Known: {', '.join(known)}." if known else "It has none."
                raise Malformed(f"is: {self.noun.name} has no condition {name!r}. {have}")
            yield from parse_qsl(known[name].query, keep_blank_values=True)

    def ask(self) -> Ask:
        """Return the whole request; the cursor is read last, because it depends on the order."""
        plain = self.plain
        if plain.get("sort"):
            sort = self._sort(str(plain["sort"]))
        else:
            sort = self.noun.usual_sort = self.noun.usual_sort or self._sort(
                self.noun.resource.sort
            )
        if "\x00" in str(plain.get("q", "")):
            raise Malformed("q must not contain the NUL character.")
        if len(self.filters) + sum(len(a) for g in self.groups for a in g) > MOST_CONDITIONS:
            raise Malformed(f"At most {MOST_CONDITIONS} conditions at once; use fewer.")
        deleted = str(plain.get("deleted", "no"))
        if deleted not in ("no", "only", "with"):
            raise Malformed("deleted must be no, only or with.")
        return Ask(
            filters=tuple(self.filters),
            groups=tuple(self.groups),
            q=str(plain.get("q") or "").strip(),
            sort=sort,
            include=self._include(_words(plain.get("include"))),
            fields=self._fields(_words(plain.get("fields"))),
            limit=self.limit(plain.get("limit", USUAL)),
            after=read_cursor(self.noun, sort, plain.get("cursor")),
            deleted=deleted,
            count=self._count(plain.get("count", False)),
        )

    def _filter(self, name: str, value: Any) -> Filter:
        path, _, op = name.partition("__")
        via, rest = _parted(path)
        noun = self._via(via) if via else self.noun
        item = self.field(noun, rest)
        if op not in item.kind.operators:
            known = ", ".join(o or "(equals)" for o in item.kind.operators)
            raise Malformed(f"{name}: {rest} cannot be compared with {op!r}. Known: {known}.")
        if op in ("", "ne") and isinstance(value, str) and "," in value and _lists(item.kind):
            op = "none" if op else "in"
        if via:
            via = via if via in self.noun.columns else f"{via}_id"
        try:
            return Filter(item.name, *self._met(item, op, value), via)
        except ValueError as error:
            raise Malformed(f"{name}: {error}.") from None

    def _via(self, name: str) -> Noun:
        for candidate in (name, f"{name}_id"):
            if candidate in self.noun.refs:
                return self.registry.nouns[self.noun.refs[candidate].target]
        raise Malformed(f"{name} is not a reference of {self.noun.name}.")

    def field(self, noun: Noun, name: str, what: str = "filter") -> Field:
        """Return a field that this person may read, or refuse and name the known ones."""
        for candidate in (name, f"{name}_id"):
            item = noun.field(candidate)
            if item and not item.kind.secret and self._granted(noun, item):
                return item
        raise Malformed(
            f"Unknown {what} {name!r} for {noun.name}. Known: "
            f"{', '.join(n for n, f in noun.all_fields.items() if not f.kind.secret)}; "
            f"and {', '.join(RESERVED)}."
        )

    def _granted(self, noun: Noun, item: Field) -> bool:
        return not item.kind.group or self.me.can(noun.permission(f"read_{item.kind.group}"))

    def _met(self, item: Field, op: str, value: Any) -> tuple[str, Any]:
        """Return the operator and the value of a condition as they are compared."""
        if op == "isnull":
            return op, yes(value)
        if op in ("in", "none"):
            parts = value.split(",") if isinstance(value, str) else list(value)
            parts = [part for part in parts if part != ""]
            if len(parts) == 1 and (spanned := self._spanned(item, op, parts[0])):
                return spanned
            return op, [self._one(item, part) for part in parts]
        return self._spanned(item, op, value) or (op, self._one(item, value))

    def _spanned(self, item: Field, op: str, value: Any) -> tuple[str, Any] | None:
        """Compare with a span of days, or of instants from the first midnight to the last.

        A date in an instant's place stands for that whole day where the reader is.
        """
        kind = item.kind
        if not isinstance(value, str) or not isinstance(kind, (Day, Instant)):
            return None
        days = span(value, self.today())
        if days is None and isinstance(kind, Instant) and DATE.fullmatch(value):
            days = span("today", Day().parse(value))
        if days is None:
            return None
        low, high = days
        if isinstance(kind, Day) and (high - low).days == 1 and op not in ("in", "none"):
            return op, low
        first, end = (
            days if isinstance(kind, Day) else [start_of(day, self.me.zone) for day in days]
        )
        known = {"lt": ("lt", first), "gte": ("gte", first), "gt": ("gte", end), "lte": ("lt", end)}
        return known.get(op) or ("within" if op in ("", "in") else "outside", (first, end))

    def _one(self, item: Field, value: Any) -> Any:
        kind = item.kind
        if isinstance(kind, Choices):
            return kind.one(value)
        if isinstance(value, str) and isinstance(kind, (Ref, Links)):
            if value == "me" and kind.target == "identity.user":
                return self.me.id or 0
            return Whole(least=0).parse(value)
        if isinstance(value, str) and isinstance(kind, (Day, Instant)):
            value = self._listed_day(kind, value)
        if isinstance(value, str):
            if "\x00" in value:
                raise ValueError("must not contain the NUL character")
            return kind.parse(value)
        if isinstance(value, float) and not isinstance(kind, Links):
            return kind.accept(value)
        return value

    def _listed_day(self, kind: Day | Instant, text: str) -> str:
        """Read one of several days; a longer span cannot be one of a list."""
        days = span(text, self.today())
        if days is None:
            return text
        if isinstance(kind, Instant) or (days[1] - days[0]).days > 1:
            raise ValueError(f"{text} is a span and cannot be one of several; join them by any=")
        return days[0].isoformat()

    def _sort(self, text: str) -> tuple[tuple[str, bool], ...]:
        order: list[tuple[str, bool]] = []
        for part in text.split(","):
            name, down = part.strip().removeprefix("-"), part.strip().startswith("-")
            item = self.field(self.noun, name, "sort field")
            if isinstance(item.kind, (Links, Json)):
                raise Malformed(f"Records cannot be sorted by {name}.")
            if item.name not in (known for known, _ in order):
                order.append((item.name, down))
        if "id" not in (name for name, _ in order):
            order.append(("id", order[-1][1]))
        return tuple(order)

    def _include(self, names: list[str]) -> tuple[str, ...]:
        found = []
        for name in names:
            if name in self.noun.links or name in self.noun.all_refs:
                found.append(name)
            elif f"{name}_id" in self.noun.refs:
                found.append(f"{name}_id")
            elif name == "created" and "created_by" in self.noun.refs:
                found.append("created_by")
            else:
                known = [ref.removesuffix("_id") for ref in self.noun.all_refs]
                raise Malformed(
                    f"Unknown include {name!r}. Known: {', '.join([*known, *self.noun.links])}."
                )
        return tuple(dict.fromkeys(found))

    def _fields(self, names: list[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.field(self.noun, name, "field").name for name in names))

    def bucket(self, text: str) -> Bucket:
        """Read a field to group by, perhaps with the span of its days."""
        name, _, wide = text.partition(":")
        item = self.field(self.noun, name, "group")
        if not isinstance(item.kind, GROUPED):
            raise Malformed(f"by: records cannot be grouped by {name}.")
        if not isinstance(item.kind, (Day, Instant)):
            if wide:
                raise Malformed(f"by: {name} is not a date, so it has no {wide}.")
            return Bucket(item.name)
        if (wide or "day") not in BUCKETS:
            raise Malformed(f"by: {name} by {wide}? Known: {', '.join(BUCKETS)}.")
        return Bucket(item.name, wide or "day")

    def measure(self, text: str) -> Measure:
        """Read what is to be worked out of each group."""
        how, _, name = text.partition(":")
        if how not in HOW or (not name and how != "count"):
            raise Malformed(
                f"measure: {text!r} is not known. Known: count, and "
                f"{', '.join(HOW[1:])} with a field, like sum:hours."
            )
        if not name:
            return Measure("count")
        item = self.field(self.noun, name, "measure")
        known = (Whole, Real, Dec) if how in ("sum", "avg") else (Whole, Real, Dec, Day, Instant)
        if how != "count" and (not isinstance(item.kind, known) or isinstance(item.kind, Ref)):
            raise Malformed(f"measure: {how} of {name} has no meaning; it is not a number.")
        if isinstance(item.kind, (Links, Json)):
            raise Malformed(f"measure: {name} cannot be counted; use count alone.")
        return Measure(how, item.name)

    def _count(self, value: Any) -> bool:
        try:
            return yes(value)
        except ValueError as error:
            raise Malformed(f"count {error}.") from None

    def limit(self, value: Any) -> int:
        """Read how many records or groups are wanted."""
        try:
            limit = int(value)
        except (TypeError, ValueError):
            raise Malformed("limit must be a whole number.") from None
        if not 1 <= limit <= MOST:
            raise Malformed(f"limit must be between 1 and {MOST}.")
        return limit


def yes(value: Any) -> bool:
    """Read true or false, said in any of the usual ways."""
    return value if isinstance(value, bool) else Flag().parse(str(value))


def _lists(kind: Kind) -> bool:
    """Return whether a comma in a plain filter value separates several values."""
    return "in" in kind.operators and kind.widget not in ("text", "textarea")


def _parted(path: str) -> tuple[str, str]:
    """Split `project.name` into the reference and its field; `cf.score` is a field by itself."""
    via, _, rest = path.rpartition(".")
    if via == "cf" or via.endswith(".cf"):
        return via[:-3], f"cf.{rest}"
    return via, rest


def _split(text: str, mark: str) -> list[str]:
    """Split at a mark that has no backslash before it; the backslashes stay."""
    parts, escaped = [""], False
    for letter in text:
        if letter == mark and not escaped:
            parts.append("")
        else:
            parts[-1] += letter
        escaped = letter == "\\" and not escaped
    return parts


def _unescaped(text: str) -> str:
    r"""Take away the backslashes before |, ; and \."""
    return re.sub(r"\\([|;\\])", r"\1", text)


def _words(value: Any) -> list[str]:
    if value is None:
        return []
    parts = value.split(",") if isinstance(value, str) else list(value)
    return [part.strip() for part in parts if part.strip()]


def write_cursor(noun: Noun, sort: tuple[tuple[str, bool], ...], values: Iterable[Any]) -> str:
    """Write the place after a record, in the order asked for, as one opaque word."""
    texts = [
        None if value is None else noun.all_fields[name].kind.text(value)
        for (name, _), value in zip(sort, values, strict=True)
    ]
    raw = msgspec.json.encode([_order(sort), texts])
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_cursor(
    noun: Noun, sort: tuple[tuple[str, bool], ...], cursor: Any
) -> tuple[Any, ...] | None:
    """Read a place back, or refuse a cursor that belongs to another order."""
    if not cursor:
        return None
    try:
        raw = base64.urlsafe_b64decode(str(cursor) + "=" * (-len(str(cursor)) % 4))
        order, texts = msgspec.json.decode(raw, type=tuple[str, list[str | None]])
        if order != _order(sort) or len(texts) != len(sort):
            raise ValueError("it belongs to another sort order")  # noqa: TRY301 - one answer
        return tuple(
            None if text is None else noun.all_fields[name].kind.parse(text)
            for (name, _), text in zip(sort, texts, strict=True)
        )
    except (ValueError, msgspec.MsgspecError) as error:
        raise Malformed(f"The cursor cannot be used: {error}. Start without one.") from None


def _order(sort: tuple[tuple[str, bool], ...]) -> str:
    return ",".join(f"-{name}" if down else name for name, down in sort)
