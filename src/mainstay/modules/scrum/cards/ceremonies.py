"""Stand-ups, impediments, retrospectives and the definition of done on the room's card."""

from mainstay.kernel.module import Action, Flow, Named, Page, Panel, Question, Related, Resource
from mainstay.kernel.views import Board, Calendar, Table
from mainstay.modules.projects.api import IN_PROJECTS, IN_TASKS
from mainstay.modules.scrum import entities
from mainstay.modules.scrum.actions import done, impediments, retrospectives, standups
from mainstay.modules.scrum.actions.stories import guard
from mainstay.modules.scrum.demo_ceremonies import demo
from mainstay.modules.scrum.pages import ceremonies as pages
from mainstay.modules.scrum.questions.definition import task_done
from mainstay.modules.scrum.questions.health import sprint_health
from mainstay.modules.scrum.questions.report import sprint_report
from mainstay.modules.scrum.questions.retrospectives import open_actions, retrospective
from mainstay.modules.scrum.questions.sights import IN_RETROSPECTIVES, IN_STANDUPS
from mainstay.modules.scrum.questions.standups import standup
from mainstay.modules.scrum.scopes import IN_SPRINTS

STANDUPS = Resource(
    entities.Standup,
    "scrum/standups",
    write=("date", "minutes", "participants", "notes"),
    create_only=("sprint_id",),
    columns=("date", "sprint_id", "minutes", "participants"),
    brief=("sprint_id", "date"),
    search=("notes",),
    sort="-date",
    scope=IN_SPRINTS,
    create=standups.create_standup,
    update=standups.update_standup,
    after=standups.settle_standups,
    main=("notes",),
    side=("sprint_id", "date", "minutes", "participants"),
    related=(
        Related(
            "scrum.standup_update",
            "standup_id",
            "What was said",
            ("user_id", "yesterday", "today", "blockers", "mood"),
        ),
    ),
    filters=("sprint_id", "date", "participants"),
    icon="users",
    title="Stand-up",
    plural="Stand-ups",
    parent="sprint_id",
    views=(Table(), Calendar(starts="date", ends="date")),
)

STANDUP_UPDATES = Resource(
    entities.StandupUpdate,
    "scrum/standup-updates",
    write=("yesterday", "today", "blockers", "mood"),
    create_only=("standup_id", "user_id"),
    columns=("standup_id", "user_id", "yesterday", "today", "blockers", "mood"),
    brief=("standup_id", "user_id"),
    search=("yesterday", "today", "blockers"),
    scope=IN_STANDUPS,
    actions=(standups.say, standups.make_impediment),
    create=standups.create_update,
    after=standups.settle_updates,
    main=("yesterday", "today", "blockers"),
    side=("standup_id", "user_id", "mood", "impediment_id"),
    filters=("standup_id", "user_id", "mood"),
    icon="message",
    title="Stand-up update",
    plural="Stand-up updates",
    parent="standup_id",
    named=(
        Named("mine", "Mine", "user_id=me"),
        Named("blocked", "Something is in the way", "blockers__isnull=false"),
    ),
)

IMPEDIMENTS = Resource(
    entities.Impediment,
    "scrum/impediments",
    write=(
        "title",
        "description",
        "severity",
        "status",
        "task_id",
        "reported_by",
        "owner_id",
        "resolution",
    ),
    create_only=("sprint_id",),
    columns=("title", "sprint_id", "severity", "status", "owner_id", "task_id", "created_at"),
    brief=("title", "status"),
    search=("title", "description", "resolution"),
    scope=IN_SPRINTS,
    actions=(impediments.start, impediments.resolve, impediments.reopen, impediments.cancel),
    create=impediments.create_impediment,
    update=impediments.update_impediment,
    after=impediments.settle_impediments,
    main=("description", "resolution"),
    side=(
        "sprint_id",
        "status",
        "severity",
        "task_id",
        "owner_id",
        "reported_by",
        "created_at",
        "resolved_at",
    ),
    filters=("sprint_id", "status", "severity", "owner_id", "task_id"),
    icon="barrier-block",
    parent="sprint_id",
    asks=("sprint_id", "title", "severity", "owner_id", "task_id", "description"),
    views=(
        Table(),
        Board(
            by="status",
            card=("severity", "owner_id", "task_id"),
            verbs={"resolved": "resolve", "in_progress": "start", "cancelled": "cancel"},
        ),
    ),
    named=(
        Named("open", "Open", "status__in=open,in_progress"),
        Named("mine", "Mine", "owner_id=me&status__in=open,in_progress"),
    ),
    flow=Flow("status", impediments.impediment_move),
    wears=("comments", "files"),
)

RETROSPECTIVES = Resource(
    entities.Retrospective,
    "scrum/retrospectives",
    write=("held_on", "team_mood", "summary"),
    create_only=("sprint_id",),
    columns=("sprint_id", "held_on", "team_mood"),
    brief=("sprint_id", "held_on"),
    search=("summary",),
    sort="-held_on",
    scope=IN_SPRINTS,
    create=retrospectives.create_retrospective,
    after=retrospectives.settle_retrospectives,
    main=("summary",),
    side=("sprint_id", "held_on", "team_mood"),
    panels=(Panel("", "scrum/retrospective_link.html", pages.retrospective_panel, place="top"),),
    related=(
        Related(
            "scrum.action_item",
            "retrospective_id",
            "Actions",
            ("title", "status", "owner_id", "due_date", "task_id"),
        ),
        Related("scrum.retrospective_note", "retrospective_id", "Notes", ("kind", "text")),
    ),
    filters=("sprint_id", "held_on"),
    icon="history",
    parent="sprint_id",
)

RETROSPECTIVE_NOTES = Resource(
    entities.RetrospectiveNote,
    "scrum/retrospective-notes",
    write=("kind", "text"),
    create_only=("retrospective_id",),
    columns=("text", "kind", "retrospective_id", "votes"),
    brief=("text", "kind"),
    search=("text",),
    sort="sort_order",
    scope=IN_RETROSPECTIVES,
    actions=(retrospectives.vote, retrospectives.move),
    create=retrospectives.create_note,
    update=retrospectives.update_note,
    after=retrospectives.settle_notes,
    main=("text",),
    side=("retrospective_id", "kind", "votes"),
    filters=("retrospective_id", "kind"),
    icon="note",
    title="Retrospective note",
    plural="Retrospective notes",
    parent="retrospective_id",
)

ACTION_ITEMS = Resource(
    entities.ActionItem,
    "scrum/action-items",
    write=("title", "owner_id", "due_date", "status"),
    create_only=("retrospective_id",),
    columns=("title", "retrospective_id", "status", "owner_id", "due_date", "task_id"),
    brief=("title", "status"),
    search=("title",),
    scope=IN_RETROSPECTIVES,
    actions=(
        retrospectives.start,
        retrospectives.complete,
        retrospectives.make_task,
        retrospectives.reopen,
        retrospectives.cancel,
    ),
    create=retrospectives.create_item,
    update=retrospectives.update_item,
    after=retrospectives.settle_items,
    side=("retrospective_id", "status", "owner_id", "due_date", "task_id"),
    filters=("retrospective_id", "status", "owner_id", "due_date"),
    icon="target-arrow",
    title="Action",
    plural="Actions",
    parent="retrospective_id",
    named=(
        Named("open", "Open", "status__in=open,in_progress"),
        Named("mine", "Mine", "owner_id=me&status__in=open,in_progress"),
        Named("overdue", "Overdue", "due_date__lt=today&status__in=open,in_progress"),
    ),
    flow=Flow("status", retrospectives.action_move),
    wears=("comments",),
)

DONE_CRITERIA = Resource(
    entities.DoneCriterion,
    "scrum/done-criteria",
    write=("title", "required"),
    create_only=("project_id",),
    columns=("title", "project_id", "required"),
    brief=("title",),
    search=("title",),
    sort="sort_order",
    scope=IN_PROJECTS,
    actions=(done.move,),
    create=done.create_criterion,
    after=done.settle_criteria,
    side=("project_id", "required"),
    filters=("project_id", "required"),
    icon="list-check",
    title="Point of the definition of done",
    plural="Definition of done",
    parent="project_id",
)

DONE_MARKS = Resource(
    entities.DoneMark,
    "scrum/done-marks",
    columns=("task_id", "criterion_id", "marked_by", "marked_at"),
    brief=("task_id", "criterion_id"),
    scope=IN_TASKS,
    verbs=("delete",),
    after=done.settle_marks,
    side=("task_id", "criterion_id", "marked_by", "marked_at"),
    filters=("task_id", "criterion_id", "marked_by"),
    icon="checkbox",
    title="Tick",
    plural="Ticks",
    parent="task_id",
)

STORIES = Resource(
    entities.SprintStory,
    "scrum/sprint-stories",
    columns=("sprint_id", "created_at"),
    brief=("sprint_id",),
    scope=IN_SPRINTS,
    verbs=(),
    side=("sprint_id",),
    filters=("sprint_id",),
    icon="book",
    title="Kept report",
    plural="Kept reports",
    parent="sprint_id",
)

RESOURCES = (
    STORIES,
    STANDUPS,
    STANDUP_UPDATES,
    IMPEDIMENTS,
    RETROSPECTIVES,
    RETROSPECTIVE_NOTES,
    ACTION_ITEMS,
    DONE_CRITERIA,
    DONE_MARKS,
)
QUESTIONS: tuple[Question, ...] = (
    standup,
    retrospective,
    open_actions,
    task_done,
    sprint_health,
    sprint_report,
)
SPRINT = "/scrum/sprints/{sprint}"
PAGES: tuple[Page, ...] = (
    Page(
        f"{SPRINT}/standup",
        "Stand-up",
        "users",
        "scrum/standup.html",
        pages.standup_page,
        grant="scrum.standup.read",
    ),
    Page(
        f"{SPRINT}/retrospective",
        "Retrospective",
        "history",
        "scrum/retrospective.html",
        pages.retrospective_page,
        grant="scrum.retrospective.read",
    ),
    Page(
        f"{SPRINT}/report",
        "Sprint report",
        "book",
        "scrum/report.html",
        pages.report_page,
        grant="scrum.sprint_report.read",
    ),
    Page(
        "/projects/projects/{project}/definition-of-done",
        "Definition of done",
        "list-check",
        "scrum/definition.html",
        pages.definition_page,
        grant="scrum.done_criterion.read",
    ),
)
PANELS: dict[str, tuple[Panel, ...]] = {
    "scrum.sprint": (
        Panel(
            "",
            "scrum/sprint_health.html",
            pages.health_panel,
            live=("scrum.impediment", "projects.task", "scrum.standup_update"),
            grant="scrum.sprint_health.read",
        ),
    ),
    "projects.task": (
        Panel(
            "",
            "scrum/done.html",
            pages.done_panel,
            live=("scrum.done_mark", "scrum.done_criterion", "scrum.action_item"),
            grant="scrum.done_criterion.read",
        ),
    ),
}
VERBS: dict[str, tuple[Action, ...]] = {
    "projects.task": (done.tick,),
    "projects.project": (done.insist,),
}
MENU: tuple[str, ...] = ("scrum.impediment", "scrum.action_item")
MADE = ("standup", "standup_update", "impediment", "retrospective_note", "action_item")
READ: tuple[str, ...] = ()
WORK: tuple[str, ...] = (
    *(
        f"scrum.{noun}.{verb}"
        for noun in (*MADE, "retrospective", "done_criterion")
        for verb in ("create", "update", "delete", "restore")
    ),
    "scrum.done_mark.update",
    "scrum.done_mark.delete",
)
LEAD: tuple[str, ...] = ("scrum.sprint_story.update", "scrum.sprint_story.delete")

__all__ = ["LEAD", "MENU", "PAGES", "PANELS", "QUESTIONS", "READ", "RESOURCES", "VERBS", "WORK"]
__all__ += ["demo", "guard"]
