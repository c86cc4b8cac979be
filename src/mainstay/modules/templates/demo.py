"""The demo company's templates: a commercial solar roof, and the first week of a new colleague."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.modules.projects.api import ProjectCategory
from mainstay.modules.reference.api import Term, Tool
from mainstay.modules.templates import rules
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

GAP = 1024.0
SOLAR, COURSE = "Commercial solar roof", "Onboarding: the first week"


@dataclass(frozen=True)
class T:
    """A task of the story: its words, after how many days, for how many, how many hours."""

    name: str
    after: int
    days: int
    hours: int
    waits: tuple[str, ...] = ()
    part_of: str = ""
    steps: tuple[tuple[str, tuple[str, ...]], ...] = ()
    many: int = 0
    draft: bool = False
    type: str = "task"


# Milestone, days after the beginning, how many days: the phases of a commercial solar project.
ROOF: tuple[tuple[str, int, int, tuple[T, ...]], ...] = (
    (
        "Initiation",
        0,
        7,
        (
            T("Hold the kick-off meeting", 0, 1, 4),
            T("Collect the roof drawings", 1, 3, 6, ("Hold the kick-off meeting",)),
            T("Check the grid connection", 1, 4, 8, ("Hold the kick-off meeting",)),
        ),
    ),
    (
        "Site survey",
        7,
        3,
        (
            T(
                "Survey the roof",
                0,
                2,
                16,
                ("Collect the roof drawings",),
                steps=(
                    (
                        "Go safely onto the roof",
                        ("Fall protection is worn", "The access is cordoned off"),
                    ),
                    (
                        "Measure the roof",
                        ("Edges and obstacles are drawn in", "Photos of every side are taken"),
                    ),
                ),
            ),
            T("Assess the statics", 1, 2, 12, ("Survey the roof",)),
        ),
    ),
    (
        "Design",
        10,
        7,
        (
            T("Design the string layout", 0, 4, 24, ("Survey the roof",)),
            T("Plan the cable routes", 2, 3, 12, part_of="Design the string layout"),
            T("Choose the inverters", 1, 2, 6, part_of="Design the string layout"),
            T("Review the design", 5, 2, 8, ("Design the string layout",), type="story"),
        ),
    ),
    (
        "Approval",
        17,
        5,
        (
            T("Send the documents to the grid operator", 0, 2, 6, ("Review the design",)),
            T("Get the building permit", 0, 5, 4, ("Review the design",)),
        ),
    ),
    (
        "Procurement",
        22,
        14,
        (
            T("Order modules and inverters", 0, 2, 8, ("Get the building permit",)),
            T("Order the mounting system", 0, 2, 6, ("Get the building permit",)),
            T("Check the delivery", 10, 2, 6, ("Order modules and inverters",)),
        ),
    ),
    (
        "Installation",
        36,
        14,
        (
            T(
                "Mount the substructure",
                0,
                5,
                80,
                ("Check the delivery", "Order the mounting system"),
                steps=(
                    (
                        "Set up the site",
                        ("Scaffold is approved", "Weather is checked", "Crane is booked"),
                    ),
                    ("Fix the rails", ("Torque is logged", "Roof skin is undamaged")),
                ),
            ),
            T("Mount the modules", 5, 6, 120, ("Mount the substructure",)),
            T("Lay a string cable", 7, 2, 8, ("Mount the substructure",), many=6),
            T("Install the inverters", 9, 3, 24, ("Mount the modules",)),
        ),
    ),
    (
        "Grid connection",
        50,
        7,
        (
            T("Connect to the grid", 0, 3, 16, ("Install the inverters",)),
            T("Have the meter set", 3, 2, 2, ("Connect to the grid",)),
        ),
    ),
    (
        "Commissioning",
        57,
        3,
        (
            T(
                "Test the system",
                0,
                2,
                16,
                ("Have the meter set",),
                steps=(
                    (
                        "Measure the strings",
                        ("Insulation is above 1 MΩ", "Open-circuit voltage fits the plan"),
                    ),
                ),
            ),
            T("Train the operator", 2, 1, 4, ("Test the system",)),
        ),
    ),
    (
        "Handover",
        60,
        2,
        (
            T("Hand over the documents", 0, 1, 4, ("Test the system",)),
            T("Walk the site with the customer", 1, 1, 4, ("Hand over the documents",)),
        ),
    ),
)
WEEK: tuple[tuple[str, int, int, tuple[T, ...]], ...] = (
    (
        "Day 1: arriving",
        0,
        1,
        (
            T(
                "Set up the workplace",
                0,
                1,
                2,
                steps=(
                    (
                        "Get what you need",
                        ("Laptop runs", "Badge opens the door", "Safety shoes fit"),
                    ),
                ),
            ),
            T("Meet the team", 0, 1, 2),
        ),
    ),
    ("Day 2: how we work", 1, 1, (T("Read the safety rules", 0, 1, 4, type="lesson"),)),
    (
        "Day 3: on the roof",
        2,
        1,
        (T("Go along to a site", 0, 1, 8, ("Read the safety rules",)),),
    ),
    ("Day 4: your first task", 3, 1, (T("Do a task with your mentor", 0, 1, 6),)),
    (
        "Day 5: what you know now",
        4,
        1,
        (
            T("Answer the safety questions", 0, 1, 1, ("Read the safety rules",), type="exam"),
            T("Talk about your first week", 0, 1, 1, draft=True),
        ),
    ),
)


async def demo(ctx: Context) -> None:
    """Write the templates that are not there yet."""
    known = {one.name for one in await ctx.all(ProjectTemplate, anywhere=True, deleted="with")}
    category = await ctx.find(ProjectCategory, anywhere=True, code="SOLAR_COM")
    terms: dict[str, dict[str, int]] = {"action": {}, "object": {}}
    for term in await ctx.all(Term, anywhere=True, limit=10_000, sort="id"):
        terms[term.kind][term.name] = term.id
    if await ctx.find(Tool, anywhere=True) is None:
        named = ("Insulation tester", "Torque wrench", "Layout planner", "Drone with camera")
        await ctx.create_many([Tool(name=name) for name in named])
    if SOLAR not in known:
        roof = ProjectTemplate(
            name=SOLAR,
            description="From the first meeting to the handover of a roof of 50 to 500 kW.",
            category_id=category.id if category else None,
        )
        await _tell(ctx, roof, ROOF, terms)
    if COURSE not in known:
        week = ProjectTemplate(
            name=COURSE,
            description="Five days for everybody who starts on our sites.",
            kind="course",
            is_draft=True,
        )
        await _tell(ctx, week, WEEK, terms)


async def _tell(
    ctx: Context,
    template: ProjectTemplate,
    story: tuple[tuple[str, int, int, tuple[T, ...]], ...],
    terms: dict[str, dict[str, int]],
) -> None:
    await ctx.create(template)
    milestones = [
        MilestoneTemplate(name=name, offset_days=after, days=days) for name, after, days, _ in story
    ]
    await _many(ctx, milestones)
    joins = [
        ProjectTemplateMilestone(
            project_template_id=template.id, milestone_template_id=one.id, sort_order=GAP * n
        )
        for n, one in enumerate(milestones, 1)
    ]
    await _many(ctx, joins)
    told = [one for *_rest, tasks in story for one in tasks]
    tasks = {one.name: _task(one, terms) for one in told}
    await _many(ctx, list(tasks.values()))
    queue = [
        MilestoneTemplateTask(
            milestone_template_id=milestone.id,
            task_template_id=tasks[one.name].id,
            task_template_queue=GAP * n,
        )
        for milestone, (*_rest, inside) in zip(milestones, story, strict=True)
        for n, one in enumerate(inside, 1)
    ]
    await _many(ctx, queue)
    await _links(ctx, told, tasks)
    await _steps(ctx, told, tasks)


def _task(one: T, terms: dict[str, dict[str, int]]) -> TaskTemplate:
    kind: Any = None if one.draft else one.type
    action, thing = terms["action"], terms["object"]
    return TaskTemplate(
        name=one.name,
        template_type=kind,
        action_id=None if one.draft else rules.guessed(one.name, action) or action.get("Do"),
        object_id=None if one.draft else rules.guessed(one.name, thing) or thing.get("tasks"),
        offset_days=one.after,
        duration_days=one.days,
        expected_hours=Decimal(one.hours),
        task_quantity=one.many,
        is_draft=one.draft,
    )


async def _links(ctx: Context, told: list[T], tasks: dict[str, TaskTemplate]) -> None:
    parents = [
        TaskTemplateParent(
            task_template_id=tasks[one.name].id, parent_task_template_id=tasks[one.part_of].id
        )
        for one in told
        if one.part_of
    ]
    await _many(ctx, parents)
    waits = [
        TaskTemplateDependency(task_template_id=tasks[one.name].id, depends_on_id=tasks[name].id)
        for one in told
        for name in one.waits
    ]
    await _many(ctx, waits)


async def _steps(ctx: Context, told: list[T], tasks: dict[str, TaskTemplate]) -> None:
    found = [
        (tasks[one.name].id, n, StepTemplate(name=name), items)
        for one in told
        for n, (name, items) in enumerate(one.steps, 1)
    ]
    await _many(ctx, [step for *_rest, step, _items in found])
    joins = [
        TaskTemplateStep(task_template_id=task, step_template_id=step.id, sort_order=GAP * n)
        for task, n, step, _items in found
    ]
    await _many(ctx, joins)
    inside = [
        (step.id, n, ChecklistItem(name=name))
        for *_rest, step, items in found
        for n, name in enumerate(items, 1)
    ]
    await _many(ctx, [item for *_rest, item in inside])
    checks = [
        StepTemplateItem(step_template_id=step, checklist_item_id=item.id, sort_order=GAP * n)
        for step, n, item in inside
    ]
    await _many(ctx, checks)


async def _many(ctx: Context, records: list[Any]) -> None:
    made: list[Entity] = records
    await ctx.create_many(made)
