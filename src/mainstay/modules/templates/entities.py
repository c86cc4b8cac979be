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

Name = Annotated[str, Text(255, least=1)]
SUGGESTED = "Made of the action and the object when left out: Install panels."
TaskName = Annotated[str, Text(500, help=SUGGESTED)]
PartName = Annotated[str, Text(200, help=SUGGESTED)]
Said = Annotated[str, Text(100_000, lines=True)]
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
Days = Annotated[int, Whole(most=10_000, label="Duration", help="In working days.")]
Offset = Annotated[
    int,
    Whole(
        most=10_000,
        label="Begins after",
        help="Working days from the project's start to its beginning.",
    ),
]


class ProjectTemplate(Entity, kw_only=True):
    """A project to be made again and again, with its milestones and tasks."""

    name: Annotated[str, Text(200, least=1)]
    description: Said = ""
    hours: Annotated[
        Decimal, Dec(8, 2, help="What it takes in all; the sum of its tasks when left at 0.")
    ] = Decimal(0)
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

    name: TaskName = ""
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
    task_quantity: Annotated[
        int, Whole(most=1000, label="How many", help="How many such tasks; 0 for one.")
    ] = 0
    expected_hours: Hours = Decimal(0)
    duration_days: Days | None = None
    offset_days: Annotated[
        int,
        Whole(
            most=10_000, label="Begins after", help="Working days from its milestone's beginning."
        ),
    ] = 0
    priority: Priority = "medium"
    story_points: Points | None = None
    professions: Annotated[
        list[int], Links(target="identity.profession", help="Who can do it, the best first.")
    ] = []
    entity_id: UnitId | None = None
    is_draft: Draft = False


class StepTemplate(Entity, kw_only=True):
    """A step to be made again, with the items that are checked in it."""

    name: PartName = ""
    description: Annotated[str, Text(2000, lines=True)] = ""
    action_id: ActionId | None = None
    object_id: ObjectId | None = None
    tool_id: ToolId | None = None
    entity_id: UnitId | None = None
    hours_planned: Hours = Decimal(0)
    process_definition: Annotated[
        dict[str, Any], Json(help="How it is done, as the tool understands it.")
    ] = {}
    mode: Annotated[
        Literal["sequential", "parallel"],
        Choice(label="Items", help="Whether they are checked one after the other or at once."),
    ] = "parallel"
    only_checklist: Annotated[
        bool, Flag(help="Whether it makes just a checklist of the task, without a step.")
    ] = False
    is_draft: Draft = False


class ChecklistItem(Entity, kw_only=True):
    """An item to be checked again and again."""

    name: PartName = ""
    action_id: ActionId | None = None
    object_id: ObjectId | None = None
    tool_id: ToolId | None = None
    placement_id: PlacementId | None = None
    entity_id: UnitId | None = None
    acceptance_criteria: Annotated[str, Text(2000, lines=True, help="When it is fulfilled.")] = ""
    required: Annotated[bool, Flag(help="Whether its checklist needs it.")] = True
    needs_validation: Annotated[
        bool, Flag(help="Whether somebody must validate it before it counts as done.")
    ] = False
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
    is_correct: Annotated[
        bool, Flag(label="Right answer", help="In exams: whether it is a right answer.")
    ] = False


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
