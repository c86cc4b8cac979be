"""What people ask about how a sprint stands: its measures, and its health factor by factor."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.modules.scrum import health, rules
from mainstay.modules.scrum.entities import Sprint
from mainstay.modules.scrum.questions.sights import sprint_seen
from mainstay.modules.scrum.questions.stand import stand_of
from mainstay.modules.scrum.questions.story import kept_story

BEGUN = ("active", "completed")


class HealthAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which sprint."""

    sprint_id: Annotated[int, Meta(ge=1, description="The sprint's id")]


class SprintStanding(Struct, kw_only=True, frozen=True):
    """How a sprint stands; before it has begun there is no health."""

    sprint_id: int
    status: str
    as_of: date
    committed: float
    completed: float
    completion: float | None
    capacity_hours: Decimal | None
    worked_hours: Decimal
    utilisation: float | None
    velocity: float
    days: int
    days_left: int
    impediments: int
    health: health.SprintHealth | None


@question(label="Health of a sprint")
async def sprint_health(ctx: Context, ask: HealthAsk) -> SprintStanding:
    """How a sprint stands, and what its health from 1 (sound) to 0 is made of.

    Under 70 % of the committed points completed, under 80 % or over 120 % of the hours used, what
    is in the way, and a last day that is over count against it. A completed sprint stands as it
    stood when it was completed.
    """
    return await standing_of(ctx, await sprint_seen(ctx, ask.sprint_id))


async def standing_of(ctx: Context, sprint: Sprint) -> SprintStanding:
    """Return how a sprint stands that the asking person sees."""
    kept = await kept_story(ctx, sprint) if sprint.status == "completed" else None
    if kept is not None:
        return _standing(sprint, kept.stand())
    return _standing(sprint, await stand_of(ctx, sprint))


def _standing(sprint: Sprint, stand: health.Stand) -> SprintStanding:
    return SprintStanding(
        sprint_id=sprint.id,
        status=sprint.status,
        as_of=stand.on,
        committed=stand.committed,
        completed=stand.completed,
        completion=health.completion(stand.completed, stand.committed),
        capacity_hours=stand.capacity,
        worked_hours=stand.worked,
        utilisation=health.utilisation(stand.worked, stand.capacity),
        velocity=rules.velocity(stand.completed, sprint.start_date, sprint.end_date),
        days=rules.days_of(sprint.start_date, sprint.end_date),
        days_left=rules.days_left(sprint.start_date, sprint.end_date, stand.on),
        impediments=stand.impediments,
        health=health.health(stand) if sprint.status in BEGUN else None,
    )
