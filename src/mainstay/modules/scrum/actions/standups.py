"""What is done in a stand-up: everybody says their part, and what is in the way is written down."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.kernel.clock import today_in
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Ref, Text
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Invalid, Stale, invalid
from mainstay.kernel.scope import require
from mainstay.modules.projects.api import require_lead
from mainstay.modules.scrum.actions.ceremony_rights import require_open, take_in, touched
from mainstay.modules.scrum.actions.impediments import raise_impediment
from mainstay.modules.scrum.entities import Sprint, SprintMember, Standup, StandupUpdate

SAID = frozenset({"user_id", "yesterday", "today", "blockers", "mood", "deleted_at"})
LONGEST_TITLE = 200
LINES = Text(2000, lines=True)
AnyDay = date | None


class Say(Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody says; what is left out stays as it was said before."""

    sprint_id: Annotated[int, Meta(ge=1, description="The sprint")]
    date: Annotated[AnyDay, Meta(description="The day; today when left out")] = None
    user_id: (
        Annotated[
            int, Ref(target="identity.user"), Meta(ge=1, description="Who says it; you by default")
        ]
        | None
    ) = None
    yesterday: (
        Annotated[str, LINES, Meta(max_length=2000, description="What was done since the last one")]
        | None
    ) = None
    today: Annotated[str, LINES, Meta(max_length=2000, description="What comes next")] | None = None
    blockers: (
        Annotated[str, LINES, Meta(max_length=2000, description="What is in the way")] | None
    ) = None
    mood: Annotated[int, Meta(ge=1, le=5, description="From 1, bad, to 5, very good")] | None = None
    version: (
        Annotated[int, Meta(ge=0, description="The version you know; 0 where nothing was said")]
        | None
    ) = None


async def create_standup(ctx: Context, standup: Entity) -> Standup:
    """Open the stand-up of a day; the sprint's people take part unless others are named."""
    assert isinstance(standup, Standup)
    sprint = await ctx.get(Sprint, standup.sprint_id, anywhere=True)
    _check_day(ctx, sprint, standup.date)
    if not standup.participants:
        members = await ctx.all(SprintMember, anywhere=True, sprint_id=sprint.id, sort="id")
        standup.participants = [one.user_id for one in members]
    return await ctx.create(standup)


async def update_standup(ctx: Context, standup: Entity, before: Entity) -> None:
    """Keep the day of a stand-up within its sprint."""
    assert isinstance(standup, Standup)
    assert isinstance(before, Standup)
    if standup.date != before.date and not ctx.undoing:
        _check_day(ctx, await ctx.get(Sprint, standup.sprint_id, anywhere=True), standup.date)


def _check_day(ctx: Context, sprint: Sprint, day: date) -> None:
    """Refuse a day before the sprint, or one that nobody can say anything about yet.

    A sprint without days has those from the one on which it was made.
    """
    first = sprint.start_date or today_in(ctx.me.zone, sprint.created_at)
    last = max(sprint.end_date or first, ctx.today + timedelta(1))
    if not first <= day <= last:
        raise invalid("date", f"must be a day of the sprint, from {first} to {last}")


async def settle_standups(ctx: Context, changes: Sequence[Change]) -> None:
    """Let those hold stand-ups who work in the project, while the sprint is not over."""
    for one in await touched(ctx, Standup, changes):
        require_open(ctx, one.sprint)
        added = set(one.record.participants) - set(one.was("participants") or ())
        await take_in(ctx, one.at, "participants", added)


async def create_update(ctx: Context, update: Entity) -> StandupUpdate:
    """Say your part in a stand-up; leads may say somebody else's."""
    assert isinstance(update, StandupUpdate)
    update.user_id = update.user_id or ctx.me.id
    if update.user_id is None:
        raise invalid("user_id", "must say who speaks")
    return await ctx.create(update)


async def settle_updates(ctx: Context, changes: Sequence[Change]) -> None:
    """Let people change what they said themselves, and leads what anybody said."""
    for one in await touched(ctx, StandupUpdate, changes):
        require_open(ctx, one.sprint)
        if one.fields & SAID:
            speakers = {one.record.user_id, one.was("user_id")} - {None}
            if speakers != {ctx.me.id}:
                require_lead(one.at, "say in a stand-up what somebody else does")
        await take_in(ctx, one.at, "user_id", [one.fresh("user_id")])


@action(icon="message", grant="create", quiet=True)
async def say(ctx: Context, data: Say) -> StandupUpdate:
    """Say your part in a sprint's stand-up of a day; the stand-up is opened where there is none.

    There is one update for each person; saying it again changes yours.
    """
    sprint = await ctx.get(Sprint, data.sprint_id)
    speaker, day = data.user_id or ctx.me.id, data.date or ctx.today
    if speaker is None:
        raise invalid("user_id", "must say who speaks")
    await ctx.check_refs(ctx.registry.noun(StandupUpdate), {"user_id": speaker})
    standup = await ctx.find(Standup, anywhere=True, sprint_id=sprint.id, date=day.isoformat())
    if standup is None:
        standup = await create_standup(ctx, Standup(sprint_id=sprint.id, date=day))
    found = await ctx.find(StandupUpdate, anywhere=True, standup_id=standup.id, user_id=speaker)
    known = found.version if found else 0
    if data.version is not None and data.version != known:
        raise Stale(
            "This was changed meanwhile by somebody else or in another window. "
            "Load the page again and repeat your change."
        )
    if found is None:
        found = StandupUpdate(standup_id=standup.id, user_id=speaker)
    else:
        require(ctx.me, ctx.registry.noun(StandupUpdate).permission("update"))
    _take(found, data)
    return found if found.id else await create_update(ctx, found)


def _take(update: StandupUpdate, data: Say) -> None:
    """Write what was said into the update."""
    for name in ("yesterday", "today", "blockers", "mood"):
        if (value := getattr(data, name)) is not None:
            setattr(update, name, value.strip() if isinstance(value, str) else value)
    if not (update.yesterday or update.today or update.blockers or update.mood):
        raise Invalid("Say something: what you did, what comes, what is in the way, or your mood.")


def _may_raise(update: StandupUpdate) -> str | None:
    if update.impediment_id is not None:
        return "This is an impediment already."
    return None if update.blockers.strip() else "Nothing is in the way here."


@action(label="Make an impediment", icon="barrier-block", grant="update", allowed=_may_raise)
async def make_impediment(ctx: Context, update: StandupUpdate) -> StandupUpdate:
    """Write down what is in somebody's way as an impediment of the sprint."""
    standup = await ctx.get(Standup, update.standup_id, anywhere=True)
    first, _, rest = update.blockers.strip().partition("\n")
    title, more = first[:LONGEST_TITLE], first[LONGEST_TITLE:]
    about = f"{more}\n{rest}".strip()
    made = await raise_impediment(ctx, standup.sprint_id, title, about, update.user_id)
    update.impediment_id = made.id
    return update
