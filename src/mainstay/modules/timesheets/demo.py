"""The demo company's time: four past weeks, most of them approved, and what hours cost."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.modules.planning.api import availability
from mainstay.modules.projects.api import TimeEntry, rate_on
from mainstay.modules.timesheets import rules, scopes
from mainstay.modules.timesheets.entities import HourlyRate, TimePolicy, Timesheet

DOMAIN = "helionord.example"
WEEKS = 4
MOST = 5000
QUARTER = Decimal("0.25")

# name | person | what an hour brings on all projects | kind of work
RATES = """
Everybody's usual hour||85|
Training||70|training
Kwame, heat pump engineer|Kwame|110|
Priya, senior developer|Priya|105|
Tomasz, master electrician|Tomasz|98|
"""

# What fills a day beside the tasks: kind of work, words, whether the customer pays.
BESIDES = (
    ("other", "Driving, loading and clearing up", True),
    ("documentation", "Photos and protocol of the day", True),
    ("support", "Calls with the customer", True),
    ("other", "On site as ordered", True),
)


async def demo(ctx: Context) -> None:
    """Give the demo company rates, a rounding rule, four weeks of time and their approval."""
    rate = ctx.registry.tables["timesheets.hourly_rate"].c
    if await ctx.rows(sa.select(rate.id).where(rate.name == "Everybody's usual hour").limit(1)):
        return
    people = await _people(ctx)
    places = await _places(ctx, people.values())
    if not places:
        return
    await _rates(ctx, people)
    first = rules.monday(ctx.today) - WEEKS * rules.WEEK
    await _fill(ctx, people, places, first)
    await _price(ctx)
    # What was logged so far settles while its weeks are open; then they are handed in.
    await ctx.settle()
    await _hand_in(ctx, people, first)


async def _people(ctx: Context) -> dict[str, int]:
    """Return the demo company's people by first name."""
    c = ctx.registry.tables["identity.user"].c
    if "first_name" not in c:
        return {}
    chosen = sa.select(c.first_name, c.id).where(c.email.endswith(f"@{DOMAIN}", autoescape=True))
    return {row[0]: row[1] for row in await ctx.rows(chosen.order_by(c.id))}


async def _places(ctx: Context, people: Any) -> dict[int, list[int]]:
    """Return the running projects that each of these people works on."""
    p = ctx.registry.tables["projects.project"].c
    m = ctx.registry.tables["projects.project_member"].c
    chosen = (
        sa.select(m.user_id, m.project_id)
        .join(p.id.table, p.id == m.project_id)
        .where(
            m.user_id.in_(list(people)),
            m.role.in_(("owner", "admin", "member")),
            p.status == "active",
            p.currency == "EUR",
            m.deleted_at.is_(None),
            p.deleted_at.is_(None),
        )
        .order_by(m.user_id, m.project_id)
    )
    found: dict[int, list[int]] = {}
    for who, where in await ctx.rows(chosen):
        found.setdefault(who, []).append(where)
    return found


async def _rates(ctx: Context, people: Mapping[str, int]) -> None:
    for line in RATES.strip().splitlines():
        name, person, amount, kind = line.split("|")
        values: dict[str, Any] = {"type": kind or None, "user_id": people.get(person)}
        rate = HourlyRate(name=name, billing_rate=Decimal(amount), currency="EUR", **values)
        await ctx.create(rate)
    await ctx.create(TimePolicy(name="As agreed with customers", round_to=15, rounding="up"))


async def _fill(
    ctx: Context, people: Mapping[str, int], places: Mapping[int, Sequence[int]], first: date
) -> None:
    """Fill the days of the past weeks up to what people can work, beside what is there."""
    last = rules.monday(ctx.today) - timedelta(days=1)
    ids = list(people.values())
    plans = await availability(ctx, ids, first, last)
    logged = await scopes.days_logged(ctx, ids, first, last)
    made: list[TimeEntry] = []
    for turn, who in enumerate(ids):
        for day, hours in plans[who].items():
            there = Decimal(logged.get((who, day), 0)) / 60
            left = (Decimal(str(hours)) - there).quantize(QUARTER)
            forgets = turn % 5 == 3 and day == first + timedelta(days=24)
            if who in places and left > 0 and not forgets:
                made += _day(who, places[who], day, left, turn + day.toordinal())
    await ctx.create_many(made)


def _day(
    who: int, places: Sequence[int], day: date, left: Decimal, turn: int
) -> Iterator[TimeEntry]:
    """Yield what somebody did on a day beside their tasks, until it is full."""
    where = places[turn % len(places)]
    if day.weekday() in (0, 3):
        spent = min(left, Decimal("0.75"))
        yield _entry(who, where, day, spent, ("meeting", "Team round", False))
        left -= spent
    if left > 0:
        yield _entry(who, places[0], day, left, BESIDES[who % len(BESIDES)])


def _entry(
    who: int, where: int, day: date, hours: Decimal, said: tuple[str, str, bool]
) -> TimeEntry:
    values: dict[str, Any] = {"type": said[0], "description": said[1], "billable": said[2]}
    return TimeEntry(project_id=where, user_id=who, date=day, hours=hours, **values)


async def _price(ctx: Context) -> None:
    """Give every entry of the demo company what its hour brings and costs."""
    user = ctx.registry.tables["identity.user"].c
    mine = sa.select(user.id).where(user.email.endswith(f"@{DOMAIN}", autoescape=True))
    known = {row[0] for row in await ctx.rows(mine)}
    for entry in await ctx.all(TimeEntry, anywhere=True, limit=MOST):
        if entry.user_id not in known or entry.date is None:
            continue
        billing, cost = await rate_on(
            ctx, entry.user_id or 0, entry.project_id or 0, entry.type, entry.date
        )
        entry.hourly_rate = billing if entry.hourly_rate is None else entry.hourly_rate
        entry.cost_rate = cost
    await ctx.flush("create")


async def _hand_in(ctx: Context, people: Mapping[str, int], first: date) -> None:
    """Hand the weeks in: older ones are approved, the last one waits, one was sent back."""
    managers = await _managers(ctx, people.values())
    sheets: list[Timesheet] = []
    for turn, (name, who) in enumerate(people.items()):
        boss = managers.get(who)
        if boss is None:
            continue
        for week in range(WEEKS):
            start = first + week * rules.WEEK
            sheet = Timesheet(user_id=who, week_start=start)
            sheet.submitted_at = ctx.now - timedelta(days=(WEEKS - week) * 7 - 4)
            sheet.status = "approved" if week < WEEKS - 1 else "submitted"
            if week == WEEKS - 1 and turn % 3 == 1:
                continue
            if week == WEEKS - 1 and name == "Daniel":
                sheet.status, sheet.reason = "rejected", "Friday is missing. Were you on site?"
            if sheet.status != "submitted":
                sheet.decided_by, sheet.decided_at = boss, sheet.submitted_at
            if sheet.status == "submitted" and name == "Lars":
                sheet.note = "Longer days because of the scaffold."
            sheets.append(sheet)
    await ctx.create_many(sheets)


async def _managers(ctx: Context, people: Any) -> dict[int, int]:
    c = ctx.registry.tables["identity.user"].c
    chosen = sa.select(c.id, c.manager_id).where(c.id.in_(list(people)), c.manager_id.is_not(None))
    return {row[0]: row[1] for row in await ctx.rows(chosen)}
