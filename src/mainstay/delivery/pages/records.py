"""One record on its page: what it is, what may be done, what belongs to it, what happened to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from litestar import get, post
from markupsafe import Markup

from mainstay.delivery.cells import (
    FINAL,
    NOTHING,
    PERSON,
    Look,
    Row,
    as_row,
    draw,
    naming,
    pill,
    title_of,
    written,
)
from mainstay.delivery.pages import activity
from mainstay.delivery.pages.common import (
    BOOKKEEPING,
    Answer,
    Rq,
    entered,
    look_of,
    noun_of,
    record_of,
    renderer,
    visible,
    ws_of,
)
from mainstay.delivery.pages.home import elsewhere_page
from mainstay.delivery.pages.inline import attributes
from mainstay.delivery.pages.related import belongings
from mainstay.delivery.pages.tables import CUSTOM, editable, may, unlinked, wanted
from mainstay.delivery.render import is_dialog, is_split
from mainstay.delivery.words import gettext as _
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Day, Dec, Instant, Json, Links, Real, Ref, Text, Whole
from mainstay.kernel.module import Action, Panel, Wear
from mainstay.kernel.noun import Noun

FILED = ("created_at", "created_by", "updated_at")
STATES = ("status", "state", "phase", "stage")
LONGEST = 100_000
PEOPLE, DATES, NUMBERS, ADDED = "people", "dates", "numbers", "custom"


@dataclass(frozen=True)
class Fact:
    """One field of the page: its name in words, its value as drawn, and how it is edited."""

    name: str
    label: str
    html: Markup
    attrs: Markup
    long: bool = False
    edits: bool = False
    key: bool = False

    @property
    def empty(self) -> bool:
        """Return whether there is nothing to show."""
        return self.html == NOTHING


@dataclass(frozen=True)
class Group:
    """Fields of the side column that belong together."""

    title: str
    facts: list[Fact]
    folds: bool = False

    @property
    def folded(self) -> bool:
        """Return whether it waits folded, because nothing is in it yet."""
        return self.folds and all(fact.empty for fact in self.facts)


@dataclass(frozen=True)
class Verb:
    """One button: what it does, and why it cannot be used now."""

    action: Action
    why_not: str

    @property
    def asks(self) -> bool:
        """Return whether the verb needs values, so that it opens a dialog."""
        return self.action.data is not None


@dataclass(frozen=True)
class Stand:
    """Where a record stands, and where it may go from here."""

    field: str
    html: Markup
    ways: list[Any]


@dataclass(frozen=True)
class Filled:
    """A slot that a room or a facet has filled itself."""

    name: str
    title: str
    place: str
    html: Markup
    count: Any = ""


@get("/{room:str}/{plural:str}/{record:str}")
async def record_page(request: Rq) -> Answer:
    """Show one record, or a room's own page at this address."""
    if not request.path_params["record"].isdecimal():
        return await elsewhere_page(request)
    noun, look, record = noun_of(request), look_of(request), record_of(request)
    main, side = slots(noun, look)
    parent = [noun.resource.parent] if noun.resource.parent else []
    names = list(dict.fromkeys((*noun.brief, *parent, *main, *side, *FILED)))
    row = await row_of(request, noun, record, names, look)
    binned = row.get("deleted_at") is not None
    entity = None if binned else await entity_of(request, noun, record)
    return renderer(request).page(
        request,
        "record.html",
        layout="_split.html" if is_split(request) else "base.html",
        noun=noun,
        id=record,
        here=f"/{noun.path}/{record}",
        row=row,
        name=title_of(noun, row),
        binned=binned,
        verbs=verbs_of(noun, entity, look) if entity else [],
        **facts_of(noun, row, look, main, side),
        filed={n: filed_of(noun, n, row, look) for n in FILED},
        related=[] if binned else await belongings(request, noun, row, look),
        slots=await filled(request, noun, record, entity, look),
        stream=await activity.stream_of(request, noun, record, look, binned=binned),
        may=may(noun, look.me),
        look=look,
        asks_delete=is_carried(noun, look),
        live=",".join(live_of(noun, record, look)),
    )


def facts_of(
    noun: Noun, row: Row, look: Look, main: Sequence[str], side: Sequence[str]
) -> dict[str, Any]:
    """Return the record's values: its name, where it stands, the main and the side column."""
    binned = row.get("deleted_at") is not None
    edits = frozenset[str]() if binned else editable(noun, look.me)
    state, above = state_of(noun), row.get(noun.resource.parent)
    named = (naming(noun)[0] or ("",))[0]
    headed = {state, named, "code" if row.get("code") else ""}
    others = [n for n in side if n not in headed and noun.has(n, above)]
    stand = stand_of(noun, state, row, look, edits) if state else None
    return {
        "named": named if named in edits else "",
        "stand": stand,
        "next_step": bool(stand and stand.ways) and row.get(state) not in FINAL,
        "main": [fact(noun, n, row, look, edits) for n in main if n != named],
        "side": groups_of(noun, others, row, look, edits),
    }


async def row_of(request: Rq, noun: Noun, record: int, names: Sequence[str], look: Look) -> Row:
    """Return the record as a row, binned or not, with the custom fields that it may have."""
    seen = visible(noun, look.me)
    known = [n for n in names if n in seen or n.startswith(CUSTOM)]
    asked = [*wanted(noun, [*known, "deleted_at"]), ("deleted", "with")]
    found = await ws_of(request).one(look.me, noun.key, record, asked)
    return as_row(found)


def slots(noun: Noun, look: Look) -> tuple[list[str], list[str]]:
    """Return the fields of the main and of the side slot: the declared ones, or a fair guess."""
    seen, resource = visible(noun, look.me), noun.resource
    own = [n for n in noun.fields if n in seen and n not in BOOKKEEPING]
    main = [n for n in resource.main if n in seen]
    side = [n for n in resource.side if n in seen]
    if not main:
        main = [n for n in own if n not in side and is_long(noun, n)]
    if not side:
        side = [n for n in own if n not in main and n not in noun.brief]
    named = naming(noun)[0]
    brief = [n for n in noun.brief if n in seen and n not in (*named, *main, *side, *BOOKKEEPING)]
    custom = [n for n in noun.all_fields if n.startswith(CUSTOM)]
    return main, [*side, *brief, *custom]


def is_long(noun: Noun, name: str) -> bool:
    """Return whether a field is written text or a document, which needs the main column."""
    kind = noun.all_fields[name].kind
    if isinstance(kind, Json):
        return bool(kind.shape != list[str])
    return isinstance(kind, Text) and kind.lines


def state_of(noun: Noun) -> str:
    """Return the field that says where the record stands."""
    if noun.resource.flow:
        return noun.resource.flow.field
    fields = noun.fields
    return next((n for n in STATES if n in fields and isinstance(fields[n].kind, Choice)), "")


def stand_of(noun: Noun, name: str, row: Row, look: Look, edits: frozenset[str]) -> Stand:
    """Return where the record stands, with every other value and why it may not go there."""
    kind, now = noun.fields[name].kind, row.get(name)
    assert isinstance(kind, Choice)
    colors, flow = dict(kind.colors), noun.resource.flow
    ways = []
    for value in kind.values if name in edits else ():
        reason = flow.move(now, value) if flow and now and value != now else None
        html = Markup(pill(value, colors.get(value, "")))  # noqa: S704
        ways.append({"value": value, "html": html, "why": _(reason) if reason else ""})
    return Stand(name, Markup(draw(noun, name, row, look)), ways)  # noqa: S704


def fact(noun: Noun, name: str, row: Row, look: Look, edits: frozenset[str]) -> Fact:
    """Draw one field; long text is read as Markdown."""
    item, value = noun.all_fields[name], row.get(name)
    if isinstance(item.kind, Text) and item.kind.lines:
        html = Markup('<div class="prose">{}</div>').format(written(value)) if value else NOTHING
    else:
        html = draw(noun, name, row, look)
    mine = name in edits
    attrs = attributes(noun, name, row, look.me) if mine else Markup("")
    attrs = attrs or Markup(' data-drawn-field="{}"').format(name)
    key = name in noun.resource.columns
    return Fact(name, _(item.label), Markup(html), attrs, is_long(noun, name), mine, key)  # noqa: S704


def filed_of(noun: Noun, name: str, row: Row, look: Look) -> Markup:
    """Return one part of how the record is kept: when it was made, by whom, when it changed."""
    html = draw(noun, name, row, look)
    return Markup("" if html == NOTHING else unlinked(html))  # noqa: S704


def groups_of(
    noun: Noun, names: Sequence[str], row: Row, look: Look, edits: frozenset[str]
) -> list[Group]:
    """Return the fields of the side column in groups: what it is, who, when, how much, added."""
    titles = {
        "": _("Details"),
        PEOPLE: _("People"),
        DATES: _("Dates"),
        NUMBERS: _("Numbers"),
        ADDED: _("Custom fields"),
    }
    custom = titles.pop(ADDED)
    titles |= {group.title: _(group.title) for group in noun.resource.groups} | {ADDED: custom}
    said = {name: group.title for group in noun.resource.groups for name in group.fields}
    found: dict[str, list[Fact]] = {key: [] for key in titles}
    for name in names:
        one = fact(noun, name, row, look, edits)
        if not one.empty or one.edits:
            found[said.get(name) or _group(noun, name)].append(one)
    kept = [(key, facts) for key, facts in found.items() if facts]
    return [Group(titles[key], facts, key in said.values()) for key, facts in kept]


def _group(noun: Noun, name: str) -> str:
    kind = noun.all_fields[name].kind
    if name.startswith(CUSTOM):
        return ADDED
    if isinstance(kind, (Ref, Links)):
        return PEOPLE if kind.target == PERSON else ""
    if isinstance(kind, (Day, Instant)):
        return DATES
    return NUMBERS if isinstance(kind, (Dec, Real, Whole)) else ""


def verbs_of(noun: Noun, entity: Entity, look: Look) -> list[Verb]:
    """Return the verbs this person may use, each with the reason why not now."""
    found = []
    for action in noun.actions.values():
        if action.entity is None or action.quiet or not look.me.can(noun.permission(action.grant)):
            continue
        reason = action.why_not(entity, look.me)
        found.append(Verb(action, _(reason) if reason else ""))
    return sorted(found, key=lambda verb: (bool(verb.why_not), verb.action.danger))


async def entity_of(request: Rq, noun: Noun, record: int) -> Entity | None:
    """Return the record itself, where its verbs or panels need it."""
    look = look_of(request)
    if not noun.actions and not look.registry.panels(noun):
        return None

    async def work(ctx: Context) -> Entity | None:
        """Read it within the reader's scope, without a lock."""
        ask = ctx.ask(noun, {"id": record, "limit": 1, "sort": "id"})
        found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
        return found[0] if found else None

    return await ws_of(request).look(look.me, work)


async def filled(
    request: Rq, noun: Noun, record: int, entity: Entity | None, look: Look
) -> list[Filled]:
    """Let the rooms fill their panels, and the facets their slots."""
    found = []
    for panel in panels_of(noun, look):
        if entity is None:
            break
        given = await ws_of(request).look(look.me, partial(_loaded, panel, entity))
        if given is None:
            continue
        values = {"noun": noun, "record": entity, "look": look, **given}
        html = Markup(renderer(request).text(request, panel.template, **values))  # noqa: S704
        found.append(Filled("", _(panel.title), panel.place, html))
    for wear in activity.worn_by(noun, look):
        if wear.place == "stream":
            continue
        given = await ws_of(request).look(look.me, partial(_worn, wear, noun, record))
        if given is not None:
            values = {"noun": noun, "id": record, "look": look, "here": f"/{noun.path}/{record}"}
            html = Markup(renderer(request).text(request, wear.template, **(values | given)))  # noqa: S704
            title, count = _(wear.title), given.get("count", "")
            found.append(Filled(wear.name, title, wear.place, html, count))
    return found


def panels_of(noun: Noun, look: Look) -> list[Panel]:
    """Return the panels of a record's page that this person may see."""
    return [p for p in look.registry.panels(noun) if not p.grant or look.me.can(p.grant)]


async def _loaded(panel: Panel, entity: Entity, ctx: Context) -> Any:
    return await panel.load(ctx, entity)


async def _worn(wear: Wear, noun: Noun, record: int, ctx: Context) -> Any:
    return await wear.load(ctx, noun, record)


def live_of(noun: Noun, record: int, look: Look) -> list[str]:
    """Return the topics whose events may change this page: the record, its lists, its watchers."""
    others = (look.registry.noun(related.resource).key for related in noun.resource.related)
    panelled = (key for panel in panels_of(noun, look) for key in panel.live)
    own = f"{noun.key}:{record}"
    return list(dict.fromkeys((own, *others, *panelled, f"looking:{own}")))


@get("/{room:str}/{plural:str}/{record:str}/history")
async def history_page(request: Rq) -> Answer:
    """Show all that happened to one record, newest first, with every field."""
    noun, look, record = noun_of(request), look_of(request), record_of(request)
    row = await row_of(request, noun, record, noun.brief, look)
    show = activity.asked_show(request, activity.speaking(noun, look))
    befores = activity.read_place(request.query_params.get("before", ""))
    asked = activity.Asked(show, befores, activity.SHOWN, every_field=True)
    found = await activity.entries_of(request, noun, record, look, asked)
    shown = found[: activity.SHOWN]
    return renderer(request).page(
        request,
        "history.html",
        noun=noun,
        id=record,
        here=f"/{noun.path}/{record}",
        look=look,
        name=title_of(noun, row),
        show=show,
        entries=activity.together(shown),
        before=activity.place_of(shown) if len(found) > len(shown) else "",
        live=f"{noun.key}:{record}",
    )


@get("/{room:str}/{plural:str}/{record:str}/delete")
async def delete_form(request: Rq) -> Answer:
    """Ask before a record goes to the bin, and say how many others carry it."""
    noun, look, record = noun_of(request), look_of(request), record_of(request)
    row = await row_of(request, noun, record, noun.brief, look)
    values: dict[str, Any] = {
        "noun": noun,
        "here": f"/{noun.path}/{record}",
        "name": title_of(noun, row),
        "carried": await carried(request, noun, record, look),
    }
    if is_dialog(request):
        html = renderer(request).text(request, "_delete.html", **values)
        return renderer(request).answer(request, html)
    return renderer(request).page(request, "delete.html", **values)


async def carried(request: Rq, noun: Noun, record: int, look: Look) -> list[tuple[str, str, str]]:
    """Return which lists carry a record and how often, with the way to them."""
    found = []
    for other in look.registry.nouns.values():
        for name, item in other.links.items():
            kind = item.kind
            here = isinstance(kind, Links) and kind.target == noun.key
            if not here or not look.me.can(other.permission("read")):
                continue
            asked = [(name, str(record)), ("limit", "1"), ("count", "1")]
            page = await ws_of(request).page(look.me, other.key, asked)
            if page.count:
                count = f"{page.count}+" if page.more else str(page.count)
                found.append((_(other.plural), count, f"/{other.path}?{name}={record}"))
    return found


def is_carried(noun: Noun, look: Look) -> bool:
    """Return whether other records may carry such a record in a list of theirs."""
    kinds = (item.kind for other in look.registry.nouns.values() for item in other.links.values())
    return any(isinstance(kind, Links) and kind.target == noun.key for kind in kinds)


@post("/written", status_code=200)
async def preview(request: Rq) -> Answer:
    """Draw a long text as it will be read, before it is saved."""
    look_of(request)
    text = (await entered(request)).get("text", [""])[0]
    return renderer(request).answer(request, str(written(text[:LONGEST])))


ROUTES = [record_page, history_page, delete_form, preview]
