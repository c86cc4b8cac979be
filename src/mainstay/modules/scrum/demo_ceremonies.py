"""What the demo company's sprint teams said, what stood in their way, and what they learnt."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import msgspec

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.modules.projects.api import Project, Task
from mainstay.modules.scrum.entities import (
    ActionItem,
    DoneCriterion,
    DoneMark,
    Impediment,
    Retrospective,
    RetrospectiveNote,
    Sprint,
    SprintStory,
    Standup,
    StandupUpdate,
)
from mainstay.modules.scrum.questions.retrospectives import moods_of
from mainstay.modules.scrum.questions.stand import in_the_way
from mainstay.modules.scrum.questions.story import (
    Fate,
    PersonTold,
    Story,
    hours_by,
    impediments_told,
    standups_told,
)

CODE = "CREW"
PEOPLE = ("Priya", "Daniel", "Hannah", "Yuki")
GAP = 1024.0
FULL_DAY = Decimal(8)

# sprint | its day | who | mood | yesterday | today | in the way
SAID = """
1|2|Priya|4|Set up the build for both phone makers|Finish the releases|
1|2|Daniel|4|Began with the route|Houses in the order of the route|
1|2|Hannah|5|Read five meter manuals|Write the list of meters|
1|4|Priya|4|Releases run by themselves|Begin with keeping houses on the phone|
1|4|Daniel|3|Houses show up in order|Call the customer from the page|The test phones are still \
with customs
1|4|Yuki|4|Talked to two crews|Acceptance of the route|
1|9|Priya|3|Half of the houses stay on the phone|The other half|
1|9|Daniel|2|String voltages do not fit on the small phone|Try larger steps|
1|9|Hannah|4|Found the depot bug|Fix it|
1|11|Priya|4|Houses stay on the phone|Test in the cellar|
1|11|Daniel|3|Buttons are big enough now|Will not be done by Friday|
2|2|Priya|4|Began with the queue|Write down the eleven ways it can fail|
2|2|Daniel|4|Buttons are done|Photograph a meter|
2|2|Hannah|4|Safety briefing is drawn|Build it|
2|4|Priya|2|Three of eleven ways are covered|Two more|The test server forgets entries at night
2|4|Daniel|4|Photographs are attached|Review for Priya|
2|4|Hannah|5|Briefing can be ticked off|Try it with a crew|
2|8|Priya|3|Test server is replaced, ten ways are covered|The last one|
2|8|Daniel|4|Review|Warning for strings|
2|8|Yuki|3|Tenants need a lawyer's word first|Take that story out|
2|11|Priya|5|Nothing is lost any more|Show it on Friday|
2|11|Daniel|4|Warning works|Clean up|
2|11|Hannah|5|Sign-in stays|Write the notes|
3|2|Priya|4|Agreed on what waiting looks like|Show what waits to be sent|
3|2|Daniel|4|Looked at the paper sheet|Sign on the phone|
3|2|Hannah|3|Found where comma and stop are mixed up|Fix it|
3|3|Priya|4|The list of what waits is there|Icons for it|
3|3|Daniel|5|Signing works with a glove|Show it to Yuki|
3|4|Priya|4|What waits can be seen|Begin with freeing the phone|
3|4|Daniel|3|Signature is done|Measuring sheet as a PDF|The grid operator has not said which \
form it wants
3|4|Hannah|4|Commas are right|Near misses|
"""
# sprint | raised on | by | owner | severity | resolved on (. = not yet) | title | how it went away
WAYS = """
1|4|Daniel|Yuki|high|8|Test phones are held by customs|Bought two used ones in town.
1|9|Daniel|Daniel|low|.|Nobody has the smallest of the four phones|
2|4|Priya|Hannah|critical|8|Test server forgets entries at night|The nightly job restored an old \
copy; it is switched off and the server is new.
3|4|Daniel|Yuki|high|.|Grid operator has not said which form it wants|
3|3|Hannah|Hannah|medium|4|No crew is free for a trial morning|Team Nord takes Tuesday.
"""
# sprint | kind | who | who agrees | text
NOTES = """
1|went_well|Hannah|Priya,Daniel|We asked the crews before we built anything
1|went_well|Priya|Hannah|Releases cost nobody any time
1|went_wrong|Daniel|Priya,Hannah,Yuki|Phones were ordered when we needed them
1|went_wrong|Priya|Daniel|Eight points were really thirteen
1|idea|Hannah|Yuki,Daniel|Spend every second Friday morning with a crew
2|went_well|Priya|Daniel,Hannah,Yuki|Writing down how it can fail found four mistakes before we \
made them
2|went_well|Hannah|Priya|The trial crew wants to keep the app
2|went_wrong|Priya|Daniel,Hannah|Nobody looked at the test server until it failed
2|went_wrong|Yuki||We began a story that needed a lawyer
2|idea|Daniel|Priya,Hannah|A list of what must be known before a story comes in
"""
# sprint | owner | due on (days after its end) | done | title | task
ACTIONS = """
1|Yuki|5|yes|Order devices when the story is planned|
1|Hannah|12|no|Arrange a Friday morning with a crew|
2|Daniel|10|no|Watch the test server, with a message when it fails|task
2|Yuki|14|no|Ask for what must be known before a story comes in|
"""
SUMMARIES = {
    1: "A good start. What held us up were things, not people: order earlier, estimate in pairs.",
    2: "The queue was worth its eight points. The test server gets somebody who looks after it.",
}
CRITERIA = (
    ("Reviewed by somebody else", True),
    ("Tried on the oldest of the four phones", True),
    ("Works without a network", True),
    ("Notes for the crews are written", False),
)


async def demo(ctx: Context) -> None:
    """Let the sprints of the demo company have been talked about, unless that is there."""
    project = await ctx.find(Project, anywhere=True, code=CODE)
    if project is None or await ctx.find(Standup, anywhere=True):
        return
    people = await _people(ctx)
    found = await ctx.all(Sprint, anywhere=True, project_id=project.id, sort="sprint_number")
    sprints = {one.sprint_number: one for one in found if one.start_date and one.end_date}
    if not set(PEOPLE) <= people.keys() or len(sprints) < 3:
        return
    await _work(ctx, [one for one in found if one.status in ("active", "completed")])
    await _standups(ctx, sprints, people)
    await _ways(ctx, sprints, people)
    await _criteria(ctx, project.id, people["Hannah"])
    for number in (1, 2):
        await _look_back(ctx, sprints[number], people)
        await _tell_again(ctx, sprints[number])


async def _people(ctx: Context) -> dict[str, int]:
    """Return the demo company's people by first name."""
    noun = ctx.registry.noun("identity.user")
    found = await ctx.all(noun.entity, anywhere=True, email__contains="@helionord.example")
    return {one.first_name: one.id for one in found}  # type: ignore[attr-defined]


def _at(ctx: Context, day: date, clock: time, who: int | None = None) -> Context:
    """Return a unit of work of that moment, and of somebody, inside the one that tells it."""
    me = msgspec.structs.replace(ctx.me, id=who) if who else ctx.me
    own = Context(ctx.workspace, ctx.connection, me)
    own.now = min(datetime.combine(day, clock, UTC), ctx.now)
    return own


def _lines(text: str) -> list[list[str]]:
    return [line.split("|") for line in text.strip().splitlines()]


def _day(sprint: Sprint, day: int) -> date:
    assert sprint.start_date is not None
    return sprint.start_date + timedelta(day - 1)


async def _work(ctx: Context, sprints: Sequence[Sprint]) -> None:
    """Log the hours of what was done, on the days before it was."""
    noun = ctx.registry.noun("projects.time_entry")
    tasks = await ctx.all(Task, anywhere=True, sprint_id__in=[one.id for one in sprints])
    starts = {one.id: one.start_date for one in sprints}
    for task in tasks:
        first = starts[task.sprint_id or 0]
        if task.completed_at is None or task.assignee_id is None or first is None:
            continue
        left, day = Decimal(str(task.story_points or 1)) * Decimal("2.25"), task.completed_at.date()
        while left > 0 and day >= first:
            if day.weekday() < 5:
                hours = min(left, FULL_DAY)
                said = {"task_id": task.id, "user_id": task.assignee_id, "hours": str(hours)}
                await perform.create(ctx, noun, {**said, "date": str(day)})
                left -= hours
            day -= timedelta(1)


async def _standups(ctx: Context, sprints: dict[int, Sprint], people: dict[str, int]) -> None:
    """Write what was said on each day that is not to come."""
    days: dict[tuple[int, int], list[list[str]]] = {}
    for number, day, *said in _lines(SAID):
        days.setdefault((int(number), int(day)), []).append(said)
    for (which, on_day), lines in days.items():
        on = _day(sprints[which], on_day)
        if on > ctx.today:
            continue
        own = _at(ctx, on, time(8, 40))
        takes = [people[name] for name in PEOPLE]
        standup = Standup(sprint_id=sprints[which].id, date=on, participants=takes)
        await own.create(standup)
        said_there = [
            StandupUpdate(
                standup_id=standup.id,
                user_id=people[who],
                yesterday=yesterday,
                today=today,
                blockers=blockers,
                mood=int(mood),
            )
            for who, mood, yesterday, today, blockers in lines
        ]
        await own.create_many(said_there)
        await own.finish()


async def _ways(ctx: Context, sprints: dict[int, Sprint], people: dict[str, int]) -> None:
    """Write what stood in the way, and what became of it."""
    for of, day, by, owner, severity, gone, title, how in _lines(WAYS):
        number = int(of)
        on = _day(sprints[number], int(day))
        if on > ctx.today:
            continue
        own = _at(ctx, on, time(9, 0), people[by])
        way = Impediment(sprint_id=sprints[number].id, title=title, severity=severity)  # type: ignore[arg-type]
        way.reported_by, way.owner_id = people[by], people[owner]
        await own.create(way)
        await own.finish()
        if gone != "." and _day(sprints[number], int(gone)) <= ctx.today:
            own = _at(ctx, _day(sprints[number], int(gone)), time(13, 0))
            noun = own.registry.noun(Impediment)
            said = {"resolution": how}
            await perform.act(own, noun, noun.actions["resolve"], way.id, said)
            await own.finish()


async def _criteria(ctx: Context, project_id: int, who: int) -> None:
    """Say when a story is done, and tick that on those that are."""
    points = [
        DoneCriterion(project_id=project_id, title=title, required=required, sort_order=GAP * n)
        for n, (title, required) in enumerate(CRITERIA, 1)
    ]
    await ctx.create_many(points)
    tasks = await ctx.all(Task, anywhere=True, limit=200, project_id=project_id, sort="id")
    begun = [task for task in tasks if task.sprint_id and task.status in ("done", "in_progress")]
    marks = []
    for task in begun:
        met = points if task.status == "done" else points[:1]
        at = task.completed_at or ctx.now
        marks += [
            DoneMark(task_id=task.id, criterion_id=one.id, marked_by=who, marked_at=at)
            for one in met
        ]
    await ctx.create_many(marks)


async def _look_back(ctx: Context, sprint: Sprint, people: dict[str, int]) -> None:
    """Hold the retrospective of a sprint on its last day."""
    number, end = str(sprint.sprint_number), sprint.end_date or ctx.today
    own = _at(ctx, end, time(16, 0))
    held = Retrospective(sprint_id=sprint.id, held_on=end, summary=SUMMARIES[sprint.sprint_number])
    await own.create(held)
    await own.finish()
    for place, (of, kind, who, agree, text) in enumerate(_lines(NOTES), 1):
        if of != number:
            continue
        votes = [people[name] for name in agree.split(",") if name]
        note = RetrospectiveNote(retrospective_id=held.id, kind=kind, text=text, votes=votes)  # type: ignore[arg-type]
        note.sort_order = place * GAP
        theirs = _at(ctx, end, time(16, 5), people[who])
        await theirs.create(note)
        await theirs.finish()
    own = _at(ctx, end, time(16, 30))
    for of, owner, days, done, title, task in _lines(ACTIONS):
        if of == number:
            item = ActionItem(retrospective_id=held.id, title=title, owner_id=people[owner])
            item.due_date = end + timedelta(int(days))
            item.status = "completed" if done == "yes" else "open"
            await own.create(item)
            if task:
                await _become(own, item)
    await own.finish()


async def _become(ctx: Context, item: ActionItem) -> None:
    noun = ctx.registry.noun(ActionItem)
    await perform.act(ctx, noun, noun.actions["make_task"], item.id, {})


async def _tell_again(ctx: Context, sprint: Sprint) -> None:
    """Let the kept report of a sprint know what was made up about it after it had ended."""
    kept = await ctx.find(SprintStory, anywhere=True, sprint_id=sprint.id)
    if kept is None:
        return
    story = msgspec.convert(kept.told, Story, strict=False)
    story.mood, story.moods = await moods_of(ctx, sprint.id)
    story.standups = await standups_told(ctx, sprint.id)
    story.impediments = await impediments_told(ctx, sprint.id)
    story.in_the_way = await in_the_way(ctx, sprint.id)
    gone: tuple[Fate, ...] = ("removed", "dropped")
    tasks = [task.id for task in story.tasks if task.fate not in gone]
    hours = {row[0]: row[1] for row in await hours_by(ctx, sprint, tasks, story.on)}
    known = {one.user_id: one for one in story.people}
    for person, worked in hours.items():
        known.setdefault(person, PersonTold(user_id=person)).hours = worked
    story.people, story.worked = list(known.values()), sum(hours.values(), Decimal(0))
    kept.told = story.told()
