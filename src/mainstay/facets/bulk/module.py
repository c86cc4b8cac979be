"""The card of changing many records."""

import sqlalchemy as sa

from mainstay.facets.bulk.entities import BulkRun
from mainstay.kernel.module import Module, Resource
from mainstay.kernel.scope import Scope, Scoping


def _own(s: Scoping) -> sa.ColumnElement[bool]:
    return s.table.c.created_by == s.me


MODULE = Module(
    "bulk",
    "Many records changed at once, with a preview, progress and a way back.",
    depends=("identity",),
    resources=(
        Resource(
            BulkRun,
            "bulk/runs",
            columns=("resource", "deed", "state", "done", "total", "failed", "created_at"),
            brief=("resource", "deed"),
            verbs=(),
            scope=Scope(_own, "You started it."),
            icon="stack-2",
            title="Bulk change",
            plural="Bulk changes",
        ),
    ),
)
