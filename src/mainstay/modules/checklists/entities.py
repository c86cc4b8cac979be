"""Steps of tasks with their clocks, checklists with their items, and what came of a task."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Dec, Flag, Instant, Json, Real, Ref, Text, Whole
from mainstay.modules.projects.kinds import (
    Assignee,
    Count,
    Due,
    Order,
    UserId,
)

Name = Annotated[str, Text(200, least=1)]
Said = Annotated[str, Text(2000, lines=True)]
StepId = Annotated[int, Ref(target="checklists.step")]
OfTask = Annotated[int, Ref(target="projects.task", cascade=True, label="Task")]


class Step(Entity, kw_only=True):
    """One of the things that a task is done by, in their order."""

    __index__: ClassVar = (("task_id", "sort_order"), ("assignee_id", "is_completed"))

    task_id: OfTask
    step_template_id: (
        Annotated[int, Ref(target="templates.step_template", label="Template")] | None
    ) = None
    name: Name
    description: Said = ""
    sort_order: Order = 0.0
    assignee_id: Assignee | None = None
    hours_planned: Annotated[
        Decimal, Dec(8, 2, label="Planned", help="How long it should take, in hours.")
    ] = Decimal(0)
    hours_tracked: Annotated[
        Decimal, Dec(10, 2, label="Tracked", help="The sum of its clocks, in hours.")
    ] = Decimal(0)
    is_completed: Annotated[bool, Flag(label="Done")] = False
    completed_at: datetime | None = None
    completed_by: UserId | None = None


class StepTracker(Entity, kw_only=True):
    """A stretch of time that one person worked on a step; without an end the clock runs."""

    __index__: ClassVar = (("step_id",), ("user_id", "ended_at"))

    step_id: Annotated[int, Ref(target="checklists.step", cascade=True, label="Step")]
    user_id: (
        Annotated[int, Ref(target="identity.user", help="Whose time it is; yours when left out.")]
        | None
    ) = None
    started_at: (
        Annotated[datetime, Instant(help="When the clock was started; now when left out.")] | None
    ) = None
    ended_at: (
        Annotated[datetime, Instant(help="When it was stopped; without it the clock runs.")] | None
    ) = None
    total_time: Annotated[Decimal, Dec(8, 2, label="Time", help="From start to end, in hours.")] = (
        Decimal(0)
    )


ItemStatus = Annotated[
    Literal["pending", "in_progress", "completed", "blocked"],
    Choice(
        colors=(
            ("pending", "azure"),
            ("in_progress", "blue"),
            ("completed", "green"),
            ("blocked", "red"),
        )
    ),
]


class Checklist(Entity, kw_only=True):
    """What must be checked for a task or one of its steps, in order or at once."""

    __index__: ClassVar = (("task_id", "sort_order"), ("step_id",))

    task_id: OfTask
    step_id: Annotated[int, Ref(target="checklists.step", help="The step it is for.")] | None = None
    name: Name
    mode: Annotated[
        Literal["sequential", "parallel"],
        Choice(help="Whether items are done one after the other or in any order."),
    ] = "parallel"
    status: ItemStatus = "pending"
    is_completed: Annotated[
        bool, Flag(label="Done", help="Whether every required item is done.")
    ] = False
    completed_at: datetime | None = None
    completed_by: UserId | None = None
    item_count: Annotated[int, Whole(label="Items")] = 0
    done_count: Annotated[int, Whole(label="Items done")] = 0
    sort_order: Order = 0.0


class ChecklistItem(Entity, kw_only=True):
    """One thing to be checked, by somebody, perhaps with somebody else's validation."""

    __index__: ClassVar = (("checklist_id", "sort_order"), ("assignee_id", "status"))

    checklist_id: Annotated[
        int, Ref(target="checklists.checklist", cascade=True, label="Checklist")
    ]
    template_id: Annotated[int, Ref(target="templates.checklist_item", label="Template")] | None = (
        None
    )
    name: Name
    acceptance_criteria: Said = ""
    item_type: Annotated[str, Text(50)] = ""
    sort_order: Order = 0.0
    required: Annotated[bool, Flag(help="Whether the checklist needs it.")] = True
    status: ItemStatus = "pending"
    reason: Annotated[
        str, Text(500, help="What it waits for, or why it was sent back to be done again.")
    ] = ""
    is_completed: Annotated[
        bool,
        Flag(
            label="Done",
            help="Whether it counts as done: completed, and validated where that is needed.",
        ),
    ] = False
    completed_at: datetime | None = None
    completed_by: UserId | None = None
    assignee_id: Assignee | None = None
    due_date: Due | None = None
    depends_on_id: (
        Annotated[
            int,
            Ref(
                target="checklists.checklist_item",
                label="After",
                help="The item of the same checklist that must be done before.",
            ),
        ]
        | None
    ) = None
    placement_id: Annotated[int, Ref(target="reference.placement")] | None = None
    needs_validation: Annotated[
        bool, Flag(help="Whether somebody must validate it before it counts as done.")
    ] = False
    validated_at: datetime | None = None
    validated_by: UserId | None = None


Score = Annotated[Decimal, Dec(10, 2)]


class TaskResult(Entity, kw_only=True):
    """What came of a task: a score, numbers, and the record that shows it."""

    __index__: ClassVar = (("task_id",), ("user_id", "created_at"), ("result_type", "result_id"))

    task_id: OfTask
    user_id: (
        Annotated[int, Ref(target="identity.user", label="Who", help="Who achieved it.")] | None
    ) = None
    result_type: Annotated[
        str,
        Text(80, label="Shown by", help="The resource of the record that shows it: files.file."),
    ] = ""
    result_id: (
        Annotated[int, Whole(least=1, label="Number", help="The id of the record that shows it.")]
        | None
    ) = None
    score: Score | None = None
    max_score: Score | None = None
    correct_answers: Count | None = None
    total_questions: Count | None = None
    percent: (
        Annotated[float, Real(most=100.0, help="The score of what could be reached, in percent.")]
        | None
    ) = None
    passed: Annotated[bool, Flag(help="Whether it was good enough.")] | None = None
    performance_metrics: Annotated[
        dict[str, Any], Json(help="Further numbers, by their names.")
    ] = {}
    note: Said = ""
