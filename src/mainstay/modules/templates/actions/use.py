"""Using templates: a project from a template, a milestone or a task into a project."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, TypedDict, Unpack

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Event
from mainstay.kernel.fields import Day, Flag, Links, Ref, Text
from mainstay.kernel.module import action
from mainstay.kernel.problems import Invalid, invalid
from mainstay.kernel.scope import require
from mainstay.modules.milestones.api import Milestone
from mainstay.modules.projects.api import (
    Project,
    Task,
    create_project,
    ensure_member,
    require_lead,
    require_work,
    standing,
)
from mainstay.modules.templates import rules
from mainstay.modules.templates.days import calendar_of
from mainstay.modules.templates.entities import MilestoneTemplate, ProjectTemplate, TaskTemplate
from mainstay.modules.templates.making import (
    Made,
    Wish,
    begun,
    make,
    outline,
    professionals,
    require_ready,
    total_cost,
    total_hours,
)
from mainstay.modules.templates.trees import Tree, tree_of

Name = Annotated[str, Text(200), Meta(max_length=200, description="The template's when left out")]
Code = Annotated[
    str,
    Text(20),
    Meta(
        max_length=20,
        pattern=r"^\s*([A-Za-z][A-Za-z0-9]*)?\s*$",
        description="In capital letters and digits; made from the name when left out",
    ),
]
Begin = Annotated[date, Day(label="Starts on", help="The first day; today when left out.")]
Assign = Annotated[
    bool,
    Flag(
        label="Give tasks to people",
        help="Each task goes to somebody of its profession, whoever has least to do.",
    ),
]
Follow = Annotated[
    bool,
    Flag(
        label="Follow dependencies",
        help="Tasks begin after what they wait for, where their own day would be earlier.",
    ),
]
People = Annotated[
    list[int], Links(target="identity.user", help="Who belongs to the project from the start.")
]
Where = Annotated[int, Ref(target="projects.project", label="Project", help="Where it is made.")]


class TemplateUsed(Event, frozen=True):
    """A project, a milestone or a task was made from a template."""

    template: str
    template_id: int
    project_id: int
    tasks: int


class Start(Struct, forbid_unknown_fields=True):
    """The project that is wanted."""

    name: Name = ""
    code: Code = ""
    start_date: Begin | None = None
    owner_id: (
        Annotated[int, Ref(target="identity.user", label="Owner", help="You when left out.")] | None
    ) = None
    members: People = []
    assign: Assign = False
    follow: Follow = True
    calendar_id: (
        Annotated[
            int,
            Ref(
                target="planning.work_calendar",
                label="Working calendar",
                help="The usual one when left out.",
            ),
        ]
        | None
    ) = None


class IntoProject(Struct, forbid_unknown_fields=True):
    """Where the milestone goes, and when it begins."""

    project_id: Where
    start_date: Begin | None = None
    assign: Assign = False
    follow: Follow = True


class TaskIntoProject(Struct, forbid_unknown_fields=True):
    """Where the task goes, and when it begins."""

    project_id: Where
    milestone_id: Annotated[int, Ref(target="milestones.milestone", label="Milestone")] | None = (
        None
    )
    start_date: Begin | None = None
    assign: Assign = False


def is_ready(template: ProjectTemplate | MilestoneTemplate | TaskTemplate) -> str | None:
    """Return why a template cannot be used, or None."""
    return "This template is a draft. Publish it first." if template.is_draft else None


def people_of(tree: Tree) -> set[int]:
    """Return every profession that tasks of a tree ask for."""
    return {one for task in tree.tasks.values() for one in task.professions}


@action(label="Start a project", icon="rocket", allowed=is_ready)
async def instantiate(ctx: Context, template: ProjectTemplate, data: Start) -> Project:
    """Make a project from the template: milestones, tasks, steps and checklists, with dates."""
    require(ctx.me, "projects.project.create")
    await _check(ctx, data)
    tree = await tree_of(ctx, template)
    require_ready(template, tree)
    begin = data.start_date or ctx.today
    lines = outline(tree, begin, await calendar_of(ctx, data.calendar_id), follow=data.follow)
    hours = template.hours or total_hours(tree, lines.plan)
    project = Project(
        name=data.name.strip() or template.name,
        code=data.code.strip().upper(),
        description=template.description,
        kind=template.kind,
        category_id=template.category_id,
        entity_id=template.entity_id,
        project_template_id=template.id,
        calendar_id=data.calendar_id,
        start_date=begin,
        end_date=lines.last,
        estimated_hours=hours or None,
        estimated_cost=total_cost(tree, lines.plan) or None,
        owner_id=data.owner_id,
    )
    await create_project(ctx, project)
    for person in data.members:
        await ensure_member(ctx, project.id, person, "member")
    people = await _people(ctx, tree, data.members, wanted=data.assign)
    made = await make(ctx, tree, Wish(project, begin, data.follow, people))
    _say(ctx, "project", template.id, project, made)
    return project


async def _check(ctx: Context, data: Start) -> None:
    """Refuse people and calendars that are not there."""
    given = {"owner_id": data.owner_id, "calendar_id": data.calendar_id}
    await ctx.check_refs(ctx.registry.noun(Project), given)
    if data.members:
        try:
            await ctx.check_refs(ctx.registry.noun(Task), {"assignees": data.members})
        except Invalid:
            raise invalid("members", "names a person who is not there") from None


async def _people(
    ctx: Context, tree: Tree, among: Sequence[int], *, wanted: bool
) -> dict[int, list[int]]:
    return await professionals(ctx, people_of(tree), among) if wanted else {}


def _say(ctx: Context, level: str, template_id: int, project: Project, made: Made) -> None:
    about: Project | Milestone | Task = project
    if level == "milestone" and made.milestones:
        about = made.milestones[0]
    if level == "task" and made.tasks:
        about = made.tasks[0]
    said = TemplateUsed(
        template=level, template_id=template_id, project_id=project.id, tasks=len(made.tasks)
    )
    ctx.emit(said, about)


@action(label="Add to a project", icon="folder", grant="instantiate", allowed=is_ready)
async def add_milestone(ctx: Context, template: MilestoneTemplate, data: IntoProject) -> Milestone:
    """Make the milestone with its tasks in a project that there is."""
    project = await _project(ctx, data.project_id)
    require_lead(await standing(ctx, project.id), "add milestones to it or take them away")
    tree = await tree_of(ctx, template)
    require_ready(template, tree)
    # The milestone begins on that day itself, not so many days after it.
    calendar = await calendar_of(ctx, project.calendar_id)
    begin = begun(calendar, data.start_date or ctx.today, template.offset_days)
    people = await _people(ctx, tree, (), wanted=data.assign)
    last = await ctx.find(Milestone, anywhere=True, project_id=project.id, sort="-sort_order")
    wish = Wish(project, begin, data.follow, people, behind=last.sort_order if last else 0.0)
    made = await make(ctx, tree, wish)
    _say(ctx, "milestone", template.id, project, made)
    return made.milestones[0]


async def _project(ctx: Context, project_id: int) -> Project:
    """Return a project that the asking person works in."""
    require(ctx.me, "projects.task.create")
    noun = ctx.registry.noun(Task)
    await ctx.check_refs(noun, {"project_id": project_id})
    project = await ctx.get(Project, project_id)
    require_work(await standing(ctx, project.id))
    return project


@action(label="Add to a project", icon="folder", grant="instantiate", allowed=is_ready)
async def add_task(ctx: Context, template: TaskTemplate, data: TaskIntoProject) -> Task:
    """Make the task with its parts, steps and checklists in a project that there is."""
    project = await _project(ctx, data.project_id)
    if data.milestone_id:
        milestone = await ctx.find(Milestone, id=data.milestone_id)
        if milestone is None or milestone.project_id != project.id:
            raise invalid("milestone_id", "must be a milestone of the project")
    return await make_task(
        ctx,
        template,
        project.id,
        start_date=data.start_date or ctx.today,
        milestone_id=data.milestone_id,
        assign=data.assign,
    )


class Given(TypedDict, total=False):
    """What stands over that which a task template says; see `make_task`."""

    title: str
    description: str
    start_date: date | None
    due_date: date | None
    assignees: Sequence[int]
    milestone_id: int | None
    parent_id: int | None
    priority: str
    reporter_id: int | None
    assign: bool


async def make_task(
    ctx: Context, template: TaskTemplate, project_id: int, **given: Unpack[Given]
) -> Task:
    """Make the task of a template with its parts, steps and checklists in a project.

    What is given stands over what the template says; without a day it begins today if the template
    says how long it takes, and has no dates otherwise.
    """
    project = await ctx.get(Project, project_id, anywhere=True)
    require_work(await standing(ctx, project.id))
    tree = await tree_of(ctx, template)
    require_ready(template, tree)
    first = tree.tasks[template.id]
    days = rules.days_of(first.duration_days, first.expected_hours)
    start, due = given.get("start_date"), given.get("due_date")
    calendar = await calendar_of(ctx, project.calendar_id)
    begin = begun(calendar, start or ctx.today, first.offset_days)
    for person in given.get("assignees", ()):
        await ensure_member(ctx, project.id, person, "member")
    wish = Wish(
        project,
        begin,
        follow=False,
        people=await _people(ctx, tree, (), wanted=given.get("assign", False)),
        milestone_id=given.get("milestone_id"),
        parent_id=given.get("parent_id"),
        dated=start is not None or (due is None and days is not None),
        given=_said(given, start),
    )
    made = await make(ctx, tree, wish)
    _say(ctx, "task", template.id, project, made)
    return made.tasks[0]


def _said(given: Given, start: date | None) -> dict[str, Any]:
    """Return the values that are written over the template's; nothing for what was left out."""
    people, due = list(dict.fromkeys(given.get("assignees", ()))), given.get("due_date")
    found: dict[str, Any] = {
        "title": given.get("title", "").strip(),
        "description": given.get("description"),
        "priority": given.get("priority"),
        "reporter_id": given.get("reporter_id"),
        "assignee_id": people[0] if people else None,
        "assignees": people,
        "due_date": due,
        "start_date": min(start, due) if start and due else None,
    }
    return {name: value for name, value in found.items() if value}
