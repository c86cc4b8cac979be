"""Baselines: what a plan was, against what became of it as of any day."""

from datetime import date, timedelta

import pytest

from mainstay.kernel.problems import Denied, Invalid, NotFound
from tests.modules.planning.test_moves import leads, plans, undo_last


async def story(office):
    """A plan of Wednesday 18, taken as a baseline; then a day later things change."""
    ann, bob, vic, sam, project = await office.team()
    spans = {"A": ("23", "24"), "B": ("25", "26"), "C": ("27", "30")}
    tasks = {
        t: await office.dated(
            project,
            ann,
            title=t,
            start_date=f"2026-11-{a}",
            due_date=f"2026-11-{b}",
            estimated_hours="8",
        )
        for t, (a, b) in spans.items()
    }
    base = await office.act(project, "take_baseline", leads(ann), name="Contract")
    office.clock.advance(timedelta(days=1))
    await office.update(tasks["A"], ann, due_date="2026-11-26")
    await office.update(tasks["B"], ann, start_date="2026-11-24", estimated_hours="20")
    office.clock.advance(timedelta(days=1))
    await office.delete(tasks["C"], ann)
    added = await office.dated(project, ann, title="D", due_date="2026-12-03")
    office.clock.advance(timedelta(days=7))
    await office.act(tasks["B"], "complete", ann)
    return (ann, bob, vic, sam), project, tasks | {"D": added}, base


def told(answer):
    return {one.title: (one.fate, one.start_variance, one.finish_variance) for one in answer.tasks}


async def test_the_past_of_a_plan_is_compared_on_any_day(office):
    (ann, *_), _project, _tasks, base = await story(office)
    me = plans(ann)
    seen = {
        day: await office.plan("compared", me, baseline_id=base.id, as_of=f"2026-11-{day}")
        for day in (18, 19, 20, 27)
    }
    assert told(seen[18]) == dict.fromkeys("ABC", ("kept", 0, 0))
    assert (seen[18].planned_end, seen[18].end, seen[18].end_variance) == (
        date(2026, 11, 30),
        date(2026, 11, 30),
        0,
    )
    # A ends on Th 26 for Tu 24: two days later; B begins on Tu 24 for We 25: a day earlier.
    assert told(seen[19]) == {"A": ("kept", 0, 2), "B": ("kept", -1, 0), "C": ("kept", 0, 0)}
    assert (seen[19].planned_hours, seen[19].hours) == (24, 36)
    # C is dropped, D is new and ends on Th 3 December, three working days after Mo 30.
    assert told(seen[20]) == {
        "A": ("kept", 0, 2),
        "B": ("kept", -1, 0),
        "C": ("removed", None, None),
        "D": ("added", None, None),
    }
    assert (seen[20].end_variance, seen[20].kept, seen[20].added, seen[20].removed) == (3, 2, 1, 1)
    # B was done on Fr 27 for Th 26.
    assert told(seen[27])["B"] == ("kept", -1, 1)
    assert (seen[27].later, seen[27].earlier, seen[27].on_time) == (2, 0, 0)
    with pytest.raises(Invalid, match="must not be after today"):
        await office.plan("compared", me, baseline_id=base.id, as_of="2026-11-28")


async def test_who_takes_sees_and_changes_baselines(office):
    (ann, bob, vic, sam), project, _tasks, base = await story(office)
    assert (base.task_count, base.planned_end, base.taken_by) == (3, date(2026, 11, 30), ann.id)
    for me in (bob, vic):
        with pytest.raises(Denied, match="Only owners and admins"):
            await office.act(project, "take_baseline", plans(me))
        with pytest.raises(Denied, match=r"Only owners and admins|as viewer"):
            await office.update(base, plans(me), name="Mine")
        assert (await office.plan("compared", plans(me), baseline_id=base.id)).kept == 2
    with pytest.raises(NotFound):
        await office.plan("compared", plans(sam), baseline_id=base.id)
    with pytest.raises(Invalid, match="project_id"):
        await office.create("planning.baseline", plans(sam), project_id=project.id, name="X")
    made = await office.create("planning.baseline", leads(ann), project_id=project.id, name="Now")
    assert made.task_count == 3
    rows = await office.ws.page(plans(bob), "planning.baseline_task", baseline_id=made.id)
    assert len(rows.items) == 3
    assert not (await office.ws.page(plans(sam), "planning.baseline_task")).items
    await undo_last(office, leads(ann))
    rows = await office.ws.page(plans(bob), "planning.baseline_task", baseline_id=made.id)
    assert not rows.items


async def test_a_baseline_is_a_few_statements_however_many_tasks(office):
    project = await office.create("project", name="Large")
    engine = office.ws.engine
    if engine.name != "sqlite":
        return
    for _round in range(2):
        for _n in range(5):
            await office.dated(project, title="T")
        seen: list[str] = []
        engine._writer.raw.set_trace_callback(seen.append)
        await office.act(project, "take_baseline", name="B")
        engine._writer.raw.set_trace_callback(None)
        assert sum("INSERT INTO planning_baseline_task" in sql for sql in seen) == 1
        assert sum("FROM projects_task" in sql for sql in seen) == 2
