"""The library of templates: names, publishing, circles, and what goes along into the bin."""

import pytest

from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Denied, Duplicate, Invalid
from tests.modules.templates.conftest import WORK


async def test_a_draft_needs_only_a_name_and_publishing_names_each_missing_field(shop):
    draft = await shop.create("task_template", name="Talk", is_draft=True)
    with pytest.raises(Invalid, match="“Talk” lacks type, action and object") as refusal:
        await shop.act(draft, "publish")
    assert [error.field for error in refusal.value.errors] == [
        "template_type",
        "action_id",
        "object_id",
    ]
    action, thing = await shop.terms()
    await shop.update(draft, template_type="lesson", action_id=action)
    with pytest.raises(Invalid, match="“Talk” lacks object"):
        await shop.update(draft, is_draft=False)
    await shop.update(draft, object_id=thing)
    await shop.act(draft, "publish")
    assert not (await shop.fresh(draft)).is_draft
    with pytest.raises(Invalid, match="lacks action"):
        await shop.update(draft, action_id=None)
    with pytest.raises(Conflict, match="published already"):
        await shop.act(draft, "publish")
    await shop.act(draft, "unpublish")
    await shop.update(draft, action_id=None)
    with pytest.raises(Invalid) as refusal:
        await shop.create("task_template", name="Bare")
    assert len(refusal.value.errors) == 3


async def test_actions_are_no_objects(shop):
    action, thing = await shop.terms()
    with pytest.raises(Invalid, match="must be an action; “systems” is an object"):
        await shop.create("task_template", name="X", is_draft=True, action_id=thing)
    with pytest.raises(Invalid, match="must be an object"):
        await shop.create("step_template", name="X", object_id=action)


async def test_a_name_left_out_is_suggested_by_action_and_object(shop):
    action, thing = await shop.terms()
    named = await shop.task("")
    assert named.name == "Install systems"
    step = await shop.create("step_template", action_id=action, object_id=thing)
    assert step.name == "Install systems"
    await shop.update(named, name="Other")
    await shop.update(named, name="")
    assert (await shop.fresh(named)).name == "Install systems"
    for key in ("task_template", "step_template", "checklist_item"):
        with pytest.raises(Invalid, match="name is required, or an action and an object"):
            await shop.create(key, action_id=action, is_draft=True)


async def test_publishing_a_project_publishes_all_of_it_or_says_what_lacks(shop):
    root = await shop.create("project_template", name="P", is_draft=True)
    milestone = await shop.create("milestone_template", name="M", is_draft=True)
    await shop.into(root, milestone)
    made = await shop.act(
        "templates.project_template", "put",
        within="milestone", within_id=milestone.id, kind="task", name="Think",
    )  # fmt: skip
    with pytest.raises(Invalid, match="“Think” lacks type, action and object"):
        await shop.act(root, "publish")
    assert (await shop.fresh(milestone)).is_draft
    (task,) = await shop.all("task_template", id=made.template_id)
    action, thing = await shop.terms()
    await shop.update(task, template_type="task", action_id=action, object_id=thing)
    await shop.act(root, "publish")
    assert not any([(await shop.fresh(one)).is_draft for one in (root, milestone, task)])


async def test_parents_and_waits_close_no_circle_and_do_not_nest_too_deep(shop):
    tasks = [await shop.task(f"T{n}") for n in range(7)]

    async def below(child, parent):
        return await shop.create(
            "task_template_parent",
            task_template_id=tasks[child].id,
            parent_task_template_id=tasks[parent].id,
        )

    for n in range(4):
        await below(n + 1, n)
    with pytest.raises(Conflict, match="in a circle"):
        await below(0, 4)
    with pytest.raises(Invalid, match="at most 5 deep"):
        await below(5, 4)
    with pytest.raises(Invalid, match="another task template"):
        await below(1, 1)
    with pytest.raises(Duplicate, match="is there already"):
        await below(1, 0)

    async def wait(later, earlier):
        return await shop.create(
            "task_template_dependency",
            task_template_id=tasks[later].id,
            depends_on_id=tasks[earlier].id,
        )

    first = await wait(1, 0)
    await wait(2, 1)
    with pytest.raises(Conflict, match="wait for one another in a circle: “T") as refusal:
        await wait(0, 2)
    assert refusal.value.detail.count("→") == 3
    await shop.delete(first)
    await wait(0, 2)
    with pytest.raises(Conflict, match="in a circle"):
        await shop.restore(first)
    noun = shop.ws.registry.noun("templates.task_template_dependency")
    pair = [
        {"task_template_id": tasks[5].id, "depends_on_id": tasks[6].id},
        {"task_template_id": tasks[6].id, "depends_on_id": tasks[5].id},
    ]
    with pytest.raises(Conflict, match="in a circle"):
        await shop.ws.run(shop.lead, lambda ctx: perform.bulk(ctx, noun, perform.Bulk(create=pair)))


async def test_binning_takes_the_joins_along_and_never_what_was_made(shop):
    root = await shop.create("project_template", name="P")
    other = await shop.create("project_template", name="Q")
    milestone = await shop.create("milestone_template", name="M")
    task, later = await shop.task("T"), await shop.task("L")
    for place in (root, other):
        await shop.into(place, milestone)
    await shop.into(milestone, task)
    await shop.into(milestone, later)
    await shop.create("task_template_dependency", task_template_id=later.id, depends_on_id=task.id)
    project = await shop.act(root, "instantiate", name="Made", start_date="2026-11-23")
    await shop.delete(task)
    assert len(await shop.all("milestone_template_task")) == 1
    assert not await shop.all("task_template_dependency")
    assert len(await shop.all("projects.task")) == 2
    assert (await shop.all("projects.task", title="T"))[0].task_template_id == task.id
    await shop.delete(milestone)
    assert not await shop.all("project_template_milestone")
    # What is restored comes back with its joins, but for those whose other end is gone.
    await shop.restore(milestone)
    assert len(await shop.all("project_template_milestone")) == 2
    assert len(await shop.all("milestone_template_task")) == 1
    await shop.restore(task)
    assert len(await shop.all("milestone_template_task")) == 2
    assert len(await shop.all("task_template_dependency")) == 1
    assert (await shop.fresh(project)).task_count == 2


async def test_the_same_template_stands_in_several_places_but_once_in_each(shop):
    one, two = [await shop.create("milestone_template", name=name) for name in "AB"]
    task = await shop.task("T")
    await shop.into(one, task)
    await shop.into(two, task)
    with pytest.raises(Duplicate, match="once in one place"):
        await shop.into(one, task)
    with pytest.raises(Duplicate, match="once in one place"):
        await shop.create(
            "milestone_template_task", milestone_template_id=one.id, task_template_id=task.id
        )


async def test_those_who_only_work_look_at_templates_and_change_none(shop):
    wim = await shop.person("Wim", WORK)
    task = await shop.task("T")
    assert (await shop.ws.one(wim, "templates.task_template", task.id)).name == "T"
    for work in (
        shop.create("task_template", wim, name="Mine", is_draft=True),
        shop.update(task, wim, name="Mine"),
        shop.delete(task, wim),
        shop.act(task, "unpublish", wim),
        shop.act(
            "templates.project_template", "take_out", wim,
            within="milestone", within_id=1, kind="task", template_id=task.id,
        ),
    ):  # fmt: skip
        with pytest.raises(Denied):
            await work
