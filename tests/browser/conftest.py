"""A served workspace with the demo company, and people who sign in to it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from mainstay.app import asgi, seed
from mainstay.facets.bulk.entities import BulkRun
from mainstay.facets.transfer.entities import ImportRun
from mainstay.facets.views.entities import ViewMemory
from mainstay.kernel import migrate
from mainstay.kernel.context import Context
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity import api
from mainstay.modules.importers.entities import MoveRun
from tests.harness.browser import open_page
from tests.harness.servers import running
from tests.harness.workspaces import opened

PASSWORD = "quay wall at low tide 7"


@dataclass
class Site:
    """The address of a served workspace, and the workspace behind it."""

    url: str
    ws: Workspace
    browser: Browser

    async def sign_in(self, page: Page, who: str = "nora@example.com") -> None:
        """Sign in through the page, as a person does; meanwhile the browser gets its scripts."""
        await page.goto(f"{self.url}/sign-in")
        await page.get_by_label("E-mail address or user name").fill(who)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url(f"{self.url}/")


@pytest.fixture(scope="package")
async def site(
    tmp_path_factory: pytest.TempPathFactory, house: Registry, browser: Browser
) -> AsyncIterator[Site]:
    """A workspace with two administrators and the demo company, served on a free port."""
    folder: Path = tmp_path_factory.mktemp("site")
    ws = opened(f"sqlite:///{folder / 'site.db'}", house, folder)
    await migrate.upgrade(f"sqlite:///{folder / 'site.db'}")
    await ws.open()
    await seed(ws)
    for name in ("nora", "piet"):
        await api.create_user(
            ws,
            f"{name}@example.com",
            first_name=name.title(),
            password=PASSWORD,
            roles=("admin",),
        )
    await seed(ws, demo=True)
    async with running(asgi(ws.settings, ws=ws)) as url:
        yield Site(url, ws, browser)
    await ws.close()


@pytest.fixture(autouse=True)
async def usual_views(request: pytest.FixtureRequest) -> None:
    """Let every list be seen in its usual way, whatever an earlier test left it in."""
    if "site" not in request.fixturenames:
        return
    site = request.getfixturevalue("site")

    async def forget(ctx: Context) -> None:
        """Forget how lists were seen, and the long work that is told of in the corner."""
        for kind in (ViewMemory, ImportRun, BulkRun, MoveRun):
            for one in await ctx.all(kind):
                await ctx.delete(one)

    await site.ws.run(SYSTEM, forget)


@pytest.fixture
async def nora(site: Site, page: Page) -> Page:
    """A signed-in page at desktop width."""
    await site.sign_in(page)
    return page


@pytest.fixture
async def second(site: Site) -> AsyncIterator[Page]:
    """Another person in another window."""
    async with open_page(site.browser, {"width": 1440, "height": 900}) as page:
        await site.sign_in(page, "piet@example.com")
        yield page
