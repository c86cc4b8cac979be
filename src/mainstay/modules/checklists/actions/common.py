"""What every noun of this room asks before a change, in sets: who works there, who is let in."""

from collections.abc import Iterable, Sequence

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.problems import invalid
from mainstay.modules.checklists.scopes import among_members
from mainstay.modules.projects.api import (
    Standing,
    ensure_member,
    projects_of,
    require_work,
    standings,
)

GAP = 1024.0


async def changed(ctx: Context, changes: Sequence[Change]) -> list[tuple[Entity, list[Change]]]:
    """Return the records that were changed, each with its changes; notes change nothing."""
    groups: dict[int, list[Change]] = {}
    for change in changes:
        if change.before is not None or change.after is not None:
            groups.setdefault(change.record_id, []).append(change)
    if not groups:
        return []
    held = await ctx.load_all(changes[0].noun, list(groups), anywhere=True, deleted="with")
    return [(held[record_id], own) for record_id, own in groups.items()]


async def working(ctx: Context, tasks: Iterable[int]) -> dict[int, Standing]:
    """Return the asking person's standing by task; refuse where they do not work."""
    projects = await projects_of(ctx, sorted(set(tasks)))
    known = await standings(ctx, projects.values())
    for at in known.values():
        require_work(at)
    return {task: known[project] for task, project in projects.items()}


def touched(changes: Sequence[Change], name: str) -> bool:
    """Return whether a field was written by these changes, at creation too."""
    return any(name in (change.after or {}) for change in changes)


def first_known(changes: Sequence[Change], name: str, now: object) -> object:
    """Return a field's value before these changes; what it is now where none touched it."""
    known = (change.before for change in changes if change.before is not None)
    return next((said[name] for said in known if name in said), now)


def was_new(changes: Sequence[Change]) -> bool:
    """Return whether these changes began with making the record."""
    return changes[0].before is None


async def take_in(
    ctx: Context, wanted: Iterable[tuple[Standing, int | None, Sequence[Change]]]
) -> None:
    """Take newly assigned people into their project where the asking person leads it.

    Refused otherwise: whoever shall do something must see it. What an undo brings back stays.
    """
    assigned = {
        (at.project_id, person): at
        for at, person, own in wanted
        if person is not None and touched(own, "assignee_id")
    }
    if not assigned or ctx.undoing:
        return
    for project_id, person in sorted(set(assigned) - await among_members(ctx, assigned)):
        if not assigned[project_id, person].leads:
            raise invalid(
                "assignee_id",
                "must be a member of the project; ask an owner or admin of it to add them first",
            )
        await ensure_member(ctx, project_id, person, "member")
