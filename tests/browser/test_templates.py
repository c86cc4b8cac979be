"""The editor of templates: a tree grows under the keys, moves with the mouse, and comes back."""

from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from mainstay.kernel import perform
from mainstay.kernel.scope import SYSTEM
from tests.browser.conftest import Site
from tests.browser.test_timeline import drag

TOLD = """() => [...document.querySelectorAll(".tpl-item")].filter(one => one.checkVisibility())
  .map(one => "·".repeat(one.dataset.depth - 1) + one.dataset.name).join(" ")"""


@pytest.fixture
async def root(site: Site) -> int:
    """A project template with two milestones, a task in each, as drafts."""

    async def work(ctx: Any) -> int:
        noun = ctx.registry.noun("templates.project_template")
        root = await perform.create(ctx, noun, {"name": "Boat", "is_draft": True})
        put = noun.actions["put"]
        for name, task in (("Hull", "Saw"), ("Sail", "Sew")):
            inside = {"within": "project", "within_id": root.id, "kind": "milestone"}
            made = await perform.act(ctx, noun, put, None, {**inside, "name": name})
            inside = {"within": "milestone", "within_id": made.template_id, "kind": "task"}
            await perform.act(ctx, noun, put, None, {**inside, "name": task})
        return int(root.id)

    return await site.ws.run(SYSTEM, work)


def line(page: Page, name: str) -> Locator:
    """Return the line of a template."""
    return page.locator(f'.tpl-item[data-name="{name}"]')


def face(page: Page, name: str) -> Locator:
    """Return what of a line has the focus."""
    return line(page, name).locator(".tpl-line").first


async def told(page: Page, words: str) -> None:
    """Wait until the tree tells these lines."""
    await page.wait_for_function(f"words => ({TOLD})() === words", arg=words)


async def test_a_tree_is_written_and_arranged_by_keys(site: Site, nora: Page, root: int) -> None:
    await nora.goto(f"{site.url}/templates/projects/{root}")
    await told(nora, "Hull ·Saw Sail ·Sew")
    await face(nora, "Hull").focus()
    await nora.keyboard.press("ArrowDown")
    await nora.keyboard.press("Enter")
    for name in ("Plane", "Glue"):
        await nora.locator(".tpl-adding input").fill(name)
        await nora.keyboard.press("Enter")
        await expect(line(nora, name)).to_be_visible()
    await nora.keyboard.press("Escape")
    await told(nora, "Hull ·Saw ·Plane ·Glue Sail ·Sew")
    await face(nora, "Glue").focus()
    await nora.keyboard.press("Alt+ArrowRight")
    await told(nora, "Hull ·Saw ·Plane ··Glue Sail ·Sew")
    await expect(face(nora, "Glue")).to_be_focused()
    await nora.keyboard.press("Alt+ArrowLeft")
    await told(nora, "Hull ·Saw ·Plane ·Glue Sail ·Sew")
    await nora.keyboard.press("Alt+ArrowUp")
    await told(nora, "Hull ·Saw ·Glue ·Plane Sail ·Sew")
    await nora.keyboard.press("F2")
    await nora.keyboard.type("Varnish")
    await nora.keyboard.press("Enter")
    await told(nora, "Hull ·Saw ·Varnish ·Plane Sail ·Sew")
    await nora.keyboard.press("Delete")
    await told(nora, "Hull ·Saw ·Plane Sail ·Sew")
    await nora.locator("#toasts").get_by_role("button", name="Undo").click()
    await told(nora, "Hull ·Saw ·Varnish ·Plane Sail ·Sew")


async def test_a_task_is_dragged_into_another_milestone_and_taken_back(
    site: Site, nora: Page, root: int
) -> None:
    await nora.goto(f"{site.url}/templates/projects/{root}")
    await told(nora, "Hull ·Saw Sail ·Sew")
    start = await line(nora, "Saw").locator(".tpl-name").first.bounding_box()
    end = await line(nora, "Sew").locator(".tpl-row").first.bounding_box()
    assert start
    assert end
    at = (start["x"] + 4, start["y"] + 8)
    await drag(nora, at, (at[0], end["y"] + end["height"] - 4))
    await told(nora, "Hull Sail ·Sew ·Saw")
    await nora.locator("#toasts").get_by_role("button", name="Undo").click()
    await told(nora, "Hull ·Saw Sail ·Sew")


async def test_what_lacks_is_said_filled_in_place_and_published(
    site: Site, nora: Page, root: int
) -> None:
    await nora.goto(f"{site.url}/templates/projects/{root}")
    await nora.locator(".tpl-wanting").get_by_role("button", name="Saw").click()
    strip = nora.locator(".tpl-strip")
    await expect(strip.get_by_text("needed")).to_have_count(3)
    for place, value in enumerate(("Task", "Build", "machines")):
        await strip.locator("dd").nth(place).click()
        await nora.locator(".cell-layer input[role=combobox]").fill(value)
        await nora.locator(".cell-options li:visible", has_text=value).first.click()
        await expect(strip.locator("dd").nth(place)).to_have_text(value)
    await strip.get_by_role("button", name="Publish").click()
    await expect(strip.get_by_role("button", name="Back to draft")).to_be_visible()
    await expect(nora.locator(".tpl-wanting li")).to_have_count(1)
