"""Making accounts, choosing passwords, and the second factor."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.problems import Conflict, Denied, SignInNeeded, invalid
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity import rules
from mainstay.modules.identity.api import guard, links, secrets, sessions, store
from mainstay.modules.identity.api.guard import Visit
from mainstay.modules.identity.entities import Role, User

OWN_ONLY = "A token cannot do this. Sign in with your password."
KEEP_ENDED = timedelta(days=180)
PURGE = "identity.purge"


class TwoFactorStart(Struct, kw_only=True):
    """What an authenticator app needs; shown once, until a first code has confirmed it."""

    secret: str
    address: str
    qr: str


async def create_user(
    ws: Workspace,
    email: str,
    *,
    username: str = "",
    first_name: str = "",
    last_name: str = "",
    password: str = "",
    roles: tuple[str, ...] = ("member",),
) -> int:
    """Create an active account from the command line or a set-up program; return its id."""
    if password:
        _check(password, (email, username, first_name, last_name))
    stored = await secrets.hash_password(password) if password else ""

    async def work(ctx: Context) -> int:
        """Create it as a person would be, then make it active."""
        known = {role.code: role.id for role in await ctx.all(Role)}
        if unknown := sorted(set(roles) - set(known)):
            there = ", ".join(sorted(known)) or "none; run `mainstay db seed`"
            raise invalid("roles", f"{', '.join(unknown)}: no such role. Known are {there}.")
        data: dict[str, Any] = {"email": email, "first_name": first_name, "last_name": last_name}
        data["username"] = username or free_name(email)
        data["roles"] = [known[code] for code in roles]
        user = await perform.create(ctx, ctx.registry.noun(User), data)
        assert isinstance(user, User)
        user.status, user.password_hash = "active", stored
        user.password_changed_at = ctx.now if stored else None
        return user.id

    return await ws.run(SYSTEM, work)


def free_name(email: str) -> str:
    """Return a user name made from an e-mail address."""
    name = "".join(c if c.isalnum() or c in "._-" else "." for c in email.partition("@")[0].lower())
    return name[:50].ljust(3, "_")


def _check(password: str, names: tuple[str, ...]) -> None:
    if faults := rules.password_faults(password, names=names):
        raise invalid("password", faults[0])


def names_of(user: User) -> tuple[str, ...]:
    """Return the words that a person's password must not contain."""
    return (user.email, user.username, user.first_name, user.last_name)


def own(me: Me) -> int:
    """Return the id of the person themselves; refuse tokens, which must not change their owner."""
    if me.id is None:
        raise SignInNeeded("Sign in first.")
    if me.token_id is not None:
        raise Denied(OWN_ONLY)
    return me.id


async def change_password(ws: Workspace, me: Me, current: str, new: str) -> None:
    """Replace one's own password; every other session ends."""
    user_id = own(me)
    user = await ws.look(SYSTEM, lambda ctx: ctx.find(User, anywhere=True, id=user_id))
    if user is None:
        raise SignInNeeded("Sign in first.")
    if user.password_hash:
        attempt = await guard.begin(ws, user, user.email, Visit(), session=me.session_id)
        if not await secrets.verify_password(user.password_hash, current):
            raise invalid("current", "is not your present password")
        await ws.run(SYSTEM, lambda ctx: guard.succeeded(ctx, attempt))
    _check(new, names_of(user))
    stored = await secrets.hash_password(new)

    async def work(ctx: Context) -> None:
        """Write it, unless it was changed by somebody else meanwhile."""
        now = await ctx.get(User, user_id, anywhere=True)
        if now.password_hash != user.password_hash:
            raise Conflict("Your password was changed a moment ago. Sign in again.")
        await _set_password(ctx, now, stored, keep=me.session_id)

    await ws.run(me, work)


async def _set_password(ctx: Context, user: User, stored: str, *, keep: int | None = None) -> None:
    ctx.verb = "change_password"
    user.password_hash, user.password_changed_at = stored, ctx.now
    await sessions.end_all(ctx, user.id, keep=keep)
    await ctx.flush("change_password", user)


async def forgotten(ws: Workspace, login: str) -> None:
    """Mail a link for a new password, if there is such an account; nobody learns which."""

    async def work(ctx: Context) -> None:
        """Leave the job; one a minute for each account is enough."""
        user = await sessions.account(ctx, login.strip().lower())
        if user is not None and user.status == "active" and links.can_mail(ws):
            minute = int(ctx.now.timestamp()) // 60
            key = f"reset:{user.id}:{minute}"
            await ctx.later(links.MAIL, {"user_id": user.id, "purpose": "reset"}, key=key)

    await ws.run(SYSTEM, work)


async def set_password(ws: Workspace, token: str, password: str) -> User:
    """Choose a password with a link; an invited person becomes active. Every session ends."""
    user = await links.peek(ws, token, "reset", "invite")
    _check(password, names_of(user))
    stored = await secrets.hash_password(password)

    async def work(ctx: Context) -> User:
        """Use the link up and write the password."""
        claimed = await links.claim(ctx, token, "reset", "invite")
        claimed.email_verified_at = claimed.email_verified_at or ctx.now
        claimed.status = "active"
        await _set_password(ctx, claimed, stored)
        await guard.unlock(ctx, claimed)
        return claimed

    me = Me(id=user.id, name=user.display_name, grants=SYSTEM.grants)
    return await ws.run(me, work)


async def owner_link(ws: Workspace, base_url: str) -> str | None:
    """Return a one-time sign-in link for the first administrator.

    None once an administrator has a password: from then on nobody needs a link that is printed.
    An empty workspace gets its administrator here.
    """

    async def work(ctx: Context) -> str | None:
        """Find or make the administrator, then the link."""
        admins = await administrators(ctx)
        if any(user.password_hash for user in admins):
            return None
        user = admins[0] if admins else await _first(ctx)
        token, _ = await links.make(ctx, user.id, "sign_in")
        return links.address(ws, "sign_in", token, base_url)

    return await ws.run(SYSTEM, work)


async def _first(ctx: Context) -> User:
    role = await ctx.find(Role, code="admin")
    if role is None:
        raise Conflict("The roles are not there yet. Run `mainstay db seed` first.")
    user = User(
        username="admin",
        email="admin@localhost",
        display_name="Administrator",
        status="active",
        roles=[role.id],
    )
    return await ctx.create(user)


async def administrators(ctx: Context) -> list[User]:
    """Return the active people with a role that may do everything, the first one first."""
    roles = [role for role in await ctx.all(Role, anywhere=True) if "*" in role.permissions]
    if not roles:
        return []
    ids = [role.id for role in roles]
    return await ctx.all(User, anywhere=True, status="active", roles__in=ids, sort="id")


async def start_two_factor(ws: Workspace, me: Me) -> TwoFactorStart:
    """Make a key for one's authenticator; it counts when a first code has confirmed it."""
    user_id, secret = own(me), secrets.new_totp_secret()

    async def work(ctx: Context) -> TwoFactorStart:
        """Keep the key aside."""
        user = await ctx.get(User, user_id, anywhere=True)
        if user.two_factor_enabled:
            raise Conflict("Two-factor sign-in is already on. Turn it off first.")
        user.two_factor_pending = secret
        ctx.verb = "start_two_factor"
        return two_factor_start(user)

    return await ws.run(me, work)


def two_factor_start(user: User) -> TwoFactorStart:
    """Return how an authenticator learns the key that is not confirmed yet."""
    secret = user.two_factor_pending
    link = secrets.totp_address(secret, user.email)
    return TwoFactorStart(secret=secret, address=link, qr=secrets.qr_image(link))


async def confirm_two_factor(ws: Workspace, me: Me, code: str) -> list[str]:
    """Turn two-factor sign-in on with a first code; return the recovery codes, shown once."""
    user_id, codes = own(me), secrets.new_recovery_codes()

    async def work(ctx: Context) -> None:
        """Check the code against the key kept aside."""
        user = await ctx.get(User, user_id, anywhere=True)
        if not user.two_factor_pending:
            raise Conflict("Start with a new key first.")
        step = secrets.totp_timecode(user.two_factor_pending, code, ctx.now)
        if step is None:
            raise invalid("code", "is wrong; check that the clock of your device is right")
        user.two_factor_secret, user.two_factor_pending = user.two_factor_pending, ""
        user.two_factor_enabled, user.two_factor_timecode = True, step
        user.recovery_codes = [secrets.recovery_digest(one) for one in codes]
        ctx.verb = "confirm_two_factor"
        await sessions.end_all(ctx, user_id, keep=me.session_id)

    await ws.run(me, work)
    return codes


async def disable_two_factor(ws: Workspace, me: Me, code: str) -> None:
    """Turn two-factor sign-in off with a code of the authenticator or a recovery code."""
    user_id = own(me)
    user = await ws.look(SYSTEM, lambda ctx: ctx.get(User, user_id, anywhere=True))
    attempt = await guard.begin(ws, user, user.email, Visit(), session=me.session_id)

    async def work(ctx: Context) -> None:
        """Use the code up and forget the key."""
        user = await ctx.get(User, user_id, anywhere=True)
        if not user.two_factor_enabled:
            raise Conflict("Two-factor sign-in is not on.")
        if not await sessions.use_code(ctx, user, code):
            raise invalid("code", "is wrong or was already used")
        forget_two_factor(user)
        ctx.verb = "disable_two_factor"
        await guard.succeeded(ctx, attempt)

    await ws.run(me, work)


def forget_two_factor(user: User) -> None:
    """Turn two-factor sign-in off."""
    user.two_factor_enabled = False
    user.two_factor_secret = user.two_factor_pending = ""
    user.recovery_codes = []


async def purge(ctx: Context, payload: dict[str, Any]) -> None:
    """Put expired sessions and links away, and delete those that ended half a year ago.

    Until then an ended session still says that its device is no stranger.
    """
    tables = ctx.registry.tables
    for key in ("identity.user_session", "identity.account_link"):
        await store.change(ctx, f"put away {key}", _put_away(key), p_now=ctx.now)
        await store.change(ctx, f"purge {key}", _purge(key), p_before=ctx.now - KEEP_ENDED)
    c = tables["identity.sign_in_guard"].c
    await store.change(
        ctx,
        "purge guards",
        lambda known: sa.delete(known["identity.sign_in_guard"]).where(
            c.last_failed_at < store.like(c.last_failed_at, "p_before")
        ),
        p_before=ctx.now - timedelta(days=1),
    )


def _put_away(key: str) -> store.Build:
    def build(tables: store.Tables) -> sa.Update:
        """Mark what has expired."""
        c = tables[key].c
        expired = c.deleted_at.is_(None), c.expires_at < store.like(c.expires_at, "p_now")
        return (
            sa.update(tables[key])
            .where(*expired)
            .values(deleted_at=store.like(c.deleted_at, "p_now"))
        )

    return build


def _purge(key: str) -> store.Build:
    def build(tables: store.Tables) -> sa.Delete:
        """Delete what ended long ago."""
        c = tables[key].c
        return sa.delete(tables[key]).where(c.deleted_at < store.like(c.deleted_at, "p_before"))

    return build
