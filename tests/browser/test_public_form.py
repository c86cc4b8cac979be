"""A customer without an account reports something, and the clock of the issue runs on its page."""

import re

from playwright.async_api import Browser, Page, expect

from mainstay.kernel.context import Context
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.issues.entities import Issue, SlaPolicy
from tests.browser.conftest import Site
from tests.harness.browser import open_page


async def reported(site: Site, page: Page) -> None:
    """Fill the form in with the keyboard alone, once wrongly."""
    await page.goto(f"{site.url}/report/help")
    await page.get_by_label("What is it about?").focus()
    await page.keyboard.type("The display is dark")
    await page.get_by_label("Your e-mail address").fill("nope@example")
    await page.wait_for_timeout(2000)
    await page.get_by_role("button", name="Send the report").focus()
    await page.keyboard.press("Enter")
    wrong = page.get_by_label("Your e-mail address")
    await expect(wrong).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_label("What is it about?")).to_have_value("The display is dark")
    await wrong.fill("ada@example.com")
    await page.wait_for_timeout(2000)
    await page.get_by_role("button", name="Send the report").click()
    await expect(page.get_by_role("heading", name="Your report was received")).to_be_visible()


async def test_a_report_is_followed_and_answered(site: Site, browser: Browser) -> None:
    """On a phone: report, keep the link, answer; whoever works there reads it as theirs."""
    async with open_page(browser, {"width": 390, "height": 844}) as page:
        await reported(site, page)
        await page.get_by_role("link", name="Open it").click()
        await expect(page.get_by_role("heading", name="The display is dark")).to_be_visible()
        await page.get_by_label("Your answer").fill("It is on again.")
        await page.get_by_role("button", name="Send the answer").click()
        await expect(page.get_by_text("Your answer was sent.")).to_be_visible()
        await expect(page.get_by_text("It is on again.")).to_be_visible()
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390
        await page.goto(f"{site.url}/report/nowhere")
        await expect(page.get_by_text("There is no form at this address.")).to_be_visible()


async def test_the_clock_runs_on_the_page(site: Site, nora: Page) -> None:
    """What is left grows less while the page is open, and is right after a long sleep."""

    async def work(ctx: Context) -> int:
        """Let a report have ten hours around the clock."""
        policy = SlaPolicy(name="Browser", types=["support"], around_the_clock=True)
        policy.medium_resolve = 10.0
        await ctx.create(policy)
        found = await ctx.find(Issue, anywhere=True, type="support", status="open")
        assert found
        return found.id

    issue = await site.ws.run(SYSTEM, work)
    await nora.clock.install()
    await nora.goto(f"{site.url}/issues/issues/{issue}")
    left = nora.locator("[data-sla-left]")
    await expect(left).to_have_text(re.compile(r"left$"))
    minutes = await minutes_of(left)
    await nora.clock.fast_forward("30:00")
    await expect(left).not_to_have_text(re.compile(rf"^{minutes // 60} h {minutes % 60} min"))
    assert minutes - 31 <= await minutes_of(left) <= minutes - 29


async def minutes_of(left: object) -> int:
    """Return the minutes that the page says are left."""
    text = await left.text_content()  # type: ignore[attr-defined]
    found = re.match(r"(?:(\d+) h)? ?(?:(\d+) min)?", text.strip())
    assert found
    return 60 * int(found[1] or 0) + int(found[2] or 0)
