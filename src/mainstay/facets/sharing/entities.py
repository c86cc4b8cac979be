"""The noun of sharing: a link that anybody who has it may open."""

from datetime import datetime
from typing import Annotated, ClassVar

from mainstay.kernel.entity import Entity, Wearer
from mainstay.kernel.fields import Instant, Text, Whole

Record = Annotated[int, Whole(label="Record", help="The record's id; 0 for a list.")]
Query = Annotated[str, Text(4000, help="For a list: its filters and view, as in the address.")]
Title = Annotated[str, Text(300, label="Name")]
Digest = Annotated[str, Text(64, secret=True)]
Password = Annotated[str, Text(300, secret=True)]
Until = Annotated[datetime, Instant(label="Valid until")]
Opened = Annotated[datetime, Instant(label="Last opened")]
Times = Annotated[int, Whole(help="How often it was opened.")]


class ShareLink(Entity, kw_only=True):
    """A read-only link to one record or list, perhaps with a password and an end."""

    __unique__: ClassVar = (("digest",),)
    __index__: ClassVar = (("entity", "record_id"),)

    entity: Wearer
    record_id: Record = 0
    query: Query = ""
    title: Title = ""
    digest: Digest = ""
    password_hash: Password = ""
    expires_at: Until | None = None
    opened_count: Times = 0
    last_opened_at: Opened | None = None
