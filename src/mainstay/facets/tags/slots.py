"""What a tag's page shows: where it is used, as far as its reader may see that."""

from typing import Any

from mainstay.facets.tags.api import tagged
from mainstay.facets.tags.entities import Tag
from mainstay.kernel.context import Context


async def used(ctx: Context, tag: Tag) -> dict[str, Any]:
    """Return the lists that carry a tag, with how many records of each do."""
    found = []
    for noun, name in tagged(ctx.registry):
        if not ctx.can(noun.permission("read")):
            continue
        ask = ctx.ask(noun, {name: tag.id})
        count, more = await ctx.reader.count_in(ctx.connection, noun, ask, ctx.me)
        if count:
            href = f"/{noun.path}?{name}={tag.id}"
            found.append({"noun": noun, "count": f"{count}+" if more else count, "href": href})
    return {"found": found}
