"""The card of custom fields."""

from mainstay.facets.custom_fields.entities import CustomField
from mainstay.kernel.module import Module, Resource

MODULE = Module(
    "custom_fields",
    "Fields that a workspace adds to a resource without a programmer.",
    depends=("identity",),
    resources=(
        Resource(
            CustomField,
            "custom_fields/fields",
            write=(
                "label",
                "help",
                "required",
                "options",
                "currency",
                "initial",
                "within_id",
                "sort_order",
            ),
            create_only=("entity", "name", "kind", "refers_to"),
            columns=("label", "entity", "kind", "required", "name"),
            brief=("label", "entity", "kind"),
            search=("label", "name"),
            sort="entity,sort_order",
            icon="forms",
            title="Custom field",
            plural="Custom fields",
        ),
    ),
)
