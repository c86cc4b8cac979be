"""What the demo company's projects set out with: goals, services, risks and documents."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.modules.charter import rules
from mainstay.modules.charter.entities import (
    DocumentVersion,
    Goal,
    ProjectDocument,
    ProjectRisk,
    ServiceProvided,
)
from mainstay.modules.projects.api import Task

DOMAIN = "helionord.example"

# project | status | who supports | due in days | title | what tasks' titles begin with | says
GOALS = """
NOR|active|Aisha|30|Power on all six roofs|Mount,Pull DC,Wire,Measure|House by house, each signed \
off before the scaffolding moves on.
NOR|active|Mateus|34|Every tenant has a contract before the first bill|Prepare the tenants,Write \
the first,Second letter,Hand over|
NOR|review|Aisha|12|Permission to feed in|Send the grid,Get the grid,Apply for|The grid operator \
has the last word.
KITA|active|Aisha|-4|Warm bathrooms on every morning|Calculate,Choose the pump,Pour,Balance|62 \
children, and not one cold morning.
KITA|completed|Aisha|-50|The oil is gone|Take out,Break up|
PORT|active|Ingrid|60|Tenants see their own share of a roof|Split,Show|
PORT|planning|Ingrid|85|Half of all calls are answered by the portal||
BAKE|planning|Mateus|90|The ovens start on stored sun||
DEPOT|completed|Mateus|-44|120 kWp without a late tram||
"""

SERVICES = """
NOR|Remote monitoring|Yield of each roof, and a call when a string drops out.
NOR|Tenants' power billing|A bill a year for 48 flats.
NOR|Maintenance|One visit a year, inverters and clamps.
KITA|Maintenance|Filters and refrigerant check every spring.
KITA|Remote monitoring|Flow temperature and running hours.
PORT|Hosting|
PORT|On-call support|Working days from eight to six.
BAKE|Remote monitoring|Battery and carport.
DEPOT|Maintenance|
DEPOT|Remote monitoring|
DEPOT|Yield guarantee|97 % of the calculated yield in the first two years.
"""

# project | status | type | probability | impact | owner | review in days | title | mitigation |
# contingency
RISKS = """
NOR|mitigating|regulatory|high|very_high|Aisha|2|The grid operator refuses the inverters|Send the \
reactive power curve, and ask for a call this week.|Change three inverters; the supplier holds \
them until the end of the month.
NOR|monitoring|external|high|medium|Tomasz|1|Rain stops the work on house 3|Watch the forecast \
every noon.|Cable work inside houses 3 and 4 instead.
NOR|open|resource|medium|high|Mateus|7|The scaffolder cannot move in time for house 6|Fixed date \
in writing.|
NOR|open|technical|low|high|Kwame|14|The gravel roof of house 5 carries less than calculated|Core \
sample before the rails go up.|
NOR|closed|quality|medium|medium|Tomasz||More clamps arrive bent||
KITA|occurred|budget|very_high|high|Mateus|0|The foundation costs more than planned|Drain found at \
the wrong depth; talk to the customer about the difference.|Share the cost.
KITA|mitigating|schedule|high|high|Aisha|1|Handover slips past the holidays|Two teams on balancing.|
KITA|open|quality|low|very_high|Kwame|5|The neighbour hears the pumps|Measure at night.|A hood for \
each unit.
PORT|analyzing|technical|medium|medium|Yuki|10|Meter data arrives in another format|Ask two \
operators for samples.|
PORT|open|resource|low|medium|Yuki|20|Priya is on leave in the release week|Daniel pairs with her.|
PORT|identified|market|very_low|medium|Ingrid||A large maker gives its portal away||
BAKE|open|regulatory|medium|high|Sofia|15|The carport needs a building permit|Ask before the offer \
is signed.|
DEPOT|closed|schedule|medium|high|Tomasz||The depot closes one hall late||
"""

# project | category | status | name | versions: number, days ago, who, what changed; newest last
DOCUMENTS = """
NOR|contract|active|Contract with the Nordhof cooperative|1.0 -54 Sofia|
NOR|design|active|String plan of houses 1 to 6|1.0 -43 Mei First three houses;1.1 -39 Mei Houses 4 \
to 6, optimisers on strings 4.3 and 4.4;1.2 -20 Mei House 2 after the survey of the gravel roof
NOR|permit|draft|Permit to use the pavement at house 6|1.0 -2 Tomasz
KITA|design|active|Heat load room by room|1.0 -70 Kwame;2.0 -60 Kwame Corridor at 18 degrees
KITA|report|active|Certificate of the oil tank|1.0 -48 Rafael
PORT|report|draft|What tenants asked us last year|1.0 -15 Hannah
DEPOT|report|archived|Handover record of both halls|1.0 -42 Tomasz
"""


async def demo(ctx: Context) -> None:
    """Give the demo company's projects their goals, services, risks and documents, once."""
    projects = await _projects(ctx)
    goal = ctx.registry.tables["charter.goal"].c
    known = sa.select(goal.id).where(goal.project_id.in_(projects.values())).limit(1)
    if not projects or await ctx.rows(known):
        return
    people = await _people(ctx)
    await _goals(ctx, projects, people)
    lines = [line.split("|") for line in SERVICES.strip().splitlines()]
    await ctx.create_many(
        [
            ServiceProvided(project_id=projects[code], service_name=name, service_description=says)
            for code, name, says in lines
        ]
    )
    await ctx.create_many(_risks(ctx, projects, people))
    await _documents(ctx, projects, people)


async def _projects(ctx: Context) -> dict[str, int]:
    """Return the demo company's projects by their code."""
    c = ctx.registry.tables["projects.project"].c
    codes = {line.split("|")[0] for line in GOALS.strip().splitlines()}
    chosen = sa.select(c.code, c.id).where(c.code.in_(sorted(codes)), c.deleted_at.is_(None))
    found = {row[0]: row[1] for row in await ctx.rows(chosen)}
    return found if set(found) == codes else {}


async def _people(ctx: Context) -> dict[str, int]:
    """Return the demo company's people by first name."""
    c = ctx.registry.tables["identity.user"].c
    chosen = sa.select(c.first_name, c.id).where(c.email.endswith(f"@{DOMAIN}", autoescape=True))
    return {row[0]: row[1] for row in await ctx.rows(chosen)}


async def _goals(ctx: Context, projects: Mapping[str, int], people: Mapping[str, int]) -> None:
    """Create the goals, and say which tasks are done for them."""
    tasks = await ctx.all(
        Task, anywhere=True, project_id__in=sorted(projects.values()), sort="id", limit=1000
    )
    for line in GOALS.strip().splitlines():
        code, status, who, due, title, starts, says = line.split("|")
        values: dict[str, Any] = {"status": status}
        goal = Goal(
            project_id=projects[code],
            title=title,
            description=says,
            support_employee_id=people[who],
            due_date=ctx.today + timedelta(int(due)),
            **values,
        )
        await ctx.create(goal)
        words = tuple(word for word in starts.split(",") if word)
        for task in tasks if words else ():
            mine = task.project_id == goal.project_id and task.goal_id is None
            if mine and task.title.startswith(words):
                task.goal_id = goal.id


def _risks(
    ctx: Context, projects: Mapping[str, int], people: Mapping[str, int]
) -> list[ProjectRisk]:
    found = []
    for line in RISKS.strip().splitlines():
        code, status, kind, likely, bad, who, review, title, before, then = line.split("|")
        values: dict[str, Any] = {
            "status": status,
            "type": kind,
            "probability": likely,
            "impact": bad,
            "score": rules.score(likely, bad),
        }
        risk = ProjectRisk(
            project_id=projects[code],
            title=title,
            owner_id=people[who],
            review_on=ctx.today + timedelta(int(review)) if review else None,
            closed_on=ctx.today - timedelta(days=9) if status == "closed" else None,
            mitigation=before,
            contingency=then,
            **values,
        )
        found.append(risk)
    return found


async def _documents(ctx: Context, projects: Mapping[str, int], people: Mapping[str, int]) -> None:
    """Create the documents, each with its earlier versions."""
    for line in DOCUMENTS.strip().splitlines():
        code, category, status, name, *rest = line.split("|")
        states: dict[str, Any] = {"category": category, "status": status}
        versions = [_version(ctx, part, people) for part in rest[0].split(";")]
        document = ProjectDocument(project_id=projects[code], name=name, **states, **versions[-1])
        await ctx.create(document)
        earlier = [DocumentVersion(document_id=document.id, **one) for one in versions[:-1]]
        await ctx.create_many(earlier)


def _version(ctx: Context, text: str, people: Mapping[str, int]) -> dict[str, Any]:
    number, day, who, *note = text.split(" ", 3)
    return {
        "revision": number,
        "version_note": note[0] if note else "",
        "file_url": f"https://files.{DOMAIN}/{number}/{who.lower()}.pdf",
        "revised_at": ctx.now + timedelta(days=int(day)),
        "revised_by": people[who],
    }
