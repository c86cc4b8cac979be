"""The card of changing many records."""

import sqlalchemy as sa

from mainstay.facets.bulk import actions, runs
from mainstay.facets.bulk.entities import BulkRun
from mainstay.facets.bulk.report import report
from mainstay.facets.roles import LEADING, WORKING
from mainstay.kernel.module import Module, Panel, Resource
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
            filters=("state", "resource"),
            verbs=(),
            scope=Scope(_own, "You started it."),
            actions=(actions.start, actions.stop, actions.resume, actions.take_back),
            panels=(Panel("Report", "bulk/report.html", report),),
            side=(
                "resource",
                "deed",
                "state",
                "total",
                "done",
                "changed",
                "failed",
                "created_by",
                "created_at",
                "finished_at",
            ),
            undo=False,
            progress=True,
            icon="stack-2",
            title="Bulk change",
            plural="Bulk changes",
        ),
    ),
    roles=dict.fromkeys((*LEADING, *WORKING), ("bulk.bulk_run.read", "bulk.bulk_run.start")),
    jobs={runs.JOB: runs.carry_on, runs.UNDO: runs.take_back},
)
