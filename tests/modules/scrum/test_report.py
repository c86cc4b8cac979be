"""The report of a sprint: what it tells, and that it tells the same for ever once it is over."""

from decimal import Decimal

import msgspec
import pytest

from mainstay.kernel.problems import NotFound
from mainstay.modules.scrum.entities import SprintStory
from tests.modules.scrum.test_ceremonies import begun, speak


async def lived(stage):
    """Live through a sprint: 13 points committed, 5 come in, 3 go out, 8 are completed."""
    bob = stage.people["bob"].id
    sprint = await stage.sprint(goal="Boats can land", capacity_hours="50")
    one, two, three = await stage.tasks("ABC", sprint_id=sprint.id, assignee_id=bob)
    for task, points in ((one, 5), (two, 5), (three, 3)):
        await stage.change(task, story_points=points)
    await stage.act(sprint, "start")
    stage.later(1)
    await stage.task("D", "ann", sprint_id=sprint.id, story_points=5)
    await stage.change(three, "ann", sprint_id=None)
    data = {"task_id": one.id, "user_id": bob, "date": "2026-11-18", "hours": "10"}
    await stage.make("projects.time_entry", "bob", **data)
    entry = {**data, "task_id": two.id, "date": "2026-11-19", "hours": "6.5"}
    await stage.make("projects.time_entry", "bob", **entry)
    await speak(stage, "bob", sprint, today="Piers", blockers="No crane", mood=4)
    way = await stage.make("impediment", "bob", sprint_id=sprint.id, title="No crane")
    still = await stage.make("impediment", "ann", sprint_id=sprint.id, title="Rain")
    await stage.act(one, "complete", "bob")
    stage.later(2)
    await stage.act(way, "resolve", "bob", resolution="Rented one")
    stage.later(1)
    return sprint, (one, two, three), still


async def test_a_completed_sprint_tells_the_same_whatever_is_changed_later(stage):
    sprint, (one, two, three), still = await lived(stage)
    following = await stage.sprint(start_date="2026-11-30", end_date="2026-12-11")
    await stage.act(sprint, "complete", unfinished="next", sprint_id=following.id)
    told = await stage.ask("sprint_report", "bob", sprint_id=sprint.id)
    assert (told.committed, told.completed, told.added, told.removed) == (13.0, 5.0, 5.0, 3.0)
    # 5 of 13 points: 38.46 %; 16.5 of 50 hours: 33 %
    assert (told.completion, told.utilisation, told.worked_hours) == (38.46, 33.0, Decimal("16.5"))
    assert [(t.title, t.fate, t.added_by, t.left_by, t.to_sprint) for t in told.tasks] == [
        ("A", "completed", "", "", ""),
        ("B", "rolled_on", "", "Ann Example", following.name),
        ("C", "removed", "", "Ann Example", ""),
        ("D", "rolled_on", "Ann Example", "Ann Example", following.name),
    ]
    assert [(p.name, p.tasks, p.points, p.hours) for p in told.people] == [
        ("Bob Example", 1, 5.0, Decimal("16.5"))
    ]
    assert [(i.title, i.status, i.days) for i in told.impediments] == [
        ("No crane", "resolved", 2.0),
        ("Rain", "open", 3.0),
    ]
    # 0.4 * (70 - 38.4615) / 70 = 0.180220, 0.3 * (80 - 33) / 80 = 0.17625, 0.2 / 5 = 0.04
    assert told.health.score == pytest.approx(1 - 0.18021978 - 0.17625 - 0.04, abs=1e-8)
    assert (told.mood, told.average, told.kept, told.whole) == (4.0, None, True, True)
    # Whatever happens to what it was made of, it stays; and so does the health.
    health = await stage.ask("sprint_health", sprint_id=sprint.id)
    stage.later(9)
    await stage.change(one, story_points=13, title="Renamed")
    await stage.act(one, "reopen")
    await stage.act(two, "complete")
    await stage.act(still, "resolve", resolution="Sun")
    await stage.bin(three)
    data = {"task_id": one.id, "user_id": stage.people["bob"].id, "date": "2026-11-18"}
    await stage.make("projects.time_entry", "bob", **data, hours="7")
    again = await stage.ask("sprint_report", "bob", sprint_id=sprint.id)
    same = [msgspec.structs.replace(one, look_back=told.look_back) for one in (again, told)]
    assert msgspec.json.encode(same[0]) == msgspec.json.encode(same[1])
    later = await stage.ask("sprint_health", sprint_id=sprint.id)
    assert later == health
    assert later.health == told.health
    with pytest.raises(NotFound):
        await stage.ask("sprint_report", "sam", sprint_id=sprint.id)


async def test_undoing_the_completion_takes_the_story_back(stage):
    sprint, *_ = await lived(stage)
    told = await stage.ask("sprint_report", "bob", sprint_id=sprint.id)
    assert [(t.title, t.fate, t.added) for t in told.tasks] == [
        ("A", "completed", False),
        ("B", "open", False),
        ("C", "removed", False),
        ("D", "open", True),
    ]
    await stage.act(sprint, "complete")
    await stage.undo()
    assert not await stage.run("", lambda ctx: ctx.all(SprintStory, anywhere=True))
    found = await stage.ask("sprint_report", sprint_id=sprint.id)
    assert (found.status, found.kept, found.committed) == ("active", False, 13.0)
    stage.later(1)
    await stage.act(sprint, "complete")
    assert (await stage.ask("sprint_report", sprint_id=sprint.id)).kept
    following = await begun(stage, start_date="2026-11-23", end_date="2026-12-04")
    # 5 points on average in one sprint before it
    found = await stage.ask("sprint_report", sprint_id=following.id)
    assert (found.average, found.sprints, found.tasks) == (5.0, 1, [])
