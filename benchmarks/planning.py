"""What planning costs: schedules, levelling, templates, and a project of ten thousand tasks."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from decimal import Decimal

from benchmarks.content import Content, bulk, workspace
from benchmarks.pages import Page, cost
from benchmarks.ratios import Place
from benchmarks.results import Result
from benchmarks.start import served
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.projects.entities import Subtask
from mainstay.modules.reference.entities import Term
from mainstay.modules.templates.entities import (
    MilestoneTemplate,
    MilestoneTemplateTask,
    ProjectTemplate,
    ProjectTemplateMilestone,
    TaskTemplate,
)
from mainstay.scheduling import Link, level, schedule_dates

ACTIVITIES, RESOURCES = 5_000, 4
LEVELLED = 120
MILESTONES, EACH = 10, 50
TICKED = 1_000
CHAINS = 20
TIMES = 3


def planning(place: Place, content: Content) -> Iterator[Result]:
    """Measure the algorithms by themselves, then the rooms that use them."""
    if content.engine == "sqlite":
        yield _seconds("schedule 5,000 tasks with 7,400 links", "none", 1.0, _scheduled)
        yield _seconds("level 120 tasks on 4 resources", "none", 2.0, _levelled)
    asyncio.run(_gather(content))
    yield from asyncio.run(_rooms(content))
    with served(place, content) as server:
        server.ready()
        one = content.projects[0]
        for page in (
            Page("project of 10,000 tasks", f"/projects/projects/{one}", rb"<h1", 1, 25.0),
            Page("its tasks", f"/projects/tasks?project_id={one}", rb"<tr[ >]", 50, 15.0),
            Page("its board", _seen(one, "board"), rb"data-record=", 200, 25.0),
            # A thousand bars, as many as the cards of five boards.
            Page("its timeline", _seen(one, "timeline"), rb"tl-row", 50, 125.0),
        ):
            yield cost(server, content, page)


def _seen(project: int, view: str) -> str:
    return f"/projects/tasks?view={view}&project_id={project}&limit=40"


def _seconds(name: str, engine: str, bar: float, work: Callable[[], None]) -> Result:
    """Take the best of a few turns: the others waited for something else."""
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return _result(name, engine, bar, taken)


def _result(name: str, engine: str, bar: float, taken: list[float]) -> Result:
    return Result(
        name=name,
        engine=engine,
        ratio=round(min(taken), 3),
        unit="s",
        bar=bar,
        better="less",
        raw={"seconds": taken},
    )


def _network(size: int, seed: int) -> tuple[dict[int, int], list[Link[int]]]:
    """Return durations and links in which every activity waits for one or two just before it."""
    chance = random.Random(seed)  # noqa: S311 - the same network in every run
    durations = {n: chance.randint(1, 10) for n in range(size)}
    links = []
    for later in range(1, size):
        near = range(max(0, later - 30), later)
        count = min(len(near), 1 + (chance.random() < 0.48))
        links += [Link(earlier, later) for earlier in chance.sample(near, k=count)]
    return durations, links


def _scheduled() -> None:
    durations, links = _network(ACTIVITIES, 1)
    schedule_dates(durations, links, date(2026, 1, 5))


def _levelled() -> None:
    durations, links = _network(LEVELLED, 2)
    chance = random.Random(3)  # noqa: S311 - the same demands in every run
    demands = {n: {r: chance.randint(0, 10) for r in range(RESOURCES)} for n in durations}
    level(durations, links, demands, dict.fromkeys(range(RESOURCES), 20))


async def _gather(content: Content) -> None:
    """Let one project have all tasks, each waiting for the one that lies twenty before it."""
    ws = workspace(content.url)
    await ws.open()
    nouns, tasks, one = ws.registry.nouns, content.tasks, content.projects[0]
    lite = ws.engine.name == "sqlite"
    begins = "date(due_date, '-3 days')" if lite else "due_date - 3"
    link = nouns["projects.task_dependency"]
    try:
        moved = (
            f"UPDATE projects_task SET project_id = {one}, code = 'T-' || id, "
            f"start_date = {begins}, duration_days = 1 + id % 5"
        )
        counted = f"UPDATE projects_project SET task_count = {tasks} WHERE id = {one}"
        await ws.engine.script([moved, counted])
        given = {"task_id": f"n + {CHAINS}", "depends_on_id": "n"}
        await bulk(ws, link, tasks - CHAINS, given)
    finally:
        await ws.close()


async def _rooms(content: Content) -> list[Result]:
    """Measure the schedule, a template of 500 tasks, and a thousand subtasks ticked at once."""
    ws = workspace(content.url)
    await ws.open()
    try:
        one = content.projects[0]
        template = await ws.run(SYSTEM, _template, slow=True)
        ids = await ws.run(SYSTEM, lambda ctx: _subtasks(ctx, content.task_ids[0]), slow=True)
        noun = ws.registry.noun(ProjectTemplate)
        use = next(verb for verb in noun.resource.actions if verb.name == "instantiate")

        async def answered(_: int) -> None:
            """Ask for the schedule."""
            await ws.ask_question(SYSTEM, "planning.schedule", {"project_id": one})

        async def started(_: int) -> None:
            """Start a project from the template."""
            said = {"name": "Harbour again"}
            await ws.run(SYSTEM, lambda ctx: perform.act(ctx, noun, use, template, said))

        async def ticked(turn: int) -> None:
            """Tick all subtasks, or untick them again."""
            changes = [{"id": i, "completed": turn % 2 == 0} for i in ids]
            wanted = perform.Bulk(update=changes)
            subtask = ws.registry.noun(Subtask)
            await ws.run(SYSTEM, lambda ctx: perform.bulk(ctx, subtask, wanted))

        named: tuple[tuple[str, float, Callable[[int], Awaitable[None]]], ...] = (
            ("schedule a project of 10,000 tasks", 2.0, answered),
            ("start a project of 500 tasks from its template", 1.0, started),
            ("tick 1,000 subtasks in one bulk edit", 1.0, ticked),
        )
        return [
            _result(name, content.engine, bar, [await _taken(work, turn) for turn in range(TIMES)])
            for name, bar, work in named
        ]
    finally:
        await ws.close()


async def _taken(work: Callable[[int], Awaitable[None]], turn: int) -> float:
    began = time.perf_counter()
    await work(turn)
    return time.perf_counter() - began


async def _template(ctx: Context) -> int:
    """Make a published template of ten milestones with fifty tasks each."""
    action, thing = await _word(ctx, "action"), await _word(ctx, "object")
    whole = await ctx.create(ProjectTemplate(name="Harbour"))
    parts = [MilestoneTemplate(name=f"Part {n}", offset_days=n * 10) for n in range(MILESTONES)]
    await ctx.create_many(parts)
    tasks = [
        TaskTemplate(
            name=f"Check berth {n}",
            template_type="task",
            expected_hours=Decimal(8),
            action_id=action,
            object_id=thing,
        )
        for n in range(MILESTONES * EACH)
    ]
    await ctx.create_many(tasks)
    await ctx.create_many(
        [
            ProjectTemplateMilestone(
                project_template_id=whole.id, milestone_template_id=part.id, sort_order=float(n)
            )
            for n, part in enumerate(parts)
        ]
    )
    await ctx.create_many(
        [
            MilestoneTemplateTask(
                milestone_template_id=parts[n // EACH].id,
                task_template_id=task.id,
                task_template_queue=float(n),
            )
            for n, task in enumerate(tasks)
        ]
    )
    return whole.id


async def _word(ctx: Context, kind: str) -> int:
    """Return one of the seeded words of names."""
    word = await ctx.find(Term, kind=kind)
    assert word
    return word.id


async def _subtasks(ctx: Context, task: int) -> list[int]:
    """Give one task a thousand subtasks."""
    made = [Subtask(task_id=task, title=f"Bolt {n}") for n in range(TICKED)]
    await ctx.create_many(made)
    return [one.id for one in made]
