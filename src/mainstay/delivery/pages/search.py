"""Search over every room: what was found in each resource, with the words marked."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from litestar import get
from markupsafe import Markup

from mainstay.delivery import finding
from mainstay.delivery.cells import draw
from mainstay.delivery.finding import Hit
from mainstay.delivery.pages.common import Answer, Rq, look_of, renderer, ws_of
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Malformed

FIRST = 5
ROWS = 20
LONGEST = 200


@dataclass(frozen=True)
class Group:
    """What was found in one resource."""

    noun: Noun
    hits: list[Hit]
    count: str
    next: str
    all_href: str


@get("/search")
async def search(request: Rq) -> Answer:
    """Show what every list that a person may read has for these words."""
    look, ws, params = look_of(request), ws_of(request), request.query_params
    q = params.get("q", "").replace("\x00", "").strip()[:LONGEST]
    only, cursor = params.get("in", ""), params.get("cursor", "")
    nouns = finding.searched(ws, look.me)
    if only and only not in (noun.key for noun in nouns):
        raise Malformed(f"There is nothing to search in {only[:40]!r}.")
    groups = []
    for noun in nouns if q else []:
        if not cursor or noun.key == only:
            hits, more = await finding.matching(
                ws, look.me, noun, q, limit=ROWS, cursor=cursor if noun.key == only else ""
            )
            groups += [_group(noun, hits, more, q)] if hits else []
    shown = [group for group in groups if group.noun.key == only] if only else groups
    values: dict[str, Any] = {
        "q": q,
        "only": only,
        "groups": groups,
        "shown": shown,
        "first": ROWS if only else FIRST,
        "state": lambda hit: Markup(draw(hit.noun, "status", hit.row, look)),  # noqa: S704
    }
    if cursor and request.headers.get("HX-Request") == "true":
        html = renderer(request).text(request, "_found.html", **values)
        return renderer(request).answer(request, html)
    return renderer(request).page(request, "search.html", **values)


def _group(noun: Noun, hits: list[Hit], more: str, q: str) -> Group:
    href = "/search?" + urlencode({"q": q, "in": noun.key})
    follow = f"{href}&{urlencode({'cursor': more})}" if more else ""
    return Group(noun, hits, f"{len(hits)}{'+' if more else ''}", follow, href)


ROUTES = [search]
