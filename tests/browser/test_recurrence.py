"""How something comes again: chosen by keyboard, said in words, kept, and seen on the task."""

import re

from playwright.async_api import Page, expect

from mainstay.kernel import perform
from mainstay.kernel.scope import SYSTEM
from tests.browser.conftest import Site


async def test_a_task_is_repeated_by_choices_and_says_so(site: Site, nora: Page) -> None:
    noun = site.ws.registry.nouns["projects.task"]
    data = {"project_id": 1, "title": "Clean the panels"}
    task = await site.ws.run(SYSTEM, lambda ctx: perform.create(ctx, noun, data))
    address = f"{site.url}/projects/tasks/{task.id}"
    await nora.goto(address)
    await nora.locator("#main summary[aria-label=More]").last.click()
    await nora.get_by_role("button", name="Repeat", exact=True).click()
    editor = nora.locator("dialog .recur")
    words = editor.locator("[data-recur=words]")
    await expect(words).to_have_text("Every week")
    await editor.get_by_role("checkbox", name="Tuesday").focus()
    await nora.keyboard.press("Space")
    await editor.get_by_role("checkbox", name="Thursday").focus()
    await nora.keyboard.press("Space")
    await expect(words).to_have_text("Every Tuesday and Thursday")
    await expect(editor.locator("[data-recur=days] time")).to_have_count(5)
    await editor.get_by_text("As text (RFC 5545)").click()
    rule = editor.get_by_label("Rule as text")
    await expect(rule).to_have_value("FREQ=WEEKLY;BYDAY=TU,TH")
    await rule.fill("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1")
    await expect(words).to_have_text("On the last weekday of the month")
    await expect(editor.locator("[data-recur=nth_day]")).to_have_value("weekday")
    await rule.fill("FREQ=DAILY;INTERVAL=0")
    await expect(words).to_contain_text("INTERVAL must be a whole number from 1")
    await rule.fill("FREQ=WEEKLY;BYDAY=FR")
    await nora.locator("dialog").get_by_role("button", name="Repeat task").click()
    await expect(nora).to_have_url(re.compile(r"/recurring/series/\d+$"))
    await expect(nora.locator(".recur-card")).to_contain_text("Every Friday")
    await nora.goto(address)
    await expect(nora.locator(".recur-task")).to_contain_text("Repeats every Friday")
