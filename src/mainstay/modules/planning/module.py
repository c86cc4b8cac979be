"""The card of the room: its resources, and what its roles may do."""

from mainstay.facets.roles import READING, WORKING
from mainstay.kernel.module import Group, Menu, Module, Named, Page, Panel, Resource
from mainstay.kernel.views import Calendar, Table
from mainstay.modules.planning import actions, views
from mainstay.modules.planning.demo import demo, seed
from mainstay.modules.planning.entities import (
    Baseline,
    BaselineTask,
    Holiday,
    WorkCalendar,
)
from mainstay.modules.planning.overlays import over_tasks
from mainstay.modules.planning.questions.compared import compared
from mainstay.modules.planning.questions.forecast import forecast
from mainstay.modules.planning.questions.levelled import replanned
from mainstay.modules.planning.questions.moved import moved
from mainstay.modules.planning.questions.schedule import schedule
from mainstay.modules.planning.scopes import FOR_ALL_OR_ME
from mainstay.modules.projects.api import IN_PROJECTS, within

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

WORK_CALENDARS = Resource(
    WorkCalendar,
    "planning/calendars",
    write=("name", "description", *WEEKDAYS, "country", "subdivision", "is_default"),
    columns=("name", "country", "subdivision", "is_default", *WEEKDAYS[:5]),
    brief=("name",),
    search=("name", "description"),
    sort="name",
    create=actions.create_calendar,
    update=actions.update_calendar,
    after=actions.settle_calendars,
    main=("description",),
    side=("is_default", "country", "subdivision", *WEEKDAYS),
    panels=(Panel("Free days", "planning/free_days.html", views.free_days_panel),),
    filters=("country", "is_default"),
    groups=(Group("Hours a day", WEEKDAYS),),
    icon="calendar-time",
    title="Working calendar",
    plural="Working calendars",
)

HOLIDAYS = Resource(
    Holiday,
    "planning/holidays",
    write=("name", "type", "date", "end_date", "half_day", "calendar_id", "people"),
    columns=("name", "type", "date", "end_date", "half_day", "calendar_id"),
    brief=("name", "date"),
    search=("name",),
    sort="-date",
    scope=FOR_ALL_OR_ME,
    create=actions.create_holiday,
    update=actions.update_holiday,
    side=("type", "date", "end_date", "half_day", "calendar_id", "people"),
    filters=("type", "calendar_id", "date", "people"),
    icon="sun",
    title="Day off",
    plural="Days off",
    views=(Table(), Calendar(starts="date", ends="end_date")),
    named=(Named("coming", "Coming", "date__gte=today"),),
)

BASELINES = Resource(
    Baseline,
    "planning/baselines",
    write=("name", "note"),
    create_only=("project_id",),
    columns=("name", "project_id", "taken_at", "taken_by", "task_count", "planned_end"),
    brief=("name",),
    search=("name", "note"),
    sort="-taken_at",
    scope=IN_PROJECTS,
    create=actions.create_baseline,
    after=actions.settle_baselines,
    main=("note",),
    side=("project_id", "taken_at", "taken_by", "task_count", "planned_end"),
    panels=(Panel("Against today", "planning/compared.html", views.compared_panel),),
    filters=("project_id", "taken_at"),
    icon="bookmark",
    parent="project_id",
)

BASELINE_TASKS = Resource(
    BaselineTask,
    "planning/baseline_tasks",
    columns=("baseline_id", "task_id", "start_date", "due_date", "estimated_hours", "progress"),
    brief=("baseline_id", "task_id"),
    scope=within("planning.baseline", "baseline_id", "You are a member of its project."),
    verbs=(),
    filters=("baseline_id", "task_id"),
    icon="bookmark",
    title="Baseline task",
    plural="Baseline tasks",
    parent="baseline_id",
    logged=False,
)

PROJECT = "/projects/projects/{project}"
READ = ("planning.*.read",)
WORK = (
    *READ,
    "projects.project.plan",
    *(f"planning.baseline.{verb}" for verb in ("create", "update", "delete", "restore")),
)
LEAD = (*WORK, "planning.work_calendar.*", "planning.holiday.*")

MODULE = Module(
    "planning",
    "When work can be done: calendars, schedules, baselines and forecasts.",
    depends=("identity", "projects", "milestones"),
    resources=(WORK_CALENDARS, HOLIDAYS, BASELINES, BASELINE_TASKS),
    questions=(schedule, moved, replanned, compared, forecast),
    pages=(
        Page("/planning", "Plans", "timeline", "planning/plans.html", views.plans_page),
        Page(
            f"{PROJECT}/schedule",
            "Schedule",
            "route",
            "planning/schedule.html",
            views.schedule_page,
            grant="planning.schedule.read",
            slow=True,
        ),
        Page(
            f"{PROJECT}/forecast",
            "Forecast",
            "chart-bar",
            "planning/forecast.html",
            views.forecast_page,
            grant="planning.forecast.read",
            slow=True,
        ),
        Page(
            f"{PROJECT}/baselines",
            "Baselines",
            "bookmark",
            "planning/baselines.html",
            views.baselines_page,
            grant="planning.compared.read",
            slow=True,
        ),
    ),
    menu=Menu(
        "Planning",
        "timeline",
        ("/planning",),
        order=16,
    ),
    roles={
        "manager": ("planning.*", "projects.project.plan"),
        "lead": LEAD,
        **dict.fromkeys(WORKING, WORK),
        **dict.fromkeys(READING, READ),
    },
    panels={
        "projects.project": (
            Panel(
                "Plan",
                "planning/plan_panel.html",
                views.plan_panel,
                place="top",
                grant="planning.schedule.read",
            ),
        )
    },
    verbs={
        "projects.task": (actions.move_dates,),
        "projects.project": (actions.auto_schedule, actions.level, actions.take_baseline),
    },
    overlays={"projects.task": over_tasks},
    seed=seed,
    demo=demo,
)
