"""A declared resource, compiled once: its tables and the structs that check input."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import UNSET, Struct, UnsetType

from mainstay.kernel.entity import KEPT, Entity, fields_of
from mainstay.kernel.fields import (
    Choice,
    Day,
    Dec,
    Field,
    Json,
    Kind,
    Links,
    Ref,
    Stored,
    Text,
    spoken,
    unfit,
)
from mainstay.kernel.module import Action, Module, Resource
from mainstay.kernel.problems import FieldError, Invalid, Malformed, invalid

CUSTOM = "custom_fields"
LONGEST_NAME = 63
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


@dataclass(frozen=True)
class Added:
    """A field that a workspace adds to a resource; its values lie in `custom_fields`.

    `initial` is what a new record gets, written as in an address. The field may be for the records
    of one parent only, `within_id`. A `retired` value of a choice is
    still read, but no longer taken.
    """

    entity: str
    name: str
    kind: Kind
    required: bool = False
    initial: str = ""
    within_id: int | None = None
    retired: frozenset[str] = frozenset()

    @property
    def field(self) -> Field:
        """Return it as a field, called as in addresses: `cf.score`."""
        return Field(f"cf.{self.name}", self.kind, Any, optional=True, default=None)

    def applies(self, parent: int | None) -> bool:
        """Return whether records with this parent have it."""
        return self.within_id is None or self.within_id == parent


class Noun:
    """Everything that follows from one `Resource` declaration."""

    def __init__(self, module: Module, resource: Resource) -> None:
        """Read the declaration; tables are made afterwards, when every noun is known."""
        self.module = module
        self.resource = resource
        self.entity: type[Entity] = resource.entity
        self.name = resource.name
        self.key = f"{module.name}.{resource.name}"
        self.path = resource.path
        self.title = resource.title or spoken(resource.name)
        self.plural = resource.plural or spoken(resource.path.rpartition("/")[2])
        self.fields: dict[str, Field] = {f.name: f for f in fields_of(self.entity)}
        self.columns = {n: f for n, f in self.fields.items() if not isinstance(f.kind, Links)}
        self.links = {n: f for n, f in self.fields.items() if isinstance(f.kind, Links)}
        self.refs = {n: f.kind for n, f in self.columns.items() if isinstance(f.kind, Ref)}
        self.decimals = {n: f.kind for n, f in self.columns.items() if isinstance(f.kind, Dec)}
        self.texts = [n for n, f in self.columns.items() if isinstance(f.kind, Text)]
        self.custom: Mapping[str, Field] = {}
        self.added: Mapping[str, Added] = {}
        self.all_fields, self.all_refs = dict(self.fields), dict(self.refs)
        self.values = attrgetter(*self.fields)
        self.mutable = tuple(
            place
            for place, item in enumerate(self.fields.values())
            if isinstance(item.kind, (Json, Links))
        )
        self.groups = tuple(sorted({f.kind.group for f in self.fields.values() if f.kind.group}))
        self._wire_names: dict[tuple[frozenset[str], bool], tuple[str, ...]] = {}
        self.actions: dict[str, Action] = {a.name: a for a in resource.actions}
        self.brief = resource.brief or self._guess_brief()
        self.doc = (self.entity.__doc__ or "").strip()
        self.create_type = self._input("Create", (*resource.create_only, *resource.write), True)
        self.update_type = self._input("Update", resource.write, False)
        self.table: sa.Table
        self.link_tables: dict[str, sa.Table] = {}
        self.usual_sort: tuple[tuple[str, bool], ...] = ()

    def _guess_brief(self) -> tuple[str, ...]:
        for name in ("name", "title", "code", "email"):
            if name in self.columns:
                return (name,)
        return ("id",)

    def _input(self, suffix: str, names: Iterable[str], creating: bool) -> type[Struct]:
        """Build the struct that checks what a caller may write."""
        parts: list[Any] = []
        for name in names:
            if name not in self.fields:
                raise TypeError(f"{self.key}: write names the unknown field {name!r}")
            item = self.fields[name]
            if creating and item.required:
                parts.append((name, item.wire_type))
            else:
                parts.append((name, item.wire_type | UnsetType, UNSET))
        if not creating:
            parts.append(("version", int | UnsetType, UNSET))
        # The module tells types of one name apart where they stand side by side: those of two
        # rooms' nouns, and the update of a Standup from the noun StandupUpdate.
        name, module = self.entity.__name__ + suffix, f"{self.entity.__module__}.input"
        return msgspec.defstruct(
            name, parts, module=module, kw_only=True, forbid_unknown_fields=True
        )

    @property
    def extensible(self) -> bool:
        """Return whether a workspace may add fields to this resource."""
        return CUSTOM in self.columns

    def has(self, name: str, parent: int | None) -> bool:
        """Return whether records with this parent have a field; only added ones may be missing."""
        item = self.added.get(name.removeprefix("cf.")) if name in self.custom else None
        return item is None or item.applies(parent)

    def adopt(self, added: Iterable["Added"]) -> None:
        """Take the fields that the workspace adds, in the place of all it had before."""
        self.added = {item.name: item for item in added}
        self.custom = {item.field.name: item.field for item in self.added.values()}
        self.all_fields = self.fields | self.custom
        refs = {name: f.kind for name, f in self.custom.items() if isinstance(f.kind, Ref)}
        self.all_refs = self.refs | refs

    def shown(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the added values of a record without those whose field was taken away."""
        return {name: value for name, value in values.items() if name in self.added}

    def value(self, record: Entity, name: str) -> Any:
        """Return a record's value of any field, also of one that the workspace has added."""
        if name in self.fields:
            return getattr(record, name)
        kind, raw = self.custom[name].kind, getattr(record, CUSTOM).get(name.removeprefix("cf."))
        if not isinstance(raw, str) or not isinstance(kind, (Day, Dec)):
            return raw
        try:
            return kind.parse(raw)
        except ValueError:
            return None

    def field(self, name: str) -> Field | None:
        """Return a field by its name: a declared one, or `cf.score`, which the workspace added."""
        return self.all_fields.get(name)

    def permission(self, verb: str) -> str:
        """Return the permission of one of this noun's verbs."""
        return f"{self.key}.{verb}"

    def check(self, data: Mapping[str, Any], kind: type[Struct]) -> dict[str, Any]:
        """Return the accepted values of an input, or refuse with every field that is wrong."""
        try:
            ready = {
                name: self.fields[name].kind.accept(value) if name in self.fields else value
                for name, value in data.items()
            }
            struct = msgspec.convert(ready, kind)
        except (msgspec.ValidationError, ValueError, TypeError):
            raise self._refusal(data, kind) from None
        return {
            name: value
            for name in kind.__struct_fields__
            if (value := getattr(struct, name)) is not UNSET
        }

    def _refusal(self, data: Mapping[str, Any], kind: type[Struct]) -> Invalid:
        """Find every wrong field, one by one; only taken when something is wrong."""
        errors = [
            FieldError(name, f"is not a field of {self.name}; {self._known(name, kind)}")
            for name in data
            if name not in kind.__struct_fields__
        ]
        for part in msgspec.structs.fields(kind):
            if part.name in data:
                errors += self._field_error(part.name, data[part.name], part.type)
            elif part.required:
                errors.append(FieldError(part.name, "is required"))
        return Invalid("; ".join(f"{e.field} {e.message}" for e in errors[:5]) + ".", errors=errors)

    def _known(self, name: str, kind: type[Struct]) -> str:
        if name in self.fields and not self.fields[name].kind.secret:
            return "it is set by the workspace and cannot be written here"
        return "known fields are " + ", ".join(kind.__struct_fields__)

    def _field_error(self, name: str, value: Any, wanted: Any) -> list[FieldError]:
        try:
            raw = self.fields[name].kind.accept(value) if name in self.fields else value
            msgspec.convert(raw, wanted)
        except (msgspec.ValidationError, ValueError, TypeError) as error:
            kind = self.fields[name].kind if name in self.fields else None
            if isinstance(kind, Choice) and isinstance(value, str):
                return [FieldError(name, f"must be one of {', '.join(kind.values)}")]
            return [FieldError(name, readable(str(error)))]
        return []

    def make(self, values: Mapping[str, Any]) -> Entity:
        """Return a new record with its defaults filled in."""
        return self.entity(**values)

    def settle(self, entity: Entity) -> None:
        """Give every decimal the places its column keeps, so that it reads as it will be read.

        Text that only one of the engines would keep is refused, whoever wrote it.
        """
        for name in self.texts:
            if "\x00" in (getattr(entity, name) or ""):
                raise invalid(name, unfit("\x00"))
        for name, kind in self.decimals.items():
            value = getattr(entity, name)
            if value is not None:
                setattr(entity, name, value.quantize(kind.step))

    def tables(self, metadata: sa.MetaData, tables: Mapping[str, str]) -> None:
        """Create this noun's table and link tables; `tables` maps resource keys to table names."""
        name = self.key.replace(".", "_")
        columns = [self._column(field, tables) for field in self.columns.values()]
        self.table = sa.Table(name, metadata, *columns, sqlite_autoincrement=True)
        self._indexes()
        for link in self.links.values():
            self.link_tables[link.name] = _link_table(name, link, metadata, tables)

    def _column(self, item: Field, tables: Mapping[str, str]) -> sa.Column[Any]:
        if item.name == "id":
            return sa.Column("id", ID, primary_key=True, info={"field": item})
        foreign = []
        if isinstance(item.kind, Ref):
            if item.kind.target not in tables:
                raise TypeError(f"{self.key}.{item.name} refers to {item.kind.target}, unknown")
            rule = "CASCADE" if item.kind.cascade else "RESTRICT"
            foreign = [sa.ForeignKey(f"{tables[item.kind.target]}.id", ondelete=rule)]
        return sa.Column(
            item.name, Stored(item.kind), *foreign, nullable=item.optional, info={"field": item}
        )

    def _indexes(self) -> None:
        live = self.table.c.deleted_at.is_(None)
        name = self.table.name
        for group in self.entity.__unique__:
            sa.Index(
                short(f"uq_{name}_{'_'.join(group)}"),
                *(self.table.c[part] for part in group),
                unique=True,
                sqlite_where=live,
                postgresql_where=live,
            )
        led = {group[0] for group in self.entity.__index__}
        singles = [(ref,) for ref in self.refs if ref not in led and ref not in KEPT]
        for group in (*self.entity.__index__, *singles):
            words = short(f"ix_{name}_{'_'.join(group)}")
            sa.Index(words, *(self.table.c[part] for part in group))

    def readable(self, groups: frozenset[str]) -> tuple[str, ...]:
        """Return the columns a caller may read, given the field groups granted to them."""
        return tuple(
            name
            for name, item in self.columns.items()
            if not item.kind.secret and (not item.kind.group or item.kind.group in groups)
        )

    def wire_names(self, groups: frozenset[str], *, links: bool) -> tuple[str, ...]:
        """Return the fields of a whole record as it is answered, its id first."""
        found = self._wire_names.get((groups, links))
        if found is None:
            names = ("id", *(name for name in self.readable(groups) if name != "id"))
            found = self._wire_names[groups, links] = (*names, *(self.links if links else ()))
        return found

    @property
    def searchable(self) -> tuple[str, ...]:
        """Return the text fields that full-text search covers."""
        return tuple(n for n in self.resource.search if isinstance(self.columns[n].kind, Text))


def short(name: str) -> str:
    """Return a name that PostgreSQL takes: at most 63 characters, ending in a mark when cut."""
    if len(name) <= LONGEST_NAME:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:6]
    return f"{name[: LONGEST_NAME - 7]}_{mark}"


def _link_table(
    name: str, link: Field, metadata: sa.MetaData, tables: Mapping[str, str]
) -> sa.Table:
    assert isinstance(link.kind, Links)
    target = tables[link.kind.target]
    table = sa.Table(
        f"{name}_{link.name}",
        metadata,
        sa.Column("owner_id", ID, sa.ForeignKey(f"{name}.id", ondelete="CASCADE"), nullable=False),
        sa.Column("target_id", ID, sa.ForeignKey(f"{target}.id", ondelete="CASCADE")),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    sa.Index(f"ix_{name}_{link.name}_target", table.c.target_id, table.c.owner_id)
    return table


WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "empty",
    "datetime": "an instant like 2026-12-01T14:00:00Z",
    "date": "a date like 2026-12-01",
    "decimal": "a decimal number",
}
LENGTH = re.compile(r"Expected `(?:str|array)` of length (>=|<=) (\d+)")
RANGE = re.compile(r"Expected `(?:int|float)` (>=|<=|>|<) (\S+)")
KIND = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}


def readable(message: str) -> str:
    """Turn a decoder's message into one that a person can act on."""
    text, _, where = message.partition(" - at `$")
    within = f" (at {where.rstrip('`').lstrip('.')})" if where.strip("`") else ""
    if found := LENGTH.match(text):
        many = "character" if "str" in text else "item"
        plural = "" if found[2] == "1" else "s"
        return f"must have {BOUNDS[found[1]]} {found[2]} {many}{plural}{within}"
    if found := RANGE.match(text):
        return f"must be {BOUNDS[found[1]]} {found[2]}{within}"
    if found := KIND.match(text):
        wanted = " or ".join(WORDS.get(part.strip(), part) for part in found[1].split("|"))
        return f"must be {wanted}, not {WORDS.get(found[2], found[2])}{within}"
    if text.startswith("Invalid RFC3339 encoded "):
        form = "an instant like 2026-12-01T14:00:00Z" if "datetime" in text else WORDS["date"]
        return f"must be {form}{within}"
    text = text.replace("Expected `str` matching regex", "must have the form")
    text = text.replace("Object missing required field", "misses the field")
    text = text.replace("Object contains unknown field", "has the unknown field")
    return (
        text.replace("Invalid enum value", "is not one of the known values:").replace("`", "")
        + within
    )


def decode_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object, or refuse with the place where it breaks."""
    try:
        value = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"The body is not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise Malformed('The body must be a JSON object, like {"name": "value"}.')
    return value
