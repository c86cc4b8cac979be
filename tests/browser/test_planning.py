"""A plan in a person's hands: a link is drawn, a task moves with those that wait, and back."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from mainstay.kernel import perform
from mainstay.kernel.scope import SYSTEM
from tests.browser.conftest import Site
from tests.browser.test_timeline import body, days_of, drag

WHERE = "/projects/tasks?view=timeline&zoom=day&at=2033-06-10&group_by=none"


@pytest.fixture
async def chain(site: Site) -> tuple[int, int, int]:
    """Three tasks in a week of June 2033 (the 6th is a Monday), the second behind the first."""

    async def work(ctx: Any) -> tuple[int, ...]:
        noun = ctx.registry.noun
        project = await perform.create(ctx, noun("projects.project"), {"name": "Slipway"})
        made = []
        days = (("06", "07"), ("08", "08"), ("09", "10"))
        for title, (start, end) in zip(("Dig", "Pour", "Rest"), days, strict=True):
            dates = {"start_date": f"2033-06-{start}", "due_date": f"2033-06-{end}"}
            data = {"project_id": project.id, "title": title, **dates}
            made.append((await perform.create(ctx, noun("projects.task"), data)).id)
        link = {"task_id": made[1], "depends_on_id": made[0]}
        await perform.create(ctx, noun("projects.task_dependency"), link)
        return (project.id, *made)

    project, *tasks = await site.ws.run(SYSTEM, work)
    site.where = f"{site.url}{WHERE}&project_id={project}"  # type: ignore[attr-defined]
    site.project = project  # type: ignore[attr-defined]
    return tuple(tasks)  # type: ignore[return-value]


async def pull(page: Page, earlier: int, later: int) -> None:
    """Draw a link from the end of one bar to another."""
    await page.locator(f"#b{earlier} .tl-body").hover()
    knob = await page.locator(f"#b{earlier} .tl-knob").bounding_box()
    assert knob
    to = await body(page, later)
    middle = ((to["left"] + to["right"]) / 2, to["y"])
    await drag(page, (knob["x"] + 5, knob["y"] + 5), middle)


async def test_a_drawn_link_a_move_with_its_successors_and_one_undo(
    site: Site, nora: Page, chain: tuple[int, int, int]
) -> None:
    dig, pour, rest = chain
    await nora.goto(site.where)  # type: ignore[attr-defined]
    await expect(nora.locator(".tl-arrow")).to_have_count(1)
    await pull(nora, pour, rest)
    await expect(nora.locator(".tl-arrow")).to_have_count(2)
    await nora.get_by_role("link", name="Critical path").click()
    await expect(nora.locator(".tl-sign")).to_have_count(3)
    at = await body(nora, dig)
    await drag(nora, (at["left"] + 36, at["y"]), (at["left"] + 36 + 2 * 36, at["y"]))
    dialog = nora.locator("#dialog")
    await expect(dialog.get_by_role("heading")).to_contain_text("2 tasks wait for")
    await expect(dialog.locator(".effects li")).to_have_count(2)
    await dialog.get_by_role("button", name="Move them too").click()
    await expect(nora.locator("#toasts")).to_contain_text("with 2 others")
    moved = [("06-08", "06-09"), ("06-10", "06-10"), ("06-13", "06-14")]
    assert [await days_of(site, task) for task in chain] == moved
    await nora.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(nora.locator("#toasts")).to_contain_text("Taken back")
    before = [("06-06", "06-07"), ("06-08", "06-08"), ("06-09", "06-10")]
    assert [await days_of(site, task) for task in chain] == before
    bar = nora.locator(f"#b{dig}")
    await bar.focus()
    await nora.keyboard.press("Alt+ArrowRight")
    await nora.keyboard.press("Enter")
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(dialog).to_be_hidden()
    assert [await days_of(site, task) for task in chain] == before


async def test_a_project_is_planned_anew_after_a_look_and_taken_back(
    site: Site, nora: Page, chain: tuple[int, int, int]
) -> None:
    before = [await days_of(site, task) for task in chain]
    here = f"{site.url}/projects/projects/{site.project}/schedule"  # type: ignore[attr-defined]
    await nora.goto(here)
    await nora.get_by_label("From").first.fill("2033-06-13")
    await nora.get_by_role("button", name="See what would change").click()
    await nora.get_by_role("button", name="Give 3 tasks these dates").click()
    await expect(nora.locator("#toasts")).to_contain_text("3 tasks planned anew.")
    assert await days_of(site, chain[0]) == ("06-13", "06-14")
    await nora.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(nora.locator("#toasts")).to_contain_text("Taken back")
    assert [await days_of(site, task) for task in chain] == before
