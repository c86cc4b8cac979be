"""Where one's own answers are found from every page: in the command palette."""

from mainstay.delivery.words import gettext as _
from mainstay.kernel.context import Context
from mainstay.kernel.module import Place


async def waiting(ctx: Context) -> list[Place]:
    """Return the lists of what waits for the asking person."""
    if ctx.me.id is None or not ctx.can("milestones.milestone_approval.read"):
        return []
    approvals = Place(
        "/milestones/approvals?is=for_me", _("Approvals waiting for me"), "user-check"
    )
    if not ctx.can("milestones.deliverable.read"):
        return [approvals]
    title = _("Deliverables waiting for my review")
    return [approvals, Place("/milestones/deliverables?is=for_me", title, "package")]
