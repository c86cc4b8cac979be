"""Forms from declarations: which widget a kind gets, what was entered, and what it means."""

import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct, UnsetType

from mainstay.delivery import words
from mainstay.delivery.cells import as_day, as_instant, as_plain, full_title_of, naming
from mainstay.delivery.words import gettext as _
from mainstay.kernel.custom import initial_value
from mainstay.kernel.fields import (
    Choice,
    Choices,
    Day,
    Dec,
    Flag,
    Instant,
    Json,
    Kind,
    Lines,
    Links,
    Real,
    Ref,
    Text,
    Which,
    Whole,
    Within,
    kind_of,
    spoken,
)
from mainstay.kernel.fields import Field as Declared
from mainstay.kernel.noun import CUSTOM, Noun
from mainstay.kernel.problems import Problem
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import Me
from mainstay.kernel.workspace import Workspace

FEW = 50
LONG = 200
WIDE = ("textarea", "json", "references", "group", "recurrence")
NOW_FORMAT = "%Y-%m-%dT%H:%M"


class Option(Struct, frozen=True):
    """One value that may be chosen."""

    value: str
    label: str


@dataclass
class Field:
    """One input of a form: what it is called, what stands in it, and what is wrong with it."""

    name: str
    label: str
    kind: Kind
    required: bool = False
    optional: bool = False
    help: str = ""
    value: str = ""
    error: str = ""
    options: list[Option] = field(default_factory=list)
    picked: list[Option] = field(default_factory=list)
    parts: list["Field"] = field(default_factory=list)
    source: str = ""
    attrs: dict[str, str] = field(default_factory=dict)
    theirs: str = ""
    theirs_shown: str = ""
    shown: str = ""

    @property
    def widget(self) -> str:
        """Return the name of the widget's block in the template."""
        if self.parts:
            return "group"
        if self.open or (isinstance(self.kind, Ref) and not self.source):
            return "select"
        if isinstance(self.kind, Json) and self.kind.shape == list[str]:
            return "choices" if isinstance(self.kind, Choices) else "text"
        if isinstance(self.kind, Text) and "Fa-f]{6}" in self.kind.pattern:
            return "color"
        return self.kind.widget

    @property
    def open(self) -> bool:
        """Return whether yes, no and neither are three answers, which a box cannot tell apart."""
        return isinstance(self.kind, Flag) and self.optional and not self.name.startswith("cf.")

    @property
    def wide(self) -> bool:
        """Return whether the input takes the whole width of a form."""
        long = isinstance(self.kind, Text) and self.kind.most >= LONG
        return self.widget in WIDE or (long and self.type == "text")

    @property
    def type(self) -> str:
        """Return the type of a one-line input."""
        if self.name == "email" or self.name.endswith("_email"):
            return "email"
        if self.name in ("phone", "mobile") or self.name.endswith("_phone"):
            return "tel"
        return "password" if "password" in self.name else "text"


Entered = Mapping[str, list[str]]


class Form:
    """The inputs of one form, ready to be drawn, filled and read."""

    def __init__(self, fields: Iterable[Field], me: Me) -> None:
        """Take the inputs in their order."""
        self.fields = list(fields)
        self.me = me
        self.problem: Problem | None = None

    def each(self) -> Iterable[Field]:
        """Return every input, also those within a group."""
        for one in self.fields:
            yield from one.parts or [one]

    def fill(self, values: Mapping[str, Any]) -> None:
        """Show a record's values."""
        for one in self.fields:
            value = values.get(one.name)
            if one.parts:
                inner = as_plain(value) or {}
                for part in one.parts:
                    part.value = shown(part.kind, inner.get(part.name.partition(".")[2]), self.me)
            elif value is not None:
                one.value = shown(one.kind, value, self.me)
                _offer_present(one)

    def start(self, given: Entered) -> None:
        """Show what an address suggests, and leave the other inputs as they are."""
        for one in self.each():
            if one.name in given:
                one.value = given[one.name][-1]

    def keep(self, entered: Entered) -> None:
        """Show what a person has entered, as it was entered."""
        for one in self.each():
            given = entered.get(one.name)
            if isinstance(one.kind, Flag) and not one.open:
                one.value = "true" if given and "true" in given else "false"
            elif isinstance(one.kind, (Links, Choices)):
                one.value = ",".join(part for part in given or [] if part)
            elif given is not None and isinstance(one.kind, Ref):
                # An empty value stands beside the chosen one, for the time when none is chosen.
                one.value = next((part for part in reversed(given) if part), "")
            elif given is not None:
                one.value = given[-1].replace("\r\n", "\n")

    def read(self) -> dict[str, Any]:
        """Return the values that were entered; what cannot be read is marked at its input.

        Fields that the workspace has added are in the document they lie in, ready to be written.
        """
        values: dict[str, Any] = {}
        for one in self.fields:
            if one.parts:
                inner = {
                    part.name.partition(".")[2]: value
                    for part in one.parts
                    if (value := self._value(part)) is not msgspec.UNSET
                }
                values[one.name] = inner
            elif (value := self._value(one)) is not msgspec.UNSET:
                values[one.name] = value
        return as_written(values)

    def _value(self, one: Field) -> Any:
        text = one.value
        if isinstance(one.kind, Text):
            return text if text or not one.optional else None
        if isinstance(one.kind, Links):
            return one.kind.parse(text)
        if not text.strip():
            if one.optional:
                return None
            empty = isinstance(one.kind, Json) and one.kind.shape == list[str]
            empty = empty or isinstance(one.kind, Lines)
            return [] if empty else msgspec.UNSET
        try:
            return _parsed(one.kind, text.strip(), self.me)
        except ValueError as error:
            one.error = str(error)
            return msgspec.UNSET

    @property
    def broken(self) -> bool:
        """Return whether any input could not be read or was refused."""
        return any(one.error for one in self.each())

    def blame(self, problem: Problem) -> None:
        """Put a refusal next to the inputs that it is about, and the rest on top."""
        known = {one.name: one for one in self.fields} | {one.name: one for one in self.each()}
        known |= {f"{CUSTOM}.{name.removeprefix('cf.')}": one for name, one in known.items()}
        rest = []
        for error in problem.errors:
            one = known.get(error.field)
            if one is None:
                rest.append(error)
            else:
                one.error = plainly(error.message, one)
        if rest or not problem.errors:
            self.problem = problem


def plainly(message: str, one: Field) -> str:
    """Return a refusal for people: instead of a pattern, the help that describes it."""
    if "must have the form" in message and one.help:
        return _("is not written as expected.") + f" {_(one.help)}"
    return _(message)


def _parsed(kind: Kind, text: str, me: Me) -> Any:
    if isinstance(kind, Instant):
        value = datetime.fromisoformat(text)
        return value if value.tzinfo else value.replace(tzinfo=words.zone_of(me.zone))
    if isinstance(kind, Json) and kind.shape != list[str] and not isinstance(kind, Lines):
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            raise ValueError(_('must be JSON, like {"key": "value"}')) from None
    return kind.parse(text)


def shown(kind: Kind, value: Any, me: Me) -> str:
    """Return a stored value as the text that stands in its input."""
    if value is None:
        return ""
    if isinstance(kind, Instant):
        return as_instant(value).astimezone(words.zone_of(me.zone)).strftime(NOW_FORMAT)
    if isinstance(kind, Day):
        return as_day(value).isoformat()
    if isinstance(kind, Links):
        ids = [one["id"] if isinstance(one, dict) else one for one in as_plain(value)]
        return ",".join(str(one) for one in ids)
    return _json_text(kind, as_plain(value)) if isinstance(kind, Json) else kind.text(value)


def as_written(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by the names of fields as they are written: added ones in their document."""
    own = {name: value for name, value in values.items() if not name.startswith("cf.")}
    added = {n.removeprefix("cf."): v for n, v in values.items() if n.startswith("cf.")}
    return own | ({CUSTOM: added} if added else {})


def _each(noun: Noun, names: Iterable[str], parent: int | None) -> Iterable[str]:
    """Yield the fields of a form."""
    for name in names:
        if name != CUSTOM or not noun.extensible:
            yield name
            continue
        yield from (n for n in noun.custom if noun.has(n, parent))


def _required(noun: Noun, item: Declared) -> bool:
    if item.name in noun.custom:
        added = noun.added[item.name.removeprefix("cf.")]
        return added.required and not isinstance(item.kind, (Flag, Choices))
    return (item.required or _must(item.kind)) and not item.optional and not _flag(item.kind)


def _initial(noun: Noun, item: Declared, me: Me, today: date | None) -> Any:
    """Return what a new record gets; a default that no longer fits is left out."""
    if item.name not in noun.custom or today is None:
        return item.initial()
    try:
        return initial_value(noun.added[item.name.removeprefix("cf.")], me, today)
    except ValueError:
        return None


def _offer_present(one: Field) -> None:
    """Let a value stay that is no longer offered to others."""
    if isinstance(one.kind, (Choice, Choices, Which, Within)) and one.value:
        known = {option.value for option in one.options}
        parts = one.value.split(",") if isinstance(one.kind, Choices) else [one.value]
        one.options += [Option(part, part) for part in parts if part and part not in known]


def of_noun(
    noun: Noun,
    names: Iterable[str],
    me: Me,
    *,
    creating: bool,
    parent: int | None = None,
    today: date | None = None,
) -> Form:
    """Return the form of a record's writable fields that this person may write.

    The added fields stand in the place of the document that they lie in: those that all records
    have, and those of the records with this parent.
    """
    found = []
    for name in _each(noun, names, parent):
        item = noun.all_fields[name]
        kind = item.kind
        if kind.secret or (kind.group and not me.can(noun.permission(f"read_{kind.group}"))):
            continue
        one = Field(
            name,
            item.label,
            kind,
            required=_required(noun, item),
            optional=item.optional,
            help=kind.help,
        )
        if creating and not item.required:
            one.value = shown(kind, _initial(noun, item, me, today), me)
        if name in noun.custom and isinstance(kind, Flag):
            one.value = one.value or "false"
        one = _dressed(one)
        if added := noun.added.get(name.removeprefix("cf.")) if name in noun.custom else None:
            one.options = [option for option in one.options if option.value not in added.retired]
        found.append(one)
    return Form(arranged(found, naming(noun)[0][0] if naming(noun)[0] else ""), me)


def arranged(fields: list[Field], lead: str) -> list[Field]:
    """Put the name first, the description, what is required, short inputs in pairs, long ones.

    How something comes again stands together, behind what is required.
    """
    whens = {one.kind.when.partition("=")[0] for one in fields if one.widget == "recurrence"} - {""}

    def place(one: Field) -> int:
        """Return which part of the form an input belongs to."""
        if one.name == lead:
            return 0
        if one.name == "description":
            return 1
        if one.required or one.widget == "recurrence":
            return 2
        if one.name in whens or one.kind.when.partition("=")[0] in whens:
            return 2
        if one.name.startswith("cf."):
            return 6 if one.wide else 5
        return 4 if one.wide else 3

    return sorted(fields, key=place)


def parted(form: Form, noun: Noun) -> list[tuple[str, list[Field], bool]]:
    """Return a form's inputs under their headings, and whether each part is open from the start.

    Those without a heading come first; what is empty waits folded.
    """
    titles = {name: group.title for group in noun.resource.groups for name in group.fields}
    parts: dict[str, list[Field]] = {"": [], **{g.title: [] for g in noun.resource.groups}}
    for one in form.fields:
        parts[titles.get(one.name, "")].append(one)
    return [(t, f, any(_speaks(one) for one in f)) for t, f in parts.items() if f]


def _speaks(one: Field) -> bool:
    """Return whether an input holds something of its own, or something is wrong with it."""
    if one.parts:
        return any(part.error or part.theirs for part in one.parts)
    said = one.value not in ("", "{}") and one.name != "currency"
    zero = isinstance(one.kind, Dec) and not one.value.strip("0.")
    return bool(one.error or one.theirs or (said and not zero))


def of_struct(data: type[Struct], me: Me, registry: Registry, noun: Noun) -> Form:
    """Return the form of what a verb asks for."""
    found = []
    for one in asked(data):
        one.kind = _meant(one, registry, noun)
        found.append(_dressed(one))
    return Form(found, me)


def asked(data: type[Struct]) -> list[Field]:
    """Return the fields of what a verb asks for, but for what only programs and pages send."""
    unasked = getattr(data, "__unasked__", ())
    return [_part(one) for one in msgspec.structs.fields(data) if one.name not in unasked]


def _meant(one: Field, registry: Registry, noun: Noun) -> Kind:
    """See a reference in a plain id, by the noun's own field or the only noun of that name."""
    stem = one.name.removesuffix("_ids").removesuffix("_id")
    many = isinstance(one.kind, Json) and one.kind.shape == list[int]
    if not many and (type(one.kind) is not Whole or stem == one.name):
        return one.kind
    own = noun.fields.get(one.name)
    if own and isinstance(own.kind, (Ref, Links)):
        target = own.kind.target
    else:
        names = (stem, stem.removesuffix("s"))
        keys = [key for key, other in registry.nouns.items() if other.name in names]
        target = keys[0] if len(keys) == 1 else ""
    if not target:
        return one.kind
    return Links(target=target) if many else Ref(target=target)


def _part(part: Any, prefix: str = "") -> Field:
    annotation, help_text = _bare(part.type)
    kind, _type, optional = kind_of(annotation)
    one = Field(
        prefix + part.name,
        kind.label or spoken(part.name),
        kind,
        required=part.required and not optional and not _flag(kind),
        optional=optional,
        help=kind.help or help_text,
    )
    default = part.default
    if part.default_factory is not msgspec.NODEFAULT:
        default = part.default_factory()
    if default not in (msgspec.NODEFAULT, msgspec.UNSET, None):
        one.value = kind.text(default) if not isinstance(kind, Json) else _json_text(kind, default)
    return one


def _json_text(kind: Json, value: Any) -> str:
    if isinstance(kind, Lines):
        return kind.text(value)
    plain = msgspec.to_builtins(value)
    if isinstance(kind, Choices):
        return ",".join(plain)
    if kind.shape == list[str]:
        return ", ".join(plain)
    return msgspec.json.format(msgspec.json.encode(plain), indent=2).decode() if plain else ""


def _bare(annotation: Any) -> tuple[Any, str]:
    """Strip the UNSET alternative, and find the description that msgspec's Meta carries."""
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [part for part in get_args(annotation) if part is not UnsetType]
        said = next((text for part in rest if (text := _bare(part)[1])), "")
        return Union[tuple(rest)], said  # noqa: UP007 - built at run time
    if get_origin(annotation) is Annotated:
        notes = [note for note in get_args(annotation)[1:] if isinstance(note, Meta)]
        return annotation, next((note.description for note in notes if note.description), "")
    return annotation, ""


def _flag(kind: Kind) -> bool:
    return isinstance(kind, (Flag, Links))


def _must(kind: Kind) -> bool:
    return isinstance(kind, Text) and kind.least > 0


def _options(one: Field) -> list[Option]:
    """Return the few answers that a kind knows by itself."""
    kind = one.kind
    if isinstance(kind, (Choice, Choices)):
        said = str if kind.given else lambda value: _(spoken(value))
        return [Option(value, said(value)) for value in kind.values]
    return [Option("true", _("Yes")), Option("false", _("No"))] if one.open else []


def _dressed(one: Field) -> Field:
    """Give an input the limits, options and parts that its kind knows."""
    kind = one.kind
    one.options = _options(one)
    if isinstance(kind, Text) and not isinstance(kind, Which):
        one.attrs = {"maxlength": str(kind.most)}
        if kind.least > 1:
            one.attrs["minlength"] = str(kind.least)
    elif isinstance(kind, Dec):
        one.attrs = {"step": str(kind.step), "min": str(kind.least), "inputmode": "decimal"}
    elif isinstance(kind, Real):
        one.attrs = {"step": "any", "min": f"{kind.least:g}", "inputmode": "decimal"}
        if kind.most < 1e12:
            one.attrs["max"] = f"{kind.most:g}"
    elif isinstance(kind, Whole) and not isinstance(kind, Ref):
        one.attrs = {"step": "1", "min": str(kind.least), "inputmode": "numeric"}
    elif isinstance(kind, Json) and _simple_struct(kind.shape):
        initial = as_plain(msgspec.json.decode(one.value)) if one.value else {}
        one.parts = [
            _dressed(_part(part, f"{one.name}.")) for part in msgspec.structs.fields(kind.shape)
        ]
        for part in one.parts:
            value = initial.get(part.name.partition(".")[2])
            part.value = part.kind.text(value) if value is not None else part.value
    return one


def _simple_struct(shape: Any) -> bool:
    """Return whether a document is a struct of plain values, so that each gets an input."""
    if not (isinstance(shape, type) and issubclass(shape, Struct)):
        return False
    kinds = [kind_of(part.type)[0] for part in msgspec.structs.fields(shape)]
    return all(not isinstance(k, Json) or k.shape == list[str] for k in kinds)


async def offer(form: Form, ws: Workspace, look_up: str) -> None:
    """Give references their choices: all of them when they are few, else a search."""
    for one in form.fields:
        if isinstance(one.kind, Which):
            one.options = _resources(one.kind, ws.registry, form.me)
            _offer_present(one)
        if isinstance(one.kind, Within):
            await _offer_parents(one, ws, form.me)
        if isinstance(one.kind, (Ref, Links)):
            await _offer(one, ws, form.me, look_up)


def _resources(kind: Which, registry: Registry, me: Me) -> list[Option]:
    """Return the resources that a person may name."""
    known = (noun for noun in registry.nouns.values() if me.can(noun.permission("read")))
    found = [noun for noun in known if noun.extensible or not kind.extensible]
    return [Option(noun.key, _(noun.plural)) for noun in found]


async def _offer_parents(one: Field, ws: Workspace, me: Me) -> None:
    """Offer the records that others belong to; where they are many, their number is asked for."""
    nouns = [noun for noun in ws.registry.nouns.values() if noun.extensible]
    keys = {noun.refs[noun.resource.parent].target for noun in nouns if noun.resource.parent}
    for target in (ws.registry.nouns[key] for key in sorted(keys)):
        if not me.can(target.permission("read")):
            continue
        wanted = [("fields", ",".join(target.brief)), ("limit", FEW * 4), *live_only(target)]
        page = await ws.page(me, target.key, wanted)
        one.options += [Option(str(row.id), full_title_of(target, row)) for row in page.items]
        if page.next is not None:
            one.kind = Whole(least=1)
    _offer_present(one)


async def _offer(one: Field, ws: Workspace, me: Me, look_up: str) -> None:
    assert isinstance(one.kind, (Ref, Links))
    target = ws.registry.nouns[one.kind.target]
    ids = [part for part in one.value.split(",") if part.isdigit()]
    one.source = f"{look_up}/options?field={one.name}"
    if not me.can(target.permission("read")):
        one.picked = [Option(part, f"{_(target.title)} {part}") for part in ids]
        return
    fields = ",".join(target.brief)
    if isinstance(one.kind, Ref):
        page = await ws.page(
            me, target.key, [("fields", fields), ("limit", FEW), *live_only(target)]
        )
        if page.next is None:
            one.options = [Option(str(row.id), full_title_of(target, row)) for row in page.items]
            one.source = ""
    known = {option.value for option in one.options}
    if missing := [part for part in ids if part not in known]:
        wanted = [("id__in", ",".join(missing[:500])), ("fields", fields), ("deleted", "with")]
        page = await ws.page(me, target.key, [*wanted, ("limit", 500)])
        names = {str(row.id): full_title_of(target, row) for row in page.items}
        found = [Option(part, names.get(part, f"{_(target.title)} {part}")) for part in missing]
        one.picked = found
        one.options += found if not one.source else []


def live_only(noun: Noun) -> list[tuple[str, str]]:
    """Return the order in which records are offered: by name where they have one."""
    named, _rest = naming(noun)
    return [("sort", named[0])] if named else []


def differing(form: Form, base: Mapping[str, str], theirs: Form) -> list[str]:
    """Mark the inputs that both changed, take over what only they changed, and name those."""
    changed = []
    other = {one.name: one for one in theirs.each()}
    for one in form.each():
        before, their = base.get(one.name, ""), other[one.name].value
        if their in (before, one.value):
            continue
        if one.value == before:
            one.value = their
            changed.append(_(one.label))
        else:
            one.theirs = their
    return changed


def base_of(form: Form) -> str:
    """Return the values a form started from, to tell later who changed what."""
    return msgspec.json.encode({one.name: one.value for one in form.each()}).decode()
