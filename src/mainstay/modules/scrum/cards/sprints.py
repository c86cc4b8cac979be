"""Sprints, their people and their days on the room's card; the backlog and planning."""

from mainstay.kernel.module import Action, Flow, Named, Page, Panel, Question, Related, Resource
from mainstay.kernel.views import Board, Calendar, Table, Timeline
from mainstay.modules.projects.api import IN_PROJECTS
from mainstay.modules.scrum import entities, rules, views
from mainstay.modules.scrum.actions import backlog as backlog_verbs
from mainstay.modules.scrum.actions import sprints
from mainstay.modules.scrum.demo import demo as told
from mainstay.modules.scrum.questions.backlog import backlog
from mainstay.modules.scrum.questions.capacity import sprint_capacity
from mainstay.modules.scrum.scopes import IN_SPRINTS

SPRINTS = Resource(
    entities.Sprint,
    "scrum/sprints",
    write=(
        "name",
        "goal",
        "status",
        "team_id",
        "start_date",
        "end_date",
        "capacity_hours",
        "review_notes",
        "demo_url",
        "custom_fields",
    ),
    create_only=("project_id",),
    columns=(
        "name",
        "status",
        "start_date",
        "end_date",
        "commitment_points",
        "completed_points",
        "velocity",
        "project_id",
    ),
    brief=("name", "status"),
    search=("name", "goal"),
    sort="-start_date",
    scope=IN_PROJECTS,
    actions=(
        sprints.start,
        sprints.complete,
        sprints.cancel,
        sprints.reopen,
        sprints.add_people,
    ),
    create=sprints.create_sprint,
    update=sprints.update_sprint,
    delete=sprints.delete_sprint,
    after=sprints.settle_sprints,
    main=("goal", "review_notes"),
    side=(
        "project_id",
        "status",
        "sprint_number",
        "start_date",
        "end_date",
        "team_id",
        "capacity_hours",
        "started_at",
        "completed_at",
        "demo_url",
    ),
    asks=("project_id", "name", "goal", "start_date", "end_date", "team_id"),
    related=(
        Related(
            "projects.task",
            "sprint_id",
            "Tasks",
            ("code", "title", "status", "assignee_id", "story_points"),
        ),
        Related(
            "scrum.sprint_member",
            "sprint_id",
            "People",
            ("user_id", "availability", "capacity_hours"),
        ),
    ),
    panels=(
        Panel(
            "",
            "scrum/sprint.html",
            views.sprint_panel,
            place="top",
            live=("projects.task", "scrum.impediment"),
        ),
    ),
    filters=("project_id", "status", "start_date", "end_date", "team_id"),
    icon="rocket",
    title="Sprint",
    plural="Sprints",
    parent="project_id",
    views=(
        Table(),
        Board(
            by="status",
            card=("start_date", "end_date", "commitment_points", "project_id"),
            lanes=("project_id",),
            verbs={"completed": "complete"},
        ),
        Calendar(starts="start_date", ends="end_date"),
        Timeline(starts="start_date", ends="end_date", group="project_id"),
    ),
    wears=("comments", "files", "watchers"),
    named=(
        Named("active", "Active", "status=active"),
        Named("open", "Open", f"status__in={','.join(rules.OPEN)}"),
        Named("late", "Overdue", "status=active&end_date__lt=today"),
    ),
    flow=Flow("status", rules.sprint_move),
)

SPRINT_MEMBERS = Resource(
    entities.SprintMember,
    "scrum/members",
    write=("availability", "capacity_hours"),
    create_only=("sprint_id", "user_id"),
    columns=("user_id", "sprint_id", "availability", "capacity_hours"),
    brief=("user_id", "sprint_id"),
    sort="id",
    scope=IN_SPRINTS,
    after=sprints.settle_members,
    side=("sprint_id", "user_id", "availability", "capacity_hours"),
    filters=("sprint_id", "user_id"),
    icon="user",
    title="Person in a sprint",
    plural="People in sprints",
    parent="sprint_id",
)

SPRINT_DAYS = Resource(
    entities.SprintDay,
    "scrum/days",
    columns=(
        "date",
        "sprint_id",
        "remaining_points",
        "completed_points",
        "added_points",
        "removed_points",
        "remaining_hours",
    ),
    brief=("sprint_id", "date"),
    sort="date",
    scope=IN_SPRINTS,
    verbs=(),
    filters=("sprint_id", "date"),
    icon="calendar-stats",
    title="Day of a sprint",
    plural="Days of sprints",
    parent="sprint_id",
)

PROJECT = "/projects/projects/{project}"
SPRINT = "/scrum/sprints/{sprint}"

RESOURCES = (SPRINTS, SPRINT_MEMBERS, SPRINT_DAYS)
QUESTIONS: tuple[Question, ...] = (backlog, sprint_capacity)
PAGES: tuple[Page, ...] = (
    Page("/scrum", "Current sprints", "rocket", "scrum/sprints.html", views.sprints_page),
    Page(
        f"{PROJECT}/backlog",
        "Backlog",
        "list-details",
        "scrum/backlog.html",
        views.backlog_page,
        grant="scrum.backlog.read",
    ),
    Page(
        "/scrum/backlogs/{project}/rows",
        "Backlog",
        "list-details",
        "scrum/_rows.html",
        views.rows_page,
        grant="scrum.backlog.read",
    ),
    Page(
        f"{SPRINT}/plan",
        "Planning",
        "users-group",
        "scrum/planning.html",
        views.planning_page,
        grant="scrum.sprint.read",
    ),
    Page(
        f"{SPRINT}/board",
        "Board",
        "layout-kanban",
        "scrum/board.html",
        views.board_page,
        grant="scrum.sprint.read",
    ),
    Page(
        f"{SPRINT}/complete",
        "Complete",
        "circle-check",
        "scrum/complete.html",
        views.complete_page,
        grant="scrum.sprint.update",
    ),
)
PANELS: dict[str, tuple[Panel, ...]] = {
    "projects.project": (
        Panel(
            "Sprint",
            "scrum/project.html",
            views.project_panel,
            place="top",
            live=("scrum.sprint", "projects.task"),
            grant="scrum.sprint.read",
        ),
    ),
    "projects.task": (
        Panel(
            "Stories",
            "scrum/epic.html",
            views.epic_panel,
            live=("projects.task",),
            grant="scrum.backlog.read",
        ),
    ),
}
VERBS: dict[str, tuple[Action, ...]] = {
    "projects.task": (backlog_verbs.rank, backlog_verbs.add_to_backlog)
}
MENU: tuple[str, ...] = ("/scrum", "scrum.sprint")
READ: tuple[str, ...] = ()
# Who leads a project is asked by the verbs themselves.
WORK: tuple[str, ...] = tuple(
    f"scrum.{noun}.{verb}"
    for noun in ("sprint", "sprint_member", "sprint_day")
    for verb in ("create", "update", "delete", "restore")
)
LEAD: tuple[str, ...] = ()
guard = backlog_verbs.guard
demo = told
