"""The noun of custom fields: the definition of one field of one resource."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from mainstay.facets.custom_fields.rules import options_text, read_options
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Flag, Lines, Real, Text, Which, Within

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
    Choice(help="What it holds. It cannot be changed later."),
]
Target = Annotated[
    str,
    Which(extensible=True, least=3, label="Belongs to", help="What gets the field."),
]
FieldName = Annotated[
    str,
    Text(
        40,
        label="Short name",
        pattern=r"^([a-z](_?[a-z0-9])*)?$",
        help=(
            "Its name in addresses and files, like severity: small letters, digits and single "
            "underscores. Made from the label when left out; it cannot be changed later."
        ),
    ),
]
Label = Annotated[str, Text(80, least=1, help="What people read, like Severity.")]
Help = Annotated[str, Text(300, help="One sentence below the input that says what belongs there.")]
Value = Annotated[str, Meta(min_length=1, max_length=60, pattern='^[^\\s,<>"|][^,<>"|\\n]*$')]
Tone = Literal["", "grey", "blue", "teal", "green", "yellow", "orange", "red", "purple"]


class Option(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One value of a choice; a retired one is kept where it was chosen, and no longer offered."""

    value: Value
    color: Tone = ""
    retired: bool = False


Options = Annotated[
    list[Option],
    Lines(
        reads=read_options,
        writes=options_text,
        when="kind=choice,multi_choice",
        help=(
            "One value a line, in their order, perhaps with a colour: High | red. "
            "Colours are grey, blue, teal, green, yellow, orange, red and purple. A value that "
            "is taken away stays where it was chosen."
        ),
    ),
]
Default = Annotated[
    str,
    Text(
        1000,
        label="Default",
        help=(
            "What a new record gets when nothing is said: a value, several with commas between, "
            "today or +7d for a date, me for a person."
        ),
    ),
]
Only = Annotated[
    int,
    Within(
        least=1,
        label="Only within",
        help="The one that its records belong to; all records have it when nothing is chosen.",
    ),
]
Refers = Annotated[
    str,
    Which(label="Refers to", when="kind=reference", help="What it names one record of."),
]
Currency = Annotated[
    str,
    Text(
        3,
        pattern=r"^([A-Z]{3})?$",
        when="kind=money",
        help="A code like EUR; without one, the record's own currency counts.",
    ),
]
Required = Annotated[bool, Flag(help="A new record must say it.")]
Order = Annotated[float, Real(most=1e15, label="Place", help="Smaller numbers come first.")]


class CustomField(Entity, kw_only=True):
    """A field that a workspace adds to the records of one resource, perhaps of one project.

    It is an input on forms, a column of lists, a condition of filters (`cf.severity=high`) and a
    column of exports. In the bin it is hidden everywhere, and its values are kept until it is
    restored.
    """

    __unique__: ClassVar = (("entity", "name"),)

    entity: Target
    label: Label
    kind: KindName
    name: FieldName = ""
    help: Help = ""
    required: Required = False
    options: Options = []
    refers_to: Refers = ""
    currency: Currency = ""
    initial: Default = ""
    within_id: Only | None = None
    sort_order: Order = 0.0
