"""What can be done with a sprint: plan, start, complete and cancel it, and plan it again."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from mainstay.kernel import past
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, invalid
from mainstay.modules.projects.api import (
    Task,
    ensure_member,
    members_among,
    near,
    require_lead,
    require_work,
    spoken,
    standing,
    standings,
)
from mainstay.modules.scrum import rules
from mainstay.modules.scrum.actions.events import SprintCancelled, SprintCompleted, SprintStarted
from mainstay.modules.scrum.entities import Sprint, SprintMember
from mainstay.modules.scrum.history import figures_of, keep_days
from mainstay.modules.scrum.questions.capacity import capacity_of, workers_of
from mainstay.modules.scrum.scopes import (
    active_in,
    counter,
    hold_work,
    last_days,
    newest_before,
    next_planned,
    sums_of,
)

MANY = 100_000
MOST_PEOPLE = 200
CLOSED = ("done", "cancelled")
DATES = ("start_date", "end_date")
# What goes into sprints.
WORK = ("projects.task", "issues.issue")
# Who brings sprints from another system writes this into `ctx.notes`.
IMPORTING = "scrum.importing"


class Complete(Struct, forbid_unknown_fields=True):
    """Where the work goes that is not done."""

    unfinished: Annotated[
        Literal["next", "new", "backlog"],
        Meta(description="Into the next planned sprint, a new one, or back to the backlog"),
    ] = "backlog"
    sprint_id: Annotated[
        int | None, Meta(description="Which planned sprint; the first one when left out")
    ] = None


class People(Struct, forbid_unknown_fields=True):
    """Who takes part."""

    user_ids: Annotated[
        list[int],
        Meta(max_length=MOST_PEOPLE, description="Everybody who works in the project if empty"),
    ] = []


# ---- plain editing ----


async def create_sprint(ctx: Context, sprint: Entity) -> Sprint:
    """Add a sprint to a project: it gets the next number, and the people of the one before it."""
    assert isinstance(sprint, Sprint)
    check_days(sprint)
    wanted, sprint.status = sprint.status, "planning"
    if wanted in rules.ENDED:
        raise invalid("status", "must be planning or active: a sprint is completed by its verb")
    before = await newest_before(ctx, sprint.project_id)
    await number(ctx, sprint.project_id, [sprint])
    await ctx.create(sprint)
    if before is not None:
        await _take_over(ctx, sprint, before)
    if wanted == "active":
        await _begin(ctx, sprint)
    return sprint


async def number(ctx: Context, project_id: int, sprints: Sequence[Sprint]) -> None:
    """Give sprints the next numbers of their project, above those that some of them bring."""
    name = counter(project_id)
    brought = [one.sprint_number for one in sprints if one.sprint_number]
    if brought:
        await ctx.raise_number(name, max(brought))
    fresh = [one for one in sprints if not one.sprint_number]
    if fresh:
        first = await ctx.next_number(name, count=len(fresh))
        for place, one in enumerate(fresh):
            one.sprint_number = first + place
    for one in sprints:
        one.name = one.name.strip() or f"Sprint {one.sprint_number}"


async def _take_over(ctx: Context, sprint: Sprint, before: int) -> None:
    """Let the people of an earlier sprint take part in a new one."""
    known = await ctx.all(SprintMember, anywhere=True, limit=MOST_PEOPLE, sprint_id=before)
    still = await members_among(ctx, sprint.project_id, [one.user_id for one in known])
    await ctx.create_many(
        [
            SprintMember(sprint_id=sprint.id, user_id=one.user_id, availability=one.availability)
            for one in known
            if one.user_id in still
        ]
    )


async def update_sprint(ctx: Context, sprint: Entity, before: Entity) -> None:
    """Keep a sprint's flow and days in order after an edit."""
    assert isinstance(sprint, Sprint)
    assert isinstance(before, Sprint)
    sprint.name = sprint.name.strip() or f"Sprint {sprint.sprint_number}"
    if ctx.undoing:
        return
    moved = [name for name in DATES if getattr(sprint, name) != getattr(before, name)]
    if moved and before.status in rules.ENDED:
        raise invalid(moved[0], f"cannot change: the sprint is {spoken(before.status)}")
    if "start_date" in moved and before.status == "active":
        raise invalid("start_date", "cannot change: the sprint has begun; change its last day")
    if sprint.status != before.status:
        wanted, sprint.status = sprint.status, before.status
        await _go(ctx, sprint, wanted)


async def delete_sprint(ctx: Context, sprint: Entity) -> None:
    """Put a sprint into the bin; its work goes back to the backlog, and issues leave it."""
    assert isinstance(sprint, Sprint)
    if sprint.status == "active":
        raise Conflict("This sprint is active. Cancel it first, then its work is in the backlog.")
    for noun in (ctx.registry.nouns[key] for key in WORK if key in ctx.registry.nouns):
        work: list[Any] = await ctx.all(noun.entity, anywhere=True, limit=MANY, sprint_id=sprint.id)
        for one in work:
            # What an undo has put back already is elsewhere.
            if one.sprint_id == sprint.id:
                one.sprint_id = None


async def settle_sprints(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only leads plan sprints, each at most thirty days, and one at a time be active."""
    loaded = await ctx.load_all(
        changes[0].noun, (one.record_id for one in changes), anywhere=True, deleted="with"
    )
    edited = [one for one in changes if one.before is not None or one.after is not None]
    found = {one.record_id: loaded[one.record_id] for one in edited}
    sprints = [one for one in found.values() if isinstance(one, Sprint)]
    for at in (await standings(ctx, {one.project_id for one in sprints})).values():
        require_work(at)
        require_lead(at, "plan its sprints")
    for sprint in sprints:
        if sprint.deleted_at is None:
            check_days(sprint)
    touched = {
        found[one.record_id].project_id  # type: ignore[attr-defined]
        for one in edited
        if not {"status", "deleted_at"}.isdisjoint(one.after or ())
        or (one.before is None and one.after is not None)
    }
    if any(one.status == "active" and one.deleted_at is None for one in sprints):
        for project_id in sorted(touched):
            _one_active(await active_in(ctx, project_id), found)
    if not ctx.undoing:
        await past.gather(ctx, changes, ("projects.task",), "sprint_id")


def _one_active(active: Sequence[tuple[int, str]], found: dict[int, Entity]) -> None:
    if len(active) < 2:
        return
    other = next((name for one, name in active if one not in found), active[0][1])
    raise Conflict(f"{other} is active in this project. Complete it before another one begins.")


def check_days(sprint: Sprint) -> None:
    """Refuse days that are out of order, or too many."""
    start, end = sprint.start_date, sprint.end_date
    near(start_date=start, end_date=end)
    if start is None or end is None:
        return
    if end < start:
        raise invalid("end_date", "must not be before the first day")
    if end > (last := rules.latest(start)):
        most = rules.MOST_DAYS
        raise invalid("end_date", f"must be {last} or earlier: a sprint lasts at most {most} days")


# ---- verbs ----


def _going(status: str) -> Callable[[Sprint], str | None]:
    """Return a check that a sprint may go to a status now."""

    def allowed(sprint: Sprint) -> str | None:
        """Say why it may not."""
        if sprint.status == status:
            return f"This sprint is {spoken(status)} already."
        return rules.sprint_move(sprint.status, status)

    return allowed


def _may_start(sprint: Sprint) -> str | None:
    if sprint.status != "planning":
        return _going("active")(sprint)
    if sprint.start_date is None or sprint.end_date is None:
        return "This sprint has no days yet. Give it a first and a last day."
    return None


def _may_reopen(sprint: Sprint) -> str | None:
    return None if sprint.status == "cancelled" else "Only a cancelled sprint can be planned again."


async def _go(ctx: Context, sprint: Sprint, status: str) -> None:
    """Bring a sprint into a status that an edit asks for."""
    if reason := rules.sprint_move(sprint.status, status):
        raise Conflict(reason)
    if status == "active":
        await _begin(ctx, sprint)
    elif status == "cancelled":
        await _give_up(ctx, sprint)
    elif status == "planning":
        _plan_again(ctx, sprint)
    elif (await sums_of(ctx, [sprint.id]))[sprint.id].left:
        raise Conflict(
            "Some of this sprint's work is not done. "
            "Complete it with its own button, which asks where that work goes."
        )
    else:
        await _finish(ctx, sprint, Complete())


async def _begin(ctx: Context, sprint: Sprint) -> None:
    """Start a sprint: keep what is committed to, and how many hours there are."""
    if reason := _may_start(sprint):
        raise Conflict(reason)
    assert sprint.start_date is not None
    assert sprint.end_date is not None
    if sprint.end_date < ctx.today:
        raise Conflict("The last day of this sprint is over. Give it new days, then start it.")
    await hold_work(ctx, sprint.id)
    sums = (await sums_of(ctx, [sprint.id]))[sprint.id]
    sprint.status, sprint.started_at, sprint.completed_at = "active", ctx.now, None
    sprint.start_date, sprint.end_date = rules.begun(sprint.start_date, sprint.end_date, ctx.today)
    sprint.commitment_points = sums.points
    if sprint.capacity_hours is None:
        hours = (await capacity_of(ctx, sprint)).total
        sprint.capacity_hours = None if hours is None else Decimal(str(round(hours, 2)))
    said = SprintStarted(sprint_id=sprint.id, project_id=sprint.project_id, points=sums.points)
    ctx.emit(said, sprint)


async def _give_up(ctx: Context, sprint: Sprint) -> None:
    """Cancel a sprint: what is not done goes back to the backlog."""
    tasks = await hold_work(ctx, sprint.id)
    began = sprint.status == "active"
    sprint.status, sprint.completed_at = "cancelled", ctx.now
    if began:
        await keep_days(ctx, sprint)
    moved = _move_on(tasks, None)
    said = SprintCancelled(sprint_id=sprint.id, project_id=sprint.project_id, moved=moved)
    ctx.emit(said, sprint)


async def _finish(ctx: Context, sprint: Sprint, data: Complete) -> Sprint:
    """Complete a sprint: keep its numbers and days, and move on what is not done."""
    tasks = await hold_work(ctx, sprint.id)
    sums = (await sums_of(ctx, [sprint.id]))[sprint.id]
    figures = await figures_of(ctx, sprint)
    sprint.status, sprint.completed_at = "completed", ctx.now
    sprint.added_points, sprint.removed_points = figures.added, figures.removed
    sprint.completed_points = sums.done_points
    sprint.velocity = rules.velocity(sums.done_points, sprint.start_date, sprint.end_date)
    await keep_days(ctx, sprint)
    target = await _target(ctx, sprint, data) if sums.left else None
    moved = _move_on(tasks, target)
    said = SprintCompleted(
        sprint_id=sprint.id, project_id=sprint.project_id, points=sums.done_points, moved=moved
    )
    ctx.emit(said, sprint)
    return sprint


async def _target(ctx: Context, sprint: Sprint, data: Complete) -> int | None:
    """Return the sprint that unfinished work goes into, or None for the backlog."""
    if data.unfinished == "backlog":
        return None
    if data.unfinished == "new":
        first, last = await days_after(ctx, sprint)
        new = Sprint(
            project_id=sprint.project_id, team_id=sprint.team_id, start_date=first, end_date=last
        )
        return (await create_sprint(ctx, new)).id
    chosen = data.sprint_id or await next_planned(ctx, sprint.project_id, sprint.id)
    if chosen is None:
        raise invalid("unfinished", "cannot be next: no sprint is planned; choose a new one")
    target = await ctx.get(Sprint, chosen)
    if target.project_id != sprint.project_id or target.status != "planning":
        raise invalid("sprint_id", "must be a planned sprint of the same project")
    return chosen


async def days_after(ctx: Context, sprint: Sprint) -> tuple[date, date]:
    """Return the days of a new sprint: as long as this one, after every one that is planned."""
    length = rules.days_of(sprint.start_date, sprint.end_date)
    ends = [one for one in (sprint.end_date, (await last_days(ctx, sprint.project_id))[1]) if one]
    return rules.next_days(max(ends, default=None), length, ctx.today)


def _move_on(tasks: Sequence[Task], target: int | None) -> int:
    """Move what is not done out of a sprint; return how many tasks that were."""
    left = [task for task in tasks if task.status not in CLOSED]
    for task in left:
        task.sprint_id = target
    return len(left)


@action(icon="player-play", grant="update", allowed=_may_start)
async def start(ctx: Context, sprint: Sprint) -> Sprint:
    """Begin the sprint with what is in it, its commitment; begun early, its days move to today.

    It stays as long as it was planned then; begun late it keeps its days.
    """
    await _begin(ctx, sprint)
    return sprint


@action(
    icon="circle-check",
    grant="update",
    allowed=_going("completed"),
    page="/scrum/sprints/{id}/complete",
)
async def complete(ctx: Context, sprint: Sprint, data: Complete) -> Sprint:
    """End the sprint; what is not done goes on to another sprint or back to the backlog."""
    return await _finish(ctx, sprint, data)


@action(icon="circle-x", danger=True, grant="update", allowed=_going("cancelled"))
async def cancel(ctx: Context, sprint: Sprint) -> Sprint:
    """Give the sprint up; what is not done goes back to the backlog."""
    await _give_up(ctx, sprint)
    return sprint


@action(label="Plan again", icon="rotate", grant="update", allowed=_may_reopen)
async def reopen(ctx: Context, sprint: Sprint) -> Sprint:
    """Plan a cancelled sprint again; its work is put into it anew."""
    _plan_again(ctx, sprint)
    return sprint


def _plan_again(ctx: Context, sprint: Sprint) -> None:
    """Let a sprint stand as if it had never begun, with days to come."""
    sprint.status = "planning"
    sprint.started_at = sprint.completed_at = None
    sprint.commitment_points = 0.0
    if sprint.end_date and sprint.end_date < ctx.today:
        length = rules.days_of(sprint.start_date, sprint.end_date)
        sprint.start_date, sprint.end_date = rules.next_days(
            ctx.today - timedelta(1), length, ctx.today
        )


def _is_open(sprint: Sprint) -> str | None:
    return None if sprint.status in rules.OPEN else f"This sprint is {spoken(sprint.status)}."


@action(label="Add people", icon="user-plus", grant="update", allowed=_is_open, quiet=True)
async def add_people(ctx: Context, sprint: Sprint, data: People) -> Sprint:
    """Let people of the project take part in the sprint, all who work in it if none are named."""
    known = await ctx.all(SprintMember, anywhere=True, limit=MOST_PEOPLE, sprint_id=sprint.id)
    wanted = data.user_ids or await workers_of(ctx, sprint.project_id, MOST_PEOPLE)
    there = {one.user_id for one in known}
    fresh = [one for one in dict.fromkeys(wanted) if one not in there]
    if set(fresh) - await members_among(ctx, sprint.project_id, fresh):
        raise invalid("user_ids", "must be members of the project; add them to it first")
    await ctx.create_many([SprintMember(sprint_id=sprint.id, user_id=one) for one in fresh])
    return sprint


# ---- the people of a sprint ----


async def settle_members(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only leads say who takes part in a sprint that is not over."""
    loaded = await ctx.load_all(
        changes[0].noun, (one.record_id for one in changes), anywhere=True, deleted="with"
    )
    members: list[Any] = list(loaded.values())
    noun = ctx.registry.noun(Sprint)
    sprints: dict[int, Any] = await ctx.load_all(
        noun, {one.sprint_id for one in members}, anywhere=True, deleted="with"
    )
    for sprint in sprints.values():
        at = await standing(ctx, sprint.project_id)
        require_work(at)
        require_lead(at, "say who takes part in its sprints")
        if sprint.status not in rules.OPEN and not ctx.undoing:
            raise Conflict(
                f"{sprint.name} is {spoken(sprint.status)}; its people stay as they were."
            )
        await _take_in(ctx, sprint, [one for one in members if one.sprint_id == sprint.id])


async def _take_in(ctx: Context, sprint: Sprint, members: Sequence[Any]) -> None:
    """Take those who take part in a sprint into its project, where they are not yet."""
    live = [one.user_id for one in members if one.deleted_at is None]
    if ctx.undoing or not live:
        return
    for person in sorted(set(live) - await members_among(ctx, sprint.project_id, live)):
        await ensure_member(ctx, sprint.project_id, person, "member")
