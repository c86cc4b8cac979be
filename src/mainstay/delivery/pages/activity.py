"""What happened to a record and what was said about it, as one stream."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from markupsafe import Markup, escape
from msgspec import structs

from mainstay.delivery.cells import Look, draw, moment, said, title_of
from mainstay.delivery.pages.common import Rq, renderer, visible, ws_of
from mainstay.delivery.pages.diffs import changed
from mainstay.delivery.words import gettext as _
from mainstay.kernel.context import Context
from mainstay.kernel.fields import Choice, Choices, Links, Ref, Text, snake, spoken
from mainstay.kernel.log import HIDDEN, Entry
from mainstay.kernel.module import Wear
from mainstay.kernel.noun import CUSTOM, Noun

SHOWN = 20
MOST = 200
LONG = 200
SHORT = 60
CHANGES = "changes"
TOGETHER = timedelta(minutes=5)
UNDO = "kernel.change.undo"
BINNING = frozenset({"deleted_at", "deleted_by"})
Names = dict[tuple[str, int], str]
NONE = Markup("")


@dataclass(frozen=True)
class Asked:
    """Which part of the stream is asked for: what kinds, below which places, how much of it."""

    show: str
    befores: dict[str, int]
    limit: int
    every_field: bool = False


@dataclass(frozen=True)
class Line:
    """One field of a change: what it was and what it is, or the difference of two long texts."""

    name: str
    label: str
    old: Markup
    new: Markup
    diff: Markup = NONE
    before: Any = None
    after: Any = None


@dataclass(frozen=True)
class Change:
    """What one person did to the record, at once or within a few minutes."""

    at: datetime
    place: int
    actor_id: int | None
    who: str
    what: str
    when: Markup
    lines: tuple[Line, ...]
    again: Callable[[str, Any, Any], Line]
    groups: tuple[int, ...] = ()
    plain: bool = False


@dataclass(frozen=True)
class Said:
    """One entry of the stream, with the template that draws it."""

    name: str
    template: str
    at: datetime
    place: int
    entry: Any


@dataclass(frozen=True)
class Stream:
    """The stream as a page shows it, in the reader's order."""

    entries: list[Said]
    show: str
    kinds: list[tuple[str, str]]
    newest_first: bool
    more: int = 0
    before: str = ""
    composer: Markup = NONE
    title: str = ""
    shown: int = SHOWN


def speaking(noun: Noun, look: Look) -> list[Wear]:
    """Return the facets that add entries to the stream of such records."""
    return [wear for wear in worn_by(noun, look) if wear.place == "stream"]


def worn_by(noun: Noun, look: Look) -> list[Wear]:
    """Return the slots of the facets that such records wear, for this reader, in their order."""
    found = []
    for name in noun.resource.wears:
        module = look.registry.modules.get(name)
        slots = module.wears if module else ()
        found += [wear for wear in slots if not wear.grant or look.me.can(wear.grant)]
    return sorted(found, key=lambda wear: wear.order)


async def stream_of(
    request: Rq, noun: Noun, record: int, look: Look, *, binned: bool = False
) -> Stream:
    """Read the newest entries of the stream that the address asks for."""
    wears = speaking(noun, look)
    show = asked_show(request, wears)
    limit = asked_limit(request)
    found = await entries_of(request, noun, record, look, Asked(show, {}, limit))
    beyond, shown = len(found) > limit, together(found[:limit])
    composer = Markup("")
    if show != CHANGES and not binned:
        composer = await composer_of(request, noun, record, look, wears)
    first = request.cookies.get("mainstay_stream") == "newest"
    return Stream(
        entries=shown if first else shown[::-1],
        show=show,
        kinds=kinds_of(wears),
        newest_first=first,
        more=min(limit * 3, MOST) if beyond and limit < MOST else 0,
        before=place_of(found[:limit]) if beyond else "",
        composer=composer,
        title=_("Activity") if wears else _("History"),
        shown=limit,
    )


def kinds_of(wears: Sequence[Wear]) -> list[tuple[str, str]]:
    """Return what the stream can be narrowed to, by name and words."""
    if not wears:
        return []
    own = [(wear.name, _(wear.title)) for wear in wears]
    return [("", _("All")), *own, (CHANGES, _("Changes"))]


def asked_show(request: Rq, wears: Sequence[Wear]) -> str:
    """Return what the address narrows the stream to; everything when it names nothing known."""
    show = request.query_params.get("show", "")
    return show if show in {CHANGES, *(wear.name for wear in wears)} else ""


def asked_limit(request: Rq) -> int:
    """Return how many entries the address asks for; all that fit when it names one of them."""
    if "entry" in request.query_params:
        return MOST
    text = request.query_params.get("activity", "")
    return min(max(int(text), 1), MOST) if text.isdecimal() and len(text) < 5 else SHOWN


async def composer_of(
    request: Rq, noun: Noun, record: int, look: Look, wears: Sequence[Wear]
) -> Markup:
    """Return the place where something new is said, for those who may."""
    parts = []
    for wear in wears:
        given = await ws_of(request).look(look.me, partial(_loaded, wear, noun, record))
        if given is not None:
            values = {"noun": noun, "id": record, "look": look, "here": f"/{noun.path}/{record}"}
            text = renderer(request).text(request, wear.template, **(values | given))
            parts.append(Markup(text))  # noqa: S704
    return Markup("").join(parts)


async def _loaded(wear: Wear, noun: Noun, record: int, ctx: Context) -> Any:
    return await wear.load(ctx, noun, record)


async def entries_of(request: Rq, noun: Noun, record: int, look: Look, asked: Asked) -> list[Said]:
    """Return the newest entries below some places, one more than asked for where there is more.

    Changes that only moved something beside are among them, without a template: they keep the
    place, `together` leaves them out.
    """
    found: list[Said] = []
    for wear in speaking(noun, look):
        if wear.entries is not None and asked.show in ("", wear.name):
            before = asked.befores.get(wear.name, 0)
            read = partial(_entries, wear, noun, record, before, asked.limit + 1)
            theirs = await ws_of(request).look(look.me, read)
            found += [Said(wear.name, wear.entry, e.at, e.place, e) for e in theirs]
    if asked.show in ("", CHANGES):
        before = asked.befores.get(CHANGES, 0)
        log = partial(_logged, noun, record, before, asked.limit + 1)
        rows = await ws_of(request).look(look.me, log)
        found += await changes_of(request, noun, rows, look, every_field=asked.every_field)
    found.sort(key=lambda one: (one.at, one.name != CHANGES, one.place), reverse=True)
    return found[: asked.limit + 1]


async def _entries(
    wear: Wear, noun: Noun, record: int, before: int, limit: int, ctx: Context
) -> Any:
    assert wear.entries is not None
    return await wear.entries(ctx, noun, record, before, limit)


async def _logged(noun: Noun, record: int, before: int, limit: int, ctx: Context) -> list[Entry]:
    log = ctx.workspace.log
    return await log.history(ctx.connection, noun, record, before=before, limit=limit)


def place_of(entries: Sequence[Said]) -> str:
    """Return where the older entries begin, as an address says it: `changes.17,comments.4`."""
    lowest: dict[str, int] = {}
    for one in entries:
        lowest[one.name] = min(one.place, lowest.get(one.name, one.place))
    return ",".join(f"{name}.{place}" for name, place in sorted(lowest.items()))


def read_place(text: str) -> dict[str, int]:
    """Read where the older entries begin; what is no place of ours is passed over."""
    found = {}
    for part in text.split(","):
        name, _dot, place = part.partition(".")
        if place.isdecimal() and len(place) < 19:
            found[name] = int(place)
    return found


async def changes_of(
    request: Rq, noun: Noun, rows: Sequence[Entry], look: Look, *, every_field: bool
) -> list[Said]:
    """Return the log's rows in words; those that only moved something beside have no template."""
    seen = visible(noun, look.me)
    told = seen if every_field else seen & told_fields(noun)
    if CUSTOM in told:
        told |= noun.custom.keys()
        rows = [parted(noun, row) for row in rows]
    names = await names_in(request, noun, rows, look)
    found = []
    for row in rows:
        change = in_words(noun, row, names, look, told)
        template = "" if change.plain and not change.lines else "_change.html"
        found.append(Said(CHANGES, template, change.at, change.place, change))
    return found


def parted(noun: Noun, row: Entry) -> Entry:
    """Return a row of the log with the added fields that it changed, each by its own name."""
    if row.before is None or CUSTOM not in row.before:
        return row
    sides = []
    for side in (row.before, row.after or {}):
        added = {f"cf.{name}": value for name, value in (side.get(CUSTOM) or {}).items()}
        sides.append({n: v for n, v in side.items() if n != CUSTOM} | added)
    before, after = sides
    same = {n for n in noun.custom if before.get(n) == after.get(n)}
    gone = {n for n in {*before, *after} if n.startswith("cf.") and n not in noun.custom}
    before, after = ({n: v for n, v in s.items() if n not in same | gone} for s in sides)
    return structs.replace(row, before=before, after=after)


def told_fields(noun: Noun) -> set[str]:
    """Return the fields whose changes people care about: those they write, or see on the page."""
    resource = noun.resource
    return {*resource.write, *resource.create_only, *resource.main, *resource.side, *noun.brief}


async def names_in(
    request: Rq, noun: Noun, rows: Sequence[Entry], look: Look
) -> dict[tuple[str, int], str]:
    """Look up the titles of the records that the log mentions, one query for each kind."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row.before is None:
            continue
        for name, value in [*row.before.items(), *(row.after or {}).items()]:
            kind = item.kind if (item := noun.field(name)) else None
            if isinstance(kind, (Ref, Links)) and name not in BINNING:
                named = value if isinstance(value, list) else [value]
                known = (one for one in named if isinstance(one, int))
                wanted.setdefault(kind.target, set()).update(known)
    found: Names = {}
    for key, ids in wanted.items():
        other = look.registry.nouns[key]
        if not ids or not look.me.can(other.permission("read")):
            continue
        chosen = ",".join(map(str, sorted(ids)[:200]))
        asked = [("id__in", chosen), ("fields", ",".join(other.brief)), ("limit", "200")]
        page = await ws_of(request).page(look.me, other.key, [*asked, ("deleted", "with")])
        found |= {(key, row.id): title_of(other, row) for row in page.items}
    return found


def in_words(noun: Noun, row: Entry, names: Names, look: Look, told: set[str]) -> Change:
    """Return one row of the log in words."""
    before, after = row.before or {}, row.after or {}
    touched = dict.fromkeys((*before, *after)) if row.before is not None else ()
    again = partial(line, noun, names, look)
    lines = [
        again(name, before.get(name), after.get(name))
        for name in touched
        if name in told and name not in BINNING
    ]
    action = noun.actions.get(row.verb)
    verb = row.verb if row.before is None or row.verb != "create" else "update"
    usual = {
        "create": _("created this"),
        "seed": _("created this"),
        "update": _("made a change"),
        "restore": _("restored this"),
        "delete": _("moved this to the bin"),
        "undo": _("took a change back"),
    }
    used = _("used %(verb)s") % {"verb": _(action.label) if action else row.verb}
    if row.verb == "note" and row.events:
        # What followed from something else is called by the event itself.
        used = "· " + _(spoken(snake(row.events[0]["name"].rpartition(".")[2])))
    mine = row.actor_id == look.me.id or look.me.can(UNDO)
    hidden = HIDDEN in before.values() or HIDDEN in after.values()
    undoable = mine and noun.resource.undo and bool(lines) and not hidden
    undoable = undoable and look.me.can(noun.permission("update"))
    return Change(
        at=row.at,
        place=row.id,
        actor_id=row.actor_id,
        who=row.actor or _("Somebody"),
        what=usual.get(verb) or used,
        when=Markup(moment(row.at, look)),  # noqa: S704
        lines=tuple(lines),
        again=again,
        groups=(row.change_set,) if undoable else (),
        plain=verb == "update",
    )


def line(noun: Noun, names: Names, look: Look, name: str, old: Any, new: Any) -> Line:
    """Return one field of a change: from and to, or the words that differ in a long text."""
    item = noun.all_fields[name]
    label, kind = _(item.label), item.kind
    both = isinstance(kind, Text) and old and new and HIDDEN not in (old, new)
    if both and (kind.lines or max(len(old), len(new)) > SHORT):  # type: ignore[attr-defined]
        return Line(name, label, NONE, NONE, changed(old, new), old, new)
    was = NONE if old in (None, "", [], {}) else worded(noun, name, old, names, look)
    return Line(name, label, was, worded(noun, name, new, names, look), NONE, old, new)


def worded(noun: Noun, name: str, value: Any, names: Names, look: Look) -> Markup:
    """Return a logged value as it is read, references by the title of their record."""
    kind = noun.all_fields[name].kind
    if isinstance(kind, Choices) and isinstance(value, list):
        return Markup(draw(noun, name, {name: value}, look))  # noqa: S704
    if isinstance(kind, Choice) and isinstance(value, str) and value in kind.values:
        return Markup(draw(noun, name, {name: value}, look))  # noqa: S704
    if isinstance(kind, Ref) and isinstance(value, int):
        return escape(names.get((kind.target, value), f"#{value}"))
    if isinstance(kind, Links) and isinstance(value, list):
        titles = [names.get((kind.target, one), f"#{one}") for one in value]
        return escape(", ".join(titles) or _("nothing"))
    text = said(noun, name, value, look)
    return escape(text if len(text) <= LONG else text[: LONG - 1] + "…")


def together(entries: list[Said]) -> list[Said]:
    """Fold what one person changed within a few minutes into one entry; newest come first."""
    found: list[Said] = []
    for one in entries:
        if not one.template:
            continue
        last = found[-1] if found else None
        if last is not None and _belong(last, one):
            found[-1] = replace(last, place=one.place, entry=_folded(last.entry, one.entry))
        else:
            found.append(one)
    return found


def _belong(newer: Said, older: Said) -> bool:
    if not (newer.name == older.name == CHANGES):
        return False
    later, first = newer.entry, older.entry
    near = later.at - first.at <= TOGETHER
    return bool(near and later.plain and first.plain and later.actor_id == first.actor_id)


def _folded(newer: Change, older: Change) -> Change:
    """Return two changes as one: each field from what it first was to what it became."""
    lines = {one.name: one for one in older.lines}
    for one in newer.lines:
        first = lines.pop(one.name, None)
        if first is None:
            lines[one.name] = one
        elif first.before != one.after:
            lines[one.name] = newer.again(one.name, first.before, one.after)
    whole = newer.groups and older.groups
    return replace(
        newer,
        place=older.place,
        lines=tuple(lines.values()),
        groups=(*newer.groups, *older.groups) if whole else (),
    )
