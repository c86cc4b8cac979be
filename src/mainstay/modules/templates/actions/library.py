"""Keeping the library: names, what publishing needs, and what goes along into the bin."""

from collections.abc import Sequence
from typing import Any

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, FieldError, Invalid, invalid
from mainstay.modules.reference.api import Term
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
from mainstay.modules.templates.trees import MANY, Template, drafts, tree_of

JOINS: dict[type[Entity], tuple[tuple[type[Entity], str], ...]] = {
    ProjectTemplate: (
        (ProjectTemplateMilestone, "project_template_id"),
        (ProjectTemplateTask, "project_template_id"),
    ),
    MilestoneTemplate: (
        (ProjectTemplateMilestone, "milestone_template_id"),
        (MilestoneTemplateTask, "milestone_template_id"),
    ),
    TaskTemplate: (
        (ProjectTemplateTask, "task_template_id"),
        (MilestoneTemplateTask, "task_template_id"),
        (TaskTemplateStep, "task_template_id"),
        (TaskTemplateParent, "task_template_id"),
        (TaskTemplateParent, "parent_task_template_id"),
        (TaskTemplateDependency, "task_template_id"),
        (TaskTemplateDependency, "depends_on_id"),
    ),
    StepTemplate: (
        (TaskTemplateStep, "step_template_id"),
        (StepTemplateItem, "step_template_id"),
    ),
    ChecklistItem: ((StepTemplateItem, "checklist_item_id"),),
}
KINDS = (("action_id", "action"), ("object_id", "object"))


async def create_named(ctx: Context, template: Entity) -> Entity:
    """Add a template; without a name it gets the one that its action and object suggest."""
    await name_it(ctx, template, "")
    return await ctx.create(template)


async def update_named(ctx: Context, template: Entity, before: Entity) -> None:
    """Give a template whose name was cleared the suggested one."""
    await name_it(ctx, template, before.name)  # type: ignore[attr-defined]


async def name_it(ctx: Context, template: Any, otherwise: str) -> None:
    """Suggest a name where there is none: the action's verb and the object's plural."""
    template.name = template.name.strip()
    if template.name:
        return
    ids = [one for one in (template.action_id, template.object_id) if one]
    found = (
        {one.id: one.name for one in await ctx.all(Term, anywhere=True, id__in=ids)} if ids else {}
    )
    action_, thing = found.get(template.action_id, ""), found.get(template.object_id, "")
    template.name = rules.suggested(action_, thing) if action_ and thing else otherwise
    if not template.name:
        raise invalid("name", "is required, or an action and an object to make it from")


async def settle_templates(ctx: Context, changes: Sequence[Change]) -> None:
    """Refuse published templates that lack something, and take joins into the bin and back."""
    found = [
        await ctx.load(changes[0].noun, one, anywhere=True, deleted="with")
        for one in dict.fromkeys(change.record_id for change in changes)
    ]
    live = [one for one in found if one.deleted_at is None]
    await _check_terms(ctx, changes, live)
    for one in live:
        if isinstance(one, TaskTemplate) and not one.is_draft and (lacks := rules.missing(one)):
            raise incomplete([(one, lacks)])
    await _take_along(ctx, changes)


def incomplete(found: Sequence[tuple[TaskTemplate, list[tuple[str, str]]]]) -> Invalid:
    """Return the refusal that says what task templates lack to be published."""
    (first, lacks), *rest = found
    names = {name for _, each in found for name, _word in each}
    said = [name for name, _word in rules.NEEDS if name in names]
    errors = [FieldError(name, "is required to publish a task template") for name in said]
    words = rules.listed(word for _, word in lacks)
    if rest:
        return Invalid(
            f"“{first.name}” lacks {words}, and {len(rest)} other parts lack something too. "
            "Fill it in, then publish.",
            errors=errors,
        )
    return Invalid(
        f"“{first.name}” lacks {words}. Fill it in, or keep it as a draft.", errors=errors
    )


async def _check_terms(ctx: Context, changes: Sequence[Change], live: Sequence[Any]) -> None:
    """Refuse an object where an action belongs, and the other way round."""
    touched = {name for change in changes for name in (change.after or {})}
    names = [(name, kind) for name, kind in KINDS if name in touched]
    ids = {getattr(one, name) for one in live for name, _ in names} - {None}
    if not ids:
        return
    found = await ctx.all(Term, anywhere=True, deleted="with", limit=MANY, id__in=sorted(ids))
    known = {one.id: one for one in found}
    for one in live:
        for name, kind in names:
            term = known.get(getattr(one, name))
            if term is not None and term.kind != kind:
                raise invalid(name, f"must be an {kind}; “{term.name}” is an {term.kind}")


async def _take_along(ctx: Context, changes: Sequence[Change]) -> None:
    """Bin the joins of binned templates, and bring back those that went with them."""
    moved = [change for change in changes if "deleted_at" in (change.after or {})]
    for change in moved:
        template = ctx.held(change.noun, change.record_id)
        if template is None:
            continue
        for kind, name in JOINS[type(template)]:
            if template.deleted_at is not None:
                for join in await ctx.all(kind, anywhere=True, limit=MANY, **{name: template.id}):
                    join.deleted_at, join.deleted_by = template.deleted_at, template.deleted_by
                continue
            when = (change.before or {}).get("deleted_at")
            gone: dict[str, Any] = {"deleted": "only", "deleted_at": when, name: template.id}
            for join in await ctx.all(kind, anywhere=True, limit=MANY, **gone):
                await _back(ctx, join)


async def _back(ctx: Context, join: Entity) -> None:
    """Bring a join back, unless its other end is binned still or the place is taken again."""
    noun = ctx.registry.noun(type(join))
    for name, kind in noun.refs.items():
        if not kind.target.startswith("templates."):
            continue
        other = ctx.registry.nouns[kind.target].entity
        if await ctx.find(other, anywhere=True, id=getattr(join, name)) is None:
            return
    pair = {name: getattr(join, name) for name in noun.resource.entity.__unique__[0]}
    if await ctx.find(type(join), anywhere=True, **pair) is None:
        join.deleted_at = join.deleted_by = None


async def publish_all(ctx: Context, root: Template) -> None:
    """Publish a template and all that is in it; what lacks something is named, part by part."""
    tree = await tree_of(ctx, root) if not isinstance(root, ChecklistItem) else None
    inside = list(tree.each()) if tree else []
    every = {id(one): one for one in (root, *inside)}
    open_ = drafts(list(every.values()))
    if not open_:
        raise Conflict("Everything in this template is published already.")
    tasks = [one for one in open_ if isinstance(one, TaskTemplate)]
    wanting = [(one, lacks) for one in tasks if (lacks := rules.missing(one))]
    if wanting:
        raise incomplete(wanting)
    for one in open_:
        one.is_draft = False


def _may_publish(template: Any) -> str | None:
    return None if template.is_draft else "This template is published already."


def _may_withdraw(template: Any) -> str | None:
    return "This template is a draft already." if template.is_draft else None


def _verbs(kind: type[Entity]) -> tuple[Any, Any, Any]:
    """Return the verbs of one level."""

    async def publish(ctx: Context, template: Entity) -> Entity:
        """Let everybody use the template and all that is in it, unless a part lacks something."""
        await publish_all(ctx, template)  # type: ignore[arg-type]
        return template

    async def publish_parts(ctx: Context, template: Entity) -> Entity:
        """Publish what was added to the template since it was published."""
        await publish_all(ctx, template)  # type: ignore[arg-type]
        return template

    async def unpublish(ctx: Context, template: Entity) -> Entity:
        """Make the template a draft again: it can be changed freely and cannot be used."""
        template.is_draft = True  # type: ignore[attr-defined]
        return template

    for run in (publish, publish_parts, unpublish):
        run.__annotations__["template"] = kind
    show = action(icon="circle-check", grant="update", allowed=_may_publish)
    more = action(label="Publish its parts", icon="circle-check", grant="update", quiet=True)
    hide = action(label="Back to draft", icon="pencil", grant="update", allowed=_may_withdraw)
    return show(publish), more(publish_parts), hide(unpublish)


PROJECT, MILESTONE = _verbs(ProjectTemplate), _verbs(MilestoneTemplate)
TASK, STEP, ITEM = _verbs(TaskTemplate), _verbs(StepTemplate), _verbs(ChecklistItem)
