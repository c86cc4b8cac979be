"""Boards in a browser: drag by mouse, finger and keyboard, refusals, limits, two windows."""

import re
from typing import Any

import pytest
from playwright.async_api import CDPSession, Locator, Page, expect

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.scope import SYSTEM
from tests.browser.conftest import Site

TASK = "projects.task"


class Wall:
    """A project of its own with a few cards, and its board."""

    def __init__(self, site: Site, project: int, cards: dict[str, int]) -> None:
        self.site, self.project, self.cards = site, project, cards
        self.address = f"{site.url}/projects/tasks?view=board&project_id={project}"

    async def open(self, page: Page, more: str = "") -> None:
        await page.goto(self.address + more)
        await expect(page.locator("#board")).to_be_visible()
        await expect(page.locator('.card-title[tabindex="0"]').first).to_be_visible()

    async def column(self, status: str) -> str:
        asked = {"project_id": self.project, "status": status, "sort": "sort_order"}
        page = await self.site.ws.page(SYSTEM, TASK, {**asked, "fields": "title"})
        return "".join(item.title for item in page.items)

    async def change(self, title: str, /, **data: Any) -> None:
        noun, one = self.site.ws.registry.noun(TASK), self.cards[title]
        await self.site.ws.run(SYSTEM, lambda ctx: perform.update(ctx, noun, one, data))

    def card(self, page: Page, title: str) -> Locator:
        return page.locator(f"#c-{self.cards[title]}")


def cell(page: Page, status: str) -> Locator:
    return page.locator(f"#cell-{status}")


async def shown(page: Page, status: str) -> str:
    return "".join(await cell(page, status).locator(".card-title").all_inner_texts())


@pytest.fixture
async def wall(site: Site) -> Wall:
    """Cards a, b, c to do, and d in progress."""
    project, task = (site.ws.registry.noun(f"projects.{name}") for name in ("project", "task"))

    async def work(ctx: Context) -> Wall:
        one = await perform.create(ctx, project, {"name": "Breakwater"})
        cards = {}
        for title in "abcd":
            data = {"project_id": one.id, "title": title, "story_points": 2}
            data["status"] = "in_progress" if title == "d" else "todo"
            cards[title] = (await perform.create(ctx, task, data)).id
        return Wall(site, one.id, cards)

    return await site.ws.run(SYSTEM, work)


async def grab(page: Page, card: Locator) -> None:
    box = await card.bounding_box()
    assert box
    await page.mouse.move(box["x"] + 30, box["y"] + 14)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 36, box["y"] + 20, steps=3)


async def over(page: Page, target: Locator, part: float = 0.5) -> None:
    box = await target.bounding_box()
    assert box
    await page.mouse.move(box["x"] + 40, box["y"] + box["height"] * part, steps=6)


async def test_a_card_is_dragged_by_mouse_and_taken_back(wall: Wall, nora: Page) -> None:
    await wall.open(nora)
    assert await shown(nora, "todo") == "abc"
    await grab(nora, wall.card(nora, "c"))
    await over(nora, wall.card(nora, "a"), 0.2)
    await expect(nora.locator(".card-slot")).to_be_visible()
    await nora.mouse.up()
    await expect(nora.locator(".card-slot, .ghost, .saving")).to_have_count(0)
    assert await wall.column("todo") == "cab"
    await grab(nora, wall.card(nora, "a"))
    await over(nora, wall.card(nora, "d"), 0.9)
    await nora.mouse.up()
    await expect(nora.locator(".toast")).to_contain_text("a moved to In progress")
    assert (await wall.column("todo"), await wall.column("in_progress")) == ("cb", "da")
    await expect(nora).to_have_url(re.compile("view=board"))
    await nora.locator(".toast").get_by_role("button", name="Undo").click()
    await expect(cell(nora, "todo").locator(".card")).to_have_count(3)
    assert await wall.column("todo") == "cab"


async def test_escape_and_a_drop_at_home_change_nothing(wall: Wall, nora: Page) -> None:
    await wall.open(nora)
    await grab(nora, wall.card(nora, "a"))
    await over(nora, wall.card(nora, "d"))
    await nora.keyboard.press("Escape")
    await nora.mouse.up()
    await grab(nora, wall.card(nora, "b"))
    await nora.mouse.up()
    await expect(nora.locator(".ghost, .card-slot, .saving")).to_have_count(0)
    assert await shown(nora, "todo") == "abc"
    assert await nora.locator("#main[data-holding]").count() == 0
    await expect(nora).to_have_url(re.compile("view=board"))


async def test_a_card_is_carried_by_keyboard(wall: Wall, nora: Page) -> None:
    await wall.open(nora)
    says = nora.locator("#board-says")
    await wall.card(nora, "a").locator(".card-title").focus()
    await nora.keyboard.press("Space")
    await expect(says).to_contain_text("a lifted")
    await nora.keyboard.press("ArrowDown")
    await expect(says).to_have_text("a, Todo, 2 of 3")
    await nora.keyboard.press("ArrowRight")
    await expect(says).to_have_text("a, In progress, 2 of 2")
    await nora.keyboard.press("Escape")
    await expect(says).to_contain_text("back at its place")
    assert await shown(nora, "todo") == "abc"
    await nora.keyboard.press("Space")
    await nora.keyboard.press("ArrowRight")
    await nora.keyboard.press("ArrowUp")
    await nora.keyboard.press("Space")
    await expect(nora.locator(".toast")).to_contain_text("a moved to In progress")
    assert (await wall.column("todo"), await wall.column("in_progress")) == ("bc", "ad")
    await expect(wall.card(nora, "a").locator(".card-title")).to_be_focused()
    await nora.keyboard.press("ArrowDown")
    await expect(wall.card(nora, "d").locator(".card-title")).to_be_focused()


async def test_selected_cards_go_together(wall: Wall, nora: Page) -> None:
    await wall.open(nora)
    for title in "ac":
        await wall.card(nora, title).locator(".card-title").focus()
        await nora.keyboard.press("x")
    await expect(nora.locator(".card.picked")).to_have_count(2)
    await grab(nora, wall.card(nora, "a"))
    await expect(nora.locator(".ghost")).to_have_attribute("data-many", "2")
    await over(nora, wall.card(nora, "d"), 0.9)
    await nora.mouse.up()
    await expect(nora.locator(".toast")).to_contain_text("2 cards moved to In progress")
    assert (await wall.column("todo"), await wall.column("in_progress")) == ("b", "dac")
    await wall.card(nora, "c").locator(".card-title").focus()
    await nora.keyboard.press("Space")
    await nora.keyboard.press("ArrowLeft")
    await nora.keyboard.press("Escape")
    assert await shown(nora, "in_progress") == "dac"


async def touch(client: CDPSession, kind: str, x: float = 0, y: float = 0) -> None:
    points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
    await client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


async def hold_of(wall: Wall, page: Page, title: str) -> tuple[float, float]:
    """Where a finger takes hold of a card."""
    box = await wall.card(page, title).bounding_box()
    assert box
    return box["x"] + 60, box["y"] + 20


async def test_a_finger_scrolls_or_holds_and_drags(
    site: Site, wall: Wall, phone_page: Page
) -> None:
    await site.sign_in(phone_page)
    for number in range(14):
        await wall.site.ws.run(
            SYSTEM,
            lambda ctx, n=number: perform.create(
                ctx,
                ctx.registry.noun(TASK),
                {"project_id": wall.project, "title": f"-{n}", "status": "todo"},
            ),
        )
    await wall.open(phone_page)
    await phone_page.locator('[data-show="todo"]').click()
    await expect(wall.card(phone_page, "a")).to_be_in_viewport()
    await phone_page.wait_for_timeout(600)
    client = await phone_page.context.new_cdp_session(phone_page)
    x, y = await hold_of(wall, phone_page, "c")
    await touch(client, "touchStart", x, y)
    for step in range(1, 9):
        await touch(client, "touchMove", x, y - step * 20)
    await touch(client, "touchEnd")
    assert await cell(phone_page, "todo").evaluate("one => one.scrollTop") > 20
    assert await phone_page.locator(".ghost").count() == 0
    await cell(phone_page, "todo").evaluate("one => { one.scrollTop = 0 }")
    await phone_page.wait_for_timeout(900)  # a flung list comes to rest
    await cell(phone_page, "todo").evaluate("one => { one.scrollTop = 0 }")
    await phone_page.wait_for_timeout(100)
    x, y = await hold_of(wall, phone_page, "c")
    await touch(client, "touchStart", x, y)
    await expect(phone_page.locator(".ghost")).to_be_visible()
    _x, top = await hold_of(wall, phone_page, "a")
    for step in range(1, 6):
        await touch(client, "touchMove", x, y + (top - 16 - y) * step / 5)
        await phone_page.wait_for_timeout(60)
    await touch(client, "touchEnd")
    await expect(phone_page.locator(".ghost, .card-slot, .saving")).to_have_count(0)
    assert (await wall.column("todo")).startswith("cab")


async def test_a_verb_asks_before_the_card_stays(wall: Wall, nora: Page) -> None:
    await wall.open(nora)
    for keep in (False, True):
        await grab(nora, wall.card(nora, "a"))
        await nora.locator("#col-blocked").scroll_into_view_if_needed()
        await over(nora, cell(nora, "blocked"), 0.1)
        await nora.mouse.up()
        reason = nora.locator("#dialog").get_by_label(re.compile("Reason"))
        await expect(reason).to_be_visible()
        if not keep:
            await nora.keyboard.press("Escape")
            await expect(cell(nora, "todo").locator(".card")).to_have_count(3)
            await nora.locator("#board-scroll").evaluate("one => { one.scrollLeft = 0 }")
            await nora.wait_for_timeout(400)
            continue
        await nora.locator("#dialog .primary").click()
        await expect(nora.locator("#dialog")).to_contain_text("reason")
        await reason.fill("Low tide")
        await nora.locator("#dialog .primary").click()
    await expect(nora.locator(".toast")).to_contain_text("a moved to Blocked")
    row = await wall.site.ws.one(
        SYSTEM, TASK, wall.cards["a"], [("fields", "status,blocked_reason")]
    )
    assert (row.status, row.blocked_reason) == ("blocked", "Low tide")


async def test_a_full_column_sends_the_card_back_with_the_reason(wall: Wall, nora: Page) -> None:
    await wall.open(nora)
    await nora.locator("#col-in_progress details.menu > summary").click()
    limit = nora.locator("#limit-in_progress")
    await limit.fill("1")
    await limit.press("Enter")
    await expect(nora.locator("#col-in_progress .limit.full")).to_contain_text("1/1")
    await grab(nora, wall.card(nora, "b"))
    await over(nora, wall.card(nora, "d"), 0.9)
    await nora.mouse.up()
    said = "In progress holds at most 1 in this project; move one on first."
    await expect(nora.locator(".toast.bad")).to_contain_text(said)
    assert await shown(nora, "todo") == "abc"
    assert await wall.column("todo") == "abc"


async def test_a_card_is_added_in_place(wall: Wall, nora: Page) -> None:
    await wall.open(nora)
    await nora.get_by_role("button", name="Add to Todo").click()
    for title in ("Dredge", "Sound"):
        await nora.keyboard.type(title)
        await nora.keyboard.press("Enter")
        await expect(cell(nora, "todo").get_by_text(title)).to_be_visible()
    await nora.keyboard.press("Escape")
    await expect(nora.get_by_role("button", name="Add to Todo")).to_be_focused()
    assert await wall.column("todo") == "SoundDredgeabc"


async def test_another_window_sees_the_move_and_keeps_what_it_holds(
    wall: Wall, nora: Page, second: Page
) -> None:
    await wall.open(second)
    await wall.open(nora)
    await grab(second, wall.card(second, "b"))
    await wall.change("a", status="in_progress")
    await second.wait_for_timeout(900)
    assert await shown(second, "todo") != "bc", "a card in the hand is not torn away"
    await second.keyboard.press("Escape")
    await second.mouse.up()
    await expect(cell(second, "todo").locator(".card")).to_have_count(2, timeout=6000)
    await expect(cell(nora, "in_progress").locator(".card")).to_have_count(2)
    await wall.change("c", status="in_progress")
    await expect(wall.card(nora, "c")).to_have_class(re.compile("glow"))
    await expect(cell(nora, "in_progress").locator(".card")).to_have_count(3)


async def test_columns_stay_scrolled_and_filled_when_the_page_reads_itself_again(
    site: Site, wall: Wall, nora: Page
) -> None:
    noun = site.ws.registry.noun(TASK)

    async def fill(ctx: Context) -> None:
        for number in range(90):
            data = {"project_id": wall.project, "title": f"n{number}", "status": "review"}
            await perform.create(ctx, noun, data)

    await site.ws.run(SYSTEM, fill)
    await wall.open(nora)
    review = cell(nora, "review")
    await expect(review.locator(".card")).to_have_count(40)
    await review.evaluate("one => { one.scrollTop = one.scrollHeight }")
    await expect(review.locator(".card")).to_have_count(80)
    await review.evaluate("one => { one.scrollTop = 3000 }")
    await wall.change("a", title="A")
    await expect(wall.card(nora, "a")).to_contain_text("A")
    assert await review.locator(".card").count() >= 80
    assert await review.evaluate("one => one.scrollTop") == 3000


async def test_lanes_fold_and_take_cards(wall: Wall, nora: Page) -> None:
    await wall.change("a", priority="high")
    await wall.open(nora, "&lane_by=priority")
    lanes = nora.locator(".lane-name")
    assert await lanes.all_inner_texts() == ["High", "Medium"]
    await wall.card(nora, "b").locator(".card-title").focus()
    await grab(nora, wall.card(nora, "b"))
    await over(nora, nora.locator("#cell-in_progress\\~high"), 0.5)
    await nora.mouse.up()
    await expect(nora.locator(".toast")).to_contain_text("b moved to In progress")
    row = await wall.site.ws.one(SYSTEM, TASK, wall.cards["b"], [("fields", "status,priority")])
    assert (row.status, row.priority) == ("in_progress", "high")


async def test_folded_columns_are_part_of_the_address(wall: Wall, nora: Page) -> None:
    await wall.open(nora)
    await expect(nora.locator("#col-cancelled[data-folded]")).to_be_visible()
    await nora.locator("#col-todo details.menu > summary").click()
    await nora.locator("#col-todo").get_by_role("button", name="Fold the column").click()
    await expect(nora.locator("#col-todo[data-folded]")).to_be_visible()
    await expect(nora).to_have_url(re.compile("folded=todo"))
    await nora.locator("#col-todo .column-strip").click()
    await expect(cell(nora, "todo").locator(".card")).to_have_count(3)
