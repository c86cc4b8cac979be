"""The card of watchers."""

from mainstay.facets.watchers.entities import Watcher
from mainstay.kernel.module import Module, Resource
from mainstay.kernel.scope import Scope, of_wearer

MODULE = Module(
    "watchers",
    "Who wants to know what happens to a record.",
    depends=("identity",),
    resources=(
        Resource(
            Watcher,
            "watchers/watchers",
            create_only=("entity", "record_id", "user_id"),
            columns=("entity", "record_id", "user_id", "reason"),
            brief=("user_id", "entity"),
            verbs=("create", "delete"),
            scope=Scope(of_wearer, "You see the record that is watched.", worn=True),
            icon="eye",
        ),
    ),
)
