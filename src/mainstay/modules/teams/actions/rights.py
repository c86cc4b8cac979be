"""Who may change what of a team: asked at the end of every unit of work, whatever the way."""

from collections.abc import Collection, Sequence

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.problems import Denied
from mainstay.modules.teams.scopes import KEEP_ALL, own_teams


async def require_team(ctx: Context, wanted: Collection[tuple[int, bool]]) -> None:
    """Refuse changes of a team's records: (team, whether leading it is needed) by others."""
    if ctx.me.kind == "system" or ctx.can(KEEP_ALL):
        return
    mine, leading = await own_teams(ctx)
    for team, lead in sorted(wanted):
        if team not in mine:
            raise Denied(
                "You are not in this team. Ask its leader to change this, or to take you in."
            )
        if lead and team not in leading:
            raise Denied("Only who leads the team may change this. Ask its leader.")


async def touched(
    ctx: Context,
    changes: Sequence[Change],
    by_members: Collection[str] = (),
    verbs: Collection[str] = (),
) -> list[Entity]:
    """Return the records that were changed, after asking whether this person may do it.

    Members of the team may change the fields `by_members` by these verbs, and take that back; all
    else is for those who lead it.
    """
    wrote = [change for change in changes if change.before or change.after]
    found = await ctx.load_all(
        changes[0].noun, {one.record_id for one in wrote}, anywhere=True, deleted="with"
    )
    wanted: set[tuple[int, bool]] = set()
    for change in wrote:
        record = found[change.record_id]
        names = set(change.after or change.before or ())
        own = ctx.undoing or change.verb in verbs
        lead = change.before is None or not own or not names <= set(by_members)
        wanted.add((record.team_id, lead))  # type: ignore[attr-defined]
    await require_team(ctx, wanted)
    return list(found.values())
