"""Verbs on teams and their members, and the rules of noting skills."""

from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import UserId
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, Denied, invalid
from mainstay.modules.identity.entities import Seniority, Team, TeamMember, UserSkill

MANAGE_SKILLS = "identity.user_skill.manage"
MOST_MEMBERS = 100


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
