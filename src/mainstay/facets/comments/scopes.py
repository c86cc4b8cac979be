"""Who sees which comments and signs, and who may be named in one."""

from collections.abc import Sequence

import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.kernel.noun import Noun
from mainstay.kernel.scope import Scope, Scoping, of_wearer
from mainstay.kernel.sight import people, who_see

INTERNAL = "comments.comment.read_internal"
MODERATE = "comments.comment.moderate"
PERSON = "identity.user"


def _comments(s: Scoping) -> sa.ColumnElement[bool]:
    seen = of_wearer(s)
    return seen if s.may(INTERNAL) else sa.and_(s.table.c.internal.is_(sa.false()), seen)


def _signs(s: Scoping) -> sa.ColumnElement[bool]:
    seen = of_wearer(s)
    if s.may(INTERNAL):
        return seen
    comment = s.tables["comments.comment"].alias("below")
    open_ = sa.select(comment.c.id).where(comment.c.internal.is_(sa.false()))
    return sa.and_(s.table.c.comment_id.in_(open_), seen)


COMMENTS = Scope(
    _comments,
    "You see the record it belongs to; internal ones need a permission of their own.",
    worn=True,
    asks=(INTERNAL,),
)
SIGNS = Scope(_signs, "You see the comment it stands below.", worn=True, asks=(INTERNAL,))


async def may_see(
    ctx: Context, noun: Noun, record_id: int, ids: Sequence[int], *, internal: bool
) -> list[int]:
    """Return which of these people may read a comment on a record."""
    wanted = ("comments.comment.read", *((INTERNAL,) if internal else ()))
    able = [me.id for me in await people(ctx, ids) if me.id and all(map(me.can, wanted))]
    seeing = await who_see(ctx, noun, record_id, able) if able else set()
    return [one for one in ids if one in seeing]
