"""What follows from changes elsewhere, at the end of every unit of work."""

from collections.abc import Sequence

from mainstay.kernel.context import Context
from mainstay.kernel.log import Change
from mainstay.modules.scrum.actions.done import refuse_undone
from mainstay.modules.scrum.actions.retrospectives import follow
from mainstay.modules.scrum.entities import Sprint
from mainstay.modules.scrum.questions.story import keep_story


async def guard(ctx: Context, changes: Sequence[Change]) -> None:
    """Heed the definition of done, let actions follow their tasks, keep a sprint's story."""
    await refuse_undone(ctx, changes)
    await follow(ctx, changes)
    noun = ctx.registry.noun(Sprint)
    for change in changes:
        ended = change.noun is noun and (change.after or {}).get("status") == "completed"
        sprint = ctx.held(noun, change.record_id) if ended else None
        if isinstance(sprint, Sprint) and not ctx.undoing:
            await keep_story(ctx, sprint)
