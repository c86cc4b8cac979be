"""The card of sharing."""

import sqlalchemy as sa

from mainstay.facets.sharing.entities import ShareLink
from mainstay.kernel.module import Module, Resource
from mainstay.kernel.scope import Scope, Scoping


def _own(s: Scoping) -> sa.ColumnElement[bool]:
    return s.table.c.created_by == s.me


MODULE = Module(
    "sharing",
    "Links that show one record or list to people without an account.",
    depends=("identity",),
    resources=(
        Resource(
            ShareLink,
            "sharing/links",
            columns=("title", "entity", "expires_at", "opened_count", "created_by"),
            brief=("title", "entity"),
            verbs=("delete",),
            undo=False,
            scope=Scope(_own, "You made the link."),
            icon="share",
            title="Shared link",
            plural="Shared links",
        ),
    ),
)
