"""Who the people of a file are here: by e-mail, by user name, by a full name only one has."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.problems import Problem
from mainstay.modules.importers.model import Person, SeenPerson

USER = "identity.user"
MANY = 100_000
NOWHERE = "imported.invalid"
MAIL = re.compile(r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]{2,}$")


class Match(Struct, kw_only=True):
    """Somebody here whom a person of the file seems to be, and what they share."""

    user_id: int
    name: str
    by: str


async def matches(ctx: Context, people: Iterable[Person]) -> dict[str, Match]:
    """Return who people of a file are here; a name that two have says nothing."""
    users: list[Any] = await ctx.all(
        ctx.registry.noun(USER).entity, anywhere=True, limit=MANY, sort="id"
    )
    mails = {user.email.casefold(): user for user in users}
    logins = {user.username.casefold(): user for user in users}
    names: dict[str, list[Any]] = {}
    for user in users:
        for name in {_plain(user.display_name), _plain(f"{user.first_name} {user.last_name}")}:
            if name:
                names.setdefault(name, []).append(user)
    found = {}
    for one in people:
        known, by = _match(one, mails, logins, names)
        if known is not None:
            found[one.key] = Match(user_id=known.id, name=known.display_name, by=by)
    return found


def _match(
    one: Person, mails: dict[str, Any], logins: dict[str, Any], names: dict[str, list[Any]]
) -> tuple[Any, str]:
    for mail in (one.email, one.key):
        if "@" in mail and mail.casefold() in mails:
            return mails[mail.casefold()], "e-mail"
    for login in (one.username, one.key, one.email.partition("@")[0] if one.email else ""):
        if login and login.casefold() in logins and _agree(one, logins[login.casefold()]):
            return logins[login.casefold()], "user name"
    same = names.get(_plain(one.name or one.key), [])
    return (same[0], "name") if len(same) == 1 else (None, "")


def _agree(one: Person, user: Any) -> bool:
    """Return whether somebody with the same user name may be the same, by what else is known."""
    return not (one.email and user.email and _apart(one.email, user.email))


def _apart(one: str, other: str) -> bool:
    """Return whether two addresses are different ones of one company."""
    same_home = one.rpartition("@")[2].casefold() == other.rpartition("@")[2].casefold()
    return same_home and one.casefold() != other.casefold()


def _plain(name: str) -> str:
    """Return a name in small letters without accents, its words in order."""
    bare = unicodedata.normalize("NFKD", name).casefold()
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    words = re.findall(r"\w+", bare)
    return " ".join(sorted(words)) if len(words) > 1 else ""


async def create_people(ctx: Context, people: Sequence[SeenPerson]) -> dict[str, int]:
    """Make accounts that wait for their owners; nobody is written to.

    Who has no address, or has left the other program, gets one that nobody can sign in to.
    """
    noun, made = ctx.registry.noun(USER), {}
    taken = {
        name.casefold()
        for user in await ctx.all(noun.entity, anywhere=True, limit=MANY, deleted="with")
        for name in (user.username, user.email)  # type: ignore[attr-defined]
    }
    role = await ctx.find(ctx.registry.noun("identity.role").entity, anywhere=True, code="member")
    for one in people:
        real = bool(MAIL.match(one.email)) and one.email.casefold() not in taken
        login = _free_login(one, taken)
        email = one.email if real else f"{login}@{NOWHERE}"
        first, _, last = (one.name or login).strip().rpartition(" ")
        data: dict[str, Any] = {
            "username": login,
            "email": email,
            "first_name": (first or last)[:100],
            "last_name": (last if first else "")[:100],
            "display_name": (one.name or login)[:200],
        }
        if role is not None and real and one.active:
            data["roles"] = [role.id]
        user: Any = await _created(ctx, data)
        if not (real and one.active):
            user.status = "inactive"
        taken |= {login.casefold(), email.casefold()}
        made[one.key] = user.id
    await ctx.flush()
    return made


async def _created(ctx: Context, data: dict[str, Any]) -> Any:
    """Make one account; a role that the person may not give is left out."""
    noun = ctx.registry.noun(USER)
    try:
        return await perform.create(ctx, noun, data)
    except Problem:
        if "roles" not in data:
            raise
        return await perform.create(ctx, noun, {k: v for k, v in data.items() if k != "roles"})


def _free_login(one: Person, taken: set[str]) -> str:
    """Return a user name that nobody has, made from what the file knows."""
    source = one.username or one.email.partition("@")[0] or one.name or one.key
    plain = unicodedata.normalize("NFKD", source).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9._-]+", ".", plain).strip("._-")[:40] or "person"
    name = name if len(name) >= 3 else f"{name}.moved"
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{name}{number}"
    return free


async def invite(ctx: Context, ids: Iterable[int]) -> int:
    """Send those who wait for their account an invitation; return how many that were."""
    noun, sent = ctx.registry.noun(USER), 0
    action = noun.actions["invite"]
    for one in ids:
        user: Any = await ctx.load(noun, one, anywhere=True)
        if user.status == "pending" and not user.email.endswith(NOWHERE):
            await perform.act(ctx, noun, action, None, {"email": user.email})
            sent += 1
    return sent


__all__ = ["Match", "create_people", "invite", "matches"]
