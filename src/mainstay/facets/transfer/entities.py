"""The noun of importing: one run, which knows how far it came and what it did."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Struct

from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Json, Text, Whole

Mode = Literal["create", "update", "upsert"]
State = Literal["waiting", "running", "done", "stopped", "failed", "undoing", "undone"]


class Check(Struct):
    """What one numeric column adds up to: in the file's rows, and in the records they became."""

    rows: int = 0
    file: str = "0"
    stored: str = "0"

    @property
    def agrees(self) -> bool:
        """Return whether both sides add up to the same."""
        return self.file == self.stored


FileName = Annotated[str, Text(255, label="File")]
Digest = Annotated[str, Text(64, label="Fingerprint", help="SHA-256 of the file's content.")]
Key = Annotated[str, Text(80)]
ModeName = Annotated[
    Mode, Choice(help="Whether rows become new records, change known ones, or both.")
]
StateName = Annotated[
    State,
    Choice(
        colors=(
            ("waiting", "secondary"),
            ("running", "blue"),
            ("done", "green"),
            ("stopped", "yellow"),
            ("failed", "red"),
            ("undoing", "yellow"),
            ("undone", "secondary"),
        )
    ),
]
Count = Annotated[int, Whole()]
Message = Annotated[str, Text(2000, lines=True)]
Columns = Annotated[dict[str, str], Json(help="Which column of the file became which field.")]
Names = Annotated[list[str], Json(help="The fields that tell which record a row means.")]
Headers = Annotated[list[str], Json(help="The columns of the file, in their order.")]
SheetName = Annotated[str, Text(120, label="Sheet", help="Which sheet of a workbook it was.")]
Sets = Annotated[list[int], Json(help="The change sets it wrote; each can be undone.")]
Sums = Annotated[dict[str, Check], Json(help="What numeric columns add up to on both sides.")]
Place = Annotated[str, Text(1000, secret=True)]
Person = Annotated[dict[str, Any], Json(secret=True)]


class ImportRun(Entity, kw_only=True):
    """One file on its way into the workspace: how far it came, and what became of its rows."""

    __index__: ClassVar = (("content_hash", "resource"), ("state",))

    file_name: FileName
    content_hash: Digest
    resource: Key
    preset: Key = ""
    mode: ModeName = "create"
    state: StateName = "waiting"
    total: Count = 0
    done: Count = 0
    created: Count = 0
    updated: Count = 0
    unchanged: Count = 0
    failed: Count = 0
    parents: Count = 0
    columns: Columns = {}
    headers: Headers = []
    sheet: SheetName = ""
    key: Names = []
    sums: Sums = {}
    change_sets: Sets = []
    message: Message = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    stored: Place = ""
    error_file: Place = ""
    error_bytes: Count = 0
    person: Person = {}
