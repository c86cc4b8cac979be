"""Where the bytes of attachments are: a folder, or a bucket that speaks S3."""

import asyncio
import errno
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from mainstay.kernel.problems import Conflict, Full, NotFound, Unavailable

CHUNK = 1 << 18
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
GONE = "The content of this file is missing from the store. Restore it from a backup."


class Store(Protocol):
    """Keeps contents under names that are made from what is in them."""

    name: str

    async def take(self, path: Path, key: str) -> None:
        """Keep a finished file under a key; the same content is kept once."""

    def read(self, key: str, start: int, size: int) -> AsyncIterator[bytes]:
        """Yield a part of a content; raises NotFound before its first piece when it is gone."""

    async def whole(self, key: str) -> bytes:
        """Return a small content at once."""

    async def drop(self, key: str) -> None:
        """Delete a content, if it is there."""

    async def keys(self) -> list[tuple[str, datetime]]:
        """Return every key with when it was last kept."""


class Folder:
    """A store in a folder of this machine."""

    name = "local"

    def __init__(self, root: Path) -> None:
        """Use a folder; it is made with the first file."""
        self.root = root

    async def take(self, path: Path, key: str) -> None:
        """Move the file to its place, and make sure that it stays after a power cut."""
        await asyncio.to_thread(self._take, path, self.root / key)

    def _take(self, path: Path, place: Path) -> None:
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            # Moving over the same content also tells the sweep that it is wanted again.
            path.replace(place)
            os.utime(place)
            folder = os.open(place.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise refusal(error) from error

    async def read(self, key: str, start: int, size: int) -> AsyncIterator[bytes]:
        """Yield a part of a file."""
        try:
            file = await asyncio.to_thread((self.root / key).open, "rb")
        except FileNotFoundError:
            raise NotFound(GONE) from None
        with file:
            file.seek(start)
            while size > 0 and (piece := await asyncio.to_thread(file.read, min(CHUNK, size))):
                size -= len(piece)
                yield piece

    async def whole(self, key: str) -> bytes:
        """Return a small file at once."""
        try:
            return await asyncio.to_thread((self.root / key).read_bytes)
        except FileNotFoundError:
            raise NotFound(GONE) from None

    async def drop(self, key: str) -> None:
        """Delete a file, if it is there."""
        await asyncio.to_thread((self.root / key).unlink, missing_ok=True)

    async def keys(self) -> list[tuple[str, datetime]]:
        """Return every file with its time."""
        return await asyncio.to_thread(self._keys)

    def _keys(self) -> list[tuple[str, datetime]]:
        found = []
        for path in self.root.glob("*/*/*"):
            with suppress(FileNotFoundError):
                at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                found.append((path.relative_to(self.root).as_posix(), at))
        return found


class Bucket:
    """A store in a bucket that speaks S3 (or, for tests, in memory)."""

    name = "s3"

    def __init__(self, bucket: Any) -> None:
        """Use one of obstore's stores."""
        self.bucket = bucket

    async def take(self, path: Path, key: str) -> None:
        """Send the file, large ones in parts."""
        import obstore

        await self._asked(obstore.put_async(self.bucket, key, path))

    async def read(self, key: str, start: int, size: int) -> AsyncIterator[bytes]:
        """Yield a part of an object, asked for in pieces."""
        import obstore

        step = CHUNK * 16
        for place in range(start, start + size, step):
            length = min(step, start + size - place)
            asked = obstore.get_range_async(self.bucket, key, start=place, length=length)
            yield bytes(await self._asked(asked))

    async def whole(self, key: str) -> bytes:
        """Return a small object at once."""
        import obstore

        found = await self._asked(obstore.get_async(self.bucket, key))
        return bytes(await self._asked(found.bytes_async()))

    async def drop(self, key: str) -> None:
        """Delete an object, if it is there."""
        import obstore

        with suppress(NotFound):
            await self._asked(obstore.delete_async(self.bucket, key))

    async def keys(self) -> list[tuple[str, datetime]]:
        """Return every object with its time."""
        import obstore

        found: list[tuple[str, datetime]] = []
        async for page in obstore.list(self.bucket):
            found += [(item["path"], item["last_modified"]) for item in page]
        return found

    async def _asked(self, answer: Any) -> Any:
        """Wait for the bucket, and say in plain words when it does not do what it should."""
        import obstore.exceptions as refused

        try:
            return await answer
        except (refused.NotFoundError, FileNotFoundError):
            raise NotFound(GONE) from None
        except refused.BaseError as error:
            raise Unavailable(
                "The store of attachments does not answer. Check file_store in the settings, "
                "and the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
            ) from error


def refusal(error: OSError) -> Exception:
    """Return what a failure to write means to the person who sent a file."""
    if error.errno in NO_ROOM:
        return Full("The server's disk is full. Nothing was kept; free some space and try again.")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return Full("The server may not write to its folder of files. Nothing was kept.")
    return Unavailable("The server could not write the file. Nothing was kept; try again.")


@lru_cache(maxsize=16)
def open_store(address: str) -> Store:
    """Return the store at an address: a folder's path, s3://bucket/prefix or memory://."""
    if "://" not in address:
        return Folder(Path(address))
    parts = urlsplit(address)
    if parts.scheme == "file":
        return Folder(Path(parts.path))
    try:
        from obstore.store import MemoryStore, S3Store
    except ImportError:
        raise Conflict(
            "A bucket needs the package obstore: pip install 'mainstay[s3]'. "
            "Or leave file_store empty to keep attachments on the disk."
        ) from None
    if parts.scheme == "memory":
        return Bucket(MemoryStore())
    if parts.scheme != "s3" or not parts.netloc:
        raise Conflict(f"file_store cannot be {parts.scheme}://; use a folder or s3://bucket.")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    client: Any = {"allow_http": True} if options.get("endpoint", "").startswith("http://") else {}
    prefix = parts.path.strip("/") or None
    return Bucket(S3Store(parts.netloc, prefix=prefix, client_options=client, **options))


def key_of(digest: str, ending: str, *, small: bool = False) -> str:
    """Return where a content is kept: two folders of its own first letters, then its name."""
    mark = "-small" if small else ""
    return f"{digest[:2]}/{digest[2:4]}/{digest}{mark}.{ending}"


def waiting(folder: Path) -> Path:
    """Return a name of nobody else for a file that is still being sent."""
    return folder / f"{secrets.token_hex(16)}.part"
