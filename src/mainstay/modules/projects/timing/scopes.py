"""What prices and sums of time look up, whoever asks; nothing of it is shown from here."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.kernel.fields import Stored
from mainstay.kernel.storage.base import Row
from mainstay.modules.projects.scopes import ID, answer
from mainstay.modules.projects.timing.rules import Hour, RateRule, rate

RATES = "timesheets.hourly_rate"
RULE = (
    "id",
    "user_id",
    "project_id",
    "type",
    "billing_rate",
    "cost_rate",
    "currency",
    "valid_from",
    "valid_until",
)


def _read(ctx: Context, columns: Collection[Any], row: Row) -> list[Any]:
    engine = ctx.connection.engine.name
    kinds = [column.type for column in columns]
    codecs = [kind.kind.from_db(engine) if isinstance(kind, Stored) else None for kind in kinds]
    return [
        codec(value) if codec and value is not None else value
        for codec, value in zip(codecs, row, strict=True)
    ]


async def rules_about(ctx: Context, user_id: int, project_id: int) -> list[RateRule]:
    """Return the rates that may count for a person in a project.

    The first pair of a unit of work is asked for alone; with the second one every rule is read,
    so that the number of statements does not depend on how many entries are written.
    """
    if RATES not in ctx.registry.tables:
        return []
    known: dict[Any, list[RateRule]] = ctx.notes.setdefault("projects.rates", {})
    if "all" in known:
        return known["all"]
    pair = (user_id, project_id)
    if pair not in known:
        known["all" if known else pair] = found = await _rules(ctx, pair if not known else None)
        return found
    return known[pair]


async def _rules(ctx: Context, pair: tuple[int, int] | None) -> list[RateRule]:
    c = ctx.registry.tables[RATES].c
    columns = [c[name] for name in RULE]

    def build() -> sa.Select[Any]:
        """Read the live rules: those of everybody and everywhere, and those of the pair."""
        chosen = sa.select(*columns).where(c.deleted_at.is_(None)).order_by(c.id)
        if pair is None:
            return chosen
        person, project = sa.bindparam("person", type_=ID), sa.bindparam("project", type_=ID)
        return chosen.where(
            sa.or_(c.user_id.is_(None), c.user_id == person),
            sa.or_(c.project_id.is_(None), c.project_id == project),
        )

    bound = {} if pair is None else {"person": pair[0], "project": pair[1]}
    found = await answer(ctx, f"rate rules {len(bound)}", build, **bound)
    return [RateRule(*_read(ctx, columns, row)) for row in found]


async def price_of(ctx: Context, project_id: int) -> RateRule:
    """Return what an hour costs by a project itself; its currency is that of all its time."""
    return await _own_rate(ctx, "projects.project", project_id)


async def cost_of(ctx: Context, user_id: int) -> RateRule:
    """Return what an hour of a person costs by their own record."""
    if "hourly_rate" not in ctx.registry.tables["identity.user"].c:
        return RateRule(0)
    return await _own_rate(ctx, "identity.user", user_id)


async def _own_rate(ctx: Context, key: str, record_id: int) -> RateRule:
    """Return the rate that a project or a person has itself; with the second one all are read."""
    known: dict[int, RateRule] = ctx.notes.setdefault(f"projects.own_rates:{key}", {})
    if record_id in known:
        return known[record_id]
    c = ctx.registry.tables[key].c
    single = not known

    def build() -> sa.Select[Any]:
        """Read without locking."""
        chosen = sa.select(c.id, c.hourly_rate, c.currency)
        return chosen.where(c.id == sa.bindparam("record", type_=ID)) if single else chosen

    bound = {"record": record_id} if single else {}
    for row in await answer(ctx, f"own rate {key} {single}", build, **bound):
        number, amount, currency = _read(ctx, (c.id, c.hourly_rate, c.currency), row)
        if key == "projects.project":
            rule = RateRule(0, project_id=number, billing_rate=amount, currency=currency)
        else:
            rule = RateRule(0, user_id=number, cost_rate=amount, currency=currency)
        known[number] = rule
    return known.setdefault(record_id, RateRule(0))


async def project_of_issue(ctx: Context, issue_id: int) -> int | None:
    """Return the project of an issue that the caller has met already."""
    known: dict[int, int | None] = ctx.notes.setdefault("projects.issues", {})
    if issue_id not in known:
        c = ctx.registry.tables["issues.issue"].c

        def build() -> sa.Select[Any]:
            """Read one issue, without locking it."""
            return sa.select(c.project_id).where(c.id == sa.bindparam("issue", type_=ID))

        found = await answer(ctx, "project of issue", build, issue=issue_id)
        known[issue_id] = found[0][0] if found else None
    return known[issue_id]


async def timers_of(ctx: Context, people: Collection[int]) -> dict[int, int]:
    """Return how many timers each of these people has running."""
    c = ctx.registry.tables["projects.time_entry"].c

    def build() -> sa.Select[Any]:
        """Count along the index on person and end."""
        runs = sa.and_(c.started_at.is_not(None), c.ended_at.is_(None), c.hours == 0)
        mine = sa.and_(ctx.reader.compiler.among(c.user_id, "people"), c.deleted_at.is_(None))
        return sa.select(c.user_id, sa.func.count()).where(mine, runs).group_by(c.user_id)

    found = await answer(ctx, "timers of", build, people=ctx.listed(sorted(people)))
    return {row[0]: row[1] for row in found}


async def zone_of(ctx: Context, user_id: int) -> str:
    """Return the time zone of a person; with the second one that is asked for all are read."""
    if user_id == ctx.me.id:
        return ctx.me.zone
    known: dict[int, str] = ctx.notes.setdefault("projects.zones", {})
    if user_id in known:
        return known[user_id]
    c = ctx.registry.tables["identity.user"].c
    if "timezone" not in c:
        return ctx.me.zone
    single = not known

    def build() -> sa.Select[Any]:
        """Read without locking."""
        chosen = sa.select(c.id, c.timezone)
        return chosen.where(c.id == sa.bindparam("record", type_=ID)) if single else chosen

    bound = {"record": user_id} if single else {}
    known |= {row[0]: row[1] for row in await answer(ctx, f"zone of {single}", build, **bound)}
    return known.setdefault(user_id, ctx.me.zone)


async def hours_by_task(ctx: Context, tasks: Collection[int]) -> dict[int, Decimal]:
    """Return the sum of each task's live time entries, in hours."""
    c = ctx.registry.tables["projects.time_entry"].c

    def build() -> sa.Select[Any]:
        """Add up in the database, exactly."""
        chosen = sa.select(c.task_id, sa.func.sum(c.hours)).where(
            ctx.reader.compiler.among(c.task_id, "tasks"), c.deleted_at.is_(None)
        )
        return chosen.group_by(c.task_id)

    found = await answer(ctx, "hours by task", build, tasks=ctx.listed(sorted(tasks)))
    return {row[0]: _read(ctx, (c.hours,), row[1:])[0] for row in found}


async def rate_on(
    ctx: Context, user_id: int, project_id: int, kind: str, day: date
) -> tuple[Decimal | None, Decimal | None]:
    """Return what an hour costs the customer and the company by the rates that count that day."""
    own = await price_of(ctx, project_id)
    found = await rules_about(ctx, user_id, project_id)
    every = [own, await cost_of(ctx, user_id), *found]
    hour = Hour(user_id, project_id, kind, day, own.currency)
    return rate(every, hour, "billing_rate"), rate(every, hour, "cost_rate")
