"""A project saved as a template and made again is the same; a copy is as it was before work."""

import itertools
import random
from datetime import date

import pytest

from mainstay.kernel.problems import Conflict, Denied, Invalid
from mainstay.scheduling import Calendar
from tests.modules.templates.conftest import WORK

CAL = Calendar()
START = date(2026, 11, 23)


def later(day, count):
    return CAL.add_working_days(day, count).isoformat()


def away(start, day):
    """Return how many working days lie between, so that dates can be compared."""
    return None if day is None else CAL.before(day.toordinal()) - CAL.before(start.toordinal())


async def told(shop, project):
    """Return a project's tree, links and days as they are independent of ids and dates."""
    project = await shop.fresh(project)
    start, of = project.start_date, {"project_id": project.id}
    milestones = await shop.all("milestones.milestone", **of, sort="sort_order")
    tasks = await shop.all("projects.task", **of)
    names = {one.id: one.name for one in milestones} | {None: None}
    titles = {one.id: one.title for one in tasks} | {None: None}
    links = await shop.all("projects.task_dependency", task_id__in=list(titles)[:-1])
    return {
        "milestones": [
            (m.name, away(start, m.start_date), away(start, m.due_date)) for m in milestones
        ],
        "tasks": sorted(
            (
                (t.title, names[t.milestone_id], titles[t.parent_id]),
                (away(start, t.start_date), away(start, t.due_date), str(t.estimated_hours)),
                (t.type, t.priority, t.story_points or 0),
            )
            for t in tasks
        ),
        "links": sorted(
            (titles[one.task_id], titles[one.depends_on_id], one.type, one.lag_days)
            for one in links
        ),
        **await told_inside(shop, titles),
    }


async def told_inside(shop, titles):
    """Return the steps and checklists of tasks."""
    inside = {"task_id__in": list(titles)[:-1]}
    steps = await shop.all("checklists.step", **inside, sort="task_id,sort_order")
    lists = await shop.all("checklists.checklist", **inside, sort="task_id,sort_order,id")
    ids = [one.id for one in lists]
    items = await shop.all("checklists.checklist_item", checklist_id__in=ids, sort="sort_order")
    held = {one.id: (titles[one.task_id], one.name) for one in lists}
    return {
        "steps": sorted((titles[s.task_id], s.name, s.hours_planned) for s in steps),
        "checklists": sorted((*held[one.id], one.mode) for one in lists),
        "items": sorted((*held[one.checklist_id], one.name, one.required) for one in items),
    }


async def lively(shop, seed):
    """A project of a shape that a dice gave it."""
    dice = random.Random(seed)
    project = await shop.create("projects.project", name=f"Live {seed}", start_date="2026-11-23")
    of = {"project_id": project.id}
    milestones = [None]
    for n in range(dice.randint(0, 3)):
        first = dice.randint(0, 20)
        made = await shop.create(
            "milestones.milestone",
            **of,
            name=f"M{n}",
            start_date=later(START, first),
            due_date=later(START, first + dice.randint(0, 9)),
        )
        milestones.append(made)
    tasks = []
    for n in range(dice.randint(2, 9)):
        home = dice.choice(milestones)
        first = 20 + dice.randint(0, 20) if home else dice.randint(0, 20)
        parent = dice.choice([None, None, *tasks[:3]])
        tasks.append(
            await shop.create(
                "projects.task",
                **of,
                title=f"Task {n}",
                milestone_id=home and home.id,
                parent_id=parent and parent.id,
                start_date=later(START, first),
                due_date=later(START, first + dice.randint(0, 5)),
                estimated_hours=dice.choice([None, "4", "12"]),
                priority=dice.choice(["low", "high"]),
                type=dice.choice(["task", "story", "bug"]),
            )
        )
    await linked(shop, dice, tasks)
    await stepped(shop, dice, tasks)
    return project


async def linked(shop, dice, tasks):
    """Let some tasks wait for earlier ones that they are no part of."""
    pairs = list(itertools.combinations(tasks, 2))
    for early, late in dice.sample(pairs, min(len(pairs), 3)):
        chain, one = set(), late
        while one is not None:
            chain.add(one.id)
            one = next((t for t in tasks if t.id == one.parent_id), None)
        if early.id not in chain:
            await shop.create(
                "projects.task_dependency",
                task_id=late.id,
                depends_on_id=early.id,
                type=dice.choice(["finish_to_start", "start_to_start"]),
                lag_days=dice.randint(0, 2),
            )


async def stepped(shop, dice, tasks):
    """Give two tasks a step with a checklist, and a checklist without a step."""
    for task in dice.sample(tasks, 2):
        step = await shop.create(
            "checklists.step", task_id=task.id, name="Step", hours_planned="1.5"
        )
        for name, under in (("Step", step.id), ("Alone", None)):
            checklist = await shop.create(
                "checklists.checklist",
                task_id=task.id, name=name, step_id=under,
                mode=dice.choice(["sequential", "parallel"]),
            )  # fmt: skip
            for n in range(dice.randint(1, 3)):
                await shop.create(
                    "checklists.checklist_item",
                    checklist_id=checklist.id, name=f"Item {n}", required=bool(n),
                )  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
async def test_a_saved_project_made_again_has_the_same_tree_links_and_days(shop, seed):
    project = await lively(shop, seed)
    template = await shop.act(project, "save_as_template", name="Saved")
    assert not template.is_draft
    again = await shop.act(template, "instantiate", start_date="2027-03-01", follow=False)
    assert await told(shop, again) == await told(shop, project)
    copied = await shop.act(project, "copy_project", start_date="2027-05-03")
    assert await told(shop, copied) == await told(shop, project)


async def test_saving_guesses_words_keeps_no_people_and_can_be_taken_back(shop):
    project = await shop.create("projects.project", name="Roof")
    for title in ("Install the systems", "Have lunch"):
        await shop.create("projects.task", project_id=project.id, title=title)
    gone = await shop.create("projects.task", project_id=project.id, title="Dropped")
    await shop.act(gone, "cancel")
    made = await shop.act(
        "templates.project_template", "from_project", project_id=project.id, is_draft=True
    )
    assert (made.name, made.is_draft) == ("Roof", True)
    words = {one.id: one.name for one in await shop.all("reference.term")}
    named = {
        t.name: (words[t.action_id], words[t.object_id]) for t in await shop.all("task_template")
    }
    assert named == {"Install the systems": ("Install", "systems"), "Have lunch": ("Do", "tasks")}
    with pytest.raises(Conflict, match="is a draft"):
        await shop.act(made, "instantiate")
    await shop.ws.undo(shop.lead, shop.change_set)
    assert not await shop.all("task_template")
    wim = await shop.person("Wim", WORK)
    await shop.act(project, "add_member", user_id=wim.id)
    with pytest.raises(Conflict, match="keep the templates"):
        await shop.act(project, "save_as_template", wim)
    stranger = await shop.person("Sam", ("templates.*", "projects.*.read"))
    with pytest.raises(Invalid, match="may not see it"):
        await shop.act(
            "templates.project_template", "from_project", stranger, project_id=project.id
        )


async def rich(shop):
    """A project in the middle of its work, with everything that a copy takes or leaves."""
    bob = await shop.person("Bob")
    project = await shop.create(
        "projects.project", name="Roof", code="ROOF", start_date="2026-11-23",
        end_date="2026-12-18", budget="5000", actual_cost="900", customer_reviews="Nice",
        hourly_rate="80", status="active",
    )  # fmt: skip
    of = {"project_id": project.id}
    await shop.act(project, "add_member", user_id=bob.id, role="admin")
    label = await shop.create("projects.label", **of, name="Wet")
    goal = await shop.create("charter.goal", **of, title="Dry")
    await shop.create("charter.service_provided", **of, service_name="Cleaning")
    milestone = await shop.create(
        "milestones.milestone", **of, name="Tight", due_date="2026-12-01", owner_id=bob.id
    )
    await shop.create("charter.project_risk", **of, title="Rain", milestone_id=milestone.id)
    at = {"milestone_id": milestone.id}
    condition = await shop.create(
        "milestones.milestone_condition", **at, title="No drop", weight=0.5
    )
    await shop.act(condition, "complete", note="Dry")
    await shop.create("milestones.deliverable", **at, name="Photo")
    one = await shop.create(
        "projects.task", **of, title="Tile", labels=[label.id], assignee_id=bob.id,
        goal_id=goal.id, milestone_id=milestone.id, start_date="2026-11-24", due_date="2026-11-27",
        estimated_hours="8",
    )  # fmt: skip
    two = await shop.create("projects.task", **of, title="Seal", status="backlog", parent_id=one.id)
    elsewhere = await shop.create("projects.project", name="Other")
    other = await shop.create("projects.task", project_id=elsewhere.id, title="Deliver")
    for earlier in (one, other):
        await shop.create("projects.task_dependency", task_id=two.id, depends_on_id=earlier.id)
    await shop.create("projects.subtask", task_id=one.id, title="Look", completed=True)
    await checked(shop, one)
    await shop.act(one, "complete")
    return project, bob


async def checked(shop, task):
    """Give a task a checklist of two items, the first of them done."""
    checklist = await shop.create("checklists.checklist", task_id=task.id, name="Check")
    first = await shop.create("checklists.checklist_item", checklist_id=checklist.id, name="A")
    await shop.create(
        "checklists.checklist_item", checklist_id=checklist.id, name="B", depends_on_id=first.id
    )
    await shop.act(first, "complete")


async def test_a_copy_is_as_the_project_was_before_work_began(shop):
    project, bob = await rich(shop)
    copied = await shop.act(project, "copy_project", name="Roof 2", start_date="2027-01-04")
    now = await shop.fresh(copied)
    assert (now.code, now.status, now.owner_id) == ("R2", "planning", shop.lead.id)
    assert (now.start_date, now.end_date) == (date(2027, 1, 4), date(2027, 1, 29))
    assert (now.budget, now.actual_cost, now.customer_reviews) == (5000, 0, "")
    assert (now.task_count, now.done_count, now.progress, now.actual_start) == (2, 0, 0.0, None)
    of = {"project_id": now.id}
    members = await shop.all("projects.project_member", **of)
    assert {m.user_id: m.role for m in members} == {shop.lead.id: "owner", bob.id: "admin"}
    (goal,) = await shop.all("charter.goal", **of)
    (risk,) = await shop.all("charter.project_risk", **of)
    (milestone,) = await shop.all("milestones.milestone", **of)
    assert len(await shop.all("charter.service_provided", **of)) == 1
    assert (milestone.due_date, milestone.status, risk.milestone_id) == (
        date(2027, 1, 12), "planned", milestone.id,
    )  # fmt: skip
    assert (goal.task_count, goal.done_count, milestone.task_count) == (1, 0, 1)
    (condition,) = await shop.all("milestones.milestone_condition", milestone_id=milestone.id)
    assert (condition.title, condition.status, condition.weight) == ("No drop", "not_started", 0.5)
    assert len(await shop.all("milestones.deliverable", milestone_id=milestone.id)) == 1


async def test_a_copy_has_the_tasks_with_their_links_and_nothing_ticked(shop):
    project, bob = await rich(shop)
    copied = await shop.act(project, "copy_project", name="Roof 2", start_date="2027-01-04")
    of = {"project_id": copied.id}
    (label,) = await shop.all("projects.label", **of)
    (goal,) = await shop.all("charter.goal", **of)
    (milestone,) = await shop.all("milestones.milestone", **of)
    tile, seal = await shop.all("projects.task", **of)
    assert (tile.code, tile.status, tile.labels, tile.assignees) == (
        "TASK-001", "todo", [label.id], [bob.id],
    )  # fmt: skip
    assert (tile.goal_id, tile.milestone_id, tile.start_date) == (
        goal.id, milestone.id, date(2027, 1, 5),
    )  # fmt: skip
    assert (seal.parent_id, seal.status, seal.blocker_count) == (tile.id, "backlog", 1)
    links = await shop.all("projects.task_dependency", task_id=seal.id)
    assert [one.depends_on_id for one in links] == [tile.id]
    (subtask,) = await shop.all("projects.subtask", task_id=tile.id)
    assert not subtask.completed
    (checklist,) = await shop.all("checklists.checklist", task_id=tile.id)
    a, b = await shop.all("checklists.checklist_item", checklist_id=checklist.id)
    assert (checklist.item_count, checklist.done_count) == (2, 0)
    assert (a.status, b.depends_on_id) == ("pending", a.id)
    await shop.ws.undo(shop.lead, shop.change_set)
    assert not await shop.all("projects.task", **of)
    assert len(await shop.all("projects.task")) == 3


async def test_a_copy_without_people_names_nobody_and_only_those_who_see_it_may_copy(shop):
    project, _bob = await rich(shop)
    copied = await shop.act(project, "copy_project", with_people=False, with_risks=False)
    of = {"project_id": copied.id}
    assert copied.name == "Roof (copy)"
    assert copied.start_date == date(2026, 11, 23)
    assert [m.user_id for m in await shop.all("projects.project_member", **of)] == [shop.lead.id]
    assert not [t for t in await shop.all("projects.task", **of) if t.assignees]
    assert not [m for m in await shop.all("milestones.milestone", **of) if m.owner_id]
    assert not await shop.all("charter.project_risk", **of)
    wim = await shop.person("Wim", WORK)
    await shop.act(project, "add_member", user_id=wim.id)
    with pytest.raises(Denied):
        await shop.act(project, "copy_project", wim)
    half = await shop.person("Hal", ("projects.*.read", "projects.project.create"))
    await shop.act(project, "add_member", user_id=half.id)
    mine = await shop.act(project, "copy_project", half, name="Mine")
    # Without the grant for money nothing of it goes along, and goals stay with those who read them.
    assert (await shop.fresh(mine)).hourly_rate is None
    assert not await shop.all("charter.goal", project_id=mine.id)
