"""Histories replayed into days: hand-worked sprints, and what holds for every history."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mainstay.modules.scrum import flow
from mainstay.modules.scrum.flow import MEASURES, History, State, Turn

MON = date(2026, 11, 16)
START = datetime(2026, 11, 16, 9, tzinfo=UTC)
DAYS = flow.days_from(MON, MON + timedelta(4))
S = 7


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 11, 16 + day, hour, tzinfo=UTC)


def task(points: float, status: str = "todo", sprint: int | None = S, **more) -> State:
    return State(sprint=sprint, status=status, points=points, hours=points * 2, **more)


def play(start: dict, *steps: tuple[int, int, State | None], hour: int = 12) -> History:
    """Play steps of day, task and what it becomes, each from what it was."""
    states, turns = dict(start), []
    for day, one, after in steps:
        turns.append(Turn(at(day, hour), one, states.get(one), after, "Ann", new=one not in states))
        states[one] = after
    return History(start, turns)


def run(history: History, measure="points", zone="UTC", days=DAYS):
    return flow.burndown(history, S, days, zone, started=START, measure=measure)


def test_a_sprint_by_hand():
    three, five, eight, two = task(3), task(5), task(8), task(2)
    history = play(
        {1: three, 2: five, 3: eight},
        (0, 1, replace(three, status="done")),  # Monday: 3 done
        (1, 4, two),  # Tuesday: 2 made in the sprint
        (1, 2, replace(five, points=8)),  # and 5 estimated as 8: 3 more
        (2, 3, replace(eight, sprint=None)),  # Wednesday: 8 taken out
        (3, 4, replace(two, status="cancelled")),  # Thursday: 2 cancelled
        (3, 1, replace(three, status="todo")),  # and the 3 opened again
        (4, 2, replace(five, points=8, status="done")),  # Friday: 8 done
    )
    found = run(history)
    told = [(d.added, d.removed, d.completed, d.remaining, d.scope) for d in found.days]
    assert found.committed == 16
    assert told == [
        (0, 0, 3, 13, 16),
        (5, 0, 3, 18, 21),
        (5, 8, 3, 10, 13),
        (5, 10, 0, 11, 11),
        (5, 10, 8, 3, 11),
    ]
    assert [(c.task, c.amount, c.why) for c in found.changes] == [
        (4, 2, "created"),
        (2, 3, "raised"),
        (3, -8, "moved_out"),
        (4, -2, "dropped"),
    ]
    assert run(history, "tasks").days[-1].remaining == 1
    # Hours are twice the points here; the raised estimate changed points alone.
    assert [d.remaining for d in run(history, "hours").days] == [26, 30, 14, 16, 6]
    assert [d.remaining_hours for d in found.days] == [26, 30, 14, 16, 6]


def test_why_the_scope_changed_and_what_was_before_the_start():
    one = task(5)
    binned, elsewhere = replace(one, alive=False), replace(one, sprint=9)
    early = play({1: elsewhere}, (0, 1, one), hour=8)  # an hour before the start
    assert run(early).committed == 5
    assert run(early).changes == []
    steps = [(1, 1, binned), (1, 1, one), (2, 1, elsewhere), (2, 1, one), (3, 1, task(2))]
    found = run(play({1: one}, *steps, (3, 1, None), (4, 1, one)))
    whys = ["deleted", "restored", "moved_out", "moved_in", "lowered", "moved_out", "moved_in"]
    assert [c.why for c in found.changes] == whys
    assert [c.amount for c in found.changes] == [-5, 5, -5, 5, -3, -2, 5]
    assert found.last.remaining == 5


def test_a_history_that_begins_later_counts_the_difference():
    tasks = {1: task(3), 2: task(5, "done")}
    for committed, sums in ((8, (0, 0)), (6, (2, 0)), (10.5, (0, 2.5))):
        found = flow.burndown(
            History(tasks, []), S, DAYS, "UTC", started=START, committed=committed
        )
        assert (found.last.added, found.last.removed) == sums
        assert (found.last.scope, found.last.remaining, found.changes) == (8, 3, [])


def test_hours_that_are_not_left_are_done():
    one = State(sprint=S, hours=8.0)
    steps = [(0, 1, replace(one, left=6.0)), (1, 1, replace(one, left=10.0))]
    found = run(play({1: one}, *steps, (2, 1, replace(one, status="done"))), "hours")
    # 8 estimated: 6 are left, then 10, which is more than ever but removes nothing, then none.
    assert [d.remaining for d in found.days] == [6, 8, 0, 0, 0]
    assert [d.completed for d in found.days] == [2, 0, 8, 8, 8]
    assert found.changes == []


def test_a_day_ends_at_midnight_where_the_reader_is():
    one = task(3)
    history = History({1: one}, [Turn(at(0, 16), 1, one, replace(one, status="done"))])
    # 16:00 in London is 01:00 of the next day in Tokyo, and 08:00 in Los Angeles.
    for zone, left in (("Europe/London", [0, 0]), ("Asia/Tokyo", [3, 0])):
        assert [d.remaining for d in run(history, zone=zone).days[:2]] == left
    assert flow.day_of(at(0, 16), "Asia/Tokyo") == MON + timedelta(1)
    night = flow.night(date(2026, 10, 25), "Europe/Berlin")  # the day with 25 hours
    assert night == datetime(2026, 10, 25, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("committed", "works", "even"),
    [
        (10, [True] * 5, [8, 6, 4, 2, 0]),
        # Two free days in the middle: 9 points over three days, flat in between.
        (9, [True, False, False, True, True], [6, 6, 6, 3, 0]),
        (6, [False] * 3, [4, 2, 0]),  # no working day at all: every day counts
        (0, [True], [0]),
    ],
)
def test_an_even_pace_over_working_days(committed, works, even):
    days = flow.days_from(MON, MON + timedelta(len(works) - 1))
    plan = dict(zip(days, works, strict=True))
    assert flow.ideal(committed, days, plan.__getitem__) == even


@pytest.mark.parametrize(
    ("remaining", "passed", "late"),
    # 10 points in 5 days, so 2 a day: 6 left is day 2, 7.4 left is day 1.3, 0 left is day 5.
    [
        *((6, 2, 0), (8, 2, 1), (10, 2, 2), (6.6, 2, 0), (7.4, 2, 1), (4, 2, -1)),
        *((0, 2, -3), (2, 5, 1), (2, 7, 3), (12, 1, 1)),
    ],
)
def test_days_behind_an_even_pace(remaining, passed, late):
    assert flow.behind(remaining, 10, 5, passed) == late
    assert flow.behind(remaining, 0, 5, passed) == (passed if remaining else 0)


def test_velocity_by_hand():
    found = flow.pace([(20, 18), (30, 27), (24, 21), (20, 22)])
    # (18+27+21+22)/4 = 22; the last three (27+21+22)/3 = 23.33; 88 of 94 = 0.9362
    assert (found.average, found.low, found.high) == (22, 18, 27)
    assert (found.average_of_3, found.average_of_6) == (23.33, 22)
    assert found.predictability == 0.9362
    assert flow.pace([]) == flow.Pace()
    assert flow.pace([(0, 5)]).predictability is None


def test_cumulative_flow_by_hand():
    one, two = task(3), task(5, "in_progress", None)
    history = play(
        {1: one, 2: two},
        (0, 1, replace(one, status="in_progress")),
        (1, 2, replace(two, status="done")),
        (2, 1, replace(one, alive=False)),
        (3, 3, task(1, "backlog", None)),
        (4, 2, replace(two, status="cancelled")),
    )
    assert flow.cumulative(history, DAYS, "UTC") == [
        {"in_progress": 2},
        {"in_progress": 1, "done": 1},
        {"done": 1},
        {"done": 1, "backlog": 1},
        {"backlog": 1},
    ]
    assert flow.cumulative(history, DAYS[:1], "UTC", "points") == [{"in_progress": 8}]


def test_cycle_and_lead_times_by_hand():
    one, two, old = task(1), task(1), task(1, "in_progress")
    go, done = {"status": "in_progress"}, {"status": "done"}
    history = play(
        {1: one, 2: two, 5: old},
        (0, 1, replace(one, **go)),
        (1, 1, replace(one, status="todo")),
        (2, 1, replace(one, **go)),  # the first start counts
        (3, 1, replace(one, **done)),  # 3 days after it
        (3, 2, replace(two, **done)),  # in one step: no time that anybody saw
        (3, 3, task(1, "done")),  # came in done: nothing is known of it
        (3, 5, replace(old, **done)),  # was in work before the log begins
        (4, 4, task(1, "in_progress")),
        (4, 1, replace(one, **go)),
        (5, 1, replace(one, **done)),  # the last end counts: 5 days
    )
    created = {1: at(-1), 2: at(1), 4: at(4)}
    found, ageing = flow.lives(history, created, at(6))
    times = {f.task: (f.cycle, f.lead) for f in found}
    assert times == {1: (5, 6), 2: (0, 2), 5: (None, None)}
    assert [(a.task, a.age) for a in ageing] == [(4, 2)]
    early, _ageing = flow.lives(history, created, at(3, 13))
    assert {f.task: f.cycle for f in early} == {1: 3, 2: 0, 5: None}


def test_control_limits_and_bins_by_hand():
    # Mean 4; moving ranges 2, 4, 2: 8/3 on average; 4 + 2.66 * 8/3 = 11.09, and none below zero.
    found = flow.control([4, 6, 2, 4])
    assert found is not None
    assert (found.mean, found.lower, found.upper) == (4, 0, 11.09)
    assert found.rolling == [4, 5, 4, 4]
    assert flow.control([1.0]) is None
    assert flow.histogram([0.2, 1, 1.9, 4]) == [
        (0, 1, 1),
        (1, 2, 2),
        (2, 3, 0),
        (3, 4, 0),
        (4, 5, 1),
    ]
    assert flow.histogram([0.0, 47.0], most=24)[-1] == (46, 48, 1)
    assert flow.histogram([]) == []


# ---- what holds for every history ----

STATES = st.none() | st.builds(
    State,
    sprint=st.sampled_from([None, S, 9]),
    status=st.sampled_from(["todo", "in_progress", "done", "cancelled"]),
    points=st.sampled_from([0.0, 0.5, 1.0, 3.0, 8.0, 13.0]),
    hours=st.sampled_from([0.0, 2.25, 8.0]),
    left=st.sampled_from([None, 0.0, 1.5, 20.0]),
    alive=st.booleans(),
    type=st.sampled_from(["task", "epic"]),
    parent=st.sampled_from([None, 1, 2]),
)
STEPS = st.lists(
    st.tuples(st.integers(-30, 200), st.integers(1, 5), STATES), min_size=0, max_size=40
)


def grown(steps) -> History:
    """Make a history of steps: minutes are hours from the start here; some are called undo."""
    states, turns = {}, []
    for hours, one, after in sorted(steps, key=lambda step: step[0]):
        if states.get(one) != after:
            when, undo = START + timedelta(hours=hours), hours % 3 == 0
            turns.append(Turn(when, one, states.get(one), after, undo=undo))
            states[one] = after
    return History({}, turns)


def stood(history: History, instant: datetime) -> dict[int, State | None]:
    """Return every task as it stood just before an instant, the plain way."""
    states = dict(history.start)
    for turn in history.turns:
        if turn.at < instant:
            states[turn.task] = turn.after
    return states


@given(
    steps=STEPS,
    measure=st.sampled_from(MEASURES),
    zone=st.sampled_from(["UTC", "Pacific/Auckland", "America/St_Johns"]),
)
def test_on_every_day_what_remains_is_what_is_left_of_the_tasks(steps, measure, zone):
    history, days = grown(steps), flow.days_from(MON, MON + timedelta(8))
    found = run(history, measure, zone, days)
    for day in found.days:
        assert day.remaining == pytest.approx(
            day.committed + day.added - day.removed - day.completed
        )
        states = stood(history, flow.night(day.day, zone))
        wholes = {one.parent for one in states.values() if one and flow.in_sprint(one, S)}
        left = sum(
            flow.size(one, S, measure) - flow.done_of(one, S, measure)
            for task, one in states.items()
            if measure == "tasks" or task not in wholes
        )
        assert day.remaining == pytest.approx(left)  # the naive sum over tasks
        assert day.scope - day.completed == pytest.approx(day.remaining)  # burnup and burndown
        assert day.remaining >= -1e-9
    changed = sum(change.amount for change in found.changes)
    assert changed == pytest.approx(found.last.added - found.last.removed)


@given(steps=STEPS, change=STATES, measure=st.sampled_from(MEASURES))
def test_what_is_taken_back_is_no_change_of_scope(steps, change, measure):
    history, days = grown(steps), flow.days_from(MON, MON + timedelta(12))
    whole, end = run(history, measure, days=days), at(10)
    before = stood(history, end).get(1)
    there = Turn(end, 1, before, change)
    back = Turn(end + timedelta(hours=1), 1, change, before, undo=True)
    again = replace(back, undo=False)
    told = run(History({}, [*history.turns, there, back]), measure, days=days)
    assert (told.last, told.changes) == (whole.last, whole.changes)
    # Put back by hand, it is counted both ways.
    told = run(History({}, [*history.turns, there, again]), measure, days=days)
    moved = abs(flow.size(change, S, measure) - flow.size(before, S, measure))
    assert told.last.added == pytest.approx(whole.last.added + moved)
    assert told.last.removed == pytest.approx(whole.last.removed + moved)
    # And the undo of the undo is a change again.
    third = Turn(end + timedelta(hours=2), 1, before, change, undo=True)
    told = run(History({}, [*history.turns, there, back, third]), measure, days=days)
    once = run(History({}, [*history.turns, there]), measure, days=days)
    assert (told.last, len(told.changes)) == (once.last, len(once.changes))


@given(steps=STEPS, later=STEPS, measure=st.sampled_from(MEASURES))
def test_what_happens_later_changes_no_day_before(steps, later, measure):
    history = grown(steps)
    end = max((turn.at for turn in history.turns), default=START)
    states = stood(history, end + timedelta(1))
    turns = list(history.turns)
    for hours, one, after in sorted(later, key=lambda step: step[0]):
        instant = end + timedelta(days=1, hours=max(0, hours))
        turns.append(Turn(instant, one, states.get(one), after))
        states[one] = after
    longer = History({}, turns)
    days = [d for d in flow.days_from(MON, MON + timedelta(12)) if d <= flow.day_of(end, "UTC")]
    assert run(history, measure, days=days).days == run(longer, measure, days=days).days
    assert flow.cumulative(history, days, "UTC") == flow.cumulative(longer, days, "UTC")
    assert flow.lives(history, {}, end) == flow.lives(longer, {}, end)
