"""The card of the room: its resources, and what its roles may do."""

from mainstay.facets.roles import READING, WORKING
from mainstay.kernel.module import (
    Flow,
    Menu,
    Module,
    Named,
    Page,
    Panel,
    Related,
    Resource,
)
from mainstay.kernel.views import Board, Calendar, Table
from mainstay.modules.checklists.actions import checklists, items, results, steps, trackers
from mainstay.modules.checklists.demo import demo
from mainstay.modules.checklists.entities import (
    Checklist,
    ChecklistItem,
    Step,
    StepTracker,
    TaskResult,
)
from mainstay.modules.checklists.questions import my_checklists, task_work
from mainstay.modules.checklists.scopes import OF_CHECKLIST, OF_STEP
from mainstay.modules.checklists.views import mine_page, work_panel
from mainstay.modules.projects.api import IN_TASKS

STEPS = Resource(
    Step,
    "checklists/steps",
    write=(
        "name",
        "description",
        "assignee_id",
        "hours_planned",
        "is_completed",
        "step_template_id",
    ),
    create_only=("task_id",),
    columns=("name", "task_id", "is_completed", "assignee_id", "hours_planned", "hours_tracked"),
    brief=("name",),
    search=("name", "description"),
    sort="sort_order",
    scope=IN_TASKS,
    actions=(steps.complete, steps.reopen, steps.start_clock, steps.stop_clock, steps.move),
    create=steps.create_step,
    update=steps.update_step,
    after=steps.settle_steps,
    derived=("hours_tracked",),
    main=("description",),
    side=(
        "task_id",
        "is_completed",
        "assignee_id",
        "hours_planned",
        "hours_tracked",
        "completed_at",
        "completed_by",
        "step_template_id",
    ),
    related=(
        Related("checklists.checklist", "step_id", "Checklists", ("name", "status", "done_count")),
        Related(
            "checklists.step_tracker",
            "step_id",
            "Clocks",
            ("user_id", "started_at", "ended_at", "total_time"),
        ),
    ),
    filters=("task_id", "assignee_id", "is_completed"),
    icon="list-check",
    parent="task_id",
    named=(
        Named("open", "Open", "is_completed=false"),
        Named("mine", "Mine", "assignee_id=me"),
    ),
)

TRACKERS = Resource(
    StepTracker,
    "checklists/trackers",
    write=("started_at", "ended_at"),
    create_only=("step_id", "user_id"),
    columns=("step_id", "user_id", "started_at", "ended_at", "total_time"),
    brief=("step_id", "started_at"),
    sort="-started_at",
    scope=OF_STEP,
    actions=(trackers.stop,),
    create=trackers.create_tracker,
    update=trackers.update_tracker,
    after=trackers.settle_trackers,
    side=("step_id", "user_id", "started_at", "ended_at", "total_time"),
    filters=("step_id", "user_id", "started_at"),
    icon="clock-play",
    title="Clock",
    plural="Clocks",
    parent="step_id",
    named=(
        Named("running", "Running", "ended_at__isnull=true"),
        Named("mine", "Mine", "user_id=me"),
    ),
)

CHECKLISTS = Resource(
    Checklist,
    "checklists/checklists",
    write=("name", "mode", "step_id"),
    create_only=("task_id",),
    columns=("name", "task_id", "status", "done_count", "item_count", "mode"),
    brief=("name", "status"),
    search=("name",),
    scope=IN_TASKS,
    actions=(checklists.move,),
    create=checklists.create_checklist,
    after=checklists.settle_checklists,
    derived=(
        "status",
        "is_completed",
        "completed_at",
        "completed_by",
        "item_count",
        "done_count",
    ),
    side=(
        "task_id",
        "step_id",
        "status",
        "mode",
        "done_count",
        "item_count",
        "completed_at",
        "completed_by",
    ),
    related=(
        Related(
            "checklists.checklist_item",
            "checklist_id",
            "Items",
            ("name", "status", "assignee_id", "due_date", "required"),
        ),
    ),
    filters=("task_id", "status", "mode", "is_completed"),
    icon="checklist",
    parent="task_id",
    named=(Named("open", "Open", "is_completed=false"),),
)

ITEMS = Resource(
    ChecklistItem,
    "checklists/items",
    write=(
        "name",
        "acceptance_criteria",
        "status",
        "assignee_id",
        "due_date",
        "required",
        "needs_validation",
        "depends_on_id",
        "placement_id",
        "item_type",
        "template_id",
    ),
    create_only=("checklist_id",),
    columns=("name", "checklist_id", "status", "is_completed", "assignee_id", "due_date"),
    brief=("name", "status"),
    search=("name", "acceptance_criteria"),
    sort="sort_order",
    scope=OF_CHECKLIST,
    actions=(
        items.complete,
        items.reopen,
        items.start,
        items.block,
        items.unblock,
        items.validate,
        items.reject,
        items.move,
    ),
    create=items.create_item,
    update=items.update_item,
    after=items.settle_items,
    main=("acceptance_criteria",),
    side=(
        "checklist_id",
        "status",
        "reason",
        "assignee_id",
        "due_date",
        "required",
        "depends_on_id",
        "placement_id",
        "item_type",
        "needs_validation",
        "completed_at",
        "completed_by",
        "validated_at",
        "validated_by",
        "template_id",
    ),
    filters=("checklist_id", "status", "assignee_id", "due_date", "required", "needs_validation"),
    icon="checkbox",
    title="Item",
    plural="Items",
    parent="checklist_id",
    views=(
        Table(),
        Board(by="status", verbs={"blocked": "block"}),
        Calendar(starts="due_date", ends="due_date"),
    ),
    named=(
        Named("open", "Open", "status__in=pending,in_progress,blocked"),
        Named("overdue", "Overdue", "due_date__lt=today&status__in=pending,in_progress,blocked"),
        Named("to_validate", "To validate", "status=completed&is_completed=false"),
        Named("mine", "Mine", "assignee_id=me"),
    ),
    flow=Flow("status", items.item_move),
)

RESULTS = Resource(
    TaskResult,
    "checklists/results",
    write=(
        "user_id",
        "score",
        "max_score",
        "correct_answers",
        "total_questions",
        "passed",
        "note",
        "result_type",
        "result_id",
        "performance_metrics",
    ),
    create_only=("task_id",),
    columns=("task_id", "user_id", "percent", "score", "max_score", "passed", "created_at"),
    brief=("task_id", "user_id", "percent"),
    search=("note",),
    scope=IN_TASKS,
    create=results.create_result,
    update=results.update_result,
    delete=results.delete_result,
    after=results.settle_results,
    main=("note", "performance_metrics"),
    side=(
        "task_id",
        "user_id",
        "percent",
        "passed",
        "score",
        "max_score",
        "correct_answers",
        "total_questions",
        "result_type",
        "result_id",
    ),
    filters=("task_id", "user_id", "passed", "result_type", "created_at"),
    icon="report-analytics",
    title="Result",
    plural="Results",
    parent="task_id",
)

READ = ("checklists.*.read",)
WORK = (
    *READ,
    *(
        f"checklists.{noun}.{verb}"
        for noun in ("step", "step_tracker", "checklist", "checklist_item", "task_result")
        for verb in ("create", "update", "delete", "restore")
    ),
    "checklists.checklist_item.validate",
)

MODULE = Module(
    "checklists",
    "How a task is done: its steps with their clocks, its checklists, and what came of it.",
    depends=("identity", "projects", "reference"),
    resources=(STEPS, TRACKERS, CHECKLISTS, ITEMS, RESULTS),
    questions=(task_work, my_checklists),
    pages=(
        Page(
            "/my-checklists",
            "My checklists",
            "square-check",
            "checklists/mine.html",
            mine_page,
            grant="checklists.checklist_item.read",
        ),
    ),
    panels={
        "projects.task": (
            Panel(
                "",
                "checklists/work.html",
                work_panel,
                live=(
                    "checklists.step",
                    "checklists.step_tracker",
                    "checklists.checklist",
                    "checklists.checklist_item",
                    "checklists.task_result",
                ),
                grant="checklists.step.read",
            ),
        )
    },
    menu=Menu(
        "Planning",
        "timeline",
        ("/my-checklists",),
        order=18,
    ),
    roles={
        "manager": ("checklists.*",),
        "lead": WORK,
        **dict.fromkeys(WORKING, WORK),
        **dict.fromkeys(READING, READ),
    },
    demo=demo,
)
