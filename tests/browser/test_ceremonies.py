"""A sprint's meetings in people's hands: two speak at once, a note moves, a point is due."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from mainstay.kernel import perform
from mainstay.kernel.scope import SYSTEM
from tests.browser.conftest import Site


@pytest.fixture
async def made(site: Site) -> dict[str, int]:
    """A running sprint of Nora and Piet with a task, and a definition of done that insists."""

    async def work(ctx: Any) -> dict[str, int]:
        noun = ctx.registry.noun
        user = noun("identity.user")
        people = await ctx.all(user.entity, email__in=["nora@example.com", "piet@example.com"])
        day = {"start_date": str(ctx.today), "end_date": str(ctx.today)}
        project = await perform.create(ctx, noun("projects.project"), {"name": "Lighthouse"})
        for one in people:
            part = {"project_id": project.id, "user_id": one.id, "role": "admin"}
            await perform.create(ctx, noun("projects.project_member"), part)
        named = {"project_id": project.id, **day}
        sprint = await perform.create(ctx, noun("scrum.sprint"), named)
        for one in people:
            part = {"sprint_id": sprint.id, "user_id": one.id}
            await perform.create(ctx, noun("scrum.sprint_member"), part)
        asked = {"project_id": project.id, "title": "Light the lamp", "sprint_id": sprint.id}
        task = await perform.create(ctx, noun("projects.task"), asked)
        await perform.act(
            ctx, noun("scrum.sprint"), noun("scrum.sprint").actions["start"], sprint.id, {}
        )
        point = {"project_id": project.id, "title": "Seen from the sea"}
        await perform.create(ctx, noun("scrum.done_criterion"), point)
        insist = noun("projects.project").actions["insist"]
        await perform.act(ctx, noun("projects.project"), insist, project.id, {"mode": "refuse"})
        return {"sprint": sprint.id, "task": task.id}

    return await site.ws.run(SYSTEM, work)


async def test_two_speak_at_once_and_neither_loses_a_word(
    site: Site, nora: Page, second: Page, made: dict[str, int]
) -> None:
    piet = second
    for page in (nora, piet):
        await page.goto(f"{site.url}/scrum/sprints/{made['sprint']}/standup")
    await nora.get_by_label("Today").first.fill("Clean the lens")
    await piet.locator(".speaker.mine").get_by_label("In the way").fill("No oil")
    await piet.locator(".speaker.mine .face-pick.mood-2 input").check()
    await piet.get_by_role("button", name="Say it").click()
    await expect(nora.locator(".speaker", has_text="No oil")).to_be_visible()
    await expect(nora.get_by_label("Today").first).to_have_value("Clean the lens")
    await nora.keyboard.press("Control+Enter")
    await expect(nora.locator(".meeting-sum")).to_contain_text("Everybody has spoken")
    await expect(nora.locator(".speaker.mine .said")).to_contain_text("Clean the lens")
    await expect(piet.locator(".meeting-main")).to_contain_text("Clean the lens")
    await nora.get_by_role("button", name="Make an impediment").click()
    await expect(piet.locator(".ways")).to_contain_text("No oil")
    await expect(nora.get_by_role("button", name="Make an impediment")).to_have_count(0)


async def test_a_note_is_written_agreed_with_and_moved_by_keys(
    site: Site, nora: Page, made: dict[str, int]
) -> None:
    await nora.goto(f"{site.url}/scrum/sprints/{made['sprint']}/retrospective")
    await nora.get_by_role("button", name="Open the retrospective").click()
    await nora.get_by_placeholder("What shall stay as it is?").fill("Tea at four")
    await nora.keyboard.press("Enter")
    note = nora.locator(".retro-went_well .retro-note")
    await expect(note).to_contain_text("Tea at four")
    vote = note.get_by_role("button", name="Agree with")
    await vote.click()
    await expect(vote).to_have_attribute("aria-pressed", "true")
    await expect(vote).to_contain_text("1")
    await note.focus()
    await nora.keyboard.press("Alt+ArrowRight")
    await nora.keyboard.press("Alt+ArrowRight")
    await expect(nora.locator(".retro-idea .retro-note")).to_contain_text("Tea at four")
    await expect(nora.locator("#toasts")).to_contain_text("Ideas")
    await nora.get_by_placeholder("What will change?").fill("Buy a kettle")
    await nora.get_by_role("button", name="Add", exact=True).click()
    await nora.get_by_role("button", name="Make a task").click()
    await expect(nora.locator(".act-task")).to_be_visible()


async def test_a_point_that_is_due_keeps_a_task_open(
    site: Site, nora: Page, made: dict[str, int]
) -> None:
    await nora.goto(f"{site.url}/projects/tasks/{made['task']}")
    panel = nora.locator(".dod")
    await expect(panel).to_contain_text("It cannot be completed before 1 required point is ticked.")
    answer = await nora.request.post(
        f"{site.url}/api/projects/tasks/{made['task']}/complete",
        headers={
            "X-CSRF-Token": await nora.locator('meta[name="csrf"]').get_attribute("content") or ""
        },
    )
    assert answer.status == 409
    assert "Seen from the sea" in (await answer.json())["detail"]
    await panel.get_by_label("Seen from the sea").check()
    await expect(panel).to_contain_text("1/1")
    await expect(panel).not_to_contain_text("cannot be completed")
