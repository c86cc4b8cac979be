"""The card of the room: its resources, pages, questions and what its roles may do."""

from mainstay.facets.roles import READING, WORKING
from mainstay.kernel.module import Flow, Menu, Module, Named, Offer, Page, Panel, Related, Resource
from mainstay.kernel.views import Board, Calendar, Chart, Pivot, Table
from mainstay.modules.charter import rules
from mainstay.modules.charter.actions import access, documents, goals, risks, services
from mainstay.modules.charter.demo import demo
from mainstay.modules.charter.entities import (
    DocumentVersion,
    Goal,
    ProjectDocument,
    ProjectRisk,
    ServiceProvided,
)
from mainstay.modules.charter.questions import goal_progress, risk_matrix, service_statistics
from mainstay.modules.charter.scopes import WITH_DOCUMENT
from mainstay.modules.charter.views import (
    goal_panel,
    matrix_page,
    reports,
    risks_panel,
    services_page,
    versions_panel,
)
from mainstay.modules.projects.api import IN_PROJECTS

GOALS = Resource(
    Goal,
    "projects/goals",
    write=("title", "description", "status", "support_employee_id", "due_date"),
    create_only=("project_id",),
    columns=(
        "title",
        "status",
        "progress",
        "task_count",
        "done_count",
        "due_date",
        "support_employee_id",
        "project_id",
    ),
    brief=("title", "status"),
    search=("title", "description"),
    scope=IN_PROJECTS,
    actions=(goals.start, goals.complete, goals.hold, goals.cancel, goals.reopen),
    update=goals.update_goal,
    delete=goals.delete_goal,
    after=goals.settle_goals,
    main=("description",),
    side=("project_id", "status", "due_date", "support_employee_id"),
    related=(
        Related(
            "projects.task",
            "goal_id",
            "Tasks",
            ("code", "title", "status", "priority", "assignee_id", "due_date"),
        ),
    ),
    panels=(Panel("Progress", "charter/goal.html", goal_panel, live=("projects.task",)),),
    filters=("project_id", "status", "support_employee_id", "due_date"),
    icon="target",
    parent="project_id",
    views=(
        Table(),
        Board(by="status", lanes=("project_id",), card=("due_date", "progress", "project_id")),
        Calendar(starts="due_date"),
        Chart(by="status"),
    ),
    wears=("comments", "files", "watchers"),
    named=(
        Named("open", "Open", "status__in=planning,active,review,on_hold"),
        Named("overdue", "Overdue", "due_date__lt=today&status__in=planning,active,review,on_hold"),
        Named("mine", "I support", "support_employee_id=me"),
    ),
    flow=Flow("status", goals.goal_move),
    derived=("task_count", "done_count", "progress"),
)

SERVICES = Resource(
    ServiceProvided,
    "projects/services",
    write=("service_name", "service_description"),
    create_only=("project_id",),
    columns=("service_name", "service_description", "project_id"),
    brief=("service_name",),
    search=("service_name", "service_description"),
    sort="service_name",
    scope=IN_PROJECTS,
    create=services.create_service,
    update=services.update_service,
    after=access.settle,
    main=("service_description",),
    side=("project_id",),
    filters=("project_id", "service_name"),
    icon="headset",
    title="Service",
    parent="project_id",
    views=(Table(),),
)

RISKS = Resource(
    ProjectRisk,
    "projects/risks",
    write=(
        "title",
        "description",
        "probability",
        "impact",
        "type",
        "category",
        "owner_id",
        "milestone_id",
        "review_on",
        "status",
        "mitigation",
        "contingency",
    ),
    create_only=("project_id",),
    columns=(
        "title",
        "status",
        "probability",
        "impact",
        "score",
        "owner_id",
        "review_on",
        "project_id",
    ),
    brief=("title", "status"),
    search=("title", "description", "mitigation"),
    sort="-score",
    scope=IN_PROJECTS,
    actions=(risks.mitigate, risks.monitor, risks.close, risks.occurred, risks.reopen),
    create=risks.create_risk,
    update=risks.update_risk,
    after=risks.settle_risks,
    main=("description", "mitigation", "contingency"),
    side=(
        "project_id",
        "status",
        "probability",
        "impact",
        "score",
        "type",
        "category",
        "milestone_id",
        "owner_id",
        "review_on",
        "closed_on",
    ),
    filters=(
        "project_id",
        "status",
        "probability",
        "impact",
        "score",
        "type",
        "owner_id",
        "milestone_id",
        "review_on",
    ),
    icon="alert-triangle",
    title="Risk",
    parent="project_id",
    views=(
        Table(),
        Board(
            by="status",
            lanes=("project_id", "type"),
            card=("probability", "impact", "score", "owner_id"),
        ),
        Chart(by="type", over="status"),
        Pivot(by="probability", over="impact"),
    ),
    wears=("comments", "files", "watchers"),
    named=(
        Named("open", "Open", f"status__in={','.join(rules.LIVE_RISKS)}"),
        Named("mine", "Mine", "owner_id=me"),
        Named(
            "review", "To review", f"review_on__lte=today&status__in={','.join(rules.LIVE_RISKS)}"
        ),
    ),
    flow=Flow("status", rules.risk_move),
)

DOCUMENTS = Resource(
    ProjectDocument,
    "projects/documents",
    write=(
        "name",
        "description",
        "category",
        "status",
        "revision",
        "version_note",
        "file_id",
        "file_url",
    ),
    create_only=("project_id",),
    columns=("name", "category", "status", "revision", "revised_at", "project_id"),
    brief=("name", "status"),
    search=("name", "description"),
    sort="name",
    scope=IN_PROJECTS,
    actions=(documents.new_version,),
    create=documents.create_document,
    update=documents.update_document,
    after=documents.settle_documents,
    main=("description",),
    side=("project_id", "category", "status", "revision"),
    asks=("name", "category", "description", "file_url"),
    panels=(
        Panel(
            "Versions",
            "charter/versions.html",
            versions_panel,
            live=("charter.document_version", "files.file"),
        ),
    ),
    filters=("project_id", "category", "status", "revised_at"),
    icon="file-text",
    title="Document",
    parent="project_id",
    views=(Table(), Board(by="status", card=("category", "revision", "project_id"))),
    wears=("comments", "files", "watchers"),
    named=(
        Named("current", "In use", "status__in=draft,active"),
        Named("past", "Archived", "status__in=archived,superseded"),
    ),
)

VERSIONS = Resource(
    DocumentVersion,
    "projects/document_versions",
    columns=("document_id", "revision", "version_note", "revised_at", "revised_by", "status"),
    brief=("document_id", "revision"),
    verbs=(),
    sort="-id",
    scope=WITH_DOCUMENT,
    after=documents.settle_versions,
    main=("version_note",),
    side=("document_id", "revision", "status", "file_id", "file_url", "revised_at", "revised_by"),
    filters=("document_id",),
    icon="versions",
    title="Earlier version",
    parent="document_id",
    views=(Table(),),
)

WORK = (
    "charter.*.read",
    # Taking a new version back takes back what it kept.
    "charter.document_version.update",
    "charter.document_version.delete",
    *(
        f"charter.{noun}.{verb}"
        for noun in ("goal", "service_provided", "project_risk", "project_document")
        for verb in ("create", "update", "delete", "restore")
    ),
)

MODULE = Module(
    "charter",
    "What a project sets out with: its goals, services, risks and documents.",
    depends=("identity", "projects", "files"),
    resources=(GOALS, SERVICES, RISKS, DOCUMENTS, VERSIONS),
    questions=(goal_progress, service_statistics, risk_matrix),
    pages=(
        Page(
            "/projects/risks/matrix",
            "Risk matrix",
            "grid-dots",
            "charter/matrix.html",
            matrix_page,
            grant="charter.project_risk.read",
        ),
        Page(
            "/projects/services/use",
            "Use of services",
            "chart-bar",
            "charter/services.html",
            services_page,
            grant="charter.service_provided.read",
        ),
    ),
    # Its lists stand in the menu of the projects that they belong to.
    menu=Menu("Projects", "folder", (), order=11),
    panels={
        "projects.project": (
            Panel(
                "Risk matrix",
                "charter/risks.html",
                risks_panel,
                live=("charter.project_risk",),
                grant="charter.project_risk.read",
            ),
        )
    },
    guard=goals.recount,
    offers=(Offer("project_reports", "Reports of projects", reports, order=40),),
    roles={
        "manager": ("charter.*",),
        **dict.fromkeys(("lead", *WORKING), WORK),
        **dict.fromkeys(READING, ("charter.*.read",)),
    },
    demo=demo,
)
