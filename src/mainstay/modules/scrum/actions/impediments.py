"""What can be done with an impediment: begin to take it away, resolve, reopen or drop it."""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Text
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, invalid
from mainstay.modules.projects.api import projects_of, spoken
from mainstay.modules.scrum.actions.ceremony_events import (
    ImpedimentCancelled,
    ImpedimentRaised,
    ImpedimentReopened,
    ImpedimentResolved,
    ImpedimentStarted,
)
from mainstay.modules.scrum.actions.ceremony_rights import Touched, take_in, touched
from mainstay.modules.scrum.entities import Impediment

State = Literal["open", "in_progress", "resolved", "cancelled"]
OPEN = ("open", "in_progress")
LINES = Text(2000, lines=True)


class Resolved(Struct, forbid_unknown_fields=True):
    """How it was taken away."""

    resolution: Annotated[
        str,
        LINES,
        Meta(min_length=1, max_length=2000, pattern=r"\S", description="How it was taken away"),
    ]


def impediment_move(before: str, after: str) -> str | None:
    """Return why an impediment may not go from one status to another, or None when it may."""
    if before in OPEN or after in (before, "open"):
        return None
    if before == "resolved" and after == "in_progress":
        return None
    return f"This impediment is {spoken(before)}. Reopen it first."


async def raise_impediment(
    ctx: Context, sprint_id: int, title: str, description: str, reported_by: int | None
) -> Impediment:
    """Write down an impediment of a sprint, by the asking person's own right."""
    said = {"sprint_id": sprint_id, "title": title, "description": description}
    noun = ctx.registry.noun(Impediment)
    made = await perform.create(ctx, noun, said | {"reported_by": reported_by})
    assert isinstance(made, Impediment)
    return made


async def create_impediment(ctx: Context, impediment: Entity) -> Impediment:
    """Write down what is in the way; whoever writes it has reported it unless somebody else did."""
    assert isinstance(impediment, Impediment)
    impediment.reported_by = impediment.reported_by or ctx.me.id
    _enter(ctx, impediment)
    await ctx.create(impediment)
    said = ImpedimentRaised(
        impediment_id=impediment.id,
        sprint_id=impediment.sprint_id,
        severity=impediment.severity,
        owner_id=impediment.owner_id,
    )
    ctx.emit(said, impediment)
    return impediment


async def update_impediment(ctx: Context, impediment: Entity, before: Entity) -> None:
    """Keep an impediment's flow in order after an edit."""
    assert isinstance(impediment, Impediment)
    assert isinstance(before, Impediment)
    if ctx.undoing:
        return
    if impediment.status != before.status:
        wanted, impediment.status = impediment.status, before.status
        _go(ctx, impediment, wanted)
    elif impediment.status == "resolved" and not impediment.resolution.strip():
        raise _unsaid()


async def settle_impediments(ctx: Context, changes: Sequence[Change]) -> None:
    """Let those change impediments who work in the project, with tasks and people of it."""
    found = await touched(ctx, Impediment, changes)
    for one in found:
        people = [one.fresh("owner_id"), one.fresh("reported_by")]
        await take_in(ctx, one.at, "owner_id" if people[0] else "reported_by", people)
    await _check_tasks(ctx, found)


async def _check_tasks(ctx: Context, found: Sequence[Touched[Impediment]]) -> None:
    """Refuse tasks of other projects, all of them looked up at once."""
    linked = [one for one in found if one.fresh("task_id")]
    if not linked or ctx.undoing:
        return
    homes = await projects_of(ctx, sorted({one.record.task_id or 0 for one in linked}))
    if any(homes.get(one.record.task_id or 0) != one.at.project_id for one in linked):
        raise invalid("task_id", "must be a task of the sprint's own project")


def _unsaid() -> Exception:
    return invalid("resolution", "must say how it was taken away")


def _enter(ctx: Context, impediment: Impediment) -> None:
    """Do what coming into a status brings with it."""
    if impediment.status == "resolved":
        if not impediment.resolution.strip():
            raise _unsaid()
        impediment.resolved_at = ctx.now
        return
    impediment.resolved_at = None
    if impediment.status != "cancelled":
        impediment.resolution = ""


def _go(ctx: Context, impediment: Impediment, status: State) -> Impediment:
    """Bring an impediment into a status and say so."""
    before = impediment.status
    if reason := impediment_move(before, status):
        raise Conflict(reason)
    impediment.status = status
    _enter(ctx, impediment)
    about = {"impediment_id": impediment.id, "sprint_id": impediment.sprint_id}
    if status == "resolved":
        ctx.emit(ImpedimentResolved(**about, resolution=impediment.resolution), impediment)
    elif status == "cancelled":
        ctx.emit(ImpedimentCancelled(**about), impediment)
    elif before not in OPEN:
        ctx.emit(ImpedimentReopened(**about), impediment)
    elif status == "in_progress":
        ctx.emit(ImpedimentStarted(**about, owner_id=impediment.owner_id), impediment)
    return impediment


def _may_start(impediment: Impediment) -> str | None:
    if impediment.status == "in_progress":
        return "Somebody is at it already."
    return _open(impediment)


def _open(impediment: Impediment) -> str | None:
    if impediment.status in OPEN:
        return None
    return f"This impediment is {spoken(impediment.status)}. Reopen it first."


def _over(impediment: Impediment) -> str | None:
    return "This impediment is open." if impediment.status in OPEN else None


@action(icon="player-play", grant="update", allowed=_may_start)
async def start(ctx: Context, impediment: Impediment) -> Impediment:
    """Say that it is being taken away; it becomes yours if it was nobody's."""
    impediment.owner_id = impediment.owner_id or ctx.me.id
    return _go(ctx, impediment, "in_progress")


@action(icon="circle-check", grant="update", allowed=_open)
async def resolve(ctx: Context, impediment: Impediment, data: Resolved) -> Impediment:
    """Say that it is no longer in the way, and how that was reached."""
    impediment.resolution = data.resolution.strip()
    return _go(ctx, impediment, "resolved")


@action(icon="rotate", grant="update", allowed=_over)
async def reopen(ctx: Context, impediment: Impediment) -> Impediment:
    """Say that it is in the way again; the resolution is cleared."""
    return _go(ctx, impediment, "open")


@action(icon="circle-x", danger=True, grant="update", allowed=_open)
async def cancel(ctx: Context, impediment: Impediment) -> Impediment:
    """Drop it: it was none, or nobody minds any more."""
    return _go(ctx, impediment, "cancelled")
