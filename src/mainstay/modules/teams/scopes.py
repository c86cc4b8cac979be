"""Whose work somebody may know of, and what teams' questions read, in sets."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel.context import Context
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Denied, NotFound
from mainstay.kernel.scope import me_bind
from mainstay.modules.projects.api import OPEN, answer, decoded, visible
from mainstay.modules.teams import rules

ID = sa.BigInteger()
KEEP_ALL = "teams.team.keep_all"
LEAD = "teams.people.lead"
SEE_ALL = "teams.people.see_all"
RATING = "identity.team_member.read_review"
PAY = "identity.team_member.read_pay"
RUNNING = ("planning", "active", "review")
OF_MEMBER = (
    "id",
    "team_id",
    "user_id",
    "role",
    "status",
    "seniority",
    "allocation",
    "capacity_hours",
    "hourly_rate",
    "performance_rating",
    "last_review",
)


async def read(
    ctx: Context,
    name: str,
    build: Callable[[], sa.sql.ClauseElement],
    columns: Sequence[sa.ColumnElement[Any] | None],
    **values: Any,
) -> list[Sequence[Any]]:
    """Run a statement that is compiled once, and decode each value as its field's own type."""
    return decoded(ctx, columns, await answer(ctx, f"teams {name}", build, **values))


def one_of(column: sa.ColumnElement[Any], values: Iterable[str]) -> sa.ColumnElement[bool]:
    """Compare with a few known words; a list beside `among` cannot be compiled once."""
    return sa.or_(*(column == value for value in values))


def number(value: Decimal | float | None) -> float | None:
    """Return an amount as a float."""
    return None if value is None else float(value)


def sight(ctx: Context, noun: Noun) -> str:
    """Return what tells statements of different sight apart."""
    return "scoped" if ctx.reader.scoped(noun, ctx.me) else "all"


# ---- whose work one may know of ----


class Reach(Struct, frozen=True):
    """The people whose load somebody sees: of their own teams, those they lead, or everybody."""

    me: int
    everywhere: bool
    mates: frozenset[int]
    led: frozenset[int]
    teams: frozenset[int]
    leading: frozenset[int]

    def knows(self, person: int) -> bool:
        """Say whether a person's load may be seen."""
        return self.everywhere or person == self.me or person in self.mates or person in self.led

    def leads(self, person: int) -> bool:
        """Say whether all of a person's hours and measures may be seen, not only shared work."""
        return self.everywhere or person == self.me or person in self.led


async def reach(ctx: Context) -> Reach:
    """Return whose work the asking person may know of; asked once in a unit of work."""
    found = ctx.notes.get("teams.reach")
    if not isinstance(found, Reach):
        found = ctx.notes["teams.reach"] = await _reach(ctx)
    return found


async def _reach(ctx: Context) -> Reach:
    me, everywhere = ctx.me.id or 0, ctx.me.kind == "system" or ctx.can(SEE_ALL)
    mine, leading = await own_teams(ctx)
    mates = frozenset(person for people in mine.values() for person in people)
    led: set[int] = set()
    if ctx.can(LEAD):
        led = {person for team in leading for person in mine[team]}
        led |= set(await _reports(ctx))
    return Reach(me, everywhere, mates, frozenset(led), frozenset(mine), frozenset(leading))


async def own_teams(ctx: Context) -> tuple[dict[int, set[int]], set[int]]:
    """Return the people of each team that one belongs to or leads, and which of them one leads."""
    team, member = ctx.registry.tables["identity.team"], _member(ctx)
    t, m, own = team.c, member.c, member.alias("own")
    columns = [t.id, t.manager_id, m.user_id, m.role]

    def build() -> sa.Select[Any]:
        """Start from one's own memberships, and from the teams that one manages."""
        mine = sa.select(own.c.team_id).where(
            own.c.user_id == me_bind(), own.c.deleted_at.is_(None), own.c.status != "inactive"
        )
        here = sa.and_(m.team_id == t.id, m.deleted_at.is_(None), m.status != "inactive")
        chosen = sa.select(*columns).select_from(team.outerjoin(member, here))
        return chosen.where(
            t.deleted_at.is_(None), sa.or_(t.manager_id == me_bind(), t.id.in_(mine))
        )

    found: dict[int, set[int]] = {}
    leading: set[int] = set()
    me = ctx.me.id or 0
    for team_id, manager, person, role in await read(ctx, "own teams", build, columns):
        people = found.setdefault(team_id, set())
        if person:
            people.add(person)
        if manager == me or (person == me and role == "leader"):
            leading.add(team_id)
    return found, leading


async def _reports(ctx: Context) -> list[int]:
    u = ctx.registry.tables["identity.user"].c

    def build() -> sa.Select[Any]:
        """Read whose manager one is."""
        return sa.select(u.id).where(u.manager_id == me_bind(), u.deleted_at.is_(None))

    return [row[0] for row in await read(ctx, "reports", build, [None])]


async def team_of(ctx: Context, team_id: int) -> Any:
    """Return a team that the asking person may see."""
    noun = ctx.registry.noun("identity.team")
    if not ctx.can(noun.permission("read")):
        raise Denied("You may not see teams. Ask an administrator for a role that may.")
    ask = ctx.ask(noun, {"id": team_id, "limit": 1})
    found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    if not found:
        raise NotFound(f"There is no team {team_id}, or you may not see it.")
    return found[0]


async def teams_of(ctx: Context) -> list[Any]:
    """Return every team that is not disbanded, by name, where the person may see teams."""
    noun = ctx.registry.noun("identity.team")
    if not ctx.can(noun.permission("read")):
        return []
    ask = ctx.ask(noun, {"status__ne": "disbanded", "sort": "name", "limit": 500})
    found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return list(found)


# ---- people and their places ----


class Member(Struct, frozen=True):
    """A person's place in a team, as it is stored."""

    id: int
    team_id: int
    user_id: int
    role: str
    status: str
    seniority: str | None
    allocation: float
    hours: float
    rate: float | None
    rating: int | None
    last_review: date | None

    @property
    def counts(self) -> bool:
        """Say whether the person works in the team now."""
        return self.status not in rules.AWAY


def _member(ctx: Context) -> sa.Table:
    return ctx.registry.tables["identity.team_member"]


async def members(ctx: Context, by: str, ids: Iterable[int]) -> list[Member]:
    """Return the places of teams (`team_id`) or of people (`user_id`) that are not over.

    People who may not sign in and disbanded teams do not count.
    """
    m, u = _member(ctx).c, ctx.registry.tables["identity.user"].c
    t = ctx.registry.tables["identity.team"].c
    columns = [m[name] for name in OF_MEMBER]

    def build() -> sa.Select[Any]:
        """Read places with their person and their team, both of them live."""
        person = sa.and_(u.id == m.user_id, u.deleted_at.is_(None), u.status == "active")
        team = sa.and_(t.id == m.team_id, t.deleted_at.is_(None), t.status != "disbanded")
        source = _member(ctx).join(u.id.table, person).join(t.id.table, team)
        chosen = sa.select(*columns).select_from(source)
        here = ctx.reader.compiler.among(m[by], "ids")
        return chosen.where(here, m.deleted_at.is_(None), m.status != "inactive").order_by(m.id)

    rows = await read(ctx, f"members {by}", build, columns, ids=ctx.listed(sorted(set(ids))))
    return [Member(*(*row[:7], float(row[7]), number(row[8]), *row[9:11])) for row in rows]


def placed(own: Iterable[Member], every: Iterable[Member], rate: float | None) -> list[rules.Place]:
    """Return a team's active places as capacity counts them, beside what other teams are given."""
    weekly: dict[int, float] = {}
    for one in every:
        if one.counts:
            weekly[one.user_id] = weekly.get(one.user_id, 0.0) + one.hours * one.allocation
    found = []
    for one in own:
        if one.counts:
            mine = one.hours * one.allocation
            others = max(0.0, weekly.get(one.user_id, mine) - mine)
            pay = one.rate if one.rate is not None else rate
            found.append(
                rules.Place(one.user_id, one.hours, one.allocation, one.seniority, pay, others)
            )
    return found


class Person(Struct, frozen=True):
    """Who somebody is, where the asking person may see them."""

    id: int
    name: str
    job: str = ""


async def people(ctx: Context, ids: Iterable[int]) -> dict[int, Person]:
    """Return the active people among these that the asking person may see, by name."""
    noun = ctx.registry.noun("identity.user")
    u = noun.table.c
    columns = [u.id, u.display_name, u.first_name, u.last_name, u.username, u.job_title]
    if not ctx.can(noun.permission("read")):
        return {}

    def build() -> sa.Select[Any]:
        """Read the parts of their names."""
        here = ctx.reader.compiler.among(u.id, "ids")
        return sa.select(*columns).where(here, u.status == "active", *visible(ctx, noun))

    key = f"people {sight(ctx, noun)}"
    rows = await read(ctx, key, build, columns, ids=ctx.listed(sorted(set(ids))))
    found = [
        Person(row[0], row[1] or f"{row[2]} {row[3]}".strip() or row[4], row[5]) for row in rows
    ]
    return {one.id: one for one in sorted(found, key=lambda one: (one.name.lower(), one.id))}


async def everybody(ctx: Context) -> list[int]:
    """Return everybody who is active and has a place in a team or an open task."""
    u, m = ctx.registry.tables["identity.user"].c, _member(ctx).c
    noun = ctx.registry.noun("projects.task")
    link, t = noun.link_tables["assignees"].c, noun.table.c

    def build() -> sa.Select[Any]:
        """Join both; people who only look in have neither."""
        placed_ = sa.select(m.user_id).where(m.deleted_at.is_(None), m.status != "inactive")
        busy = sa.select(link.target_id).join(noun.table, t.id == link.owner_id)
        busy = busy.where(t.deleted_at.is_(None), one_of(t.status, OPEN))
        live = sa.and_(u.deleted_at.is_(None), u.status == "active")
        return sa.select(u.id).where(live, sa.or_(u.id.in_(placed_), u.id.in_(busy)))

    return [row[0] for row in await read(ctx, "everybody", build, [None])]


async def project_people(ctx: Context, project_id: int) -> dict[int, str]:
    """Return the members of a project with their roles."""
    m = ctx.registry.tables["projects.project_member"].c

    def build() -> sa.Select[Any]:
        """Read the live members along the index on project."""
        mine = m.project_id == sa.bindparam("project", 0, type_=ID)
        return sa.select(m.user_id, m.role).where(mine, m.deleted_at.is_(None))

    return {
        row[0]: row[1] for row in await read(ctx, "members", build, [None] * 2, project=project_id)
    }


async def project_shares(ctx: Context, ids: Iterable[int]) -> dict[int, list[tuple[str, float]]]:
    """Return the shares of their day that people give to running projects the reader may see."""
    noun = ctx.registry.noun("projects.project")
    p, m = noun.table.c, ctx.registry.tables["projects.project_member"].c
    columns = [m.user_id, p.name, m.allocation]

    def build() -> sa.Select[Any]:
        """Join members with their projects, those who work there."""
        chosen = sa.select(*columns).join(p.id.table, p.id == m.project_id)
        here = ctx.reader.compiler.among(m.user_id, "ids")
        working = one_of(m.role, ("owner", "admin", "member"))
        chosen = chosen.where(here, m.deleted_at.is_(None), working, one_of(p.status, RUNNING))
        return chosen.where(*visible(ctx, noun)).order_by(p.name, m.id)

    key = f"shares {sight(ctx, noun)}"
    found: dict[int, list[tuple[str, float]]] = {}
    rows = await read(ctx, key, build, columns, ids=ctx.listed(sorted(set(ids))))
    for person, name, share in rows:
        found.setdefault(person, []).append((name, share))
    return found


# ---- skills ----


class Knows(Struct, frozen=True):
    """How well one person knows one thing."""

    id: int
    version: int
    user_id: int
    skill_id: int
    level: int
    certified: bool
    expires: date | None


async def known_skills(ctx: Context, by: str, ids: Iterable[int]) -> list[Knows]:
    """Return what these people know, or who knows these skills (`skill_id`)."""
    noun = ctx.registry.noun("identity.user_skill")
    c = noun.table.c
    names = ("id", "version", "user_id", "skill_id", "proficiency", "certified")
    columns = [*(c[name] for name in names), c.certification_expiry]
    if not ctx.can(noun.permission("read")):
        return []

    def build() -> sa.Select[Any]:
        """Read the facts along their index."""
        here = ctx.reader.compiler.among(c[by], "ids")
        return sa.select(*columns).where(here, *visible(ctx, noun)).order_by(c.id)

    key = f"skills {by} {sight(ctx, noun)}"
    rows = await read(ctx, key, build, columns, ids=ctx.listed(sorted(set(ids))))
    return [Knows(*row) for row in rows]


async def professions(ctx: Context, ids: Iterable[int]) -> dict[int, set[int]]:
    """Return what people have learnt."""
    link = ctx.registry.noun("identity.user").link_tables.get("professions")
    if link is None:
        return {}
    c = link.c

    def build() -> sa.Select[Any]:
        """Read the rows of one link table."""
        here = ctx.reader.compiler.among(c.owner_id, "ids")
        return sa.select(c.owner_id, c.target_id).where(here)

    found: dict[int, set[int]] = {}
    for row in await read(ctx, "professions", build, [None] * 2, ids=ctx.listed(sorted(set(ids)))):
        found.setdefault(row[0], set()).add(row[1])
    return found


# ---- goals and metrics ----


async def active_progress(ctx: Context, team_id: int) -> list[float]:
    """Return how far a team's active goals are."""
    g = ctx.registry.tables["teams.team_goal"].c

    def build() -> sa.Select[Any]:
        """Read them along the index on team and status."""
        mine = g.team_id == sa.bindparam("team", 0, type_=ID)
        return sa.select(g.progress).where(mine, g.status == "active", g.deleted_at.is_(None))

    return [row[0] for row in await read(ctx, "active goals", build, [g.progress], team=team_id)]


async def goals_over(ctx: Context, upto: date) -> list[tuple[int, date, str]]:
    """Return the active goals that were due before a day, with their team's time zone."""
    g, t = ctx.registry.tables["teams.team_goal"].c, ctx.registry.tables["identity.team"].c
    columns = [g.id, g.due_date, t.time_zone]

    def build() -> sa.Select[Any]:
        """Read them with their teams."""
        chosen = sa.select(*columns).join(t.id.table, t.id == g.team_id)
        late = g.due_date < sa.bindparam("upto", None, type_=g.due_date.type)
        return chosen.where(late, g.status == "active", g.deleted_at.is_(None)).order_by(g.id)

    return [
        (row[0], row[1], row[2]) for row in await read(ctx, "goals over", build, columns, upto=upto)
    ]


async def values_of(
    ctx: Context, metrics: Iterable[int], limit: int = 24
) -> dict[int, list[tuple[date, float]]]:
    """Return the last values of metrics, the oldest first."""
    c = ctx.registry.tables["teams.metric_value"].c
    columns = [c.metric_id, c.date, c.value]

    def build() -> sa.Select[Any]:
        """Number each metric's values from the newest, and keep the first ones."""
        place = sa.func.row_number().over(
            partition_by=c.metric_id, order_by=(c.date.desc(), c.id.desc())
        )
        here = sa.and_(ctx.reader.compiler.among(c.metric_id, "ids"), c.deleted_at.is_(None))
        numbered = sa.select(*columns, c.id, place.label("place")).where(here).subquery()
        chosen = sa.select(numbered.c.metric_id, numbered.c.date, numbered.c.value)
        chosen = chosen.where(numbered.c.place <= limit)
        return chosen.order_by(numbered.c.metric_id, numbered.c.place.desc())

    found: dict[int, list[tuple[date, float]]] = {}
    ids = ctx.listed(sorted(set(metrics)))
    for metric, day, value in await read(ctx, f"values {limit}", build, columns, ids=ids):
        found.setdefault(metric, []).append((day, value))
    return found


async def keep_metrics(
    ctx: Context, wanted: Mapping[int, tuple[float | None, str, datetime | None]]
) -> None:
    """Write what follows from metrics' values beside the log: the last one, its day, the trend."""
    noun = ctx.registry.noun("teams.team_metric")
    c = noun.table.c

    def build() -> sa.Update:
        """Write one metric's totals; they are no edit and make no new version."""
        values = {
            name: sa.bindparam(f"v_{name}", None, type_=c[name].type)
            for name in ("current", "trend", "measured_at")
        }
        return sa.update(noun.table).values(values).where(c.id == sa.bindparam("m", 0, type_=ID))

    for metric, (current, trend, at) in sorted(wanted.items()):
        said = {"v_current": current, "v_trend": trend, "v_measured_at": at}
        await answer(ctx, "teams keep metric", build, m=metric, **said)
        totals = {"current": current, "trend": trend, "measured_at": at}
        ctx.written(noun, metric, totals)
