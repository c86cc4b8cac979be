"""What people do: sign in, find, create, edit and finish a task, see others work, import a file."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Site

ROWS = "tbody tr[data-href]"


async def create_task(page: Page, site: Site, title: str) -> str:
    """Create a task through the form; return its address."""
    await page.goto(f"{site.url}/projects/tasks/new")
    await page.get_by_label("Title").fill(title)
    await page.get_by_label("Project", exact=False).first.select_option(index=1)
    await page.get_by_role("button", name=re.compile("Create|Save")).first.click()
    await page.wait_for_url(re.compile(r"/projects/tasks/\d+$"))
    return page.url


async def test_a_wrong_password_says_so_and_keeps_the_name(site: Site, page: Page) -> None:
    await page.goto(f"{site.url}/projects/tasks?status=todo")
    await expect(page).to_have_url(re.compile("/sign-in"))
    await page.get_by_label("E-mail address or user name").fill("nora@example.com")
    await page.get_by_label("Password").fill("wrong wrong wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("main")).to_contain_text(re.compile("[Ww]rong|right|match"))
    assert await page.get_by_label("E-mail address or user name").input_value()


async def test_a_task_from_creation_to_done_seen_live_by_another(
    site: Site, nora: Page, second: Page
) -> None:
    address = await create_task(nora, site, "Grease the capstan")
    await expect(nora.get_by_role("heading", level=1)).to_contain_text("Grease the capstan")

    await second.goto(f"{site.url}/projects/tasks?q=capstan")
    row = second.locator("tr", has_text="Grease the capstan")
    await expect(row).to_contain_text("Todo")
    await second.wait_for_timeout(300)

    await nora.get_by_role("button", name="Start", exact=True).click()
    await expect(nora.locator("main")).to_contain_text("In progress")
    await expect(row).to_contain_text("In progress")

    await nora.goto(f"{address}/edit")
    await nora.get_by_label("Title").fill("Grease the big capstan")
    await nora.get_by_role("button", name="Save").first.click()
    await expect(nora.get_by_role("heading", level=1)).to_contain_text("Grease the big capstan")
    await expect(second.locator("tr", has_text="Grease the big capstan")).to_be_visible()

    complete = nora.get_by_role("button", name="Complete", exact=True)
    if not await complete.is_visible():
        await nora.get_by_text("More", exact=True).click()
    await complete.click()
    await expect(nora.locator("main")).to_contain_text("Done")
    await expect(second.locator("tr", has_text="big capstan")).to_contain_text("Done")
    await expect(nora.locator("main")).to_contain_text("completed", ignore_case=True)


async def test_a_list_is_searched_filtered_and_sorted(site: Site, nora: Page) -> None:
    await nora.goto(f"{site.url}/projects/tasks")
    await expect(nora.locator(ROWS)).to_have_count(50)
    await nora.goto(f"{site.url}/projects/tasks?status=done&sort=title")
    await expect(nora.locator(ROWS).first).to_contain_text("Done")
    titles = await nora.locator(f"{ROWS} a").all_inner_texts()
    assert titles
    await nora.get_by_role("searchbox").last.fill("inverter")
    await nora.keyboard.press("Enter")
    await expect(nora.locator(ROWS).first).to_contain_text(re.compile("inverter", re.IGNORECASE))


async def test_load_more_adds_the_next_page(site: Site, nora: Page) -> None:
    await nora.goto(f"{site.url}/projects/tasks")
    await expect(nora.locator(ROWS)).to_have_count(50)
    await nora.get_by_text("Load more").click()
    await expect(nora.locator(ROWS)).to_have_count(150)


async def test_wrong_input_is_named_beside_its_field_and_kept(site: Site, nora: Page) -> None:
    await nora.goto(f"{site.url}/projects/projects/new")
    await nora.get_by_label("Name").fill("Quay")
    await nora.get_by_label("Code").first.fill("NOR")
    await nora.get_by_role("button", name=re.compile("Create|Save")).first.click()
    await expect(nora.get_by_text("This value is already taken")).to_be_visible()
    assert await nora.get_by_label("Name").input_value() == "Quay"


async def test_two_editors_are_told_and_nothing_is_lost(
    site: Site, nora: Page, second: Page
) -> None:
    address = await create_task(nora, site, "Paint the bollards")
    await second.goto(f"{address}/edit")
    await nora.goto(f"{address}/edit")
    await nora.get_by_label("Title").fill("Paint the bollards black")
    await nora.get_by_role("button", name="Save").first.click()
    await nora.wait_for_url(address)
    await second.get_by_label("Title").fill("Paint the bollards white")
    await second.get_by_role("button", name="Save").first.click()
    await expect(second.locator("main")).to_contain_text("Paint the bollards black")
    shown = await second.locator("main").inner_html()
    assert "Paint the bollards white" in shown


async def test_a_file_is_imported_through_the_page(site: Site, nora: Page, tmp_path: Path) -> None:
    file = tmp_path / "skills.csv"
    file.write_text("name,category\nSplicing,technical\nNavigation,technical\n,soft\n", "utf-8")
    await nora.goto(f"{site.url}/import/identity/skills")
    await nora.locator("input[type=file]").set_input_files(file)
    await nora.get_by_role("button", name="See what would happen").click()
    await nora.get_by_role("button", name=re.compile("^Import 1 file")).first.click()
    await expect(nora.locator("main")).to_contain_text(
        re.compile("done|finished|imported", re.IGNORECASE), timeout=5000
    )
    await nora.goto(f"{site.url}/identity/skills?q=splicing")
    await expect(nora.locator("tbody")).to_contain_text("Splicing")


async def test_the_bin_gives_back_what_was_deleted(site: Site, nora: Page) -> None:
    address = await create_task(nora, site, "Coil the old rope")
    await nora.evaluate(
        """async (path) => fetch(path, {method: "DELETE",
           headers: {"X-CSRF-Token": document.querySelector("meta[name=csrf]").content}})""",
        address.replace(site.url, "/api"),
    )
    await nora.goto(f"{site.url}/projects/tasks?deleted=only&q=coil")
    await expect(nora.locator("tbody")).to_contain_text("Coil the old rope")
    await nora.get_by_role("button", name="Restore").first.click()
    await nora.goto(address)
    await expect(nora.get_by_role("heading", level=1)).to_contain_text("Coil the old rope")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_phone_shows_lists_records_and_forms_without_sideways_scrolling(
    site: Site, phone_page: Page, theme: str
) -> None:
    await phone_page.emulate_media(color_scheme=theme)
    await site.sign_in(phone_page)
    for path in (
        "/",
        "/projects/projects",
        "/projects/tasks",
        "/projects/tasks/new",
        "/projects/projects/1",
        "/identity/users",
        "/profile",
    ):
        await phone_page.goto(f"{site.url}{path}")
        await expect(phone_page.get_by_role("heading", level=1)).to_be_visible()
        wide = await phone_page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{path} is {wide} px too wide"


async def test_no_page_breaks_its_own_content_policy(site: Site, nora: Page) -> None:
    said: list[str] = []
    nora.on("console", lambda message: said.append(message.text))
    for path in ("/", "/projects/tasks", "/projects/projects/1", "/profile", "/api/reference"):
        await nora.goto(f"{site.url}{path}")
    assert not [text for text in said if "Content Security Policy" in text]
