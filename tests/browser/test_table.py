"""The table: values edited where they stand, columns, groups, and a long list scrolled."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from mainstay.kernel import perform
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.identity import api
from tests.browser.conftest import PASSWORD, Site

IDS = "rows => rows.map(row => +row.dataset.record)"
ROWS = "tbody tr[data-record]"
CELL = "td:nth-child({})"


async def table(page: Page, site: Site, query: str) -> None:
    """Open the tasks as a table, and wait until its script has started."""
    await page.goto(f"{site.url}/projects/tasks?view=table&{query}")
    await page.wait_for_function("() => document.querySelector('table[data-started], .empty')")


async def head(page: Page, label: str) -> int:
    """Return the place of a column, from 1 as CSS counts."""
    names = await page.locator("thead th").all_inner_texts()
    return [name.strip() for name in names].index(label) + 1


async def cell(page: Page, row: int, label: str) -> Locator:
    """Return one cell by its row and its column's words."""
    return page.locator(ROWS).nth(row).locator(CELL.format(await head(page, label)))


async def made(site: Site, number: int, word: str, **more: Any) -> list[int]:
    """Make tasks with a word in their titles, in the first project; return their ids."""
    noun = site.ws.registry.noun("projects.task")
    page = await site.ws.page(SYSTEM, "projects.project", {"limit": 1, "sort": "id"})
    data = [
        {"project_id": page.items[0].id, "title": f"{word} {place + 1}", **more}
        for place in range(number)
    ]
    wanted = perform.Bulk(create=data)
    done = await site.ws.run(SYSTEM, lambda ctx: perform.bulk(ctx, noun, wanted))
    return [one.id for one in done]


async def task(site: Site, record: int) -> Any:
    """Return one task as it is stored."""
    return await site.ws.one(SYSTEM, "projects.task", record)


@pytest.fixture
async def olga(site: Site, page: Page) -> Page:
    """Somebody whose lists nobody else looks at, because lists remember how they were seen."""
    known = await site.ws.page(SYSTEM, "identity.user", {"email": "olga@example.com"})
    if not known.items:
        await api.create_user(
            site.ws, "olga@example.com", first_name="Olga", password=PASSWORD, roles=("admin",)
        )
    await site.sign_in(page, "olga@example.com")
    return page


async def test_a_value_is_edited_by_keyboard_alone_and_taken_back(site: Site, nora: Page) -> None:
    (one,) = await made(site, 1, "Splice the hawser")
    await table(nora, site, "q=hawser")
    await nora.keyboard.press("j")
    await expect(nora.locator(f"#r{one}")).to_be_focused()
    for _step in range(await head(nora, "Priority") - 1):
        await nora.keyboard.press("ArrowRight")
    priority = await cell(nora, 0, "Priority")
    await expect(priority).to_be_focused()
    await nora.keyboard.press("F2")
    editor = nora.get_by_role("combobox", name=re.compile("Priority of"))
    await expect(editor).to_be_focused()
    await nora.keyboard.type("highe")
    await nora.keyboard.press("Enter")
    await expect(priority).to_have_text("Highest")
    await expect(priority).to_be_focused()
    assert (await task(site, one)).priority == "highest"

    await nora.locator(".toast").get_by_role("button", name="Undo").click()
    await expect(priority).to_have_text("Medium")
    assert (await task(site, one)).priority == "medium"

    await nora.locator(f"#r{one}").focus()
    await nora.keyboard.press("e")
    title = nora.get_by_role("textbox", name=re.compile("Title of"))
    await title.fill("Splice the long hawser")
    await nora.keyboard.press("Tab")
    await expect(
        editor.or_(nora.get_by_role("combobox", name=re.compile("Status")))
    ).to_be_focused()
    await nora.keyboard.press("Escape")
    await expect(await cell(nora, 0, "Title")).to_have_text("Splice the long hawser")
    await nora.keyboard.press("ArrowLeft")
    await nora.keyboard.press("F2")
    await title.fill("Thrown away")
    await nora.keyboard.press("Escape")
    await expect(await cell(nora, 0, "Title")).to_have_text("Splice the long hawser")
    assert (await task(site, one)).title == "Splice the long hawser"


async def test_what_is_refused_says_why_and_keeps_what_was_typed(site: Site, nora: Page) -> None:
    (one,) = await made(site, 1, "Rinse the bilge", status="backlog")
    await table(nora, site, "q=bilge")
    points = await cell(nora, 0, "Story points")
    await points.click()
    field = nora.get_by_role("spinbutton", name=re.compile("Story points"))
    await field.fill("-3")
    await nora.keyboard.press("Enter")
    await expect(nora.get_by_role("alert").filter(has_text="between 0 and 1000")).to_be_visible()
    await expect(field).to_have_value("-3")
    await expect(field).to_be_focused()
    await field.fill("5")
    await nora.keyboard.press("Enter")
    await expect(points).to_have_text("5")

    status = await cell(nora, 0, "Status")
    await status.click()
    await nora.keyboard.type("review")
    await nora.keyboard.press("Enter")
    reason = nora.get_by_role("alert").filter(has_text="Start it first")
    await expect(reason).to_be_visible()
    await nora.keyboard.press("Escape")
    await expect(status).to_have_text("Backlog")
    assert (await task(site, one)).status == "backlog"


async def test_two_people_change_the_same_value_and_one_chooses(
    site: Site, nora: Page, second: Page
) -> None:
    (one,) = await made(site, 1, "Caulk the deck")
    for page in (nora, second):
        await table(page, site, "q=caulk")
    title = await cell(nora, 0, "Title")
    await nora.locator(f"#r{one}").focus()
    await nora.keyboard.press("e")
    mine = nora.get_by_role("textbox", name=re.compile("Title of"))
    await mine.fill("Caulk the fore deck")
    await second.locator(f"#r{one}").focus()
    await second.keyboard.press("e")
    await second.get_by_role("textbox", name=re.compile("Title of")).fill("Caulk the poop deck")
    await second.keyboard.press("Enter")
    await expect(second.locator(".toast")).to_contain_text("Title changed")
    await nora.keyboard.press("Enter")
    theirs = nora.get_by_role("button", name=re.compile("Theirs"))
    await expect(theirs).to_contain_text("Caulk the poop deck")
    await expect(nora.get_by_role("button", name=re.compile("Yours"))).to_contain_text("fore deck")
    await nora.get_by_role("button", name=re.compile("Yours")).click()
    await expect(nora.locator(".toast")).to_contain_text("Title changed")
    await expect(title).to_have_text("Caulk the fore deck")
    assert (await task(site, one)).title == "Caulk the fore deck"
    await expect(await cell(second, 0, "Title")).to_have_text("Caulk the fore deck")

    # A change of another field meanwhile is no conflict: both stand.
    await nora.keyboard.press("F2")
    await mine.fill("Caulk both decks")
    noun = site.ws.registry.noun("projects.task")
    await site.ws.run(SYSTEM, lambda ctx: perform.update(ctx, noun, one, {"priority": "low"}))
    await nora.keyboard.press("Enter")
    await expect(title).to_have_text("Caulk both decks")
    await expect(await cell(nora, 0, "Priority")).to_have_text("Low")


async def test_every_kind_of_value_has_its_editor(site: Site, nora: Page) -> None:
    (one,) = await made(site, 1, "Rig the derrick")
    names = "title,assignee_id,due_date,tags,assignees,description,estimated_hours,completed_at"
    await table(nora, site, f"q=derrick&columns={names}")
    person = await cell(nora, 0, "Assignee")
    await person.click()
    search = nora.get_by_role("combobox", name=re.compile("Assignee of"))
    await search.fill("nora")
    option = nora.get_by_role("option", name=re.compile("Nora")).first
    await expect(option).to_have_class(re.compile("active"))
    await nora.keyboard.press("Enter")
    await expect(person).to_contain_text("Nora")

    due = await cell(nora, 0, "Due")
    await due.click()
    day = site.ws.clock.now().date() + timedelta(days=1)
    await nora.locator(".cell-editor input[type=date]").fill(day.isoformat())
    await nora.keyboard.press("Enter")
    await expect(due).to_have_text("Tomorrow")

    tags = await cell(nora, 0, "Tags")
    await tags.click()
    await nora.get_by_role("combobox", name=re.compile("Tags of")).fill("stainless")
    await nora.get_by_role("option", name="Create").click()
    await expect(nora.locator(".cell-editor .pick")).to_have_text(re.compile("stainless"))
    await nora.get_by_role("button", name="Save", exact=True).click()
    await expect(tags).to_have_text("stainless")

    people = await cell(nora, 0, "Assignees")
    await people.click()
    await nora.get_by_role("combobox", name=re.compile("Assignees of")).fill("piet")
    await expect(nora.get_by_role("option")).to_have_count(1)
    await nora.keyboard.press("Enter")
    await nora.get_by_role("button", name="Save", exact=True).click()
    await expect(people).to_contain_text("Piet")

    await finish_long_text(site, nora, one, day.isoformat())


async def finish_long_text(site: Site, nora: Page, one: int, due: str) -> None:
    """Write a long text that tries to be a script, and see what may not be edited."""
    words = await cell(nora, 0, "Description")
    await words.click()
    await nora.locator(".cell-editor textarea").fill("First line\n<img src=x onerror=alert(1)>")
    await nora.keyboard.press("Control+Enter")
    await expect(words).to_contain_text("First line <img src=x")
    assert await nora.locator("td img").count() == 0

    done = await cell(nora, 0, "Completed at")
    assert await done.get_attribute("data-edit-field") is None
    stored = await task(site, one)
    assert str(stored.due_date) == due
    assert stored.description.startswith("First line\n")


async def test_columns_are_chosen_ordered_and_widened(site: Site, olga: Page) -> None:
    await table(olga, site, "columns=title,status:200,project.code")
    heads = [text.strip() for text in await olga.locator("thead th").all_inner_texts()]
    assert heads[1:] == ["Title", "Status", "Project › Code"]  # noqa: RUF001 - as it is drawn
    width = await olga.locator("thead th").nth(2).evaluate("th => th.offsetWidth")
    assert width == 200
    grip = olga.locator("thead th").nth(2).locator("[data-grip]")
    box = await grip.bounding_box()
    assert box
    await olga.mouse.move(box["x"] + 4, box["y"] + 8)
    await olga.mouse.down()
    await olga.mouse.move(box["x"] + 44, box["y"] + 8, steps=4)
    await olga.mouse.up()
    await expect(olga).to_have_url(re.compile("status%3A240"))
    await olga.locator("thead th").nth(2).locator("a").focus()
    await olga.keyboard.press("Shift+ArrowRight")
    await expect(olga).to_have_url(re.compile("status%3A256"))

    await olga.get_by_role("button", name="Display").click()
    await olga.get_by_role("checkbox", name="Priority").check()
    await expect(olga.locator("thead")).to_contain_text("Priority")
    await olga.get_by_role("button", name="Move Priority up").click()
    await expect(olga).to_have_url(re.compile("title%2Cstatus%3A256%2Cpriority%2Cproject"))
    await olga.reload()
    await expect(olga.locator("thead th").nth(3)).to_contain_text("Priority")


async def test_groups_count_fold_and_stay_folded(site: Site, olga: Page) -> None:
    await made(site, 3, "Paint the funnel", status="todo", story_points=2)
    await made(site, 2, "Paint the funnel", status="backlog", story_points=5)
    await table(olga, site, "q=funnel&group_by=status&totals=1&columns=title,story_points")
    groups = olga.locator("tr.group-head")
    await expect(groups).to_have_count(2)
    await expect(groups.nth(0)).to_have_text(re.compile(r"Backlog\s*2\s*(Sum)?\s*10"))
    await expect(groups.nth(1)).to_have_text(re.compile(r"Todo\s*3\s*(Sum)?\s*6"))
    await expect(olga.locator("tfoot")).to_contain_text("16")
    await expect(olga.locator(ROWS)).to_have_count(5)
    await olga.get_by_role("button", name="Rows of Backlog").click()
    await expect(olga.locator(ROWS)).to_have_count(3)
    await expect(olga).to_have_url(re.compile("folded=backlog"))
    await olga.reload()
    await expect(olga.get_by_role("button", name="Rows of Backlog")).to_have_attribute(
        "aria-expanded", "false"
    )
    await expect(olga.locator(ROWS)).to_have_count(3)
    status = olga.get_by_role("button", name="Rows of Backlog")
    await status.click()
    await expect(olga.locator(ROWS)).to_have_count(5)


async def test_a_long_list_is_scrolled_with_few_rows_drawn(site: Site, nora: Page) -> None:
    ids = await made(site, 900, "Count the rivets")
    await table(nora, site, "q=rivets&sort=id")
    box = nora.locator(".table-box")
    seen: set[int] = set()
    for _step in range(200):
        await box.evaluate("box => box.scrollBy(0, 900)")
        await nora.wait_for_timeout(30)
        drawn = await nora.locator(ROWS).evaluate_all(
            "rows => rows.map(row => +row.dataset.record)"
        )
        seen.update(drawn)
        assert len(drawn) <= 600
        assert len(drawn) == len(set(drawn))
        if len(seen) == len(ids):
            break
    assert seen == set(ids)
    assert await nora.locator("table *").count() < 12_000
    await box.evaluate("box => box.scrollTo(0, 0)")
    first = nora.locator(f"#r{ids[0]}")
    await expect(first).to_be_in_viewport()
    # Somebody else's change arrives in a long list without moving it.
    await box.evaluate("box => box.scrollTo(0, 9000)")
    await nora.wait_for_timeout(500)
    row = nora.locator(f"#r{ids[250]}")
    await expect(row).to_be_in_viewport()
    before = await row.bounding_box()
    noun = site.ws.registry.noun("projects.task")
    await site.ws.run(
        SYSTEM, lambda ctx: perform.update(ctx, noun, ids[250], {"priority": "highest"})
    )
    await expect(row).to_contain_text("Highest")
    assert await row.bounding_box() == before


async def test_a_phone_shows_cards_and_no_sideways_scrolling(site: Site, phone_page: Page) -> None:
    await site.sign_in(phone_page)
    await table(phone_page, site, "")
    row = phone_page.locator(ROWS).first
    await expect(row.locator("td.lead")).to_be_visible()
    wide = await phone_page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
