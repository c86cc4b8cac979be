"""The card of comments."""

from mainstay.facets.comments.entities import Comment
from mainstay.kernel.module import Module, Resource
from mainstay.kernel.scope import Scope, of_wearer

MODULE = Module(
    "comments",
    "What people say about a record, in threads, with mentions and reactions.",
    depends=("identity",),
    resources=(
        Resource(
            Comment,
            "comments/comments",
            write=("body",),
            create_only=("entity", "record_id", "parent_id", "internal"),
            columns=("body", "created_by", "created_at", "entity"),
            brief=("body",),
            search=("body",),
            scope=Scope(of_wearer, "You see the record it belongs to.", worn=True),
            icon="message",
        ),
    ),
)
