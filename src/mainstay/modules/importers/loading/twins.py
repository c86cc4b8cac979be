"""Comments and times that are here already under another name: another format, or another order."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from mainstay.facets.comments.entities import Comment
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity

MANY = 100_000
LONGEST = 300
Said = tuple[str, int, int | None, str]
Spent = tuple[int, int | None, date, Decimal]


def words(text: str) -> str:
    """Return a text's letters and digits: the same ones, however a program marked them up."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())[:LONGEST]


class Twins:
    """What stands at records that came in before, each to be met once."""

    def __init__(self, ctx: Context) -> None:
        """Begin with nothing."""
        self.ctx = ctx
        self.said: dict[Said, list[Comment]] = {}
        self.spent: dict[Spent, list[Any]] = {}

    async def comments(self, homes: Mapping[str, Iterable[int]], known: set[int]) -> None:
        """Look up the comments of records, but those whose names the file says."""
        for home, ids in homes.items():
            if not (wanted := sorted(ids)):
                continue
            found = await self.ctx.all(
                Comment, anywhere=True, limit=MANY, sort="id", entity=home, record_id__in=wanted
            )
            for one in found:
                if one.id not in known and one.parent_id is None:
                    key = (home, one.record_id, one.created_by, words(one.body))
                    self.said.setdefault(key, []).append(one)

    def comment(self, home: str, record: Entity, author: int | None, body: str) -> Comment | None:
        """Return the comment that says the same of the same record, by the same person."""
        found = self.said.get((home, record.id, author, words(body)))
        return found.pop(0) if found else None

    async def times(self, kind: Any, ids: Iterable[int], known: set[int]) -> None:
        """Look up the time entries of tasks, but those whose names the file says."""
        if not (wanted := sorted(ids)):
            return
        found: list[Any] = await self.ctx.all(
            kind, anywhere=True, limit=MANY, sort="id", task_id__in=wanted
        )
        for one in found:
            if one.id not in known:
                key = (one.task_id, one.user_id, one.date, one.hours)
                self.spent.setdefault(key, []).append(one)

    def time(self, entry: Any) -> Any:
        """Return the entry of the same person, task, day and length."""
        found = self.spent.get((entry.task_id, entry.user_id, entry.date, entry.hours))
        return found.pop(0) if found else None


__all__ = ["Twins", "words"]
