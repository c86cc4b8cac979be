"""Milestones and what decides about them: conditions, deliverables, metrics, approvals, links."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from mainstay.facets.tags.api import Tags
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Day, Flag, Json, Links, Real, Ref, Text
from mainstay.modules.projects.kinds import (
    Assignee,
    Color,
    Count,
    Custom,
    Due,
    Hours,
    Lag,
    LinkType,
    Money,
    Order,
    Owner,
    Priority,
    ProjectId,
    Share,
    Started,
    Units,
    UserId,
    Words,
)

Name = Annotated[str, Text(255, least=1)]
Said = Annotated[str, Text(5000, lines=True)]
Line = Annotated[str, Text(255)]
Web = Annotated[str, Text(1500, web=True)]
PhaseId = Annotated[int, Ref(target="projects.project_phase", label="Phase")]
FromTemplate = Annotated[
    int, Ref(target="templates.milestone_template", label="Template", help="What it was made from.")
]
MilestoneStatus = Annotated[
    Literal["planned", "in_progress", "review", "on_hold", "completed", "cancelled"],
    Choice(
        aliases=(
            ("planning", "planned"),
            ("not_started", "planned"),
            ("upcoming", "planned"),
            ("pending", "planned"),
            ("delayed", "in_progress"),
            ("overdue", "in_progress"),
            ("in_review", "review"),
            ("done", "completed"),
        ),
        colors=(
            ("planned", "azure"),
            ("in_progress", "blue"),
            ("review", "purple"),
            ("on_hold", "yellow"),
            ("completed", "green"),
            ("cancelled", "secondary"),
        ),
        help="Where the milestone stands; overdue follows from its date.",
    ),
]
MilestoneType = Annotated[
    Literal[
        "deliverable",
        "decision_point",
        "review",
        "release",
        "contract",
        "regulatory",
        "internal",
        "external",
    ],
    Choice(help="What is reached with it."),
]
Completion = Annotated[
    float,
    Real(
        most=1.0,
        help="The weight of its conditions that are met, 0 to 1; its progress where it has none.",
    ),
]
Stakeholders = Annotated[
    list[int], Links(target="identity.user", help="Who wants to hear how it goes.")
]


class Milestone(Entity, kw_only=True):
    """A point of a project that must be reached by a day, with the conditions for it."""

    __index__: ClassVar = (
        ("project_id", "sort_order"),
        ("project_id", "status"),
        ("due_date", "status"),
        ("owner_id",),
    )

    project_id: ProjectId
    phase_id: PhaseId | None = None
    milestone_template_id: FromTemplate | None = None
    name: Name
    description: Words = ""
    status: MilestoneStatus = "planned"
    priority: Priority = "medium"
    milestone_type: MilestoneType = "deliverable"
    start_date: Started | None = None
    due_date: Due
    completed_date: date | None = None
    completed_by: UserId | None = None
    expected_hours: Hours = Decimal(0)
    estimated_hours: Hours | None = None
    actual_hours: Hours = Decimal(0)
    budget: Money | None = None
    actual_cost: Money = Decimal(0)
    progress: Share = 0.0
    completion: Completion = 0.0
    condition_count: Count = 0
    task_count: Count = 0
    done_count: Count = 0
    progress_units: Units = 0
    owner_id: Owner | None = None
    stakeholders: Stakeholders = []
    acceptance_criteria: Words = ""
    review_notes: Words = ""
    lessons_learned: Words = ""
    color: Color = "#8B5CF6"
    sort_order: Order = 0.0
    tags: Tags = []
    custom_fields: Custom = {}


OfMilestone = Annotated[int, Ref(target="milestones.milestone", cascade=True, label="Milestone")]
ConditionStatus = Annotated[
    Literal["not_started", "in_progress", "pending_review", "completed", "failed", "waived"],
    Choice(
        aliases=(("pending", "not_started"), ("verified", "completed"), ("done", "completed")),
        colors=(
            ("not_started", "azure"),
            ("in_progress", "blue"),
            ("pending_review", "purple"),
            ("completed", "green"),
            ("failed", "red"),
            ("waived", "yellow"),
        ),
    ),
]


Evidence = Annotated[
    list[str], Json(shape=list[str], help="Where the proof is: links, names of files, numbers.")
]


class MilestoneCondition(Entity, kw_only=True):
    """Something that must be true before a milestone counts as reached."""

    __index__: ClassVar = (("milestone_id", "sort_order"), ("assigned_to", "status"))

    milestone_id: OfMilestone
    title: Name
    description: Said = ""
    type: Annotated[
        Literal[
            "deliverable",
            "approval",
            "test_passed",
            "documentation",
            "training",
            "compliance",
            "quality_gate",
            "performance",
            "security",
            "legal",
        ],
        Choice(),
    ] = "deliverable"
    status: ConditionStatus = "not_started"
    required: Annotated[bool, Flag(help="Whether the milestone needs it to be completed.")] = True
    weight: Annotated[float, Real(most=1.0, help="How much it counts, 0 to 1; 0 counts as 1.")] = (
        1.0
    )
    assigned_to: Assignee | None = None
    due_date: Due | None = None
    verification_method: Line = ""
    evidence: Evidence = []
    note: Annotated[
        str, Text(2000, lines=True, help="What was found, or why it failed or was waived.")
    ] = ""
    completed_at: datetime | None = None
    completed_by: UserId | None = None
    sort_order: Order = 0.0


class Deliverable(Entity, kw_only=True):
    """Something that is handed over at a milestone."""

    __index__: ClassVar = (("milestone_id",),)

    milestone_id: OfMilestone
    name: Name
    description: Said = ""
    type: Annotated[
        Literal[
            "document",
            "software",
            "design",
            "report",
            "presentation",
            "training_material",
            "process",
            "template",
            "specification",
            "test_plan",
        ],
        Choice(),
    ] = "document"
    status: Annotated[
        Literal[
            "not_started", "in_progress", "draft", "review", "approved", "delivered", "rejected"
        ],
        Choice(
            colors=(
                ("in_progress", "blue"),
                ("review", "purple"),
                ("approved", "green"),
                ("delivered", "green"),
                ("rejected", "red"),
            )
        ),
    ] = "not_started"
    review_status: Annotated[
        Literal["not_reviewed", "under_review", "approved", "rejected", "needs_revision"],
        Choice(
            colors=(
                ("under_review", "purple"),
                ("approved", "green"),
                ("rejected", "red"),
                ("needs_revision", "yellow"),
            )
        ),
    ] = "not_reviewed"
    reviewer_id: Annotated[int, Ref(target="identity.user", label="Reviewer")] | None = None
    review_note: Annotated[str, Text(2000, lines=True, help="What the reviewer said last.")] = ""
    due_date: Due | None = None
    file_path: Line = ""
    url: Web = ""
    revision: Annotated[str, Text(20)] = ""
    criteria: Said = ""


class MilestoneDependency(Entity, kw_only=True):
    """That one milestone waits for another."""

    __unique__: ClassVar = (("milestone_id", "depends_on_id"),)

    milestone_id: OfMilestone
    depends_on_id: Annotated[
        int, Ref(target="milestones.milestone", cascade=True, label="Waits for")
    ]
    type: LinkType = "finish_to_start"
    lag_days: Lag = 0


Measured = Annotated[float, Real(least=-1e12)]
MeasuredOn = Annotated[date, Day(label="Measured", help="When it was measured last.")]


class SuccessMetric(Entity, kw_only=True):
    """A number that says whether a milestone was a success."""

    __index__: ClassVar = (("milestone_id",),)

    milestone_id: OfMilestone
    name: Name
    type: Annotated[
        Literal[
            "performance",
            "quality",
            "cost",
            "time",
            "satisfaction",
            "adoption",
            "revenue",
            "efficiency",
        ],
        Choice(),
    ] = "quality"
    target: Measured = 0.0
    actual: Measured | None = None
    unit: Annotated[str, Text(20)] = ""
    measured_at: MeasuredOn | None = None
    higher_is_better: Annotated[
        bool, Flag(help="Whether more is better; for costs and times less is.")
    ] = True
    status: Annotated[
        Literal["not_measured", "measuring", "target_met", "target_exceeded", "target_missed"],
        Choice(
            colors=(
                ("measuring", "blue"),
                ("target_met", "green"),
                ("target_exceeded", "green"),
                ("target_missed", "red"),
            )
        ),
    ] = "not_measured"


class MilestoneApproval(Entity, kw_only=True):
    """That a named person agrees to a milestone; nobody else can answer for them."""

    __index__: ClassVar = (("milestone_id",), ("approver_id", "status"))

    milestone_id: OfMilestone
    approver_id: Annotated[int, Ref(target="identity.user", label="Approver")]
    type: Annotated[
        Literal["technical", "business", "legal", "financial", "quality", "security", "regulatory"],
        Choice(),
    ] = "business"
    status: Annotated[
        Literal["pending", "approved", "rejected", "conditional", "expired"],
        Choice(
            colors=(
                ("pending", "azure"),
                ("approved", "green"),
                ("rejected", "red"),
                ("conditional", "yellow"),
                ("expired", "secondary"),
            )
        ),
    ] = "pending"
    conditions: Said = ""
    comment: Said = ""
    expires_at: datetime | None = None
    answered_at: datetime | None = None


class MilestoneCommunication(Entity, kw_only=True):
    """A word about a milestone to those it concerns, and who has read it."""

    __index__: ClassVar = (("milestone_id",),)

    milestone_id: OfMilestone
    type: Annotated[
        Literal["update", "alert", "reminder", "announcement", "request", "escalation"], Choice()
    ] = "update"
    subject: Name
    message: Said = ""
    recipients: Annotated[list[int], Links(target="identity.user")] = []
    read_by: list[int] = []
