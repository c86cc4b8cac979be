"""The card of the room: its resources, and what its roles may do."""

from mainstay.facets.roles import READING, WORKING
from mainstay.kernel.module import Menu, Module, Resource
from mainstay.modules.planning.entities import (
    Baseline,
    BaselineTask,
    Holiday,
    WorkCalendar,
)
from mainstay.modules.projects.api import IN_PROJECTS, within

WORK_CALENDARS = Resource(
    WorkCalendar,
    "planning/calendars",
    write=(
        "name",
        "description",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "country",
        "subdivision",
        "is_default",
    ),
    columns=("name", "monday", "tuesday", "wednesday", "thursday", "friday"),
    brief=("name",),
    search=("name", "description"),
)

HOLIDAY = Resource(
    Holiday,
    "planning/holidays",
    write=("calendar_id", "name", "date", "end_date", "type", "half_day", "people"),
    columns=("calendar_id", "name", "date", "end_date", "type"),
    brief=("name",),
    search=("name",),
)

BASELINES = Resource(
    Baseline,
    "planning/baselines",
    write=("name", "note"),
    create_only=("project_id",),
    columns=("project_id", "name", "note", "taken_at", "taken_by"),
    brief=("name",),
    search=("name",),
    scope=IN_PROJECTS,
    parent="project_id",
)

BASELINE_TASKS = Resource(
    BaselineTask,
    "planning/baseline_tasks",
    write=(),
    columns=("baseline_id", "task_id", "start_date", "due_date", "estimated_hours", "progress"),
    brief=("baseline_id", "task_id"),
    scope=within("planning.baseline", "baseline_id", "You are a member of its project."),
    verbs=(),
    parent="baseline_id",
    logged=False,
)

MODULE = Module(
    "planning",
    "When work can be done: calendars, schedules, baselines and forecasts.",
    depends=("identity", "projects", "milestones"),
    resources=(WORK_CALENDARS, HOLIDAY, BASELINES, BASELINE_TASKS),
    menu=Menu(
        "Planning",
        "timeline",
        ("planning.work_calendar", "planning.holiday", "planning.baseline"),
        order=16,
    ),
    roles={
        "manager": ("planning.*",),
        "lead": ("planning.*",),
        **dict.fromkeys((*WORKING, *READING), ("planning.*.read",)),
    },
)
