"""What a project earns, costs and leaves, from its time, its rates and its amounts."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import msgspec
import sqlalchemy as sa
from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import NotFound
from mainstay.kernel.scope import require
from mainstay.modules.projects.api import Project, decoded, visible
from mainstay.modules.timesheets import rules, scopes
from mainstay.modules.timesheets.actions.rates import COST, PAY
from mainstay.modules.timesheets.questions.adding import billed_entries, total

PROJECT_PAY = "projects.project.read_pay"
FIELDS = (
    "id",
    "currency",
    "billing_type",
    "total_amount",
    "sale_price",
    "monthly_recurring_amount",
    "monthly_recurring_date",
    "start_date",
    "actual_start",
    "end_date",
    "actual_end",
    "budget",
    "actual_cost",
    "progress",
)


class ProfitAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which project."""

    project_id: Annotated[int, Meta(description="The project")]


class Cost(Struct, kw_only=True, frozen=True):
    """What one person's time on the project brings and costs."""

    user_id: int
    name: str
    hours: Decimal
    billed_hours: Decimal
    amount: Decimal
    cost: Decimal | None


class Profitability(Struct, kw_only=True, frozen=True):
    """A project's revenue, cost, margin and forecast, all in its own currency.

    `hours_without_cost` and `hours_without_rate` are not in the sums; rates in other currencies
    are never mixed in, their names are listed. Without the right to see what people cost, all that
    cost could be worked out from is left out, and `shows_cost` is false.
    """

    project_id: int
    currency: str
    as_of: date
    books: rules.Books
    profit: rules.Profit
    shows_cost: bool
    hours_without_cost: Decimal
    hours_without_rate: Decimal
    other_currencies: list[str]
    people: list[Cost]


@question(label="Profitability", slow=True)
async def profitability(ctx: Context, ask: ProfitAsk) -> Profitability:
    """What a project earns, costs and leaves, now and when it is done."""
    require(ctx.me, PROJECT_PAY)
    require(ctx.me, PAY)
    noun = ctx.registry.noun(Project)
    columns = [noun.table.c[name] for name in FIELDS]
    chosen = sa.select(*columns).where(noun.table.c.id == ask.project_id, *visible(ctx, noun))
    found = decoded(ctx, columns, await ctx.rows(chosen))
    if not found:
        raise NotFound(f"There is no project {ask.project_id}, or you may not see it.")
    project = dict(zip(FIELDS, found[0], strict=True))
    people, missing = await _people(ctx, ask.project_id)
    books = _books(project, people, ctx.today)
    profit, shows_cost = rules.profit(books), ctx.can(COST)
    if not shows_cost:
        books, profit = rules.without_cost(books, profit)
        people = [msgspec.structs.replace(one, cost=None) for one in people]
    return Profitability(
        project_id=ask.project_id,
        currency=project["currency"],
        as_of=ctx.today,
        books=books,
        profit=profit,
        shows_cost=shows_cost,
        hours_without_cost=missing[0] if shows_cost else Decimal(0),
        hours_without_rate=missing[1],
        other_currencies=await _others(ctx, project, [one.user_id for one in people]),
        people=people,
    )


async def _people(ctx: Context, project_id: int) -> tuple[list[Cost], tuple[Decimal, Decimal]]:
    """Return the sums of each person's time, and the hours that have no cost or no rate."""
    e = ctx.registry.tables[scopes.ENTRY].c
    b = (await billed_entries(ctx, [e.project_id == project_id, e.deleted_at.is_(None)])).c
    rows = await ctx.rows(
        sa.select(
            b.user_id,
            total(b.minutes),
            total(b.billed),
            total(b.billed * sa.func.coalesce(b.rate, 0)),
            total(b.minutes * sa.func.coalesce(b.cost, 0)),
            total(sa.case((b.cost.is_(None), b.minutes), else_=0)),
            total(sa.case((b.rate.is_(None), b.billed), else_=0)),
        ).group_by(b.user_id)
    )
    names = await scopes.names_of(ctx, [row[0] for row in rows])
    people = [
        Cost(
            user_id=row[0],
            name=names.get(row[0], ""),
            hours=rules.hours_of(int(row[1])),
            billed_hours=rules.hours_of(int(row[2])),
            amount=_cents(row[3]),
            cost=_cents(row[4]),
        )
        for row in rows
    ]
    people.sort(key=lambda one: (-one.hours, one.name))
    lost = sum((int(row[5]) for row in rows), 0), sum((int(row[6]) for row in rows), 0)
    return people, (rules.hours_of(lost[0]), rules.hours_of(lost[1]))


def _cents(value: Any) -> Decimal:
    return (Decimal(int(value)) / 6_000).quantize(rules.CENT, "ROUND_HALF_UP")


def _books(project: dict[str, Any], people: list[Cost], today: date) -> rules.Books:
    start = project["actual_start"] or project["start_date"]
    end = project["actual_end"] or project["end_date"]
    upto = min(today, project["actual_end"] or today)
    day = project["monthly_recurring_date"] or 1
    monthly = project["billing_type"] == "retainer" and start is not None
    return rules.Books(
        billing_type=project["billing_type"],
        total_amount=project["total_amount"],
        sale_price=project["sale_price"],
        monthly=project["monthly_recurring_amount"],
        months_passed=rules.months_due(start, upto, day) if monthly else 0,
        months_in_all=rules.months_due(start, end, day) if monthly and end else None,
        budget=project["budget"],
        actual_cost=project["actual_cost"],
        progress=project["progress"],
        hours=sum((one.hours for one in people), Decimal(0)),
        billed_hours=sum((one.billed_hours for one in people), Decimal(0)),
        billed_amount=sum((one.amount for one in people), Decimal(0)),
        time_cost=sum((one.cost or Decimal(0) for one in people), Decimal(0)),
    )


async def _others(ctx: Context, project: dict[str, Any], people: list[int]) -> list[str]:
    """Return the names of rates that might count here and are in another currency."""
    c = ctx.registry.tables["timesheets.hourly_rate"].c
    mine = sa.or_(c.project_id == project["id"], c.project_id.is_(None))
    theirs = sa.or_(c.user_id.is_(None), c.user_id.in_(people))
    chosen = sa.select(c.name, c.currency).where(
        mine, theirs, c.currency != project["currency"], c.deleted_at.is_(None)
    )
    rows = await ctx.rows(chosen.order_by(c.name).limit(20))
    return [f"{row[0]} ({row[1]})" for row in rows]
