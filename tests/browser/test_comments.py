"""Talking about a record: by keyboard alone, in two windows, and with hostile words."""

import re

from playwright.async_api import Page, expect

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.scope import SYSTEM
from tests.browser.conftest import Site

LIVE = """() => [...document.querySelectorAll(".said-words *")].filter((one) =>
  one.matches("script, iframe, svg, style, object") || [...one.attributes].some((part) =>
    part.name.startsWith("on") || (["href", "src"].includes(part.name) &&
      /^\\s*(javascript|data|vbscript):/i.test(part.value)))).length"""


async def fresh_task(site: Site, title: str) -> str:
    """Create a task behind the page's back; return its address."""
    noun = site.ws.registry.noun("projects.task")

    async def work(ctx: Context) -> int:
        return (await perform.create(ctx, noun, {"project_id": 1, "title": title})).id

    return f"{site.url}/projects/tasks/{await site.ws.run(SYSTEM, work)}"


def composer(page: Page) -> object:
    return page.locator("#activity form.composer:not(.answer-place *) textarea").first


async def test_a_mention_is_written_by_keyboard_alone(site: Site, nora: Page) -> None:
    await nora.goto(await fresh_task(site, "Name somebody"))
    await nora.keyboard.press("m")
    area = composer(nora)
    await expect(area).to_be_focused()
    await nora.keyboard.type("Ask @ing")
    option = nora.get_by_role("option", name=re.compile("Ingrid Solberg"))
    await expect(option).to_be_visible()
    active = await area.get_attribute("aria-activedescendant")
    assert active
    assert await nora.locator(f"#{active}").get_attribute("aria-selected") == "true"
    await nora.keyboard.press("ArrowDown")
    await nora.keyboard.press("ArrowUp")
    await nora.keyboard.press("Enter")
    await expect(area).to_have_value("Ask @Ingrid Solberg ")
    await nora.keyboard.type("first")
    await nora.keyboard.press("Control+Enter")
    said = nora.locator(".said").first
    await expect(said.locator("a.mention")).to_have_text("@Ingrid Solberg")
    await expect(area).to_have_value("")

    await said.locator("[data-say=answer]").focus()
    await nora.keyboard.press("Enter")
    answer = nora.locator(".answer-place textarea")
    await expect(answer).to_be_focused()
    await nora.keyboard.type("She **said** yes")
    await nora.keyboard.press("Control+Enter")
    await expect(nora.locator(".answers strong")).to_have_text("said")
    await expect(nora.locator(".answer-place form")).to_have_count(0)


async def test_a_comment_of_another_appears_while_i_type(
    site: Site, nora: Page, second: Page
) -> None:
    address = await fresh_task(site, "Two of us")
    await nora.goto(address)
    await second.goto(address)
    mine = composer(nora)
    await mine.click()
    await nora.keyboard.type("Half a sen")
    theirs = composer(second)
    await theirs.fill("Here I am")
    await second.keyboard.press("Control+Enter")
    await expect(nora.locator(".said")).to_contain_text("Here I am", timeout=2500)
    await expect(mine).to_have_value("Half a sen")
    await expect(mine).to_be_focused()
    await nora.keyboard.type("tence")
    await expect(mine).to_have_value("Half a sentence")

    await nora.locator(".said").hover()
    await nora.locator(".said .react-menu summary").click()
    await nora.locator(".said [data-sign='👍']").first.click()
    sign = second.locator(".sign")
    await expect(sign).to_have_attribute("aria-pressed", "false")
    await expect(sign).to_have_attribute("title", re.compile("Nora"))
    await sign.click()
    await expect(nora.locator(".sign")).to_contain_text("2")
    await expect(nora.locator(".sign")).to_have_attribute("aria-pressed", "true")
    await expect(mine).to_have_value("Half a sentence")


async def test_a_draft_survives_a_reload_and_goes_with_sending(site: Site, nora: Page) -> None:
    await nora.goto(await fresh_task(site, "Half written"))
    await composer(nora).fill("Not done yet")
    await nora.locator(".internal-check input").first.check()
    await nora.reload()
    await expect(composer(nora)).to_have_value("Not done yet")
    await expect(nora.locator(".internal-check input").first).to_be_checked()
    await composer(nora).press("Control+Enter")
    await expect(nora.locator(".said.internal")).to_contain_text("Not done yet")
    await nora.reload()
    await expect(composer(nora)).to_have_value("")


async def test_words_are_edited_shown_with_versions_removed_and_taken_back(
    site: Site, nora: Page
) -> None:
    await nora.goto(await fresh_task(site, "Second thoughts"))
    await composer(nora).fill("The old plan")
    await composer(nora).press("Control+Enter")
    said = nora.locator(".said").first
    await said.hover()
    await said.get_by_label("More").click()
    await said.get_by_role("button", name="Edit").click()
    area = said.locator("textarea")
    await expect(area).to_have_value("The old plan")
    await area.fill("The new plan")
    await area.press("Control+Enter")
    await expect(said).to_contain_text("The new plan")
    await said.get_by_role("button", name="edited").click()
    await expect(nora.locator("#dialog del")).to_have_text("old")
    await nora.keyboard.press("Escape")
    await said.hover()
    await said.get_by_label("More").click()
    await said.get_by_role("button", name="Remove").click()
    await expect(nora.locator(".said")).to_have_count(0)
    await nora.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(nora.locator(".said")).to_contain_text("The new plan")


async def test_a_preview_is_what_will_be_read(site: Site, nora: Page) -> None:
    await nora.goto(await fresh_task(site, "Look first"))
    await composer(nora).fill("- [x] **bold** <b>not</b>")
    await nora.get_by_role("button", name="Preview").first.click()
    shown = nora.locator(".composer-preview").first
    await expect(shown.locator("strong")).to_have_text("bold")
    await expect(shown).to_contain_text("<b>not</b>")
    await expect(shown.locator(".done")).to_have_count(1)


async def test_hostile_words_run_nothing(site: Site, nora: Page, naughty: tuple[str, ...]) -> None:
    """Every payload as words, link, picture and name of a mention; nothing may run."""
    address = await fresh_task(site, "Hostile")
    noun = site.ws.registry.noun("comments.comment")
    task = int(address.rpartition("/")[2])
    payloads = [text for text in naughty if text.strip() and "\x00" not in text]
    odd = [
        p for p in payloads if re.search(r"script|onerror|onload|<|javascript", p, re.IGNORECASE)
    ]
    piles = [odd[n : n + 12] for n in range(0, len(odd), 12)][:30]

    async def work(ctx: Context) -> None:
        for pile in piles:
            body = "\n\n".join(f"{p}\n\n[{p}]({p}) ![{p}]({p}) @[{p}](user:1)" for p in pile)
            data = {"entity": "projects.task", "record_id": task, "body": body[:5000]}
            await perform.create(ctx, noun, data)

    await site.ws.run(SYSTEM, work, slow=True)
    ran: list[str] = []
    nora.on("dialog", lambda dialog: ran.append(dialog.message))
    foreign: list[str] = []
    nora.on("request", lambda r: foreign.append(r.url) if not r.url.startswith(site.url) else None)
    await nora.goto(address)
    await expect(nora.locator(".said").first).to_be_visible()
    live = await nora.evaluate(LIVE)
    assert live == 0
    assert ran == []
    assert [url for url in foreign if not url.startswith(("data:", "blob:"))] == []
