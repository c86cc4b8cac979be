"""Moving a task with those that wait for it: pushed, never pulled, and taken back as a whole."""

import asyncio
import itertools
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from mainstay.kernel.problems import Conflict, Denied, NotFound, Stale
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.storage.postgres import PostgresConnection
from mainstay.kernel.storage.sqlite import SqliteConnection
from mainstay.modules.planning import moving
from mainstay.modules.planning.calendars import STANDARD, Calendars
from mainstay.modules.planning.plan import Wait, Work, inside, parts_of, plan, ready, span, terms
from mainstay.scheduling import Link, find_circle
from tests.modules.planning.conftest import PLANS

TODAY = date(2026, 11, 18)
CALENDARS = Calendars([STANDARD], [], TODAY)
BY = terms(CALENDARS, None, None)
TYPES = ("finish_to_start", "start_to_start", "finish_to_finish", "start_to_finish")


def push(works, waits, moved, to):
    """Return what a move pushes, by the usual calendar."""
    return moving.push(moving.way_from(works, waits, moved), to, BY)


@st.composite
def plan_and_move(draw):
    """Some tasks on days of some weeks, links that lead forward, and a move of the first."""
    count = draw(st.integers(2, 7))
    works = {}
    for key in range(count):
        first = TODAY + timedelta(draw(st.integers(0, 25)))
        last = first + timedelta(draw(st.integers(0, 6)))
        firm = draw(st.booleans()) and key > 1
        works[key] = Work(
            id=key, version=1, project_id=1, code="", title=f"T{key}", status="todo",
            start_date=first, due_date=last, fixed_dates=firm,
        )  # fmt: skip
    pairs = [pair for pair in itertools.combinations(range(count), 2) if draw(st.booleans())]
    waits = [
        Wait(n, 1, a, b, draw(st.sampled_from(TYPES)), draw(st.integers(-2, 3)))
        for n, (a, b) in enumerate(pairs)
    ]
    return works, waits, draw(st.integers(-10, 15))


@given(plan_and_move())
def test_what_is_pushed_goes_just_far_enough_and_nothing_else_moves(plan):
    works, waits, by = plan
    first = works[0]
    to = (first.start_date + timedelta(by), first.due_date + timedelta(by))
    found = push(works, waits, 0, to)
    gone = {0: to} | {one.work.id: one.after for one in found.shifts}
    stuck = {one.id for one in found.held}
    days = {k: gone.get(k, (w.start_date, w.due_date)) for k, w in works.items()}
    for one in found.shifts:
        assert one.after[0] > one.before[0], "pushed, never pulled"
        assert not one.work.fixed_dates
        assert BY.calendar.is_working(one.after[0])
        was = max(1, BY.calendar.working_days_between(*one.before))
        assert BY.calendar.working_days_between(*one.after) == was
    for wait in waits:
        if wait.earlier not in gone:
            continue
        later = works[wait.later]
        length = max(1, BY.calendar.working_days_between(later.start_date, later.due_date))
        soonest = ready(wait.type, wait.lag, days[wait.earlier], length, BY.calendar)
        assert days[wait.later][0] >= soonest or wait.later in stuck
    # Just far enough: some link from what has moved holds each of them exactly.
    for one in found.shifts:
        length = max(1, BY.calendar.working_days_between(*one.before))
        soonest = [
            ready(wait.type, wait.lag, days[wait.earlier], length, BY.calendar)
            for wait in waits
            if wait.later == one.work.id and wait.earlier in gone
        ]
        assert one.after[0] in soonest


@st.composite
def tree_and_move(draw):
    """A scheduled project of tasks and parts, linked forward, and a later day for one without."""
    count = draw(st.integers(2, 7))
    works = {}
    for key in range(1, count + 1):
        whole = draw(st.sampled_from([None, None, *range(1, key)])) if key > 1 else None
        works[key] = Work(
            id=key, version=1, project_id=1, code="", title=f"T{key}", status="todo",
            duration_days=draw(st.integers(1, 4)), parent_id=whole,
        )  # fmt: skip
    pairs = [p for p in itertools.combinations(works, 2) if draw(st.integers(0, 2)) == 0]
    waits = [Wait(n, 1, a, b, "finish_to_start", draw(st.integers(0, 2))) for n, (a, b) in
             enumerate(pairs, 1)]  # fmt: skip
    wholes = {work.parent_id for work in works.values()}
    moved = draw(st.sampled_from([key for key in works if key not in wholes]))
    return works, waits, moved, draw(st.integers(1, 20)), draw(st.booleans())


@given(tree_and_move())
def test_a_move_agrees_with_the_schedule_down_to_the_parts(drawn):
    """Whoever plans anew after a move, the moved task fixed, finds every date as it is."""
    works, waits, moved, by, undated = drawn
    ties = [Link(one.earlier, one.later) for one in inside(parts_of(works), waits)]
    assume(find_circle(ties) is None)
    wholes = {work.parent_id for work in works.values()}

    def put(days):
        """Return the tasks with these days; what has parts may have none of its own."""
        return {
            key: replace(work, start_date=days[key][0], due_date=days[key][1])
            if key not in wholes or not undated
            else work
            for key, work in works.items()
        }

    now = put(plan(works, waits, {}, BY).days)
    first = BY.calendar.add_working_days(now[moved].start_date, by)
    to = (first, BY.calendar.finish_of(first, works[moved].duration_days))
    after = {one.work.id: one.after for one in push(now, waits, moved, to).shifts}
    held = {k: replace(w, fixed_dates=k == moved) for k, w in now.items()}
    for key, (start, due) in {**after, moved: to}.items():
        held[key] = replace(held[key], start_date=start, due_date=due)
    anew = plan(held, waits, {}, terms(CALENDARS, None, None, keep=True)).days
    for key, work in held.items():
        if work.start_date:
            assert anew[key] == (work.start_date, work.due_date), (key, after)


async def test_parts_and_their_whole_go_along_and_come_back(office):
    """A until Tu 24; PAR waits for it, its part takes We 25 to Mo 30, then comes the last one."""
    project = await office.create("project", name="Roof")
    a = await office.dated(project, title="A", start_date="2026-11-18", due_date="2026-11-24")
    par = await office.dated(project, title="PAR")
    part = await office.dated(project, title="part", parent_id=par.id, duration_days=4)
    last = await office.dated(project, title="after PAR", duration_days=1)
    await office.link(par, a)
    await office.link(last, par)
    await office.act(project, "auto_schedule")
    before = await office.days(a, par, part, last)
    await office.act(a, "move_dates", start_date="2026-12-14", due_date="2026-12-18")
    assert (await office.days(par, part, last)) == [
        ("12-21", "12-24"),
        ("12-21", "12-24"),
        ("12-25", "12-25"),
    ]
    await undo_last(office)
    assert await office.days(a, par, part, last) == before
    seen = await office.plan("moved", task_id=part.id, start_date="2026-12-14")
    assert [one.title for one in seen.changes] == ["PAR", "after PAR"]
    await office.act(part, "move_dates", start_date="2026-12-14", due_date="2026-12-18")
    assert (await office.days(par, last)) == [("12-14", "12-18"), ("12-21", "12-21")]
    await undo_last(office)
    assert await office.days(a, par, part, last) == before


async def test_a_move_takes_as_many_statements_for_many_as_for_few(office, monkeypatch):
    seen = []
    for kind in (SqliteConnection, PostgresConnection):
        plain = kind.fetch

        async def fetch(self, sql, args=(), *, plain=plain):
            seen.append(sql)
            return await plain(self, sql, args)

        monkeypatch.setattr(kind, "fetch", fetch)
    project, (a, _b, last, _x) = await chain(office)
    counts = []
    for round_ in range(3):  # the first one also reads what is kept afterwards
        whole = await office.dated(project, title="Whole")
        for number in range(4 * round_ + 1):
            part = await office.dated(
                project, title=f"Part {number}", parent_id=whole.id, start_date="2026-12-07"
            )
            await office.link(part, last)
        seen.clear()
        moved = await office.plan("moved", task_id=a.id, start_date="2027-02-01")
        counts.append((moved.count, len(seen)))
        last = whole
    assert [count for count, _ in counts] == [3, 8, 17], counts
    assert counts[1][1] == counts[2][1] <= 10, counts


async def test_a_move_to_the_ends_of_time_is_done_or_says_which_day_is_too_far(office):
    _project, (a, b, _c, x) = await chain(office)
    await office.act(x, "move_dates", start_date="9999-12-31", due_date="9999-12-31")
    await office.act(x, "move_dates")
    await office.act(x, "move_dates", start_date="0001-01-01", due_date="0001-01-01")
    for day in ("0001-01-01", "9999-12-31"):
        dates = {"start_date": day, "due_date": day}
        if day.startswith("9"):
            with pytest.raises(Conflict, match=r"TASK-001 A \(31 Dec 9999\) lies too far away"):
                await office.act(a, "move_dates", **dates)
            await office.act(a, "move_dates", **dates, successors=False)
        else:
            await office.act(a, "move_dates", **dates)
    await office.act(a, "move_dates")
    # A task that has nothing to do with a move is not blamed for it.
    await office.act(x, "move_dates", start_date="9999-12-01", due_date="9999-12-31")
    with pytest.raises(Conflict, match=r"TASK-002 B \(31 Dec 9999\) lies too far away"):
        await office.act(b, "move_dates", start_date="9998-12-31", due_date="9999-12-31")
    assert (await office.days(b))[0] == ("11-25", "11-26")
    # What was mistyped is mended by the same verb.
    await office.act(a, "move_dates", start_date="2026-11-25", due_date="2026-11-26")
    assert (await office.days(b))[0] == ("11-27", "11-30")


def test_a_point_and_an_undated_task_are_pushed_as_they_are():
    works = {
        1: Work(id=1, version=1, project_id=1, code="", title="A", status="todo", due_date=TODAY),
        2: Work(id=2, version=1, project_id=1, code="", title="B", status="todo",
                due_date=TODAY + timedelta(1)),
        3: Work(id=3, version=1, project_id=1, code="", title="C", status="todo"),
    }  # fmt: skip
    waits = [Wait(1, 1, 1, 2, "finish_to_start", 0), Wait(2, 1, 1, 3, "finish_to_start", 0)]
    found = push(works, waits, 1, (None, date(2026, 11, 20)))
    # A ends on Friday 20 now; B, a single day without a start, goes to Monday.
    assert [(one.work.id, one.after) for one in found.shifts] == [(2, (None, date(2026, 11, 23)))]
    assert span(None, date(2026, 11, 23), 2, BY.calendar) == (
        date(2026, 11, 20),
        date(2026, 11, 23),
    )


def test_what_takes_no_time_stands_at_the_end_of_its_day_or_in_the_morning():
    """A (until Fr 20), then M, then B: M is reached on Friday night, so B begins on Monday."""
    a, b = date(2026, 11, 19), date(2026, 11, 20)
    works = {
        1: Work(id=1, version=1, project_id=1, code="", title="A", status="todo",
                start_date=a, due_date=a),
        2: Work(id=2, version=1, project_id=1, code="", title="M", status="todo",
                due_date=a, duration_days=0),
        3: Work(id=3, version=1, project_id=1, code="", title="B", status="todo",
                start_date=b, due_date=b),
    }  # fmt: skip
    waits = [Wait(1, 1, 1, 2, "finish_to_start", 0), Wait(2, 1, 2, 3, "finish_to_start", 0)]
    found = push(works, waits, 1, (a, b))
    monday = date(2026, 11, 23)
    assert [(one.work.id, one.after) for one in found.shifts] == [
        (2, (None, b)),
        (3, (monday, monday)),
    ]
    # M alone waits for nothing: it stands in the morning of its day, and B may begin then.
    found = push(works, waits[1:], 2, (None, b))
    assert not found.shifts


async def chain(office, me=SYSTEM, project=None):
    """Three tasks of two days, one after the other from Monday 23 November, and a loose one."""
    project = project or await office.create("project", me, name="Roof")
    spans = (("23", "24"), ("25", "26"), ("27", "30"), ("25", "26"))
    tasks = [
        await office.dated(project, me, title=t, start_date=f"2026-11-{a}", due_date=f"2026-11-{b}")
        for t, (a, b) in zip("ABCX", spans, strict=True)
    ]
    for earlier, later in itertools.pairwise(tasks[:3]):
        await office.link(later, earlier, me)
    return project, tasks


async def test_a_move_is_previewed_done_and_taken_back_whole(office):
    _project, (a, b, c, x) = await chain(office)
    before = await office.days(a, b, c, x)
    asked = {"task_id": a.id, "start_date": "2026-11-25", "due_date": "2026-11-26"}
    seen = await office.plan("moved", **asked)
    # A moves by two working days; B follows to Fr 27 and Mo 30, C to Tu 1 and We 2 December.
    assert [(one.title, str(one.start_to)[5:], str(one.due_to)[5:]) for one in seen.changes] == [
        ("B", "11-27", "11-30"),
        ("C", "12-01", "12-02"),
    ]
    assert [one.days for one in seen.changes] == [2, 2]
    assert (seen.count, seen.end_from, seen.end_to) == (2, date(2026, 11, 30), date(2026, 12, 2))
    assert await office.days(a, b, c, x) == before
    dates = {"start_date": "2026-11-25", "due_date": "2026-11-26"}
    await office.act(a, "move_dates", **dates, plan=seen.plan)
    after = await office.days(a, b, c, x)
    assert after == [("11-25", "11-26"), ("11-27", "11-30"), ("12-01", "12-02"), before[3]]
    await undo_last(office)
    assert await office.days(a, b, c, x) == before
    await office.act(a, "move_dates", **dates, successors=False)
    assert (await office.days(a, b, c))[1:] == before[1:3]


async def undo_last(office, me=SYSTEM):
    log = office.ws.registry.metadata.tables["kernel_log"].c

    async def last(ctx):
        (newest,) = await ctx.workspace.log.where(ctx.connection, log.id > 0, limit=1)
        return newest.change_set

    await office.ws.undo(me, await office.ws.look(SYSTEM, last))


@pytest.mark.parametrize("by", [-12, -1, 1, 9])
async def test_moving_a_task_back_restores_the_plan(office, by):
    """Whatever a move has pushed, one undo brings every date of the plan back."""
    _project, tasks = await chain(office)
    before = await office.days(*tasks)
    a = tasks[0]
    dates = {name: str(getattr(a, name) + timedelta(by)) for name in ("start_date", "due_date")}
    await office.act(a, "move_dates", **dates, pull=by < 0)
    assert await office.days(*tasks) != before
    await undo_last(office)
    assert await office.days(*tasks) == before


async def test_pulled_only_when_asked(office):
    _project, (a, b, c, _x) = await chain(office)
    earlier = {"start_date": "2026-11-19", "due_date": "2026-11-20"}
    assert (await office.plan("moved", task_id=a.id, **earlier)).count == 0
    await office.act(a, "move_dates", **earlier, pull=True)
    assert await office.days(a, b, c) == [
        ("11-19", "11-20"),
        ("11-23", "11-24"),
        ("11-25", "11-26"),
    ]


async def test_two_people_at_once_are_told(office):
    _project, (a, b, c, _x) = await chain(office)
    asked = {"start_date": "2026-11-25", "due_date": "2026-11-26"}
    seen = await office.plan("moved", task_id=a.id, **asked)
    await office.update(c, title="C, but later")
    with pytest.raises(Conflict, match="changed the plan since you looked"):
        await office.act(a, "move_dates", **asked, plan=seen.plan)
    await office.update(a, title="A too")
    with pytest.raises(Stale):
        await office.act(a, "move_dates", **asked, version=1)
    both = await asyncio.gather(
        office.act(a, "move_dates", **asked),
        office.act(b, "move_dates", start_date="2026-11-26", due_date="2026-11-27"),
        return_exceptions=True,
    )
    assert all(not isinstance(end, Exception) or isinstance(end, Conflict) for end in both), both


async def test_what_is_of_others_fixed_or_begun_stays_and_is_said(office):
    ann, bob, vic, sam, project = await office.team()
    _p, (a, b, c, _x) = await chain(office, ann, project)
    await office.update(b, ann, status="in_progress")
    other = await office.create("project", leads(sam), name="Elsewhere")
    theirs = await office.dated(other, leads(sam), start_date="2026-11-25", due_date="2026-11-25")
    await office.link(theirs, a)
    asked = {"start_date": "2026-11-26", "due_date": "2026-11-27"}
    seen = await office.plan("moved", plans(bob), task_id=a.id, **asked)
    assert seen.count == 0
    assert sorted((one.task_id, one.title) for one in seen.held) == [
        (0, "A task that you may not see"),
        (b.id, "TASK-002 B"),
    ]
    with pytest.raises(NotFound):
        await office.plan("moved", plans(sam), task_id=a.id, **asked)
    with pytest.raises(Denied, match="as viewer"):
        await office.act(a, "move_dates", plans(vic), **asked)
    await office.act(a, "move_dates", plans(bob), **asked)
    assert await office.days(a, c, theirs) == [
        ("11-26", "11-27"),
        ("11-27", "11-30"),
        ("11-25", "11-25"),
    ]


def plans(me):
    return type(me)(id=me.id, name=me.name, grants=frozenset({*me.grants, *PLANS}))


def leads(me):
    return type(me)(id=me.id, name=me.name, grants=frozenset({"projects.*", *PLANS}))
