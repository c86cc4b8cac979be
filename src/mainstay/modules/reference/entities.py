"""The nouns of the words a company plans with: terms, tools, placements, frequencies."""

from typing import Annotated, ClassVar, Literal

from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Flag, Ref, Text, Whole

Name = Annotated[str, Text(100, least=1)]
Short = Annotated[str, Text(100)]
Said = Annotated[str, Text(500, lines=True)]
Web = Annotated[str, Text(500, web=True)]
Icon = Annotated[str, Text(40)]
ToolId = Annotated[int, Ref(target="reference.tool", help="What it is done with.")]


class Term(Entity, kw_only=True):
    """A word that names of templates are built from: an action or an object."""

    __unique__: ClassVar = (("kind", "name"),)

    kind: Annotated[
        Literal["action", "object"],
        Choice(
            colors=(("action", "blue"), ("object", "purple")),
            help="Actions are verbs like Install, objects plural nouns like panels.",
        ),
    ] = "action"
    name: Name
    description: Said = ""


class Tool(Entity, kw_only=True):
    """A program or a device that steps are done with."""

    __unique__: ClassVar = (("name",),)

    name: Name
    link: Web = ""
    description: Said = ""
    icon: Icon = ""


class Placement(Entity, kw_only=True):
    """Where a thing is kept or published."""

    __unique__: ClassVar = (("name",),)

    name: Name
    tool_id: ToolId | None = None
    link: Web = ""
    type: Short = ""


class Frequency(Entity, kw_only=True):
    """How often something is done."""

    __unique__: ClassVar = (("name",),)

    name: Name
    days_num: Annotated[int, Whole(least=1, most=36_500, label="Days", help="Days between two.")]
    is_active: Annotated[bool, Flag()] = True
