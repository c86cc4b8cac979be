"""The saved views that stand over a list, and how a person last looked at it."""

from typing import Any

from mainstay.delivery.pages.listing import Saved, Shelf
from mainstay.facets.views.actions import SHARE
from mainstay.facets.views.entities import SavedView
from mainstay.kernel.context import Context
from mainstay.kernel.module import Place
from mainstay.kernel.noun import Noun
from mainstay.kernel.scope import Me
from mainstay.kernel.workspace import Workspace

MOST = "200"
OFFERED = 200
FIELDS = "title,query,shared,icon,is_usual,created_by"


async def shelf(ws: Workspace, me: Me, noun: Noun) -> Shelf:
    """Return the views of a list that are this person's own or shared, and what is remembered."""
    if not me.can("views.saved_view.read"):
        return Shelf()
    wanted = {"entity": noun.key, "fields": FIELDS, "sort": "sort_order,id", "limit": MOST}
    page = await ws.page(me, "views.saved_view", wanted)
    memory = await _memory(ws, me, noun) if me.can("views.view_memory.read") else None
    usual_id = getattr(memory, "usual_id", None)
    views = [_saved(me, row, usual_id) for row in page.items if _theirs(row, me.id)]
    return Shelf(
        views=tuple(views),
        memory=getattr(memory, "query", ""),
        keeps=me.can("views.saved_view.create"),
        shares=me.can(SHARE),
        api="/api/views/saved",
        remember="/api/views/memory/remember" if me.id else "",
    )


async def _memory(ws: Workspace, me: Me, noun: Noun) -> Any:
    wanted = {"user_id": str(me.id or 0), "entity": noun.key, "limit": "1"}
    page = await ws.page(me, "views.view_memory", wanted)
    return page.items[0] if page.items else None


def _theirs(row: Any, me: int | None) -> bool:
    """Return whether a view belongs here: those who may see all still see only their own."""
    return bool(row.shared == "everyone" or row.created_by == me)


def _saved(me: Me, row: Any, usual_id: int | None) -> Saved:
    own = row.shared == "personal"
    return Saved(
        id=row.id,
        title=row.title,
        query=row.query,
        shared=not own,
        icon=row.icon,
        usual=row.id == usual_id,
        usual_for_all=bool(row.is_usual),
        mine=own or me.can(SHARE),
    )


async def places(ctx: Context) -> list[Place]:
    """Return the saved views that the palette offers: one's own, and those shared with everyone."""
    if ctx.me.id is None or not ctx.can("views.saved_view.read"):
        return []
    found = []
    for view in await ctx.all(SavedView, sort="sort_order", limit=OFFERED):
        noun = ctx.registry.nouns.get(view.entity)
        if noun and _theirs(view, ctx.me.id) and ctx.can(noun.permission("read")):
            href = f"/{noun.path}?v={view.id}"
            found.append(Place(href, view.title, view.icon or "layout-list", noun.plural))
    return found
