"""A real Chromium, driven through Playwright's asynchronous interface."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, BrowserContext, Error, Page, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Quiet flags: a browser under test has no business on any network but ours.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
TIMEOUT_MS = 10_000


def find_chromium() -> str | None:
    """Return the path of a Chromium: `CHROMIUM`, or the first that the system has."""
    given = os.environ.get("CHROMIUM")
    if given:
        return shutil.which(given)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@asynccontextmanager
async def launch(path: str) -> AsyncIterator[Browser]:
    """Start a Chromium with a new empty profile, and end it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_page(
    browser: Browser, viewport: dict[str, int], **options: object
) -> AsyncIterator[Page]:
    """Open a page with its own cookies; a script error that nobody caught fails the test."""
    context: BrowserContext = await browser.new_context(viewport=viewport, **options)
    context.set_default_timeout(TIMEOUT_MS)
    errors: list[Error] = []
    context.on("weberror", lambda event: errors.append(event.error))
    try:
        yield await context.new_page()
    finally:
        await context.close()
    assert not errors, f"uncaught script errors: {[error.message for error in errors]}"


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for the session, or a skip that says why there is none."""
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium: set CHROMIUM, or install Debian's 'chromium'")
    async with launch(path) as running:
        yield running


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A desktop page, 1440 by 900."""
    async with open_page(browser, DESKTOP) as opened:
        yield opened


@pytest.fixture
async def phone_page(browser: Browser) -> AsyncIterator[Page]:
    """A phone's page, 390 by 844, with touch."""
    async with open_page(browser, PHONE, has_touch=True, is_mobile=True) as opened:
        yield opened
