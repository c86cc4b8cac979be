"""The nouns of moving in: one run, and what each thing of the other program became here."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Instant, Json, Ref, Text, Whole

Count = Annotated[int, Whole()]
SourceName = Annotated[
    Literal["jira_csv", "jira_xml", "jira_json", "trello_json", "github_json", "asana_csv"],
    Choice(label="From", help="Which program wrote the file."),
]


class MoveRun(Entity, kw_only=True):
    """One export of another program on its way into the workspace."""

    __index__: ClassVar = (("content_hash",), ("state",))

    file_name: Annotated[str, Text(255, label="File")]
    content_hash: Annotated[str, Text(64, label="Fingerprint")]
    source: SourceName
    project_id: (
        Annotated[
            int,
            Ref(target="projects.project", label="Project", help="Where it all went; one of them."),
        ]
        | None
    ) = None
    site: Annotated[str, Text(200, help="Which program and place the file is of.")] = ""
    state: Annotated[
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
    ] = "waiting"
    total: Count = 0
    done: Count = 0
    created: Count = 0
    updated: Count = 0
    unchanged: Count = 0
    failed: Count = 0
    options: Annotated[dict[str, Any], Json(help="How people and values are matched.")] = {}
    report: Annotated[dict[str, Any], Json(help="Counts and sums on both sides.")] = {}
    change_sets: Annotated[list[int], Json()] = []
    message: Annotated[str, Text(2000, lines=True)] = ""
    started_at: Annotated[datetime, Instant()] | None = None
    finished_at: Annotated[datetime, Instant()] | None = None
    stored: Annotated[str, Text(1000, secret=True)] = ""
    person: Annotated[dict[str, Any], Json(secret=True)] = {}


class Moved(Entity, kw_only=True):
    """What one thing of another program became here, so that it is moved once."""

    __unique__: ClassVar = (("source", "external_id", "entity"),)
    __index__: ClassVar = (("run_id",), ("entity", "record_id"))

    run_id: Annotated[int, Ref(target="importers.move_run", cascade=True)]
    source: Annotated[str, Text(200, help="Which program and site it came from.")]
    external_id: Annotated[str, Text(200)]
    entity: Annotated[str, Text(80)]
    record_id: Count
    fingerprint: Annotated[str, Text(64)] = ""
    written: Annotated[
        dict[str, str], Json(help="A short mark of each value as it was moved in.")
    ] = {}
