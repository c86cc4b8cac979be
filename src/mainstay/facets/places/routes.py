"""Where a page tells that it was seen."""

from typing import Any

from litestar import Request, Response, get, post
from msgspec import Struct

from mainstay.delivery import rest
from mainstay.delivery.pages.common import reader, renderer, ws_of
from mainstay.facets.places import api
from mainstay.kernel.perform import decoded
from mainstay.kernel.problems import Duplicate, SignInNeeded, Stale
from mainstay.kernel.scope import Me
from mainstay.kernel.workspace import Workspace

Rq = Request[Any, Any, Any]


class Sight(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which record was opened; none when it was the page of your own work."""

    entity: str = ""
    record_id: int = 0


@post("/places/seen", status_code=204)
async def seen(request: Rq) -> Response[None]:
    """Remember which record was opened, or that its person is here."""
    ws: Workspace = request.app.state.ws
    me: Me = request.state.me
    if me.kind != "user" or me.id is None:
        raise SignInNeeded("Sign in first.")
    sight: Sight = decoded(Sight, await rest.json_body(request))
    try:
        if sight.entity:
            await ws.run(me, lambda ctx: api.seen(ctx, sight.entity, sight.record_id))
        else:
            await ws.run(me, api.visited)
    except (Duplicate, Stale):
        pass  # another window of this person said the same at this moment
    return Response(None, status_code=204)


@get("/places/favourites/rail")
async def rail(request: Rq) -> Response[Any]:
    """Draw a person's favourites anew, as they stand in the left rail."""
    drawn, ws = renderer(request), ws_of(request)
    places = await ws.look(reader(request), api.favourites)
    return drawn.answer(request, drawn.text(request, "places/_favourites.html", places=places))


ROUTES = [seen, rail]
