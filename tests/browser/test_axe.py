"""No page has a serious or critical finding of axe, in either theme."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from scripts.pages import OUTSIDE, SHOWN, addresses
from scripts.screenshots import first_records
from tests.browser.conftest import Site

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# The pages are the same in both themes but for their colours, and those come from a few parts.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
RUN = """async (rules) => {
  const found = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return found.violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${one.id}: `
      + one.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")
      + ` (${one.nodes.length}) ${one.nodes[0].failureSummary?.slice(0, 200)}`);
}"""
# The reference of the API has thousands of parts that are drawn by the same few lines.
ALIKE = """for (const part of document.querySelectorAll(".reference"))
  [...part.querySelectorAll("details")].slice(5).forEach((one) => one.remove());"""


async def opened(browser: Browser, theme: Any, state: Any = None) -> tuple[BrowserContext, Page]:
    """Open a page that axe is loaded into, whatever the page's own policy says."""
    context = await browser.new_context(
        viewport={"width": 1440, "height": 900},
        color_scheme=theme,
        reduced_motion="reduce",
        storage_state=state,
        service_workers="block",
    )
    await context.add_init_script(path=AXE)
    return context, await context.new_page()


async def findings(page: Page, url: str, paths: list[str], rules: Any) -> dict[str, list[str]]:
    """Return what axe has found on each page, of the pages where it has found anything."""
    found = {}
    for path in paths:
        answer = await page.goto(url + path)
        assert answer is not None
        assert answer.status < 500, f"{path} answers {answer.status}"
        await page.evaluate(ALIKE)
        if said := await page.evaluate(RUN, rules):
            found[path] = said
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_kind_of_page_is_for_everyone(site: Site, browser: Browser, theme: str) -> None:
    """Walk the list that is derived from the registry, so that a new room is walked too."""
    if not AXE.exists():
        pytest.skip("axe is not here; `make assets` brings it")
    rules = RULES if theme == "light" else COLOURS
    outside, page = await opened(browser, theme)
    found = await findings(page, site.url, list(OUTSIDE), rules)
    await site.sign_in(page)
    state = await outside.storage_state()
    await outside.close()
    context, page = await opened(browser, theme, state)
    only = () if theme == "light" else SHOWN[:1]
    paths = addresses(site.ws.registry, await first_records(site.ws), few=True, only=only)
    found |= await findings(page, site.url, paths, rules)
    await context.close()
    said = [f"{path}: {one}" for path, all_ in found.items() for one in all_]
    assert not found, "\n".join(said)


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_what_opens_over_a_page_is_for_everyone(
    site: Site, browser: Browser, theme: str
) -> None:
    """The palette, the sheet of keys and quick add."""
    if not AXE.exists():
        pytest.skip("axe is not here; `make assets` brings it")
    context, page = await opened(browser, theme)
    await site.sign_in(page)
    await page.goto(f"{site.url}/projects/projects/1")
    for key, open_ in (("Control+k", "#palette"), ("?", "#keys"), ("c", "#dialog")):
        await page.keyboard.press(key)
        await expect(page.locator(f"{open_}[open]")).to_be_visible()
        await page.wait_for_timeout(300)
        assert await page.evaluate(RUN, RULES) == [], open_
        await page.keyboard.press("Escape")
        await expect(page.locator("dialog[open]")).to_have_count(0)
    await context.close()
