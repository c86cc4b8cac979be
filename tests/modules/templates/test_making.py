"""Making work from templates on both engines: whole, undoable, and in few statements."""

from datetime import date
from decimal import Decimal

import pytest

from mainstay.kernel.problems import Conflict, Denied, Invalid
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.storage.postgres import PostgresConnection
from mainstay.kernel.storage.sqlite import SqliteConnection
from mainstay.modules.templates.api import make_task
from mainstay.modules.templates.entities import (
    ChecklistItem,
    MilestoneTemplate,
    MilestoneTemplateTask,
    ProjectTemplate,
    ProjectTemplateMilestone,
    StepTemplate,
    StepTemplateItem,
    TaskTemplate,
    TaskTemplateDependency,
    TaskTemplateParent,
    TaskTemplateStep,
)
from tests.modules.templates.conftest import WORK

MONDAY = "2026-11-23"
MADE = (
    "projects.project",
    "projects.task",
    "projects.task_dependency",
    "milestones.milestone",
    "checklists.step",
    "checklists.checklist",
    "checklists.checklist_item",
)


async def roof(shop):
    """A template of two milestones, four tasks, one of them twice, with a step and two items."""
    template = await shop.create("project_template", name="Roof", description="A roof.")
    plan = await shop.create("milestone_template", name="Plan", days=5)
    build = await shop.create("milestone_template", name="Build", offset_days=5, days=10)
    survey = await shop.task("Survey", duration_days=2, expected_hours="12", story_points=3)
    draw = await shop.task("Draw", offset_days=2, expected_hours="16")
    string = await shop.task("Lay a string", task_quantity=2, duration_days=1, cost="50")
    permit = await shop.task("Get the permit", offset_days=3)
    step = await shop.create(
        "step_template", name="Go safely", hours_planned="1", mode="sequential"
    )
    items = [await shop.create("checklist_item", name=name) for name in ("Helmet", "Harness")]
    for part in (plan, build, permit):
        await shop.into(template, part)
    for milestone, tasks in ((plan, (survey, draw)), (build, (string,))):
        for task in tasks:
            await shop.into(milestone, task)
    await shop.into(survey, step)
    for item in items:
        await shop.into(step, item, after_id=0)  # the later one comes first
    await shop.create(
        "task_template_parent", task_template_id=draw.id, parent_task_template_id=survey.id
    )
    await shop.create(
        "task_template_dependency", task_template_id=string.id, depends_on_id=draw.id, lag_days=1
    )
    return template


async def test_a_project_has_everything_that_its_template_says(shop):
    template = await roof(shop)
    project = await shop.act(template, "instantiate", name="Roof 7", start_date=MONDAY)
    project = await shop.fresh(project)
    assert (project.name, project.code, project.description) == ("Roof 7", "R7", "A roof.")
    assert project.project_template_id == template.id
    assert project.owner_id == shop.lead.id
    assert (project.task_count, project.done_count, project.progress) == (5, 0, 0.0)
    # 12 + 16 hours; two strings at 50 each
    assert project.estimated_hours == Decimal(28)
    assert project.estimated_cost == Decimal(100)
    milestones = await shop.all("milestones.milestone")
    assert [(m.name, m.start_date, m.due_date, m.task_count) for m in milestones] == [
        ("Plan", date(2026, 11, 23), date(2026, 11, 27), 2),
        ("Build", date(2026, 11, 30), date(2026, 12, 11), 2),
    ]
    tasks = await shop.all("projects.task")
    by_id = {task.id: task for task in tasks}
    told = [
        (t.code, t.title, t.parent_id and by_id[t.parent_id].title, t.start_date, t.due_date)
        for t in tasks
    ]
    assert told == [
        ("TASK-001", "Get the permit", None, date(2026, 11, 26), None),
        ("TASK-002", "Survey", None, date(2026, 11, 23), date(2026, 11, 24)),
        ("TASK-003", "Draw", "Survey", date(2026, 11, 25), date(2026, 11, 26)),
        ("TASK-004", "Lay a string (1/2)", None, date(2026, 11, 30), date(2026, 11, 30)),
        ("TASK-005", "Lay a string (2/2)", None, date(2026, 11, 30), date(2026, 11, 30)),
    ]


async def test_links_steps_and_checklists_are_made_too(shop):
    template = await roof(shop)
    await shop.act(template, "instantiate", start_date=MONDAY)
    tasks = await shop.all("projects.task")
    by_id = {task.id: task for task in tasks}
    assert tasks[1].estimated_hours == Decimal(12)
    assert tasks[1].part_count == 1
    links = await shop.all("projects.task_dependency")
    assert [(by_id[one.task_id].code, one.lag_days) for one in links] == [
        ("TASK-004", 1),
        ("TASK-005", 1),
    ]
    assert {by_id[one.depends_on_id].code for one in links} == {"TASK-003"}
    assert tasks[3].blocker_count == 1
    (step,) = await shop.all("checklists.step")
    (checklist,) = await shop.all("checklists.checklist")
    assert (step.task_id, step.name, checklist.step_id, checklist.mode, checklist.item_count) == (
        tasks[1].id,
        "Go safely",
        step.id,
        "sequential",
        2,
    )
    items = await shop.all("checklists.checklist_item", sort="sort_order")
    assert [item.name for item in items] == ["Harness", "Helmet"]


async def test_one_undo_takes_all_of_it_back(shop):
    engineer = await shop.person("Eli", (*WORK, *NEEDED))
    template = await roof(shop)
    await shop.act(template, "instantiate", engineer, start_date=MONDAY)
    assert all([await shop.all(key) for key in MADE])
    await shop.ws.undo(engineer, shop.change_set)
    assert not any([await shop.all(key) for key in MADE])
    assert len(await shop.all("task_template")) == 4


# What a role needs beside looking, to begin projects and take that back.
NEEDED = (
    "templates.project_template.instantiate",
    *(f"projects.{n}.{v}" for n in ("project", "task", "task_dependency", "project_member")
      for v in ("create", "update", "delete")),
    *(f"{n}.{v}" for n in ("milestones.milestone", "checklists.step", "checklists.checklist",
      "checklists.checklist_item") for v in ("update", "delete", "read")),
)  # fmt: skip


async def test_drafts_and_people_who_may_not_are_refused(shop):
    template = await roof(shop)
    worker = await shop.person("Wim", WORK)
    with pytest.raises(Denied):
        await shop.act(template, "instantiate", worker)
    half = await shop.person("Hal", (*WORK, "templates.project_template.instantiate"))
    with pytest.raises(Denied, match=r"projects\.project\.create"):
        await shop.act(template, "instantiate", half)
    (draw,) = await shop.all("task_template", name="Draw")
    await shop.act(draw, "unpublish")
    with pytest.raises(Conflict, match="“Draw”"):
        await shop.act(template, "instantiate")
    await shop.act(template, "unpublish")
    with pytest.raises(Conflict, match="is a draft"):
        await shop.act(template, "instantiate")
    await shop.act(template, "publish")
    assert not (await shop.fresh(draw)).is_draft
    with pytest.raises(Invalid, match="owner_id"):
        await shop.act(template, "instantiate", owner_id=999)
    with pytest.raises(Invalid, match="members"):
        await shop.act(template, "instantiate", members=[999])
    assert not await shop.all("projects.project")


async def test_tasks_go_to_people_of_their_profession_and_they_become_members(shop):
    roofer, drafter = [
        await shop.create("identity.profession", SYSTEM, name=name)
        for name in ("Roofer", "Drafter")
    ]
    rita = await shop.person("Rita", professions=[roofer.id])
    rolf = await shop.person("Rolf", professions=[drafter.id, roofer.id])
    await shop.person("Gus", professions=[])
    template = await shop.create("project_template", name="Roof")
    for number in range(3):
        task = await shop.task(f"Tile {number}", expected_hours="8", professions=[roofer.id])
        await shop.into(template, task)
    await shop.into(template, await shop.task("Sketch", professions=[drafter.id, roofer.id]))
    await shop.into(template, await shop.task("Rest"))
    await shop.act(template, "instantiate", start_date=MONDAY, assign=True)
    tasks = await shop.all("projects.task")
    # Rita's main profession is roofer, so she is first; then whoever has fewer hours.
    assert [task.assignee_id for task in tasks] == [rita.id, rolf.id, rita.id, rolf.id, None]
    members = await shop.all("projects.project_member")
    assert {m.user_id: m.role for m in members} == {
        shop.lead.id: "owner",
        rita.id: "member",
        rolf.id: "member",
    }


async def big(shop, count):
    """A template with so many tasks, each with a step and two items; parts and links among them."""
    action, thing = await shop.terms()
    alike = {"template_type": "task", "duration_days": 2, "expected_hours": Decimal(8)}

    async def work(ctx):
        template = await ctx.create(ProjectTemplate(name="Big"))
        milestones = [MilestoneTemplate(name=f"M{n}", offset_days=n * 5) for n in range(5)]
        await ctx.create_many(milestones)
        tasks = [
            TaskTemplate(name=f"T{n}", action_id=action, object_id=thing, **alike)
            for n in range(count)
        ]
        steps = [StepTemplate(name=f"S{n}") for n in range(count)]
        items = [ChecklistItem(name=f"I{n}") for n in range(2 * count)]
        for made in (tasks, steps, items):
            await ctx.create_many(made)
        t = [one.id for one in tasks]
        joins = (
            [ProjectTemplateMilestone(project_template_id=template.id, milestone_template_id=m.id)
             for m in milestones],
            [MilestoneTemplateTask(milestone_template_id=milestones[n % 5].id,
                                   task_template_id=t[n], task_template_queue=n)
             for n in range(count)],
            [TaskTemplateParent(task_template_id=t[n], parent_task_template_id=t[n - 5])
             for n in range(5, count) if (n // 5) % 2],
            [TaskTemplateDependency(task_template_id=t[n], depends_on_id=t[n - 10])
             for n in range(10, count, 3)],
            [TaskTemplateStep(task_template_id=t[n], step_template_id=steps[n].id)
             for n in range(count)],
            [StepTemplateItem(step_template_id=steps[n // 2].id, checklist_item_id=items[n].id)
             for n in range(2 * count)],
        )  # fmt: skip
        for made in joins:
            await ctx.create_many(made)
        return template

    return await shop.ws.run(shop.lead, work, slow=True)


@pytest.fixture
def counted(monkeypatch, shop):
    """The statements of everything that is done on this engine, as they are sent."""
    found: list[str] = []
    kind = SqliteConnection if shop.ws.engine.name == "sqlite" else PostgresConnection
    for name in ("fetch", "run", "many"):
        real = getattr(kind, name)

        async def noted(self, sql, *rest, real=real):
            found.append(sql)
            return await real(self, sql, *rest)

        monkeypatch.setattr(kind, name, noted)
    return found


async def test_five_hundred_tasks_take_as_many_statements_as_sixty(shop, counted):
    sizes: dict[str, list[int]] = {"instantiate": [], "copy": [], "save": []}
    for count in (60, 500):
        template = await big(shop, count)
        counted.clear()
        project = await shop.act(template, "instantiate", name=f"P{count}", start_date=MONDAY)
        sizes["instantiate"].append(len(counted))
        counted.clear()
        copied = await shop.act(project, "copy_project", start_date="2027-01-11")
        sizes["copy"].append(len(counted))
        counted.clear()
        await shop.act(project, "save_as_template")
        sizes["save"].append(len(counted))
        for made in (project, copied):
            assert (await shop.fresh(made)).task_count == count
    assert all(few == many for few, many in sizes.values()), sizes
    assert max(many for _, many in sizes.values()) < 120, sizes


async def test_a_milestone_goes_behind_those_of_a_project_that_there_is(shop):
    await roof(shop)
    (build,) = await shop.all("milestone_template", name="Build")
    project = await shop.create("projects.project", name="Open")
    first = await shop.create(
        "milestones.milestone", project_id=project.id, name="Old", due_date="2026-12-01"
    )
    made = await shop.act(build, "add_milestone", project_id=project.id, start_date=MONDAY)
    assert (made.name, made.start_date, made.due_date) == (
        "Build",
        date(2026, 11, 23),
        date(2026, 12, 4),
    )
    assert made.sort_order > first.sort_order
    tasks = await shop.all("projects.task", project_id=project.id)
    assert [(t.title, t.milestone_id) for t in tasks] == [
        ("Lay a string (1/2)", made.id),
        ("Lay a string (2/2)", made.id),
    ]
    stranger = await shop.person("Sam", ("templates.*", "projects.*.read", "projects.task.create"))
    with pytest.raises(Invalid, match="may not see it"):
        await shop.act(build, "add_milestone", stranger, project_id=project.id)


async def test_a_task_comes_with_its_parts_steps_and_what_is_given(shop):
    await roof(shop)
    (survey,) = await shop.all("task_template", name="Survey")
    project = await shop.create("projects.project", name="Open")
    bob = await shop.person("Bob")

    async def work(ctx):
        template = await ctx.get(TaskTemplate, survey.id)
        return await make_task(
            ctx,
            template,
            project.id,
            title="Survey of the barn",
            due_date=date(2026, 12, 24),
            assignees=[bob.id],
            priority="high",
        )

    task = await shop.ws.run(shop.lead, work)
    assert (task.title, task.due_date, task.start_date) == (
        "Survey of the barn",
        date(2026, 12, 24),
        None,
    )
    assert (task.assignee_id, task.priority, task.story_points) == (bob.id, "high", 3)
    titles = {t.title: t for t in await shop.all("projects.task", project_id=project.id)}
    assert titles["Draw"].parent_id == task.id
    assert len(await shop.all("checklists.checklist_item")) == 2
    await shop.act(survey, "add_task", project_id=project.id, start_date=MONDAY)
    again = (await shop.all("projects.task", title="Survey"))[0]
    assert (again.start_date, again.due_date) == (date(2026, 11, 23), date(2026, 11, 24))
    with pytest.raises(Invalid, match="milestone of the project"):
        await shop.act(survey, "add_task", project_id=project.id, milestone_id=77)


async def test_a_first_day_at_the_ends_of_time_is_refused_by_its_name(shop):
    """What would leave the years that there are says which day is at fault, and is not made."""
    template = await roof(shop)
    survey = await shop.create(
        "task_template", name="Later", template_type="task", offset_days=3, duration_days=2,
        action_id=(await shop.all("task_template", name="Survey"))[0].action_id,
        object_id=(await shop.all("task_template", name="Survey"))[0].object_id,
    )  # fmt: skip
    project = await shop.act(template, "instantiate", name="Near", start_date=MONDAY)
    count = len(await shop.all("projects.task"))
    (milestone,) = await shop.all("milestone_template", name="Build")
    for record, verb, days, more in (
        (template, "instantiate", ["9999-12-31"], {"name": "Far"}),
        (survey, "add_task", ["9999-12-31", "0001-01-01"], {"project_id": project.id}),
        (milestone, "add_milestone", ["9999-12-31", "0001-01-01"], {"project_id": project.id}),
        (project, "copy_project", ["9999-12-31"], {}),
    ):
        for day in days:
            with pytest.raises(Invalid, match=r"start_date lies too far away.*choose a nearer day"):
                await shop.act(record, verb, start_date=day, **more)
    for day in ("9999-12-31", "0001-01-01"):
        with pytest.raises(Invalid, match="start_date lies too far away"):
            await shop.ws.ask_question(
                SYSTEM,
                "templates.preview",
                {"level": "task", "template_id": survey.id, "start_date": day},
            )
    assert len(await shop.all("projects.task")) == count
    far = await shop.create("projects.task", project_id=project.id, title="Typo")
    await shop.update(far, due_date="9999-12-31")
    with pytest.raises(Conflict, match=r"Typo \(9999-12-31\) lies too far away to be copied"):
        await shop.act(project, "copy_project", start_date="2026-12-28")
