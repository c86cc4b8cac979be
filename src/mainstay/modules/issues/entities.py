"""The nouns of issues: the issue, its links, workarounds and tests, its clock, the public form."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Literal, get_args

from mainstay.facets.tags.api import Tags
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Choices, Flag, Instant, Real, Ref, Text, Whole
from mainstay.modules.projects.kinds import (
    Assignee,
    Custom,
    Due,
    Line,
    Order,
    Priority,
    ProjectId,
    UserId,
    Words,
)

IssueId = Annotated[int, Ref(target="issues.issue", cascade=True, label="Issue")]
Title = Annotated[str, Text(500, least=1)]
Said = Annotated[str, Text(2000, lines=True)]
IssueStatus = Annotated[
    Literal["open", "in_progress", "resolved", "closed", "reopened", "cancelled"],
    Choice(
        aliases=(("done", "closed"), ("completed", "closed"), ("todo", "open"), ("new", "open")),
        colors=(
            ("open", "azure"),
            ("in_progress", "blue"),
            ("resolved", "green"),
            ("closed", "secondary"),
            ("reopened", "orange"),
            ("cancelled", "secondary"),
        ),
        help="Where the issue stands.",
    ),
]
SeverityName = Literal["trivial", "minor", "major", "critical", "blocker"]
Severity = Annotated[
    SeverityName,
    Choice(
        ordered=True,
        colors=(
            ("trivial", "secondary"),
            ("minor", "azure"),
            ("major", "yellow"),
            ("critical", "orange"),
            ("blocker", "red"),
        ),
        help="How bad it is for whoever meets it.",
    ),
]
IssueType = Annotated[
    Literal[
        "bug",
        "feature_request",
        "improvement",
        "task",
        "epic",
        "story",
        "sub_task",
        "incident",
        "change_request",
        "question",
        "documentation",
        "test",
        "support",
    ],
    Choice(colors=(("bug", "red"), ("incident", "red"), ("feature_request", "green"))),
]
Category = Annotated[
    Literal[
        "frontend",
        "backend",
        "database",
        "api",
        "ui_ux",
        "security",
        "infrastructure",
        "deployment",
        "integration",
        "mobile",
        "web",
        "desktop",
        "performance",
        "network",
        "data",
        "documentation",
        "other",
    ],
    Choice(help="Which part it is about."),
]
Resolution = Annotated[
    Literal[
        "unresolved",
        "fixed",
        "wont_fix",
        "duplicate",
        "invalid",
        "works_as_designed",
        "cannot_reproduce",
        "incomplete",
        "moved",
        "deferred",
    ],
    Choice(help="How it ended."),
]
SlaState = Literal["none", "running", "paused", "warned", "breached", "met", "missed"]
SlaStatus = Annotated[
    SlaState,
    Choice(
        colors=(
            ("running", "blue"),
            ("paused", "secondary"),
            ("warned", "yellow"),
            ("breached", "red"),
            ("met", "green"),
            ("missed", "red"),
        ),
        label="SLA",
        help="How it stands with the time that was promised.",
    ),
]
SlaAnswer = Annotated[
    Literal["none", "running", "breached", "met", "missed"],
    Choice(
        colors=(
            ("running", "blue"),
            ("breached", "red"),
            ("met", "green"),
            ("missed", "red"),
        ),
        label="First answer in time",
        help="How it stands with the time promised for the first answer.",
    ),
]


class Issue(Entity, kw_only=True):
    """Something that is wrong, asked or wished for, until it is resolved."""

    __unique__: ClassVar = (("project_id", "code"),)
    __index__: ClassVar = (
        ("project_id", "status"),
        ("deleted_at", "id", "project_id", "status"),
        ("assignee_id", "status"),
        ("sla_status", "sla_due_at"),
        ("sla_response", "sla_response_due_at"),
        ("task_id",),
        ("sprint_id",),
        ("duplicate_of_id",),
    )

    project_id: ProjectId
    code: Annotated[str, Text(20, help="Numbered by the project when left out, like ISS-001.")] = ""
    title: Title
    description: Words = ""
    type: IssueType = "bug"
    status: IssueStatus = "open"
    priority: Priority = "medium"
    severity: Severity = "major"
    category: Category | None = None
    resolution: Resolution = "unresolved"
    assignee_id: Assignee | None = None
    reporter_id: Annotated[int, Ref(target="identity.user", help="Who met it.")] | None = None
    task_id: (
        Annotated[int, Ref(target="projects.task", help="The task that deals with it.")] | None
    ) = None
    sprint_id: Annotated[int, Ref(target="scrum.sprint", label="Sprint")] | None = None
    duplicate_of_id: Annotated[int, Ref(target="issues.issue", label="Duplicate of")] | None = None
    origin: Annotated[
        Literal["internal", "public_form", "import", "email", "chat"],
        Choice(help="By which way it came in."),
    ] = "internal"
    frequency: Annotated[
        Literal["always", "often", "sometimes", "rarely", "once", "unknown"], Choice()
    ] = "unknown"
    impact_users: Annotated[
        int, Whole(label="People affected", help="How many people meet it.")
    ] = 0
    business_impact: Said = ""
    technical_debt: bool = False
    security: bool = False
    performance: bool = False
    accessibility: bool = False
    regression: Annotated[bool, Flag(help="Whether it worked before.")] = False
    version_found: Line = ""
    version_fixed: Line = ""
    component: Line = ""
    environment: Line = ""
    browser: Line = ""
    os: Annotated[str, Text(100, label="Operating system")] = ""
    device: Line = ""
    steps_to_reproduce: Words = ""
    expected_result: Words = ""
    actual_result: Words = ""
    stack_trace: Words = ""
    due_date: Due | None = None
    priority_score: Annotated[
        int, Whole(label="Score", help="From priority, severity, age, people and risks.")
    ] = 0
    triaged_at: Annotated[datetime, Instant(label="Triaged")] | None = None
    triaged_by: UserId | None = None
    started_at: Annotated[datetime, Instant(label="Work began")] | None = None
    first_response_at: Annotated[datetime, Instant(label="First answer")] | None = None
    resolved_at: Annotated[datetime, Instant(label="Resolved")] | None = None
    closed_at: Annotated[datetime, Instant(label="Closed")] | None = None
    sla_policy_id: Annotated[int, Ref(target="issues.sla_policy", label="Promise")] | None = None
    sla_status: SlaStatus = "none"
    sla_due_at: Annotated[datetime, Instant(label="To be resolved by")] | None = None
    sla_warn_at: Annotated[datetime, Instant(label="Warned from")] | None = None
    sla_response_due_at: Annotated[datetime, Instant(label="To be answered by")] | None = None
    sla_used_minutes: Annotated[
        int, Whole(label="Time used", help="Working minutes, when the clock was last counted.")
    ] = 0
    sla_response: SlaAnswer = "none"
    sla_since: (
        Annotated[
            datetime,
            Instant(label="Clock stands since", help="Empty while the clock runs."),
        ]
        | None
    ) = None
    # How the clock stood when the issue ended, for good; `questions.kept.Ending` as JSON.
    sla_end: Annotated[str, Text(2000, secret=True)] = ""
    sort_order: Order = 0.0
    tags: Tags = []
    custom_fields: Custom = {}


class IssueLink(Entity, kw_only=True):
    """How one issue relates to another; the other one shows the inverse."""

    __unique__: ClassVar = (("issue_id", "linked_id", "type"),)
    __index__: ClassVar = (("linked_id",),)

    issue_id: IssueId
    linked_id: Annotated[int, Ref(target="issues.issue", cascade=True, label="Other issue")]
    type: Annotated[
        Literal[
            "blocks", "relates_to", "duplicates", "causes", "parent_of", "depends_on", "follows"
        ],
        Choice(help="What this issue is to the other one."),
    ] = "relates_to"


class Workaround(Entity, kw_only=True):
    """A way to live with an issue until it is fixed."""

    issue_id: IssueId
    title: Annotated[str, Text(200, least=1)]
    steps: Words = ""
    effectiveness: Annotated[float, Real(most=1.0, help="How much of it is avoided, 0 to 1.")] = 0.5
    complexity: Annotated[
        Literal["simple", "moderate", "complex", "expert_only"], Choice(ordered=True)
    ] = "simple"
    success_rate: Annotated[float, Real(most=1.0, help="How often it works, 0 to 1.")] | None = None


class TestCase(Entity, kw_only=True):
    """A test that shows whether an issue is there."""

    __test__: ClassVar = False

    issue_id: IssueId
    title: Annotated[str, Text(200, least=1)]
    type: Annotated[
        Literal["unit", "integration", "system", "acceptance", "regression", "performance"],
        Choice(),
    ] = "regression"
    steps: Words = ""
    expected: Words = ""
    automated: bool = False
    last_result: Annotated[
        Literal["not_executed", "passed", "failed", "blocked", "skipped"],
        Choice(colors=(("passed", "green"), ("failed", "red"), ("blocked", "orange"))),
    ] = "not_executed"
    last_run_at: Annotated[datetime, Instant(label="Last run")] | None = None
    last_run_by: UserId | None = None


class LogEntry(Entity, kw_only=True):
    """A line of a program's log that belongs to an issue."""

    __index__: ClassVar = (("issue_id", "at"),)

    issue_id: IssueId
    at: Annotated[datetime, Instant(label="When")] | None = None
    level: Annotated[
        Literal["trace", "debug", "info", "warn", "error", "fatal"],
        Choice(ordered=True, colors=(("warn", "yellow"), ("error", "red"), ("fatal", "red"))),
    ] = "error"
    source: Line = ""
    message: Annotated[str, Text(10_000, least=1, lines=True)]


HOURS = "In working hours."


@dataclass(frozen=True)
class Several(Choices):
    """Several of a few values in a column of its own, by which no list is filtered."""

    operators: ClassVar[tuple[str, ...]] = ()


class SlaPolicy(Entity, kw_only=True):
    """A promise: within how many working hours issues are answered and resolved."""

    __unique__: ClassVar = (("project_id", "name"),)

    name: Annotated[str, Text(100, least=1)]
    description: Said = ""
    project_id: (
        Annotated[int, Ref(target="projects.project", help="Whose; every project's if left out.")]
        | None
    ) = None
    types: Annotated[
        list[str],
        Several(
            values=get_args(get_args(IssueType)[0]),
            help="Which types of issues it is for; all when left out.",
        ),
    ] = []
    calendar_id: (
        Annotated[
            int,
            Ref(
                target="planning.work_calendar",
                label="Calendar",
                help="Whose working days and holidays count; the usual ones if left out.",
            ),
        ]
        | None
    ) = None
    around_the_clock: Annotated[bool, Flag(help="Whether nights and free days count too.")] = False
    zone: Annotated[str, Text(50, label="Time zone", help="Like Europe/Berlin.")] = "UTC"
    day_starts: Annotated[
        str,
        Text(
            5,
            label="Work begins at",
            pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
            help="Like 09:00, in the time zone.",
        ),
    ] = "09:00"
    highest_response: Annotated[float, Real(most=10_000.0, label="Answer, highest", help=HOURS)] = (
        1.0
    )
    high_response: Annotated[float, Real(most=10_000.0, label="Answer, high", help=HOURS)] = 2.0
    medium_response: Annotated[float, Real(most=10_000.0, label="Answer, medium", help=HOURS)] = 8.0
    low_response: Annotated[float, Real(most=10_000.0, label="Answer, low", help=HOURS)] = 16.0
    lowest_response: Annotated[float, Real(most=10_000.0, label="Answer, lowest", help=HOURS)] = (
        24.0
    )
    highest_resolve: Annotated[float, Real(most=10_000.0, label="Resolve, highest", help=HOURS)] = (
        8.0
    )
    high_resolve: Annotated[float, Real(most=10_000.0, label="Resolve, high", help=HOURS)] = 24.0
    medium_resolve: Annotated[float, Real(most=10_000.0, label="Resolve, medium", help=HOURS)] = (
        56.0
    )
    low_resolve: Annotated[float, Real(most=10_000.0, label="Resolve, low", help=HOURS)] = 112.0
    lowest_resolve: Annotated[float, Real(most=10_000.0, label="Resolve, lowest", help=HOURS)] = (
        160.0
    )
    warn_share: Annotated[
        float,
        Real(
            most=1.0,
            label="Warns from",
            help="Warned when this share of the time is used, 0 to 1.",
        ),
    ] = 0.8
    sort_order: Order = 0.0
    is_active: Annotated[bool, Flag(label="Counts", help="Whether it counts for issues now.")] = (
        True
    )


class SlaPause(Entity, kw_only=True):
    """A stretch in which the clock of an issue stands, and why."""

    __index__: ClassVar = (("issue_id", "began_at"),)

    issue_id: IssueId
    began_at: Annotated[datetime, Instant(label="From")]
    ended_at: Annotated[datetime, Instant(label="To")] | None = None
    kind: Annotated[
        Literal["held", "ended"],
        Choice(help="Whether somebody paused it, or the issue had ended before it was reopened."),
    ] = "held"
    reason: Annotated[str, Text(500)] = ""
    paused_by: UserId | None = None


class IssueForm(Entity, kw_only=True):
    """A page on which people without an account report issues to a project."""

    __unique__: ClassVar = (("address",),)

    project_id: ProjectId
    name: Annotated[str, Text(100, least=1)]
    address: Annotated[
        str,
        Text(60, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", help="Its part of the web address."),
    ] = ""
    introduction: Said = ""
    thanks: Said = ""
    type: IssueType = "bug"
    priority: Priority = "medium"
    assignee_id: Assignee | None = None
    asks_severity: bool = False
    asks_steps: bool = True
    asks_version: bool = False
    asks_contact: Annotated[
        Literal["no", "optional", "required"],
        Choice(label="Asks name and e-mail", help="Whether reporters say who they are."),
    ] = "optional"
    takes_files: bool = True
    is_open: Annotated[bool, Flag(help="Whether the page takes reports now.")] = True
    received: Annotated[int, Whole(label="Received", help="How many reports came in by it.")] = 0
    stamp_key: Annotated[str, Text(64, secret=True)] = ""


class IssueTicket(Entity, kw_only=True):
    """The link with which a reporter without an account follows an issue."""

    __unique__: ClassVar = (("token_hash",),)
    __index__: ClassVar = (("issue_id",), ("mail_hash",))

    issue_id: IssueId
    form_id: Annotated[int, Ref(target="issues.issue_form", cascade=True, label="Form")] | None = (
        None
    )
    token_hash: Annotated[str, Text(64, secret=True)]
    mail_hash: Annotated[str, Text(64, secret=True)] = ""
    name: Annotated[str, Text(100, personal=True)] = ""
    email: Annotated[str, Text(255, personal=True)] = ""
    locale: Annotated[str, Text(10, label="Language")] = "en"
    last_seen_at: Annotated[datetime, Instant(label="Last looked")] | None = None


class PublicCount(Entity, kw_only=True):
    """How much came from one place to the public pages lately, so that nobody floods them."""

    __unique__: ClassVar = (("place",),)

    place: Annotated[str, Text(64, help="A hash of what is done and the address it comes from.")]
    count: Annotated[int, Whole()] = 0
    began_at: Annotated[datetime, Instant()]
