"""Words about a milestone to those it concerns, and who has read them."""

from collections.abc import Sequence

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.scope import Me
from mainstay.modules.milestones.actions.events import CommunicationSent
from mainstay.modules.milestones.actions.rights import require_manage, require_sight, touched
from mainstay.modules.milestones.entities import Milestone, MilestoneCommunication
from mainstay.modules.projects.api import require_work

READ = frozenset({"read_by"})


async def create_communication(ctx: Context, said: Entity) -> MilestoneCommunication:
    """Tell those it concerns; without recipients, the milestone's stakeholders and owner."""
    assert isinstance(said, MilestoneCommunication)
    if not said.recipients:
        milestone = await ctx.get(Milestone, said.milestone_id)
        everybody = [*milestone.stakeholders, milestone.owner_id]
        said.recipients = [one for one in dict.fromkeys(everybody) if one and one != ctx.me.id]
    await ctx.create(said)
    sent = CommunicationSent(
        communication_id=said.id, milestone_id=said.milestone_id, recipients=said.recipients
    )
    ctx.emit(sent, said)
    return said


async def settle_communications(ctx: Context, changes: Sequence[Change]) -> None:
    """Let those write who work in the project, and recipients say that they have read it."""
    for one in await touched(ctx, MilestoneCommunication, changes):
        if one.fields <= READ and ctx.me.id in one.record.recipients:
            continue
        require_work(one.at)
        if not one.is_new and one.record.created_by != ctx.me.id:
            require_manage(ctx, one.at, one.milestone.owner_id, "change what others have written")
        if "recipients" in one.fields:
            people = one.record.recipients
            await require_sight(ctx, one.at, "recipients", people, "viewer")


def _may_read(said: MilestoneCommunication, me: Me) -> str | None:
    if me.id is None or me.id not in said.recipients:
        return "This was not sent to you, so you need not say that you have read it."
    return "You have read this already." if me.id in said.read_by else None


@action(label="Mark as read", icon="eye-check", grant="mark_read", allowed=_may_read)
async def mark_read(ctx: Context, said: MilestoneCommunication) -> MilestoneCommunication:
    """Say that you have read it; those who wrote it see that."""
    if ctx.me.id:
        said.read_by = [*said.read_by, ctx.me.id]
    return said
