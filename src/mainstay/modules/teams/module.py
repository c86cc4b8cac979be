"""The card of the room: its resources, and what its roles may do."""

from mainstay.facets.roles import WORKING
from mainstay.kernel.module import (
    Group,
    Menu,
    Module,
    Named,
    Page,
    Panel,
    Related,
    Resource,
)
from mainstay.kernel.views import Board, Calendar, Chart, Table
from mainstay.modules.teams import entities, scopes, shifting, views
from mainstay.modules.teams.actions import goals, metrics, rituals, shift, skills
from mainstay.modules.teams.demo import demo
from mainstay.modules.teams.questions.capacity import capacity, health
from mainstay.modules.teams.questions.load import allocations, heat_map, week_work
from mainstay.modules.teams.questions.performance import performance
from mainstay.modules.teams.questions.skills import skill_matrix

DAY = 86_400

RITUALS = Resource(
    entities.Ritual,
    "teams/rituals",
    write=("name", "type", "frequency", "minutes", "facilitator_id", "last_on", "next_on", "notes"),
    create_only=("team_id",),
    columns=("name", "team_id", "type", "frequency", "next_on", "last_on", "facilitator_id"),
    brief=("name", "next_on"),
    search=("name", "notes"),
    sort="next_on",
    actions=(rituals.held,),
    create=rituals.create_ritual,
    update=rituals.update_ritual,
    after=rituals.settle_rituals,
    main=("notes",),
    side=(
        "team_id",
        "type",
        "frequency",
        "minutes",
        "facilitator_id",
        "next_on",
        "last_on",
    ),
    filters=("team_id", "type", "frequency", "facilitator_id", "next_on"),
    icon="repeat",
    parent="team_id",
    views=(Table(), Calendar(starts="next_on")),
    named=(Named("coming", "Coming", "next_on__gte=today"),),
    asks=("name", "team_id", "type", "frequency", "minutes", "next_on", "facilitator_id"),
)

TEAM_GOALS = Resource(
    entities.TeamGoal,
    "teams/goals",
    write=(
        "title",
        "description",
        "type",
        "target",
        "current",
        "unit",
        "start_date",
        "due_date",
        "owner_id",
    ),
    create_only=("team_id",),
    columns=("title", "team_id", "status", "progress", "current", "target", "unit", "due_date"),
    brief=("title", "status"),
    search=("title", "description"),
    sort="due_date",
    actions=(goals.activate, goals.record_progress, goals.defer, goals.cancel),
    create=goals.create_goal,
    update=goals.update_goal,
    after=goals.settle_goals,
    main=("description",),
    side=(
        "team_id",
        "status",
        "progress",
        "current",
        "target",
        "unit",
        "type",
        "start_date",
        "due_date",
        "owner_id",
    ),
    filters=("team_id", "status", "type", "owner_id", "due_date"),
    icon="target-arrow",
    title="Team goal",
    plural="Team goals",
    parent="team_id",
    views=(Table(), Board(by="status"), Calendar(starts="start_date", ends="due_date")),
    named=(
        Named("active", "Active", "status=active"),
        Named("late", "Late", "status=active&due_date__lt=today"),
    ),
    asks=("title", "team_id", "target", "current", "unit", "due_date", "owner_id"),
)

TEAM_METRICS = Resource(
    entities.TeamMetric,
    "teams/metrics",
    write=("name", "unit", "better", "target", "benchmark"),
    create_only=("team_id",),
    columns=("name", "team_id", "current", "unit", "trend", "target", "benchmark", "measured_at"),
    brief=("name", "current"),
    search=("name",),
    sort="name",
    actions=(metrics.measure,),
    after=metrics.settle_metrics,
    derived=("current", "trend", "measured_at"),
    panels=(
        Panel(
            "",
            "teams/metric.html",
            views.metric_panel,
            live=("teams.metric_value",),
        ),
    ),
    side=(
        "team_id",
        "current",
        "unit",
        "trend",
        "better",
        "target",
        "benchmark",
        "measured_at",
    ),
    related=(Related("teams/values", "metric_id", "Values", ("date", "value", "note")),),
    filters=("team_id", "trend", "better"),
    icon="gauge",
    title="Team metric",
    plural="Team metrics",
    parent="team_id",
)

METRIC_VALUES = Resource(
    entities.MetricValue,
    "teams/values",
    write=("date", "value", "note"),
    create_only=("metric_id",),
    columns=("metric_id", "date", "value", "note"),
    brief=("date", "value"),
    sort="-date",
    create=metrics.create_value,
    update=metrics.update_value,
    after=metrics.settle_values,
    side=("metric_id", "date", "value", "note"),
    filters=("metric_id", "date"),
    icon="ruler",
    title="Metric value",
    plural="Metric values",
    parent="metric_id",
    views=(Table(), Chart(by="date")),
)

TEAM_SKILLS = Resource(
    entities.TeamSkill,
    "teams/skill-needs",
    write=("demand", "training_plan", "owner_id"),
    create_only=("team_id", "skill_id"),
    columns=("skill_id", "team_id", "demand", "training_plan", "owner_id"),
    brief=("skill_id", "demand"),
    sort="-demand",
    after=skills.settle_needs,
    main=("training_plan",),
    side=("team_id", "skill_id", "demand", "owner_id"),
    filters=("team_id", "skill_id", "owner_id"),
    icon="school",
    title="Skill need",
    plural="Skill needs",
    parent="team_id",
    groups=(Group("Training", ("training_plan", "owner_id")),),
)

NOUNS = ("ritual", "team_goal", "team_metric", "metric_value", "team_skill")
QUESTIONS = ("capacity", "health", "skill_matrix", "heat_map", "week_work", "allocations")
READ = (
    *(f"teams.{noun}.read" for noun in NOUNS),
    *(f"teams.{asked}.read" for asked in QUESTIONS),
)
WORK = (
    *READ,
    "teams.performance.read",
    # Taking back what one has said needs leave to edit; what else members change is refused.
    "teams.ritual.held",
    "teams.ritual.update",
    "teams.team_goal.record_progress",
    "teams.team_goal.update",
    "teams.team_metric.measure",
    "teams.metric_value.create",
    "teams.metric_value.update",
    "teams.metric_value.delete",
    "teams.metric_value.restore",
)
LEAD = (
    *WORK,
    *(f"teams.{noun}.{verb}" for noun in NOUNS for verb in ("create", "update", "delete")),
    *(f"teams.{noun}.restore" for noun in NOUNS),
    *(f"teams.team_goal.{verb}" for verb in ("activate", "defer", "cancel")),
    scopes.LEAD,
)

MODULE = Module(
    "teams",
    "What teams can do, know and aim for, and how they are doing.",
    depends=("identity", "projects", "planning", "scrum", "issues"),
    resources=(RITUALS, TEAM_GOALS, TEAM_METRICS, METRIC_VALUES, TEAM_SKILLS),
    questions=(capacity, health, heat_map, week_work, allocations, skill_matrix, performance),
    pages=(
        Page(
            "/teams/workload",
            "Workload",
            "grid-dots",
            "teams/workload.html",
            views.workload_page,
            grant="teams.heat_map.read",
            slow=True,
        ),
        Page(
            "/teams/workload/week",
            "Workload",
            "grid-dots",
            "teams/week.html",
            shifting.week_page,
            grant="teams.week_work.read",
            slow=True,
        ),
        Page(
            "/teams/skills",
            "Skill matrix",
            "table",
            "teams/skills.html",
            views.skills_page,
            grant="teams.skill_matrix.read",
        ),
        Page(
            "/teams/performance",
            "Performance",
            "chart-bar",
            "teams/performance.html",
            views.performance_page,
            grant="teams.performance.read",
            slow=True,
        ),
    ),
    menu=Menu(
        "People",
        "users",
        ("/teams/workload", "/teams/skills", "/teams/performance", "team_goal", "ritual"),
        order=60,
    ),
    roles={
        "manager": ("teams.*",),
        "lead": LEAD,
        "viewer": READ,
        **dict.fromkeys(WORKING, WORK),
        "engineer": LEAD,
    },
    permissions=(scopes.KEEP_ALL, scopes.LEAD, scopes.SEE_ALL),
    panels={
        "identity.team": (
            Panel(
                "",
                "teams/standing.html",
                views.standing_panel,
                place="top",
                live=("projects.task", "identity.team_member", "scrum.sprint", "planning.holiday"),
                grant="teams.capacity.read",
            ),
            Panel(
                "",
                "teams/working.html",
                views.working_panel,
                live=tuple(f"teams.{noun}" for noun in NOUNS),
                grant="teams.team_goal.read",
            ),
        ),
        "identity.user": (
            Panel(
                "",
                "teams/person.html",
                views.person_panel,
                live=("projects.task",),
                grant="teams.performance.read",
            ),
        ),
    },
    verbs={"projects.task": (shift.hand_over,)},
    jobs={goals.OVER: goals.close_goals},
    every={goals.OVER: DAY},
    demo=demo,
)
