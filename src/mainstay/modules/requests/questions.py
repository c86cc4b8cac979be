"""What people ask about requests: which wait for their decision, and what became of their own."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel.context import IDS, Context
from mainstay.kernel.module import question
from mainstay.kernel.scope import me_bind
from mainstay.modules.checklists.api import Person
from mainstay.modules.projects.api import answer, decoded, visible

MOST = 200
Which = Literal["decide", "mine", "task"]


class RequestLine(Struct, kw_only=True, frozen=True):
    """A request with what it asks for, and what became of it."""

    id: int
    title: str
    description: str
    status: str
    priority: str
    due_date: date | None
    created_at: datetime
    decided_at: datetime | None
    reason: str
    project_id: int
    project: str
    color: str
    requester_id: int | None
    requester: str
    template: str
    task_id: int | None
    task_code: str
    task_status: str
    assignees: list[str] = []
    professions: list[str] = []


class Inbox(Struct, kw_only=True, frozen=True):
    """The requests that wait for your decision, oldest first, and those that you made."""

    pending: list[RequestLine]
    pending_more: bool
    mine: list[RequestLine]
    mine_open: int


@question(label="Request inbox")
async def request_inbox(ctx: Context) -> Inbox:
    """The requests that wait for your decision, oldest first, and those that you made."""
    pending = await _requests(ctx, "decide") if ctx.can("requests.task_request.approve") else []
    mine = await _requests(ctx, "mine")
    return Inbox(
        pending=await _with_links(ctx, pending[:MOST]),
        pending_more=len(pending) > MOST,
        mine=await _with_links(ctx, mine[:MOST]),
        mine_open=sum(row.status == "pending" for row in mine[:MOST]),
    )


async def _requests(ctx: Context, which: Which, **values: Any) -> list[RequestLine]:
    """Return the requests that one may decide, those that one made, or the one behind a task."""
    noun, tables = ctx.registry.noun("requests.task_request"), ctx.registry.tables
    r, p = noun.table.c, tables["projects.project"].c
    u = Person(ctx, "asked", r.created_by)
    t, k = tables["templates.task_template"].c, tables["projects.task"].c
    everywhere = ctx.can("projects.project.see_all")
    names = ("id", "title", "description", "status", "priority", "due_date", "created_at")
    own = [*(r[n] for n in names), r.decided_at, r.reason, p.id, p.name, p.color, r.created_by]
    columns = [*own, u.name, t.name, k.id, k.code, k.status]

    def build() -> sa.Select[Any]:
        """Join each with its project, requester, template and task."""
        task = sa.and_(k.id == r.task_id, k.deleted_at.is_(None))
        joined = (
            noun.table.join(p.id.table, p.id == r.project_id)
            .outerjoin(u.table, u.on)
            .outerjoin(t.id.table, t.id == r.template_id)
            .outerjoin(k.id.table, task)
        )
        chosen = sa.select(*columns).select_from(joined).where(*visible(ctx, noun))
        chosen = chosen.where(p.deleted_at.is_(None)).limit(MOST + 1)
        if which == "mine":
            return chosen.where(r.created_by == me_bind()).order_by(r.id.desc())
        if which == "task":
            return chosen.where(r.task_id == sa.bindparam("task", type_=IDS)).order_by(r.id)
        chosen = chosen.where(r.status == sa.literal("pending", r.status.type))
        if not everywhere:
            chosen = chosen.where(r.project_id.in_(_led(ctx)))
        return chosen.order_by(r.created_at, r.id)

    seen = [ctx.reader.scoped(one, ctx.me) for one in (noun, ctx.registry.noun("identity.user"))]
    found = await answer(ctx, f"requests {which} {everywhere} {seen}", build, **values)
    kinds = [*own, None, t.name, None, k.code, k.status]
    return [_line(row) for row in decoded(ctx, kinds, found)]


def _led(ctx: Context) -> sa.Select[Any]:
    """Return the projects that the asking person leads."""
    m = ctx.registry.tables["projects.project_member"].c
    leaders = [sa.literal(role, m.role.type) for role in ("owner", "admin")]
    mine = sa.and_(m.user_id == me_bind(), m.deleted_at.is_(None), m.role.in_(leaders))
    return sa.select(m.project_id).where(mine)


def _line(row: Sequence[Any]) -> RequestLine:
    names = RequestLine.__struct_fields__[: len(row)]
    values = dict(zip(names, row, strict=True))
    for name in ("template", "task_code", "task_status"):
        values[name] = values[name] or ""
    return RequestLine(**values)


async def _with_links(ctx: Context, lines: Sequence[RequestLine]) -> list[RequestLine]:
    """Add who shall do it and who could, in one statement for each."""
    if not lines:
        return []
    ids = [line.id for line in lines]
    people = await _linked(ctx, "assignees", "identity.user", "display_name", ids)
    skills = await _linked(ctx, "professions", "identity.profession", "name", ids)
    return [
        RequestLine(
            **{name: getattr(line, name) for name in RequestLine.__struct_fields__[:-2]},
            assignees=people.get(line.id, []),
            professions=skills.get(line.id, []),
        )
        for line in lines
    ]


async def _linked(
    ctx: Context, field: str, key: str, name: str, ids: Sequence[int]
) -> dict[int, list[str]]:
    """Return the names of what requests list in a field, in their order, as one may see them."""
    link = ctx.registry.noun("requests.task_request").link_tables[field].c
    noun = ctx.registry.noun(key)
    other = noun.table.c

    def build() -> sa.Select[Any]:
        """Join the list with what it names."""
        joined = link.owner_id.table.join(other.id.table, other.id == link.target_id)
        chosen = sa.select(link.owner_id, other[name]).select_from(joined)
        among = ctx.reader.compiler.among(link.owner_id, "ids")
        return chosen.where(among, *visible(ctx, noun)).order_by(link.owner_id, link.position)

    found: dict[int, list[str]] = {}
    scoped = ctx.reader.scoped(noun, ctx.me)
    for owner, said in await answer(ctx, f"requests {field} {scoped}", build, ids=ctx.listed(ids)):
        found.setdefault(owner, []).append(said or "")
    return found


async def request_of(ctx: Context, task_id: int) -> RequestLine | None:
    """Return the request that a task came of, if the asking person may see it."""
    found = await _requests(ctx, "task", task=task_id)
    return (await _with_links(ctx, found[:1]))[0] if found else None
