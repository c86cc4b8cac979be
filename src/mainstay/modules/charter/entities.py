"""What a project sets out with: goals, services, risks and documents."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Day, Ref, Text, Whole
from mainstay.modules.projects.kinds import Due, Owner, ProjectId, Stage, Words

Title = Annotated[str, Text(200, least=1)]
Said = Annotated[str, Text(2000, lines=True)]
Category = Annotated[str, Text(50)]
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
    status: Stage = "planning"
    support_employee_id: Supporter | None = None
    due_date: Due | None = None


class ProjectService(Entity, kw_only=True):
    """A service that a project provides to its customer."""

    __unique__: ClassVar = (("project_id", "service_name"),)

    project_id: ProjectId
    service_name: Annotated[str, Text(100, least=1)]
    service_description: Annotated[str, Text(500, lines=True)] = ""


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


class ProjectRisk(Entity, kw_only=True):
    """Something that may go wrong in a project, how likely and how bad, and what is done of it."""

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
    category: Category = ""
    probability: RiskLevel = "medium"
    impact: RiskLevel = "medium"
    score: Annotated[int, Whole(most=25, help="Probability times impact, 1 to 25.")] = 9
    status: Annotated[
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
    ] = "open"
    mitigation: Words = ""
    contingency: Words = ""
    owner_id: Owner | None = None
    review_on: Annotated[date, Day(help="When to look at it again.")] | None = None
    closed_on: date | None = None


DocumentStatus = Annotated[
    Literal["draft", "active", "archived", "superseded"],
    Choice(
        colors=(
            ("draft", "azure"),
            ("active", "green"),
            ("archived", "secondary"),
            ("superseded", "yellow"),
        )
    ),
]
FileId = Annotated[int, Ref(target="files.file", help="The uploaded file of this version.")]
Version = Annotated[str, Text(20, least=1, help="Like 1.0.")]
Web = Annotated[str, Text(1500, web=True, help="Where it is, when it is not uploaded here.")]


class ProjectDocument(Entity, kw_only=True):
    """A contract, design, permit, report or photo of a project, in its newest version."""

    __index__: ClassVar = (("project_id", "category"),)

    project_id: ProjectId
    name: Title
    description: Said = ""
    category: Annotated[
        Literal["contract", "design", "permit", "report", "photo", "other"], Choice()
    ] = "other"
    status: DocumentStatus = "draft"
    revision: Version = "1.0"
    file_id: FileId | None = None
    file_url: Web = ""


class DocumentVersion(Entity, kw_only=True):
    """An earlier or the present version of a document, as it was put down."""

    __unique__: ClassVar = (("document_id", "revision"),)

    document_id: Annotated[int, Ref(target="charter.project_document", cascade=True)]
    revision: Version
    note: Annotated[str, Text(500, lines=True, help="What changed.")] = ""
    status: DocumentStatus = "active"
    file_id: FileId | None = None
    file_url: Web = ""
