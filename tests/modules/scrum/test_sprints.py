"""The life of a sprint: planned, started, completed with what is left rolled on, and undone."""

import asyncio
from datetime import date, timedelta

import pytest

from mainstay.kernel import perform
from mainstay.kernel.clock import SystemClock
from mainstay.kernel.problems import Conflict, Denied, Invalid, NotFound, Problem
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.scrum import rules
from mainstay.modules.scrum.actions.backlog import rank
from mainstay.modules.scrum.entities import Sprint, Standup

MON = date(2026, 11, 16)
# What asks nothing of the database that engines do differently.
ON_ONE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)

# ---- rules ----


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("planning", "active", ""),
        ("planning", "cancelled", ""),
        ("active", "completed", ""),
        ("active", "cancelled", ""),
        ("cancelled", "planning", ""),
        ("planning", "completed", "Start it first"),
        ("active", "planning", "has begun"),
        ("completed", "active", "stays as it was"),
        ("completed", "cancelled", "stays as it was"),
        ("cancelled", "active", "Plan it again"),
    ],
)
def test_the_ways_of_a_sprint(before, after, why):
    said = rules.sprint_move(before, after)
    assert (why in said) if why else said is None


def test_days_and_velocity_by_hand():
    last = date(2026, 11, 27)
    assert rules.days_of(MON, last) == 12
    assert rules.latest(MON) == date(2026, 12, 15)  # thirty days, both included
    assert rules.velocity(30, MON, last) == 2.5  # 30 points in 12 days
    assert rules.velocity(30, None, last) == 0
    # On the 18th the 18th to the 27th are left; before the first day all are; after the last none.
    for today, left in ((date(2026, 11, 18), 10), (date(2026, 11, 1), 12), (last, 1)):
        assert rules.days_left(MON, last, today) == left
    assert rules.days_left(MON, last, date(2026, 11, 28)) == 0
    # A Friday ends it: the next one begins on Monday and is as long.
    assert rules.next_days(last, 12, MON) == (date(2026, 11, 30), date(2026, 12, 11))
    assert rules.next_days(None, 0, MON) == (MON, date(2026, 11, 29))
    # One that ended long ago is followed by one from today on, not in the past.
    assert rules.next_days(date(2026, 1, 5), 5, MON)[0] == MON


@pytest.mark.parametrize(
    ("low", "high", "count", "found"),
    [
        (0.0, None, 2, [1024.0, 2048.0]),
        (1.0, 2.0, 1, [1.5]),
        (0.0, 4.0, 3, [1.0, 2.0, 3.0]),
        (1.0, 1.0 + 1e-7, 1, None),
        (1.0, 1.0, 1, None),
    ],
)
def test_places_between_two(low, high, count, found):
    assert rules.places(low, high, count) == found


GOOD = rules.Plan(
    tasks=5,
    unestimated=0,
    points=20,
    velocity=20,
    hours=60,
    capacity=80,
    overloaded=(),
    unassigned=0,
    goal=True,
    dates=True,
    past=False,
)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, []),
        ({"dates": False}, ["dates"]),
        ({"past": True, "goal": False}, ["past", "goal"]),
        ({"tasks": 0}, ["empty"]),
        ({"hours": 81}, ["hours"]),
        ({"points": 23}, []),  # within 15 % of 20
        ({"points": 23.1}, ["points"]),
        ({"velocity": None, "points": 99}, []),
        ({"overloaded": ("Ann",), "unestimated": 2}, ["people", "unestimated"]),
        ({"capacity": None, "unassigned": 3}, ["capacity"]),
        ({"unassigned": 3}, ["unassigned"]),
    ],
)
def test_what_is_doubtful_about_a_plan(change, said):
    assert [one.key for one in rules.doubts(GOOD._replace(**change))] == said


# ---- the life of a sprint ----


async def test_a_sprint_is_planned_started_and_completed_with_the_rest_in_a_new_one(stage):
    await stage.make(
        "sprint_member", sprint_id=(one := await stage.sprint()).id, user_id=stage.me("bob").id
    )
    assert (one.sprint_number, one.name, one.status) == (1, "Sprint 1", "planning")
    a, b, _, d = await stage.tasks("ABCD", story_points=3, sprint_id=one.id)
    await stage.change(d, status="cancelled")
    one = await stage.act(one, "start")
    # A, B and C: nine points. Ten working days of eight hours.
    assert (one.status, one.commitment_points, float(one.capacity_hours)) == ("active", 9.0, 80.0)
    with pytest.raises(Conflict, match="active already"):
        await stage.act(one, "start")
    stage.later(2)
    await stage.act(a, "complete")
    await stage.change(b, story_points=5)
    await stage.task("E", story_points=1, sprint_id=one.id)
    stage.later(3)
    done = await stage.act(one, "complete", unfinished="new")
    completion = stage.last
    assert (done.status, done.completed_points, done.velocity) == ("completed", 3.0, 0.25)
    assert (done.added_points, done.removed_points) == (3.0, 0.0)  # B grew by 2, E brought 1
    (found,) = (await stage.ws.page(stage.me("ann"), "scrum.sprint", status="planning")).items
    new = await stage.run("ann", lambda ctx: ctx.get(Sprint, found.id))
    assert (new.name, new.start_date) == ("Sprint 2", date(2026, 11, 30))
    assert await stage.order(new.id) == "BCE"
    assert await stage.order(one.id) == "AD"
    assert [
        m.user_id
        for m in (await stage.ws.page(SYSTEM, "scrum.sprint_member", sprint_id=new.id)).items
    ] == [stage.me("bob").id]
    days = (await stage.ws.page(stage.me("bob"), "scrum.sprint_day", sprint_id=one.id)).items
    assert days[-1].remaining_points == 9.0  # B 5, C 3, E 1
    with pytest.raises(Conflict, match="stays as it was"):
        await stage.act(done, "cancel")
    await stage.undo("ann", completion)
    assert (await stage.fresh(one)).status == "active"
    assert await stage.order(one.id) == "ABCDE"
    assert (await stage.fresh(new)).deleted_at is not None
    assert not (await stage.ws.page(SYSTEM, "scrum.sprint_day", sprint_id=one.id)).items
    await stage.act(one, "complete")
    assert (await stage.order(), await stage.order(one.id)) == ("BCE", "AD")


@ON_ONE
async def test_where_unfinished_work_may_go(stage):
    one, two = (
        await stage.sprint(),
        await stage.sprint(start_date="2026-11-30", end_date="2026-12-11"),
    )
    (task,) = await stage.tasks("A", sprint_id=one.id)
    await stage.act(one, "start")
    with pytest.raises(Conflict, match="its own button"):
        await stage.change(one, status="completed")
    other = await stage.samples.record(stage.noun("projects.project"))
    foreign = await stage.make("sprint", "", project_id=other.id)
    for wrong, refusal in ((one.id, Invalid), (foreign.id, NotFound), (10**9, NotFound)):
        with pytest.raises(refusal):
            await stage.act(one, "complete", unfinished="next", sprint_id=wrong)
    await stage.act(one, "complete", unfinished="next")
    assert (await stage.fresh(task)).sprint_id == two.id
    await stage.act(two, "start")
    with pytest.raises(Invalid, match="no sprint is planned"):
        await stage.act(two, "complete", unfinished="next")
    two = await stage.act(two, "cancel")
    assert ((await stage.fresh(task)).sprint_id, two.status) == (None, "cancelled")
    await stage.undo()
    assert (await stage.fresh(task)).sprint_id == two.id
    await stage.act(two, "cancel")
    two = await stage.act(two, "reopen")
    assert (two.status, two.started_at, two.commitment_points) == ("planning", None, 0.0)


@ON_ONE
async def test_days_are_in_order_whatever_the_way(stage):
    with pytest.raises(Invalid, match="at most 30 days"):
        await stage.sprint(end_date="2026-12-16")
    one = await stage.sprint(end_date="2026-12-15")
    with pytest.raises(Invalid, match="before the first day"):
        await stage.change(one, end_date="2026-11-15")
    bare = await stage.sprint(start_date=None, end_date=None)
    with pytest.raises(Conflict, match="first and a last day"):
        await stage.act(bare, "start")
    await stage.change(bare, start_date="2026-11-02", end_date="2026-11-10")
    with pytest.raises(Conflict, match="is over"):
        await stage.act(bare, "start")
    await stage.act(one, "start")
    with pytest.raises(Invalid, match="has begun"):
        await stage.change(one, start_date="2026-11-17")
    await stage.change(one, end_date="2026-12-01")
    await stage.act(one, "complete")
    with pytest.raises(Invalid, match="is completed"):
        await stage.change(one, end_date="2026-12-02")
    await stage.change(one, review_notes="We learnt to split stories.")


WAYS = ("verb", "edit", "bulk", "board", "create")


async def test_one_active_sprint_in_a_project_whatever_the_way(stage):
    one, two = await stage.sprint(), await stage.sprint()
    await stage.act(one, "start")
    noun, want = stage.noun("sprint"), {"id": two.id, "status": "active"}

    async def go(way: str) -> None:
        if way == "verb":
            await stage.act(two, "start")
        elif way == "edit":
            await stage.change(two, status="active")
        elif way == "create":
            await stage.sprint(status="active")
        elif way == "board":
            from mainstay.kernel.place import Placing, place

            put = Placing(column={"status": "active"})
            await stage.run("ann", lambda ctx: place(ctx, noun, two.id, put))
        else:
            bulk = perform.Bulk(update=[want])
            await stage.run("ann", lambda ctx: perform.bulk(ctx, noun, bulk))

    for way in WAYS:
        with pytest.raises(Problem, match="Sprint 1 is active in this project"):
            await go(way)
    await stage.act(one, "complete")
    completion = stage.last
    await stage.act(two, "start")
    with pytest.raises(Conflict, match="is active in this project"):
        await stage.undo("ann", completion)
    other = await stage.samples.record(stage.noun("projects.project"))
    await stage.make(
        "sprint",
        "",
        project_id=other.id,
        status="active",
        start_date="2026-11-18",
        end_date="2026-11-20",
    )


async def test_two_people_start_two_sprints_at_once(stage):
    sprints = [await stage.sprint() for _ in range(3)]
    found = await asyncio.gather(
        *(stage.act(one, "start") for one in sprints), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in found) == ["Conflict", "Conflict", "Sprint"]
    made = await asyncio.gather(*(stage.sprint() for _ in range(4)))
    assert sorted(one.sprint_number for one in made) == [4, 5, 6, 7]


@ON_ONE
async def test_only_leads_plan_sprints(stage):
    one = await stage.sprint()
    for who, refusal in (("bob", Denied), ("cli", Denied), ("sam", NotFound)):
        with pytest.raises(refusal):
            await stage.act(one, "start", who)
        with pytest.raises((refusal, Invalid)):
            await stage.sprint(who)
    with pytest.raises(Denied):
        await stage.make("sprint_member", "bob", sprint_id=one.id, user_id=stage.me("bob").id)
    with pytest.raises(Invalid, match="members of the project"):
        await stage.act(one, "add_people", user_ids=[stage.me("sam").id])
    await stage.act(one, "add_people")
    people = (await stage.ask("sprint_capacity", "bob", sprint_id=one.id)).people
    assert {p.user_id for p in people} == {stage.me("ann").id, stage.me("bob").id}
    with pytest.raises(NotFound):
        await stage.ask("sprint_capacity", "sam", sprint_id=one.id)


@ON_ONE
async def test_tasks_stay_out_of_sprints_of_other_projects(stage):
    other = await stage.samples.record(stage.noun("projects.project"))
    foreign = await stage.make("sprint", "", project_id=other.id)
    (task,) = await stage.tasks("A")
    for wrong in (
        stage.change(task, "", sprint_id=foreign.id),
        stage.rank(task, "", sprint_id=foreign.id),
        stage.task("B", "", sprint_id=foreign.id),
    ):
        with pytest.raises(Invalid, match="own project"):
            await wrong
    with pytest.raises(Invalid, match="may not see it"):
        await stage.rank(task, sprint_id=foreign.id)


@ON_ONE
async def test_tasks_stay_out_of_sprints_that_are_over(stage):
    one, two = await stage.sprint(), await stage.sprint()
    done, left, free = await stage.tasks("ABC")
    noun = stage.noun("projects.task")
    await stage.change(done, "bob", sprint_id=one.id)
    await stage.rank(left, "bob", sprint_id=one.id)
    await stage.rank(free, "bob", sprint_id=one.id)
    await stage.rank(free, "bob", sprint_id=0)
    out = stage.last
    await stage.act(one, "start")
    for wrong in (
        stage.change(free, "bob", sprint_id=one.id),
        stage.rank(left, "bob", sprint_id=0),
    ):
        with pytest.raises(Denied, match="active sprint"):
            await wrong
    await stage.act(done, "complete")
    await stage.bin(left)
    await stage.act(one, "complete", unfinished="backlog")
    bulk = perform.Bulk(update=[{"id": free.id, "sprint_id": one.id}])
    for wrong in (
        stage.change(free, sprint_id=one.id),
        stage.rank(free, sprint_id=one.id),
        stage.run("ann", lambda ctx: perform.bulk(ctx, noun, bulk)),
        stage.task("E", sprint_id=one.id),
    ):
        with pytest.raises(Problem, match="completed"):
            await wrong
    with pytest.raises(Conflict, match="is completed, so nothing can be put"):
        await stage.undo("bob", out)
    with pytest.raises(Problem, match="stays there"):
        await stage.change(done, sprint_id=two.id)
    # What comes back from the bin, or is done no more, is in the backlog again.
    await stage.restore(left)
    await stage.act(done, "reopen")
    assert sorted(await stage.order()) == ["A", "B", "C"]
    await stage.rank(done, sprint_id=two.id)
    assert await stage.order(two.id) == "A"


@ON_ONE
async def test_a_sprint_comes_back_from_the_bin_with_what_was_in_it(stage):
    one = await stage.sprint()
    (done,) = await stage.tasks("A", sprint_id=one.id)
    await stage.act(one, "start")
    await stage.act(done, "complete")
    await stage.act(one, "complete")
    await stage.bin(one)
    assert (await stage.fresh(done)).sprint_id is None
    await stage.undo()
    assert (await stage.fresh(done)).sprint_id == one.id
    await stage.bin(one)
    await stage.restore(one)
    assert (await stage.fresh(done)).sprint_id == one.id
    two = await stage.sprint()
    (left,) = await stage.tasks("B", sprint_id=two.id)
    await stage.bin(two)
    assert (await stage.fresh(left)).sprint_id is None
    await stage.restore(two)
    assert (await stage.fresh(left)).sprint_id == two.id
    await stage.act(two, "start")
    with pytest.raises(Conflict, match="Cancel it first"):
        await stage.bin(two)


async def test_capacity_follows_days_off_shares_and_what_is_set(stage):
    one = await stage.sprint()
    ann, bob = stage.me("ann").id, stage.me("bob").id
    half = await stage.make("sprint_member", sprint_id=one.id, user_id=ann, availability=0.5)
    await stage.make("sprint_member", sprint_id=one.id, user_id=bob)
    off = {
        "date": "2026-11-19",
        "end_date": "2026-11-20",
        "people": [bob],
        "name": "Tooth",
        "type": "sick_leave",
    }
    await stage.make("planning.holiday", "", **off)
    await stage.tasks("AB", sprint_id=one.id, assignee_id=bob, estimated_hours=30, story_points=2)
    await stage.tasks("C", sprint_id=one.id, estimated_hours=5)
    found = await stage.ask("sprint_capacity", sprint_id=one.id)
    first, second = found.people
    # Ann: 10 days of 8 hours, half of them. Bob: two days off, 64 hours for 60 hours of work.
    assert (first.hours, first.load, second.hours, second.left_hours) == (40.0, 0.0, 64.0, 60.0)
    assert (second.points, second.over, found.total, found.unassigned) == (4.0, False, 104.0, 1)
    assert [(d.day.day, d.name) for d in second.days_off] == [
        (19, ""),
        (20, ""),
    ]  # Bob's own affair
    seen = (await stage.ask("sprint_capacity", "bob", sprint_id=one.id)).people[1]
    assert [d.name for d in seen.days_off] == ["Tooth", "Tooth"]
    await stage.change(half, capacity_hours=12)
    await stage.tasks("D", sprint_id=one.id, assignee_id=bob, estimated_hours=5)
    first, second = (await stage.ask("sprint_capacity", sprint_id=one.id)).people
    assert (first.hours, second.over) == (12.0, True)


@ON_ONE
async def test_a_cancelled_sprint_is_planned_again_by_an_edit_as_by_its_verb(stage):
    one = await stage.sprint(start_date="2026-11-09", end_date="2026-11-20")
    await stage.tasks("A", sprint_id=one.id, story_points=3)
    await stage.act(one, "start")
    stage.later(6)
    await stage.act(one, "cancel")
    one = await stage.change(one, status="planning")
    assert (one.started_at, one.completed_at, one.commitment_points) == (None, None, 0.0)
    assert one.start_date == date(2026, 11, 24)  # its days were over: twelve from today on
    (task,) = await stage.tasks("B", sprint_id=one.id, story_points=5)
    one = await stage.act(one, "start")
    stage.later(1)
    await stage.act(task, "complete")
    found = await stage.ask("burndown", sprint_id=one.id)
    assert (found.committed, found.completed, one.completed_at) == (5.0, 5.0, None)


@ON_ONE
async def test_a_sprint_that_begins_early_begins_today(stage):
    one = await stage.sprint(start_date="2026-11-30", end_date="2026-12-11")
    await stage.tasks("A", sprint_id=one.id, story_points=3)
    one = await stage.act(one, "start")
    began = stage.last
    assert (one.start_date, one.end_date) == (date(2026, 11, 18), date(2026, 11, 29))
    found = await stage.ask("burndown", sprint_id=one.id)
    assert (found.days[0].date, found.days[-1].date) == (one.start_date, one.end_date)
    noun = stage.noun("standup_update")
    said = {"sprint_id": one.id, "today": "Begin"}
    await stage.run("bob", lambda ctx: perform.act(ctx, noun, noun.actions["say"], None, said))
    await stage.bin(await stage.run("ann", lambda ctx: _standup(ctx, one.id)))
    one = (await stage.undo("ann", began)) and await stage.fresh(one)
    assert (one.start_date, one.status) == (date(2026, 11, 30), "planning")


async def _standup(ctx, sprint_id):
    return await ctx.find(Standup, sprint_id=sprint_id)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_what_happens_while_a_sprint_begins_and_ends_is_counted(stage):
    one = await stage.sprint()
    a, b, late = await stage.tasks("ABC", story_points=3)
    stage.ws.clock = SystemClock()
    today = stage.ws.clock.now().date()
    days = {"start_date": str(today), "end_date": str(today + timedelta(9))}
    one = await stage.change(one, **days)
    noun, moves = stage.noun("projects.task"), {"ids": [a.id, b.id], "sprint_id": one.id}

    async def beside(verb, record, data, sprint_verb):
        """Run a unit of work that has not ended when the sprint's verb begins."""
        held = asyncio.Event()

        async def slow(ctx):
            await asyncio.sleep(0.05)
            await perform.act(ctx, noun, verb, record, data)
            await ctx.settle()
            held.set()
            await asyncio.sleep(0.3)

        async def sprint():
            await held.wait()
            return await stage.act(one, sprint_verb)

        return (await asyncio.gather(stage.ws.run(stage.me("ann"), slow), sprint()))[1]

    began = await beside(rank, None, moves, "start")
    told = await stage.ask("burndown", sprint_id=one.id)
    assert (began.commitment_points, told.committed, told.added) == (6.0, 6.0, 0.0)
    done = await beside(noun.actions["complete"], a.id, {}, "complete")
    told = await stage.ask("burndown", sprint_id=one.id)
    assert (done.completed_points, told.completed, told.remaining) == (3.0, 3.0, 3.0)
    assert [(await stage.fresh(task)).sprint_id for task in (a, b, late)] == [one.id, None, None]


@ON_ONE
async def test_a_sprint_counts_what_it_brought_and_nothing_twice(stage):
    one, two = await stage.sprint(), await stage.sprint()
    epic = await stage.task("Epic", type="epic", story_points=21)
    whole = await stage.task("Whole", story_points=8, estimated_hours="16", sprint_id=one.id)
    parts = await stage.tasks("PQ", story_points=3, parent_id=whole.id, sprint_id=one.id)
    (done,) = await stage.tasks("D", story_points=20)
    await stage.act(done, "complete")
    noun = stage.noun("projects.task")
    bulk = perform.Bulk(update=[{"id": done.id, "sprint_id": one.id}])
    for wrong, why in (
        (stage.change(done, sprint_id=one.id), "which is done"),
        (stage.rank(done, sprint_id=one.id), "which is done"),
        (stage.run("ann", lambda ctx: perform.bulk(ctx, noun, bulk)), "which is done"),
        (stage.task("Born", sprint_id=one.id, status="done"), "is done"),
        (stage.change(epic, sprint_id=one.id), "epic"),
        (stage.task("E", type="epic", sprint_id=one.id), "epic"),
        (stage.change(whole, type="epic"), "epic"),
    ):
        with pytest.raises(Invalid, match=why):
            await wrong
    # The parts' points, 3 and 3, and not the 8 of the whole; the same wherever they are told.
    one = await stage.act(one, "start")
    page = await stage.ask("backlog", project_id=stage.project.id, sprint_id=one.id)
    hours = await stage.ask("sprint_capacity", sprint_id=one.id)
    assert (one.commitment_points, page.points, page.count, hours.left_hours) == (6, 6, 3, 0)
    await stage.act(parts[0], "complete")
    stage.later(1)
    await stage.change(parts[1], sprint_id=two.id)
    await stage.act(parts[0], "reopen")
    await stage.change(parts[0], status="cancelled")
    # No part is left in it: the whole counts again.
    told = await stage.ask("burndown", sprint_id=one.id)
    assert (told.committed, told.added, told.removed, told.remaining) == (6, 8, 6, 8)
    one = await stage.act(one, "complete", unfinished="next", sprint_id=two.id)
    assert (one.completed_points, one.added_points, one.removed_points) == (0, 8, 6)
    page = await stage.ask("backlog", project_id=stage.project.id, sprint_id=two.id)
    assert (page.points, page.count) == (3, 2)
