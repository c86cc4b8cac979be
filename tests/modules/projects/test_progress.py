"""Progress up the tree: exact after any history, on both engines, and never dear."""

import asyncio
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Invalid, Problem
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.projects import rules
from mainstay.modules.projects.totals.recount import recount_once

D = Decimal
STATUSES = ("backlog", "todo", "in_progress", "review", "blocked", "done", "cancelled")
LINKS = (
    "finish_to_start",
    "start_to_start",
    "finish_to_finish",
    "start_to_finish",
    "relates_to",
)


@pytest.mark.parametrize(
    ("status", "hours", "subtasks", "parts", "units"),
    [
        ("todo", (None, D(0)), (0, 0), (0, 0), 0),
        ("review", (None, D(0)), (0, 0), (0, 0), 5000),
        ("todo", (D(8), D("2.75")), (0, 0), (0, 0), 3438),  # 0.34375
        ("in_progress", (D(2), D(9)), (0, 0), (0, 0), 10000),
        ("done", (D(8), D(0)), (3, 0), (2, 0), 10000),
        # Subtasks and parts say it as soon as there are any, whatever was worked.
        ("in_progress", (D(8), D(8)), (3, 1), (0, 0), 3333),
        ("todo", (None, D(0)), (3, 2), (0, 0), 6667),
        ("todo", (None, D(0)), (1, 1), (2, 5000), 5000),  # (10000 + 5000) / 3
        ("blocked", (None, D(0)), (0, 0), (4, 10002), 2501),  # 2500.5, halves up
        ("cancelled", (None, D(0)), (2, 1), (0, 0), 5000),
    ],
)
def test_how_far_a_task_is(status, hours, subtasks, parts, units):
    assert rules.task_units(status, hours, subtasks, parts) == units


@pytest.mark.parametrize(
    ("status", "units", "count", "progress"),
    [
        ("active", 0, 0, 0.0),
        ("active", 15000, 3, 0.5),
        ("active", 10000, 3, 10000 / 30000),
        ("completed", 15000, 3, 1.0),
        ("cancelled", 30000, 3, 1.0),
    ],
)
def test_how_far_a_project_is(status, units, count, progress):
    assert rules.project_progress(status, units, count) == progress


class Kept:
    """All that is kept of a project's tree, and the same worked out anew from the records."""

    def __init__(self, rows: dict[str, list[Any]]) -> None:
        self.tasks = {row.id: row for row in rows["projects.task"]}
        self.steps = [row for row in rows["projects.subtask"] if row.deleted_at is None]
        links = [row for row in rows["projects.task_dependency"] if row.deleted_at is None]
        self.links = [link for link in links if link.type != "relates_to"]
        self.milestones = rows["milestones.milestone"]
        (self.project,) = rows["projects.project"]
        self.known: dict[int, int] = {}
        counting = [t for t in self.tasks.values() if not t.deleted_at and t.status != "cancelled"]
        self.parts = gathered(counting, "parent_id")
        self.reaching = gathered(counting, "milestone_id")
        self.own_steps = gathered(self.steps, "task_id")
        self.waits = gathered(self.links, "task_id")
        self.waited = gathered(self.links, "depends_on_id")

    def units(self, task: Any) -> int:
        """Work out how far a task is, its parts first."""
        if task.id not in self.known:
            self.known[task.id] = self._units(task)
        return self.known[task.id]

    def _units(self, task: Any) -> int:
        own, parts = self.own_steps.get(task.id, []), self.parts.get(task.id, [])
        if task.status == "done":
            return 10000
        if own or parts:
            made = sum(step.completed for step in own) * 10000 + sum(map(self.units, parts))
            return floor(Fraction(made, len(own) + len(parts)) + Fraction(1, 2))
        if task.estimated_hours:
            share = min(D(1), task.actual_hours / task.estimated_hours)
            return int(share.quantize(D("0.0001"), ROUND_HALF_EVEN) * 10000)
        return 5000 if task.status in ("in_progress", "review", "testing") else 0

    def holds(self, link: Any) -> bool:
        """Say whether a link holds its later task's start now."""
        earlier = self.tasks[link.depends_on_id]
        if earlier.deleted_at is not None or earlier.status in ("done", "cancelled"):
            return False
        if link.type == "start_to_start":
            return earlier.status in ("backlog", "todo", "blocked")
        return link.type == "finish_to_start"

    def of_task(self, task: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what is kept of a task, and what should be."""
        own, parts = self.own_steps.get(task.id, []), self.parts.get(task.id, [])
        anew = {
            "subtask_count": len(own),
            "subtask_done": sum(step.completed for step in own),
            "part_count": len(parts),
            "part_units": sum(map(self.units, parts)),
            "progress": self.units(task) / 10000,
            "blocker_count": sum(map(self.holds, self.waits.get(task.id, []))),
            "waiter_count": len(self.waited.get(task.id, [])),
        }
        return {name: getattr(task, name) for name in anew}, anew

    def of_project(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what is kept of the project, and what should be."""
        live = [task for task in self.tasks.values() if task.deleted_at is None]
        top = self.parts.get(None, [])
        units = sum(map(self.units, top))
        mean = units / (10000 * len(top)) if top else 0.0
        anew = {
            "task_count": len(live),
            "done_count": sum(task.status == "done" for task in live),
            "part_count": len(top),
            "progress_units": units,
            "progress": 1.0 if self.project.status == "completed" else mean,
        }
        return {name: getattr(self.project, name) for name in anew}, anew

    def of_milestone(self, milestone: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what is kept of a milestone, and what should be."""
        own = self.reaching.get(milestone.id, [])
        units = sum(map(self.units, own))
        anew = {
            "task_count": len(own),
            "done_count": sum(task.status == "done" for task in own),
            "progress_units": units,
            "progress": units / (10000 * len(own)) if own else 0.0,
        }
        return {name: getattr(milestone, name) for name in anew}, anew


def gathered(rows: list[Any], name: str) -> dict[Any, list[Any]]:
    """Return rows by the record that they belong to."""
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, name), []).append(row)
    return found


async def whole(workspace: Any, project: Any) -> None:
    """Fail unless everything that is kept of a project is as it should be."""

    async def read(ctx: Any) -> dict[str, list[Any]]:
        rows: dict[str, list[Any]] = {}
        mine = {"project_id": project.id}
        via = {"task_id.project_id": project.id}
        for key, where in (
            ("projects.project", {"id": project.id}),
            ("projects.task", mine),
            ("projects.subtask", via),
            ("projects.task_dependency", via),
            ("milestones.milestone", mine),
        ):
            noun = ctx.registry.noun(key)
            found = await ctx.all(noun.entity, deleted="with", sort="id", **where)
            rows[key] = found
        return rows

    kept = Kept(await workspace.ws.run(SYSTEM, read))
    for task in kept.tasks.values():
        assert kept.of_task(task)[0] == kept.of_task(task)[1], task.title
    assert kept.of_project()[0] == kept.of_project()[1]
    for milestone in kept.milestones:
        assert kept.of_milestone(milestone)[0] == kept.of_milestone(milestone)[1]


CHOICE = st.integers(0, 11)
EDIT = st.one_of(
    st.tuples(st.just("status"), st.sampled_from(STATUSES)),
    st.tuples(st.just("parent_id"), st.none() | CHOICE),
    st.tuples(st.just("milestone_id"), st.none() | st.integers(0, 1)),
    st.tuples(st.just("estimated_hours"), st.sampled_from((None, "1", "3", "8"))),
    st.tuples(st.just("title"), st.just("Other words")),
)
STEP = st.one_of(
    st.tuples(st.just("task"), st.lists(EDIT, max_size=3)),
    st.tuples(st.just("edit"), CHOICE, EDIT),
    st.tuples(st.just("edits"), st.lists(st.tuples(CHOICE, EDIT), min_size=2, max_size=6)),
    st.tuples(st.just("subtask"), CHOICE, st.booleans()),
    st.tuples(st.just("tick"), CHOICE, st.booleans()),
    st.tuples(st.just("ticks"), st.lists(st.tuples(CHOICE, st.booleans()), max_size=6)),
    st.tuples(st.just("time"), CHOICE, st.sampled_from(("0.5", "1.25", "4"))),
    st.tuples(st.just("link"), CHOICE, CHOICE, st.sampled_from(LINKS)),
    st.tuples(st.just("bin"), st.sampled_from(("task", "subtask", "link")), CHOICE),
    st.tuples(st.just("restore"), st.sampled_from(("task", "subtask", "link")), CHOICE),
    st.tuples(st.just("undo"), st.integers(0, 5)),
    st.tuples(st.just("stage"), st.sampled_from(("complete", "reopen", "start"))),
)


class History:
    """A project that lives through random steps; those that are refused change nothing."""

    def __init__(self, workspace: Any, project: Any, milestones: list[Any]) -> None:
        self.house, self.project, self.milestones = workspace, project, milestones
        self.made: dict[str, list[Any]] = {"task": [], "subtask": [], "link": []}
        self.done: list[int] = []

    def one(self, kind: str, choice: int) -> Any:
        own = self.made[kind]
        return own[choice % len(own)] if own else None

    def values(self, name: str, value: Any) -> dict[str, Any]:
        if name == "parent_id" and value is not None:
            parent = self.one("task", value)
            return {name: parent.id if parent else None}
        if name == "milestone_id" and value is not None:
            return {name: self.milestones[value].id}
        return {name: value}

    async def run(self, key: str, work: Any) -> Any:
        noun = self.house.ws.registry.noun(key)

        async def unit(ctx: Any) -> Any:
            return await work(ctx, noun), ctx.change_set

        try:
            made, change_set = await self.house.ws.run(SYSTEM, unit)
        except Problem:
            return None
        self.done.append(change_set)
        return made

    async def create(self, kind: str, key: str, data: dict[str, Any]) -> None:
        made = await self.run(key, lambda ctx, noun: perform.create(ctx, noun, data))
        if made is not None:
            self.made[kind].append(made)

    async def bulk(self, key: str, rows: list[dict[str, Any]]) -> None:
        wanted = perform.Bulk(update=rows)
        await self.run(key, lambda ctx, noun: perform.bulk(ctx, noun, wanted))

    async def take(self, step: tuple[Any, ...]) -> None:
        name, *rest = step
        await getattr(self, name)(*rest)

    async def task(self, edits: list[tuple[str, Any]]) -> None:
        data = {"project_id": self.project.id, "title": f"T{len(self.made['task'])}"}
        for name, value in edits:
            data |= self.values(name, value)
        await self.create("task", "projects.task", data)

    async def edit(self, choice: int, edit: tuple[str, Any]) -> None:
        if task := self.one("task", choice):
            data = self.values(*edit)
            await self.run(
                "projects.task", lambda ctx, noun: perform.update(ctx, noun, task.id, data)
            )

    async def edits(self, pairs: list[tuple[int, tuple[str, Any]]]) -> None:
        if self.made["task"]:
            rows = [{"id": self.one("task", n).id} | self.values(*edit) for n, edit in pairs]
            await self.bulk("projects.task", rows)

    async def subtask(self, choice: int, completed: bool) -> None:
        if task := self.one("task", choice):
            data = {"task_id": task.id, "title": "S", "completed": completed}
            await self.create("subtask", "projects.subtask", data)

    async def tick(self, choice: int, completed: bool) -> None:
        await self.ticks([(choice, completed)])

    async def ticks(self, pairs: list[tuple[int, bool]]) -> None:
        if self.made["subtask"]:
            rows = [{"id": self.one("subtask", n).id, "completed": done} for n, done in pairs]
            await self.bulk("projects.subtask", rows)

    async def time(self, choice: int, hours: str) -> None:
        if task := self.one("task", choice):
            user = next(iter(self.house.people.values()))
            data = {"task_id": task.id, "user_id": user.id, "hours": hours}
            await self.create("time", "projects.time_entry", data)

    async def link(self, later: int, earlier: int, kind: str) -> None:
        if self.made["task"]:
            ends = (self.one("task", later).id, self.one("task", earlier).id)
            data = {"task_id": ends[0], "depends_on_id": ends[1], "type": kind}
            await self.create("link", "projects.task_dependency", data)

    async def bin(self, kind: str, choice: int) -> None:
        if one := self.one(kind, choice):
            key = "projects.task_dependency" if kind == "link" else f"projects.{kind}"
            await self.run(key, lambda ctx, noun: perform.delete(ctx, noun, one.id))

    async def restore(self, kind: str, choice: int) -> None:
        if one := self.one(kind, choice):
            key = "projects.task_dependency" if kind == "link" else f"projects.{kind}"
            await self.run(key, lambda ctx, noun: perform.restore(ctx, noun, one.id))

    async def undo(self, back: int) -> None:
        if len(self.done) > back:
            try:
                await self.house.ws.undo(SYSTEM, self.done[-1 - back])
            except Problem:
                return

    async def stage(self, verb: str) -> None:
        action = self.house.ws.registry.noun("projects.project").actions[verb]
        await self.run(
            "projects.project",
            lambda ctx, noun: perform.act(ctx, noun, action, self.project.id, {}),
        )


async def begin(workspace: Any) -> History:
    ann = workspace.people.get("Ann") or await workspace.person("Ann")
    project = await workspace.create("project", name="Any", owner_id=ann.id)
    milestones = [
        await workspace.create(
            "milestones.milestone", project_id=project.id, name=f"M{n}", due_date="2027-01-01"
        )
        for n in range(2)
    ]
    history = History(workspace, project, milestones)
    history.made["time"] = []
    for _ in range(3):
        await history.task([])
    return history


@settings(max_examples=40)
@given(steps=st.lists(STEP, min_size=5, max_size=30))
async def test_what_is_kept_equals_what_the_records_say(workspace, steps):
    history = await begin(workspace)
    for step in steps:
        await history.take(step)
    await whole(workspace, history.project)


async def test_progress_reaches_the_project_through_every_level(workspace):
    history = await begin(workspace)
    house, project = workspace, history.project
    top, other, _third = history.made["task"]
    part = await house.create("task", project_id=project.id, title="Part", parent_id=top.id)
    leaf = await house.create(
        "task",
        project_id=project.id,
        title="Leaf",
        parent_id=part.id,
        milestone_id=history.milestones[0].id,
    )
    steps = [await house.create("subtask", task_id=leaf.id, title=str(n)) for n in range(4)]
    await house.act(steps[0], "complete")
    seen = [(await house.fresh(one)).progress for one in (leaf, part, top)]
    assert seen == [0.25, 0.25, 0.25]
    milestone = await house.fresh(history.milestones[0])
    assert (milestone.progress, milestone.task_count, milestone.version) == (0.25, 1, 1)
    kept = await house.fresh(project)
    assert (kept.progress, kept.part_count, kept.version) == (2500 / 30000, 3, 1)
    # A second part of the same task, not begun: (2500 + 0) / 2.
    await house.create("task", project_id=project.id, title="Second", parent_id=top.id)
    assert (await house.fresh(top)).progress == 0.125
    assert (await house.fresh(top)).version == 1
    await house.update(part, parent_id=other.id, milestone_id=history.milestones[1].id)
    assert (await house.fresh(top)).progress == 0.0
    assert (await house.fresh(other)).progress == 0.25
    await house.act(await house.fresh(leaf), "complete")
    assert (await house.fresh(other)).progress == 1.0
    assert (await house.fresh(project)).progress == 10000 / 30000
    assert (await house.fresh(history.milestones[1])).progress == 1.0
    await whole(workspace, project)


async def test_concurrent_changes_add_up(workspace):
    history = await begin(workspace)
    house, project = workspace, history.project
    top = history.made["task"][0]
    parts = [
        await house.create("task", project_id=project.id, title=f"P{n}", parent_id=top.id)
        for n in range(4)
    ]
    steps = [
        await house.create("subtask", task_id=part.id, title=str(n))
        for part in parts
        for n in range(4)
    ]
    await asyncio.gather(
        *(house.act(step, "complete") for step in steps[:-3]),
        *(house.update(part, title="Other words") for part in parts),
        house.update(parts[3], parent_id=history.made["task"][1].id),
        house.delete(parts[0]),
    )
    await whole(workspace, project)


async def grown(workspace: Any, me: Any, count: int, *, project: Any) -> tuple[list[Any], Any]:
    """Return that many subtasks spread over twenty tasks of four parents, and one milestone."""
    noun = workspace.ws.registry.noun("projects.task")
    kind = workspace.ws.registry.noun("projects.subtask").entity
    milestone = await workspace.create(
        "milestones.milestone", project_id=project.id, name="M", due_date="2027-01-01"
    )

    async def plant(ctx: Any) -> list[Any]:
        tops = [noun.entity(project_id=project.id, title=f"A{n}", code=f"A{n}") for n in range(4)]
        await ctx.create_many(tops)
        tasks = [
            noun.entity(
                project_id=project.id,
                title=f"B{n}",
                code=f"B{n}",
                parent_id=tops[n % 4].id,
                milestone_id=milestone.id,
            )
            for n in range(20)
        ]
        await ctx.create_many(tasks)
        steps = [kind(task_id=tasks[n % 20].id, title=f"S{n}") for n in range(count)]
        await ctx.create_many(steps)
        return steps

    return await workspace.ws.run(me, plant), milestone


async def test_a_bulk_edit_costs_the_same_for_a_hundred_and_for_a_thousand(workspace, counted):
    ann, bob, *_ = await workspace.team()
    noun = workspace.ws.registry.noun("projects.subtask")
    costs = []
    for count in (100, 1000):
        project = await workspace.create("project", ann, name=f"P{count}")
        await workspace.act(project, "add_member", ann, user_id=bob.id)
        steps, milestone = await grown(workspace, ann, count, project=project)
        rows = [
            {"id": step.id, "completed": True, "assignee_id": (ann, bob)[n % 2].id}
            for n, step in enumerate(steps[: count - 10])
        ]
        counted.clear()
        await workspace.ws.run(
            bob, lambda ctx, r=rows: perform.bulk(ctx, noun, perform.Bulk(update=r))
        )
        costs.append(list(counted))
        done = (count - 10) / count
        assert (await workspace.fresh(project)).progress == pytest.approx(done, abs=0.01)
        assert (await workspace.fresh(milestone)).progress == pytest.approx(done, abs=0.01)
        await whole(workspace, project)
    assert len(costs[0]) == len(costs[1]), [a for a, b in zip(*costs, strict=False) if a != b]
    # records, people, subtasks, standing, tasks, parents, projects, milestones, log …
    assert len(costs[0]) <= 16, costs[0]


async def test_many_tasks_change_their_status_in_as_few_statements(workspace, counted):
    ann, *_ = await workspace.team()
    noun = workspace.ws.registry.noun("projects.task")
    costs = []
    for count in (100, 1000):
        project = await workspace.create("project", ann, name=f"P{count}")
        made = [
            noun.entity(project_id=project.id, title=f"T{n}", code=f"T{n}") for n in range(count)
        ]
        await workspace.ws.run(ann, lambda ctx, m=made: ctx.create_many(m))
        rows = [{"id": task.id, "status": "in_progress", "assignee_id": ann.id} for task in made]
        counted.clear()
        await workspace.ws.run(
            ann, lambda ctx, r=rows: perform.bulk(ctx, noun, perform.Bulk(update=r))
        )
        costs.append(len(counted))
        kept = await workspace.fresh(project)
        assert (kept.progress, kept.task_count) == (0.5, count)
        places = [task.sort_order for task in await listed(workspace, project)]
        assert len(set(places)) == count
        await whole(workspace, project)
    assert costs[0] == costs[1] <= 12, costs


async def listed(workspace: Any, project: Any) -> list[Any]:
    noun = workspace.ws.registry.noun("projects.task")
    return await workspace.ws.run(
        SYSTEM, lambda ctx: ctx.all(noun.entity, project_id=project.id, sort="id")
    )


async def test_a_plain_task_costs_no_more_than_it_did(workspace, counted):
    ann, *_, project = await workspace.team()
    task = await workspace.create("task", ann, project_id=project.id, title="Warm")
    await workspace.update(task, ann, status="in_progress")
    counted.clear()
    task = await workspace.create("task", ann, project_id=project.id, title="X")
    created = list(counted)
    counted.clear()
    await workspace.update(task, ann, title="Y")
    titled = list(counted)
    counted.clear()
    await workspace.update(task, ann, status="in_progress")
    moved = list(counted)
    # references, standing, number, place, insert, project, still seen, log
    assert len(created) <= 8, created
    # task, standing, update, log
    assert len(titled) <= 4, titled
    # task, standing, place, update, project, log
    assert len(moved) <= 6, moved


async def test_a_goal_and_a_milestone_are_of_the_tasks_own_project(workspace):
    ann, *_, project = await workspace.team()
    other = await workspace.create("project", ann, name="Other")
    task = await workspace.create("task", ann, project_id=project.id, title="X")
    foreign = {
        "milestone_id": await workspace.create(
            "milestones.milestone", project_id=other.id, name="M", due_date="2027-01-01"
        ),
        "goal_id": await workspace.create("charter.goal", project_id=other.id, title="G"),
    }
    for name, record in foreign.items():
        with pytest.raises(Invalid, match="own project") as refusal:
            await workspace.update(task, **{name: record.id})
        assert refusal.value.errors[0].field == name


async def test_a_part_comes_back_below_what_is_still_there(workspace):
    history = await begin(workspace)
    house, project = workspace, history.project
    top = history.made["task"][0]
    middle = await house.create("task", project_id=project.id, title="M", parent_id=top.id)
    leaf = await house.create("task", project_id=project.id, title="L", parent_id=middle.id)
    await house.delete(leaf)
    await house.delete(middle)
    await house.restore(leaf)
    assert (await house.fresh(leaf)).parent_id == top.id
    await whole(workspace, project)


async def test_an_undone_move_closes_no_circle_of_parts(workspace):
    history = await begin(workspace)
    house, (one, two, _) = workspace, history.made["task"]
    await history.edit(0, ("parent_id", 1))
    under = history.done[-1]
    await house.update(one, parent_id=None)
    await house.update(two, parent_id=one.id)
    with pytest.raises((Conflict, Invalid)):
        await house.ws.undo(SYSTEM, await change_before(house, one, under))
    await whole(workspace, history.project)


async def change_before(house: Any, task: Any, first: int) -> int:
    """Return the change set that took a task away from its parent."""
    noun = house.ws.registry.noun("projects.task")
    entries = await house.ws.look(
        SYSTEM, lambda ctx: house.ws.log.history(ctx.connection, noun, task.id)
    )
    return next(e.change_set for e in entries if e.change_set != first and "parent_id" in e.after)


async def test_a_database_from_before_is_counted_once(workspace):
    history = await begin(workspace)
    house, project = workspace, history.project
    top, other, third = history.made["task"]
    part = await house.create("task", project_id=project.id, title="P", parent_id=top.id)
    step = await house.create("subtask", task_id=part.id, title="S")
    await house.create("subtask", task_id=part.id, title="T")
    await house.act(step, "complete")
    await house.act(other, "start")
    await history.link(0, 2, "finish_to_start")

    async def forget(connection: Any) -> None:
        await connection.run("UPDATE projects_task SET part_count = 0, part_units = 0")
        await connection.run("UPDATE projects_task SET progress = 0, blocker_count = 0")
        await connection.run("UPDATE projects_task SET waiter_count = 0")
        await connection.run("UPDATE projects_project SET part_count = 0, progress_units = 0")
        await connection.run("UPDATE projects_project SET progress = 0.75")

    await house.ws.engine.write(forget)
    await house.ws.run(SYSTEM, lambda ctx: recount_once(ctx, {}))
    await whole(workspace, project)
    assert (await house.fresh(third)).waiter_count == 1
    await house.ws.engine.write(forget)
    await house.ws.run(SYSTEM, lambda ctx: recount_once(ctx, {}))
    assert (await house.fresh(project)).progress == 0.75
