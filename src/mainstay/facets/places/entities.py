"""The nouns of finding back: favourite, recent and visit."""

from datetime import datetime
from typing import Annotated, ClassVar

from mainstay.kernel.entity import EPOCH, Entity, UserId, Wearer, WearerId
from mainstay.kernel.fields import Instant, Real, Text

Address = Annotated[
    str,
    Text(
        500,
        least=1,
        pattern=r"^/(?![/\\])[^\x00-\x20\x7f]*$",
        help="An address of this workspace: /projects/tasks/17.",
    ),
]
Words = Annotated[str, Text(300, least=1, label="Name")]
Icon = Annotated[str, Text(40)]
Order = Annotated[float, Real(most=1e15)]
Seen = Annotated[datetime, Instant(label="Seen")]
Before = Annotated[datetime, Instant(label="Visit before", help="When the visit before ended.")]


class Favourite(Entity, kw_only=True):
    """A page that a person keeps at hand in the left rail."""

    __unique__: ClassVar = (("user_id", "path"),)

    user_id: UserId | None = None
    path: Address
    title: Words
    icon: Icon = ""
    sort_order: Order = 0.0


class Recent(Entity, kw_only=True):
    """A record that a person has looked at lately."""

    __unique__: ClassVar = (("user_id", "entity", "record_id"),)
    __index__: ClassVar = (("user_id", "seen_at"),)

    user_id: UserId
    entity: Wearer
    record_id: WearerId
    seen_at: Seen = EPOCH


class Visit(Entity, kw_only=True):
    """When a person was here last, and when the visit before that one ended."""

    __unique__: ClassVar = (("user_id",),)

    user_id: UserId
    seen_at: Seen = EPOCH
    before_at: Before = EPOCH
