"""Who may change what of a sprint's meetings: asked at the end of every unit of work."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.problems import Conflict, invalid
from mainstay.modules.projects.api import (
    Standing,
    ensure_member,
    members_among,
    require_work,
    standings,
)
from mainstay.modules.scrum.entities import Sprint

R = TypeVar("R", bound=Entity)
# The record between this one and its sprint, by the field that names it.
BETWEEN = {"standup_id": "scrum.standup", "retrospective_id": "scrum.retrospective"}


@dataclass(frozen=True)
class Touched(Generic[R]):
    """A record that was changed, with its sprint, the project, and what it was before."""

    record: R
    sprint: Sprint
    at: Standing
    before: dict[str, Any]
    fields: frozenset[str]
    is_new: bool

    def was(self, name: str) -> Any:
        """Return what a field was before this unit of work; a new record had nothing."""
        return None if self.is_new else self.before.get(name, getattr(self.record, name))

    def fresh(self, name: str) -> Any:
        """Return a field's value where this unit of work gave it, else None."""
        value = getattr(self.record, name)
        return value if name in self.fields and value != self.was(name) else None


async def touched(ctx: Context, kind: type[R], changes: Sequence[Change]) -> list[Touched[R]]:
    """Return every record that these changes wrote, once; refuse where one may not work.

    All of them are read in sets, so the number of statements does not grow with the records.
    """
    own: dict[int, list[Change]] = {}
    for change in changes:
        if change.before is not None or change.after is not None:
            own.setdefault(change.record_id, []).append(change)
    if not own:
        return []
    records = await ctx.load_all(ctx.registry.noun(kind), own, anywhere=True, deleted="with")
    sprints = await _sprints(ctx, records)
    known = await standings(ctx, {sprint.project_id for sprint in sprints.values()})
    found = []
    for record_id, parts in own.items():
        record, sprint = records[record_id], sprints[record_id]
        assert isinstance(record, kind)
        require_work(known[sprint.project_id])
        before: dict[str, Any] = {}
        for part in parts:
            before = (part.before or {}) | before
        names = frozenset(name for part in parts for name in (part.after or part.before or ()))
        at = known[sprint.project_id]
        found.append(Touched(record, sprint, at, before, names, parts[0].before is None))
    return found


async def _sprints(ctx: Context, records: dict[int, Entity]) -> dict[int, Sprint]:
    """Return the sprint of each of these records, straight or by what stands between."""
    parents: dict[int, Any] = dict(records)
    for field, key in BETWEEN.items():
        ids = {getattr(one, field) for one in records.values() if hasattr(one, field)}
        if ids:
            noun = ctx.registry.noun(key)
            held = await ctx.load_all(noun, sorted(ids), anywhere=True, deleted="with")
            parents = {one: held[getattr(records[one], field)] for one in records}
    wanted = sorted({parent.sprint_id for parent in parents.values()})
    noun = ctx.registry.noun(Sprint)
    sprints: dict[int, Any] = dict(await ctx.load_all(noun, wanted, anywhere=True, deleted="with"))
    return {one: sprints[parent.sprint_id] for one, parent in parents.items()}


def require_open(ctx: Context, sprint: Sprint) -> None:
    """Refuse to change the stand-ups of a sprint that is over: its report has been read by then."""
    if sprint.status in ("completed", "cancelled") and ctx.me.kind != "system":
        raise Conflict(f"This sprint is {sprint.status}; its stand-ups cannot be changed any more.")


async def take_in(ctx: Context, at: Standing, field: str, people: Iterable[int | None]) -> None:
    """Take those who are named into the project where its leads name them; refuse otherwise."""
    named = sorted({one for one in people if one})
    if not named or ctx.undoing:
        return
    missing = set(named) - await members_among(ctx, at.project_id, named)
    if missing and not at.leads:
        raise invalid(
            field,
            "must be a member of the project; ask an owner or admin of it to add them first",
        )
    for person in sorted(missing):
        await ensure_member(ctx, at.project_id, person, "member")
