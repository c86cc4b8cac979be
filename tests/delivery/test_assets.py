"""Static files: joined, packed, named by their content, and never outside their folder."""

import gzip
from pathlib import Path

import httpx
import pytest

from mainstay.delivery.asgi import build
from mainstay.delivery.assets import Assets, assets
from mainstay.kernel.workspace import Workspace


@pytest.fixture
async def client(workspace: Workspace) -> httpx.AsyncClient:
    async def nobody(*_: object) -> None:
        return None

    transport = httpx.ASGITransport(build(workspace, nobody, background=False))
    return httpx.AsyncClient(transport=transport, base_url="http://mainstay.test")


def test_styles_are_joined_tokens_first_and_any_change_renews_the_version(tmp_path: Path) -> None:
    (tmp_path / "css").mkdir()
    (tmp_path / "js").mkdir()
    for name, text in (("tokens", ":root{--a:1}"), ("base", "b{}"), ("board", "c{}")):
        (tmp_path / "css" / f"{name}.css").write_text(text)
    (tmp_path / "js" / "app.js").write_text('import "./core.js";')
    first = Assets(tmp_path)
    assert first.files["app.css"].plain == b":root{--a:1}\nb{}\nc{}"
    assert "css/board.css" not in first.files
    (tmp_path / "js" / "app.js").write_text("1")
    assert Assets(tmp_path).version != first.version


async def test_a_file_is_sent_packed_and_kept_for_long(client: httpx.AsyncClient) -> None:
    address = assets().address("app.css")
    answer = await client.get(address)
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == assets().files["app.css"].plain
    assert gzip.decompress(assets().files["app.css"].packed) == answer.content
    plain = await client.get(address, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    old = await client.get("/static/0123456789ab/js/app.js")
    assert old.status_code == 200
    assert old.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["../app.py", "%2e%2e/asgi.py", "js/../../gate.py", "nothing.css", "", "js"]
)
async def test_nothing_else_is_sent(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"/static/{assets().version}/{path}")
    assert answer.status_code == 404
