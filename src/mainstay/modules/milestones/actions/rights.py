"""Who may change what of a milestone: asked at the end of every unit of work, whatever the way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.problems import invalid
from mainstay.kernel.sight import who_see
from mainstay.modules.milestones.entities import Milestone
from mainstay.modules.projects.api import (
    Project,
    Standing,
    ensure_member,
    require_lead,
    require_work,
    standing,
)

R = TypeVar("R", bound=Entity)


@dataclass(frozen=True)
class Touched(Generic[R]):
    """A record that was changed, with its milestone, the project, and what it was before."""

    record: R
    milestone: Milestone
    at: Standing
    before: dict[str, Any]
    fields: frozenset[str]
    is_new: bool

    def was(self, name: str) -> Any:
        """Return what a field was before this unit of work; a new record had nothing."""
        return None if self.is_new else self.before.get(name, getattr(self.record, name))


async def touched(ctx: Context, kind: type[R], changes: Sequence[Change]) -> list[Touched[R]]:
    """Return every record that these changes wrote, once; one that only an event is about is not.

    Its milestone is held until the unit of work ends, so that nobody completes it meanwhile.
    """
    found: list[Touched[R]] = []
    standings: dict[int, Standing] = {}
    owners = ctx.registry.noun(Milestone)
    for record_id in dict.fromkeys(change.record_id for change in changes):
        own = [c for c in changes if c.record_id == record_id and (c.before or c.after)]
        if not own:
            continue
        record = await ctx.load(own[0].noun, record_id, anywhere=True, deleted="with")
        assert isinstance(record, kind)
        milestone: Any = record
        if not isinstance(record, Milestone):
            owner_id: int = record.milestone_id  # type: ignore[attr-defined]
            milestone = await ctx.load(owners, owner_id, anywhere=True, deleted="with")
        if milestone.project_id not in standings:
            standings[milestone.project_id] = await standing(ctx, milestone.project_id)
        before: dict[str, Any] = {}
        for change in own:
            before = (change.before or {}) | before
        names = frozenset(name for change in own for name in (change.after or change.before or ()))
        is_new = own[0].before is None
        at = standings[milestone.project_id]
        found.append(Touched(record, milestone, at, before, names, is_new))
    return found


def require_manage(ctx: Context, at: Standing, owner_id: int | None, what: str) -> None:
    """Refuse what only the project's leads and the milestone's owner may do."""
    require_work(at)
    if ctx.me.id is None or ctx.me.id != owner_id:
        require_lead(at, what)


async def require_sight(
    ctx: Context, at: Standing, field: str, ids: Iterable[int | None], role: Any
) -> None:
    """Take those who are named into the project where its leads name them; refuse otherwise."""
    named = {one for one in ids if one}
    if not named or ctx.undoing:
        return
    project = ctx.registry.noun(Project)
    missing = named - await who_see(ctx, project, at.project_id, named)
    if missing and not at.leads:
        raise invalid(
            field,
            "must name people who may see the project; ask an owner or admin of it to add them",
        )
    for person in sorted(missing):
        await ensure_member(ctx, at.project_id, person, role)
