"""Who is looking at which record now: known in every process, written down nowhere."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from mainstay.kernel.noun import Noun

if TYPE_CHECKING:
    from mainstay.kernel.workspace import Workspace

KEEP = timedelta(seconds=60)
MOST = 50


class Beat(Struct, frozen=True, array_like=True):
    """What a window says: who looks at what, or has gone. Ids only, so that nothing can leak."""

    topic: str
    user: int
    window: str
    gone: bool
    process: str


class Looking:
    """Remembers for a minute who looked, and calls `changed(topic)` when somebody came or left.

    On PostgreSQL every process tells the others by notices; one that starts later has learned
    of everybody after their next beats.
    """

    def __init__(self, workspace: "Workspace", changed: Callable[[str], None]) -> None:
        """Know of nobody."""
        self.workspace, self.changed = workspace, changed
        self.process = secrets.token_hex(4)
        self.windows: dict[str, dict[tuple[int, str], datetime]] = {}

    async def beat(self, noun: Noun, record_id: int, user: int, window: str, *, gone: bool) -> None:
        """Take note of a window that looks at a record or has left it, and tell the others."""
        said = Beat(topic_of(noun.key, record_id), user, window, gone, self.process)
        self._take(said)
        await self.workspace.engine.say(msgspec.json.encode(said).decode())

    def hear(self, text: str) -> None:
        """Take what another process has said."""
        said = msgspec.json.decode(text, type=Beat)
        if said.process != self.process:
            self._take(said)

    def people(self, noun: Noun, record_id: int) -> list[int]:
        """Return who looks at a record now, those who came first first."""
        topic = topic_of(noun.key, record_id)
        self._forget(topic)
        return list(dict.fromkeys(user for user, _ in self.windows.get(topic, ())))

    def _take(self, said: Beat) -> None:
        before = self._present(said.topic)
        self._forget(said.topic)
        windows = self.windows.setdefault(said.topic, {})
        if said.gone:
            windows.pop((said.user, said.window), None)
        else:
            windows[said.user, said.window] = self.workspace.clock.now() + KEEP
            self._bound(windows, said.user)
            later = asyncio.get_running_loop().call_later
            later(KEEP.total_seconds() + 0.1, self.expire, said.topic)
        self._settle(said.topic, before)

    def expire(self, topic: str) -> None:
        """Let those go of whom nothing was heard for a minute."""
        before = self._present(topic)
        self._forget(topic)
        self._settle(topic, before)

    def _bound(self, windows: dict[tuple[int, str], datetime], user: int) -> None:
        """Let nobody fill the memory with made-up windows: the oldest one goes."""
        own = [key for key in windows if key[0] == user]
        if len(own) > MOST:
            del windows[own[0]]

    def _present(self, topic: str) -> set[int]:
        return {user for user, _ in self.windows.get(topic, ())}

    def _forget(self, topic: str) -> None:
        now = self.workspace.clock.now()
        windows = self.windows.get(topic, {})
        for key in [key for key, until in windows.items() if until <= now]:
            del windows[key]

    def _settle(self, topic: str, before: set[int]) -> None:
        if not self.windows.get(topic):
            self.windows.pop(topic, None)
        if self._present(topic) != before:
            self.changed(topic)


def topic_of(key: str, record_id: int) -> str:
    """Return the topic of a record's watch: `looking:projects.task:17`."""
    return f"looking:{key}:{record_id}"
