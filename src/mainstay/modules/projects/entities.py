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


def trimmed(text: str) -> str:
    """Return a code in its usual form: no spaces around it, capital letters."""
    return text.strip().upper()


ProjectStatus = Literal["planning", "active", "review", "on_hold", "completed", "cancelled"]
TaskStatus = Literal[
    "backlog", "todo", "in_progress", "review", "testing", "blocked", "done", "cancelled"
]
PriorityName = Literal["lowest", "low", "medium", "high", "highest"]
Role = Literal["owner", "admin", "member", "viewer", "client"]
PRIORITIES = (("urgent", "highest"), ("critical", "highest"), ("normal", "medium"))
HEX = r"^#[0-9A-Fa-f]{6}$"

Status = Annotated[
    TaskStatus,
    Choice(
        aliases=(
            ("completed", "done"),
            ("in_review", "review"),
            ("pending", "todo"),
            ("new", "todo"),
        ),
        colors=(
            ("backlog", "secondary"),
            ("todo", "azure"),
            ("in_progress", "blue"),
            ("review", "purple"),
            ("testing", "indigo"),
            ("blocked", "red"),
            ("done", "green"),
            ("cancelled", "secondary"),
        ),
        help="Where the task stands in the flow of work.",
    ),
]
Stage = Annotated[
    ProjectStatus,
    Choice(
        aliases=(
            ("todo", "planning"),
            ("pending", "planning"),
            ("in_progress", "active"),
            ("in_review", "review"),
            ("done", "completed"),
        ),
        colors=(
            ("planning", "azure"),
            ("active", "blue"),
            ("review", "purple"),
            ("on_hold", "yellow"),
            ("completed", "green"),
            ("cancelled", "secondary"),
        ),
        help="Where the project stands.",
    ),
]
Priority = Annotated[
    PriorityName,
    Choice(
        ordered=True,
        aliases=PRIORITIES,
        colors=(
            ("lowest", "secondary"),
            ("low", "azure"),
            ("medium", "blue"),
            ("high", "orange"),
            ("highest", "red"),
        ),
        help="How much it matters against the rest.",
    ),
]
Risk = Annotated[
    Literal["low", "medium", "high", "critical"],
    Choice(ordered=True, help="How likely the project is to miss its aim."),
]
Color = Annotated[str, Text(7, pattern=HEX, help="A colour like #3B82F6.")]
Words = Annotated[str, Text(100_000, lines=True)]
Hours = Annotated[Decimal, Dec(8, 2, help="In hours.")]
Money = Annotated[Decimal, Dec(15, 2)]
Share = Annotated[float, Real(most=1.0, help="From 0 to 1.")]
Count = Annotated[int, Whole()]

UserId = Annotated[int, Ref(target="identity.user")]
ProjectId = Annotated[int, Ref(target="projects.project")]
TaskId = Annotated[int, Ref(target="projects.task")]
Owner = Annotated[int, Ref(target="identity.user", help="Who answers for it.")]
Assignee = Annotated[int, Ref(target="identity.user", label="Assignee", help="Who does it.")]


Custom = Annotated[
    dict[str, Any], Json(label="Custom fields", help="What this workspace has added.")
]


class ProjectSettings(Struct, forbid_unknown_fields=True):
    """How a project likes to be shown, and how its tasks are numbered and estimated."""

    default_view: Literal["kanban", "list", "calendar", "timeline"] = "kanban"
    task_prefix: Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=12)] = "TASK"
    estimation_unit: Literal["hours", "points"] = "hours"


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
Currency = Annotated[
    str, Text(3, pattern=r"^[A-Z]{3}$", normal=trimmed, help="An ISO 4217 code like EUR.")
]
Billing = Annotated[
    Literal["fixed_price", "time_and_materials", "retainer", "milestone_based"],
    Choice(label="Billing", help="How the customer pays."),
]
Method = Annotated[Literal["agile", "scrum", "kanban", "waterfall", "hybrid"], Choice()]
Rate = Annotated[Decimal, Dec(15, 2, group="pay", help="What one hour costs the customer.")]


class Project(Entity, kw_only=True):
    """A piece of work with an aim, people, dates and a budget; its tasks belong to it.

    A project in the bin takes its people's sight of it along: its tasks, labels and time are
    hidden with it and cannot be changed until it is restored, then all come back as they were.
    """

    __unique__: ClassVar = (("code",),)
    __index__: ClassVar = (
        ("status", "priority"),
        ("end_date", "status"),
        ("created_at",),
        ("updated_at",),
    )

    name: ProjectName
    code: ProjectCode = ""
    description: Words = ""
    kind: Kind = "project"
    color: Color = "#3B82F6"
    icon: Icon = ""
    status: Stage = "planning"
    priority: Priority = "medium"
    start_date: date | None = None
    end_date: date | None = None
    actual_start: date | None = None
    actual_end: date | None = None
    budget: Money | None = None
    actual_cost: Money = Decimal(0)
    currency: Currency = "USD"
    billing_type: Billing | None = None
    hourly_rate: Rate | None = None
    estimated_hours: Hours | None = None
    progress: Share = 0.0
    task_count: Count = 0
    done_count: Count = 0
    risk_level: Risk = "low"
    methodology: Method | None = None
    owner_id: Owner | None = None
    project_manager_id: Owner | None = None
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
    joined_at: datetime | None = None


LabelName = Annotated[str, Text(60, least=1)]


class Label(Entity, kw_only=True):
    """A coloured word for tasks of one project."""

    __unique__: ClassVar = (("project_id", "name"),)

    project_id: ProjectId
    name: LabelName
    color: Color = "#6B7280"


TaskTitle = Annotated[str, Text(500, least=1)]
TaskCode = Annotated[str, Text(20, help="Numbered by the project when left out, like TASK-001.")]
TaskType = Annotated[
    Literal["story", "bug", "epic", "spike", "task", "feature", "improvement"],
    Choice(
        colors=(("bug", "red"), ("story", "green"), ("epic", "purple"), ("spike", "yellow")),
    ),
]
Line = Annotated[str, Text(100)]
Reporter = Annotated[int, Ref(target="identity.user", help="Who asked for it.")]
Parent = Annotated[int, Ref(target="projects.task", help="The task this one is a part of.")]
People = Annotated[
    list[int], Links(target="identity.user", help="Everybody who works on it; the first leads.")
]
Labels = Annotated[list[int], Links(target="projects.label")]
Points = Annotated[float, Real(most=1000.0, help="How big it is, against other tasks.")]
Order = Annotated[float, Real(most=1e15)]
Started = Annotated[date, Day(help="When work begins or began.")]
Due = Annotated[date, Day(label="Due", help="When it must be done.")]


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
    labels: Labels = []
    story_points: Points | None = None
    estimated_hours: Hours | None = None
    actual_hours: Hours = Decimal(0)
    remaining_hours: Hours | None = None
    progress: Share = 0.0
    start_date: Started | None = None
    due_date: Due | None = None
    completed_at: datetime | None = None
    blocked_reason: Annotated[str, Text(500)] = ""
    sort_order: Order = 0.0
    component: Line = ""
    target_version: Line = ""
    environment: Line = ""
    acceptance_criteria: Words = ""
    subtask_count: Count = 0
    subtask_done: Count = 0
    tags: Tags = []
    custom_fields: Custom = {}


Later = Annotated[int, Ref(target="projects.task", cascade=True, help="The task that waits.")]
Earlier = Annotated[
    int, Ref(target="projects.task", cascade=True, label="Waits for", help="The earlier task.")
]
LinkType = Annotated[
    Literal["finish_to_start", "start_to_start", "finish_to_finish", "start_to_finish"],
    Choice(
        aliases=(("blocks", "finish_to_start"), ("blocked_by", "finish_to_start")),
        help="Which end of the earlier task holds which end of the later one.",
    ),
]
Lag = Annotated[int, Whole(least=-3650, most=3650, help="Days between the two; may be negative.")]


class TaskDependency(Entity, kw_only=True):
    """That one task waits for another."""

    __unique__: ClassVar = (("task_id", "depends_on_id"),)

    task_id: Later
    depends_on_id: Earlier
    type: LinkType = "finish_to_start"
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
Billable = Annotated[bool, Flag(help="Whether the customer pays for it.")]


class TimeEntry(Entity, kw_only=True):
    """Time that one person spent on a task or a project; without an end it is a running timer."""

    __index__: ClassVar = (
        ("user_id", "date"),
        ("project_id", "date"),
        ("user_id", "ended_at"),
    )

    project_id: ProjectId | None = None
    task_id: TaskId | None = None
    user_id: UserId | None = None
    date: OnDay | None = None
    started_at: Begin | None = None
    ended_at: End | None = None
    hours: Spent = Decimal(0)
    description: Annotated[str, Text(2000, lines=True)] = ""
    type: WorkType = "development"
    billable: Billable = True
    hourly_rate: Rate | None = None
