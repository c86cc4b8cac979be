"""The nouns of scrum: sprint, its people and days, stand-ups, impediments, retrospectives."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import (
    Choice,
    Day,
    Dec,
    Flag,
    Instant,
    Json,
    Links,
    Real,
    Ref,
    Text,
    Whole,
)
from mainstay.modules.projects.kinds import (
    Custom,
    Hours,
    Order,
    ProjectId,
    TaskId,
    UserId,
    Words,
)

SprintId = Annotated[int, Ref(target="scrum.sprint", cascade=True, label="Sprint")]
Title = Annotated[str, Text(200, least=1)]
Said = Annotated[str, Text(2000, lines=True)]
Minutes = Annotated[int, Whole(most=1440, help="In minutes.")]
Mood = Annotated[int, Whole(least=1, most=5, help="From 1, bad, to 5, very good.")]
Points = Annotated[float, Real(most=1e6, help="In story points.")]
SprintStatus = Annotated[
    Literal["planning", "active", "completed", "cancelled"],
    Choice(
        colors=(
            ("planning", "azure"),
            ("active", "blue"),
            ("completed", "green"),
            ("cancelled", "secondary"),
        ),
        help="Where the sprint stands; only one of a project is active.",
    ),
]


class Sprint(Entity, kw_only=True):
    """A stretch of at most thirty days in which a team completes a part of the backlog."""

    __unique__: ClassVar = (("project_id", "sprint_number"),)
    __index__: ClassVar = (("project_id", "status"), ("status", "end_date"))

    project_id: ProjectId
    sprint_number: Annotated[int, Whole(label="Number", help="Counted by the project.")] = 0
    name: Annotated[str, Text(100, help="Like Sprint 4; numbered when left out.")] = ""
    goal: Annotated[str, Text(2000, lines=True, help="What the sprint is to reach.")] = ""
    status: SprintStatus = "planning"
    team_id: Annotated[int, Ref(target="identity.team", label="Team")] | None = None
    start_date: Annotated[date, Day(label="First day")] | None = None
    end_date: Annotated[date, Day(label="Last day")] | None = None
    started_at: Annotated[datetime, Instant(label="Started")] | None = None
    completed_at: Annotated[datetime, Instant(label="Completed")] | None = None
    capacity_hours: Hours | None = None
    commitment_points: Annotated[
        float, Real(most=1e6, label="Committed", help="Points in it when it started.")
    ] = 0.0
    completed_points: Annotated[
        float, Real(most=1e6, help="Points of what was completed in it.")
    ] = 0.0
    added_points: Points = 0.0
    removed_points: Points = 0.0
    velocity: Annotated[float, Real(help="Completed points a day of the sprint.")] = 0.0
    review_notes: Words = ""
    demo_url: Annotated[str, Text(500, web=True, label="Demo")] = ""
    custom_fields: Custom = {}


class SprintMember(Entity, kw_only=True):
    """A person in a sprint, with the hours they can give to it."""

    __unique__: ClassVar = (("sprint_id", "user_id"),)

    sprint_id: SprintId
    user_id: UserId
    availability: Annotated[
        float, Real(most=1.0, help="The share of their working time for the sprint, 0 to 1.")
    ] = 1.0
    capacity_hours: (
        Annotated[Decimal, Dec(8, 2, help="In the sprint; from calendar and days off if left out.")]
        | None
    ) = None


class SprintDay(Entity, kw_only=True):
    """One day of a completed sprint, kept as its burndown showed it."""

    __unique__: ClassVar = (("sprint_id", "date"),)

    sprint_id: SprintId
    date: Annotated[date, Day()]
    remaining_points: Points = 0.0
    completed_points: Points = 0.0
    added_points: Points = 0.0
    removed_points: Points = 0.0
    remaining_hours: Hours | None = None


class SprintStory(Entity, kw_only=True):
    """What the report of a completed sprint tells, kept as it was when the sprint ended."""

    __unique__: ClassVar = (("sprint_id",),)

    sprint_id: SprintId
    told: Annotated[dict[str, Any], Json(label="Told", help="What the report tells, by part.")] = {}


class Standup(Entity, kw_only=True):
    """A short meeting of a sprint's team: what was done, what comes, what is in the way."""

    __unique__: ClassVar = (("sprint_id", "date"),)

    sprint_id: SprintId
    date: Annotated[date, Day()]
    minutes: Minutes = 15
    participants: Annotated[list[int], Links(target="identity.user")] = []
    notes: Said = ""


class StandupUpdate(Entity, kw_only=True):
    """What one person said in a stand-up."""

    __unique__: ClassVar = (("standup_id", "user_id"),)

    standup_id: Annotated[int, Ref(target="scrum.standup", cascade=True, label="Stand-up")]
    user_id: UserId | None = None
    yesterday: Said = ""
    today: Said = ""
    blockers: Annotated[str, Text(2000, lines=True, label="In the way")] = ""
    mood: Mood | None = None
    impediment_id: (
        Annotated[int, Ref(target="scrum.impediment", help="What became of what is in the way.")]
        | None
    ) = None


class Impediment(Entity, kw_only=True):
    """Something that keeps a sprint from going on, until somebody takes it away."""

    __index__: ClassVar = (("sprint_id", "status"),)

    sprint_id: SprintId
    title: Title
    description: Words = ""
    severity: Annotated[
        Literal["low", "medium", "high", "critical"],
        Choice(ordered=True, colors=(("high", "orange"), ("critical", "red"))),
    ] = "medium"
    status: Annotated[
        Literal["open", "in_progress", "resolved", "cancelled"],
        Choice(
            colors=(
                ("open", "red"),
                ("in_progress", "blue"),
                ("resolved", "green"),
                ("cancelled", "secondary"),
            )
        ),
    ] = "open"
    task_id: TaskId | None = None
    reported_by: UserId | None = None
    owner_id: Annotated[int, Ref(target="identity.user", help="Who takes it away.")] | None = None
    resolution: Said = ""
    resolved_at: datetime | None = None


class Retrospective(Entity, kw_only=True):
    """A look back on a sprint, and what is to change."""

    __unique__: ClassVar = (("sprint_id",),)

    sprint_id: SprintId
    held_on: Annotated[date, Day(label="Held on")] | None = None
    team_mood: Mood | None = None
    summary: Words = ""


class RetrospectiveNote(Entity, kw_only=True):
    """One thing that somebody noted in a retrospective."""

    __index__: ClassVar = (("retrospective_id", "kind", "sort_order"),)

    retrospective_id: Annotated[
        int, Ref(target="scrum.retrospective", cascade=True, label="Retrospective")
    ]
    kind: Annotated[
        Literal["went_well", "went_wrong", "idea"],
        Choice(colors=(("went_well", "green"), ("went_wrong", "red"), ("idea", "azure"))),
    ] = "went_well"
    text: Annotated[str, Text(500, least=1, lines=True)]
    votes: Annotated[list[int], Links(target="identity.user", help="Who agrees.")] = []
    sort_order: Order = 0.0


class ActionItem(Entity, kw_only=True):
    """What a team decided to change in a retrospective; it can become a task."""

    __index__: ClassVar = (("retrospective_id", "status"),)

    retrospective_id: Annotated[
        int, Ref(target="scrum.retrospective", cascade=True, label="Retrospective")
    ]
    title: Title
    owner_id: Annotated[int, Ref(target="identity.user", help="Who sees to it.")] | None = None
    due_date: Annotated[date, Day(label="Due")] | None = None
    status: Annotated[
        Literal["open", "in_progress", "completed", "cancelled"],
        Choice(
            colors=(
                ("open", "azure"),
                ("in_progress", "blue"),
                ("completed", "green"),
                ("cancelled", "secondary"),
            )
        ),
    ] = "open"
    task_id: Annotated[int, Ref(target="projects.task", help="The task it became.")] | None = None


class DoneCriterion(Entity, kw_only=True):
    """One point of a project's definition of done."""

    __index__: ClassVar = (("project_id", "sort_order"),)

    project_id: ProjectId
    title: Title
    required: Annotated[
        bool, Flag(help="Whether a task cannot be done without it, where the project says so.")
    ] = True
    sort_order: Order = 0.0


class DoneMark(Entity, kw_only=True):
    """That a task meets one point of the definition of done, and who said so."""

    __unique__: ClassVar = (("task_id", "criterion_id"),)

    task_id: Annotated[int, Ref(target="projects.task", cascade=True, label="Task")]
    criterion_id: Annotated[int, Ref(target="scrum.done_criterion", cascade=True)]
    marked_by: UserId | None = None
    marked_at: datetime | None = None
