"""Slows down guessing: budgets of failed attempts for accounts, addresses and known devices."""

import ipaddress
from datetime import datetime, timedelta
from math import ceil

import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel.context import Context
from mainstay.kernel.problems import Duplicate, TooMany
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.storage.base import execute
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity import rules
from mainstay.modules.identity.api import store
from mainstay.modules.identity.api.secrets import digest
from mainstay.modules.identity.entities import User

KNOWN_FOR = timedelta(days=180)


class Visit(Struct, frozen=True, kw_only=True):
    """Where an attempt to sign in comes from."""

    address: str = ""
    user_agent: str = ""
    device: str = ""

    @property
    def place(self) -> str:
        """Return the address; of IPv6 the network, since one customer has a whole one."""
        try:
            found = ipaddress.ip_address(self.address)
        except ValueError:
            return self.address
        if found.version == 4:
            return self.address
        return str(ipaddress.ip_network((found, 64), strict=False))

    @property
    def device_hash(self) -> str:
        """Return the hash of the device's cookie, or nothing when it has none."""
        return digest(self.device) if self.device else ""


class Budget(Struct, frozen=True):
    """One count of failed attempts, and what it is kept for."""

    kind: str
    key: str


class Attempt(Struct, frozen=True):
    """An attempt that is counted as failed until it succeeds."""

    budgets: tuple[Budget, ...]
    account: str


def account_key(user: User | None, login: str) -> str:
    """Return the hash that stands for an account, whether there is one or not."""
    return digest(f"account|{user.id}" if user else f"account|?{login}")


async def _budgets(ctx: Context, user: User | None, login: str, visit: Visit) -> list[Budget]:
    """Return which counts an attempt falls under; a place that signed in before has its own."""
    if user is not None:
        if visit.device and await _signed_in_from(ctx, user.id, "device_hash", visit.device_hash):
            return [Budget("device", digest(f"device|{user.id}|{visit.device_hash}"))]
        if visit.address and await _signed_in_from(ctx, user.id, "ip_address", visit.address):
            return [Budget("device", digest(f"device|{user.id}|@{visit.place}"))]
    found = [Budget("account", account_key(user, login))]
    if visit.place:
        found.append(Budget("address", digest(f"address|{visit.place}")))
    return found


async def _signed_in_from(ctx: Context, user_id: int, column: str, value: str) -> bool:
    def build(tables: store.Tables) -> sa.Select[tuple[int]]:
        """Look among the person's sessions, ended ones too."""
        c = tables["identity.user_session"].c
        chosen = sa.select(c.id).where(c.user_id == store.like(c.user_id, "p_user"))
        chosen = chosen.where(c[column] == store.like(c[column], "p_value"))
        return chosen.where(c.created_at > store.like(c.created_at, "p_since")).limit(1)

    values = {"p_user": user_id, "p_value": value, "p_since": ctx.now - KNOWN_FOR}
    return bool(await store.fetch(ctx, f"signed in from {column}", build, **values))


async def begin(
    ws: Workspace, user: User | None, login: str, visit: Visit, *, session: int | None = None
) -> Attempt:
    """Count an attempt before it is tried, so that many at once are not free; or refuse it.

    Somebody who is signed in and proves themselves again has the budget of their `session`.
    """

    async def work(ctx: Context) -> Attempt | datetime:
        """Check every budget first, then count in each."""
        if session is not None:
            budgets = [Budget("device", digest(f"session|{session}"))]
        else:
            budgets = await _budgets(ctx, user, login, visit)
        account = account_key(user, login)
        counts = []
        for budget in budgets:
            failures, started, last = await _count(ctx, budget)
            until = rules.blocked_until(budget.kind, failures, started, last)
            if until and until > ctx.now:
                await _lock(ctx, user, budget, until)
                return until
            counts.append((budget, failures + 1, started))
        for budget, failures, started in counts:
            await _note(ctx, budget, account, failures, started)
        return Attempt(tuple(budgets), account)

    try:
        found = await ws.run(SYSTEM, work)
    except Duplicate:
        found = await ws.run(SYSTEM, work)
    if isinstance(found, Attempt):
        return found
    seconds = max(1, ceil((found - ws.clock.now()).total_seconds()))
    raise TooMany(
        f"There were too many failed attempts to sign in. Wait {seconds} s, then try again.",
        headers={"Retry-After": str(seconds)},
    )


async def _count(ctx: Context, budget: Budget) -> tuple[int, datetime, datetime]:
    """Return how many attempts failed in the running window, and when it began and last grew."""

    def build(tables: store.Tables) -> sa.Select[tuple[int, datetime, datetime]]:
        """Find the count, and hold it on PostgreSQL."""
        c = tables["identity.sign_in_guard"].c
        chosen = sa.select(c.failures, c.started_at, c.last_failed_at)
        return chosen.where(c.key == store.like(c.key, "p_key")).with_for_update()

    found = await store.fetch(ctx, "guard count", build, p_key=budget.key)
    if not found:
        return 0, ctx.now, ctx.now
    started, last = store.instant(ctx, found[0][1]), store.instant(ctx, found[0][2])
    if rules.window_over(budget.kind, started, last, ctx.now):
        return 0, ctx.now, ctx.now
    return found[0][0], started, last


async def _note(
    ctx: Context, budget: Budget, account: str, failures: int, started: datetime
) -> None:
    """Write a count; two first attempts at once meet at the unique key."""
    table = ctx.registry.tables["identity.sign_in_guard"]
    values = {"failures": failures, "started_at": started, "last_failed_at": ctx.now}

    def update(tables: store.Tables) -> sa.Update:
        """Write over the count."""
        c = tables["identity.sign_in_guard"].c
        statement = sa.update(table).where(c.key == store.like(c.key, "p_key"))
        return statement.values({name: store.like(c[name], f"p_{name}") for name in values})

    bound = {f"p_{name}": value for name, value in values.items()}
    if await store.change(ctx, "guard update", update, p_key=budget.key, **bound):
        return
    fresh = {"key": budget.key, "kind": budget.kind, "account": account, "version": 1}
    fresh |= values | {"created_at": ctx.now, "updated_at": ctx.now}
    await execute(ctx.connection, sa.insert(table).values(fresh))


async def _lock(ctx: Context, user: User | None, budget: Budget, until: datetime) -> None:
    """Show an administrator that an account is closed to unknown places for a while."""
    if user is None or budget.kind != "account" or user.locked_until == until:
        return
    await _set_user(ctx, user.id, locked_until=until)


async def _set_user(ctx: Context, user_id: int, **values: object) -> None:
    """Write what the workspace itself notes about an account; it is no change of the record."""

    def build(tables: store.Tables) -> sa.Update:
        """Write the columns, and leave the version as it is."""
        c = tables["identity.user"].c
        statement = sa.update(tables["identity.user"]).where(c.id == store.like(c.id, "p_user"))
        return statement.values({name: store.like(c[name], f"p_{name}") for name in values})

    bound = {f"p_{name}": value for name, value in values.items()}
    name = "user note " + " ".join(sorted(values))
    await store.change(ctx, name, build, p_user=user_id, **bound)


async def failed(ws: Workspace, user: User | None) -> None:
    """Note a failed attempt on the account that it was meant for."""
    if user is None:
        return

    def build(tables: store.Tables) -> sa.Update:
        """Count one more."""
        table = tables["identity.user"]
        statement = sa.update(table).where(table.c.id == store.like(table.c.id, "p_user"))
        return statement.values(failed_login_attempts=table.c.failed_login_attempts + 1)

    async def work(ctx: Context) -> None:
        """Write it."""
        await store.change(ctx, "user failed", build, p_user=user.id)

    await ws.run(SYSTEM, work)


async def succeeded(ctx: Context, attempt: Attempt) -> None:
    """Take back the count of an attempt that was right; a known place starts afresh."""

    def lower(tables: store.Tables) -> sa.Update:
        """Count one less."""
        table = tables["identity.sign_in_guard"]
        c = table.c
        statement = sa.update(table).where(c.key == store.like(c.key, "p_key"), c.failures > 0)
        return statement.values(failures=c.failures - 1)

    def clear(tables: store.Tables) -> sa.Delete:
        """Forget the count."""
        table = tables["identity.sign_in_guard"]
        return sa.delete(table).where(table.c.key == store.like(table.c.key, "p_key"))

    for budget in attempt.budgets:
        if budget.kind == "device":
            await store.change(ctx, "guard clear", clear, p_key=budget.key)
        else:
            await store.change(ctx, "guard lower", lower, p_key=budget.key)


async def arrived(ctx: Context, user: User, visit: Visit) -> None:
    """Note on the account that its owner has signed in."""
    values = {"last_login_at": ctx.now, "last_login_ip": visit.address[:45]}
    await _set_user(ctx, user.id, failed_login_attempts=0, locked_until=None, **values)


async def rehashed(ctx: Context, user_id: int, password_hash: str) -> None:
    """Keep the same password under today's settings."""
    await _set_user(ctx, user_id, password_hash=password_hash)


async def unlock(ctx: Context, user: User) -> None:
    """Forget every failed attempt on one account."""

    def build(tables: store.Tables) -> sa.Delete:
        """Delete the account's counts."""
        table = tables["identity.sign_in_guard"]
        return sa.delete(table).where(table.c.account == store.like(table.c.account, "p_account"))

    await store.change(ctx, "guard unlock", build, p_account=account_key(user, user.email))
