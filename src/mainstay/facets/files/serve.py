"""How a file leaves: whole or in part, shown only where nothing in it can run."""

import re
from collections.abc import AsyncIterator
from urllib.parse import quote

from litestar import Response
from litestar.response import Stream

from mainstay.delivery.pages.common import Answer, Rq, ws_of
from mainstay.facets.files import kinds
from mainstay.facets.files.arrive import store_of
from mainstay.facets.files.entities import File

RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
UNSAFE = re.compile(r"[^\w.\- ()]", re.ASCII)
# Whatever a file says, it runs nothing, asks nobody and is of no origin.
SANDBOX = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
# A browser's own reader of PDF does not start in a sandbox; it runs apart from pages anyway.
READER = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; object-src 'self'"
SMALL_TYPE = "image/webp"


async def sent(request: Rq, file: File, *, inline: bool = False, small: bool = False) -> Answer:
    """Send a file, or its small picture; `inline` counts only for kinds that are safe to show."""
    key = file.thumbnail if small else file.path
    shown = kinds.shown_as(file.mime)
    inline = small or (inline and shown != "")
    etag = f'"{file.digest[:32]}{"-s" if small else ""}"'
    kind = SMALL_TYPE if small else _served_type(file.mime, shown)
    headers = {
        "Content-Disposition": disposition(file.name, inline=inline),
        "Content-Security-Policy": READER if inline and shown == "pdf" else SANDBOX,
        "Cache-Control": "private, no-cache",
        "ETag": etag,
    }
    if _known(request, etag):
        return Response(b"", status_code=304, media_type=kind, headers=headers)
    store = store_of(ws_of(request))
    if small:
        return Response(await store.whole(key), media_type=kind, headers=headers)
    headers["Accept-Ranges"] = "bytes"
    part = _part(request, file.size, etag)
    if part is None:
        headers["Content-Range"] = f"bytes */{file.size}"
        return Response(b"", status_code=416, media_type="text/plain", headers=headers)
    start, size = part
    headers["Content-Length"] = str(size)
    status = 200
    if size != file.size:
        status, headers["Content-Range"] = 206, f"bytes {start}-{start + size - 1}/{file.size}"
    body = await _opened(store.read(key, start, size))
    return Stream(body, media_type=kind, headers=headers, status_code=status)


def _served_type(mime: str, shown: str) -> str:
    """Return the type that a browser is told: words as plain text, what could run as bytes."""
    if shown == "text":
        return "text/plain; charset=utf-8"
    active = mime in ("text/html", "image/svg+xml", "message/rfc822") or mime.endswith("xml")
    return "application/octet-stream" if active else mime


def disposition(name: str, *, inline: bool) -> str:
    """Return how a file is to be taken, with its name in both ways that browsers read."""
    how = "inline" if inline else "attachment"
    plain = UNSAFE.sub("_", name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _known(request: Rq, etag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    return etag in (part.strip().removeprefix("W/") for part in given.split(","))


def _part(request: Rq, size: int, etag: str) -> tuple[int, int] | None:
    """Return the part asked for, the whole, or None where it lies outside."""
    asked = RANGE.fullmatch(request.headers.get("range", "").strip())
    if asked is None or request.headers.get("if-range", etag) != etag:
        return 0, size
    first, last = asked.groups()
    if not first and not last:
        return 0, size
    if not first:
        length = min(int(last), size)
        return (size - length, length) if length else None
    start, end = int(first), min(int(last or size - 1), size - 1)
    return (start, end - start + 1) if start <= end else None


async def _opened(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Read the first piece now, while a refusal can still be answered."""
    first = await anext(pieces, b"")

    async def all_of_it() -> AsyncIterator[bytes]:
        """Yield it and what follows."""
        yield first
        async for piece in pieces:
            yield piece

    return all_of_it()
