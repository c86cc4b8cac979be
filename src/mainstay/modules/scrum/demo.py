"""The demo company's sprints, told day by day relative to today, so that one is in its middle."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.modules.projects.api import (
    Label,
    Project,
    ProjectMember,
    ProjectSettings,
    Task,
    counter,
    task_code,
)
from mainstay.modules.scrum.entities import Sprint

DOMAIN = "helionord.example"
CODE = "CREW"
NAME = "Crew app: the day on the roof"
SAYS = (
    "What our fitters carry in their pocket: where to go, what to mount, which value was measured. "
    "It must work with gloves, in the sun and without a network."
)
GAP = 1024.0
HOURS_A_POINT = Decimal("2.5")
ACTIVE = 3
LENGTH = 12  # from a Monday to the Friday of the next week
KINDS = {"s": "story", "b": "bug", "k": "spike", "t": "task", "i": "improvement"}

EPICS = """
day|The day at a glance
measure|Measurements without paper
offline|Works without a network
"""

# when: in which sprint, and on which of its days it was begun and done; . = not yet, ; = once more
# kind points | epic | label | who | when | title | description
STORIES = """
s 5|day|roof|Daniel|1 1 3|See today's houses in the order of the route|
s 3|day|roof|Daniel|1 3 5|Call the customer from the house's page|
t 3|offline|platform|Priya|1 1 4|Set up the app's releases for both phone makers|Fitters have \
phones of four makers; test on the oldest first.
s 8|offline|platform|Priya|1 4 11|Keep the day's houses on the phone|
k 2|measure||Hannah|1 1 2|Which meters speak Bluetooth?|Three of the five do. List is in the files.
s 5|measure|electrical|Daniel|1 8 .;2 . 3|Enter string voltages with big buttons|Gloves: no \
field below \
14 millimetres.
b 2|day|roof|Hannah|1 9 10|Route begins at the customer instead of the depot|
s 5|measure|electrical|Daniel|2 1 4|Photograph a meter and attach it to its string|
s 8|offline|platform|Priya|2 1 9|Send what was entered when the network is back|Nothing may be \
entered twice, nothing may be lost. Priya has a list of eleven ways in which it can fail.
s 3|day|safety|Hannah|2 2 5|Tick off the safety briefing before work begins|
b 3|offline|platform|Priya|2 8 10|App asks to sign in again on every roof|
s 3|measure|electrical|Daniel|2 9 11|Warn when a string differs by more than two per cent|
s 5|day|tenants|Yuki|2 . .|Tell the tenants when the crew is fifteen minutes away|
s 5|measure|electrical|Daniel|3 1 3|Sign the measuring sheet on the phone|
s 5|offline|platform|Priya|3 1 4|Show what waits to be sent|
b 2|measure|electrical|Hannah|3 2 3|Comma and full stop are mixed up in voltages|
s 8|measure|electrical|Daniel|3 4 .|Measuring sheet as a PDF for the customer|Same sheet as on \
paper, so that the grid operator knows it.
s 3|day|safety|Hannah|3 5 .|Report a near miss in two taps|
s 5|offline|platform|Priya|3 . .|Free the phone of houses that are finished|
b 3|day|roof|Priya|3 . .|Map stays white without a network|
t 2|day||Hannah|3 . .|Try the app with two crews for a morning|
s 8|day|roof|Daniel|4 . .|Take a photograph of each roof face with its compass direction|
s 5|measure|electrical|Priya|4 . .|Read the insulation tester by Bluetooth|
s 3|day|roof||4 . .|See the weather of the next hours at the house|
s 5|day|tenants||0|Let the customer sign that all is clean|
s 8|offline|platform||0|Two fitters enter the same house|
s 3|day|safety||0|Show who of the crew has which training|
b 1|day|roof||0|Long street names push the number off the screen|
s 5|measure|electrical||0|Compare a string with its neighbour of last year|
s 3|day|roof||0|Order missing clamps from the roof|
s 13|measure|electrical||0|Thermal images with the hot cells marked|
k 3|offline|||0|Can the phone's camera read the modules' serial numbers?|
s 5|day|roof||0|Plan the van's load the evening before|
i 2|offline|platform||0|Start the app in under two seconds|
s 3|day|||0|Large type for those without their glasses|
s 5|measure|||0|Protocol in Danish for the colleagues in Flensburg|
s 2|day|||0|Tell the office that the crew is done for today|
b 2|measure|electrical||0|Undo deletes the whole sheet instead of the last value|
s 8|day|||0|Hours of the day from where the phone was|Works council first.
s 3|day|tenants||0|Ask the customer for a rating on the way out|
s|day|||0|Ladder check with a photograph|
s|offline|||0|Hand over a house to another crew|
s|measure|||0|Suggest the likely fault from the values|
k|day|||0|What would a watch be good for?|
s 5|measure|electrical||0|Serial numbers to the market register by themselves|
i 3|day|||0|Dark map for winter mornings|
s 2|day|safety||0|Emergency numbers on the lock screen|
s 3|offline|||0|Keep the last week's houses for questions|
"""

SPRINTS = (
    "Crews see their day and know where to go.",
    "What is measured arrives in the office, whatever the network does.",
    "A house can be signed off on the roof.",
    "The office stops typing measured values.",
)
# What came into a sprint or left it while it ran: sprint, its day, title, in or out.
CHANGES = (
    (1, 9, "Route begins at the customer instead of the depot", True),
    (2, 8, "App asks to sign in again on every roof", True),
    (2, 9, "Tell the tenants when the crew is fifteen minutes away", False),
    (3, 2, "Comma and full stop are mixed up in voltages", True),
)
SHARES = {"Priya": 0.9, "Daniel": 0.9, "Hannah": 0.6, "Yuki": 0.2}


@dataclass
class Story:
    """What is being told: who there is, when the sprints are, and what was made up so far."""

    ctx: Context
    people: dict[str, int]
    host: int | None
    first: date
    project: int = 0
    tasks: dict[str, int] = field(default_factory=dict)
    sprints: list[int] = field(default_factory=list)

    def day(self, sprint: int, day: int) -> date:
        """Return a day of a sprint, both counted from one."""
        return self.first + timedelta(days=14 * (sprint - 1) + day - 1)

    def at(self, day: date, clock: time) -> Context:
        """Return a unit of work of that moment, inside the one that tells the story."""
        own = Context(self.ctx.workspace, self.ctx.connection, self.ctx.me)
        own.now = min(datetime.combine(day, clock, UTC), self.ctx.now)
        return own


async def demo(ctx: Context) -> None:
    """Create a project with completed sprints, one in its middle and one planned, unless there."""
    table = ctx.registry.tables["projects.project"]
    known = sa.select(table.c.id).where(table.c.code == CODE).limit(1)
    people = await _people(ctx)
    if await ctx.rows(known) or not {"Priya", "Daniel", "Hannah", "Yuki", "Ingrid"} <= set(people):
        return
    monday = ctx.today - timedelta(days=ctx.today.weekday())
    begun = monday if ctx.today.weekday() > 1 else monday - timedelta(days=7)
    story = Story(ctx, people, await _host(ctx), begun - timedelta(days=28))
    rows = [line.split("|") for line in STORIES.strip().splitlines()]
    await _project(story)
    await _tasks(story, rows)
    for number in range(1, len(SPRINTS) + 1):
        await _plan(story, number, rows)
        if number <= ACTIVE:
            await _run(story, number, rows)


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


async def _project(story: Story) -> None:
    ctx = story.at(story.first - timedelta(days=10), time(8, 30))
    start = story.first - timedelta(days=10)
    project = Project(
        code=CODE,
        name=NAME,
        description=SAYS,
        status="active",
        priority="medium",
        methodology="scrum",
        start_date=start,
        end_date=start + timedelta(days=150),
        actual_start=start,
        owner_id=story.people["Ingrid"],
        project_manager_id=story.people["Yuki"],
        settings=ProjectSettings(task_prefix=CODE, estimation_unit="points"),
        color="#0F766E",
        icon="device-desktop",
    )
    await ctx.create(project)
    roles: dict[int, Any] = {story.people["Ingrid"]: "owner", story.people["Yuki"]: "admin"}
    roles |= {story.people[name]: "member" for name in ("Priya", "Daniel", "Hannah")}
    if "Tomasz" in story.people:
        roles[story.people["Tomasz"]] = "viewer"
    if story.host:
        roles.setdefault(story.host, "admin")
    members = [
        ProjectMember(project_id=project.id, user_id=user, role=role, joined_at=ctx.now)
        for user, role in roles.items()
    ]
    await ctx.create_many(members)
    await ctx.finish()
    story.project = project.id


async def _tasks(story: Story, rows: list[list[str]]) -> None:
    ctx = story.at(story.first - timedelta(days=9), time(10))
    names = dict.fromkeys(row[2] for row in rows if row[2])
    labels = [Label(project_id=story.project, name=name) for name in names]
    await ctx.create_many(labels)
    known = {label.name: label.id for label in labels}
    epics: dict[str, int] = {}
    made: list[Entity] = []
    for place, line in enumerate(EPICS.strip().splitlines(), 1):
        key, title = line.split("|")
        epic = Task(project_id=story.project, title=title, type="epic", reporter_id=ctx.me.id)
        epic.code, epic.backlog_order = task_code(CODE, place), place * GAP
        made.append(await ctx.create(epic))
        epics[key] = epic.id
    tasks = []
    for place, row in enumerate(rows, len(made) + 1):
        kind, _, points = row[0].partition(" ")
        task = Task(
            project_id=story.project,
            title=row[5],
            description=row[6],
            type=KINDS[kind],  # type: ignore[arg-type]
            status="todo",
            priority="high" if kind == "b" else "medium",
            code=task_code(CODE, place),
            epic_id=epics.get(row[1]),
            labels=[known[row[2]]] if row[2] else [],
            story_points=float(points) if points else None,
            estimated_hours=Decimal(points) * HOURS_A_POINT if points else None,
            reporter_id=story.people["Yuki"],
            sort_order=place * GAP,
            backlog_order=place * GAP,
        )
        tasks.append(task)
    await ctx.create_many(tasks)
    await ctx.raise_number(counter(story.project), len(made) + len(tasks))
    await ctx.finish()
    story.tasks = {task.title: task.id for task in tasks}


def _when(row: list[str]) -> dict[int, tuple[str, str]]:
    """Return the sprints of a story, with the days on which it was begun and done in them."""
    parts = [[*said.split(), ".", "."][:3] for said in row[4].split(";")]
    return {int(number): (begun, done) for number, begun, done in parts}


def _planned(rows: list[list[str]], number: int) -> list[list[str]]:
    """Return the stories that were in a sprint from its first day on."""
    came = {title for sprint, _, title, into in CHANGES if into and sprint == number}
    return [row for row in rows if number in _when(row) and row[5] not in came]


async def _plan(story: Story, number: int, rows: list[list[str]]) -> None:
    """Plan a sprint three days before it begins: its days, its people, what is in it."""
    ctx = story.at(story.day(number, 1) - timedelta(days=3), time(16, 30))
    noun = ctx.registry.noun
    days = {"start_date": story.day(number, 1), "end_date": story.day(number, LENGTH)}
    said = {name: str(day) for name, day in days.items()} | {"goal": SPRINTS[number - 1]}
    values = {"project_id": story.project, **said}
    made = await perform.create(ctx, noun("scrum.sprint"), values)
    story.sprints.append(made.id)
    if number == 1:
        for name, share in SHARES.items():
            person = {"sprint_id": made.id, "user_id": story.people[name], "availability": share}
            await perform.create(ctx, noun("scrum.sprint_member"), person)
    for row in _planned(rows, number):
        task = await ctx.get(Task, story.tasks[row[5]])
        task.sprint_id = made.id
        _lead(story, task, row)
    await ctx.finish()


def _lead(story: Story, task: Task, row: list[str]) -> None:
    if row[3]:
        task.assignee_id = story.people[row[3]]
        task.assignees = [task.assignee_id]


async def _run(story: Story, number: int, rows: list[list[str]]) -> None:
    """Let the days of a sprint go by until today; complete it where it is over."""
    sprint = story.sprints[number - 1]
    await _verb(story, story.day(number, 1), time(9, 15), sprint, "start", {})
    for day in range(1, LENGTH + 1):
        if story.day(number, day) > story.ctx.today:
            return
        await _day(story, number, day, rows)
    if number < ACTIVE:
        clock = time(15, 30)
        await _verb(story, story.day(number, LENGTH), clock, sprint, "complete", {})


async def _verb(
    story: Story, day: date, clock: time, sprint: int, verb: str, data: dict[str, Any]
) -> None:
    ctx = story.at(day, clock)
    noun = ctx.registry.noun(Sprint)
    await perform.act(ctx, noun, noun.actions[verb], sprint, data)
    await ctx.finish()


async def _day(story: Story, number: int, day: int, rows: list[list[str]]) -> None:
    """Let one day happen: what came in or went out, what was begun, what was done."""
    ctx = story.at(story.day(number, day), time(14, 10))
    noun = ctx.registry.noun(Task)
    for sprint, on, title, into in CHANGES:
        if (sprint, on) == (number, day):
            task = await ctx.get(Task, story.tasks[title])
            task.sprint_id = story.sprints[number - 1] if into else None
            _lead(story, task, next(row for row in rows if row[5] == title))
    for row in rows:
        begun, done = _when(row).get(number, (".", "."))
        if str(day) in (begun, done):
            verb = "complete" if done == str(day) else "start"
            await perform.act(ctx, noun, noun.actions[verb], story.tasks[row[5]], {})
    await ctx.finish()
