"""The rituals of a team: when they were held, and when they are held next."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity, Event
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import invalid
from mainstay.modules.planning.api import calendars
from mainstay.modules.projects.api import near
from mainstay.modules.teams import rules
from mainstay.modules.teams.actions.rights import require_team, touched
from mainstay.modules.teams.entities import Ritual

OF_MEMBERS = ("last_on", "next_on")
AHEAD = 40


class RitualHeld(Event, frozen=True):
    """A team held one of its rituals."""

    ritual_id: int
    team_id: int


class Held(Struct, kw_only=True, forbid_unknown_fields=True):
    """On which day it was held."""

    on: Annotated[date | None, Meta(description="The day; today when left out")] = None


async def create_ritual(ctx: Context, ritual: Entity) -> Ritual:
    """Add a ritual; the day on which it is held next follows from how often it is held."""
    assert isinstance(ritual, Ritual)
    await _plan(ctx, ritual)
    ritual.month_day = ritual.next_on.day if ritual.next_on else None
    return await ctx.create(ritual)


async def update_ritual(ctx: Context, ritual: Entity, before: Entity) -> None:
    """Plan the next day anew when it is held more or less often from now on."""
    assert isinstance(ritual, Ritual)
    assert isinstance(before, Ritual)
    changed = ritual.frequency != before.frequency and ritual.next_on == before.next_on
    if changed and not ctx.undoing:
        ritual.next_on = None
        await _plan(ctx, ritual)
    if ritual.next_on and ritual.next_on != before.next_on and not ctx.undoing:
        ritual.month_day = ritual.next_on.day


async def _plan(ctx: Context, ritual: Ritual) -> None:
    """Give a ritual its next day where nobody has said one."""
    near(last_on=ritual.last_on)
    if ritual.next_on is None and ritual.last_on and ritual.frequency != "ad_hoc":
        ritual.next_on = await _next(ctx, ritual, None, ritual.last_on)
    elif ritual.next_on is None and ritual.frequency == "daily":
        ritual.next_on = await _next(ctx, ritual, None, ctx.today - timedelta(1))


async def _next(ctx: Context, ritual: Ritual, planned: date | None, held: date) -> date | None:
    """Return the next day by the usual working calendar."""
    free: frozenset[date] = frozenset()
    if ritual.frequency == "daily":
        usual = (await calendars(ctx)).of(None)
        days = [held + timedelta(n) for n in range(1, AHEAD)]
        free = frozenset(day for day in days if not usual.is_working(day))
    return rules.next_held(ritual.frequency, planned, held, free, ritual.month_day)


async def settle_rituals(ctx: Context, changes: Sequence[Change]) -> None:
    """Let members say that a ritual was held and those who lead do the rest, by whatever way."""
    await touched(ctx, changes, OF_MEMBERS, ("held",))


@action(label="Held", icon="circle-check")
async def held(ctx: Context, ritual: Ritual, data: Held) -> Ritual:
    """Say that it was held; the next one is on its own day after that.

    Who says it again of the same meeting moves nothing on.
    """
    near(on=data.on)
    day = data.on or ctx.today
    if day > ctx.today:
        raise invalid("on", "must not be in the future; say it when it was held")
    if ritual.last_on and day < ritual.last_on:
        raise invalid("on", f"must not be before {ritual.last_on}, when it was last held")
    await require_team(ctx, {(ritual.team_id, False)})
    known = (ritual.frequency, ritual.last_on, ritual.next_on, day, ritual.month_day)
    if not rules.held_already(*known):
        ritual.next_on = await _next(ctx, ritual, ritual.next_on, day)
        ctx.emit(RitualHeld(ritual_id=ritual.id, team_id=ritual.team_id), ritual)
    ritual.last_on = day
    return ritual
