"""What is done with views beyond plain editing: who may share one, and which is the usual one."""

from collections.abc import Sequence
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlencode

from msgspec import Meta, Struct

from mainstay.delivery.pages.filters import OPTIONS
from mainstay.delivery.pages.listing import REMEMBERED
from mainstay.facets.views.entities import SavedView, ViewMemory
from mainstay.kernel.context import Context
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Conflict, Denied, Malformed, invalid
from mainstay.kernel.scope import require

SHARE = "views.saved_view.share"
LONGEST = 4000


def list_of(ctx: Context, entity: str) -> Noun:
    """Return the resource of a list, or refuse one that this person may not read."""
    noun = ctx.registry.nouns.get(entity)
    if noun is None or not ctx.can(noun.permission("read")):
        raise invalid("entity", "names no list that you may read")
    return noun


async def create_view(ctx: Context, view: SavedView) -> SavedView:
    """Keep a new view, after those that are there."""
    view.sort_order = view.sort_order or ctx.now.timestamp()
    return await ctx.create(view)


async def settle_views(ctx: Context, changes: Sequence[Change]) -> None:
    """Refuse what only those who share views may change, and queries that the list refuses."""
    for change in changes:
        view = await ctx.load(change.noun, change.record_id, anywhere=True, deleted="with")
        assert isinstance(view, SavedView)
        before, after = change.before or {}, change.after or {}
        if ctx.me.kind != "system" and "everyone" in (view.shared, before.get("shared")):
            require(ctx.me, SHARE)
        if {"query", "entity"} & after.keys() and not ctx.undoing:
            _readable(ctx, list_of(ctx, view.entity), view.query)
        if view.is_usual and (view.shared != "everyone" or view.deleted_at):
            view.is_usual = False


def _readable(ctx: Context, noun: Noun, query: str) -> None:
    pairs = [p for p in parse_qsl(query) if p[0] not in OPTIONS]
    try:
        ctx.ask(noun, pairs)
    except Malformed as problem:
        raise invalid("query", f"cannot be read: {problem.detail}") from None


class Usual(Struct, forbid_unknown_fields=True):
    """For whom the list opens with it."""

    whom: Annotated[
        Literal["me", "everyone"], Meta(description="For you alone, or for everyone.")
    ] = "me"


@action(label="Open with this view", icon="pin", grant="read")
async def make_usual(ctx: Context, view: SavedView, data: Usual) -> SavedView:
    """Let the list open with this view, for you or for everyone."""
    if data.whom == "me":
        memory = await remembered(ctx, view.entity)
        memory.usual_id = view.id
        return view
    require(ctx.me, SHARE)
    if view.shared != "everyone":
        raise Conflict("Share the view with everyone first; then the list can open with it.")
    for other in await ctx.all(SavedView, anywhere=True, entity=view.entity, is_usual=True):
        other.is_usual = False
    view.is_usual = True
    return view


@action(label="No longer open with this view", icon="pin", grant="read")
async def drop_usual(ctx: Context, view: SavedView, data: Usual) -> SavedView:
    """Let the list open as it was last looked at, for you or for everyone."""
    if data.whom == "everyone":
        require(ctx.me, SHARE)
        view.is_usual = False
        return view
    memory = await remembered(ctx, view.entity)
    if memory.usual_id == view.id:
        memory.usual_id = None
    return view


class Place(Struct, forbid_unknown_fields=True):
    """Where it goes in the row of tabs."""

    before_id: Annotated[
        int | None, Meta(description="The view that it comes before; the end without one.")
    ] = None


@action(label="Move", icon="arrows-move", grant="update")
async def move(ctx: Context, view: SavedView, data: Place) -> SavedView:
    """Put the view before another one, or at the end."""
    others = [one for one in await _row(ctx, view.entity) if one.id != view.id]
    ids = [one.id for one in others]
    if data.before_id is None:
        view.sort_order = others[-1].sort_order + 1 if others else view.sort_order
        return view
    if data.before_id not in ids:
        raise invalid("before_id", "names no view of this list")
    at = ids.index(data.before_id)
    least = others[at - 1].sort_order if at else others[at].sort_order - 2
    view.sort_order = (least + others[at].sort_order) / 2
    return view


async def _row(ctx: Context, entity: str) -> list[SavedView]:
    """Return the tabs of a list as this person sees them, in their order."""
    found = await ctx.all(SavedView, entity=entity, sort="sort_order,id")
    return [one for one in found if one.shared == "everyone" or one.created_by == ctx.me.id]


@action(label="Duplicate", icon="copy", grant="create")
async def duplicate(ctx: Context, view: SavedView) -> SavedView:
    """Make a view of your own that begins like this one."""
    copy = SavedView(
        entity=view.entity, title=f"{view.title} (2)"[:120], query=view.query, icon=view.icon
    )
    return await create_view(ctx, copy)


class Remember(Struct, forbid_unknown_fields=True):
    """How a list was looked at."""

    entity: Annotated[str, Meta(description="Of which list: projects.task.")]
    query: Annotated[str, Meta(description="The address's query; filters are left out.")] = ""


@action(label="Remember", icon="history", grant="read")
async def remember(ctx: Context, data: Remember) -> ViewMemory:
    """Keep how you look at a list: the view, its options and the order, not the filters."""
    list_of(ctx, data.entity)
    kept = [p for p in parse_qsl(data.query[:LONGEST]) if p[0] in REMEMBERED]
    memory = await remembered(ctx, data.entity)
    memory.query = urlencode(kept)[:LONGEST]
    return memory


async def remembered(ctx: Context, entity: str) -> ViewMemory:
    """Return this person's memory of a list, new when there is none."""
    if ctx.me.id is None:
        raise Denied("Only a person can be remembered.")
    found = await ctx.find(ViewMemory, user_id=ctx.me.id, entity=entity)
    return found or await ctx.create(ViewMemory(user_id=ctx.me.id, entity=entity))
