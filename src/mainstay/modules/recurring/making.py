"""Makes the tasks of series when they are due: once, whoever else does the same at that moment.

A task is made together with the note of its day (unique for each series) and the next day of the
series, in one unit of work that holds the series; so two workers never make one twice, and a
worker that dies leaves nothing half done. Tasks are made with the rights that the person has now
for whom the series works; where these no longer suffice, the series is paused and says why.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from msgspec import Struct

from mainstay.kernel.clock import today_in
from mainstay.kernel.context import Context
from mainstay.kernel.custom import new_values
from mainstay.kernel.entity import Event
from mainstay.kernel.problems import (
    Denied,
    Duplicate,
    Problem,
    Stale,
    Unavailable,
    WrongSchema,
)
from mainstay.kernel.scope import SYSTEM, Me, require
from mainstay.kernel.workspace import Workspace
from mainstay.modules.projects.api import (
    Standing,
    Task,
    TaskAssigned,
    TaskCompleted,
    TaskReopened,
    counter,
    last_place,
    require_work,
    standing,
    task_code,
)
from mainstay.modules.recurring import rules, scopes
from mainstay.modules.recurring.entities import Occurrence, TaskSeries
from mainstay.modules.recurring.planning import plan, set_next, soon, today_of, turn
from mainstay.modules.templates.api import TaskTemplate, make_task

AT_ONCE = 200
GAP = 1024.0
CREATE_TASK = "projects.task.create"
AHEAD = timedelta(hours=14)
RIGHTS = frozenset(
    {"projects.*", "recurring.*", "templates.*", "checklists.*", "reference.*", "identity.*.read"}
)
COPIED = ("title", "description", "priority", "estimated_hours", "story_points")


class SeriesEnded(Event, frozen=True):
    """A series made its last task."""

    series_id: int
    project_id: int
    made_count: int


class SeriesPaused(Event, frozen=True):
    """A series makes no more tasks until somebody resumes it."""

    series_id: int
    project_id: int
    reason: str


class Wanted(Struct, frozen=True):
    """What one series comes to: the days to make tasks for, and those that were missed."""

    series: TaskSeries
    make: list[date]
    missed: list[date]


class Time(Struct, frozen=True):
    """One time that a series comes."""

    series: TaskSeries
    day: date


# ---- in a unit of work ----


async def make(ctx: Context, wanted: Sequence[Wanted]) -> None:
    """Make the tasks of these days, and note that the series came."""
    require(ctx.me, CREATE_TASK)
    notes: list[Occurrence] = []
    projects: dict[int, list[Wanted]] = {}
    for one in wanted:
        projects.setdefault(one.series.project_id, []).append(one)
    for project, own in projects.items():
        at = await standing(ctx, project)
        require_work(at)
        members = await scopes.members(ctx, project)
        times = [Time(one.series, day) for one in own for day in one.make]
        plain = [one for one in times if one.series.template_id is None]
        notes += await _plain(ctx, at, plain, members)
        notes += [await _from_template(ctx, one, members) for one in times if one not in plain]
    for one in wanted:
        one.series.made_count += len(one.make)
        notes += [Occurrence(series_id=one.series.id, on_day=d, state="missed") for d in one.missed]
    await ctx.create_many(notes)


async def _plain(
    ctx: Context, at: Standing, times: Sequence[Time], members: set[int]
) -> list[Occurrence]:
    """Make tasks of one project in sets; who has left it meanwhile is left out."""
    if not times:
        return []
    noun, project = ctx.registry.noun(Task), at.project_id
    first = await ctx.next_number(counter(project), count=len(times))
    last = await last_place(ctx, project, "todo") or 0.0
    tasks = []
    for place, (series, day) in enumerate((one.series, one.day) for one in times):
        values: dict[str, Any] = {"project_id": project}
        await new_values(ctx, noun, values)
        people = [person for person in series.assignees if person in members]
        task = Task(
            **values,
            **{name: getattr(series, name) for name in COPIED},
            code=task_code(at.settings.task_prefix, first + place),
            due_date=day,
            assignees=people,
            assignee_id=people[0] if people else None,
            reporter_id=ctx.me.id,
            sort_order=last + GAP * (place + 1),
        )
        tasks.append(task)
    await ctx.create_many(tasks)
    for task in tasks:
        if task.assignee_id:
            said = TaskAssigned(task_id=task.id, project_id=project, user_id=task.assignee_id)
            ctx.emit(said, task)
    return [_note(one, task) for one, task in zip(times, tasks, strict=True)]


async def _from_template(ctx: Context, one: Time, members: set[int]) -> Occurrence:
    """Make a task with the steps and checklists of its template."""
    series = one.series
    template = await ctx.get(TaskTemplate, series.template_id or 0)
    task = await make_task(
        ctx,
        template,
        series.project_id,
        title=series.title,
        description=series.description,
        due_date=one.day,
        assignees=[person for person in series.assignees if person in members],
        priority=series.priority,
    )
    task.estimated_hours = series.estimated_hours or task.estimated_hours
    task.story_points = series.story_points or task.story_points
    return _note(one, task)


def _note(one: Time, task: Task) -> Occurrence:
    return Occurrence(series_id=one.series.id, on_day=one.day, task_id=task.id)


async def make_of(ctx: Context, ids: Sequence[int]) -> None:
    """Make what these series have to make now; they are held until that is done."""
    found = await ctx.load_all(ctx.registry.noun(TaskSeries), ids, anywhere=True)
    live = [one for one in found.values() if isinstance(one, TaskSeries) and _due(ctx, one)]
    came = await scopes.came(ctx, {one.id: one.zone for one in live})
    wanted = []
    for series in live:
        today, times = today_of(ctx, series), came[series.id]
        if series.mode == "after_completion":
            wait = series.days_after or 0
            set_next(series, rules.after_completion(times, series.starts_on, wait, today))
            if _due(ctx, series) and series.next_on:
                wanted.append(Wanted(series, [series.next_on], []))
            continue
        assert series.next_on
        after = rules.before(series.next_on)
        days = rules.coming(series.rule, series.starts_on, series.except_on, after=after)
        due = rules.sort_due(days, today, series.lead_days, {one.on_day for one in times})
        wanted.append(Wanted(series, due.make, due.missed))
        turn(series, due.next_on)
    await make(ctx, wanted)
    for one in wanted:
        _after(ctx, one.series)


def _due(ctx: Context, series: TaskSeries) -> bool:
    made_on = series.make_on
    return series.status == "active" and made_on is not None and made_on <= today_of(ctx, series)


def _after(ctx: Context, series: TaskSeries) -> None:
    """Let a series wait for its task, or say that it has ended."""
    if series.mode == "after_completion":
        set_next(series, None)
    elif series.status == "ended":
        said = SeriesEnded(
            series_id=series.id, project_id=series.project_id, made_count=series.made_count
        )
        ctx.emit(said, series)


# ---- in the background ----


async def make_due(ws: Workspace, _: dict[str, Any]) -> None:
    """Make the tasks of all series that are due, by project and person, a part at a time."""
    now, last = ws.clock.now(), 0
    upto = (now + AHEAD).date()
    while found := await ws.look(SYSTEM, partial(_waiting, upto, last)):
        due = [one for one in found if one.make_on <= today_in(one.zone, now)]
        groups: dict[tuple[int | None, int], list[int]] = {}
        for one in due:
            groups.setdefault((one.maker_id, one.project_id), []).append(one.series_id)
        for (maker, _project), ids in groups.items():
            await _group(ws, maker, ids)
        last = found[-1].series_id


make_due.outside = True  # type: ignore[attr-defined]


async def _waiting(upto: date, after: int, ctx: Context) -> list[scopes.Waiting]:
    return await scopes.waiting(ctx, upto, after)


async def _group(ws: Workspace, maker: int | None, ids: Sequence[int]) -> None:
    """Make the tasks of some series of one project, for one person."""
    me = SYSTEM
    if maker is not None:
        try:
            me = await ws.acting(Me(id=maker, grants=RIGHTS))
        except Denied as problem:
            await _pause(ws, ids, problem)
            return
    for place in range(0, len(ids), AT_ONCE):
        await _part(ws, me, ids[place : place + AT_ONCE])


async def _part(ws: Workspace, me: Me, ids: Sequence[int]) -> None:
    """Make the tasks of some series; where one is refused it is found by halving, and paused."""
    try:
        await ws.run(me, lambda ctx: make_of(ctx, ids), slow=True)
    except (Unavailable, WrongSchema):
        raise
    except Problem as problem:
        if len(ids) > 1:
            middle = len(ids) // 2
            await _part(ws, me, ids[:middle])
            await _part(ws, me, ids[middle:])
        elif not isinstance(problem, (Stale, Duplicate)):
            why = Denied(
                f"Its tasks were made for {me.name or 'Mainstay'}, "
                f"who was refused: {problem.detail}"
            )
            await _pause(ws, ids, why)


async def _pause(ws: Workspace, ids: Iterable[int], problem: Problem) -> None:
    reason = problem.detail[:500]

    async def unit(ctx: Context) -> None:
        """Note that they make nothing any more, and why."""
        found = await ctx.load_all(ctx.registry.noun(TaskSeries), ids, anywhere=True)
        for series in found.values():
            assert isinstance(series, TaskSeries)
            series.status, series.reason = "paused", reason
            set_next(series, None)
            about = {"series_id": series.id, "project_id": series.project_id}
            ctx.emit(SeriesPaused(**about, reason=reason), series)

    await ws.run(SYSTEM, unit)


# ---- what happens to its tasks ----


async def completed(ctx: Context, event: TaskCompleted) -> None:
    """Plan the next task some days after this one was done."""
    await _again(ctx, event.task_id)


async def reopened(ctx: Context, event: TaskReopened) -> None:
    """Let the next task wait again until this one is done."""
    await _again(ctx, event.task_id)


async def _again(ctx: Context, task_id: int) -> None:
    series_id = await scopes.series_of(ctx, task_id)
    if series_id is None:
        return
    found = await ctx.load_all(ctx.registry.noun(TaskSeries), [series_id], anywhere=True)
    for series in found.values():
        assert isinstance(series, TaskSeries)
        if series.mode == "after_completion" and series.status == "active":
            await plan(ctx, series)
            await soon(ctx, series)
