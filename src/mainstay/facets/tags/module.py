"""The card of tags."""

from mainstay.facets.tags.entities import Tag
from mainstay.kernel.module import Module, Resource

MODULE = Module(
    "tags",
    "Coloured words that any record may carry, the same in every room.",
    depends=("identity",),
    resources=(
        Resource(
            Tag,
            "tags/tags",
            write=("name", "color"),
            columns=("name", "color"),
            brief=("name", "color"),
            search=("name",),
            sort="name",
            icon="tag",
        ),
    ),
)
