"""The face of this room: its nouns, and where a room with guides will hang them in."""

from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct

from mainstay.kernel.context import Context
from mainstay.modules.checklists.actions.common import GAP
from mainstay.modules.checklists.entities import (
    Checklist,
    ChecklistItem,
    Step,
    StepTracker,
    TaskResult,
)
from mainstay.modules.checklists.questions import Person


class Guide(Struct, frozen=True):
    """Where it is told how an item is done: the words of the link, and the address."""

    title: str
    href: str


GuidesOf = Callable[[Context, Sequence[int]], Awaitable[dict[int, list[Guide]]]]
_sources: list[GuidesOf] = []


def tell_guides(source: GuidesOf) -> GuidesOf:
    """Let a room say which guides belong to items of checklists.

    A room that has guides calls this once, where its card is made (or as a decorator):
    `tell_guides(guides_of_items)`. The function gets the context and the ids of items, and returns
    the guides of those that have any, as the asking person may see them, in a number of statements
    that does not grow with the items. They show as links beside the item on its task's page.
    """
    if source not in _sources:
        _sources.append(source)
    return source


async def guides_of(ctx: Context, items: Sequence[int]) -> dict[int, list[Guide]]:
    """Return the guides of items, from every room that has told of some."""
    found: dict[int, list[Guide]] = {}
    for source in _sources:
        for item, guides in (await source(ctx, items)).items():
            found.setdefault(item, []).extend(guides)
    return found


__all__ = [
    "GAP",
    "Checklist",
    "ChecklistItem",
    "Guide",
    "GuidesOf",
    "Person",
    "Step",
    "StepTracker",
    "TaskResult",
    "guides_of",
    "tell_guides",
]
