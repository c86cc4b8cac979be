"""A resource's list: the frame around every view, with its tabs, filter sentence and verbs."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from litestar import Response, get

from mainstay.delivery.pages.common import Answer, Rq, look_of, noun_of, renderer, ws_of
from mainstay.delivery.pages.filters import (
    OWN,
    Pairs,
    chips,
    choices,
    condition,
    filterable,
    operators,
    pairs_of,
    relative,
)
from mainstay.delivery.pages.house import module_page
from mainstay.delivery.pages.listing import Listing, views_of
from mainstay.delivery.pages.tables import collection_verbs, may
from mainstay.delivery.pages.views import DRAW
from mainstay.delivery.render import query, redirect
from mainstay.delivery.words import gettext as _
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Malformed


@get("/{room:str}/{plural:str}")
async def list_page(request: Rq) -> Answer:
    """Show the records of a resource in the view that the address names."""
    if (answer := await module_page(request)) is not None:
        return answer
    listing = listing_of(request)
    drawn = await DRAW[listing.view.kind](listing)
    if isinstance(drawn, Response):
        return drawn
    shown = {"any": True, "count": "", **around(listing), **drawn}
    noun = listing.noun
    return renderer(request).page(
        request,
        "list.html",
        **shown,
        drawing=f"views/{listing.view.kind}.html",
        chips=await chips(noun, listing.asked, listing.ws, listing.look.me),
        live=shown.get("topics") or noun.key,
    )


def listing_of(request: Rq) -> Listing:
    """Read a list's address."""
    noun, look, ws = noun_of(request), look_of(request), ws_of(request)
    pairs = pairs_of(request.query_params)
    views = drawn_views(noun)
    wanted = dict(pairs).get("view", views[0].kind)
    view = next((one for one in views if one.kind == wanted), None)
    if view is None:
        known = ", ".join(one.kind for one in views)
        raise Malformed(f"Unknown view {wanted!r}. Known: {known}.")
    return Listing(request, noun, look, ws, pairs, views, view)


def drawn_views(noun: Noun) -> tuple[Any, ...]:
    """Return the views of a resource that can be drawn."""
    return tuple(view for view in views_of(noun) if view.kind in DRAW)


def around(listing: Listing) -> dict[str, Any]:
    """Return what stands around a view: tabs, search, the filter's state, other addresses."""
    noun, me = listing.noun, listing.look.me
    rest = [p for p in listing.asked if p[0] not in OWN]
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
        "exported": urlencode(rest),
        "collection": collection_verbs(noun, me),
        "may": may(noun, me),
    }


@get("/{room:str}/{plural:str}/filter")
async def filter_form(request: Rq) -> Answer:
    """Offer the inputs of a new condition, or add the condition that was entered."""
    noun, look, ws = noun_of(request), look_of(request), ws_of(request)
    params = request.query_params
    fields = filterable(noun, look.me)
    known = {field.name: field for field in fields}
    field = known.get(params.get("field", "")) or fields[0]
    state = params.get("state", "")
    if "apply" in params:
        pair = condition(field, params.get("op", ""), params.getall("value", []))
        if pair is None:
            raise Malformed(_("Choose a value for the condition."))
        kept = [p for p in _pairs(state) if p[0] not in OWN and p != pair]
        return redirect(request, f"/{noun.path}" + query([*kept, pair]))
    html = renderer(request).text(
        request,
        "_filter.html",
        noun=noun,
        fields=fields,
        field=field,
        ops=operators(field.kind),
        choices=await choices(field, ws, look.me),
        days=relative() if field.kind.widget in ("date", "datetime") else [],
        state=state,
    )
    return renderer(request).answer(request, html)


def _pairs(state: str) -> Pairs:
    return parse_qsl(state)


ROUTES = [list_page, filter_form]
