"""The nouns of sharing: a link that anybody who has it may open, and wrong passwords for it."""

from datetime import datetime
from typing import Annotated, ClassVar

from mainstay.kernel.entity import Entity, Wearer
from mainstay.kernel.fields import Flag, Instant, Ref, Text, Whole

Record = Annotated[int, Whole(label="Record", help="The record's id; 0 for a list.")]
Query = Annotated[str, Text(4000, help="For a list: its filters and order, as in the address.")]
Title = Annotated[str, Text(300, label="Name")]
Digest = Annotated[str, Text(64, secret=True)]
Password = Annotated[str, Text(300, secret=True)]
Until = Annotated[datetime, Instant(label="Valid until")]
Opened = Annotated[datetime, Instant(label="Last opened")]
Times = Annotated[int, Whole(label="Opened", help="How often it was opened.")]
Locked = Annotated[bool, Flag(label="Password", help="Whether it asks for a password.")]
Talk = Annotated[bool, Flag(label="With comments", help="Whether it shows comments too.")]
LinkId = Annotated[int, Ref(target="sharing.share_link", cascade=True)]


class ShareLink(Entity, kw_only=True):
    """A read-only link to one record or list, perhaps with a password and an end."""

    __unique__: ClassVar = (("digest",),)
    __index__: ClassVar = (("entity", "record_id"), ("created_by", "id"))

    entity: Wearer
    record_id: Record = 0
    query: Query = ""
    title: Title = ""
    with_comments: Talk = False
    locked: Locked = False
    digest: Digest = ""
    password_hash: Password = ""
    expires_at: Until | None = None
    opened_count: Times = 0
    last_opened_at: Opened | None = None


class WrongPassword(Entity, kw_only=True):
    """How many wrong passwords came from one place for one link, so that guessing is slow."""

    __unique__: ClassVar = (("link_id", "place"),)

    link_id: LinkId
    place: Annotated[str, Text(64, help="A hash of the address, or of all addresses.")]
    failures: Annotated[int, Whole()] = 0
    last_at: Annotated[datetime, Instant()]
