"""The card of importing and exporting."""

from mainstay.facets.roles import LEADING, WORKING
from mainstay.facets.transfer import takeback
from mainstay.facets.transfer.actions import resume, stop, take_back
from mainstay.facets.transfer.entities import ImportRun
from mainstay.facets.transfer.load import JOB, carry_on, sweep
from mainstay.facets.transfer.scopes import OWN
from mainstay.kernel.module import Module, Resource

MODULE = Module(
    "transfer",
    "Files in and out: every resource as CSV, JSON or XLSX, every table as records.",
    resources=(
        Resource(
            ImportRun,
            "transfer/imports",
            columns=("file_name", "resource", "state", "done", "total", "failed", "created_at"),
            brief=("file_name",),
            filters=("state", "resource"),
            search=("file_name",),
            sort="-id",
            verbs=(),
            scope=OWN,
            actions=(stop, resume, take_back),
            icon="file-import",
            progress=True,
            title="Import",
            plural="Imports",
        ),
    ),
    roles=dict.fromkeys((*LEADING, *WORKING), ("transfer.import_run.read",)),
    jobs={JOB: carry_on, takeback.JOB: takeback.take_back, "transfer.sweep": sweep},
    every={"transfer.sweep": 3600},
)
