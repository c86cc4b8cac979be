"""The card of the room: its resources, and what its roles may do."""

from mainstay.facets.roles import READING, WORKING
from mainstay.kernel.module import Menu, Module, Resource
from mainstay.modules.charter.entities import (
    DocumentVersion,
    Goal,
    ProjectDocument,
    ProjectRisk,
    ProjectService,
)
from mainstay.modules.projects.api import IN_PROJECTS, within

GOALS = Resource(
    Goal,
    "projects/goals",
    write=("title", "description", "status", "support_employee_id", "due_date"),
    create_only=("project_id",),
    columns=("project_id", "title", "status", "support_employee_id", "due_date"),
    brief=("title", "status"),
    search=("title", "description"),
    scope=IN_PROJECTS,
    parent="project_id",
    wears=("comments", "files", "watchers"),
)

PROJECT_SERVICES = Resource(
    ProjectService,
    "projects/services",
    write=("service_name", "service_description"),
    create_only=("project_id",),
    columns=("project_id", "service_name", "service_description"),
    brief=("service_name",),
    search=("service_name",),
    scope=IN_PROJECTS,
    parent="project_id",
)

PROJECT_RISKS = Resource(
    ProjectRisk,
    "projects/risks",
    write=(
        "milestone_id",
        "title",
        "description",
        "type",
        "category",
        "probability",
        "impact",
        "status",
        "mitigation",
        "contingency",
        "owner_id",
        "review_on",
    ),
    create_only=("project_id",),
    columns=("project_id", "milestone_id", "title", "type", "category"),
    brief=("title", "status"),
    search=("title", "description"),
    scope=IN_PROJECTS,
    parent="project_id",
    wears=("comments", "files", "watchers"),
)

PROJECT_DOCUMENTS = Resource(
    ProjectDocument,
    "projects/documents",
    write=(
        "name",
        "description",
        "category",
        "status",
        "revision",
        "file_id",
        "file_url",
    ),
    create_only=("project_id",),
    columns=("project_id", "name", "category", "status", "revision"),
    brief=("name", "status"),
    search=("name", "description"),
    scope=IN_PROJECTS,
    parent="project_id",
    wears=("comments", "files", "watchers"),
)

DOCUMENT_VERSIONS = Resource(
    DocumentVersion,
    "projects/document_versions",
    write=("revision", "note", "status", "file_id", "file_url"),
    create_only=("document_id",),
    columns=("document_id", "revision", "note", "status", "file_id", "file_url"),
    brief=("status",),
    scope=within("charter.project_document", "document_id", "You are a member of its project."),
    parent="document_id",
)

MODULE = Module(
    "charter",
    "What a project sets out with: its goals, services, risks and documents.",
    depends=("identity", "projects", "files"),
    resources=(GOALS, PROJECT_SERVICES, PROJECT_RISKS, PROJECT_DOCUMENTS, DOCUMENT_VERSIONS),
    menu=Menu(
        "Charter",
        "target",
        ("charter.goal", "charter.project_service", "charter.project_risk"),
        order=14,
    ),
    roles={
        "manager": ("charter.*",),
        "lead": ("charter.*",),
        **dict.fromkeys((*WORKING, *READING), ("charter.*.read",)),
    },
)
