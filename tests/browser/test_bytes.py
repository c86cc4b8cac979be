"""How much goes over the wire: a first visit, and a list after it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page

from tests.browser.conftest import Site

FIRST = 350_000
LATER = 30_000
QUIET_MS = 1500


@asynccontextmanager
async def counted(page: Page) -> AsyncIterator[list[float]]:
    """Count the bytes as they came over the wire, headers and all, as long as the block runs."""
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    yield sizes
    await session.detach()


async def test_a_first_visit_and_a_later_list_are_small(site: Site, browser: Browser) -> None:
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    await page.goto(f"{site.url}/sign-in")
    cookie_only = await browser.new_context(viewport={"width": 1440, "height": 900})
    await site.sign_in(page)
    await cookie_only.add_cookies(await context.cookies())  # type: ignore[arg-type]
    fresh = await cookie_only.new_page()
    async with counted(fresh) as first:
        await fresh.goto(f"{site.url}/")
        await fresh.wait_for_timeout(QUIET_MS)
        # The scripts of lists come with the first of them.
        await fresh.get_by_role("link", name="Projects", exact=True).first.click()
        await fresh.wait_for_selector("tbody tr[data-href]")
        await fresh.wait_for_timeout(QUIET_MS)
    assert len(first) > 10
    assert 0 < sum(first) <= FIRST, sum(first)
    async with counted(fresh) as later:
        await fresh.get_by_role("link", name="Tasks", exact=True).first.click()
        await fresh.wait_for_selector("tbody tr[data-href]")
        await fresh.wait_for_timeout(QUIET_MS)
    assert 0 < sum(later) <= LATER, sum(later)
    await context.close()
    await cookie_only.close()
