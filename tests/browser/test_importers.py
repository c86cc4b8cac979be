"""A whole board moved in: chosen, looked at, decided by keyboard, and its report on a phone."""

import json
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.conftest import Site
from tests.modules.importers import exports


async def test_a_board_is_moved_in_and_taken_back(site: Site, nora: Page, tmp_path: Path) -> None:
    board = exports.TRELLO | {"id": "5ad3c6eb79d93844dc6b0bff", "name": "Harbour"}
    file = exports.written(tmp_path, "harbour.json", json.dumps(board))
    await nora.goto(f"{site.url}/import/programs")
    await nora.locator("#f-file").set_input_files(file)
    await nora.get_by_role("button", name="See what would happen").click()
    await expect(nora.get_by_role("heading", name="Move in from Trello")).to_be_visible()
    await expect(nora.locator("option", has_text="A new project: Harbour")).to_be_attached()
    statuses = nora.locator("summary", has_text="Statuses")
    await statuses.focus()
    await nora.keyboard.press("Enter")
    await nora.get_by_label("To do", exact=True).select_option("backlog")
    await nora.locator("#f-archived").select_option("as_it_is")
    await nora.get_by_role("button", name="Try again").click()
    await expect(nora.get_by_label("To do", exact=True)).to_have_value("backlog")
    await nora.get_by_role("button", name="Move in 2 issues").click()
    await nora.wait_for_url("**/importers/move-runs/*")
    while await site.ws.turn():
        pass
    await expect(nora.get_by_role("heading", name="Both sides")).to_be_visible()
    await expect(nora.locator(".move-both").first).to_contain_text("Same")
    await nora.set_viewport_size({"width": 390, "height": 844})
    wide = "document.documentElement.scrollWidth > window.innerWidth"
    assert not await nora.evaluate(wide)
    await nora.set_viewport_size({"width": 1280, "height": 800})
    await nora.goto(f"{site.url}/projects/tasks?q=Old&status=backlog")
    await expect(nora.locator("main")).to_contain_text("Old")
