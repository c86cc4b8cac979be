"""The demo company's milestones, told relative to today, with what decides about them."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.modules.milestones import rules
from mainstay.modules.milestones.entities import (
    Deliverable,
    Milestone,
    MilestoneApproval,
    MilestoneCommunication,
    MilestoneCondition,
    MilestoneDependency,
    SuccessMetric,
)
from mainstay.modules.milestones.scopes import course_of
from mainstay.modules.projects.api import Project, Task

DOMAIN = "helionord.example"
GAP = 1024.0

# key | project | name | status, type, priority | start, due, reached | owner | phase, counted from
# the first | stakeholders | budget, cost | description
MILESTONES = """
permits|NOR|Contract and permits in hand|completed contract high|-58 -33 -33|Aisha|3|Mateus,Ingrid\
|. 3200|Nothing is ordered before the cooperative has signed and the subsidy is applied for.
first|NOR|Houses 1 and 2 deliver power|completed deliverable high|-30 -8 -8|Tomasz|5|Aisha,Mei\
|60000 58400|Two roofs are on the grid and metered; what they teach goes into the other four.
grid|NOR|Grid operator approves the connection|in_progress regulatory highest|-33 -3 .|Aisha|6\
|Mateus,Fatima|. .|Without their yes the inverters of houses 3 to 6 stay switched off.
second|NOR|Houses 3 and 4 deliver power|in_progress deliverable medium|-6 15 .|Tomasz|6|Aisha,Mei\
|62000 39800|
handover|NOR|All six houses handed over|planned external high|16 36 .|Aisha|8|Ingrid,Sofia\
|64000 .|The tenants know their power contract, the caretakers know the cabinets, and there is cake.
boiler|KITA|Oil boiler out, foundation set|completed internal medium|-58 -41 -41|Rafael|.|Kwame\
|18000 19600|
pumps|KITA|Both heat pumps run|completed deliverable high|-41 -12 -11|Kwame|.|Rafael,Aisha\
|52000 58900|
accepted|KITA|The city accepts the building|in_progress external highest|-11 5 .|Aisha|.\
|Mateus,Kwame,Ingrid|24500 22750|The acceptance on site, with the nursery's head and the city's \
building department.
"""

# milestone | title | type, status, weight, required | who | due | verification | evidence | note
CONDITIONS = """
permits|Contract is signed by the cooperative|legal completed 1 y|Aisha|-54||Contract NOR-2, page 9|
permits|Subsidy is applied for before anything is ordered|compliance completed 0.6 y|Fatima|-35||\
Receipt of the state bank|
permits|Structural reserve of all six roofs is checked|quality_gate completed 0.8 y|Kwame|-46||\
Reports 1 to 6|Houses 2 and 5 carry the light rails.
first|Insulation resistance above 1 MΩ on every string|test_passed completed 1 y|Tomasz|-8|\
Measured by a master electrician|Protocol house 1,Protocol house 2|
first|Meters are read by the portal|performance completed 0.5 n|Priya|-6|||
first|Scaffolding is away from the pavement|security waived 0.3 y|Tomasz|-7|||\
It stays for house 3, agreed with the city.
grid|Reactive power curve is handed in|documentation pending_review 0.8 y|Mei|-4|Form E.8||
grid|Protection relay is set as they ask|test_passed in_progress 1 y|Lars|1|||
grid|Grid operator confirms in writing|approval not_started 1 y|Aisha|-3|||
second|Rails and modules on both roofs|deliverable in_progress 1 y|Tomasz|12|||
second|Strings are measured and signed off|test_passed not_started 1 y|Tomasz|15|\
Measured by a master electrician||
second|Tenants of both houses have their letter|documentation completed 0.4 n|Aisha|-1||Letter of \
last week|
handover|Every unit is in the market register|compliance not_started 0.8 y|Aisha|32|||
handover|Caretakers are trained|training not_started 0.6 y|Tomasz|34|Signed list of who was there||
handover|All six inverters report to the portal|performance not_started 0.8 y|Priya|30|||
handover|Courtyard is as clean as it was|quality_gate not_started 0.2 n|Tomasz|34|Photographs||
pumps|Pressure test holds 3 bar for two hours|test_passed completed 1 y|Rafael|-15|Read twice|\
Protocol with photographs|
pumps|Pump 2 runs through the night|performance completed 1 y|Kwame|-9|Log of three nights|Log file\
|The expansion vessel was too small.
boiler|Tank is cleaned and certified|compliance completed 1 y|Rafael|-48||Certificate of Nordtank|
accepted|Bathroom reaches 24 °C at six in the morning|performance failed 1 y|Kwame|-1|\
Log of a week|Log file|Two degrees short until half past eight.
accepted|All 38 radiators are balanced|test_passed pending_review 0.8 y|Rafael|0|Flow per radiator||
accepted|Lightning protection is back in place|security in_progress 0.6 y|Lars|-2|||
accepted|The caretaker can run it alone|training not_started 0.6 y|Kwame|4|An hour on site||
accepted|The oil smell in the cellar is gone|quality_gate completed 0.3 n|Aisha|-6||Air measured|
"""

# milestone | who, type, status | until | conditions | comment
APPROVALS = """
permits|Mateus financial approved|.||Go ahead.
first|Mei technical conditional|.|House 3 gets the longer rail ends.|
grid|Mateus business pending|4||
grid|Kwame technical approved|.||The curve is the one of house 1.
handover|Ingrid business pending|30||
accepted|* quality pending|3||
accepted|Kwame technical rejected|.||Not before the bathroom is warm at six.
accepted|Ingrid financial pending|6||
"""

# milestone | name | type, status, review | reviewer | due | version | criteria or last words
DELIVERABLES = """
first|As-built drawings of houses 1 and 2|document delivered approved|Mei|-7|B|Complete.
grid|Single-line diagram with the protection relay|design review under_review|Mei|0|C|
handover|Folder for the caretakers|training_material in_progress not_reviewed|Tomasz|33|A|
accepted|Balancing protocol|report review under_review|*|1|A|
accepted|One-page sheet for the caretaker|training_material draft needs_revision|Kwame|3|B|In \
larger print, please.
"""

# milestone | name | type | target, actual, unit | better
METRICS = """
first|Yield against the simulation|performance|95 97.4 %|more
second|Days from scaffolding to power|time|9 . days|less
handover|Tenants who take the roof's power|adoption|40 . households|more
accepted|Bathroom at six in the morning|quality|24 22.1 °C|more
accepted|Cost above the offer|cost|0 7.1 %|less
accepted|Coefficient of performance in the first month|efficiency|3.4 3.6 .|more
"""

# milestone | type | to | read by | subject | message
MESSAGES = """
grid|escalation|Mateus,Fatima|Mateus|The grid operator is three days late|They want the reactive \
power curve for each inverter. Mei hands it in today; the electricians move to house 4.
accepted|request|Kwame,Rafael,*|Kwame|Please look at the balancing protocol before Thursday|The \
city wants to see it before they come on site.
accepted|update|Aisha,Mateus,Ingrid,*|Aisha,Mateus|The bathroom is at 22 degrees|The night \
set-back is the cause. New curve since yesterday; we look again tomorrow at six.
"""

# later | earlier | lag
WAITS = """
first|permits|0
second|grid|2
handover|second|1
pumps|boiler|0
accepted|pumps|5
"""


@dataclass
class Told:
    """What is being told: who there is, who set the workspace up, and the milestones by key."""

    ctx: Context
    people: dict[str, int]
    host: int | None
    made: dict[str, Milestone]

    def who(self, name: str) -> int | None:
        """Return a person by first name; the star is who set the workspace up, or Mateus."""
        return self.host or self.people["Mateus"] if name == "*" else self.people.get(name)

    def all_of(self, names: str) -> list[int]:
        """Return the people of these first names, each once: the star may be one of them."""
        found = (self.who(name) for name in names.split(","))
        return list(dict.fromkeys(one for one in found if one is not None))

    def day(self, offset: str) -> Any:
        """Return the day that is some days from today."""
        return None if offset in ("", ".") else self.ctx.today + timedelta(int(offset))

    def at(self, offset: str) -> datetime | None:
        """Return an afternoon that is some days from today."""
        day = self.day(offset)
        return datetime.combine(day, time(15), UTC) if day else None


async def demo(ctx: Context) -> None:
    """Create the demo company's milestones in two of its projects, unless they are there."""
    projects = {one.code: one for one in await ctx.all(Project, code__in=["NOR", "KITA"])}
    if len(projects) < 2 or await ctx.find(Milestone, project_id=projects["NOR"].id):
        return
    told = Told(ctx, await _people(ctx), await _host(ctx), {})
    await _milestones(told, projects)
    for line in _lines(CONDITIONS):
        await ctx.create(_condition(told, line))
    await ctx.create_many([_approval(told, line) for line in _lines(APPROVALS)])
    await ctx.create_many([_deliverable(told, line) for line in _lines(DELIVERABLES)])
    await ctx.create_many([_metric(told, line) for line in _lines(METRICS)])
    for line in _lines(MESSAGES):
        await ctx.create(_message(told, line))
    for later, earlier, lag in _lines(WAITS):
        await ctx.create(
            MilestoneDependency(
                milestone_id=told.made[later].id,
                depends_on_id=told.made[earlier].id,
                lag_days=int(lag),
            )
        )
    await _tasks(told)


def _lines(text: str) -> list[list[str]]:
    return [line.split("|") for line in text.strip().splitlines()]


async def _people(ctx: Context) -> dict[str, int]:
    c = ctx.registry.tables["identity.user"].c
    chosen = sa.select(c.first_name, c.id).where(c.email.endswith(f"@{DOMAIN}", autoescape=True))
    return {row[0]: row[1] for row in await ctx.rows(chosen)}


async def _host(ctx: Context) -> int | None:
    """Return the person who set the workspace up, if there is one yet."""
    c = ctx.registry.tables["identity.user"].c
    other = sa.select(c.id).where(c.email.not_like(f"%@{DOMAIN}"), c.deleted_at.is_(None))
    found = await ctx.rows(other.order_by(c.id).limit(1))
    return found[0][0] if found else None


async def _milestones(told: Told, projects: dict[str, Project]) -> None:
    ctx = told.ctx
    courses = {code: await course_of(ctx, one.category_id) for code, one in projects.items()}
    for place, line in enumerate(_lines(MILESTONES), 1):
        key, code, name, state, days, owner, phase, others, money, says = line
        status, kind, priority = state.split()
        start, due, reached = (told.day(day) for day in days.split())
        budget, cost = (None if part == "." else Decimal(part) for part in money.split())
        course = courses[code]
        values: dict[str, Any] = {
            "status": status,
            "milestone_type": kind,
            "priority": priority,
            "phase_id": course[int(phase) - 1] if phase != "." and course else None,
        }
        milestone = Milestone(
            project_id=projects[code].id,
            name=name,
            description=says,
            start_date=start,
            due_date=due,
            completed_date=reached,
            completed_by=told.who(owner) if reached else None,
            owner_id=told.who(owner),
            stakeholders=told.all_of(others),
            budget=budget,
            actual_cost=cost or Decimal(0),
            sort_order=place * GAP,
            **values,
        )
        told.made[key] = await ctx.create(milestone)


def _condition(told: Told, line: list[str]) -> MilestoneCondition:
    key, title, state, person, due, how, evidence, note = line
    kind, status, weight, required = state.split()
    values: dict[str, Any] = {"type": kind, "status": status}
    condition = MilestoneCondition(
        milestone_id=told.made[key].id,
        title=title,
        weight=float(weight),
        required=required == "y",
        assigned_to=told.who(person),
        due_date=told.day(due),
        verification_method=how,
        evidence=[part for part in evidence.split(",") if part],
        note=note,
        sort_order=(_lines(CONDITIONS).index(line) + 1) * GAP,
        **values,
    )
    if status == "completed":
        condition.completed_at, condition.completed_by = told.at(due), told.who(person)
    return condition


def _approval(told: Told, line: list[str]) -> MilestoneApproval:
    key, state, until, conditions, comment = line
    person, kind, status = state.split()
    values: dict[str, Any] = {"type": kind, "status": status}
    approval = MilestoneApproval(
        milestone_id=told.made[key].id,
        approver_id=told.who(person) or 0,
        expires_at=told.at(until),
        conditions=conditions,
        comment=comment,
        **values,
    )
    if status != "pending":
        approval.answered_at = told.ctx.now - timedelta(days=2)
    return approval


def _deliverable(told: Told, line: list[str]) -> Deliverable:
    key, name, state, reviewer, due, revision, words = line
    kind, status, review = state.split()
    values: dict[str, Any] = {"type": kind, "status": status, "review_status": review}
    return Deliverable(
        milestone_id=told.made[key].id,
        name=name,
        reviewer_id=told.who(reviewer),
        due_date=told.day(due),
        revision=revision,
        review_note=words,
        **values,
    )


def _metric(told: Told, line: list[str]) -> SuccessMetric:
    key, name, kind, numbers, better = line
    target, actual, unit = numbers.split()
    values: dict[str, Any] = {"type": kind}
    metric = SuccessMetric(
        milestone_id=told.made[key].id,
        name=name,
        target=float(target),
        actual=None if actual == "." else float(actual),
        unit="" if unit == "." else unit,
        higher_is_better=better == "more",
        **values,
    )
    metric.measured_at = told.day("-1") if metric.actual is not None else None
    metric.status = rules.metric_status(
        metric.target, metric.actual, higher_is_better=metric.higher_is_better, now=metric.status
    )
    return metric


def _message(told: Told, line: list[str]) -> MilestoneCommunication:
    key, kind, to, read, subject, message = line
    values: dict[str, Any] = {"type": kind}
    return MilestoneCommunication(
        milestone_id=told.made[key].id,
        subject=subject,
        message=message,
        recipients=told.all_of(to),
        read_by=[one for name in read.split(",") if (one := told.who(name))],
        **values,
    )


async def _tasks(told: Told) -> None:
    """Give every task of the two projects to the first milestone that is due after it."""
    by_project: dict[int, list[Milestone]] = {}
    for milestone in told.made.values():
        by_project.setdefault(milestone.project_id, []).append(milestone)
    grid = told.made["grid"]
    for project_id, milestones in by_project.items():
        ordered = sorted(milestones, key=lambda one: one.due_date)
        for task in await told.ctx.all(Task, project_id=project_id, sort="id"):
            if task.due_date is None or task.status == "cancelled":
                continue
            fits = [one for one in ordered if one is not grid and task.due_date <= one.due_date]
            about_grid = "grid operator" in task.title.lower() or "grid connection" in task.title
            chosen = grid if about_grid else fits[0] if fits else None
            task.milestone_id = chosen.id if chosen else None
