"""Who sees what of a sprint's meetings, and what people are called; shared by their questions."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.kernel.problems import NotFound
from mainstay.kernel.scope import Scope, Scoping
from mainstay.modules.projects.api import answer, visible
from mainstay.modules.scrum.entities import Sprint
from mainstay.modules.scrum.scopes import inner_sprints, require_inside

PEOPLE = "identity.user"


def _below(key: str, column: str) -> Scope:
    """Return the scope of records that belong to a live record of a live sprint of a project."""

    def condition(s: Scoping) -> sa.ColumnElement[bool]:
        """Follow the record up to its sprint, and that to its project."""
        parent = s.tables[key]
        seen = sa.select(parent.c.id).where(parent.c.deleted_at.is_(None))
        return s.table.c[column].in_(seen.where(parent.c.sprint_id.in_(inner_sprints(s))))

    return Scope(condition, "You are a member of its sprint's project, and not as a client.")


IN_STANDUPS = _below("scrum.standup", "standup_id")
IN_RETROSPECTIVES = _below("scrum.retrospective", "retrospective_id")


async def sprint_seen(ctx: Context, sprint_id: int) -> Sprint:
    """Return a sprint that the asking person may see, and what its team says in it."""
    noun = ctx.registry.noun(Sprint)
    ask = ctx.ask(noun, {"id": sprint_id, "limit": 1, "sort": "id"})
    found, _ = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    if not found:
        raise NotFound(f"There is no sprint {sprint_id}, or you may not see it.")
    sprint = found[0]
    assert isinstance(sprint, Sprint)
    await require_inside(ctx, sprint.project_id)
    return sprint


async def names_of(ctx: Context, people: Iterable[int | None]) -> dict[int, str]:
    """Return what these people are called, those whom the asking person may see."""
    wanted = sorted({one for one in people if one})
    if not wanted:
        return {}
    noun = ctx.registry.noun(PEOPLE)
    c = noun.table.c

    def build() -> sa.Select[Any]:
        """Compare with all of them in one bound value."""
        chosen = sa.select(c.id, c.display_name).where(*visible(ctx, noun))
        return chosen.where(ctx.reader.compiler.among(c.id, "people"))

    name = f"scrum: names {ctx.reader.scoped(noun, ctx.me)}"
    found = await answer(ctx, name, build, people=ctx.listed(wanted))
    return {row[0]: row[1] or "" for row in found}


def midnight(ctx: Context, day: date) -> datetime:
    """Return the instant at which a day begins where the asking person is."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ctx.me.zone))


def span(ctx: Context, day: date) -> tuple[datetime, datetime]:
    """Return the instants at which a day begins and ends where the asking person is."""
    return midnight(ctx, day), midnight(ctx, day + timedelta(1))
