"""What is done with comments: saying, changing, taking back, and putting a sign below."""

from msgspec import Struct

from mainstay.facets.comments import rules
from mainstay.facets.comments.entities import Comment, Emoji, Reacted, Reaction
from mainstay.facets.comments.scopes import INTERNAL, MODERATE, may_see
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.module import action
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Conflict, Denied, invalid
from mainstay.kernel.scope import require


async def say(ctx: Context, comment: Comment) -> Comment:
    """Write a comment; an answer to an answer joins its thread, below an internal one all is."""
    noun = await _living(ctx, comment)
    if comment.parent_id is not None:
        await _join(ctx, comment, comment.parent_id)
    if comment.internal:
        require(ctx.me, INTERNAL)
    await _read(ctx, noun, comment)
    comment.edited_at = None
    return await ctx.create(comment)


async def _living(ctx: Context, comment: Comment | Reaction) -> Noun:
    """Return the kind of record it is about; refuse one that is in the bin or out of sight."""
    noun, record = await perform.worn(ctx, "comments", comment.entity, comment.record_id)
    if record.deleted_at is not None:
        raise Conflict(f"This {noun.title.lower()} is in the bin. Restore it first, then comment.")
    return noun


async def _join(ctx: Context, comment: Comment, parent_id: int) -> None:
    above = await ctx.find(Comment, id=parent_id)
    if above is None or (above.entity, above.record_id) != (comment.entity, comment.record_id):
        raise invalid("parent_id", "is a comment on another record; answer one of this record")
    comment.parent_id = above.parent_id or above.id
    comment.internal = comment.internal or above.internal
    if above.parent_id:
        root = await ctx.find(Comment, anywhere=True, id=above.parent_id, deleted="with")
        comment.internal = comment.internal or bool(root and root.internal)


async def _read(ctx: Context, noun: Noun, comment: Comment) -> None:
    """Take the text as it is, and note which of the people it names may read it."""
    named = rules.mentions(comment.body)
    comment.mentions = await may_see(
        ctx, noun, comment.record_id, named[:50], internal=comment.internal
    )


async def edit(ctx: Context, comment: Comment, before: Comment) -> None:
    """Change one's own words; what they were stays in the history."""
    if ctx.undoing:
        return
    if comment.created_by != ctx.me.id and ctx.me.kind != "system":
        raise Denied("Only who wrote a comment may change its words. Answer it instead.")
    noun = await _living(ctx, comment)
    if comment.body != before.body:
        await _read(ctx, noun, comment)
        comment.edited_at = ctx.now


async def remove(ctx: Context, comment: Comment) -> None:
    """Take back one's own comment, or with the grant to moderate anybody's."""
    own = comment.created_by == ctx.me.id or ctx.me.kind == "system"
    if not own and not ctx.can(MODERATE):
        raise Denied(
            "Only who wrote a comment may remove it, or somebody with the permission "
            f"{MODERATE}. Ask one of them."
        )


class React(Struct):
    """Which sign."""

    emoji: Emoji


@action(label="React", icon="mood-smile")
async def react(ctx: Context, comment: Comment, data: React) -> Comment:
    """Put a sign below a comment; the same sign once more takes it back."""
    if fault := rules.sign_fault(data.emoji):
        raise invalid("emoji", fault)
    await _living(ctx, comment)
    me = ctx.me.id
    if me is None:
        raise Denied("Only people react to comments.")
    mine = await ctx.find(
        Reaction, comment_id=comment.id, user_id=me, emoji=data.emoji, deleted="with"
    )
    if mine is None:
        await _room_for(ctx, comment, data.emoji)
        mine = Reaction(
            entity=comment.entity,
            record_id=comment.record_id,
            comment_id=comment.id,
            user_id=me,
            emoji=data.emoji,
        )
        await ctx.create(mine)
    elif mine.deleted_at is None:
        await ctx.delete(mine)
    else:
        await ctx.restore(mine)
    given = mine.deleted_at is None
    ctx.emit(Reacted(comment_id=comment.id, emoji=data.emoji, given=given), comment)
    return comment


async def _room_for(ctx: Context, comment: Comment, sign: str) -> None:
    signs = {one.emoji for one in await ctx.all(Reaction, comment_id=comment.id)}
    if sign not in signs and len(signs) >= rules.MOST_SIGNS:
        raise Conflict(
            f"A comment has at most {rules.MOST_SIGNS} different signs. Use one of them."
        )
