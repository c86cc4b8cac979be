"""Templates of four levels: project, milestone, task, step, and the items that are checked."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Dec, Flag, Json, Links, Ref, Text, Whole
from mainstay.modules.projects.kinds import (
    Hours,
    Lag,
    LinkType,
    Order,
    Points,
    Priority,
    UnitId,
)

Name = Annotated[str, Text(100, least=1)]
Said = Annotated[str, Text(10_000, lines=True)]
Draft = Annotated[bool, Flag(label="Draft", help="Drafts need only a name and cannot be used yet.")]
ActionId = Annotated[
    int, Ref(target="reference.term", label="Action", help="The verb of its name.")
]
ObjectId = Annotated[
    int, Ref(target="reference.term", label="Object", help="The plural noun of its name.")
]
ToolId = Annotated[int, Ref(target="reference.tool", label="Tool", help="What it is done with.")]
PlacementId = Annotated[int, Ref(target="reference.placement", label="Placement")]
FrequencyId = Annotated[int, Ref(target="reference.frequency", label="Frequency")]
Days = Annotated[int, Whole(most=10_000, help="In working days.")]
Offset = Annotated[
    int, Whole(most=10_000, help="Working days from the project's start to its beginning.")
]


class ProjectTemplate(Entity, kw_only=True):
    """A project to be made again and again, with its milestones and tasks."""

    name: Name
    description: Said = ""
    hours: Hours = Decimal(0)
    kind: Annotated[Literal["project", "course"], Choice()] = "project"
    entity_id: UnitId | None = None
    category_id: Annotated[int, Ref(target="projects.project_category")] | None = None
    is_draft: Draft = False


class MilestoneTemplate(Entity, kw_only=True):
    """A milestone to be made again, with its tasks in their order."""

    name: Name
    description: Said = ""
    entity_id: UnitId | None = None
    offset_days: Offset = 0
    days: Days = 14
    is_draft: Draft = False


class TaskTemplate(Entity, kw_only=True):
    """A task to be made again, with its steps, parents and the professions it asks for."""

    name: Name
    template_type: (
        Annotated[
            Literal[
                "task", "exam", "lesson", "story", "bug", "feature", "improvement", "spike", "epic"
            ],
            Choice(label="Type", help="What kind of task it makes."),
        ]
        | None
    ) = None
    action_id: ActionId | None = None
    object_id: ObjectId | None = None
    description: Said = ""
    cost: Annotated[Decimal, Dec(15, 2)] = Decimal(0)
    frequency_id: FrequencyId | None = None
    task_quantity: Annotated[int, Whole(most=1000, help="How many such tasks; 0 for one.")] = 0
    expected_hours: Hours = Decimal(0)
    duration_days: Days | None = None
    offset_days: Annotated[
        int, Whole(most=10_000, help="Working days from its milestone's beginning.")
    ] = 0
    priority: Priority = "medium"
    story_points: Points | None = None
    professions: Annotated[
        list[int], Links(target="reference.profession", help="Who can do it.")
    ] = []
    entity_id: UnitId | None = None
    is_draft: Draft = False


class StepTemplate(Entity, kw_only=True):
    """A step to be made again, with the items that are checked in it."""

    name: Name
    description: Said = ""
    action_id: ActionId | None = None
    object_id: ObjectId | None = None
    tool_id: ToolId | None = None
    entity_id: UnitId | None = None
    hours_planned: Hours = Decimal(0)
    process_definition: Annotated[
        dict[str, Any], Json(help="How it is done, as the tool understands it.")
    ] = {}
    is_draft: Draft = False


class ChecklistItem(Entity, kw_only=True):
    """An item to be checked again and again."""

    name: Name
    action_id: ActionId | None = None
    object_id: ObjectId | None = None
    tool_id: ToolId | None = None
    placement_id: PlacementId | None = None
    entity_id: UnitId | None = None
    is_draft: Draft = False


ProjectTemplateId = Annotated[
    int, Ref(target="templates.project_template", cascade=True, label="Project template")
]
MilestoneTemplateId = Annotated[
    int, Ref(target="templates.milestone_template", cascade=True, label="Milestone template")
]
TaskTemplateId = Annotated[
    int, Ref(target="templates.task_template", cascade=True, label="Task template")
]
StepTemplateId = Annotated[
    int, Ref(target="templates.step_template", cascade=True, label="Step template")
]
ItemId = Annotated[
    int, Ref(target="templates.checklist_item", cascade=True, label="Checklist item")
]


class ProjectTemplateMilestone(Entity, kw_only=True):
    """That a project template has a milestone, at its place."""

    __unique__: ClassVar = (("project_template_id", "milestone_template_id"),)

    project_template_id: ProjectTemplateId
    milestone_template_id: MilestoneTemplateId
    sort_order: Order = 0.0


class MilestoneTemplateTask(Entity, kw_only=True):
    """That a milestone template has a task, at its place in the queue."""

    __unique__: ClassVar = (("milestone_template_id", "task_template_id"),)

    milestone_template_id: MilestoneTemplateId
    task_template_id: TaskTemplateId
    task_template_queue: Order = 0.0


class ProjectTemplateTask(Entity, kw_only=True):
    """That a project template has a task of no milestone."""

    __unique__: ClassVar = (("project_template_id", "task_template_id"),)

    project_template_id: ProjectTemplateId
    task_template_id: TaskTemplateId
    task_template_queue: Order = 0.0


class TaskTemplateStep(Entity, kw_only=True):
    """That a task template has a step, at its place."""

    __unique__: ClassVar = (("task_template_id", "step_template_id"),)

    task_template_id: TaskTemplateId
    step_template_id: StepTemplateId
    sort_order: Order = 0.0


class StepTemplateItem(Entity, kw_only=True):
    """That a step template checks an item; in exams, whether it is a right answer."""

    __unique__: ClassVar = (("step_template_id", "checklist_item_id"),)

    step_template_id: StepTemplateId
    checklist_item_id: ItemId
    sort_order: Order = 0.0
    is_correct: bool = False


class TaskTemplateParent(Entity, kw_only=True):
    """That a task made from one template becomes a part of the task made from another."""

    __unique__: ClassVar = (("task_template_id", "parent_task_template_id"),)

    task_template_id: TaskTemplateId
    parent_task_template_id: Annotated[
        int, Ref(target="templates.task_template", cascade=True, label="Parent")
    ]


class TaskTemplateDependency(Entity, kw_only=True):
    """That a task made from one template waits for the task made from another."""

    __unique__: ClassVar = (("task_template_id", "depends_on_id"),)

    task_template_id: TaskTemplateId
    depends_on_id: Annotated[
        int, Ref(target="templates.task_template", cascade=True, label="Waits for")
    ]
    type: LinkType = "finish_to_start"
    lag_days: Lag = 0
