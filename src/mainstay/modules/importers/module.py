"""The card of moving in: its runs, the notes of what became what, and who may begin one."""

from mainstay.facets.transfer.api import tell_programs
from mainstay.kernel.module import Menu, Module, Page, Panel, Resource
from mainstay.modules.importers import running, views
from mainstay.modules.importers.actions import resume, stop, take_back
from mainstay.modules.importers.entities import Moved, MoveRun
from mainstay.modules.importers.scopes import OF_RUN, OWN

MOVE_RUNS = Resource(
    MoveRun,
    "importers/move-runs",
    columns=(
        "file_name",
        "source",
        "project_id",
        "state",
        "created",
        "updated",
        "failed",
        "created_at",
    ),
    brief=("file_name", "source"),
    search=("file_name",),
    verbs=(),
    scope=OWN,
    actions=(stop, resume, take_back),
    main=("site",),
    side=(
        "source",
        "state",
        "project_id",
        "created",
        "updated",
        "unchanged",
        "failed",
        "started_at",
        "finished_at",
    ),
    panels=(Panel("", "importers/report.html", views.report_panel, place="top"),),
    filters=("state", "source"),
    icon="package-import",
    progress=True,
    title="Move",
    plural="Moves",
)

MOVED = Resource(
    Moved,
    "importers/moved",
    columns=("source", "external_id", "entity", "record_id", "run_id"),
    brief=("external_id", "entity"),
    search=("external_id",),
    verbs=(),
    scope=OF_RUN,
    filters=("source", "entity", "run_id"),
    undo=False,
    logged=False,
    icon="arrows-exchange",
    title="Moved record",
    plural="Moved records",
)

MODULE = Module(
    "importers",
    "Whole projects from Jira, Trello, GitHub and Asana, with people, comments and their times.",
    depends=("identity", "projects", "scrum", "issues", "transfer"),
    resources=(MOVE_RUNS, MOVED),
    pages=(
        Page(
            "/import/programs",
            "Move in",
            "package-import",
            "importers/upload.html",
            views.upload_page,
            grant=running.BEGIN,
        ),
    ),
    roles={"manager": ("importers.*",)},
    menu=Menu("Set-up", "settings", ("/import/programs", "importers.move_run"), 90, folded=True),
    permissions=(running.BEGIN,),
    jobs={
        running.JOB: running.carry_on,
        running.BACK: running.take_back,
        running.SWEEP: running.sweep,
    },
    every={running.SWEEP: 3600},
)

tell_programs(views.knows, views.START)
