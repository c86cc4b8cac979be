"""A resource's list: the frame around every view, with its tabs, filter sentence and verbs."""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
from litestar import Response, get

from mainstay.delivery.forms import Option
from mainstay.delivery.pages import filters
from mainstay.delivery.pages.common import Answer, Rq, look_of, noun_of, renderer, visible, ws_of
from mainstay.delivery.pages.filters import OWN, Pairs, tree_of, written
from mainstay.delivery.pages.home import module_page
from mainstay.delivery.pages.listing import Listing, opened, shelf_of, views_of
from mainstay.delivery.pages.sentence import (
    Asked,
    askable,
    condition,
    found,
    op_of,
    operators,
    sentence,
    usual_op,
    values_of,
)
from mainstay.delivery.pages.tables import collection_verbs, may
from mainstay.delivery.pages.views import DRAW
from mainstay.delivery.refusals import refusal
from mainstay.delivery.render import query
from mainstay.delivery.words import gettext as _
from mainstay.kernel.fields import Choice, Day, Flag, Instant, Json, Links, Ref, Text
from mainstay.kernel.module import Action
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Malformed, NotFound
from mainstay.kernel.scope import Me

GROUPED = ("table", "timeline", "gallery")
DATED = ("created_at", "updated_at")
SHOWN_TABS = 4
TEMPLATES = Path(__file__).parents[1] / "templates"


@get("/{room:str}/{plural:str}")
async def list_page(request: Rq) -> Answer:
    """Show the records of a resource in the view that the address names."""
    if (answer := await module_page(request)) is not None:
        return answer
    listing = await listing_of(request)
    drawing, status, drawn = f"views/{listing.view.kind}.html", 200, await _drawn(listing)
    if isinstance(drawn, Malformed):
        drawing, status = "_unread.html", drawn.status
        drawn = {"any": True, "problem": drawn, "display": "", "settings": []}
    if isinstance(drawn, Response):
        return drawn
    shown = {"any": True, "count": "", **await around(listing), **drawn}
    return renderer(request).page(
        request,
        "list.html",
        status=status,
        **shown,
        drawing=drawing,
        live=shown.get("topics") or listing.noun.key,
    )


async def _drawn(listing: Listing) -> Any:
    """Draw the view, or return why the address cannot be read."""
    try:
        return await DRAW[listing.view.kind](listing)
    except Malformed as problem:
        if not listing.filtered and "sort" not in listing.said:
            raise
        return problem


async def listing_of(request: Rq) -> Listing:
    """Read a list's address, with what a saved view or the memory adds to it."""
    noun, look, ws = noun_of(request), look_of(request), ws_of(request)
    views = drawn_views(noun)
    shelf = await shelf_of(ws, look, noun)
    asked = parse_qsl(request.url.query)  # in the order in which it was written
    pairs, saved = opened(asked, shelf, tuple(v.kind for v in views))
    wanted = dict(pairs)["view"]
    view = next((one for one in views if one.kind == wanted), None)
    if view is None:
        known = ", ".join(one.kind for one in views)
        raise Malformed(f"Unknown view {wanted!r}. Known: {known}.")
    return Listing(request, noun, look, ws, pairs, views, view, shelf, saved)


def drawn_views(noun: Noun) -> tuple[Any, ...]:
    """Return the views of a resource that can be drawn."""
    return tuple(view for view in views_of(noun) if view.kind in DRAW)


async def around(listing: Listing) -> dict[str, Any]:
    """Return what stands around a view: tabs, filter, order, display, verbs, other addresses."""
    noun, me = listing.noun, listing.look.me
    rest = [p for p in listing.asked if p[0] not in OWN]
    shown = sortable(listing)
    try:
        told = await sentence(noun, tree_of(listing.asked), listing.ws, me)
    except Malformed:
        told = []
    return {
        "noun": noun,
        "listing": listing,
        "q": listing.said.get("q", ""),
        "filtered": listing.filtered,
        "binned": listing.binned,
        "kept": [p for p in listing.kept if p[0] != "q"],
        "plain": listing.plain,
        "counted": query(listing.kept, count="1"),
        "bin_href": query([p for p in rest if p[0] != "deleted"], deleted="only"),
        "state": urlencode(listing.kept),
        "exported": written(rest),
        "sentence": told,
        "orders": orders(listing, shown),
        "groups": grouping(listing, shown) if listing.view.kind in GROUPED else [],
        "settings": settings(listing, shown),
        "display": display_of(listing.view.kind),
        "collection": collection_verbs(noun, me),
        "verbs": record_verbs(noun, me),
        "may": may(noun, me),
        "tabs_shown": SHOWN_TABS,
    }


def record_verbs(noun: Noun, me: Me) -> list[Action]:
    """Return the verbs on single records that this person may use on many."""
    found = (a for a in noun.actions.values() if a.entity is noun.entity and not a.quiet)
    return [a for a in found if me.can(noun.permission(a.grant))]


@dataclass(frozen=True)
class Order:
    """A field that the list may be sorted by; `place` is its rank now, from 1, or 0."""

    label: str
    place: int
    down: bool
    only: str
    also: str
    without: str


def orders(listing: Listing, shown: list[str]) -> list[Order]:
    """Return the ways to sort, those in force first."""
    noun = listing.noun
    now = [
        part.strip()
        for part in (listing.said.get("sort") or noun.resource.sort).split(",")
        if part.strip()
    ]
    names = [part.removeprefix("-") for part in now]
    fields = [n for n in shown if not isinstance(noun.all_fields[n].kind, (Json, Links))]
    known = [n for n in names if n in fields]
    return [_order(listing, name, now, names) for name in dict.fromkeys((*known, *fields))]


def _order(listing: Listing, name: str, now: list[str], names: list[str]) -> Order:
    here = names.index(name) if name in names else -1
    down = here >= 0 and now[here].startswith("-")
    turned = [*now]
    if here >= 0:
        turned[here] = name if down else f"-{name}"
    rest = [part for part in now if part.removeprefix("-") != name]
    return Order(
        _(listing.noun.all_fields[name].label),
        here + 1,
        down,
        listing.href(sort=",".join(turned) if here >= 0 else name),
        "" if here >= 0 else listing.href(sort=",".join((*now, name))),
        listing.href(sort=",".join(rest) or None) if here >= 0 else "",
    )


def sortable(listing: Listing) -> list[str]:
    """Return the fields that the sheets offer to sort and group by, the columns first.

    Any other field can be shown as a column, whose head sorts too.
    """
    noun, me = listing.noun, listing.look.me
    seen, resource = visible(noun, me), noun.resource
    added = [name for name in noun.all_fields if name not in noun.fields]
    declared = [*resource.columns, *resource.filters, *added]
    first = [*declared, *DATED] if declared else [*noun.all_fields]
    known = {asked.path for asked in askable(noun, listing.ws, me)}
    return [n for n in dict.fromkeys(first) if (n in seen or n not in noun.fields) and n in known]


def grouping(listing: Listing, shown: list[str]) -> list[Option]:
    """Return the fields whose values may head groups of records."""
    fields = listing.noun.all_fields
    kinds = (Choice, Ref, Flag, Day)
    return [Option(n, _(fields[n].label)) for n in shown if isinstance(fields[n].kind, kinds)]


@dataclass(frozen=True)
class Setting:
    """One choice of how the view is drawn."""

    name: str
    label: str
    options: tuple[Option, ...]
    now: str


@lru_cache(maxsize=64)
def display_of(kind: str) -> str:
    """Return the template of a view's own choices on the Display sheet, where it has one."""
    name = f"views/_{kind}_display.html"
    return name if (TEMPLATES / name).is_file() else ""


def settings(listing: Listing, shown: list[str]) -> list[Setting]:
    """Return what the Display sheet offers for a view without a template of its own."""
    kind, view = listing.view.kind, listing.view
    if display_of(kind):
        return []
    fields = listing.noun.all_fields
    days = tuple(
        Option(n, _(fields[n].label)) for n in shown if isinstance(fields[n].kind, (Day, Instant))
    )
    parts, none = tuple(grouping(listing, shown)), Option("none", _("None"))
    known: dict[str, tuple[tuple[str, str, str, tuple[Option, ...]], ...]] = {
        "board": (
            ("column_by", _("Columns"), "by", parts),
            ("lane_by", _("Lanes"), "", (none, *parts)),
        ),
        "calendar": (
            ("starts_on", _("Starts"), "starts", days),
            ("ends_on", _("Ends"), "ends", (none, *days)),
        ),
    }
    known["timeline"] = known["calendar"]
    return [
        Setting(name, label, options, listing.option(name, getattr(view, attr, "") or "none"))
        for name, label, attr, options in known.get(kind, ())
    ]


# ---- the filter, one condition at a time ----


@get("/{room:str}/{plural:str}/filter")
async def filter_sheet(request: Rq) -> Answer:
    """Offer what may be chosen for one condition, or return the address with what was chosen."""
    try:
        return await _sheet(request, noun_of(request))
    except (Malformed, NotFound) as problem:
        body = msgspec.json.encode({"detail": refusal(problem.detail)})
        return Response(body, status_code=problem.status, media_type="application/json")


async def _sheet(request: Rq, noun: Noun) -> Answer:
    params = request.query_params
    state = parse_qsl(params.get("state", ""))
    tree = tree_of(state)
    place = params.get("at", filters.NEW)
    if "drop" in params:
        filters.drop(tree, place)
        return _there(noun, filters.changed(state, tree))
    if "named" in params:
        filters.put(tree, place, filters.Part("is", params["named"]))
        return await _tried(request, noun, filters.changed(state, tree))
    part, name = filters.at(tree, place), params.get("field", "")
    if not name and (part is None or "again" in params):
        return await _fields_sheet(request, noun, place)
    asked = _asked(request, noun, name or (part.path if part else ""))
    if part is not None and part.path != asked.path:
        part = None
    op = params.get("op", op_of(part) if part else usual_op(asked.field.kind))
    if "apply" not in params:
        return await _values_sheet(request, noun, asked, part, place, op)
    filters.put(tree, place, condition(asked, op, params.getall("value", [])))
    return await _tried(request, noun, filters.changed(state, tree))


def _asked(request: Rq, noun: Noun, name: str) -> Asked:
    ws, me = ws_of(request), look_of(request).me
    known = {one.path: one for one in askable(noun, ws, me)}
    asked = known.get(name) or found(noun, name, ws)
    if asked is None:
        raise NotFound(_("There is no such field to filter by."))
    return asked


def _there(noun: Noun, pairs: Pairs) -> Answer:
    """Answer with the address to go to."""
    body = msgspec.json.encode({"href": f"/{noun.path}" + query(pairs)})
    return Response(body, media_type="application/json")


async def _tried(request: Rq, noun: Noun, pairs: Pairs) -> Answer:
    """Answer with the address after the query language has accepted it."""
    asked = [p for p in pairs if filters.is_condition(p[0])]
    ws_of(request).ask(look_of(request).me, noun, asked)
    return _there(noun, pairs)


async def _fields_sheet(request: Rq, noun: Noun, place: str) -> Answer:
    html = renderer(request).text(
        request,
        "_filter_sheet.html",
        step="fields",
        noun=noun,
        place=place,
        fields=askable(noun, ws_of(request), look_of(request).me),
    )
    return renderer(request).answer(request, html)


async def _values_sheet(
    request: Rq, noun: Noun, asked: Asked, part: filters.Part | None, place: str, op: str
) -> Answer:
    ws, me, params = ws_of(request), look_of(request).me, request.query_params
    q = params.get("q", "").strip()[:200]
    values = await values_of(asked, part, q, ws, me)
    kept = [one.value for one in values.chosen]
    rest = tuple(one for one in values.options if one.value not in kept)
    html = renderer(request).text(
        request,
        "_filter_sheet.html",
        step=params.get("step", "values"),
        noun=noun,
        place=place,
        asked=asked,
        part=part,
        op=op,
        ops=operators(asked.field.kind),
        values=replace(values, options=rest),
        dated=isinstance(asked.field.kind, (Day, Instant)),
        lettered=isinstance(asked.field.kind, Text),
    )
    return renderer(request).answer(request, html)


ROUTES = [list_page, filter_sheet]
