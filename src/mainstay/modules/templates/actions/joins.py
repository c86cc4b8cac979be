"""How templates are joined: at the end where no place is given, and never in a circle."""

from collections.abc import Sequence

from mainstay.kernel import place
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.problems import Conflict, Duplicate, FieldError, Invalid, invalid
from mainstay.modules.projects.api import DEEPEST
from mainstay.modules.templates import rules
from mainstay.modules.templates.entities import (
    MilestoneTemplateTask,
    ProjectTemplateMilestone,
    ProjectTemplateTask,
    StepTemplateItem,
    TaskTemplate,
    TaskTemplateDependency,
    TaskTemplateParent,
    TaskTemplateStep,
)
from mainstay.modules.templates.scopes import links_around

# What a join belongs to, what it puts there, and the number of its place.
ORDERED: dict[type[Entity], tuple[str, str, str]] = {
    ProjectTemplateMilestone: ("project_template_id", "milestone_template_id", "sort_order"),
    ProjectTemplateTask: ("project_template_id", "task_template_id", "task_template_queue"),
    MilestoneTemplateTask: ("milestone_template_id", "task_template_id", "task_template_queue"),
    TaskTemplateStep: ("task_template_id", "step_template_id", "sort_order"),
    StepTemplateItem: ("step_template_id", "checklist_item_id", "sort_order"),
}
LINKS: dict[type[Entity], str] = {
    TaskTemplateParent: "parent_task_template_id",
    TaskTemplateDependency: "depends_on_id",
}


async def create_ordered(ctx: Context, join: Entity) -> Entity:
    """Put a template into another, at the end where no place is given."""
    within, _, order = ORDERED[type(join)]
    await _once(ctx, join)
    if not getattr(join, order):
        noun = ctx.registry.noun(type(join))
        await place.hold(ctx, noun, order)
        await place.put(ctx, noun, join, order, (within,), (None, None))
    return await ctx.create(join)


async def create_link(ctx: Context, link: Entity) -> Entity:
    """Let a task template be a part of another, or wait for it."""
    other = LINKS[type(link)]
    if link.task_template_id == getattr(link, other):  # type: ignore[attr-defined]
        raise invalid(other, "must be another task template")
    await _once(ctx, link)
    return await ctx.create(link)


async def _once(ctx: Context, join: Entity) -> None:
    """Refuse what is joined already, in words that name the field."""
    pair = type(join).__unique__[0]
    if await ctx.find(type(join), anywhere=True, **{name: getattr(join, name) for name in pair}):
        raise there(pair[1])


def there(field: str) -> Duplicate:
    """Return the refusal of a template where it is already."""
    return Duplicate(
        "This template is there already; the same one stands once in one place.",
        errors=[FieldError(field, "is there already")],
    )


async def settle_parents(ctx: Context, changes: Sequence[Change]) -> None:
    """Refuse parents in a circle, and tasks that would nest deeper than projects can."""
    links = await _around(ctx, changes, TaskTemplateParent)
    if _too_deep(links):
        raise Invalid(
            f"Tasks nest at most {DEEPEST} deep.",
            errors=[FieldError("parent_task_template_id", f"nests more than {DEEPEST} deep")],
        )


async def settle_waits(ctx: Context, changes: Sequence[Change]) -> None:
    """Refuse task templates that would wait for one another in a circle."""
    await _around(ctx, changes, TaskTemplateDependency)


async def _around(
    ctx: Context, changes: Sequence[Change], kind: type[Entity]
) -> list[tuple[int, int]]:
    """Return the links around those that came about now; refuse them where they close a circle."""
    other, noun = LINKS[kind], ctx.registry.noun(kind)
    fresh = [one for one in changes if one.before is None or "deleted_at" in one.before]
    ids = dict.fromkeys(one.record_id for one in fresh)
    held = [await ctx.load(noun, one, anywhere=True, deleted="with") for one in ids]
    starts = [one.task_template_id for one in held if one.deleted_at is None]  # type: ignore[attr-defined]
    if not starts:
        return []
    # Two people who each add half of a circle at once are told apart by this row's lock.
    await ctx.raise_number(noun.key, 0)
    links = await links_around(ctx, noun.key, "task_template_id", other, starts)
    if found := rules.circle(links):
        names = {
            one.id: one.name
            for one in await ctx.all(TaskTemplate, anywhere=True, id__in=sorted(set(found)))
        }
        path = " → ".join(f"“{names.get(one, one)}”" for one in reversed(found))
        if kind is TaskTemplateParent:
            raise Conflict(
                f"These templates would be parts of one another in a circle: {path}. "
                "Take one of these links away first."
            )
        raise Conflict(
            f"These templates would wait for one another in a circle: {path}. "
            "Take one of these links away first."
        )
    return links


def _too_deep(links: Sequence[tuple[int, int]]) -> bool:
    """Return whether links without a circle make more levels of tasks than projects have."""
    below: dict[int, set[int]] = {}
    for child, parent in links:
        below.setdefault(parent, set()).add(child)
    level = set(below)
    for _ in range(DEEPEST):
        level = {child for parent in level for child in below.get(parent, ())}
    return bool(level)
