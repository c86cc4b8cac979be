"""A week of time in a person's hands: filled with the keyboard only, handed in, approved."""

import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import Page, expect

from tests.browser.conftest import Site

TODAY = datetime.now(UTC).date()
WEEK = TODAY - timedelta(days=TODAY.weekday() + 63)


async def cell(page: Page, column: int) -> str:
    """Return what a cell of the first row shows."""
    return (
        await page.locator(f"#ts-grid tbody [data-col='{column}'] .ts-value").inner_text()
    ).strip()


async def test_a_week_by_keyboard_its_submission_and_its_approval(
    site: Site, nora: Page, second: Page
) -> None:
    await fill(site, nora)
    await take_back(nora)
    await write_in_two_windows(site, nora)
    await hand_in(nora)
    await second.goto(f"{site.url}/time/approvals")
    mine = second.locator(".ts-week").filter(has_text=re.compile("Nora"))
    await expect(mine).to_contain_text("14:30")
    await mine.get_by_role("button", name="Approve").click()
    await expect(second.locator("#toasts")).to_contain_text("approved")
    await expect(mine).to_have_count(0)
    await expect(nora.get_by_label("Approval")).to_contain_text("Piet approved it")


async def fill(site: Site, nora: Page) -> None:
    """Find a row and write each day, in each way that hours are written."""
    keys = nora.keyboard
    await nora.goto(f"{site.url}/time?week={WEEK}")
    await expect(nora.get_by_role("heading", name="No time in this week yet")).to_be_visible()
    await keys.press("+")
    search = nora.get_by_role("combobox", name="Search")
    await expect(search).to_be_focused()
    await keys.type("Nordhof")
    await expect(nora.locator("#ts-options [aria-selected=true]")).to_contain_text("Nordhof")
    await keys.press("Enter")
    first = nora.locator("#ts-grid tbody [data-col='0']")
    await expect(first).to_be_focused()
    for text in ("1:30", "1,5", "90m", "1h30", "8"):
        await keys.type(text)
        await keys.press("Tab")
    await expect(nora.locator("#ts-total")).to_have_text("14:00")
    await expect(nora.locator("main[data-holding]")).to_have_count(0)
    assert [await cell(nora, n) for n in range(5)] == ["1:30"] * 4 + ["8:00"]
    await expect(nora.locator("#toasts")).to_contain_text("Friday")
    label = await nora.locator("#ts-grid tbody [data-col='4']").get_attribute("aria-label")
    assert label
    assert "8:00" in label
    assert "Friday" in label


async def take_back(nora: Page) -> None:
    """What is refused goes back, with the reason; Esc takes back; Delete clears, Undo restores."""
    keys = nora.keyboard
    await keys.press("Shift+Tab")
    await keys.type("25")
    await keys.press("Enter")
    await expect(nora.locator("#toasts")).to_contain_text("at most 24 hours")
    await expect(nora.locator("#ts-grid tbody [data-col='4'] .ts-value")).to_have_text("8:00")
    await keys.type("3")
    await keys.press("Escape")
    assert await cell(nora, 4) == "8:00"
    await keys.press("Delete")
    await expect(nora.locator("#ts-total")).to_have_text("6:00")
    await nora.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(nora.locator("#ts-total")).to_have_text("14:00")


async def write_in_two_windows(site: Site, nora: Page) -> None:
    """A second window that knows an older cell does not write over it."""
    keys = nora.keyboard
    other = await nora.context.new_page()
    await other.goto(f"{site.url}/time?week={WEEK}")
    await other.locator("#ts-grid tbody [data-col='0']").focus()
    await other.evaluate("document.querySelector('[data-pane]').setAttribute('data-holding', '')")
    await nora.locator("#ts-grid tbody [data-col='0']").focus()
    await keys.type("2")
    await keys.press("Enter")
    await expect(nora.locator("#ts-total")).to_have_text("14:30")
    await other.keyboard.type("5")
    await other.keyboard.press("Enter")
    await expect(other.locator("#toasts")).to_contain_text("changed in another window")
    await expect(other.locator("#ts-grid tbody [data-col='0'] .ts-value")).to_have_text("2:00")
    await other.close()


async def hand_in(nora: Page) -> None:
    """Hand the week in; from then on its cells are locked."""
    keys = nora.keyboard
    submit = nora.get_by_role("button", name="Submit week")
    await submit.focus()
    await keys.press("Enter")
    await expect(nora.get_by_label("Approval")).to_contain_text("It waits for approval")
    await nora.locator("#ts-grid tbody [data-col='1']").focus()
    await keys.type("4")
    await expect(nora.locator("#toasts")).to_contain_text("This day is locked")
