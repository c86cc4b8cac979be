"""Which issues nobody has looked at yet, the most urgent first."""

from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from msgspec import Meta, Struct

from mainstay.kernel.context import IDS, Context
from mainstay.kernel.module import question
from mainstay.kernel.scope import require
from mainstay.modules.issues.entities import Issue
from mainstay.modules.projects.api import answer

MOST = 100
PEOPLE = 200
UNTRIAGED = {"triaged_at__isnull": "true", "status__in": "open,reopened"}


class QueueAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Of which project; of all that one sees when it is left out."""

    project_id: Annotated[int, Meta(ge=1, description="The project's id")] | None = None


class Waiting(Struct, kw_only=True, frozen=True):
    """An issue that waits for a first look."""

    id: int
    version: int
    code: str
    title: str
    type: str
    severity: str
    priority: str
    priority_score: int
    project_id: int
    created_at: datetime


class Queue(Struct, kw_only=True, frozen=True):
    """The issues that wait for a first look, the most urgent first, and how many there are."""

    total: int
    capped: bool
    waiting: list[Waiting]


@question(label="Triage queue")
async def triage_queue(ctx: Context, ask: QueueAsk) -> Queue:
    """The open issues that nobody has triaged yet, the most urgent first."""
    noun = ctx.registry.noun(Issue)
    require(ctx.me, noun.permission("read"))
    wanted: dict[str, Any] = dict(UNTRIAGED)
    if ask.project_id is not None:
        wanted["project_id"] = ask.project_id
    total, capped = await ctx.reader.count_in(ctx.connection, noun, ctx.ask(noun, wanted), ctx.me)
    asked = ctx.ask(noun, {**wanted, "sort": "-priority_score,id", "limit": MOST})
    found, _more = await ctx.reader.entities(ctx.connection, noun, asked, ctx.me)
    names = Waiting.__struct_fields__
    lines = [Waiting(**{name: getattr(one, name) for name in names}) for one in found]
    return Queue(total=total, capped=bool(capped), waiting=lines)


async def people_of(ctx: Context, project_id: int) -> list[tuple[int, str]]:
    """Return who works in a project, by name, for choosing who takes an issue."""
    m = ctx.registry.tables["projects.project_member"].c
    u = ctx.registry.tables["identity.user"].c

    def build() -> sa.Select[Any]:
        """Join the members who work there with their names."""
        workers = [sa.literal(role, m.role.type) for role in ("owner", "admin", "member")]
        joined = m.id.table.join(u.id.table, u.id == m.user_id)
        chosen = sa.select(u.id, u.display_name).select_from(joined)
        chosen = chosen.where(m.project_id == sa.bindparam("project", type_=IDS))
        chosen = chosen.where(m.deleted_at.is_(None), u.deleted_at.is_(None), m.role.in_(workers))
        return chosen.order_by(u.display_name, u.id).limit(PEOPLE)

    return [
        (row[0], row[1]) for row in await answer(ctx, "triage people", build, project=project_id)
    ]
