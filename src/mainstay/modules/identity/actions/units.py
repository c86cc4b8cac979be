"""Parts of the organisation: none of them belongs to itself, directly or around a corner."""

from collections.abc import Sequence

from mainstay.kernel.context import Context
from mainstay.kernel.log import Change
from mainstay.kernel.problems import invalid
from mainstay.modules.identity.entities import OrganisationUnit

LOCK = "identity.organisation_unit"
DEEPEST = 50


async def settle_units(ctx: Context, changes: Sequence[Change]) -> None:
    """Refuse a unit whose larger units lead back to itself."""
    moved = [one for one in changes if "parent_id" in (one.after or {})]
    if not moved:
        return
    # Two people who each close half of a circle at once are told apart by this row's lock.
    await ctx.raise_number(LOCK, 0)
    for change in moved:
        seen = {change.record_id}
        unit = await ctx.load(change.noun, change.record_id, anywhere=True, deleted="with")
        assert isinstance(unit, OrganisationUnit)
        while unit.parent_id is not None:
            if unit.parent_id in seen or len(seen) > DEEPEST:
                raise invalid("parent_id", "must not be the unit itself or a part of it")
            seen.add(unit.parent_id)
            found = await ctx.find(OrganisationUnit, anywhere=True, id=unit.parent_id)
            if found is None:
                break
            unit = found
