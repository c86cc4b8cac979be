"""Steps of tasks, the clocks that run on them, and what comes of a task; on both engines."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from mainstay.kernel.problems import Conflict, Denied, Invalid, NotFound
from mainstay.modules.checklists.entities import StepTracker, TaskResult
from mainstay.modules.projects.entities import Task


async def steps_of(bench, *names, **more):
    return [
        await bench.create("ada", "step", task_id=bench.task, name=name, **more) for name in names
    ]


async def task_of(bench):
    return (await bench.every(Task, id=bench.task))[0]


async def test_steps_count_into_the_progress_of_their_task(bench):
    one, two, *_ = await steps_of(bench, "Dig", "Pour", "Level", "Clean")
    await bench.act("ada", one, "complete")
    ticked = bench.change
    await bench.update("ben", two, is_completed=True)
    task = await task_of(bench)
    assert (task.subtask_count, task.subtask_done) == (4, 2)
    assert task.progress == 0.5  # two of four
    await bench.undo("ada", ticked)
    assert (await task_of(bench)).subtask_done == 1
    await bench.delete("ada", two)
    task = await task_of(bench)
    assert (task.subtask_count, task.subtask_done, task.progress) == (3, 0, 0.0)
    await bench.restore("ada", two)
    assert (await task_of(bench)).subtask_done == 1
    for who in ("vera", "carl"):
        with pytest.raises(Denied):
            await bench.act(who, one, "complete")
    with pytest.raises(NotFound):
        await bench.act("eve", one, "complete")


async def test_steps_stay_in_the_order_that_people_make(bench):
    one, two, three = await steps_of(bench, "Dig", "Pour", "Level")
    await bench.act("ben", three, "move", before_id=one.id)
    await bench.act("ada", one, "move")
    work = await bench.ask("vera", "task_work", task_id=bench.task)
    assert [step.name for step in work.steps] == ["Level", "Pour", "Dig"]
    checklist, (item,) = await bench.checklist("Lock")
    with pytest.raises(Invalid, match="another step of the same list"):
        await bench.act("ada", two, "move", after_id=item.id + 1000)
    other = await bench.create("ada", "projects.task", project_id=bench.project, title="Elsewhere")
    far = await bench.create("ada", "step", task_id=other.id, name="Far")
    with pytest.raises(Invalid, match="step of the same task"):
        await bench.update("ada", checklist, step_id=far.id)


async def test_one_clock_of_a_person_runs_and_what_it_took_adds_up(bench):
    one, two = await steps_of(bench, "Dig", "Pour", hours_planned="2")
    await bench.act("ada", one, "start_clock")
    bench.later(minutes=90)
    await bench.act("ben", one, "start_clock")
    await bench.act("ada", two, "start_clock")
    assert (await bench.fresh(one)).hours_tracked == Decimal("1.50")
    with pytest.raises(Conflict, match="runs on this step already"):
        await bench.act("ada", two, "start_clock")
    with pytest.raises(Conflict, match="does not run on this step"):
        await bench.act("ada", one, "stop_clock")
    bench.later(minutes=45)
    await bench.act("ada", two, "complete")
    assert (await bench.fresh(two)).hours_tracked == Decimal("0.75")
    with pytest.raises(Conflict, match="Reopen it first"):
        await bench.act("ben", two, "start_clock")
    work = await bench.ask("ada", "task_work", task_id=bench.task)
    assert (work.hours_planned, work.hours_tracked) == (Decimal(4), Decimal("2.25"))
    assert [clock.name for clock in work.steps[0].clocks] == ["Ben Example"]
    await bench.act("ben", one, "stop_clock")
    assert (await bench.fresh(one)).hours_tracked == Decimal("2.25")  # 1.5 of ada's, 0.75 of ben's
    stopped = bench.change
    # Taking the stop back lets it run again, unless another one runs by then.
    await bench.undo("ben", stopped)
    assert (await bench.fresh(one)).hours_tracked == Decimal("1.50")
    await bench.act("ben", one, "stop_clock")
    stopped = bench.change
    three = (await steps_of(bench, "Level"))[0]
    await bench.act("ben", three, "start_clock")
    with pytest.raises(Conflict, match="Only one clock"):
        await bench.undo("ben", stopped)


async def test_clocks_started_at_the_same_moment_leave_one_running(bench):
    steps = await steps_of(bench, *"abcdef")
    await asyncio.gather(
        *(bench.act("ada", step, "start_clock") for step in steps), return_exceptions=True
    )
    running = await bench.every(StepTracker, ended_at__isnull=True)
    assert len(running) == 1


async def test_time_is_ones_own_and_makes_sense(bench):
    (step,) = await steps_of(bench, "Dig")
    start = datetime(2026, 11, 17, 8, tzinfo=UTC)
    add = {"step_id": step.id, "started_at": start.isoformat()}
    made = await bench.create(
        "ada", "step_tracker", **add, ended_at=(start + timedelta(hours=2)).isoformat()
    )
    assert (made.user_id, made.total_time) == (bench.people["ada"].id, Decimal("2.00"))
    for hours, field in ((-1, "ended_at"), (30, "ended_at")):
        late = (start + timedelta(hours=hours)).isoformat()
        with pytest.raises(Invalid) as refusal:
            await bench.create("ada", "step_tracker", **add, ended_at=late)
        assert refusal.value.errors[0].field == field
    with pytest.raises(Denied, match="other people's time"):
        await bench.delete("ben", made)
    await bench.update("lead", made, ended_at=(start + timedelta(hours=3)).isoformat())
    assert (await bench.fresh(step)).hours_tracked == Decimal("3.00")
    await bench.delete("ada", made)
    assert (await bench.fresh(step)).hours_tracked == Decimal(0)
    await bench.restore("ada", made)
    with pytest.raises(Invalid, match="cannot be taken away"):
        await bench.update("ada", made, ended_at=None)


async def test_results_fit_and_are_shown_by_what_one_may_see(bench):
    add = {"task_id": bench.task}
    hidden = await bench.create("", "projects.project", name="Hidden")
    made = await bench.create(
        "ada",
        "task_result",
        **add,
        score="17",
        max_score="20",
        performance_metrics={"passing_score": 80},
    )
    assert (made.percent, made.passed, made.user_id) == (85.0, True, bench.people["ada"].id)
    made = await bench.update("ada", made, score="15")
    assert (made.percent, made.passed) == (75.0, False)
    for wrong, field in (
        ({"score": "21", "max_score": "20"}, "score"),
        ({"correct_answers": 9, "total_questions": 8}, "correct_answers"),
        ({"correct_answers": 9}, "total_questions"),
        ({"score": "0", "max_score": "5", "passed": True}, "passed"),
        ({"performance_metrics": {"passing_score": "high"}}, "performance_metrics"),
        ({"result_type": "projects.task"}, "result_id"),
        ({"result_type": "no.such", "result_id": 1}, "result_type"),
        ({"result_type": "projects.task", "result_id": 999_999}, "result_id"),
        ({"result_type": "projects.project", "result_id": hidden.id}, "result_id"),
    ):
        with pytest.raises(Invalid) as refusal:
            await bench.create("ada", "task_result", **add, **wrong)
        assert refusal.value.errors[0].field == field, wrong
    shown = {"result_type": "projects.task", "result_id": bench.task}
    await bench.create("ben", "task_result", **add, **shown, note="As built")
    work = await bench.ask("carl", "task_work", task_id=bench.task)
    assert [result.note for result in work.results] == ["As built", ""]
    with pytest.raises(Denied, match="other people's results"):
        await bench.update("ben", made, note="Better")
    with pytest.raises(Denied, match="other people's results"):
        await bench.create("ben", "task_result", **add, user_id=bench.people["ada"].id)
    with pytest.raises(NotFound):
        await bench.ask("eve", "task_work", task_id=bench.task)


async def test_nobody_writes_a_checklists_result_by_hand(bench):
    checklist, (item,) = await bench.checklist("Lock")
    forged = {"result_type": "checklists.checklist", "result_id": checklist.id}
    with pytest.raises(Conflict, match="come from their items"):
        await bench.create("ada", "task_result", task_id=bench.task, **forged)
    await bench.act("ada", item, "complete")
    (result,) = await bench.every(TaskResult)
    with pytest.raises(Conflict, match="come from their items"):
        await bench.update("ada", result, performance_metrics={})
    with pytest.raises(Conflict, match="come from their items"):
        await bench.delete("ada", result)
    assert (await bench.update("ada", result, note="In the rain")).note == "In the rain"


async def test_what_is_mine_comes_by_task_late_first_and_nothing_of_others(bench):
    ada = bench.people["ada"].id
    _, (_, late) = await bench.checklist("Free", "Late", assignee_id=None)
    await bench.update("ada", late, assignee_id=ada, due_date="2026-11-16")
    other = await bench.create(
        "ada", "projects.task", project_id=bench.project, title="Paint", due_date="2026-11-20"
    )
    step = await bench.create("ada", "step", task_id=other.id, name="Prime", assignee_id=ada)
    mine = await bench.ask("ada", "my_checklists")
    assert (mine.open_count, mine.overdue_count) == (2, 1)
    assert [(one.title, [line.name for line in one.lines]) for one in mine.tasks] == [
        ("Grease the capstan", ["Late"]),
        ("Paint", ["Prime"]),
    ]
    assert mine.tasks[1].lines[0].due_date.isoformat() == "2026-11-20"  # that of its task
    assert (await bench.ask("ben", "my_checklists")).open_count == 0
    await bench.update("ada", late, needs_validation=True)
    await bench.act("ada", late, "complete")
    await bench.act("ada", step, "complete")
    assert (await bench.ask("ada", "my_checklists")).open_count == 0
    done = await bench.ask("ada", "my_checklists", show="done")
    assert sorted(line.name for one in done.tasks for line in one.lines) == ["Late", "Prime"]
    for who, count in (("ada", 0), ("ben", 1), ("vera", 0), ("carl", 0), ("eve", 0), ("lead", 1)):
        waiting = await bench.ask(who, "my_checklists", show="validate")
        assert (waiting.validate_count, len(waiting.tasks)) == (count, count), who
