"""The work of people: what is open, and what was done in a period, read in sets."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel.context import Context
from mainstay.modules.projects.api import OPEN, visible
from mainstay.modules.teams import rules
from mainstay.modules.teams.scopes import ID, RUNNING, number, one_of, read, sight

OF_TASK = (
    "id",
    "version",
    "project_id",
    "code",
    "title",
    "status",
    "priority",
    "remaining_hours",
    "estimated_hours",
    "actual_hours",
    "start_date",
    "due_date",
    "fixed_dates",
)


class OpenTask(Struct, frozen=True):
    """An open task of one person: what is left of it for them, and between which days."""

    id: int
    version: int
    project_id: int
    code: str
    title: str
    status: str
    priority: str
    user_id: int
    people: int
    seen: bool
    hours: float | None
    start: date | None
    due: date | None
    fixed: bool
    project: str
    color: str

    @property
    def planned(self) -> rules.Planned:
        """Return it as it is spread over days."""
        return rules.Planned(self.hours or 0.0, self.start, self.due)


async def open_work(ctx: Context, ids: Collection[int]) -> list[OpenTask]:
    """Return the open tasks of people in running projects, each once for everybody on it.

    Only tasks without parts count, so that no hour counts twice; a task in a sprint has the
    sprint's days where it has none of its own. What waits in the backlog without a date or a
    sprint is not planned yet. Tasks that the asking person may not see are marked, and have to be
    kept from them unless they lead the person.
    """
    noun = ctx.registry.noun("projects.task")
    t, link = noun.table.c, noun.link_tables["assignees"]
    p, s = ctx.registry.tables["projects.project"].c, ctx.registry.tables["scrum.sprint"].c
    columns: list[Any] = [*(t[name] for name in OF_TASK), link.c.target_id, None, None]
    columns += [s.start_date, s.end_date, p.name, p.color]

    def build() -> sa.Select[Any]:
        """Start from the people, along the index of who works on what."""
        beside = link.alias("beside")
        count = sa.select(sa.func.count()).where(beside.c.owner_id == t.id).scalar_subquery()
        seen = sa.case((sa.and_(*visible(ctx, noun)), 1), else_=0)
        shown = [*(t[name] for name in OF_TASK), link.c.target_id, count, seen]
        sprint = sa.and_(s.id == t.sprint_id, one_of(s.status, ("planning", "active")))
        source = link.join(noun.table, t.id == link.c.owner_id)
        source = source.join(p.id.table, p.id == t.project_id).outerjoin(s.id.table, sprint)
        chosen = sa.select(*shown, s.start_date, s.end_date, p.name, p.color).select_from(source)
        here = ctx.reader.compiler.among(link.c.target_id, "ids")
        live = sa.and_(t.deleted_at.is_(None), p.deleted_at.is_(None), one_of(p.status, RUNNING))
        begun = t.status != "backlog"
        planned = sa.or_(
            begun, t.due_date.is_not(None), t.start_date.is_not(None), s.id.is_not(None)
        )
        chosen = chosen.where(here, live, one_of(t.status, OPEN), t.part_count == 0, planned)
        return chosen.order_by(t.id)

    key = f"open work {sight(ctx, noun)}"
    rows = await read(ctx, key, build, columns, ids=ctx.listed(sorted(set(ids))))
    return [_open(row) for row in rows]


def _open(row: Sequence[Any]) -> OpenTask:
    """Return one row as what is left of a task for one person."""
    head, (person, people_, seen, first, last, project, color) = row[:13], row[13:]
    remaining, estimated, actual, start, due, fixed = head[7:13]
    left = rules.hours_left(number(remaining), number(estimated), float(actual), people_)
    if start is None and due is None:
        start, due = first, last
    number_, version, project_id, code, title, status, priority = head[:7]
    return OpenTask(
        id=number_,
        version=version,
        project_id=project_id,
        code=code,
        title=title,
        status=status,
        priority=priority,
        user_id=person,
        people=people_,
        seen=bool(seen),
        hours=left,
        start=start,
        due=due,
        fixed=bool(fixed),
        project=project,
        color=color,
    )


async def sprint_points(ctx: Context, team_id: int, limit: int = 6) -> list[float]:
    """Return the points of a team's last completed sprints, the oldest first."""
    s = ctx.registry.tables["scrum.sprint"].c

    def build() -> sa.Select[Any]:
        """Read what each sprint kept when it was completed."""
        mine = s.team_id == sa.bindparam("team", 0, type_=ID)
        chosen = sa.select(s.completed_points).where(
            mine, s.status == "completed", s.deleted_at.is_(None)
        )
        return chosen.order_by(s.end_date.desc(), s.completed_at.desc(), s.id.desc()).limit(limit)

    rows = await read(ctx, f"sprints {limit}", build, [s.completed_points], team=team_id)
    return [float(row[0] or 0.0) for row in reversed(rows)]


# ---- what was done ----


class Completed(Struct, frozen=True):
    """A task that somebody worked on and that changed in a period."""

    id: int
    user_id: int
    people: int
    status: str
    completed_at: datetime | None
    due: date | None
    points: float
    estimated: float | None
    actual: float | None


async def worked_on(ctx: Context, ids: Collection[int], since: datetime) -> list[Completed]:
    """Return the tasks of people that were changed since an instant, whoever may see them."""
    noun = ctx.registry.noun("projects.task")
    t, link = noun.table.c, noun.link_tables["assignees"]
    names = (
        "status",
        "completed_at",
        "due_date",
        "story_points",
        "estimated_hours",
        "actual_hours",
    )
    columns: list[Any] = [None, None, None, *(t[name] for name in names)]

    def build() -> sa.Select[Any]:
        """Start from the people, along the index of who works on what."""
        beside = link.alias("beside")
        count = sa.select(sa.func.count()).where(beside.c.owner_id == t.id).scalar_subquery()
        shown = [t.id, link.c.target_id, count, *(t[name] for name in names)]
        chosen = sa.select(*shown).select_from(link.join(noun.table, t.id == link.c.owner_id))
        here = ctx.reader.compiler.among(link.c.target_id, "ids")
        fresh = t.updated_at >= sa.bindparam("since", None, type_=t.updated_at.type)
        return chosen.where(here, fresh, t.deleted_at.is_(None)).order_by(t.id)

    rows = await read(
        ctx, "worked on", build, columns, ids=ctx.listed(sorted(set(ids))), since=since
    )
    return [
        Completed(*(*row[:6], float(row[6] or 0.0), number(row[7]), number(row[8]))) for row in rows
    ]


async def statuses(
    ctx: Context, ids: Collection[int], since: datetime
) -> dict[int, list[tuple[datetime, str]]]:
    """Return when tasks of people came into which status, by the log, the oldest first."""
    noun = ctx.registry.noun("projects.task")
    t, link = noun.table.c, noun.link_tables["assignees"].c
    log = ctx.registry.metadata.tables["kernel_log"].c
    columns = [log.record_id, log.at, log.after]

    def build() -> sa.Select[Any]:
        """Walk the log's index on resource and record; only changes of the status count."""
        fresh = t.updated_at >= sa.bindparam("since", None, type_=t.updated_at.type)
        own = sa.select(t.id).join(link.owner_id.table, link.owner_id == t.id)
        own = own.where(ctx.reader.compiler.among(link.target_id, "ids"), fresh)
        said = sa.cast(log.after, sa.Text()).like('%"status"%')
        chosen = sa.select(*columns).where(
            log.entity == noun.key, log.record_id.in_(own), said, t.deleted_at.is_(None)
        )
        return chosen.select_from(log.id.table.join(noun.table, t.id == log.record_id)).order_by(
            log.record_id, log.id
        )

    rows = await read(
        ctx, "statuses", build, columns, ids=ctx.listed(sorted(set(ids))), since=since
    )
    found: dict[int, list[tuple[datetime, str]]] = {}
    for record, at, after in rows:
        if isinstance(after, dict) and isinstance(after.get("status"), str):
            found.setdefault(record, []).append((at, after["status"]))
    return found


async def hours_spent(
    ctx: Context, ids: Collection[int], first: date, last: date
) -> dict[int, tuple[float, float]]:
    """Return the hours that people logged in a period, and how many of them are billable."""
    e = ctx.registry.tables["projects.time_entry"].c

    def build() -> sa.Select[Any]:
        """Add up along the index on person and day."""
        paid = sa.case((e.billable.is_(sa.true()), e.hours), else_=0)
        chosen = sa.select(e.user_id, sa.func.sum(e.hours), sa.func.sum(paid))
        here = ctx.reader.compiler.among(e.user_id, "ids")
        days = e.date.between(
            sa.bindparam("first", None, type_=e.date.type),
            sa.bindparam("last", None, type_=e.date.type),
        )
        return chosen.where(here, days, e.deleted_at.is_(None)).group_by(e.user_id)

    wanted = ctx.listed(sorted(set(ids)))
    columns = [None, e.hours, e.hours]
    rows = await read(ctx, "hours", build, columns, ids=wanted, first=first, last=last)
    return {row[0]: (float(row[1] or 0), float(row[2] or 0)) for row in rows}


async def issues_resolved(
    ctx: Context, ids: Collection[int], since: datetime, until: datetime
) -> dict[int, int]:
    """Return how many issues of each person were resolved in a period."""
    c = ctx.registry.tables["issues.issue"].c
    if not ids:
        return {}

    def build() -> sa.Select[Any]:
        """Count along the index on who works on them."""
        kind = c.resolved_at.type
        there = sa.and_(
            c.resolved_at >= sa.bindparam("since", None, type_=kind),
            c.resolved_at < sa.bindparam("until", None, type_=kind),
        )
        chosen = sa.select(c.assignee_id, sa.func.count())
        here = ctx.reader.compiler.among(c.assignee_id, "ids")
        return chosen.where(here, there, c.deleted_at.is_(None)).group_by(c.assignee_id)

    wanted = ctx.listed(sorted(set(ids)))
    rows = await read(ctx, "issues", build, [None] * 2, ids=wanted, since=since, until=until)
    return {row[0]: row[1] for row in rows}
