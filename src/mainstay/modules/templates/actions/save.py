"""Saving a live project as a template: its tree, links and working days, ready to be used again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, cast

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Flag, Ref, Text
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict
from mainstay.kernel.scope import Me, require
from mainstay.modules.projects.api import Project, Task
from mainstay.modules.reference.api import ANY_ACTION, ANY_OBJECT, Term
from mainstay.modules.templates import rules
from mainstay.modules.templates.days import calendar_of
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
from mainstay.modules.templates.living import Living, living
from mainstay.modules.templates.making import GAP
from mainstay.scheduling import Calendar

MOST_LINES = 20_000
MAKE = "templates.project_template.create"


def may_save(_project: Project, me: Me) -> str | None:
    """Return why somebody cannot save a project as a template, or None."""
    return None if me.can(MAKE) else "Only those who keep the templates may add one."


class Save(Struct, forbid_unknown_fields=True):
    """What the template is called, and whether it can be used at once."""

    name: Annotated[
        str, Text(200), Meta(max_length=200, description="The project's name when left out")
    ] = ""
    description: Annotated[
        str, Text(100_000, lines=True), Meta(max_length=100_000, description="When to use it")
    ] = ""
    is_draft: Annotated[bool, Flag(label="Keep as a draft")] = False


class SaveWhich(Save, forbid_unknown_fields=True, kw_only=True):
    """Which project becomes a template, and under which name."""

    project_id: Annotated[
        int, Ref(target="projects.project", label="Project", help="What is saved.")
    ]


@dataclass
class Saving:
    """What is being made of a project, and what each part of it became."""

    ctx: Context
    live: Living
    calendar: Calendar
    draft: bool
    terms: dict[str, dict[str, int]] = field(default_factory=dict)
    begin: date = date.min

    async def many(self, made: Sequence[Any]) -> None:
        """Write templates of one level."""
        await self.ctx.create_many(cast("Sequence[Entity]", made))


@action(label="Save a project as template", icon="template", grant="create", slow=True)
async def from_project(ctx: Context, data: SaveWhich) -> ProjectTemplate:
    """Make a template of a project: milestones, tasks, links, steps and days, without people."""
    await ctx.check_refs(ctx.registry.noun(Task), {"project_id": data.project_id})
    return await save(ctx, await ctx.get(Project, data.project_id), data)


@action(label="Save as template", icon="template", grant="read", allowed=may_save, slow=True)
async def save_as_template(ctx: Context, project: Project, data: Save) -> ProjectTemplate:
    """Make a template of the project: milestones, tasks, links, steps and days, without people."""
    return await save(ctx, project, data)


async def save(ctx: Context, project: Project, data: Save) -> ProjectTemplate:
    """Write the templates of a project, of all levels."""
    require(ctx.me, MAKE)
    for level in ("milestone_template", "task_template", "step_template", "checklist_item"):
        require(ctx.me, f"templates.{level}.create")
    require(ctx.me, "projects.task.read")
    live = await living(ctx, project)
    if len(live) > MOST_LINES:
        raise Conflict(f"This project has more than {MOST_LINES} lines; save parts of it.")
    saving = Saving(ctx, live, await calendar_of(ctx, project.calendar_id), data.is_draft)
    known = [day for day in (live.first_day, project.start_date) if day]
    saving.begin = min(known, default=ctx.today)
    saving.terms = await _terms(ctx)
    template = ProjectTemplate(
        name=data.name.strip() or project.name,
        description=data.description or project.description,
        kind=project.kind,
        category_id=project.category_id,
        entity_id=project.entity_id,
        is_draft=data.is_draft,
    )
    await ctx.create(template)
    milestones = await _milestones(saving, template)
    tasks = await _tasks(saving, template, milestones)
    await _links(saving, tasks)
    await _steps(saving, tasks)
    return template


async def _terms(ctx: Context) -> dict[str, dict[str, int]]:
    """Return every action and object by its name, those that stand for anything among them."""
    found: dict[str, dict[str, int]] = {"action": {}, "object": {}}
    for term in await ctx.all(Term, anywhere=True, limit=10_000, sort="id"):
        found[term.kind].setdefault(term.name, term.id)
    for kind, name in (("action", ANY_ACTION), ("object", ANY_OBJECT)):
        if name not in found[kind]:
            made = await ctx.create(Term(kind=kind, name=name))  # type: ignore[arg-type]
            found[kind][name] = made.id
    return found


async def _milestones(
    saving: Saving, template: ProjectTemplate
) -> dict[int | None, tuple[Any, date]]:
    """Save the milestones; return what each became, and its first day."""
    found: dict[int | None, tuple[Any, date]] = {None: (None, saving.begin)}
    made, joins = [], []
    for number, one in enumerate(saving.live.milestones, 1):
        first = saving.live.starts(one)
        template_of = MilestoneTemplate(
            name=one.name,
            description=one.description,
            offset_days=rules.distance(saving.calendar, saving.begin, first),
            days=rules.length(saving.calendar, first, one.due_date),
            is_draft=saving.draft,
        )
        made.append(template_of)
        found[one.id] = (template_of, first)
        joins.append((template_of, GAP * number))
    await saving.many(made)
    await saving.many(
        [
            ProjectTemplateMilestone(
                project_template_id=template.id, milestone_template_id=one.id, sort_order=order
            )
            for one, order in joins
        ],
    )
    return found


async def _tasks(
    saving: Saving, template: ProjectTemplate, milestones: dict[int | None, tuple[Any, date]]
) -> dict[int, TaskTemplate]:
    """Save the tasks in their order; return what each became."""
    found = {
        task.id: _task(saving, task, milestones[saving.live.home(task)][1])
        for task in saving.live.tasks
    }
    await saving.many(list(found.values()))
    own: list[ProjectTemplateTask] = []
    inside: list[MilestoneTemplateTask] = []
    for number, task in enumerate(saving.live.tasks, 1):
        milestone, _ = milestones[saving.live.home(task)]
        made = {"task_template_id": found[task.id].id, "task_template_queue": GAP * number}
        if milestone is None:
            own.append(ProjectTemplateTask(project_template_id=template.id, **made))  # type: ignore[arg-type]
        else:
            inside.append(MilestoneTemplateTask(milestone_template_id=milestone.id, **made))  # type: ignore[arg-type]
    await saving.many(own)
    await saving.many(inside)
    return found


def _task(saving: Saving, task: Task, begin: date) -> TaskTemplate:
    """Return the template of one task: what it is, how long it takes, when it begins."""
    action_, thing = saving.terms["action"], saving.terms["object"]
    first, days = _when(saving, task)
    offset = rules.distance(saving.calendar, begin, first) if first else 0
    return TaskTemplate(
        name=task.title,
        template_type=task.type,
        action_id=rules.guessed(task.title, action_) or action_[ANY_ACTION],
        object_id=rules.guessed(task.title, thing) or thing[ANY_OBJECT],
        description=task.description,
        expected_hours=task.estimated_hours or Decimal(0),
        duration_days=days,
        offset_days=max(0, offset),
        priority=task.priority,
        story_points=task.story_points,
        is_draft=saving.draft,
    )


def _when(saving: Saving, task: Task) -> tuple[date | None, int | None]:
    """Return a task's first day and its working days, as far as its dates say them."""
    days, calendar = task.duration_days, saving.calendar
    if task.due_date is None:
        return task.start_date, days
    if task.start_date is None:
        return calendar.start_of(task.due_date, days or 1), days or 1
    return task.start_date, rules.length(calendar, task.start_date, task.due_date)


async def _links(saving: Saving, tasks: dict[int, TaskTemplate]) -> None:
    """Save which tasks are parts of others, and which wait for others."""
    parents = [
        TaskTemplateParent(
            task_template_id=tasks[task.id].id, parent_task_template_id=tasks[task.parent_id].id
        )
        for task in saving.live.tasks
        if task.parent_id in tasks
    ]
    await saving.many(parents)
    waits = [
        TaskTemplateDependency(
            task_template_id=tasks[link.task_id].id,
            depends_on_id=tasks[link.depends_on_id].id,
            type=cast("Any", link.type),
            lag_days=link.lag_days,
        )
        for link in saving.live.waits
        if link.type != "relates_to"
    ]
    await saving.many(waits)


async def _steps(saving: Saving, tasks: dict[int, TaskTemplate]) -> None:
    """Save steps with their first checklist, and every other checklist as one without a step."""
    live = saving.live
    steps: list[StepTemplate] = []
    joins: list[tuple[int, StepTemplate, int]] = []
    inside: list[tuple[StepTemplate, Any]] = []

    def put(task: int, step: StepTemplate, number: int, checklist: Any) -> None:
        """Note a step, where it goes, and what is checked in it."""
        steps.append(step)
        joins.append((task, step, number))
        if checklist is not None:
            step.mode = checklist.mode
            inside.extend((step, item) for item in live.items.get(checklist.id, ()))

    for task in live.tasks:
        number, used = 0, set()
        for number, step in enumerate(live.steps.get(task.id, ()), 1):
            own = next((c for c in live.checklists.get(task.id, ()) if c.step_id == step.id), None)
            used.add(own.id if own else 0)
            made = StepTemplate(
                name=step.name,
                description=step.description,
                hours_planned=step.hours_planned,
                is_draft=saving.draft,
            )
            put(tasks[task.id].id, made, number, own)
        rest = [one for one in live.checklists.get(task.id, ()) if one.id not in used]
        for place, checklist in enumerate(rest, number + 1):
            made = StepTemplate(name=checklist.name, only_checklist=True, is_draft=saving.draft)
            put(tasks[task.id].id, made, place, checklist)
    await saving.many(steps)
    await saving.many(
        [
            TaskTemplateStep(task_template_id=task, step_template_id=step.id, sort_order=GAP * n)
            for task, step, n in joins
        ],
    )
    await _items(saving, inside)


async def _items(saving: Saving, inside: Sequence[tuple[StepTemplate, Any]]) -> None:
    """Save what is checked in steps."""
    made = [
        ChecklistItem(
            name=item.name,
            acceptance_criteria=item.acceptance_criteria,
            required=item.required,
            needs_validation=item.needs_validation,
            placement_id=item.placement_id,
            is_draft=saving.draft,
        )
        for _, item in inside
    ]
    await saving.many(made)
    await saving.many(
        [
            StepTemplateItem(
                step_template_id=step.id, checklist_item_id=item.id, sort_order=GAP * number
            )
            for number, ((step, _), item) in enumerate(zip(inside, made, strict=True), 1)
        ],
    )
