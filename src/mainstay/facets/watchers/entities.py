"""The noun of watching."""

from typing import Annotated, ClassVar, Literal

from mainstay.kernel.entity import Entity, UserId, Wearer, WearerId
from mainstay.kernel.fields import Choice

Why = Annotated[
    Literal["chosen", "created", "assigned", "commented", "mentioned"],
    Choice(label="Because", help="What made this person a watcher."),
]


class Watcher(Entity, kw_only=True):
    """A person who wants to know what happens to a record."""

    __unique__: ClassVar = (("entity", "record_id", "user_id"),)
    __index__: ClassVar = (("user_id", "entity"),)

    entity: Wearer
    record_id: WearerId
    user_id: UserId
    reason: Why = "chosen"
