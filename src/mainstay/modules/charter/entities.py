"""What a project sets out with: goals, services, risks and documents."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, ClassVar, Literal, get_args

from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Day, Instant, Ref, Text, Whole
from mainstay.modules.projects.kinds import (
    Due,
    ProjectId,
    ProjectStatus,
    Share,
    Stage,
    Words,
)

GoalStatus = Annotated[ProjectStatus, replace(get_args(Stage)[1], help="Where the goal stands.")]
Title = Annotated[str, Text(200, least=1)]
Said = Annotated[str, Text(2000, lines=True)]
Topic = Annotated[str, Text(50, help="A word of your own to group them by, like weather.")]
Supporter = Annotated[
    int,
    Ref(
        target="identity.user",
        label="Support",
        help="Who helps the customer with it: support, an admin or a manager.",
    ),
]


class Goal(Entity, kw_only=True):
    """What a project is to reach; tasks are done for it."""

    __index__: ClassVar = (("project_id", "status"), ("support_employee_id",))

    project_id: ProjectId
    title: Title
    description: Said = ""
    status: GoalStatus = "planning"
    support_employee_id: Supporter | None = None
    due_date: Due | None = None
    task_count: Annotated[int, Whole(label="Tasks", help="How many tasks are done for it.")] = 0
    done_count: Annotated[int, Whole(label="Done", help="How many of its tasks are done.")] = 0
    progress: Share = 0.0


class ServiceProvided(Entity, kw_only=True):
    """A service that a project provides to its customer."""

    __unique__: ClassVar = (("project_id", "service_name"),)

    project_id: ProjectId
    service_name: Annotated[
        str, Text(100, least=1, normal=str.strip, label="Service", help="Like Remote monitoring.")
    ]
    service_description: Annotated[str, Text(500, lines=True, label="Description")] = ""


Level = Literal["very_low", "low", "medium", "high", "very_high"]
RiskLevel = Annotated[
    Level,
    Choice(
        ordered=True,
        colors=(
            ("very_low", "secondary"),
            ("low", "azure"),
            ("medium", "yellow"),
            ("high", "orange"),
            ("very_high", "red"),
        ),
        help="From very low (1) to very high (5).",
    ),
]

RiskStatus = Annotated[
    Literal[
        "identified",
        "analyzing",
        "open",
        "mitigating",
        "monitoring",
        "occurred",
        "realized",
        "closed",
    ],
    Choice(
        colors=(
            ("identified", "azure"),
            ("analyzing", "blue"),
            ("open", "orange"),
            ("mitigating", "purple"),
            ("monitoring", "indigo"),
            ("occurred", "red"),
            ("realized", "red"),
            ("closed", "green"),
        ),
        help="What is done about it.",
    ),
]


class ProjectRisk(Entity, kw_only=True):
    """Something that may go wrong, how likely it is and how bad, and what is done about it."""

    __index__: ClassVar = (("project_id", "status", "score"), ("milestone_id",), ("owner_id",))

    project_id: ProjectId
    milestone_id: (
        Annotated[int, Ref(target="milestones.milestone", help="The milestone at risk.")] | None
    ) = None
    title: Title
    description: Words = ""
    type: Annotated[
        Literal[
            "technical",
            "schedule",
            "budget",
            "resource",
            "quality",
            "external",
            "regulatory",
            "market",
        ],
        Choice(help="Where it comes from."),
    ] = "technical"
    category: Topic = ""
    probability: RiskLevel = "medium"
    impact: RiskLevel = "medium"
    score: Annotated[int, Whole(most=25, help="Probability times impact, 1 to 25.")] = 9
    status: RiskStatus = "open"
    mitigation: Annotated[
        str, Text(100_000, lines=True, help="What is done so that it does not happen.")
    ] = ""
    contingency: Annotated[
        str, Text(100_000, lines=True, help="What is done once it has happened.")
    ] = ""
    owner_id: (
        Annotated[int, Ref(target="identity.user", help="Who watches it: a member of the project.")]
        | None
    ) = None
    review_on: Annotated[date, Day(help="When to look at it again.")] | None = None
    closed_on: Annotated[date, Day(label="Closed", help="When it was closed.")] | None = None


DocumentStatus = Annotated[
    Literal["draft", "active", "archived", "superseded"],
    Choice(
        colors=(
            ("draft", "azure"),
            ("active", "green"),
            ("archived", "secondary"),
            ("superseded", "yellow"),
        ),
        help="Whether this version holds; a superseded one was followed by another.",
    ),
]
FileId = Annotated[
    int, Ref(target="files.file", label="File", help="The uploaded file of this version.")
]
Revision = Annotated[str, Text(20, least=1, normal=str.strip, label="Version", help="Like 1.0.")]
Note = Annotated[
    str, Text(500, lines=True, label="What changed", help="What is new in this version.")
]
PutDown = Annotated[datetime, Instant(label="Put down", help="When this version was put down.")]
By = Annotated[int, Ref(target="identity.user", label="By", help="Who put this version down.")]
Web = Annotated[
    str,
    Text(1500, web=True, label="Address", help="Where it is, when it is not uploaded here."),
]


class ProjectDocument(Entity, kw_only=True):
    """A contract, design, permit, report or photo of a project, in its newest version."""

    __index__: ClassVar = (("project_id", "category"),)

    project_id: ProjectId
    name: Title
    description: Said = ""
    category: Annotated[
        Literal["contract", "design", "permit", "report", "photo", "other"],
        Choice(help="What kind of document it is."),
    ] = "other"
    status: DocumentStatus = "draft"
    revision: Revision = "1.0"
    version_note: Note = ""
    file_id: FileId | None = None
    file_url: Web = ""
    revised_at: PutDown | None = None
    revised_by: By | None = None


class DocumentVersion(Entity, kw_only=True):
    """An earlier version of a document, kept with its file as it was."""

    __unique__: ClassVar = (("document_id", "revision"),)

    document_id: Annotated[
        int, Ref(target="charter.project_document", cascade=True, label="Document")
    ]
    revision: Revision
    version_note: Note = ""
    status: DocumentStatus = "superseded"
    file_id: FileId | None = None
    file_url: Web = ""
    revised_at: PutDown | None = None
    revised_by: By | None = None
