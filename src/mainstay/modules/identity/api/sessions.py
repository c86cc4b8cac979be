"""Signing in and out, and finding out at each request who asks."""

from contextlib import suppress
from datetime import timedelta

import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.kernel.problems import NotFound, Problem, SignInNeeded
from mainstay.kernel.scope import SYSTEM, Me, narrowed
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity.api import guard, links, secrets, store
from mainstay.modules.identity.api.browser import describe
from mainstay.modules.identity.api.guard import Attempt, Visit
from mainstay.modules.identity.api.people import KEEP, Held, me_of, memory
from mainstay.modules.identity.entities import ApiToken, User, UserSession

ROTATE_AFTER = timedelta(hours=4)
ROTATE_GRACE = timedelta(minutes=2)
TOUCH_AFTER = timedelta(minutes=10)
WRONG = "The name or the password is wrong, or the account is closed."
WRONG_CODE = "The code is wrong or was already used."


class SecondStepNeeded(SignInNeeded):
    """The password was right; a code of the authenticator is needed too."""

    code, title = "second-step-needed", "Enter the code of your authenticator"

    def __init__(self, ticket: str) -> None:
        """Carry the ticket with which the second step is taken within five minutes."""
        super().__init__("Send the six digits of your authenticator, or a recovery code, as totp.")
        self.ticket = ticket


async def who(ws: Workspace, session_token: str | None, bearer: str | None) -> Me | None:
    """Return who asks, by session or bearer token; None when nobody active is behind it."""
    token = bearer or session_token
    if not token:
        return None
    now, digest = ws.clock.now(), secrets.digest(token)
    known = memory(ws)
    held = known.find(digest, now)
    if held is not None:
        return held.me
    api = token.startswith(secrets.TOKEN_MARK)
    held = await (_token_owner(ws, digest) if api else _session_owner(ws, digest))
    if held is None:
        return None
    known.keep(digest, held, now)
    return held.me


async def _session_owner(ws: Workspace, digest: str) -> Held | None:
    async def work(ctx: Context) -> tuple[Held, UserSession] | None:
        """Find the session, its person and their roles."""
        session = await _session(ctx, digest)
        user = await ctx.find(User, anywhere=True, id=session.user_id) if session else None
        if session is None or user is None or user.status != "active":
            return None
        me = await me_of(ctx, user, session_id=session.id)
        until = min(ctx.now + KEEP, session.expires_at)
        return Held(me, until, session.rotated_at + ROTATE_AFTER), session

    found = await ws.look(SYSTEM, work)
    if found is None:
        return None
    held, session = found
    if ws.clock.now() - session.last_activity_at >= TOUCH_AFTER:
        # A database that cannot be written now still answers who this is.
        with suppress(Problem):
            await ws.run(SYSTEM, lambda ctx: _touch(ctx, session.id))
    return held


async def _session(ctx: Context, digest: str) -> UserSession | None:
    """Find a live session; the token before the last rotation counts for a moment longer."""

    def build(tables: store.Tables) -> sa.Select[tuple[int]]:
        """Compare both hashes."""
        c = tables["identity.user_session"].c
        own = c.token_hash == store.like(c.token_hash, "p_hash")
        before = sa.and_(
            c.previous_hash == store.like(c.previous_hash, "p_hash"),
            c.rotated_at > store.like(c.rotated_at, "p_since"),
        )
        live = c.deleted_at.is_(None), c.expires_at > store.like(c.expires_at, "p_now")
        return sa.select(c.id).where(sa.or_(own, before), *live)

    values = {"p_hash": digest, "p_since": ctx.now - ROTATE_GRACE, "p_now": ctx.now}
    found = await store.fetch(ctx, "session", build, **values)
    return await ctx.find(UserSession, anywhere=True, id=found[0][0]) if found else None


async def _touch(ctx: Context, session_id: int) -> None:
    """Let a session last from its latest use; this is no change that the log would keep."""

    def build(tables: store.Tables) -> sa.Update:
        """Move the end of the session."""
        table = tables["identity.user_session"]
        c = table.c
        statement = sa.update(table).where(c.id == store.like(c.id, "p_id"))
        return statement.values(
            last_activity_at=store.like(c.last_activity_at, "p_now"),
            expires_at=store.like(c.expires_at, "p_until"),
        )

    values = {"p_id": session_id, "p_now": ctx.now, "p_until": ctx.now + lasts(ctx.workspace)}
    await store.change(ctx, "session touch", build, **values)


def lasts(ws: Workspace) -> timedelta:
    """Return how long a session lasts without being used."""
    return timedelta(hours=getattr(ws.settings, "session_hours", 24))


async def _token_owner(ws: Workspace, digest: str) -> Held | None:
    def build(tables: store.Tables) -> sa.Select[tuple[int]]:
        """Find the token by its hash."""
        c = tables["identity.api_token"].c
        chosen = sa.select(c.id).where(c.token_hash == store.like(c.token_hash, "p_hash"))
        return chosen.where(c.deleted_at.is_(None), c.is_active)

    async def work(ctx: Context) -> tuple[Held, ApiToken] | None:
        """Find the token and its owner; its permissions narrow the owner's."""
        found = await store.fetch(ctx, "token", build, p_hash=digest)
        token = await ctx.find(ApiToken, anywhere=True, id=found[0][0]) if found else None
        if token is None or (token.expired_at and token.expired_at <= ctx.now):
            return None
        user = await ctx.find(User, anywhere=True, id=token.user_id)
        if user is None or user.status != "active":
            return None
        owner = await me_of(ctx, user, token_id=token.id)
        grants = narrowed(owner.grants, frozenset(token.permissions))
        until = min(ctx.now + KEEP, token.expired_at or ctx.now + KEEP)
        return Held(_with_grants(owner, grants), until), token

    found = await ws.look(SYSTEM, work)
    if found is None:
        return None
    held, token = found
    now = ws.clock.now()
    if token.last_used_at is None or now - token.last_used_at >= TOUCH_AFTER:
        with suppress(Problem):
            await ws.run(SYSTEM, lambda ctx: _touch_token(ctx, token.id))
    return held


def _with_grants(me: Me, grants: frozenset[str]) -> Me:
    """Return the same person with other grants."""
    return Me(
        id=me.id,
        name=me.name,
        email=me.email,
        roles=me.roles,
        grants=grants,
        locale=me.locale,
        zone=me.zone,
        theme=me.theme,
        token_id=me.token_id,
    )


async def _touch_token(ctx: Context, token_id: int) -> None:
    def build(tables: store.Tables) -> sa.Update:
        """Note when a token was last used."""
        table = tables["identity.api_token"]
        c = table.c
        statement = sa.update(table).where(c.id == store.like(c.id, "p_id"))
        return statement.values(last_used_at=store.like(c.last_used_at, "p_now"))

    await store.change(ctx, "token touch", build, p_id=token_id, p_now=ctx.now)


async def rotated(ws: Workspace, session_token: str, *, at_once: bool = False) -> str | None:
    """Return a new token for a session whose token has grown old, or None when it has not.

    The old one works for two minutes more, for requests that are already on their way.
    """
    now, digest = ws.clock.now(), secrets.digest(session_token)
    held = memory(ws).find(digest, now)
    if held and held.rotate_at and now < held.rotate_at and not at_once:
        return None
    fresh = secrets.new_token()

    def build(tables: store.Tables) -> sa.Update:
        """Swap the hashes, once, however many requests ask for it."""
        table = tables["identity.user_session"]
        c = table.c
        statement = sa.update(table).where(
            c.token_hash == store.like(c.token_hash, "p_old"),
            c.rotated_at <= store.like(c.rotated_at, "p_due"),
            c.deleted_at.is_(None),
        )
        return statement.values(
            previous_hash=c.token_hash,
            token_hash=store.like(c.token_hash, "p_new"),
            rotated_at=store.like(c.rotated_at, "p_now"),
        )

    due = now if at_once else now - ROTATE_AFTER
    values = {"p_old": digest, "p_new": secrets.digest(fresh), "p_now": now, "p_due": due}
    changed = await ws.run(SYSTEM, lambda ctx: store.change(ctx, "session rotate", build, **values))
    if not changed:
        return None
    memory(ws).held.pop(digest, None)
    return fresh


async def sign_in(
    ws: Workspace,
    login: str,
    password: str,
    totp: str = "",
    address: str = "",
    user_agent: str = "",
    device: str = "",
) -> tuple[Me, str]:
    """Sign a person in by e-mail address or user name; return them and their session's token.

    Raises SignInNeeded, the same for every reason; TooMany when attempts come too fast; and
    SecondStepNeeded when the password was right and a code is missing.
    """
    visit = Visit(address=address, user_agent=user_agent, device=device)
    login = login.strip().lower()
    user = await ws.look(SYSTEM, lambda ctx: account(ctx, login))
    attempt = await guard.begin(ws, user, login, visit)
    right = await secrets.verify_password(user.password_hash if user else "", password)
    if user is None or not right or user.status != "active":
        await guard.failed(ws, user)
        raise SignInNeeded(WRONG)
    if user.two_factor_enabled and not totp:
        raise SecondStepNeeded(await _ticket(ws, user, attempt))
    fresh = await secrets.hash_password(password) if secrets.outdated(user.password_hash) else ""
    return await _enter(ws, user, visit, attempt, totp, fresh)


async def account(ctx: Context, login: str) -> User | None:
    """Return the account with this e-mail address or user name."""
    if "\x00" in login or not login:
        return None
    found = await ctx.find(User, anywhere=True, email=login) if "@" in login else None
    return found or await ctx.find(User, anywhere=True, username=login)


async def _ticket(ws: Workspace, user: User, attempt: Attempt) -> str:
    async def work(ctx: Context) -> str:
        """Leave a ticket for the second step; the first was right."""
        await guard.succeeded(ctx, attempt)
        return (await links.make(ctx, user.id, "second_step"))[0]

    return await ws.run(SYSTEM, work)


async def second_step(ws: Workspace, ticket: str, code: str, visit: Visit) -> tuple[Me, str]:
    """Finish a sign-in with a code of the authenticator or a recovery code."""
    try:
        user = await links.peek(ws, ticket, "second_step")
    except NotFound:
        raise SignInNeeded("That took too long. Start again with your password.") from None
    attempt = await guard.begin(ws, user, user.email, visit)
    return await _enter(ws, user, visit, attempt, code, "")


async def _enter(
    ws: Workspace, user: User, visit: Visit, attempt: Attempt, totp: str, fresh: str
) -> tuple[Me, str]:
    """Check the second factor, if there is one, and begin the session."""

    async def work(ctx: Context) -> tuple[Me, str] | None:
        """All or nothing: a code is used up only with the session it opens."""
        now = await ctx.get(User, user.id, anywhere=True)
        if now.status != "active" or now.password_hash != user.password_hash:
            return None
        if now.two_factor_enabled and not await use_code(ctx, now, totp):
            return None
        await guard.succeeded(ctx, attempt)
        if fresh:
            await guard.rehashed(ctx, user.id, fresh)
        return await begin(ctx, now, visit)

    found = await ws.run(Me(id=user.id, name=user.display_name, grants=SYSTEM.grants), work)
    if found is None:
        await guard.failed(ws, user)
        raise SignInNeeded(WRONG_CODE)
    return found


async def use_code(ctx: Context, user: User, code: str) -> bool:
    """Use up a code of the authenticator, which works once, or a recovery code."""
    step = secrets.totp_timecode(user.two_factor_secret, code, ctx.now)
    if step is not None:
        return await _use_step(ctx, user.id, step)
    digest = secrets.recovery_digest(code)
    if digest not in user.recovery_codes:
        return False
    user.recovery_codes = [known for known in user.recovery_codes if known != digest]
    return True


async def _use_step(ctx: Context, user_id: int, step: int) -> bool:
    def build(tables: store.Tables) -> sa.Update:
        """Move on to this step, unless it or a later one was already used."""
        table = tables["identity.user"]
        c = table.c
        statement = sa.update(table).where(
            c.id == store.like(c.id, "p_user"),
            c.two_factor_timecode < store.like(c.two_factor_timecode, "p_step"),
        )
        return statement.values(two_factor_timecode=store.like(c.two_factor_timecode, "p_step"))

    return bool(await store.change(ctx, "totp step", build, p_user=user_id, p_step=step))


async def begin(ctx: Context, user: User, visit: Visit) -> tuple[Me, str]:
    """Begin a session with a token of its own; one that came with the request is never taken."""
    token = secrets.new_token()
    kind, browser, system = describe(visit.user_agent)
    session = UserSession(
        user_id=user.id,
        token_hash=secrets.digest(token),
        device_hash=visit.device_hash,
        ip_address=visit.address[:45],
        user_agent=visit.user_agent.replace("\x00", "")[:255],
        device_type=kind,
        browser=browser,
        os=system,
        expires_at=ctx.now + lasts(ctx.workspace),
        last_activity_at=ctx.now,
        rotated_at=ctx.now,
    )
    await ctx.create(session, verb="sign_in")
    await guard.arrived(ctx, user, visit)
    return await me_of(ctx, user, session_id=session.id), token


async def sign_out(ws: Workspace, session_token: str) -> None:
    """End the session of this token."""
    digest = secrets.digest(session_token)

    async def work(ctx: Context) -> None:
        """Put the session away."""
        session = await _session(ctx, digest)
        if session is not None:
            await ctx.delete(session)

    await ws.run(SYSTEM, work)
    memory(ws).held.pop(digest, None)


async def end_all(ctx: Context, user_id: int, *, keep: int | None = None) -> None:
    """End a person's sessions, perhaps but the one they are in now."""
    for session in await ctx.all(UserSession, anywhere=True, user_id=user_id):
        if session.id != keep:
            await ctx.delete(session)


async def use_link(ws: Workspace, token: str, visit: Visit | None = None) -> tuple[Me, str]:
    """Sign in with a one-time link; raises NotFound when it is used up, expired or made up."""
    owner = await links.peek(ws, token, "sign_in")

    async def work(ctx: Context) -> tuple[Me, str]:
        """Use the link up and begin the session."""
        user = await links.claim(ctx, token, "sign_in")
        return await begin(ctx, user, visit or Visit())

    return await ws.run(Me(id=owner.id, name=owner.display_name, grants=SYSTEM.grants), work)
