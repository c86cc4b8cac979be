"""Verbs on sessions, API tokens and roles."""

from datetime import datetime
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, Denied, invalid
from mainstay.modules.identity import rules
from mainstay.modules.identity.api import accounts, secrets
from mainstay.modules.identity.api.people import doubt
from mainstay.modules.identity.entities import ApiToken, Role, User, UserSession


@action(icon="logout", danger=True)
async def end(ctx: Context, session: UserSession) -> UserSession:
    """End this session; its browser must sign in again."""
    await ctx.delete(session)
    doubt(ctx, session.user_id)
    return session


class NewToken(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a token is for, what it may do, and until when."""

    name: Annotated[str, Meta(min_length=1, max_length=100, description="What uses it")]
    description: Annotated[str, Meta(max_length=500)] = ""
    permissions: Annotated[
        list[Annotated[str, Meta(max_length=120, pattern=r"^[a-z0-9_*]+(\.[a-z0-9_*]+)*$")]],
        Meta(
            min_length=1,
            max_length=200,
            description="Like projects.*.read; * is everything that you may do yourself",
        ),
    ]
    expired_at: Annotated[datetime, Meta(tz=True)] | None = None


class IssuedToken(Struct, kw_only=True):
    """A new token. Copy it now: it is shown only this once."""

    __shown_once__: ClassVar = ("token",)

    id: int
    name: str
    prefix: str
    token: str
    permissions: list[str]
    expired_at: datetime | None


@action(icon="key")
async def issue(ctx: Context, data: NewToken) -> IssuedToken:
    """Make a token with which a program acts for you; it is shown once."""
    user_id = accounts.own(ctx.me)
    if data.expired_at is not None and data.expired_at <= ctx.now:
        raise invalid("expired_at", "must lie in the future")
    raw = secrets.new_api_token()
    token = ApiToken(
        user_id=user_id,
        name=data.name,
        description=data.description,
        token_hash=secrets.digest(raw),
        prefix=raw[: secrets.SHOWN],
        permissions=list(dict.fromkeys(data.permissions)),
        expired_at=rules.utc(data.expired_at) if data.expired_at else None,
    )
    token = await ctx.create(token, verb="issue")
    return IssuedToken(
        id=token.id,
        name=token.name,
        prefix=token.prefix,
        token=raw,
        permissions=token.permissions,
        expired_at=token.expired_at,
    )


def still_active(token: ApiToken) -> str | None:
    """Say why a token cannot be revoked."""
    return None if token.is_active else "This token is already revoked."


@action(icon="ban", danger=True, allowed=still_active)
async def revoke(ctx: Context, token: ApiToken) -> ApiToken:
    """Stop a token from working."""
    token.is_active = False
    doubt(ctx, token.user_id)
    return token


async def create_role(ctx: Context, role: Role) -> Role:
    """Create a role of at most what its maker may do."""
    _may_grant(ctx, role.permissions)
    return await ctx.create(role)


async def edit_role(ctx: Context, role: Role, before: Role) -> None:
    """Change a role; what is added must be the editor's own, and administrators stay such."""
    _may_grant(ctx, set(role.permissions) - set(before.permissions))
    if "*" in before.permissions and "*" not in role.permissions:
        raise Conflict(f"{role.name} may do everything, and stays so. Make another role instead.")
    if role.permissions != before.permissions:
        doubt(ctx, None)


def _may_grant(ctx: Context, permissions: list[str] | set[str]) -> None:
    beyond = sorted(one for one in permissions if not rules.covers(ctx.me.grants, (one,)))
    if beyond:
        raise Denied(f"You cannot grant what you may not do yourself: {', '.join(beyond[:5])}.")


async def drop_role(ctx: Context, role: Role) -> None:
    """Refuse to delete roles of the workspace itself, and those that people still have."""
    if role.is_system_role:
        raise Conflict(f"{role.name} belongs to the workspace and cannot be deleted.")
    if await ctx.find(User, anywhere=True, roles=role.id):
        raise Conflict(f"There are people with the role {role.name}. Take it from them first.")
