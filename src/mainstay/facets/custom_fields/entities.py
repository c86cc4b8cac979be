"""The noun of custom fields: the definition of one field of one resource."""

from typing import Annotated, ClassVar, Literal

from msgspec import Struct

from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Flag, Json, Real, Text, Whole

KindName = Annotated[
    Literal[
        "text",
        "long_text",
        "number",
        "money",
        "date",
        "choice",
        "multi_choice",
        "person",
        "reference",
        "checkbox",
        "url",
    ],
    Choice(help="What kind of value it holds; fixed once it is made."),
]
Target = Annotated[
    str, Text(80, least=3, label="Resource", help="The resource that gets it: projects.task.")
]
FieldName = Annotated[
    str,
    Text(
        40,
        least=1,
        pattern=r"^[a-z][a-z0-9_]*$",
        help="Its name in addresses and files: small letters, digits, underscores.",
    ),
]
Label = Annotated[str, Text(80, least=1, help="What people read.")]
Help = Annotated[str, Text(300)]


class Option(Struct, kw_only=True):
    """One value of a choice."""

    value: Annotated[str, Text(60, least=1)]
    color: Annotated[str, Text(20)] = ""


Options = Annotated[list[Option], Json(help="The values of a choice, in their order.")]
Default = Annotated[
    str, Text(1000, help="What a new record gets when nothing is said, as in an address.")
]
Within = Annotated[
    int,
    Whole(
        least=1,
        label="Only within",
        help="The id of the one parent (project) whose records have it; all when empty.",
    ),
]
Refers = Annotated[str, Text(80, label="Refers to", help="For a reference: projects.project.")]
Currency = Annotated[str, Text(3, pattern=r"^([A-Z]{3})?$", help="For money: EUR.")]
Required = Annotated[bool, Flag(help="A new record must say it.")]
Order = Annotated[float, Real(most=1e15)]


class CustomField(Entity, kw_only=True):
    """A field that a workspace adds to the records of one resource, perhaps of one project."""

    __index__: ClassVar = (("entity", "name"),)

    entity: Target
    name: FieldName
    label: Label
    kind: KindName = "text"
    help: Help = ""
    required: Required = False
    options: Options = []
    refers_to: Refers = ""
    currency: Currency = ""
    initial: Default = ""
    within_id: Within | None = None
    sort_order: Order = 0.0
