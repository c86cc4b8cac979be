"""The noun of tags, and the field that carries them."""

from typing import Annotated, ClassVar

from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Links, Text


def trimmed(text: str) -> str:
    """Return a name without spaces around it or twice within it."""
    return " ".join(text.split())


TagName = Annotated[str, Text(60, least=1, normal=trimmed)]
Color = Annotated[str, Text(7, pattern=r"^#[0-9A-Fa-f]{6}$", help="A web colour like #3B82F6.")]
Tags = Annotated[list[int], Links(target="tags.tag", help="Words to find it by.")]


class Tag(Entity, kw_only=True):
    """A coloured word that records of any kind may carry."""

    __unique__: ClassVar = (("name",),)

    name: TagName
    color: Color = "#6B7280"
