"""The nouns of views: a saved view, what a person last chose, and a limit of a board's column."""

from typing import Annotated, ClassVar, Literal

from mainstay.kernel.entity import Entity, UserId
from mainstay.kernel.fields import Choice, Flag, Real, Ref, Text, Whole

Of = Annotated[str, Text(80, least=3, label="Resource", help="Of which list: projects.task.")]
Title = Annotated[str, Text(120, least=1, label="Name")]
Query = Annotated[
    str,
    Text(
        4000,
        help="Filters, order and display, as in the address: view=board&status=todo.",
    ),
]
Shared = Annotated[
    Literal["personal", "everyone"],
    Choice(label="Who sees it", help="You alone, or everyone who may open the list."),
]
Icon = Annotated[str, Text(40)]
Place = Annotated[float, Real(most=1e15)]
Usual = Annotated[bool, Flag(help="Whether the list opens with it for everyone.")]
UsualId = Annotated[
    int, Ref(target="views.saved_view", label="Usual view", help="What the list opens with.")
]
FieldOf = Annotated[str, Text(80, least=1, label="Field", help="The field of the columns: status.")]
Value = Annotated[str, Text(100, least=1, help="The column: in_progress, or a record's id.")]
Most = Annotated[int, Whole(least=1, most=10_000, label="At most", help="How many it may hold.")]
Within = Annotated[
    int, Whole(least=1, label="Within", help="The parent (project) it counts in; everywhere else.")
]


class SavedView(Entity, kw_only=True):
    """A way to look at one list: filters, order, grouping and columns under a name."""

    __index__: ClassVar = (("entity", "shared"), ("created_by", "entity"))

    entity: Of
    title: Title
    query: Query = ""
    shared: Shared = "personal"
    icon: Icon = ""
    sort_order: Place = 0.0
    is_usual: Usual = False


class ViewMemory(Entity, kw_only=True):
    """How a person last looked at a list; it comes back without being asked for."""

    __unique__: ClassVar = (("user_id", "entity"),)

    user_id: UserId
    entity: Of
    query: Query = ""
    usual_id: UsualId | None = None


class ColumnLimit(Entity, kw_only=True):
    """How many records a board's column may hold (work in progress)."""

    __index__: ClassVar = (("entity", "field", "value"),)

    entity: Of
    field: FieldOf
    value: Value
    most: Most
    within_id: Within | None = None
