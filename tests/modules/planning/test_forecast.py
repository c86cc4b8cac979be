"""Forecasts from a project's own past: honest where it is short, the same all day."""

from datetime import date, timedelta

import pytest

from mainstay.kernel.problems import Invalid, NotFound
from tests.modules.planning.test_moves import plans


async def test_a_steady_past_gives_one_day(office):
    """One task a day, every working day: six open ones take six working days, surely."""
    project = await office.create("project", name="Roof", end_date="2026-12-20")
    tasks = [await office.dated(project, title="T") for _n in range(14)]
    for task in tasks[:8]:
        await office.act(task, "start")
        await office.act(task, "complete")
        office.clock.advance(timedelta(days=3 if office.clock.now().weekday() == 4 else 1))
    # Eight working days from We 18: today is Mo 30 November.
    answer = await office.plan("forecast", project_id=project.id)
    assert (answer.as_of, answer.remaining, answer.finished) == (date(2026, 11, 30), 6, 8)
    assert answer.per_week == 5
    # Six working days after today: Tu 1 to Tu 8 December.
    assert {one.day for one in answer.dates} == {date(2026, 12, 8)}
    assert [(one.first, one.trials, one.so_far) for one in answer.histogram] == [
        (date(2026, 12, 8), 10_000, 1.0)
    ]
    assert [(one.first, one.finished) for one in answer.past] == [
        (date(2026, 11, 16), 3),
        (date(2026, 11, 23), 5),
    ]
    # Until Su 20 December there are fourteen working days, and as many tasks.
    assert {one.tasks for one in answer.by_that_day} == {14}
    assert answer.cycle == {50: 1, 85: 1, 95: 1}


async def test_a_short_past_is_no_forecast_and_the_same_day_says_the_same(office):
    ann, _bob, _vic, sam, project = await office.team()
    for n in range(4):
        task = await office.dated(project, ann, title=str(n))
        await office.act(task, "complete", ann)
    await office.dated(project, ann, title="open")
    office.clock.advance(timedelta(days=9))
    answer = await office.plan("forecast", plans(ann), project_id=project.id)
    assert answer.missing.startswith("Only 4 tasks were finished in the last 12 weeks.")
    assert (answer.dates, answer.histogram, answer.by_that_day) == ([], [], [])
    for n in range(8):
        task = await office.dated(project, ann, title=str(n))
        await office.act(task, "complete", ann)
        office.clock.advance(timedelta(days=n % 3))
    first = await office.plan("forecast", plans(ann), project_id=project.id, remaining=20)
    again = await office.plan("forecast", plans(ann), project_id=project.id, remaining=20)
    assert first == again
    days = [one.day for one in first.dates]
    assert days == sorted(days)
    assert days[0] < days[2]
    assert sum(one.trials for one in first.histogram) == 10_000
    reach = [one.tasks for one in first.by_that_day]
    assert reach == sorted(reach, reverse=True)
    with pytest.raises(Invalid, match="by must be after today"):
        await office.plan("forecast", plans(ann), project_id=project.id, by="2026-11-01")
    with pytest.raises(NotFound):
        await office.plan("forecast", plans(sam), project_id=project.id)


async def test_nothing_open_needs_no_forecast(office):
    project = await office.create("project", name="Empty")
    answer = await office.plan("forecast", project_id=project.id)
    assert answer.missing == "No task is open, so there is nothing to forecast."
