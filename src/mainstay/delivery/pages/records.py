"""One record on its page: what it is, what may be done, what belongs to it, what happened to it."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from litestar import get
from markupsafe import Markup

from mainstay.delivery import rest
from mainstay.delivery.cells import (
    NOTHING,
    Look,
    Row,
    draw,
    moment,
    said,
    title_of,
    written,
)
from mainstay.delivery.pages.common import (
    BOOKKEEPING,
    Answer,
    Rq,
    asking,
    look_of,
    noun_of,
    one_row,
    record_of,
    renderer,
    visible,
    ws_of,
)
from mainstay.delivery.pages.house import elsewhere_page
from mainstay.delivery.pages.tables import columns_of, heads, lines, may
from mainstay.delivery.render import query
from mainstay.delivery.words import gettext as _
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Json, Links, Ref, Text
from mainstay.kernel.module import Action, Panel
from mainstay.kernel.noun import Noun

ROWS = 8
EVENTS = 20
LONG = 200
FILED = ("created_at", "created_by", "updated_at")


@dataclass(frozen=True)
class Fact:
    """One field of the page: its name in words and its value as drawn."""

    name: str
    label: str
    html: Markup
    long: bool = False

    @property
    def empty(self) -> bool:
        """Return whether there is nothing to show."""
        return self.html == NOTHING


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
class Belonging:
    """A list of the records that point here."""

    noun: Noun
    title: str
    heads: list[Any]
    rows: list[Any]
    more: bool
    all_href: str
    new_href: str


@dataclass(frozen=True)
class Filled:
    """A panel that a room has filled itself."""

    title: str
    place: str
    html: Markup


@get("/{room:str}/{plural:str}/{record:str}")
async def record_page(request: Rq) -> Answer:
    """Show one record, or a room's own page at this address."""
    if not request.path_params["record"].isdecimal():
        return await elsewhere_page(request)
    noun, look = noun_of(request), look_of(request)
    record = record_of(request)
    main, side = slots(noun, look)
    names = list(dict.fromkeys((*noun.brief, *main, *side, *FILED)))
    row = await one_row(request, noun, record, [n for n in names if n in visible(noun, look.me)])
    binned = row.get("deleted_at") is not None
    entity = None if binned else await entity_of(request, noun, record)
    state = state_of(noun)
    facts = [fact(noun, name, row, look) for name in main if name not in noun.brief]
    return renderer(request).page(
        request,
        "record.html",
        noun=noun,
        id=record,
        row=row,
        name=title_of(noun, row),
        binned=binned,
        state=Markup(draw(noun, state, row, look)) if state else "",  # noqa: S704
        verbs=verbs_of(noun, entity, look) if entity else [],
        main=[one for one in facts if one.html != NOTHING or not one.long],
        side=[fact(noun, name, row, look) for name in side if name != state],
        filed=[fact(noun, name, row, look) for name in FILED if row.get(name) is not None],
        related=[] if binned else await belongings(request, noun, record, look),
        panels=await panels_of(request, noun, entity, look) if entity else [],
        may=may(noun, look.me),
        live=",".join(live_of(noun, look)),
    )


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
    return main, side


def is_long(noun: Noun, name: str) -> bool:
    """Return whether a field is written text or a document, which needs the main column."""
    kind = noun.fields[name].kind
    if isinstance(kind, Json):
        return bool(kind.shape != list[str])
    return isinstance(kind, Text) and kind.lines


def state_of(noun: Noun) -> str:
    """Return the field that says where the record stands."""
    names = ("status", "state", "phase", "stage")
    return next((n for n in names if n in noun.fields and _choice(noun, n)), "")


def _choice(noun: Noun, name: str) -> bool:
    return isinstance(noun.fields[name].kind, Choice)


def fact(noun: Noun, name: str, row: Row, look: Look) -> Fact:
    """Draw one field; long text is read as Markdown."""
    field, value = noun.fields[name], row.get(name)
    if isinstance(field.kind, Text) and field.kind.lines:
        html = Markup('<div class="prose">{}</div>').format(written(value)) if value else NOTHING
        return Fact(name, _(field.label), Markup(html), True)  # noqa: S704
    return Fact(name, _(field.label), Markup(draw(noun, name, row, look)), is_long(noun, name))  # noqa: S704


def verbs_of(noun: Noun, entity: Entity, look: Look) -> list[Verb]:
    """Return the verbs this person may use, each with the reason why not now."""
    found = []
    for action in noun.actions.values():
        if action.entity is None or not look.me.can(noun.permission(action.grant)):
            continue
        reason = action.allowed(entity) if action.allowed else None
        found.append(Verb(action, _(reason) if reason else ""))
    return sorted(found, key=lambda verb: (bool(verb.why_not), verb.action.danger))


async def entity_of(request: Rq, noun: Noun, record: int) -> Entity | None:
    """Return the record itself, where its verbs or panels need it."""
    if not noun.actions and not noun.resource.panels:
        return None
    look = look_of(request)

    async def work(ctx: Context) -> Entity | None:
        """Read it within the reader's scope, without a lock."""
        ask = ctx.ask(noun, {"id": record, "limit": 1, "sort": "id"})
        found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
        return found[0] if found else None

    return await ws_of(request).look(look.me, work)


async def panels_of(request: Rq, noun: Noun, entity: Entity, look: Look) -> list[Filled]:
    """Let the rooms fill their panels."""
    found = []
    for panel in noun.resource.panels:
        given = await ws_of(request).look(look.me, partial(_loaded, panel, entity))
        html = renderer(request).text(
            request, panel.template, noun=noun, record=entity, look=look, **(given or {})
        )
        found.append(Filled(_(panel.title), panel.place, Markup(html)))  # noqa: S704
    return found


async def _loaded(panel: Panel, entity: Entity, ctx: Context) -> Any:
    return await panel.load(ctx, entity)


async def belongings(request: Rq, noun: Noun, record: int, look: Look) -> list[Belonging]:
    """Read the first rows of every list that belongs to the record."""
    found, ws = [], ws_of(request)
    for related in noun.resource.related:
        other = ws.registry.noun(related.resource)
        if not look.me.can(other.permission("read")):
            continue
        seen = visible(other, look.me)
        names = [n for n in related.columns if n in seen] or columns_of(other, look.me)
        names = [n for n in names if n != related.by]
        wanted = [(related.by, str(record)), ("limit", str(ROWS)), *asking(other, names)]
        page = await ws.page(look.me, other.key, wanted)
        add = query([(related.by, record), ("next", f"/{noun.path}/{record}")])
        found.append(
            Belonging(
                other,
                _(related.title or other.plural),
                heads(other, names, []),
                lines(other, names, page.items, look),
                page.next is not None,
                f"/{other.path}" + query([(related.by, record)]),
                f"/{other.path}/new{add}" if may(other, look.me).create else "",
            )
        )
    return found


def live_of(noun: Noun, look: Look) -> list[str]:
    """Return the resources whose changes may change this page."""
    others = (look.registry.noun(related.resource).key for related in noun.resource.related)
    return list(dict.fromkeys((noun.key, *others)))


@get("/{room:str}/{plural:str}/{record:str}/history")
async def history_page(request: Rq) -> Answer:
    """Show what happened to one record, newest first."""
    noun, look, record = noun_of(request), look_of(request), record_of(request)
    before = rest.number(request, "before", 0)
    entries = await rest.history(
        ws_of(request), look.me, noun, record, before=before, limit=EVENTS + 1
    )
    shown = entries[:EVENTS]
    names = await names_in(request, noun, shown, look)
    events = [event(noun, entry, names, look) for entry in shown]
    more = shown[-1]["id"] if len(entries) > EVENTS else 0
    values: dict[str, Any] = {"noun": noun, "id": record, "events": events, "more": more}
    if request.headers.get("HX-Target", "").startswith("section#history"):
        html = renderer(request).text(request, "_history.html", **values)
        return renderer(request).answer(request, html)
    return renderer(request).page(request, "history.html", live=noun.key, **values)


async def names_in(
    request: Rq, noun: Noun, entries: list[dict[str, Any]], look: Look
) -> dict[tuple[str, int], str]:
    """Look up the titles of the records that the history mentions, one query for each kind."""
    wanted: dict[str, set[int]] = {}
    for entry in entries:
        for name, value in [*(entry["before"] or {}).items(), *(entry["after"] or {}).items()]:
            kind = noun.fields[name].kind if name in noun.fields else None
            if isinstance(kind, (Ref, Links)):
                named = value if isinstance(value, list) else [value]
                known = (one for one in named if isinstance(one, int))
                wanted.setdefault(kind.target, set()).update(known)
    found: dict[tuple[str, int], str] = {}
    for key, ids in wanted.items():
        other = look.registry.nouns[key]
        if not ids or not look.me.can(other.permission("read")):
            continue
        chosen = ",".join(map(str, sorted(ids)[:200]))
        asked = [("id__in", chosen), ("fields", ",".join(other.brief)), ("limit", "200")]
        page = await ws_of(request).page(look.me, other.key, [*asked, ("deleted", "with")])
        found |= {(key, row.id): title_of(other, row) for row in page.items}
    return found


def event(
    noun: Noun, entry: dict[str, Any], names: dict[tuple[str, int], str], look: Look
) -> dict[str, Any]:
    """Return one entry of the history in words."""
    before, after = entry["before"] or {}, entry["after"] or {}
    created = entry["before"] is None
    lines_ = []
    for name in dict.fromkeys((*before, *after)):
        field = noun.fields.get(name)
        if field is None or name in ("deleted_at", "deleted_by"):
            continue
        old = worded(noun, name, before.get(name), names, look)
        new = worded(noun, name, after.get(name), names, look)
        first = created or before.get(name) in (None, "", [], {})
        lines_.append({"label": _(field.label), "old": "" if first else old, "new": new})
    action = noun.actions.get(entry["verb"])
    usual = {
        "create": _("created this"),
        "update": _("changed this"),
        "restore": _("restored this"),
        "delete": _("moved this to the bin"),
        "undo": _("took a change back"),
    }
    verb = entry["verb"] if created or entry["verb"] != "create" else "update"
    label = _(action.label) if action else entry["verb"]
    what = usual.get(verb) or _("used %(verb)s") % {"verb": label}
    who = entry["actor"] or _("Somebody")
    return {"who": who, "what": what, "when": Markup(moment(entry["at"], look)), "lines": lines_}  # noqa: S704


def worded(noun: Noun, name: str, value: Any, names: dict[tuple[str, int], str], look: Look) -> str:
    """Return a logged value in words, references by the title of their record."""
    kind = noun.fields[name].kind
    if isinstance(kind, Ref) and isinstance(value, int):
        return names.get((kind.target, value), f"#{value}")
    if isinstance(kind, Links) and isinstance(value, list):
        titles = [names.get((kind.target, one), f"#{one}") for one in value]
        return ", ".join(titles) or _("nothing")
    text = said(noun, name, value, look)
    return text if len(text) <= LONG else text[: LONG - 1] + "…"


ROUTES = [record_page, history_page]
