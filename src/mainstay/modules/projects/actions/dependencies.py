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
    standing,
    waits_from,
)

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
    ids = dict.fromkeys(change.record_id for change in changes)
    links = [await ctx.load(changes[0].noun, one, anywhere=True, deleted="with") for one in ids]
    held = [link for link in links if isinstance(link, TaskDependency)]
    projects = await projects_of(ctx, [link.task_id for link in held])
    for project_id in sorted(set(projects.values())):
        require_work(await standing(ctx, project_id))
    fresh = [link for link in held if link.deleted_at is None and _new(changes, link)]
    if fresh:
        await ctx.raise_number(LOCK, 0)
    for link in fresh:
        circle = rules.circle(await waits_from(ctx, link.task_id), link.task_id)
        if circle:
            raise Conflict(
                f"These tasks would wait for one another in a circle: "
                f"{await _names(ctx, circle)}. Take one of these links away first."
            )


def _new(changes: Sequence[Change], link: TaskDependency) -> bool:
    """Return whether a link came about by these changes: it was made, or taken from the bin."""
    own = [change for change in changes if change.record_id == link.id]
    return any(change.before is None or "deleted_at" in change.before for change in own)


async def _names(ctx: Context, circle: Sequence[int]) -> str:
    """Return the codes along a circle; tasks that the person may not see have no name."""
    seen = await ctx.all(Task, id__in=sorted(set(circle)))
    codes = {task.id: task.code or f"#{task.id}" for task in seen}
    return " → ".join(codes.get(one, "a hidden task") for one in circle)
