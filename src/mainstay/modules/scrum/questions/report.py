"""What people ask about a whole sprint: the report that reads like a story."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.modules.scrum import health, rules
from mainstay.modules.scrum.entities import Sprint
from mainstay.modules.scrum.questions.retrospectives import LookBack, look_back
from mainstay.modules.scrum.questions.sights import names_of, sprint_seen
from mainstay.modules.scrum.questions.story import Story, TaskTold, story_of


class ReportAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which sprint."""

    sprint_id: Annotated[int, Meta(ge=1, description="The sprint's id")]


class TaskLine(Struct, kw_only=True, frozen=True):
    """A task of the sprint, with who did it, who brought it in and who took it out."""

    task_id: int
    code: str
    title: str
    points: float | None
    assignee: str
    fate: str
    added: bool
    added_at: datetime | None
    added_by: str
    left_at: datetime | None
    left_by: str
    to_sprint: str


class PersonLine(Struct, kw_only=True, frozen=True):
    """What one person did in the sprint."""

    user_id: int
    name: str
    tasks: int
    points: float
    hours: Decimal


class ImpedimentLine(Struct, kw_only=True, frozen=True):
    """What was in the way, for how many days, and what took it away."""

    id: int
    title: str
    severity: str
    status: str
    owner: str
    since: datetime
    until: datetime | None
    days: float
    resolution: str


class MoodLine(Struct, kw_only=True, frozen=True):
    """A day's stand-up: who said something, and the mood."""

    date: date
    said: int
    mood: float | None


class SprintReport(Struct, kw_only=True, frozen=True):
    """A sprint from its goal to its retrospective; of a completed one as it was when it ended.

    `average` is of the points completed in up to six sprints before it. The retrospective is as
    it is now, since it is held afterwards.
    """

    sprint_id: int
    project_id: int
    name: str
    number: int
    status: str
    goal: str
    review_notes: str
    demo_url: str
    start_date: date | None
    end_date: date | None
    started_at: datetime | None
    completed_at: datetime | None
    as_of: datetime
    kept: bool
    whole: bool
    days: int
    committed: float
    completed: float
    added: float
    removed: float
    completion: float | None
    velocity: float
    average: float | None
    sprints: int
    capacity_hours: Decimal | None
    worked_hours: Decimal
    utilisation: float | None
    tasks: list[TaskLine]
    people: list[PersonLine]
    impediments: list[ImpedimentLine]
    standups: list[MoodLine]
    mood: float | None
    moods: int
    health: health.SprintHealth | None
    look_back: LookBack


@question(label="Sprint report")
async def sprint_report(ctx: Context, ask: ReportAsk) -> SprintReport:
    """A sprint as a story: goal, scope, work, people, stand-ups, impediments and look back.

    A completed sprint's numbers stay as they were when it ended, whatever happens to its tasks.
    """
    return await report_of(ctx, await sprint_seen(ctx, ask.sprint_id))


async def report_of(ctx: Context, sprint: Sprint) -> SprintReport:
    """Return the report of a sprint that the asking person sees."""
    story = await story_of(ctx, sprint)
    names = await names_of(ctx, _named(story))
    begun = sprint.status in ("active", "completed")
    earlier = story.earlier
    own = ("goal", "review_notes", "demo_url", "start_date", "end_date")
    return SprintReport(
        sprint_id=sprint.id,
        project_id=sprint.project_id,
        name=sprint.name,
        number=sprint.sprint_number,
        status=sprint.status,
        **{name: getattr(sprint, name) for name in own},
        started_at=sprint.started_at,
        completed_at=sprint.completed_at,
        as_of=story.at,
        kept=sprint.status == "completed",
        whole=story.whole,
        days=rules.days_of(sprint.start_date, sprint.end_date),
        **{name: getattr(story, name) for name in ("committed", "completed", "added", "removed")},
        completion=health.completion(story.completed, story.committed),
        velocity=rules.velocity(story.completed, sprint.start_date, sprint.end_date),
        average=round(sum(earlier) / len(earlier), 2) if earlier else None,
        sprints=len(earlier),
        capacity_hours=story.capacity,
        worked_hours=story.worked,
        utilisation=health.utilisation(story.worked, story.capacity),
        tasks=[_line(one, names) for one in story.tasks],
        people=_people(story, names),
        impediments=_impediments(story, names),
        standups=[MoodLine(date=d.date, said=d.said, mood=d.mood) for d in story.standups],
        mood=story.mood,
        moods=story.moods,
        health=health.health(story.stand()) if begun else None,
        look_back=await look_back(ctx, sprint),
    )


def _named(story: Story) -> Iterable[int | None]:
    """Return everybody whom the story names."""
    for task in story.tasks:
        yield from (task.assignee_id, task.added_by, task.left_by)
    yield from (one.user_id for one in story.people)
    yield from (one.owner_id for one in story.impediments)


def _line(task: TaskTold, names: dict[int, str]) -> TaskLine:
    return TaskLine(
        task_id=task.id,
        code=task.code,
        title=task.title,
        points=task.points,
        assignee=names.get(task.assignee_id or 0, ""),
        fate=task.fate,
        added=task.added,
        added_at=task.added_at,
        added_by=names.get(task.added_by or 0, ""),
        left_at=task.left_at,
        left_by=names.get(task.left_by or 0, ""),
        to_sprint=task.to_sprint,
    )


def _people(story: Story, names: dict[int, str]) -> list[PersonLine]:
    return [
        PersonLine(
            user_id=one.user_id,
            name=names[one.user_id],
            tasks=one.tasks,
            points=one.points,
            hours=one.hours,
        )
        for one in story.people
        if one.user_id in names
    ]


def _impediments(story: Story, names: dict[int, str]) -> list[ImpedimentLine]:
    return [
        ImpedimentLine(
            id=one.id,
            title=one.title,
            severity=one.severity,
            status=one.status,
            owner=names.get(one.owner_id or 0, ""),
            since=one.since,
            until=one.until,
            days=round(((one.until or story.at) - one.since).total_seconds() / 86_400, 1),
            resolution=one.resolution,
        )
        for one in story.impediments
    ]
