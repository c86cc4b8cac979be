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
    """What a scope rule may use: the record's table, the other tables, and who is asking.

    `wearers` are the resources whose records wear this one; `seen(key, table)` is the condition
    of what may be seen of another resource. `limits` are the limits of a known person: a key
    stands for a resource seen in part, `!` before a permission for one that is missing.
    """

    table: sa.Table
    tables: Mapping[str, sa.Table]
    me: sa.ColumnElement[int]
    wearers: tuple[str, ...]
    seen: Callable[[str, sa.FromClause], sa.ColumnElement[bool] | None]
    limits: frozenset[str]

    def may(self, permission: str) -> bool:
        """Return whether the person has a permission that the scope has named in `asks`."""
        return f"!{permission}" not in self.limits


@dataclass(frozen=True)
class Scope:
    """Which records of a resource a person may see, as one SQL condition.

    People with the grant `see_all` of the resource see every record. `says` is the sentence
    that `mainstay why` prints. `worn` resources (comments, files) are seen with the record they
    belong to, named by their fields `entity` and `record_id`. `asks` names the permissions that
    the rule itself looks at. `named` resources name another in their field `entity`: the rule
    may ask whether that one may be read.
    """

    rule: Callable[[Scoping], sa.ColumnElement[bool]]
    says: str
    worn: bool = False
    asks: tuple[str, ...] = ()
    named: bool = False


def of_wearer(s: Scoping) -> sa.ColumnElement[bool]:
    """Return the condition that the record which this one belongs to may be seen."""
    c = s.table.c
    cases: list[Any] = []
    for key in s.wearers:
        if not s.may(f"{key}.read"):
            continue
        other = s.tables[key].alias(f"w_{key.replace('.', '_')}")
        chosen: sa.Select[Any] = sa.select(sa.literal_column("1")).where(other.c.id == c.record_id)
        scope = s.seen(key, other)
        chosen = chosen.where(scope) if scope is not None else chosen
        cases.append((c.entity == sa.literal(key, sa.String()), sa.exists(chosen)))
    return sa.case(*cases, else_=sa.false()) if cases else sa.false()


def me_bind() -> sa.BindParameter[Any]:
    """Return the bind parameter that stands for the asking person in compiled statements."""
    return sa.bindparam("me", 0, type_=sa.BigInteger())
