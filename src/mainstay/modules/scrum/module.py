"""The card of the room, put together from its parts."""

from collections.abc import Sequence
from typing import Any

from mainstay.facets.roles import READING, WORKING
from mainstay.kernel.context import Context
from mainstay.kernel.log import Change
from mainstay.kernel.module import Menu, Module
from mainstay.modules.scrum.cards import ceremonies, charts, sprints

PARTS: tuple[Any, ...] = (sprints, charts, ceremonies)


def _all(name: str) -> tuple[Any, ...]:
    """Return what every part lists under a name."""
    return tuple(one for part in PARTS for one in getattr(part, name, ()))


def _by_key(name: str) -> dict[Any, Any]:
    """Return what every part lists under a name for each resource, one after the other."""
    found: dict[Any, Any] = {}
    for part in PARTS:
        for key, said in getattr(part, name, {}).items():
            found[key] = found.get(key, ()) + said if isinstance(said, tuple) else said
    return found


async def guard(ctx: Context, changes: Sequence[Change]) -> None:
    """Keep the rules of every part at the end of each unit of work."""
    for part in PARTS:
        if run := getattr(part, "guard", None):
            await run(ctx, changes)


async def demo(ctx: Context) -> None:
    """Create what every part shows of the demo company."""
    for part in PARTS:
        if run := getattr(part, "demo", None):
            await run(ctx)


# Clients see where the work stands, and not what the team says and plans among itself.
CLIENTS = ("sprint", "backlog", "burndown", "velocity")
READ = ("scrum.*.read", *_all("READ"))
WORK = (*READ, *_all("WORK"))
LEAD = (*WORK, *_all("LEAD"))

MODULE = Module(
    "scrum",
    "Sprints: the backlog, planning, the days of a sprint and its history.",
    depends=("identity", "projects", "milestones", "planning"),
    resources=_all("RESOURCES"),
    questions=_all("QUESTIONS"),
    pages=_all("PAGES"),
    panels=_by_key("PANELS"),
    verbs=_by_key("VERBS"),
    menu=Menu("Scrum", "rocket", _all("MENU"), order=12),
    roles={
        "manager": ("scrum.*", *(one for one in LEAD if not one.startswith("scrum."))),
        "lead": LEAD,
        **dict.fromkeys(WORKING, WORK),
        **dict.fromkeys(READING, READ),
        "client": tuple(f"scrum.{one}.read" for one in CLIENTS),
    },
    on=_by_key("ON"),
    jobs=_by_key("JOBS"),
    every=_by_key("EVERY"),
    guard=guard,
    demo=demo,
)
