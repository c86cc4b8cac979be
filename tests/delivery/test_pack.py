"""Answers are packed where that is wanted, worth it and possible; streams pass as they are."""

import gzip
from typing import Any

import pytest

from mainstay.delivery.gate import csrf_token, masked, unmasked
from mainstay.delivery.pack import Packed, accepts

HTML = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"5000")]


async def sent(
    parts: list[bytes], headers: list[tuple[bytes, bytes]], accept: bytes, status: int = 200
) -> tuple[dict[bytes, bytes], list[bytes]]:
    """Return the headers and the parts of the body as they leave."""
    out: list[dict[str, Any]] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for place, part in enumerate(parts):
            more = place + 1 < len(parts)
            await send({"type": "http.response.body", "body": part, "more_body": more})

    async def send(message: dict[str, Any]) -> None:
        out.append(message)

    scope = {"type": "http", "headers": [(b"accept-encoding", accept)] if accept else []}
    await Packed(app)(scope, None, send)
    return dict(out[0]["headers"]), [message["body"] for message in out[1:]]


async def test_a_page_is_packed_and_says_so() -> None:
    headers, (body,) = await sent([b"word " * 1000], [*HTML, (b"vary", b"Cookie")], b"br, gzip")
    assert headers[b"content-encoding"] == b"gzip"
    assert headers[b"vary"] == b"Cookie, Accept-Encoding"
    assert headers[b"content-length"] == str(len(body)).encode()
    assert gzip.decompress(body) == b"word " * 1000


@pytest.mark.parametrize(
    ("parts", "headers", "accept", "status"),
    [
        ([b"word " * 1000], HTML, b"", 200),
        ([b"word " * 1000], HTML, b"gzip;q=0, identity", 200),
        ([b"short"], HTML, b"gzip", 200),
        (
            [b"event: x\n\n", b"data " * 500],
            [(b"content-type", b"text/event-stream")],
            b"gzip",
            200,
        ),
        ([b"row " * 500, b"row " * 500], [(b"content-type", b"text/csv")], b"gzip", 200),
        ([b"x" * 5000], [(b"content-type", b"image/png")], b"gzip", 200),
        ([b"x" * 5000], [*HTML, (b"content-encoding", b"gzip")], b"gzip", 200),
        ([b"x" * 5000], HTML, b"gzip", 206),
    ],
    ids=["not asked", "refused", "short", "events", "streamed", "picture", "packed", "partial"],
)
async def test_everything_else_passes_as_it_is(
    parts: list[bytes], headers: list[tuple[bytes, bytes]], accept: bytes, status: int
) -> None:
    given, bodies = await sent(parts, headers, accept, status)
    assert bodies == parts
    assert given == dict(headers)


def test_gzip_is_accepted_as_the_header_says() -> None:
    def asked(text: bytes) -> bool:
        return accepts([(b"accept-encoding", text)])

    assert asked(b"gzip")
    assert asked(b"deflate, GZIP;q=0.5")
    assert not asked(b"gzip;q=0")
    assert not asked(b"gzip; q=0.0, br")
    assert not asked(b"br")


def test_a_token_is_another_on_every_page_and_still_the_same() -> None:
    token = csrf_token("session")
    pages = {masked(token) for _ in range(50)}
    assert len(pages) == 50
    assert {unmasked(one) for one in pages} == {token}
    assert unmasked(token) == token
    for broken in ("", "zz", "é", token[:-1], "0" * 128):
        assert unmasked(broken) != token
