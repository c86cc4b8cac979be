"""What sprints and projects show of their past, by their log: on both engines, by everybody."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from mainstay.kernel import perform
from mainstay.kernel.problems import Denied, Invalid, Malformed, NotFound
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.scrum.history import keep_days
from mainstay.modules.scrum.pages import charts
from tests.harness.workspaces import settled

MON = date(2026, 11, 16)
FAR = ("0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31")
DAYS = (
    ("burndown", "sprint_id", ["as_of"]),
    ("velocity", "project_id", ["as_of"]),
    ("cumulative_flow", "project_id", ["first", "last"]),
    ("cycle_times", "project_id", ["first", "last"]),
    ("standup", "sprint_id", ["date"]),
)


async def begun(stage, points=(3, 5, 8)):
    """Return an active sprint that begins on Monday, and its tasks."""
    stage.clock.at = datetime(2026, 11, 16, 8, tzinfo=UTC)
    sprint = await stage.sprint()
    tasks = [
        await stage.task(f"T{n}", sprint_id=sprint.id, story_points=float(n), estimated_hours=n)
        for n in points
    ]
    stage.clock.advance(timedelta(hours=1))
    await stage.act(sprint, "start")
    stage.clock.advance(timedelta(hours=1))
    return sprint, tasks


def sums(day):
    return day.added, day.removed, day.completed, day.remaining


async def test_a_sprint_burns_down_as_its_log_says(stage):
    sprint, (three, five, eight) = await begun(stage)
    await stage.change(three, status="done")
    stage.later(1)  # Tuesday: made in the sprint, and estimated higher
    late = await stage.task("Late", sprint_id=sprint.id, story_points=2.0)
    await stage.change(five, story_points=8.0)
    stage.later(1)  # Wednesday: taken out, and back by undo; then into the bin
    await stage.change(eight, sprint_id=None)
    await stage.undo()
    await stage.bin(eight)
    stage.later(2)  # Friday
    found = await stage.ask("burndown", sprint_id=sprint.id)
    known = [day for day in found.days if day.remaining is not None]
    assert [sums(day) for day in known] == [
        (0, 0, 3, 13),
        (5, 0, 3, 18),
        (5, 8, 3, 10),
        (5, 8, 3, 10),
        (5, 8, 3, 10),
    ]
    assert (found.committed, found.scope, found.missing) == (16, 13, "")
    assert [(c.why, c.amount, c.by) for c in found.changes[:2]] == [
        ("created", 2, stage.people["ann"].name),
        ("raised", 3, stage.people["ann"].name),
    ]
    assert [c.why for c in found.changes[2:]] == ["deleted"]  # what was undone is none
    # Ten working days in twelve: weekends stand still.
    assert [day.ideal for day in found.days][3:8] == [9.6, 8, 8, 8, 6.4]
    assert (found.days_behind, len(found.days)) == (0, 12)  # 10 of 16 left, 9.6 would be even
    tasks = await stage.ask("burndown", sprint_id=sprint.id, measure="tasks")
    assert (tasks.committed, tasks.remaining) == (3, 2)
    # Thursday of next week: the sprint ends, one task done, the rest goes back.
    stage.later(6)
    await stage.change(late, status="done")
    done = await stage.act(sprint, "complete")
    assert (done.commitment_points, done.completed_points) == (16, 5)
    assert (done.added_points, done.removed_points) == (5, 8)
    ended = await stage.ask("burndown", sprint_id=sprint.id)
    assert (ended.remaining, ended.completed, len(ended.changes)) == (8, 5, 3)


async def test_what_was_stays_whatever_is_done_later(stage):
    sprint, (three, five, eight) = await begun(stage)
    await stage.change(three, status="done")
    stage.later(1)
    other = await stage.samples.record(stage.noun("projects.project"))
    tuesday = stage.clock.now().date()
    stage.later(1)
    asked = {"sprint_id": sprint.id, "as_of": str(tuesday)}
    before = await stage.ask("burndown", **asked)
    flow = {"project_id": stage.project.id, "last": str(tuesday)}
    flows = [await stage.ask(name, **flow) for name in ("cumulative_flow", "cycle_times")]
    await stage.change(three, status="in_progress", story_points=100.0)
    await stage.change(five, title="Renamed", sprint_id=None)
    await stage.undo()
    await stage.bin(eight)

    async def away(ctx):
        task = await ctx.load(stage.noun("projects.task"), five.id, anywhere=True)
        task.sprint_id = None
        await ctx.flush()
        task.project_id = other.id  # to a project that Bob cannot see

    await stage.run("", away)
    await stage.act(sprint, "complete")
    stage.later(1)
    assert await stage.ask("burndown", "bob", **asked) == before
    assert [await stage.ask(n, "bob", **flow) for n in ("cumulative_flow", "cycle_times")] == flows
    assert before.remaining == 13


async def left_in(ctx, noun, sprint):
    """Return the points and tasks that are left in a sprint, the plain way."""
    ask = ctx.ask(noun, {"sprint_id": sprint.id, "limit": 100, "sort": "id"})
    found, _more = await ctx.reader.entities(ctx.connection, noun, ask, SYSTEM)
    live = [one for one in found if one.status not in ("cancelled", "done")]
    return sum(one.story_points or 0 for one in live), len(live)


async def happen(ctx, noun, chance, sprint, tasks):
    """Let something happen to one of these tasks."""
    one = await ctx.load(noun, chance.choice(tasks).id, deleted="with")
    roll = chance.random()
    go = {"todo": "in_progress", "in_progress": "done", "done": "todo"}
    values = {"status": go.get(one.status, "todo")}
    if one.deleted_at is not None:
        await perform.restore(ctx, noun, one.id)
        return
    if roll < 0.15:
        await perform.delete(ctx, noun, one.id)
        return
    if roll < 0.4:
        values = {"sprint_id": chance.choice([None, sprint.id])}
    elif roll < 0.6:
        values = {"story_points": chance.choice([None, 0.5, 3.0, 13.0])}
    await perform.update(ctx, noun, one.id, values)


async def test_random_histories_add_up_on_every_day(stage):
    """Against what a plain sum over the tasks gave at the end of each day."""
    chance, (sprint, tasks) = random.Random(3), await begun(stage, (1, 2, 3, 5, 8))
    noun, sets, kept = stage.noun("projects.task"), [], {}
    every = [*tasks, *await stage.tasks("ABC", story_points=2.0)]
    for _day in range(6):
        for _n in range(chance.randint(1, 6)):
            await stage.run("", lambda ctx: happen(ctx, noun, chance, sprint, every))
            sets.append(stage.last)
            stage.clock.advance(timedelta(minutes=50))
            if chance.random() < 0.15:
                await stage.ws.undo(SYSTEM, sets.pop())
        day = stage.clock.now().date()
        kept[day] = await stage.ws.look(SYSTEM, lambda ctx: left_in(ctx, noun, sprint))
        stage.clock.at = stage.clock.at.replace(hour=10) + timedelta(1)
    stage.clock.advance(-timedelta(hours=12))
    for place, measure in enumerate(("points", "tasks")):
        found = await stage.ask("burndown", sprint_id=sprint.id, measure=measure)
        days = {day.date: day for day in found.days if day.remaining is not None}
        assert len(days) == len(kept)
        for day, naive in kept.items():
            one = days[day]
            assert one.remaining == one.committed + one.added - one.removed - one.completed
            assert one.remaining == naive[place]


async def test_a_cut_log_leaves_the_kept_days(stage):
    sprint, (three, *_rest) = await begun(stage)
    await stage.change(three, status="done")
    stage.later(2)
    await stage.act(sprint, "complete")
    whole = await stage.ask("burndown", sprint_id=sprint.id)

    async def cut(ctx):
        await ctx.workspace.log.seal(ctx.connection, ctx.now)
        await ctx.workspace.log.purge(ctx.connection, ctx.now + timedelta(1), ctx.now)

    await stage.run("", cut)
    kept = await stage.ask("burndown", sprint_id=sprint.id)
    if not kept.from_kept_days:  # a horizon of PostgreSQL may hold the newest rows back
        pytest.skip("the log was not sealed this far")
    assert kept.known_since is not None
    assert [sums(day) for day in kept.days[:3]] == [sums(day) for day in whole.days[:3]]
    assert kept.changes == []
    with pytest.raises(Invalid, match="only points of it were kept"):
        await stage.ask("burndown", sprint_id=sprint.id, measure="hours")


async def test_a_sprint_whose_end_was_taken_back_counts_its_work_once(stage):
    """Completing moves what is left into the backlog; undo brings it back, neither is a change."""
    sprint, (three, five, eight) = await begun(stage)
    await stage.change(three, status="done")
    stage.later(1)
    await stage.task("Late", sprint_id=sprint.id, story_points=2.0)
    before = await stage.ask("burndown", sprint_id=sprint.id)
    assert sums(before) == (2, 0, 3, 15)
    for _twice in range(2):
        await stage.act(sprint, "complete", unfinished="backlog")
        stage.clock.advance(timedelta(hours=1))
        await stage.undo()
        after = await stage.ask("burndown", sprint_id=sprint.id)
        assert (sums(after), after.changes) == (sums(before), before.changes)
    # Taken out, estimated anew by somebody else, and back by undo: only the estimate is a change.
    await stage.change(five, sprint_id=None)
    out = stage.last
    await stage.change(five, "bob", story_points=13.0)
    await stage.undo(change_set=out)
    after = await stage.ask("burndown", sprint_id=sprint.id)
    assert (sums(after), after.changes[-1].why) == ((10, 0, 3, 23), "raised")
    # Taken out and really put in again: both are.
    stage.later(1)
    await stage.change(eight, sprint_id=None)
    await stage.change(eight, sprint_id=sprint.id)
    done = await stage.act(sprint, "complete", unfinished="backlog")
    assert (done.added_points, done.removed_points, done.completed_points) == (18, 8, 3)


async def cut_on_thursday(stage):
    """Work from Monday to Friday, and cut the log in between; return the sprint."""
    sprint, (three, five, eight) = await begun(stage)  # Monday
    await stage.change(eight, status="in_progress")
    stage.later(1)
    await stage.change(three, status="done")
    await stage.task("Late", sprint_id=sprint.id, story_points=2.0)
    stage.later(2)  # Thursday: the log is cut, what happens after is known

    async def cut(ctx):
        await ctx.workspace.log.seal(ctx.connection, ctx.now)
        await ctx.workspace.log.purge(ctx.connection, ctx.now + timedelta(1), ctx.now)

    await settled(stage.ws)
    await stage.run("", cut)
    stage.clock.advance(timedelta(hours=1))
    await stage.change(five, status="in_progress")
    stage.later(1)  # Friday
    await stage.change(five, status="done")
    await stage.change(eight, status="done")
    return sprint


async def test_no_flow_is_told_of_the_days_before_the_log_was_cut(stage):
    await cut_on_thursday(stage)
    project = {"project_id": stage.project.id}
    flow = await stage.ask("cumulative_flow", **project)
    assert flow.known_since is not None
    assert {str(day.date): day.statuses for day in flow.days} == {
        **dict.fromkeys(("2026-11-16", "2026-11-17", "2026-11-18")),
        "2026-11-19": {"done": 1, "in_progress": 2, "todo": 1},
        "2026-11-20": {"done": 3, "todo": 1},
    }
    times = await stage.ask("cycle_times", **project)
    # Five was begun after the cut; of three and eight nobody knows when.
    assert ([one.days for one in times.tasks], times.unknown) == ([1], 2)
    lead = await stage.ask("cycle_times", kind="lead", **project)
    # Made at 8: done at 10 on the next day, and at 11 on the fourth.
    assert ([one.days for one in lead.tasks], lead.unknown) == ([1.08, 4.12, 4.12], 0)
    early = {"last": "2026-11-18", **project}
    for name in ("cumulative_flow", "cycle_times"):
        assert "no longer tells" in (await stage.ask(name, **early)).missing
    shown = await stage.ws.look(
        stage.me("ann"), lambda ctx: charts.flow_page(ctx, {"project": str(stage.project.id)})
    )
    assert [row[0].partition(",")[0] for row in shown["drawn_flow"].rows] == ["Thursday", "Friday"]


async def test_a_running_sprint_has_no_days_before_the_log_was_cut(stage):
    sprint = await cut_on_thursday(stage)
    found = await stage.ask("burndown", sprint_id=sprint.id)
    days = [(day.remaining, day.completed) for day in found.days[:6]]
    assert days == [(None, None)] * 3 + [(15, 3), (2, 16), (None, None)]
    # 16 were committed, the log knows 18 at the cut: 2 came, whatever else came and went.
    assert (found.committed, sums(found)) == (16, (2, 0, 16, 2))
    assert ("only as the difference" in found.definition, found.changes) == (True, [])
    # Four working days are over; 14 of 16 done is day 8.75 of ten: 4.75 ahead.
    assert found.days_behind == -5
    gone = await stage.ask("burndown", sprint_id=sprint.id, as_of="2026-11-17")
    assert (gone.days, "no longer tells" in gone.missing) == ([], True)
    with pytest.raises(Invalid, match="only points of it were kept"):
        await stage.ask("burndown", sprint_id=sprint.id, measure="tasks")
    shown = await stage.ws.look(
        stage.me("ann"), lambda ctx: charts.burndown_page(ctx, {"sprint": str(sprint.id)})
    )
    assert [row[0].partition(",")[0] for row in shown["plot"].rows] == ["Thursday", "Friday"]
    # What is kept when the sprint ends is no more than is known.
    done = await stage.act(sprint, "complete", unfinished="backlog")
    assert (done.added_points, done.removed_points) == (2, 0)
    kept = await stage.ask("burndown", sprint_id=sprint.id)
    days = [day.remaining for day in kept.days[:6]]
    assert (kept.from_kept_days, days) == (True, [None, None, None, 15, 2, None])


async def test_velocity_and_flow_of_a_project(stage):
    for done in (3, 8):
        sprint, tasks = await begun(stage) if done == 3 else await again(stage)
        for one in tasks:
            if one.story_points == done:
                await stage.change(one, status="in_progress")
                stage.later(2)
                await stage.change(one, status="done")
        await stage.act(sprint, "complete")
    found = await stage.ask("velocity", project_id=stage.project.id)
    assert [(one.committed, one.completed) for one in found.sprints] == [(16, 3), (16, 8)]
    assert (found.average, found.low, found.high, found.predictability) == (5.5, 3, 8, 0.3438)
    assert (await stage.ask("velocity", project_id=stage.project.id, last=1)).average == 8
    times = await stage.ask("cycle_times", project_id=stage.project.id, first="2026-11-01")
    assert [one.days for one in times.tasks] == [2, 2]
    assert (times.percentiles[85], times.unknown) == (2, 0)
    lead = await stage.ask("cycle_times", project_id=stage.project.id, kind="lead", type="bug")
    assert lead.missing
    told = await stage.ask("cumulative_flow", project_id=stage.project.id)
    assert told.days[-1].statuses == {"done": 2, "todo": 4}
    assert told.statuses[0] == "done"


async def again(stage):
    sprint = await stage.sprint(start_date="2026-11-18", end_date="2026-11-27")
    tasks = [await stage.task(f"U{n}", sprint_id=sprint.id, story_points=float(n)) for n in (8, 3)]
    tasks.append(await stage.task("U5", sprint_id=sprint.id, story_points=5.0))
    await stage.act(sprint, "start")
    stage.clock.advance(timedelta(hours=1))
    return sprint, tasks


async def test_who_may_ask_and_what_makes_no_sense(stage):
    sprint, _tasks = await begun(stage)
    for who in ("bob", "cli"):
        assert (await stage.ask("burndown", who, sprint_id=sprint.id)).committed == 16
    for name, asked in (
        ("burndown", {"sprint_id": sprint.id}),
        ("velocity", {"project_id": stage.project.id}),
        ("cumulative_flow", {"project_id": stage.project.id}),
        ("cycle_times", {"project_id": stage.project.id}),
    ):
        with pytest.raises((NotFound, Denied)):
            await stage.ask(name, "sam", **asked)
    wrong = [
        ("burndown", {"sprint_id": sprint.id, "as_of": "2027-01-01"}, "after today"),
        ("burndown", {"sprint_id": sprint.id, "as_of": "2026-11-01"}, "before this sprint"),
        ("cycle_times", {"project_id": stage.project.id, "first": "2026-11-20"}, "after the last"),
        ("cumulative_flow", {"project_id": stage.project.id, "first": "2000-01-01"}, "at most"),
        *(
            (name, {key: stage.project.id, field: day}, f"^{field} must be a day from 1900-01-01")
            for name, key, fields in DAYS
            for field in fields
            for day in FAR
        ),
    ]
    for name, asked, why in wrong:
        with pytest.raises(Invalid, match=why):
            await stage.ask(name, **asked)
    planned = await stage.sprint(start_date="2026-11-30", end_date="2026-12-04")
    empty = await stage.ask("burndown", sprint_id=planned.id)
    assert (empty.days, bool(empty.missing)) == ([], True)
    await stage.run("", lambda ctx: keep_days(ctx, planned))  # nothing to keep


async def test_statements_do_not_grow_with_tasks(stage):
    sprint, _tasks = await begun(stage)
    counts = []

    async def count(ctx):
        inner, asked = ctx.connection, []

        class Counted:
            engine = inner.engine

            async def fetch(self, *args):
                asked.append(args[0])
                return await inner.fetch(*args)

        ctx.connection = Counted()
        await charts.burndown_page(ctx, {"sprint": str(sprint.id)})
        await charts.flow_page(ctx, {"project": str(stage.project.id)})
        await charts.velocity_page(ctx, {"project": str(stage.project.id)})
        return len(asked)

    for _round in range(2):
        counts.append(await stage.ws.look(stage.me("ann"), count))
        await stage.tasks("ABCDEFGH", sprint_id=sprint.id, story_points=1.0)
        stage.later(1)
    assert counts[0] == counts[1] <= 28


async def test_the_pages_say_what_the_questions_answer(stage):
    sprint, (three, *_rest) = await begun(stage)
    await stage.change(three, status="done")
    stage.later(1)
    await stage.task("Late <b>", sprint_id=sprint.id, story_points=2.0)

    def page(load, **given):
        return stage.ws.look(stage.me("ann"), lambda ctx: load(ctx, given))

    shown = await page(charts.burndown_page, sprint=str(sprint.id))
    assert shown["plot"].title == "15 points remain, on pace"
    assert shown["plot"].desc == shown["answer"].definition
    assert shown["plot"].rows[1][1:6] == ("16", "2", "0", "3", "15")
    up = await page(charts.burndown_page, sprint=str(sprint.id), show="up", measure="tasks")
    assert [key.name for key in up["plot"].legend] == ["Scope", "Completed", "Even pace"]
    was = await page(charts.burndown_page, sprint=str(sprint.id), as_of=str(MON))
    assert was["plot"].title == "13 points remain, 1 working day ahead"
    await stage.act(sprint, "complete")
    speed = await page(charts.velocity_page, project=str(stage.project.id))
    assert speed["plot"].title == "3 points in the one sprint so far"
    assert speed["plot"].desc == speed["answer"].definition
    flow = await page(charts.flow_page, project=str(stage.project.id), kind="lead")
    assert flow["drawn_flow"].title == "0 tasks in work, 1 done, 3 to come"
    assert flow["drawn_flow"].desc == flow["flow"].definition
    assert flow["drawn_times"].title == "85 % were done within 0.1 days"
    assert flow["drawn_times"].desc == flow["times"].definition
    for load, given in (
        (charts.burndown_page, {"sprint": str(sprint.id), "as_of": "soon"}),
        (charts.burndown_page, {"sprint": str(sprint.id), "measure": "miles"}),
        (charts.velocity_page, {"project": str(stage.project.id), "last": "0"}),
    ):
        with pytest.raises(Malformed):
            await page(load, **given)
    with pytest.raises(NotFound):
        await page(charts.burndown_page, sprint="x")
