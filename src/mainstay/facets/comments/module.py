"""The card of comments."""

from mainstay.facets.comments.actions import edit, react, remove, say
from mainstay.facets.comments.entities import Comment, Reaction
from mainstay.facets.comments.questions import mentionable
from mainstay.facets.comments.scopes import COMMENTS, MODERATE, SIGNS
from mainstay.facets.comments.stream import composer, entries
from mainstay.facets.roles import WORKING
from mainstay.kernel.module import Module, Resource, Wear

LOOK = ("comments.comment.read", "comments.reaction.read")
TALK = (
    *LOOK,
    "comments.comment.create",
    "comments.comment.update",
    "comments.comment.delete",
    "comments.comment.react",
    "comments.mentionable.read",
)
WORK = (*TALK, "comments.comment.read_internal")
LEAD = (*WORK, "comments.comment.restore", MODERATE)

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
            scope=COMMENTS,
            actions=(react,),
            create=say,
            update=edit,
            delete=remove,
            icon="message",
        ),
        Resource(
            Reaction,
            "comments/reactions",
            columns=("emoji", "user_id", "comment_id"),
            brief=("emoji",),
            verbs=(),
            scope=SIGNS,
            undo=False,
            logged=False,
            icon="mood-smile",
        ),
    ),
    questions=(mentionable,),
    wears=(
        Wear(
            "comments",
            "Comments",
            "comments/composer.html",
            composer,
            place="stream",
            order=10,
            entries=entries,
            entry="comments/entry.html",
            grant="comments.comment.read",
        ),
    ),
    roles={
        "manager": LEAD,
        "lead": LEAD,
        **dict.fromkeys(WORKING, WORK),
        "client": TALK,
        "viewer": LOOK,
    },
    permissions=(MODERATE,),
)
