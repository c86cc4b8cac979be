"""The live feed over SSE and WebSocket, resumed from the log without a gap or a repeat."""

import asyncio
import re
from contextlib import suppress
from typing import Annotated, Any
from urllib.parse import parse_qs

import msgspec
from litestar import Request, Response, WebSocket, asgi, post, websocket
from litestar.exceptions import WebSocketDisconnect
from msgspec import Meta, Struct

from mainstay.delivery.cells import title_of
from mainstay.delivery.render import hue, initials
from mainstay.delivery.rest import json_body, reply
from mainstay.kernel import perform
from mainstay.kernel.live import Frame, Listener, read_place
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Malformed, SignInNeeded
from mainstay.kernel.scope import Me
from mainstay.kernel.workspace import Workspace

HEARTBEAT = 25.0
MOST_SHOWN = 20
TOPIC = re.compile(r"(looking:[a-z_]+\.[a-z_]+:[0-9]{1,18}|[a-z_]+\.[a-z_]+(:[0-9]{1,18})?)")
NOTHING = "nothing"
START = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


def topics_of(text: str, ws: Workspace) -> frozenset[str]:
    """Read the topics a stream is asked to carry; none named means every resource."""
    names = frozenset(part for part in text.split(",") if part)
    if unknown := {
        name for name in names if not TOPIC.fullmatch(name) or _key(name) not in ws.registry.nouns
    }:
        raise Malformed(f"Unknown topics: {', '.join(sorted(unknown))[:200]}.")
    return names


def _key(topic: str) -> str:
    return topic.removeprefix("looking:").partition(":")[0]


async def allowed(topics: frozenset[str], ws: Workspace, me: Me) -> frozenset[str]:
    """Return the topics without the watches of records that this person may not see."""
    kept = set()
    for topic in topics:
        _, looking, rest = topic.rpartition("looking:")
        key, _, record = rest.partition(":")
        if not looking or await ws.hub.may_see(me, key, int(record)):
            kept.add(topic)
    # No topic at all would mean every resource.
    return frozenset(kept) or (frozenset({NOTHING}) if topics else topics)


class Opening(Struct):
    """The first message on a socket: which resources to carry, and from which place on."""

    type: str = "listen"
    topics: list[str] = []
    after: str = ""


class Feed:
    """One listener's frames, the missed ones first, each exactly once."""

    def __init__(self, ws: Workspace, me: Me, topics: frozenset[str], after: str) -> None:
        """Join the hub before reading the log, so that nothing falls between the two."""
        self.ws, self.listener = ws, Listener(me, topics)
        self.after = read_place(after)
        self.gap = bool(after) and self.after is None
        self.sent = self.after or (0, 0)

    async def missed(self) -> list[Frame]:
        """Return the next batch of frames since the place the client knows."""
        if self.after is None:
            return []
        frames, self.sent, more = await self.ws.hub.since(
            self.listener.me, self.sent, self.listener.topics
        )
        if not more:
            self.after = None
        return frames

    @property
    def behind(self) -> bool:
        """Return whether there may be missed frames left."""
        return self.after is not None

    def is_new(self, frame: Frame) -> bool:
        """Return whether a live frame was not already among the missed ones."""
        place = read_place(frame.place)
        return not frame.place or (place is not None and place > self.sent)


def sse(frame: Frame) -> bytes:
    """Write a frame as a server-sent event."""
    place = b"id: %b\n" % frame.place.encode() if frame.place else b""
    return b"%bevent: %b\ndata: %b\n\n" % (place, frame.event.encode(), frame.data)


@asgi("/api/realtime/stream", copy_scope=True)
async def stream(scope: Any, receive: Any, send: Any) -> None:
    """Send events until the client leaves or the server stops."""
    app = scope["litestar_app"]
    ws: Workspace = app.state.ws
    me: Me = scope["state"]["me"]
    if me.kind == "anonymous":
        raise SignInNeeded("Sign in to listen.")
    query = parse_qs(scope["query_string"].decode("latin-1"))
    headers = dict(scope["headers"])
    after = headers.get(b"last-event-id", b"").decode("latin-1")
    after = after or query.get("last_event_id", [""])[0]
    topics = await allowed(topics_of(query.get("topics", [""])[0], ws), ws, me)
    feed = Feed(ws, me, topics, after)
    await send({"type": "http.response.start", "status": 200, "headers": START})
    hello = {"userId": me.id, "timestamp": ws.clock.now(), "message": "connected"}
    await send(_body(b"retry: 2000\nevent: connected\ndata: %b\n\n" % msgspec.json.encode(hello)))
    if feed.gap:
        await send(_body(b"event: reset\ndata: {}\n\n"))
    gone = asyncio.create_task(_until_gone(receive))
    ws.hub.listeners.add(feed.listener)
    app.state.metrics.streams.inc()
    try:
        await _pour(feed, send, gone)
    finally:
        ws.hub.listeners.discard(feed.listener)
        app.state.metrics.streams.dec()
        gone.cancel()
    with suppress(OSError, RuntimeError):
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _pour(feed: Feed, send: Any, gone: "asyncio.Task[None]") -> None:
    while feed.behind:
        for frame in await feed.missed():
            await send(_body(sse(frame)))
    queue = feed.listener.queue
    while not gone.done():
        waiting = asyncio.ensure_future(queue.get())
        await asyncio.wait((waiting, gone), timeout=HEARTBEAT, return_when="FIRST_COMPLETED")
        if not waiting.done():
            waiting.cancel()
            if not gone.done():
                await send(_body(b": heartbeat\n\n"))
            continue
        live = waiting.result()
        if live is None:
            return
        if feed.is_new(live):
            await send(_body(sse(live)))


def _body(content: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": True}


async def _until_gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@websocket("/api/realtime/socket")
async def socket(socket: WebSocket[Any, Any, Any]) -> None:
    """Carry the same events to a WebSocket; the first message may name topics and a place."""
    ws: Workspace = socket.app.state.ws
    me: Me = socket.state.me
    if me.kind == "anonymous":
        await socket.close(code=4001, reason="sign in first")
        return
    await socket.accept()
    first = await _first_message(socket)
    if first is None:
        return
    try:
        topics = await allowed(topics_of(",".join(first.topics), ws), ws, me)
    except Malformed as problem:
        await socket.close(code=4000, reason=problem.detail[:120])
        return
    feed = Feed(ws, me, topics, first.after)
    if feed.gap:
        await socket.send_text('{"type":"reset"}')
    ws.hub.listeners.add(feed.listener)
    sender = asyncio.create_task(_send_frames(socket, feed))
    try:
        while True:
            message = await socket.receive_text()
            if message == '{"type":"ping"}':
                await socket.send_text('{"type":"pong"}')
    except WebSocketDisconnect:
        pass
    finally:
        ws.hub.listeners.discard(feed.listener)
        sender.cancel()
        with suppress(asyncio.CancelledError, WebSocketDisconnect):
            await sender


async def _first_message(socket: WebSocket[Any, Any, Any]) -> Opening | None:
    """Wait for `{"type": "listen", "topics": […], "after": "…"}`; close on anything else."""
    try:
        return msgspec.json.decode(await socket.receive_text(), type=Opening)
    except msgspec.MsgspecError:
        await socket.close(code=4000, reason='begin with {"topics": [...], "after": "..."}')
        return None
    except WebSocketDisconnect:
        return None


async def _send_frames(socket: WebSocket[Any, Any, Any], feed: Feed) -> None:
    while feed.behind:
        for frame in await feed.missed():
            await socket.send_text(_message(frame))
    while (waiting := await feed.listener.queue.get()) is not None:
        if feed.is_new(waiting):
            await socket.send_text(_message(waiting))
    await socket.close(code=1012, reason="the server restarts; connect again")


def _message(frame: Frame) -> str:
    place = frame.place.encode()
    return (b'{"type":"%b","place":"%b",' % (frame.event.encode(), place) + frame.data[1:]).decode()


class Window(Struct, forbid_unknown_fields=True):
    """A window that shows a record, or has just left it; `window` is a word of its own choosing."""

    entity: str
    id: int
    window: Annotated[str, Meta(min_length=1, max_length=40)]
    gone: bool = False


@post("/api/realtime/looking", status_code=200)
async def looking(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Say that a window shows a record, every 25 seconds, and learn who else looks at it now."""
    ws: Workspace = request.app.state.ws
    me: Me = request.state.me
    if me.kind == "anonymous" or me.id is None:
        raise SignInNeeded("Sign in to look at records.")
    said: Window = perform.decoded(Window, await json_body(request))
    noun = ws.registry.noun(said.entity)
    if not said.gone:
        await ws.one(me, noun.key, said.id, [("deleted", "with"), ("fields", "id")])
    await ws.hub.looking.beat(noun, said.id, me.id, said.window, gone=said.gone)
    others = [] if said.gone else await names_of(ws, me, noun, said.id)
    return reply({"people": others})


async def names_of(ws: Workspace, me: Me, noun: Noun, record: int) -> list[dict[str, Any]]:
    """Return the other people who look at a record, those whom this person may see."""
    ids = [one for one in ws.hub.looking.people(noun, record) if one != me.id][:MOST_SHOWN]
    if not ids or not me.can("identity.user.read"):
        return []
    people = ws.registry.nouns["identity.user"]
    wanted = [("id__in", ",".join(map(str, ids))), ("fields", ",".join(people.brief))]
    page = await ws.page(me, people.key, wanted)
    names = {row.id: title_of(people, row) for row in page.items}
    known = [one for one in ids if one in names]
    return [
        {"id": one, "name": names[one], "letters": initials(names[one]), "hue": hue(names[one])}
        for one in known
    ]


ROUTES = [stream, socket, looking]
