"""The card of the room: its resource, the inbox, and what its roles may do."""

from mainstay.facets.roles import WORKING
from mainstay.kernel.module import Menu, Module, Named, Page, Panel, Resource
from mainstay.kernel.views import Board, Calendar, Table
from mainstay.modules.requests import actions
from mainstay.modules.requests.demo import demo
from mainstay.modules.requests.entities import TaskRequest
from mainstay.modules.requests.questions import request_inbox
from mainstay.modules.requests.scopes import OWN_REQUESTS
from mainstay.modules.requests.views import inbox_page, origin_panel

REQUESTS = Resource(
    TaskRequest,
    "requests/requests",
    write=(
        "title",
        "description",
        "template_id",
        "priority",
        "due_date",
        "assignees",
        "professions",
        "entity_id",
    ),
    create_only=("project_id", "approval_required"),
    columns=("title", "project_id", "status", "priority", "due_date", "created_by", "created_at"),
    brief=("title", "status"),
    search=("title", "description"),
    scope=OWN_REQUESTS,
    actions=(actions.approve, actions.reject, actions.withdraw, actions.reopen),
    create=actions.create_request,
    update=actions.update_request,
    after=actions.settle_requests,
    main=("description", "reason"),
    side=(
        "project_id",
        "status",
        "priority",
        "due_date",
        "assignees",
        "professions",
        "template_id",
        "entity_id",
        "approval_required",
        "task_id",
        "decided_by",
        "decided_at",
    ),
    filters=("project_id", "status", "priority", "created_by", "due_date"),
    icon="inbox",
    title="Request",
    parent="project_id",
    views=(
        Table(),
        Board(by="status", card=("project_id", "priority", "due_date")),
        Calendar(starts="due_date", ends="due_date"),
    ),
    wears=("comments", "files", "watchers"),
    named=(
        Named("pending", "Waiting", "status=pending"),
        Named("mine", "Mine", "created_by=me"),
    ),
)

READ = ("requests.*.read",)
ASK = (
    *READ,
    *(f"requests.task_request.{verb}" for verb in ("create", "update", "delete", "restore")),
)
WORK = (*ASK, "requests.task_request.approve")

MODULE = Module(
    "requests",
    "Requests for tasks, and the decisions about them.",
    depends=("identity", "reference", "projects", "milestones", "checklists", "templates"),
    resources=(REQUESTS,),
    questions=(request_inbox,),
    pages=(
        Page(
            "/request-inbox",
            "Request inbox",
            "inbox",
            "requests/inbox.html",
            inbox_page,
            grant="requests.task_request.read",
        ),
    ),
    panels={
        "projects.task": (
            Panel(
                "Asked for by",
                "requests/origin.html",
                origin_panel,
                place="side",
                live=("requests.task_request",),
                grant="requests.task_request.read",
            ),
        )
    },
    menu=Menu("Planning", "timeline", ("/request-inbox",), order=19),
    roles={
        "manager": ("requests.*",),
        "lead": WORK,
        **dict.fromkeys(WORKING, WORK),
        "client": ASK,
        "viewer": READ,
    },
    demo=demo,
)
