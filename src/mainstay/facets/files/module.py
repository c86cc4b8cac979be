"""The card of files."""

from mainstay.facets.files.entities import File
from mainstay.kernel.module import Module, Resource
from mainstay.kernel.scope import Scope, of_wearer

MODULE = Module(
    "files",
    "What is attached to a record: kept under hashed names, with previews and versions.",
    depends=("identity",),
    resources=(
        Resource(
            File,
            "files/files",
            write=("name", "description", "is_public"),
            columns=("name", "mime", "size", "revision", "entity", "created_by", "created_at"),
            brief=("name", "mime", "size"),
            search=("name", "description"),
            verbs=("update", "delete", "restore"),
            scope=Scope(of_wearer, "You see the record it is attached to.", worn=True),
            icon="paperclip",
        ),
    ),
)
