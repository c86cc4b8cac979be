"""What a team knows, what it needs, what is missing, and who elsewhere knows it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from mainstay.delivery.words import gettext as _
from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.modules.teams import rules, scopes
from mainstay.modules.teams.questions.capacity import OfTeam
from mainstay.modules.teams.scopes import Knows, Person

SOON = 90
EXPERT = 3
NAMED = 3
MOST = 500


class SkillLevel(Struct, kw_only=True, frozen=True):
    """How well one person of the team knows the skill; without an id nobody has noted it."""

    user_id: int
    level: int
    id: int = 0
    version: int = 0
    certified: bool = False
    expires: date | None = None


class Expert(Struct, kw_only=True, frozen=True):
    """Somebody outside the team who knows the skill."""

    user_id: int
    name: str
    level: int


class SkillNeed(Struct, kw_only=True, frozen=True):
    """One skill: what the team needs and has of it, who knows it, and who else does."""

    skill_id: int
    name: str
    category: str
    demand: float | None
    supply: float | None
    gap: float | None
    need_id: int
    need_version: int
    training_plan: str
    owner_id: int | None
    levels: list[SkillLevel]
    elsewhere: list[Expert]


class Certificate(Struct, kw_only=True, frozen=True):
    """A certificate of somebody in the team that has run out or soon will."""

    user_id: int
    name: str
    skill: str
    expires: date
    days: int


class SkillPerson(Struct, kw_only=True, frozen=True):
    """A person of the team, with the hours they give to it."""

    user_id: int
    name: str
    hours: float


class SkillMatrix(Struct, kw_only=True, frozen=True):
    """Who in a team knows what, against what it needs; the largest gap first."""

    team_id: int
    as_of: date
    people: list[SkillPerson]
    skills: list[SkillNeed]
    certificates: list[Certificate]
    definition: str


def definition() -> str:
    """Return what supply, demand and gap mean, in the reader's language."""
    return _(
        "Supply is the average proficiency of the team's active people over 5, weighted by their "
        "hours; who has not noted a skill counts as 0. Demand is the supply that the team needs. "
        "The gap is demand less supply."
    )


@question(label="Skill matrix")
async def skill_matrix(ctx: Context, ask: OfTeam) -> SkillMatrix:
    """Who in a team knows what, how much of it the team needs, and what is missing."""
    await scopes.team_of(ctx, ask.team_id)
    own = await scopes.members(ctx, "team_id", [ask.team_id])
    places = scopes.placed(own, own, None)
    names = await scopes.people(ctx, [one.user_id for one in places])
    places = [one for one in places if one.user_id in names]
    held = await scopes.known_skills(ctx, "user_id", names)
    needs = await _needs(ctx, ask.team_id)
    wanted = {one.skill_id for one in held} | set(needs)
    skills = await _skills(ctx, wanted)
    rows = [_row(ctx, one, needs.get(one.id), places, held) for one in skills]
    rows.sort(key=lambda row: (row.gap is None, -(row.gap or 0.0), row.name.lower()))
    rows = await _with_experts(ctx, rows, names)
    hours = {one.user_id: one.weekly for one in places}
    titles = {one.id: one.name for one in skills}
    return SkillMatrix(
        team_id=ask.team_id,
        as_of=ctx.today,
        people=[
            SkillPerson(user_id=one.id, name=one.name, hours=round(hours.get(one.id, 0.0), 2))
            for one in names.values()
        ],
        skills=rows,
        certificates=_certificates(ctx, held, names, titles),
        definition=definition(),
    )


async def _needs(ctx: Context, team_id: int) -> dict[int, Any]:
    """Return what a team has said it needs, by skill."""
    noun = ctx.registry.noun("teams.team_skill")
    if not ctx.can(noun.permission("read")):
        return {}
    ask = ctx.ask(noun, {"team_id": team_id, "limit": MOST})
    found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    needs: list[Any] = list(found)
    return {one.skill_id: one for one in needs}


async def _skills(ctx: Context, ids: Iterable[int]) -> list[Any]:
    """Return skills by their ids, those that may be seen."""
    noun, wanted = ctx.registry.noun("identity.skill"), sorted(ids)
    if not wanted or not ctx.can(noun.permission("read")):
        return []
    ask = ctx.ask(noun, {"id__in": wanted, "limit": len(wanted)})
    found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return list(found)


def _row(
    ctx: Context, skill: Any, need: Any, places: Sequence[rules.Place], held: Iterable[Knows]
) -> SkillNeed:
    known = {one.user_id: one for one in held if one.skill_id == skill.id}
    supplied = rules.supply(places, {who: one.level for who, one in known.items()})
    demand = need.demand if need else None
    missing = rules.gap(demand, supplied)
    return SkillNeed(
        skill_id=skill.id,
        name=skill.name,
        category=skill.category,
        demand=demand,
        supply=None if supplied is None else round(supplied, 4),
        gap=None if missing is None else round(missing, 4),
        need_id=need.id if need else 0,
        need_version=need.version if need else 0,
        training_plan=need.training_plan if need else "",
        owner_id=need.owner_id if need else None,
        levels=[_level(one.user_id, known.get(one.user_id)) for one in places],
        elsewhere=[],
    )


def _level(person: int, one: Knows | None) -> SkillLevel:
    if one is None:
        return SkillLevel(user_id=person, level=0)
    return SkillLevel(
        user_id=person,
        level=one.level,
        id=one.id,
        version=one.version,
        certified=one.certified,
        expires=one.expires,
    )


async def _with_experts(
    ctx: Context, rows: list[SkillNeed], team: Mapping[int, Person]
) -> list[SkillNeed]:
    """Name the best three people outside the team for every skill of which some is missing."""
    short = [row.skill_id for row in rows if row.gap is not None and row.gap > 0]
    others = [
        one
        for one in await scopes.known_skills(ctx, "skill_id", short)
        if one.user_id not in team and one.level >= EXPERT
    ]
    names = await scopes.people(ctx, [one.user_id for one in others])
    found: dict[int, list[Expert]] = {}
    for one in sorted(others, key=lambda one: (-one.level, one.user_id)):
        listed = found.setdefault(one.skill_id, [])
        if one.user_id in names and len(listed) < NAMED:
            name = names[one.user_id].name
            listed.append(Expert(user_id=one.user_id, name=name, level=one.level))
    return [
        SkillNeed(**{name: getattr(row, name) for name in row.__struct_fields__} | {"elsewhere": e})
        if (e := found.get(row.skill_id))
        else row
        for row in rows
    ]


def _certificates(
    ctx: Context, held: Iterable[Knows], names: Mapping[int, Person], titles: Mapping[int, str]
) -> list[Certificate]:
    """Return the certificates that have run out or will within ninety days, the first one first."""
    found = []
    for one in held:
        days = (one.expires - ctx.today).days if one.expires else SOON + 1
        if one.expires and days <= SOON and one.skill_id in titles:
            found.append(
                Certificate(
                    user_id=one.user_id,
                    name=names[one.user_id].name,
                    skill=titles[one.skill_id],
                    expires=one.expires,
                    days=days,
                )
            )
    return sorted(found, key=lambda one: (one.expires, one.name))
