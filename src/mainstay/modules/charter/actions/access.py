"""Who may change what belongs to a project: those who work in it."""

from collections.abc import Sequence
from typing import Any

from mainstay.kernel.context import Context
from mainstay.kernel.log import Change
from mainstay.modules.projects.api import require_work, standing


async def changed(ctx: Context, changes: Sequence[Change]) -> list[Any]:
    """Return the records that were changed, each once, binned or not."""
    ids = dict.fromkeys((change.noun, change.record_id) for change in changes)
    return [await ctx.load(noun, one, anywhere=True, deleted="with") for noun, one in ids]


async def require_workers(ctx: Context, projects: Sequence[int]) -> None:
    """Refuse unless this person works in every one of these projects."""
    for project_id in sorted(set(projects)):
        require_work(await standing(ctx, project_id))


async def settle(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who work in a project change what belongs to it."""
    await require_workers(ctx, [one.project_id for one in await changed(ctx, changes)])


def entering(changes: Sequence[Change], name: str) -> set[int]:
    """Return the records that were given a new value of a field."""
    return {one.record_id for one in changes if (one.after or {}).get(name) is not None}
