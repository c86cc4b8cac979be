"""What is done with custom fields: they are defined so that no record can be hurt by it."""

from mainstay.facets.custom_fields.api import added
from mainstay.facets.custom_fields.entities import CustomField, Option
from mainstay.facets.custom_fields.rules import CHOOSING, MOST_FIELDS, MOST_OPTIONS, name_from
from mainstay.kernel.context import Context
from mainstay.kernel.custom import initial_value
from mainstay.kernel.entity import Entity
from mainstay.kernel.module import action
from mainstay.kernel.noun import Noun, readable
from mainstay.kernel.problems import Conflict, NotFound, invalid

STEP = 1024.0


async def define(ctx: Context, field: Entity) -> CustomField:
    """Add a field to a resource; it is there at once, on forms, in lists and in files."""
    assert isinstance(field, CustomField)
    noun = _resource(ctx, field)
    field.name = field.name or name_from(field.label)
    siblings = await ctx.all(CustomField, anywhere=True, entity=field.entity)
    if len(siblings) >= MOST_FIELDS:
        raise Conflict(
            f"{noun.plural} have {MOST_FIELDS} fields already. Put one into the bin first."
        )
    if any(one.name == field.name for one in siblings):
        raise invalid("name", f"is taken: {noun.plural.lower()} have a field {field.name} already")
    if not field.sort_order:
        field.sort_order = max((one.sort_order for one in siblings), default=0.0) + STEP
    await _fits(ctx, noun, field)
    return await ctx.create(field)


async def redefine(ctx: Context, field: Entity, before: Entity) -> None:
    """Change a field's words, order and options; values that are taken away are only retired."""
    assert isinstance(field, CustomField)
    assert isinstance(before, CustomField)
    if ctx.undoing:
        return
    live = {one.value for one in field.options}
    gone = [one for one in before.options if one.value not in live]
    field.options = [
        *field.options,
        *(Option(value=one.value, color=one.color, retired=True) for one in gone),
    ]
    await _fits(ctx, _resource(ctx, field), field)


@action(label="Move up", icon="chevron-up", grant="update")
async def move_up(ctx: Context, field: CustomField) -> CustomField:
    """Put the field before the one above it, on forms and in lists."""
    return await _swap(ctx, field, -1)


@action(label="Move down", icon="chevron-down", grant="update")
async def move_down(ctx: Context, field: CustomField) -> CustomField:
    """Put the field after the one below it, on forms and in lists."""
    return await _swap(ctx, field, 1)


async def _swap(ctx: Context, field: CustomField, step: int) -> CustomField:
    """Change places with a neighbour; the first and the last stay where they are."""
    found = await ctx.all(CustomField, entity=field.entity, sort="sort_order,id")
    place = found.index(field) + step
    if 0 <= place < len(found):
        other = found[place]
        field.sort_order, other.sort_order = other.sort_order, field.sort_order
    return field


def _resource(ctx: Context, field: CustomField) -> Noun:
    """Return the resource that gets the field, or name those that may."""
    known = {key: noun for key, noun in ctx.registry.nouns.items() if noun.extensible}
    readable = [key for key, noun in known.items() if ctx.can(noun.permission("read"))]
    if field.entity not in readable:
        raise invalid("entity", f"cannot have custom fields; known are {', '.join(readable)}")
    return known[field.entity]


async def _fits(ctx: Context, noun: Noun, field: CustomField) -> None:
    """Refuse what does not go together: options without a choice, a default that is none."""
    _options(field)
    if (field.kind == "reference") is not bool(field.refers_to):
        raise invalid(
            "refers_to",
            "is required for a reference, like projects.project"
            if field.kind == "reference"
            else "is only for a reference; leave it empty",
        )
    if field.refers_to:
        target = ctx.registry.nouns.get(field.refers_to)
        if target is None or not ctx.can(target.permission("read")):
            raise invalid("refers_to", "is not a resource that you may read")
    if field.currency and field.kind != "money":
        raise invalid("currency", "is only for money; leave it empty")
    await _within(ctx, noun, field)
    try:
        initial_value(added(field), ctx.me, ctx.today)
    except ValueError as error:
        raise invalid("initial", readable(str(error))) from None


def _options(field: CustomField) -> None:
    offered = [one.value for one in field.options if not one.retired]
    if field.kind not in CHOOSING:
        if field.options:
            raise invalid("options", "are only for a choice; leave them empty")
        return
    if not offered:
        raise invalid("options", "must name at least one value, one a line")
    if len(field.options) > MOST_OPTIONS:
        raise invalid("options", f"may be at most {MOST_OPTIONS}, those taken away included")
    twice = {one for one in offered if offered.count(one) > 1}
    if twice:
        raise invalid("options", f"name {', '.join(sorted(twice))} more than once")


async def _within(ctx: Context, noun: Noun, field: CustomField) -> None:
    if field.within_id is None:
        return
    parent = noun.resource.parent
    if not parent:
        raise invalid("within_id", f"is not for {noun.plural.lower()}: they belong to nothing")
    try:
        await ctx.load(ctx.registry.nouns[noun.refs[parent].target], field.within_id)
    except NotFound:
        raise invalid("within_id", "names a record that is not there") from None
