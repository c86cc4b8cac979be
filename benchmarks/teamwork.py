"""What sprints, issues and teams cost: a long backlog, a long history, many issues and people."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.content import Content, bulk, workspace
from benchmarks.pages import Page, cost
from benchmarks.ratios import Place
from benchmarks.results import Result
from benchmarks.start import served
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity.entities import Team, TeamMember
from mainstay.modules.scrum.entities import Sprint

ROUNDS, IN_SPRINT, PEOPLE = 9, 200, 200
ISSUES = 100_000
TIMES = 3
WORDS = ("login", "export", "invoice", "inverter", "battery", "photo", "reader", "portal")
Asked = tuple[str, float, str, dict[str, Any]]


def teamwork(place: Place, content: Content) -> Iterator[Result]:
    """Measure the questions by themselves, then the pages that show them."""
    sprint = asyncio.run(_fill(content))
    yield from asyncio.run(_questions(content, sprint))
    with served(place, content) as server:
        server.ready()
        one = content.projects[0]
        for page in (
            Page("backlog of 10,000", f"/projects/projects/{one}/backlog", rb"data-id=", 100, 60.0),
            Page("above a sprint's board", f"/scrum/sprints/{sprint}/board", rb"sb-board", 1, 60.0),
            Page("triage of 10,000 issues", "/issues/triage", rb"<h1", 1, 60.0),
        ):
            yield cost(server, content, page)


async def _fill(content: Content) -> int:
    """Put all tasks into one project, with a sprint, nine changes each in the log, and issues."""
    ws = workspace(content.url)
    await ws.open()
    try:
        one, tasks = content.projects[0], content.tasks
        await ws.engine.script(
            [
                f"UPDATE projects_task SET project_id = {one}, code = 'T-' || id, story_points = 3",
                f"UPDATE projects_project SET task_count = {tasks} WHERE id = {one}",
            ]
        )
        await ws.run(SYSTEM, lambda ctx: _teams(ctx, content.caller))
        await ws.engine.script(_given(content.caller))
        sprint = await ws.run(SYSTEM, lambda ctx: _sprint(ctx, one, content.task_ids))
        await ws.run(SYSTEM, lambda ctx: _history(ctx, tasks), slow=True)
        await _issues(ws, one)
    finally:
        await ws.close()
    return sprint


async def _teams(ctx: Context, first: int) -> None:
    """Let two hundred people be in two teams."""
    teams = [Team(name=f"Crew {n}") for n in range(2)]
    await ctx.create_many(teams)
    await ctx.create_many(
        [TeamMember(team_id=teams[n % 2].id, user_id=first + n) for n in range(PEOPLE)]
    )


def _given(first: int) -> list[str]:
    """Return the statements that share all tasks out among these people, eight hours each."""
    who, link = f"{first} + id % {PEOPLE}", "projects_task_assignees"
    return [
        f"UPDATE projects_task SET assignee_id = {who}, estimated_hours = 8",
        f"DELETE FROM {link}",
        (
            f"INSERT INTO {link} (owner_id, target_id, position)"
            f" SELECT id, {who}, 0 FROM projects_task"
        ),
    ]


async def _sprint(ctx: Context, project: int, tasks: tuple[int, ...]) -> int:
    """Start a sprint of two weeks with two hundred tasks that are to do."""
    noun = ctx.registry.noun(Sprint)
    first, last = ctx.today, ctx.today + timedelta(days=13)
    given = {"project_id": project, "start_date": str(first), "end_date": str(last)}
    made = await perform.create(ctx, noun, given)
    task = ctx.registry.nouns["projects.task"]
    open_ = await ctx.all(task.entity, anywhere=True, status="todo", limit=IN_SPRINT, sort="id")
    for one in open_:
        one.sprint_id = made.id  # type: ignore[attr-defined]
    await ctx.flush("update")
    await perform.act(ctx, noun, noun.actions["start"], made.id, {})
    return made.id


async def _history(ctx: Context, tasks: int) -> None:
    """Let each task go to and fro in the log, one change a day; it ends where it stands."""
    log = ctx.workspace.log
    start = datetime.now(UTC) - timedelta(days=ROUNDS + 1)
    before, after = {"status": "todo"}, {"status": "in_progress"}
    for turn in range(ROUNDS):
        seen, then = (before, after) if turn % 2 == 0 else (after, before)
        known = {"offset": 0, "actor_id": None, "actor": "Bench", "entity": "projects.task"}
        known |= {"verb": "update", "version": turn + 2, "events": None}
        known |= {"at": start + timedelta(days=turn), "change_set": turn + 1}
        rows = [
            log._insert.bind(known | {"record_id": one, "before": seen, "after": then})  # noqa: SLF001
            for one in range(1, tasks + 1)
        ]
        await ctx.connection.many(log._insert.sql, rows)  # noqa: SLF001


async def _issues(ws: Workspace, project: int) -> None:
    """Write a hundred thousand issues; one in ten waits for a first look."""
    size = len(WORDS)
    word = " ".join(f"WHEN {n} THEN '{one}'" for n, one in enumerate(WORDS))
    title = " || ' ' || ".join(f"CASE (n / {size**k}) % {size} {word} END" for k in range(4))
    stamp = "'2026-02-01T09:00:00.000000Z'" if ws.engine.name == "sqlite" else "now()"
    given = {
        "project_id": str(project),
        "code": "'ISS-' || n",
        "title": title,
        "triaged_at": f"CASE WHEN n % 10 = 0 THEN NULL ELSE {stamp} END",
        "priority_score": "n % 200",
    }
    await bulk(ws, ws.registry.nouns["issues.issue"], ISSUES, given)
    await ws.engine.script(["ANALYZE"])


async def _questions(content: Content, sprint: int) -> list[Result]:
    ws = workspace(content.url)
    await ws.open()
    one = content.projects[0]
    said = {"title": "The login page of the portal fails", "project_id": one}
    asked: tuple[Asked, ...] = (
        ("burndown beside 100,000 changes", 0.5, "scrum.burndown", {"sprint_id": sprint}),
        (
            "flow of 10,000 tasks, 100,000 changes",
            2.0,
            "scrum.cumulative_flow",
            {"project_id": one},
        ),
        ("cycle times of 10,000 tasks", 2.0, "scrum.cycle_times", {"project_id": one}),
        ("similar among 100,000 issues", 0.15, "issues.similar", said),
        ("workload of 200 people, 10,000 tasks", 2.0, "teams.heat_map", {"weeks": 12}),
    )
    try:
        return [await _timed(ws, *each) for each in asked]
    finally:
        await ws.close()


async def _timed(ws: Workspace, name: str, bar: float, question: str, ask: Any) -> Result:
    """Take the best of a few turns: the others waited for something else."""

    async def answered() -> None:
        """Ask it as the house itself."""
        await ws.ask_question(SYSTEM, question, ask)

    taken = [await _taken(answered) for _ in range(TIMES)]
    return Result(
        name=name,
        engine=ws.engine.name,
        ratio=round(min(taken), 3),
        unit="s",
        bar=bar,
        better="less",
        raw={"seconds": taken},
    )


async def _taken(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began
