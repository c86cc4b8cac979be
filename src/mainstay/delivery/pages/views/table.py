"""The table: rows in columns, more on request."""

from typing import Any

from mainstay.delivery.pages.common import asking, renderer
from mainstay.delivery.pages.listing import Listing
from mainstay.delivery.pages.tables import columns_of, count_of, heads, lines, may
from mainstay.delivery.render import query

ROWS = 50


async def draw(listing: Listing) -> Any:
    """Draw the first rows, or the next ones when only these were asked for."""
    noun, look, request = listing.noun, listing.look, listing.request
    names = columns_of(noun, look.me)
    limit = [] if "limit" in listing.said else [("limit", str(ROWS))]
    page = await listing.ws.page(look.me, noun.key, [*listing.asked, *limit, *asking(noun, names)])
    onward = query([p for p in listing.pairs if p[0] != "cursor"], cursor=page.next)
    shown: dict[str, Any] = {
        "noun": noun,
        "rows": lines(noun, names, page.items, look),
        "next": onward if page.next else "",
        "binned": listing.binned,
        "may": may(noun, look.me),
    }
    if listing.said.get("cursor") and request.headers.get("HX-Target", "").startswith("tr#more"):
        html = renderer(request).text(request, "views/_rows.html", **shown)
        return renderer(request).answer(request, html)
    return {
        **shown,
        "heads": heads(noun, names, listing.pairs),
        "any": bool(page.items),
        "count": count_of(page, len(page.items), first="cursor" not in listing.said),
    }
