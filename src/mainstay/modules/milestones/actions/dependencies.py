"""That one milestone waits for another: also across projects, and never in a circle."""

from collections.abc import Sequence

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.problems import Conflict, Duplicate, FieldError, invalid
from mainstay.modules.milestones.actions.rights import require_manage, touched
from mainstay.modules.milestones.entities import Milestone, MilestoneDependency
from mainstay.modules.milestones.scopes import waits_from
from mainstay.modules.projects.api import circle

# Two people who add the two halves of a circle at once are told apart by this row's lock.
LOCK = "milestones.milestone_dependency"


async def create_dependency(ctx: Context, link: Entity) -> MilestoneDependency:
    """Let one milestone wait for another; a link that would close a circle is refused."""
    assert isinstance(link, MilestoneDependency)
    if link.milestone_id == link.depends_on_id:
        raise invalid("depends_on_id", "must be another milestone; none can wait for itself")
    await ctx.raise_number(LOCK, 0)
    pair = {"milestone_id": link.milestone_id, "depends_on_id": link.depends_on_id}
    if await ctx.find(MilestoneDependency, anywhere=True, **pair):
        raise Duplicate(
            "This milestone waits for that one already. Change the type or the lag of that link.",
            errors=[FieldError("depends_on_id", "is linked already")],
        )
    return await ctx.create(link)


async def settle_dependencies(ctx: Context, changes: Sequence[Change]) -> None:
    """Let those link a milestone who manage it, and refuse circles whatever the way."""
    found = await touched(ctx, MilestoneDependency, changes)
    for one in found:
        require_manage(ctx, one.at, one.milestone.owner_id, "say what its milestones wait for")
    fresh = [
        one.record
        for one in found
        if one.record.deleted_at is None and (one.is_new or "deleted_at" in one.fields)
    ]
    if fresh:
        await ctx.raise_number(LOCK, 0)
    for link in fresh:
        path = circle(await waits_from(ctx, link.milestone_id), link.milestone_id)
        if path:
            raise Conflict(
                "These milestones would wait for one another in a circle: "
                f"{await _names(ctx, path)}. Take one of these links away first."
            )


async def _names(ctx: Context, path: Sequence[int]) -> str:
    """Return the names along a circle; milestones that the person may not see have none."""
    seen = await ctx.all(Milestone, id__in=sorted(set(path)), sort="id")
    names = {one.id: one.name for one in seen}
    return " → ".join(names.get(one, "a hidden milestone") for one in path)
