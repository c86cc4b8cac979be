"""The card of the room: its resources, and what its roles may do."""

from mainstay.facets.roles import READING, WORKING
from mainstay.kernel.module import Menu, Module, Resource
from mainstay.modules.checklists.entities import (
    Checklist,
    ChecklistItem,
    Step,
    StepTracker,
    TaskResult,
)
from mainstay.modules.projects.api import IN_TASKS, within

STEPS = Resource(
    Step,
    "checklists/steps",
    write=(
        "step_template_id",
        "name",
        "description",
        "sort_order",
        "assignee_id",
        "hours_planned",
    ),
    create_only=("task_id",),
    columns=("task_id", "step_template_id", "name", "sort_order", "assignee_id"),
    brief=("name",),
    search=("name", "description"),
    scope=IN_TASKS,
    parent="task_id",
)

STEP_TRACKERS = Resource(
    StepTracker,
    "checklists/trackers",
    write=("user_id", "started_at", "ended_at", "total_time"),
    create_only=("step_id",),
    columns=("step_id", "user_id", "started_at", "ended_at", "total_time"),
    brief=("step_id",),
    scope=within("checklists.step", "step_id", "You are a member of its project."),
    parent="step_id",
)

CHECKLISTS = Resource(
    Checklist,
    "checklists",
    write=("step_id", "name", "mode", "status", "sort_order"),
    create_only=("task_id",),
    columns=("task_id", "step_id", "name", "mode", "status"),
    brief=("name", "status"),
    search=("name",),
    scope=IN_TASKS,
    parent="task_id",
)

CHECKLIST_ITEMS = Resource(
    ChecklistItem,
    "checklists/items",
    write=(
        "template_id",
        "name",
        "acceptance_criteria",
        "item_type",
        "sort_order",
        "required",
        "status",
        "assignee_id",
        "due_date",
        "depends_on_id",
        "placement_id",
        "needs_validation",
    ),
    create_only=("checklist_id",),
    columns=(
        "checklist_id",
        "template_id",
        "name",
        "acceptance_criteria",
        "item_type",
    ),
    brief=("name", "status"),
    search=("name",),
    scope=within("checklists.checklist", "checklist_id", "You are a member of its project."),
    parent="checklist_id",
)

TASK_RESULTS = Resource(
    TaskResult,
    "checklists/results",
    write=(
        "user_id",
        "result_type",
        "result_id",
        "score",
        "max_score",
        "correct_answers",
        "total_questions",
        "passed",
        "performance_metrics",
        "note",
    ),
    create_only=("task_id",),
    columns=("task_id", "user_id", "result_type", "result_id", "score"),
    brief=("task_id",),
    scope=IN_TASKS,
    parent="task_id",
)

MODULE = Module(
    "checklists",
    "How a task is done: its steps with their clocks, its checklists, and what came of it.",
    depends=("identity", "projects", "reference"),
    resources=(STEPS, STEP_TRACKERS, CHECKLISTS, CHECKLIST_ITEMS, TASK_RESULTS),
    menu=Menu(
        "Checklists",
        "list-check",
        ("checklists.step", "checklists.step_tracker", "checklists.checklist"),
        order=18,
    ),
    roles={
        "manager": ("checklists.*",),
        "lead": ("checklists.*",),
        **dict.fromkeys((*WORKING, *READING), ("checklists.*.read",)),
    },
)
