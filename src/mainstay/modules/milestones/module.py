"""The card of the room: its resources, and what its roles may do."""

from mainstay.facets.roles import READING, WORKING
from mainstay.kernel.module import Menu, Module, Resource
from mainstay.modules.milestones.entities import (
    Deliverable,
    Milestone,
    MilestoneApproval,
    MilestoneCommunication,
    MilestoneCondition,
    MilestoneDependency,
    SuccessMetric,
)
from mainstay.modules.projects.api import IN_PROJECTS, within

MILESTONES = Resource(
    Milestone,
    "milestones",
    write=(
        "phase_id",
        "milestone_template_id",
        "name",
        "description",
        "status",
        "priority",
        "milestone_type",
        "start_date",
        "due_date",
        "expected_hours",
        "estimated_hours",
        "actual_hours",
        "budget",
        "actual_cost",
        "owner_id",
        "stakeholders",
        "acceptance_criteria",
        "review_notes",
        "lessons_learned",
        "color",
        "sort_order",
        "tags",
        "custom_fields",
    ),
    create_only=("project_id",),
    columns=("project_id", "phase_id", "milestone_template_id", "name", "status"),
    brief=("name", "status"),
    search=("name", "description"),
    scope=IN_PROJECTS,
    parent="project_id",
    wears=("comments", "files", "watchers"),
)

MILESTONE_CONDITIONS = Resource(
    MilestoneCondition,
    "milestones/conditions",
    write=(
        "title",
        "description",
        "type",
        "status",
        "required",
        "weight",
        "assigned_to",
        "due_date",
        "verification_method",
        "evidence",
        "sort_order",
    ),
    create_only=("milestone_id",),
    columns=("milestone_id", "title", "type", "status", "required"),
    brief=("title", "status"),
    search=("title", "description"),
    scope=within("milestones.milestone", "milestone_id", "You are a member of its project."),
    parent="milestone_id",
)

DELIVERABLES = Resource(
    Deliverable,
    "milestones/deliverables",
    write=(
        "name",
        "description",
        "type",
        "status",
        "review_status",
        "reviewer_id",
        "due_date",
        "file_path",
        "url",
        "revision",
        "criteria",
    ),
    create_only=("milestone_id",),
    columns=("milestone_id", "name", "type", "status", "review_status"),
    brief=("name", "status"),
    search=("name", "description"),
    scope=within("milestones.milestone", "milestone_id", "You are a member of its project."),
    parent="milestone_id",
)

MILESTONE_DEPENDENCY = Resource(
    MilestoneDependency,
    "milestones/dependencies",
    write=("depends_on_id", "type", "lag_days"),
    create_only=("milestone_id",),
    columns=("milestone_id", "depends_on_id", "type", "lag_days"),
    brief=("milestone_id", "depends_on_id"),
    scope=within("milestones.milestone", "milestone_id", "You are a member of its project."),
    parent="milestone_id",
)

SUCCESS_METRICS = Resource(
    SuccessMetric,
    "milestones/metrics",
    write=("name", "type", "target", "actual", "unit", "higher_is_better", "status"),
    create_only=("milestone_id",),
    columns=("milestone_id", "name", "type", "target", "actual"),
    brief=("name", "status"),
    search=("name",),
    scope=within("milestones.milestone", "milestone_id", "You are a member of its project."),
    parent="milestone_id",
)

MILESTONE_APPROVALS = Resource(
    MilestoneApproval,
    "milestones/approvals",
    write=("approver_id", "type", "expires_at"),
    create_only=("milestone_id",),
    columns=("milestone_id", "approver_id", "type", "status", "conditions"),
    brief=("status",),
    scope=within("milestones.milestone", "milestone_id", "You are a member of its project."),
    parent="milestone_id",
)

MILESTONE_COMMUNICATIONS = Resource(
    MilestoneCommunication,
    "milestones/communications",
    write=("type", "subject", "message", "recipients"),
    create_only=("milestone_id",),
    columns=("milestone_id", "type", "subject", "recipients", "read_by"),
    brief=("subject",),
    search=("subject",),
    scope=within("milestones.milestone", "milestone_id", "You are a member of its project."),
    parent="milestone_id",
)

MODULE = Module(
    "milestones",
    "Milestones, and what decides whether they are reached.",
    depends=("identity", "projects", "tags"),
    resources=(
        MILESTONES,
        MILESTONE_CONDITIONS,
        DELIVERABLES,
        MILESTONE_DEPENDENCY,
        SUCCESS_METRICS,
        MILESTONE_APPROVALS,
        MILESTONE_COMMUNICATIONS,
    ),
    menu=Menu(
        "Milestones",
        "flag",
        ("milestones.milestone", "milestones.milestone_condition", "milestones.deliverable"),
        order=12,
    ),
    roles={
        "manager": ("milestones.*",),
        "lead": ("milestones.*",),
        **dict.fromkeys((*WORKING, *READING), ("milestones.*.read",)),
    },
)
