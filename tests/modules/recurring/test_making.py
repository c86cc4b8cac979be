"""Tasks are made when they are due, once, with the rights of who they are made for."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from mainstay.kernel import perform
from mainstay.kernel.problems import Denied
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.identity.entities import User
from mainstay.modules.projects.api import ProjectMember
from mainstay.modules.recurring import making
from mainstay.modules.recurring.making import make_due
from tests.harness.workspaces import opened


async def test_a_task_is_made_on_its_day_in_the_zone_of_the_series(office):
    series = await office.series(
        assignees=[office.bob.id], priority="high", estimated_hours="2.5", description="Weekly."
    )
    assert (series.next_on, series.make_on) == (date(2026, 11, 19), date(2026, 11, 19))
    await office.round()
    assert await office.tasks() == []
    office.clock.at = datetime(2026, 11, 18, 22, 59, tzinfo=UTC)  # 23:59 in Berlin
    await office.round()
    assert await office.tasks() == []
    office.clock.advance(timedelta(minutes=1))
    for _ in range(3):
        await office.round()
    (task,) = await office.tasks()
    assert (task.code, str(task.due_date), task.priority) == ("TASK-001", "2026-11-19", "high")
    assert (task.assignee_id, task.reporter_id) == (office.bob.id, office.bob.id)
    assert (task.description, float(task.estimated_hours)) == ("Weekly.", 2.5)
    kept = await office.fresh(series)
    assert (kept.next_on, kept.made_count) == (date(2026, 11, 24), 1)
    assert await office.came(series) == [("11-19", "made")]


async def test_two_workers_at_once_make_each_task_once(office, database_url, house, tmp_path):
    for _ in range(6):
        await office.series(starts_on="2026-11-18", rule="FREQ=DAILY")
    other = opened(database_url, house, tmp_path, clock=office.clock)
    await other.open()
    await asyncio.gather(make_due(office.ws, {}), make_due(other, {}), make_due(office.ws, {}))
    await other.close()
    made = await office.tasks()
    assert len(made) == 6
    assert len({task.code for task in made}) == 6


class Died(BaseException):
    """A worker's end in the middle of its work."""


async def test_a_worker_that_dies_leaves_nothing_half_done(office, monkeypatch):
    series = await office.series(rule="FREQ=DAILY", starts_on="2026-11-18")

    real = making.make

    async def dies(ctx, wanted):
        await real(ctx, wanted)
        raise Died

    monkeypatch.setattr(making, "make", dies)
    with pytest.raises(Died):
        await make_due(office.ws, {})
    monkeypatch.undo()
    assert await office.tasks() == []
    assert await office.came(series) == []
    await make_due(office.ws, {})
    assert len(await office.tasks()) == 1


async def test_after_a_long_time_only_the_last_missed_task_is_made(office):
    series = await office.series(starts_on="2026-11-18")
    office.clock.at = datetime(2026, 12, 2, 9, tzinfo=UTC)  # Wednesday, two weeks later
    await office.round()
    assert [str(task.due_date) for task in await office.tasks()] == ["2026-12-01"]
    missed = [("11-19", "missed"), ("11-24", "missed"), ("11-26", "missed")]
    assert await office.came(series) == [*missed, ("12-01", "made")]
    assert (await office.fresh(series)).next_on == date(2026, 12, 3)


async def test_tasks_ahead_are_all_made_and_no_flood_of_them(office):
    series = await office.series(lead_days=8)
    await office.round()
    due = [str(task.due_date)[5:] for task in await office.tasks()]
    assert due == ["11-19", "11-24", "11-26"]
    assert (await office.fresh(series)).make_on == date(2026, 12, 1) - timedelta(days=8)


async def test_a_series_ends_with_its_rule_and_says_so(office):
    series = await office.series(rule="FREQ=DAILY;UNTIL=20261119", starts_on="2026-11-18")
    office.clock.advance(timedelta(days=1))
    await office.round()
    kept = await office.fresh(series)
    assert (kept.status, kept.next_on, kept.reason) == ("ended", None, "Its rule has no more days.")
    # The 18th was missed, as the worker came on the 19th.
    assert await office.came(series) == [("11-18", "missed"), ("11-19", "made")]
    kept = await office.update(kept, rule="FREQ=DAILY;UNTIL=20261125")
    assert (kept.status, kept.next_on) == ("active", date(2026, 11, 20))


async def test_after_completion_the_next_comes_once(office):
    series = await office.series(mode="after_completion", days_after=3, starts_on="2026-11-18")
    await office.round()
    (task,) = await office.tasks()
    assert (await office.fresh(series)).next_on is None
    task = await office.act(await _task(office, task.id), "complete")
    await office.round()
    assert (await office.fresh(series)).next_on == date(2026, 11, 21)
    await office.act(task, "reopen")
    await office.round()
    assert (await office.fresh(series)).next_on is None, "it waits again"
    office.clock.at = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)  # the 20th in Berlin
    await office.act(task, "complete")
    await office.round()
    assert (await office.fresh(series)).next_on == date(2026, 11, 23)
    office.clock.at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    await office.round()
    assert [str(one.due_date) for one in await office.tasks()] == ["2026-11-18", "2026-11-23"]
    # The first is done once more: the second is there already.
    await office.act(task, "reopen")
    await office.act(task, "complete")
    await office.round()
    office.clock.advance(timedelta(days=9))
    await office.round()
    assert len(await office.tasks()) == 2


async def test_after_completion_on_the_same_day_finds_a_day_of_its_own(office):
    series = await office.series(mode="after_completion", days_after=0, starts_on="2026-11-18")
    await office.round()
    (task,) = await office.tasks()
    await office.act(await _task(office, task.id), "complete")
    await office.round()
    assert (await office.fresh(series)).next_on == date(2026, 11, 19)


async def test_a_task_in_the_bin_is_waited_for(office):
    series = await office.series(mode="after_completion", days_after=1, starts_on="2026-11-18")
    await office.round()
    (task,) = await office.tasks()
    noun = office.ws.registry.noun("projects.task")
    await office.act(await _task(office, task.id), "complete")
    await office.ws.run(office.bob, lambda ctx: perform.delete(ctx, noun, task.id))
    office.clock.advance(timedelta(days=2))
    await office.round()
    assert len(await office.came(series)) == 1
    kept = await office.act(await office.fresh(series), "make_now")
    await office.round()
    assert [state for _, state in await office.came(series)] == ["made", "made"]
    assert kept.status == "active"


async def test_a_made_task_that_is_taken_back_stays_away(office):
    series = await office.series(rule="FREQ=DAILY", starts_on="2026-11-18")
    await office.round()
    (task,) = await office.tasks()
    change = await office.last_change("projects.task", task.id)
    await office.ws.undo(office.bob, change)
    kept = await office.fresh(series)
    assert (kept.next_on, kept.made_count) == (date(2026, 11, 19), 0)
    await office.round()
    assert await office.tasks() == []
    assert await office.came(series) == [("11-18", "skipped")]


async def test_who_lost_the_right_makes_nothing_and_the_reason_is_shown(office):
    series = await office.series(rule="FREQ=DAILY", starts_on="2026-11-18")
    noun = office.ws.registry.noun(ProjectMember)

    async def demote(ctx):
        found = await ctx.find(ProjectMember, user_id=office.bob.id, anywhere=True)
        await perform.update(ctx, noun, found.id, {"role": "viewer"})

    await office.ws.run(office.ann, demote)
    await office.round()
    kept = await office.fresh(series)
    assert (kept.status, kept.next_on) == ("paused", None)
    assert "Bob Example, who was refused: You cannot change anything here" in kept.reason
    assert await office.tasks() == []
    with pytest.raises(Denied):
        await office.act(series, "resume", office.bob)
    kept = await office.act(series, "resume", office.ann)
    assert (kept.status, kept.reason, kept.maker_id) == ("active", "", office.ann.id)
    await office.round()
    (task,) = await office.tasks()
    assert task.reporter_id == office.ann.id


async def test_who_left_the_workspace_makes_nothing_and_others_are_not_held_up(office):
    await office.series(rule="FREQ=DAILY", starts_on="2026-11-18")
    await office.series(office.ann, rule="FREQ=DAILY", starts_on="2026-11-18")

    async def leave(ctx):
        (await ctx.get(User, office.bob.id)).status = "suspended"

    await office.ws.run(SYSTEM, leave)
    await office.round()
    (task,) = await office.tasks()
    assert task.reporter_id == office.ann.id


async def test_an_assignee_who_left_the_project_is_left_out(office):
    await office.series(
        office.ann, rule="FREQ=DAILY", starts_on="2026-11-19", assignees=[office.bob.id]
    )

    async def remove(ctx):
        found = await ctx.find(ProjectMember, user_id=office.bob.id, anywhere=True)
        await ctx.delete(found)

    await office.ws.run(SYSTEM, remove)
    office.clock.advance(timedelta(days=1))
    await office.round()
    (task,) = await office.tasks()
    assert task.assignee_id is None


async def _task(office, task_id):
    async def load(ctx):
        return await ctx.load(ctx.registry.noun("projects.task"), task_id)

    return await office.ws.run(SYSTEM, load)


async def test_a_template_gives_each_task_its_steps(office):
    verb = await office.create("reference.term", kind="action", name="Inspect again")
    thing = await office.create("reference.term", kind="object", name="old meters")
    ready = {"template_type": "task", "action_id": verb.id, "object_id": thing.id}
    template = await office.create("templates.task_template", name="Inspection", **ready)
    parts = {"action_id": verb.id, "object_id": thing.id}
    step = await office.create("templates.step_template", name="Read the meter", **parts)
    await office.create(
        "templates.task_template_step", task_template_id=template.id, step_template_id=step.id
    )
    await office.series(
        rule="FREQ=DAILY", starts_on="2026-11-18", template_id=template.id, estimated_hours="2"
    )
    await office.round()
    (task,) = await office.tasks()
    assert (str(task.due_date), float(task.estimated_hours)) == ("2026-11-18", 2.0)
    found = await office.ws.page(SYSTEM, "checklists.step", task_id=task.id)
    assert [one.name for one in found.items] == ["Read the meter"]
