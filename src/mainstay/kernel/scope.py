"""Who may see and do what: people, grants with wildcards, and scopes as SQL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel.problems import Denied, SignInNeeded


class Me(Struct, frozen=True, kw_only=True):
    """The person, token or program on whose behalf something is done."""

    id: int | None = None
    name: str = ""
    email: str = ""
    kind: Literal["user", "system", "anonymous"] = "user"
    roles: tuple[str, ...] = ()
    grants: frozenset[str] = frozenset()
    locale: str = "en"
    zone: str = "UTC"
    theme: str = "system"
    session_id: int | None = None
    token_id: int | None = None

    def can(self, permission: str) -> bool:
        """Return whether any of this person's grants covers the permission."""
        return granted(self.grants, permission)


SYSTEM = Me(kind="system", name="Mainstay", roles=("system",), grants=frozenset({"*"}))
ANONYMOUS = Me(kind="anonymous")


@lru_cache(maxsize=65536)
def granted(grants: frozenset[str], permission: str) -> bool:
    """Return whether a grant covers the permission: `*`, `projects.*`, `projects.*.read`."""
    if permission in grants or "*" in grants:
        return True
    return any(_covers(grant.split("."), permission.split(".")) for grant in grants)


def _covers(grant: list[str], wanted: list[str]) -> bool:
    if grant[-1] == "*" and len(grant) <= len(wanted):
        wanted = wanted[: len(grant)]
    return len(grant) == len(wanted) and all(
        have in ("*", want) for have, want in zip(grant, wanted, strict=True)
    )


def narrowed(grants: frozenset[str], scopes: frozenset[str]) -> frozenset[str]:
    """Return the grants a token has: those of its owner, and of these only what it was given."""
    return frozenset(
        both
        for grant in grants
        for scope in scopes
        if (both := _common(grant.split("."), scope.split(".")))
    )


def _common(one: list[str], two: list[str]) -> str:
    """Return the grant that covers just what both cover, or nothing."""
    if len(one) > len(two):
        one, two = two, one
    if len(one) < len(two):
        if one[-1] != "*":
            return ""
        one = [*one, *["*"] * (len(two) - len(one))]
    parts = []
    for left, right in zip(one, two, strict=True):
        if "*" not in (left, right) and left != right:
            return ""
        parts.append(right if left == "*" else left)
    return ".".join(parts)


def require(me: Me, permission: str) -> None:
    """Refuse unless this person has the permission."""
    if me.can(permission):
        return
    if me.kind == "anonymous":
        raise SignInNeeded("Sign in, or send a valid token in the Authorization header.")
    raise Denied(
        f"This needs the permission {permission}. Ask an administrator for a role that has it."
    )


@dataclass(frozen=True)
class Scoping:
    """What a scope rule may use: the record's table, the other tables, and who is asking."""

    table: sa.Table
    tables: Mapping[str, sa.Table]
    me: sa.ColumnElement[int]


@dataclass(frozen=True)
class Scope:
    """Which records of a resource a person may see, as one SQL condition.

    People with the grant `see_all` of the resource see every record. `says` is the sentence
    that `mainstay why` prints.
    """

    rule: Callable[[Scoping], sa.ColumnElement[bool]]
    says: str


def me_bind() -> sa.BindParameter[Any]:
    """Return the bind parameter that stands for the asking person in compiled statements."""
    return sa.bindparam("me", 0, type_=sa.BigInteger())
