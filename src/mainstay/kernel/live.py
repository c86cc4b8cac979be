"""The live feed: the tail of the log, offered to everyone who listens, within what they may see."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa
import structlog
from msgspec import Struct

from mainstay.kernel.log import Entry
from mainstay.kernel.looking import Looking
from mainstay.kernel.problems import Problem
from mainstay.kernel.scope import Me, me_bind
from mainstay.kernel.storage.base import Connection, prepare, rows

if TYPE_CHECKING:
    from mainstay.kernel.workspace import Workspace

QUEUE = 1024
PLACE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
BATCH = 500
log = structlog.get_logger("live")


class Frame(Struct, frozen=True):
    """One event as it is sent: its place in the log, its name, and its JSON text."""

    place: str
    event: str
    data: bytes


class Listener:
    """One open stream: who listens, to which topics, and what waits to be sent.

    A topic is a resource (`projects.task`), one record (`projects.task:17`) with all that it
    wears, or what somebody says beside the log about one (`looking:projects.task:17`).
    """

    def __init__(self, me: Me, topics: frozenset[str]) -> None:
        """Listen to some topics, or to all resources when none is named."""
        self.me, self.topics = me, topics
        self.queue: asyncio.Queue[Frame | None] = asyncio.Queue(QUEUE)

    def wants(self, entry: Entry, wearer: str = "") -> bool:
        """Return whether this row was asked for, itself or through its wearer, and may be read."""
        entity = entry.entity
        asked = not self.topics or not self.topics.isdisjoint(
            (entity, f"{entity}:{entry.record_id}", wearer)
        )
        return asked and self.me.can(f"{entity}.read")

    def put(self, frame: Frame) -> None:
        """Queue a frame; a listener that cannot keep up is cut off and resumes from the log."""
        if self.queue.full():
            self.end()
        else:
            self.queue.put_nowait(frame)

    def end(self) -> None:
        """Close the stream after what is already queued, or at once when the queue is full."""
        with suppress(asyncio.QueueEmpty):
            if self.queue.full():
                self.queue.get_nowait()
        self.queue.put_nowait(None)


Sent = tuple[Listener, Frame]


class Hub:
    """Tails the log once per process and hands each frame to those who may see its record."""

    def __init__(self, workspace: "Workspace") -> None:
        """Start with nobody listening."""
        self.workspace = workspace
        self.listeners: set[Listener] = set()
        self.place: tuple[int, int] | None = None
        self.invalidate: list[Any] = []
        self.looking = Looking(workspace, self._looked)
        self._tellings: set[asyncio.Task[None]] = set()

    def end(self) -> None:
        """Close every stream, when the server stops."""
        for listener in tuple(self.listeners):
            listener.end()

    def end_for(self, ids: Iterable[int]) -> None:
        """Close the streams of people whose rights have changed; they sign in again or resume."""
        gone = set(ids)
        for listener in tuple(self.listeners):
            if listener.me.id in gone:
                listener.end()

    async def start(self) -> None:
        """Begin at the end of the log."""
        self.place = await self.workspace.engine.read(self.workspace.log.head)

    async def pump(self) -> int:
        """Read what is new and deliver it; return how many rows there were."""
        if self.place is None:
            await self.start()
        place = self.place or (0, 0)

        async def work(connection: Connection) -> tuple[list[Entry], list[Sent]]:
            """Read the new rows, and who of the listeners wants and may see each."""
            entries = await self.workspace.log.after(connection, place, BATCH)
            return entries, await self._sendings(connection, entries)

        entries, sendings = await self.workspace.engine.read(work)
        for entry in entries:
            for heed in self.invalidate:
                heed(entry)
        for listener, sent in sendings:
            listener.put(sent)
        if entries:
            self.place = entries[-1].place
        return len(entries)

    async def _sendings(self, connection: Connection, entries: Sequence[Entry]) -> list[Sent]:
        """Return what is to be sent to whom, in the order of the rows."""
        if not self.listeners:
            return []
        plain = [entry for entry in entries if not self._is_worn(entry.entity)]
        audiences = await self._audiences(connection, plain)
        wearers = await self.wearers(connection, entries)
        found: list[Sent] = []
        for entry in entries:
            sent, see_all = frame(entry), f"{entry.entity}.see_all"
            wearer = wearers.get((entry.entity, entry.record_id), "")
            wanting = [one for one in tuple(self.listeners) if one.wants(entry, wearer)]
            if self._is_worn(entry.entity):
                seeing = [x for x in wanting if await self._visible(connection, x.me, [entry])]
                found += [(one, sent) for one in seeing]
                continue
            audience = audiences.get((entry.entity, entry.record_id))
            found += [
                (one, sent)
                for one in wanting
                if audience is None or one.me.can(see_all) or one.me.id in audience
            ]
        return found

    def _is_worn(self, entity: str) -> bool:
        noun = self.workspace.registry.nouns.get(entity)
        return noun is not None and noun.resource.scope is not None and noun.resource.scope.worn

    async def wearers(
        self, connection: Connection, entries: Sequence[Entry]
    ) -> dict[tuple[str, int], str]:
        """Return the topic of the record that each worn record belongs to."""
        found: dict[tuple[str, int], str] = {}
        groups: dict[str, set[int]] = {}
        for entry in entries:
            if self._is_worn(entry.entity):
                groups.setdefault(entry.entity, set()).add(entry.record_id)
        for entity, ids in groups.items():
            c = self.workspace.registry.nouns[entity].table.c
            chosen = sa.select(c.id, c.entity, c.record_id).where(c.id.in_(ids))
            for one, wearer, record in await rows(connection, chosen):
                found[entity, one] = f"{wearer}:{record}"
        return found

    def tell(self, topic: str, event: str, data: bytes) -> None:
        """Say something beside the log to those in this process who listen to exactly this topic.

        Such frames have no place: a stream that resumes does not get them again.
        """
        for listener in tuple(self.listeners):
            if topic in listener.topics:
                listener.put(Frame("", event, data))

    def _looked(self, topic: str) -> None:
        """Say that somebody came to a record or left it; who, each listener asks for themselves."""
        telling = asyncio.get_running_loop().create_task(self._tell_seeing(topic))
        self._tellings.add(telling)
        telling.add_done_callback(self._tellings.discard)

    async def _tell_seeing(self, topic: str) -> None:
        """Tell those who listen, if they may still see the record."""
        key, _, record = topic.removeprefix("looking:").partition(":")
        data = msgspec.json.encode({"topic": topic})
        for listener in tuple(self.listeners):
            if topic in listener.topics and await self.may_see(listener.me, key, int(record)):
                listener.put(Frame("", "looking", data))

    async def may_see(self, me: Me, key: str, record_id: int) -> bool:
        """Return whether a person may see a record, binned or not."""
        noun = self.workspace.registry.nouns.get(key)
        if noun is None or not me.can(noun.permission("read")):
            return False

        async def work(connection: Connection) -> bool:
            """Look for the record within what the person may see."""
            return record_id in await self._within(connection, me, key, {record_id})

        return await self.workspace.engine.read(work)

    async def _audiences(
        self, connection: Connection, entries: Sequence[Entry]
    ) -> dict[tuple[str, int], set[int]]:
        """Ask once for each changed record of a scoped resource which listeners may see it."""
        found: dict[tuple[str, int], set[int]] = {}
        people = {item.me.id for item in self.listeners if item.me.id}
        registry = self.workspace.registry
        table = registry.tables.get("identity.user")
        users = None if table is None else table.alias("person")  # its own scope names it too
        for entity, record_id in {(entry.entity, entry.record_id) for entry in entries}:
            noun = registry.nouns.get(entity)
            if noun is None or noun.resource.scope is None or users is None or not people:
                continue
            scope = registry.scope_condition(noun, users.c.id)
            assert scope is not None
            chosen = sa.select(users.c.id).select_from(users.join(noun.table, sa.true()))
            chosen = chosen.where(noun.table.c.id == record_id, users.c.id.in_(people), scope)
            found[entity, record_id] = {row[0] for row in await rows(connection, chosen)}
        return found

    async def since(
        self, me: Me, place: tuple[int, int], topics: frozenset[str]
    ) -> tuple[list[Frame], tuple[int, int], bool]:
        """Return the frames after a place that this person may see, for a stream that resumes."""

        async def work(connection: Connection) -> tuple[list[Frame], tuple[int, int], bool]:
            """Read a batch and keep what is visible."""
            entries = await self.workspace.log.after(connection, place, BATCH)
            listener = Listener(me, topics)
            wearers = await self.wearers(connection, entries)
            wanted = [
                entry
                for entry in entries
                if listener.wants(entry, wearers.get((entry.entity, entry.record_id), ""))
            ]
            visible = await self._visible(connection, me, wanted)
            frames = [frame(e) for e in wanted if (e.entity, e.record_id) in visible]
            end = entries[-1].place if entries else place
            return frames, end, len(entries) == BATCH

        return await self.workspace.engine.read(work)

    async def _visible(
        self, connection: Connection, me: Me, entries: Sequence[Entry]
    ) -> set[tuple[str, int]]:
        """Return which of the records behind these rows the person may see."""
        found: set[tuple[str, int]] = set()
        groups: dict[str, set[int]] = {}
        for entry in entries:
            groups.setdefault(entry.entity, set()).add(entry.record_id)
        for entity, ids in groups.items():
            got = await self._within(connection, me, entity, ids)
            found |= {(entity, one) for one in got}
        return found

    async def _within(self, connection: Connection, me: Me, entity: str, ids: set[int]) -> set[int]:
        """Return which of some records of one resource are within the person's scope."""
        noun = self.workspace.registry.nouns.get(entity)
        if noun is None:
            return set()
        limits = self.workspace.reader.limits(noun, me)
        scope = self.workspace.registry.scope_condition(noun, me_bind(), limits=limits)
        if scope is None or noun.key not in limits:
            return ids
        chosen = sa.select(noun.table.c.id).where(noun.table.c.id.in_(ids), scope)
        ready = prepare(self.workspace.engine, chosen)
        got = await connection.fetch(ready.sql, ready.bind({"me": me.id or 0}))
        return {row[0] for row in got}

    async def run(self) -> None:
        """Deliver for as long as the process lives; a failing database is waited for."""
        wake = asyncio.Event()
        async with self.workspace.engine.watch(wake.set, self.looking.hear):
            while True:
                await wake.wait()
                wake.clear()
                try:
                    while await self.pump() == BATCH:
                        await asyncio.sleep(0)
                except Problem as problem:
                    log.warning("live feed waits for the database", detail=problem.detail)
                    await asyncio.sleep(1)
                    wake.set()
                except Exception:
                    log.exception("live feed failed; it goes on after the rows it has read")
                    await asyncio.sleep(1)
                    wake.set()


def frame(entry: Entry) -> Frame:
    """Return what is sent for a row: id, verb and version only, so that nothing can leak."""
    data = {
        "resource": entry.entity,
        "id": entry.record_id,
        "verb": entry.verb,
        "version": entry.version,
        "actor": entry.actor_id,
    }
    return Frame(f"{entry.xid}-{entry.id}", "record", msgspec.json.encode(data))


def read_place(text: str) -> tuple[int, int] | None:
    """Read a Last-Event-ID; None when it is not one of ours."""
    found = PLACE.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None
