"""The timeline in a person's hands: bars are moved, stretched, linked; arrows say what is wrong."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from mainstay.kernel import perform
from mainstay.kernel.scope import SYSTEM
from tests.browser.conftest import Site
from tests.harness.browser import open_page

WHERE = "/projects/tasks?view=timeline&zoom=day&at=2032-06-10"


@pytest.fixture
async def plan(site: Site) -> tuple[int, int, int]:
    """A project with three tasks in June 2032, the second waiting for the first."""

    async def work(ctx: Any) -> tuple[int, ...]:
        noun = ctx.registry.noun
        project = await perform.create(ctx, noun("projects.project"), {"name": "Jetty"})
        made = []
        days = (("07", "09"), ("10", "12"), ("15", "16"))
        for title, (start, end) in zip(("Piles", "Deck", "Rails"), days, strict=True):
            dates = {"start_date": f"2032-06-{start}", "due_date": f"2032-06-{end}"}
            data = {"project_id": project.id, "title": title, **dates}
            made.append((await perform.create(ctx, noun("projects.task"), data)).id)
        link = {"task_id": made[1], "depends_on_id": made[0]}
        await perform.create(ctx, noun("projects.task_dependency"), link)
        return (project.id, *made)

    project, *tasks = await site.ws.run(SYSTEM, work)
    site.where = f"{site.url}{WHERE}&project_id={project}"  # type: ignore[attr-defined]
    return tuple(tasks)  # type: ignore[return-value]


async def days_of(site: Site, one: int) -> tuple[str, str]:
    task = await site.ws.one(SYSTEM, "projects.task", one)
    return str(task.start_date)[5:], str(task.due_date)[5:]


async def body(page: Page, one: int) -> dict[str, float]:
    box = await page.locator(f"#b{one} .tl-body").bounding_box()
    assert box
    return {"left": box["x"], "right": box["x"] + box["width"], "y": box["y"] + box["height"] / 2}


async def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    await page.mouse.move(*start)
    await page.mouse.down()
    await page.mouse.move((start[0] + end[0]) / 2, end[1], steps=4)
    await page.mouse.move(*end, steps=4)
    await page.mouse.up()


async def test_a_bar_is_moved_and_its_successor_shown_in_conflict(
    site: Site, nora: Page, plan: tuple[int, int, int]
) -> None:
    await nora.goto(site.where)  # type: ignore[attr-defined]
    piles, deck, _rails = plan
    arrow = nora.locator(".tl-arrow")
    await expect(arrow).to_have_count(1)
    await expect(arrow).not_to_have_class(re.compile("conflict"))
    at = await body(nora, piles)
    await drag(nora, (at["left"] + 40, at["y"]), (at["left"] + 40 + 2 * 36, at["y"]))
    await nora.get_by_role("button", name="Only this one").click()
    await expect(nora.locator("#toasts")).to_contain_text("Moved to")
    await expect(arrow).to_have_class(re.compile("conflict"))
    await expect(nora.locator("[data-conflict-count]")).to_have_text("1 too early by their links")
    assert await days_of(site, piles) == ("06-09", "06-11")
    assert await days_of(site, deck) == ("06-10", "06-12")
    await nora.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(arrow).not_to_have_class(re.compile("conflict"))
    at = await body(nora, deck)
    await drag(nora, (at["right"] - 3, at["y"]), (at["right"] + 36, at["y"]))
    await expect(nora.locator("#toasts")).to_contain_text("Now")
    assert await days_of(site, deck) == ("06-10", "06-13")


async def test_the_keyboard_moves_stretches_and_opens(
    site: Site, nora: Page, plan: tuple[int, int, int]
) -> None:
    await nora.goto(site.where)  # type: ignore[attr-defined]
    piles, deck, rails = plan
    bar = nora.locator(f"#b{rails}")
    await bar.focus()
    await nora.keyboard.press("Shift+ArrowRight")
    await nora.keyboard.press("Shift+ArrowDown")
    await expect(nora.locator("[data-said]")).to_contain_text("Enter keeps it")
    await nora.keyboard.press("Enter")
    await expect(nora.locator("#toasts")).to_contain_text("Moved to")
    assert await days_of(site, rails) == ("06-23", "06-24")
    await nora.keyboard.press("Alt+ArrowRight")
    await expect(nora.locator("#toasts")).to_contain_text("Now", timeout=5000)
    assert await days_of(site, rails) == ("06-23", "06-25")
    await expect(bar).to_be_focused()
    await nora.keyboard.press("ArrowUp")
    await expect(nora.locator(f"#b{deck}")).to_be_focused()
    await nora.keyboard.press("ArrowUp")
    await nora.keyboard.press("Enter")
    await nora.wait_for_url(f"**/projects/tasks/{piles}*")


async def test_a_link_is_drawn_refused_in_a_circle_and_taken_away(
    site: Site, nora: Page, plan: tuple[int, int, int]
) -> None:
    await nora.goto(site.where)  # type: ignore[attr-defined]
    piles, deck, rails = plan

    async def pull(earlier: int, later: int) -> None:
        await nora.locator(f"#b{earlier} .tl-body").hover()
        knob = await nora.locator(f"#b{earlier} .tl-knob").bounding_box()
        assert knob
        to = await body(nora, later)
        middle = ((to["left"] + to["right"]) / 2, to["y"])
        await drag(nora, (knob["x"] + 5, knob["y"] + 5), middle)

    await pull(deck, rails)
    await expect(nora.locator(".tl-arrow")).to_have_count(2)
    await nora.wait_for_timeout(800)
    await pull(rails, piles)
    await expect(nora.locator("#toasts .bad")).to_contain_text("in a circle")
    await expect(nora.locator("#toasts .bad")).to_contain_text("→")
    await expect(nora.locator(".tl-arrow")).to_have_count(2)
    await nora.locator(".tl-link-hit").last.focus()
    await nora.keyboard.press("Delete")
    await expect(nora.locator(".tl-arrow")).to_have_count(1)
    await nora.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(nora.locator(".tl-arrow")).to_have_count(2)


async def test_groups_fold_and_stay_folded_and_bars_out_of_sight_are_pointed_to(
    site: Site, nora: Page, plan: tuple[int, int, int]
) -> None:
    await nora.goto(site.where)  # type: ignore[attr-defined]
    fold = nora.locator(".tl-fold")
    await fold.click()
    await expect(nora.locator(f"#b{plan[0]}")).to_be_hidden()
    await expect(nora.locator(".tl-arrow")).to_have_count(0)
    await nora.evaluate("document.dispatchEvent(new CustomEvent('page:stale'))")
    await nora.wait_for_timeout(600)
    await expect(fold).to_have_attribute("aria-expanded", "false")
    await fold.click()
    box = nora.locator(".tl-box")
    await box.evaluate("box => { box.scrollLeft = 2000; }")
    jump = nora.locator(f"#t{plan[0]} .tl-jump")
    await jump.click()
    await expect(jump).to_be_hidden()
    await expect(nora.locator(f"#b{plan[0]} .tl-body")).to_be_in_viewport()


async def test_a_thousand_bars_are_few_elements_each(site: Site, nora: Page) -> None:
    """What is drawn decides the time; 1,000 bars took 240 ms in the browser on a quiet machine."""
    data = {"start_date": "2034-03-02", "due_date": "2034-04-08", "title": "Part"}

    async def work(ctx: Any) -> int:
        noun = ctx.registry.noun
        project = await perform.create(ctx, noun("projects.project"), {"name": "Large"})
        for _number in range(1000):
            await perform.create(ctx, noun("projects.task"), {**data, "project_id": project.id})
        return int(project.id)

    project = await site.ws.run(SYSTEM, work, slow=True)
    path = f"{site.url}/projects/tasks?view=timeline&at=2034-03-15&project_id={project}"
    await nora.goto(path)
    await expect(nora.locator(".tl-bar")).to_have_count(1000)
    assert await nora.locator(".tl-row *").count() < 11_000
    size = await nora.evaluate("performance.getEntriesByType('navigation')[0].decodedBodySize")
    assert size < 1_000_000


async def test_on_a_phone_the_name_stands_above_its_bar(
    site: Site, plan: tuple[int, int, int]
) -> None:
    async with open_page(
        site.browser, {"width": 390, "height": 844}, has_touch=True, is_mobile=True
    ) as phone:
        await site.sign_in(phone)
        await phone.goto(site.where)  # type: ignore[attr-defined]
        name = await phone.locator(f"#t{plan[0]} .tl-name a").bounding_box()
        bar = await phone.locator(f"#b{plan[0]} .tl-body").bounding_box()
        assert name
        assert bar
        assert name["y"] + name["height"] <= bar["y"] + 4
        assert name["x"] >= 0
        width = await phone.evaluate("document.documentElement.scrollWidth")
        assert width <= 390
