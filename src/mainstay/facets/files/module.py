"""The card of files."""

from mainstay.facets.files.actions import after, edit, remove
from mainstay.facets.files.entities import File
from mainstay.facets.files.scopes import CREATE, FILES, MODERATE, PRIVATE
from mainstay.facets.files.slot import load
from mainstay.facets.files.tidy import sweep
from mainstay.facets.roles import WORKING
from mainstay.kernel.module import Module, Resource, Wear

WORK = (
    "files.file.read",
    "files.file.update",
    "files.file.delete",
    "files.file.restore",
    CREATE,
    PRIVATE,
)

MODULE = Module(
    "files",
    "What is attached to a record: kept under hashed names, with previews and versions.",
    depends=("identity", "comments"),
    resources=(
        Resource(
            File,
            "files/files",
            write=("name", "description", "is_public"),
            columns=("name", "mime", "size", "revision", "entity", "created_by", "created_at"),
            brief=("name", "mime", "size"),
            search=("name", "description"),
            verbs=("update", "delete", "restore"),
            scope=FILES,
            update=edit,
            delete=remove,
            after=after,
            filters=("mime", "entity", "is_public"),
            icon="paperclip",
        ),
    ),
    wears=(Wear("files", "Files", "files/slot.html", load, order=30, grant="files.file.read"),),
    roles={
        "manager": (*WORK, MODERATE),
        "lead": (*WORK, MODERATE),
        **dict.fromkeys(WORKING, WORK),
        "client": ("files.file.read", CREATE),
        "viewer": ("files.file.read", PRIVATE),
    },
    jobs={"files.sweep": sweep},
    every={"files.sweep": 6 * 3600},
    permissions=(CREATE, MODERATE),
)
