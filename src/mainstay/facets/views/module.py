"""The card of views."""

import sqlalchemy as sa

from mainstay.facets.roles import WORKING
from mainstay.facets.views import actions, limits
from mainstay.facets.views.entities import ColumnLimit, SavedView, ViewMemory
from mainstay.facets.views.shelf import places, shelf
from mainstay.kernel.module import Module, Offer, Resource
from mainstay.kernel.scope import Scope, Scoping


def _own_or_shared(s: Scoping) -> sa.ColumnElement[bool]:
    return sa.or_(s.table.c.created_by == s.me, s.table.c.shared == "everyone")


def _own(s: Scoping) -> sa.ColumnElement[bool]:
    return s.table.c.user_id == s.me


OWN = ("views.view_memory.read", "views.column_limit.read")
KEEPS = (
    *OWN,
    *(f"views.saved_view.{verb}" for verb in ("read", "create", "update", "delete", "restore")),
)
LIMITS = tuple(f"views.column_limit.{v}" for v in ("create", "update", "delete", "restore"))
SHARES = (*KEEPS, actions.SHARE, *LIMITS)

MODULE = Module(
    "views",
    "How people like to see their lists, kept for one person or for everyone.",
    depends=("identity",),
    resources=(
        Resource(
            SavedView,
            "views/saved",
            write=("title", "query", "shared", "icon", "sort_order"),
            create_only=("entity",),
            columns=("title", "entity", "shared", "created_by"),
            brief=("title", "entity"),
            search=("title",),
            sort="sort_order",
            scope=Scope(_own_or_shared, "It is your own view, or shared with everyone."),
            create=actions.create_view,
            after=actions.settle_views,
            actions=(
                actions.make_usual,
                actions.drop_usual,
                actions.move,
                actions.duplicate,
            ),
            filters=("entity", "shared"),
            icon="layout-list",
            title="Saved view",
            plural="Saved views",
        ),
        Resource(
            ViewMemory,
            "views/memory",
            brief=("entity",),
            verbs=(),
            scope=Scope(_own, "It is how you looked at the list."),
            actions=(actions.remember,),
            logged=False,
        ),
        Resource(
            ColumnLimit,
            "views/limits",
            write=("most",),
            create_only=("entity", "field", "value", "within_id"),
            columns=("entity", "field", "value", "most", "within_id"),
            brief=("field", "value", "most"),
            create=limits.create_limit,
            after=limits.settle_limits,
            filters=("entity", "field"),
            icon="hand-stop",
            title="Column limit",
            plural="Column limits",
        ),
    ),
    permissions=(actions.SHARE,),
    roles={
        **dict.fromkeys((*WORKING, "viewer"), KEEPS),
        "lead": SHARES,
        "manager": SHARES,
        "client": OWN,
    },
    shelf=shelf,
    offers=(Offer("views", "Saved views", places, order=30),),
    guard=limits.guard,
)
