"""The query language, the same in REST, pages, the library and commands."""

import base64
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any, Literal

import msgspec
from msgspec import Struct

from mainstay.kernel.fields import Day, Field, Flag, Instant, Kind, Links, Ref, Whole
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Malformed
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import Me

RESERVED = ("q", "sort", "include", "fields", "limit", "cursor", "deleted", "count")
MOST = 1000
USUAL = 50
Half = Literal["all", "known", "empty"]
DAYS = {"today": 0, "tomorrow": 1, "yesterday": -1}


class Filter(Struct, frozen=True):
    """One condition: a field, perhaps of a record this one refers to, an operator, a value."""

    field: str
    op: str
    value: Any
    via: str = ""

    @property
    def shape(self) -> tuple[str, str, str]:
        """Return what decides the SQL text, without the value."""
        op = f"isnull{int(self.value)}" if self.op == "isnull" else self.op
        return (self.via, self.field, op)


class Ask(Struct, kw_only=True):
    """A parsed request for records: which, in what order, with what beside them.

    `half` keeps to the records whose first sort field is known, or is empty: each half is in the
    order of an index, which the two together are not.
    """

    filters: tuple[Filter, ...] = ()
    q: str = ""
    sort: tuple[tuple[str, bool], ...] = ()
    include: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    limit: int = USUAL
    after: tuple[Any, ...] | None = None
    deleted: str = "no"
    count: bool = False
    half: Half = "all"


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
        self.plain: dict[str, Any] = {}

    def take(self, name: str, value: Any) -> None:
        """Take one pair."""
        if name in RESERVED:
            self.plain[name] = value
        else:
            self.filters.append(self._filter(name, value))

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
        deleted = str(plain.get("deleted", "no"))
        if deleted not in ("no", "only", "with"):
            raise Malformed("deleted must be no, only or with.")
        return Ask(
            filters=tuple(self.filters),
            q=str(plain.get("q") or "").strip(),
            sort=sort,
            include=self._include(_words(plain.get("include"))),
            fields=self._fields(_words(plain.get("fields"))),
            limit=self._limit(plain.get("limit", USUAL)),
            after=read_cursor(self.noun, sort, plain.get("cursor")),
            deleted=deleted,
            count=self._count(plain.get("count", False)),
        )

    def _filter(self, name: str, value: Any) -> Filter:
        path, _, op = name.partition("__")
        via, _, rest = path.rpartition(".")
        noun = self._via(via) if via else self.noun
        item = self._field(noun, rest)
        if op not in item.kind.operators:
            known = ", ".join(o or "(equals)" for o in item.kind.operators)
            raise Malformed(f"{name}: {rest} cannot be compared with {op!r}. Known: {known}.")
        if op == "" and isinstance(value, str) and "," in value and _lists(item.kind):
            op = "in"
        if via:
            via = via if via in self.noun.columns else f"{via}_id"
        return Filter(item.name, op, self._value(name, item, op, value), via)

    def _via(self, name: str) -> Noun:
        for candidate in (name, f"{name}_id"):
            if candidate in self.noun.refs:
                return self.registry.nouns[self.noun.refs[candidate].target]
        raise Malformed(f"{name} is not a reference of {self.noun.name}.")

    def _field(self, noun: Noun, name: str, what: str = "filter") -> Field:
        for candidate in (name, f"{name}_id"):
            item = noun.fields.get(candidate)
            if item and not item.kind.secret and self._granted(noun, item):
                return item
        raise Malformed(
            f"Unknown {what} {name!r} for {noun.name}. Known: "
            f"{', '.join(n for n, f in noun.fields.items() if not f.kind.secret)}; "
            f"and {', '.join(RESERVED)}."
        )

    def _granted(self, noun: Noun, item: Field) -> bool:
        return not item.kind.group or self.me.can(noun.permission(f"read_{item.kind.group}"))

    def _value(self, name: str, item: Field, op: str, value: Any) -> Any:
        try:
            if op == "isnull":
                return yes(value)
            if op in ("in", "ne") and isinstance(value, str):
                parts = [self._one(item, part) for part in value.split(",") if part != ""]
                return parts if op == "in" else parts[0] if len(parts) == 1 else value
            if op == "in":
                return [self._one(item, part) for part in value]
            return self._one(item, value)
        except ValueError as error:
            raise Malformed(f"{name}: {error}.") from None

    def _one(self, item: Field, value: Any) -> Any:
        kind = item.kind
        if isinstance(value, str) and isinstance(kind, (Ref, Links)):
            if value == "me" and kind.target == "identity.user":
                return self.me.id or 0
            return Whole(least=0).parse(value)
        if isinstance(value, str) and isinstance(kind, (Day, Instant)):
            value = self._relative(value)
        if isinstance(value, str):
            if "\x00" in value:
                raise ValueError("must not contain the NUL character")
            return kind.parse(value)
        if isinstance(value, float) and not isinstance(kind, Links):
            return kind.accept(value)
        return value

    def _relative(self, text: str) -> str:
        """Read today, tomorrow, yesterday, +7d and -2w as dates in the reader's own zone."""
        if text in DAYS:
            return (self.today() + timedelta(days=DAYS[text])).isoformat()
        if text[:1] in "+- " and text[-1:] in "dw" and text[1:-1].isdigit():
            days = int(text[1:-1]) * (7 if text[-1] == "w" else 1)
            if days > 36500:
                raise ValueError("must be within 100 years")
            sign = -1 if text[0] == "-" else 1
            return (self.today() + timedelta(days=sign * days)).isoformat()
        return text

    def _sort(self, text: str) -> tuple[tuple[str, bool], ...]:
        order: list[tuple[str, bool]] = []
        for part in text.split(","):
            name, down = part.strip().removeprefix("-"), part.strip().startswith("-")
            item = self._field(self.noun, name, "sort field")
            if item.name not in self.noun.columns or item.kind.operators == ("isnull",):
                raise Malformed(f"Records cannot be sorted by {name}.")
            if item.name not in (known for known, _ in order):
                order.append((item.name, down))
        if "id" not in (name for name, _ in order):
            order.append(("id", order[-1][1]))
        return tuple(order)

    def _include(self, names: list[str]) -> tuple[str, ...]:
        found = []
        for name in names:
            if name in self.noun.links or name in self.noun.refs:
                found.append(name)
            elif f"{name}_id" in self.noun.refs:
                found.append(f"{name}_id")
            elif name == "created" and "created_by" in self.noun.refs:
                found.append("created_by")
            else:
                known = [ref.removesuffix("_id") for ref in self.noun.refs]
                raise Malformed(
                    f"Unknown include {name!r}. Known: {', '.join([*known, *self.noun.links])}."
                )
        return tuple(dict.fromkeys(found))

    def _fields(self, names: list[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._field(self.noun, name, "field").name for name in names))

    def _count(self, value: Any) -> bool:
        try:
            return yes(value)
        except ValueError as error:
            raise Malformed(f"count {error}.") from None

    def _limit(self, value: Any) -> int:
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


def _words(value: Any) -> list[str]:
    if value is None:
        return []
    parts = value.split(",") if isinstance(value, str) else list(value)
    return [part.strip() for part in parts if part.strip()]


def write_cursor(noun: Noun, sort: tuple[tuple[str, bool], ...], values: Iterable[Any]) -> str:
    """Write the place after a record, in the order asked for, as one opaque word."""
    texts = [
        None if value is None else noun.columns[name].kind.text(value)
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
            None if text is None else noun.columns[name].kind.parse(text)
            for (name, _), text in zip(sort, texts, strict=True)
        )
    except (ValueError, msgspec.MsgspecError) as error:
        raise Malformed(f"The cursor cannot be used: {error}. Start without one.") from None


def _order(sort: tuple[tuple[str, bool], ...]) -> str:
    return ",".join(f"-{name}" if down else name for name, down in sort)
