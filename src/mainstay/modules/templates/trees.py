"""A template with all that is in it, read at once, however large it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.modules.templates import rules
from mainstay.modules.templates.entities import (
    ChecklistItem,
    MilestoneTemplate,
    MilestoneTemplateTask,
    ProjectTemplate,
    ProjectTemplateMilestone,
    ProjectTemplateTask,
    StepTemplate,
    StepTemplateItem,
    TaskTemplate,
    TaskTemplateDependency,
    TaskTemplateParent,
    TaskTemplateStep,
)

E = TypeVar("E", bound=Entity)
MANY = 50_000
OWN = 0  # the place of tasks that belong to no milestone
Template = ProjectTemplate | MilestoneTemplate | TaskTemplate | StepTemplate | ChecklistItem


@dataclass
class Tree:
    """Templates by their ids, and the joins between them in their order."""

    milestones: dict[int, MilestoneTemplate] = field(default_factory=dict)
    tasks: dict[int, TaskTemplate] = field(default_factory=dict)
    steps: dict[int, StepTemplate] = field(default_factory=dict)
    items: dict[int, ChecklistItem] = field(default_factory=dict)
    in_project: list[ProjectTemplateMilestone] = field(default_factory=list)
    places: dict[int, list[Any]] = field(default_factory=dict)
    parents: dict[int, list[int]] = field(default_factory=dict)
    waits: list[TaskTemplateDependency] = field(default_factory=list)
    in_task: dict[int, list[TaskTemplateStep]] = field(default_factory=dict)
    in_step: dict[int, list[StepTemplateItem]] = field(default_factory=dict)

    def each(self) -> Iterable[Template]:
        """Yield every template that is in it."""
        for found in (self.milestones, self.tasks, self.steps, self.items):
            yield from found.values()

    def plan(self) -> rules.Plan:
        """Return the tasks that it makes."""
        places = [(p, [one.task_template_id for one in joins]) for p, joins in self.places.items()]
        waits = [
            rules.Wait(w.task_template_id, w.depends_on_id, w.type, w.lag_days) for w in self.waits
        ]
        return rules.unfold(places, self.parents, waits, lambda t: self.tasks[t].task_quantity)


async def _by(ctx: Context, kind: type[E], **filters: Any) -> list[E]:
    return await ctx.all(kind, anywhere=True, limit=MANY, **filters)


async def _named(ctx: Context, kind: type[E], ids: Iterable[int]) -> dict[int, E]:
    wanted = sorted(set(ids))
    found = await _by(ctx, kind, id__in=wanted) if wanted else []
    return {one.id: one for one in found}


async def tree_of(ctx: Context, root: Entity) -> Tree:
    """Read what is in a template of any level."""
    if isinstance(root, ProjectTemplate):
        return await _of_project(ctx, root)
    if isinstance(root, MilestoneTemplate):
        return await _of_milestones(ctx, Tree(milestones={root.id: root}))
    tree = Tree()
    if isinstance(root, TaskTemplate):
        tree.places = {OWN: await _family(ctx, root)}
        return await _of_tasks(ctx, tree)
    assert isinstance(root, StepTemplate)
    tree.steps = {root.id: root}
    return await _of_steps(ctx, tree)


async def _of_project(ctx: Context, root: ProjectTemplate) -> Tree:
    tree = Tree()
    joins = await _by(ctx, ProjectTemplateMilestone, project_template_id=root.id, sort=ORDER)
    tree.milestones = await _named(
        ctx, MilestoneTemplate, (one.milestone_template_id for one in joins)
    )
    tree.in_project = [one for one in joins if one.milestone_template_id in tree.milestones]
    own = await _by(ctx, ProjectTemplateTask, project_template_id=root.id, sort=QUEUE)
    tree.places = {OWN: own}
    return await _of_milestones(ctx, tree)


ORDER = "sort_order,id"
QUEUE = "task_template_queue,id"


async def _of_milestones(ctx: Context, tree: Tree) -> Tree:
    order = [one.milestone_template_id for one in tree.in_project] or list(tree.milestones)
    tree.places.setdefault(OWN, [])
    for milestone in order:
        tree.places.setdefault(milestone, [])
    if order:
        found = await _by(
            ctx, MilestoneTemplateTask, milestone_template_id__in=sorted(order), sort=QUEUE
        )
        for one in found:
            tree.places[one.milestone_template_id].append(one)
    return await _of_tasks(ctx, tree)


async def _family(ctx: Context, root: TaskTemplate) -> list[ProjectTemplateTask]:
    """Return a task template and its parts, as if they stood in a project of their own."""
    ids, level = [root.id], [root.id]
    while level and len(ids) <= rules.MOST:
        below = await _by(ctx, TaskTemplateParent, parent_task_template_id__in=level, sort="id")
        level = [one.task_template_id for one in below if one.task_template_id not in ids]
        ids += dict.fromkeys(level)
    return [ProjectTemplateTask(project_template_id=0, task_template_id=one) for one in ids]


async def _of_tasks(ctx: Context, tree: Tree) -> Tree:
    ids = {one.task_template_id for joins in tree.places.values() for one in joins}
    tree.tasks = await _named(ctx, TaskTemplate, ids)
    for place, joins in tree.places.items():
        tree.places[place] = [one for one in joins if one.task_template_id in tree.tasks]
    wanted = sorted(tree.tasks)
    if not wanted:
        return tree
    both = {"task_template_id__in": wanted}
    for one in await _by(ctx, TaskTemplateParent, **both, sort="id"):
        if one.parent_task_template_id in tree.tasks:
            tree.parents.setdefault(one.task_template_id, []).append(one.parent_task_template_id)
    waits = await _by(ctx, TaskTemplateDependency, **both, sort="id")
    tree.waits = [one for one in waits if one.depends_on_id in tree.tasks]
    joins = await _by(ctx, TaskTemplateStep, **both, sort=ORDER)
    tree.steps = await _named(ctx, StepTemplate, (one.step_template_id for one in joins))
    for join in joins:
        if join.step_template_id in tree.steps:
            tree.in_task.setdefault(join.task_template_id, []).append(join)
    return await _of_steps(ctx, tree)


async def _of_steps(ctx: Context, tree: Tree) -> Tree:
    if not tree.steps:
        return tree
    joins = await _by(ctx, StepTemplateItem, step_template_id__in=sorted(tree.steps), sort=ORDER)
    tree.items = await _named(ctx, ChecklistItem, (one.checklist_item_id for one in joins))
    for join in joins:
        if join.checklist_item_id in tree.items:
            tree.in_step.setdefault(join.step_template_id, []).append(join)
    return tree


def drafts(templates: Iterable[Template]) -> Sequence[Template]:
    """Return those that are not published yet."""
    return [one for one in templates if one.is_draft]
