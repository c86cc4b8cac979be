"""The noun of changing many records: one run, which knows how far it came."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Instant, Json, Text, Whole

Of = Annotated[str, Text(80, label="Resource")]
Deed = Annotated[str, Text(80, label="What", help="update, delete, restore or a verb's name.")]
StateName = Annotated[
    Literal["waiting", "running", "done", "stopped", "failed", "undoing", "undone"],
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
Values = Annotated[dict[str, Any], Json(help="What is written, or what the verb is given.")]
Ids = Annotated[list[int], Json(secret=True)]
Sets = Annotated[list[int], Json(help="The change sets it wrote; each can be undone.")]
Faults = Annotated[list[dict[str, Any]], Json(help="Which records were refused, and why.")]
Count = Annotated[int, Whole()]
Person = Annotated[dict[str, Any], Json(secret=True)]
Ended = Annotated[datetime, Instant(label="Finished")]


class BulkRun(Entity, kw_only=True):
    """Many records of one resource on their way to the same change."""

    __index__: ClassVar = (("state",), ("created_by", "id"))

    resource: Of
    deed: Deed
    values: Values = {}
    ids: Ids = []
    state: StateName = "waiting"
    total: Count = 0
    done: Count = 0
    changed: Count = 0
    failed: Count = 0
    faults: Faults = []
    change_sets: Sets = []
    message: Annotated[str, Text(2000)] = ""
    finished_at: Ended | None = None
    person: Person = {}
