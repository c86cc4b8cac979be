"""The face of this room: sprints for those who plan, count or bring them from elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Any

from mainstay.kernel.context import Context
from mainstay.modules.scrum.actions.backlog import add_to_backlog, rank
from mainstay.modules.scrum.actions.events import SprintCancelled, SprintCompleted, SprintStarted
from mainstay.modules.scrum.actions.sprints import IMPORTING, check_days, number
from mainstay.modules.scrum.entities import Sprint, SprintDay, SprintMember
from mainstay.modules.scrum.history import (
    Figures,
    SprintVelocity,
    Velocity,
    figures_of,
    keep_days,
    velocity_of,
)
from mainstay.modules.scrum.questions.backlog import EpicSum, epics_of
from mainstay.modules.scrum.questions.capacity import SprintCapacity, capacities_of, capacity_of
from mainstay.modules.scrum.scopes import Sums, sums_of


async def sprint_of(ctx: Context, sprint_id: int) -> Sprint | None:
    """Return a sprint within the asking person's sight, or None."""
    return await ctx.find(Sprint, id=sprint_id)


async def add_sprints(
    ctx: Context, project_id: int, wanted: Sequence[Mapping[str, Any]]
) -> list[Sprint]:
    """Write sprints that come from another system, in sets; each may be in any status.

    Their days are checked, and only one of a project can be active. Call `bringing` in the same
    unit of work to put tasks into those that are over.
    """
    sprints = [Sprint(project_id=project_id, **values) for values in wanted]
    for sprint in sprints:
        check_days(sprint)
    await number(ctx, project_id, sprints)
    await ctx.create_many(sprints)
    return sprints


def bringing(ctx: Context) -> None:
    """Let tasks go into sprints that are over in this unit of work: they come from elsewhere."""
    ctx.notes[IMPORTING] = True


__all__ = [
    "EpicSum",
    "Figures",
    "Sprint",
    "SprintCancelled",
    "SprintCapacity",
    "SprintCompleted",
    "SprintDay",
    "SprintMember",
    "SprintStarted",
    "SprintVelocity",
    "Sums",
    "Velocity",
    "add_sprints",
    "add_to_backlog",
    "bringing",
    "capacities_of",
    "capacity_of",
    "epics_of",
    "figures_of",
    "keep_days",
    "rank",
    "sprint_of",
    "sums_of",
    "velocity_of",
]
