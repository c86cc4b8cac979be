"""One-time links: invitations, new passwords, first sign-ins; kept hashed, mailed or shown once."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any, ClassVar, Literal
from urllib.parse import unquote, urlsplit

import aiosmtplib
import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel.context import Context
from mainstay.kernel.problems import NotFound
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity.api import store
from mainstay.modules.identity.api.secrets import digest, new_token
from mainstay.modules.identity.entities import AccountLink, User

Purpose = Literal["invite", "reset", "sign_in", "second_step"]
LASTS: dict[str, timedelta] = {
    "invite": timedelta(days=7),
    "reset": timedelta(hours=2),
    "sign_in": timedelta(hours=1),
    "second_step": timedelta(minutes=5),
}
PATHS = {"invite": "/invite/", "reset": "/reset/", "sign_in": "/welcome/"}
MAIL = "identity.mail_link"
GONE = "This link is not valid any more. Ask for a new one."
SUBJECTS = {
    "invite": "Your invitation to Mainstay",
    "reset": "A new password for Mainstay",
    "sign_in": "Your sign-in link for Mainstay",
}
LETTERS = {
    "invite": "you are invited to work in Mainstay. Choose your password here:",
    "reset": "somebody asked for a new password for your account. Choose it here:",
    "sign_in": "with this link you can sign in once:",
}


class LinkAnswer(Struct, kw_only=True):
    """Where a one-time link went: by mail, or, without a mail server, to you, to hand it on."""

    __shown_once__: ClassVar = ("link",)

    user_id: int
    purpose: str
    sent: bool
    link: str | None = None
    expires_at: datetime | None = None


async def make(ctx: Context, user_id: int, purpose: Purpose) -> tuple[str, datetime]:
    """Create a link; older ones of the same purpose stop working."""
    if purpose != "second_step":
        for old in await ctx.all(AccountLink, anywhere=True, user_id=user_id, purpose=purpose):
            await ctx.delete(old)
    token, until = new_token(), ctx.now + LASTS[purpose]
    link = AccountLink(user_id=user_id, purpose=purpose, token_hash=digest(token), expires_at=until)
    await ctx.create(link, verb="make")
    return token, until


async def open_link(ctx: Context, token: str, *purposes: Purpose) -> tuple[AccountLink, User]:
    """Return an unused link and its owner, or refuse it; used, expired and made up are alike."""

    def build(tables: store.Tables) -> sa.Select[tuple[int]]:
        """Find the link by its hash."""
        c = tables["identity.account_link"].c
        chosen = sa.select(c.id).where(c.token_hash == store.like(c.token_hash, "p_hash"))
        return chosen.where(c.deleted_at.is_(None), c.used_at.is_(None))

    found = await store.fetch(ctx, "link", build, p_hash=digest(token))
    link = await ctx.find(AccountLink, anywhere=True, id=found[0][0]) if found else None
    if link is None or link.purpose not in purposes or link.expires_at <= ctx.now:
        raise NotFound(GONE)
    user = await ctx.find(User, anywhere=True, id=link.user_id)
    wanted = "pending" if link.purpose == "invite" else "active"
    if user is None or user.status != wanted:
        raise NotFound(GONE)
    return link, user


async def claim(ctx: Context, token: str, *purposes: Purpose) -> User:
    """Use a link up and return its owner; of two at once, one is refused."""
    link, user = await open_link(ctx, token, *purposes)

    def build(tables: store.Tables) -> sa.Update:
        """Mark the link as used, unless it already is."""
        table = tables["identity.account_link"]
        c = table.c
        statement = sa.update(table).where(c.id == store.like(c.id, "p_id"), c.used_at.is_(None))
        return statement.values(used_at=store.like(c.used_at, "p_now"))

    if not await store.change(ctx, "link used", build, p_id=link.id, p_now=ctx.now):
        raise NotFound(GONE)
    return user


async def peek(ws: Workspace, token: str, *purposes: Purpose) -> User:
    """Return whom a link is for without using it up, so that looking at it changes nothing."""

    async def work(ctx: Context) -> User:
        """Look."""
        return (await open_link(ctx, token, *purposes))[1]

    return await ws.look(SYSTEM, work)


def address(ws: Workspace, purpose: str, token: str, base_url: str = "") -> str:
    """Return a link as it is opened in a browser; a path when the base address is not set."""
    base = base_url or getattr(ws.settings, "base_url", "") or ""
    return f"{base.rstrip('/')}{PATHS[purpose]}{token}"


def can_mail(ws: Workspace) -> bool:
    """Return whether the workspace knows a mail server."""
    return bool(getattr(ws.settings, "smtp_url", ""))


async def offer(ctx: Context, user: User, purpose: Purpose) -> LinkAnswer:
    """Mail a link to its owner, or show it to whoever asked when there is no mail server."""
    if can_mail(ctx.workspace):
        await ctx.later(MAIL, {"user_id": user.id, "purpose": purpose})
        return LinkAnswer(user_id=user.id, purpose=purpose, sent=True)
    token, until = await make(ctx, user.id, purpose)
    link = address(ctx.workspace, purpose, token)
    return LinkAnswer(user_id=user.id, purpose=purpose, sent=False, link=link, expires_at=until)


async def mail_link(ws: Workspace, payload: dict[str, Any]) -> None:
    """Make a link and mail it; made only now, so that the job holds nothing worth stealing."""
    purpose: Purpose = payload["purpose"]

    async def work(ctx: Context) -> tuple[User, str] | None:
        """Make the link, if the person still waits for it."""
        user = await ctx.find(User, anywhere=True, id=payload["user_id"])
        if user is None or user.status != ("pending" if purpose == "invite" else "active"):
            return None
        return user, (await make(ctx, user.id, purpose))[0]

    made = await ws.run(SYSTEM, work)
    if made is None or not can_mail(ws):
        return
    user, token = made
    await send(ws, letter(ws, user, purpose, address(ws, purpose, token)))


mail_link.outside = True  # type: ignore[attr-defined]


def letter(ws: Workspace, user: User, purpose: str, link: str) -> EmailMessage:
    """Return the mail that carries a link."""
    hours = int(LASTS[purpose].total_seconds() // 3600)
    lasts = f"{hours // 24} days" if hours > 48 else f"{hours} hours"
    mail = EmailMessage()
    mail["Subject"] = SUBJECTS[purpose]
    mail["From"] = getattr(ws.settings, "mail_from", "") or "mainstay@localhost"
    mail["To"] = user.email
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(
        f"Hello {user.display_name or user.username},\n\n{LETTERS[purpose]}\n\n{link}\n\n"
        f"The link works once, for {lasts}. If you did not expect it, ignore this mail.\n"
    )
    return mail


async def send(ws: Workspace, mail: EmailMessage) -> None:
    """Hand a mail to the server of the setting smtp_url."""
    server = urlsplit(ws.settings.smtp_url)
    secure = server.scheme == "smtps"
    await aiosmtplib.send(
        mail,
        hostname=server.hostname or "localhost",
        port=server.port or (465 if secure else 25),
        username=unquote(server.username) if server.username else None,
        password=unquote(server.password) if server.password else None,
        use_tls=secure,
        timeout=30,
    )
