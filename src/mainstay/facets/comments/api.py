"""What rooms and facets use of comments: how many, the newest, where somebody is named."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from mainstay.facets.comments import rules
from mainstay.facets.comments.entities import Comment
from mainstay.facets.comments.marks import names_of
from mainstay.facets.comments.stream import Said, entries
from mainstay.kernel.context import Context
from mainstay.kernel.scope import Me

__all__ = [
    "Mention",
    "Said",
    "count",
    "entries",
    "latest",
    "mentions_of",
    "names_of",
    "say_without_account",
]


class Mention(Struct, frozen=True, kw_only=True):
    """A comment that names somebody: where it stands, who wrote it, its words in one line."""

    id: int
    entity: str
    record_id: int
    href: str
    author: str
    text: str
    at: datetime
    internal: bool


async def count(ctx: Context, entity: str, record_id: int) -> int:
    """Return how many comments of a record this person may read, up to 1000."""
    noun = ctx.registry.noun(Comment)
    ask = ctx.ask(noun, {"entity": entity, "record_id": record_id, "limit": 1})
    found, _more = await ctx.reader.count_in(ctx.connection, noun, ask, ctx.me)
    return found


async def say_without_account(
    ctx: Context, entity: str, record_id: int, body: str, name: str
) -> Comment:
    """Write a comment of somebody who has no account; it names nobody, so nobody is told."""
    said = Comment(entity=entity, record_id=record_id, body=body, said_by=name)
    return await ctx.create(said, verb="say")


async def latest(ctx: Context, entity: str, record_id: int, limit: int = 5) -> list[Mention]:
    """Return a record's newest comments that this person may read."""
    asked = {"entity": entity, "record_id": record_id, "sort": "-id", "limit": limit}
    return await _found(ctx, asked, ctx.me)


async def mentions_of(
    ctx: Context, me: Me, since: datetime | None = None, limit: int = 20
) -> list[Mention]:
    """Return the newest comments that name somebody, within their sight; since an instant."""
    if me.id is None or not me.can("comments.comment.read"):
        return []
    asked: dict[str, Any] = {"mentions": me.id, "sort": "-id", "limit": limit}
    if since is not None:
        asked["created_at__gt"] = since.isoformat()
    return await _found(ctx, asked, me)


async def _found(ctx: Context, asked: dict[str, Any], me: Me) -> list[Mention]:
    noun = ctx.registry.noun(Comment)
    found, _more = await ctx.reader.entities(ctx.connection, noun, ctx.ask(noun, asked), me)
    rows: list[Comment] = found  # type: ignore[assignment]
    names = await names_of(ctx, [one.created_by for one in rows if one.created_by])
    return [
        Mention(
            id=one.id,
            entity=one.entity,
            record_id=one.record_id,
            href=href(ctx, one),
            author=one.said_by or names.get(one.created_by or 0, "Mainstay"),
            text=rules.plain(one.body)[:280],
            at=one.created_at,
            internal=one.internal,
        )
        for one in rows
    ]


def href(ctx: Context, one: Comment) -> str:
    """Return where a comment stands; an answer stands in its thread."""
    path, root = ctx.registry.nouns[one.entity].path, one.parent_id or one.id
    return f"/{path}/{one.record_id}?entry=comments.{root}#comments-{one.id}"
