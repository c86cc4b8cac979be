"""Files on a record: chosen, pasted, dropped, refused, looked at, renewed, shared."""

import re
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_comments import composer, fresh_task
from tests.facets.files.test_files import picture
from tests.harness.browser import open_page

DROP = """([name, type, words, selector]) => {
    const carried = new DataTransfer();
    carried.items.add(new File([words], name, { type }));
    const target = document.querySelector(selector);
    for (const kind of ["dragenter", "dragover", "drop"]) {
        const how = { bubbles: true, cancelable: true, dataTransfer: carried };
        target.dispatchEvent(new DragEvent(kind, how));
    }
}"""
PASTE = """async ([name, selector]) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 8;
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    const carried = new DataTransfer();
    carried.items.add(new File([blob], name, { type: "image/png" }));
    const how = { bubbles: true, cancelable: true, clipboardData: carried };
    document.querySelector(selector).dispatchEvent(new ClipboardEvent("paste", how));
}"""


def given(name: str, content: bytes) -> dict:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


async def test_files_are_chosen_refused_looked_at_and_renewed(site: Site, nora: Page) -> None:
    await nora.goto(await fresh_task(site, "With files"))
    odd = "<img src=x onerror=alert(1)>.txt"
    pick = nora.locator(".drop input[data-pick]").first
    await pick.set_input_files(
        [
            given("roof.png", picture(400, 300)),
            given(odd, b"first line\n<script>alert(1)</script>"),
            given("tool.exe", b"MZ\x00"),
        ]
    )
    await expect(nora.locator(".file")).to_have_count(2)
    await expect(nora.locator(".file-name", has_text=odd)).to_be_visible()
    failed = nora.locator(".upload.failed")
    await expect(failed).to_contain_text("cannot be attached")
    await expect(failed.get_by_role("button", name="Try again")).to_have_count(0)
    await failed.get_by_role("button").click()
    await expect(failed).to_have_count(0)
    small = nora.locator(".file img").first
    assert await small.evaluate("(one) => one.decode().then(() => one.naturalWidth)") > 0

    await nora.locator(".file", has_text=odd).locator(".file-face").focus()
    await nora.keyboard.press("Enter")
    box = nora.locator("dialog.lightbox")
    await expect(box).to_be_visible()
    await nora.keyboard.press("ArrowRight")
    await expect(box.locator("img")).to_be_visible()
    await nora.keyboard.press("ArrowLeft")
    await expect(box.locator("pre")).to_contain_text("<script>alert(1)</script>")
    await nora.keyboard.press("Escape")
    await expect(box).to_be_hidden()


async def test_a_file_is_renewed_renamed_removed_and_taken_back(site: Site, nora: Page) -> None:
    await nora.goto(await fresh_task(site, "One file"))
    pick = nora.locator(".drop input[data-pick]").first
    await pick.set_input_files([given("roof.png", picture(400, 300))])
    row = nora.locator(".file", has_text="roof.png")
    await row.get_by_label("More about roof.png").click()
    await row.locator("[data-first]").set_input_files([given("roof.png", picture(500, 300))])
    await expect(row).to_contain_text("Version 2")
    await row.get_by_role("button", name="Version 2").click()
    await expect(nora.locator("#dialog .file-versions li")).to_have_count(2)
    await nora.keyboard.press("Escape")
    await row.get_by_label("More about roof.png").click()
    await row.get_by_role("button", name="Rename or describe").click()
    await nora.get_by_label("Name", exact=True).fill("north.png")
    await nora.get_by_label("Description").fill("Seen from the lane")
    await nora.locator("#dialog").get_by_role("button", name="Save").click()
    await expect(nora.locator(".file", has_text="north.png")).to_contain_text("Seen from the lane")
    row = nora.locator(".file", has_text="north.png")
    await row.get_by_label("More about north.png").click()
    await row.get_by_role("button", name="Remove").click()
    await expect(nora.locator(".file")).to_have_count(0)
    await nora.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(nora.locator(".file")).to_have_count(1)


async def test_files_are_dropped_on_the_page_and_pasted_into_a_comment(
    site: Site, nora: Page
) -> None:
    await nora.goto(await fresh_task(site, "Drop and paste"))
    await expect(nora.locator(".drop")).to_be_visible()
    await nora.wait_for_function("document.querySelector('[data-module~=files]')")
    await nora.wait_for_timeout(300)
    await nora.evaluate(DROP, ["notes.txt", "text/plain", "words", "h1"])
    await expect(nora.locator(".file", has_text="notes.txt")).to_be_visible()

    await composer(nora).fill("Look: ")
    await nora.evaluate(PASTE, ["shot.png", "#activity form.composer textarea"])
    await expect(composer(nora)).to_have_value(re.compile(r"!\[shot\.png\]\(/file/\d+/shot\.png\)"))
    await composer(nora).press("Control+Enter")
    shown = nora.locator(".said img")
    await expect(shown).to_be_visible()
    assert await shown.evaluate("(one) => one.decode().then(() => one.naturalWidth)") == 8
    await expect(nora.locator(".file", has_text="shot.png")).to_be_visible()


async def test_a_large_file_shows_how_far_it_is_and_can_be_cancelled(
    site: Site, nora: Page
) -> None:
    await nora.goto(await fresh_task(site, "Slow line"))
    devtools = await nora.context.new_cdp_session(nora)
    await devtools.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 400_000}
    await devtools.send("Network.emulateNetworkConditions", slow)
    pick = nora.locator(".drop input[data-pick]").first
    await pick.set_input_files([given("big.txt", b"x" * 4_000_000)])
    bar = nora.locator(".upload progress")
    await expect(bar).to_be_visible()
    await nora.get_by_role("button", name="Cancel big.txt").click()
    await expect(nora.locator(".upload")).to_have_count(0)
    await expect(nora.locator(".file")).to_have_count(0)
    await devtools.send("Network.emulateNetworkConditions", slow | {"offline": True})
    await pick.set_input_files([given("later.txt", b"words")])
    failed = nora.locator(".upload.failed")
    await expect(failed).to_contain_text("connection")
    await devtools.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
    await failed.get_by_role("button", name="Try again later.txt").click()
    await expect(nora.locator(".file", has_text="later.txt")).to_be_visible()
    folder = Path(site.ws.settings.data_dir) / "files" / ".arriving"
    assert list(folder.glob("*")) == []


async def test_a_record_is_shared_with_somebody_without_an_account(site: Site, nora: Page) -> None:
    await nora.goto(await fresh_task(site, "Shown to the neighbour"))
    await nora.locator(".actions").get_by_label("More").last.click()
    await nora.get_by_role("button", name="Share by link").click()
    await nora.locator("#dialog").get_by_label("Password").fill("quay wall")
    await nora.locator("#dialog").get_by_role("button", name="Make the link").click()
    link = await nora.locator("#shared-link").input_value()
    path = link.partition("/s/")[2]
    phone = {"width": 390, "height": 844}
    async with open_page(site.browser, phone, color_scheme="dark") as guest:
        answer = await guest.goto(f"{site.url}/s/{path}")
        assert answer
        assert "noindex" in (await answer.all_headers())["x-robots-tag"]
        await guest.get_by_label("Password").fill("wrong one")
        await guest.get_by_role("button", name="Open").click()
        await expect(guest.get_by_text("not the password")).to_be_visible()
        await guest.get_by_label("Password").fill("quay wall")
        await guest.keyboard.press("Enter")
        await expect(guest.get_by_role("heading", level=1)).to_contain_text("neighbour")
        wide = "document.documentElement.scrollWidth <= innerWidth"
        assert await guest.evaluate(wide)
        await nora.locator("#dialog").get_by_role("button", name="Done").click()
        await nora.locator(".actions").get_by_label("More").last.click()
        await nora.get_by_role("button", name="Share by link").click()
        await nora.get_by_role("button", name="Revoke").click()
        await expect(nora.get_by_role("button", name="Revoke")).to_have_count(0)
        gone = await guest.reload()
        assert gone
        assert gone.status == 404
