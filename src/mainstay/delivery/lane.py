"""The short way for the two commonest requests: a page of records, and one record."""

from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from mainstay.delivery.problems import document
from mainstay.kernel.noun import Noun
from mainstay.kernel.query import Page
from mainstay.kernel.workspace import Workspace

LIST, ONE = "/api/{room}/{plural}", "/api/{room}/{plural}/{record}"
JSON = (b"content-type", b"application/json")
encode = msgspec.json.encode
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


class Reads:
    """Answers GET of a resource's list and of one record; everything else goes on to the app."""

    def __init__(self, app: Any, ws: Workspace) -> None:
        """Stand in front of an application."""
        self.app, self.ws = app, ws

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, or pass on."""
        if scope["type"] == "http" and scope["method"] == "GET":
            parts = scope["path"].split("/")
            noun = self._noun(parts)
            if noun is not None:
                await self._answer(scope, send, noun, parts)
                return
        await self.app(scope, receive, send)

    def _noun(self, parts: list[str]) -> Noun | None:
        """Return the resource that the address names, when it is one of ours."""
        if not 4 <= len(parts) <= 5 or parts[1] != "api":
            return None
        if len(parts) == 5 and not (parts[4].isascii() and parts[4].isdecimal()):
            return None
        return self.ws.registry.by_path.get(f"{parts[2]}/{parts[3]}")

    async def _answer(self, scope: Any, send: Any, noun: Noun, parts: list[str]) -> None:
        scope["path_template"] = LIST if len(parts) == 4 else ONE
        try:
            query = scope["query_string"]
            pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True) if query else ()
            if len(parts) == 4:
                status, headers, body = await self._list(scope["state"]["me"], noun, pairs)
            else:
                status, headers, body = await self._one(scope, noun, int(parts[4][:20]), pairs)
        except Exception as error:  # noqa: BLE001 - every refusal and defect becomes a document
            status, headers, body = document(error, scope["path"])
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _list(self, me: Any, noun: Noun, pairs: Any) -> Answer:
        page = await self.ws.page(me, noun.key, pairs)
        return 200, [JSON], encode(page_body(page))

    async def _one(self, scope: Any, noun: Noun, record: int, pairs: Any) -> Answer:
        row = await self.ws.one(scope["state"]["me"], noun.key, record, pairs)
        version = row.version if isinstance(row, Struct) and hasattr(row, "version") else 0
        if isinstance(row, dict):
            version = row.get("version", 0)
        if not version:
            return 200, [JSON], encode(row)
        tag = b'"%d"' % version
        if any(name == b"if-none-match" and value == tag for name, value in scope["headers"]):
            return 304, [JSON, (b"etag", tag)], b""
        return 200, [JSON, (b"etag", tag)], encode(row)


def page_body(page: Page) -> dict[str, Any]:
    """Return a page as it goes over the wire."""
    body: dict[str, Any] = {"items": page.items, "next": page.next}
    if page.count is not None:
        body |= {"count": page.count, "more": page.more}
    return body
