"""Requests for tasks: who asks, who decides, and that each becomes one task; on both engines."""

import asyncio
from datetime import date

import pytest

from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Denied, Invalid, NotFound
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.projects.entities import Project, ProjectMember, Task

KEY = "requests.task_request"


async def ask_for(bench, who, title="Fix the gate", **more):
    return await bench.create(who, KEY, project_id=bench.project, title=title, **more)


async def tasks_called(bench, title="Fix the gate"):
    return await bench.every(Task, title=title)


async def test_members_and_clients_ask_and_leaders_decide(bench):
    for who in ("ada", "carl"):
        made = await ask_for(bench, who, f"{who}'s wish")
        assert (made.status, made.task_id) == ("pending", None)
    with pytest.raises(Denied):
        await ask_for(bench, "vera")
    with pytest.raises(Invalid, match="may not see it"):
        await ask_for(bench, "eve")
    for who in ("ada", "ben"):
        with pytest.raises(Denied, match="Only owners and admins"):
            await bench.act(who, made, "approve")
        with pytest.raises(Denied, match="Only owners and admins"):
            await bench.act(who, made, "reject", reason="No")
    for who in ("carl", "vera"):
        with pytest.raises(Denied):
            await bench.act(who, made, "approve")
    with pytest.raises(NotFound):
        await bench.act("eve", made, "approve")
    assert await tasks_called(bench, "carl's wish") == []


async def test_approval_makes_the_task_as_asked_for_and_undo_takes_it_back(bench):
    ben = bench.people["ben"].id
    made = await ask_for(
        bench,
        "ada",
        description="It squeaks.",
        priority="high",
        due_date="2026-11-25",
        assignees=[ben],
    )
    done = await bench.act("lead", made, "approve")
    approved = bench.change
    assert (done.status, done.decided_by) == ("approved", bench.people["lead"].id)
    (task,) = await tasks_called(bench)
    assert task.id == done.task_id
    assert (task.description, task.priority, task.due_date) == (
        "It squeaks.",
        "high",
        date(2026, 11, 25),
    )
    assert (task.assignee_id, task.assignees) == (ben, [ben])
    assert task.reporter_id == bench.people["ada"].id
    mine = (await ask(bench, "ada")).mine
    assert [(one.status, one.task_id) for one in mine] == [("approved", task.id)]
    with pytest.raises(Conflict, match="approved already"):
        await bench.act("lead", made, "approve")
    with pytest.raises(Conflict, match="decided or withdrawn"):
        await bench.update("ada", made, title="Fix both gates")
    with pytest.raises(Conflict, match="Take the approval back"):
        await bench.act("lead", made, "reopen")
    with pytest.raises(Denied, match="Only owners and admins"):
        await bench.delete("ben", made)
    await bench.undo("lead", approved)
    assert await tasks_called(bench) == []
    back = await bench.fresh(made)
    assert (back.status, back.task_id, back.decided_by) == ("pending", None, None)


async def ask(bench, who):
    return await bench.ws.ask_question(bench.me(who), "requests.request_inbox", {})


async def test_the_decision_may_say_more_within_the_project(bench):
    made = await ask_for(bench, "ada", assignees=[bench.people["ada"].id])
    milestone = await bench.crowd.samples.record(
        bench.ws.registry.noun("milestones.milestone"), project_id=bench.project
    )
    elsewhere = await bench.crowd.samples.record(bench.ws.registry.noun("milestones.milestone"))
    with pytest.raises(Invalid, match="milestone"):
        await bench.act("lead", made, "approve", milestone_id=elsewhere.id)
    ben = bench.people["ben"].id
    await bench.act(
        "lead", made, "approve", assignees=[ben], due_date="2026-12-01", milestone_id=milestone.id
    )
    (task,) = await tasks_called(bench)
    assert (task.assignees, task.due_date, task.milestone_id) == (
        [ben],
        date(2026, 12, 1),
        milestone.id,
    )


async def test_two_who_decide_at_the_same_moment_make_one_task(bench):
    for n in range(3):
        made = await ask_for(bench, "ada", f"Wish {n}")
        ends = await asyncio.gather(
            *(bench.act(who, made, "approve") for who in ("lead", "admin", "lead")),
            return_exceptions=True,
        )
        assert sorted(isinstance(end, Conflict) for end in ends) == [False, True, True], ends
        assert len(await tasks_called(bench, f"Wish {n}")) == 1
    made = await ask_for(bench, "ada", "Either")
    ends = await asyncio.gather(
        bench.act("lead", made, "approve"),
        bench.act("admin", made, "reject", reason="Not now"),
        return_exceptions=True,
    )
    assert sorted(isinstance(end, Conflict) for end in ends) == [False, True], ends
    decided = await bench.fresh(made)
    assert len(await tasks_called(bench, "Either")) == (decided.status == "approved")


async def test_without_approval_the_task_is_there_at_once_for_those_who_may_make_it(bench):
    with pytest.raises(Denied):
        await ask_for(bench, "carl", approval_required=False)
    assert await tasks_called(bench) == []
    made = await ask_for(bench, "ada", approval_required=False)
    (task,) = await tasks_called(bench)
    assert (made.status, made.task_id, task.reporter_id) == (
        "approved",
        task.id,
        bench.people["ada"].id,
    )


async def test_rejecting_needs_a_reason_and_who_asked_may_ask_again(bench):
    made = await ask_for(bench, "carl")
    with pytest.raises(Invalid):
        await bench.act("lead", made, "reject", reason=" ")
    turned = await bench.act("lead", made, "reject", reason="We have no welder this year.")
    assert (turned.status, turned.reason) == ("rejected", "We have no welder this year.")
    with pytest.raises(Denied, match="Only owners and admins"):
        await bench.act("carl", made, "reopen")
    await bench.act("lead", made, "reopen")
    assert (await bench.fresh(made)).reason == ""
    with pytest.raises(Denied, match="Only the person who asked"):
        await bench.act("ada", made, "withdraw")
    await bench.act("carl", made, "withdraw")
    with pytest.raises(Conflict, match="withdrawn already"):
        await bench.act("lead", made, "approve")
    await bench.act("carl", made, "reopen")
    changed = await bench.update("carl", made, title="Fix both gates")
    assert changed.title == "Fix both gates"
    with pytest.raises(Denied, match="Only owners and admins"):
        await bench.update("ben", made, title="Fix ben's gate")


async def test_the_inbox_shows_what_one_may_decide_oldest_first(bench):
    for n, who in enumerate(("ada", "carl", "ben")):
        bench.later(hours=1)
        helpers = [] if who == "carl" else [bench.people["ben"].id]
        await ask_for(bench, who, f"Wish {n}", assignees=helpers)
    inbox = await ask(bench, "lead")
    assert [(one.title, one.requester) for one in inbox.pending] == [
        ("Wish 0", "Ada Example"),
        ("Wish 1", "Carl Example"),
        ("Wish 2", "Ben Example"),
    ]
    assert inbox.pending[0].assignees == ["Ben Example"]
    assert len((await ask(bench, "admin")).pending) == 3
    for who in ("ada", "vera", "eve"):
        assert (await ask(bench, who)).pending == [], who
    ada = await ask(bench, "ada")
    assert [one.title for one in ada.mine] == ["Wish 0"]
    # Members of the project see all of its requests, strangers none; one's own stay one's own.
    counts = {}
    for who in ("ada", "carl", "vera", "eve"):
        counts[who] = len((await bench.ws.page(bench.me(who), KEY)).items)
    assert counts == {"ada": 3, "carl": 3, "vera": 3, "eve": 0}
    await bench.act(
        "lead",
        Project(id=bench.project, name="x"),
        "remove_member",
        user_id=bench.people["carl"].id,
    )
    assert [one.title for one in (await ask(bench, "carl")).mine] == ["Wish 1"]
    assert len((await bench.ws.page(bench.me("carl"), KEY)).items) == 1


async def test_a_request_with_a_template_makes_its_steps_and_checklists_too(bench):
    samples, registry = bench.crowd.samples, bench.ws.registry
    noun = registry.noun("templates.task_template")
    refs = {}
    for kind in ("action", "object"):
        term = await samples.record(registry.noun("reference.term"), kind=kind)
        refs[f"{kind}_id"] = term.id
    given = {"name": "Inspect gates", "template_type": "task", "is_draft": False, **refs}
    template = await samples.record(noun, **given)
    made = await ask_for(bench, "ada", template_id=template.id)
    done = await bench.act("lead", made, "approve")
    (task,) = await tasks_called(bench)
    assert (task.id, task.task_template_id) == (done.task_id, template.id)
    text = (await bench.crowd.call("ada", "GET", f"/projects/tasks/{task.id}")).text
    assert f"/requests/requests/{made.id}" in text


async def test_the_inbox_page_approves_in_place_and_teaches_when_empty(bench):
    text = (await bench.crowd.call("lead", "GET", "/request-inbox", status=200)).text
    assert "Nothing waits for your decision" in text
    made = await ask_for(bench, "carl", "Fix <i>the</i> gate")
    text = (await bench.crowd.call("lead", "GET", "/request-inbox", status=200)).text
    assert "Fix &lt;i&gt;the&lt;/i&gt; gate" in text
    assert f'data-send="/api/requests/requests/{made.id}/approve"' in text
    text = (await bench.crowd.call("carl", "GET", "/request-inbox", status=200)).text
    assert f'data-send="/api/requests/requests/{made.id}/withdraw"' in text
    assert "/approve" not in text


async def test_who_has_left_the_project_may_only_withdraw(bench):
    made = await ask_for(bench, "ada")
    (part,) = await bench.ws.look(
        SYSTEM,
        lambda ctx: ctx.all(
            ProjectMember, project_id=bench.project, user_id=bench.people["ada"].id
        ),
    )
    noun = bench.ws.registry.noun(ProjectMember)
    await bench.ws.run(SYSTEM, lambda ctx: perform.delete(ctx, noun, part.id))
    with pytest.raises(Denied, match="Only members and clients"):
        await bench.update("ada", made, title="Fix both gates")
    await bench.act("ada", made, "withdraw")
    with pytest.raises(Denied, match="Only members and clients"):
        await bench.act("ada", made, "reopen")
