"""Pictures of every kind of page, at three widths, in both themes, with the demo company's data."""

import asyncio
import logging
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

import structlog
from playwright.async_api import Browser, BrowserContext

from mainstay.app import asgi, registry, seed
from mainstay.kernel import migrate
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.workspace import Workspace, engine_for
from mainstay.modules.identity import api
from mainstay.settings import Settings
from scripts.pages import OUTSIDE, addresses
from tests.harness.browser import find_chromium, launch
from tests.harness.servers import running

OUT = Path(__file__).parents[1] / "screenshots"
SIZES = {"desk": (1440, 900), "tablet": (1024, 768), "phone": (390, 844)}
THEMES = ("light", "dark")
SETTLED_MS = 500
WHO, PASSWORD = "nora@example.com", "quay wall at low tide 7"


def named(path: str) -> str:
    """Return the name of a page's pictures."""
    return re.sub(r"[^a-z0-9]+", "-", unquote(path).lower()).strip("-")[:80] or "home"


async def company(folder: Path) -> Workspace:
    """Return an open workspace with the demo company and somebody who may see all of it."""
    settings = Settings(database_url=f"sqlite:///{folder / 'pictures.db'}", data_dir=str(folder))
    await migrate.upgrade(settings.database_url)
    ws = Workspace(registry(), engine_for(settings.database_url), settings=settings)
    await ws.open()
    await seed(ws)
    await api.create_user(ws, WHO, first_name="Nora", password=PASSWORD, roles=("admin",))
    await seed(ws, demo=True)
    return ws


async def first_records(ws: Workspace) -> dict[str, int]:
    """Return one record of each resource that has any: not the first, which is often the barest."""
    found = {}
    for noun in ws.registry.nouns.values():
        page = await ws.page(SYSTEM, noun.key, {"limit": 3, "sort": "id", "fields": "id"})
        if page.items:
            found[noun.key] = page.items[-1].id
    return found


async def signed_in(browser: Browser, url: str, size: str, theme: str) -> BrowserContext:
    """Open a browser of this size and theme, and sign in."""
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        has_touch=size != "desk",
        service_workers="block",
    )
    page = await context.new_page()
    await page.goto(f"{url}/sign-in")
    await page.get_by_label("E-mail address or user name").fill(WHO)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(f"{url}/")
    return context


async def picture(browser: Browser, url: str, paths: Sequence[str], size: str, theme: str) -> int:
    """Take the pictures of one size and theme."""
    context = await signed_in(browser, url, size, theme)
    page = await context.new_page()
    for path in paths:
        await page.goto(url + path)
        await page.wait_for_timeout(SETTLED_MS)
        await page.screenshot(path=OUT / f"{named(path)}-{size}-{theme}.png")
    await context.close()
    outside = await browser.new_context(
        viewport=dict(zip(("width", "height"), SIZES[size], strict=True)),  # type: ignore[arg-type]
        color_scheme="dark" if theme == "dark" else "light",
    )
    page = await outside.new_page()
    for path in OUTSIDE:
        await page.goto(url + path)
        await page.screenshot(path=OUT / f"{named(path)}-{size}-{theme}.png")
    await outside.close()
    return len(paths) + len(OUTSIDE)


async def main(wanted: Sequence[str]) -> int:
    """Serve the demo company and walk through its pages; `wanted` names some instead of all."""
    chromium = find_chromium()
    if chromium is None:
        print("screenshots: no Chromium; set CHROMIUM, or install Debian's 'chromium'")
        return 1
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    started, count = time.monotonic(), 0
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        ws = await company(Path(folder))
        paths = list(wanted) or addresses(ws.registry, await first_records(ws))
        async with running(asgi(ws.settings, ws=ws)) as url, launch(chromium) as browser:
            for size in SIZES:
                for theme in THEMES:
                    count += await picture(browser, url, paths, size, theme)
        await ws.close()
    print(f"screenshots: {count} pictures in {OUT.name}/, {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
