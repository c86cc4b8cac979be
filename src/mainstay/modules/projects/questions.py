"""What people ask about work: what is mine, how a project stands, who carries how much."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.fields import Stored
from mainstay.kernel.module import question
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import NotFound
from mainstay.kernel.scope import me_bind, require
from mainstay.kernel.storage.base import Row
from mainstay.modules.projects import rules
from mainstay.modules.projects.entities import Project
from mainstay.modules.projects.scopes import ID, answer

MINE = 200
RECENT = 8
LATELY = 5000
COMING = 50
PAY = "projects.project.read_pay"


class TaskLine(Struct, kw_only=True, frozen=True):
    """A task in a list of work."""

    id: int
    code: str
    title: str
    status: str
    priority: str
    due_date: date | None
    updated_at: datetime
    project_id: int
    project_name: str
    project_color: str
    due_status: rules.DueStatus = "no_date"


class Timer(Struct, kw_only=True, frozen=True):
    """A running timer, and what it runs on."""

    id: int
    started_at: datetime
    description: str
    hours: Decimal
    task_id: int | None
    task_code: str
    task_title: str
    project_id: int


class MyWork(Struct, kw_only=True, frozen=True):
    """Your open tasks by the day they are due, your timer, and what moved lately."""

    overdue: list[TaskLine]
    today: list[TaskLine]
    this_week: list[TaskLine]
    later: list[TaskLine]
    no_date: list[TaskLine]
    open_count: int
    more: bool
    timer: Timer | None
    recent: list[TaskLine]


class StatusTotal(Struct, kw_only=True, frozen=True):
    """How many of a project's tasks are in one status, and how many points they have."""

    status: str
    count: int
    points: float


class ProjectAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which project."""

    project_id: Annotated[int, Meta(ge=1, description="The project's id")]


class ProjectOverview(Struct, kw_only=True, frozen=True):
    """How a project stands: work, time, money and health, as of today."""

    project_id: int
    as_of: date
    progress: float
    progress_percent: int
    progress_expected: float | None
    task_count: int
    open_count: int
    done_count: int
    cancelled_count: int
    overdue_count: int
    statuses: list[StatusTotal]
    points_total: float
    points_done: float
    hours_estimated: Decimal
    hours_logged: Decimal
    hours_billable: Decimal
    member_count: int
    duration_days: int | None
    days_remaining: int | None
    days_overdue: int
    schedule_variance_days: int
    overdue: bool
    over_budget: bool
    budget_variance: Decimal | None
    budget_variance_percent: float | None
    health: float
    health_band: rules.Band
    health_factors: list[rules.Factor]
    team_count: int
    goals_total: int
    goals_done: int
    open_risks: int
    milestones_total: int
    milestones_done: int
    total_project_value: Decimal | None
    monthly_recurring_amount: Decimal | None
    next_recurring_on: date | None


class Monthly(Struct, kw_only=True, frozen=True):
    """What is paid every month in one currency, and for how many projects."""

    currency: str
    amount: Decimal
    projects: int


class StatusValue(Struct, kw_only=True, frozen=True):
    """What the projects of one status are worth, in one currency; the average of those known."""

    currency: str
    status: str
    count: int
    sum: Decimal
    average: Decimal | None


class Charge(Struct, kw_only=True, frozen=True):
    """The next monthly amount of a project."""

    project_id: int
    code: str
    name: str
    currency: str
    amount: Decimal
    on: date


class RecurringRevenue(Struct, kw_only=True, frozen=True):
    """What is paid every month, what projects are worth, and what is due next, as of today."""

    as_of: date
    monthly: list[Monthly]
    statuses: list[StatusValue]
    coming: list[Charge]
    more: bool


class PhaseStep(Struct, kw_only=True, frozen=True):
    """A phase of a project's course, and whether it is behind, current or ahead."""

    phase_id: int
    name: str
    days: int
    is_milestone: bool
    state: Literal["done", "current", "ahead"]


class Phases(Struct, kw_only=True, frozen=True):
    """The course of a project: its phases, and the place of the current one (-1 before all)."""

    project_id: int
    category_id: int | None
    place: int
    steps: list[PhaseStep]


class WorkloadAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Of which project; of every one you see when left out."""

    project_id: Annotated[int | None, Meta(description="The project's id")] = None


class Load(Struct, kw_only=True, frozen=True):
    """What one person has open; nobody's work has no user."""

    user_id: int | None
    name: str
    open_count: int
    waiting: int
    started: int
    overdue: int
    points: float
    hours_estimated: Decimal
    hours_remaining: Decimal


class Workload(Struct, kw_only=True, frozen=True):
    """Open work for each person who leads tasks, the most loaded first."""

    people: list[Load]


class News(Struct, kw_only=True, frozen=True):
    """What others did to one record of yours: how many changes, by whom, and the last moment."""

    entity: str
    record_id: int
    title: str
    changes: int
    who: list[str]
    at: datetime


@question(label="My work")
async def my_work(ctx: Context) -> MyWork:
    """Your open tasks by when they are due, your running timer, and what changed lately."""
    return await work_of(ctx, await _tasks(ctx, "recent"))


async def work_of(ctx: Context, recent: list[TaskLine]) -> MyWork:
    """Return the asking person's open work, beside what changed lately."""
    tasks = await _tasks(ctx, "mine")
    groups: dict[str, list[TaskLine]] = {
        name: [] for name in ("overdue", "today", "this_week", "later", "no_date")
    }
    for line in tasks[:MINE]:
        groups[GROUP_OF[line.due_status]].append(line)
    timer = await running_timer(ctx)
    more = len(tasks) > MINE
    return MyWork(**groups, open_count=len(tasks[:MINE]), more=more, timer=timer, recent=recent)


GROUP_OF = {
    "overdue": "overdue",
    "due_today": "today",
    "due_tomorrow": "this_week",
    "due_this_week": "this_week",
    "future": "later",
    "no_date": "no_date",
}


async def _tasks(ctx: Context, which: str) -> list[TaskLine]:
    """Return my open tasks, soonest due first, or those of my projects that changed last."""
    noun = ctx.registry.noun("projects.task")
    t, p = noun.table.c, ctx.registry.tables["projects.project"].c
    names = ("id", "code", "title", "status", "priority", "due_date", "updated_at", "project_id")
    columns = [*(t[name] for name in names), p.name, p.color]

    def build() -> sa.Select[Any]:
        """Join each task with its project's name and colour."""
        chosen = sa.select(*columns).join(p.id.table, p.id == t.project_id)
        chosen = chosen.where(*visible(ctx, noun), p.deleted_at.is_(None))
        if which == "recent":
            return chosen.order_by(t.updated_at.desc(), t.id.desc()).limit(RECENT)
        link = noun.link_tables["assignees"].c
        own = sa.select(link.owner_id).where(link.target_id == me_bind())
        chosen = chosen.where(t.id.in_(own), t.status.in_(rules.OPEN))
        order = (t.due_date.asc().nulls_last(), t.priority.desc(), t.id)
        return chosen.order_by(*order).limit(MINE + 1)

    found = await answer(ctx, f"tasks {which} {_key(ctx, noun)}", build)
    return [_line(row, ctx.today) for row in decoded(ctx, columns, found)]


def _line(row: Sequence[Any], today: date) -> TaskLine:
    return TaskLine(
        id=row[0],
        code=row[1],
        title=row[2],
        status=row[3],
        priority=row[4],
        due_date=row[5],
        updated_at=row[6],
        project_id=row[7],
        project_name=row[8],
        project_color=row[9],
        due_status=rules.due_status(row[5], today),
    )


async def running_timer(ctx: Context) -> Timer | None:
    """Return the asking person's running timer."""
    e = ctx.registry.tables["projects.time_entry"].c
    t = ctx.registry.tables["projects.task"].c
    columns = [e.id, e.started_at, e.description, e.task_id, t.code, t.title, e.project_id]

    def build() -> sa.Select[Any]:
        """Read the entry without an end along the index on person and end."""
        chosen = sa.select(*columns).select_from(
            e.id.table.outerjoin(t.id.table, t.id == e.task_id)
        )
        own = sa.and_(e.user_id == me_bind(), e.ended_at.is_(None), e.started_at.is_not(None))
        running = sa.and_(own, e.hours == 0, e.deleted_at.is_(None))
        return chosen.where(running).order_by(e.id.desc()).limit(1)

    found = decoded(ctx, columns, await answer(ctx, "timer", build))
    for number, started, description, task_id, code, title, project_id in found:
        return Timer(
            id=number,
            started_at=started,
            description=description,
            hours=rules.hours_between(started, ctx.now),
            task_id=task_id,
            task_code=code or "",
            task_title=title or "",
            project_id=project_id,
        )
    return None


async def news_of(ctx: Context, since: datetime) -> list[News]:
    """Return what others changed since an instant in what one leads, owns or watches.

    Only the newest changes of the workspace are looked through: who was away for long finds the
    rest in each record's history.
    """
    log = ctx.registry.metadata.tables["kernel_log"].c

    def build() -> sa.Select[Any]:
        """Walk the end of the log backwards, and keep what happened to one's own."""
        newest = sa.select(sa.func.coalesce(sa.func.max(log.id), 0)).scalar_subquery()
        chosen = sa.select(log.entity, log.record_id, log.actor, log.at).where(
            log.id > newest - LATELY,
            log.at > sa.bindparam("since", None, type_=log.at.type),
            sa.or_(log.actor_id.is_(None), log.actor_id != me_bind()),
            sa.or_(*_own_records(ctx, log)),
        )
        return chosen.order_by(log.id.desc()).limit(MINE)

    found = await answer(ctx, "news", build, since=since)
    rows = decoded(ctx, [None, None, None, log.at], found)
    groups: dict[tuple[str, int], list[Sequence[Any]]] = {}
    for row in rows:
        groups.setdefault((row[0], row[1]), []).append(row)
    titles = await _titles(ctx, list(groups)[: RECENT * 2])
    return [
        News(
            entity=key[0],
            record_id=key[1],
            title=titles[key],
            changes=len(rows),
            who=list(dict.fromkeys(row[2] for row in rows if row[2])),
            at=rows[0][3],
        )
        for key, rows in groups.items()
        if key in titles
    ][:RECENT]


def _own_records(ctx: Context, log: Any) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a change in what the asking person leads, owns or watches."""
    task, project = ctx.registry.noun("projects.task"), ctx.registry.noun("projects.project")
    t, p, link = task.table.c, project.table.c, task.link_tables["assignees"].c
    mine = me_bind()
    helped = sa.select(link.owner_id).where(link.target_id == mine)
    reported = sa.select(t.id).where(t.reporter_id == mine)
    owned = sa.select(p.id).where(sa.or_(p.owner_id == mine, p.project_manager_id == mine))
    found = [
        sa.and_(
            log.entity == task.key, sa.or_(log.record_id.in_(helped), log.record_id.in_(reported))
        ),
        sa.and_(log.entity == project.key, log.record_id.in_(owned)),
    ]
    if "watchers.watcher" in ctx.registry.tables:
        w = ctx.registry.tables["watchers.watcher"].c
        watched: sa.Select[Any] = sa.select(sa.literal_column("1")).where(
            w.entity == log.entity,
            w.record_id == log.record_id,
            w.user_id == mine,
            w.deleted_at.is_(None),
        )
        found.append(sa.exists(watched))
    return found


async def _titles(ctx: Context, keys: list[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Return what records are called, of those that the asking person may see."""
    groups: dict[str, list[int]] = {}
    for entity, record in keys:
        groups.setdefault(entity, []).append(record)
    found: dict[tuple[str, int], str] = {}
    for entity, ids in groups.items():
        noun = ctx.registry.noun(entity)
        if not ctx.can(noun.permission("read")):
            continue
        ask = ctx.ask(noun, {"id__in": ids, "limit": len(ids), "sort": "id"})
        rows, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
        named = [name for name in ("code", "title", "name") if name in noun.brief]
        named = [name for name in named if name != "code" or "title" in noun.brief]
        for row in rows:
            words = " ".join(str(getattr(row, name)) for name in named if getattr(row, name))
            found[entity, row.id] = words or f"{noun.title} {row.id}"
    return found


@question(label="Project overview")
async def project_overview(ctx: Context, ask: ProjectAsk) -> ProjectOverview:
    """How a project stands: tasks by status, points, hours, people, dates, budget and health."""
    project = await ctx.find(Project, id=ask.project_id)
    if project is None:
        raise NotFound(f"There is no project {ask.project_id}, or you may not see it.")
    by_status = await _by_status(ctx, project.id)
    logged, billable, members = await _spent(ctx, project.id)
    beside = await _beside(ctx, project.id)
    counts = {row[0]: row[1] for row in by_status}
    total, done = sum(counts.values()), counts.get("done", 0)
    return ProjectOverview(
        project_id=project.id,
        as_of=ctx.today,
        progress=project.progress,
        progress_percent=100 if project.status == "completed" else rules.percent(done, total),
        task_count=total,
        open_count=total - done - counts.get("cancelled", 0),
        done_count=done,
        cancelled_count=counts.get("cancelled", 0),
        overdue_count=sum(row[5] for row in by_status),
        statuses=[StatusTotal(status=r[0], count=r[1], points=r[2]) for r in by_status],
        points_total=sum(row[2] for row in by_status if row[0] != "cancelled"),
        points_done=sum(row[2] for row in by_status if row[0] == "done"),
        hours_estimated=sum((row[3] for row in by_status), Decimal(0)),
        hours_logged=logged,
        hours_billable=billable,
        member_count=members,
        **beside,
        **_measures(project, ctx.today),
        **_value(ctx, project),
    )


def _measures(project: Project, today: date) -> dict[str, Any]:
    """Return what follows from a project's own dates, money and progress."""
    plan, ended = plan_of(project), project.status in rules.ENDED
    budget, cost, end = project.budget, project.actual_cost, project.end_date
    found = rules.health(plan, today)
    return {
        "progress_expected": rules.expected_progress(plan, today),
        "duration_days": rules.duration_days(project.start_date, end),
        "days_remaining": rules.days_left(end, today, ended=ended),
        "days_overdue": rules.days_overdue(end, today, ended=ended),
        "schedule_variance_days": rules.schedule_variance(plan, today),
        "overdue": rules.overdue(end, today, closed=ended),
        "over_budget": rules.over_budget(budget, cost),
        "budget_variance": rules.budget_variance(budget, cost),
        "budget_variance_percent": rules.budget_variance_percent(budget, cost),
        "health": found.score,
        "health_band": found.band,
        "health_factors": found.factors,
    }


def _value(ctx: Context, project: Project) -> dict[str, Any]:
    """Return what a project is worth and brings in, for those who may see what is paid."""
    names = ("total_project_value", "monthly_recurring_amount", "next_recurring_on")
    if not ctx.can(PAY):
        return dict.fromkeys(names)
    amount, day = project.monthly_recurring_amount, project.monthly_recurring_date
    due = amount and day and project.status in rules.RECURRING
    return {
        "total_project_value": rules.total_value(project.total_amount, project.sale_price),
        "monthly_recurring_amount": amount,
        "next_recurring_on": rules.next_monthly(day, ctx.today) if due and day else None,
    }


def plan_of(project: Project) -> rules.Plan:
    """Return what the measures of a project look at."""
    return rules.Plan(
        status=project.status,
        progress=project.progress,
        start=project.start_date,
        end=project.end_date,
        actual_start=project.actual_start,
        actual_end=project.actual_end,
        budget=project.budget,
        cost=project.actual_cost,
        risk=project.risk_level,
    )


async def _by_status(ctx: Context, project_id: int) -> list[Sequence[Any]]:
    """Return status, count, points, estimated and worked hours, and overdue count."""
    t = ctx.registry.tables["projects.task"].c
    late = sa.case((_late(t), 1), else_=0)
    columns = [
        t.status,
        sa.func.count(),
        sa.func.coalesce(sa.func.sum(t.story_points), 0.0),
        _sum(t.estimated_hours),
        _sum(t.actual_hours),
        sa.func.coalesce(sa.func.sum(late), 0),
    ]

    def build() -> sa.Select[Any]:
        """Group one project's tasks by status."""
        mine = t.project_id == sa.bindparam("project", 0, type_=ID)
        return sa.select(*columns).where(mine, t.deleted_at.is_(None)).group_by(t.status)

    found = await answer(ctx, "by status", build, project=project_id, today=ctx.today)
    rows = decoded(ctx, [t.status, None, None, t.estimated_hours, t.actual_hours, None], found)
    places = {status: place for place, status in enumerate((*rules.OPEN, *rules.CLOSED))}
    return sorted(rows, key=lambda row: places[row[0]])


async def _spent(ctx: Context, project_id: int) -> tuple[Decimal, Decimal, int]:
    """Return the hours logged on a project, those to be billed, and how many people it has."""
    e = ctx.registry.tables["projects.time_entry"].c
    m = ctx.registry.tables["projects.project_member"].c

    def build() -> sa.Select[Any]:
        """Add up in three small subqueries, so that no join inflates the sums."""
        project = sa.bindparam("project", 0, type_=ID)
        logged = sa.select(_sum(e.hours)).where(e.project_id == project, e.deleted_at.is_(None))
        people = sa.select(sa.func.count()).where(m.project_id == project, m.deleted_at.is_(None))
        return sa.select(
            logged.scalar_subquery(),
            logged.where(e.billable == sa.true()).scalar_subquery(),
            people.scalar_subquery(),
        )

    found = await answer(ctx, "spent", build, project=project_id)
    ((logged, billable, members),) = decoded(ctx, [e.hours, e.hours, None], found)
    return logged, billable, members


async def _beside(ctx: Context, project_id: int) -> dict[str, Any]:
    """Return what other rooms keep of a project: goals, open risks, milestones; and its team."""
    tables = ctx.registry.tables

    def build() -> sa.Select[Any]:
        """Count in small subqueries; a room that is not in this house has none."""
        project = sa.bindparam("project", 0, type_=ID)

        def count(key: str, *conditions: Any) -> sa.ColumnElement[int]:
            """Count a room's live records of the project."""
            if key not in tables:
                return sa.literal(0)
            c = tables[key].c
            live = sa.select(sa.func.count()).where(c.project_id == project, c.deleted_at.is_(None))
            return live.where(*(condition(c) for condition in conditions)).scalar_subquery()

        picks: list[Any] = [
            _team(ctx, project),
            count("charter.goal"),
            count("charter.goal", lambda c: c.status == "completed"),
            count("charter.project_risk", lambda c: c.status != "closed"),
            count("milestones.milestone"),
            count("milestones.milestone", lambda c: c.status == "completed"),
        ]
        return sa.select(*picks)

    (row,) = await answer(ctx, "beside", build, project=project_id)
    names = ("team_count", "goals_total", "goals_done", "open_risks")
    return dict(zip((*names, "milestones_total", "milestones_done"), row, strict=True))


def _team(ctx: Context, project: Any) -> sa.ColumnElement[int]:
    """Count who leads the project, works on its tasks or supports its goals, each once."""
    tasks, tables = ctx.registry.noun("projects.task"), ctx.registry.tables
    t, p, link = tasks.table.c, tables["projects.project"].c, tasks.link_tables["assignees"].c
    mine = sa.select(t.id).where(t.project_id == project, t.deleted_at.is_(None))
    parts = [
        sa.select(p.project_manager_id.label("person")).where(p.id == project),
        sa.select(link.target_id).where(link.owner_id.in_(mine)),
    ]
    if "charter.goal" in tables:
        g = tables["charter.goal"].c
        goals = sa.select(g.support_employee_id).where(g.project_id == project)
        parts.append(goals.where(g.deleted_at.is_(None)))
    people = sa.union(*parts).subquery()
    return sa.select(sa.func.count(people.c.person)).scalar_subquery()


@question(label="Recurring revenue")
async def recurring_revenue(ctx: Context) -> RecurringRevenue:
    """What customers pay every month, by currency, and what projects of each status are worth.

    Paid is for projects that are active or completed.
    """
    require(ctx.me, PAY)
    noun = ctx.registry.noun("projects.project")
    p = noun.table.c
    monthly = sa.and_(p.monthly_recurring_amount > 0, p.status.in_(rules.RECURRING))
    columns = [
        p.currency,
        p.status,
        sa.func.count(),
        sa.func.count(p.total_amount),
        _sum(p.total_amount),
        _sum(sa.case((monthly, p.monthly_recurring_amount))),
        sa.func.sum(sa.case((monthly, 1), else_=0)),
    ]

    def build() -> sa.Select[Any]:
        """Sum up by currency and status, in one pass."""
        chosen = sa.select(*columns).where(*visible(ctx, noun))
        return chosen.group_by(p.currency, p.status).order_by(p.currency, p.status)

    found = await answer(ctx, f"recurring {_key(ctx, noun)}", build)
    kinds = [None, None, None, None, p.total_amount, p.total_amount, None]
    rows = decoded(ctx, kinds, found)
    coming = await _coming(ctx, noun)
    return RecurringRevenue(
        as_of=ctx.today,
        monthly=_monthly(rows),
        statuses=[_status_value(row) for row in rows],
        coming=coming[:COMING],
        more=len(coming) > COMING,
    )


def _monthly(rows: Sequence[Sequence[Any]]) -> list[Monthly]:
    totals: dict[str, list[Any]] = {}
    for currency, _, _, _, _, amount, projects in rows:
        total = totals.setdefault(currency, [Decimal(0), 0])
        total[0] += amount
        total[1] += projects
    kept = [(currency, *total) for currency, total in totals.items() if total[1]]
    return [Monthly(currency=c, amount=amount, projects=n) for c, amount, n in kept]


def _status_value(row: Sequence[Any]) -> StatusValue:
    currency, status, count, known, total, _, _ = row
    return StatusValue(
        currency=currency,
        status=status,
        count=count,
        sum=total,
        average=rules.average(total, known),
    )


async def _coming(ctx: Context, noun: Noun) -> list[Charge]:
    """Return the next monthly amount of every project that has one, the soonest first."""
    p = noun.table.c
    columns = [p.id, p.code, p.name, p.currency, p.monthly_recurring_amount]
    columns.append(p.monthly_recurring_date)

    def build() -> sa.Select[Any]:
        """Read along the index on day and status."""
        chosen = sa.select(*columns).where(*visible(ctx, noun), p.status.in_(rules.RECURRING))
        chosen = chosen.where(p.monthly_recurring_date.is_not(None), p.monthly_recurring_amount > 0)
        return chosen.order_by(p.id).limit(LATELY)

    found = await answer(ctx, f"coming {_key(ctx, noun)}", build)
    charges = [
        Charge(
            project_id=row[0],
            code=row[1],
            name=row[2],
            currency=row[3],
            amount=row[4],
            on=rules.next_monthly(row[5], ctx.today),
        )
        for row in decoded(ctx, columns, found)
    ]
    return sorted(charges, key=lambda charge: (charge.on, charge.name))


@question(label="Phases")
async def project_phases(ctx: Context, ask: ProjectAsk) -> Phases:
    """The course that a project takes: the phases of its category, and the one it is in."""
    project = await ctx.find(Project, id=ask.project_id)
    if project is None:
        raise NotFound(f"There is no project {ask.project_id}, or you may not see it.")
    return await phases_of(ctx, project)


async def phases_of(ctx: Context, project: Project) -> Phases:
    """Return a project's phases in their order, each behind, current or ahead."""
    noun = ctx.registry.noun("projects.project_phase")
    c = noun.table.c
    columns = [c.id, c.name, c.default_days, c.is_milestone]

    def build() -> sa.Select[Any]:
        """Read the live phases of one category."""
        mine = c.category_id == sa.bindparam("category", 0, type_=ID)
        return sa.select(*columns).where(mine, c.deleted_at.is_(None)).order_by(c.sort_order, c.id)

    found: Sequence[Any] = ()
    if project.category_id is not None:
        found = await answer(ctx, "phases", build, category=project.category_id)
    rows = decoded(ctx, columns, found)
    place = next((n for n, row in enumerate(rows) if row[0] == project.current_phase_id), -1)
    over = project.status == "completed"
    steps = [
        PhaseStep(
            phase_id=row[0],
            name=row[1],
            days=row[2],
            is_milestone=row[3],
            state="done" if n < place or over else "current" if n == place else "ahead",
        )
        for n, row in enumerate(rows)
    ]
    return Phases(project_id=project.id, category_id=project.category_id, place=place, steps=steps)


@question(label="Workload")
async def workload(ctx: Context, ask: WorkloadAsk) -> Workload:
    """Open work for each person who leads tasks: how many, how far, how late, how big."""
    noun, person = ctx.registry.noun("projects.task"), ctx.registry.noun("identity.user")
    t, u = noun.table.c, person.table.c
    started = ("in_progress", "review", "testing", "blocked")
    rest = sa.func.coalesce(t.remaining_hours, t.estimated_hours - t.actual_hours, 0)
    left = sa.case((rest < 0, 0), else_=rest)
    named = [u[n] for n in ("display_name", "first_name", "last_name", "username") if n in u]
    columns = [
        t.assignee_id,
        *named,
        sa.func.count(),
        sa.func.sum(sa.case((t.status.in_(started), 1), else_=0)),
        sa.func.sum(sa.case((_late(t), 1), else_=0)),
        sa.func.coalesce(sa.func.sum(t.story_points), 0.0),
        _sum(t.estimated_hours),
        sa.func.coalesce(sa.func.sum(left), 0),
    ]

    def build() -> sa.Select[Any]:
        """Group open tasks by who leads them."""
        seen = sa.and_(u.id == t.assignee_id, *visible(ctx, person))
        chosen = sa.select(*columns).select_from(noun.table.outerjoin(person.table, seen))
        chosen = chosen.where(*visible(ctx, noun), t.status.in_(rules.OPEN))
        if ask.project_id is not None:
            chosen = chosen.where(t.project_id == sa.bindparam("project", 0, type_=ID))
        return chosen.group_by(t.assignee_id, *named)

    key = f"load {ask.project_id is None} {_key(ctx, noun)} {_key(ctx, person)}"
    found = await answer(ctx, key, build, project=ask.project_id, today=ctx.today)
    sums = [None, None, None, None, t.estimated_hours, t.estimated_hours]
    rows = decoded(ctx, [t.assignee_id, *(None for _ in named), *sums], found)
    people = [_load(row[0], row[1 : 1 + len(named)], row[1 + len(named) :]) for row in rows]
    people.sort(key=lambda load: (load.user_id is None, -load.open_count, load.name))
    return Workload(people=people)


def _load(user_id: int | None, names: Sequence[Any], sums: Sequence[Any]) -> Load:
    display, *rest = [str(name or "") for name in names] or [""]
    full = " ".join(part for part in rest[:2] if part)
    return Load(
        user_id=user_id,
        name=display or full or (rest[2] if rest[2:] else ""),
        open_count=sums[0],
        waiting=sums[0] - sums[1],
        started=sums[1],
        overdue=sums[2],
        points=sums[3],
        hours_estimated=sums[4],
        hours_remaining=sums[5],
    )


def visible(ctx: Context, noun: Noun) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of what the asking person may see of a resource."""
    found: list[sa.ColumnElement[bool]] = [noun.table.c.deleted_at.is_(None)]
    scope = ctx.registry.scope_condition(noun, me_bind())
    if scope is not None and ctx.reader.scoped(noun, ctx.me):
        found.append(scope)
    return found


def _key(ctx: Context, noun: Noun) -> str:
    return "scoped" if ctx.reader.scoped(noun, ctx.me) else "all"


def _late(t: Any) -> sa.ColumnElement[bool]:
    today = sa.bindparam("today", None, type_=t.due_date.type)
    return sa.and_(t.due_date < today, t.status.in_(rules.OPEN))


def _sum(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.func.coalesce(sa.func.sum(column), 0)


def decoded(
    ctx: Context, columns: Sequence[sa.ColumnElement[Any] | None], rows: Sequence[Row]
) -> list[Sequence[Any]]:
    """Return rows with every value as its field's own Python type."""
    engine = ctx.connection.engine.name
    kinds = [column.type if column is not None else None for column in columns]
    codecs = [kind.kind.from_db(engine) if isinstance(kind, Stored) else None for kind in kinds]
    return [
        [
            codec(value) if codec and value is not None else value
            for codec, value in zip(codecs, row, strict=True)
        ]
        for row in rows
    ]
