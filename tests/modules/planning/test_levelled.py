"""Planning anew: by links, and so that nobody has more to do than their hours allow."""

import itertools
from datetime import date, timedelta
from functools import partial
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.kernel.problems import Conflict, Denied
from mainstay.modules.planning.calendars import STANDARD, Calendars, Off
from mainstay.modules.planning.plan import Wait, Work, ready, terms
from mainstay.modules.planning.questions import levelled
from mainstay.modules.planning.scopes import Plan
from mainstay.scheduling import level
from tests.modules.planning.test_moves import leads, plans, undo_last

TODAY = date(2026, 11, 18)
MONDAY = date(2026, 11, 23)


@st.composite
def loads(draw):
    """Some tasks with hours and people, links, days off, shares of the day, settled tasks."""
    works, on = {}, {}
    for key in range(draw(st.integers(1, 7))):
        settled = draw(st.sampled_from([None, None, None, "fixed", "begun"]))
        first = TODAY + timedelta(draw(st.integers(0, 12)))
        works[key] = Work(
            id=key,
            version=1,
            project_id=1,
            code="",
            title=f"T{key}",
            status="in_progress" if settled == "begun" else "todo",
            start_date=first if settled else None,
            due_date=first + timedelta(draw(st.integers(0, 4))) if settled else None,
            fixed_dates=settled == "fixed",
            duration_days=None if settled else draw(st.sampled_from([None, 0, 1, 3])),
            estimated_hours=draw(st.sampled_from([None, 4.0, 20.0, 30.0])),
        )
        on[key] = draw(st.lists(st.integers(1, 3), unique=True, max_size=2))
    pairs = [p for p in itertools.combinations(works, 2) if draw(st.integers(0, 3)) == 0]
    waits = [
        Wait(n, 1, a, b, "finish_to_start", draw(st.integers(0, 2)))
        for n, (a, b) in enumerate(pairs)
    ]
    offs = [
        Off(
            "Away",
            day,
            day + timedelta(draw(st.integers(0, 9))),
            half=draw(st.booleans()),
            people=frozenset({who}),
        )
        for who in (1, 2)
        if draw(st.booleans())
        for day in [TODAY + timedelta(draw(st.integers(0, 15)))]
    ]
    shares = {who: draw(st.sampled_from([0.5, 0.8, 1.0])) for who in (1, 2, 3)}
    return works, on, waits, offs, shares


@given(loads())
def test_levelling_never_exceeds_what_people_can_and_respects_every_link(drawn):
    works, on, waits, offs, shares = drawn
    calendars = Calendars([STANDARD], offs, TODAY)
    by = terms(calendars, None, None)
    team = levelled.Team(
        on=on,
        share=shares.__getitem__,
        calendar=lambda who: calendars.of(None, who),
        last_off=max((off.last for off in offs), default=TODAY),
    )
    read = Plan(SimpleNamespace(id=1, version=1), works, waits)
    with patch.object(levelled, "level", partial(level, schedules=20)):
        days, verdict = levelled._levelled(read, by, team, "level")
    open_ = {key for key, work in works.items() if work.standing == "open"}
    assert days.keys() == open_
    firm = dict(levelled.movable(works, waits, {}, by).firm)
    load = levelled._spread(read, by, team, firm | days)
    settled = levelled._spread(read, by, team, firm)
    for (who, day), part in load.items():
        room = max(team.day(who, day, by.calendar), settled.get((who, day), 0.0))
        assert part <= room + 2e-3, (who, day, part, room)
    for wait in waits:
        if wait.later in days and works[wait.earlier].duration_days != 0:
            earlier = days.get(wait.earlier) or firm[wait.earlier]
            first, last = days[wait.later]
            count = by.calendar.working_days_between(first, last)
            count = 0 if works[wait.later].duration_days == 0 else count
            soonest = ready(wait.type, wait.lag, earlier, count, by.calendar)
            # What takes no time may stand on Friday night for what ends on the weekend.
            worked = by.calendar.previous_working_day(soonest) if not count else soonest
            assert first >= worked
    if days:
        assert max(last for _first, last in days.values()) >= min(verdict.lower_bound, TODAY)


async def stage(office):
    """A project of Ann's with two tasks of Bob's that are planned for the same two days."""
    ann, bob, vic, _sam, project = await office.team()
    dates = {"start_date": "2026-11-23", "due_date": "2026-11-24", "estimated_hours": "16"}
    tasks = [
        await office.dated(project, ann, title=t, assignees=[bob.id], **dates) for t in ("A", "B")
    ]
    return ann, bob, vic, project, tasks


async def test_two_tasks_of_one_person_are_put_one_after_the_other_and_taken_back(office):
    ann, _bob, _vic, project, tasks = await stage(office)
    me = leads(ann)
    before = await office.days(*tasks)
    seen = await office.plan(
        "replanned", me, project_id=project.id, how="level", start="2026-11-23"
    )
    # 16 hours each: Bob needs two days for one, so the other is on We 25 and Th 26.
    assert (seen.count, seen.unmoved, seen.proven) == (1, 1, True)
    (change,) = seen.changes
    assert (change.start_to, change.due_to) == (date(2026, 11, 25), date(2026, 11, 26))
    (load,) = seen.loads
    assert (load.name, load.week, load.capacity) == ("Bob", MONDAY, 40)
    assert (load.before, load.after, load.over_before, load.over_after) == (32, 32, True, False)
    assert await office.days(*tasks) == before
    await office.act(project, "level", me, start="2026-11-23", plan=seen.plan)
    assert sorted(await office.days(*tasks)) == [("11-23", "11-24"), ("11-25", "11-26")]
    await undo_last(office, me)
    assert await office.days(*tasks) == before
    by_links = await office.plan("replanned", me, project_id=project.id, start="2026-11-23")
    assert by_links.count == 0


async def test_days_off_shares_and_settled_work_are_counted(office):
    ann, bob, _vic, project, tasks = await stage(office)
    me = leads(ann)
    (row,) = [m for m in await members(office, project) if m.user_id == bob.id]
    await office.update(row, ann, allocation=0.5)
    await office.create(
        "planning.holiday", name="Away", date="2026-11-23", end_date="2026-11-25", people=[bob.id]
    )
    await office.update(tasks[0], ann, fixed_dates=True)
    seen = await office.plan("replanned", me, project_id=project.id, how="level")
    # Half a day for 16 hours: four days, from Th 26; before it he is away, and A is fixed.
    assert seen.stretched == ["TASK-002 B"]
    (change,) = seen.changes
    assert (change.title, change.start_to, change.due_to) == (
        "B",
        date(2026, 11, 26),
        date(2026, 12, 1),
    )
    await office.update(row, ann, allocation=0)
    with pytest.raises(Conflict, match="Bob works on TASK-002 B and has no share"):
        await office.plan("replanned", me, project_id=project.id, how="level")


async def members(office, project):
    from mainstay.kernel.scope import SYSTEM
    from mainstay.modules.projects.entities import ProjectMember

    return await office.ws.look(SYSTEM, lambda ctx: ctx.all(ProjectMember, project_id=project.id))


async def test_only_leaders_plan_anew_and_a_changed_plan_is_not_applied(office):
    ann, bob, vic, project, tasks = await stage(office)
    for me in (plans(bob), plans(vic)):
        with pytest.raises(Denied, match="Only owners and admins"):
            await office.act(project, "auto_schedule", me)
    me = leads(ann)
    seen = await office.plan("replanned", me, project_id=project.id)
    await office.update(tasks[0], ann, title="Changed")
    with pytest.raises(Conflict, match="changed the plan"):
        await office.act(project, "auto_schedule", me, plan=seen.plan)
    await office.act(project, "auto_schedule", me)
    assert await office.days(*tasks) == [("11-18", "11-19")] * 2


@pytest.mark.parametrize(
    ("dates", "says"),
    [
        ({"due_date": "0001-01-01", "duration_days": 10_000}, None),
        ({"start_date": "9999-12-31", "duration_days": 3}, None),
        ({"start_date": "9999-12-31"}, None),
        ({"start_date": "9999-12-30", "due_date": "9999-12-31"}, None),
        ({"start_date": "2026-11-17", "due_date": "9999-12-31"}, "31 Dec 9999"),
        ({"not_before": "9999-12-31", "duration_days": 3}, "31 Dec 9999"),
        ({"due_date": "0001-01-01", "duration_days": 9, "fixed_dates": True}, "1 Jan 0001"),
    ],
)
async def test_one_mistyped_date_is_planned_over_or_named(office, dates, says):
    """What stands open gets a new day whatever its old one was; a day that must hold is named."""
    ann, _bob, _vic, _sam, project = await office.team()
    await office.dated(project, title="Far", assignees=[ann.id], **dates)
    await office.dated(project, title="Near", assignees=[ann.id], duration_days=2)
    for how in ("schedule", "level"):
        if says is None:
            assert (await office.plan("replanned", project_id=project.id, how=how)).count == 2
            continue
        with pytest.raises(Conflict, match=rf"TASK-001 Far \({says}\) lies too far away"):
            await office.plan("replanned", project_id=project.id, how=how)
    if says is None:
        for how in ("schedule", "level"):
            with pytest.raises(Conflict, match=r"on is planned \(31 Dec 9999\) lies too far away"):
                await office.plan("replanned", project_id=project.id, how=how, start="9999-12-31")
