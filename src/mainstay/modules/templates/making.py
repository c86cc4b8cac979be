"""Making work from templates: milestones, tasks, links, steps and checklists, in whole sets."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal, cast

from mainstay.kernel.context import Context
from mainstay.kernel.problems import Conflict, invalid
from mainstay.modules.checklists.api import Checklist, Step
from mainstay.modules.checklists.api import ChecklistItem as Item
from mainstay.modules.milestones.api import Milestone
from mainstay.modules.projects.api import (
    DEEPEST,
    Project,
    Task,
    TaskDependency,
    counter,
    ensure_member,
    last_place,
    standing,
    task_code,
)
from mainstay.modules.templates import rules
from mainstay.modules.templates.days import calendar_of
from mainstay.modules.templates.trees import OWN, Template, Tree, drafts
from mainstay.scheduling import Calendar, NoDayLeft

GAP = 1024.0
SHOWN = 5
MOST_RECORDS = 20_000
TYPES = ("story", "bug", "epic", "spike", "task", "feature", "improvement")
TaskType = Literal["story", "bug", "epic", "spike", "task", "feature", "improvement"]


@dataclass
class Wish:
    """How the work is wanted: where, from which day, and by whom.

    `behind` is the last place that milestones of the project have; `given` stands over what the
    template says about the first task.
    """

    project: Project
    begin: date
    follow: bool = True
    people: dict[int, list[int]] = field(default_factory=dict)
    milestone_id: int | None = None
    parent_id: int | None = None
    dated: bool = True
    behind: float = 0.0
    given: dict[str, Any] = field(default_factory=dict)


@dataclass
class Made:
    """What was made, and until when it is planned."""

    tasks: list[Task] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    last: date | None = None


@dataclass
class Outline:
    """What a tree of templates will make, with its dates, before anything is written."""

    plan: rules.Plan
    spans: list[rules.Span]
    milestones: dict[int, rules.Span]

    @property
    def last(self) -> date | None:
        """Return the last day of it all."""
        every = (*self.spans, *self.milestones.values())
        return max((one.last or one.first for one in every), default=None)


def require_ready(root: Template, tree: Tree) -> None:
    """Refuse a template that is a draft, or has drafts in it, by their names."""
    if root.is_draft:
        raise Conflict(f"“{root.name}” is a draft. Publish it first, then use it.")
    open_ = drafts(list(tree.each()))
    if open_:
        names = ", ".join(f"“{one.name}”" for one in open_[:SHOWN])
        more = f" and {len(open_) - SHOWN} more" if len(open_) > SHOWN else ""
        raise Conflict(f"Some parts are still drafts: {names}{more}. Publish them first.")


@contextmanager
def counted() -> Iterator[None]:
    """Refuse a first day from which a template leaves the years that there are."""
    try:
        yield
    except NoDayLeft:
        raise invalid(
            "start_date",
            "lies too far away: the template's days would leave the years from 1 to 9999; "
            "choose a nearer day",
        ) from None


def begun(calendar: Calendar, first: date, offset: int) -> date:
    """Return the day from which offsets count, so that what has this one begins on a day itself."""
    with counted():
        return rules.reached(calendar, first, -offset)


def outline(tree: Tree, begin: date, calendar: Calendar, *, follow: bool = True) -> Outline:
    """Return which tasks a tree makes, and when each is planned."""
    try:
        plan = tree.plan()
    except ValueError as error:
        raise invalid("task_quantity", str(error)) from None
    if any(spot.depth > DEEPEST for spot in plan.spots):
        raise Conflict(f"Tasks would nest more than {DEEPEST} deep. Move some parts up first.")
    with counted():
        milestones = {
            one.id: rules.span(calendar, begin, one.offset_days, one.days)
            for one in tree.milestones.values()
        }
        starts = {OWN: begin} | {key: one.first for key, one in milestones.items()}
        spans = rules.dated(
            plan,
            starts,
            lambda t: tree.tasks[t].offset_days,
            lambda t: rules.days_of(tree.tasks[t].duration_days, tree.tasks[t].expected_hours),
            calendar,
            follow=follow,
        )
    return Outline(plan, spans, milestones)


def total_hours(tree: Tree, plan: rules.Plan) -> Decimal:
    """Return what all tasks take together."""
    return sum((tree.tasks[one.template].expected_hours for one in plan.spots), Decimal(0))


def total_cost(tree: Tree, plan: rules.Plan) -> Decimal:
    """Return what all tasks cost together."""
    return sum((tree.tasks[one.template].cost for one in plan.spots), Decimal(0))


async def make(ctx: Context, tree: Tree, wish: Wish) -> Made:
    """Write everything that a tree makes into a project, in a fixed number of statements."""
    calendar = await calendar_of(ctx, wish.project.calendar_id)
    lines = outline(tree, wish.begin, calendar, follow=wish.follow)
    _refuse_too_much(tree, lines.plan)
    made = Made(last=lines.last if wish.dated else None)
    made.milestones = await _milestones(ctx, tree, wish, lines)
    homes = {OWN: wish.milestone_id}
    homes |= {cast("int", one.milestone_template_id): one.id for one in made.milestones}
    made.tasks = await _tasks(ctx, tree, wish, lines, homes)
    await _waits(ctx, lines.plan, made.tasks)
    await _steps(ctx, tree, made.tasks)
    return made


def _refuse_too_much(tree: Tree, plan: rules.Plan) -> None:
    """Refuse what could not be taken back in one go."""
    count = len(tree.milestones) + len(plan.spots) + len(plan.waits)
    for spot in plan.spots:
        joins = tree.in_task.get(spot.template, ())
        count += sum(2 + len(tree.in_step.get(one.step_template_id, ())) for one in joins)
    if count > MOST_RECORDS:
        raise Conflict(
            f"This would make {count} records; at most {MOST_RECORDS} can be made at once. "
            "Lower how many tasks it makes, or part the template."
        )


async def _milestones(ctx: Context, tree: Tree, wish: Wish, lines: Outline) -> list[Milestone]:
    hours: dict[int, Decimal] = {}
    for spot in lines.plan.spots:
        more = tree.tasks[spot.template].expected_hours
        hours[spot.place] = hours.get(spot.place, Decimal(0)) + more
    order = [one.milestone_template_id for one in tree.in_project] or list(tree.milestones)
    found = [
        Milestone(
            project_id=wish.project.id,
            milestone_template_id=key,
            name=tree.milestones[key].name,
            description=tree.milestones[key].description,
            start_date=lines.milestones[key].first,
            due_date=lines.milestones[key].last or lines.milestones[key].first,
            expected_hours=hours.get(key, Decimal(0)),
            owner_id=wish.project.owner_id,
            sort_order=wish.behind + GAP * number,
        )
        for number, key in enumerate(order, 1)
    ]
    await ctx.create_many(found)
    return found


async def _tasks(
    ctx: Context, tree: Tree, wish: Wish, lines: Outline, homes: dict[int, int | None]
) -> list[Task]:
    spots, project = lines.plan.spots, wish.project
    if not spots:
        return []
    at = await standing(ctx, project.id)
    first = await ctx.next_number(counter(project.id), count=len(spots))
    last = await last_place(ctx, project.id, "todo") or 0.0
    ids = await ctx.reserve(Task, len(spots))
    known = {id(spot): ids[place] for place, spot in enumerate(spots)}
    found = []
    for place, (spot, when) in enumerate(zip(spots, lines.spans, strict=True)):
        task = _task(tree, spot, when if wish.dated else rules.Span(when.first, None))
        task.id, task.project_id = ids[place], project.id
        task.code = task_code(at.settings.task_prefix, first + place)
        task.reporter_id = ctx.me.id
        task.milestone_id = homes[spot.place]
        task.parent_id = known[id(spot.parent)] if spot.parent else wish.parent_id
        task.sort_order = last + GAP * (place + 1)
        if not wish.dated:
            task.start_date = None
        found.append(task)
    await _assign(ctx, tree, wish, found)
    for name, value in wish.given.items():
        setattr(found[0], name, value)
    await ctx.create_many(found)
    return found


def _task(tree: Tree, spot: rules.Spot, when: rules.Span) -> Task:
    """Return the task of a spot, as far as its template says it."""
    template = tree.tasks[spot.template]
    title = template.name
    if spot.copies > 1:
        number = f" ({spot.copy}/{spot.copies})"
        title = f"{rules.shortened(title, 500 - len(number))}{number}"
    kind = template.template_type if template.template_type in TYPES else "task"
    return Task(
        project_id=0,
        title=title,
        description=template.description,
        type=cast("TaskType", kind),
        priority=template.priority,
        task_template_id=template.id,
        story_points=template.story_points,
        estimated_hours=template.expected_hours or None,
        start_date=when.first,
        due_date=when.last,
        duration_days=rules.days_of(template.duration_days, template.expected_hours),
    )


async def _assign(ctx: Context, tree: Tree, wish: Wish, tasks: Sequence[Task]) -> None:
    """Give each task to somebody of its best profession, whoever has least to do so far."""
    load: dict[int, Decimal] = {}
    for task in tasks:
        template = tree.tasks[cast("int", task.task_template_id)]
        best = next((wish.people[p] for p in template.professions if wish.people.get(p)), [])
        if not best:
            continue
        person = min(best, key=lambda one: (load.get(one, Decimal(0)), best.index(one)))
        load[person] = load.get(person, Decimal(0)) + (task.estimated_hours or Decimal(1))
        task.assignee_id, task.assignees = person, [person]
    for person in sorted(load):
        await ensure_member(ctx, wish.project.id, person, "member")


async def professionals(
    ctx: Context, professions: Iterable[int], among: Sequence[int] = ()
) -> dict[int, list[int]]:
    """Return the active people of each profession, those whose main one it is first."""
    wanted = sorted(set(professions))
    if not wanted:
        return {}
    users = ctx.registry.noun("identity.user").entity
    filters: dict[str, Any] = {"professions__in": wanted, "status": "active", "sort": "id"}
    if among:
        filters["id__in"] = sorted(among)
    found: dict[int, list[tuple[int, int]]] = {}
    for user in await ctx.all(users, limit=10_000, **filters):
        for place, profession in enumerate(user.professions):  # type: ignore[attr-defined]
            found.setdefault(profession, []).append((place, user.id))
    return {one: [user for _, user in sorted(found.get(one, ()))] for one in wanted}


async def _waits(ctx: Context, plan: rules.Plan, tasks: Sequence[Task]) -> None:
    known = {id(spot): task.id for spot, task in zip(plan.spots, tasks, strict=True)}
    await ctx.create_many(
        [
            TaskDependency(
                task_id=known[id(later)],
                depends_on_id=known[id(earlier)],
                type=wait.type,
                lag_days=wait.lag_days,
            )
            for later, earlier, wait in plan.waits
        ]
    )


async def _steps(ctx: Context, tree: Tree, tasks: Sequence[Task]) -> None:
    """Write the steps of all tasks, their checklists, and the items of these."""
    steps: list[Step] = []
    lists: list[tuple[Checklist, Step | None, int]] = []
    for task in tasks:
        joins = tree.in_task.get(cast("int", task.task_template_id), ())
        for number, join in enumerate(joins, 1):
            template = tree.steps[join.step_template_id]
            step = None
            if not template.only_checklist:
                step = Step(
                    task_id=task.id,
                    step_template_id=template.id,
                    name=template.name,
                    description=template.description,
                    hours_planned=template.hours_planned,
                    sort_order=GAP * number,
                )
                steps.append(step)
            if tree.in_step.get(template.id):
                checklist = Checklist(
                    task_id=task.id, name=template.name, mode=template.mode, sort_order=GAP * number
                )
                lists.append((checklist, step, template.id))
    await ctx.create_many(steps)
    for checklist, step, _ in lists:
        checklist.step_id = step.id if step else None
    await ctx.create_many([checklist for checklist, _, _ in lists])
    await ctx.create_many(
        [
            _item(tree, join.checklist_item_id, checklist.id, GAP * number)
            for checklist, _, template in lists
            for number, join in enumerate(tree.in_step[template], 1)
        ]
    )


def _item(tree: Tree, key: int, checklist: int, order: float) -> Item:
    template = tree.items[key]
    return Item(
        checklist_id=checklist,
        template_id=key,
        name=template.name,
        acceptance_criteria=template.acceptance_criteria,
        required=template.required,
        needs_validation=template.needs_validation,
        placement_id=template.placement_id,
        sort_order=order,
    )
