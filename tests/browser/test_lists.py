"""The frame of a list as people use it: the filter by keyboard, views, many records at once."""

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import Site

ROWS = "tr[data-record]"


async def ready(page: Page) -> None:
    """Wait until the frame's scripts have arrived."""
    await expect(page.locator("#main .list-tools")).to_be_visible()
    await page.wait_for_function("document.adoptedStyleSheets.length > 0")
    await page.wait_for_load_state("networkidle")


async def call(page: Page, method: str, path: str, body: object = None) -> None:
    await page.evaluate(
        """async ([method, path, body]) => {
          const answer = await fetch(path, {method, body: body ? JSON.stringify(body) : undefined,
            headers: {"X-CSRF-Token": document.querySelector("meta[name=csrf]").content,
                      "Content-Type": "application/json"}});
          if (!answer.ok) throw new Error(await answer.text());
        }""",
        [method, path, body],
    )


async def test_a_filter_is_made_and_changed_without_a_mouse(site: Site, nora: Page) -> None:
    await nora.goto(f"{site.url}/projects/tasks?view=table")
    await ready(nora)
    sheet = nora.locator("#filter-sheet")
    await nora.keyboard.press("f")
    await expect(sheet.get_by_role("combobox")).to_be_focused()
    await nora.keyboard.type("status")
    await nora.keyboard.press("Enter")
    await expect(sheet.get_by_role("option", name="Review")).to_be_visible()
    await nora.keyboard.type("todo")
    await nora.keyboard.press("Enter")
    sentence = nora.locator(".sentence")
    await expect(sentence).to_contain_text(re.compile("Status\\s*is\\s*Todo"))
    await expect(nora).to_have_url(re.compile("status=todo"))
    await expect(sentence.locator("[data-key=f]")).to_be_focused()

    # Shift-Tab leads back into the sentence: Enter opens just that part.
    await sentence.locator(".part.value").focus()
    await nora.keyboard.press("Enter")
    await expect(sheet.get_by_role("option", name="Todo")).to_have_attribute(
        "aria-selected", "true"
    )
    await nora.keyboard.press("ArrowDown")
    await nora.keyboard.press("Space")
    await nora.keyboard.press("Enter")
    await expect(sentence.locator(".part.value")).to_contain_text(" or ")
    await expect(sentence.locator(".part.value")).to_be_focused()
    await nora.keyboard.press("Enter")
    await expect(sheet).to_be_visible()
    await nora.keyboard.press("Escape")
    await expect(sheet).not_to_be_visible()

    await nora.keyboard.press("f")
    await expect(sheet.get_by_role("combobox")).to_be_focused()
    await nora.keyboard.type("due")
    await nora.keyboard.press("Enter")
    await expect(sheet.get_by_role("option", name="this week")).to_be_visible()
    await nora.keyboard.type("next 30")
    await nora.keyboard.press("Enter")
    await expect(sentence).to_contain_text("in the next 30 days")
    await nora.locator("a.tab", has_text="Board").click()
    await expect(nora.locator('[data-view-kind="board"]')).to_be_visible()
    await expect(nora.locator(".sentence")).to_contain_text("in the next 30 days")


async def test_a_view_is_saved_found_again_and_reset(site: Site, nora: Page) -> None:
    await nora.goto(f"{site.url}/projects/tasks?view=table&status=done&sort=title")
    await ready(nora)
    await nora.get_by_role("button", name="Save view").click()
    await nora.locator("#dialog").get_by_label("Name").fill("Finished")
    await nora.keyboard.press("Enter")
    await expect(nora).to_have_url(re.compile(r"\?v=\d+$"))
    tab = nora.locator("a.tab", has_text="Finished")
    await expect(tab).to_have_attribute("aria-current", "page")
    await nora.locator("[data-drop='0']").click()
    await expect(nora.locator(".view-saving")).to_contain_text("Changed:")
    await nora.get_by_role("link", name="Reset").click()
    await expect(nora.locator(".sentence")).to_contain_text("Done")
    await nora.reload()
    await expect(nora.locator(".sentence")).to_contain_text("Done")
    await ready(nora)
    await nora.get_by_label("What to do with the view Finished").click()
    await nora.get_by_role("button", name="Delete the view").click()
    await expect(tab).to_have_count(0)
    await nora.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(tab).to_have_count(1)


async def test_many_are_changed_with_a_diff_seen_by_another_and_taken_back(
    site: Site, nora: Page, second: Page
) -> None:
    address = f"{site.url}/projects/tasks?view=table&status=backlog&sort=id"
    await second.goto(address)
    await nora.goto(address)
    await ready(nora)
    rows = nora.locator(ROWS)
    before = await rows.count()
    await rows.nth(0).hover()
    await nora.keyboard.press("x")
    await rows.nth(2).locator("td.lead").click(modifiers=["Shift"])
    bar = nora.locator("#bulk")
    await expect(bar).to_contain_text("3 selected")
    await bar.get_by_role("button", name="Edit").click()
    await nora.get_by_label("Which field?").select_option(label="Status")
    await nora.locator("#f-status").select_option("todo")
    await nora.get_by_role("button", name="See what would change").click()
    await expect(nora.locator(".effects")).to_contain_text(re.compile("3\\s*Status\\s*Backlog"))
    assert await second.locator(ROWS).count() == before
    await nora.get_by_role("button", name="Apply to all 3").click()
    await expect(rows).to_have_count(before - 3)
    await expect(second.locator(ROWS)).to_have_count(before - 3)
    await expect(bar).to_be_hidden()
    await nora.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(second.locator(ROWS)).to_have_count(before)


async def test_long_work_is_followed_in_the_corner_through_a_reload(site: Site, nora: Page) -> None:
    await nora.goto(f"{site.url}/projects/tasks?view=table")
    await ready(nora)
    wish = {
        "resource": "projects.task",
        "deed": "update",
        "query": "status=todo",
        "values": {"set": {"component": "quay"}},
    }
    await call(nora, "POST", "/api/bulk/runs/start", wish)
    await nora.reload()
    tray = nora.locator("#tray").get_by_role("region", name="Edit: tasks")
    await expect(tray).to_contain_text("Edit: tasks")
    await site.ws.turn()
    await expect(tray).to_contain_text("Done:")
    await nora.goto(f"{site.url}/projects/projects")
    await expect(tray).to_contain_text("Done:")
    await tray.get_by_role("button", name="Undo").click()
    await expect(tray).to_contain_text("Taken back.")


async def test_a_phone_sorts_filters_and_selects(site: Site, phone_page: Page) -> None:
    await site.sign_in(phone_page)
    await phone_page.goto(f"{site.url}/projects/tasks?view=table&status=todo")
    await ready(phone_page)
    await phone_page.get_by_role("button", name="Sort").tap()
    await phone_page.locator("#sort-sheet").get_by_role("link", name="Title", exact=True).tap()
    await expect(phone_page).to_have_url(re.compile("sort=title"))
    await phone_page.locator(".part.value").tap()
    await phone_page.get_by_role("option", name="Done").tap()
    await phone_page.get_by_role("button", name="Apply").tap()
    await expect(phone_page).to_have_url(re.compile("status=todo%2Cdone"))
    await phone_page.get_by_role("button", name="More", exact=True).first.tap()
    await phone_page.get_by_role("button", name="Select", exact=True).tap()
    await phone_page.locator(ROWS).nth(1).locator("td.lead").tap()
    await expect(phone_page.locator("#bulk")).to_contain_text("1 selected")
    wide = await phone_page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0
