"""The calendar in a person's hands: pointer, touch, keyboard, another zone, a lost hour."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Page, expect

from mainstay.kernel import perform
from mainstay.kernel.scope import SYSTEM
from tests.browser.conftest import Site
from tests.harness.browser import open_page

HOURS = "/projects/time_entries?view=calendar&zoom=week&starts_on=started_at&ends_on=ended_at"
MONTH = "/projects/tasks?view=calendar&at=2031-05"


async def create(site: Site, key: str, **data: Any) -> Any:
    noun = site.ws.registry.noun(f"projects.{key}")
    return await site.ws.run(SYSTEM, lambda ctx: perform.create(ctx, noun, data))


async def now(site: Site, key: str, record: int) -> Any:
    return await site.ws.one(SYSTEM, f"projects.{key}", record)


@pytest.fixture
async def project(site: Site) -> int:
    """The first project of the demo company."""
    page = await site.ws.page(SYSTEM, "projects.project", [("sort", "id"), ("limit", "1")])
    return int(page.items[0].id)


@pytest.fixture
async def trip(site: Site, project: int) -> AsyncIterator[int]:
    """A task from Tuesday 6 to Thursday 8 May 2031; gone again afterwards."""
    dates = {"start_date": "2031-05-06", "due_date": "2031-05-08"}
    made = await create(site, "task", project_id=project, title="Trip to the quarry", **dates)
    yield made.id
    noun = site.ws.registry.noun("projects.task")
    await site.ws.run(SYSTEM, lambda ctx: perform.delete(ctx, noun, made.id))


async def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    await page.mouse.move(*start)
    await page.mouse.down()
    await page.mouse.move(start[0] + 12, start[1], steps=3)
    await page.mouse.move(*end, steps=6)
    await page.mouse.up()


async def middle(page: Page, day: str) -> tuple[float, float]:
    box = await page.locator(f'td[data-day="{day}"]').first.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] - 24


async def edges(page: Page, one: int) -> tuple[float, float, float]:
    box = await page.locator(f"#c{one}").bounding_box()
    assert box
    return box["x"], box["x"] + box["width"], box["y"] + box["height"] / 2


async def test_a_bar_is_moved_stretched_and_put_back(site: Site, nora: Page, trip: int) -> None:
    await nora.goto(site.url + MONTH)
    left, _right, height = await edges(nora, trip)
    await drag(nora, (left + 30, height), await middle(nora, "2031-05-20"))
    toast = nora.locator("#toasts")
    await expect(toast).to_contain_text("Moved to")
    await expect(nora.locator(f'td[data-day="2031-05-20"] #c{trip}')).to_be_visible()
    task = await now(site, "task", trip)
    assert (str(task.start_date), str(task.due_date)) == ("2031-05-20", "2031-05-22")
    await toast.get_by_role("button", name="Undo").click()
    await expect(nora.locator(f'td[data-day="2031-05-06"] #c{trip}')).to_be_visible()
    _left, right, height = await edges(nora, trip)
    await drag(nora, (right - 3, height), await middle(nora, "2031-05-10"))
    await expect(toast).to_contain_text("Now")
    task = await now(site, "task", trip)
    assert (str(task.start_date), str(task.due_date)) == ("2031-05-06", "2031-05-10")
    assert nora.url.endswith(MONTH)


async def test_the_keyboard_does_what_the_pointer_does(site: Site, nora: Page, trip: int) -> None:
    await nora.goto(site.url + MONTH)
    bar, said = nora.locator(f"#c{trip}"), nora.locator("[data-said]")
    await bar.focus()
    await nora.keyboard.press("Shift+ArrowDown")
    await nora.keyboard.press("Shift+ArrowRight")
    await expect(said).to_contain_text("Enter keeps it")
    await nora.keyboard.press("Enter")
    await expect(nora.locator("#toasts")).to_contain_text("Moved to")
    await expect(nora.locator(f'td[data-day="2031-05-14"] #c{trip}')).to_be_focused()
    await nora.keyboard.press("Alt+ArrowRight")
    await nora.keyboard.press("Escape")
    await expect(said).to_have_text("Put back.")
    await nora.keyboard.press("Alt+ArrowLeft")
    await expect(nora.locator("#toasts")).to_contain_text("Now", timeout=5000)
    task = await now(site, "task", trip)
    assert (str(task.start_date), str(task.due_date)) == ("2031-05-14", "2031-05-15")
    await nora.locator(".cal h2").click()
    await nora.keyboard.press("ArrowRight")
    await nora.wait_for_url("**at=2031-06*")
    await nora.keyboard.press("ArrowLeft")
    await nora.wait_for_url("**at=2031-05*")


async def test_a_refused_move_returns_with_its_reason(
    site: Site, nora: Page, second: Page, trip: int
) -> None:
    """Somebody else moves it first; the page that has not heard of it yet is told so."""
    await nora.goto(site.url + MONTH)
    await nora.route("**/api/realtime/**", lambda route: route.abort())
    await nora.reload()
    await second.goto(site.url + MONTH)
    left, _right, height = await edges(second, trip)
    await drag(second, (left + 30, height), await middle(second, "2031-05-21"))
    await expect(second.locator("#toasts")).to_contain_text("Moved to")
    left, _right, height = await edges(nora, trip)
    await drag(nora, (left + 30, height), await middle(nora, "2031-05-13"))
    await expect(nora.locator("#toasts .bad")).to_contain_text("Load it again")
    await expect(nora.locator(f'td[data-day="2031-05-21"] #c{trip}')).to_be_visible()
    assert str((await now(site, "task", trip)).start_date) == "2031-05-21"


async def test_an_empty_day_adds_there(site: Site, nora: Page, project: int) -> None:
    await nora.goto(f"{site.url}{MONTH}&project_id={project}")
    await nora.mouse.click(*await middle(nora, "2031-05-15"))
    form = nora.locator("#quick")
    await expect(form.locator('[name="due_date"]')).to_have_value("2031-05-15")
    await form.locator('[name="title"]').fill("Meet at the gate")
    await nora.keyboard.press("Enter")
    cell = nora.locator('td[data-day="2031-05-15"]')
    await expect(cell.get_by_text("Meet at the gate")).to_be_visible()


@pytest.fixture
async def berlin(site: Site, page: Page) -> AsyncIterator[Page]:
    """Nora at work in Berlin, though her browser is elsewhere."""
    users = await site.ws.page(SYSTEM, "identity.user", email="nora@example.com")
    noun = site.ws.registry.noun("identity.user")
    one = users.items[0].id

    async def move_to(zone: str) -> None:
        await site.ws.run(SYSTEM, lambda ctx: perform.update(ctx, noun, one, {"timezone": zone}))

    await move_to("Europe/Berlin")
    await site.sign_in(page)
    yield page
    await move_to("UTC")


async def test_hours_stay_hours_when_the_clocks_change(
    site: Site, berlin: Page, project: int
) -> None:
    """From Saturday at nine to Sunday at nine, over the night of 27 March 2033."""
    entry = await create(
        site,
        "time_entry",
        project_id=project,
        user_id=1,
        started_at="2033-03-26T08:00:00Z",
        ended_at="2033-03-26T09:30:00Z",
    )
    await berlin.goto(f"{site.url}{HOURS}&at=2033-03-24")
    bar = berlin.locator(f"#c{entry.id}")
    await expect(berlin.locator(f'td[data-day="2033-03-26"] #c{entry.id}.at-9')).to_be_visible()
    await bar.focus()
    await berlin.keyboard.press("Shift+ArrowRight")
    await berlin.keyboard.press("Enter")
    await expect(berlin.locator(f'td[data-day="2033-03-27"] #c{entry.id}.at-9')).to_be_visible()
    kept = await now(site, "time_entry", entry.id)
    assert str(kept.started_at) == "2033-03-27T07:00:00.000000Z"
    assert str(kept.ended_at) == "2033-03-27T08:30:00.000000Z"
    # Dragged two hours down on the same day.
    box = await bar.bounding_box()
    assert box
    start = (box["x"] + box["width"] / 2, box["y"] + 20)
    await drag(berlin, start, (start[0], start[1] + 88))
    await expect(berlin.locator(f'td[data-day="2033-03-27"] #c{entry.id}.at-11')).to_be_visible()
    kept = await now(site, "time_entry", entry.id)
    assert str(kept.started_at) == "2033-03-27T09:00:00.000000Z"


async def test_on_a_phone_a_day_opens_and_a_held_bar_moves(site: Site, trip: int) -> None:
    async with open_page(
        site.browser, {"width": 390, "height": 844}, has_touch=True, is_mobile=True
    ) as phone:
        await site.sign_in(phone)
        await phone.goto(site.url + MONTH)
        left, _right, height = await edges(phone, trip)
        touch = await phone.context.new_cdp_session(phone)

        async def finger(kind: str, *points: tuple[float, float]) -> None:
            marks = [{"x": x, "y": y} for x, y in points]
            await touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": marks})

        target = await middle(phone, "2031-05-13")
        await finger("touchStart", (left + 60, height))
        await phone.wait_for_timeout(500)
        await finger("touchMove", (left + 70, height + 8))
        await finger("touchMove", target)
        await finger("touchEnd")
        await expect(phone.locator("#toasts")).to_contain_text("Moved to")
        assert str((await now(site, "task", trip)).start_date) == "2031-05-12"
        await expect(phone.locator(f'td[data-day="2031-05-12"] #c{trip}')).to_be_visible()
        await phone.wait_for_timeout(1000)
        await phone.touchscreen.tap(*await middle(phone, "2031-05-12"))
        await phone.wait_for_url("**zoom=agenda*")
        await expect(phone.get_by_role("link", name="Trip to the quarry")).to_be_visible()
