"""What the demo company's teams aim for, hold, measure and need."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.modules.teams import rules
from mainstay.modules.teams.entities import MetricValue, Ritual, TeamGoal, TeamMetric, TeamSkill

DOMAIN = "helionord.example"

# team | title | type | target | current | unit | from and by, in days from today | status | who
GOALS = """
Installation|Roofs signed off this quarter|delivery|12|8|roofs|-55|40|active|Tomasz
Installation|No clamp is ordered twice|quality|100|100|%|-120|-20|achieved|Tomasz
Installation|Two more people may work at height|learning|2|0|people|-20|60|active|Mateus
Engineering|Drawings signed before the order|quality|100|92|%|-60|30|active|Kwame
Engineering|Heat load of ten old houses measured|customer|10|3|houses|-80|-6|missed|Mei
Software|Every system reports within a minute|quality|99.5|97|% of systems|-50|35|active|Yuki
Software|First answer to customers in four hours|customer|90|71|%|-30|50|active|Hannah
Software|Portal in Norwegian|delivery|100|0|% of texts|0|120|draft|Daniel
"""

# team | name | type | frequency | minutes | who leads it | last held, next, in days from today
RITUALS = """
Installation|Morning round in the yard|standup|daily|10|Tomasz|-1|0
Installation|Plan of the week|planning|weekly|45|Mateus|-5|2
Installation|Safety talk|other|monthly|30|Tomasz|-21|9
Engineering|Drawing review|review|weekly|60|Kwame|-3|4
Software|Stand-up|standup|daily|15|Yuki|-1|0
Software|Refinement|refinement|weekly|60|Yuki|-4|3
Software|Retrospective|retrospective|biweekly|90|Hannah|-9|5
Software|Talk with the electricians|other|quarterly|60|Priya|-60|31
"""

# team | name | unit | better | target | benchmark | values, one a week up to now
METRICS = """
Installation|Days from order to sign-off|days|lower|35|48|52 50 49 51 46 44 43 39
Installation|Rework|% of hours|lower|3|6|5.5 5 6.1 4.8 4.9 4.2 4.4 4.3
Engineering|Drawings without a question|%|higher|85|70|71 74 69 73 78 80 79 84
Software|Systems reporting|%|higher|99.5|98|96.1 96.4 96.2 96.9 97.2 97.0 97.1 97.0
Software|Customer answers within four hours|%|higher|90||64 62 66 68 65 70 74 71
"""

# team | skill | how much it is needed | training plan
NEEDS = """
Installation|Electrical installation|0.6|
Installation|Working at height|0.8|Rafael and Aisha take the two-day course in January; Tomasz \
goes along as second instructor.
Installation|Hydraulic balancing|0.4|
Installation|Heat pump commissioning|0.3|Rafael stands beside Kwame at the next two starts.
Engineering|Solar system design|0.7|
Engineering|Heat load calculation|0.8|Mei calculates the nursery alone, Kwame signs.
Engineering|Subsidy applications|0.3|
Software|Python|0.7|
Software|PostgreSQL|0.5|Daniel reads every slow query of the month with Priya.
Software|Accessible web design|0.5|
Software|Test design|0.4|
"""

# who | from Monday of the week, for days | hours | title: what makes the weeks before winter tight
RUSH = """
Lars|1|5|24|Check the earthing of house 2 again after the ground was wet
Lars|2|10|30|Wire the battery room in house 3
Tomasz|2|5|22|Walk all six roofs with the insurer
Tomasz|2|5|12|Instruct the new fitters at height
Priya|1|5|28|Move the readings to the new time-series table
"""
BUDGET = Decimal(240_000)


def _rows(table: str) -> list[list[str]]:
    return [line.split("|") for line in table.strip().splitlines()]


async def demo(ctx: Context) -> None:
    """Create what the demo company's teams plan and measure, unless it is there."""
    teams = await _named(ctx, "identity.team")
    if not {"Installation", "Engineering", "Software"} <= teams.keys():
        return
    goals = ctx.registry.tables["teams.team_goal"]
    if await ctx.rows(sa.select(goals.c.id).limit(1)):
        return
    people = await _people(ctx)
    day = ctx.today
    await ctx.create_many([_goal(row, teams, people, day) for row in _rows(GOALS)])
    await ctx.create_many([_ritual(row, teams, people, day) for row in _rows(RITUALS)])
    await _metrics(ctx, teams)
    skills = await _named(ctx, "identity.skill")
    needs = [row for row in _rows(NEEDS) if row[1] in skills]
    await ctx.create_many([_need(row, teams, skills, people) for row in needs])
    await _certificates(ctx, people, skills)
    await _team_of_sprints(ctx, teams["Software"])
    await _pay(ctx, teams)
    await _rush(ctx, people)


async def _named(ctx: Context, key: str) -> dict[str, int]:
    c = ctx.registry.tables[key].c
    chosen = sa.select(c.name, c.id).where(c.deleted_at.is_(None))
    return {row[0]: row[1] for row in await ctx.rows(chosen)}


async def _people(ctx: Context) -> dict[str, int]:
    """Return the demo company's people by first name."""
    c = ctx.registry.tables["identity.user"].c
    chosen = sa.select(c.first_name, c.id).where(c.email.endswith(f"@{DOMAIN}", autoescape=True))
    return {row[0]: row[1] for row in await ctx.rows(chosen)}


def _goal(
    row: list[str], teams: Mapping[str, int], people: Mapping[str, int], day: date
) -> TeamGoal:
    team, title, kind, target, current, unit, first, last, status, who = row
    values: dict[str, Any] = {"type": kind, "status": status}
    return TeamGoal(
        team_id=teams[team],
        title=title,
        target=float(target),
        current=float(current),
        unit=unit,
        start_date=day + timedelta(int(first)),
        due_date=day + timedelta(int(last)),
        progress=rules.goal_progress(float(current), float(target)),
        owner_id=people.get(who),
        **values,
    )


def _ritual(
    row: list[str], teams: Mapping[str, int], people: Mapping[str, int], day: date
) -> Ritual:
    team, name, kind, often, minutes, who, last, coming = row
    values: dict[str, Any] = {"type": kind, "frequency": often}
    return Ritual(
        team_id=teams[team],
        name=name,
        minutes=int(minutes),
        facilitator_id=people.get(who),
        last_on=_worked(day + timedelta(int(last)), -1),
        next_on=_worked(day + timedelta(int(coming)), 1),
        **values,
    )


def _worked(day: date, step: int) -> date:
    """Return the day itself, or the nearest one of Monday to Friday in one direction."""
    while day.weekday() > 4:
        day += timedelta(step)
    return day


async def _metrics(ctx: Context, teams: Mapping[str, int]) -> None:
    values: list[MetricValue] = []
    for team, name, unit, better, target, benchmark, listed in _rows(METRICS):
        said: dict[str, Any] = {"better": better}
        metric = TeamMetric(team_id=teams[team], name=name, unit=unit, **said)
        metric.target = float(target)
        metric.benchmark = float(benchmark) if benchmark else None
        await ctx.create(metric)
        numbers = [float(one) for one in listed.split()]
        for place, number in enumerate(numbers):
            day = ctx.today - timedelta(7 * (len(numbers) - 1 - place))
            values.append(MetricValue(metric_id=metric.id, value=number, date=day))
    await ctx.create_many(values)


def _need(
    row: list[str], teams: Mapping[str, int], skills: Mapping[str, int], people: Mapping[str, int]
) -> TeamSkill:
    team, skill, demand, plan = row
    need = TeamSkill(team_id=teams[team], skill_id=skills[skill], demand=float(demand))
    need.training_plan = plan
    need.owner_id = people.get({"Installation": "Tomasz", "Engineering": "Kwame"}.get(team, "Yuki"))
    return need


async def _certificates(ctx: Context, people: Mapping[str, int], skills: Mapping[str, int]) -> None:
    """Give some of those who work at height and commission pumps their certificates."""
    kind: Any = ctx.registry.noun("identity.user_skill").entity
    listed = (
        ("Lars", "Working at height", 41),
        ("Tomasz", "Working at height", 402),
        ("Rafael", "Heat pump commissioning", -12),
    )
    for who, skill, days in listed:
        if who in people and skill in skills:
            held = await ctx.find(kind, anywhere=True, user_id=people[who], skill_id=skills[skill])
            if held is not None:
                held.certified = True
                held.certification_expiry = ctx.today + timedelta(days)
                held.certification_date = held.certification_expiry - timedelta(730)


async def _team_of_sprints(ctx: Context, team_id: int) -> None:
    """Let the sprints that no team has be those of the software team."""
    kind: Any = ctx.registry.noun("scrum.sprint").entity
    for sprint in await ctx.all(kind, anywhere=True, team_id__isnull="true"):
        sprint.team_id = team_id


async def _pay(ctx: Context, teams: Mapping[str, int]) -> None:
    """Give the places in teams what an hour of their people costs, and a team its budget."""
    user: Any = ctx.registry.noun("identity.user").entity
    found = await ctx.all(user, anywhere=True, hourly_rate__isnull="false")
    rates = {one.id: one.hourly_rate for one in found}
    member: Any = ctx.registry.noun("identity.team_member").entity
    for one in await ctx.all(member, anywhere=True, team_id__in=sorted(teams.values())):
        one.hourly_rate = rates.get(one.user_id)
    team: Any = ctx.registry.noun("identity.team").entity
    installation = await ctx.get(team, teams["Installation"], anywhere=True)
    installation.budget = BUDGET


async def _rush(ctx: Context, people: Mapping[str, int]) -> None:
    """Add the tasks that make some weeks too full, to the projects their people work in."""
    noun = ctx.registry.noun("projects.task")
    link, t = noun.link_tables["assignees"].c, noun.table.c
    monday = rules.monday(ctx.today)
    for who, week, days, hours, title in _rows(RUSH):
        own = sa.select(t.project_id).join(link.owner_id.table, link.owner_id == t.id)
        own = own.where(link.target_id == people[who], t.status == "todo").order_by(t.id).limit(1)
        found = await ctx.rows(own)
        if not found:
            continue
        start = monday + timedelta(7 * int(week))
        values = {
            "project_id": found[0][0],
            "title": title,
            "assignee_id": people[who],
            "estimated_hours": Decimal(hours),
            "start_date": start,
            "due_date": start + timedelta(int(days) // 5 * 7 - 3),
        }
        await perform.create(ctx, noun, values)
