"""The card of the room: its resources, and what its roles may do."""

from mainstay.facets.roles import READING, WORKING
from mainstay.kernel.module import Menu, Module, Resource
from mainstay.modules.templates.entities import (
    ChecklistItem,
    MilestoneTemplate,
    MilestoneTemplateTask,
    ProjectTemplate,
    ProjectTemplateMilestone,
    ProjectTemplateTask,
    StepTemplate,
    StepTemplateItem,
    TaskTemplate,
    TaskTemplateDependency,
    TaskTemplateParent,
    TaskTemplateStep,
)

PROJECT_TEMPLATES = Resource(
    ProjectTemplate,
    "templates/projects",
    write=("name", "description", "hours", "kind", "entity_id", "category_id", "is_draft"),
    columns=("name", "hours", "kind", "entity_id", "category_id", "is_draft"),
    brief=("name",),
    search=("name", "description"),
)

MILESTONE_TEMPLATES = Resource(
    MilestoneTemplate,
    "templates/milestones",
    write=("name", "description", "entity_id", "offset_days", "days", "is_draft"),
    columns=("name", "entity_id", "offset_days", "days", "is_draft"),
    brief=("name",),
    search=("name", "description"),
)

TASK_TEMPLATES = Resource(
    TaskTemplate,
    "templates/tasks",
    write=(
        "name",
        "template_type",
        "action_id",
        "object_id",
        "description",
        "cost",
        "frequency_id",
        "task_quantity",
        "expected_hours",
        "duration_days",
        "offset_days",
        "priority",
        "story_points",
        "professions",
        "entity_id",
        "is_draft",
    ),
    columns=("name", "template_type", "action_id", "object_id", "cost", "frequency_id"),
    brief=("name",),
    search=("name", "description"),
)

STEP_TEMPLATES = Resource(
    StepTemplate,
    "templates/steps",
    write=(
        "name",
        "description",
        "action_id",
        "object_id",
        "tool_id",
        "entity_id",
        "hours_planned",
        "process_definition",
        "is_draft",
    ),
    columns=("name", "action_id", "object_id", "tool_id", "entity_id", "hours_planned"),
    brief=("name",),
    search=("name", "description"),
)

CHECKLIST_ITEMS = Resource(
    ChecklistItem,
    "templates/checklist_items",
    write=("name", "action_id", "object_id", "tool_id", "placement_id", "entity_id", "is_draft"),
    columns=("name", "action_id", "object_id", "tool_id", "placement_id", "entity_id"),
    brief=("name",),
    search=("name",),
)

PROJECT_TEMPLATE_MILESTONES = Resource(
    ProjectTemplateMilestone,
    "templates/project_milestones",
    write=("project_template_id", "milestone_template_id", "sort_order"),
    columns=("project_template_id", "milestone_template_id", "sort_order"),
    brief=("project_template_id", "milestone_template_id"),
)

MILESTONE_TEMPLATE_TASKS = Resource(
    MilestoneTemplateTask,
    "templates/milestone_tasks",
    write=("milestone_template_id", "task_template_id", "task_template_queue"),
    columns=("milestone_template_id", "task_template_id", "task_template_queue"),
    brief=("milestone_template_id", "task_template_id"),
)

PROJECT_TEMPLATE_TASKS = Resource(
    ProjectTemplateTask,
    "templates/project_tasks",
    write=("project_template_id", "task_template_id", "task_template_queue"),
    columns=("project_template_id", "task_template_id", "task_template_queue"),
    brief=("project_template_id", "task_template_id"),
)

TASK_TEMPLATE_STEPS = Resource(
    TaskTemplateStep,
    "templates/task_steps",
    write=("task_template_id", "step_template_id", "sort_order"),
    columns=("task_template_id", "step_template_id", "sort_order"),
    brief=("task_template_id", "step_template_id"),
)

STEP_TEMPLATE_ITEMS = Resource(
    StepTemplateItem,
    "templates/step_items",
    write=("step_template_id", "checklist_item_id", "sort_order", "is_correct"),
    columns=("step_template_id", "checklist_item_id", "sort_order", "is_correct"),
    brief=("step_template_id", "checklist_item_id"),
)

TASK_TEMPLATE_PARENTS = Resource(
    TaskTemplateParent,
    "templates/task_parents",
    write=("task_template_id", "parent_task_template_id"),
    columns=("task_template_id", "parent_task_template_id"),
    brief=("task_template_id", "parent_task_template_id"),
)

TASK_TEMPLATE_DEPENDENCY = Resource(
    TaskTemplateDependency,
    "templates/task_dependencies",
    write=("task_template_id", "depends_on_id", "type", "lag_days"),
    columns=("task_template_id", "depends_on_id", "type", "lag_days"),
    brief=("task_template_id", "depends_on_id"),
)

MODULE = Module(
    "templates",
    "Work to be done again: templates of projects, milestones, tasks, steps and checklist items.",
    depends=("identity", "reference", "projects", "milestones", "checklists"),
    resources=(
        PROJECT_TEMPLATES,
        MILESTONE_TEMPLATES,
        TASK_TEMPLATES,
        STEP_TEMPLATES,
        CHECKLIST_ITEMS,
        PROJECT_TEMPLATE_MILESTONES,
        MILESTONE_TEMPLATE_TASKS,
        PROJECT_TEMPLATE_TASKS,
        TASK_TEMPLATE_STEPS,
        STEP_TEMPLATE_ITEMS,
        TASK_TEMPLATE_PARENTS,
        TASK_TEMPLATE_DEPENDENCY,
    ),
    menu=Menu(
        "Templates",
        "template",
        ("templates.project_template", "templates.milestone_template", "templates.task_template"),
        order=20,
    ),
    roles={
        "manager": ("templates.*",),
        "lead": ("templates.*",),
        **dict.fromkeys((*WORKING, *READING), ("templates.*.read",)),
    },
)
