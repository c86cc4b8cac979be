"""The card of the room: its resources, its page, questions, and what its roles may do."""

from mainstay.facets.roles import READING, WORKING
from mainstay.kernel.module import (
    Flow,
    Menu,
    Module,
    Named,
    Offer,
    Panel,
    Related,
    Resource,
)
from mainstay.kernel.views import Board, Calendar, Chart, Pivot, Table, Timeline
from mainstay.modules.milestones import rules
from mainstay.modules.milestones.actions import (
    approvals,
    communications,
    conditions,
    deliverables,
    dependencies,
    metrics,
    milestones,
)
from mainstay.modules.milestones.demo import demo
from mainstay.modules.milestones.entities import (
    Deliverable,
    Milestone,
    MilestoneApproval,
    MilestoneCommunication,
    MilestoneCondition,
    MilestoneDependency,
    SuccessMetric,
)
from mainstay.modules.milestones.guard import guard
from mainstay.modules.milestones.offers import waiting
from mainstay.modules.milestones.questions import milestone_overview, milestones_overview
from mainstay.modules.milestones.views import milestone_panel
from mainstay.modules.projects.api import IN_PROJECTS, within

OPEN = ",".join(rules.OPEN)
IN_MILESTONES = within(
    "milestones.milestone", "milestone_id", "You are a member of its milestone's project."
)

MILESTONES = Resource(
    Milestone,
    "milestones/milestones",
    write=(
        "name",
        "due_date",
        "start_date",
        "description",
        "status",
        "priority",
        "milestone_type",
        "phase_id",
        "milestone_template_id",
        "owner_id",
        "stakeholders",
        "expected_hours",
        "estimated_hours",
        "actual_hours",
        "budget",
        "actual_cost",
        "acceptance_criteria",
        "review_notes",
        "lessons_learned",
        "color",
        "sort_order",
        "tags",
        "custom_fields",
    ),
    create_only=("project_id",),
    columns=("name", "status", "completion", "due_date", "owner_id", "project_id"),
    brief=("name", "status"),
    search=("name", "description"),
    sort="due_date",
    scope=IN_PROJECTS,
    actions=(
        milestones.start,
        milestones.submit_for_review,
        milestones.complete,
        milestones.hold,
        milestones.resume,
        milestones.cancel,
        milestones.reopen,
    ),
    create=milestones.create_milestone,
    update=milestones.update_milestone,
    delete=milestones.delete_milestone,
    derived=(
        "progress",
        "completion",
        "condition_count",
        "task_count",
        "done_count",
        "progress_units",
    ),
    after=milestones.settle_milestones,
    main=("description", "acceptance_criteria", "review_notes", "lessons_learned"),
    side=(
        "project_id",
        "phase_id",
        "status",
        "priority",
        "milestone_type",
        "owner_id",
        "stakeholders",
        "start_date",
        "due_date",
        "completed_date",
        "completed_by",
        "completion",
        "progress",
        "expected_hours",
        "estimated_hours",
        "actual_hours",
        "budget",
        "actual_cost",
        "tags",
    ),
    related=(
        Related(
            "projects.task",
            "milestone_id",
            "Tasks",
            ("code", "title", "status", "assignee_id", "due_date"),
        ),
        Related(
            "milestones.milestone_dependency",
            "milestone_id",
            "Waits for",
            ("depends_on_id", "type", "lag_days"),
        ),
        Related(
            "milestones.milestone_dependency",
            "depends_on_id",
            "Holds up",
            ("milestone_id", "type", "lag_days"),
        ),
        Related(
            "charter.project_risk",
            "milestone_id",
            "Risks",
            ("title", "score", "status", "owner_id"),
        ),
    ),
    panels=(
        Panel(
            "",
            "milestones/milestone.html",
            milestone_panel,
            live=(
                "milestones.milestone_condition",
                "milestones.milestone_approval",
                "milestones.deliverable",
                "milestones.success_metric",
                "milestones.milestone_communication",
                "projects.task",
            ),
        ),
    ),
    filters=(
        "project_id",
        "status",
        "due_date",
        "owner_id",
        "phase_id",
        "milestone_type",
        "priority",
        "stakeholders",
    ),
    icon="flag",
    title="Milestone",
    plural="Milestones",
    parent="project_id",
    views=(
        Table(),
        Board(
            by="status",
            order="sort_order",
            lanes=("project_id", "phase_id", "owner_id"),
            card=("priority", "due_date", "completion", "owner_id", "project_id"),
        ),
        Calendar(starts="due_date"),
        Timeline(
            starts="start_date",
            ends="due_date",
            links=("milestones.milestone_dependency", "depends_on_id", "milestone_id"),
            progress="completion",
            group="project_id",
        ),
        Chart(by="status", over="project_id"),
        Pivot(by="project_id", over="status"),
    ),
    wears=("comments", "files", "watchers"),
    named=(
        Named("open", "Open", f"status__in={OPEN}"),
        Named("overdue", "Overdue", f"due_date__lt=today&status__in={OPEN}"),
        Named("due_soon", "Due soon", f"due_date__gte=today&due_date__lt=+7d&status__in={OPEN}"),
        Named("mine", "Mine", "owner_id=me"),
    ),
    flow=Flow("status", rules.milestone_move),
)

CONDITIONS = Resource(
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
        "note",
        "sort_order",
    ),
    create_only=("milestone_id",),
    columns=("title", "status", "required", "weight", "assigned_to", "due_date", "milestone_id"),
    brief=("title", "status"),
    search=("title", "description"),
    sort="sort_order",
    scope=IN_MILESTONES,
    actions=(
        conditions.complete,
        conditions.start,
        conditions.submit,
        conditions.fail,
        conditions.waive,
        conditions.reopen,
    ),
    create=conditions.create_condition,
    update=conditions.update_condition,
    after=conditions.settle_conditions,
    main=("description", "verification_method", "evidence", "note"),
    side=(
        "milestone_id",
        "status",
        "type",
        "required",
        "weight",
        "assigned_to",
        "due_date",
        "completed_at",
        "completed_by",
    ),
    filters=("milestone_id", "status", "assigned_to", "due_date", "required", "type"),
    icon="checklist",
    title="Condition",
    plural="Conditions",
    parent="milestone_id",
    named=(
        Named("open", "Open", "status__in=" + ",".join(rules.UNMET)),
        Named("overdue", "Overdue", "due_date__lt=today&status__in=" + ",".join(rules.UNMET)),
        Named("mine", "Mine", "assigned_to=me"),
    ),
    flow=Flow("status", rules.condition_move),
)

DELIVERABLES = Resource(
    Deliverable,
    "milestones/deliverables",
    write=(
        "name",
        "description",
        "type",
        "status",
        "reviewer_id",
        "due_date",
        "file_path",
        "url",
        "revision",
        "criteria",
    ),
    create_only=("milestone_id",),
    columns=("name", "status", "review_status", "reviewer_id", "due_date", "milestone_id"),
    brief=("name", "status"),
    search=("name", "description"),
    scope=IN_MILESTONES,
    actions=(
        deliverables.submit_for_review,
        deliverables.approve,
        deliverables.request_revision,
        deliverables.reject,
        deliverables.deliver,
    ),
    create=deliverables.create_deliverable,
    update=deliverables.update_deliverable,
    after=deliverables.settle_deliverables,
    main=("description", "criteria", "review_note"),
    side=(
        "milestone_id",
        "status",
        "review_status",
        "type",
        "reviewer_id",
        "due_date",
        "revision",
        "url",
        "file_path",
    ),
    filters=("milestone_id", "status", "review_status", "reviewer_id", "due_date", "type"),
    icon="package",
    title="Deliverable",
    plural="Deliverables",
    parent="milestone_id",
    wears=("comments", "files", "watchers"),
    named=(Named("for_me", "Waiting for my review", "reviewer_id=me&review_status=under_review"),),
)

DEPENDENCIES = Resource(
    MilestoneDependency,
    "milestones/dependencies",
    write=("type", "lag_days"),
    create_only=("milestone_id", "depends_on_id"),
    columns=("depends_on_id", "type", "lag_days", "milestone_id"),
    brief=("depends_on_id", "milestone_id"),
    sort="id",
    scope=IN_MILESTONES,
    create=dependencies.create_dependency,
    after=dependencies.settle_dependencies,
    filters=("milestone_id", "depends_on_id", "type"),
    icon="arrow-guide",
    title="Milestone dependency",
    plural="Milestone dependencies",
    parent="milestone_id",
)

METRICS = Resource(
    SuccessMetric,
    "milestones/metrics",
    write=("name", "type", "target", "actual", "unit", "higher_is_better"),
    create_only=("milestone_id",),
    columns=("name", "target", "actual", "unit", "status", "milestone_id"),
    brief=("name", "status"),
    search=("name",),
    sort="id",
    scope=IN_MILESTONES,
    actions=(metrics.measure, metrics.begin_measuring),
    create=metrics.create_metric,
    update=metrics.update_metric,
    after=metrics.settle_metrics,
    side=(
        "milestone_id",
        "status",
        "type",
        "target",
        "actual",
        "unit",
        "higher_is_better",
        "measured_at",
    ),
    filters=("milestone_id", "status", "type"),
    icon="target",
    title="Success metric",
    plural="Success metrics",
    parent="milestone_id",
)

APPROVALS = Resource(
    MilestoneApproval,
    "milestones/approvals",
    write=("approver_id", "type", "expires_at"),
    create_only=("milestone_id",),
    columns=("milestone_id", "approver_id", "type", "status", "expires_at", "answered_at"),
    brief=("type", "status"),
    sort="-id",
    scope=IN_MILESTONES,
    actions=(approvals.approve, approvals.reject, approvals.request_again),
    create=approvals.create_approval,
    update=approvals.update_approval,
    after=approvals.settle_approvals,
    main=("conditions", "comment"),
    side=("milestone_id", "status", "type", "approver_id", "expires_at", "answered_at"),
    filters=("milestone_id", "status", "approver_id", "type", "expires_at"),
    icon="user-check",
    title="Approval",
    plural="Approvals",
    parent="milestone_id",
    named=(
        Named("for_me", "Waiting for me", "approver_id=me&status=pending"),
        Named("open", "Not given", "status__in=" + ",".join(rules.UNANSWERED)),
    ),
)

COMMUNICATIONS = Resource(
    MilestoneCommunication,
    "milestones/communications",
    write=("type", "subject", "message", "recipients"),
    create_only=("milestone_id",),
    columns=("subject", "type", "milestone_id", "recipients", "created_by", "created_at"),
    brief=("subject", "type"),
    search=("subject", "message"),
    sort="-id",
    scope=IN_MILESTONES,
    actions=(communications.mark_read,),
    create=communications.create_communication,
    after=communications.settle_communications,
    main=("message",),
    side=("milestone_id", "type", "recipients", "read_by"),
    filters=("milestone_id", "type", "recipients"),
    icon="speakerphone",
    title="Message",
    plural="Messages",
    parent="milestone_id",
    named=(Named("for_me", "Sent to me", "recipients=me"),),
)

# What somebody may do in a project follows from their part in it: leads plan its milestones.
# Anybody may be asked: to answer, to review, to say that they have read it. Who was asked is
# checked each time, and nobody else gets through.
ASKED = (
    "milestones.*.read",
    "milestones.milestone_approval.answer",
    "milestones.deliverable.review",
    "milestones.milestone_communication.mark_read",
)
WORK = (
    *ASKED,
    *(
        f"milestones.{noun}.{verb}"
        for noun in (
            "milestone",
            "milestone_condition",
            "deliverable",
            "success_metric",
            "milestone_approval",
            "milestone_communication",
            "milestone_dependency",
        )
        for verb in ("create", "update", "delete", "restore")
    ),
)
RESOURCES = (
    MILESTONES,
    CONDITIONS,
    DELIVERABLES,
    DEPENDENCIES,
    METRICS,
    APPROVALS,
    COMMUNICATIONS,
)
# Every verb by its name: a star would let leads see the milestones of projects they are not in.
LEAD = (
    *WORK,
    *(
        f"milestones.{resource.name}.{verb.grant}"
        for resource in RESOURCES
        for verb in resource.actions
    ),
)

MODULE = Module(
    "milestones",
    "Milestones, and what decides whether they are reached.",
    depends=("identity", "projects", "tags"),
    resources=RESOURCES,
    questions=(milestone_overview, milestones_overview),
    menu=Menu(
        "Planning",
        "timeline",
        ("milestones.milestone_approval",),
        order=12,
    ),
    roles={
        "manager": ("milestones.*",),
        "lead": LEAD,
        **dict.fromkeys(WORKING, WORK),
        **dict.fromkeys(READING, ASKED),
    },
    jobs={approvals.EXPIRE: approvals.expire},
    every={approvals.EXPIRE: 900},
    guard=guard,
    offers=(Offer("milestones_waiting", "Waiting for me", waiting, order=30),),
    demo=demo,
)
