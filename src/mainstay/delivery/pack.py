"""Answers go packed over the wire where the browser can unpack them."""

import gzip
import re
from typing import Any

LEAST = 1000
LEVEL = 4
KINDS = (
    b"text/html",
    b"text/plain",
    b"text/csv",
    b"application/json",
    b"application/problem+json",
    b"application/manifest+json",
    b"application/javascript",
)
REFUSED = re.compile(rb"gzip\s*;\s*q\s*=\s*0(\.0*)?\s*(,|$)")
Message = dict[str, Any]


class Packed:
    """Wraps an application; what is sent as a whole and is worth it, is sent as gzip.

    Streams (live events, long exports) pass as they are. Secrets that stand in packed pages
    beside what a reader has typed are masked anew for every answer (`gate.masked`), so that the
    length of a page says nothing about them.
    """

    def __init__(self, app: Any) -> None:
        """Stand in front of an application."""
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not accepts(scope["headers"]):
            await self.app(scope, receive, send)
            return
        await self.app(scope, receive, Answer(send).send)


class Answer:
    """One answer on its way out: its head waits until the first part of its body is known."""

    def __init__(self, send: Any) -> None:
        """Send through this."""
        self._send = send
        self._head: Message | None = None

    async def send(self, message: Message) -> None:
        """Pack the answer if it comes whole; else hand it on."""
        if message["type"] == "http.response.start":
            self._head = message
            return
        if self._head is not None:
            head, self._head = self._head, None
            body = message.get("body", b"")
            if not message.get("more_body") and worth(head, body):
                head, message = _packed(head, body)
            await self._send(head)
        await self._send(message)


def accepts(headers: Any) -> bool:
    """Return whether the request's headers allow gzip."""
    given = b",".join(value for name, value in headers if name == b"accept-encoding").lower()
    return b"gzip" in given and not REFUSED.search(given)


def worth(head: Message, body: bytes) -> bool:
    """Return whether an answer gains by being packed."""
    if len(body) < LEAST or head["status"] in (204, 206, 304):
        return False
    headers = {name.lower(): value for name, value in head["headers"]}
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    return kind in KINDS and b"content-encoding" not in headers


def _packed(head: Message, body: bytes) -> tuple[Message, Message]:
    packed = gzip.compress(body, LEVEL, mtime=0)
    headers, vary = [], [b"Accept-Encoding"]
    for name, value in head["headers"]:
        if name.lower() == b"vary":
            vary.insert(0, value)
        elif name.lower() != b"content-length":
            headers.append((name, value))
    headers += [
        (b"content-encoding", b"gzip"),
        (b"content-length", str(len(packed)).encode()),
        (b"vary", b", ".join(vary)),
    ]
    return {**head, "headers": headers}, {"type": "http.response.body", "body": packed}
