"""The definition of done: who writes it, who ticks, and what is refused by whatever way."""

import pytest

from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Denied, Invalid, NotFound
from mainstay.kernel.storage.postgres import PostgresConnection
from mainstay.kernel.storage.sqlite import SqliteConnection
from mainstay.modules.scrum.entities import DoneMark


async def defined(stage, *titles, mode="refuse", **more):
    made = [
        await stage.make("done_criterion", project_id=stage.project.id, title=one, **more)
        for one in titles
    ]
    await stage.act(stage.project, "insist", mode=mode)
    return made


async def test_a_task_is_completed_only_with_what_is_required_by_any_way(stage):
    reviewed, tested = await defined(stage, "Reviewed", "Tested")
    await stage.make("done_criterion", project_id=stage.project.id, title="Nice", required=False)
    one, two = await stage.tasks("AB", status="in_progress")
    ways = (
        stage.act(one, "complete", "bob"),
        stage.act(one, "move", "bob", status="done"),
        stage.change(one, "bob", status="done"),
        stage.task("made done", "bob", status="done"),
    )
    for way in ways:
        with pytest.raises(Conflict, match=r"not done by the project's definition: Reviewed; Test"):
            await way
    noun = stage.noun("projects.task")
    both = perform.Bulk(update=[{"id": t.id, "status": "done"} for t in (one, two)])
    with pytest.raises(Conflict, match=r"2 of these tasks .*They miss: Reviewed; Tested"):
        await stage.run("bob", lambda ctx: perform.bulk(ctx, noun, both))
    assert (await stage.fresh(one)).status == "in_progress"
    await stage.act(one, "tick", "bob", criterion_id=reviewed.id)
    with pytest.raises(Conflict, match=r"definition: Tested\."):
        await stage.act(one, "complete", "bob")
    await stage.act(one, "tick", "bob", criterion_id=tested.id)
    await stage.act(one, "complete", "bob")
    # What a done task needs stays ticked until it is reopened; undoing lets everything through.
    completed = stage.last
    with pytest.raises(Conflict, match="Reopen the task first"):
        await stage.act(one, "tick", "bob", criterion_id=tested.id, met=False)
    await stage.undo("bob", completed)
    await stage.act(one, "tick", "bob", criterion_id=tested.id, met=False)
    again = stage.last
    assert (await stage.ask("task_done", "bob", task_id=one.id)).missing == ["Tested"]
    await stage.undo("bob", again)
    assert (await stage.ask("task_done", task_id=one.id)).missing == []


async def test_undoing_a_reopening_completes_a_task_that_misses_a_new_point(stage):
    task = await stage.task(status="done")
    await stage.act(task, "reopen", "bob")
    reopened = stage.last
    await defined(stage, "Reviewed")
    with pytest.raises(Conflict, match="Reviewed"):
        await stage.act(task, "complete", "bob")
    await stage.undo("bob", reopened)
    assert (await stage.fresh(task)).status == "done"


async def test_only_shown_means_nothing_is_refused(stage):
    (point,) = await defined(stage, "Reviewed", mode="show")
    task = await stage.task()
    await stage.act(task, "complete", "bob")
    found = await stage.ask("task_done", "bob", task_id=task.id)
    assert (found.mode, found.met, found.required, found.missing) == ("show", 0, 1, ["Reviewed"])
    await stage.act(task, "tick", "bob", criterion_id=point.id)
    ticked = stage.last
    await stage.act(task, "tick", "bob", criterion_id=point.id)  # twice is once
    (line,) = (await stage.ask("task_done", "bob", task_id=task.id)).lines
    assert (line.met, line.who, line.marked_at) == (True, "Bob Example", stage.clock.now())
    await stage.undo("bob", ticked)
    assert not (await stage.ask("task_done", "bob", task_id=task.id)).lines[0].met
    await stage.act(task, "tick", "bob", criterion_id=point.id)
    marks = await stage.run("", lambda ctx: ctx.all(DoneMark, anywhere=True))
    assert [(one.task_id, one.criterion_id) for one in marks] == [(task.id, point.id)]


async def test_leads_write_it_and_strangers_learn_nothing(stage):
    (point,) = await defined(stage, "Reviewed")
    with pytest.raises(Denied, match="change its definition of done"):
        await stage.make("done_criterion", "bob", project_id=stage.project.id, title="Mine")
    with pytest.raises(Denied, match="change its definition of done"):
        await stage.change(point, "bob", required=False)
    task = await stage.task()
    with pytest.raises(NotFound):
        await stage.ask("task_done", "sam", task_id=task.id)
    with pytest.raises(Denied):
        await stage.act(task, "tick", "cli", criterion_id=point.id)
    noun = stage.noun("projects.project")
    other = await stage.samples.record(noun)
    foreign = await stage.make("done_criterion", "", project_id=other.id, title="Elsewhere")
    with pytest.raises(Invalid, match="criterion of the task's own project"):
        await stage.act(task, "tick", "bob", criterion_id=foreign.id)
    last = await stage.make("done_criterion", project_id=stage.project.id, title="First")
    await stage.act(last, "move", before_id=point.id)
    lines = (await stage.ask("task_done", task_id=task.id)).lines
    assert [one.title for one in lines] == ["First", "Reviewed"]


async def test_statements_do_not_grow_with_tasks_and_cost_nothing_elsewhere(stage, monkeypatch):
    ran = []
    for kind in (SqliteConnection, PostgresConnection):
        for name in ("fetch", "run", "many"):
            plain = getattr(kind, name)

            async def counted(self, sql, *args, plain=plain):
                ran.append(sql)
                return await plain(self, sql, *args)

            monkeypatch.setattr(kind, name, counted)
    noun = stage.noun("projects.task")

    async def completing(letters):
        made = await stage.tasks(letters)
        for task in made:
            for point in points:
                await stage.act(task, "tick", criterion_id=point.id)
        ran.clear()
        both = perform.Bulk(update=[{"id": task.id, "status": "done"} for task in made])
        await stage.run("ann", lambda ctx: perform.bulk(ctx, noun, both))
        return len(ran), [sql for sql in ran if "done_criterion" in sql]

    points = []
    free, asked = await completing("AB")
    assert not asked
    points = await defined(stage, "Reviewed", "Tested")
    few, asked = await completing("CD")
    many, _ = await completing("EFGHIJ")
    assert (few, many, len(asked)) == (free + 1, free + 1, 1)
