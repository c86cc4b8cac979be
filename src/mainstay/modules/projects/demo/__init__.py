"""The demo company's work, told relative to today, so that it is always in the middle of things."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.modules.projects import rules
from mainstay.modules.projects.actions.tasks import counter
from mainstay.modules.projects.demo.value import value_of
from mainstay.modules.projects.demo.work import (
    COLORS,
    LINKS,
    PROJECTS,
    SHARED,
    STEPS,
    WAITS,
)
from mainstay.modules.projects.entities import (
    Label,
    Project,
    ProjectMember,
    ProjectSettings,
    Subtask,
    Task,
    TaskDependency,
    TimeEntry,
)

STATUSES = {
    "b": "backlog",
    "t": "todo",
    "p": "in_progress",
    "r": "review",
    "s": "testing",
    "x": "blocked",
    "d": "done",
    "c": "cancelled",
}
TYPES = {"t": "task", "s": "story", "b": "bug", "k": "spike", "i": "improvement", "e": "epic"}
PRIORITIES = ("lowest", "low", "medium", "high", "highest")
# How long work took against its estimate, one after the other: people are not exact.
TOOK = (Decimal("1.0"), Decimal("0.8"), Decimal("1.25"), Decimal("0.95"), Decimal("1.1"))
DONE_SO_FAR = {"p": Decimal("0.5"), "r": Decimal("0.9"), "s": Decimal("0.9"), "x": Decimal("0.6")}
HOURS_A_POINT = 3
DAY = Decimal("6.5")
DOMAIN = "helionord.example"


@dataclass
class Story:
    """What is being told: who there is, and everything that was made up so far."""

    ctx: Context
    people: dict[str, int]
    host: int | None
    members: list[ProjectMember] = field(default_factory=list)
    steps: list[Subtask] = field(default_factory=list)
    entries: list[TimeEntry] = field(default_factory=list)
    tasks: dict[str, int] = field(default_factory=dict)

    def day(self, offset: str) -> date | None:
        """Return the day that is some days from today."""
        return None if offset in ("", ".") else self.ctx.today + timedelta(int(offset))


async def demo(ctx: Context) -> None:
    """Create the demo company's projects with all that is in them, unless they are there."""
    codes = [line.split("|")[0] for line, _, _ in PROJECTS]
    project = ctx.registry.tables["projects.project"]
    if await ctx.rows(sa.select(project.c.id).where(project.c.code.in_(codes)).limit(1)):
        return
    story = Story(ctx, await _people(ctx), await _host(ctx))
    if not story.people:
        return
    for line, says, lines in PROJECTS:
        await _project(story, line.split("|"), says, lines.strip().splitlines())
    await ctx.create_many(story.members)
    await ctx.create_many(story.steps)
    await ctx.create_many(story.entries)
    await ctx.create_many(list(_links(story)))


async def _people(ctx: Context) -> dict[str, int]:
    """Return the demo company's people by first name."""
    c = ctx.registry.tables["identity.user"].c
    chosen = sa.select(c.first_name, c.id).where(c.email.endswith(f"@{DOMAIN}", autoescape=True))
    return {row[0]: row[1] for row in await ctx.rows(chosen)}


async def _host(ctx: Context) -> int | None:
    """Return the person who set the workspace up, if there is one yet."""
    c = ctx.registry.tables["identity.user"].c
    other = sa.select(c.id).where(c.email.not_like(f"%@{DOMAIN}"), c.deleted_at.is_(None))
    found = await ctx.rows(other.order_by(c.id).limit(1))
    return found[0][0] if found else None


async def _project(story: Story, parts: Sequence[str], says: str, lines: Sequence[str]) -> None:
    ctx = story.ctx
    code, name, numbering, state, days, money, ways, leaders, members, look = parts
    prefix, unit = numbering.split()
    start, end, begun, ended = (story.day(day) for day in days.split())
    budget, cost, hours = money.split()
    chosen = (*state.split(), *ways.split(), *look.split())
    status, priority, risk, billing, method, color, icon = chosen
    settings: dict[str, Any] = {"task_prefix": prefix, "estimation_unit": unit}
    values: dict[str, Any] = {
        "status": status,
        "priority": priority,
        "risk_level": risk,
        "billing_type": None if billing == "." else billing,
        "methodology": method,
        **_leaders(story, leaders),
        **await value_of(ctx, code),
    }
    project = Project(
        code=code,
        name=name,
        description=says,
        start_date=start,
        end_date=end,
        actual_start=begun,
        actual_end=ended,
        budget=Decimal(budget),
        actual_cost=Decimal(cost),
        currency="EUR",
        estimated_hours=Decimal(hours),
        hourly_rate=Decimal(95),
        settings=ProjectSettings(**settings),
        color=color,
        icon=icon,
        **values,
    )
    await ctx.create(project)
    _members(story, project, members)
    await _tasks(story, project, lines)


def _leaders(story: Story, named: str) -> dict[str, int]:
    """Return who owns a project and who manages it."""
    owner, manager = named.split()
    return {"owner_id": story.people[owner], "project_manager_id": story.people[manager]}


def _members(story: Story, project: Project, listed: str) -> None:
    """Note who belongs to the project: its owner, its manager, and those who are listed."""
    roles: dict[int, Any] = {
        project.owner_id or 0: "owner",
        project.project_manager_id or 0: "admin",
    }
    for part in listed.split(","):
        role, *names = part.split()
        roles |= {story.people[name]: role for name in names}
    if story.host:
        roles.setdefault(story.host, "admin")
    story.members += [
        ProjectMember(project_id=project.id, user_id=user, role=role, joined_at=story.ctx.now)
        for user, role in roles.items()
    ]


async def _labels(story: Story, project: Project, rows: Sequence[Sequence[str]]) -> dict[str, int]:
    names = dict.fromkeys(name for row in rows for name in row[4].split(",") if name)
    labels = [
        Label(project_id=project.id, name=name, color=COLORS[place % len(COLORS)])
        for place, name in enumerate(names)
    ]
    await story.ctx.create_many(labels)
    return {label.name: label.id for label in labels}


async def _tasks(story: Story, project: Project, lines: Sequence[str]) -> None:
    rows = [line.split("|") for line in lines]
    labels = await _labels(story, project, rows)
    places: dict[str, float] = {}
    tasks: list[Task] = []
    for number, row in enumerate(rows, 1):
        task = _task(story, project, row, number)
        task.labels = [labels[name] for name in row[4].split(",") if name]
        places[task.status] = places.get(task.status, 0.0) + rules.GAP
        task.sort_order = places[task.status]
        tasks.append(task)
    worked = [
        list(_work(story, task, row[0][0], n))
        for n, (task, row) in enumerate(zip(tasks, rows, strict=True))
    ]
    for task, entries in zip(tasks, worked, strict=True):
        task.actual_hours = sum((entry.hours for entry in entries), Decimal(0))
        task.progress = rules.task_progress(task.status, task.estimated_hours, task.actual_hours)
    await story.ctx.create_many(tasks)
    await story.ctx.raise_number(counter(project.id), len(tasks))
    for task, entries in zip(tasks, worked, strict=True):
        story.tasks[task.title] = task.id
        for entry in entries:
            entry.task_id = task.id
        story.entries += entries
        story.steps += _steps(story, task)


def _task(story: Story, project: Project, row: Sequence[str], number: int) -> Task:
    (status, kind, priority), who, size, due, _, title, says = row[0].split(), *row[1:]
    people = [story.people[name] for name in who.split("+") if name]
    helpers = [story.host] if story.host and title in SHARED else []
    points = project.settings.estimation_unit == "points"
    hours = Decimal(size) * (HOURS_A_POINT if points else 1)
    day = story.day(due)
    if day and day != story.ctx.today:
        day = _workday(day, 0)
    values: dict[str, Any] = {
        "status": STATUSES[status],
        "type": TYPES[kind],
        "priority": PRIORITIES[int(priority) - 1],
    }
    task = Task(
        project_id=project.id,
        code=rules.task_code(project.settings.task_prefix, number),
        title=title,
        description=says,
        assignee_id=people[0] if people else None,
        assignees=[*people, *helpers],
        reporter_id=project.project_manager_id,
        story_points=float(size) if points else None,
        estimated_hours=hours,
        due_date=day,
        blocked_reason=WAITS.get(title, ""),
        **values,
    )
    if day and status not in "bt":
        task.start_date = min(_workday(day, int(hours / DAY) + 1), story.ctx.today)
    elif day and status == "t":
        task.start_date = max(_workday(day, int(hours / DAY)), min(day, story.ctx.today))
    if day and status == "d":
        task.completed_at = _at(_workday(day, 0), time(14, 20 + number % 40))
        task.remaining_hours = Decimal(0)
    return task


def _work(story: Story, task: Task, status: str, place: int) -> Iterator[TimeEntry]:
    """Yield the time that the lead and the helpers spent on a task, day by day."""
    share = TOOK[place % len(TOOK)] if status == "d" else DONE_SO_FAR.get(status, Decimal(0))
    left = ((task.estimated_hours or Decimal(0)) * share).quantize(Decimal("0.25"))
    day = task.completed_at.date() if task.completed_at else _workday(story.ctx.today, 1)
    turn = 0
    people = [person for person in task.assignees if person != story.host]
    while left > 0 and people:
        spent = min(left, DAY)
        entry = TimeEntry(
            project_id=task.project_id,
            user_id=people[turn % len(people)],
            date=day,
            hours=spent,
            hourly_rate=Decimal(95),
            billable=task.type != "bug",
            type=_kind(task),
        )
        yield entry
        left, turn = left - spent, turn + 1
        day = _workday(day, 1) if turn % len(people) == 0 else day
    if task.title == RUNNING and task.assignees:
        begun = story.ctx.now - timedelta(minutes=47)
        timer = TimeEntry(project_id=task.project_id, user_id=task.assignees[0], started_at=begun)
        timer.date, timer.description = story.ctx.today, "Rounding of the cents"
        yield timer


RUNNING = "Split one roof's yield among tenants"


def _kind(task: Task) -> Any:
    """Return the kind of work a task means for who logs it."""
    words = task.title.lower()
    if words.startswith(("train", "show the caretaker", "safety briefing")):
        return "training"
    if words.startswith(("test", "measure", "run all checks")):
        return "testing"
    if words.startswith(("sign", "apply", "write", "send", "collect", "draw the as-built")):
        return "documentation"
    return "development" if task.story_points else "other"


def _steps(story: Story, task: Task) -> Iterator[Subtask]:
    for place, said in enumerate(STEPS.get(task.title, ()), 1):
        done = said.startswith("!")
        step = Subtask(task_id=task.id, title=said.lstrip("!"), completed=done)
        step.assignee_id, step.sort_order = task.assignee_id, place * rules.GAP
        if done:
            step.completed_at = story.ctx.now - timedelta(days=2, hours=place)
            step.completed_by = task.assignee_id
        yield step


def _links(story: Story) -> Iterator[TaskDependency]:
    for line in LINKS.strip().splitlines():
        earlier, later, lag = line.split("|")
        first, then = story.tasks[earlier], story.tasks[later]
        yield TaskDependency(task_id=then, depends_on_id=first, lag_days=int(lag))


def _workday(day: date, back: int) -> date:
    """Return the working day that lies some working days before a day, or at it."""
    while back > 0 or day.weekday() > 4:
        day -= timedelta(days=1)
        back -= day.weekday() < 5
    return day


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, UTC)
