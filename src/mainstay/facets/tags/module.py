"""The card of tags."""

from mainstay.facets.roles import WORKING
from mainstay.facets.tags import actions
from mainstay.facets.tags.entities import Tag
from mainstay.facets.tags.slots import used
from mainstay.kernel.module import Menu, Module, Panel, Resource

READ = ("tags.tag.read",)
WORK = (*READ, "tags.tag.create")
KEEP = (*WORK, "tags.tag.update", "tags.tag.delete", "tags.tag.restore")

MODULE = Module(
    "tags",
    "Coloured words that any record may carry, the same in every room.",
    depends=("identity",),
    resources=(
        Resource(
            Tag,
            "tags/tags",
            write=("name", "color"),
            columns=("name", "color", "created_by", "created_at"),
            brief=("name", "color"),
            search=("name",),
            sort="name",
            actions=(actions.merge,),
            create=actions.create_tag,
            update=actions.update_tag,
            delete=actions.delete_tag,
            side=("color",),
            panels=(Panel("Where it is used", "tags/used.html", used),),
            icon="tag",
        ),
    ),
    menu=Menu("Workspace", "settings", ("tags.tag", "custom_fields.custom_field:create"), order=80),
    roles={
        "manager": ("tags.*",),
        "lead": KEEP,
        **dict.fromkeys(WORKING, WORK),
        "client": READ,
        "viewer": READ,
    },
)
