"""What can be done with rates and policies: check them, and price a span of time anew."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, Invalid, invalid
from mainstay.modules.projects.api import TimeEntry, near, price_of, rate_on
from mainstay.modules.timesheets import rules, scopes
from mainstay.modules.timesheets.entities import HourlyRate, TimePolicy

MOST = 5000
PAY, COST = "projects.time_entry.read_pay", "projects.time_entry.read_cost"


class Span(Struct, forbid_unknown_fields=True, kw_only=True):
    """Which entries are priced anew."""

    first: Annotated[date, Meta(description="From this day")]
    last: Annotated[date, Meta(description="To this day")]
    project_id: Annotated[int | None, Meta(description="On one project; on all if left out")] = None
    user_id: Annotated[int | None, Meta(description="Of one person; of all if left out")] = None


class Repriced(Struct, kw_only=True):
    """How many entries have other rates now, and how many were left as they are."""

    changed: int
    locked: int


class Line(Struct, kw_only=True):
    """An entry whose rates would change."""

    entry_id: int
    user_id: int
    project_id: int
    date: date
    hours: Decimal
    currency: str
    billing_before: Decimal | None
    billing_after: Decimal | None
    cost_before: Decimal | None
    cost_after: Decimal | None


# ---- rates and policies ----


async def create_rate(ctx: Context, rate: Entity) -> HourlyRate:
    """Set what an hour costs, for the people, projects, kinds of work and days that are said."""
    assert isinstance(rate, HourlyRate)
    await _check(ctx, rate)
    return await ctx.create(rate)


async def update_rate(ctx: Context, rate: Entity, _before: Entity) -> None:
    """Check a rate after an edit; entries that have their rates keep them."""
    assert isinstance(rate, HourlyRate)
    await _check(ctx, rate)


async def _check(ctx: Context, rate: HourlyRate) -> None:
    if rate.billing_rate is None and rate.cost_rate is None:
        raise invalid("billing_rate", "is required, or a cost rate is")
    if rate.valid_from and rate.valid_until and rate.valid_until < rate.valid_from:
        raise invalid("valid_until", "must not be before the first day")
    if rate.project_id is not None:
        currency = (await price_of(ctx, rate.project_id)).currency
        if currency != rate.currency:
            raise invalid("currency", f"must be {currency}, which the project is counted in")


async def create_policy(ctx: Context, policy: Entity) -> TimePolicy:
    """Say how time is rounded and approved; one policy for each project, and a general one."""
    assert isinstance(policy, TimePolicy)
    await _alone(ctx, policy)
    return await ctx.create(policy)


async def update_policy(ctx: Context, policy: Entity, _before: Entity) -> None:
    """Check a policy after an edit."""
    assert isinstance(policy, TimePolicy)
    await _alone(ctx, policy)


async def settle_policies(ctx: Context, changes: Sequence[Change]) -> None:
    """See that there is one general policy at most, whatever way another one came."""
    for change in changes:
        policy = await ctx.load(change.noun, change.record_id, anywhere=True, deleted="with")
        assert isinstance(policy, TimePolicy)
        if policy.deleted_at is None:
            await _alone(ctx, policy)
            await _none_runs(ctx, policy)


async def _none_runs(ctx: Context, policy: TimePolicy) -> None:
    """Refuse to lock days on which a timer runs: nobody could stop it any more."""
    if policy.locked_until is None:
        return
    people = await scopes.running_upto(ctx, policy.locked_until, policy.project_id)
    if people:
        names = await scopes.names_of(ctx, people)
        who = ", ".join(names.get(one, str(one)) for one in people[:5])
        raise invalid(
            "locked_until", f"must be before timers that run: those of {who} must be stopped first"
        )


async def _alone(ctx: Context, policy: TimePolicy) -> None:
    """Refuse a second general policy; the projects' own are unique by themselves."""
    if policy.project_id is not None:
        return
    await ctx.raise_number("timesheets.general", 0)
    for other in await ctx.all(TimePolicy, anywhere=True, project_id__isnull=True):
        if other.id != policy.id and other.deleted_at is None:
            raise invalid(
                "project_id", f"is required: {other.name} is the policy of all other projects"
            )


# ---- pricing anew ----


@action(label="Price time anew", icon="coin", grant="reprice", quiet=True)
async def reprice(ctx: Context, data: Span) -> Repriced:
    """Give the entries of a span the rates that count for their days now; locked ones stay."""
    for permission in (PAY, COST):
        if not ctx.can(permission):
            raise Conflict(f"Rates can only be changed with the permission {permission}.")
    found = await entries_in(ctx, data)
    weeks = {(one.user_id or 0, rules.monday(one.date or ctx.today)) for one in found}
    await scopes.hold_weeks(ctx, weeks)
    free, locked = await unlocked(ctx, found)
    for entry, billing, cost in await priced(ctx, free):
        entry.hourly_rate, entry.cost_rate = billing, cost
    before = len(ctx.changes)
    await ctx.save_all(free, "reprice")
    return Repriced(changed=len(ctx.changes) - before, locked=locked)


async def entries_in(ctx: Context, data: Span) -> list[TimeEntry]:
    """Return the entries of a span that the person may see, the oldest first."""
    near(first=data.first, last=data.last)
    if data.last < data.first:
        raise invalid("last", "must not be before the first day")
    wanted = {"project_id": data.project_id, "user_id": data.user_id}
    only: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
    found = await ctx.all(
        TimeEntry, date__gte=data.first, date__lte=data.last, sort="date", limit=MOST + 1, **only
    )
    if len(found) > MOST:
        raise Invalid(f"These are more than {MOST} entries. Take a shorter span.")
    return found


async def unlocked(ctx: Context, entries: Iterable[TimeEntry]) -> tuple[list[TimeEntry], int]:
    """Return the entries that may still be changed, and how many may not.

    Who is going to change them holds their weeks first (`scopes.hold_weeks`).
    """
    every = [one for one in entries if one.user_id and one.date]
    weeks = {(one.user_id or 0, rules.monday(one.date or ctx.today)) for one in every}
    if not weeks:
        return [], 0
    sheets = await scopes.sheets_of(ctx, weeks)
    closed = {week for week, sheet in sheets.items() if sheet.status in rules.LOCKED}
    free = []
    for one in every:
        until = await scopes.locked_until(ctx, one.project_id)
        day = one.date or ctx.today
        week = (one.user_id or 0, rules.monday(day))
        if week not in closed and not (until and day <= until):
            free.append(one)
    return free, len(every) - len(free)


async def priced(
    ctx: Context, entries: Iterable[TimeEntry]
) -> list[tuple[TimeEntry, Decimal | None, Decimal | None]]:
    """Return entries with the rates that count for their days now, where those are others."""
    found = []
    for one in entries:
        day = one.date or ctx.today
        billing, cost = await rate_on(ctx, one.user_id or 0, one.project_id or 0, one.type, day)
        billing = one.hourly_rate if billing is None else billing
        cost = one.cost_rate if cost is None else cost
        if (billing, cost) != (one.hourly_rate, one.cost_rate):
            found.append((one, billing, cost))
    return found
