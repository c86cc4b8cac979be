"""The card of the room: its resources, and what its roles may do."""

from mainstay.facets.roles import LEADING, READING, WORKING
from mainstay.kernel.module import Menu, Module, Named, Related, Resource
from mainstay.modules.reference.actions import delete_word
from mainstay.modules.reference.entities import Frequency, Placement, Term, Tool
from mainstay.modules.reference.seed import seed

TERMS = Resource(
    Term,
    "reference/terms",
    write=("kind", "name", "description"),
    columns=("name", "kind", "description"),
    brief=("name", "kind"),
    search=("name", "description"),
    sort="name",
    delete=delete_word,
    main=("description",),
    side=("kind",),
    related=(
        Related("templates.task_template", "action_id", "Task templates that do it", ("name",)),
        Related("templates.task_template", "object_id", "Task templates about it", ("name",)),
    ),
    filters=("kind",),
    named=(
        Named("actions", "Actions", "kind=action"),
        Named("objects", "Objects", "kind=object"),
    ),
    icon="book-2",
)

TOOLS = Resource(
    Tool,
    "reference/tools",
    write=("name", "link", "description", "icon"),
    columns=("name", "link", "description"),
    brief=("name",),
    search=("name", "description"),
    sort="name",
    delete=delete_word,
    main=("description",),
    side=("link", "icon"),
    related=(
        Related("reference.placement", "tool_id", "Placements", ("name", "type", "link")),
        Related("templates.step_template", "tool_id", "Step templates", ("name", "hours_planned")),
    ),
    icon="tool",
)

PLACEMENTS = Resource(
    Placement,
    "reference/placements",
    write=("name", "tool_id", "link", "type"),
    columns=("name", "type", "tool_id", "link"),
    brief=("name",),
    search=("name", "type"),
    sort="name",
    delete=delete_word,
    side=("type", "tool_id", "link"),
    filters=("tool_id",),
    icon="map-pin",
)

FREQUENCIES = Resource(
    Frequency,
    "reference/frequencies",
    write=("name", "days_num", "is_active"),
    columns=("name", "days_num", "is_active"),
    brief=("name", "days_num"),
    search=("name",),
    sort="days_num",
    delete=delete_word,
    side=("days_num", "is_active"),
    filters=("is_active",),
    icon="repeat",
    title="Frequency",
    plural="Frequencies",
)

MODULE = Module(
    "reference",
    "The words a company plans with: terms, tools, placements and frequencies.",
    depends=("identity",),
    resources=(TERMS, TOOLS, PLACEMENTS, FREQUENCIES),
    menu=Menu(
        "Set-up",
        "adjustments",
        (
            "planning.work_calendar",
            "planning.holiday",
            "projects.project_category",
            "reference.term",
            "reference.tool",
            "reference.placement",
            "reference.frequency",
        ),
        order=90,
        folded=True,
    ),
    roles={
        **dict.fromkeys(LEADING, ("reference.*",)),
        **dict.fromkeys((*WORKING, *READING), ("reference.*.read",)),
    },
    seed=seed,
)
