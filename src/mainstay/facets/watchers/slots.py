"""What a record's page shows of its watchers: a button, how many there are, and who."""

from typing import Any

from mainstay.delivery.cells import title_of
from mainstay.facets.watchers.entities import Watcher
from mainstay.kernel.context import Context
from mainstay.kernel.noun import Noun

SHOWN = 50


async def watching(ctx: Context, noun: Noun, record_id: int) -> dict[str, Any] | None:
    """Return who watches a record, by name as far as the reader may know them."""
    watcher = ctx.registry.noun(Watcher)
    asked = {"entity": noun.key, "record_id": record_id, "limit": SHOWN, "sort": "id"}
    found, more = await ctx.reader.entities(
        ctx.connection, watcher, ctx.ask(watcher, asked), ctx.me
    )
    ids = [one.user_id for one in found if isinstance(one, Watcher)]
    names = await _names(ctx, ids) if ids else {}
    return {
        "count": f"{len(ids)}+" if more else len(ids),
        "names": [names[one] for one in ids if one in names],
        "unknown": sum(one not in names for one in ids),
        "mine": ctx.me.id in ids,
        "may_watch": ctx.me.id is not None and ctx.can("watchers.watcher.create"),
        "entity": noun.key,
    }


async def _names(ctx: Context, ids: list[int]) -> dict[int, str]:
    person = ctx.registry.nouns["identity.user"]
    if not ctx.can(person.permission("read")):
        return {}
    ask = ctx.ask(person, {"id__in": ids, "limit": SHOWN, "sort": "id"})
    found, _more = await ctx.reader.entities(ctx.connection, person, ask, ctx.me)
    return {one.id: title_of(person, one) for one in found}
