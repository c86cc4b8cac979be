"""What other facets and rooms use of watching: who watches a record."""

from mainstay.facets.watchers.entities import Watcher
from mainstay.kernel.context import Context
from mainstay.kernel.sight import who_see

MOST = 1000


async def watchers_of(ctx: Context, entity: str, record_id: int) -> list[int]:
    """Return who watches a record and may see it now, those who began first first."""
    noun = ctx.registry.nouns[entity]
    known = await ctx.all(
        Watcher, anywhere=True, limit=MOST, entity=entity, record_id=record_id, sort="id"
    )
    ids = [one.user_id for one in known]
    seeing = await who_see(ctx, noun, record_id, ids) if ids else set()
    return [one for one in ids if one in seeing]


__all__ = ["watchers_of"]
