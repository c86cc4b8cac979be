"""The composition root: the only file that names every room."""

from mainstay.delivery import asgi as web
from mainstay.delivery.gate import Gate
from mainstay.facets.bulk import routes as bulk_routes
from mainstay.facets.bulk.module import MODULE as BULK
from mainstay.facets.comments import routes as comments_routes
from mainstay.facets.comments.module import MODULE as COMMENTS
from mainstay.facets.custom_fields.module import MODULE as CUSTOM_FIELDS
from mainstay.facets.files import routes as files_routes
from mainstay.facets.files.module import MODULE as FILES
from mainstay.facets.places import routes as places_routes
from mainstay.facets.places.module import MODULE as PLACES
from mainstay.facets.sharing import routes as sharing_routes
from mainstay.facets.sharing.module import MODULE as SHARING
from mainstay.facets.tags.module import MODULE as TAGS
from mainstay.facets.transfer import routes as transfer_routes
from mainstay.facets.transfer.module import MODULE as TRANSFER
from mainstay.facets.views.module import MODULE as VIEWS
from mainstay.facets.watchers.module import MODULE as WATCHERS
from mainstay.kernel import migrate
from mainstay.kernel.clock import Clock
from mainstay.kernel.housekeeping import HOUSE
from mainstay.kernel.module import Module
from mainstay.kernel.problems import WrongSchema
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.storage.sqlite import SqliteEngine, exists
from mainstay.kernel.workspace import Workspace, engine_for
from mainstay.modules.charter.module import MODULE as CHARTER
from mainstay.modules.checklists.module import MODULE as CHECKLISTS
from mainstay.modules.identity import api as people
from mainstay.modules.identity import routes as identity_routes
from mainstay.modules.identity.module import MODULE as IDENTITY
from mainstay.modules.importers import routes as importers_routes
from mainstay.modules.importers.module import MODULE as IMPORTERS
from mainstay.modules.issues import routes as issues_routes
from mainstay.modules.issues.module import MODULE as ISSUES
from mainstay.modules.milestones.module import MODULE as MILESTONES
from mainstay.modules.planning.module import MODULE as PLANNING
from mainstay.modules.projects.module import MODULE as PROJECTS
from mainstay.modules.recurring.module import MODULE as RECURRING
from mainstay.modules.reference.module import MODULE as REFERENCE
from mainstay.modules.requests.module import MODULE as REQUESTS
from mainstay.modules.scrum.module import MODULE as SCRUM
from mainstay.modules.teams.module import MODULE as TEAMS
from mainstay.modules.templates.module import MODULE as TEMPLATES
from mainstay.modules.timesheets import routes as timesheets_routes
from mainstay.modules.timesheets.module import MODULE as TIMESHEETS
from mainstay.settings import Settings

ROUTES = (
    *bulk_routes.ROUTES,
    *comments_routes.ROUTES,
    *files_routes.ROUTES,
    *identity_routes.ROUTES,
    *importers_routes.ROUTES,
    *issues_routes.ROUTES,
    *places_routes.ROUTES,
    *sharing_routes.ROUTES,
    *timesheets_routes.ROUTES,
    *transfer_routes.ROUTES,
)


def modules() -> tuple[Module, ...]:
    """Return the card of every room, low ones first."""
    return (
        HOUSE,
        IDENTITY,
        TRANSFER,
        TAGS,
        COMMENTS,
        FILES,
        WATCHERS,
        CUSTOM_FIELDS,
        VIEWS,
        PLACES,
        SHARING,
        BULK,
        REFERENCE,
        PROJECTS,
        CHARTER,
        MILESTONES,
        PLANNING,
        CHECKLISTS,
        TEMPLATES,
        REQUESTS,
        RECURRING,
        SCRUM,
        ISSUES,
        TEAMS,
        TIMESHEETS,
        IMPORTERS,
    )


def registry() -> Registry:
    """Compile every room's declarations."""
    return Registry(modules())


def workspace(settings: Settings, *, clock: Clock | None = None) -> Workspace:
    """Return the workspace of these settings, not opened yet."""
    return Workspace(registry(), engine_for(settings.database_url), clock=clock, settings=settings)


async def open_workspace(settings: Settings) -> Workspace:
    """Open the workspace of these settings; refuse a database of another version."""
    ws = workspace(settings)
    if isinstance(ws.engine, SqliteEngine) and not exists(ws.engine.path):
        raise WrongSchema(f"There is no workspace at {ws.engine.path}. Run `mainstay db setup`.")
    await ws.open()
    try:
        await migrate.require_current(ws.engine)
    except BaseException:
        await ws.close()
        raise
    return ws


async def seed(ws: Workspace, *, demo: bool = False) -> None:
    """Write what every workspace needs, and with `demo` the demo company."""
    for module in ws.registry.modules.values():
        for run in (module.seed, module.demo if demo else None):
            if run is not None:
                await ws.run(SYSTEM, run, slow=True)


def asgi(settings: Settings, *, ws: Workspace | None = None, background: bool = True) -> Gate:
    """Return the web application of these settings."""
    return web.build(
        ws or workspace(settings),
        people.who,
        ROUTES,
        rotate=people.rotated,
        background=background,
        body_limit=settings.max_body_bytes,
        upload_limit=settings.max_upload_bytes,
    )
