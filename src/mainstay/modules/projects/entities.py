"""The nouns of work: project, member, label, task, subtask, time entry."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct, field

from mainstay.facets.tags.api import Tags
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import (
    Choice,
    Day,
    Dec,
    Flag,
    Instant,
    Json,
    Links,
    Real,
    Ref,
    Text,
    Whole,
)
from mainstay.modules.projects.kinds import (
    HIGHEST_RATE,
    Assignee,
    Color,
    Count,
    Currency,
    Custom,
    Due,
    Hours,
    Lag,
    Line,
    Money,
    Order,
    Owner,
    Points,
    Priority,
    ProjectId,
    Risk,
    Role,
    Share,
    Stage,
    Started,
    Status,
    TaskId,
    TaskTitle,
    UnitId,
    Units,
    UserId,
    Words,
    trimmed,
)


class ProjectSettings(Struct, forbid_unknown_fields=True):
    """How a project likes to be shown, and how its tasks are numbered and estimated."""

    default_view: Literal["kanban", "list", "calendar", "timeline"] = "kanban"
    task_prefix: Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=12)] = "TASK"
    estimation_unit: Literal["hours", "points"] = "hours"
    blocked_start: Literal["warn", "refuse"] = "warn"
    definition_of_done: Literal["show", "refuse"] = "show"
    issue_prefix: Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=12)] = "ISS"


ProjectName = Annotated[str, Text(200, least=1)]
ProjectCode = Annotated[
    str,
    Text(
        20,
        pattern=r"^([A-Z][A-Z0-9]*)?$",
        normal=trimmed,
        help="A short name in capital letters and digits; made from the name when left out.",
    ),
]
Kind = Annotated[Literal["project", "course"], Choice()]
Icon = Annotated[str, Text(40)]
Billing = Annotated[
    Literal["fixed_price", "time_and_materials", "retainer", "milestone_based"],
    Choice(label="Billing", help="How the customer pays."),
]
Method = Annotated[Literal["agile", "scrum", "kanban", "waterfall", "hybrid"], Choice()]
Rate = Annotated[
    Decimal,
    Dec(15, 2, group="pay", highest=HIGHEST_RATE, help="What one hour costs the customer."),
]


CategoryId = Annotated[
    int, Ref(target="projects.project_category", label="Category", help="What kind of work it is.")
]
PhaseId = Annotated[
    int,
    Ref(
        target="projects.project_phase", label="Phase", help="Where in its category's course it is."
    ),
]
CalendarId = Annotated[
    int,
    Ref(
        target="planning.work_calendar",
        label="Working calendar",
        help="The working days its schedule counts; the usual ones when left out.",
    ),
]
FromTemplate = Annotated[
    int, Ref(target="templates.project_template", label="Template", help="What it was made from.")
]
Amount = Annotated[
    Decimal, Dec(15, 2, group="pay", help="What the customer pays, in the project's currency.")
]
MonthDay = Annotated[
    int, Whole(least=1, most=31, help="The day of the month; the last one in shorter months.")
]
Review = Annotated[str, Text(2000, lines=True)]
Web = Annotated[str, Text(500, web=True)]
Latitude = Annotated[float, Real(least=-90.0, most=90.0, help="In degrees, north is positive.")]
Longitude = Annotated[float, Real(least=-180.0, most=180.0, help="In degrees, east is positive.")]
Activation = Annotated[
    dict[str, Any], Json(label="Activation data", help="What the customer needs to begin, as keys.")
]


class ProjectCategory(Entity, kw_only=True):
    """A kind of project; its phases are the course that such projects take."""

    __unique__: ClassVar = (("code",),)

    code: Annotated[str, Text(20, least=1, pattern=r"^[A-Z][A-Z0-9_]*$", normal=trimmed)]
    name: Line
    description: Words = ""
    color: Color = "#3B82F6"
    icon: Icon = ""
    sort_order: Order = 0.0
    is_active: bool = True


class ProjectPhase(Entity, kw_only=True):
    """A stretch of the course that projects of a category take."""

    __unique__: ClassVar = (("category_id", "code"),)

    category_id: CategoryId
    code: Annotated[str, Text(20, least=1, pattern=r"^[A-Z][A-Z0-9_]*$", normal=trimmed)]
    name: Line
    sort_order: Order = 0.0
    default_days: Annotated[int, Whole(most=3650, help="How long it usually takes, in days.")] = 14
    is_milestone: Annotated[bool, Flag(help="Whether its end is a milestone of the project.")] = (
        False
    )


class Project(Entity, kw_only=True):
    """A piece of work with an aim, people, dates and a budget; its tasks belong to it.

    A project in the bin takes its people's sight of it along: its tasks, labels and time are
    hidden with it and cannot be changed until it is restored, then all come back as they were.
    """

    __unique__: ClassVar = (("code",),)
    __index__: ClassVar = (
        ("status", "priority"),
        ("end_date", "status"),
        ("monthly_recurring_date", "status"),
        ("created_at",),
        ("updated_at",),
    )

    name: ProjectName
    code: ProjectCode = ""
    description: Words = ""
    kind: Kind = "project"
    color: Color = "#3B82F6"
    icon: Icon = ""
    category_id: CategoryId | None = None
    current_phase_id: PhaseId | None = None
    entity_id: UnitId | None = None
    project_template_id: FromTemplate | None = None
    calendar_id: CalendarId | None = None
    status: Stage = "planning"
    priority: Priority = "medium"
    start_date: date | None = None
    end_date: date | None = None
    actual_start: date | None = None
    actual_end: date | None = None
    budget: Money | None = None
    estimated_cost: Money | None = None
    actual_cost: Money = Decimal(0)
    currency: Currency = "USD"
    billing_type: Billing | None = None
    hourly_rate: Rate | None = None
    total_amount: Amount | None = None
    sale_price: Amount | None = None
    monthly_recurring_amount: Amount | None = None
    monthly_recurring_date: MonthDay | None = None
    estimated_hours: Hours | None = None
    progress: Share = 0.0
    task_count: Count = 0
    done_count: Count = 0
    part_count: Count = 0
    progress_units: Units = 0
    risk_level: Risk = "low"
    methodology: Method | None = None
    owner_id: Owner | None = None
    project_manager_id: Owner | None = None
    support_id: (
        Annotated[int, Ref(target="identity.user", help="Who helps the customer.")] | None
    ) = None
    client_contact_id: (
        Annotated[int, Ref(target="identity.user", help="Who speaks for the customer.")] | None
    ) = None
    customer_reviews: Review = ""
    support_reviews: Review = ""
    tech_reviews: Review = ""
    repository_url: Web = ""
    documentation_url: Web = ""
    slack_channel: Line = ""
    site_address: Annotated[str, Text(500, lines=True)] = ""
    site_latitude: Latitude | None = None
    site_longitude: Longitude | None = None
    system_capacity_kw: Annotated[float, Real(label="Capacity (kW)")] | None = None
    annual_production_kwh: Annotated[float, Real(label="Production a year (kWh)")] | None = None
    co2_reduction_tons: Annotated[float, Real(label="CO₂ saved (t)")] | None = None
    activation_data: Activation = {}
    settings: ProjectSettings = field(default_factory=ProjectSettings)
    tags: Tags = []
    custom_fields: Custom = {}


MemberRole = Annotated[
    Role,
    Choice(
        colors=(
            ("owner", "purple"),
            ("admin", "blue"),
            ("member", "green"),
            ("viewer", "secondary"),
            ("client", "orange"),
        ),
        help="Owners and admins manage, members work, viewers and clients read.",
    ),
]


class ProjectMember(Entity, kw_only=True):
    """A person's part in a project; it decides what they see of it and may do in it."""

    __unique__: ClassVar = (("project_id", "user_id"),)
    __index__: ClassVar = (("user_id", "project_id"),)

    project_id: ProjectId
    user_id: UserId
    role: MemberRole = "member"
    permissions: list[str] = []
    allocation: Annotated[
        float, Real(most=1.0, help="The share of their working day for this project, 0 to 1.")
    ] = 1.0
    joined_at: datetime | None = None


LabelName = Annotated[str, Text(60, least=1)]


class Label(Entity, kw_only=True):
    """A coloured word for tasks of one project."""

    __unique__: ClassVar = (("project_id", "name"),)

    project_id: ProjectId
    name: LabelName
    color: Color = "#6B7280"


TaskCode = Annotated[str, Text(20, help="Numbered by the project when left out, like TASK-001.")]
TaskType = Annotated[
    Literal["story", "bug", "epic", "spike", "task", "feature", "improvement"],
    Choice(
        colors=(("bug", "red"), ("story", "green"), ("epic", "purple"), ("spike", "yellow")),
    ),
]
Reporter = Annotated[int, Ref(target="identity.user", help="Who asked for it.")]
Parent = Annotated[int, Ref(target="projects.task", help="The task this one is a part of.")]
GoalId = Annotated[int, Ref(target="charter.goal", help="What it is done for.")]
MilestoneId = Annotated[
    int, Ref(target="milestones.milestone", help="The milestone that needs it.")
]
SprintId = Annotated[int, Ref(target="scrum.sprint", label="Sprint")]
EpicId = Annotated[
    int, Ref(target="projects.task", label="Epic", help="The large story it belongs to.")
]
TaskTemplateId = Annotated[
    int, Ref(target="templates.task_template", label="Template", help="What it was made from.")
]
Duration = Annotated[
    int,
    Whole(
        most=10_000,
        label="Duration",
        help="In working days; worked out from dates or the estimate when left out.",
    ),
]
NotBefore = Annotated[date, Day(label="Not before", help="The earliest day it may begin.")]
Fixed = Annotated[
    bool, Flag(label="Fixed dates", help="Whether planning leaves its dates as they are.")
]
Blockers = Annotated[
    int, Whole(label="Waits for", help="How many open tasks hold its start.", mark="hourglass")
]
Waiters = Annotated[int, Whole(label="Holds up", help="How many links of other tasks wait for it.")]
People = Annotated[
    list[int], Links(target="identity.user", help="Everybody who works on it; the first leads.")
]
Labels = Annotated[list[int], Links(target="projects.label")]


class Task(Entity, kw_only=True):
    """Something to be done in a project, by somebody, perhaps by some day."""

    __unique__: ClassVar = (("project_id", "code"),)
    __index__: ClassVar = (
        ("project_id", "status", "sort_order"),
        ("status", "sort_order"),
        ("assignee_id", "status"),
        # Live tasks newest first, within one's projects and some statuses, without their rows.
        ("deleted_at", "id", "project_id", "status"),
        ("due_date", "id", "project_id", "status"),
        ("milestone_id", "status"),
        ("goal_id", "status"),
        ("sprint_id", "status"),
        ("epic_id",),
        ("project_id", "backlog_order"),
        ("created_at",),
        ("updated_at",),
    )

    project_id: ProjectId
    code: TaskCode = ""
    title: TaskTitle
    description: Words = ""
    note: Words = ""
    type: TaskType = "task"
    status: Status = "todo"
    priority: Priority = "medium"
    assignee_id: Assignee | None = None
    assignees: People = []
    reporter_id: Reporter | None = None
    parent_id: Parent | None = None
    goal_id: GoalId | None = None
    milestone_id: MilestoneId | None = None
    sprint_id: SprintId | None = None
    epic_id: EpicId | None = None
    task_template_id: TaskTemplateId | None = None
    labels: Labels = []
    story_points: Points | None = None
    estimated_hours: Hours | None = None
    actual_hours: Hours = Decimal(0)
    remaining_hours: Hours | None = None
    progress: Share = 0.0
    start_date: Started | None = None
    due_date: Due | None = None
    duration_days: Duration | None = None
    not_before: NotBefore | None = None
    fixed_dates: Fixed = False
    completed_at: datetime | None = None
    blocker_count: Blockers = 0
    waiter_count: Waiters = 0
    blocked_reason: Annotated[str, Text(500)] = ""
    sort_order: Order = 0.0
    backlog_order: Order = 0.0
    component: Line = ""
    target_version: Line = ""
    environment: Line = ""
    acceptance_criteria: Words = ""
    subtask_count: Count = 0
    subtask_done: Count = 0
    part_count: Count = 0
    part_units: Units = 0
    tags: Tags = []
    custom_fields: Custom = {}


Later = Annotated[int, Ref(target="projects.task", cascade=True, help="The task that waits.")]
Earlier = Annotated[
    int, Ref(target="projects.task", cascade=True, label="Waits for", help="The earlier task.")
]
TaskLinkType = Annotated[
    Literal[
        "finish_to_start", "start_to_start", "finish_to_finish", "start_to_finish", "relates_to"
    ],
    Choice(
        aliases=(("blocks", "finish_to_start"), ("blocked_by", "finish_to_start")),
        help="Which end of the earlier task holds which end of the later one.",
    ),
]


class TaskDependency(Entity, kw_only=True):
    """That one task waits for another."""

    __unique__: ClassVar = (("task_id", "depends_on_id"),)

    task_id: Later
    depends_on_id: Earlier
    type: TaskLinkType = "finish_to_start"
    lag_days: Lag = 0


class Subtask(Entity, kw_only=True):
    """A step of a task that is ticked off on its own."""

    __index__: ClassVar = (("task_id", "sort_order"),)

    task_id: TaskId
    title: TaskTitle
    assignee_id: Assignee | None = None
    due_date: Due | None = None
    completed: bool = False
    completed_at: datetime | None = None
    completed_by: UserId | None = None
    sort_order: Order = 0.0


WorkType = Annotated[
    Literal["development", "testing", "meeting", "documentation", "support", "training", "other"],
    Choice(help="What kind of work it was."),
]
Spent = Annotated[Decimal, Dec(8, 2, help="In hours; worked out when start and end are given.")]
Begin = Annotated[datetime, Instant(help="When the work began.")]
End = Annotated[datetime, Instant(help="When it ended; a running timer has no end.")]
OnDay = Annotated[date, Day(help="The day it counts for; today when left out.")]
IssueId = Annotated[int, Ref(target="issues.issue", label="Issue")]
SheetId = Annotated[
    int, Ref(target="timesheets.timesheet", label="Week", help="The week it was handed in with.")
]
Cost = Annotated[
    Decimal,
    Dec(15, 2, group="cost", highest=HIGHEST_RATE, help="What one hour costs the company."),
]
Billed = Annotated[
    Decimal,
    Dec(8, 2, label="Billed hours", help="Rounded as the policy said when it was approved."),
]
Billable = Annotated[bool, Flag(help="Whether the customer pays for it.")]


class TimeEntry(Entity, kw_only=True):
    """Time that one person spent on a task or a project; without an end it is a running timer."""

    __index__: ClassVar = (
        ("user_id", "date"),
        ("project_id", "date"),
        ("user_id", "ended_at"),
        ("task_id",),
        ("issue_id",),
        ("timesheet_id",),
    )

    project_id: ProjectId | None = None
    task_id: TaskId | None = None
    issue_id: IssueId | None = None
    user_id: UserId | None = None
    date: OnDay | None = None
    started_at: Begin | None = None
    ended_at: End | None = None
    hours: Spent = Decimal(0)
    description: Annotated[str, Text(2000, lines=True)] = ""
    type: WorkType = "development"
    billable: Billable = True
    hourly_rate: Rate | None = None
    cost_rate: Cost | None = None
    timesheet_id: SheetId | None = None
    billed_hours: Billed | None = None
