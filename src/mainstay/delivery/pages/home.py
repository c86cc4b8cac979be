"""The pages that rooms add themselves: home, a room's own page, the overview of a room."""

import inspect
import re
from functools import lru_cache

from litestar import get

from mainstay.delivery.pages.common import Answer, Rq, look_of, reader, renderer, ws_of
from mainstay.kernel.module import Page
from mainstay.kernel.problems import NotFound
from mainstay.kernel.scope import require
from mainstay.kernel.workspace import Workspace


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    text = "".join(
        f"(?P<{part}>[^/]+)" if place % 2 else re.escape(part) for place, part in enumerate(parts)
    )
    return re.compile(text + "$")


@lru_cache(maxsize=16)
def _module_pages(ws: Workspace) -> list[tuple[re.Pattern[str], Page]]:
    found = [(_pattern(p.path), p) for m in ws.registry.modules.values() for p in m.pages]
    return sorted(found, key=lambda one: "{" in one[1].path)


async def module_page(request: Rq) -> Answer | None:
    """Show a page that a room has added at this address, or return None when there is none."""
    for pattern, page in _module_pages(ws_of(request)):
        if match := pattern.match(request.url.path):
            return await _shown(request, page, match.groupdict())
    return None


async def _shown(request: Rq, page: Page, params: dict[str, str]) -> Answer:
    """Load a room's page; its `load` takes the context, and the address's values if it wants."""
    me = reader(request)
    if page.grant:
        require(me, page.grant)
    given = dict(request.query_params.items()) | params
    wants = len(inspect.signature(page.load).parameters) > 1
    values = await ws_of(request).look(
        me, lambda ctx: page.load(ctx, given) if wants else page.load(ctx), slow=page.slow
    )
    shown = values if isinstance(values, dict) else {"answer": values}
    look = look_of(request)
    return renderer(request).page(request, page.template, **({"page": page, "look": look} | shown))


@get("/")
async def home(request: Rq) -> Answer:
    """Show the home page: a room's own, or the rooms and the newest records."""
    if (answer := await module_page(request)) is not None:
        return answer
    reader(request)
    return renderer(request).page(request, "home.html")


@get(["/{room:str}", "/{room:str}/{plural:str}/{record:str}/{tail:str}"])
async def elsewhere(request: Rq) -> Answer:
    """Show a room's own page, or the overview of a room."""
    return await elsewhere_page(request)


async def elsewhere_page(request: Rq) -> Answer:
    """Find what a room has put at this address."""
    if (answer := await module_page(request)) is not None:
        return answer
    me = reader(request)
    rooms = [room for room in renderer(request).rooms(me) if room.name == request.url.path[1:]]
    if not rooms:
        raise NotFound("There is nothing at this address.")
    doc = ws_of(request).registry.modules[rooms[0].name].doc
    return renderer(request).page(request, "room.html", room=rooms[0], doc=doc)


ROUTES = [home, elsewhere]
