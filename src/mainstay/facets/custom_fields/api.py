"""What other parts may know of custom fields: the definitions that are in force."""

from mainstay.facets.custom_fields.entities import CustomField
from mainstay.facets.custom_fields.rules import kind_of
from mainstay.kernel.context import Context
from mainstay.kernel.noun import Added


async def definitions(ctx: Context) -> list[Added]:
    """Return every field that the workspace adds, in the order of the forms."""
    found = await ctx.all(CustomField, anywhere=True, limit=100_000, sort="sort_order,id")
    return [added(one) for one in found]


def added(one: CustomField) -> Added:
    """Return a definition as the kernel knows it."""
    kind = kind_of(
        one.kind,
        label=one.label,
        help_text=one.help,
        values=[(option.value, option.color) for option in one.options],
        refers_to=one.refers_to,
        currency=one.currency,
    )
    return Added(
        entity=one.entity,
        name=one.name,
        kind=kind,
        required=one.required,
        initial=one.initial,
        within_id=one.within_id,
        retired=frozenset(option.value for option in one.options if option.retired),
    )
