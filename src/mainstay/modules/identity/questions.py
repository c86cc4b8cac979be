"""What is counted about people: accounts and their use, a team's capacity and cost."""

from datetime import timedelta

import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import Denied
from mainstay.modules.identity import rules
from mainstay.modules.identity.entities import Team, TeamId, TeamMember

RECENT = timedelta(days=30)


class RoleCount(Struct, kw_only=True):
    """How many active people have a role."""

    role: str
    people: int


class Statistics(Struct, kw_only=True):
    """How many accounts there are, and how they are used."""

    total: int
    active: int
    verified: int
    two_factor: int
    signed_in_last_30_days: int
    live_sessions: int
    roles: list[RoleCount]


@question(label="Accounts")
async def statistics(ctx: Context) -> Statistics:
    """How many accounts there are, verified, with a second factor, and lately used."""
    user = ctx.registry.tables["identity.user"]
    session = ctx.registry.tables["identity.user_session"]
    live = user.c.deleted_at.is_(None)

    def counted(condition: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        """Count the accounts that meet a condition."""
        return sa.select(sa.func.count()).select_from(user).where(live, condition).scalar_subquery()

    sessions = sa.select(sa.func.count()).select_from(session)
    sessions = sessions.where(session.c.deleted_at.is_(None), session.c.expires_at > ctx.now)
    ((total, active, verified, two_factor, recent, open_sessions),) = await ctx.rows(
        sa.select(
            counted(sa.true()),
            counted(user.c.status == "active"),
            counted(user.c.email_verified_at.is_not(None)),
            counted(user.c.two_factor_enabled.is_(sa.true())),
            counted(user.c.last_login_at > ctx.now - RECENT),
            sessions.scalar_subquery(),
        )
    )
    return Statistics(
        total=total,
        active=active,
        verified=verified,
        two_factor=two_factor,
        signed_in_last_30_days=recent,
        live_sessions=open_sessions,
        roles=await _by_role(ctx),
    )


async def _by_role(ctx: Context) -> list[RoleCount]:
    user, role = ctx.registry.tables["identity.user"], ctx.registry.tables["identity.role"]
    link = ctx.registry.nouns["identity.user"].link_tables["roles"]
    people = sa.func.count(user.c.id)
    joined = role.join(link, link.c.target_id == role.c.id).join(
        user, sa.and_(user.c.id == link.c.owner_id, user.c.status == "active")
    )
    chosen = sa.select(role.c.name, people).select_from(joined)
    chosen = chosen.where(role.c.deleted_at.is_(None), user.c.deleted_at.is_(None))
    found = await ctx.rows(chosen.group_by(role.c.name).order_by(people.desc(), role.c.name))
    return [RoleCount(role=row[0], people=row[1]) for row in found]


class TeamAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which team is meant."""

    team_id: TeamId


class TeamCapacity(Struct, kw_only=True):
    """What a team can do in a week, and what that costs."""

    members: int
    hours: float
    average_seniority: float | None
    weekly_cost: float | None


@question(label="Team capacity")
async def team_capacity(ctx: Context, ask: TeamAsk) -> TeamCapacity:
    """Hours per week of a team's active members by their allocation, their seniority and cost."""
    if not ctx.can("identity.team.read"):
        raise Denied("You may not see teams.")
    team = await ctx.find(Team, id=ask.team_id)
    found = await ctx.all(TeamMember, team_id=team.id) if team else []
    members = [one for one in found if one.status not in ("inactive", "on_leave")]
    levels = [rules.seniority_level(one.seniority) for one in members if one.seniority]
    hours = [(one.capacity_hours, one.allocation) for one in members]
    cost = None
    if ctx.can("identity.team_member.read_pay"):
        rates = [one.hourly_rate or 0 for one in members]
        parts = zip(hours, rates, strict=True)
        cost = sum(float(hour) * share * float(rate) for (hour, share), rate in parts)
    return TeamCapacity(
        members=len(members),
        hours=rules.weekly_capacity(hours),
        average_seniority=sum(levels) / len(levels) if levels else None,
        weekly_cost=cost,
    )
