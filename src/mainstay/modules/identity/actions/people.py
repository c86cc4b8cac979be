"""Verbs on people: inviting, opening and closing accounts, and what may be edited by whom."""

from typing import Annotated

from msgspec import Meta, Struct

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, Denied, invalid
from mainstay.modules.identity import rules
from mainstay.modules.identity.api import accounts, guard, links, sessions
from mainstay.modules.identity.api.links import LinkAnswer
from mainstay.modules.identity.api.people import doubt, grants_of, memory, roles_of
from mainstay.modules.identity.entities import ApiToken, Role, RoleIds, User

MANAGE = "identity.user.manage"
OWN_FIELDS = frozenset(
    {
        "first_name",
        "last_name",
        "display_name",
        "avatar_url",
        "bio",
        "phone",
        "mobile",
        "department",
        "job_title",
        "language",
        "timezone",
        "theme",
        "preferences",
    }
)
RIGHTS = ("roles", "permissions")


async def create_person(ctx: Context, user: User) -> User:
    """Create an account that waits for its owner; `invite` sends them a link."""
    await _may_give(ctx, user)
    user.status = "pending"
    if not user.display_name:
        user.display_name = rules.full_name(user.first_name, user.last_name, user.username)
    return await ctx.create(user)


async def edit_person(ctx: Context, user: User, before: User) -> None:
    """Let people change their own card, and those who manage people everything they may give."""
    changed = {name for name in user.__struct_fields__ if _differs(user, before, name)}
    if not ctx.can(MANAGE):
        _own_card(ctx, user, changed)
    elif user.id != ctx.me.id:
        await _outranks(ctx, before)
    if changed.intersection(RIGHTS):
        await _may_give(ctx, user)
        await _keeps_administrator(ctx, before, user)
        doubt(ctx, user.id)
    if "email" in changed:
        user.email_verified_at = None
    if changed.intersection(OWN_FIELDS):
        memory(ctx.workspace).doubt(user.id)
    was = rules.full_name(before.first_name, before.last_name, before.username)
    if not user.display_name or (user.display_name == before.display_name == was):
        user.display_name = rules.full_name(user.first_name, user.last_name, user.username)


def _differs(user: User, before: User, name: str) -> bool:
    return bool(getattr(user, name) != getattr(before, name))


def _own_card(ctx: Context, user: User, changed: set[str]) -> None:
    if user.id != ctx.me.id:
        raise Denied("You may change only your own card. Ask an administrator.")
    if beyond := sorted(changed - OWN_FIELDS):
        raise Denied(f"You cannot change your own {', '.join(beyond)}. Ask an administrator.")


async def _may_give(ctx: Context, user: User) -> None:
    """Refuse to hand out what the giver does not have, or nobody would need to be administrator."""
    missing = await ctx.all(Role, anywhere=True, id__in=list(user.roles)) if user.roles else []
    wanted = {grant for role in missing for grant in role.permissions} | set(user.permissions)
    if not rules.covers(ctx.me.grants, wanted):
        beyond = sorted(grant for grant in wanted if not rules.covers(ctx.me.grants, (grant,)))
        raise Denied(f"You cannot give what you may not do yourself: {', '.join(beyond[:5])}.")


async def _outranks(ctx: Context, user: User) -> None:
    """Refuse to act upon somebody who may do more than oneself."""
    theirs = await grants_of(ctx, user)
    own = ctx.me.grants | frozenset({"identity.*"})
    if not rules.covers(own, theirs):
        raise Denied(f"{user.display_name} may do more than you. Ask an administrator.")


async def _keeps_administrator(ctx: Context, before: User, after: User | None) -> None:
    """Refuse what would leave nobody who may do everything.

    Loading the role locks it, so that two administrators cannot each remove the other.
    """
    if before.status != "active" or not await _is_administrator(ctx, before):
        return
    if after is not None and await _is_administrator(ctx, after):
        return
    for role in await roles_of(ctx, before):
        if "*" in role.permissions:
            await ctx.load(ctx.registry.noun(Role), role.id, anywhere=True)
    others = [user for user in await accounts.administrators(ctx) if user.id != before.id]
    if not others:
        raise Conflict(f"{before.display_name} is the last administrator. Name another one first.")


async def _is_administrator(ctx: Context, user: User) -> bool:
    return any("*" in role.permissions for role in await roles_of(ctx, user))


class Invitation(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who is invited, and as what."""

    email: Annotated[str, Meta(max_length=255, description="Where the invitation is sent")]
    first_name: Annotated[str, Meta(max_length=100)] = ""
    last_name: Annotated[str, Meta(max_length=100)] = ""
    job_title: Annotated[str, Meta(max_length=50)] = ""
    roles: RoleIds = []


@action(icon="mail", grant="create")
async def invite(ctx: Context, data: Invitation) -> LinkAnswer:
    """Invite a person by mail, or again while they have not come; no mail server shows the link."""
    try:
        address = rules.email(data.email)
    except ValueError as error:
        raise invalid("email", str(error)) from None
    user = await ctx.find(User, anywhere=True, email=address)
    if user is None:
        noun = ctx.registry.noun(User)
        values = {"email": address, "username": await _free_name(ctx, address)}
        values |= {name: getattr(data, name) for name in ("first_name", "last_name", "job_title")}
        made = await perform.create(ctx, noun, values | {"roles": data.roles})
        assert isinstance(made, User)
        user = made
    elif user.status != "pending":
        raise Conflict(f"{address} already has an account.")
    else:
        await _outranks(ctx, user)
    return await links.offer(ctx, user, "invite")


async def _free_name(ctx: Context, address: str) -> str:
    """Return a user name that nobody has yet, made from an e-mail address."""
    name = accounts.free_name(address)
    number, free = 1, name
    while await ctx.find(User, anywhere=True, username=free):
        number += 1
        free = f"{name[:44]}{number}"
    return free


def not_active(user: User) -> str | None:
    """Say why an account cannot be made active."""
    return "This account is already active." if user.status == "active" else None


def only_open(user: User) -> str | None:
    """Say why an account cannot be closed."""
    closed = user.status in ("inactive", "suspended")
    return "This account is already closed." if closed else None


def only_active(user: User) -> str | None:
    """Say why an account that is not active cannot be helped like this."""
    return None if user.status == "active" else "This account is not active."


@action(icon="user-check", allowed=not_active)
async def activate(ctx: Context, user: User) -> User:
    """Let a person sign in (again)."""
    await _outranks(ctx, user)
    user.status = "active"
    doubt(ctx, user.id)
    return user


@action(icon="user-off", danger=True, allowed=only_open)
async def deactivate(ctx: Context, user: User) -> User:
    """Close an account that is no longer needed; its sessions and tokens end at once."""
    await _close(ctx, user)
    user.status = "inactive"
    return user


@action(icon="ban", danger=True, allowed=only_open)
async def suspend(ctx: Context, user: User) -> User:
    """Close an account until something is cleared up; its sessions and tokens end at once."""
    await _close(ctx, user)
    user.status = "suspended"
    return user


async def _close(ctx: Context, user: User) -> None:
    await _outranks(ctx, user)
    await _keeps_administrator(ctx, user, None)
    await sessions.end_all(ctx, user.id)
    for token in await ctx.all(ApiToken, anywhere=True, user_id=user.id):
        token.is_active = False
    doubt(ctx, user.id)


@action(icon="key", allowed=only_active)
async def reset_password(ctx: Context, user: User) -> LinkAnswer:
    """Send a link for a new password; without a mail server you see it and hand it on."""
    await _outranks(ctx, user)
    return await links.offer(ctx, user, "reset")


@action(icon="lock-open")
async def unlock(ctx: Context, user: User) -> User:
    """Forget the failed attempts to sign in to this account."""
    user.failed_login_attempts, user.locked_until = 0, None
    await guard.unlock(ctx, user)
    return user


def has_two_factor(user: User) -> str | None:
    """Say why there is no second factor to reset."""
    return None if user.two_factor_enabled else "This account has no second factor."


@action(icon="shield-off", danger=True, allowed=has_two_factor)
async def reset_two_factor(ctx: Context, user: User) -> User:
    """Turn two-factor sign-in off for somebody who lost their device; their sessions end."""
    await _outranks(ctx, user)
    accounts.forget_two_factor(user)
    await sessions.end_all(ctx, user.id)
    doubt(ctx, user.id)
    return user
