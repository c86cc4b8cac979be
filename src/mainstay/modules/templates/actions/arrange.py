"""Arranging what is in a template: adding, moving, indenting and taking out, each in one step."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from mainstay.kernel import place
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.module import action
from mainstay.kernel.problems import invalid
from mainstay.modules.templates.actions.joins import ORDERED, there
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
from mainstay.modules.templates.trees import MANY

Level = Literal["project", "milestone", "task", "step"]
Kind = Literal["milestone", "task", "step", "item"]
LEVELS: dict[str, type[Entity]] = {
    "project": ProjectTemplate,
    "milestone": MilestoneTemplate,
    "task": TaskTemplate,
    "step": StepTemplate,
    "item": ChecklistItem,
}
JOIN_OF: dict[tuple[str, str], type[Entity]] = {
    ("project", "milestone"): ProjectTemplateMilestone,
    ("project", "task"): ProjectTemplateTask,
    ("milestone", "task"): MilestoneTemplateTask,
    ("task", "step"): TaskTemplateStep,
    ("step", "item"): StepTemplateItem,
}
Id = Annotated[int, Meta(ge=1, le=2**53)]
After = Annotated[int | None, Meta(description="The template it comes right after; 0 for first")]
ParentId = Annotated[int | None, Meta(description="The task template of the same place above it")]


class Put(Struct, forbid_unknown_fields=True):
    """What goes where: a new draft with a name, or a template that there is."""

    within: Annotated[Level, Meta(description="What it is put into")]
    within_id: Annotated[Id, Meta(description="The template it is put into")]
    kind: Annotated[Kind, Meta(description="What is put there")]
    name: Annotated[str, Meta(max_length=500, description="For a new draft")] = ""
    template_id: Annotated[int | None, Meta(description="For a template that there is")] = None
    after_id: After = None
    parent_id: ParentId = None


class Part(Struct, forbid_unknown_fields=True):
    """What is moved, and where it goes; left out, it stays as it is."""

    within: Annotated[Level, Meta(description="What it is in")]
    within_id: Id
    kind: Kind
    template_id: Id
    to: Annotated[Level | None, Meta(description="What it is moved into")] = None
    to_id: Annotated[int | None, Meta(description="The template it is moved into")] = None
    after_id: After = None
    before_id: Annotated[int | None, Meta(description="The template it comes right before")] = None
    parent_id: ParentId = None


class Out(Struct, forbid_unknown_fields=True):
    """What is taken out of where; the template itself stays in the library."""

    within: Level
    within_id: Id
    kind: Kind
    template_id: Id


class Waits(Struct, forbid_unknown_fields=True):
    """What a task template waits for, all of it: what is not named here, it does not wait for."""

    template_id: Id
    among: Annotated[list[int], Meta(description="The task templates that were offered")]
    depends_on: Annotated[list[int], Meta(description="Those it waits for")]


class Placed(Struct):
    """Where something stands now."""

    template_id: int
    join_id: int


def join_of(within: str, kind: str) -> tuple[type[Entity], str, str, str]:
    """Return the join of two levels, with its fields: what it is in, what it puts there, order."""
    found = JOIN_OF.get((within, kind))
    if found is None:
        raise invalid("kind", f"cannot stand in a {within}")
    return found, *ORDERED[found]


@action(label="Add a part", icon="plus", grant="update", quiet=True)
async def put(ctx: Context, data: Put) -> Placed:
    """Add a new draft, or a template of the library, at a place in another template."""
    kind, within, inside, order = join_of(data.within, data.kind)
    await ctx.get(LEVELS[data.within], data.within_id)
    if data.template_id is not None:
        template = await ctx.get(LEVELS[data.kind], data.template_id)
    elif data.name.strip():
        template = _draft(ctx, data.kind, data.name.strip())
        await ctx.create(template)
    else:
        raise invalid("name", "is required, or a template that there is")
    joins = [template.id]
    if data.kind == "task" and data.template_id is not None:
        joins += await _parts(ctx, template.id)
    made = None
    for number, one in enumerate(joins):
        if await _join(ctx, kind, within, data.within_id, inside, one):
            if number == 0:
                raise there(inside)
            continue
        join = _new(kind, {within: data.within_id, inside: one})
        after = data.after_id if number == 0 else joins[number - 1]
        await _order(ctx, join, (within, inside, order), after, None)
        await ctx.create(join)
        made = made or join
    if data.kind == "task" and data.parent_id:
        await _below(ctx, template.id, data.parent_id, await _beside(ctx, kind, within, data))
    assert made is not None
    return Placed(template_id=template.id, join_id=made.id)


def _new(kind: type[Any], values: dict[str, int]) -> Any:
    """Return a new join of two templates."""
    return kind(**values)


def _draft(ctx: Context, kind: str, name: str) -> Entity:
    """Return a new template of which nothing is known but its name."""
    noun = ctx.registry.noun(LEVELS[kind])
    most = getattr(noun.fields["name"].kind, "most", 200)
    if len(name) > most:
        raise invalid("name", f"may have at most {most} characters")
    return LEVELS[kind](name=name, is_draft=True)  # type: ignore[call-arg]


async def _join(
    ctx: Context, kind: type[Entity], within: str, within_id: int, inside: str, one: int
) -> Entity | None:
    return await ctx.find(kind, anywhere=True, **{within: within_id, inside: one})


async def _order(
    ctx: Context,
    join: Entity,
    fields: tuple[str, str, str],
    after: int | None,
    before: int | None,
) -> None:
    """Give a join its number: after another, before another, first, or at the end."""
    within, inside, order = fields
    kind, noun = type(join), ctx.registry.noun(type(join))
    await place.hold(ctx, noun, order)
    if after == 0:
        first = await ctx.all(
            kind, anywhere=True, sort=f"{order},id", limit=2, **{within: getattr(join, within)}
        )
        others = [one for one in first if one.id != join.id]
        after, before = None, getattr(others[0], inside) if others else None
    ends = [
        await _join(ctx, kind, within, getattr(join, within), inside, one) if one else None
        for one in (after, before)
    ]
    ids = tuple(one.id if one else None for one in ends)
    await place.put(ctx, noun, join, order, (within,), (ids[0], ids[1]))


async def _parts(ctx: Context, template_id: int) -> list[int]:
    """Return the task templates that are parts of one, level by level."""
    found, level = [template_id], [template_id]
    while level:
        below = await ctx.all(
            TaskTemplateParent,
            anywhere=True,
            limit=MANY,
            parent_task_template_id__in=level,
            sort="id",
        )
        level = list(dict.fromkeys(one.task_template_id for one in below))
        level = [one for one in level if one not in found]
        found += level
    return found[1:]


async def _beside(ctx: Context, kind: type[Entity], within: str, data: Put | Part) -> set[int]:
    """Return the task templates of one place."""
    joins = await ctx.all(kind, anywhere=True, limit=MANY, **{within: data.within_id})
    return {one.task_template_id for one in joins}  # type: ignore[attr-defined]


async def _below(ctx: Context, child: int, parent: int | None, beside: set[int]) -> None:
    """Make a task a part of another one of its place, or of none there."""
    if parent is not None and (parent not in beside or parent == child):
        raise invalid("parent_id", "must be another task of the same place")
    links = await ctx.all(TaskTemplateParent, anywhere=True, limit=MANY, task_template_id=child)
    for link in links:
        if link.parent_task_template_id in beside and link.parent_task_template_id != parent:
            await ctx.delete(link)
    if parent is not None and parent not in {one.parent_task_template_id for one in links}:
        await ctx.create(TaskTemplateParent(task_template_id=child, parent_task_template_id=parent))


@action(label="Move a part", icon="arrows-move", grant="update", quiet=True)
async def shift(ctx: Context, data: Part) -> Placed:
    """Move a part up or down, into another template, or below another task, with its parts."""
    kind, within, inside, order = join_of(data.within, data.kind)
    join = await _join(ctx, kind, within, data.within_id, inside, data.template_id)
    if join is None:
        raise invalid("template_id", "does not stand there any more; read the page again")
    to, to_id = data.to or data.within, data.to_id or data.within_id
    if (to, to_id) != (data.within, data.within_id):
        join = await _elsewhere(ctx, data, join, to, to_id)
        kind, within, inside, order = join_of(to, data.kind)
    elif data.after_id is not None or data.before_id is not None:
        await _order(ctx, join, (within, inside, order), data.after_id, data.before_id)
    if data.kind == "task":
        there = await ctx.all(kind, anywhere=True, limit=MANY, **{within: to_id})
        beside = {one.task_template_id for one in there}  # type: ignore[attr-defined]
        await _below(ctx, data.template_id, data.parent_id or None, beside)
    return Placed(template_id=data.template_id, join_id=join.id)


async def _elsewhere(ctx: Context, data: Part, join: Entity, to: str, to_id: int) -> Entity:
    """Take a part out of one template and put it into another, with the parts below it."""
    kind, within, inside, order = join_of(to, data.kind)
    await ctx.get(LEVELS[to], to_id)
    old_kind, old_within, old_inside, _ = join_of(data.within, data.kind)
    going = [data.template_id]
    if data.kind == "task":
        beside = await _beside(ctx, old_kind, old_within, data)
        going += [one for one in await _parts(ctx, data.template_id) if one in beside]
    made: Entity | None = None
    for number, one in enumerate(going):
        if await _join(ctx, kind, within, to_id, inside, one):
            raise there(inside)
        old = await _join(ctx, old_kind, old_within, data.within_id, old_inside, one)
        if old is not None:
            await ctx.delete(old)
        new = _new(kind, {within: to_id, inside: one})
        if isinstance(new, StepTemplateItem) and isinstance(old, StepTemplateItem):
            new.is_correct = old.is_correct
        after = data.after_id if number == 0 else going[number - 1]
        await _order(
            ctx, new, (within, inside, order), after, data.before_id if not number else None
        )
        await ctx.create(new)
        made = made or new
    return made or join


@action(label="Take a part out", icon="x", grant="update", quiet=True)
async def take_out(ctx: Context, data: Out) -> Placed:
    """Take a part out of a template; in the library and elsewhere it stays."""
    kind, within, inside, _ = join_of(data.within, data.kind)
    join = await _join(ctx, kind, within, data.within_id, inside, data.template_id)
    if join is None:
        raise invalid("template_id", "does not stand there any more; read the page again")
    await ctx.delete(join)
    return Placed(template_id=data.template_id, join_id=join.id)


@action(label="Set what it waits for", icon="arrow-guide", grant="update", quiet=True)
async def set_waits(ctx: Context, data: Waits) -> Placed:
    """Say which of the offered tasks a task waits for; links to others stay as they are."""
    await ctx.get(TaskTemplate, data.template_id)
    links = await ctx.all(
        TaskTemplateDependency, anywhere=True, limit=MANY, task_template_id=data.template_id
    )
    have = {one.depends_on_id: one for one in links}
    wanted = set(data.depends_on)
    for one, link in have.items():
        if one in data.among and one not in wanted:
            await ctx.delete(link)
    fresh = sorted(wanted - set(have))
    await _known(ctx, fresh)
    made = [
        TaskTemplateDependency(task_template_id=data.template_id, depends_on_id=one)
        for one in fresh
    ]
    if data.template_id in wanted:
        raise invalid("depends_on", "must be other tasks")
    await ctx.create_many(made)
    return Placed(template_id=data.template_id, join_id=0)


async def _known(ctx: Context, ids: Sequence[int]) -> None:
    found: list[Any] = await ctx.all(TaskTemplate, limit=MANY, id__in=list(ids)) if ids else []
    if len(found) != len(set(ids)):
        raise invalid("depends_on", "names a template that is not there")
