"""What is the same on every page: palette, keys, quick add, favourites, home, no connection."""

import re

from playwright.async_api import Browser, Page, expect

from mainstay.kernel.scope import SYSTEM
from tests.browser.conftest import Site


async def test_the_palette_goes_creates_acts_and_finds(site: Site, nora: Page) -> None:
    await nora.goto(f"{site.url}/projects/tasks")
    rows = nora.locator("#palette .palette-row")
    await nora.keyboard.press("Control+k")
    await expect(nora.locator("#palette-input")).to_be_focused()
    await nora.keyboard.type("team")
    await expect(rows.first).to_contain_text("Teams")
    await expect(rows.first).to_have_attribute("aria-selected", "true")
    await nora.keyboard.press("Enter")
    await expect(nora).to_have_url(re.compile("/identity/teams"))

    await nora.keyboard.press("Control+k")
    await nora.keyboard.type("inverter")
    found = rows.filter(has=nora.locator("mark", has_text=re.compile("inverter", re.IGNORECASE)))
    await expect(found.first).to_be_visible()
    await expect(rows.last).to_contain_text("Search everything for “inverter”")
    await nora.keyboard.press("ArrowUp")
    await nora.keyboard.press("Enter")
    await expect(nora).to_have_url(f"{site.url}/search?q=inverter")
    await expect(nora.locator("mark").first).to_be_visible()

    await nora.keyboard.press("Control+k")
    await nora.keyboard.type(">dark")
    await expect(rows).to_have_count(1)
    await nora.keyboard.press("Enter")
    await expect(nora.locator("html")).to_have_attribute("data-theme", "dark")
    await nora.keyboard.press("Control+k")
    await nora.keyboard.type(">theme of the sys")
    await nora.keyboard.press("Enter")
    await expect(nora.locator("html")).to_have_attribute("data-theme", "system")


async def test_the_palette_runs_verbs_on_the_record_of_the_page(site: Site, nora: Page) -> None:
    page = await site.ws.page(
        SYSTEM, "projects.task", {"status": "todo", "limit": "1", "fields": "id"}
    )
    await nora.goto(f"{site.url}/projects/tasks/{page.items[0].id}")
    await nora.keyboard.press("Control+k")
    rows = nora.locator("#palette .palette-row")
    await expect(rows.first).to_be_visible()
    await nora.keyboard.type("unblock")
    refused = rows.filter(has_text="not blocked")
    await expect(refused.first).to_have_attribute("aria-disabled", "true")
    await nora.locator("#palette-input").fill("start")
    await expect(rows.first).to_have_text(re.compile("^Start"))
    await nora.keyboard.press("Enter")
    await expect(nora.locator(".toast")).to_contain_text("Start: done.")
    await expect(nora.locator("#main")).to_contain_text("In progress")


async def test_keys_lead_to_pages_and_never_fire_while_typing(site: Site, nora: Page) -> None:
    await nora.goto(f"{site.url}/")
    await nora.keyboard.press("g")
    await nora.keyboard.press("p")
    await expect(nora).to_have_url(re.compile("/projects/projects"))
    await nora.keyboard.press("/")
    await expect(nora.locator("[data-search]")).to_be_focused()
    await nora.keyboard.type("g t?c")
    await expect(nora).to_have_url(re.compile("/projects/projects"))
    await expect(nora.locator("dialog[open]")).to_have_count(0)
    await nora.keyboard.press("Escape")
    await nora.keyboard.press("?")
    sheet = nora.locator("#keys")
    await expect(sheet).to_be_visible()
    await expect(sheet.locator("[data-keys='g t']")).to_contain_text("Tasks")
    await expect(sheet.locator("[data-keys='m']")).to_be_hidden()
    await nora.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()


async def test_quick_add_from_any_page(site: Site, nora: Page) -> None:
    await nora.goto(f"{site.url}/projects/projects/1")
    await nora.keyboard.press("c")
    form = nora.locator("#quick")
    await expect(form.locator("[name=kind]")).to_have_value("projects.task")
    await expect(form.get_by_label("Title")).to_be_focused()
    await nora.keyboard.press("Enter")
    await expect(form.locator("[aria-invalid=true]").first).to_be_visible()
    await form.get_by_label("Title").fill("Oil the winch")
    await nora.keyboard.press("Enter")
    await expect(nora.locator(".toast")).to_contain_text("Task created.")
    await expect(nora).to_have_url(f"{site.url}/projects/projects/1")
    await nora.keyboard.press("c")
    await form.get_by_label("Title").fill("Oil the other winch")
    await nora.keyboard.press("Control+Enter")
    await nora.wait_for_url(re.compile(r"/projects/tasks/\d+$"))
    await expect(nora.locator("#main")).to_contain_text("Oil the other winch")
    await nora.keyboard.press("c")
    await form.get_by_label("Title").fill("Half a thought")
    await form.get_by_role("button", name="More fields").click()
    await expect(nora).to_have_url(re.compile("/projects/tasks/new"))
    await expect(nora.get_by_label("Title").first).to_have_value("Half a thought")


async def test_favourites_live_in_the_rail_of_every_window(
    site: Site, nora: Page, browser: Browser
) -> None:
    other = await nora.context.new_page()
    await other.goto(f"{site.url}/")
    await nora.bring_to_front()
    await nora.goto(f"{site.url}/projects/tasks?status=done")
    await nora.locator("#star").click()
    kept = other.locator("#favourites .favourite")
    await expect(kept).to_have_count(1)
    await expect(nora.locator("#star")).to_have_attribute("aria-pressed", "true")
    await nora.goto(f"{site.url}/projects/projects/1")
    await expect(nora.locator("#star")).to_be_enabled()
    await nora.keyboard.press("*")
    await expect(kept).to_have_count(2)

    mine = nora.locator("#favourites .favourite")
    await mine.nth(1).locator("a").focus()
    await nora.keyboard.press("Alt+ArrowUp")
    await expect(mine.nth(0)).to_have_attribute("data-path", "/projects/projects/1")
    await expect(kept.nth(0)).to_have_attribute("data-path", "/projects/projects/1")

    await mine.nth(0).hover()
    await mine.nth(0).locator(".favourite-more").click()
    await nora.locator("#favourite-menu [data-act=rename]").click()
    await nora.locator(".favourite-name").fill("The bakery")
    await nora.keyboard.press("Enter")
    await expect(kept.nth(0)).to_contain_text("The bakery")

    for left in (1, 0):
        await mine.nth(0).locator(".favourite-more").click(force=True)
        await nora.locator("#favourite-menu [data-act=remove]").click()
        await expect(mine).to_have_count(left)
        await expect(kept).to_have_count(left)
    await expect(nora.locator("#favourites")).to_be_hidden()
    await other.close()


async def test_home_shows_what_was_opened(site: Site, nora: Page) -> None:
    async with nora.expect_response(lambda answer: answer.url.endswith("/places/seen")):
        await nora.goto(f"{site.url}/projects/tasks/7")
    await nora.goto(f"{site.url}/")
    await expect(nora.locator('#recent a[href="/projects/tasks/7"]')).to_be_visible()


async def test_without_a_connection_a_page_says_so_and_comes_back(
    site: Site, browser: Browser
) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await site.sign_in(page)
    await page.wait_for_function(
        "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)",
        timeout=15_000,
    )
    await page.wait_for_function(
        "caches.keys().then(async (names) => (await (await caches.open(names[0])).keys())"
        ".some((one) => one.url.endsWith('/offline')))"
    )
    await context.set_offline(True)
    await page.goto(f"{site.url}/projects/projects")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("cannot be reached")
    await context.set_offline(False)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Projects")
    kept = await page.evaluate(
        "caches.keys().then(async (names) => (await (await caches.open(names[0])).keys())"
        ".map((one) => new URL(one.url).pathname))"
    )
    assert all(path == "/offline" or path.startswith("/static/") for path in kept), kept
    await context.close()


async def test_on_a_phone_the_menu_is_a_drawer(site: Site, phone_page: Page) -> None:
    await site.sign_in(phone_page)
    await expect(phone_page.locator("#rail")).to_be_hidden()
    await phone_page.get_by_role("button", name="Open menu").click()
    await expect(phone_page.locator("#rail")).to_be_visible()
    await phone_page.locator("#rail").get_by_role("link", name="Tasks", exact=True).click()
    await expect(phone_page.locator("#rail")).to_be_hidden()
    await expect(phone_page).to_have_url(re.compile("/projects/tasks"))
