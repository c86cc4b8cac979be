"""That one task waits for another: between tasks one may see, and never in a circle."""

from collections.abc import Sequence

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.problems import Conflict, Duplicate, FieldError, invalid
from mainstay.modules.projects import rules
from mainstay.modules.projects.entities import Task, TaskDependency
from mainstay.modules.projects.scopes import (
    projects_of,
    require_work,
    standings,
    waits_from,
)
from mainstay.modules.projects.totals.scopes import count_waits

# Two people who add the two halves of a circle at once are told apart by this row's lock.
LOCK = "projects.task_dependency"


async def create_dependency(ctx: Context, dependency: Entity) -> TaskDependency:
    """Let one task wait for another; a link that would close a circle is refused."""
    assert isinstance(dependency, TaskDependency)
    if dependency.task_id == dependency.depends_on_id:
        raise invalid("depends_on_id", "must be another task; a task cannot wait for itself")
    await ctx.raise_number(LOCK, 0)
    pair = {"task_id": dependency.task_id, "depends_on_id": dependency.depends_on_id}
    if await ctx.find(TaskDependency, anywhere=True, **pair):
        raise Duplicate(
            "This task waits for that one already. Change the type or the lag of that link.",
            errors=[FieldError("depends_on_id", "is linked already")],
        )
    return await ctx.create(dependency)


async def settle_dependencies(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who work in the waiting task's project link it, and refuse circles."""
    ids = [change.record_id for change in changes]
    links = await ctx.load_all(changes[0].noun, ids, anywhere=True, deleted="with")
    held = [link for link in links.values() if isinstance(link, TaskDependency)]
    later, earlier = {link.task_id for link in held}, {link.depends_on_id for link in held}
    projects = await projects_of(ctx, sorted(later))
    for at in (await standings(ctx, projects.values())).values():
        require_work(at)
    touched = {change.record_id for change in changes if _may_close(change)}
    fresh = [link for link in held if link.id in touched and _waits(link)]
    if fresh:
        await ctx.raise_number(LOCK, 0)
        known = await waits_from(ctx, sorted({link.task_id for link in fresh}))
        for link in fresh:
            if circle := rules.circle(known, link.task_id):
                raise Conflict(
                    f"These tasks would wait for one another in a circle: "
                    f"{await _names(ctx, circle)}. Take one of these links away first."
                )
    await ctx.flush()
    await count_waits(ctx, later, earlier)


def _may_close(change: Change) -> bool:
    """Return whether a link may close a circle now: it is new, brought back, or of a new type."""
    return change.before is None or not {"deleted_at", "type"}.isdisjoint(change.before)


def _waits(link: TaskDependency) -> bool:
    return link.deleted_at is None and link.type != "relates_to"


async def _names(ctx: Context, circle: Sequence[int]) -> str:
    """Return the codes along a circle; tasks that the person may not see have no name."""
    seen = await ctx.all(Task, id__in=sorted(set(circle)))
    codes = {task.id: task.code or f"#{task.id}" for task in seen}
    return " → ".join(codes.get(one, "a hidden task") for one in circle)
