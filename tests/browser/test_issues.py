"""Issues in a person's hands: triage by keyboard and by thumb, suggestions while typing."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from mainstay.kernel import perform
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.issues.entities import Issue
from tests.browser.conftest import Site
from tests.harness.browser import PHONE, open_page

TITLES = ("Crane stops at noon", "The crane stops every noon", "Ladder is loose", "Hook is rusty")


@pytest.fixture
async def quay(site: Site) -> int:
    """A project with four issues that nobody has looked at, the first the most urgent."""

    async def work(ctx: Any) -> int:
        noun = ctx.registry.noun
        project = await perform.create(ctx, noun("projects.project"), {"name": "Quay seven"})
        for people, title in zip((2000, 200, 20, 0), TITLES, strict=True):
            data = {"project_id": project.id, "title": title, "impact_users": people}
            await perform.create(ctx, noun("issues.issue"), data)
        return project.id

    return int(await site.ws.run(SYSTEM, work))


async def issue(site: Site, project: int, title: str) -> Issue:
    found = await site.ws.page(SYSTEM, "issues.issue", {"project_id": project, "title": title})
    return found.items[0]  # type: ignore[return-value]


async def test_triage_with_the_keyboard(site: Site, nora: Page, quay: int) -> None:
    await nora.goto(f"{site.url}/issues/triage?project={quay}")
    title, count = nora.locator("#triage-title"), nora.locator(".triage-count")
    await expect(title).to_have_text(TITLES[0])
    await expect(title).to_be_focused()
    for key in ("j", "k", "4", "p", "Enter"):
        await nora.keyboard.press(key)
        if key == "j":
            await expect(title).to_have_text(TITLES[1])
        if key == "k":
            await expect(title).to_have_text(TITLES[0])
    await expect(title).to_have_text(TITLES[1])
    done = await issue(site, quay, TITLES[0])
    assert (done.severity, done.priority) == ("critical", "high")
    # One undo takes all of the decision back; deciding again is one key.
    await nora.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(count).to_have_text(re.compile("^4 "))
    assert (await issue(site, quay, TITLES[0])).triaged_at is None
    # The first press leads to what is alike, the second says so.
    await expect(title).to_have_text(TITLES[1])
    await nora.keyboard.press("d")
    await expect(nora.locator("[data-original]").first).to_be_focused()
    await nora.keyboard.press("d")
    await expect(title).not_to_have_text(TITLES[1])
    twin, original = [await issue(site, quay, one) for one in (TITLES[1], TITLES[0])]
    assert (twin.resolution, twin.duplicate_of_id) == ("duplicate", original.id)
    # Somebody else is faster: it says who, and shows the next one.
    await nora.goto(f"{site.url}/issues/triage?project={quay}")
    await expect(title).to_have_text(TITLES[0])

    async def faster(ctx: Any) -> None:
        held = await ctx.get(Issue, original.id)
        held.triaged_at, held.triaged_by = ctx.now, 2

    async def late(route: Route) -> None:
        await site.ws.run(SYSTEM, faster)
        await route.continue_()

    await nora.route(f"**/api/issues/issues/{original.id}/triage", late)
    await nora.keyboard.press("x")
    await expect(title).not_to_have_text(TITLES[0])
    await expect(nora.locator("#toasts")).to_contain_text("has triaged")
    assert (await issue(site, quay, TITLES[0])).status == "open"


async def test_triage_with_a_thumb(site: Site, quay: int) -> None:
    async with open_page(site.browser, PHONE, has_touch=True) as page:
        await site.sign_in(page)
        await page.goto(f"{site.url}/issues/triage?project={quay}")
        await expect(page.locator("#triage-title")).to_have_text(TITLES[0])
        for name in ("Accept", "Skip", "Make a task", "Duplicate", "Cancel"):
            button = page.locator(".triage-deeds").get_by_role("button", name=name)
            box = await button.bounding_box()
            assert box
            assert box["height"] >= 44
            assert box["x"] + box["width"] <= PHONE["width"]
            assert box["y"] + box["height"] <= PHONE["height"]
        await page.locator("[name=severity][value=blocker]").tap()
        await page.get_by_role("button", name="Make a task").tap()
        await expect(page.locator("#triage-title")).to_have_text(TITLES[1])
        made = await issue(site, quay, TITLES[0])
        assert made.severity == "blocker"
        assert made.task_id


async def test_what_is_alike_stands_below_the_title_while_typing(
    site: Site, nora: Page, quay: int
) -> None:
    await nora.goto(f"{site.url}/issues/issues/new?project_id={quay}")
    place = nora.locator(".issue-suggest")
    await expect(place).to_be_hidden()
    await nora.locator("[name=title]").fill("crane stop at noon")
    await expect(place.get_by_role("link")).to_have_count(2)
    await expect(place.get_by_role("status")).to_contain_text("2 issues may say the same")
    await nora.keyboard.press("Tab")
    await expect(place.get_by_role("link").first).to_be_focused()
    await nora.locator("[name=title]").fill("Coffee is cold")
    await expect(place).to_be_hidden()


async def test_words_without_an_end_stay_on_the_screen(site: Site, quay: int) -> None:
    """A title or a reason that breaks nowhere makes no page wider than a small phone."""

    async def work(ctx: Any) -> int:
        noun = ctx.registry.noun("issues.issue")
        data = {"project_id": quay, "title": "W" * 480, "severity": "blocker", "priority": "high"}
        made = await perform.create(ctx, noun, {**data, "impact_users": 5000})
        await ctx.settle()
        await perform.act(ctx, noun, noun.actions["pause_clock"], made.id, {"reason": "R" * 500})
        return made.id

    number = await site.ws.run(SYSTEM, work)
    async with open_page(site.browser, {"width": 320, "height": 640}, has_touch=True) as page:
        await site.sign_in(page)
        for width, path in (
            (360, f"/issues/issues/{number}"),
            (320, f"/issues/triage?project={quay}"),
            (360, f"/projects/projects/{quay}"),
        ):
            await page.set_viewport_size({"width": width, "height": 640})
            await page.goto(f"{site.url}{path}")
            await expect(page.get_by_text("WWWW").first).to_be_attached()
            assert await page.evaluate("document.scrollingElement.scrollWidth") <= width, path
