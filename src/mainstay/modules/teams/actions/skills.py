"""The skills that a team needs."""

from collections.abc import Sequence

from mainstay.kernel.context import Context
from mainstay.kernel.log import Change
from mainstay.modules.teams.actions.rights import touched


async def settle_needs(ctx: Context, changes: Sequence[Change]) -> None:
    """Let those who lead a team say what it needs, by whatever way."""
    await touched(ctx, changes)
