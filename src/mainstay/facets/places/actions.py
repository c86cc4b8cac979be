"""What is done with places beyond plain editing."""

from mainstay.facets.places.entities import Favourite
from mainstay.kernel.context import Context
from mainstay.kernel.problems import invalid

MOST = 100
STEP = 1024.0


async def keep_favourite(ctx: Context, favourite: Favourite) -> Favourite:
    """Keep a page at hand, as your own, after the others."""
    own = await ctx.all(Favourite, user_id=ctx.me.id, sort="-sort_order", limit=MOST)
    if len(own) >= MOST:
        raise invalid("path", f"is one too many: you have {MOST} favourites; remove one first")
    favourite.user_id = ctx.me.id
    favourite.sort_order = (own[0].sort_order if own else 0.0) + STEP
    return await ctx.create(favourite)
