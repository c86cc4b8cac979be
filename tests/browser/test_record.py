"""A record: beside its list and as a page, edited where it is read, with who looks, and undone."""

import re
from typing import Any

from playwright.async_api import Page, expect

from mainstay.kernel import perform
from mainstay.kernel.scope import SYSTEM
from tests.browser.conftest import Site

SPLIT = "aside#split"


async def made(site: Site, title: str, **values: Any) -> int:
    """Create a task in the first project, and return its id."""
    noun = site.ws.registry.nouns["projects.task"]
    data = {"project_id": 1, "title": title, **values}
    task = await site.ws.run(SYSTEM, lambda ctx: perform.create(ctx, noun, data))
    return task.id


async def test_a_record_opens_beside_its_list_and_the_list_stays_where_it_was(
    site: Site, nora: Page
) -> None:
    await nora.goto(f"{site.url}/projects/tasks?view=table")
    await nora.evaluate("document.querySelector('#main').dataset.mine = 'the same element'")
    row = nora.locator("#main td.lead a").nth(4)
    title = await row.inner_text()
    await nora.mouse.wheel(0, 60)
    await row.click()
    split = nora.locator(SPLIT)
    await expect(split.get_by_role("heading", level=1)).to_have_text(title)
    await expect(nora).to_have_url(re.compile(r"/projects/tasks/\d+$"))
    await expect(split).to_contain_text(re.compile(r"5 of \d+"))
    assert await nora.locator("#main").get_attribute("data-mine") == "the same element"
    place = await nora.evaluate("window.scrollY")

    await nora.keyboard.press("j")
    await expect(split).to_contain_text(re.compile(r"6 of \d+"))
    await nora.keyboard.press("k")
    await expect(split.get_by_role("heading", level=1)).to_have_text(title)
    address = nora.url

    await nora.keyboard.press("Escape")
    await expect(split).to_have_count(0)
    await expect(nora).to_have_url(re.compile(r"/projects/tasks\?view=table"))
    assert await nora.locator("#main").get_attribute("data-mine") == "the same element"
    assert await nora.evaluate("window.scrollY") == place

    await nora.go_forward()
    await expect(split.get_by_role("heading", level=1)).to_have_text(title)
    await nora.go_back()
    await expect(split).to_have_count(0)

    await nora.goto(address)
    await expect(nora.locator("#main").get_by_role("heading", level=1)).to_have_text(title)
    await expect(split).to_have_count(0)


async def test_the_choice_between_page_and_split_is_remembered(site: Site, nora: Page) -> None:
    await nora.goto(f"{site.url}/projects/tasks?view=table")
    await nora.locator("#main td.lead a").nth(1).click()
    await nora.locator(SPLIT).get_by_role("button", name="Open as a page").click()
    main = nora.locator("#main")
    await expect(main.locator(".trail")).to_contain_text(re.compile(r"2 of \d+"))
    await nora.keyboard.press("]")
    await expect(main.locator(".trail")).to_contain_text(re.compile(r"3 of \d+"))
    await nora.goto(f"{site.url}/projects/tasks?view=table")
    await nora.locator("#main td.lead a").nth(1).click()
    await expect(main.locator(".trail")).to_contain_text(re.compile(r"2 of \d+"))
    await expect(nora.locator(SPLIT)).to_have_count(0)
    await main.get_by_role("button", name="Show beside the list").click()
    await expect(nora.locator(SPLIT)).to_contain_text(re.compile(r"2 of \d+"))


async def test_a_verb_in_the_split_changes_the_record_and_its_row(site: Site, nora: Page) -> None:
    record = await made(site, "Paint the davits")
    await nora.goto(f"{site.url}/projects/tasks?view=table&q=davits")
    await nora.locator("#main td.lead a", has_text="davits").click()
    split = nora.locator(SPLIT)
    await split.get_by_role("button", name="Start", exact=True).click()
    await expect(split.locator(".stand summary")).to_contain_text("In progress")
    await expect(nora.locator(f"#main #r{record}")).to_contain_text("In progress")
    await expect(nora).to_have_url(re.compile(rf"/projects/tasks/{record}$"))
    await split.locator(".stand summary").click()
    await split.locator(".stand button", has_text="Review").click()
    await expect(split.locator(".stand summary")).to_contain_text("Review")
    await nora.keyboard.press("Escape")
    await expect(split).to_have_count(0)


async def test_people_who_look_see_each_other_come_and_go(
    site: Site, nora: Page, second: Page
) -> None:
    record = await made(site, "Sound the bilges")
    await nora.goto(f"{site.url}/projects/tasks/{record}")
    await expect(nora.locator("#looking .avatar")).to_have_count(0)
    await second.goto(f"{site.url}/projects/tasks/{record}")
    await expect(nora.locator("#looking .avatar")).to_have_attribute(
        "aria-label", "Piet is looking at this too", timeout=2000
    )
    await expect(second.locator("#looking .avatar")).to_have_attribute(
        "aria-label", "Nora is looking at this too", timeout=2000
    )
    await second.goto(f"{site.url}/projects/projects")
    await expect(nora.locator("#looking .avatar")).to_have_count(0, timeout=2000)


async def test_values_are_edited_where_they_are_read_and_taken_back_from_the_stream(
    site: Site, nora: Page
) -> None:
    text = "Oil the hinges. Then close the hatch and lock it with the long key from the office."
    record = await made(site, "Oil the hatch", description=text)
    await nora.goto(f"{site.url}/projects/tasks/{record}")
    await nora.locator("[data-edit-field=description]").click()
    editor = nora.locator(".cell-editor textarea")
    await editor.fill(text.replace("long key", "short brass key"))
    await editor.press("Control+Enter")
    stream = nora.locator("#activity")
    await expect(stream.locator(".words ins")).to_contain_text("short brass")
    await expect(stream.locator(".words del")).to_contain_text("long")
    await expect(stream.locator(".words")).not_to_contain_text("Oil the hinges")

    await nora.get_by_role("button", name="Add component").click()
    await nora.locator(".cell-editor input:not([type=hidden])").fill("Deck")
    await nora.keyboard.press("Enter")
    await expect(nora.locator("dd[data-edit-field=component]")).to_have_text("Deck")

    entry = stream.locator(".entry-changes").last
    await expect(entry).to_contain_text("Component")
    await entry.hover()
    await entry.get_by_role("button", name="Take this change back").click()
    await expect(nora.locator("dd[data-edit-field=component]")).to_have_count(0)
    await expect(nora.locator(".prose").first).to_contain_text("long key")


async def test_steps_are_added_one_after_another_and_ticked(site: Site, nora: Page) -> None:
    record = await made(site, "Rig the crane")
    await nora.goto(f"{site.url}/projects/tasks/{record}")
    await nora.get_by_role("button", name="Subtasks").click()
    line = nora.get_by_role("textbox", name="Add subtask")
    await line.fill("Check the hook")
    await line.press("Enter")
    await expect(nora.locator(".steps li")).to_have_count(1)
    await nora.keyboard.type("Check the chain")
    await nora.keyboard.press("Enter")
    await expect(nora.locator(".steps li")).to_have_count(2)
    await nora.get_by_role("checkbox", name="Check the hook").check()
    await expect(nora.locator(".steps li.done")).to_have_text(re.compile("Check the hook"))
    await nora.locator(".steps li", has_text="chain").hover()
    await nora.get_by_role("button", name="Remove Check the chain").click()
    await expect(nora.locator(".steps li")).to_have_count(1)
    await nora.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(nora.locator(".steps li")).to_have_count(2)


async def test_a_person_watches_with_one_key_and_stops(site: Site, nora: Page) -> None:
    record = await made(site, "Watch the gauge")
    await nora.goto(f"{site.url}/projects/tasks/{record}")
    slot = nora.locator("#slot-watchers")
    await expect(slot.get_by_role("button", name="Watch")).to_be_visible()
    await nora.keyboard.press("w")
    await expect(slot.get_by_role("button", name="Stop watching")).to_be_visible()
    await expect(slot).to_contain_text("Nora")
    await nora.keyboard.press("w")
    await expect(slot).not_to_contain_text("Nora")


async def test_on_a_phone_the_verbs_are_at_hand_and_details_fold(
    site: Site, phone_page: Page
) -> None:
    record = await made(site, "Splice the line", priority="high")
    await site.sign_in(phone_page)
    await phone_page.goto(f"{site.url}/projects/tasks/{record}")
    side = phone_page.locator(".record > .side")
    await expect(side).to_contain_text("High")
    await expect(side.get_by_text("Reporter")).to_be_hidden()
    await side.get_by_role("button", name="All details").click()
    await expect(side.get_by_role("heading", name="People")).to_be_visible()
    start = phone_page.get_by_role("button", name="Start", exact=True)
    box = await start.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= phone_page.viewport_size["height"]  # type: ignore[index]
    assert box["height"] >= 44
    wide = await phone_page.evaluate("document.documentElement.scrollWidth")
    assert wide <= phone_page.viewport_size["width"]  # type: ignore[index]


async def test_keys_edit_assign_and_watch_and_a_long_text_shows_how_it_will_be_read(
    site: Site, nora: Page
) -> None:
    record = await made(site, "Coil the hawser", description="Plain words.")
    await nora.goto(f"{site.url}/projects/tasks/{record}")
    await expect(nora.locator("#slot-watchers")).to_be_visible()
    await nora.keyboard.press("e")
    title = nora.locator(".cell-editor input:not([type=hidden])")
    await title.fill("Coil the long hawser")
    await title.press("Enter")
    await expect(nora.get_by_role("heading", level=1)).to_have_text("Coil the long hawser")
    await nora.locator(".written [data-edit-field=description]").click()
    await nora.locator(".cell-editor textarea").fill("**Bold** <img src=x onerror=alert(1)>")
    await nora.locator(".cell-editor").get_by_role("button", name="Preview").click()
    shown = nora.locator(".cell-written")
    await expect(shown.locator("strong")).to_have_text("Bold")
    await expect(shown.locator("img")).to_have_count(0)
    await nora.keyboard.press("Escape")
    await expect(nora.locator(".written .prose")).to_have_text("Plain words.")
    await nora.evaluate("document.activeElement.blur()")
    await nora.keyboard.press("a")
    await nora.keyboard.type("Piet")
    await nora.locator(".cell-options li", has_text="Piet").first.click()
    await expect(nora.locator("[data-edit-field=assignee_id]")).to_contain_text("Piet")
    await expect(nora.locator("#slot-watchers")).to_contain_text("Piet")
