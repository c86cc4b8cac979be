"""The first thing every request meets: who asks, whether it may, how it is answered."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import msgspec
import structlog

from mainstay.delivery.observe import Metrics
from mainstay.delivery.problems import meaning
from mainstay.kernel.problems import Denied, Problem, TooLarge
from mainstay.kernel.scope import ANONYMOUS, Me
from mainstay.kernel.workspace import Workspace

COOKIE = "mainstay_session"
COOKIE_AGE = 30 * 86_400
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
]
HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
FORM_LIMIT = 1_000_000
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]
access = structlog.get_logger("access")


class Authenticate(Protocol):
    """Finds out who is behind a session cookie or a bearer token."""

    async def __call__(
        self, ws: Workspace, session_token: str | None, bearer: str | None
    ) -> Me | None:
        """Return the person, or None when nobody is."""
        ...


@lru_cache(4096)
def csrf_token(session: str) -> str:
    """Return the token that forms of this session must carry; it cannot be turned back."""
    return hmac.new(session.encode(), b"mainstay csrf", hashlib.sha256).hexdigest()


def masked(token: str) -> str:
    """Return a token as it stands in one page: different in each, so that packing leaks nothing.

    Pages are sent packed, and their length would tell an attacker who may put words into them
    letter by letter what else stands there (BREACH). A pad of chance, joined to the token, makes
    every page's own.
    """
    plain = bytes.fromhex(token)
    pad = secrets.token_bytes(len(plain))
    return (pad + _joined(pad, plain)).hex()


def unmasked(given: str) -> str:
    """Return the token behind a masked one; one that is not masked is returned as it is."""
    try:
        both = bytes.fromhex(given)
    except ValueError:
        return ""
    half = len(both) // 2
    return _joined(both[:half], both[half:]).hex() if len(given) == 128 else given


def _joined(pad: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(pad, other, strict=True))


class Rotate(Protocol):
    """Gives an old session a new token."""

    async def __call__(self, ws: Workspace, session_token: str) -> str | None:
        """Return the new token, or None while the present one is young enough."""
        ...


class Refuse(Protocol):
    """Draws a refusal as a page, for people."""

    async def __call__(self, scope: Any, send: Send, problem: Problem) -> None:
        """Send the page."""
        ...


class Gate:
    """Wraps the whole application, so that no answer leaves without its headers."""

    def __init__(  # noqa: PLR0913 - one wrapper holds what every request meets
        self,
        app: App,
        ws: Workspace,
        authenticate: Authenticate,
        metrics: Metrics,
        *,
        rotate: Rotate | None = None,
        refusal: Refuse | None = None,
        body_limit: int = 2_000_000,
        upload_limit: int = 100_000_000,
    ) -> None:
        """Join the parts; limits are in bytes."""
        self.app, self.ws, self.authenticate, self.metrics = app, ws, authenticate, metrics
        self.rotate, self.refusal = rotate, refusal
        self.body_limit, self.upload_limit = body_limit, upload_limit

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        visit = Visit(self, scope, receive, send)
        try:
            await visit.admit()
            await self.app(scope, visit.receive, visit.send)
        except Exception as error:  # noqa: BLE001 - no answer leaves without its headers
            await visit.refuse(meaning(error))
        finally:
            visit.note()


class Visit:
    """One request on its way through the gate."""

    def __init__(self, gate: Gate, scope: Any, receive: Receive, send: Send) -> None:
        """Read the headers once."""
        self.gate, self.scope, self._receive, self._send = gate, scope, receive, send
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.started = time.perf_counter()
        self.id = secrets.token_hex(8)
        self.status = 0
        self.read = 0
        self.me = ANONYMOUS
        self.session: str | None = None
        self.bearer: str | None = None
        self.held: list[Message] = []
        self.fresh = ""
        self.head = scope.get("method") == "HEAD"
        if self.head:
            scope["method"] = "GET"
        path: str = scope["path"]
        bulky = ("/import/", "/api/import/", "/api/files/upload")
        upload = path.startswith(bulky) or path.endswith("/import")
        self.limit = gate.upload_limit if upload else gate.body_limit

    async def admit(self) -> None:
        """Find out who asks, and refuse forged or oversized requests."""
        self._credentials()
        if self.session or self.bearer:
            found = await self.gate.authenticate(self.gate.ws, self.session, self.bearer)
            self.me = found or ANONYMOUS
            await self._rotate()
        state = self.scope.setdefault("state", {})
        state["me"], state["request_id"] = self.me, self.id
        # What the hub delivers after this, the page that is read now may not show yet.
        state["place"] = self.gate.ws.hub.place or (0, 0)
        # Only pages, and who asks for it, show the token; masking it costs as much as a query.
        path = self.scope["path"]
        shows = not path.startswith(("/api/", "/static/")) or path.startswith("/api/auth/")
        state["csrf"] = masked(csrf_token(self.session)) if self.session and shows else ""
        length = self.headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self.limit:
            raise self._too_large()
        method = self.scope.get("method", "GET")
        if method not in SAFE or self.scope["type"] == "websocket":
            await self._same_site()

    async def _rotate(self) -> None:
        """Change the token of an old session when its person opens a page."""
        page = self.scope.get("method") == "GET" and not self.scope["path"].startswith("/api")
        if self.gate.rotate and self.session and self.me.id and page:
            self.fresh = await self.gate.rotate(self.gate.ws, self.session) or ""
            self.session = self.fresh or self.session

    def _cookie(self) -> bytes:
        base = getattr(self.gate.ws.settings, "base_url", "") or ""
        safe = self.scope.get("scheme") == "https" or base.startswith("https")
        cookie = f"{COOKIE}={self.fresh}; Path=/; HttpOnly; SameSite=Lax; Max-Age={COOKIE_AGE}"
        return f"{cookie}{'; Secure' if safe else ''}".encode()

    def _credentials(self) -> None:
        authorization = self.headers.get(b"authorization", b"").decode("latin-1")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() == "bearer" and token:
            self.bearer = token.strip()
            return
        for pair in self.headers.get(b"cookie", b"").decode("latin-1").split(";"):
            name, _, value = pair.strip().partition("=")
            if name == COOKIE:
                self.session = value.strip('"') or None

    async def _same_site(self) -> None:
        """Refuse a request that another site made a browser send."""
        if self.bearer:
            return
        origin = self.headers.get(b"origin", b"").decode("latin-1")
        host = self.headers.get(b"host", b"").decode("latin-1")
        site = self.headers.get(b"sec-fetch-site", b"").decode("latin-1")
        if site in ("cross-site", "same-site") or (origin and urlsplit(origin).netloc != host):
            raise Denied("This request came from another site.")
        if site == "same-origin" or origin or not self.session:
            return
        if self.scope["type"] == "websocket" or not await self._carries_token(self.session):
            raise Denied(
                "Send the X-CSRF-Token header (GET /api/auth/me shows it), or use a bearer token."
            )

    async def _carries_token(self, session: str) -> bool:
        """Look for the session's token in the header, or in the form that is being sent."""
        wanted = csrf_token(session)
        given = self.headers.get(b"x-csrf-token", b"").decode("latin-1")
        kind = self.headers.get(b"content-type", b"")
        if not given and kind.startswith(b"application/x-www-form-urlencoded"):
            given = (await self._form()).get("_csrf", [""])[0]
        return hmac.compare_digest(unmasked(given).encode(), wanted.encode())

    async def _form(self) -> dict[str, list[str]]:
        """Read a small form, and keep it for the handler to read again."""
        body = b""
        while True:
            message = await self._receive()
            self.held.append(message)
            body += message.get("body", b"")
            if len(body) > FORM_LIMIT:
                raise self._too_large()
            if not message.get("more_body"):
                return parse_qs(body.decode("utf-8", "replace"))

    async def receive(self) -> Message:
        """Hand the body on, and stop when it grows beyond the limit."""
        if self.held:
            return self.held.pop(0)
        message = await self._receive()
        if message["type"] == "http.request":
            self.read += len(message.get("body", b""))
            if self.read > self.limit:
                raise self._too_large()
        return message

    def _too_large(self) -> TooLarge:
        return TooLarge(f"At most {self.limit:,} bytes are accepted here.")

    async def send(self, message: Message) -> None:
        """Hand the answer on with its security headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            kept = any(name.lower() == b"cache-control" for name, _ in headers)
            headers += [*HEADERS, (b"x-request-id", self.id.encode())]
            if self.scope.get("scheme") in ("https", "wss"):
                headers.append(HSTS)
            if self.fresh:
                headers.append((b"set-cookie", self._cookie()))
            if not kept:
                headers.append((b"cache-control", b"no-store"))
            message = {**message, "headers": headers}
        elif self.head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    async def refuse(self, problem: Problem) -> None:
        """Answer with a problem document before any handler was reached."""
        if self.status:
            return
        if self.scope["type"] == "websocket":
            await self._send({"type": "websocket.close", "code": 4000 + problem.status - 400})
            self.status = problem.status
            return
        if not self.scope["path"].startswith("/api") and self.gate.refusal:
            await self.gate.refusal(self.scope, self.send, problem)
            return
        body = msgspec.json.encode(problem.document(self.scope["path"]))
        headers = [(b"content-type", b"application/problem+json")]
        headers.append((b"content-length", str(len(body)).encode()))
        start = {"type": "http.response.start", "status": problem.status, "headers": headers}
        await self.send(start)
        await self.send({"type": "http.response.body", "body": body})

    def note(self) -> None:
        """Count the request and write one line about it, without bodies, queries or secrets."""
        spent = time.perf_counter() - self.started
        route = self.scope.get("path_template") or "other"
        path = route if "{token" in route else self.scope["path"]
        method = self.scope.get("method", "WS")
        self.gate.metrics.count(method, route, self.status, spent)
        access.info(
            "request",
            id=self.id,
            method=method,
            path=path,
            status=self.status,
            ms=round(spent * 1000, 2),
            user=self.me.id,
        )
