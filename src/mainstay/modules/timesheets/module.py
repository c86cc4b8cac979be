"""The card of the room: its resources, pages, questions and what its roles may do."""

from mainstay.facets.roles import READING, WORKING
from mainstay.kernel.module import (
    Group,
    Menu,
    Module,
    Named,
    Offer,
    Page,
    Panel,
    Related,
    Resource,
)
from mainstay.kernel.views import Calendar, Table
from mainstay.modules.timesheets import views
from mainstay.modules.timesheets.actions import cells, rates, sheets, timers
from mainstay.modules.timesheets.demo import demo
from mainstay.modules.timesheets.entities import HourlyRate, TimePolicy, Timesheet
from mainstay.modules.timesheets.guard import guard
from mainstay.modules.timesheets.questions.estimates import estimates
from mainstay.modules.timesheets.questions.prices import repricing
from mainstay.modules.timesheets.questions.profit import profitability
from mainstay.modules.timesheets.questions.reports import person_hours, time_report
from mainstay.modules.timesheets.questions.waiting import weeks_to_approve
from mainstay.modules.timesheets.questions.week import row_choices, timesheet_week
from mainstay.modules.timesheets.scopes import LEADING, WEEKS

TIMESHEETS = Resource(
    Timesheet,
    "timesheets/timesheets",
    write=("note",),
    create_only=("user_id", "week_start"),
    columns=("week_start", "user_id", "status", "hours", "billable_hours", "decided_by"),
    brief=("week_start", "user_id"),
    search=("note", "reason"),
    sort="-week_start",
    scope=WEEKS,
    actions=(
        sheets.submit,
        sheets.withdraw,
        sheets.approve,
        sheets.reject,
        sheets.reopen,
        sheets.hand_in,
        sheets.approve_all,
        cells.fill,
        cells.start,
        cells.halt,
    ),
    create=sheets.create_sheet,
    after=sheets.settle_sheets,
    main=("note", "reason"),
    side=(
        "user_id",
        "week_start",
        "status",
        "hours",
        "billable_hours",
        "submitted_at",
        "decided_at",
        "decided_by",
    ),
    related=(
        Related(
            "projects.time_entry",
            "timesheet_id",
            "Time",
            ("date", "task_id", "issue_id", "project_id", "hours", "description"),
        ),
    ),
    panels=(Panel("", "timesheets/way.html", views.way_panel, place="top"),),
    filters=("user_id", "week_start", "status", "decided_by", "submitted_at"),
    icon="calendar-week",
    title="Week",
    plural="Weeks",
    views=(Table(), Calendar(starts="week_start", ends="week_start")),
    named=(
        Named("mine", "Mine", "user_id=me"),
        Named("waiting", "Waiting", "status=submitted"),
    ),
    derived=("hours", "billable_hours", "changed_at"),
)

HOURLY_RATES = Resource(
    HourlyRate,
    "timesheets/hourly-rates",
    write=(
        "name",
        "user_id",
        "project_id",
        "type",
        "billing_rate",
        "cost_rate",
        "currency",
        "valid_from",
        "valid_until",
    ),
    columns=(
        "name",
        "user_id",
        "project_id",
        "type",
        "billing_rate",
        "cost_rate",
        "currency",
        "valid_from",
    ),
    brief=("name",),
    search=("name",),
    sort="name",
    actions=(rates.reprice,),
    create=rates.create_rate,
    update=rates.update_rate,
    side=(
        "user_id",
        "project_id",
        "type",
        "billing_rate",
        "cost_rate",
        "currency",
        "valid_from",
        "valid_until",
    ),
    filters=("user_id", "project_id", "type", "currency", "valid_from", "valid_until"),
    panels=(
        Panel(
            "",
            "timesheets/anew.html",
            views.anew_panel,
            grant="timesheets.hourly_rate.reprice",
        ),
    ),
    icon="coin",
    title="Hourly rate",
    plural="Hourly rates",
    groups=(Group("For whom and what", ("user_id", "project_id", "type")),),
)

TIME_POLICIES = Resource(
    TimePolicy,
    "timesheets/time-policies",
    write=(
        "name",
        "project_id",
        "round_to",
        "rounding",
        "round_each",
        "weekly_hours",
        "approval_required",
        "locked_until",
    ),
    columns=("name", "project_id", "round_to", "rounding", "approval_required", "locked_until"),
    brief=("name",),
    search=("name",),
    sort="name",
    create=rates.create_policy,
    update=rates.update_policy,
    after=rates.settle_policies,
    side=(
        "project_id",
        "round_to",
        "rounding",
        "round_each",
        "weekly_hours",
        "approval_required",
        "locked_until",
    ),
    filters=("project_id", "approval_required"),
    icon="calendar-time",
    title="Time policy",
    plural="Time policies",
    groups=(
        Group("Rounding", ("round_to", "rounding", "round_each")),
        Group("Approval and lock", ("approval_required", "weekly_hours", "locked_until")),
    ),
)

# Everybody may be somebody's manager: what they may decide on, their sight of weeks says.
READ = (
    "timesheets.timesheet.read",
    "timesheets.time_policy.read",
    "timesheets.timesheet_week.read",
)
WORK = (
    *READ,
    *(
        f"timesheets.timesheet.{verb}"
        for verb in ("create", "update", "delete", "restore", "submit", "approve", "fill")
    ),
    "timesheets.weeks_to_approve.read",
    "timesheets.row_choices.fill",
    "timesheets.time_report.read",
    "timesheets.person_hours.read",
    "timesheets.estimates.read",
)
LEAD = (*WORK, LEADING, "timesheets.profitability.read")
TIME_LIVE = ("projects.time_entry",)

MODULE = Module(
    "timesheets",
    "Weeks of time: filled, approved, locked, rated and reported.",
    depends=("identity", "projects", "planning", "issues"),
    resources=(TIMESHEETS, HOURLY_RATES, TIME_POLICIES),
    questions=(
        timesheet_week,
        row_choices,
        weeks_to_approve,
        time_report,
        person_hours,
        estimates,
        profitability,
        repricing,
    ),
    pages=(
        Page(
            "/time",
            "Timesheet",
            "calendar-week",
            "timesheets/week.html",
            views.week_page,
            grant="timesheets.timesheet_week.read",
        ),
        Page(
            "/time/approvals",
            "Approvals",
            "checks",
            "timesheets/approvals.html",
            views.approvals_page,
            grant="timesheets.weeks_to_approve.read",
        ),
        Page(
            "/time/reports",
            "Time reports",
            "report-analytics",
            "timesheets/reports.html",
            views.reports_page,
            grant="timesheets.time_report.read",
            slow=True,
        ),
        Page(
            "/time/estimates",
            "Estimates",
            "target",
            "timesheets/estimates.html",
            views.estimates_page,
            grant="timesheets.estimates.read",
            slow=True,
        ),
        Page(
            "/time/reprice",
            "Price time anew",
            "coin",
            "timesheets/reprice.html",
            views.reprice_page,
            grant="timesheets.hourly_rate.reprice",
            slow=True,
        ),
        Page(
            "/projects/projects/{project}/profitability",
            "Profitability",
            "report-money",
            "timesheets/profitability.html",
            views.profit_page,
            grant="timesheets.profitability.read",
            slow=True,
        ),
    ),
    menu=Menu(
        "Time",
        "clock",
        (
            "/time",
            "/time/approvals",
            "/time/reports",
            "timesheets.timesheet",
            "timesheets.hourly_rate",
            "timesheets.time_policy",
        ),
        order=18,
    ),
    roles={
        "manager": ("timesheets.*",),
        "lead": LEAD,
        **dict.fromkeys(WORKING, WORK),
        "engineer": LEAD,
        **dict.fromkeys(READING, ()),
    },
    permissions=(LEADING,),
    panels={
        "projects.project": (
            Panel(
                "Profitability",
                "timesheets/profit_panel.html",
                views.profit_panel,
                live=TIME_LIVE,
                grant="timesheets.profitability.read",
            ),
        ),
        "projects.task": (
            Panel(
                "Time",
                "timesheets/time_panel.html",
                views.task_time_panel,
                place="side",
                live=TIME_LIVE,
                grant="projects.time_entry.read",
            ),
        ),
        "issues.issue": (
            Panel(
                "Time",
                "timesheets/time_panel.html",
                views.issue_time_panel,
                place="side",
                live=TIME_LIVE,
                grant="projects.time_entry.read",
            ),
        ),
    },
    verbs={"issues.issue": (timers.start_timer, timers.stop_timer)},
    offers=(Offer("timer", "Timer", views.timer_offer, order=5),),
    guard=guard,
    demo=demo,
)
