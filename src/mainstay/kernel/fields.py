"""What a value may be: each kind owns its column, its wire rule and its codec on every engine."""

import re
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

import msgspec
import sqlalchemy as sa
from msgspec import Meta
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

type_of_none = type(None)
Codec = Callable[[Any], Any]
WORD = re.compile(r"(?<!^)(?=[A-Z])")
BIGGEST = 2**53 - 1
WEB = re.compile(r"https?://[^\s<>\"]+")
SURROGATE = re.compile("[\ud800-\udfff]")
EQUALITY = ("", "ne", "in", "isnull")
ORDER = ("lt", "lte", "gt", "gte")


class Given(str):
    """Words that somebody wrote into this workspace: shown as they are, and never trusted."""

    __slots__ = ()


def snake(name: str) -> str:
    """Turn a class name into a snake_case name: TimeEntry becomes time_entry."""
    return WORD.sub("_", name).lower()


def spoken(name: str) -> str:
    """Turn a field or value name into words: in_progress becomes In progress."""
    words = name.removesuffix("_id").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What every kind of value has in common.

    `personal` values are kept out of the log; `secret` ones never leave the kernel; a `group`
    (pay, cards) needs a grant of its own to be read or written. `when` says with which value of
    another field a form asks for it: `kind=choice,multi_choice`.
    """

    help: str = ""
    label: str = ""
    personal: bool = False
    secret: bool = False
    group: str = ""
    when: str = ""
    widget: ClassVar[str] = "text"
    operators: ClassVar[tuple[str, ...]] = (*EQUALITY, *ORDER)

    def column(self, engine: str) -> TypeEngine[Any]:
        """Return the column type on this engine."""
        raise NotImplementedError

    def wire_type(self) -> Any:
        """Return the type that decodes and checks an incoming JSON value."""
        raise NotImplementedError

    def to_db(self, engine: str) -> Codec | None:
        """Return how a Python value is bound on this engine; None when it is bound as it is."""
        del engine
        return None

    def from_db(self, engine: str) -> Codec | None:
        """Return how a stored value becomes a Python value; None when it already is one."""
        del engine
        return None

    def to_wire(self, engine: str) -> Codec | None:
        """Return how a stored value becomes JSON; None when the encoder takes it as it is."""
        return self.from_db(engine)

    def parse(self, text: str) -> Any:
        """Read a value from a query string, a form or a spreadsheet cell.

        Raises ValueError with a sentence that says what is expected.
        """
        raise NotImplementedError

    def accept(self, raw: Any) -> Any:
        """Bring an incoming JSON value into its usual form before it is checked."""
        return raw

    def text(self, value: Any) -> str:
        """Write a Python value so that `parse` reads it back."""
        return "" if value is None else str(value)


def unfit(text: str) -> str:
    """Say why no database can keep a text; nothing where it can."""
    if "\x00" in text:
        return "must not contain the NUL character"
    if not text.isascii() and SURROGATE.search(text):
        return "contains half a character (a lone surrogate)"
    return ""


def unfit_within(where: str, value: Any) -> Iterator[tuple[str, str]]:
    """Say where in a document there are texts that no database can keep, and why."""
    left = [(where, value)]
    while left:
        where, value = left.pop()
        if isinstance(value, str) and (why := unfit(value)):
            yield where, why
        elif isinstance(value, Mapping):
            left += [(where, name) for name in value]
            left += [(f"{where}.{name}", part) for name, part in value.items()]
        elif isinstance(value, (list, tuple)):
            left += [(f"{where}[{place}]", part) for place, part in enumerate(value)]


@dataclass(frozen=True)
class Text(Kind):
    """A string of at most `most` characters, kept exactly as it was written.

    A `web` one is an address that begins with http or https.
    """

    most: int = 255
    least: int = 0
    lines: bool = False
    web: bool = False
    pattern: str = ""
    normal: Callable[[str], str] | None = None
    operators: ClassVar[tuple[str, ...]] = (*EQUALITY, *ORDER, "contains", "startswith")

    @property
    def widget(self) -> str:  # type: ignore[override]
        """Return the form widget: one line or several."""
        return "textarea" if self.lines else "text"

    def column(self, engine: str) -> TypeEngine[Any]:
        """Return TEXT, or VARCHAR where the engine can only index a bounded string."""
        del engine
        return sa.Text() if self.most > 1000 else sa.String(self.most)

    def wire_type(self) -> Any:
        """Return a string with its length and pattern limits."""
        limits: dict[str, Any] = {"max_length": self.most}
        if self.least:
            limits["min_length"] = self.least
        if self.pattern:
            limits["pattern"] = self.pattern
        return Annotated[str, Meta(**limits)]

    def accept(self, raw: Any) -> Any:
        """Apply the kind's normal form, and refuse what no database can keep."""
        if not isinstance(raw, str):
            return raw
        if why := unfit(raw):
            raise ValueError(why)
        if self.web and raw and not WEB.fullmatch(raw):
            raise ValueError("must be a web address like https://example.org")
        return self.normal(raw) if self.normal else raw

    def parse(self, text: str) -> str:
        """Take the text as it is."""
        return text


@dataclass(frozen=True)
class Which(Text):
    """The key of a resource, like projects.task; an `extensible` one may be given fields."""

    most: int = 80
    extensible: bool = False

    @property
    def widget(self) -> str:  # type: ignore[override]
        """Return the form widget: a choice of the resources that there are."""
        return "select"


@dataclass(frozen=True)
class Repeats(Text):
    """A rule of recurrence by RFC 5545; the address `preview` answers what it means.

    It is asked with the rule, and with the values of the form's other inputs.
    """

    most: int = 1000
    preview: str = ""

    @property
    def widget(self) -> str:  # type: ignore[override]
        """Return the form widget: an editor that says the rule in words."""
        return "recurrence"


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few named values; an `ordered` choice sorts by its place, not its spelling.

    Values that are `given` were named in this workspace: they are shown as they are written.
    """

    values: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    ordered: bool = False
    colors: tuple[tuple[str, str], ...] = ()
    given: bool = False
    widget: ClassVar[str] = "select"

    def rank(self, value: str) -> int:
        """Return the stored rank of a value; steps of ten leave room between two."""
        return (self.values.index(value) + 1) * 10

    def column(self, engine: str) -> TypeEngine[Any]:
        """Return a small number for ordered choices, a short string for the others."""
        del engine
        return sa.SmallInteger() if self.ordered else sa.String(40)

    def wire_type(self) -> Any:
        """Return the literal values."""
        return Literal[self.values]

    def to_db(self, engine: str) -> Codec | None:
        """Bind ordered values by rank."""
        del engine
        return {v: self.rank(v) for v in self.values}.__getitem__ if self.ordered else None

    def from_db(self, engine: str) -> Codec | None:
        """Read ordered values back from their rank."""
        del engine
        return {self.rank(v): v for v in self.values}.__getitem__ if self.ordered else None

    def accept(self, raw: Any) -> Any:
        """Take the other systems' names for the same value."""
        return dict(self.aliases).get(raw, raw) if isinstance(raw, str) else raw

    def parse(self, text: str) -> str:
        """Take a value or one of its aliases."""
        value = str(self.accept(text))
        if value not in self.values:
            raise ValueError(f"must be one of {', '.join(self.values)}")
        return value


@dataclass(frozen=True)
class Whole(Kind):
    """A whole number, by default from 0 to 2^53-1, so that JavaScript can read it too.

    A count with a `mark` stands on cards with that icon, and only when there is something.
    """

    least: int = 0
    most: int = BIGGEST
    mark: str = ""
    widget: ClassVar[str] = "number"

    def column(self, engine: str) -> TypeEngine[Any]:
        """Return a 64-bit integer."""
        del engine
        return sa.BigInteger()

    def wire_type(self) -> Any:
        """Return an integer within its limits."""
        return Annotated[int, Meta(ge=self.least, le=self.most)]

    def parse(self, text: str) -> int:
        """Read a whole number."""
        try:
            value = int(text)
        except ValueError:
            raise ValueError("must be a whole number") from None
        if not self.least <= value <= self.most:
            raise ValueError(f"must be between {self.least} and {self.most}")
        return value


@dataclass(frozen=True)
class Within(Whole):
    """The id of a record that others belong to; of which resource, another field decides."""

    widget: ClassVar[str] = "select"
    operators: ClassVar[tuple[str, ...]] = EQUALITY


@dataclass(frozen=True)
class Ref(Whole):
    """The id of one record of another resource, named by its key: `identity.user`."""

    least: int = 1
    target: str = ""
    cascade: bool = False
    widget: ClassVar[str] = "reference"
    operators: ClassVar[tuple[str, ...]] = EQUALITY


@dataclass(frozen=True)
class Real(Kind):
    """A measured number, where the last digit does not matter (never money)."""

    least: float = 0.0
    most: float = 1e12
    widget: ClassVar[str] = "number"

    def column(self, engine: str) -> TypeEngine[Any]:
        """Return a double."""
        del engine
        return sa.Double()

    def wire_type(self) -> Any:
        """Return a finite number within its limits."""
        return Annotated[float, Meta(ge=self.least, le=self.most)]

    def parse(self, text: str) -> float:
        """Read a number."""
        try:
            value = float(text)
        except ValueError:
            raise ValueError("must be a number") from None
        if not self.least <= value <= self.most:
            raise ValueError(f"must be between {self.least:g} and {self.most:g}")
        return value

    def text(self, value: Any) -> str:
        """Write the shortest text that reads back as the same number."""
        return "" if value is None else f"{value:.17g}" if value % 1 else str(int(value))


@dataclass(frozen=True)
class Dec(Kind):
    """An exact decimal; on SQLite a scaled integer, so sums and comparisons stay exact."""

    digits: int = 15
    scale: int = 2
    least: Decimal = Decimal(0)
    currency: str = ""
    highest: Decimal | None = None
    widget: ClassVar[str] = "number"

    @property
    def most(self) -> Decimal:
        """Return the largest value the column holds, or the highest that makes sense."""
        held = Decimal(10) ** (self.digits - self.scale) - self.step
        return held if self.highest is None else min(held, self.highest)

    @property
    def step(self) -> Decimal:
        """Return the smallest difference the column keeps."""
        return Decimal(1).scaleb(-self.scale)

    def column(self, engine: str) -> TypeEngine[Any]:
        """Return NUMERIC, or a scaled integer on SQLite."""
        return sa.BigInteger() if engine == "sqlite" else sa.Numeric(self.digits, self.scale)

    def wire_type(self) -> Any:
        """Return a decimal; its limits are checked by `accept`."""
        return Decimal

    def accept(self, raw: Any) -> Any:
        """Take a number or its text, and refuse digits that would be lost."""
        if isinstance(raw, bool) or not isinstance(raw, (str, int, float, Decimal)):
            return raw
        return self.parse(repr(raw) if isinstance(raw, float) else str(raw))

    def to_db(self, engine: str) -> Codec | None:
        """Scale on SQLite."""
        if engine != "sqlite":
            return None
        scale = self.scale
        return lambda value: int(Decimal(value).scaleb(scale))

    def from_db(self, engine: str) -> Codec | None:
        """Scale back on SQLite; sums come as wide decimals elsewhere."""
        step = self.step
        if engine != "sqlite":
            return lambda value: value.quantize(step)
        scale = self.scale
        return lambda value: Decimal(value).scaleb(-scale).quantize(step)

    def parse(self, text: str) -> Decimal:
        """Read an exact decimal."""
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise ValueError("must be a decimal number") from None
        if not value.is_finite() or not self.least <= value <= self.most:
            raise ValueError(f"must be between {self.least} and {self.most}")
        exact = value.quantize(self.step)
        if exact != value:
            raise ValueError(f"must have at most {self.scale} decimal places")
        return exact


@dataclass(frozen=True)
class Flag(Kind):
    """Yes or no."""

    widget: ClassVar[str] = "checkbox"
    operators: ClassVar[tuple[str, ...]] = EQUALITY

    def column(self, engine: str) -> TypeEngine[Any]:
        """Return a boolean."""
        del engine
        return sa.Boolean()

    def wire_type(self) -> Any:
        """Return a boolean."""
        return bool

    def to_db(self, engine: str) -> Codec | None:
        """Bind as 0 or 1 on SQLite."""
        return int if engine == "sqlite" else None

    def from_db(self, engine: str) -> Codec | None:
        """Read 0 and 1 as no and yes on SQLite."""
        return bool if engine == "sqlite" else None

    def parse(self, text: str) -> bool:
        """Read true or false, in the usual spellings."""
        known = {"true": True, "1": True, "yes": True, "on": True}
        known |= {"false": False, "0": False, "no": False, "off": False}
        if text.lower() not in known:
            raise ValueError("must be true or false")
        return known[text.lower()]

    def text(self, value: Any) -> str:
        """Write true or false."""
        return "" if value is None else "true" if value else "false"


@dataclass(frozen=True)
class Day(Kind):
    """A date without a time, never shifted by a zone."""

    widget: ClassVar[str] = "date"

    def column(self, engine: str) -> TypeEngine[Any]:
        """Return DATE, or its ISO text on SQLite."""
        return sa.String(10) if engine == "sqlite" else sa.Date()

    def wire_type(self) -> Any:
        """Return a date."""
        return date

    def to_db(self, engine: str) -> Codec | None:
        """Bind as ISO text on SQLite."""
        return date.isoformat if engine == "sqlite" else None

    def from_db(self, engine: str) -> Codec | None:
        """Read ISO text on SQLite."""
        return date.fromisoformat if engine == "sqlite" else None

    def to_wire(self, engine: str) -> Codec | None:
        """Leave the ISO text as it is."""
        del engine
        return None

    def parse(self, text: str) -> date:
        """Read an ISO date: 2026-12-01."""
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError("must be a date like 2026-12-01") from None


def iso(value: datetime) -> str:
    """Write an instant in UTC with microseconds, so that text order is time order."""
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Instant(Kind):
    """A moment in time, stored in UTC."""

    widget: ClassVar[str] = "datetime"

    def column(self, engine: str) -> TypeEngine[Any]:
        """Return a timestamp with zone, or fixed-width ISO text on SQLite."""
        return sa.String(27) if engine == "sqlite" else sa.DateTime(timezone=True)

    def wire_type(self) -> Any:
        """Return an instant that must carry its offset."""
        return Annotated[datetime, Meta(tz=True)]

    def to_db(self, engine: str) -> Codec | None:
        """Bind as fixed-width text on SQLite."""
        return iso if engine == "sqlite" else None

    def from_db(self, engine: str) -> Codec | None:
        """Read the fixed-width text on SQLite."""
        return datetime.fromisoformat if engine == "sqlite" else None

    def to_wire(self, engine: str) -> Codec | None:
        """Leave the ISO text as it is."""
        del engine
        return None

    def parse(self, text: str) -> datetime:
        """Read an ISO instant; one without an offset is taken as UTC."""
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError("must be an instant like 2026-12-01T14:00:00Z") from None
        return value if value.tzinfo else value.replace(tzinfo=UTC)

    def text(self, value: Any) -> str:
        """Write ISO text in UTC."""
        return "" if value is None else iso(value)


@dataclass(frozen=True)
class Json(Kind):
    """A small document, checked by the struct or type it was declared with."""

    shape: Any = Any
    widget: ClassVar[str] = "json"
    operators: ClassVar[tuple[str, ...]] = ("isnull",)

    def column(self, engine: str) -> TypeEngine[Any]:
        """Return JSONB on PostgreSQL, text elsewhere."""
        return postgresql.JSONB() if engine == "postgresql" else sa.Text()

    def wire_type(self) -> Any:
        """Return the declared shape."""
        return self.shape

    def accept(self, raw: Any) -> Any:
        """Refuse texts within it that no database can keep."""
        for where, why in unfit_within("", raw):
            raise ValueError(f"{why} (at {where.lstrip('.')})" if where else why)
        return raw

    def to_db(self, engine: str) -> Codec | None:
        """Bind as JSON text."""
        del engine
        return lambda value: msgspec.json.encode(value).decode()

    def from_db(self, engine: str) -> Codec | None:
        """Decode into the declared shape."""
        del engine
        return msgspec.json.Decoder(self.shape).decode

    def to_wire(self, engine: str) -> Codec | None:
        """Pass the stored JSON on without decoding it."""
        del engine
        return lambda value: msgspec.Raw(value.encode())

    def parse(self, text: str) -> Any:
        """Read JSON text; plain words separated by commas are read as a list of them."""
        if self.shape == list[str] and not text.startswith("["):
            return [word.strip() for word in text.split(",") if word.strip()]
        try:
            return msgspec.json.decode(text, type=self.shape)
        except msgspec.DecodeError as error:
            raise ValueError(f"must be JSON: {error}") from None

    def text(self, value: Any) -> str:
        """Write JSON text."""
        return "" if value is None else msgspec.json.encode(value).decode()


@dataclass(frozen=True)
class Lines(Json):
    """A list of small documents that people write one a line."""

    reads: Callable[[str], Any] = str.splitlines
    writes: Callable[[Any], str] = "\n".join
    widget: ClassVar[str] = "textarea"

    def parse(self, text: str) -> Any:
        """Read the lines; a list in JSON is taken as it is."""
        if text.lstrip().startswith("["):
            return super().parse(text)
        try:
            return msgspec.convert(self.reads(text), self.shape)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from None

    def text(self, value: Any) -> str:
        """Write the lines."""
        return self.writes(value or [])


@dataclass(frozen=True)
class Choices(Json):
    """Any number of a few named values, in the order in which they were chosen."""

    shape: Any = list[str]
    values: tuple[str, ...] = ()
    colors: tuple[tuple[str, str], ...] = ()
    given: bool = False
    widget: ClassVar[str] = "choices"
    operators: ClassVar[tuple[str, ...]] = ("", "in", "isnull")

    def accept(self, raw: Any) -> Any:
        """Drop repeated values, and refuse those that are not known."""
        if not isinstance(raw, list) or not _hashable(raw):
            return raw
        for value in raw:
            self.one(value)
        return list(dict.fromkeys(raw))

    def one(self, value: Any) -> str:
        """Take one of the values."""
        if value not in self.values:
            raise ValueError(f"must be one of {', '.join(self.values)}")
        return str(value)


@dataclass(frozen=True)
class Links(Kind):
    """The ids of any number of records of another resource, kept in a link table."""

    target: str = ""
    widget: ClassVar[str] = "references"
    operators: ClassVar[tuple[str, ...]] = ("", "in", "isnull")

    def wire_type(self) -> Any:
        """Return a list of ids."""
        return Annotated[list[Annotated[int, Meta(ge=1, le=BIGGEST)]], Meta(max_length=1000)]

    def accept(self, raw: Any) -> Any:
        """Drop repeated ids and keep the order of the first mention."""
        return list(dict.fromkeys(raw)) if isinstance(raw, list) and _hashable(raw) else raw

    def parse(self, text: str) -> Any:
        """Read ids separated by commas."""
        try:
            return [int(part) for part in re.split(r"[,\s]+", text.strip("[] ")) if part]
        except ValueError:
            raise ValueError("must be ids separated by commas") from None

    def text(self, value: Any) -> str:
        """Write ids separated by commas."""
        return ",".join(str(part) for part in value or ())


def _hashable(values: Iterable[Any]) -> bool:
    return all(isinstance(value, (int, str)) for value in values)


class Stored(TypeDecorator[Any]):
    """The column type of a kind; the kernel binds and reads values by the kind's own codecs."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, kind: Kind) -> None:
        """Remember the kind."""
        super().__init__()
        self.kind = kind
        self.impl = kind.column("any")  # type: ignore[assignment]

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the kind's column type on this engine."""
        return self.kind.column(dialect.name)

    def copy(self, **_: Any) -> "Stored":
        """Return a copy; SQLAlchemy asks for one for every table it clones."""
        return Stored(self.kind)


@dataclass(frozen=True)
class Field:
    """One declared field of a noun: its name, its kind, and whether it may be empty."""

    name: str
    kind: Kind
    type: Any
    optional: bool
    default: Any = field(default=msgspec.NODEFAULT)
    factory: Any = field(default=msgspec.NODEFAULT)

    @property
    def required(self) -> bool:
        """Return whether a new record must say it."""
        return self.default is msgspec.NODEFAULT and self.factory is msgspec.NODEFAULT

    @property
    def label(self) -> str:
        """Return the words a person reads for this field."""
        return self.kind.label or spoken(self.name)

    @property
    def wire_type(self) -> Any:
        """Return the type that checks an incoming value."""
        kind = self.kind.wire_type()
        return Union[kind, None] if self.optional else kind  # noqa: UP007 - built at run time

    def initial(self) -> Any:
        """Return the value a new record gets when nothing is said."""
        if self.factory is not msgspec.NODEFAULT:
            return self.factory()
        return None if self.default is msgspec.NODEFAULT else self.default


PLAIN: dict[Any, Kind] = {
    str: Text(),
    int: Whole(),
    float: Real(),
    bool: Flag(),
    Decimal: Dec(),
    date: Day(),
    datetime: Instant(),
}


def kind_of(annotation: Any) -> tuple[Kind, Any, bool]:
    """Return the kind that an annotation declares, its bare type, and whether it may be None."""
    if get_origin(annotation) is ClassVar:
        raise TypeError("a ClassVar is not a field")
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [part for part in get_args(annotation) if part is not type_of_none]
        if len(rest) == 1:
            kind, bare, _ = kind_of(rest[0])
            return kind, bare, True
        return Json(shape=annotation), annotation, False
    if get_origin(annotation) is Annotated:
        bare, *notes = get_args(annotation)
        for note in notes:
            if isinstance(note, Kind):
                return _complete(note, bare), bare, False
        return kind_of(bare)
    if get_origin(annotation) is Literal:
        return Choice(values=get_args(annotation)), annotation, False
    return PLAIN.get(annotation) or Json(shape=annotation), annotation, False


def _complete(kind: Kind, bare: Any) -> Kind:
    """Fill in what a kind can read from the type that it stands on."""
    if isinstance(kind, Choice) and not kind.values:
        return replace(kind, values=get_args(bare))
    if isinstance(kind, Json) and kind.shape is Any:
        return replace(kind, shape=bare)
    return kind
