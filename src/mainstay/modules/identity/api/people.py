"""Who a person is to the rest of the house: their grants, and the in-process memory of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from mainstay.kernel.context import Context
from mainstay.kernel.log import Entry
from mainstay.kernel.scope import Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity.entities import Role, User
from mainstay.modules.identity.grants import EVERYBODY

KEEP = timedelta(seconds=60)
MOST = 10_000
RIGHTS = frozenset({"status", "roles", "permissions", "deleted_at"})


class Held(Struct, frozen=True):
    """A person as they were when their token was last looked up."""

    me: Me
    until: datetime
    rotate_at: datetime | None = None


class Memory:
    """Remembers whose token is whose for a minute, and forgets at once when the log says so.

    A change of rights made in this process is not even remembered past the moment it is asked
    for: until it has surely been committed, those people are looked up at every request.
    """

    def __init__(self, ws: Workspace) -> None:
        """Remember nobody, and listen to the log."""
        self.hub = ws.hub
        self.held: dict[str, Held] = {}
        self.doubted: dict[int | None, datetime] = {}
        ws.hub.invalidate.append(self)

    def find(self, digest: str, now: datetime) -> Held | None:
        """Return who is remembered for a token, unless it is too long ago or in doubt."""
        held = self.held.get(digest)
        if held is None or held.until <= now or self._doubtful(held.me.id, now):
            return None
        return held

    def keep(self, digest: str, held: Held, now: datetime) -> None:
        """Remember a token's owner; the oldest is forgotten when there are too many."""
        if self._doubtful(held.me.id, now):
            return
        while len(self.held) >= MOST:
            self.held.pop(next(iter(self.held)))
        self.held[digest] = held

    def forget(self, **which: int | None) -> None:
        """Forget everybody, or those whose id, session_id or token_id is given."""
        for digest, held in tuple(self.held.items()):
            if all(getattr(held.me, name) == value for name, value in which.items()):
                self.held.pop(digest, None)

    def doubt(self, user_id: int | None) -> None:
        """Look a person up at every request for a minute; None means everybody."""
        self.doubted[user_id] = self.hub.workspace.clock.now() + KEEP
        self.forget(**({} if user_id is None else {"id": user_id}))

    def _doubtful(self, user_id: int | None, now: datetime) -> bool:
        if not self.doubted:
            return False
        self.doubted = {who: until for who, until in self.doubted.items() if until > now}
        return user_id in self.doubted or None in self.doubted

    def __call__(self, entry: Entry) -> None:
        """Take note of a change; streams of people whose rights changed are ended."""
        room, _, noun = entry.entity.partition(".")
        if room != "identity" or entry.before is None:
            return
        touched = RIGHTS.intersection(entry.after or ())
        if noun == "user":
            self.forget(id=entry.record_id)
            if touched:
                self.hub.end_for({entry.record_id})
        elif noun == "role":
            self.forget()
            if touched:
                self.hub.end_for(self._listening())
        elif noun == "user_session":
            self.forget(session_id=entry.record_id)
            self._end(session_id=entry.record_id)
        elif noun == "api_token":
            self.forget(token_id=entry.record_id)
            self._end(token_id=entry.record_id)

    def _listening(self) -> set[int]:
        return {item.me.id for item in self.hub.listeners if item.me.id}

    def _end(self, **which: int) -> None:
        for item in tuple(self.hub.listeners):
            if all(getattr(item.me, name) == value for name, value in which.items()):
                item.end()


def memory(ws: Workspace) -> Memory:
    """Return this process's memory of a workspace's people; the live feed holds it."""
    for heeds in ws.hub.invalidate:
        if isinstance(heeds, Memory):
            return heeds
    return Memory(ws)


def doubt(ctx: Context, user_id: int | None) -> None:
    """Make a change of rights count from the very next request on."""
    memory(ctx.workspace).doubt(user_id)


async def roles_of(ctx: Context, user: User) -> list[Role]:
    """Return a person's roles."""
    if not user.roles:
        return []
    return await ctx.all(Role, anywhere=True, id__in=list(user.roles))


async def grants_of(ctx: Context, user: User) -> frozenset[str]:
    """Return everything a person may do: by being here, by their roles, and by name."""
    return _grants(user, await roles_of(ctx, user))


def _grants(user: User, roles: list[Role]) -> frozenset[str]:
    return frozenset({*EVERYBODY, *user.permissions}.union(*(role.permissions for role in roles)))


async def person(ctx: Context, user_id: int) -> Me | None:
    """Return who somebody is now, or None when they may not sign in."""
    user = await ctx.find(User, anywhere=True, id=user_id)
    return await me_of(ctx, user) if user and user.status == "active" else None


async def active(ctx: Context, ids: Sequence[int]) -> list[Me]:
    """Return those of these people who may sign in, each with what they may do."""
    chosen = {"id__in": list(ids), "status": "active"}
    users = await ctx.all(User, anywhere=True, limit=len(ids), **chosen)
    wanted = sorted({role for user in users for role in user.roles})
    known = await ctx.all(Role, anywhere=True, id__in=wanted) if wanted else []
    by_id = {role.id: role for role in known}
    return [_me(user, [by_id[one] for one in user.roles if one in by_id]) for user in users]


async def me_of(ctx: Context, user: User, **more: Any) -> Me:
    """Return a person as the rest of the house knows them."""
    return _me(user, await roles_of(ctx, user), **more)


def _me(user: User, roles: list[Role], **more: Any) -> Me:
    return Me(
        id=user.id,
        name=user.display_name or user.username,
        email=user.email,
        roles=tuple(sorted(role.code for role in roles)),
        grants=_grants(user, roles),
        locale=user.language,
        zone=user.timezone,
        theme=user.theme,
        **more,
    )
