"""Teams in a person's hands: work is shifted from the heat map, levels are noted by keyboard."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from mainstay.kernel import perform
from mainstay.kernel.scope import SYSTEM
from tests.browser.conftest import Site


@pytest.fixture
async def rope(site: Site) -> tuple[int, int]:
    """A team of one, Rope, with a task of 60 hours in the present week."""

    async def work(ctx: Any) -> tuple[int, int]:
        noun = ctx.registry.noun
        team = await perform.create(ctx, noun("identity.team"), {"name": "Ropewalk"})
        name = {"username": "rope", "email": "rope@example.com", "display_name": "Rope Maker"}
        user = await perform.create(ctx, noun("identity.user"), name)
        (held,) = await ctx.all(type(user), id=user.id)
        held.status = "active"
        place = {"team_id": team.id, "user_id": user.id}
        await perform.create(ctx, noun("identity.team_member"), place)
        project = await perform.create(ctx, noun("projects.project"), {"name": "Rigging"})
        task = {"project_id": project.id, "title": "Lay the long rope", "estimated_hours": 60}
        task |= {"assignee_id": user.id}
        made = await perform.create(ctx, noun("projects.task"), task)
        skill = await perform.create(ctx, noun("identity.skill"), {"name": "Laying rope"})
        need = {"team_id": team.id, "skill_id": skill.id, "demand": 0.5}
        await perform.create(ctx, noun("teams.team_skill"), need)
        return team.id, made.id

    found: tuple[int, int] = await site.ws.run(SYSTEM, work)
    return found


async def assignees(site: Site, task: int) -> list[int]:
    """Return who works on a task now."""

    async def look(ctx: Any) -> list[int]:
        found = await ctx.load(ctx.registry.noun("projects.task"), task)
        return list(found.assignees)

    found: list[int] = await site.ws.run(SYSTEM, look)
    return found


async def test_work_is_shifted_and_a_level_noted(
    site: Site, nora: Page, rope: tuple[int, int]
) -> None:
    team, task = rope
    before = await assignees(site, task)
    await nora.goto(f"{site.url}/teams/workload?team={team}")
    await expect(nora.locator(".tm-answer")).to_contain_text("1 of 1 people has too much")
    first = nora.locator(".tm-cell").first
    await expect(first).to_contain_text("60")
    await first.focus()
    await nora.keyboard.press("ArrowRight")
    await nora.keyboard.press("ArrowLeft")
    await nora.keyboard.press("Enter")
    dialog = nora.locator("#dialog")
    await expect(dialog).to_contain_text("60 of 40 hours are planned: 20 too many.")
    await dialog.get_by_role("button", name="Share").click()
    await dialog.get_by_role("button", name="Choose").first.click()
    await expect(dialog.locator(".tm-diff ins").first).to_have_text("30")
    await dialog.locator("[data-apply]").click()
    await expect(dialog).to_be_hidden()
    await expect(first).to_contain_text("30")
    assert len(await assignees(site, task)) == 2
    await nora.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(first).to_contain_text("60")
    assert await assignees(site, task) == before

    await nora.goto(f"{site.url}/teams/skills?team={team}")
    level = nora.locator("select.tm-level").first
    await expect(nora.locator("#matrix tbody td.num").nth(2)).to_contain_text("50 %")
    await expect(nora.locator(".tm-page[data-ready]")).to_be_visible()
    await level.focus()
    await nora.keyboard.press("4")
    await expect(nora.locator("#matrix tbody td.num").nth(1)).to_contain_text("80 %")
    await expect(nora.locator("#toasts")).to_contain_text("Noted.")
    await expect(level).to_be_focused()
    await expect(level).to_have_value("4")
    await nora.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(nora.locator("#matrix tbody td.num").nth(1)).to_have_text("0 %")
