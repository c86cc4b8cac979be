"""The card of the room: its resources, and what its roles may do."""

from mainstay.facets.roles import READING, WORKING
from mainstay.kernel.module import Deed, Group, Menu, Module, Named, Panel, Related, Resource
from mainstay.kernel.views import Calendar, Table
from mainstay.modules.projects.api import IN_PROJECTS, TaskCompleted, TaskReopened, within
from mainstay.modules.recurring import actions, making
from mainstay.modules.recurring.demo import demo
from mainstay.modules.recurring.entities import Occurrence, TaskSeries
from mainstay.modules.recurring.planning import MAKE
from mainstay.modules.recurring.questions import preview
from mainstay.modules.recurring.views import GRANT, series_panel, task_panel

ROUND = 300
CREATE = "recurring.task_series.create"

TASK_SERIES = Resource(
    TaskSeries,
    "recurring/series",
    write=(
        "title",
        "mode",
        "rule",
        "days_after",
        "starts_on",
        "lead_days",
        "zone",
        "except_on",
        "assignees",
        "priority",
        "estimated_hours",
        "story_points",
        "template_id",
        "description",
    ),
    create_only=("project_id",),
    columns=("title", "rule", "days_after", "next_on", "status", "project_id", "assignees"),
    brief=("title",),
    search=("title", "description"),
    sort="next_on",
    scope=IN_PROJECTS,
    actions=(
        actions.make_now,
        actions.skip_next,
        actions.pause,
        actions.resume,
        actions.repeat,
    ),
    create=actions.create_series,
    update=actions.update_series,
    after=actions.settle_series,
    main=("description",),
    side=(
        "status",
        "project_id",
        "assignees",
        "priority",
        "estimated_hours",
        "story_points",
        "template_id",
        "starts_on",
        "next_on",
        "lead_days",
        "zone",
        "made_count",
        "maker_id",
    ),
    related=(Related("recurring.occurrence", "series_id", "Days", ("on_day", "state", "task_id")),),
    panels=(Panel("When", "recurring/series.html", series_panel),),
    groups=(
        Group(
            "About each task",
            (
                "assignees",
                "priority",
                "estimated_hours",
                "story_points",
                "template_id",
                "description",
            ),
        ),
        Group("Fine points", ("lead_days", "zone", "except_on")),
    ),
    filters=("project_id", "status", "mode", "assignees", "next_on"),
    icon="repeat",
    title="Series",
    plural="Recurring tasks",
    parent="project_id",
    views=(Table(), Calendar(starts="next_on", ends="next_on")),
    named=(
        Named("active", "Active", "status=active"),
        Named("stopped", "Paused or ended", "status__in=paused,ended"),
    ),
    wears=("comments", "watchers"),
)

OCCURRENCES = Resource(
    Occurrence,
    "recurring/occurrences",
    columns=("on_day", "state", "task_id", "series_id"),
    brief=("on_day", "state"),
    sort="-on_day",
    scope=within("recurring.task_series", "series_id", "You are a member of its project."),
    verbs=(),
    after=actions.settle_occurrences,
    side=("series_id", "on_day", "state", "task_id"),
    filters=("series_id", "on_day", "state"),
    icon="calendar-event",
    title="Day of a series",
    plural="Days of series",
    parent="series_id",
)

WORK = (
    "recurring.*.read",
    *(f"recurring.task_series.{verb}" for verb in ("create", "update", "delete", "restore")),
    # Nobody changes a day by itself, but who takes back a task takes back its day.
    "recurring.occurrence.update",
    "recurring.occurrence.delete",
)
# Every verb by its name: a star would let leads see the series of projects they are not in.
LEAD = (*WORK, *(f"recurring.task_series.{verb.grant}" for verb in TASK_SERIES.actions))

MODULE = Module(
    "recurring",
    "Tasks that come again by a rule.",
    depends=("identity", "projects", "templates"),
    resources=(TASK_SERIES, OCCURRENCES),
    questions=(preview,),
    menu=Menu("Planning", "timeline", ("recurring.task_series",), order=20),
    roles={
        "manager": ("recurring.*",),
        "lead": LEAD,
        **dict.fromkeys(WORKING, WORK),
        **dict.fromkeys(READING, ("recurring.*.read",)),
    },
    on={TaskCompleted: making.completed, TaskReopened: making.reopened},
    jobs={MAKE: making.make_due},
    every={MAKE: ROUND},
    deeds=(
        Deed(
            "Repeat",
            "repeat",
            "/recurring/series/do/repeat?task_id={id}",
            CREATE,
            only=("projects.task",),
        ),
    ),
    panels={
        "projects.task": (
            Panel(
                "Series",
                "recurring/repeats.html",
                task_panel,
                place="side",
                live=("recurring.task_series",),
                grant=GRANT,
            ),
        )
    },
    demo=demo,
)
