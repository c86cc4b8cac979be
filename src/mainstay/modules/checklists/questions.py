"""What people ask about how tasks are done: the work of one task, and what is theirs to tick."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from msgspec import Meta, Struct

from mainstay.kernel.context import IDS, Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import NotFound
from mainstay.kernel.scope import me_bind
from mainstay.modules.checklists import rules
from mainstay.modules.projects.api import OPEN, Task, answer, decoded, visible

MINE = 300
SHOWN = 1000
PEOPLE = "identity.user"
Show = Literal["open", "validate", "done", "all"]


class TaskAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which task."""

    task_id: Annotated[int, Meta(ge=1, description="The task's id")]


class Clock(Struct, kw_only=True, frozen=True):
    """A running clock: whose it is, and since when."""

    user_id: int | None
    name: str
    started_at: datetime
    mine: bool


class StepLine(Struct, kw_only=True, frozen=True):
    """A step of a task."""

    id: int
    version: int
    name: str
    description: str
    is_completed: bool
    assignee_id: int | None
    assignee: str
    hours_planned: Decimal
    hours_tracked: Decimal
    clocks: list[Clock]


class ItemLine(Struct, kw_only=True, frozen=True):
    """An item of a checklist; `first` names what must be done before it, if anything."""

    id: int
    version: int
    name: str
    acceptance_criteria: str
    status: str
    is_completed: bool
    required: bool
    needs_validation: bool
    reason: str
    assignee_id: int | None
    assignee: str
    due_date: date | None
    placement: str
    completed_by: int | None
    finisher: str
    first: str


class ListLine(Struct, kw_only=True, frozen=True):
    """A checklist with its items."""

    id: int
    version: int
    name: str
    mode: str
    status: str
    is_completed: bool
    completed_at: datetime | None
    step_id: int | None
    step: str
    item_count: int
    done_count: int
    items: list[ItemLine]


class ResultLine(Struct, kw_only=True, frozen=True):
    """What came of the task."""

    id: int
    who: str
    created_at: datetime
    result_type: str
    result_id: int | None
    score: Decimal | None
    max_score: Decimal | None
    percent: float | None
    correct_answers: int | None
    total_questions: int | None
    passed: bool | None
    performance_metrics: dict[str, Any]
    note: str


class TaskWork(Struct, kw_only=True, frozen=True):
    """How a task is done: its steps, its checklists and its results, and how far they are."""

    task_id: int
    steps: list[StepLine]
    steps_done: int
    hours_planned: Decimal
    hours_tracked: Decimal
    checklists: list[ListLine]
    items_done: int
    items: int
    results: list[ResultLine]


class MineAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which of them: open, waiting for your validation, done lately, or all of yours."""

    show: Annotated[Show, Meta(description="open, validate, done or all")] = "open"


class MyLine(Struct, kw_only=True, frozen=True):
    """A step or an item of yours."""

    kind: Literal["step", "item"]
    id: int
    name: str
    checklist: str
    status: str
    is_completed: bool
    needs_validation: bool
    reason: str
    due_date: date | None
    overdue: bool
    completed_at: datetime | None


class MyTask(Struct, kw_only=True, frozen=True):
    """A task with what is yours in it."""

    task_id: int
    code: str
    title: str
    project_id: int
    project: str
    color: str
    overdue: int
    lines: list[MyLine]


class MyChecklists(Struct, kw_only=True, frozen=True):
    """Your steps and items by task, those that are late first."""

    show: Show
    as_of: date
    open_count: int
    overdue_count: int
    validate_count: int
    more: bool
    tasks: list[MyTask]


@question(label="Work of a task")
async def task_work(ctx: Context, ask: TaskAsk) -> TaskWork:
    """How a task is done: steps with clocks, checklists with items, and results."""
    if await ctx.find(Task, id=ask.task_id) is None:
        raise NotFound(f"There is no task {ask.task_id}, or you may not see it.")
    return await work_of(ctx, ask.task_id)


async def work_of(ctx: Context, task_id: int) -> TaskWork:
    """Return the work of a task that the asking person is known to see."""
    steps = await _steps(ctx, task_id)
    lists = await _lists(ctx, task_id)
    return TaskWork(
        task_id=task_id,
        steps=steps,
        steps_done=sum(step.is_completed for step in steps),
        hours_planned=sum((step.hours_planned for step in steps), Decimal(0)),
        hours_tracked=sum((step.hours_tracked for step in steps), Decimal(0)),
        checklists=lists,
        items_done=sum(one.done_count for one in lists),
        items=sum(one.item_count for one in lists),
        results=await _results(ctx, task_id),
    )


class Person:
    """A person that a record names, joined where the asking person may see them."""

    def __init__(self, ctx: Context, alias: str, column: sa.ColumnElement[Any]) -> None:
        """Take the people's table under a name of its own."""
        noun = ctx.registry.noun(PEOPLE)
        self.table = noun.table.alias(alias)
        scoped = ctx.reader.scoped(noun, ctx.me)
        seen = ctx.registry.scope_condition(noun, me_bind(), self.table) if scoped else None
        same = self.table.c.id == column
        self.on = same if seen is None else sa.and_(same, seen)
        self.name = sa.func.coalesce(self.table.c.display_name, "")


def _of_task(c: Any) -> list[sa.ColumnElement[bool]]:
    return [c.task_id == sa.bindparam("task", type_=IDS), c.deleted_at.is_(None)]


async def _steps(ctx: Context, task_id: int) -> list[StepLine]:
    """Return a task's steps in their order, with who has a clock running on them."""
    tables = ctx.registry.tables
    s = tables["checklists.step"].c
    who = Person(ctx, "assigned", s.assignee_id)
    names = ("id", "name", "description", "is_completed", "assignee_id")
    columns = [*(s[n] for n in names), who.name, s.hours_planned, s.hours_tracked, s.version]

    def build() -> sa.Select[Any]:
        """Join each step with its assignee."""
        chosen = sa.select(*columns).select_from(s.id.table.outerjoin(who.table, who.on))
        return chosen.where(*_of_task(s)).order_by(s.sort_order, s.id).limit(SHOWN)

    found = await answer(ctx, f"checklists: steps {_seen(ctx, PEOPLE)}", build, task=task_id)
    kinds = [*(s[n] for n in names), None, s.hours_planned, s.hours_tracked, None]
    clocks = await _clocks(ctx, task_id) if found else {}
    return [
        StepLine(
            id=row[0],
            name=row[1],
            description=row[2],
            is_completed=bool(row[3]),
            assignee_id=row[4],
            assignee=row[5],
            hours_planned=row[6],
            hours_tracked=row[7],
            version=row[8],
            clocks=clocks.get(row[0], []),
        )
        for row in decoded(ctx, kinds, found)
    ]


async def _clocks(ctx: Context, task_id: int) -> dict[int, list[Clock]]:
    """Return the clocks that run on a task's steps."""
    tables = ctx.registry.tables
    t, s = tables["checklists.step_tracker"].c, tables["checklists.step"].c
    who = Person(ctx, "worker", t.user_id)
    columns = [t.step_id, t.user_id, who.name, t.started_at]

    def build() -> sa.Select[Any]:
        """Read those without an end."""
        joined = s.id.table.join(t.id.table, t.step_id == s.id)
        chosen = sa.select(*columns).select_from(joined.outerjoin(who.table, who.on))
        running = sa.and_(t.ended_at.is_(None), t.deleted_at.is_(None))
        return chosen.where(*_of_task(s), running).order_by(t.started_at, t.id)

    clocks: dict[int, list[Clock]] = {}
    found = await answer(ctx, f"checklists: clocks {_seen(ctx, PEOPLE)}", build, task=task_id)
    for step, user, name, since in decoded(ctx, [None, None, None, t.started_at], found):
        mine = user == ctx.me.id
        clock = Clock(user_id=user, name=name, started_at=since, mine=mine)
        clocks.setdefault(step, []).append(clock)
    return clocks


async def _lists(ctx: Context, task_id: int) -> list[ListLine]:
    """Return a task's checklists in their order, each with its items."""
    tables = ctx.registry.tables
    c, s = tables["checklists.checklist"].c, tables["checklists.step"].c
    names = ("id", "name", "mode", "status", "is_completed", "completed_at", "step_id")
    columns = [*(c[n] for n in names), c.item_count, c.done_count, s.name, c.version]

    def build() -> sa.Select[Any]:
        """Join each checklist with the step that it is for."""
        step = sa.and_(s.id == c.step_id, s.deleted_at.is_(None))
        chosen = sa.select(*columns).select_from(c.id.table.outerjoin(s.id.table, step))
        return chosen.where(*_of_task(c)).order_by(c.sort_order, c.id).limit(SHOWN)

    found = decoded(ctx, columns, await answer(ctx, "checklists: lists", build, task=task_id))
    items = await _items(ctx, task_id) if found else {}
    return [
        ListLine(
            id=row[0],
            name=row[1],
            mode=row[2],
            status=row[3],
            is_completed=bool(row[4]),
            completed_at=row[5],
            step_id=row[6],
            item_count=row[7],
            done_count=row[8],
            step=row[9] or "",
            version=row[10],
            items=_lines(items.get(row[0], []), sequential=row[2] == "sequential"),
        )
        for row in found
    ]


async def _items(ctx: Context, task_id: int) -> dict[int, list[Sequence[Any]]]:
    """Return the items of a task's checklists as rows, by checklist, in their order."""
    tables = ctx.registry.tables
    i, c = tables["checklists.checklist_item"].c, tables["checklists.checklist"].c
    person = Person(ctx, "assigned", i.assignee_id)
    finisher = Person(ctx, "finished", i.completed_by)
    p = tables["reference.placement"].c
    names = ("id", "name", "acceptance_criteria", "status", "is_completed", "required")
    more = ("needs_validation", "reason", "assignee_id", "due_date", "completed_by")
    order = ("sort_order", "depends_on_id", "version")
    own = [i[n] for n in (*names, *more, *order)]
    extra = [person.name, finisher.name, p.name, i.checklist_id]

    def build() -> sa.Select[Any]:
        """Read them all in one statement, however many lists there are."""
        joined = (
            c.id.table.join(i.id.table, i.checklist_id == c.id)
            .outerjoin(person.table, person.on)
            .outerjoin(finisher.table, finisher.on)
            .outerjoin(p.id.table, p.id == i.placement_id)
        )
        chosen = sa.select(*own, *extra).select_from(joined)
        chosen = chosen.where(*_of_task(c), i.deleted_at.is_(None))
        return chosen.order_by(i.checklist_id, i.sort_order, i.id).limit(SHOWN * 5)

    rows: dict[int, list[Sequence[Any]]] = {}
    found = await answer(ctx, f"checklists: items {_seen(ctx, PEOPLE)}", build, task=task_id)
    for row in decoded(ctx, [*own, None, None, p.name, None], found):
        rows.setdefault(row[-1], []).append(row)
    return rows


def _lines(rows: Sequence[Sequence[Any]], *, sequential: bool) -> list[ItemLine]:
    """Return items with what must be done before each of them."""
    known = [
        rules.Item(row[0], row[1], row[11], bool(row[5]), row[3], bool(row[4]), row[12])
        for row in rows
    ]
    found = []
    for row, item in zip(rows, known, strict=True):
        before = None
        if item.status != "completed":
            before = rules.first_before(known, item, sequential=sequential)
        found.append(
            ItemLine(
                id=row[0],
                name=row[1],
                acceptance_criteria=row[2],
                status=row[3],
                is_completed=bool(row[4]),
                required=bool(row[5]),
                needs_validation=bool(row[6]),
                reason=row[7],
                assignee_id=row[8],
                due_date=row[9],
                completed_by=row[10],
                version=row[13],
                assignee=row[14],
                finisher=row[15],
                placement=row[16] or "",
                first=before.name if before else "",
            )
        )
    return found


async def _results(ctx: Context, task_id: int) -> list[ResultLine]:
    """Return what came of a task, newest first."""
    tables = ctx.registry.tables
    r = tables["checklists.task_result"].c
    who = Person(ctx, "whose", r.user_id)
    names = ("created_at", "result_type", "result_id", "score", "max_score", "percent")
    more = ("correct_answers", "total_questions", "passed", "performance_metrics", "note")
    own = [r[n] for n in ("id", *names, *more)]

    def build() -> sa.Select[Any]:
        """Join each result with whose it is."""
        chosen = sa.select(*own, who.name)
        chosen = chosen.select_from(r.id.table.outerjoin(who.table, who.on))
        return chosen.where(*_of_task(r)).order_by(r.id.desc()).limit(SHOWN)

    found = await answer(ctx, f"checklists: results {_seen(ctx, PEOPLE)}", build, task=task_id)
    return [
        ResultLine(
            id=row[0],
            **dict(zip((*names, *more), row[1:-1], strict=True)),
            who=row[-1],
        )
        for row in decoded(ctx, [*own, None], found)
    ]


@question(label="My checklists")
async def my_checklists(ctx: Context, ask: MineAsk) -> MyChecklists:
    """Your steps and items in every project by task, late ones first."""
    open_ones = await _mine(ctx, "open")
    waiting = await _to_validate(ctx)
    if ask.show == "open":
        chosen = open_ones
    elif ask.show == "validate":
        chosen = waiting
    else:
        chosen = await _mine(ctx, ask.show)
    lines = [(row, _line(ctx, row)) for row in chosen[:MINE]]
    return MyChecklists(
        show=ask.show,
        as_of=ctx.today,
        open_count=len(open_ones[:MINE]),
        overdue_count=sum(_line(ctx, row).overdue for row in open_ones[:MINE]),
        validate_count=len(waiting[:MINE]),
        more=len(chosen) > MINE,
        tasks=_by_task(lines),
    )


def _by_task(lines: Sequence[tuple[Sequence[Any], MyLine]]) -> list[MyTask]:
    """Return lines by task; tasks with late lines come first, then by what is due soonest."""
    groups: dict[int, list[tuple[Sequence[Any], MyLine]]] = {}
    for row, line in lines:
        groups.setdefault(row[9], []).append((row, line))
    found = []
    for group in groups.values():
        first = group[0][0]
        found.append(
            MyTask(
                task_id=first[9],
                code=first[10],
                title=first[11],
                project_id=first[12],
                project=first[13],
                color=first[14],
                overdue=sum(line.overdue for _, line in group),
                lines=sorted((line for _, line in group), key=_urgency),
            )
        )
    return sorted(found, key=lambda one: (*_urgency(one.lines[0])[:3], one.project, one.task_id))


def _urgency(line: MyLine) -> tuple[bool, bool, date]:
    return line.is_completed, line.due_date is None, line.due_date or date.max


def _line(ctx: Context, row: Sequence[Any]) -> MyLine:
    kind, due, done = row[0], row[6], bool(row[4])
    finished = done or row[3] == "completed"
    return MyLine(
        kind=kind,
        id=row[1],
        name=row[2],
        status=row[3],
        is_completed=done,
        needs_validation=bool(row[5]),
        due_date=due,
        overdue=due is not None and not finished and due < ctx.today,
        completed_at=row[7],
        reason=row[8],
        checklist=row[15] or "",
    )


async def _mine(ctx: Context, show: Show) -> list[Sequence[Any]]:
    """Return the asking person's items, then their steps; each in a statement of its own."""
    return [*await _my_items(ctx, show), *await _my_steps(ctx, show)]


def _seen(ctx: Context, key: str) -> str:
    return "scoped" if ctx.reader.scoped(ctx.registry.noun(key), ctx.me) else "all"


async def _my_items(ctx: Context, show: Show) -> list[Sequence[Any]]:
    i = ctx.registry.noun("checklists.checklist_item").table.c
    if show == "done":
        where = [i.status == sa.literal("completed", i.status.type)]
    elif show == "open":
        where = [i.status != sa.literal("completed", i.status.type)]
    else:
        where = []
    mine = i.assignee_id == me_bind()
    return await _item_rows(ctx, show, [mine, *where], newest=show == "done")


async def _to_validate(ctx: Context) -> list[Sequence[Any]]:
    """Return the items that others completed and that the asking person may validate."""
    noun = ctx.registry.noun("checklists.checklist_item")
    if not ctx.can(noun.permission("validate")):
        return []
    i, m = noun.table.c, ctx.registry.tables["projects.project_member"].c
    t = ctx.registry.tables["projects.task"].c
    roles = [sa.literal(role, m.role.type) for role in ("owner", "admin", "member")]
    works = sa.select(m.project_id).where(
        m.user_id == me_bind(), m.deleted_at.is_(None), m.role.in_(roles)
    )
    where = [
        i.status == sa.literal("completed", i.status.type),
        i.is_completed == sa.false(),
        sa.or_(i.completed_by.is_(None), i.completed_by != me_bind()),
        t.project_id.in_(works),
    ]
    return await _item_rows(ctx, "validate", where, newest=False)


async def _item_rows(
    ctx: Context, name: str, where: Sequence[sa.ColumnElement[bool]], *, newest: bool
) -> list[Sequence[Any]]:
    """Return items with their checklist, task and project."""
    noun = ctx.registry.noun("checklists.checklist_item")
    i, tables = noun.table.c, ctx.registry.tables
    c, t, p = (tables[k].c for k in ("checklists.checklist", "projects.task", "projects.project"))
    own = [i.id, i.name, i.status, i.is_completed, i.needs_validation]
    due = sa.func.coalesce(i.due_date, t.due_date)
    columns = [*own, due, i.completed_at, i.reason, *_around(t, p), c.name]

    def build() -> sa.Select[Any]:
        """Join along the parents; what is binned above hides what is below."""
        joined = i.id.table.join(c.id.table, c.id == i.checklist_id)
        joined = joined.join(t.id.table, t.id == c.task_id).join(p.id.table, p.id == t.project_id)
        live = [one.deleted_at.is_(None) for one in (c, t, p)]
        chosen = sa.select(*columns).select_from(joined).where(*visible(ctx, noun), *live, *where)
        # An item that is open in a task that is over is nobody's work any more.
        if name in ("open", "validate"):
            chosen = chosen.where(t.status.in_(OPEN))
        order = (i.completed_at.desc(), i.id) if newest else (due.asc().nulls_last(), i.id)
        return chosen.order_by(*order).limit(MINE + 1)

    found = await answer(ctx, f"checklists: {name} items {_seen(ctx, noun.key)}", build)
    kinds = [*own, i.due_date, i.completed_at, i.reason, *_around(t, p), c.name]
    return [("item", *row) for row in decoded(ctx, kinds, found)]


async def _my_steps(ctx: Context, show: Show) -> list[Sequence[Any]]:
    """Return the asking person's steps with their task and project; due when the task is."""
    noun = ctx.registry.noun("checklists.step")
    s, tables = noun.table.c, ctx.registry.tables
    t, p = (tables[k].c for k in ("projects.task", "projects.project"))
    columns = [s.id, s.name, s.is_completed, t.due_date, s.completed_at, *_around(t, p)]

    def build() -> sa.Select[Any]:
        """Join along the parents."""
        joined = s.id.table.join(t.id.table, t.id == s.task_id)
        joined = joined.join(p.id.table, p.id == t.project_id)
        live = [one.deleted_at.is_(None) for one in (t, p)]
        chosen = sa.select(*columns).select_from(joined).where(*visible(ctx, noun), *live)
        chosen = chosen.where(s.assignee_id == me_bind())
        if show == "open":
            chosen = chosen.where(s.is_completed == sa.false(), t.status.in_(OPEN))
        elif show == "done":
            chosen = chosen.where(s.is_completed == sa.true())
        order = (s.completed_at.desc(),) if show == "done" else (t.due_date.asc().nulls_last(),)
        return chosen.order_by(*order, s.id).limit(MINE + 1)

    found = await answer(ctx, f"checklists: {show} steps {_seen(ctx, noun.key)}", build)
    return [
        ("step", one, name, "completed" if done else "pending", done, False, due, at, "", *rest, "")
        for one, name, done, due, at, *rest in decoded(ctx, columns, found)
    ]


def _around(t: Any, p: Any) -> list[Any]:
    """Return the columns that say which task and project a line belongs to."""
    return [t.id, t.code, t.title, p.id, p.name, p.color]


class MyClock(Struct, kw_only=True, frozen=True):
    """Your running clock, and the step it runs on."""

    id: int
    step_id: int
    step: str
    task_id: int
    started_at: datetime


async def my_clock(ctx: Context) -> MyClock | None:
    """Return the asking person's running clock."""
    tables = ctx.registry.tables
    t, s = tables["checklists.step_tracker"].c, tables["checklists.step"].c
    columns = [t.id, s.id, s.name, s.task_id, t.started_at]

    def build() -> sa.Select[Any]:
        """Read the one without an end along the index on person and end."""
        chosen = sa.select(*columns).select_from(t.id.table.join(s.id.table, s.id == t.step_id))
        mine = sa.and_(t.user_id == me_bind(), t.ended_at.is_(None), t.deleted_at.is_(None))
        return chosen.where(mine).order_by(t.id.desc()).limit(1)

    found = await answer(ctx, "checklists: my clock", build)
    for row in decoded(ctx, columns, found):
        return MyClock(id=row[0], step_id=row[1], step=row[2], task_id=row[3], started_at=row[4])
    return None
