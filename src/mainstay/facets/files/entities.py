"""The noun of attached files."""

from typing import Annotated, ClassVar

from mainstay.kernel.entity import Entity, Event, Wearer, WearerId
from mainstay.kernel.fields import Flag, Ref, Text, Whole

FileName = Annotated[str, Text(255, least=1, label="Name")]
Mime = Annotated[str, Text(100, label="Type")]
Size = Annotated[int, Whole(help="In bytes.")]
Digest = Annotated[str, Text(64, label="Fingerprint", help="SHA-256 of the content.")]
Place = Annotated[str, Text(500, secret=True)]
Pixels = Annotated[int, Whole(help="In pixels.")]
First = Annotated[int, Ref(target="files.file", help="The first version, for every later one.")]
Revision = Annotated[int, Whole(least=1, help="1 for the first version of a file.")]
Public = Annotated[bool, Flag(label="Visible to clients", help="Clients may open it too.")]
Store = Annotated[str, Text(20, help="Where it is kept: local or s3.")]


class File(Entity, kw_only=True):
    """A file attached to a record; a newer version names the first one."""

    __unique__: ClassVar = (("first_id", "revision"),)
    __index__: ClassVar = (("entity", "record_id", "id"), ("digest",))

    entity: Wearer
    record_id: WearerId
    name: FileName
    description: Annotated[str, Text(1000, lines=True)] = ""
    is_public: Public = False
    mime: Mime = "application/octet-stream"
    size: Size = 0
    digest: Digest = ""
    width: Pixels | None = None
    height: Pixels | None = None
    first_id: First | None = None
    revision: Revision = 1
    storage: Store = "local"
    path: Place = ""
    thumbnail: Place = ""


class FileAttached(Event, frozen=True):
    """A file came to a record, or a newer version of one."""

    file_id: int
    entity: str
    record_id: int
    revision: int
