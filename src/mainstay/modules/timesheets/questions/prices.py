"""What pricing a span of time anew would change, before it is done."""

from decimal import Decimal

from msgspec import Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.scope import require
from mainstay.modules.projects.api import price_of
from mainstay.modules.timesheets import rules
from mainstay.modules.timesheets.actions.rates import (
    COST,
    PAY,
    Line,
    Span,
    entries_in,
    priced,
    unlocked,
)

SHOWN = 200


class Repricing(Struct, kw_only=True, frozen=True):
    """What would change: the entries, and how many are locked and stay as they are."""

    changed: int
    locked: int
    entries: int
    hours: Decimal
    lines: list[Line]


@question(label="Pricing anew", grant="read")
async def repricing(ctx: Context, ask: Span) -> Repricing:
    """Which entries of a span would have other rates by the rules as they are now."""
    require(ctx.me, PAY)
    require(ctx.me, COST)
    require(ctx.me, "timesheets.hourly_rate.reprice")
    found = await entries_in(ctx, ask)
    free, locked = await unlocked(ctx, found)
    changed = await priced(ctx, free)
    lines = []
    for entry, billing, cost in changed[:SHOWN]:
        own = await price_of(ctx, entry.project_id or 0)
        lines.append(
            Line(
                entry_id=entry.id,
                user_id=entry.user_id or 0,
                project_id=entry.project_id or 0,
                date=entry.date or ctx.today,
                hours=entry.hours,
                currency=own.currency,
                billing_before=entry.hourly_rate,
                billing_after=billing,
                cost_before=entry.cost_rate,
                cost_after=cost,
            )
        )
    hours = rules.hours_of(sum(rules.minutes_of(entry.hours) for entry, _, _ in changed))
    return Repricing(
        changed=len(changed), locked=locked, entries=len(found), hours=hours, lines=lines
    )
