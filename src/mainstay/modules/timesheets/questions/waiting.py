"""The weeks that wait for somebody's approval, each with what is special about it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.modules.planning.api import availability
from mainstay.modules.projects.api import decoded, visible
from mainstay.modules.timesheets import rules, scopes

MOST = 100


class WaitingAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which weeks."""

    status: Annotated[
        Literal["submitted", "approved", "rejected"],
        Meta(description="Those that wait, or those that were decided on"),
    ] = "submitted"


class WaitingWeek(Struct, kw_only=True, frozen=True):
    """A person's week, as who approves it wants to see it."""

    id: int
    version: int
    user_id: int
    name: str
    week_start: date
    status: str
    note: str
    reason: str
    minutes: int
    billable_minutes: int
    planned_minutes: int
    days: list[tuple[date, int, int]]
    signs: list[rules.Sign]
    submitted_at: datetime | None


class Waiting(Struct, kw_only=True, frozen=True):
    """The weeks, the oldest first."""

    weeks: list[WaitingWeek]
    more: bool


@question(label="Weeks to approve")
async def weeks_to_approve(ctx: Context, ask: WaitingAsk) -> Waiting:
    """Other people's weeks that you may decide on, with missing days, overtime and free days."""
    noun = ctx.registry.noun(scopes.SHEET)
    c = noun.table.c
    names = ("id", "version", "user_id", "week_start", "status", "note", "reason")
    columns = [*(c[name] for name in names), c.hours, c.billable_hours, c.submitted_at]
    order = (c.week_start, c.user_id) if ask.status == "submitted" else (c.week_start.desc(), c.id)
    chosen = (
        sa.select(*columns)
        .where(c.status == ask.status, c.user_id != (ctx.me.id or 0), *visible(ctx, noun))
        .order_by(*order)
        .limit(MOST + 1)
    )
    rows = decoded(ctx, columns, await ctx.rows(chosen))
    return Waiting(weeks=await _weeks(ctx, rows[:MOST]), more=len(rows) > MOST)


async def _plans(
    ctx: Context, rows: Sequence[Sequence[Any]]
) -> dict[tuple[int, date], Mapping[date, float]]:
    """Return what each person can work in each of their weeks, asked for week by week."""
    people: dict[date, set[int]] = {}
    for row in rows:
        people.setdefault(row[3], set()).add(row[2])
    return {
        (who, week): plan
        for week, those in people.items()
        for who, plan in (await availability(ctx, those, week, week + timedelta(days=6))).items()
    }


async def _weeks(ctx: Context, rows: Sequence[Sequence[Any]]) -> list[WaitingWeek]:
    if not rows:
        return []
    names = await scopes.names_of(ctx, {row[2] for row in rows})
    logged = await scopes.days_in(ctx, [row[0] for row in rows])
    plans = await _plans(ctx, rows)
    found = []
    for number, version, who, week, status, note, reason, hours, paid, handed in rows:
        days = scopes.week_span(week)
        plan = plans[who, week]
        own = {day: logged.get((number, day), 0) for day in days}
        found.append(
            WaitingWeek(
                id=number,
                version=version,
                user_id=who,
                name=names.get(who, ""),
                week_start=week,
                status=status,
                note=note,
                reason=reason,
                minutes=rules.minutes_of(hours),
                billable_minutes=rules.minutes_of(paid),
                planned_minutes=round(sum(plan.values()) * 60),
                days=[(day, own[day], round(plan[day] * 60)) for day in days],
                signs=rules.signs(own, plan, ctx.today),
                submitted_at=handed,
            )
        )
    return found
