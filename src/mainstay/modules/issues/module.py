"""The card of the room: its resources, pages, questions and what its roles may do."""

from collections.abc import Sequence

from mainstay.facets.roles import WORKING
from mainstay.kernel.context import Context
from mainstay.kernel.log import Change
from mainstay.kernel.module import (
    Flow,
    Group,
    Menu,
    Module,
    Named,
    Page,
    Panel,
    Related,
    Resource,
)
from mainstay.kernel.views import Board, Calendar, Chart, Pivot, Table
from mainstay.modules.issues import entities, promises, rules
from mainstay.modules.issues.actions import access, clock, issues, links, parts, triage
from mainstay.modules.issues.demo import demo
from mainstay.modules.issues.questions.around import issue_links
from mainstay.modules.issues.questions.measures import issue_summary, issue_times, priority_score
from mainstay.modules.issues.questions.similar import similar
from mainstay.modules.issues.questions.triage import triage_queue
from mainstay.modules.issues.scopes import BOTH_ISSUES, IN_ISSUES
from mainstay.modules.issues.views import (
    REFRESH,
    links_panel,
    project_panel,
    refresh,
    score_panel,
    similar_panel,
    standing_panel,
    task_panel,
    triage_page,
)
from mainstay.modules.projects.api import IN_PROJECTS

OPEN = ",".join(rules.LIVE)
ISSUE_GROUPS = (
    Group(
        "Impact",
        (
            "frequency",
            "impact_users",
            "business_impact",
            "security",
            "performance",
            "regression",
            "accessibility",
            "technical_debt",
        ),
    ),
    Group(
        "Environment",
        (
            "component",
            "environment",
            "version_found",
            "version_fixed",
            "browser",
            "os",
            "device",
        ),
    ),
    Group(
        "Time",
        (
            "triaged_at",
            "triaged_by",
            "started_at",
            "first_response_at",
            "resolved_at",
            "closed_at",
        ),
    ),
)

ISSUES = Resource(
    entities.Issue,
    "issues/issues",
    write=(
        "title",
        "description",
        "type",
        "status",
        "priority",
        "severity",
        "category",
        "resolution",
        "assignee_id",
        "reporter_id",
        "task_id",
        "sprint_id",
        "frequency",
        "impact_users",
        "business_impact",
        "technical_debt",
        "security",
        "performance",
        "accessibility",
        "regression",
        "version_found",
        "version_fixed",
        "component",
        "environment",
        "browser",
        "os",
        "device",
        "steps_to_reproduce",
        "expected_result",
        "actual_result",
        "stack_trace",
        "due_date",
        "tags",
        "custom_fields",
    ),
    create_only=("project_id", "code", "origin"),
    columns=(
        "code",
        "title",
        "status",
        "severity",
        "priority",
        "priority_score",
        "assignee_id",
        "sla_status",
        "due_date",
        "project_id",
    ),
    brief=("code", "title", "status"),
    search=("code", "title", "description"),
    sort="-priority_score",
    scope=IN_PROJECTS,
    actions=(
        issues.start,
        issues.resolve,
        issues.close,
        issues.reopen,
        issues.cancel,
        links.mark_duplicate,
        links.make_task,
        issues.assign,
        triage.triage,
        parts.add_log,
        *promises.VERBS,
    ),
    create=issues.create_issue,
    update=issues.update_issue,
    after=issues.settle_issues,
    derived=(
        "priority_score",
        *promises.DERIVED,
    ),
    main=(
        "description",
        "steps_to_reproduce",
        "expected_result",
        "actual_result",
        "stack_trace",
    ),
    side=(
        "project_id",
        "status",
        "resolution",
        "severity",
        "priority",
        "type",
        "category",
        "assignee_id",
        "reporter_id",
        "task_id",
        "sprint_id",
        "due_date",
        "origin",
        "tags",
        *(name for group in ISSUE_GROUPS for name in group.fields),
    ),
    groups=ISSUE_GROUPS,
    asks=(
        "project_id",
        "title",
        "description",
        "type",
        "severity",
        "priority",
        "assignee_id",
        "steps_to_reproduce",
        "expected_result",
        "actual_result",
    ),
    related=(
        Related(
            "issues.workaround",
            "issue_id",
            "Workarounds",
            ("title", "effectiveness", "complexity", "success_rate"),
        ),
        Related(
            "issues.test_case",
            "issue_id",
            "Tests",
            ("title", "type", "last_result", "last_run_at", "last_run_by"),
        ),
        Related("issues.log_entry", "issue_id", "Log", ("at", "level", "source", "message")),
        Related(
            "projects.time_entry",
            "issue_id",
            "Time",
            ("user_id", "date", "hours", "description", "billable"),
        ),
    ),
    panels=(
        Panel("", "issues/standing.html", standing_panel, place="top", live=("projects.task",)),
        *promises.PANELS,
        Panel("Links", "issues/links.html", links_panel, live=("issues.issue_link",)),
        Panel("Score", "issues/score.html", score_panel, place="side"),
        Panel("Similar issues", "issues/alike.html", similar_panel, place="side"),
    ),
    filters=(
        "project_id",
        "status",
        "severity",
        "priority",
        "type",
        "category",
        "assignee_id",
        "reporter_id",
        "resolution",
        "sla_status",
        "sprint_id",
        "task_id",
        "priority_score",
        "impact_users",
        "security",
        "regression",
        "version_found",
        "component",
        "origin",
        "due_date",
        "resolved_at",
    ),
    icon="bug",
    parent="project_id",
    views=(
        Table(),
        Board(
            by="status",
            lanes=("severity", "assignee_id", "priority", "type", "project_id"),
            card=("code", "severity", "priority", "priority_score", "due_date", "assignee_id"),
            verbs={
                "in_progress": "start",
                "resolved": "resolve",
                "closed": "close",
                "reopened": "reopen",
                "cancelled": "cancel",
            },
        ),
        Calendar(starts="due_date"),
        Chart(by="severity", over="status"),
        Pivot(by="assignee_id", over="severity"),
    ),
    wears=("comments", "files", "watchers"),
    named=(
        Named("open", "Open", f"status__in={OPEN}"),
        Named("mine", "Mine", f"assignee_id=me&status__in={OPEN}"),
        Named("untriaged", "Untriaged", "triaged_at__isnull=true&status__in=open,reopened"),
        Named("unassigned", "Unassigned", f"assignee_id__isnull=true&status__in={OPEN}"),
        Named("breached", "Promise broken", f"sla_status=breached&status__in={OPEN}"),
        Named("overdue", "Overdue", f"due_date__lt=today&status__in={OPEN}"),
    ),
    flow=Flow("status", rules.issue_move),
)

ISSUE_LINKS = Resource(
    entities.IssueLink,
    "issues/links",
    write=("type",),
    create_only=("issue_id", "linked_id"),
    columns=("issue_id", "type", "linked_id"),
    brief=("issue_id", "type"),
    sort="id",
    scope=BOTH_ISSUES,
    create=links.create_link,
    after=links.settle_links,
    side=("issue_id", "type", "linked_id"),
    filters=("issue_id", "linked_id", "type"),
    icon="link",
    title="Link of an issue",
    plural="Links of issues",
    parent="issue_id",
    views=(Table(),),
)

WORKAROUNDS = Resource(
    entities.Workaround,
    "issues/workarounds",
    write=("title", "steps", "effectiveness", "complexity", "success_rate"),
    create_only=("issue_id",),
    columns=("title", "effectiveness", "complexity", "success_rate", "issue_id"),
    brief=("title",),
    search=("title", "steps"),
    scope=IN_ISSUES,
    after=access.settle_parts,
    main=("steps",),
    side=("issue_id", "effectiveness", "complexity", "success_rate"),
    filters=("issue_id", "complexity", "effectiveness"),
    icon="road",
    parent="issue_id",
    views=(Table(),),
)

TEST_CASES = Resource(
    entities.TestCase,
    "issues/test_cases",
    write=("title", "type", "steps", "expected", "automated"),
    create_only=("issue_id",),
    columns=("title", "type", "last_result", "last_run_at", "last_run_by", "automated", "issue_id"),
    brief=("title", "last_result"),
    search=("title", "steps"),
    scope=IN_ISSUES,
    actions=(parts.record_result,),
    after=access.settle_parts,
    main=("steps", "expected"),
    side=("issue_id", "type", "automated", "last_result", "last_run_at", "last_run_by"),
    filters=("issue_id", "type", "last_result", "automated", "last_run_at"),
    icon="test-pipe",
    title="Test",
    parent="issue_id",
    views=(Table(), Board(by="last_result", card=("type", "last_run_at", "last_run_by"))),
)

LOG_ENTRIES = Resource(
    entities.LogEntry,
    "issues/log_entries",
    write=("at", "level", "source", "message"),
    create_only=("issue_id",),
    columns=("at", "level", "source", "message", "issue_id"),
    brief=("level", "message"),
    search=("message", "source"),
    sort="at",
    scope=IN_ISSUES,
    after=access.settle_parts,
    main=("message",),
    side=("issue_id", "at", "level", "source"),
    filters=("issue_id", "level", "at", "source"),
    icon="logs",
    title="Log entry",
    parent="issue_id",
    views=(Table(),),
)

OWN = ("issue", "issue_link", "workaround", "test_case", "log_entry")
READ = ("issues.*.read",)
WORK = (
    *READ,
    *(
        f"issues.{noun}.{verb}"
        for noun in OWN
        for verb in ("create", "update", "delete", "restore")
    ),
    *promises.WORK,
)
LEAD = (
    *WORK,
    *promises.LEAD,
)
REPORT = (*READ, "issues.issue.create")


async def guard(ctx: Context, changes: Sequence[Change]) -> None:
    """Let issues follow their tasks, and clocks what pauses, answers and calendars change."""
    await links.follow_tasks(ctx, changes)
    await clock.guard(ctx, changes)


MODULE = Module(
    "issues",
    "Issues with severity and resolution, the time promised for them, and the public form.",
    depends=("identity", "projects", "planning", "files"),
    resources=(
        ISSUES,
        ISSUE_LINKS,
        WORKAROUNDS,
        TEST_CASES,
        LOG_ENTRIES,
        *promises.RESOURCES,
    ),
    questions=(
        similar,
        priority_score,
        issue_times,
        issue_summary,
        issue_links,
        triage_queue,
        *promises.QUESTIONS,
    ),
    pages=(
        Page(
            "/issues/triage",
            "Triage",
            "filter-check",
            "issues/triage.html",
            triage_page,
            grant="issues.issue.update",
        ),
        *promises.PAGES,
    ),
    menu=Menu("Issues", "bug", ("issues.issue", "/issues/triage", *promises.MENU), order=13),
    panels={
        "projects.project": (
            Panel(
                "Issues",
                "issues/project.html",
                project_panel,
                live=("issues.issue",),
                grant="issues.issue.read",
            ),
        ),
        "projects.task": (
            Panel(
                "Issues",
                "issues/task.html",
                task_panel,
                place="side",
                live=("issues.issue",),
                grant="issues.issue.read",
            ),
        ),
    },
    guard=guard,
    jobs={REFRESH: refresh, **promises.JOBS},
    every={REFRESH: 86_400, **promises.EVERY},
    roles={
        "manager": ("issues.*",),
        "lead": LEAD,
        **dict.fromkeys(WORKING, WORK),
        "client": REPORT,
        "viewer": READ,
    },
    seed=promises.seed,
    demo=demo,
)
