"""A project's schedule over links, calendars and what is settled, against hand-worked days."""

from datetime import date

import pytest

from mainstay.kernel.problems import NotFound
from mainstay.kernel.storage.postgres import PostgresConnection
from mainstay.kernel.storage.sqlite import SqliteConnection


async def lines(office, project, **asked):
    answer = await office.plan("schedule", project_id=project.id, **asked)
    found = {task.title: task for task in answer.tasks}
    return answer, found


def says(task):
    return f"{task.early_start:%m-%d} {task.early_finish:%m-%d}", task.total_slack, task.free_slack


async def test_links_of_four_types_lags_and_slack_by_hand(office):
    """Today is Wednesday 18 November; four types of links, with and without a lag."""
    project = await office.create("project", name="Roof")
    days = {"A": 3, "B": 2, "C": 1, "D": 2, "E": 4, "F": 2}
    made = {t: await office.dated(project, title=t, duration_days=n) for t, n in days.items()}
    await office.link(made["B"], made["A"])
    await office.link(made["C"], made["A"], type="start_to_start", lag_days=1)
    await office.link(made["D"], made["B"], lag_days=2)
    await office.link(made["E"], made["A"], type="finish_to_finish", lag_days=1)
    await office.link(made["F"], made["D"], type="relates_to")
    answer, found = await lines(office, project)
    # A: We 18, Th 19, Fr 20. B: Mo 23, Tu 24. D: two working days after B, so Fr 27 and Mo 30.
    # C begins one day after A begins: Th 19. E ends one day after A's Friday: Mo 23, so it begins
    # on We 18. F waits for nothing. The end is Mo 30; nine working days from We 18.
    assert {t: says(one) for t, one in found.items()} == {
        "A": ("11-18 11-20", 0, 0),
        "B": ("11-23 11-24", 0, 0),
        "C": ("11-19 11-19", 7, 7),
        "D": ("11-27 11-30", 0, 0),
        "E": ("11-18 11-23", 5, 5),
        "F": ("11-18 11-19", 7, 7),
    }
    assert [t for t, one in found.items() if one.critical] == ["A", "B", "D"]
    assert (answer.last_day, answer.working_days) == (date(2026, 11, 30), 9)
    assert answer.longest_path == [made[t].id for t in "ABD"]
    assert answer.in_words == "TASK-001 A → TASK-002 B → TASK-004 D"


async def test_what_is_settled_stays_and_holds_the_others(office):
    """Done tasks keep their days, begun ones their start, fixed ones both; others go behind."""
    project = await office.create("project", name="Roof", end_date="2026-11-24")
    begun = await office.dated(
        project, title="Begun", start_date="2026-11-16", duration_days=4, status="in_progress"
    )
    fixed = await office.dated(
        project, title="Fixed", start_date="2026-11-25", due_date="2026-11-26", fixed_dates=True
    )
    done = await office.dated(project, title="Done", start_date="2026-11-12", status="done")
    after = await office.dated(project, title="After", duration_days=1, due_date="2026-11-19")
    then = await office.dated(project, title="Then", estimated_hours="12")
    late = await office.dated(project, title="Not before", not_before="2026-11-30")
    gone = await office.dated(project, title="Gone", status="cancelled", duration_days=90)
    for later, earlier in ((after, begun), (then, fixed), (late, done), (fixed, after)):
        await office.link(later, earlier)
    await office.link(then, gone)
    answer, found = await lines(office, project)
    assert "Gone" not in found
    # Begun on Mo 16 for four days: until Th 19. After: Fr 20, a day after it was due on Th 19.
    # Fixed does not move. Then: 12 h are two days, Fr 27 and Mo 30. Done was finished today.
    assert {t: f"{o.early_start:%m-%d} {o.early_finish:%m-%d}" for t, o in found.items()} == {
        "Begun": "11-16 11-19",
        "Fixed": "11-25 11-26",
        "Done": "11-12 11-18",
        "After": "11-20 11-20",
        "Then": "11-27 11-30",
        "Not before": "11-30 11-30",
    }
    assert (found["After"].days_late, found["Done"].total_slack) == (1, None)
    assert (answer.days_late, answer.due) == (4, date(2026, 11, 24))


async def test_an_overdue_begun_task_ends_today_and_kept_dates_hold(office):
    project = await office.create("project", name="Roof")
    await office.dated(
        project, title="Old", start_date="2026-11-02", duration_days=2, status="in_progress"
    )
    await office.dated(project, title="Later", start_date="2026-12-01", due_date="2026-12-02")
    _, found = await lines(office, project)
    assert says(found["Old"])[0] == "11-02 11-18"
    assert says(found["Later"])[0] == "11-18 11-19"
    _, found = await lines(office, project, as_planned=True)
    assert says(found["Later"])[0] == "12-01 12-02"


async def test_other_projects_hold_with_their_dates_and_parts_wait_with_their_whole(office):
    project = await office.create("project", name="Roof")
    other = await office.create("project", name="Cellar")
    theirs = await office.dated(other, start_date="2026-11-20", due_date="2026-11-24")
    mine = await office.dated(project, title="Mine", duration_days=1)
    whole = await office.dated(project, title="Whole")
    parts = [
        await office.dated(project, title=t, duration_days=n, parent_id=whole.id)
        for t, n in (("Short", 1), ("Long", 3))
    ]
    end = await office.dated(project, title="End", duration_days=1)
    await office.link(mine, theirs, lag_days=1)
    await office.link(whole, mine)
    await office.link(end, whole)
    # Theirs ends on Tu 24, a day between: Mine on Th 26. The parts from Fr 27: Long until Tu 1
    # December, and with it the whole. End on We 2 December.
    answer, found = await lines(office, project)
    assert {t: says(one)[0] for t, one in found.items()} == {
        "Mine": "11-26 11-26",
        "Whole": "11-27 12-01",
        "Short": "11-27 11-27",
        "Long": "11-27 12-01",
        "End": "12-02 12-02",
    }
    assert [t for t in ("Short", "Long", "End") if found[t].critical] == ["Long", "End"]
    assert found["Short"].total_slack == 2
    # A part that its own whole waits for closes no circle: then links count as written.
    await office.link(whole, parts[0])
    await office.link(parts[1], end)
    answer, found = await lines(office, project)
    assert answer.tasks


async def test_a_task_without_a_length_stands_at_the_end_of_what_it_waits_for(office):
    project = await office.create("project", name="Roof")
    fixed = await office.dated(
        project, title="Fixed", start_date="2026-11-19", due_date="2026-11-20", fixed_dates=True
    )
    ready, after = [
        await office.dated(project, title=t, duration_days=n)
        for t, n in (("Ready", 0), ("After", 1))
    ]
    await office.link(ready, fixed)
    await office.link(after, ready)
    _, found = await lines(office, project)
    # Fixed ends on Friday 20, and with it Ready; After begins on Monday 23.
    assert [says(found[t])[0] for t in ("Ready", "After")] == ["11-20 11-20", "11-23 11-23"]


async def test_calendars_holidays_and_milestones(office):
    calendar = await office.create(
        "planning.work_calendar", name="Four days", friday=0, country="DE", subdivision="BY"
    )
    await office.create(
        "planning.holiday", name="Closed", date="2026-11-19", calendar_id=calendar.id
    )
    project = await office.create("project", name="Roof", calendar_id=calendar.id)
    milestone = await office.create(
        "milestones.milestone", project_id=project.id, name="Ready", due_date="2026-11-24"
    )
    await office.dated(project, title="A", duration_days=4, milestone_id=milestone.id)
    answer, found = await lines(office, project)
    # We 18, then Thursday is closed and Friday free: Mo 23, Tu 24, We 25.
    assert says(found["A"])[0] == "11-18 11-25"
    assert answer.calendar == "Four days"
    (ready,) = answer.milestones
    assert (ready.expected, ready.days_late, ready.reached) == (date(2026, 11, 25), 1, False)


async def test_only_those_who_see_the_project_ask(office):
    ann, _bob, _vic, sam, project = await office.team()
    await office.dated(project, ann, title="A")
    with pytest.raises(NotFound):
        await office.plan("schedule", sees(sam), project_id=project.id)
    answer = await office.plan("schedule", sees(ann), project_id=project.id)
    assert [task.title for task in answer.tasks] == ["A"]


def sees(me):
    grants = frozenset({*me.grants, "planning.*.read", "milestones.*.read"})
    return type(me)(id=me.id, name=me.name, grants=grants)


async def test_many_tasks_are_read_in_as_many_statements_as_few(office, monkeypatch):
    seen = []
    for kind in (SqliteConnection, PostgresConnection):
        plain = kind.fetch

        async def fetch(self, sql, args=(), *, plain=plain):
            seen.append(sql)
            return await plain(self, sql, args)

        monkeypatch.setattr(kind, "fetch", fetch)
    project = await office.create("project", name="Large")
    last = await office.dated(project, title="First")
    counts = []
    for count in (1, 3, 12):  # the first one also reads what is kept afterwards
        for _n in range(count):
            later = await office.dated(project, title="Next")
            await office.link(later, last)
            last = later
        seen.clear()
        await office.plan("schedule", project_id=project.id)
        counts.append(len(seen))
    assert counts[1] == counts[2] <= 8, counts


async def test_a_point_after_something_settled_and_something_open_ends_with_the_later(office):
    """Done on We 18 and open until Th 19: the point is reached on Th 19, not the evening before."""
    project = await office.create("project", name="Roof")
    done = await office.dated(project, title="Done", status="done")
    open_ = await office.dated(project, title="Open", duration_days=2)
    point = await office.dated(project, title="Point", duration_days=0)
    await office.link(point, done)
    await office.link(point, open_)
    _answer, found = await lines(office, project)
    assert says(found["Point"])[0] == "11-19 11-19"


async def test_a_task_without_a_length_takes_no_working_days(office):
    project = await office.create("project", name="Roof")
    await office.dated(project, title="Point", duration_days=0)
    await office.dated(project, title="Day", duration_days=1)
    _answer, found = await lines(office, project)
    assert (found["Point"].working_days, found["Day"].working_days) == (0, 1)
