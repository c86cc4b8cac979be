"""How much a project's team completes in a sprint."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.modules.scrum import history
from mainstay.modules.scrum.history import SprintVelocity

DEFINITION = (
    "Velocity is the points that a sprint completed, as they were when it ended; predictability "
    "is what was completed as a share of what was committed when the sprint started."
)
NONE = "No sprint of this project was completed by then. The first completed one begins the chart."


class VelocityAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which project, and how many of its last sprints."""

    project_id: Annotated[int, Meta(ge=1, description="The project's id")]
    last: Annotated[int, Meta(ge=1, le=100, description="How many completed sprints")] = 12
    as_of: Annotated[date | None, Meta(description="Sprints that were completed by then")] = None


class ProjectVelocity(Struct, kw_only=True, frozen=True):
    """A project's velocity as of a day, the oldest sprint first; `missing` says what lacks."""

    project_id: int
    as_of: date
    definition: str
    missing: str
    average: float | None
    low: float | None
    high: float | None
    average_of_3: float | None
    average_of_6: float | None
    predictability: float | None
    sprints: list[SprintVelocity]


@question(label="Velocity")
async def velocity(ctx: Context, ask: VelocityAsk) -> ProjectVelocity:
    """What the last sprints committed to and completed, their average, range and reliability."""
    project = await history.project_of(ctx, ask.project_id)
    found = await history.velocity_of(ctx, project.id, ask.last, ask.as_of)
    return ProjectVelocity(
        project_id=project.id,
        as_of=ask.as_of or ctx.today,
        definition=DEFINITION,
        missing="" if found.sprints else NONE,
        average=found.average,
        low=found.low,
        high=found.high,
        average_of_3=found.average_of_3,
        average_of_6=found.average_of_6,
        predictability=found.predictability,
        sprints=found.sprints,
    )
