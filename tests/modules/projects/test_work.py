"""Verbs, codes, scope, order and totals, on both engines."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal

import pytest

from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Denied, Duplicate, Invalid, NotFound
from mainstay.kernel.scope import SYSTEM
from tests.modules.projects.conftest import LEAD, READ

D = Decimal


async def test_a_creator_owns_the_project_and_it_has_a_code(workspace):
    ann = await workspace.person("Ann", LEAD)
    project = await workspace.create("project", ann, name="Solar roof Nordhof")
    again = await workspace.create("project", ann, name="Solar roof Nordhof")
    assert (project.code, again.code) == ("SRN", "SRN2")
    assert project.owner_id == ann.id
    page = await workspace.ws.page(ann, "projects.project_member", project_id=project.id)
    assert [(m.user_id, m.role) for m in page.items] == [(ann.id, "owner")]
    with pytest.raises(Duplicate):
        await workspace.create("project", ann, name="Other", code="srn")
    with pytest.raises(Invalid):
        await workspace.create("project", ann, name="Other", code="S-1")


async def test_the_life_of_a_project(workspace):
    ann, *_, project = await workspace.team()
    project = await workspace.act(project, "start", ann)
    assert (project.status, project.actual_start) == ("active", date(2026, 11, 18))
    task = await workspace.create("task", ann, project_id=project.id, title="Measure the roof")
    with pytest.raises(Conflict, match="active already"):
        await workspace.act(project, "start", ann)
    project = await workspace.act(project, "hold", ann)
    with pytest.raises(Conflict, match="Resume it"):
        await workspace.act(project, "start", ann)
    await workspace.act(project, "resume", ann)
    project = await workspace.act(project, "complete", ann)
    assert (project.status, project.progress) == ("completed", 1.0)
    assert project.actual_end == date(2026, 11, 18)
    with pytest.raises(Conflict, match="Reopen it first"):
        await workspace.update(project, ann, status="cancelled")
    project = await workspace.act(project, "reopen", ann)
    assert (project.status, project.progress, project.actual_end) == ("active", 0.0, None)
    await workspace.act(task, "complete", ann)
    assert (await workspace.fresh(project)).progress == 1.0
    project = await workspace.update(project, ann, status="completed")
    assert project.actual_end == date(2026, 11, 18)
    project = await workspace.update(project, ann, status="in_progress")
    assert project.status == "active"


async def test_dates_of_a_project_are_in_order(workspace):
    ann = await workspace.person("Ann", LEAD)
    with pytest.raises(Invalid) as refusal:
        await workspace.create(
            "project", ann, name="X", start_date="2026-12-02", end_date="2026-12-01"
        )
    assert refusal.value.errors[0].field == "end_date"


async def test_codes_under_concurrency_have_no_gap_and_no_double(workspace):
    ann, *_, project = await workspace.team()
    made = await asyncio.gather(
        *(
            workspace.create("task", ann, project_id=project.id, title=f"Step {n}")
            for n in range(50)
        )
    )
    assert sorted(task.code for task in made) == [f"TASK-{n:03d}" for n in range(1, 51)]
    assert len({task.sort_order for task in made}) == 50
    kept = await workspace.fresh(project)
    assert (kept.task_count, kept.done_count, kept.version) == (50, 0, project.version)


async def test_projects_made_at_once_get_different_codes(workspace):
    ann = await workspace.person("Ann", LEAD)
    made = await asyncio.gather(
        *(workspace.create("project", ann, name="Heat pump") for _ in range(8))
    )
    assert sorted(p.code for p in made) == sorted(["HP", *(f"HP{n}" for n in range(2, 9))])


async def test_numbers_go_on_above_an_imported_code(workspace):
    ann, *_, project = await workspace.team()
    await workspace.update(project, ann, settings={"task_prefix": "BAM"})
    await workspace.create("task", ann, project_id=project.id, title="Old", code="BAM-3476")
    await workspace.create("task", ann, project_id=project.id, title="Older", code="BAM-12")
    task = await workspace.create("task", ann, project_id=project.id, title="New")
    assert task.code == "BAM-3477"
    with pytest.raises(Duplicate):
        await workspace.create("task", ann, project_id=project.id, title="Twice", code="BAM-12")


async def test_a_refused_task_takes_no_number(workspace):
    ann, *_, project = await workspace.team()
    with pytest.raises(Invalid):
        await workspace.create("task", ann, project_id=project.id, title="A", parent_id=99)
    with pytest.raises(Invalid):
        await workspace.create(
            "task",
            ann,
            project_id=project.id,
            title="B",
            start_date="2026-12-02",
            due_date="2026-12-01",
        )
    task = await workspace.create("task", ann, project_id=project.id, title="C")
    assert task.code == "TASK-001"


async def test_the_life_of_a_task(workspace):
    ann, bob, *_, project = await workspace.team()
    task = await workspace.create(
        "task", ann, project_id=project.id, title="Fit the inverter", remaining_hours="3"
    )
    assert (task.status, task.reporter_id) == ("todo", ann.id)
    task = await workspace.act(task, "start", bob)
    assert (task.status, task.start_date) == ("in_progress", date(2026, 11, 18))
    task = await workspace.act(task, "block", bob, reason="No cable in stock")
    assert (task.status, task.blocked_reason) == ("blocked", "No cable in stock")
    task = await workspace.act(task, "unblock", bob)
    assert (task.status, task.blocked_reason) == ("in_progress", "")
    await workspace.act(task, "submit_for_review", bob)
    await workspace.act(task, "send_to_testing", bob)
    task = await workspace.act(task, "complete", bob)
    assert (task.status, task.remaining_hours, task.progress) == ("done", 0, 1.0)
    assert task.completed_at == workspace.clock.now()
    with pytest.raises(Conflict, match="done already"):
        await workspace.act(task, "complete", bob)
    with pytest.raises(Conflict, match="Reopen it first"):
        await workspace.act(task, "cancel", bob)
    task = await workspace.act(task, "reopen", bob)
    assert (task.status, task.completed_at, task.remaining_hours) == ("todo", None, None)
    history = await workspace.ws.look(
        SYSTEM,
        lambda ctx: workspace.ws.log.history(
            ctx.connection, workspace.ws.registry.noun("projects.task"), task.id
        ),
    )
    verbs = [entry.verb for entry in history]
    assert verbs[:3] == ["reopen", "complete", "send_to_testing"]
    assert verbs[-1] == "create"
    names = {event["name"] for entry in history for event in entry.events or ()}
    assert names == {"projects.TaskCompleted", "projects.TaskReopened", "projects.TaskBlocked"}


async def test_an_edit_of_the_status_keeps_the_same_rules_and_takes_aliases(workspace):
    ann, *_, project = await workspace.team()
    task = await workspace.create(
        "task", ann, project_id=project.id, title="X", status="pending", priority="urgent"
    )
    assert (task.status, task.priority) == ("todo", "highest")
    task = await workspace.update(task, ann, status="completed")
    assert (task.status, task.completed_at) == ("done", workspace.clock.now())
    task = await workspace.update(task, ann, status="in_review", priority="normal")
    assert (task.status, task.completed_at, task.priority) == ("review", None, "medium")
    await workspace.update(task, ann, status="backlog")
    with pytest.raises(Conflict, match="Start it first"):
        await workspace.update(task, ann, status="testing")
    done = await workspace.create("task", ann, project_id=project.id, title="Y", status="done")
    assert done.completed_at == workspace.clock.now()


async def test_progress_follows_every_way_a_task_changes(workspace):
    ann, *_, project = await workspace.team()

    async def counts():
        kept = await workspace.fresh(project)
        return kept.task_count, kept.done_count, kept.progress

    tasks = [
        await workspace.create("task", ann, project_id=project.id, title=f"T{n}") for n in range(4)
    ]
    assert await counts() == (4, 0, 0.0)
    await workspace.act(tasks[0], "complete", ann)
    await workspace.update(tasks[1], ann, status="done")
    assert await counts() == (4, 2, 0.5)
    await workspace.delete(tasks[0], ann)
    assert await counts() == (3, 1, pytest.approx(1 / 3))
    await workspace.restore(tasks[0], ann)
    assert await counts() == (4, 2, 0.5)
    await workspace.act(tasks[0], "reopen", ann)
    assert await counts() == (4, 1, 0.25)
    noun = workspace.ws.registry.noun("projects.task")
    wanted = perform.Bulk(
        create=[{"project_id": project.id, "title": f"B{n}", "status": "done"} for n in range(3)],
        update=[{"id": tasks[2].id, "status": "done"}],
        delete=[tasks[3].id],
    )

    async def bulk(ctx):
        await perform.bulk(ctx, noun, wanted)
        return ctx.change_set

    change_set = await workspace.ws.run(ann, bulk)
    assert await counts() == (6, 5, pytest.approx(5 / 6))
    await workspace.ws.undo(ann, change_set)
    assert await counts() == (4, 1, 0.25)
    await workspace.ws.run(ann, bulk, dry=True)
    assert await counts() == (4, 1, 0.25)


async def test_the_lead_is_always_among_the_assignees(workspace):
    ann, bob, *_, project = await workspace.team()
    task = await workspace.create("task", ann, project_id=project.id, title="X", assignee_id=bob.id)
    assert task.assignees == [bob.id]
    task = await workspace.update(task, ann, assignees=[ann.id, bob.id])
    assert (task.assignee_id, task.assignees) == (bob.id, [bob.id, ann.id])
    task = await workspace.act(task, "assign", ann, user_id=ann.id)
    assert (task.assignee_id, task.assignees) == (ann.id, [ann.id])
    task = await workspace.act(task, "assign", ann)
    assert (task.assignee_id, task.assignees) == (None, [])


async def test_who_leads_the_project_may_assign_anybody_and_a_member_only_members(workspace):
    ann, bob, _vic, sam, project = await workspace.team()
    task = await workspace.create("task", ann, project_id=project.id, title="X")
    with pytest.raises(Invalid, match="members of the project"):
        await workspace.act(task, "assign", bob, user_id=sam.id)
    await workspace.act(task, "assign", ann, user_id=sam.id)
    assert await workspace.seen("task", sam) == [task.id]


async def test_parents_are_of_the_same_project_without_circles(workspace):
    ann, *_, project = await workspace.team()
    other = await workspace.create("project", ann, name="Other")
    stray = await workspace.create("task", ann, project_id=other.id, title="Stray")
    chain = [await workspace.create("task", ann, project_id=project.id, title="Top")]
    for n in range(4):
        chain.append(
            await workspace.create(
                "task", ann, project_id=project.id, title=f"L{n}", parent_id=chain[-1].id
            )
        )
    for wrong in (stray.id, chain[0].id, chain[3].id):
        with pytest.raises(Invalid) as refusal:
            await workspace.update(chain[0], ann, parent_id=wrong)
        assert refusal.value.errors[0].field == "parent_id"
    with pytest.raises(Invalid, match="5 deep"):
        await workspace.create(
            "task", ann, project_id=project.id, title="Deep", parent_id=chain[-1].id
        )
    await workspace.delete(chain[2], ann)
    assert (await workspace.fresh(chain[3])).parent_id == chain[1].id


async def test_labels_are_unique_in_a_project_and_stay_in_it(workspace):
    ann, *_, project = await workspace.team()
    other = await workspace.create("project", ann, name="Other")
    label = await workspace.create("label", ann, project_id=project.id, name="electrical")
    foreign = await workspace.create("label", ann, project_id=other.id, name="electrical")
    with pytest.raises(Duplicate):
        await workspace.create("label", ann, project_id=project.id, name="electrical")
    task = await workspace.create("task", ann, project_id=project.id, title="X", labels=[label.id])
    assert task.labels == [label.id]
    with pytest.raises(Invalid, match="own project"):
        await workspace.update(task, ann, labels=[foreign.id])
    assert await workspace.seen("task", ann, labels=str(label.id)) == [task.id]


async def test_what_a_stranger_and_a_viewer_may(workspace):
    ann, bob, vic, sam, project = await workspace.team()
    task = await workspace.create("task", bob, project_id=project.id, title="X")
    step = await workspace.create("subtask", bob, task_id=task.id, title="S")
    for who, sees in ((ann, 1), (bob, 1), (vic, 1), (sam, 0)):
        for key in ("project", "task", "subtask"):
            assert len(await workspace.seen(key, who)) == sees
    with pytest.raises(Invalid):
        await workspace.create("task", sam, project_id=project.id, title="Y")
    with pytest.raises(NotFound):
        await workspace.update(task, sam, title="Z")
    for attempt in (
        workspace.create("task", vic, project_id=project.id, title="Y"),
        workspace.update(task, vic, title="Z"),
        workspace.act(task, "complete", vic),
        workspace.delete(task, vic),
        workspace.act(step, "complete", vic),
        workspace.create("label", vic, project_id=project.id, name="L"),
        workspace.create("time_entry", vic, task_id=task.id, hours="1"),
    ):
        with pytest.raises(Denied, match="make you a member"):
            await attempt
    kept = await workspace.fresh(task)
    assert (kept.title, kept.status, kept.version) == ("X", "todo", 1)


async def test_members_work_and_leaders_lead(workspace):
    ann, bob, vic, sam, project = await workspace.team()
    bob = await _with(bob, LEAD)
    sam = await _with(sam, LEAD)
    with pytest.raises(Denied, match="Only owners and admins"):
        await workspace.update(project, bob, name="Mine now")
    with pytest.raises(Denied, match="Only owners and admins"):
        await workspace.act(project, "add_member", bob, user_id=sam.id)
    await workspace.act(project, "add_member", ann, user_id=bob.id, role="admin")
    await workspace.act(project, "add_member", bob, user_id=sam.id)
    with pytest.raises(Denied, match="Only an owner"):
        await workspace.act(project, "add_member", bob, user_id=bob.id, role="owner")
    with pytest.raises(Denied, match="Only an owner"):
        await workspace.act(project, "remove_member", bob, user_id=ann.id)
    with pytest.raises(Denied, match="Only an owner"):
        await workspace.update(project, bob, owner_id=bob.id)
    with pytest.raises(Conflict, match="cannot leave"):
        await workspace.act(project, "remove_member", ann, user_id=ann.id)
    await workspace.update(project, ann, owner_id=bob.id)
    await workspace.act(project, "remove_member", bob, user_id=ann.id)
    assert await workspace.seen("project", ann) == []
    await workspace.act(project, "add_member", bob, user_id=ann.id, role="viewer")
    assert await workspace.seen("project", ann) == [project.id]
    page = await workspace.ws.page(vic, "projects.project_member", project_id=project.id)
    roles = {item.user_id: item.role for item in page.items}
    assert roles == {ann.id: "viewer", bob.id: "owner", vic.id: "viewer", sam.id: "member"}


async def _with(me, grants):
    return type(me)(id=me.id, name=me.name, grants=frozenset(grants))


async def test_a_project_in_the_bin_takes_its_content_along_and_brings_it_back(workspace):
    ann, bob, *_, project = await workspace.team()
    task = await workspace.create("task", bob, project_id=project.id, title="X")
    await workspace.act(project, "remove_member", ann, user_id=bob.id)
    await workspace.act(project, "add_member", ann, user_id=bob.id)
    await workspace.delete(project, ann)
    for me in (ann, bob):
        assert await workspace.seen("project", me) == []
        assert await workspace.seen("task", me) == []
    with pytest.raises(Conflict, match="in the bin"):
        await workspace.update(task, title="Z")
    with pytest.raises(Denied, match="Only owners and admins"):
        await workspace.restore(project, await _with(bob, LEAD))
    await workspace.restore(project, ann)
    for me in (ann, bob):
        assert await workspace.seen("project", me) == [project.id]
        assert await workspace.seen("task", me) == [task.id]
    await workspace.act(project, "remove_member", await _with(bob, LEAD), user_id=bob.id)
    assert await workspace.seen("task", bob) == []


async def test_time_adds_up_however_it_changes(workspace):
    ann, bob, *_, project = await workspace.team()
    task = await workspace.create(
        "task", ann, project_id=project.id, title="X", estimated_hours="8", status="in_progress"
    )

    async def hours():
        kept = await workspace.fresh(task)
        return kept.actual_hours, kept.progress

    one = await workspace.create("time_entry", bob, task_id=task.id, hours="1.25")
    assert (one.user_id, one.project_id, one.date) == (bob.id, project.id, date(2026, 11, 18))
    two = await workspace.create(
        "time_entry",
        bob,
        task_id=task.id,
        started_at="2026-11-17T08:00:00Z",
        ended_at="2026-11-17T08:45:00Z",
    )
    assert (two.hours, two.date) == (D("0.75"), date(2026, 11, 17))
    assert await hours() == (D("2.00"), 0.25)
    await workspace.update(two, bob, ended_at="2026-11-17T10:45:00Z")
    assert await hours() == (D("4.00"), 0.5)
    await workspace.delete(one, bob)
    assert await hours() == (D("2.75"), 0.3438)
    await workspace.restore(one, bob)
    assert await hours() == (D("4.00"), 0.5)
    other = await workspace.create("task", ann, project_id=project.id, title="Y")
    await workspace.update(two, bob, task_id=other.id)
    assert (await hours())[0] == D("1.25")
    assert (await workspace.fresh(other)).actual_hours == D("2.75")
    cat = await _member(workspace, ann, project)
    kept = await workspace.fresh(one)
    with pytest.raises(Denied, match="other people's time"):
        await workspace.update(kept, cat, hours="9")
    await workspace.update(await workspace.fresh(one), ann, hours="2")
    assert (await hours())[0] == D("2.00")


async def _member(workspace, ann, project):
    cat = await workspace.person("Cat")
    await workspace.act(project, "add_member", ann, user_id=cat.id)
    return cat


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "hours"),
        ({"hours": "0"}, "hours"),
        ({"hours": "24.01"}, "hours"),
        ({"ended_at": "2026-11-17T08:00:00Z"}, "started_at"),
        (
            {"started_at": "2026-11-17T09:00:00Z", "ended_at": "2026-11-17T08:00:00Z"},
            "ended_at",
        ),
    ],
)
async def test_time_that_cannot_be(workspace, said, field):
    ann, *_, project = await workspace.team()
    with pytest.raises(Invalid) as refusal:
        await workspace.create("time_entry", ann, project_id=project.id, **said)
    assert refusal.value.errors[0].field == field


async def test_time_needs_a_task_or_a_project(workspace):
    ann = await workspace.person("Ann", LEAD)
    with pytest.raises(Invalid) as refusal:
        await workspace.create("time_entry", ann, hours="1")
    assert refusal.value.errors[0].field == "project_id"


async def test_a_person_has_one_running_timer(workspace):
    ann, bob, *_, project = await workspace.team()
    one, two = [await workspace.create("task", ann, project_id=project.id, title=t) for t in "XY"]
    await workspace.act(one, "start_timer", bob, description="Wiring")
    work = await workspace.ask("my_work", bob)
    assert (work.timer.task_id, work.timer.description) == (one.id, "Wiring")
    workspace.clock.advance(timedelta(minutes=90))
    await workspace.act(two, "start_timer", bob)
    assert (await workspace.fresh(one)).actual_hours == D("1.50")
    with pytest.raises(Conflict, match="does not run on this task"):
        await workspace.act(one, "stop_timer", bob)
    with pytest.raises(Conflict, match="Only a person"):
        await workspace.act(one, "start_timer")
    await workspace.act(one, "start_timer", ann)
    workspace.clock.advance(timedelta(minutes=15))
    task = await workspace.act(two, "stop_timer", bob)
    assert task.actual_hours == D("0.25")
    assert (await workspace.ask("my_work", bob)).timer is None
    assert (await workspace.ask("my_work", ann)).timer.task_id == one.id
    await asyncio.gather(*(workspace.act(t, "start_timer", bob) for t in (one, two) * 2))
    page = await workspace.ws.page(bob, "projects.time_entry", user_id=bob.id, ended_at__isnull="1")
    assert len(page.items) == 1


async def test_subtasks_count(workspace):
    ann, bob, *_, project = await workspace.team()
    task = await workspace.create("task", ann, project_id=project.id, title="X")
    steps = [
        await workspace.create("subtask", bob, task_id=task.id, title=f"S{n}") for n in range(3)
    ]
    assert [step.sort_order for step in steps] == [1024.0, 2048.0, 3072.0]
    done = await workspace.act(steps[0], "complete", bob)
    assert (done.completed_by, done.completed_at) == (bob.id, workspace.clock.now())
    await workspace.update(steps[1], bob, completed=True)
    await workspace.delete(steps[2], bob)
    kept = await workspace.fresh(task)
    assert (kept.subtask_count, kept.subtask_done, kept.version) == (2, 2, 1)
    again = await workspace.act(done, "reopen", bob)
    assert (again.completed, again.completed_at, again.completed_by) == (False, None, None)
    await workspace.act(task, "complete", bob)
    history = await workspace.ws.look(
        SYSTEM,
        lambda ctx: workspace.ws.log.history(
            ctx.connection, workspace.ws.registry.noun("projects.task"), task.id
        ),
    )
    assert history[0].events[0]["data"]["open_subtasks"] == 1


async def test_tasks_move_on_the_board(workspace):
    ann, *_, project = await workspace.team()
    a, b, c, d = [
        await workspace.create("task", ann, project_id=project.id, title=t) for t in "abcd"
    ]

    async def column(status):
        page = await workspace.ws.page(
            ann, "projects.task", project_id=project.id, status=status, sort="sort_order"
        )
        return "".join(item.title for item in page.items)

    assert await column("todo") == "abcd"
    await workspace.act(d, "move", ann, before_id=a.id)
    assert await column("todo") == "dabc"
    await workspace.act(a, "move", ann, after_id=c.id)
    assert await column("todo") == "dbca"
    await workspace.act(b, "move", ann)
    assert await column("todo") == "dcab"
    await workspace.act(c, "move", ann, status="in_progress")
    moved = await workspace.act(d, "move", ann, status="in_progress", before_id=c.id)
    assert (await column("in_progress"), moved.start_date) == ("dc", date(2026, 11, 18))
    with pytest.raises(Invalid, match="same project and column"):
        await workspace.act(a, "move", ann, after_id=c.id)
    for _ in range(40):
        await workspace.act(a, "move", ann, before_id=b.id)
        await workspace.act(b, "move", ann, before_id=a.id)
    assert await column("todo") == "ba"


async def test_a_column_without_room_is_spread(workspace):
    ann, *_, project = await workspace.team()
    tasks = [await workspace.create("task", ann, project_id=project.id, title=t) for t in "abc"]

    async def squeeze(ctx):
        for place, task in enumerate(tasks):
            one = await ctx.get(type(task), task.id)
            one.sort_order = 5.0 + place * 1e-9

    await workspace.ws.run(SYSTEM, squeeze)
    await workspace.act(tasks[2], "move", ann, after_id=tasks[0].id)
    page = await workspace.ws.page(ann, "projects.task", sort="sort_order")
    assert "".join(item.title for item in page.items) == "acb"


async def test_my_work_is_grouped_by_when_it_is_due(workspace):
    ann, bob, _vic, sam, project = await workspace.team()
    today = date(2026, 11, 18)
    for days in (-3, 0, 1, 7, 8, None):
        await workspace.create(
            "task",
            ann,
            project_id=project.id,
            title=str(days),
            assignees=[ann.id, bob.id],
            due_date=None if days is None else (today + timedelta(days)).isoformat(),
        )
    await workspace.create(
        "task", ann, project_id=project.id, title="over", assignee_id=bob.id, status="done"
    )
    work = await workspace.ask("my_work", bob)
    groups = {
        name: [line.title for line in getattr(work, name)]
        for name in ("overdue", "today", "this_week", "later", "no_date")
    }
    assert groups == {
        "overdue": ["-3"],
        "today": ["0"],
        "this_week": ["1", "7"],
        "later": ["8"],
        "no_date": ["None"],
    }
    assert (work.open_count, work.more, len(work.recent)) == (6, False, 7)
    assert work.today[0].project_name == "Solar roof"
    empty = await workspace.ask("my_work", sam)
    assert (empty.open_count, empty.recent) == (0, [])
    await workspace.act(project, "remove_member", ann, user_id=bob.id)
    assert (await workspace.ask("my_work", bob)).open_count == 0


PLANNED = {
    "status": "active",
    "start_date": "2026-11-08",
    "end_date": "2026-11-28",
    "budget": "1000",
    "actual_cost": "1100",
    "risk_level": "high",
}


async def test_an_overview_of_a_project(workspace):
    ann, bob, *_, sam, project = await workspace.team()
    await workspace.update(project, ann, **PLANNED)
    for title, status, points, hours, due in (
        ("A", "done", 5, "4", None),
        ("B", "in_progress", 3, "2.5", "2026-11-17"),
        ("C", "todo", 2, None, "2026-11-18"),
        ("D", "cancelled", 8, None, "2026-11-01"),
    ):
        said = {"story_points": points, "estimated_hours": hours, "due_date": due}
        task = await workspace.create(
            "task", ann, project_id=project.id, title=title, status=status, **said
        )
        await workspace.create("time_entry", bob, task_id=task.id, hours="1.5")
    await workspace.create("time_entry", bob, project_id=project.id, hours="1", billable=False)
    found = await workspace.ask("project_overview", bob, project_id=project.id)
    assert (found.task_count, found.open_count, found.done_count) == (4, 2, 1)
    assert (found.cancelled_count, found.overdue_count) == (1, 1)
    assert (found.progress_percent, found.progress_expected) == (25, 0.5)
    assert (found.points_total, found.points_done) == (10, 5)
    assert (found.hours_estimated, found.hours_logged) == (D("6.50"), D("7.00"))
    assert (found.hours_billable, found.member_count) == (D("6.00"), 3)
    assert (found.days_remaining, found.days_overdue, found.duration_days) == (10, 0, 20)
    # The tasks are done, 1.5 of 2.5 hours far, and not begun; the cancelled one does not count.
    # So the project is (1 + 0.6 + 0) / 3 far, and 20 * (0.5333 / 0.5 - 1) = 1.3 days ahead.
    assert found.schedule_variance_days == 1
    assert (found.over_budget, found.budget_variance) == (True, D("-100.00"))
    # 1 - 0.125 (10 % over) - 0.125 (high risk)
    assert (found.health, found.health_band) == (0.75, "Good")
    assert [(s.status, s.count) for s in found.statuses] == [
        ("todo", 1),
        ("in_progress", 1),
        ("done", 1),
        ("cancelled", 1),
    ]
    with pytest.raises(NotFound):
        await workspace.ask("project_overview", sam, project_id=project.id)


async def test_the_workload_of_people(workspace):
    ann, bob, *_, sam, project = await workspace.team()
    for who, status, hours, due in (
        (ann.id, "todo", "4", "2026-11-17"),
        (ann.id, "in_progress", "2", None),
        (ann.id, "done", "9", None),
        (bob.id, "review", None, None),
        (None, "backlog", "1", None),
    ):
        await workspace.create(
            "task",
            ann,
            project_id=project.id,
            title="T",
            status=status,
            assignee_id=who,
            estimated_hours=hours,
            due_date=due,
            story_points=1,
        )
    found = (await workspace.ask("workload", bob, project_id=project.id)).people
    rows = [(p.name, p.open_count, p.waiting, p.started, p.overdue) for p in found]
    assert rows == [("Ann", 2, 1, 1, 1), ("Bob", 1, 0, 1, 0), ("", 1, 1, 0, 0)]
    assert (found[0].hours_estimated, found[0].hours_remaining) == (D(6), D(6))
    assert (await workspace.ask("workload", sam)).people == []


async def test_pay_is_for_those_who_may_see_it(workspace):
    ann, bob, *_, project = await workspace.team()
    await workspace.update(project, ann, hourly_rate="95")
    entry = await workspace.create("time_entry", bob, project_id=project.id, hours="1")
    assert entry.hourly_rate == D("95.00")
    assert not hasattr(await workspace.ws.one(bob, "projects.time_entry", entry.id), "hourly_rate")
    seen = await workspace.ws.one(ann, "projects.time_entry", entry.id)
    assert D(str(seen["hourly_rate"] if isinstance(seen, dict) else seen.hourly_rate)) == 95
    with pytest.raises(Denied):
        await workspace.create("time_entry", bob, project_id=project.id, hours="1", hourly_rate="5")
    client = await workspace.person("Client", READ)
    with pytest.raises(Denied):
        await workspace.create("task", client, project_id=project.id, title="X")
