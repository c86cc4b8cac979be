"""How a file's columns become a resource's fields, decided before any row is touched."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mainstay.facets.transfer.cells import header_key
from mainstay.facets.transfer.entities import Mode
from mainstay.facets.transfer.sources import Source
from mainstay.kernel.entity import KEPT
from mainstay.kernel.fields import Field
from mainstay.kernel.module import ImportPreset
from mainstay.kernel.noun import CUSTOM, Noun
from mainstay.kernel.problems import FieldError, Invalid
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import Me, require


@dataclass(frozen=True)
class Plan:
    """What an import will do with each column of one file."""

    noun: Noun
    source: Source
    mode: Mode
    key: tuple[str, ...]
    preset: ImportPreset | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    ignored: Mapping[str, str] = field(default_factory=dict)

    @property
    def creates(self) -> bool:
        """Return whether rows may become new records."""
        return self.mode in ("create", "upsert")

    @property
    def writable(self) -> frozenset[str]:
        """Return the fields a new record may be given; a room's own preset may give any."""
        resource = self.noun.resource
        if self.preset:
            return frozenset(n for n, f in self.noun.fields.items() if not f.kind.secret) - {*KEPT}
        own = (*resource.create_only, *resource.write)
        return frozenset((*own, *self._added(own)))

    @property
    def changeable(self) -> frozenset[str]:
        """Return the fields a known record may get anew."""
        if self.preset:
            return self.writable
        own = self.noun.resource.write
        return frozenset((*own, *self._added(own)))

    def _added(self, own: Sequence[str]) -> Iterable[str]:
        """Return the fields that the workspace adds, where they may be written."""
        return self.noun.custom if CUSTOM in own else ()


@dataclass(frozen=True)
class Wish:
    """What the caller says about an import; what is left out is found out from the file."""

    mode: Mode | None = None
    preset: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    again: bool = False
    sheet: str = ""


def recognised(registry: Registry, columns: Sequence[str]) -> list[tuple[Noun, ImportPreset]]:
    """Return the presets whose marks are all among a file's columns, the most telling first."""
    there = {header_key(name) for name in columns}
    found = [
        (noun, preset)
        for noun in registry.nouns.values()
        for preset in noun.resource.imports
        if {header_key(mark) for mark in preset.marks} <= there
    ]
    return sorted(found, key=lambda pair: -len(pair[1].marks))


def make(noun: Noun, source: Source, wish: Wish, me: Me) -> Plan:
    """Decide what becomes of each column, or refuse and say what is missing."""
    preset = _preset(noun, source, wish)
    if preset:
        plan = Plan(noun, source, wish.mode or "upsert", wish.key or preset.key, preset)
    else:
        plan = _by_header(noun, source, wish)
    _permitted(plan, me)
    return plan


def _preset(noun: Noun, source: Source, wish: Wish) -> ImportPreset | None:
    known = {preset.name: preset for preset in noun.resource.imports}
    if wish.preset == "" or wish.columns:
        return None
    if wish.preset:
        if wish.preset not in known:
            names = ", ".join(known) or "none"
            raise Invalid(f"{noun.plural} have no preset {wish.preset}. Known: {names}.")
        return known[wish.preset]
    there = {header_key(name) for name in source.columns}
    fitting = [p for p in known.values() if {header_key(m) for m in p.marks} <= there]
    return max(fitting, key=lambda p: len(p.marks)) if fitting else None


def _by_header(noun: Noun, source: Source, wish: Wish) -> Plan:
    columns, ignored = _matched(noun, source, wish.columns)
    key = tuple(_field(noun, name, "key").name for name in wish.key) or _guessed_key(noun, columns)
    mode: Mode = wish.mode or ("upsert" if key else "create")
    if mode != "create" and not key:
        raise Invalid(
            f"To change known {noun.plural.lower()}, the file needs an id column, "
            "or say which columns tell them apart (key=name).",
            errors=[FieldError("key", "is required")],
        )
    plan = Plan(noun, source, mode, key if mode != "create" else (), None, columns, ignored)
    fields = [n for n in columns.values() if n in plan.writable]
    if not fields:
        raise Invalid(
            f"No column of {source.name} can be written: it has {', '.join(source.columns[:12])}; "
            f"{noun.plural.lower()} take {', '.join(sorted(plan.writable)) or 'nothing'}."
        )
    kept = {c: n for c, n in columns.items() if n in plan.writable or n in plan.key}
    put_aside = {c: "set by the workspace" for c in columns if c not in kept}
    return Plan(noun, source, mode, plan.key, None, kept, {**ignored, **put_aside})


def _matched(
    noun: Noun, source: Source, said: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Match columns with fields: as the caller says, else by name or label."""
    names = {header_key(column): column for column in reversed(source.columns)}
    columns: dict[str, str] = {}
    for column, name in said.items():
        if header_key(column) not in names:
            raise Invalid(
                f"The file has no column {column!r}. It has {', '.join(source.columns[:40])}."
            )
        if name:
            columns[names[header_key(column)]] = _field(noun, name, column).name
    known = _known(noun)
    ignored: dict[str, str] = {}
    left_out = {names[header_key(column)] for column, name in said.items() if not name}
    for column in source.columns:
        name = known.get(header_key(column), "")
        if column in columns:
            continue
        if column in left_out:
            ignored[column] = "left out"
        elif not name:
            ignored[column] = "matches no field"
        elif name in columns.values():
            ignored[column] = f"{name} comes from another column"
        else:
            columns[column] = name
    return columns, ignored


def _known(noun: Noun) -> dict[str, str]:
    """Return the fields by every name a column may call them."""
    known: dict[str, str] = {}
    for name, item in noun.all_fields.items():
        if not item.kind.secret:
            known.setdefault(header_key(item.label), name)
    for name, item in noun.all_fields.items():
        if not item.kind.secret:
            known[header_key(name.removesuffix("_id"))] = name
    return known | {header_key(n): n for n, f in noun.all_fields.items() if not f.kind.secret}


def _field(noun: Noun, name: str, where: str) -> Field:
    found = _known(noun).get(header_key(name))
    if found is None:
        known = ", ".join(n for n, f in noun.all_fields.items() if not f.kind.secret)
        raise Invalid(f"{where}: {noun.plural} have no field {name!r}. They have {known}.")
    return noun.all_fields[found]


def _guessed_key(noun: Noun, columns: Mapping[str, str]) -> tuple[str, ...]:
    """Find what tells records apart: the id, or a group of fields that is unique."""
    there = set(columns.values())
    groups = (("id",), *noun.entity.__unique__)
    return next((group for group in groups if there.issuperset(group)), ())


def _permitted(plan: Plan, me: Me) -> None:
    """Refuse before the first row what would be refused at every row."""
    noun, verbs = plan.noun, plan.noun.resource.verbs
    wanted = {"create": ("create",), "update": ("update",), "upsert": ("create", "update")}
    for verb in wanted[plan.mode]:
        if verb not in verbs:
            raise Invalid(f"{noun.plural} cannot be {verb}d by an import.")
        require(me, noun.permission(verb))
    require(me, noun.permission("read"))
    for name in plan.columns.values():
        group = noun.all_fields[name].kind.group
        if group:
            require(me, noun.permission(f"read_{group}"))
