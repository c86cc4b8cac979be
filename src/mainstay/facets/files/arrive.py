"""How a file arrives: written while it is read, measured, judged by its content, then kept."""

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, BinaryIO

from mainstay.facets.files import kinds, pictures
from mainstay.facets.files.actions import Content, Wish, over_quota
from mainstay.facets.files.entities import File
from mainstay.facets.files.scopes import kept_as, taken
from mainstay.facets.files.store import Folder, Store, key_of, open_store, refusal, waiting
from mainstay.kernel.problems import Full, UnsupportedMedia, invalid
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.workspace import Workspace
from mainstay.settings import Settings

PIECE = 1 << 20
LEAST_FREE = 16 << 20


def settings_of(ws: Workspace) -> Settings:
    """Return the workspace's settings, or the usual ones where it was opened without."""
    return ws.settings if isinstance(ws.settings, Settings) else Settings()


def store_of(ws: Workspace) -> Store:
    """Return where this workspace keeps its attachments."""
    return open_store(settings_of(ws).attachments)


def arriving(ws: Workspace) -> Path:
    """Return the folder of files on their way, beside their store so that they can be moved."""
    store = store_of(ws)
    root = store.root if isinstance(store, Folder) else settings_of(ws).folder / "files"
    return root / ".arriving"


class Arrival:
    """One file on its way: what is written of it so far."""

    def __init__(self, path: Path, name: str, allowed: tuple[str, ...]) -> None:
        """Begin with nothing."""
        self.path, self.name, self.allowed = path, name, allowed
        self.size, self.head, self.ending = 0, b"", ""
        self.digest = hashlib.sha256()

    async def take(self, pieces: AsyncIterator[bytes]) -> None:
        """Write the pieces as they come; a kind that is not accepted is refused at the first."""
        held = bytearray()
        try:
            file = await asyncio.to_thread(self._open)
            with file:
                async for piece in pieces:
                    held += piece
                    if len(held) >= PIECE:
                        await self._write(file, bytes(held))
                        held.clear()
                await self._write(file, bytes(held))
                await asyncio.to_thread(os.fsync, file.fileno())
        except OSError as error:
            raise refusal(error) from error
        if not self.size:
            raise invalid("file", "is empty; choose another")

    def _open(self) -> BinaryIO:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return self.path.open("wb")

    async def _write(self, file: BinaryIO, piece: bytes) -> None:
        if not self.size and piece:
            self._judge(piece[: kinds.HEAD])
        self.size += len(piece)
        await asyncio.to_thread(self._put, file, piece)

    def _put(self, file: BinaryIO, piece: bytes) -> None:
        self.digest.update(piece)
        file.write(piece)

    def _judge(self, head: bytes) -> None:
        """Find out what it is by its ending and its first bytes, which must agree."""
        ending = kinds.ending_of(self.name)
        if ending not in kinds.KINDS and not ending.isalnum():
            ending = kinds.guessed(head)
            self.name = f"{self.name}.{ending}" if ending else self.name
        if ending not in self.allowed:
            known = ", ".join(self.allowed)
            if self.allowed == kinds.accepted(()):
                known = "pictures, PDF, text, office files, drawings, archives, audio and video"
            said = f"Files ending with .{ending}" if ending else "Files without a known ending"
            raise UnsupportedMedia(f"{said} cannot be attached here. Accepted are {known}.")
        if not kinds.fits(ending, head):
            raise UnsupportedMedia(
                f"{self.name} ends with .{ending}, but its content is something else. "
                "Give it the ending that it really has, and try again."
            )
        self.head, self.ending = head, ending


def room_for(ws: Workspace, size: int) -> None:
    """Refuse a file that the disk surely cannot hold, before it is sent."""
    folder = arriving(ws)
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if shutil.disk_usage(folder).free < size + LEAST_FREE:
        raise Full("The server's disk is full. Nothing was kept; free some space and try again.")


async def receive(
    ws: Workspace, wish: Wish, pieces: AsyncIterator[bytes], known: File | None, size: int = 0
) -> Content:
    """Take a file in and keep its content; nothing stays behind when it is refused."""
    settings = settings_of(ws)
    quota = settings.file_quota_bytes
    if quota and size and await ws.look(SYSTEM, taken) + size > quota:
        raise over_quota(quota)
    await asyncio.to_thread(room_for, ws, size)
    path = waiting(arriving(ws))
    name = kinds.plain_name(wish.name) or (known.name if known else "")
    if not name:
        raise invalid("name", "is required, like plan.pdf")
    arrival = Arrival(path, name, kinds.accepted(settings.file_types))
    try:
        await arrival.take(pieces)
        if known and kinds.KINDS[arrival.ending].mime != known.mime:
            raise UnsupportedMedia(
                f"A new version of {known.name} must be a file of the same kind. "
                "Attach it as a file of its own instead."
            )
        wish.name = arrival.name
        return await _kept(ws, arrival)
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


async def _kept(ws: Workspace, arrival: Arrival) -> Content:
    store, digest, ending = store_of(ws), arrival.digest.hexdigest(), arrival.ending
    kind = kinds.KINDS[ending]
    picture = await pictures.look(arrival.path) if kind.shown == "image" else None
    known = await ws.look(SYSTEM, lambda ctx: kept_as(ctx, digest, store.name))
    content = Content(
        mime=kind.mime,
        size=arrival.size,
        digest=digest,
        storage=store.name,
        path=known or key_of(digest, ending),
    )
    await store.take(arrival.path, content.path)
    if picture:
        content.width, content.height = picture.width, picture.height
        content.thumbnail = await _small(ws, store, digest, picture.small)
    return content


async def _small(ws: Workspace, store: Store, digest: str, small: bytes) -> str:
    """Keep a picture's small one beside it."""
    if not small:
        return ""
    path, key = waiting(arriving(ws)), key_of(digest, "webp", small=True)
    try:
        await asyncio.to_thread(path.write_bytes, small)
        await store.take(path, key)
    except OSError as error:
        raise refusal(error) from error
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)
    return key


async def left_behind(ws: Workspace, before: float) -> None:
    """Remove what is left of files whose sending was cut off by the end of the process."""
    await asyncio.to_thread(_left_behind, arriving(ws), before)


def _left_behind(folder: Path, before: float) -> None:
    found: list[Any] = list(folder.glob("*.part"))
    for path in found:
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
