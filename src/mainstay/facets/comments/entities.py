"""The nouns of talking about a record: comment and reaction."""

from datetime import datetime
from typing import Annotated, ClassVar

from mainstay.kernel.entity import Entity, Event, UserId, Wearer, WearerId
from mainstay.kernel.fields import Flag, Instant, Links, Ref, Text

Body = Annotated[str, Text(5000, least=1, lines=True, label="Comment", help="Markdown.")]
Parent = Annotated[int, Ref(target="comments.comment", help="The comment it answers.")]
Internal = Annotated[bool, Flag(help="Hidden from clients and guests.")]
Mentioned = Annotated[list[int], Links(target="identity.user", help="The people it names.")]
SaidBy = Annotated[
    str, Text(100, personal=True, label="Said by", help="Who said it without having an account.")
]
Edited = Annotated[datetime, Instant(label="Edited")]
CommentId = Annotated[int, Ref(target="comments.comment", cascade=True)]
Emoji = Annotated[str, Text(32, least=1)]


class Comment(Entity, kw_only=True):
    """What somebody says about a record; an answer names the comment it answers."""

    __index__: ClassVar = (("entity", "record_id", "id"), ("created_by", "id"))

    entity: Wearer
    record_id: WearerId
    parent_id: Parent | None = None
    body: Body
    internal: Internal = False
    mentions: Mentioned = []
    edited_at: Edited | None = None
    said_by: SaidBy = ""


class Reaction(Entity, kw_only=True):
    """One person's sign below a comment; a person gives each sign once.

    It stands on the same record as its comment, so that it is seen and told live with it.
    """

    __unique__: ClassVar = (("comment_id", "user_id", "emoji"),)
    __index__: ClassVar = (("entity", "record_id"),)

    entity: Wearer
    record_id: WearerId
    comment_id: CommentId
    user_id: UserId
    emoji: Emoji


class Reacted(Event, frozen=True):
    """Somebody put a sign below a comment, or took it back."""

    comment_id: int
    emoji: str
    given: bool
