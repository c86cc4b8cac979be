"""Verbs on teams and their members, and the rules of noting skills."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Annotated, Any

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import UserId
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, Denied, invalid
from mainstay.modules.identity.entities import Seniority, Team, TeamMember, User, UserSkill

MANAGE_SKILLS = "identity.user_skill.manage"
# Who leads a team sees its people's work, so only this gives the lead of one.
MANAGE_TEAMS = "identity.team.manage"
MOST_MEMBERS = 100
LEAVING = {"status", "end_date"}


class Membership(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who joins a team, as what, and for how much of their time."""

    user_id: UserId
    role: Annotated[str, Meta(pattern="^(leader|member)$", description="leader or member")] = (
        "member"
    )
    allocation: Annotated[float, Meta(ge=0, le=1, description="From 0 to 1")] = 1.0
    capacity_hours: Annotated[Decimal, Meta(description="Hours in a week")] = Decimal(40)
    seniority: Seniority | None = None


class Leaving(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who leaves a team."""

    user_id: UserId


@action(icon="user-plus")
async def add_member(ctx: Context, team: Team, data: Membership) -> TeamMember:
    """Take a person into the team; somebody who left comes back with the same place."""
    noun = ctx.registry.noun(TeamMember)
    values = {name: getattr(data, name) for name in data.__struct_fields__}
    values = noun.check(values | {"team_id": team.id}, noun.create_type)
    await ctx.check_refs(noun, values)
    return await join(ctx, TeamMember(**values))


async def join(ctx: Context, member: TeamMember) -> TeamMember:
    """Create a place in a team, or open again the one that the person had."""
    known = await ctx.find(
        TeamMember, anywhere=True, team_id=member.team_id, user_id=member.user_id
    )
    if known is not None and known.status != "inactive":
        raise Conflict("This person is already in the team.")
    team = await ctx.get(Team, member.team_id, anywhere=True)
    if team.status == "disbanded":
        raise Conflict(f"The team {team.name} is disbanded.")
    active = await ctx.all(
        TeamMember, anywhere=True, team_id=team.id, status__ne="inactive", limit=MOST_MEMBERS
    )
    if len(active) >= MOST_MEMBERS:
        raise Conflict(f"A team has at most {MOST_MEMBERS} members.")
    member.start_date = member.start_date or ctx.today
    if known is None:
        return await ctx.create(member)
    for name in ("role", "allocation", "capacity_hours", "start_date"):
        setattr(known, name, getattr(member, name))
    known.seniority = member.seniority or known.seniority
    known.hourly_rate = member.hourly_rate or known.hourly_rate
    known.status = "active" if member.status == "inactive" else member.status
    known.end_date = None
    return known


@action(icon="user-minus", danger=True)
async def remove_member(ctx: Context, team: Team, data: Leaving) -> TeamMember:
    """Let a person leave the team; their place is kept as history."""
    found = await ctx.find(TeamMember, anywhere=True, team_id=team.id, user_id=data.user_id)
    if found is None or found.status == "inactive":
        raise Conflict("This person is not in the team.")
    return await _leave(ctx, found)


def still_member(member: TeamMember) -> str | None:
    """Say why a place in a team cannot be ended."""
    return "This person has already left." if member.status == "inactive" else None


@action(icon="user-minus", danger=True, allowed=still_member)
async def leave(ctx: Context, member: TeamMember) -> TeamMember:
    """End a person's place in the team; it is kept as history."""
    return await _leave(ctx, member)


async def _leave(ctx: Context, member: TeamMember) -> TeamMember:
    member.status, member.end_date = "inactive", ctx.today
    return member


async def edit_member(ctx: Context, member: TeamMember, before: TeamMember) -> None:
    """Keep the dates of a place in a team in order."""
    if member.start_date and member.end_date and member.end_date < member.start_date:
        raise invalid("end_date", "must not lie before the start date")
    if member.status == "inactive" and before.status != "inactive" and not member.end_date:
        member.end_date = ctx.today


# ---- who may, whatever the way: an edit, a verb, an import, an undo ----


async def settle_teams(ctx: Context, changes: Sequence[Change]) -> None:
    """Let who leads a team keep it; only who manages teams makes one and says who leads it."""
    if _manages(ctx):
        return
    wrote = [one for one in changes if one.before or one.after]
    if any(one.before is None or "deleted_at" in _names(one) for one in wrote):
        raise Denied("Only who manages teams may make or bin one. Ask a manager.")
    if any("manager_id" in _names(one) for one in wrote):
        raise Denied("Only who manages teams may say who leads one. Ask a manager.")
    await _require_lead(ctx, {one.record_id for one in wrote})


async def settle_members(ctx: Context, changes: Sequence[Change]) -> None:
    """Let who leads a team keep its members; who leads it and who is new is for its managers.

    Somebody's own manager may take them into a team that they lead, and anybody may leave.
    """
    if _manages(ctx):
        return
    wrote = [one for one in changes if one.before or one.after]
    noun = ctx.registry.noun(TeamMember)
    ids = {one.record_id for one in wrote}
    found: dict[int, Any] = await ctx.load_all(noun, ids, anywhere=True, deleted="with")
    pairs = [(one, found[one.record_id]) for one in wrote]
    others = [(one, member) for one, member in pairs if not _leaves_self(ctx, one, member)]
    for one, member in others:
        _require_plain(one, member)
    await _require_lead(ctx, {member.team_id for _, member in others})
    joined = {member.user_id for one, member in others if _joins(one)}
    if joined and not ctx.undoing:
        people: dict[int, Any] = await ctx.load_all(ctx.registry.noun(User), joined, anywhere=True)
        if any(one.manager_id != ctx.me.id for one in people.values()):
            raise Denied(
                "Only who manages teams, or a person's own manager, may take them into a team. "
                "Ask a manager."
            )


def _manages(ctx: Context) -> bool:
    return ctx.me.kind == "system" or ctx.can(MANAGE_TEAMS)


def _names(change: Change) -> set[str]:
    return {*(change.before or ()), *(change.after or ())}


def _joins(change: Change) -> bool:
    """Return whether a change takes somebody into a team, for the first time or again."""
    if change.before is None or not _names(change).isdisjoint({"team_id", "user_id"}):
        return True
    return "deleted_at" in change.before or change.before.get("status") == "inactive"


def _leaves_self(ctx: Context, change: Change, member: TeamMember) -> bool:
    ends = member.status == "inactive" and _names(change) <= LEAVING
    return ends and change.before is not None and member.user_id == ctx.me.id


def _require_plain(change: Change, member: TeamMember) -> None:
    """Refuse to give or to take the lead of a team."""
    ends = member.status == "inactive" and "status" in _names(change)
    gives = member.role == "leader" and (_joins(change) or ends)
    if gives or ("role" in _names(change) and not _joins(change)):
        raise Denied("Only who manages teams may say who leads one. Ask a manager.")


async def _require_lead(ctx: Context, wanted: Iterable[int]) -> None:
    """Refuse changes of teams that the asking person does not lead."""
    me, left = ctx.me.id, set(wanted)
    teams: dict[int, Any] = await ctx.load_all(
        ctx.registry.noun(Team), left, anywhere=True, deleted="with"
    )
    left -= {one.id for one in teams.values() if one.manager_id == me}
    if left:
        asked = {"user_id": me, "role": "leader", "status__ne": "inactive"}
        own = await ctx.all(TeamMember, anywhere=True, limit=1000, **asked)
        left -= {one.team_id for one in own}
    if left:
        raise Denied("Only who leads the team may change this. Ask its leader, or a manager.")


async def learn(ctx: Context, skill: UserSkill) -> UserSkill:
    """Note a skill: one's own, or anybody's for those who manage skills."""
    _own_skill(ctx, skill)
    _dates(skill)
    return await ctx.create(skill)


async def edit_skill(ctx: Context, skill: UserSkill, before: UserSkill) -> None:
    """Change how well somebody knows something."""
    _own_skill(ctx, skill)
    _dates(skill)


async def forget_skill(ctx: Context, skill: UserSkill) -> None:
    """Take a skill off somebody's card."""
    _own_skill(ctx, skill)


def _own_skill(ctx: Context, skill: UserSkill) -> None:
    if skill.user_id != ctx.me.id and not ctx.can(MANAGE_SKILLS):
        raise Denied("You may change only your own skills.")


def _dates(skill: UserSkill) -> None:
    start, end = skill.certification_date, skill.certification_expiry
    if start and end and end < start:
        raise invalid("certification_expiry", "must not lie before the certification")
