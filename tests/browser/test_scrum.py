"""A sprint in a person's hands: ordered, planned, started, worked on its board, and completed."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from mainstay.kernel import perform
from mainstay.kernel.scope import SYSTEM
from tests.browser.conftest import Site

Made = tuple[int, int, list[int]]


@pytest.fixture
async def made(site: Site) -> Made:
    """A project with a planned sprint of the next two weeks and five stories in its backlog."""

    async def work(ctx: Any) -> Made:
        noun = ctx.registry.noun
        project = await perform.create(ctx, noun("projects.project"), {"name": "Buoy"})
        days = {"start_date": str(ctx.today), "end_date": str(ctx.today + timedelta(11))}
        values = {"project_id": project.id, "goal": "It floats", **days}
        sprint = await perform.create(ctx, noun("scrum.sprint"), values)
        stories = []
        for title in ("Hull", "Lamp", "Bell", "Chain", "Paint"):
            data = {"project_id": project.id, "title": title, "type": "story", "story_points": 3}
            stories.append((await perform.create(ctx, noun("projects.task"), data)).id)
        return project.id, sprint.id, stories

    return await site.ws.run(SYSTEM, work)  # type: ignore[no-any-return]


def lines(page: Page, where: int) -> Any:
    """Return the titles of a list in their order."""
    return page.locator(f'.bl-list[data-list="{where}"] > .bl-row .bl-title')


async def pull(page: Page, what: Any, to: Any) -> None:
    """Drag one thing onto the upper edge of another with the mouse."""
    await what.scroll_into_view_if_needed()
    start, end = await what.bounding_box(), await to.bounding_box()
    assert start
    assert end
    await page.mouse.move(start["x"] + 12, start["y"] + 8)
    await page.mouse.down()
    await page.mouse.move(start["x"] + 12, start["y"] - 12, steps=3)
    await page.mouse.move(end["x"] + 60, end["y"] + 3, steps=6)
    await page.mouse.up()


async def test_a_sprint_from_the_backlog_to_its_end(site: Site, nora: Page, made: Made) -> None:
    project, sprint, _ = made
    await nora.goto(f"{site.url}/projects/projects/{project}/backlog")
    await expect(lines(nora, 0)).to_have_text(["Hull", "Lamp", "Bell", "Chain", "Paint"])
    # By keyboard: Bell goes two up, and is said where it stands.
    await lines(nora, 0).nth(2).focus()
    for key in ("Space", "ArrowUp", "ArrowUp"):
        await nora.keyboard.press(key)
    await expect(nora.locator("#bl-says")).to_contain_text("Bell, Backlog, 1 of 5")
    await nora.keyboard.press("Space")
    await expect(nora.locator("#toasts")).to_contain_text("Bell moved.")
    await expect(lines(nora, 0)).to_have_text(["Bell", "Hull", "Lamp", "Chain", "Paint"])
    # By mouse into the sprint; then two at once, chosen with shift, by the menu.
    await pull(nora, lines(nora, 0).nth(1), nora.locator(f'.bl-list[data-list="{sprint}"]'))
    await expect(lines(nora, sprint)).to_have_text(["Hull"])
    await expect(nora.locator("#toasts")).to_contain_text("Hull moved to Sprint 1.")
    await lines(nora, 0).nth(1).focus()
    await nora.keyboard.press("Shift+ArrowDown")
    await expect(nora.locator("#bl-bar")).to_contain_text("2 selected, 6 points")
    await nora.keyboard.press("m")
    await nora.get_by_role("menuitem", name="Into Sprint 1").click()
    await expect(lines(nora, sprint)).to_have_text(["Hull", "Lamp", "Chain"])
    await nora.keyboard.press("Escape")
    # Estimated where it stands, and one more added behind it.
    await lines(nora, sprint).nth(1).focus()
    await nora.keyboard.press("e")
    await nora.keyboard.type("5")
    await nora.keyboard.press("Enter")
    await expect(nora.locator(f"#bl-s{sprint} .bl-head-sums")).to_contain_text("11 points")
    await nora.locator(f"#bl-s{sprint} .bl-add").click()
    await nora.keyboard.type("Flag")
    await nora.keyboard.press("Enter")
    await expect(lines(nora, sprint)).to_have_text(["Hull", "Lamp", "Chain", "Flag"])
    await nora.keyboard.press("Escape")

    await nora.locator(f"#bl-s{sprint}").get_by_role("link", name="Plan").click()
    await started_and_worked_on(nora)
    await completed_into_a_new_one(nora)
    await nora.goto(f"{site.url}/projects/projects/{project}/backlog")
    await expect(nora.locator(".bl-section:not(.rest) h2")).to_have_text(["Sprint 2"])
    rest = nora.locator(".bl-section:not(.rest) .bl-title")
    await expect(rest).to_have_text(["Hull", "Chain", "Flag"])


async def started_and_worked_on(nora: Page) -> None:
    """From the page of planning to the board, where one story is done."""
    await expect(nora.locator(".pl-doubts")).to_contain_text("Nobody takes part yet")
    await expect(nora.locator(".pl-doubts")).to_contain_text("1 task has no points")
    await nora.get_by_role("link", name="Start sprint").click()
    await nora.locator("#dialog").get_by_role("button", name="Start").click()
    board = nora.locator("#sprint-board")
    await expect(board.locator(".card[data-record]")).to_have_count(4)
    lamp = board.locator(".card[data-record]", has_text="Lamp")
    await pull(nora, lamp, board.locator('.column[data-column="in_progress"] .cards'))
    await expect(nora.locator("#toasts")).to_contain_text("Lamp moved to In progress.")
    await lamp.locator(".card-title").focus()
    await nora.keyboard.press("Space")
    for _ in range(4):
        await nora.keyboard.press("ArrowRight")
    await nora.keyboard.press("Space")
    await expect(nora.locator("#toasts")).to_contain_text("Lamp moved to Done.")
    await expect(nora.locator(".sb-facts")).to_contain_text("5 of 11 points done")


async def completed_into_a_new_one(nora: Page) -> None:
    """Complete the sprint; what is not done goes on."""
    await nora.get_by_role("link", name="Complete sprint").click()
    dialog = nora.locator("#dialog")
    await expect(dialog).to_contain_text("3 tasks with 6 points are not done")
    await dialog.get_by_label("Into a new sprint").check()
    await dialog.get_by_role("button", name="Complete sprint").click()
    await expect(nora.locator("#toasts")).to_be_visible()


async def test_a_backlog_on_a_phone_and_what_others_move(
    site: Site, nora: Page, made: Made
) -> None:
    project, sprint, stories = made
    await nora.set_viewport_size({"width": 390, "height": 844})
    await nora.goto(f"{site.url}/projects/projects/{project}/backlog")
    await expect(lines(nora, 0)).to_have_count(5)
    wide = await nora.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    row = nora.locator(f"#bl-{stories[4]}")
    await row.hover()
    await row.get_by_role("button", name="Move Paint").click()
    await nora.get_by_role("menuitem", name="To the top").click()
    await expect(lines(nora, 0).first).to_have_text("Paint")
    # Somebody else moves a task: it moves here too, and nothing else does.
    noun = site.ws.registry.noun("projects.task")
    wanted = {"ids": [stories[0]], "sprint_id": sprint}
    verb = noun.actions["rank"]
    await site.ws.run(SYSTEM, lambda ctx: perform.act(ctx, noun, verb, None, wanted))
    await expect(lines(nora, sprint)).to_have_text(["Hull"])
    # What it goes beside is gone meanwhile: said, and put back.
    await lines(nora, 0).nth(1).focus()
    await nora.keyboard.press("Space")
    await nora.keyboard.press("ArrowUp")
    await site.ws.run(SYSTEM, lambda ctx: perform.delete(ctx, noun, stories[4]))
    await nora.keyboard.press("Space")
    await expect(nora.locator("#toasts")).to_contain_text("moved away or deleted meanwhile")
    await expect(lines(nora, 0)).to_have_text(["Lamp", "Bell", "Chain"])
    for page in (f"/scrum/sprints/{sprint}/plan", "/scrum"):
        await nora.goto(f"{site.url}{page}")
        assert await nora.evaluate("document.documentElement.scrollWidth") <= 390
