"""The demo company's people: Helio Nord, fourteen of them, who plan and install solar and heat."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from mainstay.kernel.context import Context
from mainstay.modules.identity.entities import (
    OrganisationUnit,
    Role,
    Skill,
    Team,
    TeamMember,
    User,
    UserSkill,
)

COMPANY = "Helio Nord"
ZONE = "Europe/Berlin"

# first name | last name | job title | department | role | manager | hire date | cost of an hour
PEOPLE = """
Ingrid|Solberg|Managing director|Management|manager||2014-05-01|92
Mateus|Carvalho|Head of installation|Installation|manager|Ingrid|2015-03-16|78
Aisha|Rahman|Project manager|Installation|manager|Mateus|2018-09-03|68
Tomasz|Zieliński|Site lead, master electrician|Installation|lead|Mateus|2016-02-01|62
Lars|Eriksen|Electrician|Installation|technician|Tomasz|2020-08-17|49
Rafael|Jiménez|Heating installer|Installation|technician|Tomasz|2019-04-08|51
Kwame|Mensah|Heat pump engineer|Engineering|engineer|Ingrid|2017-11-06|66
Mei|Chen|Solar system designer|Engineering|engineer|Kwame|2021-01-11|58
Yuki|Tanaka|Product owner|Software|lead|Ingrid|2019-10-01|70
Priya|Nair|Senior software developer|Software|tech|Yuki|2020-02-03|69
Daniel|Okafor|Software developer|Software|tech|Yuki|2022-06-13|57
Hannah|Weiss|Quality and support|Software|tester|Yuki|2021-09-20|50
Sofia|Papadopoulou|Sales consultant|Sales|sales|Ingrid|2018-04-23|55
Fatima|El-Amrani|Office and finance|Management|analyst|Ingrid|2016-07-18|48
"""

# name | type | status | colour | who leads | description | members
TEAMS = """
Installation|operations|performing|#D97706|Tomasz|Puts panels on roofs and pumps into cellars, \
and leaves every site cleaner than it was.|Tomasz lead 1.0,Lars mid_level 1.0,Rafael senior 1.0,\
Aisha senior 0.8
Engineering|design|performing|#0F766E|Kwame|Measures, designs and calculates; nothing is ordered \
before its drawing is signed.|Kwame principal 1.0,Mei mid_level 1.0,Aisha senior 0.2
Software|development|norming|#3B82F6|Yuki|Builds the customer portal and the monitoring of every \
system we have installed.|Yuki lead 1.0,Priya senior 1.0,Daniel mid_level 1.0,Hannah mid_level 0.8
"""

# skill | category | who has it: proficiency and years
SKILLS = """
Electrical installation|technical|Tomasz 5 19,Lars 4 8,Rafael 2 3
Solar system design|technical|Mei 5 7,Kwame 3 6,Tomasz 3 10
Heat load calculation|technical|Kwame 5 12,Mei 2 1
Heat pump commissioning|technical|Kwame 5 11,Rafael 4 6
Hydraulic balancing|technical|Rafael 5 9,Kwame 4 9
Working at height|technical|Tomasz 5 17,Lars 5 8,Mateus 4 15
Python|technical|Priya 5 9,Daniel 4 4,Hannah 2 2
PostgreSQL|technical|Priya 4 8,Daniel 3 3
Accessible web design|technical|Daniel 4 4,Hannah 4 5
Test design|technical|Hannah 5 7,Yuki 3 4
Scheduling|soft|Aisha 5 10,Mateus 4 12,Yuki 4 6
Talking to customers|soft|Sofia 5 11,Ingrid 5 20,Aisha 4 10,Hannah 4 6
Subsidy applications|soft|Fatima 5 7,Sofia 3 5
Norwegian|language|Ingrid 5 45,Lars 5 31
Polish|language|Tomasz 5 42
"""


async def demo(ctx: Context) -> None:
    """Create the demo company's people, units, teams and skills, unless they are there."""
    if await ctx.find(User, anywhere=True, username="ingrid.solberg"):
        return
    units = await _units(ctx)
    people = await _people(ctx, units)
    await _teams(ctx, people)
    await _skills(ctx, people)


async def _units(ctx: Context) -> dict[str, int]:
    company = OrganisationUnit(
        name=COMPANY,
        unit_type="company",
        description="Solar and heat pump systems for homes and firms in the north, since 2014.",
    )
    await ctx.create(company)
    parts = [
        OrganisationUnit(name=name, unit_type="department", parent_id=company.id)
        for name in ("Management", "Installation", "Engineering", "Software", "Sales")
    ]
    await ctx.create_many(parts)
    return {part.name: part.id for part in parts}


def _rows(table: str) -> list[list[str]]:
    return [line.split("|") for line in table.strip().splitlines()]


async def _people(ctx: Context, units: dict[str, int]) -> dict[str, User]:
    roles = {role.code: role.id for role in await ctx.all(Role, anywhere=True)}
    people: dict[str, User] = {}
    for first, last, job, unit, role, _, hired, cost in _rows(PEOPLE):
        plain = last.lower().translate(str.maketrans("ńéł", "nel"))
        name = f"{first.lower()}.{plain}"
        people[first] = User(
            username=name,
            email=f"{name}@helionord.example",
            first_name=first,
            last_name=last,
            display_name=f"{first} {last}",
            job_title=job,
            department=unit,
            roles=[roles[role]] if role in roles else [],
            units=[units[unit]],
            status="active",
            hire_date=date.fromisoformat(hired),
            hourly_rate=Decimal(cost),
            currency="EUR",
            timezone=ZONE,
            email_verified_at=ctx.now,
        )
    await ctx.create_many(list(people.values()))
    for first, *_, manager, _, _ in _rows(PEOPLE):
        people[first].manager_id = people[manager].id if manager else None
    await ctx.flush("create")
    return people


async def _teams(ctx: Context, people: dict[str, User]) -> None:
    members: list[TeamMember] = []
    for name, kind, status, color, leader, says, listed in _rows(TEAMS):
        values: dict[str, Any] = {"team_type": kind, "status": status}
        team = Team(name=name, description=says, color=color, time_zone=ZONE, **values)
        team.manager_id = people[leader].id
        team.location = "Flensburg"
        await ctx.create(team)
        for person, seniority, share in (part.split() for part in listed.split(",")):
            said: dict[str, Any] = {"seniority": seniority}
            member = TeamMember(team_id=team.id, user_id=people[person].id, **said)
            member.role = "leader" if person == leader else "member"
            member.allocation = float(share)
            member.start_date = people[person].hire_date
            members.append(member)
    await ctx.create_many(members)


async def _skills(ctx: Context, people: dict[str, User]) -> None:
    rows = _rows(SKILLS)
    known = {skill.name: skill for skill in await ctx.all(Skill, anywhere=True)}
    fresh = [_skill(name, category) for name, category, _ in rows if name not in known]
    await ctx.create_many(fresh)
    known |= {skill.name: skill for skill in fresh}
    held: list[UserSkill] = []
    for name, _, listed in rows:
        held += [_held(known[name], part.split(), people) for part in listed.split(",")]
    await ctx.create_many(held)


def _skill(name: str, category: str) -> Skill:
    values: dict[str, Any] = {"category": category}
    return Skill(name=name, **values)


def _held(skill: Skill, said: Sequence[str], people: dict[str, User]) -> UserSkill:
    person, proficiency, years = said
    return UserSkill(
        user_id=people[person].id,
        skill_id=skill.id,
        proficiency=int(proficiency),
        years_experience=Decimal(years),
    )
