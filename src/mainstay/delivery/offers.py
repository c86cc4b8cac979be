"""What facets offer on every page beside the menu: lines of the left rail, rows of the palette."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Request

from mainstay.kernel.context import Context
from mainstay.kernel.module import Offer, Place
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import Me
from mainstay.kernel.workspace import Workspace

Rq = Request[Any, Any, Any]
Offered = tuple[Offer, Sequence[Place]]


@dataclass(frozen=True)
class Rail:
    """What the left rail shows beside the menu."""

    offers: Sequence[Offered] = ()


def offers_of(registry: Registry, *, rail: bool) -> list[Offer]:
    """Return the offers of every facet for the rail, or all of them for the palette."""
    found = [offer for module in registry.modules.values() for offer in module.offers]
    return sorted((o for o in found if o.rail or not rail), key=lambda o: (o.order, o.name))


async def load(ws: Workspace, me: Me, *, rail: bool) -> list[Offered]:
    """Return what is offered to a person now."""
    offers = offers_of(ws.registry, rail=rail)

    async def work(ctx: Context) -> list[Offered]:
        """Ask each facet in one read."""
        return [(offer, await offer.load(ctx)) for offer in offers]

    return await ws.look(me, work) if offers else []


async def arrive(request: Rq) -> None:
    """Load the rail's offers before a whole page is drawn for a person."""
    me: Me | None = getattr(request.state, "me", None)
    page = "text/html" in request.headers.get("accept", "") and request.method == "GET"
    whole = page and "HX-Request" not in request.headers
    beside = request.url.path.startswith(("/api", "/static"))
    if whole and not beside and me is not None and me.kind == "user":
        request.state.rail = Rail(await load(request.app.state.ws, me, rail=True))


def rail_of(request: Rq) -> Rail:
    """Return what was loaded for the rail of this page."""
    return getattr(request.state, "rail", None) or Rail()
