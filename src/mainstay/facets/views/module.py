"""The card of views."""

import sqlalchemy as sa

from mainstay.facets.views.entities import ColumnLimit, SavedView, ViewMemory
from mainstay.kernel.module import Module, Resource
from mainstay.kernel.scope import Scope, Scoping


def _own_or_shared(s: Scoping) -> sa.ColumnElement[bool]:
    return sa.or_(s.table.c.created_by == s.me, s.table.c.shared == "everyone")


def _own(s: Scoping) -> sa.ColumnElement[bool]:
    return s.table.c.user_id == s.me


MODULE = Module(
    "views",
    "How people like to see their lists, kept for one person or for everyone.",
    depends=("identity",),
    resources=(
        Resource(
            SavedView,
            "views/saved",
            write=("title", "query", "shared", "icon", "sort_order", "is_usual"),
            create_only=("entity",),
            columns=("title", "entity", "shared", "created_by"),
            brief=("title", "entity"),
            search=("title",),
            sort="sort_order",
            scope=Scope(_own_or_shared, "It is your own view, or shared with everyone."),
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
            logged=False,
        ),
        Resource(
            ColumnLimit,
            "views/limits",
            write=("most",),
            create_only=("entity", "field", "value", "within_id"),
            columns=("entity", "field", "value", "most", "within_id"),
            brief=("field", "value", "most"),
            icon="hand-stop",
            title="Column limit",
            plural="Column limits",
        ),
    ),
)
