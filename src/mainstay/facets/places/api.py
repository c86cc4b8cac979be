"""What rooms may ask of places: favourites, what was opened lately, what is new since when."""

from datetime import datetime, timedelta

from mainstay.delivery.cells import full_title_of
from mainstay.delivery.words import gettext as _
from mainstay.facets.places.entities import Favourite, Recent, Visit
from mainstay.kernel.context import Context
from mainstay.kernel.entity import EPOCH, Entity
from mainstay.kernel.module import Place
from mainstay.kernel.problems import NotFound, invalid

KEPT = 50
SHOWN = 8
AWAY = timedelta(minutes=30)
"""Who was away for so long comes for another visit."""


async def favourites(ctx: Context) -> list[Place]:
    """Return the asking person's favourites in their order."""
    if ctx.me.id is None or not ctx.can("places.favourite.read"):
        return []
    own = await ctx.all(Favourite, user_id=ctx.me.id, sort="sort_order", limit=200)
    return [Place(one.path, one.title, one.icon or "star", id=one.id) for one in own]


async def recent(ctx: Context, limit: int = SHOWN) -> list[Place]:
    """Return the records that the asking person opened last, of those they may still see."""
    if ctx.me.id is None or not ctx.can("places.recent.read"):
        return []
    own = await ctx.all(Recent, user_id=ctx.me.id, sort="-seen_at", limit=KEPT)
    found: list[Place] = []
    for start in range(0, len(own), limit + 2):
        found += await _places(ctx, own[start : start + limit + 2])
        if len(found) >= limit:
            break
    return found[:limit]


async def _places(ctx: Context, own: list[Recent]) -> list[Place]:
    """Read the titles of some records, one query for each resource, within the person's sight."""
    groups: dict[str, list[int]] = {}
    for one in own:
        groups.setdefault(one.entity, []).append(one.record_id)
    titles: dict[tuple[str, int], str] = {}
    for key, ids in groups.items():
        noun = ctx.registry.nouns.get(key)
        if noun is not None and ctx.can(noun.permission("read")):
            ask = ctx.ask(noun, {"id__in": ids, "limit": len(ids), "sort": "id"})
            rows, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
            titles |= {(key, row.id): full_title_of(noun, row) for row in rows}
    shown = (one for one in own if (one.entity, one.record_id) in titles)
    return [_place(ctx, one, titles[one.entity, one.record_id]) for one in shown]


def _place(ctx: Context, one: Recent, title: str) -> Place:
    noun = ctx.registry.nouns[one.entity]
    href = f"/{noun.path}/{one.record_id}"
    return Place(href, title, noun.resource.icon, _(noun.title), one.record_id)


async def seen(ctx: Context, entity: str, record_id: int) -> Recent:
    """Remember that the asking person has opened a record; the oldest of fifty is forgotten."""
    noun = ctx.registry.nouns.get(entity)
    if noun is None or not ctx.can(noun.permission("read")):
        raise invalid("entity", "names no resource that you may read")
    ask = ctx.ask(noun, {"id": record_id, "limit": 1, "sort": "id", "deleted": "with"})
    there: list[Entity] = (await ctx.reader.entities(ctx.connection, noun, ask, ctx.me))[0]
    if not there:
        raise NotFound(f"There is no {noun.title.lower()} {record_id}, or you may not see it.")
    own = await ctx.all(Recent, user_id=ctx.me.id, sort="seen_at", limit=KEPT)
    same = [one for one in own if (one.entity, one.record_id) == (entity, record_id)]
    if not same and len(own) < KEPT:
        assert ctx.me.id is not None
        made = Recent(user_id=ctx.me.id, entity=entity, record_id=record_id, seen_at=ctx.now)
        return await ctx.create(made)
    one = (same or own)[0]
    one.entity, one.record_id, one.seen_at = entity, record_id, ctx.now
    await ctx.save(one)
    return one


async def since(ctx: Context) -> datetime | None:
    """Return when the asking person's visit before this one ended; None on their first."""
    visit = await ctx.find(Visit, user_id=ctx.me.id) if ctx.me.id is not None else None
    if visit is None:
        return None
    before = visit.before_at if ctx.now - visit.seen_at < AWAY else visit.seen_at
    return None if before == EPOCH else before


async def visited(ctx: Context) -> Visit:
    """Remember that the asking person is here now; after a while away it is another visit."""
    visit = await ctx.find(Visit, user_id=ctx.me.id)
    if visit is None:
        assert ctx.me.id is not None
        return await ctx.create(Visit(user_id=ctx.me.id, seen_at=ctx.now))
    if ctx.now - visit.seen_at >= AWAY:
        visit.before_at = visit.seen_at
    visit.seen_at = ctx.now
    await ctx.save(visit)
    return visit
