"""What rooms use of tags: the field that carries them; and who carries one."""

from collections.abc import AsyncIterator

import sqlalchemy as sa

from mainstay.facets.tags.entities import Tag, Tags
from mainstay.kernel.context import Context
from mainstay.kernel.fields import Links
from mainstay.kernel.noun import Noun
from mainstay.kernel.registry import Registry

TAG = "tags.tag"


def tagged(registry: Registry) -> list[tuple[Noun, str]]:
    """Return every field that carries tags, with its resource."""
    return [
        (noun, name)
        for noun in registry.nouns.values()
        for name, item in noun.links.items()
        if isinstance(item.kind, Links) and item.kind.target == TAG
    ]


async def carriers(ctx: Context, tag_id: int) -> AsyncIterator[tuple[Noun, str, list[int]]]:
    """Give the records that carry a tag, of each resource in turn, binned ones too."""
    for noun, name in tagged(ctx.registry):
        link = noun.link_tables[name]
        chosen = sa.select(link.c.owner_id).where(link.c.target_id == tag_id)
        ids = [row[0] for row in await ctx.rows(chosen.order_by(link.c.owner_id))]
        if ids:
            yield noun, name, ids


async def same_name(ctx: Context, name: str, *, but: int = 0) -> str | None:
    """Return the name of another live tag that differs at most by capital letters."""
    c = ctx.registry.tables[TAG].c
    chosen = sa.select(c.name).where(sa.func.lower(c.name).in_({name.lower(), name.casefold()}))
    found = await ctx.rows(chosen.where(c.deleted_at.is_(None), c.id != but).limit(1))
    return str(found[0][0]) if found else None


__all__ = ["Tag", "Tags", "carriers", "same_name", "tagged"]
