"""Milestones reached, refused, undone; who may do what; and what they do to their project."""

import asyncio
from datetime import date, timedelta

import pytest

from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Denied, Invalid, NotFound
from mainstay.kernel.scope import SYSTEM


async def test_the_life_of_a_milestone(stage):
    one = await stage.milestone()
    one = await stage.act(one, "start")
    assert (one.status, one.start_date) == ("in_progress", date(2026, 11, 18))
    with pytest.raises(Conflict, match="in progress already"):
        await stage.act(one, "start")
    await stage.act(one, "hold")
    with pytest.raises(Conflict, match="Resume it first"):
        await stage.change(one, status="completed")
    await stage.act(one, "resume")
    await stage.act(one, "submit_for_review")
    one = await stage.act(one, "complete")
    assert (one.completed_date, one.completed_by) == (date(2026, 11, 18), stage.me("ann").id)
    kept = await stage.fresh(one)
    assert (kept.progress, kept.completion) == (1.0, 1.0)
    with pytest.raises(Conflict, match="Reopen it first"):
        await stage.change(one, status="cancelled")
    one = await stage.act(one, "reopen")
    assert (one.status, one.completed_date, one.completed_by) == ("in_progress", None, None)
    assert (await stage.fresh(one)).completion == 0.0
    await stage.undo()
    kept = await stage.fresh(one)
    assert (kept.status, kept.completed_by, kept.completion) == (
        "completed",
        stage.me("ann").id,
        1.0,
    )


async def test_dates_people_and_phases_fit_the_project(stage):
    with pytest.raises(Invalid) as refusal:
        await stage.milestone(start_date="2026-12-19")
    assert refusal.value.errors[0].field == "due_date"
    # A lead takes those who are named into the project; an owner who is no lead may not.
    one = await stage.milestone(owner_id=stage.me("bob").id, stakeholders=[stage.me("sam").id])
    seen = await stage.ws.page(stage.me("sam"), "milestones.milestone")
    assert [item.id for item in seen.items] == [one.id]
    stranger = await stage.samples.record(stage.noun("identity.user"))
    with pytest.raises(Invalid, match="may see the project"):
        await stage.change(one, "bob", stakeholders=[stranger.id])
    phase = await stage.samples.record(stage.noun("projects.project_phase"))
    with pytest.raises(Invalid, match="with a category"):
        await stage.change(one, phase_id=phase.id)
    other = await stage.samples.record(stage.noun("projects.project_category"))
    await stage.change(stage.project, "", category_id=other.id)
    with pytest.raises(Invalid, match="must be a phase of the project's category"):
        await stage.change(one, phase_id=phase.id)


async def test_only_leads_and_its_owner_change_a_milestone(stage):
    one = await stage.milestone(owner_id=stage.me("bob").id)
    other = await stage.milestone("Meters turn")
    assert (await stage.act(one, "start", "bob")).status == "in_progress"
    for who, record, refusal in (
        ("bob", other, Denied),
        ("cli", one, Denied),
        ("sam", one, NotFound),
    ):
        with pytest.raises(refusal):
            await stage.change(record, who, name="Mine")
    with pytest.raises(Denied, match="owners and admins"):
        await stage.milestone(who="bob")
    with pytest.raises(Denied):
        await stage.bin(other, "bob")


WAYS = ("verb", "edit", "bulk", "board")


async def reach(stage, record, way):
    """Complete a milestone by one of the ways there are."""
    noun, me = stage.noun("milestone"), stage.me("ann")
    if way == "verb":
        return await stage.act(record, "complete")
    if way == "edit":
        return await stage.change(record, status="completed")
    if way == "bulk":
        wanted = perform.Bulk(update=[{"id": record.id, "status": "completed"}])
        return await stage.ws.run(me, lambda ctx: perform.bulk(ctx, noun, wanted))
    from mainstay.kernel.place import Placing, place

    going = Placing(column={"status": "completed"})
    return await stage.ws.run(me, lambda ctx: place(ctx, noun, record.id, going))


@pytest.mark.parametrize("way", WAYS)
async def test_nothing_is_reached_that_lacks_a_condition_or_an_approval(stage, way):
    one = await stage.milestone()
    tight = await stage.make("milestone_condition", milestone_id=one.id, title="It is tight")
    await stage.make("milestone_condition", milestone_id=one.id, title="Nice", required=False)
    asked = await stage.make(
        "milestone_approval", milestone_id=one.id, approver_id=stage.me("cli").id
    )
    with pytest.raises(Conflict) as refusal:
        await reach(stage, one, way)
    said = refusal.value.detail
    assert "It is tight" in said
    assert "business (pending)" in said
    assert "Nice" not in said
    await stage.act(tight, "complete")
    await stage.act(asked, "reject", "cli", comment="Not yet")
    with pytest.raises(Conflict, match=r"business \(rejected\)"):
        await reach(stage, one, way)
    await stage.act(asked, "request_again")
    await stage.act(asked, "approve", "cli", conditions="With a rail")
    await reach(stage, one, way)
    assert (await stage.fresh(one)).status == "completed"
    with pytest.raises(Conflict, match="Reopen the milestone first"):
        await stage.act(tight, "reopen")
    with pytest.raises(Conflict, match="Reopen the milestone first"):
        await stage.make("milestone_condition", milestone_id=one.id, title="Late idea")
    with pytest.raises(Conflict, match="Reopen the milestone first"):
        await stage.act(asked, "request_again")


async def test_conditions_are_met_failed_waived_and_weighed(stage):
    one = await stage.milestone()
    made = [
        await stage.make(
            "milestone_condition", "bob", milestone_id=one.id, title=title, weight=weight
        )
        for title, weight in (("A", 0.5), ("B", 0.3), ("C", 0.2))
    ]
    first, second, third = made
    assert [c.sort_order for c in made] == [1024.0, 2048.0, 3072.0]
    met = await stage.act(first, "complete", "bob", evidence=["Photo 1", " "], note="Dry")
    assert (met.evidence, met.note, met.completed_by) == (["Photo 1"], "Dry", stage.me("bob").id)
    assert met.completed_at == stage.clock.now()
    assert (await stage.fresh(one)).completion == pytest.approx(0.5)  # 0.5 / 1.0
    with pytest.raises(Denied, match="waive"):
        await stage.act(second, "waive", "bob", reason="No time")
    with pytest.raises(Denied, match="optional"):
        await stage.change(second, "bob", required=False)
    with pytest.raises(Denied, match="away"):
        await stage.bin(second, "bob")
    with pytest.raises(Invalid, match="must say why"):
        await stage.change(second, status="waived")
    await stage.act(second, "waive", reason="The house has no cellar")
    kept = await stage.fresh(one)
    assert kept.completion == pytest.approx(0.65)  # (0.5 + 0.5 * 0.3) / 1.0
    assert (kept.condition_count, kept.version) == (3, one.version)  # counts are no edits
    with pytest.raises(Conflict, match="Reopen it first"):
        await stage.change(first, status="failed")
    await stage.act(third, "fail", "bob", note="It leaks")
    await stage.act(first, "reopen", "bob")
    kept = await stage.fresh(first)
    assert (kept.completed_at, kept.completed_by, kept.evidence) == (None, None, ["Photo 1"])
    await stage.undo("bob")
    assert (await stage.fresh(one)).completion == pytest.approx(0.65)
    for who in ("cli", "sam"):
        with pytest.raises((Denied, NotFound)):
            await stage.act(third, "complete", who)


async def course(stage):
    """Give the project a category with three phases, and begin it."""
    category = await stage.samples.record(stage.noun("projects.project_category"))
    phases = [
        await stage.samples.record(
            stage.noun("projects.project_phase"), category_id=category.id, code=code, sort_order=n
        )
        for n, code in enumerate(("PLAN", "BUILD", "HAND"), 1)
    ]
    await stage.change(
        stage.project, "", category_id=category.id, current_phase_id=phases[0].id, status="active"
    )
    return phases


async def test_reached_milestones_move_their_project_and_undo_takes_it_back(stage):
    plan, build, hand = await course(stage)
    one = await stage.milestone("Drawn", phase_id=plan.id)
    two = await stage.milestone("Permitted", phase_id=plan.id, owner_id=stage.me("bob").id)
    last = await stage.milestone("Handed over", phase_id=hand.id)
    gone = await stage.milestone("Second roof", phase_id=build.id)
    await stage.act(one, "complete")
    assert (await stage.fresh(stage.project)).current_phase_id == plan.id
    # Bob owns the milestone but does not lead the project: the rule moves it, not he.
    await stage.act(two, "complete", "bob")
    assert await stage.events() == ["MilestoneCompleted", "ProjectMoved"]
    project = await stage.fresh(stage.project)
    assert (project.current_phase_id, project.status) == (build.id, "active")
    await stage.act(gone, "cancel")
    await stage.act(last, "complete")
    project = await stage.fresh(stage.project)
    assert (project.current_phase_id, project.status) == (build.id, "review")
    await stage.undo()
    project = await stage.fresh(stage.project)
    assert (project.status, (await stage.fresh(last)).status) == ("active", "planned")
    await stage.act(last, "complete")
    await stage.act(last, "reopen")
    assert (await stage.fresh(stage.project)).status == "active"


async def test_a_planned_project_begins_with_its_first_milestone(stage):
    one = await stage.milestone()
    await stage.act(one, "start")
    project = await stage.fresh(stage.project)
    assert (project.status, project.actual_start) == ("active", date(2026, 11, 18))


async def test_of_two_who_reach_the_last_two_at_once_one_moves_the_project(stage):
    await stage.change(stage.project, "", status="active")
    both = [await stage.milestone(name) for name in ("A", "B")]
    await asyncio.gather(*(stage.act(one, "complete") for one in both))
    assert (await stage.fresh(stage.project)).status == "review"


async def test_binning_a_milestone_lets_its_tasks_go_and_undo_brings_them_back(stage):
    one = await stage.milestone()
    task = await stage.samples.record(
        stage.noun("projects.task"), project_id=stage.project.id, milestone_id=one.id
    )
    await stage.bin(one)
    assert (await stage.fresh(task)).milestone_id is None
    await stage.undo()
    assert (await stage.fresh(task)).milestone_id == one.id


async def test_milestones_do_not_wait_for_one_another_in_a_circle(stage):
    a, b, c = [await stage.milestone(name) for name in "ABC"]
    for later, earlier in ((b, a), (c, b)):
        await stage.make("milestone_dependency", milestone_id=later.id, depends_on_id=earlier.id)
    with pytest.raises(Conflict, match="A → C → B → A"):
        await stage.make("milestone_dependency", milestone_id=a.id, depends_on_id=c.id)
    with pytest.raises(Invalid, match="wait for itself"):
        await stage.make("milestone_dependency", milestone_id=a.id, depends_on_id=a.id)
    with pytest.raises(Conflict, match="already"):
        await stage.make("milestone_dependency", milestone_id=b.id, depends_on_id=a.id)
    with pytest.raises(Denied):
        await stage.make("milestone_dependency", "bob", milestone_id=a.id, depends_on_id=b.id)


async def test_only_the_person_who_was_asked_answers(stage):
    one = await stage.milestone()
    asked = await stage.make(
        "milestone_approval",
        "ann",
        milestone_id=one.id,
        approver_id=stage.me("cli").id,
        expires_at="2026-11-19T12:00:00Z",
    )
    for who in ("root", "ann", "bob", ""):
        with pytest.raises(Conflict, match="nobody in their name"):
            await stage.act(asked, "approve", who)

    async def forge(ctx):
        """Write the answer past the verb, as a careless room would."""
        (await ctx.get(type(asked), asked.id)).status = "approved"

    with pytest.raises(Denied, match="nobody in their name"):
        await stage.run("root", forge)
    mine = await stage.ws.page(stage.me("cli"), "milestones.milestone_approval", {"is": "for_me"})
    assert [item.id for item in mine.items] == [asked.id]
    answered = await stage.act(asked, "approve", "cli", conditions="Two rails", comment="Good")
    assert (answered.status, answered.conditions) == ("conditional", "Two rails")
    with pytest.raises(Conflict, match="already"):
        await stage.act(asked, "reject", "cli", comment="No")
    again = await stage.change(asked, approver_id=stage.me("root").id)
    assert (again.status, again.conditions, again.answered_at) == ("pending", "", None)
    with pytest.raises(Denied):
        await stage.change(asked, "bob", approver_id=stage.me("bob").id)


async def test_requests_that_nobody_answers_expire(stage):
    one = await stage.milestone()
    about = {"milestone_id": one.id, "approver_id": stage.me("cli").id}
    late = await stage.make("milestone_approval", **about, expires_at="2026-11-18T12:00:00Z")
    open_ = await stage.make("milestone_approval", **about)
    with pytest.raises(Invalid, match="later than now"):
        await stage.make("milestone_approval", **about, expires_at="2026-11-18T09:00:00Z")
    stage.clock.advance(timedelta(hours=3))
    with pytest.raises(Conflict, match="expired"):
        await stage.act(late, "approve", "cli")
    from mainstay.modules.milestones.actions.approvals import expire

    await stage.ws.run(SYSTEM, lambda ctx: expire(ctx, {}))
    assert (await stage.fresh(late)).status == "expired"
    assert (await stage.fresh(open_)).status == "pending"
    await stage.act(late, "request_again", "bob")
    assert (await stage.act(late, "approve", "cli")).status == "approved"


async def test_deliverables_are_judged_by_their_reviewer_alone(stage):
    one = await stage.milestone()
    plan = await stage.make("deliverable", "bob", milestone_id=one.id, name="Plan")
    with pytest.raises(Conflict, match="no reviewer"):
        await stage.act(plan, "submit_for_review", "bob")
    await stage.change(plan, "bob", reviewer_id=stage.me("cli").id)
    for status in ("approved", "review", "delivered"):
        with pytest.raises(Conflict):
            await stage.change(plan, "bob", status=status)
    await stage.act(plan, "submit_for_review", "bob")
    with pytest.raises(Conflict, match="Only the reviewer"):
        await stage.act(plan, "approve", "root")
    with pytest.raises(Denied, match="another reviewer"):
        await stage.change(plan, "bob", reviewer_id=stage.me("bob").id)
    back = await stage.act(plan, "request_revision", "cli", note="Larger print")
    assert (back.status, back.review_status) == ("draft", "needs_revision")
    await stage.act(plan, "submit_for_review", "bob")
    good = await stage.act(plan, "approve", "cli")
    assert (good.status, good.review_status) == ("approved", "approved")
    assert (await stage.act(plan, "deliver", "bob")).status == "delivered"


async def test_metrics_and_messages(stage):
    one = await stage.milestone(stakeholders=[stage.me("cli").id], owner_id=stage.me("bob").id)
    metric = await stage.make(
        "success_metric", milestone_id=one.id, name="Days", target=9, higher_is_better=False
    )
    measured = await stage.act(metric, "measure", "bob", actual=8)
    assert (measured.status, measured.measured_at) == ("target_exceeded", date(2026, 11, 18))
    assert (await stage.change(metric, "bob", target=7)).status == "target_missed"
    said = await stage.make("milestone_communication", milestone_id=one.id, subject="Rain")
    assert sorted(said.recipients) == sorted([stage.me("cli").id, stage.me("bob").id])
    read = await stage.act(said, "mark_read", "cli")
    assert read.read_by == [stage.me("cli").id]
    with pytest.raises(Conflict, match="already"):
        await stage.act(said, "mark_read", "cli")
    with pytest.raises(Conflict, match="not sent to you"):
        await stage.act(said, "mark_read", "ann")
    with pytest.raises(Denied):
        await stage.change(said, "cli", subject="Sun")
