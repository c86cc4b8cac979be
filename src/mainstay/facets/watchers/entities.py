"""The noun of watching."""

from typing import Annotated, ClassVar, Literal

from mainstay.kernel.entity import Entity, UserId, Wearer, WearerId
from mainstay.kernel.fields import Choice

Reason = Literal["chosen", "created", "assigned", "commented", "mentioned"]
Why = Annotated[
    Reason,
    Choice(label="Because", help="What made this person a watcher."),
]


class Watcher(Entity, kw_only=True):
    """A person who wants to know what happens to a record.

    One in the bin is somebody who has stopped: the same reason does not bring them back.
    """

    __unique__: ClassVar = (("entity", "record_id", "user_id"),)
    __index__: ClassVar = (("user_id", "entity"), ("entity", "record_id", "user_id"))

    entity: Wearer
    record_id: WearerId
    user_id: UserId
    reason: Why = "chosen"
