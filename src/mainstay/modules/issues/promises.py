"""The cards of promises, their clocks, and public forms; the room's own card takes them in."""

from mainstay.kernel.context import Context
from mainstay.kernel.module import Group, Named, Page, Panel, Resource, Run
from mainstay.kernel.views import Table
from mainstay.modules.issues import door
from mainstay.modules.issues.actions import clock, forms
from mainstay.modules.issues.clock_views import clock_panel, form_panel, sla_page, ticket_panel
from mainstay.modules.issues.entities import (
    IssueForm,
    IssueTicket,
    PublicCount,
    SlaPause,
    SlaPolicy,
)
from mainstay.modules.issues.questions import kept
from mainstay.modules.issues.questions.clock import clock as clock_question
from mainstay.modules.issues.questions.clock import sla_overview
from mainstay.modules.issues.questions.kept import WRITTEN
from mainstay.modules.issues.scopes import FOR_WORKERS, HIDDEN, IN_ISSUES, OWN_POLICIES
from mainstay.modules.projects.api import IN_PROJECTS

TARGETS = tuple(
    f"{priority}_{what}"
    for priority in ("highest", "high", "medium", "low", "lowest")
    for what in ("response", "resolve")
)
COUNTING = ("calendar_id", "around_the_clock", "zone", "day_starts", "warn_share")

SLA_POLICIES = Resource(
    SlaPolicy,
    "issues/promises",
    write=(
        "name",
        "description",
        "project_id",
        "types",
        *TARGETS,
        *COUNTING,
        "sort_order",
        "is_active",
    ),
    columns=(
        "name",
        "project_id",
        "types",
        "highest_resolve",
        "high_resolve",
        "medium_resolve",
        "low_resolve",
        "lowest_resolve",
        "is_active",
    ),
    brief=("name",),
    search=("name", "description"),
    sort="sort_order",
    scope=OWN_POLICIES,
    create=clock.create_policy,
    update=clock.update_policy,
    after=clock.settle_policies,
    main=("description",),
    side=("project_id", "types", "is_active", "sort_order", *COUNTING, *TARGETS),
    groups=(
        Group("First answer, in working hours", TARGETS[0::2]),
        Group("Resolved, in working hours", TARGETS[1::2]),
        Group("What counts as working time", COUNTING),
    ),
    filters=("project_id", "is_active", "calendar_id"),
    icon="shield-check",
    title="Promise",
    plural="Promises",
    views=(Table(),),
)

SLA_PAUSES = Resource(
    SlaPause,
    "issues/pauses",
    columns=("issue_id", "kind", "began_at", "ended_at", "reason", "paused_by"),
    brief=("issue_id", "began_at"),
    sort="-began_at",
    scope=IN_ISSUES,
    verbs=(),
    side=("issue_id", "kind", "began_at", "ended_at", "paused_by"),
    filters=("issue_id", "kind", "began_at"),
    icon="player-pause",
    title="Pause of a clock",
    plural="Pauses of clocks",
    parent="issue_id",
    views=(Table(),),
)

ISSUE_FORMS = Resource(
    IssueForm,
    "issues/forms",
    write=(
        "name",
        "address",
        "introduction",
        "thanks",
        "type",
        "priority",
        "assignee_id",
        "asks_contact",
        "asks_severity",
        "asks_steps",
        "asks_version",
        "takes_files",
        "is_open",
    ),
    create_only=("project_id",),
    columns=("name", "project_id", "address", "is_open", "received", "type", "priority"),
    brief=("name",),
    search=("name", "address"),
    sort="name",
    scope=IN_PROJECTS,
    create=forms.create_form,
    after=forms.settle_forms,
    derived=("received",),
    main=("introduction", "thanks"),
    side=(
        "project_id",
        "is_open",
        "received",
        "address",
        "type",
        "priority",
        "assignee_id",
        "asks_contact",
        "asks_severity",
        "asks_steps",
        "asks_version",
        "takes_files",
    ),
    groups=(
        Group("What it becomes", ("type", "priority", "assignee_id")),
        Group(
            "What it asks",
            ("asks_contact", "asks_severity", "asks_steps", "asks_version", "takes_files"),
        ),
    ),
    panels=(Panel("", "issues/form_link.html", form_panel, place="top"),),
    filters=("project_id", "is_open", "type"),
    icon="forms",
    title="Public form",
    plural="Public forms",
    parent="project_id",
    views=(Table(),),
    named=(Named("open", "Open", "is_open=true"),),
)

ISSUE_TICKETS = Resource(
    IssueTicket,
    "issues/tickets",
    columns=("issue_id", "name", "email", "form_id", "created_at", "last_seen_at"),
    brief=("issue_id", "name"),
    search=("name", "email"),
    sort="-id",
    scope=FOR_WORKERS,
    verbs=("delete",),
    undo=False,
    after=forms.settle_tickets,
    side=("issue_id", "name", "email", "form_id", "locale", "created_at", "last_seen_at"),
    filters=("issue_id", "form_id", "created_at"),
    icon="ticket",
    title="Outside report",
    plural="Outside reports",
    parent="issue_id",
    views=(Table(),),
)

PUBLIC_COUNTS = Resource(
    PublicCount,
    "issues/public_counts",
    columns=("count", "began_at"),
    brief=("count",),
    verbs=(),
    undo=False,
    logged=False,
    scope=HIDDEN,
    icon="lock",
    title="Public count",
)

RESOURCES = (SLA_POLICIES, SLA_PAUSES, ISSUE_FORMS, ISSUE_TICKETS, PUBLIC_COUNTS)
DERIVED = WRITTEN
VERBS = (clock.pause_clock, clock.resume_clock)
PANELS = (
    Panel(
        "",
        "issues/clock.html",
        clock_panel,
        place="top",
        live=("issues.sla_pause", "issues.sla_policy"),
    ),
    Panel(
        "Reported from outside",
        "issues/ticket.html",
        ticket_panel,
        place="side",
        live=("issues.issue_ticket",),
        grant="issues.issue_ticket.read",
    ),
)
QUESTIONS = (clock_question, sla_overview)
PAGES = (
    Page(
        "/issues/sla",
        "Promises kept",
        "shield-check",
        "issues/sla.html",
        sla_page,
        grant="issues.sla_overview.read",
    ),
)
MENU = ("/issues/sla", "issues.issue_form", "issues.sla_policy")
JOBS: dict[str, Run] = {
    clock.MARK: clock.mark_clocks,
    clock.COUNT: clock.recount,
    door.MAIL: door.mail_ticket,
    door.FORGET: door.forget_counts,
}
EVERY = {clock.MARK: 60, door.FORGET: 6 * 3600}
WORK = (
    "issues.issue.pause_clock",
    "issues.issue.resume_clock",
    # What a verb has done to pauses is undone with it; nobody edits them otherwise.
    *(f"issues.sla_pause.{verb}" for verb in ("update", "delete")),
)
LEAD = (
    *(
        f"issues.{noun}.{verb}"
        for noun in ("sla_policy", "issue_form")
        for verb in ("create", "update", "delete", "restore")
    ),
    "issues.issue_ticket.delete",
)


async def seed(ctx: Context) -> None:
    """Make the usual promise where there is none: 1, 3, 7, 14 and 20 working days of eight hours.

    With it an issue is met or missed, on track or breached just as by the plain rule of days.
    """
    if await kept.any_policy(ctx):
        return
    says = (
        "Resolved within 1, 3, 7 or 14 working days of eight hours, the lowest priority within 20."
    )
    await ctx.create(SlaPolicy(name="Standard", description=says, sort_order=1000.0))
