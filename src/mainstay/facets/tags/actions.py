"""What is done with tags beyond plain editing: one name for one thing, merging, putting away."""

import hashlib
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.facets.tags.api import carriers, same_name
from mainstay.facets.tags.entities import Tag
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Ref
from mainstay.kernel.module import action
from mainstay.kernel.perform import MOST_BULK
from mainstay.kernel.problems import Conflict, invalid

PALETTE = (
    "#4A5FC1",
    "#7A4FC0",
    "#A2438F",
    "#B5435F",
    "#B4522F",
    "#8A6414",
    "#5D7420",
    "#2C7A45",
    "#1B7A6C",
    "#1F7391",
)
GREY = "#6B7280"


class Merge(Struct, forbid_unknown_fields=True):
    """The tag that stays."""

    into_id: Annotated[int, Ref(target="tags.tag", label="Into"), Meta(description="What stays")]


async def create_tag(ctx: Context, tag: Entity) -> Tag:
    """Add a tag; a colour of its own is found when none is given."""
    assert isinstance(tag, Tag)
    await _single(ctx, tag)
    if tag.color == GREY:
        place = hashlib.sha256(tag.name.casefold().encode()).digest()[0]
        tag.color = PALETTE[place % len(PALETTE)]
    return await ctx.create(tag)


async def update_tag(ctx: Context, tag: Entity, before: Entity) -> None:
    """Refuse a new name that another tag has."""
    assert isinstance(tag, Tag)
    assert isinstance(before, Tag)
    if tag.name != before.name and not ctx.undoing:
        await _single(ctx, tag)


async def _single(ctx: Context, tag: Tag) -> None:
    known = await same_name(ctx, tag.name, but=tag.id)
    if known:
        raise invalid("name", f"is taken: there is the tag {known} already. Use or merge it")


async def delete_tag(ctx: Context, tag: Entity) -> None:
    """Take a tag off every record that carries it, and put it away; undo brings both back."""
    await _replace(ctx, tag.id, None)


@action(label="Merge into another", icon="git-merge")
async def merge(ctx: Context, tag: Tag, data: Merge) -> Tag:
    """Put another tag in the place of this one on every record, and put this one away."""
    if data.into_id == tag.id:
        raise invalid("into_id", "must be another tag than this one")
    other = await ctx.get(Tag, data.into_id)
    await _replace(ctx, tag.id, other.id)
    await ctx.delete(tag)
    return other


async def _replace(ctx: Context, tag_id: int, other: int | None) -> None:
    """Change the tags of every record that carries one, as far as this person may change them."""
    left = MOST_BULK
    async for noun, name, ids in carriers(ctx, tag_id):
        left -= len(ids)
        if left < 0:
            raise Conflict(
                f"More than {MOST_BULK} records carry this tag, too many for one change. "
                "Take it off some of them first: filter a list by it and edit in bulk."
            )
        for start in range(0, len(ids), 500):
            some = ids[start : start + 500]
            for record in await ctx.all(
                noun.entity, anywhere=True, deleted="with", limit=500, id__in=some
            ):
                setattr(record, name, _without(getattr(record, name), tag_id, other))


def _without(tags: list[int], gone: int, other: int | None) -> list[int]:
    """Return tags with one replaced by another, or taken away, each at most once."""
    swapped = [other if one == gone else one for one in tags]
    return list(dict.fromkeys(one for one in swapped if one is not None))
