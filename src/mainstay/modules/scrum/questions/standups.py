"""What people ask about stand-ups: who said what on a day, who has not, and the mood so far."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from msgspec import Meta, Struct

from mainstay.kernel.clock import today_in
from mainstay.kernel.context import IDS, Context
from mainstay.kernel.module import question
from mainstay.modules.projects.api import answer, decoded, near, standing
from mainstay.modules.scrum.entities import Sprint
from mainstay.modules.scrum.questions.sights import midnight, names_of, sprint_seen

MOST = 500
HINTS = 8
BEGUN = ("in_progress", "review", "testing")
Calendar = date
AnyDay = date | None
HintKind = Literal["completed", "worked", "begun"]


class StandupAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which sprint, and which day."""

    sprint_id: Annotated[int, Meta(ge=1, description="The sprint's id")]
    date: Annotated[AnyDay, Meta(description="The day; today when left out")] = None


class Hint(Struct, kw_only=True, frozen=True):
    """Something that somebody completed, worked on or has begun: what they may want to say."""

    kind: HintKind
    task_id: int | None
    code: str
    title: str
    hours: Decimal | None = None


class Speaker(Struct, kw_only=True, frozen=True):
    """A person in a stand-up: what they said, or what they may want to say.

    Who is not expected has said something all the same, or could.
    """

    user_id: int
    name: str
    mine: bool
    expected: bool
    said: bool
    update_id: int | None = None
    version: int = 0
    yesterday: str = ""
    today: str = ""
    blockers: str = ""
    mood: int | None = None
    impediment_id: int | None = None
    impediment: str = ""
    hints: list[Hint] = []


class DayLine(Struct, kw_only=True, frozen=True):
    """A day of the sprint on which there was a stand-up."""

    date: date
    standup_id: int
    said: int
    people: int
    blocked: int
    mood: float | None


class StandupDay(Struct, kw_only=True, frozen=True):
    """A stand-up of a sprint, and the ones before it."""

    sprint_id: int
    date: Calendar
    as_of: Calendar
    standup_id: int | None
    version: int
    minutes: int
    notes: str
    since: datetime
    speakers: list[Speaker]
    silent: int
    mood: float | None
    days: list[DayLine]


@question(label="Stand-up")
async def standup(ctx: Context, ask: StandupAsk) -> StandupDay:
    """Who said what in a sprint's stand-up of a day, who has not yet, and the mood over the days.

    For whoever has said nothing, what they completed or logged since the last stand-up comes along
    as a suggestion.
    """
    sprint = await sprint_seen(ctx, ask.sprint_id)
    return await standup_of(ctx, sprint, ask.date or ctx.today)


async def standup_of(ctx: Context, sprint: Sprint, day: date) -> StandupDay:
    """Return the stand-up of a day of a sprint that the asking person sees."""
    near(date=day)
    held = await _held(ctx, sprint.id)
    here = next((row for row in held if row[1] == day), None)
    said = await _said(ctx, here[0]) if here else {}
    expected = await _expected(ctx, sprint, here[0] if here else None)
    mine = ctx.me.id
    people = list(dict.fromkeys([*expected, *said]))
    if mine and mine not in people and await _works(ctx, sprint):
        people.append(mine)
    since = _since(ctx, sprint, [row for row in held if row[1] < day])
    names = await names_of(ctx, people)
    hints = await _hints(ctx, sprint, people, since, day)
    speakers = [
        _speaker(
            person,
            said.get(person),
            hints.get(person, []),
            name=names.get(person, ""),
            mine=person == mine,
            expected=person in expected,
        )
        for person in people
    ]
    speakers.sort(key=lambda one: (not one.mine, one.name.casefold(), one.user_id))
    return StandupDay(
        sprint_id=sprint.id,
        date=day,
        as_of=ctx.today,
        standup_id=here[0] if here else None,
        version=here[3] if here else 0,
        minutes=here[2] if here else 15,
        notes=here[4] if here else "",
        since=since,
        speakers=speakers,
        silent=sum(one.expected and not one.said for one in speakers),
        mood=_mean([one.mood for one in speakers]),
        days=await days_of(ctx, sprint.id, len(expected)),
    )


def _speaker(
    person: int,
    row: Sequence[Any] | None,
    hints: list[Hint],
    *,
    name: str,
    mine: bool,
    expected: bool,
) -> Speaker:
    if row is None:
        return Speaker(
            user_id=person, name=name, mine=mine, expected=expected, said=False, hints=hints
        )
    return Speaker(
        user_id=person,
        name=name,
        mine=mine,
        expected=expected,
        said=True,
        update_id=row[1],
        version=row[2],
        yesterday=row[3],
        today=row[4],
        blockers=row[5],
        mood=row[6],
        impediment_id=row[7],
        impediment=row[8] or "",
        hints=hints,
    )


def _mean(moods: Sequence[int | None]) -> float | None:
    """Return the average of the moods that were given, to the tenth."""
    given = [mood for mood in moods if mood is not None]
    return round(sum(given) / len(given), 1) if given else None


async def _works(ctx: Context, sprint: Sprint) -> bool:
    """Return whether the asking person belongs to those who work in the project."""
    return (await standing(ctx, sprint.project_id)).role in ("owner", "admin", "member")


async def _held(ctx: Context, sprint_id: int) -> list[Sequence[Any]]:
    """Return a sprint's stand-ups: id, day, minutes, version, notes, and when each was opened."""
    c = ctx.registry.tables["scrum.standup"].c
    columns = [c.id, c.date, c.minutes, c.version, c.notes, c.created_at]

    def build() -> sa.Select[Any]:
        """Read along the index on sprint and day."""
        mine = c.sprint_id == sa.bindparam("sprint", type_=IDS)
        return sa.select(*columns).where(mine, c.deleted_at.is_(None)).order_by(c.date).limit(MOST)

    return decoded(ctx, columns, await answer(ctx, "scrum: held", build, sprint=sprint_id))


async def _said(ctx: Context, standup_id: int) -> dict[int, Sequence[Any]]:
    """Return what was said in a stand-up, by who said it."""
    u = ctx.registry.tables["scrum.standup_update"].c
    i = ctx.registry.tables["scrum.impediment"].c
    columns = [u.user_id, u.id, u.version, u.yesterday, u.today, u.blockers, u.mood, i.id, i.status]

    def build() -> sa.Select[Any]:
        """Join each with what became of what is in the way."""
        live = sa.and_(i.id == u.impediment_id, i.deleted_at.is_(None))
        chosen = sa.select(*columns).select_from(u.id.table.outerjoin(i.id.table, live))
        mine = u.standup_id == sa.bindparam("standup", type_=IDS)
        return chosen.where(mine, u.deleted_at.is_(None)).order_by(u.id).limit(MOST)

    found = await answer(ctx, "scrum: said", build, standup=standup_id)
    return {row[0]: row for row in decoded(ctx, columns, found)}


async def _expected(ctx: Context, sprint: Sprint, standup_id: int | None) -> list[int]:
    """Return who takes part: whom the stand-up names, else the sprint's people, else its workers.

    Those who work on a task of the sprint stand in where nobody was said to take part in it.
    """
    link = ctx.registry.noun("scrum.standup").link_tables["participants"].c
    m = ctx.registry.tables["scrum.sprint_member"].c
    t = ctx.registry.tables["projects.task"].c
    sprint_id = sa.bindparam("sprint", type_=IDS)

    def build() -> sa.Select[Any]:
        """Ask for all three at once, each with its rank."""
        named = sa.select(sa.literal(0).label("rank"), link.target_id.label("person"))
        named = named.where(link.owner_id == sa.bindparam("standup", type_=IDS))
        members = sa.select(sa.literal(1), m.user_id)
        members = members.where(m.sprint_id == sprint_id, m.deleted_at.is_(None))
        working = sa.select(sa.literal(2), t.assignee_id).where(
            t.sprint_id == sprint_id, t.deleted_at.is_(None), t.assignee_id.is_not(None)
        )
        whole = sa.union(named, members, working).subquery()
        return sa.select(whole.c.rank, whole.c.person).order_by(whole.c.rank, whole.c.person)

    found = await answer(ctx, "scrum: expected", build, standup=standup_id or 0, sprint=sprint.id)
    first = found[0][0] if found else 0
    return [row[1] for row in found if row[0] == first]


async def days_of(ctx: Context, sprint_id: int, people: int) -> list[DayLine]:
    """Return the days on which a sprint had stand-ups, each with its mood, the first one first."""
    s = ctx.registry.tables["scrum.standup"].c
    u = ctx.registry.tables["scrum.standup_update"].c
    blocked = sa.func.sum(sa.case((u.blockers != "", 1), else_=0))
    sums = [sa.func.count(u.id), blocked, sa.func.sum(u.mood), sa.func.count(u.mood)]

    def build() -> sa.Select[Any]:
        """Add up what was said by day."""
        live = sa.and_(u.standup_id == s.id, u.deleted_at.is_(None))
        chosen = sa.select(s.date, s.id, *sums).select_from(s.id.table.outerjoin(u.id.table, live))
        mine = s.sprint_id == sa.bindparam("sprint", type_=IDS)
        chosen = chosen.where(mine, s.deleted_at.is_(None)).group_by(s.date, s.id)
        return chosen.order_by(s.date).limit(MOST)

    found = await answer(ctx, "scrum: days", build, sprint=sprint_id)
    return [
        DayLine(
            date=row[0],
            standup_id=row[1],
            said=row[2],
            people=max(people, row[2]),
            blocked=int(row[3] or 0),
            mood=round(int(row[4]) / row[5], 1) if row[5] else None,
        )
        for row in decoded(ctx, [s.date, None, None, None, None, None], found)
    ]


def _since(ctx: Context, sprint: Sprint, before: Sequence[Sequence[Any]]) -> datetime:
    """Return since when people speak: the last stand-up, or the sprint's start."""
    if before:
        opened: datetime = before[-1][5]
        begins = midnight(ctx, before[-1][1])
        # One that was written down on another day counts from its own day on.
        return opened if opened.astimezone(begins.tzinfo).date() == before[-1][1] else begins
    if sprint.started_at is not None:
        return sprint.started_at
    return midnight(ctx, sprint.start_date or ctx.today - timedelta(1))


async def _hints(
    ctx: Context, sprint: Sprint, people: Sequence[int], since: datetime, day: date
) -> dict[int, list[Hint]]:
    """Return what each of these people completed, logged and has begun, in two statements."""
    if not people:
        return {}
    until = midnight(ctx, day + timedelta(1))
    hints: dict[int, list[Hint]] = {}
    seen: set[tuple[int, int | None]] = set()
    for person, task, code, title, status in await _tasks(ctx, sprint, people, since, until):
        kind: HintKind = "completed" if status == "done" else "begun"
        hint = Hint(kind=kind, task_id=task, code=code, title=title)
        hints.setdefault(person, []).append(hint)
        if kind == "completed":
            seen.add((person, task))
    worked: list[Sequence[Any]] = []
    if ctx.can("projects.time_entry.read"):
        worked = await _worked(ctx, sprint, people, today_in(ctx.me.zone, since), day)
    for person, task, code, title, hours in worked:
        if (person, task) in seen:
            continue
        named = {"code": code or "", "title": title or ""}
        hint = Hint(kind="worked", task_id=task, hours=hours, **named)
        hints.setdefault(person, []).append(hint)
    order = {"completed": 0, "worked": 1, "begun": 2}
    return {
        person: sorted(own, key=lambda one: order[one.kind])[:HINTS]
        for person, own in hints.items()
    }


async def _tasks(
    ctx: Context, sprint: Sprint, people: Sequence[int], since: datetime, until: datetime
) -> list[Sequence[Any]]:
    """Return the project's tasks of people that were completed in a time or are under way."""
    t = ctx.registry.tables["projects.task"].c
    columns = [t.assignee_id, t.id, t.code, t.title, t.status]

    def build() -> sa.Select[Any]:
        """Read along the index on assignee and status."""
        instant = t.completed_at.type
        done = sa.and_(
            t.status == "done",
            t.completed_at > sa.bindparam("since", type_=instant),
            t.completed_at < sa.bindparam("until", type_=instant),
        )
        begun = sa.or_(*(t.status == status for status in BEGUN))
        chosen = sa.select(*columns).where(ctx.reader.compiler.among(t.assignee_id, "people"))
        mine = t.project_id == sa.bindparam("project", type_=IDS)
        chosen = chosen.where(mine, t.deleted_at.is_(None), sa.or_(done, begun))
        return chosen.order_by(t.completed_at, t.id).limit(MOST)

    found = await answer(
        ctx,
        "scrum: what was done",
        build,
        people=ctx.listed(sorted(people)),
        project=sprint.project_id,
        since=since,
        until=until,
    )
    return decoded(ctx, columns, found)


async def _worked(
    ctx: Context, sprint: Sprint, people: Sequence[int], first: date, last: date
) -> list[Sequence[Any]]:
    """Return the hours of people on the project's tasks from one day to another, most first."""
    e = ctx.registry.tables["projects.time_entry"].c
    t = ctx.registry.tables["projects.task"].c
    total = sa.func.sum(e.hours)
    columns = [e.user_id, t.id, t.code, t.title, total]

    def build() -> sa.Select[Any]:
        """Add up along the index on project and day."""
        chosen = sa.select(*columns).select_from(
            e.id.table.outerjoin(t.id.table, sa.and_(t.id == e.task_id, t.deleted_at.is_(None)))
        )
        chosen = chosen.where(
            e.project_id == sa.bindparam("project", type_=IDS),
            e.date >= sa.bindparam("first", type_=e.date.type),
            e.date <= sa.bindparam("last", type_=e.date.type),
            e.deleted_at.is_(None),
            e.hours > 0,
            ctx.reader.compiler.among(e.user_id, "people"),
        )
        chosen = chosen.group_by(e.user_id, t.id, t.code, t.title)
        return chosen.order_by(total.desc(), t.id).limit(MOST)

    found = await answer(
        ctx,
        "scrum: what was worked on",
        build,
        project=sprint.project_id,
        first=first,
        last=last,
        people=ctx.listed(sorted(people)),
    )
    return decoded(ctx, [None, None, t.code, t.title, e.hours], found)
