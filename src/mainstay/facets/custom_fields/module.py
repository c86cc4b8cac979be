"""The card of custom fields."""

from mainstay.facets.custom_fields import actions
from mainstay.facets.custom_fields.api import definitions
from mainstay.facets.custom_fields.entities import CustomField
from mainstay.facets.custom_fields.scopes import OF_READABLE
from mainstay.facets.roles import READING, WORKING
from mainstay.kernel.module import Module, Resource
from mainstay.kernel.views import Table

READ = ("custom_fields.custom_field.read",)

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
                "initial",
                "currency",
                "within_id",
            ),
            create_only=("entity", "kind", "refers_to", "name"),
            columns=("label", "entity", "kind", "required", "help", "name"),
            brief=("label", "entity"),
            search=("label", "name"),
            sort="entity,sort_order",
            scope=OF_READABLE,
            actions=(actions.move_up, actions.move_down),
            create=actions.define,
            update=actions.redefine,
            side=(
                "entity",
                "name",
                "kind",
                "required",
                "options",
                "refers_to",
                "currency",
                "initial",
                "within_id",
            ),
            main=("help",),
            filters=("entity", "kind", "required"),
            icon="forms",
            title="Custom field",
            plural="Custom fields",
            views=(Table(),),
        ),
    ),
    roles={"manager": ("custom_fields.*",), **dict.fromkeys(("lead", *WORKING, *READING), READ)},
    fields=definitions,
)
