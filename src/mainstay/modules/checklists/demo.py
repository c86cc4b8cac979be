"""How the demo company does some of its work: steps, checklists half done, and a result."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.modules.checklists.actions.common import GAP
from mainstay.modules.checklists.entities import (
    Checklist,
    ChecklistItem,
    Step,
    StepTracker,
    TaskResult,
)

DOMAIN = "helionord.example"

# Task | step | who | planned hours | hours worked, or "-" where it is not done yet.
STEPS = """
Mount modules on house 3|Carry up the east half|Tomasz|3|3.25
Mount modules on house 3|Clamp and torque the east half|Lars|5|4.5
Mount modules on house 3|Carry up the west half|Tomasz|3|-
Mount modules on house 3|Clamp and torque the west half|Lars|5|-
Mount modules on house 3|Photograph every string for the file|Tomasz|1|-
Draw the meter cabinet for house 4|Take the measures on site|Mei|1.5|1.75
Draw the meter cabinet for house 4|Draw the cabinet|Mei|3|-
Draw the meter cabinet for house 4|Have it checked|Kwame|0.5|-
Balance all 38 radiators|Ground floor|Rafael|4|4.5
Balance all 38 radiators|Upper floor|Rafael|5|5.25
Balance all 38 radiators|Write the settings on the valves|Rafael|2|2
"""

# Task | checklist | mode, then its items: state | name | who | flags | days until due.
# State: d done, p in progress, x blocked, t to do, w waits for validation. Flags: o optional,
# v needs validation.
LISTS = (
    (
        "Measure and sign off house 3",
        "Acceptance of house 3",
        "sequential",
        """
d|Lock the breaker and hang the sign|Tomasz||
d|Measure the earth resistance|Tomasz||
w|Measure the insulation resistance of every string|Tomasz|v|
t|Compare the strings, within 2 % of each other|Tomasz||5
t|Photograph the meter and the labels|Lars|o|5
t|Sign the acceptance record|Aisha|v|6
""",
    ),
    (
        "Mount modules on house 3",
        "Before anybody goes up",
        "parallel",
        """
d|Check the harnesses|Tomasz||
d|Check the scaffolding tag of this week|Tomasz||
d|Read the wind forecast, below 8 m/s|Lars||
""",
    ),
    (
        "Prepare the tenants' power contract",
        "Papers that belong to the contract",
        "parallel",
        """
d|Price sheet for the basic and the green tariff|Aisha||
x|Paragraph 4, notice periods|Aisha||-2
t|Metering plan, signed by the grid operator|Sofia||3
t|Translation into Turkish and Ukrainian|Fatima|o|6
""",
    ),
    (
        "Collect the papers for the final invoice",
        "Final invoice",
        "sequential",
        """
d|Hydraulic balancing protocol|Rafael||-1
p|Acceptance record, signed by the nursery|Aisha||-1
t|Proof of use for the subsidy office|Fatima||7
t|Second pair of eyes on the amounts|Sofia|v|7
""",
    ),
)
REASON = "The cooperative's lawyer answers on Thursday."
RESULT = ("Fill, bleed and pressure-test the system", "Rafael", 8, 8, {"bar": 3, "minutes": 120})
STATES = {"d": "completed", "w": "completed", "p": "in_progress", "x": "blocked", "t": "pending"}


async def demo(ctx: Context) -> None:
    """Give some of the demo company's tasks steps and checklists, unless they have them."""
    people = await _people(ctx)
    titles = {line.split("|")[0] for line in STEPS.strip().splitlines()}
    tasks = await _tasks(ctx, sorted(titles | {row[0] for row in LISTS} | {RESULT[0]}))
    if not people or not tasks or await ctx.find(Step, anywhere=True):
        return
    await _steps(ctx, people, tasks)
    for place, (title, name, mode, lines) in enumerate(LISTS):
        if title in tasks:
            rows = [line.split("|") for line in lines.strip().splitlines()]
            await _checklist(ctx, (tasks[title], name, mode, place), rows, people)
    title, who, right, asked, metrics = RESULT
    if title in tasks and who in people:
        result = TaskResult(
            task_id=tasks[title],
            user_id=people[who],
            correct_answers=right,
            total_questions=asked,
            percent=100.0,
            passed=True,
            performance_metrics=metrics,
            note="Held 3 bar for two hours without a drop.",
        )
        await ctx.create(result)


async def _people(ctx: Context) -> dict[str, int]:
    """Return the demo company's people by first name."""
    c = ctx.registry.tables["identity.user"].c
    chosen = sa.select(c.first_name, c.id).where(c.email.endswith(f"@{DOMAIN}", autoescape=True))
    return {row[0]: row[1] for row in await ctx.rows(chosen)}


async def _tasks(ctx: Context, titles: Sequence[str]) -> dict[str, int]:
    c = ctx.registry.tables["projects.task"].c
    chosen = sa.select(c.title, sa.func.min(c.id)).where(c.title.in_(titles))
    return {row[0]: row[1] for row in await ctx.rows(chosen.group_by(c.title))}


async def _steps(ctx: Context, people: dict[str, int], tasks: dict[str, int]) -> None:
    """Write the steps, and what was worked on those that are done."""
    steps, worked = [], []
    for place, line in enumerate(STEPS.strip().splitlines()):
        title, name, who, planned, hours = line.split("|")
        if title not in tasks or who not in people:
            continue
        done = hours != "-"
        step = Step(
            task_id=tasks[title],
            name=name,
            sort_order=(place + 1) * GAP,
            assignee_id=people[who],
            hours_planned=Decimal(planned),
            is_completed=done,
            completed_at=ctx.now - timedelta(days=1) if done else None,
            completed_by=people[who] if done else None,
        )
        steps.append(step)
        worked.append(Decimal(hours) if done else None)
    await ctx.create_many(steps)
    begin = ctx.now - timedelta(days=1, hours=8)
    await ctx.create_many(
        [
            StepTracker(
                step_id=step.id,
                user_id=step.assignee_id,
                started_at=begin,
                ended_at=begin + timedelta(hours=float(hours)),
                total_time=hours,
            )
            for step, hours in zip(steps, worked, strict=True)
            if hours is not None
        ]
    )


async def _checklist(
    ctx: Context,
    about: tuple[int, str, str, int],
    rows: Sequence[Sequence[str]],
    people: dict[str, int],
) -> None:
    """Write one checklist with its items; what it amounts to follows."""
    task_id, name, mode, place = about
    ways: dict[str, Any] = {"mode": mode}
    checklist = Checklist(task_id=task_id, name=name, sort_order=(place + 1) * GAP, **ways)
    await ctx.create(checklist)
    items = []
    for number, (state, says, who, flags, due) in enumerate(rows):
        done = state in "dw"
        at = ctx.now - timedelta(hours=len(rows) - number) if done else None
        stands: dict[str, Any] = {"status": STATES[state]}
        items.append(
            ChecklistItem(
                checklist_id=checklist.id,
                name=says,
                sort_order=(number + 1) * GAP,
                required="o" not in flags,
                needs_validation="v" in flags,
                assignee_id=people.get(who),
                due_date=ctx.today + timedelta(int(due)) if due else None,
                is_completed=state == "d",
                completed_at=at,
                completed_by=people.get(who) if done else None,
                reason=REASON if state == "x" else "",
                **stands,
            )
        )
    await ctx.create_many(items)
