"""The workspace can be installed; what is kept for the time without a connection is nobody's."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from mainstay.app import asgi
from mainstay.delivery import assets as assets_of
from mainstay.kernel.workspace import Workspace

CSS = Path(assets_of.__file__).parent / "static/css"
COLOR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|rgba|hsl|hsla|oklch|lab|color)\(|light-dark\(")
SELECTORS = re.compile(r"#[a-z][a-z-]*(?=[\s.,:>{\[])|url\([^)]*\)|/\*.*?\*/", re.DOTALL)


@pytest.fixture
def engine_name() -> str:
    """How it is installed does not depend on the engine."""
    return "sqlite"


@pytest.fixture
async def client(workspace: Workspace) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of nobody's."""
    transport = httpx.ASGITransport(app=asgi(workspace.settings, ws=workspace, background=False))
    async with httpx.AsyncClient(transport=transport, base_url="http://mainstay.test") as client:
        yield client


async def test_the_manifest_names_icons_that_are_there(client: httpx.AsyncClient) -> None:
    answer = await client.get("/manifest.webmanifest")
    assert answer.headers["content-type"].startswith("application/manifest+json")
    said = answer.json()
    assert said["display"] == "standalone"
    assert {"any", "maskable"} <= {icon.get("purpose", "any") for icon in said["icons"]}
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in said["icons"]}
    for icon in said["icons"]:
        file = await client.get(icon["src"])
        assert file.status_code == 200
        assert file.headers["content-type"].startswith(icon["type"])


async def test_the_worker_keeps_files_of_this_version_and_no_page(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/sw.js")
    assert answer.headers["content-type"].startswith("application/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    known = json.loads(answer.text.split("\n", 1)[0].removeprefix("const KNOWN = ").rstrip(";"))
    assert known["version"] == assets_of.assets().version
    assert known["offline"] == "/offline"
    assert known["files"]
    for file in known["files"]:
        assert file.startswith(f"/static/{known['version']}/")
        assert (await client.get(file)).status_code == 200


async def test_the_kept_page_is_the_same_for_everybody(client: httpx.AsyncClient) -> None:
    page = await client.get("/offline")
    assert page.status_code == 200
    assert "cannot be reached" in page.text
    assert 'name="csrf" content=""' in page.text


def test_colours_stand_in_the_tokens_only() -> None:
    found = []
    for path in sorted(CSS.glob("*.css")):
        if path.name == "tokens.css":
            continue
        text = SELECTORS.sub("", path.read_text("utf-8"))
        found += [f"{path.name}: {match.group()}" for match in COLOR.finditer(text)]
    assert not found
