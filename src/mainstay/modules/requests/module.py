"""The card of the room: its resources, and what its roles may do."""

from mainstay.facets.roles import READING, WORKING
from mainstay.kernel.module import Menu, Module, Resource
from mainstay.modules.projects.api import IN_PROJECTS
from mainstay.modules.requests.entities import (
    TaskRequest,
)

TASK_REQUESTS = Resource(
    TaskRequest,
    "requests",
    write=(
        "title",
        "description",
        "project_id",
        "template_id",
        "priority",
        "due_date",
        "entity_id",
        "assignees",
        "professions",
        "approval_required",
    ),
    columns=("title", "project_id", "template_id", "priority", "due_date"),
    brief=("title", "status"),
    search=("title", "description"),
    scope=IN_PROJECTS,
    parent="project_id",
    wears=("comments", "files", "watchers"),
)

MODULE = Module(
    "requests",
    "Requests for tasks, and the decisions about them.",
    depends=("identity", "reference", "projects", "templates"),
    resources=(TASK_REQUESTS,),
    menu=Menu("Requests", "inbox", ("requests.task_request",), order=22),
    roles={
        "manager": ("requests.*",),
        "lead": ("requests.*",),
        **dict.fromkeys((*WORKING, *READING), ("requests.*.read",)),
    },
)
