"""What time adds up to: by person, project, task, issue, kind of work and customer."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import invalid
from mainstay.modules.projects.api import near, visible
from mainstay.modules.timesheets import rules, scopes
from mainstay.modules.timesheets.actions.rates import COST, PAY
from mainstay.modules.timesheets.questions.adding import billed_entries, total
from mainstay.modules.timesheets.questions.naming import named

By = Literal["person", "project", "task", "issue", "type", "customer"]
MOST = 500
COLUMNS: dict[str, tuple[str, ...]] = {
    "person": ("user_id",),
    "project": ("project_id",),
    "task": ("task_id",),
    "issue": ("issue_id",),
    "type": ("type",),
    "customer": ("contact_id", "unit_id"),
}
# Minutes times hundredths of an hour's rate, in a unit of the currency.
WHOLE = Decimal(6_000)


class ReportAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which time, and by what it is grouped."""

    first: Annotated[date, Meta(description="From this day")]
    last: Annotated[date, Meta(description="To this day")]
    by: Annotated[By, Meta(description="What the groups are")] = "project"
    then: Annotated[By | None, Meta(description="What each group is divided by")] = None
    project_id: Annotated[int | None, Meta(description="Only of this project")] = None
    user_id: Annotated[int | None, Meta(description="Only of this person")] = None
    billable: Annotated[
        bool | None, Meta(description="Only what the customer pays for, or only the rest")
    ] = None


class Part(Struct, kw_only=True, frozen=True):
    """One thing that a group is of; what may not be seen has no title."""

    by: By
    id: int | None
    value: str
    title: str


class Amount(Struct, kw_only=True, frozen=True):
    """What billed hours bring and, for those who may see it, what all hours cost."""

    currency: str
    amount: Decimal
    cost: Decimal | None


class Group(Struct, kw_only=True, frozen=True):
    """The sums of one group."""

    parts: list[Part]
    hours: Decimal
    billable_hours: Decimal
    billed_hours: Decimal
    billable_share: float | None
    entries: int
    amounts: list[Amount] | None
    href: str


class TimeReport(Struct, kw_only=True, frozen=True):
    """The groups with the most hours first, and the sums of all time that was asked for."""

    first: date
    last: date
    by: By
    then: By | None
    groups: list[Group]
    total: Group
    more: bool
    hours_without_rate: Decimal | None
    hours_without_cost: Decimal | None


@question(label="Time report")
async def time_report(ctx: Context, ask: ReportAsk) -> TimeReport:
    """Hours, billed hours and, with the right to see pay, amounts, by one or two things."""
    return await whole_report(ctx, ask, MOST)


async def whole_report(ctx: Context, ask: ReportAsk, most: int | None = None) -> TimeReport:
    """Return a report with all of its groups, or the first so many."""
    near(first=ask.first, last=ask.last)
    if ask.last < ask.first:
        raise invalid("last", "must not be before the first day")
    if ask.then == ask.by:
        raise invalid("then", "must be something else than the groups are of")
    levels: list[By] = [ask.by, ask.then] if ask.then else [ask.by]
    rows = await _sums(ctx, ask, levels)
    pay, cost = ctx.can(PAY), ctx.can(COST)
    merged = _merged(rows, levels)
    titles = await _titles(ctx, levels, merged)
    groups = [
        _group(ask, levels, key, found, titles, pay=pay, cost=cost) for key, found in merged.items()
    ]
    groups.sort(key=lambda one: (-one.hours, [part.title for part in one.parts]))
    every = [row for found in merged.values() for row in found]
    return TimeReport(
        first=ask.first,
        last=ask.last,
        by=ask.by,
        then=ask.then,
        groups=groups[:most],
        total=_group(ask, [], (), every, {}, pay=pay, cost=cost),
        more=most is not None and len(groups) > most,
        hours_without_rate=rules.hours_of(sum(row[7] for row in every)) if pay else None,
        hours_without_cost=rules.hours_of(sum(row[8] for row in every)) if pay and cost else None,
    )


Key = tuple[tuple[int | str | None, ...], ...]
Sums = tuple[str, int, int, int, int, int, int, int, int]


async def _sums(ctx: Context, ask: ReportAsk, levels: Sequence[By]) -> Sequence[Any]:
    """Add up in one statement, by what is asked for and by currency."""
    noun = ctx.registry.noun(scopes.ENTRY)
    e = noun.table.c
    only: list[Any] = [e.date >= ask.first, e.date <= ask.last, *visible(ctx, noun)]
    if ask.project_id is not None:
        only.append(e.project_id == ask.project_id)
    if ask.user_id is not None:
        only.append(e.user_id == ask.user_id)
    if ask.billable is not None:
        only.append(e.billable == (sa.true() if ask.billable else sa.false()))
    b = (await billed_entries(ctx, only)).c
    keys = [b[name] for level in levels for name in COLUMNS[level]]
    sums = [
        total(b.minutes),
        total(b.billable),
        total(b.billed),
        total(b.billed * sa.func.coalesce(b.rate, 0)),
        total(b.minutes * sa.func.coalesce(b.cost, 0)),
        sa.func.count(),
        total(sa.case((b.rate.is_(None), b.billed), else_=0)),
        total(sa.case((b.cost.is_(None), b.minutes), else_=0)),
    ]
    groups = [*keys, b.currency]
    return await ctx.rows(sa.select(*keys, b.currency, *sums).group_by(*groups))


def _merged(rows: Sequence[Any], levels: Sequence[By]) -> dict[Key, list[Sums]]:
    """Put the currencies of a group together; a customer is a contact, or else a unit."""
    found: dict[Key, list[Sums]] = {}
    for row in rows:
        at, key = 0, []
        for level in levels:
            width = len(COLUMNS[level])
            values = tuple(row[at : at + width])
            if level == "customer" and values[0] is not None:
                values = (values[0], None)
            key.append(values)
            at += width
        sums: Any = (row[at], *(int(one) for one in row[at + 1 :]))
        found.setdefault(tuple(key), []).append(sums)
    return found


Titles = dict[tuple[str, Any], str]


async def _titles(ctx: Context, levels: Sequence[By], keys: dict[Key, Any]) -> Titles:
    """Return how the things are called that groups are of, in one statement for each kind."""
    found: Titles = {}
    for place, level in enumerate(levels):
        values = {key[place] for key in keys}
        ids = {int(one[0]) for one in values if isinstance(one[0], int)}
        if level == "person":
            found |= {(level, n): name for n, name in (await scopes.names_of(ctx, ids)).items()}
        elif level == "customer":
            units = {one[1] for one in values if isinstance(one[1], int)}
            found |= {("contact", n): t for n, t in (await scopes.names_of(ctx, ids)).items()}
            found |= {("unit", n): t for n, t in (await _units(ctx, units)).items()}
        elif level != "type":
            what = {"project": "p", "task": "t", "issue": "i"}[level]
            for number, name in (await named(ctx, what, ids)).items():
                found[level, number] = f"{name.code} {name.title}".strip()
    return found


async def _units(ctx: Context, ids: set[Any]) -> dict[int, str]:
    c = ctx.registry.tables["identity.organisation_unit"].c
    rows = await ctx.rows(sa.select(c.id, c.name).where(c.id.in_(sorted(ids)))) if ids else []
    return {row[0]: row[1] for row in rows}


def _group(
    ask: ReportAsk,
    levels: Sequence[By],
    key: Key,
    found: Sequence[Sums],
    titles: Titles,
    *,
    pay: bool,
    cost: bool,
) -> Group:
    parts = [_part(level, values, titles) for level, values in zip(levels, key, strict=True)]
    hours = rules.hours_of(sum(row[1] for row in found))
    billable = rules.hours_of(sum(row[2] for row in found))
    billed = rules.hours_of(sum(row[3] for row in found))
    money: dict[str, list[Decimal]] = {}
    for row in found:
        both = money.setdefault(row[0], [Decimal(0), Decimal(0)])
        both[0] += Decimal(row[4]) / WHOLE
        both[1] += Decimal(row[5]) / WHOLE
    amounts = [
        Amount(currency=one, amount=_cents(both[0]), cost=_cents(both[1]) if cost else None)
        for one, both in sorted(money.items())
        if any(both) or len(money) == 1
    ]
    return Group(
        parts=parts,
        hours=hours,
        billable_hours=billable,
        billed_hours=billed,
        billable_share=rules.share(billable, hours),
        entries=sum(row[6] for row in found),
        amounts=amounts if pay else None,
        href=_href(ask, parts),
    )


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(rules.CENT, "ROUND_HALF_UP")


def _part(level: By, values: tuple[Any, ...], titles: Titles) -> Part:
    first = values[0]
    if level == "type":
        return Part(by=level, id=None, value=str(first), title=str(first))
    if level == "customer":
        kind, number = ("contact", first) if first is not None else ("unit", values[1])
        title = titles.get((kind, number), "")
        return Part(by=level, id=number, value=kind if number is not None else "", title=title)
    return Part(by=level, id=first, value="", title=titles.get((level, first), ""))


def _href(ask: ReportAsk, parts: Sequence[Part]) -> str:
    """Return the address of the list of the entries that were added up."""
    given: dict[str, Any] = {"date__gte": ask.first, "date__lte": ask.last}
    if ask.project_id is not None:
        given["project_id"] = ask.project_id
    if ask.user_id is not None:
        given["user_id"] = ask.user_id
    if ask.billable is not None:
        given["billable"] = "true" if ask.billable else "false"
    fields = {"person": "user_id", "project": "project_id", "task": "task_id", "issue": "issue_id"}
    for part in parts:
        if part.by == "type":
            given["type"] = part.value
        elif part.by == "customer":
            given |= _of_customer(part)
        elif part.id is None:
            given[f"{fields[part.by]}__isnull"] = "true"
        else:
            given[fields[part.by]] = part.id
    return "/projects/time_entries?" + urlencode(given)


def _of_customer(part: Part) -> dict[str, Any]:
    """Return the conditions that choose one customer's projects: a contact's, or else a unit's."""
    if part.value == "contact":
        return {"project.client_contact_id": part.id}
    unit = {"project.entity_id": part.id} if part.id else {"project.entity_id__isnull": "true"}
    return {"project.client_contact_id__isnull": "true", **unit}


class PersonAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose hours, and of which days."""

    first: Annotated[date, Meta(description="From this day")]
    last: Annotated[date, Meta(description="To this day")]
    user_id: Annotated[int | None, Meta(description="Whose; your own when left out")] = None


class PersonHours(Struct, kw_only=True, frozen=True):
    """The hours of one person in a period."""

    user_id: int
    hours: Decimal
    billable_hours: Decimal
    entries: int


@question(label="Hours of a person")
async def person_hours(ctx: Context, ask: PersonAsk) -> PersonHours:
    """Total and billable hours of a person: the entries that lie wholly inside the period."""
    person = ask.user_id or ctx.me.id
    if person is None:
        raise invalid("user_id", "must say whose hours")
    near(first=ask.first, last=ask.last)
    if ask.last < ask.first:
        raise invalid("last", "must not be before the first day")
    noun = ctx.registry.noun(scopes.ENTRY)
    c = noun.table.c
    zone = ZoneInfo(ctx.me.zone)
    begin = datetime.combine(ask.first, time(), zone).astimezone(UTC)
    end = datetime.combine(ask.last + timedelta(days=1), time(), zone).astimezone(UTC)
    inside = [
        c.user_id == person,
        c.date >= ask.first,
        c.date <= ask.last,
        sa.or_(c.started_at.is_(None), c.started_at >= begin),
        sa.or_(c.ended_at.is_(None), c.ended_at <= end),
        *visible(ctx, noun),
    ]
    minutes = scopes.minutes_in(ctx, c.hours)
    paid = sa.case((c.billable == sa.true(), minutes), else_=0)
    chosen = sa.select(total(minutes), total(paid), sa.func.count()).where(*inside)
    ((every, billable, entries),) = await ctx.rows(chosen)
    return PersonHours(
        user_id=person,
        hours=rules.hours_of(int(every)),
        billable_hours=rules.hours_of(int(billable)),
        entries=entries,
    )
