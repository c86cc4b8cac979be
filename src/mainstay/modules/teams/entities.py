"""What a team plans and measures beside its people: rituals, goals, metrics, skills it needs."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Day, Real, Ref, Text, Whole
from mainstay.modules.projects.kinds import Line, UserId, Words

TeamId = Annotated[int, Ref(target="identity.team", cascade=True, label="Team")]
Name = Annotated[str, Text(100, least=1)]
OnDay = Annotated[date, Day(help="When it was measured; today when left out.")]
Amount = Annotated[float, Real(least=-1e12, most=1e12)]


class Ritual(Entity, kw_only=True):
    """A meeting that a team holds again and again."""

    __index__: ClassVar = (("team_id",), ("next_on",))

    team_id: TeamId
    name: Name
    type: Annotated[
        Literal[
            "standup",
            "planning",
            "review",
            "retrospective",
            "refinement",
            "one_on_one",
            "all_hands",
            "social",
            "other",
        ],
        Choice(),
    ] = "standup"
    frequency: Annotated[
        Literal["daily", "weekly", "biweekly", "monthly", "quarterly", "ad_hoc"], Choice()
    ] = "weekly"
    minutes: Annotated[int, Whole(least=1, most=1440, help="How long it takes.")] = 30
    facilitator_id: Annotated[int, Ref(target="identity.user", help="Who leads it.")] | None = None
    last_on: Annotated[date, Day(label="Last held")] | None = None
    next_on: Annotated[date, Day(label="Next")] | None = None
    month_day: (
        Annotated[int, Whole(least=1, most=31, help="Its own day of the month; shorter ones end.")]
        | None
    ) = None
    notes: Words = ""


class TeamGoal(Entity, kw_only=True):
    """A number that a team wants to reach by a day."""

    __index__: ClassVar = (("team_id", "status"),)

    team_id: TeamId
    title: Annotated[str, Text(200, least=1)]
    description: Words = ""
    type: Annotated[
        Literal["delivery", "quality", "learning", "process", "customer", "financial", "other"],
        Choice(),
    ] = "delivery"
    target: Annotated[float, Real(help="The number to reach.")] = 100.0
    current: Annotated[float, Real(help="Where it is now.")] = 0.0
    unit: Annotated[str, Text(30, help="Like points or percent.")] = ""
    start_date: Annotated[date, Day(label="From")] | None = None
    due_date: Annotated[date, Day(label="By")] | None = None
    status: Annotated[
        Literal["draft", "active", "achieved", "missed", "cancelled", "deferred"],
        Choice(
            colors=(
                ("draft", "azure"),
                ("active", "blue"),
                ("achieved", "green"),
                ("missed", "red"),
                ("cancelled", "secondary"),
                ("deferred", "yellow"),
            )
        ),
    ] = "draft"
    progress: Annotated[float, Real(most=1.0, help="From 0 to 1.")] = 0.0
    owner_id: Annotated[int, Ref(target="identity.user", help="Who answers for it.")] | None = None


class TeamMetric(Entity, kw_only=True):
    """A number of a team that is measured again and again."""

    __unique__: ClassVar = (("team_id", "name"),)

    team_id: TeamId
    name: Name
    unit: Annotated[str, Text(30)] = ""
    better: Annotated[Literal["higher", "lower"], Choice(help="Which way is better.")] = "higher"
    current: Amount | None = None
    target: Amount | None = None
    benchmark: Annotated[float, Real(least=-1e12, help="What others reach.")] | None = None
    trend: Annotated[Literal["up", "flat", "down"], Choice()] = "flat"
    measured_at: datetime | None = None


class MetricValue(Entity, kw_only=True):
    """One measurement of a team's metric."""

    __index__: ClassVar = (("metric_id", "date"),)

    metric_id: Annotated[int, Ref(target="teams.team_metric", cascade=True, label="Metric")]
    date: OnDay | None = None
    value: Amount
    note: Line = ""


class TeamSkill(Entity, kw_only=True):
    """How much a team needs a skill; how much it has is counted from its people."""

    __unique__: ClassVar = (("team_id", "skill_id"),)

    team_id: TeamId
    skill_id: Annotated[int, Ref(target="identity.skill", label="Skill")]
    demand: Annotated[float, Real(most=1.0, help="How much it is needed, 0 to 1.")] = 0.5
    training_plan: Words = ""
    owner_id: UserId | None = None
