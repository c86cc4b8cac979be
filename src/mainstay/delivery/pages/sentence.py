"""The filter in words: conditions as people read them, and what may be chosen for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mainstay.delivery import words
from mainstay.delivery.cells import PERSON, full_title_of, naming
from mainstay.delivery.forms import FEW, Option, live_only
from mainstay.delivery.pages.common import visible
from mainstay.delivery.pages.filters import Part, Tree
from mainstay.delivery.words import gettext as _
from mainstay.kernel.fields import (
    Choice,
    Choices,
    Day,
    Field,
    Flag,
    Instant,
    Json,
    Kind,
    Links,
    Ref,
    Text,
    spoken,
)
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Malformed
from mainstay.kernel.query.ask import DAYS, SPANS
from mainstay.kernel.scope import Me
from mainstay.kernel.workspace import Workspace

UNSEEN = ("id", "version", "deleted_at", "deleted_by")
UNITS = {"d": ("%d day", "%d days"), "w": ("%d week", "%d weeks")}


@dataclass(frozen=True)
class Said:
    """One condition in words, with its place in the filter."""

    at: str
    label: str
    op: str
    value: str
    named: bool = False


@dataclass(frozen=True)
class Any:
    """Alternatives in words, of which one must be met."""

    at: str
    parts: tuple[tuple[Said, ...], ...]


@dataclass(frozen=True)
class Asked:
    """A field that a condition may be about, perhaps of a record that this one refers to."""

    path: str
    label: str
    field: Field


def found(noun: Noun, path: str, ws: Workspace) -> Asked | None:
    """Find the field of a condition: `status`, `project.status` or `cf.score`."""
    via, _dot, name = path.rpartition(".")
    label = ""
    if via and via != "cf":
        ref = next((n for n in (via, f"{via}_id") if n in noun.refs), None)
        if ref is None:
            return None
        label = _(noun.fields[ref].label) + " > "
        noun = ws.registry.nouns[noun.refs[ref].target]
    full = path if via == "cf" else name
    field = noun.field(full) or noun.field(f"{full}_id")
    return None if field is None else Asked(path, label + _(field.label), field)


def askable(noun: Noun, ws: Workspace, me: Me) -> list[Asked]:
    """Return the fields that a person may filter by: the declared ones first, then referred."""
    first = list(dict.fromkeys((*noun.resource.filters, *noun.fields)))
    own = [Asked(f.name, _(f.label), f) for f in _fields(noun, me, first)]
    own += [
        Asked(n, _(f.label), f)
        for n, f in noun.all_fields.items()
        if n not in noun.fields and f.kind.operators
    ]
    beyond: list[Asked] = []
    for name, kind in noun.refs.items():
        target = ws.registry.nouns[kind.target]
        if name in visible(noun, me) and name in noun.resource.filters and target.resource.filters:
            if target.key == PERSON or not me.can(target.permission("read")):
                continue
            via, label = name.removesuffix("_id"), _(noun.fields[name].label) + " > "
            beyond += [
                Asked(f"{via}.{f.name}", label + _(f.label), f)
                for f in _fields(target, me, list(target.resource.filters))
            ]
    return [*own, *beyond]


def _fields(noun: Noun, me: Me, names: Sequence[str]) -> list[Field]:
    seen = visible(noun, me)
    fields = [noun.fields[n] for n in names if n in noun.fields and n in seen and n not in UNSEEN]
    return [f for f in fields if not isinstance(f.kind, Json)]


def operators(kind: Kind) -> list[Option]:
    """Return the comparisons a person may choose for a kind of value, the usual one first."""
    said = {
        "": _("is"),
        "ne": _("is not"),
        "lt": _("before") if isinstance(kind, (Day, Instant)) else _("less than"),
        "gt": _("after") if isinstance(kind, (Day, Instant)) else _("more than"),
        "lte": _("until") if isinstance(kind, (Day, Instant)) else _("at most"),
        "gte": _("from") if isinstance(kind, (Day, Instant)) else _("at least"),
        "contains": _("contains"),
        "startswith": _("begins with"),
    }
    if isinstance(kind, Choice) and not kind.ordered:
        said = {op: said[op] for op in ("", "ne")}
    if isinstance(kind, Text):
        said = {op: said[op] for op in ("contains", "", "ne", "startswith")}
    options = [Option(op, text) for op, text in said.items() if op in kind.operators]
    if "isnull" in kind.operators and not isinstance(kind, Flag):
        options += [Option("empty", _("is empty")), Option("filled", _("is filled"))]
    return options


def usual_op(kind: Kind) -> str:
    """Return the comparison that a new condition begins with."""
    return operators(kind)[0].value


async def sentence(noun: Noun, tree: Tree, ws: Workspace, me: Me) -> list[Said | Any]:
    """Return the conditions in force in words."""
    told: list[Said | Any] = []
    for place, part in enumerate(tree):
        if isinstance(part, Part):
            told.append(await _said(noun, str(place), part, ws, me))
            continue
        rows = []
        for one, alternative in enumerate(part):
            row = [
                await _said(noun, f"{place}.{one}.{two}", inner, ws, me)
                for two, inner in enumerate(alternative)
            ]
            rows.append(tuple(row))
        told.append(Any(str(place), tuple(rows)))
    return told


async def _said(noun: Noun, at: str, part: Part, ws: Workspace, me: Me) -> Said:
    if part.name == "is":
        named = next((n for n in noun.resource.named if n.name == part.value), None)
        title = _(named.title) if named else part.value
        return Said(at, title, "", "", named=True)
    asked = found(noun, part.path, ws)
    if asked is None:
        return Said(at, part.path, part.op, part.value)
    op = op_of(part)
    if op in ("next", "past"):
        days = words.ngettext("%d day", "%d days", int(part.value)) % int(part.value)
        said = _("in the next %(days)s") if op == "next" else _("in the last %(days)s")
        return Said(at, asked.label, "", said % {"days": days})
    ops = {one.value: one.label for one in operators(asked.field.kind)}
    value = "" if op in ("empty", "filled") else await said_value(asked, part.value, ws, me)
    return Said(at, asked.label, ops.get(op, op), value)


def op_of(part: Part) -> str:
    """Return the comparison of a condition as the page names it."""
    if part.op == "isnull":
        return "empty" if part.value.lower() in ("true", "1", "yes", "on") else "filled"
    return {"in": "", "none": "ne"}.get(part.op, part.op)


async def said_value(asked: Asked, value: str, ws: Workspace, me: Me) -> str:
    """Return a condition's value in words."""
    kind, parts = asked.field.kind, [part for part in value.split(",") if part]
    if isinstance(kind, (Choice, Choices)):
        return _listed([part if kind.given else _(spoken(part)) for part in parts])
    if isinstance(kind, Flag):
        return _("Yes") if value.lower() in ("true", "1", "yes", "on") else _("No")
    if isinstance(kind, (Day, Instant)):
        return _listed([said_day(part) for part in parts])
    if isinstance(kind, (Ref, Links)):
        return _listed([one.label for one in await named(kind, parts, ws, me)])
    return value


def _listed(parts: Sequence[str]) -> str:
    """Join values as a sentence does, the long ones cut after the third."""
    if len(parts) > 4:
        rest = len(parts) - 3
        more = words.ngettext("%d more", "%d more", rest) % rest
        return _("%(values)s or %(more)s") % {"values": ", ".join(parts[:3]), "more": more}
    if len(parts) > 1:
        return _("%(values)s or %(more)s") % {"values": ", ".join(parts[:-1]), "more": parts[-1]}
    return parts[0] if parts else ""


def near_days() -> dict[str, str]:
    """Return the words for days and spans that move with the calendar."""
    return {
        "today": _("today"),
        "tomorrow": _("tomorrow"),
        "yesterday": _("yesterday"),
        "this_week": _("this week"),
        "next_week": _("next week"),
        "last_week": _("last week"),
        "this_month": _("this month"),
        "next_month": _("next month"),
        "last_month": _("last month"),
        "this_quarter": _("this quarter"),
        "next_quarter": _("next quarter"),
        "last_quarter": _("last quarter"),
        "this_year": _("this year"),
        "next_year": _("next year"),
        "last_year": _("last year"),
    }


def said_day(value: str) -> str:
    """Return a day of a condition in words: this week, 3 days ago, 24 December 2026."""
    near = near_days()
    text = value.replace(" ", "+", 1) if value.startswith(" ") else value
    if text in near or text in DAYS or text in SPANS:
        return near[text]
    if text[:1] in ("+", "-") and text[-1:] in UNITS and text[1:-1].isdigit():
        many = int(text[1:-1])
        time = words.ngettext(*UNITS[text[-1]], many) % many
        said = _("%(time)s ago") if text[0] == "-" else _("in %(time)s")
        return said % {"time": time}
    try:
        return words.exact_day(date.fromisoformat(value[:10]))
    except ValueError:
        return value


async def named(kind: Ref | Links, ids: Sequence[str], ws: Workspace, me: Me) -> list[Option]:
    """Return the records that a condition names, with their titles."""
    target = ws.registry.nouns[kind.target]
    wanted = [part for part in ids if part.isdigit()]
    names = {"me": _("me")}
    if wanted and me.can(target.permission("read")):
        asked = [("id__in", ",".join(wanted[:100])), ("fields", ",".join(target.brief))]
        page = await ws.page(me, target.key, [*asked, ("limit", "100"), ("deleted", "with")])
        names |= {str(row.id): full_title_of(target, row) for row in page.items}
    return [Option(part, names.get(part, f"{_(target.title)} {part}")) for part in ids]


@dataclass(frozen=True)
class Values:
    """What may be chosen for a condition: ready values, or an input of a type.

    `many` says that several may be chosen, `more` that a search finds others.
    """

    options: tuple[Option, ...] = ()
    chosen: tuple[Option, ...] = ()
    many: bool = False
    more: bool = False
    input: str = ""
    value: str = ""


async def values_of(asked: Asked, part: Part | None, q: str, ws: Workspace, me: Me) -> Values:
    """Return what may be chosen for the value of a condition."""
    kind = asked.field.kind
    now = [one for one in part.value.split(",") if one] if part and part.op != "isnull" else []
    if isinstance(kind, (Choice, Choices)):
        said = str if kind.given else lambda value: _(spoken(value))
        options = tuple(Option(value, said(value)) for value in kind.values)
        return Values(options, tuple(o for o in options if o.value in now), many=True)
    if isinstance(kind, Flag):
        options = (Option("true", _("Yes")), Option("false", _("No")))
        return Values(options, tuple(o for o in options if o.value in now))
    if isinstance(kind, (Day, Instant)):
        day = now[0] if now and now[0][:1].isdigit() and part and "__" not in now[0] else ""
        plain = day if part and part.op not in ("next", "past") else ""
        return Values(_spans(), input="date", value=plain)
    if isinstance(kind, (Ref, Links)):
        return await _records(kind, now, q, ws, me)
    number = kind.widget == "number"
    return Values(input="number" if number else "text", value=part.value if part else "")


def _spans() -> tuple[Option, ...]:
    """Return the ready answers for a date; each says its comparison too."""
    near = near_days()
    ready = ("today", "tomorrow", "this_week", "next_week", "this_month")
    return (
        Option("lt:today", _("before today")),
        *(Option(f":{one}", near[one]) for one in ready),
        *(Option(f"next:{n}", _("in the next %d days") % n) for n in (7, 30)),
        *(Option(f"past:{n}", _("in the last %d days") % n) for n in (7, 30)),
        *(Option(f":{one}", near[one]) for one in ("yesterday", "last_week", "last_month")),
        *(Option(f":{one}", near[one]) for one in ("this_quarter", "this_year")),
    )


async def _records(kind: Ref | Links, now: Sequence[str], q: str, ws: Workspace, me: Me) -> Values:
    target = ws.registry.nouns[kind.target]
    if not me.can(target.permission("read")):
        return Values(input="text", value=",".join(now), many=True)
    wanted = [("fields", ",".join(target.brief)), ("limit", str(FEW)), *live_only(target)]
    if q and target.searchable:
        wanted.append(("q", q))
    elif q:
        wanted.append((f"{(naming(target)[0] or ('id',))[0]}__contains", q))
    page = await ws.page(me, target.key, wanted)
    options = [Option(str(row.id), full_title_of(target, row)) for row in page.items]
    if kind.target == PERSON and not q:
        options.insert(0, Option("me", _("me")))
    chosen = () if q else tuple(await named(kind, now, ws, me))
    return Values(tuple(options), chosen, many=True, more=page.next is not None)


def condition(asked: Asked, op: str, values: Sequence[str]) -> Part:
    """Return the condition that was chosen."""
    path = asked.path
    if op in ("empty", "filled"):
        return Part(f"{path}__isnull", "true" if op == "empty" else "false")
    kept = [part.strip() for part in values if part.strip()]
    if not kept:
        raise Malformed(_("Choose a value for the condition."))
    if isinstance(asked.field.kind, (Day, Instant)) and ":" in kept[0][:6]:
        op, _colon, text = kept[0].partition(":")
        kept = [text]
    value = ",".join(kept)
    return Part(f"{path}__{op}" if op else path, value)
