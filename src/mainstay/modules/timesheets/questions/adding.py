"""How time is added up in the database: in whole minutes, and rounded as its policy says."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.kernel.storage.base import execute, prepare
from mainstay.modules.timesheets import rules, scopes

BIG = sa.BigInteger()


def rounded(minutes: Any, step: Any, way: Any) -> Any:
    """Return `rules.rounded` in SQL."""
    add = sa.case((way == "up", step - 1), (way == "nearest", step // 2), else_=0)
    whole = (minutes + add) // sa.func.nullif(step, 0, type_=BIG) * step
    return sa.case((step == 0, minutes), else_=whole)


async def billed_entries(ctx: Context, conditions: Sequence[sa.ColumnElement[bool]]) -> sa.Subquery:
    """Return the entries that meet the conditions, each with its minutes and its billed minutes.

    What was approved bills as it did then. A day that is rounded as a whole must be whole:
    conditions may name people, projects and days, no less.
    """
    tables = ctx.registry.tables
    e, p = tables[scopes.ENTRY].c, tables["projects.project"].c
    own = tables[scopes.POLICY].alias("own_policy").c
    general = (await scopes.policies(ctx)).get(None, rules.Policy())
    minutes = scopes.minutes_in(ctx, e.hours)
    step = sa.func.coalesce(own.round_to, sa.literal(general.round_to, BIG), type_=BIG)
    way = _word(own.rounding, general.rounding)
    each = _word(own.round_each, general.round_each)
    day = sa.func.sum(minutes).over(
        partition_by=(e.user_id, e.project_id, e.date, e.billable), order_by=e.id
    )
    upto = sa.cast(day, BIG)
    by_day = rounded(upto, step, way) - rounded(upto - minutes, step, way)
    billed = sa.case(
        (e.billable == sa.false(), 0),
        (e.billed_hours.is_not(None), scopes.minutes_in(ctx, e.billed_hours)),
        (each == "day", by_day),
        else_=rounded(minutes, step, way),
    )
    mine = sa.and_(own.project_id == e.project_id, own.deleted_at.is_(None))
    source = e.id.table.join(p.id.table, p.id == e.project_id).outerjoin(own.id.table, mine)
    columns = [
        e.id,
        e.user_id,
        e.project_id,
        e.task_id,
        e.issue_id,
        sa.type_coerce(e.type, sa.Text()).label("type"),
        e.date,
        minutes.label("minutes"),
        sa.case((e.billable == sa.true(), minutes), else_=0).label("billable"),
        sa.type_coerce(billed, BIG).label("billed"),
        scopes.hundredths(ctx, e.hourly_rate).label("rate"),
        scopes.hundredths(ctx, e.cost_rate).label("cost"),
        sa.type_coerce(p.currency, sa.Text()).label("currency"),
        p.client_contact_id.label("contact_id"),
        p.entity_id.label("unit_id"),
    ]
    return sa.select(*columns).select_from(source).where(*conditions).subquery("billed_entry")


def _word(column: Any, usual: str) -> Any:
    return sa.func.coalesce(sa.type_coerce(column, sa.Text()), sa.literal(usual, sa.Text()))


async def keep_billed(ctx: Context, sheets: Collection[int]) -> None:
    """Write down what the entries of approved weeks bill, and forget it where a week is open again.

    A policy that is changed later changes nothing that was approved. Kept beside the log.
    """
    e, s = ctx.registry.tables[scopes.ENTRY], ctx.registry.tables[scopes.SHEET]
    approved = sa.select(s.c.id).where(s.c.status == "approved", s.c.deleted_at.is_(None))
    ids = sorted(set(sheets))
    theirs = sa.or_(e.c.timesheet_id.is_(None), e.c.timesheet_id.not_in(approved))
    people = sa.select(s.c.user_id).where(s.c.id.in_(ids))
    await execute(
        ctx.connection,
        sa.update(e)
        .where(e.c.user_id.in_(people), theirs, e.c.billed_hours.is_not(None))
        .values(billed_hours=None),
    )
    fresh = sa.and_(
        e.c.timesheet_id.in_(approved.where(s.c.id.in_(ids))),
        e.c.billed_hours.is_(None),
        e.c.deleted_at.is_(None),
    )
    b = (await billed_entries(ctx, [fresh])).c
    found = await ctx.rows(sa.select(b.id, b.billed))
    if not found:
        return
    into = sa.bindparam("billed", type_=e.c.billed_hours.type)
    writing = (
        sa.update(e).where(e.c.id == sa.bindparam("entry", type_=BIG)).values(billed_hours=into)
    )
    ready = ctx.reader.shape(
        ("timesheets", "billed"), lambda: prepare(ctx.connection.engine, writing)
    )
    values = ({"entry": row[0], "billed": rules.hours_of(int(row[1]))} for row in found)
    await ctx.connection.many(ready.sql, [ready.bind(one) for one in values])


def total(column: Any) -> Any:
    """Return the sum of whole numbers, as a whole number."""
    return sa.cast(sa.func.coalesce(sa.func.sum(column), 0), sa.Numeric(38, 0))
