"""What moving one task brings: which others it pushes, and what it runs into."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import Conflict, NotFound, invalid
from mainstay.kernel.scope import require
from mainstay.modules.planning import scopes
from mainstay.modules.planning.moving import Pushed, Shift, Way, push, way_from
from mainstay.modules.planning.plan import Terms, Work
from mainstay.modules.planning.questions.schedule import late, terms_of
from mainstay.modules.planning.years import beyond
from mainstay.modules.projects.api import Task
from mainstay.scheduling import NoDayLeft

SHOWN = 200


class MovedAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which task, and where it goes; a date that is left out stays empty."""

    task_id: Annotated[int, Meta(ge=1, description="The task that is moved")]
    start_date: Annotated[date | None, Meta(description="Its new first day")] = None
    due_date: Annotated[date | None, Meta(description="Its new last day")] = None
    pull: Annotated[
        bool, Meta(description="Whether those that wait follow to an earlier day as well")
    ] = False


class Change(Struct, kw_only=True, frozen=True):
    """One task's dates before and after."""

    task_id: int
    code: str
    title: str
    start_from: date | None
    due_from: date | None
    start_to: date | None
    due_to: date | None
    days: int


class Held(Struct, kw_only=True, frozen=True):
    """A task that would be too early by its links and does not move, and why."""

    task_id: int
    title: str
    reason: Literal["begun", "fixed", "elsewhere"]
    why: str


class Moved(Struct, kw_only=True, frozen=True):
    """What a move brings with it, as of now; `plan` names the state it was worked out from."""

    task_id: int
    as_of: date
    changes: list[Change]
    count: int
    held: list[Held]
    end_from: date | None
    end_to: date | None
    plan: str


class Moving(Struct):
    """One move, worked out: what was read, what is pushed, and by which calendar."""

    way: Way
    pushed: Pushed
    by: Terms

    @property
    def mark(self) -> str:
        """Return what tells this state of the plan from every other one."""
        way, held = self.way, self.way.links
        ids = way.near - {way.moved.id}
        rows = sorted((one, way.works[one].version) for one in ids if one in way.works)
        links = sorted({(one.id, one.version) for one in held})
        return hashlib.sha256(msgspec.json.encode([rows, links])).hexdigest()[:16]


@question(label="What a move brings")
async def moved(ctx: Context, ask: MovedAsk) -> Moved:
    """Which tasks a move pushes along the links, from which days to which; nothing is changed."""
    require(ctx.me, ctx.registry.noun(Task).permission("read"))
    if await ctx.find(Task, id=ask.task_id) is None:
        raise NotFound(f"There is no task {ask.task_id}, or you may not see it.")
    moving = await worked_out(ctx, ask.task_id, (ask.start_date, ask.due_date), pull=ask.pull)
    shifts, by = moving.pushed.shifts, moving.by
    ends = [_end(one.work.start_date, one.work.due_date) for one in shifts]
    goes = [_end(*one.after) for one in shifts]
    return Moved(
        task_id=ask.task_id,
        as_of=by.today,
        changes=[change_of(one, by) for one in shifts[:SHOWN]],
        count=len(shifts),
        held=await _held(ctx, moving.pushed.held, moving.way.moved),
        end_from=max((day for day in ends if day), default=None),
        end_to=max((day for day in goes if day), default=None),
        plan=moving.mark,
    )


async def worked_out(
    ctx: Context, task_id: int, to: tuple[date | None, date | None], *, pull: bool = False
) -> Moving:
    """Read what waits for a task, and work out where a move sends it."""
    if to[0] and to[1] and to[1] < to[0]:
        raise invalid("due_date", "must not be before the start date")
    found = await scopes.works_by_id(ctx, [task_id])
    if not found:
        raise NotFound(f"There is no task {task_id}, or you may not see it.")
    (task,) = found
    read = await scopes.plan_of(ctx, task.project_id)
    read.works.setdefault(task.id, task)
    # Days are pulled as far as today, whenever the project begins.
    by = await terms_of(ctx, read, ctx.today)
    way = way_from(read.works | read.others, read.waits, task_id)
    try:
        pushed = await scopes.aside(ctx, lambda: push(way, to, by, pull=pull))
    except NoDayLeft:
        if to != (task.start_date, task.due_date):
            raise _refused(way, to, by) from None
        pushed = Pushed()  # it stays where it is, and so do the others
    return Moving(way, pushed, by)


def _refused(way: Way, to: tuple[date | None, date | None], by: Terms) -> Conflict:
    """Return why a move cannot be counted: its new days, or those of another task."""
    goes = msgspec.structs.replace(way.moved, start_date=to[0], due_date=to[1])
    beside = (way.works[one] for one in sorted(way.near - {goes.id}) if one in way.works)
    seen = {goes.id: goes} | {work.id: work for work in beside}
    own = {key: work for key, work in seen.items() if work.project_id == goes.project_id}
    return beyond(own, {k: w for k, w in seen.items() if k not in own}, by, as_is=True)


def change_of(shift: Shift, by: Terms) -> Change:
    """Return a shift as it is answered, with the working days it makes."""
    was, goes = _end(*shift.before), _end(*shift.after)
    days = 0
    if was and goes:
        days = late(goes, was, by.calendar) or -late(was, goes, by.calendar)
    return Change(
        task_id=shift.work.id,
        code=shift.work.code,
        title=shift.work.title,
        start_from=shift.before[0],
        due_from=shift.before[1],
        start_to=shift.after[0],
        due_to=shift.after[1],
        days=days,
    )


def _end(first: date | None, last: date | None) -> date | None:
    return last or first


WHY = {
    "begun": "It is under way, so it keeps its dates.",
    "fixed": "Its dates are fixed.",
    "elsewhere": "It belongs to another project, so it keeps its dates.",
}


async def _held(ctx: Context, held: Sequence[Work], task: Work) -> list[Held]:
    """Say which tasks stay; those that the asking person may not see have no name."""
    if not held:
        return []
    ids = [one.id for one in held[:SHOWN]]
    seen = {one.id for one in await ctx.all(Task, id__in=ids, limit=SHOWN)}
    return [_held_one(one, one.id in seen, task) for one in held[:SHOWN]]


def _held_one(one: Work, seen: bool, task: Work) -> Held:
    reason: Literal["begun", "fixed", "elsewhere"] = "begun"
    if one.project_id != task.project_id:
        reason = "elsewhere"
    elif one.standing == "fixed":
        reason = "fixed"
    return Held(
        task_id=one.id if seen else 0,
        title=one.label if seen else "A task that you may not see",
        reason=reason,
        why=WHY[reason],
    )
