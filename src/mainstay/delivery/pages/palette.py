"""The command palette: pages, things to create, verbs, what was opened lately, and records."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from litestar import get
from markupsafe import Markup

from mainstay.delivery import finding, keys, offers
from mainstay.delivery.cells import Look, draw
from mainstay.delivery.pages.common import Answer, Rq, look_of, renderer, ws_of
from mainstay.delivery.pages.quick import kinds
from mainstay.delivery.words import gettext as _
from mainstay.delivery.words import inside
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Links, Ref
from mainstay.kernel.module import Action
from mainstay.kernel.noun import Noun

EACH = 6
FOUND = 12
LONGEST = 100
NONE = Markup("")


@dataclass(frozen=True)
class Row:
    """One line: what it says, and what it does: go, ask in the dialog, run a verb, do a deed."""

    title: str
    icon: str
    href: str = ""
    ask: str = ""
    run: str = ""
    deed: str = ""
    why: str = ""
    hint: str = ""
    keys: str = ""
    html: Markup = NONE
    found: Markup = NONE
    state: Markup = NONE


@dataclass(frozen=True)
class Section:
    """Some lines under one heading; `command` lines are the ones that `>` keeps."""

    name: str
    title: str
    rows: list[Row]
    command: bool = False


@get("/palette")
async def palette(request: Rq) -> Answer:
    """Return everything that can be done from here, but for the records."""
    look, noun = look_of(request), _noun(request)
    verbs = await _verbs(request, noun, look)
    sections = [Section("verbs", _(noun.title) if noun else "", verbs, True)]
    for offer, places in await offers.load(ws_of(request), look.me, rail=False):
        rows = [Row(p.title, p.icon or "file", p.href, hint=p.hint) for p in places]
        sections.append(Section(offer.name, _(offer.title), rows))
    sections += [_pages(request, look), _create(request, look), _house(look)]
    shown = [section for section in sections if section.rows]
    html = renderer(request).text(request, "_palette.html", sections=shown)
    return renderer(request).answer(request, html)


@get("/palette/records")
async def records(request: Rq) -> Answer:
    """Return the records that a few letters may stand for, over all rooms."""
    look, ws = look_of(request), ws_of(request)
    q = request.query_params.get("q", "").replace("\x00", "").strip()[:LONGEST]
    hits = await finding.near(ws, look.me, q, each=EACH) if q else []
    rows = [
        Row(
            hit.title,
            hit.noun.resource.icon,
            hit.href,
            hint=_(hit.noun.title),
            html=hit.html,
            found=NONE if "<mark>" in hit.html else hit.snippet,
            state=Markup(draw(hit.noun, "status", hit.row, look))  # noqa: S704
            if hit.row.get("status")
            else NONE,
        )
        for hit in hits[:FOUND]
    ]
    every = Row(
        _("Search everything for “%(words)s”") % {"words": q},
        "search",
        "/search?" + urlencode({"q": q}),
    )
    sections = [Section("records", _("Records"), rows)] if rows else []
    sections.append(Section("search", _("Search"), [every]))
    html = renderer(request).text(request, "_palette.html", sections=sections)
    return renderer(request).answer(request, html)


def _noun(request: Rq) -> Noun | None:
    """Return the resource that the page shows."""
    return ws_of(request).registry.nouns.get(request.query_params.get("resource", ""))


def _record(request: Rq) -> int:
    """Return the record that the page shows, or 0."""
    given = request.query_params.get("record", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0


async def _verbs(request: Rq, noun: Noun | None, look: Look) -> list[Row]:
    """Return what can be done with the record of the page."""
    record = _record(request)
    if noun is None or not record or not look.me.can(noun.permission("read")):
        return []

    async def work(ctx: Context) -> list[Entity]:
        """Read it within the reader's scope."""
        ask = ctx.ask(noun, {"id": record, "limit": 1, "sort": "id"})
        return (await ctx.reader.entities(ctx.connection, noun, ask, ctx.me))[0]

    found = await ws_of(request).look(look.me, work)
    if not found:
        return []
    verbs = [
        _verb(noun, action, found[0], look)
        for action in noun.actions.values()
        if action.entity is not None and not action.quiet
        if look.me.can(noun.permission(action.grant))
    ]
    return [*sorted(verbs, key=lambda row: bool(row.why)), *_usual(noun, found[0], look)]


def _verb(noun: Noun, action: Action, record: Entity, look: Look) -> Row:
    """Return a verb: run at once, asked for in the dialog, or refused with the reason."""
    why = action.why_not(record, look.me)
    label, path = _(action.label), f"/{noun.path}/{record.id}"
    if why:
        return Row(label, action.icon, why=_(why))
    if action.data is not None or action.danger:
        return Row(label + "…", action.icon, ask=f"{path}/do/{action.name}")
    return Row(label, action.icon, run=f"/api{path}/{action.name}")


def _usual(noun: Noun, record: Entity, look: Look) -> list[Row]:
    """Return editing, copying and the history of a record."""
    path, rows = f"/{noun.path}/{record.id}", []
    if "update" in noun.resource.verbs and look.me.can(noun.permission("update")):
        rows.append(Row(_("Edit"), "edit", f"{path}/edit", keys="e"))
    if "create" in noun.resource.verbs and look.me.can(noun.permission("create")):
        query = urlencode({"from": record.id})
        rows.append(Row(_("Copy into a new one"), "copy", f"/{noun.path}/new?{query}"))
    rows.append(Row(_("History"), "history", f"{path}/history"))
    return [*rows, *_linked(noun, record, look)]


def _linked(noun: Noun, record: Entity, look: Look) -> Iterable[Row]:
    """Return the way to the record's parent."""
    name = noun.resource.parent
    kind = noun.fields[name].kind if name else None
    value = getattr(record, name) if name else None
    if not isinstance(kind, Ref) or isinstance(kind, Links) or value is None:
        return []
    target = look.registry.nouns[kind.target]
    if not look.me.can(target.permission("read")):
        return []
    words = _("Go to its %(thing)s") % {"thing": inside(_(target.title))}
    return [Row(words, target.resource.icon, f"/{target.path}/{value}")]


def _create(request: Rq, look: Look) -> Section:
    rows = [
        Row(
            _("New %(thing)s") % {"thing": inside(_(noun.title))} + "…",
            noun.resource.icon,
            deed=f"quick:{noun.key}",
            keys="c" if noun == _noun(request) else "",
        )
        for noun in kinds(look)
    ]
    return Section("create", _("Create"), rows, True)


def _pages(request: Rq, look: Look) -> Section:
    """Return every page of the menu, with its shortcut."""
    drawn = renderer(request)
    known = keys.letters(look.registry)
    home = drawn.home()
    links = [("", home), *((_(r.title), link) for r in drawn.rooms(look.me) for link in r.links)]
    rows = [
        Row(
            _(link.title),
            link.icon,
            link.href,
            hint=room if room != _(link.title) else "",
            keys=f"g {known[link.href]}" if link.href in known else "",
        )
        for room, link in links
    ]
    rows += [
        Row(_("Search"), "search", "/search", keys="/"),
        Row(_("Profile and preferences"), "user", "/profile"),
    ]
    return Section("pages", _("Go to"), rows)


def _house(look: Look) -> Section:
    """Return what concerns the workspace itself."""
    rows = [
        Row(_("Light theme"), "sun", deed="theme:light"),
        Row(_("Dark theme"), "moon", deed="theme:dark"),
        Row(_("Theme of the system"), "device-desktop", deed="theme:system"),
        Row(_("Fold or unfold the menu"), "layout-sidebar", deed="rail", keys="mod+b"),
        Row(_("Keyboard shortcuts"), "keyboard", deed="keys", keys="?"),
        Row(_("Print this page"), "printer", deed="print", keys="mod+p"),
        Row(_("API reference"), "code", "/api/reference"),
        Row(_("What can go wrong, and what to do"), "help-circle", "/problems"),
    ]
    if look.me.can("kernel.style.read"):
        rows.append(Row(_("Style guide"), "palette", "/styleguide"))
    rows.append(Row(_("Sign out"), "logout", deed="sign-out"))
    return Section("house", _("Workspace"), rows, True)


ROUTES = [palette, records]
