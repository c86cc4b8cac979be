"""Work is taken off somebody who has too much of it: given to another person, or shared."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.module import action
from mainstay.kernel.problems import invalid
from mainstay.modules.projects.api import Task
from mainstay.modules.teams.scopes import people

PersonId = Annotated[int, Meta(ge=1, description="The person's id")]


class HandOver(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who has the task now, and who gets it."""

    from_id: PersonId
    to_id: PersonId
    share: Annotated[
        bool, Meta(description="Whether both work on it from now on, each on one part of its hours")
    ] = False


@action(label="Hand over", icon="switch-horizontal", grant="update", quiet=True)
async def hand_over(ctx: Context, task: Task, data: HandOver) -> Task:
    """Give somebody's part in a task to another person, or share it with them."""
    if data.from_id not in task.assignees:
        raise invalid("from_id", "does not work on this task any more; look at it again")
    if data.to_id in task.assignees:
        raise invalid("to_id", "works on this task already; choose somebody else")
    if data.to_id not in await people(ctx, [data.to_id]):
        raise invalid("to_id", "is nobody who works here; choose somebody else")
    values: dict[str, Any] = {"assignees": handed(task.assignees, data)}
    await perform.edit(ctx, ctx.registry.noun(Task), task.id, values)
    return task


def handed(listed: list[int], data: HandOver) -> list[int]:
    """Return who works on a task afterwards; who leads it stays first, or gives that on."""
    found: list[int] = []
    for one in listed:
        found += [one] if one != data.from_id else [one, data.to_id] if data.share else [data.to_id]
    return found
