"""The card of the room: its resources, and what its roles may do."""

from mainstay.facets.roles import READING, WORKING
from mainstay.kernel.module import Menu, Module, Resource
from mainstay.modules.projects.api import IN_PROJECTS, within
from mainstay.modules.recurring.entities import (
    Occurrence,
    TaskSeries,
)

TASK_SERIES = Resource(
    TaskSeries,
    "recurring/series",
    write=(
        "title",
        "description",
        "priority",
        "assignees",
        "estimated_hours",
        "story_points",
        "template_id",
        "mode",
        "rule",
        "days_after",
        "starts_on",
        "zone",
        "except_on",
        "lead_days",
        "is_active",
    ),
    create_only=("project_id",),
    columns=("project_id", "title", "priority", "assignees", "estimated_hours"),
    brief=("title",),
    search=("title", "description"),
    scope=IN_PROJECTS,
    parent="project_id",
)

OCCURRENCES = Resource(
    Occurrence,
    "recurring/occurrences",
    write=(),
    columns=("series_id", "on_day", "task_id", "skipped"),
    brief=("series_id", "on_day"),
    scope=within("recurring.task_series", "series_id", "You are a member of its project."),
    verbs=(),
    parent="series_id",
)

MODULE = Module(
    "recurring",
    "Tasks that come again by a rule.",
    depends=("identity", "projects", "templates"),
    resources=(TASK_SERIES, OCCURRENCES),
    menu=Menu(
        "Recurring tasks", "repeat", ("recurring.task_series", "recurring.occurrence"), order=24
    ),
    roles={
        "manager": ("recurring.*",),
        "lead": ("recurring.*",),
        **dict.fromkeys((*WORKING, *READING), ("recurring.*.read",)),
    },
)
