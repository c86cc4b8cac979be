"""What every workspace begins with, and the demo company's calendar, days off and baseline."""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.modules.planning import scopes
from mainstay.modules.planning.entities import Baseline, Holiday, WorkCalendar

DOMAIN = "helionord.example"
AGO = timedelta(days=30)


async def seed(ctx: Context) -> None:
    """Create the usual calendar where there is none: Monday to Friday, eight hours."""
    c = ctx.registry.tables["planning.work_calendar"].c
    if not await ctx.rows(sa.select(c.id).where(c.deleted_at.is_(None)).limit(1)):
        says = "Monday to Friday, eight hours a day."
        await ctx.create(WorkCalendar(name="Standard", description=says, is_default=True))


async def demo(ctx: Context) -> None:
    """Give the demo company a calendar with holidays, days off, and a plan to compare with."""
    c = ctx.registry.tables["planning.work_calendar"].c
    name = "Hamburg office"
    if await ctx.rows(sa.select(c.id).where(c.name == name).limit(1)):
        return
    people = await _people(ctx)
    if not people:
        return
    says = "Fridays end at noon; the public holidays of Hamburg are free."
    calendar = WorkCalendar(name=name, description=says, friday=5.0, country="DE", subdivision="HH")
    await ctx.create(calendar)
    today = ctx.today
    eve = date(today.year, 12, 24)
    offs = [
        Holiday(
            name="Works holiday", date=date(today.year, 12, 28), end_date=date(today.year, 12, 31)
        ),
        Holiday(name="Christmas Eve", date=eve, half_day=True),
        Holiday(name="Safety day", date=_monday(today, 3) + timedelta(3), type="training"),
    ]
    weeks = zip(sorted(people)[:3], (2, 4, 7), strict=False)
    for who, week in weeks:
        first = _monday(today, week)
        off = Holiday(name=f"{who} is away", date=first, type="vacation", people=[people[who]])
        off.end_date = first + timedelta(4)
        offs.append(off)
    for off in offs:
        await ctx.create(off)
    await _plan(ctx, calendar.id)


def _monday(today: date, weeks: int) -> date:
    return today + timedelta(7 * weeks - today.weekday())


async def _people(ctx: Context) -> dict[str, int]:
    c = ctx.registry.tables["identity.user"].c
    if "first_name" not in c:
        return {}
    chosen = sa.select(c.first_name, c.id).where(c.email.endswith(f"@{DOMAIN}", autoescape=True))
    return {row[0]: row[1] for row in await ctx.rows(chosen)}


async def _plan(ctx: Context, calendar_id: int) -> None:
    """Keep a plan of the project with the most linked tasks, as it was a month ago."""
    project, task, link = (
        ctx.registry.tables[f"projects.{n}"].c for n in ("project", "task", "task_dependency")
    )
    count = sa.func.count()
    chosen = (
        sa.select(task.project_id, task.project_id.table.c.created_by)
        .where(task.id == link.task_id)
        .group_by(task.project_id, task.project_id.table.c.created_by)
        .order_by(count.desc(), task.project_id)
        .limit(1)
    )
    found = await ctx.rows(chosen)
    if not found:
        return
    number = found[0][0]
    moved = sa.update(project.id.table).where(project.id == number)
    await _run(ctx, moved.values(calendar_id=calendar_id))
    baseline = Baseline(project_id=number, name="Contract", note="What was agreed at the start.")
    baseline.taken_at = ctx.now - AGO
    baseline.task_count, last = await scopes.count_plan(ctx, number)
    await ctx.create(baseline)
    await scopes.keep_plan(ctx, baseline.id, number)
    baseline.planned_end = await _earlier(ctx, baseline.id) or last


async def _earlier(ctx: Context, baseline_id: int) -> date | None:
    """Let the plan have been a little more hopeful than what became of it."""
    c = ctx.registry.tables["planning.baseline_task"].c
    rows = await scopes.baseline_rows(ctx, baseline_id)
    ends = []
    for place, (task, (start, due, _hours)) in enumerate(sorted(rows.items())):
        days = timedelta((0, 2, 0, 5, 1)[place % 5])
        values: dict[str, Any] = {
            "start_date": start and start - days,
            "due_date": due and due - days,
        }
        chosen = sa.update(c.id.table).where(c.baseline_id == baseline_id, c.task_id == task)
        await _run(ctx, chosen.values(values))
        ends += [values["due_date"]] if due else []
    return max(ends, default=None)


async def _run(ctx: Context, statement: sa.Update) -> None:
    await ctx.rows(statement)
