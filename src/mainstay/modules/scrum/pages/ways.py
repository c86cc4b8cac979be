"""The ways between the pages of a sprint."""

from collections.abc import Collection
from typing import Any

from mainstay.kernel.context import Context

SPRINT_PAGES = "/scrum/sprints/{sprint}/"
OWN = ("plan", "board", "complete")
# What a team says among itself; clients of its project do not read it.
INNER = ("standup", "retrospective", "report")


def pages_of(ctx: Context, outside: Collection[int] = ()) -> Any:
    """Return which other pages a sprint has, those that this person may open.

    Of sprints that they see from `outside`, as a client, these are fewer.
    """
    there = [
        page
        for page in ctx.registry.modules["scrum"].pages
        if page.path.startswith(SPRINT_PAGES)
        and page.path.removeprefix(SPRINT_PAGES) not in OWN
        and (not page.grant or ctx.can(page.grant))
    ]

    def pages(sprint_id: int) -> list[tuple[str, str, str]]:
        """Return their addresses, titles and icons."""
        shown = [
            page
            for page in there
            if sprint_id not in outside or page.path.removeprefix(SPRINT_PAGES) not in INNER
        ]
        return [(p.path.replace("{sprint}", str(sprint_id)), p.title, p.icon) for p in shown]

    return pages
